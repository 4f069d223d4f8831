//! Lines of an exported journal: what is read can be written, and says the same again.

use store::line::{parse, write};

/// Reads the input.
pub fn read(bytes: &[u8]) {
    for line in String::from_utf8_lossy(bytes).lines() {
        let Ok(kept) = parse(line) else {
            continue;
        };
        let again = parse(&write(&kept));
        assert_eq!(again.as_ref().ok(), Some(&kept), "{again:?}");
    }
}
