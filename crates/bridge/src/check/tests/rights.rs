//! The session with PureConnect: licence, clock, rights and status messages.

use jiff::SignedDuration;
use pureconnect::survey::{Inside, Right, Standing};
use replicator::options::ModeChoice;

use super::super::session;
use super::{marks, read};

/// A session in which everything is as it should be.
pub fn inside() -> Inside {
    Inside {
        host: "cic1.example.com".to_owned(),
        server_sent_events: true,
        workforce_engagement: Some(true),
        clock_offset: SignedDuration::ZERO,
        password_days: None,
        rights: Right::ALL.map(|right| (right, Standing::Granted)).to_vec(),
        catalogue: Some(::mapping::default_catalogue()),
        workgroups: Some(Vec::new()),
        users: Some(0),
        agents: Vec::new(),
        unknown_workgroups: Vec::new(),
        statuses: Vec::new(),
        without_status: Vec::new(),
        without_queues: Vec::new(),
        interrupted: None,
    }
}

fn lacking(right: Right) -> Inside {
    let missing = |one| if one == right { Standing::Missing { said: String::new() } } else { Standing::Granted };
    Inside { rights: Right::ALL.map(|one| (one, missing(one))).to_vec(), ..inside() }
}

#[test]
fn a_session_with_everything_is_told_in_a_few_lines() {
    insta::assert_snapshot!(read(session::inside(&inside(), ModeChoice::Auto)));
}

#[test]
fn each_missing_right_is_told_by_its_name_and_what_it_is_for() {
    let each = Right::ALL.into_iter().flat_map(|right| {
        let found = session::inside(&lacking(right), ModeChoice::Auto);
        let missing: Vec<_> = found.into_iter().filter(|one| one.code.name() == "source-right-missing").collect();
        assert_eq!(missing.len(), 1, "{right:?}");
        missing
    });
    insta::assert_snapshot!(read(each.collect()));
}

#[test]
fn a_right_that_is_of_no_use_is_not_asked_for() {
    let mark = |right, mode| {
        let found = session::inside(&lacking(right), mode);
        marks(&found).into_iter().find(|mark| mark.contains("right-missing")).unwrap()
    };
    assert_eq!(mark(Right::UserQueues, ModeChoice::WorkforceEngagement), "warning source-right-missing");
    assert_eq!(mark(Right::UserQueues, ModeChoice::StatusOnly), "note source-right-missing");
    assert_eq!(mark(Right::FeatureLicences, ModeChoice::Auto), "warning source-right-missing");
    assert_eq!(mark(Right::FeatureLicences, ModeChoice::StatusOnly), "note source-right-missing");
    assert_eq!(mark(Right::Status, ModeChoice::StatusOnly), "problem source-right-missing");
}

#[test]
fn the_mode_is_told_with_its_reason() {
    let told = |licence, choice| {
        let found = session::inside(&Inside { workforce_engagement: licence, ..inside() }, choice);
        marks(&found).into_iter().find(|mark| mark.contains("source-mode")).unwrap()
    };
    assert_eq!(told(Some(true), ModeChoice::Auto), "ok source-mode");
    assert_eq!(told(Some(false), ModeChoice::Auto), "note source-mode-status-only");
    assert_eq!(told(None, ModeChoice::Auto), "warning source-mode-unknown");
    assert_eq!(told(None, ModeChoice::WorkforceEngagement), "ok source-mode");
    assert_eq!(session::mode(ModeChoice::Auto, None), ModeChoice::StatusOnly);
}

#[test]
fn what_is_odd_about_a_session_has_its_line() {
    let odd = Inside {
        server_sent_events: false,
        clock_offset: SignedDuration::from_secs(-90),
        password_days: Some(3),
        catalogue: Some(std::iter::empty().collect()),
        without_status: vec!["ada".into()],
        without_queues: vec!["ben".into()],
        interrupted: Some("the connection was closed".to_owned()),
        ..inside()
    };
    insta::assert_snapshot!(read(session::inside(&odd, ModeChoice::Auto)));
}
