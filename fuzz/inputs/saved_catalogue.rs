//! Saved catalogues: what is read is written and read again as the same, and what is not says why.

use mapping::{SavedCatalogue, Source};

/// Reads the input.
pub fn read(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match SavedCatalogue::parse(Source { name: "saved.json", text: &text }) {
        Ok(saved) => {
            let written = saved.write();
            let again = SavedCatalogue::parse(Source { name: "saved.json", text: &written });
            assert_eq!(again, Ok(saved), "it is read otherwise than it was written");
        }
        Err(errors) => {
            assert!(!errors.is_empty(), "refused without a reason");
            for error in &errors {
                assert!(text.get(error.span.clone()).is_some(), "a place that is none: {error:?}");
                assert!(error.line >= 1 && error.column >= 1 && !error.help.is_empty(), "{error:?}");
            }
        }
    }
}
