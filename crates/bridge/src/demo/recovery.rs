//! What came of the day's troubles: how long each took until everybody was in step again, and what nobody can have seen.
//!
//! Out of both sides' accounts and the journal's gaps; it has no clock and asks the bridge nothing.

use std::time::Duration;

use domain::trust::{Gap, GapKind};
use jiff::{SignedDuration, Timestamp};
use simulator::cloud::{EventTruth, Kind as Facet};
use uuid::Uuid;

use super::trouble::{Kind, Trouble};

/// After PureConnect is there again, a logout counts for nothing for so long: the configuration's default.
const GRACE: SignedDuration = SignedDuration::from_secs(150);

/// A trouble and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    /// Which.
    pub kind: Kind,
    /// How long it lasted, in simulated time.
    pub lasted: Duration,
    /// How long after its end everybody was in step again, in simulated time.
    pub in_step: Duration,
}

/// Finds how long each trouble had consequences.
pub fn recoveries(troubles: &[Trouble], events: &[EventTruth]) -> Vec<Recovery> {
    let ends = troubles.iter().skip(1).map(|next| next.began).chain([Timestamp::MAX]);
    let recovery = |(trouble, end): (&Trouble, Timestamp)| Recovery {
        kind: trouble.kind,
        lasted: between(trouble.began, trouble.ended),
        in_step: between(trouble.ended, last_arrival(trouble, events, end)),
    };
    troubles.iter().zip(ends).map(recovery).collect()
}

/// When the last had arrived of what happened until the trouble's end; of users whom somebody else wrote, when the first
/// that came after it had.
fn last_arrival(trouble: &Trouble, events: &[EventTruth], end: Timestamp) -> Timestamp {
    let later = events.iter().filter(|event| trouble.ended <= event.arrived && event.arrived < end);
    if trouble.kind == Kind::Overwritten {
        let first = |user: &Uuid| {
            later.clone().find(|event| event.user == *user && event.kind == Facet::Presence).map(|event| event.arrived)
        };
        return trouble.written.iter().map(|user| first(user).unwrap_or(end)).max().unwrap_or(trouble.ended);
    }
    let caught_up = later.filter(|event| event.happened <= trouble.ended);
    caught_up.map(|event| event.arrived).max().unwrap_or(trouble.ended)
}

fn between(from: Timestamp, to: Timestamp) -> Duration {
    Duration::try_from(to.duration_since(from)).unwrap_or_default()
}

/// What excuses a difference: when the bridge cannot have heard PureConnect, and whom somebody else wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Excuses {
    gaps: Vec<(Timestamp, Timestamp)>,
    written: Vec<(Uuid, Timestamp)>,
    tolerance: SignedDuration,
}

impl Excuses {
    /// By the journal's gaps and the troubles, on a clock that is `speed` times as fast as the computer's.
    pub fn new(gaps: &[Gap], troubles: &[Trouble], speed: f64) -> Self {
        let blind = gaps.iter().filter_map(|gap| {
            let until = gap.until.unwrap_or(Timestamp::MAX);
            match gap.kind {
                GapKind::NotRunning | GapKind::SourceDown => {
                    Some((gap.since, until.saturating_add(GRACE).unwrap_or(until)))
                }
                GapKind::TargetDown | GapKind::Late | GapKind::Frozen => None,
            }
        });
        let written = troubles.iter().flat_map(|trouble| trouble.written.iter().map(|user| (*user, trouble.began)));
        // PureConnect counts whole seconds, and half a second of this computer's is long at this speed.
        let tolerance = SignedDuration::try_from_secs_f64(1.0 + 0.5 * speed).unwrap_or(SignedDuration::MAX);
        Self { gaps: blind.collect(), written: written.collect(), tolerance }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.gaps.is_empty() && self.written.is_empty()
    }

    /// Whether two times are the same as far as anybody can tell.
    pub fn agree(&self, one: Timestamp, other: Timestamp) -> bool {
        one.duration_since(other).abs() <= self.tolerance
    }

    /// The gap in which this time is.
    pub fn gap(&self, at: Timestamp) -> Option<(Timestamp, Timestamp)> {
        let wider = |&(since, until): &(Timestamp, Timestamp)| {
            let since = since.saturating_sub(self.tolerance).unwrap_or(since);
            (since, until.saturating_add(self.tolerance).unwrap_or(until))
        };
        self.gaps.iter().map(wider).find(|(since, until)| *since <= at && at <= *until)
    }

    /// Whether somebody else wrote this user before an event arrived.
    pub fn is_repair(&self, event: &EventTruth) -> bool {
        event.kind == Facet::Presence
            && self.written.iter().any(|(user, at)| *user == event.user && *at <= event.arrived)
    }
}
