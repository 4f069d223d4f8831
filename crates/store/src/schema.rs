//! The schema: whose a database is, which version it has, and how it gets from one version to another.
//!
//! The statements are in `migrations/`, once for each database. No table is ever built anew: columns that this program
//! does not know stay.

use std::borrow::Cow;
use std::path::Path;

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{AnyConnection, SqlSafeStr};

use crate::connection::{
    self, APPLICATION_ID, Dialect, Purpose, SCHEMA, Still, begin_snapshot, connect, dialect, log_beside, reading,
};
use crate::failure::OpenFailure;
use crate::load::{self, Tables};
use crate::location::Location;
use crate::lock;
use crate::meaning::{failure, failure_of_reading, unusable};
use crate::older;

/// The version that this program writes and reads.
pub const SCHEMA_VERSION: i64 = 3;

/// The oldest version with all tables that `load` reads.
const ALL_TABLES: i64 = 1;

/// The oldest version whose tables have all columns that `load` reads.
const ALL_COLUMNS: i64 = 3;

/// What a journal is made of, beside its views.
const TABLES: [&str; 5] = ["agent", "entry", "link", "standing", "unsettled"];

/// One step, once for each database.
struct Step {
    version: i64,
    name: &'static str,
    sqlite: (&'static str, &'static str),
    postgres: (&'static str, &'static str),
}

const STEPS: [Step; 3] = [
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
    Step {
        version: 3,
        name: "statuses and claims",
        sqlite: (
            include_str!("../migrations/sqlite/0003_statuses.up.sql"),
            include_str!("../migrations/sqlite/0003_statuses.down.sql"),
        ),
        postgres: (
            include_str!("../migrations/postgres/0003_statuses.up.sql"),
            include_str!("../migrations/postgres/0003_statuses.down.sql"),
        ),
    },
];

/// Leads a journal back by one version, for the program before this one. No entry is lost; what that one has no words
/// for is said in others. Returns the version that it has now. No bridge may hold it meanwhile.
pub async fn migrate_down(location: &Location) -> Result<i64, OpenFailure> {
    let Found::Journal(version) = identify(location).await? else {
        return Err(OpenFailure::Missing { place: location.to_string() });
    };
    let _lock = lock::of(location).await?;
    inspect(location, None).await?;
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
    if target == ALL_COLUMNS - 1 {
        older::say_as_version_2(connection, location).await?;
    }
    let done = migrator(dialect(connection)).undo(connection, target).await;
    done.map_err(|cause| not_led(location, cause, "its schema cannot be led back"))
}

/// What is at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// Nothing yet; a journal may be made there.
    Nothing,
    /// A file with nothing in it; a journal may be made there, too.
    Empty,
    /// A journal of this version; 0 while it is being made.
    Journal(i64),
}

/// Looks what is there, and changes nothing. Whatever is not ours, or newer than we are, is an error.
pub(crate) async fn identify(location: &Location) -> Result<Found, OpenFailure> {
    if let Location::Sqlite(path) = location
        && let Some(found) = file(location, path)?
    {
        return Ok(found);
    }
    let mut looking = connect(location, reading(Still::of(location).as_ref())).await?;
    let found = found(&mut looking, location).await;
    connection::disconnect(looking).await;
    found
}

/// What can be said of a file without reading it.
fn file(location: &Location, path: &Path) -> Result<Option<Found>, OpenFailure> {
    let place = || location.to_string();
    let nothing = match std::fs::metadata(path) {
        Ok(file) if !file.is_file() => {
            return Err(OpenFailure::NotOurs { place: place(), why: "it is not a file".to_owned() });
        }
        Ok(file) if file.len() == 0 => Found::Empty,
        Ok(file) if file.len() == 1 => {
            // SQLite takes it for empty, because of a file system that has no empty files.
            return Err(OpenFailure::NotOurs { place: place(), why: "it is no SQLite database".to_owned() });
        }
        Ok(_) => return Ok(None),
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Found::Nothing,
        Err(cause) => return Err(unusable(location, "it cannot be looked at", Box::new(cause))),
    };
    // SQLite would remove it, with all that was not yet written back from it.
    let log = log_beside(path);
    if std::fs::metadata(&log).is_ok_and(|log| log.len() > 0) {
        let detail = format!("there is nothing left of it but {}", log.display());
        return Err(OpenFailure::Corrupt { place: place(), detail });
    }
    Ok(Some(nothing))
}

/// Looks whether all of it can be read and understood, through a connection that changes nothing: every page, and what a
/// start has to know of the link. Nobody may open it meanwhile.
pub(crate) async fn inspect(location: &Location, link: Option<&str>) -> Result<Found, OpenFailure> {
    let found = identify(location).await?;
    let Found::Journal(version) = found else { return Ok(found) };
    let mut looking = connect(location, reading(Still::of(location).as_ref())).await?;
    let sound = match check_pages(&mut looking, location, Pages::Quick).await {
        Ok(()) if version >= ALL_COLUMNS => understood(&mut looking, Tables::Own, location, link).await,
        Ok(()) if version >= ALL_TABLES => understood(&mut looking, Tables::Older, location, link).await,
        checked => checked,
    };
    connection::disconnect(looking).await;
    sound.map(|()| found)
}

