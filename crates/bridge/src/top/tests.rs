//! Screens as people see them, and keys as people press them.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use insta::assert_snapshot;

use super::*;
use crate::control::told::{
    Agent, Alarm, AlarmKind, Delays, Gap, Link, Reason, Report, Severity, Source, State as Sync, Values,
};

fn at(text: &str) -> jiff::Timestamp {
    text.parse().unwrap()
}

/// A link in step, of which so many changes were fast, and so many took seconds.
fn link(name: &str, fast: u64, slow: u64) -> Link {
    let mut report = Report {
        at: at("2026-03-02T10:00:00Z"),
        source: Source {
            state: "connected".to_owned(),
            host: Some("cic1.example.com".to_owned()),
            release: Some("2024 R2".to_owned()),
            since: Some(at("2026-03-02T06:00:00Z")),
            ..Source::default()
        },
        sink_up: true,
        agents: 2_000,
        synced: 1_998,
        pending: 1,
        errors: 1,
        backlog: 1,
        delivered: 18_345,
        used: 42,
        allowed: 300,
        delays: Some(Delays { p50: 180, p99: 1_300, max: 638_000 }),
        ..Report::default()
    };
    let mut counts = vec![0; 17];
    (counts[2], counts[7]) = (fast, slow);
    report.figures.since_seen = counts;
    Link { name: name.to_owned(), report: Some(report), ..Link::default() }
}

fn agent(id: &str) -> Agent {
    let values = |presence: &str, routing: &str| Values {
        presence: Some(presence.to_owned()),
        routing: Some(routing.to_owned()),
        ..Values::default()
    };
    serde_json::from_value(serde_json::json!({
        "agent": id, "name": "Jane Doe", "email": null, "workgroups": [], "user": null, "state": "pending",
        "reason": null, "error": null, "status": {"id": "At Lunch", "since": null, "until": null, "logged_in": true},
        "message": null, "logged_in": true, "rule": "lunch", "wanted": values("Meal", "OFF_QUEUE"),
        "told": values("On Queue", "IDLE"), "pending": 2, "pending_off_queue": false, "interactions": [],
        "not_shown": null, "last_success": null, "entered": "2026-03-02T09:59:47Z",
    }))
    .unwrap()
}

fn refused(id: &str) -> Agent {
    Agent {
        state: Sync::Error,
        reason: Some(Reason::Refused),
        error: Some("bad.request: no such\npresence definition".to_owned()),
        ..agent(id)
    }
}

/// What the bridge said twice, a minute apart.
fn heard(links: impl Fn(u64) -> Vec<LinkAgents>) -> State {
    let mut state = State::new();
    state.hear(links(0));
    state.hear(links(1));
    state
}

fn busy() -> State {
    heard(|later| {
        let mut link = link("main", 1_000 + 40 * later, 5 + later);
        if let (Some(report), 0) = (&mut link.report, later) {
            report.at = at("2026-03-02T09:59:30Z");
        }
        vec![LinkAgents { link, agents: vec![agent("jane.doe"), refused("ada.lovelace")] }]
    })
}

fn frozen() -> Link {
    let mut link = link("south", 10, 0);
    if let Some(report) = &mut link.report {
        report.frozen = Some("2 agents where there were 600".to_owned());
        report.gaps = vec![Gap {
            kind: "frozen".to_owned(),
            reason: "2 agents where there were 600".to_owned(),
            since: at("2026-03-02T09:48:00Z"),
        }];
        (report.agents, report.synced, report.backlog) = (600, 2, 598);
    }
    link.alarms = vec![Alarm {
        severity: Severity::Critical,
        kind: AlarmKind::Frozen,
        what: "Delivery is frozen: 2 agents where there were 600.".to_owned(),
        meaning: String::new(),
        since: None,
        advice: String::new(),
    }];
    link
}

fn several() -> State {
    heard(|_| {
        let silent =
            Link { name: "west".to_owned(), trouble: Some("its journal is in use".to_owned()), ..Link::default() };
        let links = [link("north", 10, 0), frozen(), silent];
        links.map(|link| LinkAgents { link, agents: Vec::new() }).into()
    })
}

fn screen(state: &State, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| screen::draw(frame, state, true)).unwrap();
    terminal.backend().to_string()
}

