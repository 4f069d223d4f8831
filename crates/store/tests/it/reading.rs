//! The reading side: timelines, gaps, figures, and the views that an analyst asks.

use std::ops::ControlFlow;
use std::time::Duration;

use domain::ids::AgentId;
use domain::trust::GapKind;
use replicator::ports::Entry;
use store::{ChangeRow, Disposition, Filter, GapTotal, OpenFailure, Period, Reader};

use crate::entries::*;
use crate::place::{Place, on_both};

on_both! {
    a_timeline_shows_each_change_with_its_attempts,
    a_period_takes_what_happened_in_it,
    whoever_has_seen_enough_is_told_no_more,
    gaps_that_reach_into_a_period_are_shown,
    the_figures_of_a_period_are_those_of_its_changes,
    an_analyst_reads_names_and_times,
    a_journal_is_read_while_it_is_written,
    a_link_that_is_not_there_is_named_with_those_that_are,
    what_is_not_there_is_not_made,
}

/// All entries of the link `main`.
pub async fn all_entries(place: &Place) -> Vec<Entry> {
    let mut reader = Reader::open(&place.location, "main").await.unwrap();
    let mut entries = Vec::new();
    reader
        .entries(Period::default(), |kept| {
            entries.push(kept.entry);
            ControlFlow::Continue(())
        })
        .await
        .unwrap();
    reader.close().await;
    entries
}

async fn changes(place: &Place, filter: Filter) -> Vec<ChangeRow> {
    let mut reader = Reader::open(&place.location, "main").await.unwrap();
    let mut rows = Vec::new();
    reader
        .changes(&filter, |row| {
            rows.push(row);
            ControlFlow::Continue(())
        })
        .await
        .unwrap();
    reader.close().await;
    rows
}

fn period(from: i64, until: i64) -> Period {
    Period { from: Some(at(from)), until: Some(at(until)) }
}

/// Jane: one delivered at the second attempt, one dropped, one pending; Joe: one delivered at once.
async fn a_morning(place: &Place) {
    let [first, second, third] = [change(1, 0, on_queue()), change(2, 10, meal()), change(3, 20, on_queue())];
    place
        .record(vec![
            recorded("jane", &first),
            failed("jane", 1, 1, 1, 1),
            recorded("joe", &change(4, 5, meal())),
            accepted("joe", 4, 1, 2, 6),
            accepted("jane", 1, 2, 2, 6),
            recorded("jane", &second),
            dropped("jane", 2, 12),
            gap_began(&gap(8, GapKind::Late, 13)),
            gap_ended(8, 17),
            recorded("jane", &third),
            gap_began(&gap(9, GapKind::SourceDown, 25)),
        ])
        .await;
}

async fn a_timeline_shows_each_change_with_its_attempts(place: Place) {
    a_morning(&place).await;
    let rows = changes(&place, Filter { agent: Some(AgentId::new("JANE")), period: Period::default() }).await;
    let shown: Vec<_> = rows.iter().map(|row| (row.change.id, row.attempts.len(), row.disposition.clone())).collect();
    let superseded = "superseded: a newer value".to_owned();
    let expected = [
        (change_id(1), 2, Disposition::Delivered { at: at(7) }),
        (change_id(2), 0, Disposition::Dropped { at: at(12), reason: superseded }),
        (change_id(3), 0, Disposition::Pending),
    ];
    assert_eq!(shown, expected);
    assert_eq!(rows[0].change, change(1, 0, on_queue()));
    assert_eq!((rows[0].number, rows[0].epoch, rows[0].recorded), (1, 1, rows[0].change.seen));
    assert_eq!(rows[0].attempts[1].correlation.as_deref(), Some("correlation-2"));
}

