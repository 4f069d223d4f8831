//! What a journal costs: syncs and bytes for each change, and how many it takes a second.
//!
//! `cargo run --package store --example figures` measures SQLite in a temporary folder, and PostgreSQL too
//! where `PRESENCE_BRIDGE_POSTGRES` has the URL of a server whose database it may fill.
#![expect(clippy::print_stdout, reason = "a measurement talks to its terminal")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::change::{Change, Value};
use domain::ids::{AgentId, ChangeId, StatusId};
use domain::target::{Presence, RoutingStatus, SystemPresence};
use domain::time::Now;
use jiff::Timestamp;
use replicator::ports::{Attempt, Entry, Fact, Journal, Stage};
use store::{Location, Options, Retention, Store};
use uuid::Uuid;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Agents of a contact centre.
const AGENTS: u32 = 1_000;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    measure("SQLite", Location::Sqlite(folder.path().join("journal.db"))).await?;
    match std::env::var("PRESENCE_BRIDGE_POSTGRES") {
        Ok(url) => measure("PostgreSQL", Location::Postgres(url.into())).await,
        Err(_) => Ok(()),
    }
}

async fn measure(name: &str, location: Location) -> Result<(), Failure> {
    println!("{name}");
    steady(&location, "steady").await?;
    burst(&location, "burst").await?;
    parallel(&location, "parallel").await?;
    size(&location, "size").await
}

/// One change after the other, each recorded before it is sent and after: nobody to share a sync with.
async fn steady(location: &Location, link: &str) -> Result<(), Failure> {
    let store = open(location, link).await?;
    let journal = store.journal();
    let begun = Instant::now();
    for n in 0..1_000 {
        journal.record(vec![recorded(n)]).await?;
        journal.record(vec![accepted(n)]).await?;
    }
    report("steady, one at a time", store, begun, 1_000).await
}

/// A shift change: 1,000 changes in one picture, sent a hundred at a time.
async fn burst(location: &Location, link: &str) -> Result<(), Failure> {
    let store = open(location, link).await?;
    let journal = store.journal();
    let begun = Instant::now();
    for n in 0..10_000_u32 / 1_000 {
        journal.record((n * 1_000..(n + 1) * 1_000).map(recorded).collect()).await?;
        for request in n * 10..(n + 1) * 10 {
            journal.record((request * 100..(request + 1) * 100).map(accepted).collect()).await?;
        }
    }
    report("burst, 1,000 at once", store, begun, 10_000).await
}

/// Hundreds of agents at once, each in its own time: whoever waits for the disk shares the next sync.
async fn parallel(location: &Location, link: &str) -> Result<(), Failure> {
    let store = open(location, link).await?;
    let begun = Instant::now();
    let tasks: Vec<_> = (0..200_u32).map(|task| tokio::spawn(agent(store.journal(), task))).collect();
    for task in tasks {
        task.await??;
    }
    report("200 tasks at once", store, begun, 10_000).await
}

async fn agent(journal: Arc<dyn Journal>, task: u32) -> Result<(), Failure> {
    for n in 0..50 {
        journal.record(vec![recorded(n * 200 + task)]).await?;
        journal.record(vec![accepted(n * 200 + task)]).await?;
    }
    Ok(())
}

async fn size(location: &Location, link: &str) -> Result<(), Failure> {
    let Location::Sqlite(path) = location else { return Ok(()) };
    let path = path.with_file_name("size.db");
    let store = open(&Location::Sqlite(path.clone()), link).await?;
    let before = std::fs::metadata(&path)?.len();
    for n in 0..100_u32 {
        let some = (n * 500..(n + 1) * 500).flat_map(|n| [recorded(n), accepted(n)]).collect();
        store.journal().record(some).await?;
    }
    store.close().await?;
    let bytes = std::fs::metadata(&path)?.len() - before;
    println!(
        "  {:>5} bytes a change (50,000 changes of {AGENTS} agents, delivered at the first attempt)",
        bytes / 50_000
    );
    Ok(())
}

async fn report(what: &str, store: Store, begun: Instant, changes: u32) -> Result<(), Failure> {
    let closed = store.close().await?;
    let seconds = begun.elapsed().as_secs_f64();
    let syncs = closed.commits as f64 * 1_000.0 / f64::from(changes);
    let rate = closed.entries as f64 / seconds;
    println!("  {what:<22} {syncs:>7.1} syncs for 1,000 changes, {rate:>8.0} entries a second");
    Ok(())
}

async fn open(location: &Location, link: &str) -> Result<Store, Failure> {
    let retention = Retention { age: Duration::from_secs(86_400 * 365), size: u64::MAX };
    let options = Options { location: location.clone(), link: link.to_owned(), retention };
    let now = Now { instant: domain::time::Instant::START, utc: at(0, 0) };
    Ok(Store::open(options, now).await?)
}

fn at(n: u32, milliseconds: i64) -> Timestamp {
    let time = Timestamp::from_millisecond(1_790_000_000_000 + i64::from(n) * 37 + milliseconds);
    time.expect("a time of these years") + Duration::from_nanos(123_456)
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
    let presence = |n: u32| Value::Presence(Presence::of(SystemPresence::ALL[(n / AGENTS % 10) as usize]));
    let routing = |n: u32| Value::Routing(RoutingStatus::ALL[(n / AGENTS % 5) as usize]);
    let (from, to) =
        if n.is_multiple_of(2) { (presence(n), presence(n + AGENTS)) } else { (routing(n), routing(n + AGENTS)) };
    let status = std::env::args().nth(1).is_none().then(|| StatusId::new("Available, No ACD"));
    let why = "rule 3: group BREAK is Break".to_owned();
    let change = Change { id: id(n), from: Some(from), to, happened: at(n, -800), seen: at(n, -100), why, status };
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
