//! The schema, forwards and one version back: journals of the version before open, and nothing in them is lost.

use store::{OpenFailure, Reader, SCHEMA_VERSION, migrate_down};

use crate::entries::*;
use crate::place::{Place, on_both};

on_both! {
    a_journal_of_version_1_opens_and_goes_on,
    a_journal_is_led_back_and_forward_again,
    columns_that_this_program_does_not_know_stay,
}

/// A journal as version 1 left it: made once, and never made again.
async fn of_version_1(place: &Place) {
    let sqlite = include_str!("golden/version1.sqlite.sql");
    let postgres = include_str!("golden/version1.postgres.sql");
    place.tamper(if place.is_postgres() { postgres } else { sqlite }).await;
}

async fn version(place: &Place) -> i64 {
    place.number("SELECT max(version) FROM _sqlx_migrations").await
}

async fn a_journal_of_version_1_opens_and_goes_on(place: Place) {
    of_version_1(&place).await;
    assert_eq!(version(&place).await, 1);
    let older = Reader::open(&place.location, "main").await.unwrap_err();
    assert!(matches!(older, OpenFailure::Older { found: 1, known: SCHEMA_VERSION, .. }), "{older}");

    let store = place.open().await;
    let memory = store.journal().load().await.unwrap();
    assert_eq!(memory.facets.len(), 2);
    assert_eq!(memory.facets[0].told, Some((on_queue(), at(0))));
    assert_eq!(memory.facets[0].pending, [(change(2, 10, meal()), 1)]);
    assert_eq!(memory.facets[1].told, Some((idle(), at(5))));
    assert_eq!(memory.gaps.len(), 1);
    store.journal().record(vec![resumed("jane", 2, 40), accepted("jane", 2, 2, 1, 41)]).await.unwrap();
    store.close().await.unwrap();
    assert_eq!(version(&place).await, SCHEMA_VERSION);
    assert_eq!(crate::verify::flaws(&place).await, []);
    assert_eq!(place.number("SELECT count(*) FROM changes WHERE state = 'delivered'").await, 3);
}

async fn a_journal_is_led_back_and_forward_again(place: Place) {
    place.record(busy_morning(50)).await;
    let entries = crate::reading::all_entries(&place).await;
    let memory = place.memory().await;

    let held = place.open().await;
    let in_use = migrate_down(&place.location).await.unwrap_err();
    assert!(matches!(in_use, OpenFailure::InUse { .. }), "{in_use:?}");
    held.close().await.unwrap();

    assert_eq!(migrate_down(&place.location).await.unwrap(), 1);
    assert_eq!(version(&place).await, 1);
    assert_eq!(place.number("SELECT count(*) FROM entry").await, 100);
    // The first version has nothing before it.
    assert_eq!(migrate_down(&place.location).await.unwrap(), 1);

    assert_eq!(place.memory().await, memory);
    assert_eq!(version(&place).await, SCHEMA_VERSION);
    assert_eq!(crate::reading::all_entries(&place).await, entries);
    assert_eq!(crate::verify::flaws(&place).await, []);
}

async fn columns_that_this_program_does_not_know_stay(place: Place) {
    place.record(busy_morning(5)).await;
    place
        .tamper("ALTER TABLE entry ADD COLUMN remark TEXT; UPDATE entry SET remark = 'ask Joe' WHERE number = 3")
        .await;
    place.record(delivered("jane", 9, 100, meal()).to_vec()).await;
    migrate_down(&place.location).await.unwrap();
    place.record(delivered("jane", 10, 110, on_queue()).to_vec()).await;
    assert_eq!(place.texts("SELECT remark FROM entry WHERE number = 3").await, ["ask Joe"]);
    assert_eq!(crate::verify::flaws(&place).await, []);
}