fn press(state: &mut State, keys: &[KeyCode]) {
    for key in keys {
        assert_eq!(state.press(KeyEvent::new(*key, KeyModifiers::NONE)), After::GoOn);
    }
}

#[test]
fn a_busy_link_on_a_small_terminal() {
    assert_snapshot!(screen(&busy(), 80, 24));
}

#[test]
fn a_busy_link_on_a_large_terminal() {
    assert_snapshot!(screen(&busy(), 140, 30));
}

#[test]
fn several_links_one_of_them_frozen() {
    let mut state = several();
    assert_snapshot!("the_first_of_several", screen(&state, 80, 24));
    press(&mut state, &[KeyCode::Tab]);
    assert_snapshot!("the_frozen_one", screen(&state, 80, 24));
    press(&mut state, &[KeyCode::Tab]);
    assert_snapshot!("the_one_that_does_not_run", screen(&state, 80, 24));
    press(&mut state, &[KeyCode::Tab]);
    assert_eq!(state.shown().unwrap().link.name, "north", "round it goes");
}

#[test]
fn when_the_bridge_stops_the_screen_says_so_and_comes_back() {
    let mut state = busy();
    state.lose("no bridge is running here: nobody listens at /run/presence-bridge.socket".to_owned());
    assert_snapshot!("disconnected", screen(&state, 80, 24));
    state.hear(vec![LinkAgents { link: link("main", 1, 0), agents: Vec::new() }]);
    let back = screen(&state, 80, 24);
    assert!(!back.contains("no bridge answers") && back.contains("Everybody who has a user is in step"), "{back}");
}

#[test]
fn a_bridge_without_agents() {
    let mut empty = link("main", 0, 0);
    if let Some(report) = &mut empty.report {
        (report.agents, report.synced, report.delivered, report.delays) = (0, 0, 0, None);
    }
    let state = heard(|_| vec![LinkAgents { link: empty.clone(), agents: Vec::new() }]);
    assert_snapshot!(screen(&state, 80, 24));
}

#[test]
fn a_terminal_that_is_too_small_shows_how_links_stand() {
    assert_snapshot!(screen(&several(), 30, 6));
    // Whatever its size, nothing breaks.
    for (width, height) in (1..60).flat_map(|width| (1..14).map(move |height| (width, height))) {
        screen(&several(), width, height);
        screen(&busy(), width, height);
    }
}

#[test]
fn keys_find_pause_and_help() {
    let mut state = busy();
    press(
        &mut state,
        &[KeyCode::Char('/'), KeyCode::Char('q'), KeyCode::Backspace, KeyCode::Char('A'), KeyCode::Char('d')],
    );
    assert_eq!(state.agents().iter().map(|agent| agent.agent.as_str()).collect::<Vec<_>>(), ["ada.lovelace"]);
    assert_snapshot!("finding", screen(&state, 80, 24));
    press(&mut state, &[KeyCode::Enter, KeyCode::Esc, KeyCode::Char('p')]);
    assert!(state.paused && state.filter.is_empty() && state.agents().len() == 2);
    press(&mut state, &[KeyCode::Char('?')]);
    assert_snapshot!("help", screen(&state, 80, 24));
    press(&mut state, &[KeyCode::Char('?')]);
    assert!(!state.help);
    assert_eq!(state.press(KeyEvent::new(KeyCode::Char('q'), KeyModifiers::NONE)), After::End);
    assert_eq!(state.press(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL)), After::End);
}

#[test]
fn arrows_go_through_the_agents_and_not_beyond() {
    let agents = || (0..40).map(|number| agent(&format!("agent{number:02}"))).collect();
    let mut state = heard(|_| vec![LinkAgents { link: link("main", 1, 0), agents: agents() }]);
    press(&mut state, &[KeyCode::Down, KeyCode::PageDown]);
    assert_eq!(state.first, 11);
    assert!(screen(&state, 80, 24).contains("agent11") && !screen(&state, 80, 24).contains("agent10"));
    press(&mut state, &[KeyCode::End, KeyCode::Down]);
    assert_eq!(state.first, 39);
    press(&mut state, &[KeyCode::Home, KeyCode::Up]);
    assert_eq!(state.first, 0);
}

#[test]
fn one_picture_has_everything_and_no_colours() {
    let text = picture(&busy());
    assert_snapshot!(text);
    assert!(!text.contains('\u{1b}'));
}
