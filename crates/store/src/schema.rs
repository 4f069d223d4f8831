//! The schema: whose a database is, which version it has, and how it gets from one version to another.
//!
//! The statements are in `migrations/`, once for each database. No table is ever built anew: columns that this program
//! does not know stay.

use std::borrow::Cow;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AnyConnection, SqlSafeStr};

use crate::connection::{self, APPLICATION_ID, Dialect, Purpose, SCHEMA, connect, dialect, failure, unusable};
use crate::failure::OpenFailure;
use crate::load;
use crate::location::Location;
use crate::lock;

/// The version that this program writes and reads.
pub const SCHEMA_VERSION: i64 = 2;

/// One step, once for each database.
struct Step {
    version: i64,
    name: &'static str,
    sqlite: (&'static str, &'static str),
    postgres: (&'static str, &'static str),
}

const STEPS: [Step; 2] = [
    Step {
        version: 1,
        name: "journal",
        sqlite: (
            include_str!("../migrations/sqlite/0001_journal.up.sql"),
            include_str!("../migrations/sqlite/0001_journal.down.sql"),
        ),
        postgres: (
            include_str!("../migrations/postgres/0001_journal.up.sql"),
            include_str!("../migrations/postgres/0001_journal.down.sql"),
        ),
    },
    Step {
        version: 2,
        name: "views",
        sqlite: (
            include_str!("../migrations/sqlite/0002_views.up.sql"),
            include_str!("../migrations/sqlite/0002_views.down.sql"),
        ),
        postgres: (
            include_str!("../migrations/postgres/0002_views.up.sql"),
            include_str!("../migrations/postgres/0002_views.down.sql"),
        ),
    },
];

/// Leads a journal back by one version, for the program before this one. No entry is lost. Returns the version that it
/// has now. No bridge may hold it meanwhile.
pub async fn migrate_down(location: &Location) -> Result<i64, OpenFailure> {
    let Found::Journal(version) = identify(location).await? else {
        return Err(OpenFailure::Missing { place: location.to_string() });
    };
    let _lock = lock::of(location).await?;
    let mut connection = connect(location, Purpose::Write).await?;
    let target = (version - 1).max(1);
    let done = lead_back(&mut connection, location, target).await;
    connection::disconnect(connection).await;
    done.map(|()| target)
}

async fn lead_back(connection: &mut AnyConnection, location: &Location, target: i64) -> Result<(), OpenFailure> {
    if dialect(connection) == Dialect::Postgres {
        for link in load::links(connection).await.map_err(|cause| failure(location, cause))? {
            lock::take_link(connection, location, (&link.name, link.link)).await?;
        }
    }
    let done = migrator(dialect(connection)).undo(connection, target).await;
    done.map_err(|cause| unusable(location, "its schema cannot be led back", Box::new(cause)))
}

/// What is at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// Nothing yet; a journal may be made there.
    Nothing,
    /// A journal of this version; 0 while it is being made.
    Journal(i64),
}

/// Looks what is there, and changes nothing. Whatever is not ours, or newer than we are, is an error.
pub(crate) async fn identify(location: &Location) -> Result<Found, OpenFailure> {
    if let Location::Sqlite(path) = location {
        match std::fs::metadata(path) {
            Ok(file) if !file.is_file() => {
                let why = "it is not a file".to_owned();
                return Err(OpenFailure::NotOurs { place: location.to_string(), why });
            }
            Ok(file) if file.len() == 0 => return Ok(Found::Nothing),
            Ok(_) => {}
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(Found::Nothing),
            Err(cause) => return Err(unusable(location, "it cannot be looked at", Box::new(cause))),
        }
    }
    let mut reading = connect(location, Purpose::Read).await?;
    let found = found(&mut reading, location).await;
    connection::disconnect(reading).await;
    found
}

