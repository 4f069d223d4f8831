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
    /// While PureConnect fell silent for too short to be noticed: what it gives no time of is told with the time when it
    /// was heard in the end.
    late: Vec<(Timestamp, Timestamp)>,
    tolerance: SignedDuration,
}

impl Excuses {
    /// By the journal's gaps and the troubles, on a clock that is `speed` times as fast as the computer's.
    pub fn new(gaps: &[Gap], troubles: &[Trouble], speed: f64) -> Self {
        let blind = gaps.iter().filter_map(|gap| {
            let until = gap.until.unwrap_or(Timestamp::MAX);
            let has_cause = |trouble: &Trouble| gap.since <= trouble.ended && trouble.began <= until;
            match gap.kind {
                // A gap that no trouble explains excuses nothing.
                GapKind::NotRunning | GapKind::SourceDown if troubles.iter().any(has_cause) => {
                    Some((gap.since, until.saturating_add(GRACE).unwrap_or(until)))
                }
                GapKind::NotRunning | GapKind::SourceDown | GapKind::TargetDown | GapKind::Late | GapKind::Frozen => {
                    None
                }
            }
        });
        let written = troubles.iter().flat_map(|trouble| trouble.written.iter().map(|user| (*user, trouble.began)));
        // PureConnect counts whole seconds, and half a second of this computer's is long at this speed.
        let tolerance = SignedDuration::try_from_secs_f64(1.0 + 0.5 * speed).unwrap_or(SignedDuration::MAX);
        let silent = troubles.iter().filter(|trouble| trouble.kind == Kind::Silence);
        let late = silent.map(|trouble| (trouble.began, trouble.ended)).collect();
        Self { gaps: blind.collect(), written: written.collect(), late, tolerance }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.gaps.is_empty() && self.written.is_empty()
    }

    /// Whether what happened then was heard, and nothing held it up on its way.
    pub fn was_heard_at_once(&self, at: Timestamp) -> bool {
        self.gap(at).is_none() && !self.late.iter().any(|(from, to)| *from <= at && at <= *to)
    }

    /// Whether what happened at one time may be told with the other, as far as anybody can tell.
    pub fn agree(&self, happened: Timestamp, told: Timestamp) -> bool {
        let near = |one: Timestamp, other: Timestamp| one.duration_since(other).abs() <= self.tolerance;
        let was_late = |&(from, to): &(Timestamp, Timestamp)| {
            from <= happened && happened <= to && happened <= told && (told <= to || near(told, to))
        };
        near(happened, told) || self.late.iter().any(was_late)
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

#[cfg(test)]
mod tests {
    use domain::ids::GapId;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn gap(kind: GapKind, since: i64, until: i64) -> Gap {
        Gap { id: GapId(Uuid::nil()), kind, reason: String::new(), since: at(since), until: Some(at(until)) }
    }

    fn trouble(kind: Kind, began: i64, ended: i64) -> Trouble {
        Trouble { kind, began: at(began), ended: at(ended), written: Vec::new() }
    }

    #[test]
    fn a_gap_excuses_what_nobody_could_hear_and_only_where_a_trouble_explains_it() {
        let gaps = [
            gap(GapKind::SourceDown, 1_000, 1_100),
            gap(GapKind::NotRunning, 5_000, 5_100),
            gap(GapKind::TargetDown, 9_000, 9_100),
        ];
        let troubles = [trouble(Kind::Switchover, 1_010, 1_090), trouble(Kind::CloudDown, 9_010, 9_090)];
        let excuses = Excuses::new(&gaps, &troubles, 1.0);
        assert!(excuses.gap(at(1_050)).is_some());
        assert!(excuses.gap(at(5_050)).is_none(), "nobody killed it");
        assert!(excuses.gap(at(9_050)).is_none(), "it heard everything");
        assert!(excuses.was_heard_at_once(at(9_050)) && !excuses.was_heard_at_once(at(1_050)));
    }

    #[test]
    fn silence_makes_late_and_nothing_else_does() {
        let excuses = Excuses::new(&[], &[trouble(Kind::Silence, 100, 400)], 1.0);
        assert!(excuses.agree(at(150), at(400)) && excuses.agree(at(50), at(51)));
        assert!(
            !excuses.agree(at(50), at(400)) && !excuses.agree(at(390), at(200)) && !excuses.agree(at(150), at(500))
        );
        assert!(!excuses.was_heard_at_once(at(150)) && excuses.was_heard_at_once(at(50)));
    }
}