async fn understood(
    connection: &mut AnyConnection,
    tables: Tables,
    location: &Location,
    link: Option<&str>,
) -> Result<(), OpenFailure> {
    let place = location.to_string();
    let links = load::links(connection).await.map_err(|cause| failure_of_reading(location, cause))?;
    for link in links.into_iter().filter(|found| link.is_none_or(|link| link == found.name)) {
        load::ledger(connection, tables, &place, &link).await?;
        load::memory(connection, tables, &place, link.link).await?;
    }
    Ok(())
}

/// Sees one state of it: another link may be leading it to this version at this moment.
async fn found(connection: &mut AnyConnection, location: &Location) -> Result<Found, OpenFailure> {
    let failed = |cause| failure_of_reading(location, cause);
    let begin = begin_snapshot(connection);
    sqlx::query(begin).execute(&mut *connection).await.map_err(failed)?;
    let found = found_in_snapshot(connection, location).await;
    // It reads only: there is nothing that could be lost, and the connection ends next.
    let _: Result<_, sqlx::Error> = sqlx::query("ROLLBACK").execute(connection).await;
    found
}

async fn found_in_snapshot(connection: &mut AnyConnection, location: &Location) -> Result<Found, OpenFailure> {
    let failed = |cause| failure_of_reading(location, cause);
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
    let missing = TABLES.iter().find(|table| !tables.iter().any(|name| name == *table));
    match missing {
        Some(table) if version >= ALL_TABLES => {
            let detail = format!("its table \"{table}\" is missing");
            Err(OpenFailure::Corrupt { place: location.to_string(), detail })
        }
        Some(_) | None => Ok(Found::Journal(version)),
    }
}

/// Makes the tables, or leads them to this program's version.
pub(crate) async fn migrate(connection: &mut AnyConnection, location: &Location) -> Result<(), OpenFailure> {
    let failed = |cause| failure(location, cause);
    let dialect = dialect(connection);
    match dialect {
        Dialect::Sqlite => {
            // First of all, so that a start that ends here leaves a file that is known as ours.
            sqlx::query("PRAGMA application_id = 1347568210").execute(&mut *connection).await.map_err(failed)?;
        }
        Dialect::Postgres => {
            // Links of one database may begin at the same moment; given back below, or when the connection ends.
            let turn = sqlx::query("SELECT pg_advisory_lock($1::int, 0)::text").bind(APPLICATION_ID);
            turn.execute(&mut *connection).await.map_err(failed)?;
            // Where the schema is there already, its owner needs no right to make one.
            let there = sqlx::query("SELECT 1 FROM pg_namespace WHERE nspname = $1").bind(SCHEMA);
            if there.fetch_optional(&mut *connection).await.map_err(failed)?.is_none() {
                sqlx::query("CREATE SCHEMA presence_bridge").execute(&mut *connection).await.map_err(failed)?;
            }
        }
    }
    let done = migrator(dialect).run_direct(None, connection, false).await;
    done.map_err(|cause| not_led(location, cause, "its schema cannot be led to this version"))?;
    if dialect == Dialect::Postgres {
        let over = sqlx::query("SELECT pg_advisory_unlock($1::int, 0)::text").bind(APPLICATION_ID);
        over.execute(connection).await.map_err(failed)?;
    }
    Ok(())
}

fn not_led(location: &Location, cause: MigrateError, advice: &'static str) -> OpenFailure {
    match cause {
        MigrateError::Execute(cause) | MigrateError::ExecuteMigration(cause, _) => failure(location, cause),
        // The list of the steps that were taken is not one that this program can have written.
        MigrateError::VersionMissing(_) | MigrateError::VersionMismatch(_) | MigrateError::Dirty(_) => {
            OpenFailure::Corrupt { place: location.to_string(), detail: cause.to_string() }
        }
        cause => unusable(location, advice, Box::new(cause)),
    }
}

/// How closely pages are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pages {
    /// Whether each is one.
    Quick,
    /// Also whether each index has what its table has.
    Thorough,
}

/// Reads every page of a file; a server looks after its own.
pub(crate) async fn check_pages(
    connection: &mut AnyConnection,
    location: &Location,
    pages: Pages,
) -> Result<(), OpenFailure> {
    if dialect(connection) == Dialect::Postgres {
        return Ok(());
    }
    let size: i64 = sqlx::query_scalar("PRAGMA page_size")
        .fetch_one(&mut *connection)
        .await
        .map_err(|cause| failure_of_reading(location, cause))?;
    // With a log, what lacks may be in it; without one, SQLite would take what lacks for zeros.
    if Still::of(location).is_some_and(|file| !file.length.is_multiple_of(size.unsigned_abs().max(1))) {
        let detail = "its last page is not whole".to_owned();
        return Err(OpenFailure::Corrupt { place: location.to_string(), detail });
    }
    let check = match pages {
        Pages::Quick => "PRAGMA quick_check(1)",
        Pages::Thorough => "PRAGMA integrity_check(1)",
    };
    let said: Vec<String> =
        sqlx::query_scalar(check).fetch_all(connection).await.map_err(|cause| failure_of_reading(location, cause))?;
    match said.first().map(String::as_str) {
        Some("ok") | None => Ok(()),
        Some(detail) => {
            // Over several lines, with stars.
            let detail = detail.split_whitespace().collect::<Vec<_>>().join(" ");
            Err(OpenFailure::Corrupt { place: location.to_string(), detail })
        }
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

#[cfg(test)]
mod tests;
