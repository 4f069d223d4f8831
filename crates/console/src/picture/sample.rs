//! Days that are made up, for tests of pictures and pages.

use jiff::Timestamp;

use crate::shown::{Band, Bands, Day, Difference, Facet, Interval};

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn band(from: &str, until: &str, value: &str, text: Option<&str>) -> Band {
    Band {
        from: at(from),
        until: at(until),
        since: None,
        value: Some(value.to_owned()),
        status: text.map(str::to_owned),
        text: text.map(str::to_owned),
        rule: None,
        accepted: None,
        change: None,
    }
}

pub(crate) fn quiet_day(from: &str, until: &str, now: &str) -> Day {
    Day {
        link: "main".to_owned(),
        agent: "ada".to_owned(),
        name: Some("Ada <Lovelace>".to_owned()),
        known: true,
        from: at(from),
        until: at(until),
        at: at(now),
        direct: false,
        wanted: Bands::default(),
        told: Bands::default(),
        differences: Vec::new(),
        changes: Vec::new(),
        gaps: Vec::new(),
    }
}

pub(crate) fn working_day() -> Day {
    let (morning, lunch, back, now) =
        ("2026-11-22T23:00:00Z", "2026-11-23T11:00:00Z", "2026-11-23T11:30:00Z", "2026-11-23T13:00:00Z");
    let wanted = vec![
        Band { since: Some(at("2026-11-22T17:00:00Z")), ..band(morning, lunch, "On Queue", Some("Available")) },
        band(lunch, back, "Meal", Some("At Lunch")),
        band(back, now, "On Queue", Some("Available, Follow-Me")),
    ];
    let told = vec![
        band(morning, "2026-11-23T11:05:00Z", "On Queue", None),
        band("2026-11-23T11:05:00Z", back, "Meal", None),
        band(back, now, "On Queue", None),
    ];
    Day {
        wanted: Bands { presence: wanted, ..Bands::default() },
        told: Bands { presence: told, routing: vec![band(morning, now, "IDLE", None)], ..Bands::default() },
        differences: vec![Difference {
            facet: Facet::Presence,
            from: at(lunch),
            until: at("2026-11-23T11:05:00Z"),
            lasts: false,
            wanted: "Meal".to_owned(),
            told: Some("On Queue".to_owned()),
            why: "Genesys Cloud took nothing".to_owned(),
            change: "1".to_owned(),
        }],
        gaps: vec![Interval {
            id: "2".to_owned(),
            kind: "target down".to_owned(),
            reason: "503 from <b>the platform</b>".to_owned(),
            from: at("2026-11-23T11:01:00Z"),
            until: None,
        }],
        ..quiet_day(morning, "2026-11-23T23:00:00Z", now)
    }
}
