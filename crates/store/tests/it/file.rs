//! What only a file can suffer: being something else, being newer, being torn, being somewhere that takes no writes.
//! Whatever it is, it is left as it is. Damage is in `damaged`.

use std::fs;
use std::path::PathBuf;

use store::{Location, OpenFailure, Reader, Store, verify};

use crate::entries::*;
use crate::place::{Place, chain, execute, now};

/// The journal's file.
pub fn path(place: &Place) -> PathBuf {
    match &place.location {
        Location::Sqlite(path) => path.clone(),
        Location::Postgres(_) => unreachable!("these tests are about files"),
    }
}

/// Opens in every way, and finds each time the same failure and the file as it was.
async fn refused(place: &Place) -> OpenFailure {
    let path = path(place);
    let before = fs::read(&path).ok();
    let failure = place.try_open().await.unwrap_err();
    assert!(Reader::open(&place.location, "main").await.is_err());
    assert!(verify(&place.location, "main").await.is_err());
    assert!(store::import(&place.location, "main", &b""[..]).await.is_err());
    assert!(store::migrate_down(&place.location).await.is_err());
    assert_eq!(fs::read(&path).ok(), before);
    assert!(failure.to_string().contains(path.to_str().unwrap()), "{failure}");
    failure
}

#[tokio::test]
async fn some_other_file_is_refused() {
    let place = Place::sqlite();
    fs::write(path(&place), "Dear diary,\n".repeat(1_000)).unwrap();
    let failure = refused(&place).await;
    let OpenFailure::NotOurs { why, .. } = &failure else { panic!("{failure:?}") };
    assert_eq!(why, "it is no SQLite database");
    assert_eq!(fs::read_dir(path(&place).parent().unwrap()).unwrap().count(), 1, "nothing was left beside it");
}

#[tokio::test]
async fn somebody_else_s_database_is_refused() {
    let place = Place::sqlite();
    let mut connection = place.connect().await;
    execute(&mut connection, "CREATE TABLE recipes (cake TEXT)").await;
    sqlx::Connection::close(connection).await.unwrap();
    let failure = refused(&place).await;
    let OpenFailure::NotOurs { why, .. } = &failure else { panic!("{failure:?}") };
    assert_eq!(why, "it is a database with other tables, such as \"recipes\"");
}

#[tokio::test]
async fn somebody_else_s_tables_in_our_schema_are_refused() {
    let place = Place::postgres().await;
    place.tamper("CREATE SCHEMA presence_bridge; CREATE TABLE presence_bridge.recipes (cake TEXT)").await;
    let failure = place.try_open().await.unwrap_err();
    assert!(matches!(failure, OpenFailure::NotOurs { .. }), "{failure}");
    assert_eq!(
        place.number("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'presence_bridge'").await,
        1
    );
}

#[tokio::test]
async fn tables_of_others_beside_our_schema_do_not_matter() {
    let place = Place::postgres().await;
    place.tamper("CREATE TABLE public.link (cake TEXT)").await;
    place.record(busy_morning(3)).await;
    assert_eq!(place.number("SELECT count(*) FROM public.link").await, 0);
}

#[tokio::test]
async fn a_folder_is_refused() {
    let place = Place::sqlite();
    fs::create_dir(path(&place)).unwrap();
    let failure = refused(&place).await;
    assert!(matches!(&failure, OpenFailure::NotOurs { why, .. } if why == "it is not a file"), "{failure:?}");
}

#[tokio::test]
async fn a_log_that_was_torn_loses_what_had_not_been_promised_and_nothing_else() {
    let place = Place::sqlite();
    let store = place.open().await;
    let log = PathBuf::from(format!("{}-wal", path(&place).display()));
    let mut lengths = Vec::new();
    for id in 1..=5 {
        store.journal().record(delivered("jane", id, i64::try_from(id).unwrap() * 10, meal()).to_vec()).await.unwrap();
        lengths.push(fs::metadata(&log).unwrap().len());
    }
    // As the disk would look after the power failed in the middle of the fifth record.
    let elsewhere = tempfile::tempdir().unwrap();
    let copy = elsewhere.path().join("journal.db");
    let bytes = fs::read(&log).unwrap();
    let torn = usize::try_from(lengths[3] + (lengths[4] - lengths[3]) / 2).unwrap();
    fs::copy(path(&place), &copy).unwrap();
    fs::write(elsewhere.path().join("journal.db-wal"), &bytes[..torn]).unwrap();
    store.close().await.unwrap();

    let copy = Place::file(copy, elsewhere);
    let memory = copy.memory().await;
    assert_eq!(memory.facets[0].told, Some((meal(), at(40))));
    assert_eq!(crate::verify::flaws(&copy).await, []);
    assert_eq!(copy.number("SELECT count(*) FROM entry").await, 8);
}

#[tokio::test]
async fn a_newer_journal_is_refused_with_both_versions() {
    for place in [Place::sqlite(), Place::postgres().await] {
        place.record(busy_morning(1)).await;
        place
            .tamper(
                "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                 SELECT 7, 'later', success, checksum, 0 FROM _sqlx_migrations WHERE version = 1",
            )
            .await;
        for failure in [place.try_open().await.unwrap_err(), Reader::open(&place.location, "main").await.unwrap_err()] {
            assert!(
                matches!(failure, OpenFailure::Newer { found: 7, known: store::SCHEMA_VERSION, .. }),
                "{failure:?}"
            );
        }
        assert_eq!(place.number("SELECT count(*) FROM entry").await, 2);
    }
}

#[tokio::test]
async fn a_place_that_takes_no_writes_is_named() {
    // Nobody can make files there, not even root.
    let nowhere = Location::Sqlite("/proc/journal.db".into());
    let options = store::Options { location: nowhere, link: "main".to_owned(), retention: crate::place::FOR_EVER };
    let failure = Store::open(options, now()).await.unwrap_err();
    assert!(matches!(failure, OpenFailure::Unusable { .. }), "{failure:?}");
    let said = chain(&failure);
    assert!(said.starts_with("failed to open the journal /proc/journal.db: see that its folder exists"), "{said}");
    let folder = tempfile::tempdir().unwrap();
    let missing = Location::Sqlite(folder.path().join("no/such/folder/journal.db"));
    let options = store::Options { location: missing, link: "main".to_owned(), retention: crate::place::FOR_EVER };
    let failure = Store::open(options, now()).await.unwrap_err();
    assert!(failure.to_string().contains("see that its folder exists"), "{failure}");
}
