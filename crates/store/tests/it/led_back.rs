//! Leading back to version 2, which has no words for status messages, entered statuses, claims and renewed agents: no entry is
//! lost, and the program of that version finds nothing that it would not have written itself.

use domain::change::Change;
use replicator::ports::{Entry, Fact};
use store::{Flaw, OpenFailure, migrate_down};

use crate::entries::*;
use crate::migrations::{columns, version};
use crate::place::{Place, chain, on_both};

on_both! {
    what_version_2_has_no_words_for_is_said_in_others,
    the_hashes_are_those_that_version_2_would_have_calculated,
    what_retention_kept_is_led_back_too,
    all_links_are_led_back,
    an_edit_is_not_covered_up,
    a_cut_is_not_covered_up,
}

/// A day with status messages and claims, and what version 2 can say of it.
fn a_day() -> (Vec<Entry>, Vec<Entry>) {
    let note = |second: i64, id: u32, what: &str, agent: &str| {
        let user = format!("aaaaaaaa-0000-0000-0000-{id:012}");
        let doubt = format!("nothing was confirmed: the presence source of user {user} {what}, for agent {agent}");
        Entry { at: at(second), fact: Fact::Confirmed { doubt } }
    };
    let lunch = in_status("Lunch", change(5_000, 10_000, meal()));
    let dinner = entered("jane", "Dinner", 10_003);
    let doubt =
        "nothing was confirmed: agent jane entered the status message Dinner at 2026-09-21T17:00:03Z".to_owned();
    let dinner_noted = Entry { at: dinner.at, fact: Fact::Confirmed { doubt } };
    let doubt = "nothing was confirmed: an administrator had agent jane read back and put right".to_owned();
    let renewed_noted = Entry { at: at(10_004), fact: Fact::Confirmed { doubt } };
    let mut day = vec![claimed("jane", 7, 0), claimed("joe", 8, 1)];
    let mut said = vec![note(0, 7, "became ours", "jane"), note(1, 8, "became ours", "joe")];
    for entries in [&mut day, &mut said] {
        entries.extend(busy_morning(1_100));
    }
    day.extend([recorded("jane", &lunch), released("joe", 8, 10_001), failed("jane", 5_000, 1, 5_000, 10_002), dinner]);
    day.push(renewed("jane", 10_004));
    said.extend([
        recorded("jane", &Change { status: None, ..lunch }),
        note(10_001, 8, "was given back", "joe"),
        failed("jane", 5_000, 1, 5_000, 10_002),
        dinner_noted,
        renewed_noted,
    ]);
    (day, said)
}

async fn what_version_2_has_no_words_for_is_said_in_others(place: Place) {
    let (day, said) = a_day();
    place.record(day.clone()).await;
    assert_eq!(migrate_down(&place.location).await.unwrap(), 2);
    assert_eq!(version(&place).await, 2);
    // The kinds that version 2 knows, and its columns: it refuses to read others.
    let unknown = "SELECT count(*) FROM entry WHERE kind NOT IN ('recorded', 'accepted', 'failed', 'resumed', 'dropped', \
                   'gap began', 'gap ended', 'alive', 'confirmed')";
    assert_eq!(place.number(unknown).await, 0);
    assert!(!columns(&place, "entry").await.contains(&"status".to_owned()));
    let numbers = "SELECT count(*) FROM entry WHERE number BETWEEN 1 AND 2207";
    assert_eq!(place.number(numbers).await, i64::try_from(day.len()).unwrap());

    // Forward again: the same entries, and what was not settled goes on. Who was claimed is not known any more.
    let memory = place.memory().await;
    assert_eq!(version(&place).await, store::SCHEMA_VERSION);
    assert_eq!(crate::reading::all_entries(&place).await, said);
    assert_eq!(crate::verify::flaws(&place).await, []);
    assert_eq!(memory.claimed, []);
    let pending = memory.facets.iter().flat_map(|facet| &facet.pending);
    assert_eq!(pending.map(|(change, attempts)| (change.id, *attempts)).collect::<Vec<_>>(), [(change_id(5_000), 1)]);
    place.record(vec![resumed("jane", 5_000, 11_000), accepted("jane", 5_000, 2, 1, 11_001)]).await;
    assert_eq!(crate::verify::flaws(&place).await, []);
}

