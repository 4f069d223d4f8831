//! Trouble of each kind, and what is said about it.

use std::time::Duration;

use domain::change::Facet;
use domain::ids::{AgentId, GapId};
use domain::trust::{Gap, GapKind};
use replicator::engine::{Doubt, Figures, SourceState, TokenReport, Unmatched};

use super::*;
use crate::samples::{eight, report};

/// A link with agents, and nothing amiss.
fn fine() -> Report {
    Report { agents: 40, synced: 40, ..report() }
}

fn gap(kind: GapKind) -> Gap {
    let id = GapId("00000000-0000-0000-0000-000000000001".parse().unwrap());
    Gap { id, kind, reason: "trouble".to_owned(), since: eight(), until: None }
}

fn token(refused: bool) -> TokenReport {
    TokenReport { used: 0, allowed: 300, refused }
}

/// The one alarm of a report.
fn the_one(report: &Report) -> Alarm {
    let mut alarms = of(report);
    let alarm = alarms.pop().expect("there is an alarm");
    assert!(alarms.is_empty(), "{alarms:?}");
    alarm
}

#[test]
fn a_link_in_order_has_no_alarm() {
    assert_eq!(of(&fine()), []);
}

#[test]
fn a_source_that_is_lost_is_critical_and_says_since_when_and_why() {
    let lost = SourceState::Lost { reason: "connection refused".to_owned(), since: eight() };
    let alarm = the_one(&Report { source: lost, gaps: vec![gap(GapKind::SourceDown)], ..fine() });
    assert_eq!((alarm.severity, alarm.kind, alarm.since), (Severity::Critical, AlarmKind::SourceLost, Some(eight())));
    assert_eq!(alarm.what, "PureConnect is out of reach: connection refused.");
}

#[test]
fn a_source_that_has_yet_to_show_its_agents_is_a_warning() {
    let begins = Report { source: SourceState::Connecting, agents: 0, gaps: vec![gap(GapKind::NotRunning)], ..fine() };
    let alarm = the_one(&begins);
    assert_eq!(
        (alarm.severity, alarm.kind, alarm.since),
        (Severity::Warning, AlarmKind::SourceConnecting, Some(eight()))
    );
}

#[test]
fn a_freeze_says_how_to_confirm_where_that_is_of_use() {
    let frozen = |doubt| the_one(&Report { frozen: Some(doubt), gaps: vec![gap(GapKind::Frozen)], ..fine() });
    let fewer = frozen(Doubt::FewerAgents { before: 40, now: 3 });
    assert_eq!((fewer.severity, fewer.since), (Severity::Critical, Some(eight())));
    assert!(fewer.what.contains("3 agents where there were 40"), "{fewer:?}");
    assert!(fewer.advice.contains("presence-bridge confirm"), "{fewer:?}");
    let nothing = frozen(Doubt::NoCatalogue);
    assert!(!nothing.advice.contains("presence-bridge confirm"), "{nothing:?}");
}

#[test]
fn a_target_that_is_down_says_what_becomes_of_the_changes() {
    let down = |direct| the_one(&Report { sink_up: false, direct, gaps: vec![gap(GapKind::TargetDown)], ..fine() });
    assert_eq!((down(false).severity, down(false).since), (Severity::Critical, Some(eight())));
    assert!(down(false).meaning.contains("all changes meanwhile are kept"), "{:?}", down(false));
    assert!(down(true).meaning.contains("the newest of each agent"), "{:?}", down(true));
}

#[test]
fn a_refused_token_is_as_bad_as_there_are_others() {
    let with = |tokens| the_one(&Report { tokens, ..fine() });
    let one_of_two = with(vec![token(true), token(false)]);
    assert_eq!((one_of_two.severity, one_of_two.kind), (Severity::Warning, AlarmKind::TokenRefused));
    assert!(one_of_two.what.contains("1 of 2"), "{one_of_two:?}");
    assert_eq!(with(vec![token(true)]).severity, Severity::Critical);
}

