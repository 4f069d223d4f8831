//! What is measured since the start, for metrics: counts and sums that only grow, and a few states of the moment.
//!
//! Measures what the others decide, and decides nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::change::{Change, Facet};
use domain::time::Now;
use domain::trust::GapKind;
use jiff::Timestamp;

use super::Engine;
use super::lanes::class;
use super::record::Record;
use crate::ports::{Answer, Failure};

/// The bounds of the buckets that delays are counted in, in milliseconds; the last bucket has none.
pub const BOUNDS: [u64; 16] = [
    50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 900_000, 3_600_000,
    14_400_000,
];

/// Durations, counted by how long they were.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Buckets {
    /// How many were not longer than the bound at the same place in [`BOUNDS`] and longer than the one before; the last
    /// ones were longer than all bounds.
    pub counts: [u64; BOUNDS.len() + 1],
    /// All of them together.
    pub sum: Duration,
}

impl Buckets {
    /// One more.
    pub fn add(&mut self, duration: Duration) {
        let milliseconds = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        let place = BOUNDS.partition_point(|&bound| bound < milliseconds);
        self.counts[place] += 1;
        self.sum = self.sum.saturating_add(duration);
    }

    /// How many there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Those that came after an earlier look.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let mut later = self.clone();
        for (count, before) in later.counts.iter_mut().zip(earlier.counts) {
            *count = count.saturating_sub(before);
        }
        later.sum = self.sum.saturating_sub(earlier.sum);
        later
    }

    /// About the duration that this share of all (0 to 1) does not exceed: between the bounds of its bucket it is taken for
    /// evenly spread. `None` where there are none.
    #[must_use]
    pub fn quantile(&self, share: f64) -> Option<Duration> {
        let all = self.count();
        if all == 0 {
            return None;
        }
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
        let wanted = share.clamp(0.0, 1.0) * all as f64;
        let mut before = 0.0;
        for (place, &count) in self.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
            let count = count as f64;
            if before + count >= wanted {
                let lower = place.checked_sub(1).map_or(0, |below| BOUNDS[below]);
                let upper = BOUNDS.get(place).copied().unwrap_or(lower);
                let within = Duration::from_millis(upper - lower).mul_f64((wanted - before) / count);
                return Some(Duration::from_millis(lower) + within);
            }
            before += count;
        }
        BOUNDS.last().map(|&bound| Duration::from_millis(bound))
    }
}

/// What a request to Genesys Cloud is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RequestClass {
    /// It tells presences.
    Presence,
    /// It tells routing statuses.
    Routing,
    /// It tells out of office.
    OutOfOffice,
    /// It makes our presence source a user's primary one, or gives it back.
    Ownership,
    /// It reads what Genesys Cloud shows of agents.
    ReadBack,
    /// It reads the organisation's users.
    Directory,
    /// It subscribes to notifications.
    Notifications,
    /// It was made while connecting.
    Connecting,
}

/// What came of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RequestOutcome {
    /// It was accepted; single changes in it may have been refused all the same.
    Accepted,
    /// Too many requests.
    Throttled,
    /// The server is out of reach or fails, and nothing was done.
    Unavailable,
    /// Nobody knows whether it was done.
    Ambiguous,
    /// It was refused as a whole.
    Refused,
}

/// All of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Figures {
    /// From when a status changed in PureConnect to when Genesys Cloud accepted it.
    pub since_happened: Buckets,
    /// From when PureConnect's message was there to when Genesys Cloud accepted it.
    pub since_seen: Buckets,
    /// When PureConnect's message of the change that waits longest came; `None` when none waits.
    pub oldest_waiting: Option<Timestamp>,
    /// Agents for whom a change waits: one that crosses On Queue, another presence, a routing status, out of office.
    pub waiting: [u64; 4],
    /// How long it will take to tell all that waits, by what the platform allows.
    pub drain: Duration,
    /// For how long Genesys Cloud did not yet show what PureConnect showed, agent by agent and facet by facet.
    pub wrong_for: BTreeMap<Facet, Duration>,
    /// Requests by what they were for and what came of them.
    pub requests: BTreeMap<(RequestClass, RequestOutcome), u64>,
    /// Changes that were sent, and how many the same requests could have carried.
    pub fill: (u64, u64),
    /// For how long the platform's "too many requests" had closed a token, all tokens together.
    pub throttled_for: Duration,
    /// Changes of which nobody knew at first whether they were done.
    pub ambiguous: u64,
    /// Agents who were read back.
    pub verified: u64,
    /// When PureConnect said anything last.
    pub heard: Option<Timestamp>,
    /// When its last snapshot came.
    pub snapshot: Option<Timestamp>,
    /// How long the journal took to keep what it was given.
    pub recording: Buckets,
    /// Intervals in which the feed could not be relied on that have begun, by kind.
    pub gaps: BTreeMap<GapKind, u64>,
}

impl RequestClass {
    /// A request with changes of this facet.
    pub(super) fn of(facet: Facet) -> Self {
        match facet {
            Facet::Presence => Self::Presence,
            Facet::Routing => Self::Routing,
            Facet::OutOfOffice => Self::OutOfOffice,
        }
    }
}

