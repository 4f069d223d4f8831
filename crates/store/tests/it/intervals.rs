//! Who was in which status from when until when, and which presence was wanted for it.

use std::ops::ControlFlow;
use std::time::Duration;

use domain::change::Value;
use domain::ids::{AgentId, StatusId};
use domain::target::{Presence, SystemPresence};
use jiff::Timestamp;
use store::{Interval, Period, ReadFailure, Reader, Retention};

use crate::entries::*;
use crate::place::{FOR_EVER, Place, on_both};
use crate::presences::{a_day, period};

on_both! {
    a_period_is_told_as_intervals_from_its_beginning_on,
    each_agent_is_in_the_status_that_was_entered_last_until_then,
    whoever_has_seen_enough_intervals_is_told_no_more,
    a_status_that_made_no_difference_is_an_interval_of_its_own,
    what_happened_at_once_is_told_in_the_order_in_which_it_was_written,
    what_is_said_again_is_no_new_interval,
    a_status_before_any_change_has_the_value_from_which_the_change_went,
    what_retention_has_removed_is_found_in_what_is_left,
    statuses_are_for_people_to_read,
    a_presence_that_makes_no_sense_is_named,
}

const BRIEFLY: Retention = Retention { age: Duration::from_secs(10), ..FOR_EVER };

async fn intervals(place: &Place, period: Period) -> Vec<Interval> {
    let mut reader = Reader::open(&place.location, "main").await.unwrap();
    let mut all = Vec::new();
    let each = |interval| {
        all.push(interval);
        ControlFlow::Continue(())
    };
    reader.intervals(period, each).await.unwrap();
    reader.close().await;
    all
}

async fn intervals_at(place: &Place, time: Timestamp) -> Vec<String> {
    let mut reader = Reader::open(&place.location, "main").await.unwrap();
    let all = reader.presences_at(time).await.unwrap();
    reader.close().await;
    shown(&all)
}

/// In few words: who, in which status, to have which presence, by which rule, from which second until which.
fn shown(all: &[Interval]) -> Vec<String> {
    let second = |time: Timestamp| time.as_second() - at(0).as_second();
    let one = |interval: &Interval| {
        let status = interval.status.as_ref().map_or("?", StatusId::as_str);
        let presence = interval.presence.map_or("?".to_owned(), |presence| presence.to_string());
        let rule = interval.rule.as_deref().unwrap_or("-");
        let until = interval.until.map_or(String::new(), |until| second(until).to_string());
        format!("{}: {status}, {presence}, {rule}, {}..{until}", interval.agent, second(interval.from))
    };
    all.iter().map(one).collect()
}

/// Jane comes, has lunch and goes home, with statuses on the way that mean the presence that she has already.
async fn with_statuses(place: &Place) {
    place
        .record(vec![
            recorded("jane", &in_status("Available", change(1, 0, on_queue()))),
            accepted("jane", 1, 1, 1, 1),
            entered("Jane", "Available, Outbound", 50),
            recorded("jane", &in_status("Lunch", change(2, 100, meal()))),
            accepted("jane", 2, 1, 2, 101),
            entered("joe", "Training", 105),
            recorded("jane", &in_status("Lunch", change(3, 110, idle()))),
            entered("jane", "Dinner", 120),
            entered("jane", "Lunch", 140),
            recorded("jane", &in_status("Available", change(4, 200, on_queue()))),
            accepted("jane", 4, 1, 3, 201),
        ])
        .await;
}

async fn a_period_is_told_as_intervals_from_its_beginning_on(place: Place) {
    a_day(&place).await;
    let lunch = Interval {
        agent: AgentId::new("jane"),
        status: Some(StatusId::new("Lunch")),
        presence: Some(Presence::of(SystemPresence::Meal)),
        rule: Some("rule 1".to_owned()),
        from: at(100),
        until: Some(at(200)),
    };
    let all = intervals(&place, Period::default()).await;
    assert_eq!(all[1], lunch);
    let first = "jane: Available, On Queue, rule 1, 0..100";
    let (at_lunch, back) = ("jane: Lunch, Meal, rule 1, 100..200", "jane: Available, On Queue, rule 1, 200..");
    let joe = "joe: Gone Home, Meal, rule 1, 10..";
    // The repair of lunch is lunch.
    assert_eq!(shown(&all), [first, at_lunch, back, joe]);
    // What held at the beginning reaches into it; what comes after its end is not known of.
    let still = "jane: Lunch, Meal, rule 1, 100..";
    assert_eq!(shown(&intervals(&place, period(120, 140)).await), [still, joe]);
    assert_eq!(shown(&intervals(&place, period(50, 150)).await), [first, still, joe]);
    assert_eq!(shown(&intervals(&place, period(100, 201)).await), [at_lunch, back, joe]);
    assert_eq!(shown(&intervals(&place, period(-20, 5)).await), ["jane: Available, On Queue, rule 1, 0.."]);
}

