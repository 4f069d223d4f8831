//! Retention: what is old and settled goes, what is open or told last stays, and the journal still verifies.

use std::time::Duration;

use domain::trust::GapKind;
use replicator::ports::Entry;
use store::{Location, Options, Retention, Store};

use crate::entries::*;
use crate::place::{FOR_EVER, Place, now, on_both};

on_both! {
    what_is_old_goes_and_what_is_open_or_told_stays,
    what_was_kept_goes_when_it_is_settled_and_old,
    what_was_kept_cannot_be_edited_unnoticed,
    a_journal_is_not_larger_than_it_may_be,
    nothing_goes_before_its_time,
}

/// Opens with a retention, records, and waits until nothing more is to go.
pub async fn retained(place: &Place, retention: Retention, entries: Vec<Entry>) {
    let store = Store::open(Options { retention, ..place.options() }, now()).await.unwrap();
    let journal = store.journal();
    journal.record(entries).await.unwrap();
    let mut before = u64::MAX;
    // One step lies between two answers; when the number of entries stands still, it was the last one.
    loop {
        for _ in 0..3 {
            journal.load().await.unwrap();
        }
        let left = place.number("SELECT count(*) FROM entry").await.unsigned_abs();
        if left == before {
            break;
        }
        before = left;
    }
    store.close().await.unwrap();
}

fn for_seconds(seconds: u64) -> Retention {
    Retention { age: Duration::from_secs(seconds), ..FOR_EVER }
}

async fn what_is_old_goes_and_what_is_open_or_told_stays(place: Place) {
    let (hanging, cut) = (change(9_000, 5, idle()), gap(9_001, GapKind::Frozen, 6));
    let (over, long_ago) = (gap(9_002, GapKind::Late, 7), change(9_003, 3, meal()));
    let old = vec![
        recorded("gone", &long_ago),
        accepted("gone", 9_003, 1, 1, 4),
        recorded("jane", &hanging),
        failed("jane", 9_000, 1, 2, 6),
        gap_began(&cut),
        gap_began(&over),
        gap_ended(9_002, 8),
    ];
    place.record(old).await;
    place.record(busy_morning(1_500)).await;
    let before = place.memory().await;

    // The last change of the morning happened after 2,998 seconds.
    retained(&place, for_seconds(1_000), vec![alive(3_001)]).await;

    assert_eq!(place.memory().await, domain_memory_at(before, 3_001));
    assert_eq!(
        place.number("SELECT count(*) FROM entry WHERE number <= 7").await,
        3,
        "the open change and the open gap"
    );
    let first = place.number("SELECT min(number) FROM entry WHERE number > 7").await;
    assert!((1_980..2_040).contains(&first), "{first}");
    assert_eq!(crate::verify::flaws(&place).await, []);
    // Whoever was told something long ago still was.
    let told = place.texts("SELECT value FROM told WHERE agent = 'gone'").await;
    assert_eq!(told, ["Meal"]);

    fn domain_memory_at(memory: replicator::ports::Memory, second: i64) -> replicator::ports::Memory {
        replicator::ports::Memory { alive: Some(at(second)), ..memory }
    }
}

async fn what_was_kept_goes_when_it_is_settled_and_old(place: Place) {
    place.record(vec![recorded("jane", &change(9_000, 0, meal())), gap_began(&gap(9_001, GapKind::Frozen, 6))]).await;
    retained(&place, for_seconds(10), vec![alive(1_000), alive(1_001)]).await;
    assert_eq!(place.number("SELECT count(*) FROM entry").await, 4);
    retained(&place, for_seconds(10), vec![resumed("jane", 9_000, 1_900), alive(2_000)]).await;
    assert_eq!(place.memory().await.facets[0].pending, [(change(9_000, 0, meal()), 0)]);
    place
        .record(vec![resumed("jane", 9_000, 2_100), accepted("jane", 9_000, 1, 1, 2_101), gap_ended(9_001, 2_103)])
        .await;
    assert_eq!(crate::verify::flaws(&place).await, []);
    retained(&place, for_seconds(10), vec![alive(3_000)]).await;
    assert_eq!(place.number("SELECT count(*) FROM entry").await, 1);
    assert_eq!(crate::verify::flaws(&place).await, []);
    assert_eq!(place.memory().await.facets[0].told, Some((meal(), at(0))));
}

async fn what_was_kept_cannot_be_edited_unnoticed(place: Place) {
    place.record(vec![recorded("jane", &change(9_000, 0, meal()))]).await;
    retained(&place, for_seconds(10), vec![alive(1_000), alive(1_001)]).await;
    place.tamper("UPDATE entry SET detail = 'rule 2' WHERE number = 1").await;
    assert_eq!(crate::verify::flaws(&place).await, [(None, store::Flaw::Edited)]);
    place.tamper("DELETE FROM entry WHERE number = 1").await;
    let flaws = crate::verify::flaws(&place).await;
    assert!(flaws.contains(&(None, store::Flaw::Edited)) && flaws.contains(&(None, store::Flaw::State)), "{flaws:?}");
}

async fn a_journal_is_not_larger_than_it_may_be(place: Place) {
    place.record(busy_morning(6_000)).await;
    let (before, entries) = (file_size(&place), place.number("SELECT count(*) FROM entry").await);
    let told = place.memory().await.facets;
    let limit = 1_000_000;
    retained(&place, Retention { size: limit, ..FOR_EVER }, vec![alive(12_000)]).await;
    let left = place.number("SELECT count(*) FROM entry").await;
    assert!(left > 500 && left < entries, "{left} of {entries}");
    if let (Some(before), Some(after)) = (before, file_size(&place)) {
        // The file itself has shrunk, not only what is in it.
        assert!(before > 2 * limit && after < limit + limit / 5, "{before} {after}");
    }
    assert_eq!(place.memory().await.facets, told);
    assert_eq!(crate::verify::flaws(&place).await, []);
}

async fn nothing_goes_before_its_time(place: Place) {
    place.record(busy_morning(1_200)).await;
    retained(&place, for_seconds(10_000), vec![alive(2_400)]).await;
    assert_eq!(place.number("SELECT count(*) FROM entry").await, 2_401);
}

fn file_size(place: &Place) -> Option<u64> {
    match &place.location {
        Location::Sqlite(path) => Some(std::fs::metadata(path).unwrap().len()),
        Location::Postgres(_) => None,
    }
}
