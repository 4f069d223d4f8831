//! The report as people read it.

use domain::ids::{AgentId, GapId};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::report::summary::{Day, GapSum};
use crate::report::wrong::Worst;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn counts(parts: &[(&str, u64)]) -> BTreeMap<String, u64> {
    parts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
}

fn delays(milliseconds: [u64; 4]) -> Option<Delays> {
    let [p50, p95, p99, max] = milliseconds.map(Duration::from_millis);
    Some(Delays { p50, p95, p99, max })
}

fn wrong(any: u64) -> Wrong {
    let facets = [(Facet::Presence, Duration::from_secs(any)), (Facet::Routing, Duration::from_secs(any / 4))];
    Wrong { any: Duration::from_secs(any), facets: facets.into(), at_work: Duration::from_secs(9_000_000) }
}

fn all_gaps() -> Vec<Gap> {
    let gap = |kind, reason: &str, since, until: Option<&str>| Gap {
        id: GapId(Uuid::nil()),
        kind,
        reason: reason.to_owned(),
        since: at(since),
        until: until.map(at),
    };
    let down = ("2026-03-02T09:14:03Z", Some("2026-03-02T09:24:41Z"));
    let late = ("2026-03-02T09:14:18.250Z", Some("2026-03-02T09:24:42.5Z"));
    vec![
        gap(GapKind::TargetDown, "503: service.unavailable", down.0, down.1),
        gap(GapKind::Late, "changes\nwait", late.0, late.1),
        gap(GapKind::NotRunning, "it was stopped", "2026-03-02T23:59:59.8Z", None),
    ]
}

fn part(from: &str, to: &str) -> Part {
    let period = Period { from: at(from), to: at(to) };
    let mut gaps: BTreeMap<GapKind, GapSum> = BTreeMap::new();
    for gap in all_gaps() {
        if let Some(part) = period.part_of(&gap) {
            gaps.insert(gap.kind, GapSum { count: 1, duration: part.length(), open: u64::from(gap.until.is_none()) });
        }
    }
    Part {
        period,
        trusted: period.trusted(&all_gaps()),
        gaps,
        changes: 18_345,
        delivered: 18_340,
        pending: 2,
        dropped: counts(&[("a newer value took its place", 1), ("Genesys Cloud shows it already", 2)]),
        not_supported: BTreeMap::new(),
        failed_attempts: counts(&[("unavailable", 212)]),
        repaired: 1,
        since_happened: delays([640, 1_180, 2_300, 639_000]),
        since_seen: delays([5, 80, 1_300, 638_000]),
        wrong: wrong(1_234),
    }
}

/// A day with an outage.
pub fn example() -> Summary {
    Summary {
        link: "default".to_owned(),
        zone: TimeZone::UTC,
        whole: part("2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z"),
        days: Vec::new(),
        gaps: all_gaps(),
        worst: vec![
            Worst { agent: AgentId::new("jane.doe"), wrong: wrong(640) },
            Worst { agent: AgentId::new("ada"), wrong: wrong(12) },
        ],
    }
}

fn quiet(from: &str, to: &str) -> Part {
    Part { changes: 0, delivered: 0, since_happened: None, since_seen: None, wrong: Wrong::default(), ..part(from, to) }
}

#[test]
fn people_read_a_table() {
    insta::assert_snapshot!(summary(&example()));
}

#[test]
fn days_are_those_of_the_zone() {
    let whole = part("2026-03-01T23:00:00Z", "2026-03-03T23:00:00Z");
    let monday =
        Day { date: "2026-03-02".parse().unwrap(), part: part("2026-03-01T23:00:00Z", "2026-03-02T23:00:00Z") };
    let tuesday =
        Day { date: "2026-03-03".parse().unwrap(), part: quiet("2026-03-02T23:00:00Z", "2026-03-03T23:00:00Z") };
    let zone = crate::when::zone("Europe/Berlin").unwrap();
    insta::assert_snapshot!(summary(&Summary { zone, whole, days: vec![monday, tuesday], ..example() }));
}

#[test]
fn what_direct_delivery_cannot_tell_is_shown_by_value() {
    let mut direct = example();
    assert!(!summary(&direct).contains("not supported"), "{}", summary(&direct));
    direct.whole.dropped.insert("not supported by direct delivery".to_owned(), 1_204);
    direct.whole.not_supported = counts(&[("IDLE", 4), ("INTERACTING", 1_200)]);
    let text = summary(&direct);
    assert!(text.contains("\nnot supported    1,204 (1,200 INTERACTING; 4 IDLE)\nfailed attempts"), "{text}");
    let told = crate::report::json::summary(&direct);
    assert_eq!((&told["dropped"], &told["not_supported"]), (&json!(1_207), &json!(1_204)));
    assert_eq!(told["not_supported_by_value"], json!({ "IDLE": 4, "INTERACTING": 1_200 }));
}

#[test]
fn a_period_in_which_nothing_happened_is_told_as_such() {
    let mut nothing = example();
    nothing.whole = quiet("2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z");
    nothing.gaps.clear();
    nothing.worst.clear();
    let text = summary(&nothing);
    assert!(text.contains("100.000 % (24h of 24h)") && text.contains("nothing was delivered"), "{text}");
    assert!(text.ends_with("wrong            0 agent-seconds\n"), "no tables of nothing: {text}");
}

#[test]
fn a_share_does_not_look_better_than_it_is() {
    assert_eq!(percent(0.999_999_9, Rounded::Down), "99.999 %");
    assert_eq!(
        [0.0, 0.000_000_1, 0.5, 1.0].map(|share| percent(share, Rounded::Up)),
        ["0.000 %", "0.001 %", "50.000 %", "100.000 %"]
    );
}

#[test]
fn numbers_can_be_read() {
    assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    assert_eq!(
        [0.0, 0.25, 99.96, 1_234.5].map(|time| seconds(Duration::from_secs_f64(time))),
        ["0", "0.2", "100.0", "1,234"]
    );
}