async fn a_period_takes_what_happened_in_it(place: Place) {
    a_morning(&place).await;
    let ids = |rows: Vec<ChangeRow>| rows.into_iter().map(|row| row.change.id).collect::<Vec<_>>();
    let everybody = |from, until| Filter { agent: None, period: period(from, until) };
    assert_eq!(ids(changes(&place, everybody(0, 10)).await), [change_id(1), change_id(4)]);
    assert_eq!(ids(changes(&place, everybody(10, 100)).await), [change_id(2), change_id(3)]);
    assert_eq!(ids(changes(&place, everybody(21, 100)).await), []);
    let nobody = Filter { agent: Some(AgentId::new("jim")), period: Period::default() };
    assert_eq!(ids(changes(&place, nobody).await), []);
}

async fn whoever_has_seen_enough_is_told_no_more(place: Place) {
    a_morning(&place).await;
    let mut reader = Reader::open(&place.location, "main").await.unwrap();
    let mut told = 0;
    let enough = |_| {
        told += 1;
        ControlFlow::Break(())
    };
    reader.changes(&Filter::default(), enough).await.unwrap();
    let mut entries = 0;
    let enough = |_| {
        entries += 1;
        ControlFlow::Break(())
    };
    reader.entries(Period::default(), enough).await.unwrap();
    // The reader is still good for more.
    assert_eq!(reader.summary(Period::default()).await.unwrap().recorded, 4);
    reader.close().await;
    assert_eq!((told, entries), (1, 1));
}

async fn gaps_that_reach_into_a_period_are_shown(place: Place) {
    a_morning(&place).await;
    let mut reader = Reader::open(&place.location, "main").await.unwrap();
    let shown = |gaps: Vec<domain::trust::Gap>| gaps.iter().map(|gap| (gap.kind, gap.until)).collect::<Vec<_>>();
    let (late, down) = ((GapKind::Late, Some(at(17))), (GapKind::SourceDown, None));
    assert_eq!(shown(reader.gaps(Period::default()).await.unwrap()), [late, down]);
    assert_eq!(shown(reader.gaps(period(0, 13)).await.unwrap()), []);
    assert_eq!(shown(reader.gaps(period(16, 18)).await.unwrap()), [late]);
    assert_eq!(shown(reader.gaps(period(17, 1_000)).await.unwrap()), [down]);
    reader.close().await;
}

async fn the_figures_of_a_period_are_those_of_its_changes(place: Place) {
    a_morning(&place).await;
    let mut repair = change(5, 28, meal());
    repair.why = "repair: somebody else wrote, it showed Busy".to_owned();
    place.record(vec![recorded("joe", &repair), accepted("joe", 5, 1, 1, 29)]).await;
    let mut reader = Reader::open(&place.location, "main").await.unwrap();
    let summary = reader.summary(period(0, 30)).await.unwrap();
    reader.close().await;
    assert_eq!((summary.recorded, summary.delivered, summary.pending, summary.repaired), (5, 3, 1, 1));
    assert_eq!(summary.dropped.into_iter().collect::<Vec<_>>(), [("superseded".to_owned(), 1)]);
    assert_eq!(summary.failed_attempts.into_iter().collect::<Vec<_>>(), [("unavailable", 1)]);
    // Jane's was accepted after 7 s, Joe's after 2 s each.
    assert_eq!(summary.since_happened.count(), 3);
    assert_eq!(summary.since_happened.quantile(0.5), Some(Duration::from_secs(2)));
    let longest = summary.since_happened.max().unwrap();
    assert!(longest.abs_diff(Duration::from_secs(7)) < Duration::from_millis(10), "{longest:?}");
    let seen = summary.since_seen.max().unwrap();
    assert!(seen.abs_diff(Duration::from_millis(6_877)) < Duration::from_millis(10), "{seen:?}");
    let gaps: Vec<_> = summary.gaps.into_iter().collect();
    let late = GapTotal { count: 1, duration: Duration::from_secs(4), open: 0 };
    // The one that lasts counts as far as the period goes.
    let down = GapTotal { count: 1, duration: Duration::from_secs(5), open: 1 };
    assert_eq!(gaps, [(GapKind::SourceDown, down), (GapKind::Late, late)]);
}

