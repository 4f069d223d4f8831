//! Places for journals: a file in a folder of the test's own, or a database of its own in the server of the tests.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use domain::time::{Instant, Now};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use replicator::ports::{Entry, Memory};
use sqlx::{AnyConnection, AssertSqlSafe, Connection};
use store::{Location, OpenFailure, Options, Retention, Store};
use tempfile::TempDir;

use crate::entries::at;

/// The variable with the server's URL.
const SERVER: &str = "PRESENCE_BRIDGE_POSTGRES";

/// Keeps everything.
pub const FOR_EVER: Retention = Retention { age: Duration::from_secs(400_000_000), size: u64::MAX };

/// Where a test keeps its journal.
pub struct Place {
    pub location: Location,
    url: String,
    /// Goes with the test.
    _folder: Option<TempDir>,
}

impl Place {
    /// A file that is not there yet.
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // A name that a URL would take apart.
        Self::file(folder.path().join("the journal? 100%.db"), folder)
    }

    /// A file in a folder that goes with the test.
    pub fn file(path: PathBuf, folder: TempDir) -> Self {
        let url = format!("sqlite:{}?mode=rwc", utf8_percent_encode(path.to_str().unwrap(), NON_ALPHANUMERIC));
        Self { location: Location::Sqlite(path), url, _folder: Some(folder) }
    }

    /// An empty database.
    pub async fn postgres() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let server = server();
        let name = format!("test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let mut connection = connect(&server).await;
        execute(&mut connection, &format!("CREATE DATABASE {name}")).await;
        let (base, _) = server.rsplit_once('/').unwrap();
        let url = format!("{base}/{name}");
        Self { location: Location::Postgres(url.clone().into()), url, _folder: None }
    }

    pub fn options(&self) -> Options {
        self.options_of("main")
    }

    pub fn options_of(&self, link: &str) -> Options {
        Options { location: self.location.clone(), link: link.to_owned(), retention: FOR_EVER }
    }

    /// Opens the journal of the link `main`.
    pub async fn open(&self) -> Store {
        Store::open(self.options(), now()).await.unwrap()
    }

    pub async fn try_open(&self) -> Result<Store, OpenFailure> {
        Store::open(self.options(), now()).await
    }

    /// Records entries with a bridge of their own, which ends in good order.
    pub async fn record(&self, entries: Vec<Entry>) {
        let store = self.open().await;
        store.journal().record(entries).await.unwrap();
        store.close().await.unwrap();
    }

    /// What the next start would know.
    pub async fn memory(&self) -> Memory {
        let store = self.open().await;
        let memory = store.journal().load().await.unwrap();
        store.close().await.unwrap();
        memory
    }

    /// Ends the session that holds the journal, as a server that stops does. The server has other tests' journals, too.
    pub async fn end_sessions(&self) {
        self.tamper(
            "SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_database d ON d.oid = l.database \
             WHERE l.locktype = 'advisory' AND d.datname = current_database()",
        )
        .await;
    }

    /// Does to the tables what nobody should.
    pub async fn tamper(&self, sql: &str) {
        let mut connection = self.connect().await;
        execute(&mut connection, sql).await;
        connection.close().await.unwrap();
    }

    /// Asks for one number.
    pub async fn number(&self, sql: &str) -> i64 {
        let mut connection = self.connect().await;
        let number = sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        number
    }

    /// Asks for one row of texts.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        use sqlx::Row;
        let mut connection = self.connect().await;
        let row = sqlx::query(AssertSqlSafe(sql.to_owned())).fetch_one(&mut connection).await.unwrap();
        let texts = (0..row.len()).map(|column| row.get::<Option<String>, _>(column).unwrap_or_default()).collect();
        connection.close().await.unwrap();
        texts
    }

    pub fn is_postgres(&self) -> bool {
        matches!(self.location, Location::Postgres(_))
    }

    pub async fn connect(&self) -> AnyConnection {
        let mut connection = connect(&self.url).await;
        if self.is_postgres() {
            execute(&mut connection, "SELECT set_config('search_path', 'presence_bridge', false)").await;
        }
        connection
    }
}

/// The server of the tests, with its password.
pub fn server() -> String {
    std::env::var(SERVER)
        .unwrap_or_else(|_| panic!("{SERVER} is not set: run `cargo xtask test`, which starts a server for the tests"))
}

async fn connect(url: &str) -> AnyConnection {
    sqlx::any::install_default_drivers();
    AnyConnection::connect(url).await.unwrap()
}

/// Statements without parameters, any number of them.
pub async fn execute(connection: &mut AnyConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await.unwrap();
}

pub fn now() -> Now {
    Now { instant: Instant::START, utc: at(0) }
}

/// The message and all it was caused by.
pub fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// Each test once for each database.
macro_rules! on_both {
    ($($test:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $test() {
                super::$test(crate::place::Place::sqlite()).await;
            })*
        }
        mod postgres {
            $(#[tokio::test]
            async fn $test() {
                super::$test(crate::place::Place::postgres().await).await;
            })*
        }
    };
}
pub(crate) use on_both;
