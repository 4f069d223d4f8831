//! When Genesys Cloud may not show what PureConnect shows: finds where such a gap begins and ends.
//!
//! Of each kind at most one gap is open. What a gap means for delivery is not decided here.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::change::Facet;
use domain::ids::GapId;
use domain::time::{Instant, Now};
use domain::trust::{Gap, GapKind};
use jiff::Timestamp;

use super::roster::Match;
use super::{Engine, Fact, Notice, SourceState};

/// How often it is looked whether changes wait too long, as long as any wait.
const LOOK: Duration = Duration::from_secs(1);

/// The open gaps of one link.
#[derive(Debug, Clone, Default)]
pub(super) struct Gaps {
    open: BTreeMap<GapKind, Gap>,
    /// When to look for changes that wait too long; `None` while none waits.
    look_at: Option<Instant>,
    /// Since when the oldest change waits too long.
    late_since: Option<Timestamp>,
    /// When it was last looked.
    looked: Option<Now>,
}

/// The engine is asked at least as often as it says that it lives. Who was not asked for this long stood still.
const STANDSTILL: Duration = Duration::from_secs(15);

impl Gaps {
    /// A change waits: it may be late at this time.
    pub(super) fn expect_lateness(&mut self, at: Instant) {
        self.look_at = Some(self.look_at.map_or(at, |planned| planned.min(at)));
    }

    /// When to look again.
    pub(super) fn look_at(&self) -> Option<Instant> {
        self.look_at
    }

    /// Gaps that last, oldest first.
    pub(super) fn open(&self) -> Vec<Gap> {
        let mut open: Vec<Gap> = self.open.values().cloned().collect();
        open.sort_by_key(|gap| gap.since);
        open
    }
}

/// Whoever's two clocks differ by this much had one of them set, or slept.
const CLOCK_SET: Duration = Duration::from_secs(5);

impl Engine {
    /// Takes up the gaps that the last run left open, and the time in which nothing ran.
    pub(super) fn take_up_gaps(&mut self, now: Now, gaps: Vec<Gap>, alive: Option<Timestamp>) {
        for gap in gaps {
            if gap.kind == GapKind::NotRunning {
                self.gaps.open.insert(gap.kind, gap);
            } else {
                let until = alive.unwrap_or(now.utc).max(gap.since);
                self.outbox.note(now, Fact::GapEnded { gap: gap.id, until });
            }
        }
        if let (Some(alive), false) = (alive, self.gaps.open.contains_key(&GapKind::NotRunning)) {
            self.begin_gap(now, GapKind::NotRunning, alive.min(now.utc), "it ended without an orderly stop".to_owned());
        }
    }

    /// The bridge stops on order.
    pub(super) fn begin_stop_gap(&mut self, now: Now) {
        self.begin_gap(now, GapKind::NotRunning, now.utc, "it was stopped".to_owned());
    }

    /// Opens and closes gaps by how things stand.
    pub(super) fn watch_gaps(&mut self, now: Now) {
        if self.stopping {
            return;
        }
        let (source, running) = match &self.source {
            SourceState::Connecting => (None, false),
            SourceState::Connected { .. } => (None, true),
            SourceState::Lost { reason, since } => (Some((*since, reason.clone())), true),
        };
        if running {
            self.end_gap(now, GapKind::NotRunning);
        }
        self.notice_standstill(now);
        self.set_gap(now, GapKind::SourceDown, source);
        self.set_gap(now, GapKind::TargetDown, self.sink.down());
        self.set_gap(now, GapKind::Frozen, self.guard.doubt().map(|doubt| (now.utc, doubt.to_string())));
        if self.gaps.look_at.is_some_and(|at| at <= now.instant) {
            self.look_for_lateness(now);
        }
        let late = self.gaps.late_since.map(|since| (since, "changes wait".to_owned()));
        self.set_gap(now, GapKind::Late, late);
    }

    /// A stopped process and a suspended computer do not know that they were; what they have missed comes late, or never.
    fn notice_standstill(&mut self, now: Now) {
        let Some(before) = self.gaps.looked.replace(now) else { return };
        let passed = Duration::try_from(now.utc.duration_since(before.utc)).unwrap_or_default();
        let slept = now.instant.since(before.instant);
        if now.utc < before.utc || passed.abs_diff(slept) > CLOCK_SET {
            // What was compared with its time has none any more.
            for record in self.agents.iter_untouched() {
                record.entered = None;
            }
        }
        if now.utc < before.utc {
            self.begin_gaps_anew(now, before.utc);
        }
        // On a clock that runs fast, moments are long.
        let is_told = self.gaps.open.contains_key(&GapKind::NotRunning);
        if !is_told && passed.max(slept) >= STANDSTILL.max(self.options.late_after) {
            let reason = "it stood still, or its clock was set".to_owned();
            self.begin_gap(now, GapKind::NotRunning, before.utc, reason);
            self.end_gap(now, GapKind::NotRunning);
        }
    }

    /// The clock was set back: what lasts is a gap of both times.
    fn begin_gaps_anew(&mut self, now: Now, set_at: Timestamp) {
        for gap in std::mem::take(&mut self.gaps.open).into_values() {
            self.outbox.note(now, Fact::GapEnded { gap: gap.id, until: set_at.max(gap.since) });
            self.begin_gap(now, gap.kind, now.utc, gap.reason);
        }
    }

    /// A refused change is that agent's error and not the feed's; so is a facet that the platform does not support.
    fn look_for_lateness(&mut self, now: Now) {
        let mut oldest: Option<(Instant, Timestamp)> = None;
        for record in self.agents.iter() {
            let expected = record.in_scope && record.error.is_none() && !matches!(record.matched, Match::Unmatched(_));
            if !expected {
                continue;
            }
            let told = Facet::ALL.into_iter().filter(|&facet| self.is_on_its_way(record, facet));
            let first = told.filter_map(|facet| record.facet(facet).pending.front());
            let first = first.map(|pending| (pending.since, pending.change.seen)).min();
            oldest = oldest.into_iter().chain(first).min();
        }
        let late = oldest.filter(|(since, _)| *since + self.options.late_after <= now.instant);
        self.gaps.late_since = late.map(|(_, seen)| seen);
        self.gaps.look_at = oldest.map(|(since, _)| (since + self.options.late_after).max(now.instant + LOOK));
    }

    fn set_gap(&mut self, now: Now, kind: GapKind, state: Option<(Timestamp, String)>) {
        match state {
            Some((since, reason)) => self.begin_gap(now, kind, since, reason),
            None => self.end_gap(now, kind),
        }
    }

    fn begin_gap(&mut self, now: Now, kind: GapKind, since: Timestamp, reason: String) {
        if self.gaps.open.contains_key(&kind) {
            return;
        }
        let gap = Gap { id: GapId(self.new_id()), kind, reason, since, until: None };
        self.outbox.note(now, Fact::GapBegan(gap.clone()));
        *self.counters.figures.gaps.entry(kind).or_default() += 1;
        if kind == GapKind::Late {
            self.notices.push_back(Notice::Late { since });
        }
        self.gaps.open.insert(kind, gap);
    }

    fn end_gap(&mut self, now: Now, kind: GapKind) {
        let Some(gap) = self.gaps.open.remove(&kind) else { return };
        self.outbox.note(now, Fact::GapEnded { gap: gap.id, until: now.utc.max(gap.since) });
        if kind == GapKind::Late {
            self.notices.push_back(Notice::LateNoMore);
        }
    }
}
