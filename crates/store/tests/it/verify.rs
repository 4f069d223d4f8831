//! Verifying: a journal that is as it was written has no findings, and each way to spoil one is found.

use domain::trust::GapKind;
use replicator::ports::Entry;
use store::{Flaw, verify};

use crate::entries::*;
use crate::place::{Place, on_both};

on_both! {
    a_journal_as_it_was_written_has_no_findings,
    whatever_is_edited_or_removed_is_found,
    a_status_that_was_entered_cannot_be_edited_unnoticed,
    a_story_that_makes_no_sense_is_found,
    a_release_of_what_was_not_claimed_is_found,
    a_finding_says_where_and_what,
}

/// A flaw, and the entry where it is.
type At = (Option<u64>, Flaw);

/// The flaws of the link `main` with the entries where they are.
pub async fn flaws(place: &Place) -> Vec<At> {
    let verified = verify(&place.location, "main").await.unwrap();
    assert_eq!(verified.further, 0);
    verified.findings.into_iter().map(|finding| (finding.number, finding.flaw)).collect()
}

async fn a_journal_as_it_was_written_has_no_findings(place: Place) {
    place.record(busy_morning(1_200)).await;
    let hanging = change(5_000, 10_000, meal());
    place.record(vec![recorded("agent0", &hanging), failed("agent0", 5_000, 1, 1, 10_001)]).await;
    let cut = gap(9, GapKind::SourceDown, 12);
    // Resumed by the next bridge, which counts its requests from 1 again.
    place
        .record(vec![gap_began(&cut), resumed("agent0", 5_000, 11_000), accepted("agent0", 5_000, 2, 1, 11_001)])
        .await;
    let verified = verify(&place.location, "main").await.unwrap();
    assert_eq!(verified.findings, []);
    assert_eq!((verified.entries, verified.changes, verified.requests), (2_405, 1_201, 1_202));
}

async fn whatever_is_edited_or_removed_is_found(place: Place) {
    place.record(busy_morning(8)).await;
    place.record(vec![recorded("jane", &in_status("Lunch", change(99, 100, meal())))]).await;
    let cases: [(&str, &str, &[At]); 10] = [
        (
            "UPDATE entry SET detail = 'rule 2' WHERE number = 3",
            "UPDATE entry SET detail = 'rule 1' WHERE number = 3",
            &[(Some(3), Flaw::Edited)],
        ),
        (
            "UPDATE entry SET status = 'Gone Home' WHERE number = 17",
            "UPDATE entry SET status = 'Lunch' WHERE number = 17",
            &[(Some(17), Flaw::Edited)],
        ),
        (
            "UPDATE entry SET happened = happened + 1 WHERE number = 17",
            "UPDATE entry SET happened = happened - 1 WHERE number = 17",
            &[(Some(17), Flaw::Edited), (None, Flaw::State)],
        ),
        (
            "UPDATE entry SET kind = 'asleep' WHERE number = 3",
            "UPDATE entry SET kind = 'recorded' WHERE number = 3",
            &[(Some(3), Flaw::Unreadable), (Some(4), Flaw::NotRecorded), (None, Flaw::State)],
        ),
        (
            "UPDATE agent SET name = 'jim' WHERE name = 'jane'",
            "UPDATE agent SET name = 'jane' WHERE name = 'jim'",
            &[(Some(17), Flaw::Edited)],
        ),
        ("UPDATE link SET head = head + 1", "UPDATE link SET head = head - 1", &[(Some(18), Flaw::Missing)]),
        ("UPDATE link SET epoch = 1", "UPDATE link SET epoch = 2", &[(Some(17), Flaw::Epoch)]),
        (
            "UPDATE standing SET told = 'Busy' WHERE agent = 1",
            "UPDATE standing SET told = 'Meal' WHERE agent = 1",
            &[(None, Flaw::State)],
        ),
        (
            "DELETE FROM entry WHERE number = 17",
            "",
            &[(Some(17), Flaw::Missing), (None, Flaw::State), (None, Flaw::State)],
        ),
        ("DELETE FROM entry WHERE number = 5 OR number = 6", "", &[(Some(7), Flaw::Missing)]),
    ];
    for (spoil, mend, expected) in cases {
        place.tamper(spoil).await;
        let found = flaws(&place).await;
        for flaw in expected {
            assert!(found.contains(flaw), "{spoil}: {flaw:?} is not in {found:?}");
        }
        if mend.is_empty() {
            continue;
        }
        assert_eq!(found.len(), expected.len(), "{spoil}: {found:?}");
        place.tamper(mend).await;
        assert_eq!(flaws(&place).await, [], "{mend}");
    }
}

async fn a_status_that_was_entered_cannot_be_edited_unnoticed(place: Place) {
    place.record(vec![recorded("jane", &change(1, 0, meal())), entered("jane", "Dinner", 10), alive(11)]).await;
    assert_eq!(flaws(&place).await, []);
    for (spoil, flaw) in [
        ("UPDATE entry SET status = 'Lunch' WHERE number = 2", Flaw::Edited),
        ("UPDATE entry SET status = 'Dinner', happened = happened + 1 WHERE number = 2", Flaw::Edited),
        ("UPDATE entry SET happened = happened - 1, status = NULL WHERE number = 2", Flaw::Unreadable),
        ("DELETE FROM entry WHERE number = 2", Flaw::Missing),
    ] {
        place.tamper(spoil).await;
        let found = flaws(&place).await;
        assert!(found.iter().any(|one| one.1 == flaw), "{spoil}: {found:?}");
    }
}

