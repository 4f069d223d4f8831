//! Connections to either database, set up as a journal needs them, and what their errors mean for whoever opens one.
//!
//! The only file with what differs between the two databases beside the migrations.

use std::path::Path;
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use secrecy::ExposeSecret;
use sqlx::any::{AnyConnectOptions, install_default_drivers};
use sqlx::{AnyConnection, ConnectOptions, Connection};

use crate::failure::OpenFailure;
use crate::location::Location;

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Looking only.
    Read,
    /// Writing, where there may be nothing yet.
    Write,
}

/// Which of the two languages a connection speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

/// A server that does not answer for so long is not there.
const CONNECT: Duration = Duration::from_secs(15);

/// `PRBR`, in the header of our files: what tells them from other SQLite databases.
pub(crate) const APPLICATION_ID: i64 = 0x5052_4252;

/// Our tables and views have a schema of their own, so that they are in nobody's way.
pub(crate) const SCHEMA: &str = "presence_bridge";

/// SQLite's result codes, without what extends them: <https://www.sqlite.org/rescode.html>.
mod code {
    pub const BUSY: u32 = 5;
    pub const READONLY: u32 = 8;
    pub const IOERR: u32 = 10;
    pub const CORRUPT: u32 = 11;
    pub const FULL: u32 = 13;
    pub const CANTOPEN: u32 = 14;
    pub const NOTADB: u32 = 26;
}

/// The write-ahead log is cut to this length when it has been written back.
const LOG_LIMIT: &str = "PRAGMA journal_size_limit = 16777216";

/// Connects, and says how transactions are to be kept.
pub(crate) async fn connect(location: &Location, purpose: Purpose) -> Result<AnyConnection, OpenFailure> {
    install_default_drivers();
    let url = match location {
        Location::Sqlite(path) => sqlite_url(path, purpose),
        Location::Postgres(url) => url.expose_secret().to_owned(),
    };
    let failed = |cause| failure(location, cause);
    // Statements are not of interest, and with what is in them they are nobody's business.
    let options = url.parse::<AnyConnectOptions>().map_err(failed)?.disable_statement_logging();
    let mut connection = match location {
        Location::Sqlite(_) => options.connect().await.map_err(failed)?,
        Location::Postgres(_) => match tokio::time::timeout(CONNECT, options.connect()).await {
            Ok(connected) => connected.map_err(failed)?,
            Err(late) => return Err(unusable(location, "the server does not answer", Box::new(late))),
        },
    };
    for statement in settings(location, purpose) {
        sqlx::query(*statement).execute(&mut connection).await.map_err(failed)?;
    }
    Ok(connection)
}

/// Which language it speaks.
pub(crate) fn dialect(connection: &AnyConnection) -> Dialect {
    if connection.backend_name() == "PostgreSQL" { Dialect::Postgres } else { Dialect::Sqlite }
}

/// How a transaction begins that sees one state of the database from its first to its last statement.
pub(crate) fn begin_snapshot(connection: &AnyConnection) -> &'static str {
    match dialect(connection) {
        Dialect::Sqlite => "BEGIN DEFERRED",
        Dialect::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    }
}

/// How a transaction begins that writes.
pub(crate) fn begin_write(connection: &AnyConnection) -> &'static str {
    match dialect(connection) {
        Dialect::Sqlite => "BEGIN IMMEDIATE",
        Dialect::Postgres => "BEGIN",
    }
}

/// What a new connection is told first.
fn settings(location: &Location, purpose: Purpose) -> &'static [&'static str] {
    match (location, purpose) {
        (Location::Sqlite(_), Purpose::Read) => &["PRAGMA busy_timeout = 5000", "PRAGMA query_only = ON"],
        (Location::Sqlite(_), Purpose::Write) => &[
            "PRAGMA busy_timeout = 5000",
            "PRAGMA foreign_keys = ON",
            // Before the first table, or it has no effect: pages that retention empties can be given back.
            "PRAGMA auto_vacuum = INCREMENTAL",
            "PRAGMA journal_mode = WAL",
            // Each commit is on the disk before it returns.
            "PRAGMA synchronous = FULL",
            LOG_LIMIT,
        ],
        (Location::Postgres(_), Purpose::Read) => &["SELECT set_config('search_path', 'presence_bridge', false)"],
        (Location::Postgres(_), Purpose::Write) => &[
            "SELECT set_config('search_path', 'presence_bridge', false)",
            // A server set to lose the newest commits is told not to; one set to more than `on` stays.
            "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
            // The lock of a computer that went away without a word is given back after 25 seconds, not two hours.
            "SELECT set_config('tcp_keepalives_idle', '10', false)",
            "SELECT set_config('tcp_keepalives_interval', '5', false)",
            "SELECT set_config('tcp_keepalives_count', '3', false)",
        ],
    }
}

/// With everything encoded: a URL would leave out the `..` of a path, and take a `?` for its end.
fn sqlite_url(path: &Path, purpose: Purpose) -> String {
    let mode = match purpose {
        Purpose::Read => "ro",
        Purpose::Write => "rwc",
    };
    format!("sqlite:{}?mode={mode}", percent_encode(path.as_os_str().as_encoded_bytes(), NON_ALPHANUMERIC))
}

/// What an error means for whoever opens a journal.
pub(crate) fn failure(location: &Location, cause: sqlx::Error) -> OpenFailure {
    let place = location.to_string();
    match (location, sqlite_code(&cause)) {
        (Location::Sqlite(_), Some(code::NOTADB)) => {
            OpenFailure::NotOurs { place, why: "it is no SQLite database".to_owned() }
        }
        (Location::Sqlite(_), Some(code::CORRUPT)) => OpenFailure::Corrupt { place, detail: said(&cause) },
        _ if sql_state(&cause).is_some_and(|state| state.starts_with("XX00") && state != "XX000") => {
            OpenFailure::Corrupt { place, detail: said(&cause) }
        }
        _ => OpenFailure::Unusable { place, advice: advice(&cause), cause: shown(location, cause) },
    }
}

pub(crate) fn unusable(
    location: &Location,
    advice: &'static str,
    cause: Box<dyn std::error::Error + Send + Sync>,
) -> OpenFailure {
    OpenFailure::Unusable { place: location.to_string(), advice, cause }
}

/// What to do about an error, in a few words.
pub(crate) fn advice(cause: &sqlx::Error) -> &'static str {
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
        (Some(code::READONLY | code::CANTOPEN), _) => "see that its folder exists, and that both may be written",
        (Some(code::BUSY), _) => "another program has locked it",
        (Some(code::IOERR), _) => "the disk cannot be read or written",
        (_, sqlx::Error::Io(_)) => "the server does not answer",
        (_, sqlx::Error::Tls(_)) => "the server's certificate is not accepted, or it speaks no TLS",
        (_, sqlx::Error::Configuration(_)) => "its URL cannot be understood",
        _ => "the database does not do what is asked",
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
        (_, cause) => Box::new(cause),
    }
}

fn said(cause: &sqlx::Error) -> String {
    cause.as_database_error().map_or_else(|| cause.to_string(), |error| error.message().to_owned())
}

/// Gives the connection back in good order; what cannot be said any more does not matter.
pub(crate) async fn disconnect(connection: AnyConnection) {
    let _: Result<(), sqlx::Error> = connection.close().await;
}
