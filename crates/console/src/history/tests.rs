//! Days out of timelines: what the bands, the differences and the words say of an agent.

use domain::change::{Change, Value};
use domain::ids::{AgentId, ChangeId, StatusId};
use domain::source::{Catalogue, StatusMessage};
use domain::target::{Presence, RoutingStatus, SystemPresence};
use jiff::Timestamp;
use replicator::ports::{Attempt, Failure};
use store::{ChangeRow, Disposition, Interval, Timeline};
use uuid::Uuid;

use super::Period;
use super::day::{Surroundings, day};
use crate::shown::{self, Band};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).unwrap()
}

fn second(time: Timestamp) -> i64 {
    time.as_second() - 1_790_000_000
}

fn presence(presence: SystemPresence) -> Value {
    Value::Presence(Presence::of(presence))
}

const IDLE: Value = Value::Routing(RoutingStatus::Idle);
const INTERACTING: Value = Value::Routing(RoutingStatus::Interacting);

/// A change that happened at this second, after another value.
fn row(id: u128, from: Option<Value>, to: Value, happened: i64) -> ChangeRow {
    let change = Change {
        id: ChangeId(Uuid::from_u128(id)),
        from,
        to,
        happened: at(happened),
        seen: at(happened + 1),
        why: format!("rule {id}"),
        status: Some(StatusId::new("Lunch")),
    };
    ChangeRow {
        number: u64::try_from(id).unwrap(),
        epoch: 1,
        recorded: at(happened + 1),
        agent: AgentId::new("jane"),
        change,
        attempts: Vec::new(),
        resumed: 0,
        disposition: Disposition::Pending,
    }
}

fn delivered(row: ChangeRow, accepted: i64) -> ChangeRow {
    let number = u32::try_from(row.attempts.len()).unwrap() + 1;
    let attempt = Attempt {
        number,
        request: 7,
        sent: at(accepted - 1),
        answered: at(accepted),
        outcome: Ok(()),
        correlation: Some("correlation-7".to_owned()),
    };
    let attempts = row.attempts.into_iter().chain([attempt]).collect();
    ChangeRow { attempts, disposition: Disposition::Delivered { at: at(accepted) }, ..row }
}

fn failed(mut row: ChangeRow, answered: i64, failure: Failure) -> ChangeRow {
    let number = u32::try_from(row.attempts.len()).unwrap() + 1;
    let (sent, answered) = (at(answered - 1), at(answered));
    row.attempts.push(Attempt { number, request: 6, sent, answered, outcome: Err(failure), correlation: None });
    row
}

fn dropped(row: ChangeRow, dropped: i64, reason: &str) -> ChangeRow {
    ChangeRow { disposition: Disposition::Dropped { at: at(dropped), reason: reason.to_owned() }, ..row }
}

fn status(name: &str, presence: SystemPresence, from: i64, until: Option<i64>) -> Interval {
    Interval {
        agent: AgentId::new("jane"),
        status: Some(StatusId::new(name)),
        presence: Some(Presence::of(presence)),
        rule: Some("a rule".to_owned()),
        from: at(from),
        until: until.map(at),
    }
}

/// On queue at 0, at lunch from 100; lunch is accepted late, at 130.
fn a_late_lunch() -> Timeline {
    let throttled = Failure::Throttled { retry_after: None };
    let lunch = row(2, Some(presence(SystemPresence::OnQueue)), presence(SystemPresence::Meal), 100);
    Timeline {
        agent: Some(AgentId::new("jane")),
        told: vec![(presence(SystemPresence::Meal), at(100))],
        before: vec![delivered(row(1, None, presence(SystemPresence::OnQueue), 0), 2)],
        changes: vec![delivered(failed(lunch, 110, throttled), 130)],
        statuses: vec![
            status("Available", SystemPresence::OnQueue, 0, Some(100)),
            status("Lunch", SystemPresence::Meal, 100, None),
        ],
    }
}

