//! What a journal promises to the loop, whichever database it is in.

use domain::change::{Facet, Value};
use domain::ids::AgentId;
use domain::target::OutOfOffice;
use domain::trust::GapKind;
use jiff::Timestamp;
use replicator::ports::{Attempt, Failure, Memory, Remembered, Stage};

use crate::entries::*;
use crate::place::{Place, chain, now, on_both};
use store::Store;

on_both! {
    a_new_journal_remembers_nothing,
    what_was_told_and_what_is_pending_is_there_at_the_next_start,
    told_is_what_happened_last_and_not_what_was_accepted_last,
    an_agent_is_one_however_its_name_is_written,
    every_entry_comes_back_as_it_was,
    texts_and_times_that_no_database_holds_do_not_stop_it,
    records_of_many_tasks_are_all_kept_each_in_its_order,
    a_burst_takes_few_transactions,
    more_entries_than_a_statement_takes_are_one_record,
    a_closed_journal_takes_nothing,
    a_journal_dropped_without_a_word_has_everything,
}

async fn a_new_journal_remembers_nothing(place: Place) {
    let store = place.open().await;
    assert_eq!(store.epoch(), 1);
    assert_eq!(store.journal().load().await.unwrap(), Memory::default());
    store.journal().record(Vec::new()).await.unwrap();
    store.close().await.unwrap();
}

async fn what_was_told_and_what_is_pending_is_there_at_the_next_start(place: Place) {
    let second = in_status("Lunch", change(2, 10, meal()));
    let [first, third] = [change(1, 0, on_queue()), change(3, 20, on_queue())];
    let routing = change(4, 5, idle());
    let cut = gap(9, GapKind::SourceDown, 12);
    place
        .record(vec![
            recorded("jane", &first),
            accepted("jane", 1, 1, 1, 1),
            recorded("jane", &routing),
            dropped("jane", 4, 6),
            recorded("jane", &second),
            failed("jane", 2, 1, 2, 11),
            gap_began(&cut),
            gap_began(&gap(8, GapKind::Late, 13)),
            gap_ended(8, 14),
            failed("jane", 2, 2, 3, 15),
            recorded("jane", &third),
            alive(30),
        ])
        .await;

    let store = place.open().await;
    assert_eq!(store.epoch(), 2);
    let memory = store.journal().load().await.unwrap();
    assert_eq!(memory.gaps, [cut]);
    assert_eq!(memory.alive, Some(at(30)));
    let presence = Remembered {
        agent: AgentId::new("jane"),
        facet: Facet::Presence,
        told: Some((on_queue(), at(0))),
        newest: Some(at(20)),
        pending: vec![(second, 2), (third, 0)],
    };
    let routing = Remembered {
        agent: AgentId::new("jane"),
        facet: Facet::Routing,
        told: None,
        newest: Some(at(5)),
        pending: Vec::new(),
    };
    assert_eq!(memory.facets, [presence, routing]);

    // The next start goes on with them: what is settled now is gone at the one after.
    let more = vec![resumed("jane", 2, 40), accepted("jane", 2, 3, 1, 41), resumed("jane", 3, 40), gap_ended(9, 41)];
    store.journal().record(more).await.unwrap();
    store.close().await.unwrap();
    let memory = place.memory().await;
    assert_eq!(memory.gaps, []);
    assert_eq!(memory.facets[0].told, Some((meal(), at(10))));
    assert_eq!(memory.facets[0].pending, [(third_again(), 0)]);

    fn third_again() -> domain::change::Change {
        change(3, 20, on_queue())
    }
}

