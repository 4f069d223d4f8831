//! The hash over all entries up to one of them: an entry that was edited or taken away does not fit any more.
//!
//! Calculated over the entry's line as in an export, so it is the same in every database. There is no secret in it: it
//! finds mistakes and careless edits, and whoever wants more keeps the newest value elsewhere.

use std::fmt;

use sha2::{Digest, Sha256};

/// The first 128 bits of SHA-256 over the value before and the entry's line.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Chain([u8; 16]);

impl Chain {
    /// The value before the first entry.
    pub(crate) const START: Self = Self([0; 16]);

    /// The value after one more entry.
    pub(crate) fn with(self, line: &str) -> Self {
        let digest = Sha256::new().chain_update(self.0).chain_update(line).finalize();
        let mut first = [0; 16];
        first.copy_from_slice(&digest[..16]);
        Self(first)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// `None` when these are not 16 bytes.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Reads what `Display` writes.
    pub(crate) fn from_hex(text: &str) -> Option<Self> {
        // Not `from_str_radix` alone: that one takes a sign.
        (text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .then(|| u128::from_str_radix(text, 16).ok())
            .flatten()
            .map(|number| Self(number.to_be_bytes()))
    }
}

impl fmt::Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_and_in_which_order_matters() {
        let start = Chain::START;
        assert_ne!(start.with("a"), start.with("b"));
        assert_ne!(start.with("a").with("b"), start.with("b").with("a"));
    }

    #[test]
    fn it_is_shown_in_hex_and_read_back() {
        let chain = Chain::START.with("a");
        assert_eq!(Chain::from_hex(&chain.to_string()), Some(chain));
        assert_eq!(Chain::from_bytes(chain.as_bytes()), Some(chain));
        assert_eq!(Chain::from_hex("+1234567890123456789012345678901"), None);
        assert_eq!(Chain::from_hex("12"), None);
    }
}
