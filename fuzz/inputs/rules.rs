//! Files of mapping rules: whatever compiles gives every status a meaning, and whatever does not says why.

use mapping::{Known, Options, Precedence, Rules, Source, default_catalogue};

/// Reads the input.
pub fn read(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let catalogue = default_catalogue();
    let source = Source { name: "rules.toml", text: &text };
    for precedence in [Precedence::Printed, Precedence::MessageFirst] {
        for known in [None, Some(&catalogue)] {
            let known = Known { catalogue: known, definitions: None };
            match Rules::compile(Options { precedence }, &[source], known) {
                Ok(rules) => {
                    for status in catalogue.iter() {
                        let explained = rules.explain(status);
                        assert_eq!(explained.mapped, rules.map(status), "the explanation is of another rule");
                    }
                    assert!(rules.rows().count() >= 1);
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
    }
}
