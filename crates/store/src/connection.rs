//! Connections to either database, set up as a journal needs them.
//!
//! What differs between the two databases is here, in `meaning` and in the migrations.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use secrecy::ExposeSecret;
use sqlx::any::{AnyConnectOptions, install_default_drivers};
use sqlx::{AnyConnection, ConnectOptions, Connection};

use crate::failure::OpenFailure;
use crate::location::Location;
use crate::meaning::{PLACE, failure, failure_of_reading, unusable};

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Looking only.
    Read,
    /// Looking only at a file that nobody has open: nothing is made beside it, and nobody may write it meanwhile.
    ReadStill,
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

/// The write-ahead log is cut to this length when it has been written back.
const LOG_LIMIT: &str = "PRAGMA journal_size_limit = 16777216";

/// Connects, and says how transactions are to be kept.
pub(crate) async fn connect(location: &Location, purpose: Purpose) -> Result<AnyConnection, OpenFailure> {
    install_default_drivers();
    let url = match location {
        Location::Sqlite(path) => sqlite_url(path, purpose),
        Location::Postgres(url) => url.expose_secret().to_owned(),
    };
    let failed = |cause| match purpose {
        Purpose::Read | Purpose::ReadStill => failure_of_reading(location, cause),
        Purpose::Write => failure(location, cause),
    };
    if let (Location::Sqlite(path), Purpose::Write) = (location, purpose) {
        make(path).map_err(|cause| unusable(location, PLACE, Box::new(cause)))?;
    }
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
        (Location::Sqlite(_), Purpose::Read | Purpose::ReadStill) => {
            &["PRAGMA busy_timeout = 5000", "PRAGMA query_only = ON"]
        }
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
        (Location::Postgres(_), Purpose::Read | Purpose::ReadStill) => {
            &["SELECT set_config('search_path', 'presence_bridge', false)"]
        }
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
        Purpose::ReadStill => "ro&immutable=1",
        // It is there: `make` made it.
        Purpose::Write => "rw",
    };
    format!("sqlite:{}?mode={mode}", percent_encode(path.as_os_str().as_encoded_bytes(), NON_ALPHANUMERIC))
}

/// Makes the file, where there is none: empty, and for its owner alone. SQLite gives the files beside it the same
/// permissions. Those of a file that is there already are its administrator's business.
fn make(path: &Path) -> std::io::Result<()> {
    match private().create_new(true).write(true).open(path) {
        Err(cause) if cause.kind() != ErrorKind::AlreadyExists => Err(cause),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// For files that hold what agents did: whoever made them may read and write them, and nobody else.
pub(crate) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// A file as it was when nobody had it open: without a write-ahead log beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Still {
    path: PathBuf,
    pub length: u64,
    modified: Option<SystemTime>,
}

impl Still {
    /// `None` when somebody may have it open, or had it open and was killed; and for a server.
    pub(crate) fn of(location: &Location) -> Option<Self> {
        let Location::Sqlite(path) = location else { return None };
        let log = log_beside(path).symlink_metadata();
        log.is_err_and(|cause| cause.kind() == ErrorKind::NotFound).then(|| Self::look(path)).flatten()
    }

    /// Whether nobody has written to it since. Whoever opens it writes to the log first, which is of no interest here.
    pub(crate) fn is_unchanged(&self) -> bool {
        Self::look(&self.path).as_ref() == Some(self)
    }

    fn look(path: &Path) -> Option<Self> {
        let file = path.metadata().ok()?;
        Some(Self { path: path.to_owned(), length: file.len(), modified: file.modified().ok() })
    }
}

/// How a journal is to be read now.
pub(crate) fn reading(still: Option<&Still>) -> Purpose {
    if still.is_some() { Purpose::ReadStill } else { Purpose::Read }
}

/// SQLite's write-ahead log.
pub(crate) fn log_beside(journal: &Path) -> PathBuf {
    let mut name = journal.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

/// Gives the connection back in good order; what cannot be said any more does not matter.
pub(crate) async fn disconnect(connection: AnyConnection) {
    let _: Result<(), sqlx::Error> = connection.close().await;
}