async fn each_agent_is_in_the_status_that_was_entered_last_until_then(place: Place) {
    with_statuses(&place).await;
    assert_eq!(intervals_at(&place, at(-1)).await, [""; 0]);
    assert_eq!(intervals_at(&place, at(0)).await, ["jane: Available, On Queue, rule 1, 0.."]);
    let outbound = "jane: Available, Outbound, On Queue, -, 50..";
    for second in [50, 99] {
        assert_eq!(intervals_at(&place, at(second)).await, [outbound]);
    }
    let joe = "joe: Training, ?, -, 105..";
    assert_eq!(intervals_at(&place, at(130)).await, ["jane: Dinner, Meal, -, 120..", joe]);
    assert_eq!(intervals_at(&place, at(140)).await, ["jane: Lunch, Meal, -, 140..", joe]);
    assert_eq!(intervals_at(&place, Timestamp::MAX).await, ["jane: Available, On Queue, rule 1, 200..", joe]);
}

async fn whoever_has_seen_enough_intervals_is_told_no_more(place: Place) {
    a_day(&place).await;
    let mut reader = Reader::open(&place.location, "main").await.unwrap();
    let mut told = 0;
    let enough = |_| {
        told += 1;
        ControlFlow::Break(())
    };
    reader.intervals(Period::default(), enough).await.unwrap();
    // The reader is still good for more.
    assert_eq!(reader.presences_at(at(0)).await.unwrap().len(), 1);
    reader.close().await;
    assert_eq!(told, 1);
}

async fn a_status_that_made_no_difference_is_an_interval_of_its_own(place: Place) {
    with_statuses(&place).await;
    let expected = [
        "jane: Available, On Queue, rule 1, 0..50",
        "jane: Available, Outbound, On Queue, -, 50..100",
        "jane: Lunch, Meal, rule 1, 100..120",
        "jane: Dinner, Meal, -, 120..140",
        "jane: Lunch, Meal, -, 140..200",
        "jane: Available, On Queue, rule 1, 200..",
        // Nothing was ever decided for him.
        "joe: Training, ?, -, 105..",
    ];
    assert_eq!(shown(&intervals(&place, Period::default()).await), expected);
    // Inside a status that was entered between two changes; and past several of them.
    let jane = |all: Vec<String>| all.into_iter().filter(|one| one.starts_with("jane")).collect::<Vec<_>>();
    let of = async |from, until| jane(shown(&intervals(&place, period(from, until)).await));
    assert_eq!(of(60, 90).await, ["jane: Available, Outbound, On Queue, -, 50.."]);
    assert_eq!(
        of(130, 150).await,
        expected[3..4].iter().copied().chain(["jane: Lunch, Meal, -, 140.."]).collect::<Vec<_>>()
    );
    assert_eq!(of(150, 201).await, expected[4..6]);
    // It ends where the period begins.
    assert_eq!(of(120, 130).await, ["jane: Dinner, Meal, -, 120.."]);
}

async fn what_happened_at_once_is_told_in_the_order_in_which_it_was_written(place: Place) {
    place
        .record(vec![
            recorded("jane", &in_status("Available", change(1, 0, on_queue()))),
            entered("jane", "Available, Outbound", 100),
            recorded("jane", &in_status("Lunch", change(2, 100, meal()))),
            entered("jane", "Dinner", 100),
        ])
        .await;
    let expected = [
        "jane: Available, On Queue, rule 1, 0..100",
        "jane: Available, Outbound, On Queue, -, 100..100",
        "jane: Lunch, Meal, rule 1, 100..100",
        "jane: Dinner, Meal, -, 100..",
    ];
    assert_eq!(shown(&intervals(&place, Period::default()).await), expected);
    assert_eq!(intervals_at(&place, at(100)).await, expected[3..]);
}

async fn what_is_said_again_is_no_new_interval(place: Place) {
    with_statuses(&place).await;
    // A start finds everybody in the status of before, and a repair says what was wanted.
    let repair = in_status("Available", change(5, 220, on_queue()));
    place
        .record(vec![entered("jane", "Available", 200), recorded("jane", &repair), entered("joe", "Training", 105)])
        .await;
    let all = shown(&intervals(&place, Period::default()).await);
    assert_eq!(all[5..], ["jane: Available, On Queue, rule 1, 200..", "joe: Training, ?, -, 105.."]);
    let since = "jane: Available, On Queue, rule 1, 200..";
    assert_eq!(shown(&intervals(&place, period(205, 210)).await)[0], since);
}

