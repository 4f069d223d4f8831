//! What the errors of either database mean for whoever uses a journal: whether it is damaged, and what to look at if not.
//!
//! Does not know what was asked of the database.

use crate::failure::{OpenFailure, ReadFailure, RecordFailure, Said};
use crate::location::Location;

/// SQLite's result codes, without what extends them: <https://www.sqlite.org/rescode.html>.
mod code {
    pub const ERROR: u32 = 1;
    pub const BUSY: u32 = 5;
    pub const READONLY: u32 = 8;
    pub const IOERR: u32 = 10;
    pub const CORRUPT: u32 = 11;
    pub const FULL: u32 = 13;
    pub const CANTOPEN: u32 = 14;
    pub const CONSTRAINT: u32 = 19;
    pub const MISMATCH: u32 = 20;
    pub const NOTADB: u32 = 26;
}

/// What to look at where a place takes no files.
pub(crate) const PLACE: &str = "see that its folder exists, and that both may be read and written";

/// The same for whoever only reads.
const READABLE: &str = "see that it may be read, and the files -wal and -shm beside it where there are some";

/// What an error means for whoever opens a journal.
pub(crate) fn failure(location: &Location, cause: sqlx::Error) -> OpenFailure {
    opening(location, cause, advice)
}

/// The same for whoever only reads.
pub(crate) fn failure_of_reading(location: &Location, cause: sqlx::Error) -> OpenFailure {
    opening(location, cause, advice_to_reader)
}

fn opening(location: &Location, cause: sqlx::Error, advice: fn(&sqlx::Error) -> &'static str) -> OpenFailure {
    let place = location.to_string();
    if sqlite_code(&cause) == Some(code::NOTADB) {
        return OpenFailure::NotOurs { place, why: "it is no SQLite database".to_owned() };
    }
    match damage(&cause) {
        Some(detail) => OpenFailure::Corrupt { place, detail },
        None => OpenFailure::Unusable { place, advice: advice(&cause), cause: shown(location, cause) },
    }
}

pub(crate) fn unusable(
    location: &Location,
    advice: &'static str,
    cause: Box<dyn std::error::Error + Send + Sync>,
) -> OpenFailure {
    OpenFailure::Unusable { place: location.to_string(), advice, cause }
}

impl ReadFailure {
    /// What an error means for whoever reads a journal.
    pub(crate) fn new(place: &str, cause: sqlx::Error) -> Self {
        let place = place.to_owned();
        match damage(&cause) {
            Some(detail) => Self::Corrupt { place, detail },
            None => Self::Database { place, advice: advice_to_reader(&cause), cause: Said(cause) },
        }
    }
}

impl RecordFailure {
    /// What an error means for whoever writes a journal.
    pub(crate) fn new(place: &str, cause: sqlx::Error) -> Self {
        let place = place.into();
        match damage(&cause) {
            Some(detail) => Self::Corrupt { place, detail },
            None => Self::Write { place, advice: advice(&cause), cause: Said(cause).into() },
        }
    }
}

/// What the database says where the journal is not what we wrote: pages that are none, tables and columns that are gone,
/// values of another type, and rows that contradict each other. All statements are our own, so none of this can be a
/// mistake in what somebody asked for.
fn damage(cause: &sqlx::Error) -> Option<String> {
    let is_damage = match cause {
        sqlx::Error::Database(_) => {
            let sqlite = [code::ERROR, code::CORRUPT, code::CONSTRAINT, code::MISMATCH, code::NOTADB];
            sqlite_code(cause).is_some_and(|code| sqlite.contains(&code))
                || sql_state(cause).is_some_and(|state| is_damage_on_a_server(&state))
        }
        sqlx::Error::Decode(_)
        | sqlx::Error::ColumnDecode { .. }
        | sqlx::Error::ColumnIndexOutOfBounds { .. }
        | sqlx::Error::ColumnNotFound(_)
        | sqlx::Error::TypeNotFound { .. }
        | sqlx::Error::AnyDriverError(_)
        | sqlx::Error::RowNotFound => true,
        _ => false,
    };
    is_damage.then(|| said(cause))
}

/// Damaged pages and indexes, tables and columns that are gone, and rows that contradict each other:
/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn is_damage_on_a_server(state: &str) -> bool {
    ["XX001", "XX002", "42P01", "42703"].contains(&state) || state.starts_with("23")
}

/// What to do about an error, in a few words.
fn advice(cause: &sqlx::Error) -> &'static str {
    if let Some(state) = sql_state(cause) {
        return match state.get(..2).unwrap_or_default() {
            "28" => "the server refuses the user name or the password",
            "3D" => "the server has no such database; create it",
            "42" => "the user lacks a right; let it own the database, or its schema presence_bridge",
            "53" => "the server has no room or no connection left",
            "25" => "the server takes no writes",
            _ => "the server refuses it",
        };
    }
    match (sqlite_code(cause), cause) {
        (Some(code::FULL), _) => "the disk is full; make room",
        (Some(code::READONLY | code::CANTOPEN), _) => PLACE,
        (Some(code::BUSY), _) => "another program has locked it",
        (Some(code::IOERR), _) => "the disk cannot be read or written",
        (_, sqlx::Error::Io(_)) => "the server does not answer",
        (_, sqlx::Error::Tls(_)) => "the server's certificate is not accepted, or it speaks no TLS",
        (_, sqlx::Error::Configuration(_)) => "its URL cannot be understood",
        _ => "the database does not do what is asked",
    }
}

fn advice_to_reader(cause: &sqlx::Error) -> &'static str {
    match sqlite_code(cause) {
        Some(code::READONLY | code::CANTOPEN) => READABLE,
        _ => advice(cause),
    }
}

/// SQLite's code for an error, or for what it extends.
fn sqlite_code(cause: &sqlx::Error) -> Option<u32> {
    let code = cause.as_database_error()?.code()?;
    // A code of SQLite's has up to four digits, a state of PostgreSQL five characters.
    (code.len() < 5).then(|| code.parse::<u32>().ok().map(|code| code & 0xff)).flatten()
}

/// PostgreSQL's code for an error.
fn sql_state(cause: &sqlx::Error) -> Option<String> {
    let code = cause.as_database_error()?.code()?;
    (code.len() == 5).then(|| code.into_owned())
}

/// An error that names a part of the URL could show the password in it.
fn shown(location: &Location, cause: sqlx::Error) -> Box<dyn std::error::Error + Send + Sync> {
    match (location, cause) {
        (Location::Postgres(_), sqlx::Error::Configuration(_)) => {
            "expected postgres://user:password@host/database".into()
        }
        (_, cause) => Box::new(Said(cause)),
    }
}

fn said(cause: &sqlx::Error) -> String {
    match cause {
        sqlx::Error::RowNotFound => "a row of it is missing".to_owned(),
        sqlx::Error::Decode(what) => what.to_string(),
        cause => cause.as_database_error().map_or_else(|| cause.to_string(), |error| error.message().to_owned()),
    }
}