async fn an_analyst_reads_names_and_times(place: Place) {
    a_morning(&place).await;
    let of_jane = "SELECT link, agent, facet, to_value, happened, seen, accepted, reason, state, change_id \
                   FROM changes WHERE agent = 'jane' ORDER BY number LIMIT 1";
    let expected = [
        "main",
        "jane",
        "presence",
        "On Queue",
        "2026-09-21T14:13:20.000Z",
        "2026-09-21T14:13:20.123Z",
        "2026-09-21T14:13:27.000Z",
        "rule 1",
        "delivered",
        "00000000-0000-0000-0000-000000000001",
    ];
    assert_eq!(place.texts(of_jane).await, expected);
    let states = "SELECT (SELECT state FROM changes WHERE number = 6), \
                  (SELECT dropped_because FROM changes WHERE number = 6), (SELECT state FROM changes WHERE number = 10)";
    assert_eq!(place.texts(states).await, ["dropped", "superseded: a newer value", "pending"]);
    assert_eq!(place.number("SELECT attempts FROM changes WHERE number = 1").await, 2);
    assert_eq!(place.number("SELECT delay_ms FROM changes WHERE number = 1").await, 7_000);
    let failed = "SELECT agent, change_id, outcome, reason, correlation, sent FROM attempts ORDER BY number LIMIT 1";
    let failed = place.texts(failed).await;
    assert_eq!(failed[2..], ["unavailable", "503", "correlation-1", "2026-09-21T14:13:21.000Z"]);
    let gap = place.texts("SELECT kind, reason, since, until FROM gaps ORDER BY number LIMIT 1").await;
    assert_eq!(gap, ["late", "the line was cut", "2026-09-21T14:13:33.000Z", "2026-09-21T14:13:37.000Z"]);
    assert_eq!(place.number("SELECT duration_ms FROM gaps ORDER BY number LIMIT 1").await, 4_000);
    let told = place.texts("SELECT agent, facet, value, happened FROM told WHERE agent = 'joe'").await;
    assert_eq!(told, ["joe", "presence", "Meal", "2026-09-21T14:13:25.000Z"]);
}

async fn a_journal_is_read_while_it_is_written(place: Place) {
    let store = place.open().await;
    store.journal().record(busy_morning(50)).await.unwrap();
    let mut reader = Reader::open(&place.location, "main").await.unwrap();
    assert_eq!(reader.summary(Period::default()).await.unwrap().delivered, 50);
    store.journal().record(delivered("jane", 51, 200, meal()).to_vec()).await.unwrap();
    assert_eq!(reader.summary(Period::default()).await.unwrap().delivered, 51);
    assert_eq!(reader.pending().await.unwrap(), []);
    assert_eq!(reader.told().await.unwrap().len(), 8);
    reader.close().await;
    store.close().await.unwrap();
    let state = &Reader::links(&place.location).await.unwrap()[0];
    assert_eq!((state.epoch, state.opened, state.entries), (1, Some(at(0)), 102));
    assert_eq!(state.alive, Some(at(202)));
}

async fn a_link_that_is_not_there_is_named_with_those_that_are(place: Place) {
    place.record(vec![alive(1)]).await;
    let failure = Reader::open(&place.location, "mian").await.unwrap_err();
    assert!(failure.to_string().ends_with("knows no link \"mian\"; it has \"main\""), "{failure}");
}

async fn what_is_not_there_is_not_made(place: Place) {
    let failure = Reader::open(&place.location, "main").await.unwrap_err();
    assert!(matches!(failure, OpenFailure::Missing { .. }), "{failure}");
    assert!(matches!(Reader::links(&place.location).await, Err(OpenFailure::Missing { .. })));
    if let store::Location::Sqlite(path) = &place.location {
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 0);
    } else {
        let schemas = "SELECT count(*) FROM pg_namespace WHERE nspname = 'presence_bridge'";
        assert_eq!(place.number(schemas).await, 0);
    }
}
