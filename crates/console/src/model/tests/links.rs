//! Operations look how the links stand.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use replicator::engine::{Buckets, Report};
use tokio_util::sync::CancellationToken;

use crate::board::{Board, DelaySeries, LinkBoard, Minute};
use crate::model;
use crate::samples::{self, agent, eight, picture, report};
use crate::shown::{AlarmKind, Severity, Spread};

fn minute(changes: u64, seconds: u64) -> Minute {
    let mut seen = Buckets::default();
    (0..changes).for_each(|_| seen.add(Duration::from_secs(seconds)));
    Minute { happened: seen.clone(), seen }
}

/// A slow minute two hours ago, quick ones since.
fn with_delays() -> LinkBoard {
    let mut delays = DelaySeries::default();
    for (minutes, of) in [(121, minute(10, 50)), (30, minute(90, 1)), (1, minute(10, 4))] {
        delays.add(eight() - SignedDuration::from_mins(minutes), of);
    }
    LinkBoard { delays: Arc::new(delays), ..picture(vec![agent("ada")]) }
}

#[test]
fn a_link_that_runs_is_shown_with_where_it_goes_and_how_it_stands() {
    let link = model::link(&with_delays());
    assert_eq!((link.name.as_str(), link.region.as_str(), link.hosts.len()), ("main", "mypurecloud.ie", 2));
    assert_eq!((link.epoch, link.stale_since, link.trouble), (Some(3), None, None));
    assert_eq!(link.report.unwrap().source.host.as_deref(), Some("cic1.example.com"));
    assert!(link.alarms.is_empty(), "{:?}", link.alarms);
    let hour = link.last_hour.unwrap();
    assert_eq!((hour.changes, hour.max), (100, Some(5_000)), "what was two hours ago does not count");
    assert!(hour.p50 <= 1_000 && hour.p95 > 2_500, "{hour:?}");
}

#[test]
fn a_link_that_is_not_heard_has_that_for_its_only_alarm() {
    let frozen = Report { sink_up: false, ..report() };
    let link = LinkBoard {
        report: Some(Arc::new(frozen)),
        stale_since: Some(eight()),
        trouble: Some("the password is wrong".to_owned()),
        ..picture(Vec::new())
    };
    let shown = model::link(&link);
    let [alarm] = &shown.alarms[..] else { panic!("there is one: {:?}", shown.alarms) };
    assert_eq!((alarm.kind, alarm.severity, alarm.since), (AlarmKind::NotRunning, Severity::Critical, Some(eight())));
    assert!(alarm.what.contains("the password is wrong"), "{alarm:?}");
    assert!(shown.report.is_some(), "how it stood then is still there");
    let standing_by = model::link(&LinkBoard { standby: true, ..link });
    assert_eq!((standing_by.standby, standing_by.alarms[0].kind), (true, AlarmKind::Standby));
}

#[tokio::test]
async fn a_link_that_was_never_heard_is_shown_all_the_same() {
    let (link, _runner) = samples::link("north");
    let (board, _following) = Board::follow(vec![link], CancellationToken::new());
    let links = model::links(&board);
    assert_eq!((links.len(), links[0].name.as_str(), &links[0].report), (1, "north", &None));
    assert_eq!(links[0].alarms[0].severity, Severity::Notice);
}

#[test]
fn delays_are_told_minute_by_minute() {
    let told = model::delays(&with_delays());
    assert_eq!(told.from, Some(eight() - SignedDuration::from_mins(121)));
    assert_eq!(told.until, Some(eight() - SignedDuration::from_mins(1)));
    let [slow, _, last] = &told.minutes[..] else { panic!("there are three: {told:?}") };
    assert_eq!((slow.seen.changes, slow.seen.max), (10, Some(60_000)));
    assert!((30_000..=60_000).contains(&slow.seen.p50), "{slow:?}");
    assert_eq!(last.at, eight() - SignedDuration::from_mins(1));
    let endless = model::delays(&LinkBoard { delays: Arc::new(day_long()), ..picture(Vec::new()) });
    assert_eq!(endless.minutes[0].seen.max, None, "longer than can be told apart");
    assert_eq!(model::delays(&picture(Vec::new())), crate::shown::DelaySeries::default());
}

fn day_long() -> DelaySeries {
    let mut delays = DelaySeries::default();
    delays.add(eight(), minute(1, 24 * 60 * 60));
    delays
}

#[test]
fn nothing_spreads_where_there_is_nothing() {
    assert_eq!(crate::shown::convert::spread(&Buckets::default()), Spread { max: Some(0), ..Spread::default() });
}
