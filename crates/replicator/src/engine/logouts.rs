//! Logouts that do not count yet: a failing server logs agents out who have not gone.
//!
//! A logout without a new status waits a moment, so that one that comes just before the connection is lost counts as
//! seen during the switchover; one that is seen while PureConnect reconnects waits for the grace time.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::source::UserStatus;
use domain::time::{Instant, Now};
use jiff::Timestamp;

use super::Engine;
use super::wish::wish;
use crate::options::LoggedOut;

/// How long a logout waits for the loss of the connection that may follow it.
const SETTLING: Duration = Duration::from_secs(3);

/// An agent who was logged in is logged in no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Logout {
    /// Whether it does not count yet.
    pub held: bool,
    /// Whether it was not seen before.
    pub is_new: bool,
}

/// When held logouts count.
#[derive(Debug, Clone, Default)]
pub(super) struct Held {
    /// Single ones.
    due: BTreeSet<(Instant, usize)>,
    /// All that are seen before this.
    grace: Option<Instant>,
}

impl Held {
    /// When the next one counts.
    pub(super) fn next(&self) -> Option<Instant> {
        let single = self.due.first().map(|(at, _)| *at);
        single.into_iter().chain(self.grace).min()
    }

    /// Whether PureConnect has just reconnected.
    pub(super) fn in_grace(&self) -> bool {
        self.grace.is_some()
    }
}

impl Engine {
    /// The connection is lost: what is held waits until there is one again.
    pub(super) fn keep_logouts(&mut self) {
        self.held.due.clear();
        self.held.grace = None;
    }

    /// The connection is there again: logouts count after the grace time.
    pub(super) fn begin_grace(&mut self, now: Now) {
        if self.options.logged_out == LoggedOut::Offline {
            self.held.due.clear();
            self.held.grace = Some(now.instant + self.options.logout_grace);
        }
    }

    /// Whether a status logs its agent out, and whether that counts. `next` says that the status is a new one, too: who
    /// goes home and logs out has not been thrown out.
    pub(super) fn logout(
        &mut self,
        now: Now,
        place: usize,
        previous: Option<&UserStatus>,
        status: &UserStatus,
        next: bool,
        received: Timestamp,
    ) -> Option<Logout> {
        let record = &mut self.agents[place];
        let seen = record.logout_held.take();
        let was_in = previous.is_some_and(|previous| previous.logged_in || seen.is_some());
        if status.logged_in || !was_in || self.options.logged_out == LoggedOut::MapStatus {
            return None;
        }
        let is_new = seen.is_none();
        if next && !self.held.in_grace() {
            return Some(Logout { held: false, is_new });
        }
        record.logout_held = Some(seen.unwrap_or(received));
        if is_new && !self.held.in_grace() {
            self.held.due.retain(|(_, waiting)| *waiting != place);
            self.held.due.insert((now.instant + SETTLING, place));
        }
        Some(Logout { held: true, is_new })
    }

    /// Logouts whose time has come count now, as of when they were seen.
    pub(super) fn release_logouts(&mut self, now: Now) {
        if self.held.grace.is_some_and(|until| until <= now.instant) {
            self.held.grace = None;
            self.held.due.clear();
            for place in 0..self.agents.len() {
                self.release_logout(now, place);
            }
        }
        while let Some(&(at, place)) = self.held.due.first() {
            if at > now.instant {
                break;
            }
            self.held.due.pop_first();
            self.release_logout(now, place);
        }
    }

    fn release_logout(&mut self, now: Now, place: usize) {
        let Some(seen) = self.agents[place].logout_held.take() else { return };
        let Some(status) = self.agents[place].status.clone() else { return };
        if let Some(wish) = wish(&self.options, &self.rules, &self.surroundings, &status, false, now.utc) {
            self.re_enter(now, place, seen, &status, wish);
        }
    }
}
