//! The schema, forwards and back: journals of the versions before open, and nothing in them is lost.

use store::{OpenFailure, Reader, SCHEMA_VERSION, migrate_down};

use crate::entries::*;
use crate::place::{Place, on_both};

on_both! {
    a_journal_of_version_1_opens_and_goes_on,
    a_journal_of_version_2_opens_and_goes_on,
    a_damaged_journal_of_version_2_is_refused_and_stays_one,
    led_back_it_has_the_tables_and_views_of_before,
    a_journal_is_led_back_and_forward_again,
    columns_that_this_program_does_not_know_stay,
}

/// A journal as version 1 left it: made once, and never made again.
async fn of_version_1(place: &Place) {
    let sqlite = include_str!("golden/version1.sqlite.sql");
    let postgres = include_str!("golden/version1.postgres.sql");
    place.tamper(if place.is_postgres() { postgres } else { sqlite }).await;
}

/// The same of version 2.
async fn of_version_2(place: &Place) {
    let sqlite = include_str!("golden/version2.sqlite.sql");
    let postgres = include_str!("golden/version2.postgres.sql");
    place.tamper(if place.is_postgres() { postgres } else { sqlite }).await;
}

/// The columns of a table or view, in their order.
pub async fn columns(place: &Place, table: &str) -> Vec<String> {
    let sql = if place.is_postgres() {
        format!(
            "SELECT string_agg(column_name, ' ' ORDER BY ordinal_position) FROM information_schema.columns \
             WHERE table_schema = 'presence_bridge' AND table_name = '{table}'"
        )
    } else {
        format!("SELECT group_concat(name, ' ') FROM pragma_table_info('{table}')")
    };
    place.texts(&sql).await[0].split_whitespace().map(str::to_owned).collect()
}

pub async fn version(place: &Place) -> i64 {
    place.number("SELECT max(version) FROM _sqlx_migrations").await
}

async fn a_journal_of_version_1_opens_and_goes_on(place: Place) {
    of_version_1(&place).await;
    goes_on_from(&place, 1).await;
}

async fn a_journal_of_version_2_opens_and_goes_on(place: Place) {
    of_version_2(&place).await;
    assert_eq!(place.number("SELECT count(*) FROM changes").await, 3);
    goes_on_from(&place, 2).await;
    // What it can say now is said from here on.
    let lunch = in_status("Lunch", change(7, 60, meal()));
    place.record(vec![recorded("jane", &lunch), claimed("jane", 8, 61), entered("jane", "Dinner", 62)]).await;
    assert_eq!(place.texts("SELECT presence FROM statuses WHERE status = 'Dinner'").await, ["Meal"]);
    assert_eq!(place.texts("SELECT status FROM changes ORDER BY number DESC LIMIT 1").await, ["Lunch"]);
    assert_eq!(place.number("SELECT count(*) FROM changes WHERE status IS NULL").await, 3);
    assert_eq!(place.memory().await.claimed.len(), 1);
    assert_eq!(crate::verify::flaws(&place).await, []);
}

async fn a_damaged_journal_of_version_2_is_refused_and_stays_one(place: Place) {
    of_version_2(&place).await;
    place.tamper("UPDATE entry SET to_value = 'Asleep' WHERE number = 5").await;
    let refused = place.try_open().await.unwrap_err();
    assert!(refused.to_string().contains("entry 5"), "{refused}");
    assert_eq!(version(&place).await, 2);
}

async fn led_back_it_has_the_tables_and_views_of_before(place: Place) {
    let before = if place.is_postgres() { Place::postgres().await } else { Place::sqlite() };
    of_version_2(&before).await;
    place.record(busy_morning(3)).await;
    for name in ["changes", "entry"] {
        let now = columns(&place, name).await;
        assert_eq!(now.last().unwrap(), "status");
        // Later versions only add.
        assert_eq!(now[..now.len() - 1], columns(&before, name).await, "{name}");
    }
    migrate_down(&place.location).await.unwrap();
    for name in
        ["link", "agent", "entry", "standing", "unsettled", "changes", "attempts", "gaps", "told", "claims", "statuses"]
    {
        assert_eq!(columns(&place, name).await, columns(&before, name).await, "{name}");
    }
    assert_eq!(place.number("SELECT count(*) FROM changes WHERE state = 'delivered'").await, 3);
}

async fn goes_on_from(place: &Place, older_version: i64) {
    assert_eq!(version(place).await, older_version);
    let older = Reader::open(&place.location, "main").await.unwrap_err();
    let is_older = matches!(older, OpenFailure::Older { found, known: SCHEMA_VERSION, .. } if found == older_version);
    assert!(is_older, "{older}");

    let store = place.open().await;
    let memory = store.journal().load().await.unwrap();
    assert_eq!(memory.facets.len(), 2);
    assert_eq!(memory.facets[0].told, Some((on_queue(), at(0))));
    assert_eq!(memory.facets[0].pending, [(change(2, 10, meal()), 1)]);
    assert_eq!(memory.facets[1].told, Some((idle(), at(5))));
    assert_eq!(memory.gaps.len(), 1);
    store.journal().record(vec![resumed("jane", 2, 40), accepted("jane", 2, 2, 1, 41)]).await.unwrap();
    store.close().await.unwrap();
    assert_eq!(version(place).await, SCHEMA_VERSION);
    assert_eq!(crate::verify::flaws(place).await, []);
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

    for before in [2, 1] {
        assert_eq!(migrate_down(&place.location).await.unwrap(), before);
        assert_eq!(version(&place).await, before);
    }
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
