//! The courses of agents in a period: what happened in it, and as much of before as was still on its way.

use std::ops::ControlFlow;
use std::time::Duration;

use store::{Course, Period, Reader, Retention};

use crate::entries::*;
use crate::place::{FOR_EVER, Place, on_both};

on_both! {
    a_period_begins_with_what_had_been_accepted_last,
    what_waited_when_the_period_began_is_read_however_long_it_had_waited,
    whoever_did_nothing_has_a_course_too,
    what_retention_has_removed_is_taken_from_what_is_left,
    whoever_has_seen_enough_courses_is_told_no_more,
    each_part_of_a_period_has_its_own_sums,
}

async fn courses(place: &Place, from: i64, until: i64) -> Vec<Course> {
    let mut reader = Reader::open(&place.location, "main").await.unwrap();
    let mut all = Vec::new();
    let period = Period { from: Some(at(from)), until: Some(at(until)) };
    let each = |course| {
        all.push(course);
        ControlFlow::Continue(())
    };
    reader.courses(period, each).await.unwrap();
    reader.close().await;
    all.sort_by(|a, b| a.agent.cmp(&b.agent));
    all
}

/// The changes that were read, and from which second until which the agent was wrong.
async fn check(place: &Place, (from, until): (i64, i64), read: &[u128], wrong: &[(i64, i64)]) {
    let all = courses(place, from, until).await;
    let jane = all.iter().find(|course| course.agent.as_str() == "jane").unwrap();
    let ids: Vec<u128> = jane.changes.iter().map(|(change, _)| change.id.0.as_u128()).collect();
    assert_eq!(ids, read, "{from}..{until}");
    let second = |time: jiff::Timestamp| time.as_second() - at(0).as_second();
    let differences = jane.differences(at(from), at(until));
    let found: Vec<(i64, i64)> = differences.iter().map(|one| (second(one.from), second(one.until))).collect();
    assert_eq!(found, wrong, "{from}..{until}");
}

async fn a_period_begins_with_what_had_been_accepted_last(place: Place) {
    // Accepted two seconds after they happened.
    for (id, second, value) in [(1, 0, on_queue()), (2, 100, meal()), (3, 200, on_queue()), (4, 300, idle())] {
        place.record(delivered("jane", id, second, value).into()).await;
    }
    check(&place, (150, 250), &[2, 3], &[(200, 202)]).await;
    check(&place, (101, 250), &[1, 2, 3], &[(101, 102), (200, 202)]).await;
    // Nothing happened in it: one change of each facet says what holds.
    check(&place, (400, 500), &[3, 4], &[]).await;
}

async fn what_waited_when_the_period_began_is_read_however_long_it_had_waited(place: Place) {
    place.record(delivered("jane", 1, 0, on_queue()).into()).await;
    let [lunch, back] = [change(2, 100, meal()), change(3, 150, on_queue())];
    place.record(vec![recorded("jane", &lunch), recorded("jane", &back), dropped("jane", 2, 160)]).await;
    place.record(vec![accepted("jane", 3, 1, 3, 499)]).await;
    // Back at what is shown: only the meal was wrong, although the second change was accepted much later.
    check(&place, (400, 600), &[1, 2, 3], &[]).await;
    check(&place, (120, 600), &[1, 2, 3], &[(120, 150)]).await;
    place.record(vec![recorded("jane", &change(4, 700, meal()))]).await;
    check(&place, (5_000, 6_000), &[3, 4], &[(5_000, 6_000)]).await;
}

async fn whoever_did_nothing_has_a_course_too(place: Place) {
    place.record(delivered("jane", 1, 0, on_queue()).into()).await;
    place.record(delivered("joe", 2, 900, meal()).into()).await;
    let all = courses(&place, 100, 200).await;
    let names: Vec<&str> = all.iter().map(|course| course.agent.as_str()).collect();
    assert_eq!(names, ["jane", "joe"]);
    assert_eq!(all[0].at_work(at(100), at(200)), [(at(100), at(200))]);
    assert_eq!(all[1].at_work(at(100), at(200)), [], "nothing is known of joe's time before");
    assert_eq!(courses(&place, 1_000, 2_000).await.len(), 2);
}

async fn what_retention_has_removed_is_taken_from_what_is_left(place: Place) {
    place.record(delivered("jane", 1, 0, on_queue()).into()).await;
    let briefly = Retention { age: Duration::from_secs(10), ..FOR_EVER };
    crate::retention::retained(&place, briefly, vec![alive(400), alive(401)]).await;
    let jane = &courses(&place, 500, 600).await[0];
    assert_eq!((jane.changes.len(), jane.told.as_slice()), (0, [(on_queue(), at(0))].as_slice()));
    assert_eq!(jane.at_work(at(500), at(600)), [(at(500), at(600))]);
}

async fn whoever_has_seen_enough_courses_is_told_no_more(place: Place) {
    place.record(busy_morning(70)).await;
    let mut reader = Reader::open(&place.location, "main").await.unwrap();
    let mut seen = 0;
    let each = |_| {
        seen += 1;
        if seen < 3 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    reader.courses(Period::default(), each).await.unwrap();
    reader.close().await;
    assert_eq!(seen, 3);
}

async fn each_part_of_a_period_has_its_own_sums(place: Place) {
    place.record(busy_morning(50)).await;
    let part = |from: Option<i64>, until: Option<i64>| Period { from: from.map(at), until: until.map(at) };
    let parts = [part(None, Some(20)), part(Some(20), Some(60)), part(Some(60), None)];
    let mut reader = Reader::open(&place.location, "main").await.unwrap();
    let (whole, of_parts) = reader.summaries(Period::default(), &parts).await.unwrap();
    reader.close().await;
    // One change every two seconds.
    let counts: Vec<u64> = of_parts.iter().map(|sums| sums.recorded).collect();
    assert_eq!((whole.recorded, counts), (50, vec![10, 20, 20]));
    assert!(
        of_parts.iter().all(|sums| sums.delivered == sums.recorded && sums.since_happened.count() == sums.recorded)
    );
}
