//! The links, how they stand, and how long changes took.

use jiff::{SignedDuration, Timestamp};
use replicator::engine::Buckets;

use crate::board::{Board, DelaySeries, LinkBoard, Minute, join};
use crate::shown::{self, alarms, convert};

/// The span of the delays that a link is shown with.
const LAST_HOUR: SignedDuration = SignedDuration::from_hours(1);

/// All links, in the order of the configuration.
#[must_use]
pub fn links(board: &Board) -> Vec<shown::Link> {
    board.links().iter().map(|link| self::link(link)).collect()
}

/// A link.
#[must_use]
pub fn link(link: &LinkBoard) -> shown::Link {
    let since = link.at().map(|at| at.saturating_sub(LAST_HOUR).unwrap_or(Timestamp::MIN));
    shown::Link {
        name: link.name.to_string(),
        report: link.report.as_deref().map(convert::report_of),
        trouble: link.trouble.clone(),
        standby: link.standby,
        stale_since: link.stale_since,
        hosts: link.about.hosts.clone(),
        region: link.about.region.clone(),
        epoch: link.epoch,
        alarms: alarms_of(link),
        last_hour: since.and_then(|since| spread_since(&link.delays, since)),
    }
}

/// What somebody should look at. A link that is not heard has one alarm: the others would be of then.
fn alarms_of(link: &LinkBoard) -> Vec<shown::Alarm> {
    match link.report.as_deref().filter(|_| link.is_heard()) {
        Some(report) => alarms::of(report),
        None if link.standby => vec![alarms::standby()],
        None => vec![alarms::not_heard(link.trouble.as_deref(), link.stale_since)],
    }
}

/// How long changes took, minute by minute.
#[must_use]
pub fn delays(link: &LinkBoard) -> shown::DelaySeries {
    let minute = |(at, minute): (Timestamp, &Minute)| shown::DelayMinute {
        at,
        seen: convert::spread(&minute.seen),
        happened: convert::spread(&minute.happened),
    };
    shown::DelaySeries {
        from: link.delays.observed.map(|(from, _)| from),
        until: link.delays.observed.map(|(_, until)| until),
        minutes: link.delays.minutes().map(minute).collect(),
    }
}

/// How long the changes of the last while took; `None` where there was none.
#[must_use]
pub fn lately(link: &LinkBoard, span: SignedDuration) -> Option<shown::Spread> {
    let since = link.at()?.saturating_sub(span).unwrap_or(Timestamp::MIN);
    spread_since(&link.delays, since)
}

/// All changes from a time on together.
fn spread_since(delays: &DelaySeries, since: Timestamp) -> Option<shown::Spread> {
    let mut all = Buckets::default();
    for (_, minute) in delays.minutes().rev().take_while(|(at, _)| *at >= since) {
        join(&mut all, &minute.seen);
    }
    (all.count() > 0).then(|| convert::spread(&all))
}
