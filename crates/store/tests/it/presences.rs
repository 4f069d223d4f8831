//! What was decided and for which status message: what other rules can be tried on, and what is known of each agent.

use std::ops::ControlFlow;

use domain::change::{Change, Facet};
use domain::ids::AgentId;
use store::{Period, Reader};

use crate::entries::*;
use crate::place::{Place, on_both};

on_both! {
    a_day_s_presences_are_read_with_their_status_messages,
    an_agent_is_known_by_what_was_accepted_and_what_waits,
    what_direct_delivery_cannot_tell_is_counted_by_value,
    an_analyst_reads_the_status_message,
}

pub fn period(from: i64, until: i64) -> Period {
    Period { from: Some(at(from)), until: Some(at(until)) }
}

pub fn lunch() -> Change {
    in_status("Lunch", change(3, 100, meal()))
}

fn back() -> Change {
    in_status("Available", change(5, 200, on_queue()))
}

/// Jane goes to lunch and comes back, and somebody meddles; Joe is in one status all the time.
pub async fn a_day(place: &Place) {
    let jane = in_status("Available", change(1, 0, on_queue()));
    let joe = in_status("Gone Home", change(2, 10, meal()));
    let mut repair = in_status("Lunch", change(4, 150, meal()));
    repair.why = "repair: it showed Busy".to_owned();
    place
        .record(vec![
            recorded("jane", &jane),
            accepted("jane", 1, 1, 1, 1),
            recorded("joe", &joe),
            accepted("joe", 2, 1, 2, 11),
            recorded("jane", &lunch()),
            dropped("jane", 3, 101),
            recorded("jane", &in_status("Lunch", change(9, 110, idle()))),
            recorded("jane", &repair),
            recorded("jane", &back()),
            accepted("jane", 5, 1, 3, 201),
        ])
        .await;
}

async fn presences(place: &Place, period: Period) -> Vec<(String, Change)> {
    let mut reader = Reader::open(&place.location, "main").await.unwrap();
    let mut all = Vec::new();
    let each = |agent: AgentId, change| {
        all.push((agent.as_str().to_owned(), change));
        ControlFlow::Continue(())
    };
    reader.presences(period, each).await.unwrap();
    reader.close().await;
    all
}

async fn a_day_s_presences_are_read_with_their_status_messages(place: Place) {
    a_day(&place).await;
    let ids = |all: Vec<(String, Change)>| all.into_iter().map(|(_, change)| change.id).collect::<Vec<_>>();
    let all = presences(&place, Period::default()).await;
    assert_eq!(all[2], ("jane".to_owned(), lunch()));
    assert_eq!(ids(all), [1, 2, 3, 4, 5].map(change_id), "presences only, by the time when they happened");
    assert_eq!(ids(presences(&place, period(10, 200)).await), [2, 3, 4].map(change_id));
    assert_eq!(presences(&place, period(300, 400)).await, []);
    let mut reader = Reader::open(&place.location, "main").await.unwrap();
    let mut told = 0;
    let enough = |_, _| {
        told += 1;
        ControlFlow::Break(())
    };
    reader.presences(Period::default(), enough).await.unwrap();
    reader.close().await;
    assert_eq!(told, 1);
}

async fn an_agent_is_known_by_what_was_accepted_and_what_waits(place: Place) {
    a_day(&place).await;
    let waiting = change(7, 400, meal());
    place
        .record(vec![
            recorded("jane", &change(6, 210, idle())),
            accepted("jane", 6, 1, 1, 305),
            recorded("jane", &waiting),
            failed("jane", 7, 1, 2, 401),
            claimed("jane", 70, 402),
            claimed("jim", 71, 403),
            recorded("joan", &change(8, 404, idle())),
        ])
        .await;
    let mut reader = Reader::open(&place.location, "main").await.unwrap();
    let agents = reader.agents().await.unwrap();
    let memory = place.memory().await;
    reader.close().await;
    let names: Vec<_> = agents.iter().map(|state| state.agent.as_str()).collect();
    assert_eq!(names, ["jane", "jim", "joan", "joe"]);
    // Not the presence that happened last, but the routing status that was accepted after it.
    let successes: Vec<_> = agents.iter().map(|state| state.last_success).collect();
    assert_eq!(successes, [Some(at(306)), None, None, Some(at(12))]);
    let pending: Vec<_> = agents[0].facets.iter().map(|facet| facet.pending.len()).collect();
    assert_eq!((agents[0].facets[0].facet, pending), (Facet::Presence, vec![2, 1]));
    assert_eq!(agents[0].facets[0].told, Some((on_queue(), at(200))));
    assert_eq!(agents[0].presence, Some(waiting));
    assert_eq!((&agents[0].claimed[..], &agents[1].claimed[..]), (&[user(70)][..], &[user(71)][..]));
    assert_eq!((agents[2].facets.len(), &agents[2].presence), (1, &None));
    let facets: Vec<_> = agents.into_iter().flat_map(|state| state.facets).collect();
    assert_eq!(facets.len(), memory.facets.len());
    assert!(facets.iter().all(|facet| memory.facets.contains(facet)));
}

async fn what_direct_delivery_cannot_tell_is_counted_by_value(place: Place) {
    let not_told = |id: u128, second: i64, value: &str| {
        let reason = format!("not supported by direct delivery: {value}");
        let dropped = entry("jane", id, second, replicator::ports::Stage::Dropped { reason });
        [recorded("jane", &change(id, second, idle())), dropped]
    };
    let entries = [not_told(1, 0, "INTERACTING"), not_told(2, 1, "IDLE"), not_told(3, 2, "INTERACTING")];
    place.record(entries.concat()).await;
    place.record(vec![recorded("jane", &change(4, 3, idle())), dropped("jane", 4, 4)]).await;
    let mut reader = Reader::open(&place.location, "main").await.unwrap();
    let summary = reader.summary(Period::default()).await.unwrap();
    reader.close().await;
    let dropped: Vec<_> = summary.dropped.iter().map(|(reason, count)| (reason.as_str(), *count)).collect();
    assert_eq!(dropped, [("not supported by direct delivery", 3), ("superseded", 1)]);
    let values: Vec<_> = summary.not_supported.iter().map(|(value, count)| (value.as_str(), *count)).collect();
    assert_eq!(values, [("IDLE", 1), ("INTERACTING", 2)]);
}

async fn an_analyst_reads_the_status_message(place: Place) {
    a_day(&place).await;
    place.record(vec![recorded("jane", &change(20, 500, meal()))]).await;
    let lunch =
        "SELECT to_value, status FROM changes WHERE agent = 'jane' AND status = 'Lunch' ORDER BY number LIMIT 1";
    assert_eq!(place.texts(lunch).await, ["Meal", "Lunch"]);
    assert_eq!(place.number("SELECT count(*) FROM changes WHERE status IS NULL").await, 1);
}
