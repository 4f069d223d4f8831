//! The journal and the control socket: found as they are, and left so.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::time::{Instant, Now};
use jiff::Timestamp;
use store::{LinkState, Location, OpenFailure, Retention, Store};

use super::super::finding::Finding;
use super::super::place::{self, Listener};
use super::marks;
use crate::config;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn options(path: &Path) -> store::Options {
    let retention = Retention { age: DAY, size: 16 << 20 };
    store::Options { location: Location::Sqlite(path.to_owned()), link: "default".to_owned(), retention }
}

async fn look(path: &Path, listener: Listener) -> Vec<Finding> {
    place::journal(&options(path), listener, Timestamp::UNIX_EPOCH).await
}

async fn mark(path: &Path, listener: Listener) -> String {
    marks(&look(path, listener).await).remove(0)
}

async fn made(folder: &Path) -> PathBuf {
    let path = folder.join("a.journal");
    let now = Now { instant: Instant::START, utc: Timestamp::UNIX_EPOCH };
    Store::open(options(&path), now).await.unwrap().close().await.unwrap();
    path
}

fn files(folder: &Path) -> BTreeSet<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[tokio::test]
async fn a_journal_that_is_not_there_yet_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let found = look(&folder.path().join("a.journal"), Listener::Nobody).await;
    assert_eq!(marks(&found), ["ok journal-new", "ok journal-space"]);
    assert_eq!(files(folder.path()), BTreeSet::new());
}

#[tokio::test]
async fn a_journal_that_nobody_uses_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = made(folder.path()).await;
    let before = (files(folder.path()), fs::read(&path).unwrap());
    assert_eq!(mark(&path, Listener::Nobody).await, "ok journal-usable");
    assert_eq!((files(folder.path()), fs::read(&path).unwrap()), before);
}

#[tokio::test]
async fn whoever_has_the_journal_is_the_running_bridge_or_another() {
    let folder = tempfile::tempdir().unwrap();
    let path = made(folder.path()).await;
    let now = Now { instant: Instant::START, utc: Timestamp::UNIX_EPOCH };
    let held = Store::open(options(&path), now).await.unwrap();
    assert_eq!(mark(&path, Listener::Running).await, "ok journal-in-use");
    assert_eq!(mark(&path, Listener::Nobody).await, "problem journal-taken");
    held.close().await.unwrap();
    assert_eq!(mark(&path, Listener::Nobody).await, "ok journal-usable");
}

#[tokio::test]
async fn what_is_no_journal_and_what_cannot_be_made_are_problems() {
    let folder = tempfile::tempdir().unwrap();
    let diary = folder.path().join("diary");
    fs::write(&diary, "Dear diary, nothing happened.\n".repeat(100)).unwrap();
    assert_eq!(mark(&diary, Listener::Nobody).await, "problem journal-not-ours");
    let nowhere = folder.path().join("nowhere").join("a.journal");
    assert_eq!(mark(&nowhere, Listener::Nobody).await, "problem journal-not-usable");
}

#[test]
fn a_database_is_in_use_by_whoever_wrote_to_it_lately() {
    let now = Timestamp::from_second(1_000_000).unwrap();
    let look = |seconds: i64, listener| {
        let alive = Some(Timestamp::from_second(1_000_000 - seconds).unwrap());
        let link = |name: &str| LinkState { name: name.to_owned(), epoch: 1, opened: None, alive, entries: 9 };
        let links = Ok(vec![link("north"), link("south")]);
        marks(&[place::database("south", "postgres://db/bridge", links, listener, now)]).remove(0)
    };
    assert_eq!(look(30, Listener::Running), "ok journal-in-use");
    assert_eq!(look(30, Listener::Nobody), "problem journal-taken");
    assert_eq!(look(3_600, Listener::Nobody), "ok journal-usable");
    let other = Ok(Vec::new());
    let found = place::database("south", "postgres://db/bridge", other, Listener::Nobody, now);
    assert_eq!(marks(&[found]), ["ok journal-new"]);
    let older = Err(OpenFailure::Older { place: "postgres://db/bridge".to_owned(), found: 1, known: 2 });
    let found = place::database("south", "postgres://db/bridge", older, Listener::Nobody, now);
    assert_eq!(marks(&[found]), ["note journal-older"]);
}

#[test]
fn a_disk_without_room_is_told() {
    let little = place::room(1 << 30, 10 << 30);
    assert_eq!(marks(std::slice::from_ref(&little)), ["warning journal-space-little"]);
    assert_eq!(little.fact, "Only 1.0 GiB are free for the journal, which may grow by 10.0 GiB.");
    assert_eq!(marks(&[place::room(10 << 30, 10 << 30)]), ["ok journal-space"]);
}

#[test]
fn the_control_socket_is_free_listened_at_or_not_to_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.socket");
    let look = |path: &Path| {
        let (finding, listener) = place::control(path);
        (marks(&[finding]).remove(0), listener)
    };
    assert_eq!(look(&path), ("ok control-free".to_owned(), Listener::Nobody));
    assert_eq!(files(folder.path()), BTreeSet::new(), "it was made");
    let listening = UnixListener::bind(&path).unwrap();
    assert_eq!(look(&path), ("ok control-running".to_owned(), Listener::Running));
    drop(listening);
    assert_eq!(look(&path), ("ok control-free".to_owned(), Listener::Nobody), "left behind by a crash");
    File::create(folder.path().join("file")).unwrap();
    let unusable = ("problem control-not-usable".to_owned(), Listener::Nobody);
    assert_eq!(look(&folder.path().join("file")), unusable);
    assert_eq!(look(&folder.path().join("nowhere").join("a.socket")), unusable);
    assert_eq!(look(&folder.path().join("a".repeat(108))), unusable);
}

#[test]
fn the_consoles_address_is_free_taken_or_the_running_bridges() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = |address: &str| config::Console::local(address.parse().unwrap());
    let busy = at(&taken.local_addr().unwrap().to_string());
    // Addresses of this block belong to nobody.
    let elsewhere = at("192.0.2.1:8090");
    let mark = |console: Option<&config::Console>, listener| marks(&[place::console(console, listener)]).remove(0);
    assert_eq!(mark(Some(&busy), Listener::Nobody), "problem console-taken");
    assert_eq!(mark(Some(&busy), Listener::Running), "ok console-running");
    assert_eq!(mark(Some(&at("127.0.0.1:0")), Listener::Nobody), "ok console-free");
    assert_eq!(mark(Some(&elsewhere), Listener::Nobody), "problem console-not-usable");
    assert_eq!(mark(None, Listener::Nobody), "ok console-off");
    drop(taken);
    assert_eq!(mark(Some(&busy), Listener::Nobody), "ok console-free");
}
