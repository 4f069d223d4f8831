//! What is measured since the start, for metrics: counts and sums that only grow, and a few states of the moment.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::change::Facet;
use domain::trust::GapKind;
use jiff::Timestamp;

/// The bounds of the buckets that delays are counted in, in milliseconds; the last bucket has none.
pub const BOUNDS: [u64; 16] =
    [50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 900_000, 3_600_000, 14_400_000];

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