impl Figures {
    /// An answer came. Where a token had to be renewed first, that request counts with it.
    pub(super) fn requested<T>(&mut self, what: RequestClass, answer: &Answer<T>) {
        let outcome = match &answer.result {
            Ok(_) => RequestOutcome::Accepted,
            Err(Failure::Throttled { .. }) => RequestOutcome::Throttled,
            Err(Failure::Unavailable { maybe_applied: true, .. }) => RequestOutcome::Ambiguous,
            Err(Failure::Unavailable { maybe_applied: false, .. }) => RequestOutcome::Unavailable,
            Err(
                Failure::Unauthorized { .. }
                | Failure::Deferred { .. }
                | Failure::Refused { .. }
                | Failure::Unsupported { .. },
            ) => RequestOutcome::Refused,
        };
        *self.requests.entry((what, outcome)).or_default() += u64::from(answer.requests);
    }

    /// Requests were made before the engine began.
    pub(super) fn connected(&mut self, requests: u32) {
        let entry = (RequestClass::Connecting, RequestOutcome::Accepted);
        *self.requests.entry(entry).or_default() += u64::from(requests);
    }

    /// A request carries so many changes, and could have carried so many.
    pub(super) fn filled(&mut self, changes: usize, places: usize) {
        self.fill.0 += changes as u64;
        self.fill.1 += places.max(changes) as u64;
    }

    /// A change was accepted.
    pub(super) fn delivered(&mut self, now: Timestamp, change: &Change) {
        let delay = |since: Timestamp| Duration::try_from(now.duration_since(since)).unwrap_or_default();
        self.since_happened.add(delay(change.happened));
        self.since_seen.add(delay(change.seen));
    }

    /// What one agent in scope adds to the states of the moment. `on_its_way` says of which facets changes wait that can
    /// be told.
    pub(super) fn add_agent(&mut self, now: Timestamp, record: &Record, on_its_way: impl Fn(Facet) -> bool) {
        for facet in Facet::ALL.into_iter().filter(|&facet| on_its_way(facet)) {
            let state = record.facet(facet);
            let Some(first) = state.pending.front() else { continue };
            let crossing = state.pending.iter().any(|pending| super::delivery::crosses_on_queue(&pending.change));
            self.waiting[class(facet, crossing) as usize] += 1;
            let oldest = self.oldest_waiting.get_or_insert(first.change.seen);
            *oldest = first.change.seen.min(*oldest);
            *self.wrong_for.entry(facet).or_default() += state.wrong_for(first.change.happened, now);
        }
    }
}

impl Engine {
    /// Counts for how long the first change that waits was not shown.
    pub(super) fn count_wrong(&mut self, now: Now, agent: usize, facet: Facet) {
        let first = self.agents[agent].facet(facet).pending.front();
        if let Some(happened) = first.map(|pending| pending.change.happened) {
            self.count_wrong_since(now, agent, facet, happened);
        }
    }

    /// Counts for how long what happened then was not shown.
    pub(super) fn count_wrong_since(&mut self, now: Now, agent: usize, facet: Facet, happened: Timestamp) {
        let wrong = self.agents[agent].facet_mut(facet).count_wrong(happened, now.utc);
        *self.counters.figures.wrong_for.entry(facet).or_default() += wrong;
    }

    /// How long it takes to tell all that waits, if nothing is added: what the windows have no room for takes its share of
    /// a minute, token by token.
    pub(super) fn drain(&self) -> Duration {
        let drains = self.tokens.budgets().enumerate().map(|(token, budget)| {
            let lanes = self.lanes.iter().filter(|waiting| waiting.token == token && !waiting.is_unsupported());
            let needed: usize = lanes.map(|waiting| waiting.requests()).sum();
            let room = budget.allowed().saturating_sub(budget.used());
            let beyond = u32::try_from(needed).unwrap_or(u32::MAX).saturating_sub(room);
            Duration::from_secs(60).mul_f64(f64::from(beyond) / f64::from(budget.allowed().max(1)))
        });
        drains.max().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_counted_below_their_bound() {
        let mut buckets = Buckets::default();
        assert_eq!(buckets.quantile(0.5), None);
        for milliseconds in [0, 50, 51, 100, 14_400_000, 14_400_001, 90_000_000] {
            buckets.add(Duration::from_millis(milliseconds));
        }
        assert_eq!(buckets.counts[..2], [2, 2]);
        assert_eq!(buckets.counts[15..], [1, 2], "longer than all bounds");
        assert_eq!(buckets.count(), 7);
        assert_eq!(buckets.sum, Duration::from_millis(118_800_202));
    }

    #[test]
    fn a_quantile_lies_within_its_bucket() {
        let mut buckets = Buckets::default();
        (0..90).for_each(|_| buckets.add(Duration::from_millis(80)));
        (0..10).for_each(|_| buckets.add(Duration::from_millis(2_000)));
        let within = |share, from, to| {
            let found = buckets.quantile(share).unwrap().as_millis();
            assert!((from..=to).contains(&found), "{share}: {found} ms");
        };
        within(0.5, 70, 80);
        within(0.9, 100, 100);
        within(0.95, 1_500, 2_000);
        within(1.0, 2_500, 2_500);
    }

    #[test]
    fn what_came_since_an_earlier_look_is_the_difference() {
        let mut buckets = Buckets::default();
        buckets.add(Duration::from_millis(10));
        let earlier = buckets.clone();
        buckets.add(Duration::from_secs(3));
        let since = buckets.since(&earlier);
        assert_eq!((since.count(), since.sum), (1, Duration::from_secs(3)));
        assert_eq!(Buckets::default().since(&buckets).count(), 0, "counters that began anew");
    }
}