fn shown(timeline: &Timeline, direct: bool, now: i64) -> shown::Day {
    let message = StatusMessage {
        id: StatusId::new("Lunch"),
        text: "At Lunch".to_owned(),
        group: "BREAK".to_owned(),
        allows_acd: false,
        after_call_work: false,
        do_not_disturb: false,
    };
    let catalogue: Catalogue = [message].into_iter().collect();
    let around = Surroundings { link: "main", catalogue: &catalogue, at: at(now), direct, routing: true };
    day(&around, timeline, Period { from: at(50), until: at(1_000) })
}

fn words(bands: &[Band]) -> Vec<String> {
    let one = |band: &Band| {
        let value = band.value.as_deref().unwrap_or("?");
        format!("{value} {}..{}", second(band.from), second(band.until))
    };
    bands.iter().map(one).collect()
}

fn differences(day: &shown::Day) -> Vec<String> {
    let one = |difference: &shown::Difference| {
        let told = difference.told.as_deref().unwrap_or("?");
        let (from, until) = (second(difference.from), second(difference.until));
        format!("{told} for {} {from}..{until}: {}", difference.wanted, difference.why)
    };
    day.differences.iter().map(one).collect()
}

#[test]
fn by_events_what_was_told_late_counts_from_when_it_happened() {
    let day = shown(&a_late_lunch(), false, 300);
    assert_eq!(words(&day.wanted.presence), ["On Queue 50..100", "Meal 100..300"]);
    assert_eq!(words(&day.told.presence), ["On Queue 50..100", "Meal 100..300"]);
    let lunch = &day.told.presence[1];
    assert_eq!((lunch.accepted, lunch.since), (Some(at(130)), Some(at(100))));
    // While it was so, Genesys Cloud showed something else.
    assert_eq!(differences(&day), ["On Queue for Meal 100..130: an attempt failed, the last one with: throttled"]);
    assert!(!day.differences[0].lasts);
}

#[test]
fn directly_it_counts_from_when_it_was_accepted_and_makes_the_routing_status() {
    let day = shown(&a_late_lunch(), true, 300);
    assert_eq!(words(&day.told.presence), ["On Queue 50..130", "Meal 130..300"]);
    assert_eq!(words(&day.told.routing), ["IDLE 50..130", "OFF_QUEUE 130..300"]);
    assert_eq!(words(&day.wanted.routing), ["IDLE 50..100", "OFF_QUEUE 100..300"]);
}

#[test]
fn what_only_direct_delivery_cannot_tell_says_how_it_was_delivered() {
    let call = row(3, Some(IDLE), INTERACTING, 60);
    let call = dropped(call, 61, "not supported by direct delivery: INTERACTING");
    let mut timeline = a_late_lunch();
    timeline.changes.insert(0, call);
    let day = shown(&timeline, false, 300);
    assert!(day.direct);
    assert_eq!(words(&day.wanted.routing), ["IDLE 50..60", "INTERACTING 60..100", "OFF_QUEUE 100..300"]);
    // It is not known when it was over, so it is no difference.
    assert_eq!(differences(&day).len(), 1);
    assert_eq!(day.changes[0].disposition, shown::Disposition::Dropped);
}

#[test]
fn a_wanted_presence_has_its_status_its_text_its_rule_and_its_change() {
    let day = shown(&a_late_lunch(), false, 300);
    let lunch = &day.wanted.presence[1];
    assert_eq!((lunch.status.as_deref(), lunch.text.as_deref()), (Some("Lunch"), Some("At Lunch")));
    assert_eq!(lunch.rule.as_deref(), Some("a rule"));
    assert_eq!(lunch.change.as_deref(), Some(&*day.changes[0].id));
    assert_eq!(day.wanted.presence[0].text, None);
}