#[test]
fn a_used_up_quota_is_worth_a_word_only_where_something_waits() {
    let figures = Figures { drain: Duration::from_secs(70), oldest_waiting: Some(eight()), ..Figures::default() };
    let busy = Report { used: (300, 300), backlog: 1_200, figures, ..fine() };
    let alarm = the_one(&busy);
    assert_eq!((alarm.kind, alarm.since), (AlarmKind::QuotaUsed, Some(eight())));
    assert!(alarm.meaning.contains("1200 changes are left to be told, which will take about 70 s"), "{alarm:?}");
    assert_eq!(of(&Report { backlog: 0, ..busy.clone() }), []);
    assert_eq!(of(&Report { used: (299, 300), ..busy }), []);
}

#[test]
fn changes_that_are_late_and_facets_that_are_not_taken_are_warnings() {
    let late = the_one(&Report { gaps: vec![gap(GapKind::Late)], backlog: 1, ..fine() });
    assert_eq!((late.severity, late.kind, late.since), (Severity::Warning, AlarmKind::Late, Some(eight())));
    assert!(late.what.ends_with("1 change."), "{late:?}");
    let facets = vec![Facet::Routing, Facet::OutOfOffice];
    let unsupported = the_one(&Report { unsupported: facets, held_back: 3, ..fine() });
    assert_eq!(unsupported.what, "Genesys Cloud does not take: routing status, out of office.");
    assert!(unsupported.meaning.contains("3 changes are held back"), "{unsupported:?}");
}

#[test]
fn agents_who_need_somebody_are_counted_and_named() {
    let stuck = (1..=7).map(|number| AgentId::new(&format!("agent{number}"))).collect();
    let stuck = the_one(&Report { stuck, ..fine() });
    assert!(stuck.what.ends_with("agent4, agent5, 2 more."), "{stuck:?}");
    let unmatched = [(Unmatched::NoEmail, 1), (Unmatched::NotFound, 2)].into();
    let unmatched = the_one(&Report { unmatched, ..fine() });
    assert_eq!(unmatched.severity, Severity::Notice);
    assert!(unmatched.what.contains("3 agents have no user in Genesys Cloud: 1 no e-mail"), "{unmatched:?}");
    assert_eq!(the_one(&Report { errors: 1, ..fine() }).what, "1 agent has an error.");
    assert_eq!(the_one(&Report { not_shown: 2, ..fine() }).kind, AlarmKind::NotShown);
    assert_eq!(the_one(&Report { agents: 0, ..fine() }).kind, AlarmKind::NoAgents);
}

#[test]
fn a_clock_that_is_wrong_by_more_than_two_seconds_is_noticed() {
    let off = |seconds| {
        let SourceState::Connected { mut system, since } = fine().source else { panic!("it is connected") };
        system.clock_offset = jiff::SignedDuration::from_secs(seconds);
        Report { source: SourceState::Connected { system, since }, ..fine() }
    };
    assert_eq!(of(&off(2)), []);
    assert_eq!(the_one(&off(-90)).what, "PureConnect's clock is 90 s behind.");
}

#[test]
fn the_worst_comes_first_and_everything_is_in_sentences() {
    let all = Report {
        sink_up: false,
        errors: 2,
        unsupported: vec![Facet::Routing],
        unmatched: [(Unmatched::NoEmail, 1)].into(),
        tokens: vec![token(true), token(false)],
        frozen: Some(Doubt::OfflineWave { agents: 30, of: 40 }),
        not_shown: 1,
        ..fine()
    };
    let mut alarms = of(&all);
    assert_eq!(alarms.len(), 7);
    assert!(alarms.is_sorted_by_key(|alarm| alarm.severity), "{alarms:?}");
    alarms.push(standby());
    alarms.push(not_heard(None, Some(eight())));
    alarms.push(not_heard(None, None));
    alarms.push(not_heard(Some("the disk is full"), None));
    for alarm in alarms {
        for text in [&alarm.what, &alarm.meaning, &alarm.advice] {
            assert!(text.ends_with('.') && !text.contains("  ") && !text.contains(".."), "{text}");
            assert!(text.starts_with(|letter: char| letter.is_uppercase() || letter.is_numeric()), "{text}");
        }
        assert!(!alarm.kind.page().is_empty());
    }
}