async fn a_status_before_any_change_has_the_value_from_which_the_change_went(place: Place) {
    // Genesys Cloud showed it already when the bridge began.
    let from = Some(Value::Presence(Presence::of(SystemPresence::Busy)));
    let lunch = domain::change::Change { from, ..in_status("Lunch", change(1, 100, meal())) };
    place.record(vec![entered("jane", "Meeting", 5), recorded("jane", &lunch)]).await;
    let meeting = "jane: Meeting, Busy, -, 5..100";
    assert_eq!(shown(&intervals(&place, Period::default()).await), [meeting, "jane: Lunch, Meal, rule 1, 100.."]);
    assert_eq!(shown(&intervals(&place, period(10, 20)).await), ["jane: Meeting, Busy, -, 5.."]);
}

async fn what_retention_has_removed_is_found_in_what_is_left(place: Place) {
    place.record(vec![recorded("jane", &in_status("Lunch", change(1, 0, meal()))), accepted("jane", 1, 1, 1, 1)]).await;
    place.record(vec![recorded("joe", &in_status("Lunch", change(2, 2, meal()))), accepted("joe", 2, 1, 2, 3)]).await;
    place.record(vec![entered("jane", "Dinner", 5), entered("joe", "Dinner", 6)]).await;
    let all = |place: Place| async move { (shown(&intervals(&place, period(2_500, 2_600)).await), place) };
    let (whole, place) = all(place).await;
    assert_eq!(whole, ["jane: Dinner, Meal, -, 5..", "joe: Dinner, Meal, -, 6.."]);

    // The changes have gone, and what was entered; what was told last has not.
    let dinner = vec![alive(2_000), entered("joe", "Breakfast", 2_001), alive(2_002)];
    crate::retention::retained(&place, BRIEFLY, dinner).await;
    assert_eq!(place.number("SELECT count(*) FROM entry WHERE kind = 'recorded'").await, 0);
    assert_eq!(place.number("SELECT count(*) FROM entry WHERE kind = 'entered'").await, 1, "it ages like any other");
    let expected = ["jane: ?, Meal, -, 0..", "joe: Breakfast, Meal, -, 2001.."];
    assert_eq!(intervals_at(&place, at(2_500)).await, expected);
    let joe = ["jane: ?, Meal, -, 0..", "joe: ?, Meal, -, 2..2001", "joe: Breakfast, Meal, -, 2001.."];
    assert_eq!(shown(&intervals(&place, period(1_000, 3_000)).await), joe);
    assert_eq!(crate::verify::flaws(&place).await, []);

    // Then something is decided. What was before that is what it says.
    let from = Some(meal());
    let back = domain::change::Change { from, ..in_status("Available", change(3, 2_008, on_queue())) };
    crate::retention::retained(&place, BRIEFLY, vec![recorded("joe", &back), accepted("joe", 3, 1, 1, 2_008)]).await;
    let (whole, place) = all(place).await;
    assert_eq!(whole, ["jane: ?, Meal, -, 0..", "joe: Available, On Queue, rule 1, 2008.."]);
    assert_eq!(shown(&intervals(&place, period(2_001, 3_000)).await)[1], "joe: Breakfast, Meal, -, 2001..2008");
    let view = "SELECT presence FROM statuses WHERE agent = 'joe' AND status = 'Breakfast'";
    assert_eq!(place.texts(view).await, ["Meal"]);
    assert_eq!(crate::verify::flaws(&place).await, []);
}

async fn statuses_are_for_people_to_read(place: Place) {
    with_statuses(&place).await;
    let dinner = "SELECT link, agent, status, presence, rule, since, seen FROM statuses WHERE status = 'Dinner'";
    let expected = ["main", "jane", "Dinner", "Meal", "", "2026-09-21T14:15:20.000Z", "2026-09-21T14:15:20.123Z"];
    assert_eq!(place.texts(dinner).await, expected);
    let lunch = "SELECT status, presence, rule, since FROM statuses WHERE agent = 'jane' AND rule IS NOT NULL \
                 ORDER BY number LIMIT 1 OFFSET 1";
    assert_eq!(place.texts(lunch).await, ["Lunch", "Meal", "rule 1", "2026-09-21T14:15:00.000Z"]);
    assert_eq!(place.texts("SELECT presence FROM statuses WHERE agent = 'joe'").await, [""]);
    // No routing status.
    assert_eq!(place.number("SELECT count(*) FROM statuses").await, 7);
    // It says what the program reads.
    for (status, presence) in [("Available, Outbound", "On Queue"), ("Dinner", "Meal")] {
        let of = format!("SELECT presence FROM statuses WHERE status = '{status}'");
        assert_eq!(place.texts(&of).await, [presence]);
    }
}

async fn a_presence_that_makes_no_sense_is_named(place: Place) {
    with_statuses(&place).await;
    place.tamper("UPDATE entry SET to_value = 'Asleep' WHERE number = 4").await;
    let mut reader = Reader::open(&place.location, "main").await.unwrap();
    let failure = reader.intervals(Period::default(), |_| ControlFlow::Continue(())).await.unwrap_err();
    reader.close().await;
    assert!(matches!(&failure, ReadFailure::Unreadable { number: 4, .. }), "{failure}");
}