#[test]
fn a_change_is_shown_with_all_that_became_of_it() {
    let change = &shown(&a_late_lunch(), false, 300).changes[0];
    assert_eq!((change.accepted, change.delay), (Some(at(130)), Some(30_000)));
    assert_eq!((change.sent, change.correlation.as_deref()), (Some(at(129)), Some("correlation-7")));
    assert_eq!((change.from.as_deref(), change.to.as_str()), (Some("On Queue"), "Meal"));
    let outcomes: Vec<&str> = change.attempts.iter().map(|attempt| attempt.outcome.as_str()).collect();
    assert_eq!(outcomes, ["throttled", "accepted"]);
    assert_eq!(change.attempts[0].reason.as_deref(), Some("too many requests"));
}

#[test]
fn what_is_still_on_its_way_differs_until_now() {
    let mut timeline = a_late_lunch();
    timeline.changes.push(row(4, Some(presence(SystemPresence::Meal)), presence(SystemPresence::OnQueue), 200));
    timeline.statuses[1].until = Some(at(200));
    timeline.statuses.push(status("Available", SystemPresence::OnQueue, 200, None));
    let day = shown(&timeline, false, 250);
    assert_eq!(differences(&day)[1], "Meal for On Queue 200..250: it waits to be told");
    assert!(day.differences[1].lasts);
    assert_eq!(words(&day.told.presence), ["On Queue 50..100", "Meal 100..250"]);
    assert_eq!(day.changes[1].disposition, shown::Disposition::Pending);
}

#[test]
fn what_somebody_else_wrote_is_a_difference_until_it_is_mended() {
    let mut timeline = a_late_lunch();
    let mut repair = row(5, Some(presence(SystemPresence::Available)), presence(SystemPresence::Meal), 200);
    repair.change.why = "repair: somebody else wrote, it showed Available".to_owned();
    timeline.changes.push(delivered(repair, 220));
    let day = shown(&timeline, false, 300);
    let expected = "Available for Meal 200..220: repair: somebody else wrote, it showed Available";
    assert_eq!(differences(&day)[1], expected);
    // It is lunch all the time.
    assert_eq!(words(&day.wanted.presence), ["On Queue 50..100", "Meal 100..300"]);
}

#[test]
fn what_was_found_there_already_counts_as_told() {
    let mut timeline = a_late_lunch();
    let back = row(6, Some(presence(SystemPresence::Meal)), presence(SystemPresence::OnQueue), 200);
    timeline.changes.push(dropped(back, 210, "Genesys Cloud shows it already"));
    let day = shown(&timeline, false, 300);
    assert_eq!(words(&day.told.presence), ["On Queue 50..100", "Meal 100..200", "On Queue 200..300"]);
    assert_eq!(day.told.presence[2].accepted, None);
}

#[test]
fn what_retention_has_removed_is_known_from_what_was_told_last() {
    let timeline = Timeline {
        agent: Some(AgentId::new("jane")),
        told: vec![(presence(SystemPresence::Meal), at(10)), (IDLE, at(2_000))],
        ..Timeline::default()
    };
    let day = shown(&timeline, false, 300);
    assert_eq!(words(&day.told.presence), ["Meal 50..300"]);
    assert_eq!(day.told.presence[0].since, Some(at(10)));
    // Told after the period: what it was before is not known.
    assert_eq!(day.told.routing, []);
}

#[test]
fn a_day_that_has_not_come_is_empty() {
    let mut timeline = a_late_lunch();
    timeline.changes.clear();
    let day = shown(&timeline, false, 20);
    assert_eq!((day.wanted.presence.len(), day.told.presence.len(), day.differences.len()), (0, 0, 0));
}

#[test]
fn in_status_only_no_routing_status_is_made_up() {
    let catalogue = Catalogue::default();
    let around = Surroundings { link: "main", catalogue: &catalogue, at: at(300), direct: true, routing: false };
    let day = day(&around, &a_late_lunch(), Period { from: at(50), until: at(1_000) });
    assert_eq!((day.told.routing, day.wanted.routing), (Vec::new(), Vec::new()));
}
