//! Journals that are damaged, wherever the damage shows: refused before a single byte of them or beside them is changed.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use store::{Location, OpenFailure, ReadFailure, Reader, RecordFailure, VerifyFailure, verify};

use crate::entries::*;
use crate::file::path;
use crate::place::{Place, on_both};

on_both! {
    tables_that_are_gone_and_values_that_are_none_are_damage,
    damage_that_shows_while_it_is_written_ends_the_writing_as_damage,
}

const PAGE: usize = 4096;

/// A journal that was closed in good order: all of it is in the one file.
async fn written() -> Place {
    let place = Place::sqlite();
    place.record(busy_morning(400)).await;
    place
}

/// Every file in the journal's folder with its bytes.
fn files(place: &Place) -> BTreeMap<String, Vec<u8>> {
    let folder = path(place).parent().unwrap().read_dir().unwrap().map(|file| file.unwrap().path());
    folder.map(|file| (file.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(&file).unwrap())).collect()
}

/// Opens it in every way there is: it is damaged, which whoever writes must find, and whoever reads may; and all files
/// are what they were.
async fn refused(place: &Place, what: &str) -> String {
    let before = files(place);
    let is_damage =
        |failure: &OpenFailure| matches!(failure, OpenFailure::Corrupt { .. } | OpenFailure::NotOurs { .. });
    let failure = place.try_open().await.unwrap_err();
    assert!(is_damage(&failure), "{what}: {failure:?}");
    assert!(files(place) == before, "{what}: opening it changed it");
    assert!(store::import(&place.location, "main", &b""[..]).await.is_err());
    assert!(store::migrate_down(&place.location).await.is_err_and(|failure| is_damage(&failure)), "{what}");
    match verify(&place.location, "main").await {
        Ok(verified) => panic!("{what}: {verified:?}"),
        Err(VerifyFailure::Open(failure)) => assert!(is_damage(&failure), "{what}: {failure:?}"),
        Err(VerifyFailure::Read(failure)) => {
            assert!(matches!(failure, ReadFailure::Corrupt { .. }), "{what}: {failure:?}");
        }
    }
    match Reader::open(&place.location, "main").await {
        Ok(reader) => reader.close().await,
        Err(failure) => assert!(is_damage(&failure), "{what}: {failure:?}"),
    }
    let exported = store::export(&place.location, "main", Vec::new()).await;
    if let Err(failure) = exported {
        let said = failure.to_string();
        assert!(said.contains("damaged") || said.contains("is not a journal"), "{what}: {said}");
    }
    assert!(files(place) == before, "{what}: something changed it");
    failure.to_string()
}

/// Where the tables and indexes begin, by name.
async fn first_pages(place: &Place) -> BTreeMap<String, usize> {
    let names = place.texts("SELECT group_concat(name || '|' || rootpage) FROM sqlite_master WHERE rootpage > 0").await;
    let pages = names[0].split(',').map(|one| one.rsplit_once('|').unwrap());
    pages.map(|(name, page)| (name.to_owned(), page.parse().unwrap())).collect()
}

#[tokio::test]
async fn a_page_of_nonsense_is_found_wherever_it_is_and_nothing_is_changed() {
    let place = written().await;
    let indexes = first_pages(&place).await;
    assert!(indexes.keys().any(|name| name.starts_with("sqlite_autoindex_")), "{indexes:?}");
    let whole = fs::read(path(&place)).unwrap();
    let pages = whole.len() / PAGE;
    assert!(pages > 20 && whole.len().is_multiple_of(PAGE));
    for page in 0..pages {
        let mut bytes = whole.clone();
        bytes[page * PAGE..(page + 1) * PAGE].fill(0xA5);
        fs::write(path(&place), bytes).unwrap();
        let names: Vec<_> = indexes.iter().filter(|(_, first)| **first == page + 1).map(|(name, _)| name).collect();
        let said = refused(&place, &format!("page {} of {pages} {names:?}", page + 1)).await;
        assert!(said.contains("it was left as it is"), "{said}");
    }
}

#[tokio::test]
async fn a_head_of_nonsense_is_found() {
    let place = written().await;
    let whole = fs::read(path(&place)).unwrap();
    for part in [0..16, 16..18, 18..20, 28..32, 44..48, 68..72, 16..100, 100..108] {
        let mut bytes = whole.clone();
        bytes[part.clone()].fill(0xA5);
        fs::write(path(&place), bytes).unwrap();
        refused(&place, &format!("bytes {part:?}")).await;
    }
}

#[tokio::test]
async fn a_file_that_was_cut_is_found() {
    let place = written().await;
    let whole = fs::read(path(&place)).unwrap();
    for length in [whole.len() - 1, whole.len() - PAGE, whole.len() / 2, 5_000, PAGE, 700, 99, 1] {
        fs::write(path(&place), &whole[..length]).unwrap();
        refused(&place, &format!("{length} bytes")).await;
    }
}

#[tokio::test]
async fn what_a_killed_bridge_left_is_not_taken_into_a_damaged_file() {
    let place = written().await;
    let store = place.open().await;
    store.journal().record(busy_morning(3)).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("journal.db");
    let mut bytes = fs::read(path(&place)).unwrap();
    bytes[10 * PAGE..20 * PAGE].fill(0xA5);
    fs::write(&copy, &bytes).unwrap();
    for beside in ["-wal", "-shm"] {
        fs::copy(format!("{}{beside}", path(&place).display()), format!("{}{beside}", copy.display())).unwrap();
    }
    store.close().await.unwrap();
    let copy = Place::file(copy, folder);
    let log = fs::read(format!("{}-wal", path(&copy).display())).unwrap();
    assert!(!log.is_empty());
    let failure = copy.try_open().await.unwrap_err();
    assert!(matches!(failure, OpenFailure::Corrupt { .. }), "{failure:?}");
    assert!(verify(&copy.location, "main").await.is_err());
    assert!(fs::read(path(&copy)).unwrap() == bytes);
    assert!(fs::read(format!("{}-wal", path(&copy).display())).unwrap() == log);
}