async fn a_story_that_makes_no_sense_is_found(place: Place) {
    let first = change(1, 0, on_queue());
    let (later, earlier) = (change(2, 20, meal()), change(3, 10, on_queue()));
    let routing = change(4, 0, idle());
    let two = |id: u128| [recorded("jane", &change(id, 0, meal())), recorded("joe", &change(id + 1, 0, idle()))];
    let cases: Vec<(Vec<Entry>, Vec<At>)> = vec![
        (vec![accepted("jane", 1, 1, 1, 1)], vec![(Some(1), Flaw::NotRecorded)]),
        (vec![dropped("jane", 1, 1)], vec![(Some(1), Flaw::NotRecorded)]),
        (vec![resumed("jane", 1, 1)], vec![(Some(1), Flaw::NotRecorded)]),
        (
            vec![recorded("jane", &first), dropped("jane", 1, 1), accepted("jane", 1, 1, 1, 1)],
            vec![(Some(3), Flaw::AfterSettled)],
        ),
        (vec![recorded("jane", &first), recorded("joe", &change(1, 5, meal()))], vec![(Some(2), Flaw::RecordedTwice)]),
        (vec![recorded("jane", &first), failed("jane", 1, 2, 1, 1)], vec![(Some(2), Flaw::AttemptNumber)]),
        (
            vec![recorded("jane", &first), failed("jane", 1, 1, 1, 1), accepted("jane", 1, 1, 2, 1)],
            vec![(Some(3), Flaw::AttemptNumber)],
        ),
        (vec![recorded("jane", &later), recorded("jane", &earlier)], vec![(Some(2), Flaw::HappenedOrder)]),
        (
            vec![
                recorded("jane", &earlier),
                recorded("jane", &later),
                accepted("jane", 2, 1, 1, 21),
                accepted("jane", 3, 1, 2, 22),
            ],
            vec![(Some(4), Flaw::DeliveredOrder)],
        ),
        (
            [two(1).to_vec(), vec![failed("jane", 1, 1, 7, 1), failed("joe", 2, 1, 7, 1)]].concat(),
            vec![(Some(4), Flaw::Request)],
        ),
        (
            vec![recorded("jane", &first), failed("jane", 1, 1, 7, 1), failed("jane", 1, 2, 7, 1)],
            vec![(Some(3), Flaw::Request)],
        ),
        (
            vec![
                recorded("jane", &first),
                recorded("joe", &later),
                failed("jane", 1, 1, 7, 1),
                failed("joe", 2, 1, 7, 2),
            ],
            vec![(Some(4), Flaw::Request)],
        ),
        (vec![gap_ended(1, 5)], vec![(Some(1), Flaw::Gap)]),
        (vec![gap_began(&gap(1, GapKind::Late, 1)), gap_began(&gap(1, GapKind::Late, 2))], vec![(Some(2), Flaw::Gap)]),
        (vec![recorded("jane", &first), recorded("jane", &routing)], vec![]),
    ];
    check(&place, cases).await;
}

async fn a_release_of_what_was_not_claimed_is_found(place: Place) {
    let cases = vec![
        (vec![released("jane", 7, 1)], vec![(Some(1), Flaw::Claim)]),
        (vec![claimed("jane", 7, 1), released("joe", 7, 2)], vec![(Some(2), Flaw::Claim)]),
        (vec![claimed("jane", 7, 1), released("jane", 7, 2), released("jane", 7, 3)], vec![(Some(3), Flaw::Claim)]),
        (vec![claimed("jane", 7, 1), claimed("jane", 8, 2), released("jane", 7, 3), claimed("jane", 7, 4)], vec![]),
    ];
    check(&place, cases).await;
}

/// Records each of these with a link of its own, and looks for what is expected.
async fn check(place: &Place, cases: Vec<(Vec<Entry>, Vec<At>)>) {
    for (n, (entries, expected)) in cases.into_iter().enumerate() {
        let link = format!("case {n}");
        let store = store::Store::open(place.options_of(&link), crate::place::now()).await.unwrap();
        store.journal().record(entries.clone()).await.unwrap();
        store.close().await.unwrap();
        let found = verify(&place.location, &link).await.unwrap().findings;
        let found: Vec<_> = found.into_iter().map(|finding| (finding.number, finding.flaw)).collect();
        assert_eq!(found, expected, "{entries:#?}");
    }
}

async fn a_finding_says_where_and_what(place: Place) {
    place.record(vec![recorded("jane", &change(1, 0, meal()))]).await;
    // Sent by the next bridge without a word that it would be.
    place.record(vec![accepted("jane", 1, 1, 1, 1)]).await;
    let found = &verify(&place.location, "main").await.unwrap().findings;
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].number, found[0].flaw.code()), (Some(2), "unannounced"));
    let expected = "change 00000000-0000-0000-0000-000000000001: it was sent in an epoch that had not resumed it";
    assert_eq!(found[0].what, expected);
}
