//! Intervals in which something was down or frozen, and whether the journal's gaps cover them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use replicator::ports::Failure;

use super::sends::failure;
use crate::cloud::Reply;
use crate::journal::Books;

/// Failures in a row after which it is sure that the cloud is down.
const SURE: u32 = 4;

/// What is over sooner is none.
const SHORT: SignedDuration = SignedDuration::from_secs(2);

/// How exactly ends meet.
const EXACT: SignedDuration = SignedDuration::from_millis(5);

/// What was down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Source,
    Picture,
    Process,
    Target,
}

#[derive(Debug, Default)]
pub(super) struct Needed {
    /// Several tokens: where one is refused, others go on.
    several: bool,
    open: BTreeMap<Kind, Timestamp>,
    /// What was down when the clock stepped: not measured until it is over.
    spoilt: BTreeSet<Kind>,
    closed: Vec<(Kind, Timestamp, Timestamp)>,
    failures: u32,
    last_failure: Option<Timestamp>,
}

impl Needed {
    pub(super) fn new(tokens: usize) -> Self {
        Self { several: tokens > 1, ..Self::default() }
    }

    pub(super) fn begin(&mut self, kind: Kind, at: Timestamp) {
        if !self.spoilt.contains(&kind) {
            self.open.entry(kind).or_insert(at);
        }
    }

    pub(super) fn end(&mut self, kind: Kind, at: Timestamp) {
        self.spoilt.remove(&kind);
        if let Some(since) = self.open.remove(&kind).filter(|since| at.duration_since(*since) > SHORT) {
            self.closed.push((kind, since, at));
        }
    }

    pub(super) fn process_ended(&mut self, at: Timestamp, alive: Option<Timestamp>) {
        for kind in [Kind::Source, Kind::Picture] {
            self.end(kind, at);
        }
        self.target_is_up();
        match alive {
            // A clock that stepped back makes the last entry later than the end.
            Some(alive) if alive <= at => self.begin(Kind::Process, at),
            Some(_) => {
                self.spoilt.insert(Kind::Process);
            }
            None => {
                self.open.clear();
                self.closed.clear();
            }
        }
    }

    /// Down for sure, until the last failure.
    pub(super) fn answered(&mut self, at: Timestamp, reply: &Reply) {
        match failure(reply) {
            Some(Failure::Unauthorized { .. }) if self.several => {}
            Some(Failure::Unavailable { .. } | Failure::Unauthorized { .. }) => {
                // A subscription says nothing of delivery.
                if matches!(reply, Reply::Subscribed(_)) {
                    return;
                }
                self.failures += 1;
                self.last_failure = Some(at);
                if self.failures == SURE {
                    self.begin(Kind::Target, at);
                }
            }
            Some(Failure::Throttled { .. }) => {}
            Some(Failure::Deferred { .. } | Failure::Refused { .. } | Failure::Unsupported { .. }) | None => {
                self.target_is_up();
            }
        }
    }

    fn target_is_up(&mut self) {
        self.failures = 0;
        let last = self.last_failure.take();
        self.end(Kind::Target, last.unwrap_or(Timestamp::MIN));
    }

    /// A clock stepped: what is open cannot be measured.
    pub(super) fn spoil(&mut self) {
        self.spoilt.extend(self.open.keys());
        if self.failures > 0 {
            self.spoilt.insert(Kind::Target);
        }
        self.open.clear();
        self.closed.clear();
        self.failures = 0;
        self.last_failure = None;
    }

    /// Whether everything that was needed is covered.
    pub(super) fn covered(&self, books: &Books) -> Result<(), String> {
        let mut gaps: Vec<(Timestamp, Timestamp)> =
            books.gaps.values().map(|gap| (gap.since, gap.until.unwrap_or(Timestamp::MAX))).collect();
        gaps.sort_unstable();
        for (kind, since, until) in &self.closed {
            let mut reached = *since;
            for (from, to) in &gaps {
                if from.duration_since(reached) <= EXACT {
                    reached = reached.max(*to);
                }
            }
            if until.duration_since(reached) > EXACT {
                return Err(format!("trust: {kind:?} was down from {since} to {until}, gaps reach to {reached} only"));
            }
        }
        Ok(())
    }
}
