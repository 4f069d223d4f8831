//! One bridge a link: who comes second is refused, and who was overtaken writes nothing more.

use crate::entries::*;
use crate::place::{Place, chain, now, on_both};
use store::{OpenFailure, Reader, RecordFailure, Store};

on_both! {
    a_second_bridge_is_refused_and_told_what_to_do,
    whoever_was_overtaken_writes_nothing_more,
    an_entry_that_somebody_else_wrote_stops_it,
    the_journal_is_free_again_after_closing,
}

async fn a_second_bridge_is_refused_and_told_what_to_do(place: Place) {
    let store = place.open().await;
    let refused = place.try_open().await.unwrap_err();
    assert!(matches!(refused, OpenFailure::InUse { .. }), "{refused:?}");
    let said = chain(&refused);
    assert!(said.contains("is in use by another bridge") && said.contains(&place.location.to_string()), "{said}");
    // The first one goes on undisturbed, and can be read meanwhile.
    store.journal().record(vec![alive(1)]).await.unwrap();
    let reader = Reader::open(&place.location, "main").await.unwrap();
    reader.close().await;
    store.journal().record(vec![alive(2)]).await.unwrap();
    assert_eq!(store.close().await.unwrap().entries, 2);
}

async fn whoever_was_overtaken_writes_nothing_more(place: Place) {
    let store = place.open().await;
    store.journal().record(vec![alive(1)]).await.unwrap();
    // As a bridge elsewhere would that got the lock: a server that was restored, a lock file that was removed.
    place.tamper("UPDATE link SET epoch = epoch + 1").await;
    for _ in 0..2 {
        let failure = store.journal().record(delivered("jane", 1, 2, meal()).to_vec()).await.unwrap_err();
        assert!(chain(&failure).contains("was taken over by another bridge"), "{}", chain(&failure));
    }
    assert!(store.journal().load().await.is_err());
    assert!(matches!(store.close().await, Err(RecordFailure::Fenced { .. })));
    assert_eq!(place.number("SELECT count(*) FROM entry").await, 1);
    assert_eq!(place.number("SELECT count(*) FROM unsettled").await, 0);
    assert_eq!(place.number("SELECT count(*) FROM agent").await, 0);
}

async fn an_entry_that_somebody_else_wrote_stops_it(place: Place) {
    let store = place.open().await;
    place.tamper("UPDATE link SET head = head + 1").await;
    assert!(store.journal().record(vec![alive(1)]).await.is_err());
    assert!(store.close().await.is_err());
}

async fn the_journal_is_free_again_after_closing(place: Place) {
    for epoch in 1..=3 {
        let store = place.open().await;
        assert_eq!(store.epoch(), epoch);
        store.close().await.unwrap();
    }
}

#[tokio::test]
async fn links_of_one_server_do_not_disturb_each_other() {
    let place = Place::postgres().await;
    let main = place.open().await;
    let other = Store::open(place.options_of("other"), now()).await.unwrap();
    main.journal().record(busy_morning(10)).await.unwrap();
    other.journal().record(delivered("jane", 1, 0, meal()).to_vec()).await.unwrap();
    let refused = Store::open(place.options_of("other"), now()).await.unwrap_err();
    assert!(refused.to_string().contains("for the link \"other\""), "{refused}");
    assert_eq!(main.close().await.unwrap().entries, 20);
    assert_eq!(other.close().await.unwrap().entries, 2);
    assert_eq!(place.memory().await.facets.len(), 7);
    let links = Reader::links(&place.location).await.unwrap();
    let names: Vec<_> = links.iter().map(|link| (link.name.as_str(), link.entries)).collect();
    assert_eq!(names, [("main", 20), ("other", 2)]);
}

#[tokio::test]
async fn links_of_one_process_begin_at_the_same_moment_in_a_new_database() {
    let place = Place::postgres().await;
    let names: Vec<String> = (1..=6).map(|n| format!("link {n}")).collect();
    let opening = names.iter().map(|name| Store::open(place.options_of(name), now()));
    for (n, store) in (1..).zip(futures_util::future::join_all(opening).await) {
        let store = store.unwrap();
        assert_eq!(store.epoch(), 1);
        store.journal().record(delivered("jane", n, 0, meal()).to_vec()).await.unwrap();
        store.close().await.unwrap();
    }
    let links = Reader::links(&place.location).await.unwrap();
    assert_eq!(
        links.iter().map(|link| (link.name.clone(), link.entries)).collect::<Vec<_>>(),
        names.into_iter().map(|name| (name, 2)).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn a_file_is_one_bridge_s_and_may_have_other_links_after_it() {
    let place = Place::sqlite();
    let main = place.open().await;
    let refused = Store::open(place.options_of("other"), now()).await.unwrap_err();
    assert!(matches!(refused, OpenFailure::InUse { .. }), "{refused}");
    let said = refused.to_string();
    assert!(
        said.ends_with("in use by another bridge, or for another link: stop that one, or give this one its own"),
        "{said}"
    );
    main.journal().record(vec![alive(1)]).await.unwrap();
    main.close().await.unwrap();
    let other = Store::open(place.options_of("other"), now()).await.unwrap();
    assert_eq!(other.epoch(), 1);
    other.close().await.unwrap();
}

#[tokio::test]
async fn a_server_that_ends_the_session_ends_the_journal() {
    let place = Place::postgres().await;
    let store = place.open().await;
    store.journal().record(vec![alive(1)]).await.unwrap();
    place.end_sessions().await;
    let failure = store.journal().record(vec![alive(2)]).await.unwrap_err();
    assert!(chain(&failure).contains("failed to write to the journal postgres://127.0.0.1"), "{}", chain(&failure));
    assert!(store.close().await.is_err());
    // The next one finds everything that was kept.
    let store = place.open().await;
    assert_eq!(store.journal().load().await.unwrap().alive, Some(at(1)));
    store.close().await.unwrap();
}