async fn the_hashes_are_those_that_version_2_would_have_calculated(place: Place) {
    let (day, said) = a_day();
    place.record(day).await;
    migrate_down(&place.location).await.unwrap();
    let other = if place.is_postgres() { Place::postgres().await } else { Place::sqlite() };
    // Entries without anything new are what they were in version 2, which `a_line_is_what_it_has_always_been` holds.
    other.record(said).await;
    let hashes = if place.is_postgres() {
        "SELECT (SELECT encode(chain, 'hex') FROM link), string_agg(encode(chain, 'hex'), ' ' ORDER BY number) FROM entry"
    } else {
        "SELECT (SELECT hex(chain) FROM link), group_concat(hex(chain), ' ') FROM (SELECT chain FROM entry ORDER BY number)"
    };
    assert_eq!(place.texts(hashes).await, other.texts(hashes).await);
}

async fn what_retention_kept_is_led_back_too(place: Place) {
    place.record(vec![claimed("jane", 7, 0), recorded("joe", &in_status("Lunch", change(9_000, 1, meal())))]).await;
    place.record(busy_morning(1_200)).await;
    place.record(vec![entered("joe", "Dinner", 2_398)]).await;
    let briefly = store::Retention { age: std::time::Duration::from_secs(100), ..crate::place::FOR_EVER };
    crate::retention::retained(&place, briefly, vec![alive(2_399), alive(2_400)]).await;
    let before = crate::reading::all_entries(&place).await.len();
    migrate_down(&place.location).await.unwrap();
    let memory = place.memory().await;
    assert_eq!(crate::reading::all_entries(&place).await.len(), before);
    assert_eq!(crate::verify::flaws(&place).await, []);
    assert!(memory.facets.iter().any(|facet| facet.pending == [(change(9_000, 1, meal()), 0)]));
}

async fn all_links_are_led_back(place: Place) {
    for link in ["main", "other"] {
        let store = store::Store::open(place.options_of(link), crate::place::now()).await.unwrap();
        store.journal().record(vec![claimed("jane", 7, 0), alive(1)]).await.unwrap();
        store.close().await.unwrap();
    }
    migrate_down(&place.location).await.unwrap();
    assert_eq!(place.number("SELECT count(*) FROM entry WHERE kind = 'confirmed'").await, 2);
    place.record(vec![alive(2)]).await;
    for link in ["main", "other"] {
        assert_eq!(store::verify(&place.location, link).await.unwrap().findings, []);
    }
}

async fn an_edit_is_not_covered_up(place: Place) {
    place.record(a_day().0).await;
    place.tamper("UPDATE entry SET detail = 'rule 2' WHERE number = 1501").await;
    let refused = migrate_down(&place.location).await.unwrap_err();
    assert!(matches!(refused, OpenFailure::Corrupt { .. }), "{refused:?}");
    assert!(chain(&refused).contains("entry 1501 does not follow from those before it"), "{}", chain(&refused));
    // Nothing was changed, also not before it.
    assert_eq!(version(&place).await, store::SCHEMA_VERSION);
    assert_eq!(place.number("SELECT count(*) FROM entry WHERE kind = 'claimed'").await, 2);
    assert_eq!(crate::verify::flaws(&place).await, [(Some(1_501), Flaw::Edited)]);
}

async fn a_cut_is_not_covered_up(place: Place) {
    place.record(vec![alive(1), alive(2), alive(3)]).await;
    for cut in ["DELETE FROM entry WHERE number = 3", "DELETE FROM entry WHERE number = 2"] {
        place.tamper(cut).await;
        let refused = migrate_down(&place.location).await.unwrap_err();
        assert!(matches!(refused, OpenFailure::Corrupt { .. }), "{refused:?}");
    }
    assert_eq!(version(&place).await, store::SCHEMA_VERSION);
}
