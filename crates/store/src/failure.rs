//! What can go wrong with a journal, in words that say where and what to do.

use std::error::Error;
use std::fmt;
use std::io;
use std::sync::Arc;

use thiserror::Error;

use crate::line::LineError;

/// Why a journal was not opened. Nothing in it was changed.
#[derive(Debug, Error)]
pub enum OpenFailure {
    /// There is something else.
    #[error("{place} is not a journal of Presence Bridge ({why}): it was left as it is; name another place")]
    NotOurs {
        /// Where.
        place: String,
        /// What it is instead.
        why: String,
    },
    /// It is damaged.
    #[error(
        "the journal {place} is damaged ({detail}): it was left as it is; move it away and start with a new one, \
         or put a backup in its place"
    )]
    Corrupt {
        /// Where.
        place: String,
        /// What the database says.
        detail: String,
    },
    /// A newer program wrote it.
    #[error(
        "the journal {place} has schema version {found}, and this program knows {known}: run the newer program, \
         or let the newer one lead it back to version {known} first"
    )]
    Newer {
        /// Where.
        place: String,
        /// Its version.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// An older program wrote it, and whoever only reads does not change it.
    #[error(
        "the journal {place} has schema version {found}, and this program reads {known}: start the bridge once, \
         which leads it forward"
    )]
    Older {
        /// Where.
        place: String,
        /// Its version.
        found: i64,
        /// The one that is needed.
        known: i64,
    },
    /// Another bridge has it. A file is one link's as long as it is held: each link keeps its own.
    #[error("the journal {place} is in use by another bridge{}: stop that one, or give this one its own",
        .link.as_ref().map_or(", or for another link".to_owned(), |link| format!(" for the link \"{link}\"")))]
    InUse {
        /// Where.
        place: String,
        /// Whose journal it is, where a database has several.
        link: Option<String>,
    },
    /// There is no journal yet.
    #[error("there is no journal at {place} yet: start the bridge once, or name another place")]
    Missing {
        /// Where.
        place: String,
    },
    /// There are others, but not this link's.
    #[error("the journal {place} knows no link \"{link}\"; it has {}", names(.known))]
    UnknownLink {
        /// Where.
        place: String,
        /// What was asked for.
        link: String,
        /// What there is.
        known: Vec<String>,
    },
    /// It cannot be reached, read or written.
    #[error("failed to open the journal {place}: {advice}")]
    Unusable {
        /// Where.
        place: String,
        /// What to look at.
        advice: &'static str,
        /// What it was caused by.
        #[source]
        cause: Box<dyn Error + Send + Sync>,
    },
}

/// Why entries were not kept. It is final: the journal takes nothing any more.
#[derive(Debug, Clone, Error)]
pub enum RecordFailure {
    /// The database did not take them.
    #[error("failed to write to the journal {place}: {advice}")]
    Write {
        /// Where.
        place: Arc<str>,
        /// What to look at.
        advice: &'static str,
        /// What it was caused by.
        #[source]
        cause: Arc<Said>,
    },
    /// The journal is damaged.
    #[error(
        "the journal {place} is damaged ({detail}): nothing more is written to it; move it away and start with a new \
         one, or put a backup in its place"
    )]
    Corrupt {
        /// Where.
        place: Arc<str>,
        /// What the database says.
        detail: String,
    },
    /// The database did not answer in time.
    #[error("the journal {place} did not answer within {seconds} seconds")]
    Late {
        /// Where.
        place: Arc<str>,
        /// How long was waited.
        seconds: u64,
    },
    /// Another bridge has taken the link over since.
    #[error("the link \"{link}\" in {place} was taken over by another bridge: this one must not write any more")]
    Fenced {
        /// Where.
        place: Arc<str>,
        /// Which.
        link: Arc<str>,
    },
    /// What the journal holds cannot be understood.
    #[error(transparent)]
    Unreadable(Arc<ReadFailure>),
    /// It was closed.
    #[error("the journal {place} is closed")]
    Closed {
        /// Where.
        place: Arc<str>,
    },
}

/// Why a journal was not read.
#[derive(Debug, Error)]
pub enum ReadFailure {
    /// The database did not answer.
    #[error("failed to read the journal {place}: {advice}")]
    Database {
        /// Where.
        place: String,
        /// What to look at.
        advice: &'static str,
        /// What it was caused by.
        #[source]
        cause: Said,
    },
    /// It is damaged.
    #[error(
        "the journal {place} is damaged ({detail}): move it away and start with a new one, or put a backup in its place"
    )]
    Corrupt {
        /// Where.
        place: String,
        /// What the database says.
        detail: String,
    },
    /// Nobody had it open, and somebody wrote to it since: what was read may be half of the one and half of the other.
    #[error("a bridge began to write to the journal {place} while it was read: read it again")]
    Changed {
        /// Where.
        place: String,
    },
    /// An entry is not what we write.
    #[error("entry {number} of the journal {place} cannot be understood ({what}): verify the journal")]
    Unreadable {
        /// Where.
        place: String,
        /// Which.
        number: i64,
        /// What about it.
        what: String,
    },
}

impl From<ReadFailure> for OpenFailure {
    fn from(failure: ReadFailure) -> Self {
        match failure {
            ReadFailure::Database { place, advice, cause } => Self::Unusable { place, advice, cause: Box::new(cause) },
            ReadFailure::Corrupt { place, detail } => Self::Corrupt { place, detail },
            ReadFailure::Unreadable { place, number, what } => {
                Self::Corrupt { place, detail: format!("entry {number}: {what}") }
            }
            ReadFailure::Changed { place } => {
                let cause = Box::new(ReadFailure::Changed { place: place.clone() });
                Self::Unusable { place, advice: "somebody writes to it", cause }
            }
        }
    }
}

/// What the database says, once. Its library repeats each error as the error's own cause.
#[derive(Debug)]
pub struct Said(pub(crate) sqlx::Error);

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_database_error() {
            Some(error) => write!(f, "the database says: {}", error.message())
                .and_then(|()| error.code().map_or(Ok(()), |code| write!(f, " (code {code})"))),
            None => self.0.fmt(f),
        }
    }
}

impl Error for Said {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()?.source()
    }
}

/// Why a journal was not moved. The one to move to was left as it was.
#[derive(Debug, Error)]
pub enum TransferFailure {
    /// It cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenFailure),
    /// The journal to move from cannot be read.
    #[error(transparent)]
    Read(#[from] ReadFailure),
    /// The journal to move to does not take it.
    #[error(transparent)]
    Record(#[from] RecordFailure),
    /// The file cannot be read or written.
    #[error("failed to {action} the exported journal")]
    File {
        /// What was tried.
        action: &'static str,
        /// What it was caused by.
        #[source]
        cause: io::Error,
    },
    /// A line is not what an export writes.
    #[error("line {line} of the exported journal cannot be understood")]
    Line {
        /// Which, from 1.
        line: usize,
        /// What about it.
        #[source]
        cause: LineError,
    },
    /// The whole is not what was exported.
    #[error("the exported journal is not whole: {0}")]
    Whole(String),
    /// There is a journal already.
    #[error("the link \"{link}\" in {place} has {entries} entries already: import into an empty journal")]
    NotEmpty {
        /// Where.
        place: String,
        /// Which.
        link: String,
        /// How many.
        entries: u64,
    },
}

fn names(known: &[String]) -> String {
    if known.is_empty() { "none at all".to_owned() } else { format!("\"{}\"", known.join("\", \"")) }
}