async fn told_is_what_happened_last_and_not_what_was_accepted_last(place: Place) {
    let (earlier, later) = (change(1, 0, on_queue()), change(2, 10, meal()));
    let store = place.open().await;
    let journal = store.journal();
    journal
        .record(vec![recorded("jane", &earlier), failed("jane", 1, 1, 1, 1), recorded("jane", &later)])
        .await
        .unwrap();
    journal.record(vec![accepted("jane", 2, 1, 2, 11)]).await.unwrap();
    journal.record(vec![accepted("jane", 1, 2, 3, 12)]).await.unwrap();
    assert_eq!(journal.load().await.unwrap().facets[0].told, Some((meal(), at(10))));
    store.close().await.unwrap();
    assert_eq!(place.memory().await.facets[0].told, Some((meal(), at(10))));
}

async fn an_agent_is_one_however_its_name_is_written(place: Place) {
    place.record(delivered("Jürgen.Öst", 1, 0, on_queue()).to_vec()).await;
    place.record(delivered("JÜRGEN.ÖST", 2, 10, meal()).to_vec()).await;
    let memory = place.memory().await;
    assert_eq!(memory.facets.len(), 1);
    assert_eq!(memory.facets[0].agent.as_str(), "Jürgen.Öst");
    assert_eq!(memory.facets[0].told, Some((meal(), at(10))));
    assert_eq!(crate::verify::flaws(&place).await, [], "what is read again is what the hash is over");
}

async fn every_entry_comes_back_as_it_was(place: Place) {
    let reason = || "it's \"so\"\n\t– 理由".to_owned();
    let outcomes = [
        Ok(()),
        Err(Failure::Throttled { retry_after: None }),
        Err(Failure::Throttled { retry_after: Some(std::time::Duration::from_nanos(12_000_000_001)) }),
        Err(Failure::Unavailable { reason: reason(), maybe_applied: true }),
        Err(Failure::Unavailable { reason: reason(), maybe_applied: false }),
        Err(Failure::Deferred { reason: reason() }),
        Err(Failure::Refused { reason: String::new() }),
        Err(Failure::Unauthorized { reason: reason() }),
        Err(Failure::Unsupported { reason: reason() }),
    ];
    let mut entries = vec![alive(0)];
    for (id, outcome) in (1..).zip(outcomes) {
        let to = Value::OutOfOffice(OutOfOffice::On { until: Some(at(7)) });
        let mut change = in_status("Gone – zu Tisch", change(id, i64::try_from(id).unwrap(), to));
        change.from = Some(Value::OutOfOffice(OutOfOffice::On { until: None }));
        entries.push(recorded("jane", &change));
        let stage = match attempt(1, u64::try_from(id).unwrap(), 20, outcome) {
            Stage::Attempted(attempt) => Stage::Attempted(Attempt { correlation: None, ..attempt }),
            other => other,
        };
        entries.push(entry("jane", id, 21, stage));
    }
    entries.extend(GapKind::ALL.into_iter().zip(100..).map(|(kind, id)| gap_began(&gap(id, kind, 30))));
    entries.extend([gap_ended(100, 31), resumed("jane", 2, 32), dropped("jane", 3, 33)]);
    entries.push(replicator::ports::Entry {
        at: at(34),
        fact: replicator::ports::Fact::Confirmed { doubt: "too many left at once".to_owned() },
    });
    entries.extend([claimed("jane", 7, 35), released("jane", 7, 36), claimed("jane", 8, 37), renewed("jane", 38)]);
    place.record(entries.clone()).await;
    assert_eq!(crate::reading::all_entries(&place).await, entries);
}

async fn texts_and_times_that_no_database_holds_do_not_stop_it(place: Place) {
    let mut odd = in_status("at\0lunch", change(1, 0, on_queue()));
    odd.why = format!("a\0b{}", "x".repeat(100_000));
    odd.happened = Timestamp::MAX;
    place.record(vec![recorded("ja\0ne", &odd)]).await;
    let memory = place.memory().await;
    let kept = &memory.facets[0].pending[0].0;
    assert_eq!(memory.facets[0].agent.as_str(), "ja\u{FFFD}ne");
    assert_eq!(kept.status.as_ref().unwrap().as_str(), "at\u{FFFD}lunch");
    assert!(kept.why.starts_with("a\u{FFFD}bxxx") && kept.why.ends_with("x…") && kept.why.len() < 5_000);
    assert_eq!(kept.happened.to_string(), "2262-04-11T23:47:16.854775807Z");
}

