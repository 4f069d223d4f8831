//! Logouts that were reported and do not count yet: 3 s where nothing else was reported, and the grace time after a
//! connection is back.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::source::UserStatus;
use domain::time::Instant;
use jiff::Timestamp;

const MOMENT: Duration = Duration::from_secs(3);

#[derive(Debug)]
pub(super) struct Logouts {
    grace_time: Duration,
    lost: bool,
    grace: Option<Instant>,
    /// When each was seen, and when it counts, unless that is at the end of the grace time.
    held: BTreeMap<usize, (Timestamp, Option<Instant>)>,
}

impl Logouts {
    pub(super) fn new(grace_time: Duration) -> Self {
        Self { grace_time, lost: false, grace: None, held: BTreeMap::new() }
    }

    pub(super) fn connection_lost(&mut self) {
        self.lost = true;
        self.grace = None;
        for (_, counts) in self.held.values_mut() {
            *counts = None;
        }
    }

    pub(super) fn connection_back(&mut self, now: Instant) {
        if std::mem::take(&mut self.lost) {
            self.grace = Some(now + self.grace_time);
            for (_, counts) in self.held.values_mut() {
                *counts = None;
            }
        }
    }

    pub(super) fn holds(&self, who: usize) -> bool {
        self.held.contains_key(&who)
    }

    /// Nothing is heard of an agent any more.
    pub(super) fn forget(&mut self, who: usize) {
        self.held.remove(&who);
    }

    pub(super) fn holds_any(&self) -> bool {
        !self.held.is_empty()
    }

    /// A status was reported: whether it is a logout that does not count yet.
    pub(super) fn seen(
        &mut self,
        now: Instant,
        who: usize,
        before: Option<&UserStatus>,
        status: &UserStatus,
        next: bool,
        received: Timestamp,
    ) -> bool {
        let seen = self.held.remove(&who);
        let was_in = before.is_some_and(|before| before.logged_in || seen.is_some());
        if status.logged_in || !was_in || (next && self.grace.is_none()) {
            return false;
        }
        let counts = match seen {
            Some((_, counts)) => counts,
            None if self.grace.is_some() => None,
            None => Some(now + MOMENT),
        };
        self.held.insert(who, (seen.map_or(received, |(at, _)| at), counts));
        true
    }

    /// Those whose time has come.
    pub(super) fn due(&mut self, now: Instant) -> Vec<(usize, Timestamp)> {
        let all = self.grace.is_some_and(|until| until <= now);
        if all {
            self.grace = None;
        }
        let counts = |at: Option<Instant>| all || at.is_some_and(|at| at <= now);
        let due: Vec<usize> = self.held.iter().filter(|(_, (_, at))| counts(*at)).map(|(who, _)| *who).collect();
        due.into_iter().filter_map(|who| Some((who, self.held.remove(&who)?.0))).collect()
    }
}
