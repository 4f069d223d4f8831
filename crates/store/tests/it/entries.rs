//! Entries as the engine writes them, in few words.

use domain::change::{Change, Value};
use domain::ids::{AgentId, ChangeId, CloudUserId, GapId, StatusId};
use domain::target::{Presence, RoutingStatus, SystemPresence};
use domain::trust::{Gap, GapKind};
use jiff::Timestamp;
use replicator::ports::{Attempt, Entry, Fact, Failure, Stage};
use uuid::Uuid;

/// A time on a certain morning.
pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).unwrap()
}

pub fn on_queue() -> Value {
    Value::Presence(Presence::of(SystemPresence::OnQueue))
}

pub fn meal() -> Value {
    Value::Presence(Presence::of(SystemPresence::Meal))
}

pub fn idle() -> Value {
    Value::Routing(RoutingStatus::Idle)
}

pub fn change_id(id: u128) -> ChangeId {
    ChangeId(Uuid::from_u128(id))
}

pub fn gap_id(id: u128) -> GapId {
    GapId(Uuid::from_u128(id))
}

/// A change that happened at this second, and was seen a moment later.
pub fn change(id: u128, second: i64, to: Value) -> Change {
    let seen = Timestamp::from_nanosecond(at(second).as_nanosecond() + 123_456_789).unwrap();
    let (id, happened, why) = (change_id(id), at(second), "rule 1".to_owned());
    Change { id, from: None, to, happened, seen, why, status: None }
}

/// The same, of an agent in a status message.
pub fn in_status(status: &str, change: Change) -> Change {
    Change { status: Some(StatusId::new(status)), ..change }
}

/// A status that made no difference to the presence, entered at this second.
pub fn entered(agent: &str, status: &str, second: i64) -> Entry {
    let (agent, status, happened) = (AgentId::new(agent), StatusId::new(status), at(second));
    let seen = Timestamp::from_nanosecond(happened.as_nanosecond() + 123_456_789).unwrap();
    Entry { at: seen, fact: Fact::Entered { agent, status, happened, seen } }
}

/// Not a number that a change has, too.
pub fn user(id: u128) -> CloudUserId {
    CloudUserId(Uuid::from_u128(0xaaaa_aaaa_0000_0000_0000_0000_0000_0000 | id))
}

pub fn claimed(agent: &str, id: u128, second: i64) -> Entry {
    Entry { at: at(second), fact: Fact::Claimed { agent: AgentId::new(agent), user: user(id) } }
}

pub fn released(agent: &str, id: u128, second: i64) -> Entry {
    Entry { at: at(second), fact: Fact::Released { agent: AgentId::new(agent), user: user(id) } }
}

pub fn renewed(agent: &str, second: i64) -> Entry {
    Entry { at: at(second), fact: Fact::Renewed { agent: AgentId::new(agent) } }
}

pub fn entry(agent: &str, id: u128, second: i64, stage: Stage) -> Entry {
    Entry { at: at(second), fact: Fact::Change { agent: AgentId::new(agent), change: change_id(id), stage } }
}

pub fn recorded(agent: &str, change: &Change) -> Entry {
    Entry {
        at: change.seen,
        fact: Fact::Change { agent: AgentId::new(agent), change: change.id, stage: Stage::Recorded(change.clone()) },
    }
}

/// An attempt that took a second. Its request is a number of the test's choice.
pub fn attempt(number: u32, request: u64, second: i64, outcome: Result<(), Failure>) -> Stage {
    let correlation = Some(format!("correlation-{request}"));
    Stage::Attempted(Attempt { number, request, sent: at(second), answered: at(second + 1), outcome, correlation })
}

pub fn accepted(agent: &str, id: u128, number: u32, request: u64, second: i64) -> Entry {
    entry(agent, id, second + 1, attempt(number, request, second, Ok(())))
}

pub fn failed(agent: &str, id: u128, number: u32, request: u64, second: i64) -> Entry {
    let failure = Failure::Unavailable { reason: "503".to_owned(), maybe_applied: true };
    entry(agent, id, second + 1, attempt(number, request, second, Err(failure)))
}

pub fn dropped(agent: &str, id: u128, second: i64) -> Entry {
    entry(agent, id, second, Stage::Dropped { reason: "superseded: a newer value".to_owned() })
}

pub fn resumed(agent: &str, id: u128, second: i64) -> Entry {
    entry(agent, id, second, Stage::Resumed)
}

pub fn gap(id: u128, kind: GapKind, second: i64) -> Gap {
    Gap { id: gap_id(id), kind, reason: "the line was cut".to_owned(), since: at(second), until: None }
}

pub fn gap_began(gap: &Gap) -> Entry {
    Entry { at: gap.since, fact: Fact::GapBegan(gap.clone()) }
}

pub fn gap_ended(id: u128, second: i64) -> Entry {
    Entry { at: at(second), fact: Fact::GapEnded { gap: gap_id(id), until: at(second) } }
}

pub fn alive(second: i64) -> Entry {
    Entry { at: at(second), fact: Fact::Alive }
}

/// A change that is delivered at the first attempt: two entries.
pub fn delivered(agent: &str, id: u128, second: i64, to: Value) -> [Entry; 2] {
    let change = change(id, second, to);
    [recorded(agent, &change), accepted(agent, id, 1, u64::try_from(id).unwrap(), second + 1)]
}

/// So many delivered changes of some agents, one a second.
pub fn busy_morning(changes: u128) -> Vec<Entry> {
    (0..changes)
        .flat_map(|n| {
            let value = if n / 7 % 2 == 0 { on_queue() } else { meal() };
            delivered(&format!("agent{}", n % 7), n + 1, i64::try_from(n).unwrap() * 2, value)
        })
        .collect()
}
