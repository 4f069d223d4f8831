//! Two kinds of time, kept apart by type.
//!
//! [`Instant`] never steps and serves waiting; [`jiff::Timestamp`] is UTC and serves people and events. Whoever handles
//! something is told both at once as [`Now`]. Nothing here reads a clock.

use std::ops::{Add, Sub};
use std::time::Duration;

use jiff::Timestamp;

/// A point on the clock that never steps, as the time since the program (or the simulation) began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Instant(pub Duration);

impl Instant {
    /// The beginning.
    pub const START: Self = Self(Duration::ZERO);

    /// How long after `earlier` this is; zero when it is not after it.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    fn add(self, wait: Duration) -> Self {
        Self(self.0.saturating_add(wait))
    }
}

impl Sub<Duration> for Instant {
    type Output = Self;

    fn sub(self, back: Duration) -> Self {
        Self(self.0.saturating_sub(back))
    }
}

/// The time as whoever owns the clock reads it, both kinds in one reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// For waiting.
    pub instant: Instant,
    /// For people, events and the journal.
    pub utc: Timestamp,
}
