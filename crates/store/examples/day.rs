//! A day of a contact centre as a journal, and what it costs to ask it.
//!
//! `cargo run --release --package store --example day -- day.journal 1000` writes the journal of 1,000 agents, if it is
//! not there yet, and then reads it as `presence-bridge report` does.
#![expect(clippy::print_stdout, reason = "a measurement talks to its terminal")]

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use domain::change::{Change, Value};
use domain::ids::{AgentId, ChangeId, StatusId};
use domain::target::{Presence, RoutingStatus, SystemPresence};
use domain::time::Now;
use jiff::{SignedDuration, Timestamp};
use replicator::ports::{Attempt, Entry, Fact, Stage};
use store::{Location, Options, Period, Reader, Retention, Store};
use uuid::Uuid;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Changes of each agent on a day, of presence and routing status together: a busy one.
const CHANGES: u32 = 240;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let path: PathBuf = arguments.next().ok_or("where? name a file")?.into();
    let agents: u32 = arguments.next().map_or(Ok(1_000), |number| number.parse())?;
    let location = Location::Sqlite(path.clone());
    if !path.exists() {
        let begun = Instant::now();
        write(&location, agents).await?;
        println!("written in {:.1} s", begun.elapsed().as_secs_f64());
    }
    let mut reader = Reader::open(&location, "default").await?;
    let (from, until) = (midnight(), midnight().checked_add(SignedDuration::from_hours(24))?);
    let period = Period { from: Some(from), until: Some(until) };

    let begun = Instant::now();
    let (summary, _) = reader.summaries(period, &[period]).await?;
    println!("summary of {} changes in {:.2} s", summary.recorded, begun.elapsed().as_secs_f64());

    let begun = Instant::now();
    let (mut courses, mut wrong) = (0_u32, SignedDuration::ZERO);
    reader
        .courses(period, |course| {
            courses += 1;
            let differences = course.differences(from, until);
            wrong += differences.iter().map(|one| one.until.duration_since(one.from)).sum();
            ControlFlow::Continue(())
        })
        .await?;
    let seconds = begun.elapsed().as_secs_f64();
    println!("courses of {courses} agents in {seconds:.2} s: {} wrong agent-seconds", wrong.as_secs());
    reader.close().await;
    Ok(())
}

fn midnight() -> Timestamp {
    Timestamp::from_second(1_790_035_200).expect("a midnight of these years")
}

async fn write(location: &Location, agents: u32) -> Result<(), Failure> {
    let retention = Retention { age: Duration::from_secs(86_400 * 365), size: u64::MAX };
    let options = Options { location: location.clone(), link: "default".to_owned(), retention };
    let now = Now { instant: domain::time::Instant::START, utc: midnight() };
    let store = Store::open(options, now).await?;
    let journal = store.journal();
    for step in 0..CHANGES {
        for group in 0..agents.div_ceil(100) {
            let some = || (group * 100..agents.min((group + 1) * 100)).map(|agent| (agent, step, agents));
            journal.record(some().map(recorded).collect()).await?;
            journal.record(some().map(accepted).collect()).await?;
        }
    }
    store.close().await?;
    Ok(())
}

/// Each agent's changes are spread over ten hours.
fn at(agent: u32, step: u32, milliseconds: i64) -> Timestamp {
    let begin = midnight().as_millisecond() + 7 * 3_600_000;
    let time = begin + i64::from(step) * 150_000 + i64::from(agent % 1_000) * 140 + milliseconds;
    Timestamp::from_millisecond(time).expect("a time of these years")
}

fn id(agent: u32, step: u32) -> ChangeId {
    // Spread as random ids are, which is what the index sees.
    let number = u128::from(step) << 32 | u128::from(agent);
    ChangeId(Uuid::from_u128((number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)))
}

fn fact((agent, step, _): (u32, u32, u32), milliseconds: i64, stage: Stage) -> Entry {
    let name = AgentId::new(&format!("jane.doe.{agent}"));
    Entry { at: at(agent, step, milliseconds), fact: Fact::Change { agent: name, change: id(agent, step), stage } }
}

fn recorded(of: (u32, u32, u32)) -> Entry {
    let (agent, step, _) = of;
    let value = |step: u32| match step % 2 {
        0 => Value::Presence(Presence::of(SystemPresence::ALL[(step / 2 % 10) as usize])),
        _ => Value::Routing(RoutingStatus::ALL[(step / 2 % 5) as usize]),
    };
    let change = Change {
        id: id(agent, step),
        from: step.checked_sub(2).map(value),
        to: value(step),
        happened: at(agent, step, -800),
        seen: at(agent, step, -100),
        why: "rule 3: group BREAK is Break".to_owned(),
        status: Some(StatusId::new("Available, No ACD")),
    };
    fact(of, 0, Stage::Recorded(change))
}

fn accepted(of: (u32, u32, u32)) -> Entry {
    let (agent, step, agents) = of;
    let attempt = Attempt {
        number: 1,
        request: u64::from(step * agents.div_ceil(100) + agent / 100) + 1,
        sent: at(agent, step, 20),
        answered: at(agent, step, 180),
        outcome: Ok(()),
        correlation: Some(id(agent, step).to_string()),
    };
    fact(of, 181, Stage::Attempted(attempt))
}
