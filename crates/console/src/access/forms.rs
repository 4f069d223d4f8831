//! Secrets of this run of the program: what tokens are compared by, and the marks that forms carry. Nothing of it can be
//! printed, and all of it is forgotten with the program.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::names;

/// A key made at the start.
#[derive(Clone)]
pub(crate) struct Seal {
    keyed: Hmac<Sha256>,
}

/// What a token became under the key: equal for equal tokens, of one length for all, and compared in constant time.
#[derive(Clone)]
pub(crate) struct Tag([u8; 32]);

impl Seal {
    pub(crate) fn new() -> Result<Self, getrandom::Error> {
        let mut key = [0_u8; 32];
        getrandom::fill(&mut key)?;
        let keyed = Hmac::new_from_slice(&key).expect("a key of any length will do");
        Ok(Self { keyed })
    }

    /// To compare others with later.
    pub(crate) fn tag(&self, secret: &str) -> Tag {
        Tag(self.over("token", secret.as_bytes()).finalize().into_bytes().into())
    }

    /// Whether this is one of the secrets. Takes as long whichever it is, and whether it is one.
    pub(crate) fn is_one_of(&self, given: &str, tags: &[Tag]) -> bool {
        let computed = self.over("token", given.as_bytes());
        tags.iter().fold(false, |found, tag| found | computed.clone().verify_slice(&tag.0).is_ok())
    }

    /// What the forms of somebody carry. Another site can neither read nor make it.
    pub(crate) fn form_token(&self, whose: &[u8]) -> String {
        names::hex(&self.over("form", whose).finalize().into_bytes())
    }

    pub(crate) fn is_form_token(&self, whose: &[u8], given: &str) -> bool {
        let given = names::unhex(given).unwrap_or_default();
        self.over("form", whose).verify_slice(&given).is_ok()
    }

    /// The purpose keeps one use from serving as another.
    fn over(&self, purpose: &str, text: &[u8]) -> Hmac<Sha256> {
        let mut keyed = self.keyed.clone();
        keyed.update(purpose.as_bytes());
        keyed.update(&[0]);
        keyed.update(text);
        keyed
    }
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seal(***)")
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tag(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_found_among_others_and_nothing_else_is() {
        let seal = Seal::new().unwrap();
        let tags = ["the first token of all", "the second token"].map(|token| seal.tag(token));
        assert!(seal.is_one_of("the first token of all", &tags));
        assert!(seal.is_one_of("the second token", &tags));
        for wrong in ["", "the second toke", "the second token ", "The second token"] {
            assert!(!seal.is_one_of(wrong, &tags), "{wrong:?}");
        }
    }

    #[test]
    fn a_form_token_is_one_persons_and_of_this_run() {
        let seal = Seal::new().unwrap();
        let token = seal.form_token(b"maria");
        assert!(seal.is_form_token(b"maria", &token));
        assert!(!seal.is_form_token(b"jonas", &token));
        assert!(!seal.is_form_token(b"maria", ""));
        assert!(!Seal::new().unwrap().is_form_token(b"maria", &token), "another run has another key");
    }
}