async fn records_of_many_tasks_are_all_kept_each_in_its_order(place: Place) {
    let store = place.open().await;
    let tasks: Vec<_> = (0..8_u32)
        .map(|task| {
            let journal = store.journal();
            tokio::spawn(async move {
                for n in 0..25_u32 {
                    let id = u128::from(task * 100 + n + 1);
                    let change = change(id, i64::from(n), on_queue());
                    journal.record(vec![recorded(&format!("agent{task}"), &change)]).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    store.close().await.unwrap();
    let memory = place.memory().await;
    assert_eq!(memory.facets.len(), 8);
    for (task, facet) in (0..).zip(&memory.facets) {
        let ids: Vec<_> = facet.pending.iter().map(|(change, _)| change.id).collect();
        let expected: Vec<_> = (0..25).map(|n| change_id(task_of(facet) * 100 + n + 1)).collect();
        assert_eq!(ids, expected, "task {task}");
    }

    fn task_of(facet: &Remembered) -> u128 {
        facet.agent.as_str().trim_start_matches("agent").parse().unwrap()
    }
}

async fn a_burst_takes_few_transactions(place: Place) {
    let store = place.open().await;
    let journal = store.journal();
    // All of them are on their way before the writing task has a turn: this runtime has one thread.
    let records =
        (1..=60).map(|id| journal.record(vec![recorded("jane", &change(id, i64::try_from(id).unwrap(), meal()))]));
    for done in futures_util::future::join_all(records).await {
        done.unwrap();
    }
    let closed = store.close().await.unwrap();
    assert_eq!(closed.entries, 60);
    assert!(closed.commits <= 2, "{closed:?}");
}

async fn more_entries_than_a_statement_takes_are_one_record(place: Place) {
    let store = place.open().await;
    // Parameters are counted in 16 bits: 4,000 entries have more than that, as have 4,000 agents.
    let entries = (1..=4_000_u128).map(|id| recorded(&format!("agent{id}"), &change(id, 0, meal()))).collect();
    store.journal().record(entries).await.unwrap();
    let settled = (1..=4_000_u128).map(|id| accepted(&format!("agent{id}"), id, 1, 1, 1)).collect();
    store.journal().record(settled).await.unwrap();
    assert_eq!(store.close().await.unwrap().commits, 2);
    let memory = place.memory().await;
    assert_eq!(memory.facets.len(), 4_000);
    assert!(memory.facets.iter().all(|facet| facet.told.is_some() && facet.pending.is_empty()));
}

async fn a_closed_journal_takes_nothing(place: Place) {
    let store = place.open().await;
    let journal = store.journal();
    store.close().await.unwrap();
    let failure = journal.record(vec![alive(1)]).await.unwrap_err();
    assert!(chain(&failure).ends_with("is closed"), "{}", chain(&failure));
    assert!(journal.load().await.is_err());
}

async fn a_journal_dropped_without_a_word_has_everything(place: Place) {
    // A runtime of its own, whose end leaves no task time for anything.
    let location = place.options();
    let recorded = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let store = Store::open(location, now()).await.unwrap();
            store.journal().record(busy_morning(20)).await.unwrap();
            let hanging = change(21, 50, meal());
            store.journal().record(vec![recorded("jane", &hanging)]).await.unwrap();
        });
    });
    recorded.join().unwrap();
    let store = place.open().await;
    assert_eq!(store.epoch(), 2);
    let memory = store.journal().load().await.unwrap();
    assert_eq!(memory.facets.len(), 8);
    assert_eq!(memory.facets[7].pending.len(), 1);
    store.close().await.unwrap();
    assert_eq!(crate::verify::flaws(&place).await, []);
}
