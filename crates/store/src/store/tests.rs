//! A disk that becomes full, as the database itself finds it: the file may have so many pages and no more.

use std::error::Error;
use std::time::Duration;

use domain::change::{Change, Value};
use domain::ids::{AgentId, ChangeId};
use domain::target::{Presence, SystemPresence};
use domain::time::Instant;
use jiff::Timestamp;
use replicator::ports::{Fact, Stage};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::*;
use crate::verify::verify;

const FOR_EVER: Retention = Retention { age: Duration::from_secs(400_000_000), size: u64::MAX };

fn now() -> Now {
    Now { instant: Instant::START, utc: Timestamp::UNIX_EPOCH }
}

fn recorded(id: u128) -> Entry {
    let at = Timestamp::from_second(i64::try_from(id).unwrap()).unwrap();
    let to = Value::Presence(Presence::of(SystemPresence::Meal));
    let id = ChangeId(Uuid::from_u128(id));
    let change = Change { id, from: None, to, happened: at, seen: at, why: "rule 1".into(), status: None };
    Entry { at, fact: Fact::Change { agent: AgentId::new("jane"), change: change.id, stage: Stage::Recorded(change) } }
}

/// A store whose file may not grow by more than so many pages.
async fn open_with_room_for(pages: i64, location: &Location) -> Store {
    let lock = lock::of(location).await.unwrap();
    let mut connection = connect(location, Purpose::Write).await.unwrap();
    migrate(&mut connection, location).await.unwrap();
    let there: i64 = sqlx::query_scalar("PRAGMA page_count").fetch_one(&mut connection).await.unwrap();
    let limit = format!("PRAGMA max_page_count = {}", there + pages);
    sqlx::query(AssertSqlSafe(limit)).execute(&mut connection).await.unwrap();
    Store::start(connection, lock, location.clone(), ("main".to_owned(), FOR_EVER), now()).await.unwrap()
}

#[tokio::test]
async fn a_full_disk_stops_the_journal_with_nothing_half_written_and_the_next_one_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::Sqlite(folder.path().join("journal.db"));
    let store = open_with_room_for(20, &location).await;
    let mut promised = 0;
    let failure = loop {
        // Three at a time, so that half a record would show.
        let entries = (1..=3).map(|n| recorded(promised + n)).collect();
        match store.journal().record(entries).await {
            Ok(()) => promised += 3,
            Err(failure) => break failure,
        }
    };
    let said = failure.to_string();
    assert!(said.ends_with("journal.db: the disk is full; make room"), "{said}");
    let cause = failure.source().unwrap();
    assert_eq!(cause.to_string(), "the database says: database or disk is full (code 13)");
    assert!(cause.source().is_none(), "it is said once");
    assert!(promised > 30, "{promised}");
    let again = store.journal().record(vec![recorded(1_000_000)]).await.unwrap_err();
    assert_eq!(again.to_string(), said);
    assert!(matches!(store.close().await, Err(RecordFailure::Write { .. })));

    let verified = verify(&location, "main").await.unwrap();
    assert_eq!((verified.findings, u128::from(verified.entries)), (vec![], promised));
    let options = Options { location, link: "main".to_owned(), retention: FOR_EVER };
    let store = Store::open(options.clone(), now()).await.unwrap();
    assert_eq!(u128::try_from(store.journal().load().await.unwrap().facets[0].pending.len()).unwrap(), promised);
    store.journal().record(vec![recorded(1_000_000)]).await.unwrap();
    store.close().await.unwrap();
    assert_eq!(verify(&options.location, "main").await.unwrap().findings, []);
}
