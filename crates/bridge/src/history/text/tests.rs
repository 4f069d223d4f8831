//! Histories as people read them.

use console::shown::Bands;
use serde_json::json;

use super::*;

/// A morning: lunch on time, a meeting that waited for an outage, and a routing status that is on its way.
fn morning() -> Day {
    let attempt = |number: u32, outcome: &str| {
        json!({"number": number, "sent": "2026-03-02T10:00:01Z", "answered": "2026-03-02T10:00:02Z", "outcome": outcome,
               "reason": null, "correlation": "c-7"})
    };
    let change = |id: &str, facet: &str, from: &str, to: &str, at: &str, delay: Option<u64>| {
        let outcome = if delay.is_some() { "delivered" } else { "pending" };
        json!({"id": id, "agent": "jane.doe", "facet": facet, "from": from, "to": to, "status": "x", "text": null,
               "rule": "rule 3: group BREAK is Break", "happened": at, "seen": at, "recorded": at, "sent": null,
               "accepted": null, "delay": delay, "disposition": outcome, "dropped_because": null, "correlation": "c-7",
               "attempts": [attempt(1, "unavailable"), attempt(2, "accepted")], "resumed": 0})
    };
    let band = |from: &str, until: &str, since: &str, value: &str, status: Option<&str>, id: Option<&str>| {
        json!({"from": from, "until": until, "since": since, "value": value, "status": status, "text": status,
               "rule": "rule 3: group BREAK is Break", "accepted": null, "change": id})
    };
    let (begin, lunch, meeting, end) =
        ("2026-03-02T09:00:00Z", "2026-03-02T10:42:00Z", "2026-03-02T11:30:00Z", "2026-03-02T12:00:00Z");
    let none = json!({"presence": [], "routing": [], "out_of_office": []});
    serde_json::from_value(json!({
        "link": "default", "agent": "jane.doe", "name": "Jane Doe", "known": true,
        "from": begin, "until": "2026-03-02T13:00:00Z", "at": end, "direct": false, "told": none,
        "wanted": {
            "presence": [
                band(begin, lunch, "2026-03-02T08:00:00Z", "On Queue", Some("Available"), Some("0")),
                band(lunch, meeting, lunch, "Meal", Some("At Lunch"), Some("1")),
                band(meeting, end, meeting, "Meeting", Some("In a meeting"), Some("2")),
            ],
            "routing": [band(begin, lunch, begin, "IDLE", None, None)],
            "out_of_office": [],
        },
        "differences": [
            {"facet": "presence", "from": meeting, "until": "2026-03-02T11:40:38Z", "lasts": false, "wanted": "Meeting",
             "told": "Meal", "why": "2 attempts failed, the last one with: 503", "change": "2"},
            {"facet": "routing status", "from": "2026-03-02T11:59:00Z", "until": end, "lasts": true, "wanted": "IDLE",
             "told": "OFF_QUEUE", "why": "it waits to be told", "change": "3"},
        ],
        "changes": [
            change("1", "presence", "On Queue", "Meal", lunch, Some(640)),
            change("2", "presence", "Meal", "Meeting", meeting, Some(638_000)),
            change("3", "routing status", "OFF_QUEUE", "IDLE", "2026-03-02T11:59:00Z", None),
        ],
        "gaps": [{"id": "g", "kind": "target down", "reason": "503:\nservice.unavailable", "from": "2026-03-02T11:29:58Z",
                  "until": "2026-03-02T11:40:36Z"}],
    }))
    .unwrap()
}

#[test]
fn people_read_what_happened_when_it_was_told_and_where_to_be_careful() {
    insta::assert_snapshot!(day(&morning(), &crate::when::zone("Europe/Berlin").unwrap(), false));
}

#[test]
fn colours_are_for_terminals_and_say_nothing_that_the_words_do_not() {
    let plain = day(&morning(), &TimeZone::UTC, false);
    assert!(!plain.contains('\u{1b}'));
    let mut coloured = day(&morning(), &TimeZone::UTC, true);
    assert!(coloured.contains("\u{1b}[31m"), "what lasts is red: {coloured}");
    for code in ["0", "1", "2", "31", "33"] {
        coloured = coloured.replace(&format!("\u{1b}[{code}m"), "");
    }
    assert_eq!(coloured, plain);
}

#[test]
fn a_day_of_which_nothing_is_known_is_told_as_such() {
    let nothing = Day { wanted: Bands::default(), differences: vec![], changes: vec![], gaps: vec![], ..morning() };
    assert!(day(&nothing, &TimeZone::UTC, false).ends_with("Nothing is in the journal of this time.\n"));
}

#[test]
fn attempts_are_counted_as_people_count() {
    assert_eq!([1, 2, 3, 4, 11, 12, 13, 21, 112].map(nth).join(" "), "1st 2nd 3rd 4th 11th 12th 13th 21st 112th");
}
