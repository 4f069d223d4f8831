//! Moving a journal: as lines from one database to another and back, all of it or nothing.

use store::{TransferFailure, export, import, line};

use crate::entries::*;
use crate::place::{FOR_EVER, Place, chain, on_both};

on_both! {
    a_journal_is_moved_and_goes_on,
    what_was_cut_or_edited_is_refused_and_leaves_nothing,
    a_journal_that_has_entries_is_not_added_to,
    a_journal_whose_beginning_is_gone_is_moved,
}

async fn exported(place: &Place) -> String {
    let mut lines = Vec::new();
    export(&place.location, "main", &mut lines).await.unwrap();
    String::from_utf8(lines).unwrap()
}

/// A journal with a bit of everything.
async fn a_journal(place: &Place) {
    place.record(busy_morning(700)).await;
    let hanging = change(5_000, 10_000, meal());
    place.record(vec![recorded("agent0", &in_status("Lunch", hanging)), failed("agent0", 5_000, 1, 1, 10_001)]).await;
    place.record(vec![gap_began(&gap(9, domain::trust::GapKind::Frozen, 10_002)), alive(10_003)]).await;
    // Also of somebody of whom there is nothing else.
    place.record(vec![entered("agent0", "Dinner", 10_004), entered("joan", "Lunch", 10_005)]).await;
}

/// The other kind of database.
async fn other(place: &Place) -> Place {
    if place.is_postgres() { Place::sqlite() } else { Place::postgres().await }
}

async fn a_journal_is_moved_and_goes_on(place: Place) {
    a_journal(&place).await;
    let lines = exported(&place).await;
    let there = other(&place).await;
    assert_eq!(import(&there.location, "main", lines.as_bytes()).await.unwrap().entries, 1_406);
    assert_eq!(exported(&there).await, lines);
    assert_eq!(crate::reading::all_entries(&there).await, crate::reading::all_entries(&place).await);
    assert_eq!(crate::verify::flaws(&there).await, []);
    assert_eq!(there.memory().await, place.memory().await);
    // The bridge goes on there, with the next epoch.
    let store = there.open().await;
    assert_eq!(store.epoch(), 6);
    store
        .journal()
        .record(vec![resumed("agent0", 5_000, 11_000), accepted("agent0", 5_000, 2, 1, 11_001)])
        .await
        .unwrap();
    store.close().await.unwrap();
    assert_eq!(crate::verify::flaws(&there).await, []);
    assert_eq!(there.number("SELECT count(*) FROM unsettled").await, 1);
}

async fn what_was_cut_or_edited_is_refused_and_leaves_nothing(place: Place) {
    a_journal(&place).await;
    let lines = exported(&place).await;
    let there = other(&place).await;
    let all: Vec<&str> = lines.lines().collect();
    let with = |line: usize, text: &str| {
        let mut all = all.clone();
        all[line - 1] = text;
        all.join("\n")
    };
    let edited = all[8].replace("rule 1", "rule 2");
    let unknown = all[8].replace("\"kind\":", "\"colour\":\"red\",\"kind\":");
    let too_long = "x".repeat(line::LONGEST_LINE + 1);
    let without = [&all[..10], &all[11..]].concat().join("\n");
    let cases = [
        (String::new(), "is not whole: it is empty"),
        (all[..1].join("\n"), "is not whole: it ends after 0 of 7 told values"),
        (all[..20].join("\n"), "is not whole: it ends after 12 of 1406 entries"),
        (format!("{lines}{}", all[9]), "is not whole: more than 1406 entries follow"),
        (with(9, &edited), "do not fit the hash over them: a line was edited"),
        (without, "is not whole: entry 4 follows entry 2"),
        (
            with(9, &unknown),
            "line 9 of the exported journal cannot be understood: it is not as expected: unknown field `colour`",
        ),
        (with(9, "{\"number\":"), "line 9 of the exported journal cannot be understood: it is not as expected: EOF"),
        (with(9, &too_long), "line 9 of the exported journal cannot be understood: it is longer than 262144 bytes"),
        (
            with(1, "{}"),
            "line 1 of the exported journal cannot be understood: it is not as expected: missing field `format`",
        ),
        (with(1, &all[0].replace("journal", "recipe")), "its first line is of another format"),
        (with(1, &all[0].replace("\"version\":1", "\"version\":2")), "it has version 2, and this program reads 1"),
    ];
    for (text, expected) in cases {
        let failure = import(&there.location, "main", text.as_bytes()).await.unwrap_err();
        assert!(chain(&failure).contains(expected), "{} does not say {expected:?}", chain(&failure));
        for table in ["link", "agent", "entry", "standing", "unsettled"] {
            assert_eq!(there.number(&format!("SELECT count(*) FROM {table}")).await, 0, "{table}");
        }
    }
    let invalid = [lines.as_bytes(), b"\xff\n"].concat();
    let failure = import(&there.location, "main", &invalid[..]).await.unwrap_err();
    assert!(chain(&failure).ends_with("it is not UTF-8"), "{}", chain(&failure));
    import(&there.location, "main", lines.as_bytes()).await.unwrap();
}

async fn a_journal_that_has_entries_is_not_added_to(place: Place) {
    place.record(busy_morning(3)).await;
    let lines = exported(&place).await;
    let failure = import(&place.location, "main", lines.as_bytes()).await.unwrap_err();
    assert!(matches!(failure, TransferFailure::NotEmpty { entries: 6, .. }), "{failure}");
    assert_eq!(exported(&place).await, lines);
    // Beside it, under another name, there is room.
    import(&place.location, "copy", lines.as_bytes()).await.unwrap();
    assert_eq!(store::verify(&place.location, "copy").await.unwrap().findings, []);
    // Not while a bridge holds the journal.
    let store = place.open().await;
    let held = import(&place.location, "main", lines.as_bytes()).await.unwrap_err();
    assert!(chain(&held).contains("is in use by another bridge"), "{}", chain(&held));
    store.close().await.unwrap();
}

