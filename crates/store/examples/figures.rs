//! What a journal costs: syncs and bytes for each change, and how many it takes a second.
//!
//! `cargo run --release --package store --example figures` measures SQLite in a temporary folder, and PostgreSQL too
//! where `PRESENCE_BRIDGE_POSTGRES` has the URL of a server whose database it may fill.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measurement talks to its terminal, and ends at a failure"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::change::{Change, Value};
use domain::ids::{AgentId, ChangeId};
use domain::target::{Presence, RoutingStatus, SystemPresence};
use domain::time::Now;
use jiff::Timestamp;
use replicator::ports::{Attempt, Entry, Fact, Journal, Stage};
use store::{Location, Options, Retention, Store};
use uuid::Uuid;

/// Agents of a contact centre.
const AGENTS: u32 = 1_000;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    measure("SQLite", Location::Sqlite(folder.path().join("journal.db"))).await;
    if let Ok(url) = std::env::var("PRESENCE_BRIDGE_POSTGRES") {
        measure("PostgreSQL", Location::Postgres(url.into())).await;
    }
}

async fn measure(name: &str, location: Location) {
    println!("{name}");
    steady(&location, "steady").await;
    burst(&location, "burst").await;
    parallel(&location, "parallel").await;
    size(&location, "size").await;
}

/// One change after the other, each recorded before it is sent and after: nobody to share a sync with.
async fn steady(location: &Location, link: &str) {
    let store = open(location, link).await;
    let journal = store.journal();
    let begun = Instant::now();
    for n in 0..1_000 {
        journal.record(vec![recorded(n)]).await.unwrap();
        journal.record(vec![accepted(n)]).await.unwrap();
    }
    report("steady, one at a time", store, begun, 1_000).await;
}

/// A shift change: 1,000 changes in one picture, sent a hundred at a time.
async fn burst(location: &Location, link: &str) {
    let store = open(location, link).await;
    let journal = store.journal();
    let begun = Instant::now();
    for n in 0..10_000_u32 / 1_000 {
        journal.record((n * 1_000..(n + 1) * 1_000).map(recorded).collect()).await.unwrap();
        for request in n * 10..(n + 1) * 10 {
            journal.record((request * 100..(request + 1) * 100).map(accepted).collect()).await.unwrap();
        }
    }
    report("burst, 1,000 at once", store, begun, 10_000).await;
}

/// Hundreds of agents at once, each in its own time: whoever waits for the disk shares the next sync.
async fn parallel(location: &Location, link: &str) {
    let store = open(location, link).await;
    let begun = Instant::now();
    let tasks: Vec<_> = (0..200_u32).map(|task| tokio::spawn(agent(store.journal(), task))).collect();
    for task in tasks {
        task.await.unwrap();
    }
    report("200 tasks at once", store, begun, 10_000).await;
}

async fn agent(journal: Arc<dyn Journal>, task: u32) {
    for n in 0..50 {
        journal.record(vec![recorded(n * 200 + task)]).await.unwrap();
        journal.record(vec![accepted(n * 200 + task)]).await.unwrap();
    }
}

async fn size(location: &Location, link: &str) {
    let Location::Sqlite(path) = location else { return };
    let path = path.with_file_name("size.db");
    let store = open(&Location::Sqlite(path.clone()), link).await;
    let before = std::fs::metadata(&path).unwrap().len();
    for n in 0..100_u32 {
        let some = (n * 500..(n + 1) * 500).flat_map(|n| [recorded(n), accepted(n)]).collect();
        store.journal().record(some).await.unwrap();
    }
    store.close().await.unwrap();
    let bytes = std::fs::metadata(&path).unwrap().len() - before;
    println!(
        "  {:>5} bytes a change (50,000 changes of {AGENTS} agents, delivered at the first attempt)",
        bytes / 50_000
    );
}

async fn report(what: &str, store: Store, begun: Instant, changes: u32) {
    let closed = store.close().await.unwrap();
    let seconds = begun.elapsed().as_secs_f64();
    let syncs = f64::from(u32::try_from(closed.commits).unwrap()) * 1_000.0 / f64::from(changes);
    let rate = f64::from(u32::try_from(closed.entries).unwrap()) / seconds;
    println!("  {what:<22} {syncs:>7.1} syncs for 1,000 changes, {rate:>8.0} entries a second");
}

async fn open(location: &Location, link: &str) -> Store {
    let retention = Retention { age: Duration::from_secs(86_400 * 365), size: u64::MAX };
    let options = Options { location: location.clone(), link: link.to_owned(), retention };
    let now = Now { instant: domain::time::Instant::START, utc: Timestamp::now() };
    Store::open(options, now).await.unwrap()
}

fn at(n: u32, milliseconds: i64) -> Timestamp {
    Timestamp::from_nanosecond(
        (1_790_000_000_000 + i128::from(n) * 37 + i128::from(milliseconds)) * 1_000_000 + 123_456,
    )
    .unwrap()
}

fn id(n: u32) -> ChangeId {
    // Spread as random ids are, which is what the index sees.
    ChangeId(Uuid::from_u128(u128::from(n).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)))
}

fn fact(n: u32, milliseconds: i64, stage: Stage) -> Entry {
    let agent = AgentId::new(&format!("jane.doe.{}", n % AGENTS));
    Entry { at: at(n, milliseconds), fact: Fact::Change { agent, change: id(n), stage } }
}

fn recorded(n: u32) -> Entry {
    let presence =
        |n: u32| Value::Presence(Presence::of(SystemPresence::ALL[usize::try_from(n / AGENTS).unwrap() % 10]));
    let routing = |n: u32| Value::Routing(RoutingStatus::ALL[usize::try_from(n / AGENTS).unwrap() % 5]);
    let (from, to) = if n % 2 == 0 { (presence(n), presence(n + AGENTS)) } else { (routing(n), routing(n + AGENTS)) };
    let why = "rule 3: group BREAK is Break".to_owned();
    let change = Change { id: id(n), from: Some(from), to, happened: at(n, -800), seen: at(n, -100), why };
    fact(n, 0, Stage::Recorded(change))
}

fn accepted(n: u32) -> Entry {
    let attempt = Attempt {
        number: 1,
        request: u64::from(n / 100) + 1,
        sent: at(n, 20),
        answered: at(n, 180),
        outcome: Ok(()),
        correlation: Some(id(n / 100).to_string()),
    };
    fact(n, 181, Stage::Attempted(attempt))
}
