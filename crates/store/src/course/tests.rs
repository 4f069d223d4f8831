//! Stories of one agent: how long Genesys Cloud showed something else than PureConnect.

use domain::target::{Presence, RoutingStatus};
use uuid::Uuid;

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_000_000 + second).unwrap()
}

fn presence(system: SystemPresence) -> Value {
    Value::Presence(Presence::of(system))
}

fn queue() -> Value {
    presence(SystemPresence::OnQueue)
}

fn meal() -> Value {
    presence(SystemPresence::Meal)
}

fn busy() -> Value {
    presence(SystemPresence::Busy)
}

fn delivered(second: i64) -> Disposition {
    Disposition::Delivered { at: at(second) }
}

fn dropped(second: i64, reason: &str) -> Disposition {
    Disposition::Dropped { at: at(second), reason: reason.to_owned() }
}

/// Changes that happened at these seconds, each from the value before.
fn course(from: Option<Value>, steps: &[(i64, Value, Disposition)]) -> Course {
    let mut before = from;
    let changes = steps.iter().map(|(second, to, disposition)| {
        let id = ChangeId(Uuid::from_u128(second.unsigned_abs().into()));
        let (happened, from) = (at(*second), before.replace(*to));
        let change = Change { id, from, to: *to, happened, seen: happened, why: "rule 1".to_owned(), status: None };
        (change, disposition.clone())
    });
    Course { agent: AgentId::new("jane"), told: Vec::new(), changes: changes.collect() }
}

/// From which second until which the two differed, of the seconds from 0 to 100.
fn wrong(course: &Course) -> Vec<(i64, i64)> {
    let second = |time: Timestamp| time.as_second() - 1_000_000;
    let differences = course.differences(at(0), at(100));
    differences.iter().map(|difference| (second(difference.from), second(difference.until))).collect()
}

#[test]
fn it_is_wrong_from_when_it_happened_until_it_was_accepted() {
    let day = course(Some(queue()), &[(10, meal(), delivered(13)), (40, queue(), delivered(41))]);
    assert_eq!(wrong(&day), [(10, 13), (40, 41)]);
    let first = &day.differences(at(0), at(100))[0];
    assert_eq!((first.wanted, first.shown, first.change), (meal(), Some(queue()), day.changes[0].0.id));
}

#[test]
fn what_has_no_end_lasts_until_the_end_of_the_period() {
    assert_eq!(wrong(&course(Some(queue()), &[(90, meal(), Disposition::Pending)])), [(90, 100)]);
    assert_eq!(wrong(&course(Some(queue()), &[(90, meal(), delivered(130))])), [(90, 100)]);
    assert_eq!(wrong(&course(Some(queue()), &[(130, meal(), delivered(131))])), []);
}

#[test]
fn what_began_before_the_period_counts_from_its_beginning() {
    assert_eq!(wrong(&course(None, &[(-50, meal(), delivered(5))])), [(0, 5)]);
    assert_eq!(wrong(&course(None, &[(-50, meal(), delivered(-49)), (20, queue(), delivered(21))])), [(20, 21)]);
}

#[test]
fn before_the_first_answer_nobody_knows_what_is_shown() {
    let day = course(None, &[(10, meal(), delivered(12))]);
    assert_eq!(wrong(&day), [(10, 12)]);
    assert_eq!(day.differences(at(0), at(100))[0].shown, None);
}

#[test]
fn a_value_that_was_never_told_is_wrong_until_a_newer_one_is() {
    let superseded = dropped(30, "a newer value took its place");
    let day = [(10, meal(), superseded.clone()), (20, busy(), delivered(35))];
    assert_eq!(wrong(&course(Some(queue()), &day)), [(10, 20), (20, 35)]);
    // There and back while nothing could be told: only the time between was wrong.
    let back = [(10, meal(), superseded.clone()), (20, queue(), superseded)];
    assert_eq!(wrong(&course(Some(queue()), &back)), [(10, 20)]);
}

#[test]
fn what_the_platform_refused_for_good_stays_wrong_until_the_next_change() {
    let day = [(10, meal(), dropped(12, "refused: no such presence")), (50, queue(), delivered(51))];
    assert_eq!(wrong(&course(Some(queue()), &day)), [(10, 50)], "it shows what it always did when the agent is back");
}

#[test]
fn whoever_leaves_the_scope_is_not_wrong_any_more() {
    let day = [(10, meal(), dropped(30, "the agent left the scope"))];
    assert_eq!(wrong(&course(Some(queue()), &day)), [(10, 30)]);
}

#[test]
fn what_was_there_already_was_wrong_only_as_far_as_is_known() {
    let day = [(-5, meal(), dropped(2, "Genesys Cloud shows it already"))];
    assert_eq!(wrong(&course(None, &day)), [(0, 2)]);
}

#[test]
fn what_direct_delivery_cannot_tell_is_not_counted() {
    let talking = Value::Routing(RoutingStatus::Interacting);
    let day = [(10, talking, dropped(10, "not supported by direct delivery: INTERACTING"))];
    assert_eq!(wrong(&course(Some(Value::Routing(RoutingStatus::Idle)), &day)), []);
}

#[test]
fn what_somebody_else_wrote_is_wrong_until_it_is_repaired() {
    let mut day = course(Some(queue()), &[(10, meal(), delivered(11)), (60, meal(), delivered(64))]);
    let repair = &mut day.changes[1].0;
    repair.from = Some(busy());
    repair.why = "repair: somebody else changed it, it showed Busy".to_owned();
    assert_eq!(wrong(&day), [(10, 11), (60, 64)]);
    assert_eq!(day.differences(at(0), at(100))[1].shown, Some(busy()));
}

#[test]
fn what_is_told_late_of_before_changes_nothing() {
    let day = [(10, meal(), delivered(40)), (20, queue(), delivered(25))];
    assert_eq!(wrong(&course(Some(busy()), &day)), [(10, 20), (20, 25)]);
}

#[test]
fn clocks_that_differ_make_no_difference() {
    assert_eq!(wrong(&course(Some(queue()), &[(10, meal(), delivered(9))])), []);
}

#[test]
fn at_work_is_whoever_is_not_offline_on_either_side() {
    let offline = presence(SystemPresence::Offline);
    let day = course(Some(offline), &[(10, queue(), delivered(12)), (80, offline, delivered(85))]);
    assert_eq!(day.at_work(at(0), at(100)).first(), Some(&(at(10), at(12))));
    let seconds: i64 =
        day.at_work(at(0), at(100)).iter().map(|(from, until)| until.as_second() - from.as_second()).sum();
    assert_eq!(seconds, 75);
    let quiet = Course { told: vec![(queue(), at(-500))], changes: Vec::new(), ..day };
    assert_eq!(quiet.at_work(at(0), at(100)), [(at(0), at(100))]);
    let not_yet = Course { told: vec![(queue(), at(500))], ..quiet };
    assert_eq!(not_yet.at_work(at(0), at(100)), []);
}
