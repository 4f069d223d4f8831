//! One bridge a journal. A file is locked through a file beside it, which the system takes away with the process that
//! held it; in PostgreSQL the session that writes holds a lock of the server's.
//!
//! Not the journal's file itself: SQLite locks that one, and closing it anywhere in a process ends all of its locks
//! there.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::AnyConnection;
use tokio::time::Instant;

use crate::connection::{APPLICATION_ID, private};
use crate::failure::OpenFailure;
use crate::location::Location;
use crate::meaning::{PLACE, failure, unusable};

/// A bridge that was killed a moment ago has given its lock back before this.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often it is tried meanwhile.
const PAUSE: Duration = Duration::from_millis(50);

/// Held until it is dropped.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "closing the file is what gives the lock back")] Option<File>);

/// Takes the lock of a file; a journal in PostgreSQL is locked by [`take_link`].
pub(crate) async fn of(location: &Location) -> Result<Lock, OpenFailure> {
    let Location::Sqlite(path) = location else { return Ok(Lock(None)) };
    let beside = beside(path);
    let file = private().create(true).append(true).open(&beside);
    let file = file.map_err(|cause| unusable(location, PLACE, Box::new(cause)))?;
    let patient_until = Instant::now() + PATIENCE;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Lock(Some(file))),
            Err(TryLockError::WouldBlock) if Instant::now() < patient_until => tokio::time::sleep(PAUSE).await,
            Err(TryLockError::WouldBlock) => {
                return Err(OpenFailure::InUse { place: location.to_string(), link: None });
            }
            Err(TryLockError::Error(cause)) => {
                return Err(unusable(location, "its lock cannot be taken", Box::new(cause)));
            }
        }
    }
}

/// Takes the lock of one link in PostgreSQL, for as long as the session lasts.
pub(crate) async fn take_link(
    connection: &mut AnyConnection,
    location: &Location,
    (name, link): (&str, i64),
) -> Result<(), OpenFailure> {
    let patient_until = Instant::now() + PATIENCE;
    loop {
        let take = sqlx::query_scalar("SELECT pg_try_advisory_lock($1::int, $2::int)::int");
        let taken: i64 = take
            .bind(APPLICATION_ID)
            .bind(link)
            .fetch_one(&mut *connection)
            .await
            .map_err(|cause| failure(location, cause))?;
        if taken == 1 {
            return Ok(());
        }
        if Instant::now() >= patient_until {
            return Err(OpenFailure::InUse { place: location.to_string(), link: Some(name.to_owned()) });
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn beside(journal: &Path) -> PathBuf {
    let mut name = journal.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}