async fn a_journal_whose_beginning_is_gone_is_moved(place: Place) {
    let hanging = change(5_000, 0, meal());
    place.record(vec![recorded("jane", &hanging)]).await;
    place.record(busy_morning(2_000)).await;
    let retention = store::Retention { age: std::time::Duration::from_secs(100), ..FOR_EVER };
    crate::retention::retained(&place, retention, vec![alive(4_000)]).await;
    let lines = exported(&place).await;
    let there = other(&place).await;
    import(&there.location, "main", lines.as_bytes()).await.unwrap();
    assert_eq!(exported(&there).await, lines);
    assert_eq!(there.memory().await, place.memory().await);
    assert_eq!(crate::verify::flaws(&there).await, []);
}

#[test]
fn a_line_is_what_it_has_always_been() {
    // Over this text the hashes in existing journals were calculated.
    let line = r#"{"number":7,"epoch":2,"at":"2026-09-21T14:13:22Z","kind":"failed","subject":"00000000-0000-0000-0000-000000000001","agent":"jane","detail":"503","attempt":1,"request":9,"sent":"2026-09-21T14:13:21Z","answered":"2026-09-21T14:13:22Z","cause":"unavailable","maybe_applied":true,"correlation":"correlation-9"}"#;
    let kept = line::parse(line).unwrap();
    assert_eq!(kept, store::Kept { number: 7, epoch: 2, entry: failed("jane", 1, 1, 9, 1) });
    assert_eq!(line::write(&kept), line);
    // What came with later versions is at the end, and only where there is something to say.
    let line = r#"{"number":8,"epoch":2,"at":"2026-09-21T14:13:30.123456789Z","kind":"recorded","subject":"00000000-0000-0000-0000-000000000002","agent":"jane","facet":"presence","to":"Meal","happened":"2026-09-21T14:13:30Z","seen":"2026-09-21T14:13:30.123456789Z","detail":"rule 1","status":"Lunch"}"#;
    let kept = line::parse(line).unwrap();
    let lunch = in_status("Lunch", change(2, 10, meal()));
    assert_eq!(kept, store::Kept { number: 8, epoch: 2, entry: recorded("jane", &lunch) });
    assert_eq!(line::write(&kept), line);
    let line = r#"{"number":9,"epoch":2,"at":"2026-09-21T14:13:22Z","kind":"claimed","subject":"aaaaaaaa-0000-0000-0000-000000000007","agent":"jane"}"#;
    assert_eq!(line::write(&store::Kept { number: 9, epoch: 2, entry: claimed("jane", 7, 2) }), line);
    assert_eq!(line::parse(line).unwrap().entry, claimed("jane", 7, 2));
    let line = r#"{"number":10,"epoch":2,"at":"2026-09-21T14:13:23.123456789Z","kind":"entered","agent":"jane","happened":"2026-09-21T14:13:23Z","seen":"2026-09-21T14:13:23.123456789Z","status":"Dinner"}"#;
    assert_eq!(line::write(&store::Kept { number: 10, epoch: 2, entry: entered("jane", "Dinner", 3) }), line);
    assert_eq!(line::parse(line).unwrap().entry, entered("jane", "Dinner", 3));
}

#[test]
fn a_line_that_makes_no_sense_is_refused_with_the_reason() {
    let cases = [
        ("", "it is not as expected"),
        ("[]", "it is not as expected"),
        (r#"{"number":1,"epoch":1,"at":"2026-09-21T14:13:22Z","kind":"asleep"}"#, "it is not as expected"),
        (r#"{"number":1,"epoch":1,"at":"yesterday","kind":"alive"}"#, "it is not as expected"),
        (r#"{"number":1,"epoch":1,"at":"2026-09-21T14:13:22Z","kind":"confirmed"}"#, "detail is missing"),
        (
            r#"{"number":1,"epoch":1,"at":"2026-09-21T14:13:22Z","kind":"alive","detail":"x"}"#,
            "something in it does not belong to an entry \"alive\"",
        ),
        (
            r#"{"number":1,"epoch":1,"at":"2026-09-21T14:13:22Z","kind":"released","agent":"jane"}"#,
            "subject is missing",
        ),
        (r#"{"number":1,"epoch":1,"at":"2026-09-21T14:13:22Z","kind":"entered","agent":"jane"}"#, "status is missing"),
        (
            r#"{"number":1,"epoch":1,"at":"2026-09-21T14:13:22Z","kind":"entered","agent":"jane","status":"Lunch","happened":"2026-09-21T14:13:22Z"}"#,
            "seen is missing",
        ),
        (
            r#"{"number":1,"epoch":1,"at":"2026-09-21T14:13:22Z","kind":"entered","agent":"jane","status":"Lunch","happened":"2026-09-21T14:13:22Z","seen":"2026-09-21T14:13:22Z","to":"Meal"}"#,
            "something in it does not belong to an entry \"entered\"",
        ),
        (
            r#"{"number":1,"epoch":1,"at":"2026-09-21T14:13:22Z","kind":"confirmed","detail":"x","status":"Lunch"}"#,
            "something in it does not belong to an entry \"confirmed\"",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(line::parse(text).unwrap_err().to_string(), expected, "{text}");
    }
    assert!(matches!(line::parse(&" ".repeat(line::LONGEST_LINE + 1)), Err(line::LineError::TooLong)));
}
