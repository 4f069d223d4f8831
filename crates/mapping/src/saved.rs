//! The status messages of a system in a file: what [`SavedCatalogue::write`] writes and [`SavedCatalogue::parse`] reads.
//!
//! Knows the format. Files are opened by somebody else. The text is read value by value through serde, so that every
//! mistake is found and has its place; unknown keys are mistakes, because half a status message would be a wrong one.

mod read;

use domain::ids::StatusId;
use domain::source::{Catalogue, StatusMessage};
use jiff::Timestamp;
use serde::Serialize;

use crate::error::Faults;
use crate::{RuleError, Source};

/// The status messages of a system, with where and when they were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedCatalogue {
    /// The server that told them, where that is known.
    pub host: Option<String>,
    /// Its release, such as `2020 R3`, where that is known.
    pub release: Option<String>,
    /// When.
    pub saved: Timestamp,
    /// The status messages.
    pub catalogue: Catalogue,
}

/// What the key `format` says.
const FORMAT: &str = "presence-bridge-catalogue";

/// The version of the format.
const VERSION: u64 = 1;

/// A status message, a line of the file.
#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    text: &'a str,
    group: &'a str,
    acd: bool,
    acw: bool,
    dnd: bool,
}

const STATUS_KEYS: [&str; 6] = ["id", "text", "group", "acd", "acw", "dnd"];

impl SavedCatalogue {
    /// The text of the file: JSON, one status message a line, so that two of them can be compared.
    #[must_use]
    pub fn write(&self) -> String {
        let head = [
            ("format", encode(&FORMAT)),
            ("version", encode(&VERSION)),
            ("host", encode(&self.host)),
            ("release", encode(&self.release)),
            ("saved", encode(&self.saved)),
        ];
        let head: String = head.into_iter().map(|(key, value)| format!("  \"{key}\": {value},\n")).collect();
        let statuses: Vec<String> =
            self.catalogue.iter().map(|status| format!("    {}", encode(&Line::of(status)))).collect();
        let separator = if statuses.is_empty() { "" } else { "\n" };
        format!("{{\n{head}  \"statuses\": [{separator}{}{separator}  ]\n}}\n", statuses.join(",\n"))
    }

    /// Reads the text of a file. Whatever there may be in it, this ends with a catalogue or with reasons.
    ///
    /// # Errors
    /// Everything that is wrong in it, each with its place.
    pub fn parse(source: Source<'_>) -> Result<Self, Vec<RuleError>> {
        let mut faults = Faults::new(source);
        match read::document(&mut faults) {
            Some(saved) if faults.found.is_empty() => Ok(saved),
            Some(_) | None => Err(faults.into_sorted()),
        }
    }
}

impl<'a> Line<'a> {
    fn of(status: &'a StatusMessage) -> Self {
        Self {
            id: status.id.as_str(),
            text: &status.text,
            group: &status.group,
            acd: status.allows_acd,
            acw: status.after_call_work,
            dnd: status.do_not_disturb,
        }
    }
}

/// A status message out of its parts.
fn status(id: &str, texts: [String; 2], [acd, acw, dnd]: [bool; 3]) -> StatusMessage {
    let [text, group] = texts;
    StatusMessage { id: StatusId::new(id), text, group, allows_acd: acd, after_call_work: acw, do_not_disturb: dnd }
}

fn encode(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("texts, numbers and boxes have a JSON form")
}