async fn found(connection: &mut AnyConnection, location: &Location) -> Result<Found, OpenFailure> {
    let failed = |cause| failure(location, cause);
    let (ours, tables) = match dialect(connection) {
        Dialect::Sqlite => {
            let id: i64 =
                sqlx::query_scalar("PRAGMA application_id").fetch_one(&mut *connection).await.map_err(failed)?;
            let names = sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'table'");
            (id == APPLICATION_ID, names.fetch_all(&mut *connection).await.map_err(failed)?)
        }
        Dialect::Postgres => {
            let names = "SELECT table_name::text FROM information_schema.tables WHERE table_schema = $1";
            let names: Vec<String> =
                sqlx::query_scalar(names).bind(SCHEMA).fetch_all(&mut *connection).await.map_err(failed)?;
            (names.iter().any(|name| name == "_sqlx_migrations"), names)
        }
    };
    let tables: Vec<String> = tables;
    if !ours && tables.is_empty() {
        return Ok(Found::Nothing);
    }
    if !ours {
        let why = format!("it is a database with other tables, such as \"{}\"", tables[0]);
        return Err(OpenFailure::NotOurs { place: location.to_string(), why });
    }
    if !tables.iter().any(|name| name == "_sqlx_migrations") {
        return Ok(Found::Journal(0));
    }
    let newest = sqlx::query_scalar("SELECT coalesce(max(version), 0) FROM _sqlx_migrations");
    let version: i64 = newest.fetch_one(connection).await.map_err(failed)?;
    if version > SCHEMA_VERSION {
        return Err(OpenFailure::Newer { place: location.to_string(), found: version, known: SCHEMA_VERSION });
    }
    Ok(Found::Journal(version))
}

/// Makes the tables, or leads them to this program's version.
pub(crate) async fn migrate(connection: &mut AnyConnection, location: &Location) -> Result<(), OpenFailure> {
    let failed = |cause| failure(location, cause);
    match dialect(connection) {
        Dialect::Sqlite => {
            // First of all, so that a start that ends here leaves a file that is known as ours.
            sqlx::query("PRAGMA application_id = 1347568210").execute(&mut *connection).await.map_err(failed)?;
        }
        Dialect::Postgres => {
            // Where the schema is there already, its owner needs no right to make one.
            let there = sqlx::query("SELECT 1 FROM pg_namespace WHERE nspname = $1").bind(SCHEMA);
            if there.fetch_optional(&mut *connection).await.map_err(failed)?.is_none() {
                sqlx::query("CREATE SCHEMA presence_bridge").execute(&mut *connection).await.map_err(failed)?;
            }
        }
    }
    match migrator(dialect(connection)).run_direct(None, connection, false).await {
        Ok(()) => Ok(()),
        Err(sqlx::migrate::MigrateError::Execute(cause)) => Err(failed(cause)),
        Err(cause) => Err(unusable(location, "its schema cannot be led to this version", Box::new(cause))),
    }
}

/// Reads every page of a file; a server looks after its own.
pub(crate) async fn check_pages(connection: &mut AnyConnection, location: &Location) -> Result<(), OpenFailure> {
    if dialect(connection) == Dialect::Postgres {
        return Ok(());
    }
    let said: Vec<String> = sqlx::query_scalar("PRAGMA quick_check(1)")
        .fetch_all(connection)
        .await
        .map_err(|cause| failure(location, cause))?;
    match said.first().map(String::as_str) {
        Some("ok") | None => Ok(()),
        Some(detail) => Err(OpenFailure::Corrupt { place: location.to_string(), detail: detail.to_owned() }),
    }
}

fn migrator(dialect: Dialect) -> Migrator {
    let both_ways = |step: &Step| {
        let (up, down) = match dialect {
            Dialect::Sqlite => step.sqlite,
            Dialect::Postgres => step.postgres,
        };
        let migration = |kind, sql: &'static str| {
            Migration::new(step.version, Cow::Borrowed(step.name), kind, sql.into_sql_str(), false)
        };
        [migration(MigrationType::ReversibleUp, up), migration(MigrationType::ReversibleDown, down)]
    };
    Migrator::with_migrations(STEPS.iter().flat_map(both_ways).collect())
}
