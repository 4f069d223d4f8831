//! A process that is killed, and a disk that takes no more: what was promised is there, and nothing is half there.
//!
//! The test runs itself once more as a process that can be killed or limited; on its own that process is a test too.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use store::{Location, Options, Reader, Store, verify};

use crate::entries::*;
use crate::place::{FOR_EVER, chain, now};

/// The process writes its journal in this folder; without it, in one of its own, and not for long.
const FOLDER: &str = "STORE_TEST_FOLDER";

fn options(folder: &Path) -> Options {
    Options { location: Location::Sqlite(folder.join("journal.db")), link: "main".to_owned(), retention: FOR_EVER }
}

/// Records one change after the other, and notes in a file beside the journal what has been promised.
#[tokio::test]
async fn a_process_that_records_until_it_is_stopped() {
    let own = tempfile::tempdir().unwrap();
    let given = std::env::var_os(FOLDER).map(PathBuf::from);
    let most = if given.is_some() { u128::MAX } else { 10 };
    let folder = given.unwrap_or_else(|| own.path().to_owned());
    let store = Store::open(options(&folder), now()).await.unwrap();
    let first = u128::from(store.epoch()) * 1_000_000;
    for id in first..first.saturating_add(most) {
        let second = i64::try_from(id).unwrap();
        if let Err(failure) = store.journal().record(delivered("jane", id, second, meal()).to_vec()).await {
            std::fs::write(folder.join("failure"), chain(&failure)).unwrap();
            let again = store.journal().record(vec![alive(1)]).await.unwrap_err();
            assert_eq!(chain(&again), chain(&failure), "an error is final");
            return;
        }
        // Whole and at once, so that whoever kills this process does not read a half of it.
        std::fs::write(folder.join("next"), id.to_string()).unwrap();
        std::fs::rename(folder.join("next"), folder.join("promised")).unwrap();
    }
    store.close().await.unwrap();
    assert_eq!(std::fs::read_to_string(folder.join("promised")).unwrap(), (first + most - 1).to_string());
}

fn promised(folder: &Path) -> Option<u128> {
    std::fs::read_to_string(folder.join("promised")).ok()?.parse().ok()
}

/// The program of these tests, for that one test, started by a shell that may limit it first.
fn process(folder: &Path, limit: &str) -> Command {
    let mut command = Command::new("sh");
    let program = std::env::current_exe().unwrap();
    command
        .arg("-c")
        .arg(format!("{limit} exec \"$0\" --exact interrupted::a_process_that_records_until_it_is_stopped"));
    command.arg(program).env(FOLDER, folder).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// Waits for a state: looks again and again, and gives up after a minute.
async fn until<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let mut ticks = tokio::time::interval(std::time::Duration::from_millis(5));
    let looking = async {
        loop {
            ticks.tick().await;
            if let Some(found) = look() {
                return found;
            }
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), looking).await.expect("it comes within a minute")
}

#[tokio::test]
async fn what_was_promised_survives_a_killed_process() {
    let folder = tempfile::tempdir().unwrap();
    for epoch in 1..=6_u128 {
        let mut process = process(folder.path(), "").spawn().unwrap();
        // Each time at another moment.
        let enough = epoch * 1_000_000 + epoch * 3;
        until(|| promised(folder.path()).filter(|id| *id >= enough)).await;
        process.kill().unwrap();
        process.wait().unwrap();

        let mut reader = Reader::open(&options(folder.path()).location, "main").await.unwrap();
        let told = reader.told().await.unwrap();
        let pending = reader.pending().await.unwrap();
        reader.close().await;
        let promised = i64::try_from(promised(folder.path()).unwrap()).unwrap();
        assert!(told[0].3 >= at(promised), "{told:?} {promised}");
        assert_eq!(pending, [], "both entries of a record, or none");
        let verified = verify(&options(folder.path()).location, "main").await.unwrap();
        assert_eq!(verified.findings, []);
    }
}

#[tokio::test]
async fn a_disk_that_takes_no_more_stops_the_journal_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    // Files of at most 3 MB; the signal that says so is not to kill it, so that a write fails.
    let ended = process(folder.path(), "trap '' XFSZ; ulimit -f 6000;").status().unwrap();
    assert!(ended.success(), "{ended}");
    let said = std::fs::read_to_string(folder.path().join("failure")).unwrap();
    assert!(said.contains("the disk cannot be read or written") || said.contains("the disk is full"), "{said}");
    let promised = promised(folder.path()).unwrap();
    assert!(promised > 1_000_020, "{promised}");

    // With room again, the next one goes on where this one had to stop.
    let store = Store::open(options(folder.path()), now()).await.unwrap();
    assert_eq!(store.epoch(), 2);
    let memory = store.journal().load().await.unwrap();
    let told = memory.facets[0].told.unwrap().1;
    assert!(told >= at(i64::try_from(promised).unwrap()));
    assert_eq!(memory.facets[0].pending, []);
    store.journal().record(delivered("jane", 1, 100_000_000, on_queue()).to_vec()).await.unwrap();
    store.close().await.unwrap();
    assert_eq!(verify(&options(folder.path()).location, "main").await.unwrap().findings, []);
}