async fn tables_that_are_gone_and_values_that_are_none_are_damage(place: Place) {
    place.record(busy_morning(6)).await;
    place.record(vec![recorded("jane", &change(99, 100, meal()))]).await;
    let bytes = if place.is_postgres() { "'\\x00'" } else { "x'00'" };
    let cases = [
        ("UPDATE standing SET told = 'on' WHERE facet = 'presence'".to_owned(), "\"on\" is no presence"),
        ("UPDATE entry SET to_value = 'Siesta' WHERE kind = 'recorded'".to_owned(), "\"Siesta\" is no presence"),
        (format!("UPDATE link SET chain = {bytes}"), "a hash has 16 bytes"),
        ("DROP TABLE unsettled".to_owned(), "its table \"unsettled\" is missing"),
    ];
    for (tampering, words) in cases {
        place.tamper(&tampering).await;
        let before = place.number("SELECT max(epoch) FROM link").await;
        let failure = place.try_open().await.unwrap_err();
        assert!(matches!(failure, OpenFailure::Corrupt { .. }), "{tampering}: {failure:?}");
        assert!(failure.to_string().contains(words), "{tampering}: {failure}");
        assert_eq!(place.number("SELECT max(epoch) FROM link").await, before, "it was not even taken");
        let verified = verify(&place.location, "main").await;
        match verified {
            Ok(verified) => assert!(!verified.findings.is_empty(), "{tampering}"),
            Err(VerifyFailure::Open(failure)) => assert!(matches!(failure, OpenFailure::Corrupt { .. }), "{failure:?}"),
            Err(VerifyFailure::Read(failure)) => assert!(matches!(failure, ReadFailure::Corrupt { .. }), "{failure:?}"),
        }
    }
}

async fn damage_that_shows_while_it_is_written_ends_the_writing_as_damage(place: Place) {
    for damage in ["ALTER TABLE entry RENAME TO gone", "DROP TABLE unsettled"] {
        let store = place.open().await;
        let journal = store.journal();
        journal.record(vec![recorded("jane", &change(1, 0, meal()))]).await.unwrap();
        place.tamper(damage).await;
        let failure = journal.record(vec![recorded("jane", &change(2, 10, on_queue()))]).await.unwrap_err();
        let failure = failure.0.downcast_ref::<RecordFailure>().unwrap();
        assert!(matches!(failure, RecordFailure::Corrupt { .. }), "{failure:?}");
        assert!(matches!(store.close().await, Err(RecordFailure::Corrupt { .. })));
        if damage.starts_with("ALTER") {
            place.tamper("ALTER TABLE gone RENAME TO entry").await;
        }
    }
}

#[tokio::test]
async fn an_empty_file_becomes_a_journal_and_says_so() {
    let place = Place::sqlite();
    let store = place.open().await;
    assert!(!store.was_empty(), "there was no file");
    store.close().await.unwrap();
    fs::write(path(&place), "").unwrap();
    assert!(
        Reader::open(&place.location, "main").await.is_err_and(|failure| failure.to_string().contains("no journal"))
    );
    let store = place.open().await;
    assert!(store.was_empty());
    store.close().await.unwrap();
    assert!(!place.open().await.was_empty());
}

#[tokio::test]
async fn a_log_without_its_journal_is_not_thrown_away() {
    let place = written().await;
    let log = format!("{}-wal", path(&place).display());
    fs::write(&log, "what was not written back yet").unwrap();
    fs::write(path(&place), "").unwrap();
    assert!(refused(&place, "empty").await.contains("there is nothing left of it but"));
    fs::remove_file(path(&place)).unwrap();
    assert!(refused(&place, "gone").await.contains("there is nothing left of it but"));
    assert!(Path::new(&log).exists());
}

#[tokio::test]
async fn reading_a_journal_that_nobody_has_open_leaves_nothing_behind() {
    let place = written().await;
    let before = files(&place);
    let mut reader = Reader::open(&place.location, "main").await.unwrap();
    reader.summary(store::Period::default()).await.unwrap();
    assert!(verify(&place.location, "main").await.unwrap().findings.is_empty());
    store::export(&place.location, "main", Vec::new()).await.unwrap();
    assert!(files(&place) == before);

    place.record(vec![recorded("jane", &change(9_999, 100, meal()))]).await;
    let mixed = reader.summary(store::Period::default()).await.unwrap_err();
    assert!(mixed.to_string().contains("read it again"), "{mixed}");
    reader.close().await;
}

#[cfg(unix)]
#[tokio::test]
async fn only_its_owner_may_read_it_until_the_administrator_says_more() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::sqlite();
    let modes = || {
        let folder = path(&place).parent().unwrap().read_dir().unwrap().map(Result::unwrap);
        folder.map(|file| file.metadata().unwrap().permissions().mode() & 0o777).collect::<Vec<_>>()
    };
    let store = place.open().await;
    store.journal().record(busy_morning(3)).await.unwrap();
    assert_eq!(modes(), [0o600; 4], "the journal, its lock, -wal and -shm");
    store.close().await.unwrap();

    fs::set_permissions(path(&place), fs::Permissions::from_mode(0o640)).unwrap();
    let store = place.open().await;
    let mut modes = modes();
    modes.sort_unstable();
    assert_eq!(modes, [0o600, 0o640, 0o640, 0o640], "the lock is nobody else's business");
    store.close().await.unwrap();
    assert!(matches!(place.location, Location::Sqlite(_)));
}
