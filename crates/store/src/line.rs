//! An entry as one line of JSON: what an export consists of, and what the chain is calculated over.
//!
//! Knows no database. [`parse`] takes whatever there is in a file and never panics.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::row::{Kept, Row};

/// No line of ours is longer: texts in it are cut long before.
pub const LONGEST_LINE: usize = 256 * 1024;

/// Why a line is not one of ours.
#[derive(Debug, Error)]
pub enum LineError {
    /// It is longer than any that we write.
    #[error("it is longer than {LONGEST_LINE} bytes")]
    TooLong,
    /// It is not text.
    #[error("it is not UTF-8")]
    NotText,
    /// It is no JSON of this shape.
    #[error("it is not as expected")]
    Json(#[source] serde_json::Error),
    /// It has the shape, but says nothing that makes sense.
    #[error("{0}")]
    Nonsense(String),
}

/// Reads one line of an export.
pub fn parse(line: &str) -> Result<Kept, LineError> {
    read::<Row>(line)?.entry().map_err(LineError::Nonsense)
}

/// Writes an entry as one line, without its end.
#[must_use]
pub fn write(kept: &Kept) -> String {
    encode(&Row::new(kept.number, kept.epoch, kept.entry.clone()))
}

/// The first line of an export: what is needed to know whether the rest is whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Header {
    pub format: String,
    pub version: u32,
    pub link: String,
    pub epoch: u64,
    /// How many lines follow that say what is told.
    pub standings: u64,
    /// How many entries follow those.
    pub entries: u64,
    /// The number of the newest entry, and the chain up to it.
    pub head: u64,
    pub chain: String,
    /// Up to which number retention removed what was settled, and the chain up to there.
    pub anchor: u64,
    pub anchor_chain: String,
}

impl Header {
    pub(crate) const FORMAT: &str = "presence-bridge-journal";
    pub(crate) const VERSION: u32 = 1;
}

/// What one facet of one agent was told last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StandingLine {
    pub agent: String,
    pub facet: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub happened: Option<jiff::Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest: Option<jiff::Timestamp>,
}

/// Reads a line of any of the three shapes.
pub(crate) fn read<'a, T: Deserialize<'a>>(line: &'a str) -> Result<T, LineError> {
    if line.len() > LONGEST_LINE {
        return Err(LineError::TooLong);
    }
    serde_json::from_str(line).map_err(LineError::Json)
}

/// Writes a line of any of the three shapes.
pub(crate) fn encode<T: Serialize>(line: &T) -> String {
    serde_json::to_string(line).expect("plain fields, and no map whose keys are not texts")
}
