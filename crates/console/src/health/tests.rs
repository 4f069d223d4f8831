//! When a program counts as alive, and when as ready.

use axum::body::to_bytes;
use axum::http::header::ACCEPT;
use axum::http::{HeaderMap, HeaderValue};
use replicator::engine::{Report, SourceState};
use serde_json::Value;

use super::*;
use crate::samples::{self, Runner};

/// A link, who runs it, and who looks at it.
struct Stage {
    runner: Runner,
    vitals: Vitals,
    began: Instant,
}

impl Stage {
    fn new() -> Self {
        let (link, runner) = samples::link("north");
        let began = Instant::now();
        Self { runner, vitals: Vitals::new(vec![Pulse::of(&link)], began), began }
    }

    /// The loop renews its report.
    fn reports(&self, source: SourceState) {
        self.runner.report.send_replace(Some(Report { source, ..samples::report() }));
    }

    fn runs(&self) {
        self.reports(samples::report().source);
    }

    /// How it looks so many seconds after the beginning.
    fn at(&mut self, seconds: u64) -> Signs {
        self.vitals.look(self.began + Duration::from_secs(seconds)).remove(0)
    }
}

/// Whether `/livez` and `/readyz` say yes.
fn says(signs: &Signs) -> (bool, bool) {
    let signs = std::slice::from_ref(signs);
    (verdict::livez(signs).ok, verdict::readyz(signs, false).ok)
}

#[test]
fn a_link_that_starts_is_alive_and_not_ready_for_however_long() {
    let mut stage = Stage::new();
    assert_eq!(says(&stage.at(0)), (true, false));
    let signs = stage.at(3_600);
    assert_eq!(signs.phase, Phase::Starting);
    assert_eq!(says(&signs), (true, false));
}

#[test]
fn pureconnect_out_of_reach_at_the_start_is_alive_and_not_ready() {
    let mut stage = Stage::new();
    for second in 0..100 {
        stage.reports(SourceState::Connecting);
        let signs = stage.at(second);
        assert_eq!(signs.phase, Phase::WaitingForSource);
        assert_eq!(says(&signs), (true, false));
    }
    stage.runs();
    assert_eq!(says(&stage.at(100)), (true, true), "with the first snapshot it is ready");
    stage.reports(SourceState::Lost { reason: "gone".to_owned(), since: samples::eight() });
    assert_eq!(says(&stage.at(101)), (true, true), "a restart would not bring PureConnect back");
}

#[test]
fn a_loop_without_progress_is_neither_alive_nor_ready_after_30_seconds() {
    let mut stage = Stage::new();
    stage.runs();
    stage.at(0);
    for seconds in [10, 29, 30] {
        assert_eq!(says(&stage.at(seconds)), (true, true), "{seconds} s");
    }
    let signs = stage.at(31);
    assert_eq!(says(&signs), (false, false));
    let text = verdict::livez(&[signs]).to_string();
    assert_eq!(text, "stalled\nNOT OK  north: its loop has made no progress for 31 s; 30 s are allowed\n");
    stage.runs();
    assert_eq!(says(&stage.at(32)), (true, true), "it goes on");
}

#[test]
fn the_same_report_again_is_progress_whatever_the_links_own_time() {
    let mut stage = Stage::new();
    for seconds in (0..200).step_by(25) {
        stage.runs();
        assert_eq!(stage.at(seconds).quiet_for, Duration::ZERO);
    }
}

#[test]
fn a_link_that_failed_is_alive_and_not_ready_until_it_runs_again() {
    let mut stage = Stage::new();
    stage.runs();
    stage.at(0);
    stage.runner.trouble.send_replace(Some("PureConnect is too old".to_owned()));
    stage.runner.report.send_replace(None);
    let signs = stage.at(300);
    assert_eq!(signs.phase, Phase::BetweenRuns);
    assert_eq!(says(&signs), (true, false));
    let text = verdict::readyz(&[signs], false).to_string();
    assert!(!text.contains("too old"), "everybody may ask, and the story may name hosts: {text}");
    stage.runner.trouble.send_replace(None);
    stage.runs();
    assert_eq!(stage.at(301).quiet_for, Duration::ZERO, "the pause does not count against it");
}

#[test]
fn a_standby_is_ready() {
    let mut stage = Stage::new();
    stage.runner.trouble.send_replace(Some("in use by another bridge".to_owned()));
    stage.runner.standby.send_replace(true);
    let signs = stage.at(1_000);
    assert_eq!(signs.phase, Phase::Standby);
    assert_eq!(says(&signs), (true, true));
}

#[test]
fn one_link_of_two_suffices_to_say_no_and_is_named() {
    let mut good = Stage::new();
    good.runs();
    let (good, bad) = (good.at(0), Signs { name: "south".to_owned(), ..Stage::new().at(0) });
    let told = verdict::readyz(&[good, bad], false);
    assert!(!told.ok);
    let each: Vec<(&str, bool)> = told.links.iter().map(|link| (link.link.as_str(), link.ok)).collect();
    assert_eq!(each, [("north", true), ("south", false)]);
}

#[test]
fn before_anybody_looked_nothing_is_ready() {
    assert!(verdict::livez(&[]).ok);
    assert!(!verdict::readyz(&[], false).ok);
}

#[test]
fn who_stops_is_alive_and_not_ready() {
    let mut stage = Stage::new();
    stage.runs();
    let signs = [stage.at(0)];
    assert!(verdict::livez(&signs).ok);
    let told = verdict::readyz(&signs, true);
    assert_eq!((told.ok, told.status), (false, "stopping"));
}

/// What is answered: the status, the kind and the text.
async fn ask(seen: &[Signs], accept: &'static str) -> (StatusCode, String, String) {
    let (_keep, seen) = watch::channel(Arc::from(seen));
    let asked = Asked { seen, stopping: CancellationToken::new() };
    let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))]);
    let answer = readyz(State(asked), headers).await;
    let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
    let status = answer.status();
    let body = to_bytes(answer.into_body(), 10_000).await.unwrap();
    (status, kind, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn people_get_text_and_programs_json() {
    let mut stage = Stage::new();
    stage.runs();
    let signs = [stage.at(0)];
    let (status, kind, text) = ask(&signs, "*/*").await;
    assert_eq!((status, text.as_str()), (StatusCode::OK, "ready\nok  north: runs\n"));
    assert!(kind.starts_with("text/plain"), "{kind}");
    let (status, kind, text) = ask(&[Stage::new().at(0)], "application/json").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(kind, "application/json");
    let told: Value = serde_json::from_str(&text).unwrap();
    let expected = serde_json::json!({
        "ok": false,
        "status": "not ready",
        "links": [{ "link": "north", "ok": false, "reason": "starts" }],
    });
    assert_eq!(told, expected);
}

#[tokio::test(start_paused = true)]
async fn links_are_looked_at_every_second_until_the_end() {
    let stage = Stage::new();
    let (sender, mut seen) = watch::channel(Arc::from([]));
    let end = CancellationToken::new();
    let following = follow(stage.vitals, sender, end.clone());
    let watching = async {
        stage.runner.report.send_replace(Some(samples::report()));
        seen.wait_for(|signs| signs.iter().any(|signs| signs.is_stalled())).await.unwrap();
        assert!(stage.began.elapsed() <= Signs::PATIENCE + Duration::from_secs(3), "{:?}", stage.began.elapsed());
        end.cancel();
    };
    tokio::join!(following, watching);
}
