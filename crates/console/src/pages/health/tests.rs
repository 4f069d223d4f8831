//! The health of a link as somebody reads it.

use axum::http::StatusCode;
use jiff::tz::TimeZone;
use scraper::{Html, Selector};

use super::{Shown, body, size};
use crate::house::{House, LOOPBACK, nobody};
use crate::pages::layout::Clock;
use crate::picture::sample::at;
use crate::samples;
use crate::shown::{Budget, Faults, GapTotal, Health, Interval, Journal, Source, Target, Token};

const NOW: &str = "2026-11-23T13:00:00Z";

fn well() -> Health {
    Health {
        link: "main".to_owned(),
        at: Some(at(NOW)),
        trouble: None,
        source: Some(Source {
            state: "connected".to_owned(),
            host: Some("cic1.example.com".to_owned()),
            release: Some("2024 R2".to_owned()),
            since: Some(at("2026-11-23T06:00:00Z")),
            reason: None,
            clock_offset: None,
        }),
        target: Some(Target {
            region: "mypurecloud.ie".to_owned(),
            up: true,
            direct: false,
            unsupported: Vec::new(),
            frozen: None,
        }),
        budget: Some(Budget {
            used: 270,
            allowed: 600,
            throttled: 0,
            tokens: vec![token(250, false), token(20, true)],
        }),
        journal: Journal {
            place: "/var/lib/presence-bridge/main.db".to_owned(),
            trouble: None,
            epoch: Some(4),
            opened: Some(at("2026-11-23T06:00:00Z")),
            last_written: Some(at("2026-11-23T12:59:58Z")),
            entries: Some(123_456),
            bytes: Some(14_200_000),
        },
        faults: Some(quiet()),
    }
}

fn token(used: u32, refused: bool) -> Token {
    Token { used, allowed: 300, refused }
}

fn quiet() -> Faults {
    Faults {
        from: at("2026-11-22T13:00:00Z"),
        until: at(NOW),
        failed_attempts: [].into(),
        dropped: [].into(),
        gaps: [].into(),
        repaired: 0,
    }
}

fn page(health: &Health, intervals: Option<&[Interval]>) -> Html {
    let clock = Clock::new(TimeZone::UTC, health.at);
    let (report, hosts) = (samples::report(), ["cic1.example.com".to_owned()]);
    let report = health.at.map(|_| &report);
    let shown = Shown { health, intervals, report, hosts: &hosts, version: "1.2.3", clock: &clock };
    Html::parse_fragment(&body(&shown).into_string())
}

fn texts(page: &Html, selector: &str) -> Vec<String> {
    let text = |element: scraper::ElementRef<'_>| {
        let text: String = element.text().collect();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    page.select(&Selector::parse(selector).unwrap()).map(text).collect()
}

#[test]
fn a_link_that_is_well_says_so_everywhere() {
    let page = page(&well(), Some(&[]));
    let facts = texts(&page, ".fact");
    for fact in [
        "Sessionconnected since 06:00:00 (7 h)",
        "Release2024 R2",
        "Deliverytakes changes",
        "Size14.2 MB",
        "Last written2 s ago",
    ] {
        assert!(facts.iter().any(|found| found == fact), "{fact} in {facts:?}");
    }
    let empty = texts(&page, ".empty-title");
    assert_eq!(empty, ["Nothing went wrong", "Every minute can be relied on"]);
}

#[test]
fn a_token_is_a_bar_with_its_numbers_and_never_its_secret() {
    let page = page(&well(), Some(&[]));
    assert_eq!(texts(&page, ".token-line"), ["Token 1250 of 300", "Token 2 not accepted20 of 300"]);
    let bars: Vec<(&str, &str)> = page
        .select(&Selector::parse(".token-bar rect").unwrap())
        .map(|bar| (bar.attr("class").unwrap(), bar.attr("width").unwrap()))
        .collect();
    assert_eq!(bars, [("bar-warn", "833"), ("bar-bad", "66")]);
}

#[test]
fn what_went_wrong_is_counted_and_explained() {
    let faults = Faults {
        failed_attempts: [("throttled".to_owned(), 12)].into(),
        dropped: [("a newer one replaced it".to_owned(), 3)].into(),
        gaps: [("target down".to_owned(), GapTotal { count: 2, duration: 125_000, open: 1 })].into(),
        repaired: 1,
        ..quiet()
    };
    let intervals = [Interval {
        id: "1".to_owned(),
        kind: "target down".to_owned(),
        reason: "<script>".to_owned(),
        from: at("2026-11-23T12:58:00Z"),
        until: None,
    }];
    let page = page(&Health { faults: Some(faults), ..well() }, Some(&intervals));
    let rows = texts(&page, "[aria-labelledby=faults] tbody tr");
    assert!(rows[0].starts_with("throttled12Genesys Cloud said"), "{rows:?}");
    assert!(rows[2].starts_with("target down (it lasts)22 min 5 s"), "{rows:?}");
    assert!(texts(&page, "p").iter().any(|text| text.starts_with("1 difference was found")));
    let interval = texts(&page, "[aria-labelledby=intervals] tbody tr");
    assert_eq!(interval, ["12:58:00it lasts2 mintarget down<script>"]);
}

#[test]
fn a_link_that_does_not_run_has_its_journal_still() {
    let silent = Health { at: None, source: None, target: None, budget: None, faults: None, ..well() };
    let page = page(&silent, None);
    let text = texts(&page, "section").concat();
    assert!(text.contains("no session") && text.contains("nothing is delivered") && text.contains("123 456"), "{text}");
    assert_eq!(texts(&page, ".empty-title"), ["Not known", "Not known"]);
}

#[test]
fn sizes_are_as_people_read_them() {
    let said = [0, 999, 1_000, 14_260_000, 3_000_000_000].map(size);
    assert_eq!(said, ["0 bytes", "999 bytes", "1 kB", "14.2 MB", "3 GB"]);
}

#[tokio::test]
async fn the_page_is_there_with_a_link_and_without() {
    let house = House::with_agents(50).await;
    let answer = house.get("/links/main/health").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.text.contains("no-such-journal.db"), "where it should be");
    let silent = House::new(&nobody(), LOOPBACK, &["main"]);
    let answer = silent.get("/links/main/health").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.text.contains("The link does not run"));
}
