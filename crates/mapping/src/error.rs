//! Mistakes in files of rules and in saved catalogues, each with its place and what to do about it.

use std::ops::Range;

use thiserror::Error;

use crate::Source;

/// A mistake in a file of rules, or in a saved catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{file}:{line}:{column}: {message}")]
pub struct RuleError {
    /// The kind of mistake, one of [`codes`].
    pub code: &'static str,
    /// The file's name.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The place in the file's text, in bytes.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

/// The kinds of mistakes. The names are stable.
pub mod codes {
    /// The file of rules is not TOML, or the saved catalogue not JSON.
    pub const SYNTAX: &str = "mapping::syntax";
    /// A key that the language does not have.
    pub const UNKNOWN_KEY: &str = "mapping::unknown-key";
    /// A key that every rule, catalogue or status must have.
    pub const MISSING_KEY: &str = "mapping::missing-key";
    /// A value of another type than its key takes.
    pub const WRONG_TYPE: &str = "mapping::wrong-type";
    /// A status message that the system does not have.
    pub const UNKNOWN_MESSAGE: &str = "mapping::unknown-message";
    /// A status group that the system does not have.
    pub const UNKNOWN_GROUP: &str = "mapping::unknown-group";
    /// A presence that the organisation does not have.
    pub const UNKNOWN_PRESENCE: &str = "mapping::unknown-presence";
    /// A label that several of the organisation's definitions have.
    pub const AMBIGUOUS_PRESENCE: &str = "mapping::ambiguous-presence";
    /// A definition that was deactivated.
    pub const DEACTIVATED_PRESENCE: &str = "mapping::deactivated-presence";
    /// A system presence for which the organisation has no definition.
    pub const MISSING_DEFINITION: &str = "mapping::missing-definition";
    /// A routing status that there is none of.
    pub const UNKNOWN_ROUTING: &str = "mapping::unknown-routing";
    /// Conditions that no status can meet.
    pub const NEVER_MATCHES: &str = "mapping::never-matches";
    /// An alternative that says nothing.
    pub const NO_CONDITION: &str = "mapping::no-condition";
    /// A rule behind others that match whatever it matches.
    pub const SHADOWED: &str = "mapping::shadowed";
    /// Two rules of one name.
    pub const DUPLICATE_NAME: &str = "mapping::duplicate-name";
    /// A key that is there twice.
    pub const DUPLICATE_KEY: &str = "mapping::duplicate-key";
    /// A value of the right type that cannot be what is meant.
    pub const BAD_VALUE: &str = "mapping::bad-value";
    /// A file that is no saved catalogue.
    pub const NOT_A_CATALOGUE: &str = "mapping::not-a-catalogue";
    /// A saved catalogue of another version of the format.
    pub const UNKNOWN_VERSION: &str = "mapping::unknown-version";
    /// A status message that is there twice.
    pub const DUPLICATE_STATUS: &str = "mapping::duplicate-status";
}

/// What was found wrong in one file.
pub(crate) struct Faults<'a> {
    pub(crate) source: Source<'a>,
    pub(crate) found: Vec<RuleError>,
}

impl<'a> Faults<'a> {
    pub(crate) fn new(source: Source<'a>) -> Self {
        Self { source, found: Vec::new() }
    }

    pub(crate) fn add(&mut self, code: &'static str, span: &Range<usize>, message: String, help: String) {
        let (line, column) = position(self.source.text, span.start);
        self.found.push(RuleError {
            code,
            file: self.source.name.to_owned(),
            line,
            column,
            span: span.clone(),
            message,
            help,
        });
    }

    /// Everything that was found, from top to bottom.
    pub(crate) fn into_sorted(mut self) -> Vec<RuleError> {
        self.found.sort_by_key(|error| (error.line, error.column));
        self.found
    }
}

/// Line and column of a byte, from 1.
pub(crate) fn position(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.matches('\n').count() + 1;
    (line, before[line_start..].chars().count() + 1)
}
