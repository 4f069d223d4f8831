//! The time of one agent, and what went wrong in a day.

use domain::ids::AgentId;
use domain::target::{Presence, SystemPresence};
use domain::trust::GapKind;
use jiff::Timestamp;
use store::{ChangeRow, Period, Reader, Retention, Timeline};

use crate::entries::*;
use crate::place::{FOR_EVER, Place, on_both};
use crate::presences::period;

on_both! {
    a_day_of_an_agent_is_what_happened_in_it,
    what_was_on_its_way_when_the_period_began_belongs_to_it,
    what_retention_has_removed_is_known_from_what_was_told_last,
    nobody_is_known_by_a_name_that_was_never_heard,
    the_statuses_of_an_agent_are_those_of_everybody_for_that_agent,
    a_timeline_leaves_the_reader_good_for_more,
    faults_are_counted_from_a_time_on,
    a_journal_says_how_it_stands,
}

async fn timeline(place: &Place, agent: &str, period: Period) -> Timeline {
    let mut reader = Reader::open(&place.location, "main").await.unwrap();
    let timeline = reader.timeline(&AgentId::new(agent), period).await.unwrap();
    reader.close().await;
    timeline
}

fn ids(rows: &[ChangeRow]) -> Vec<domain::ids::ChangeId> {
    rows.iter().map(|row| row.change.id).collect()
}

/// Jane comes at 0, has lunch at 100 and comes back at 200; her lunch is accepted only at 150. Joe is somebody else.
async fn a_late_lunch(place: &Place) {
    place
        .record(vec![
            recorded("jane", &in_status("Available", change(1, 0, on_queue()))),
            accepted("jane", 1, 1, 1, 1),
            recorded("joe", &change(9, 50, meal())),
            recorded("jane", &change(5, 60, idle())),
            accepted("jane", 5, 1, 2, 61),
            entered("jane", "Available, Outbound", 70),
            recorded("jane", &in_status("Lunch", change(2, 100, meal()))),
            failed("jane", 2, 1, 3, 101),
            accepted("jane", 2, 2, 4, 150),
            recorded("jane", &in_status("Available", change(3, 200, on_queue()))),
            accepted("jane", 3, 1, 5, 201),
        ])
        .await;
}

async fn a_day_of_an_agent_is_what_happened_in_it(place: Place) {
    a_late_lunch(&place).await;
    let day = timeline(&place, "JANE", period(90, 210)).await;
    assert_eq!(day.agent.as_ref().map(AgentId::as_str), Some("jane"));
    assert_eq!(ids(&day.changes), [change_id(2), change_id(3)]);
    assert_eq!(day.changes[0].attempts.len(), 2);
    // What held when it began: of each facet the last change that was accepted.
    assert_eq!(ids(&day.before), [change_id(1), change_id(5)]);
    assert_eq!(day.told, [(on_queue(), at(200)), (idle(), at(60))]);
    let whole = timeline(&place, "jane", Period::default()).await;
    assert_eq!(ids(&whole.changes), [change_id(1), change_id(5), change_id(2), change_id(3)]);
    assert_eq!(whole.before, []);
}

async fn what_was_on_its_way_when_the_period_began_belongs_to_it(place: Place) {
    a_late_lunch(&place).await;
    let afternoon = timeline(&place, "jane", period(120, 180)).await;
    assert_eq!(ids(&afternoon.changes), []);
    // Lunch had not been accepted at 120: what was shown instead is known, too.
    assert_eq!(ids(&afternoon.before), [change_id(1), change_id(5), change_id(2)]);
    let differences = afternoon.course().differences(at(120), at(180));
    let [lunch] = &differences[..] else { panic!("{differences:?}") };
    assert_eq!((lunch.wanted, lunch.shown), (meal(), Some(on_queue())));
    assert_eq!((lunch.from, lunch.until, lunch.change), (at(120), at(151), change_id(2)));
}

async fn what_retention_has_removed_is_known_from_what_was_told_last(place: Place) {
    let options = || store::Options {
        retention: Retention { age: std::time::Duration::from_secs(10), ..FOR_EVER },
        ..place.options()
    };
    place.record(delivered("jane", 1, 0, on_queue()).to_vec()).await;
    let now = domain::time::Now { instant: domain::time::Instant::START, utc: at(1_000) };
    let store = store::Store::open(options(), now).await.unwrap();
    // Enough that it is time to look for what is old.
    for second in 0..1_100 {
        store.journal().record(vec![alive(1_000 + second)]).await.unwrap();
    }
    store.close().await.unwrap();
    let day = timeline(&place, "jane", period(1_000, 2_000)).await;
    assert_eq!((day.before.len(), day.changes.len()), (0, 0));
    assert_eq!(day.told, [(on_queue(), at(0))]);
    let presences: Vec<Option<Presence>> = day.statuses.iter().map(|interval| interval.presence).collect();
    assert_eq!(presences, [Some(Presence::of(SystemPresence::OnQueue))]);
}

async fn nobody_is_known_by_a_name_that_was_never_heard(place: Place) {
    a_late_lunch(&place).await;
    assert_eq!(timeline(&place, "jan", Period::default()).await, Timeline::default());
    assert_eq!(timeline(&place, "", Period::default()).await, Timeline::default());
}

async fn the_statuses_of_an_agent_are_those_of_everybody_for_that_agent(place: Place) {
    a_late_lunch(&place).await;
    for asked in [Period::default(), period(65, 120), period(120, 130), period(-50, 10)] {
        let mut reader = Reader::open(&place.location, "main").await.unwrap();
        let mut of_jane = Vec::new();
        let each = |interval: store::Interval| {
            if interval.agent == AgentId::new("jane") {
                of_jane.push(interval);
            }
            std::ops::ControlFlow::Continue(())
        };
        reader.intervals(asked, each).await.unwrap();
        reader.close().await;
        assert!(!of_jane.is_empty());
        assert_eq!(timeline(&place, "jane", asked).await.statuses, of_jane, "{asked:?}");
    }
}

async fn a_timeline_leaves_the_reader_good_for_more(place: Place) {
    let store = place.open().await;
    store.journal().record(delivered("jane", 1, 0, on_queue()).to_vec()).await.unwrap();
    let mut reader = Reader::open(&place.location, "main").await.unwrap();
    let jane = AgentId::new("jane");
    assert_eq!(reader.timeline(&jane, Period::default()).await.unwrap().changes.len(), 1);
    store.journal().record(delivered("jane", 2, 10, meal()).to_vec()).await.unwrap();
    assert_eq!(reader.timeline(&jane, Period::default()).await.unwrap().changes.len(), 2);
    reader.close().await;
    store.close().await.unwrap();
}

async fn faults_are_counted_from_a_time_on(place: Place) {
    let mut repair = change(4, 400, on_queue());
    repair.why = "repair: somebody else wrote, it showed Meal".to_owned();
    place
        .record(vec![
            recorded("jane", &change(1, 0, on_queue())),
            failed("jane", 1, 1, 1, 1),
            dropped("jane", 1, 3),
            gap_began(&gap(8, GapKind::Late, 13)),
            recorded("jane", &change(2, 300, meal())),
            failed("jane", 2, 1, 2, 301),
            failed("jane", 2, 2, 3, 303),
            dropped("jane", 2, 305),
            recorded("jane", &repair),
            alive(500),
        ])
        .await;
    let mut reader = Reader::open(&place.location, "main").await.unwrap();
    let of = |faults: store::Faults| {
        let count = |of: &std::collections::BTreeMap<String, u64>, name: &str| of.get(name).copied().unwrap_or(0);
        (count(&faults.failed_attempts, "unavailable"), count(&faults.dropped, "superseded"), faults.repaired)
    };
    assert_eq!(of(reader.faults(Timestamp::MIN).await.unwrap()), (3, 2, 1));
    // Written at 2 and before; the one at 302 is of later.
    assert_eq!(of(reader.faults(at(3)).await.unwrap()), (2, 2, 1));
    assert_eq!(of(reader.faults(at(100)).await.unwrap()), (2, 1, 1));
    assert_eq!(of(reader.faults(at(303)).await.unwrap()), (1, 1, 1));
    assert_eq!(of(reader.faults(at(450)).await.unwrap()), (0, 0, 0));
    assert_eq!(reader.faults(at(501)).await.unwrap(), store::Faults::default());
    reader.close().await;
}

async fn a_journal_says_how_it_stands(place: Place) {
    place.record(busy_morning(5)).await;
    let mut reader = Reader::open(&place.location, "main").await.unwrap();
    let state = reader.state().await.unwrap();
    reader.close().await;
    assert_eq!((state.name.as_str(), state.epoch, state.entries), ("main", 1, 10));
    assert_eq!(vec![state], Reader::links(&place.location).await.unwrap());
}
