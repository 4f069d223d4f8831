//! What can be shown of the engine at a moment: state and counts, no decisions.

use std::collections::{BTreeMap, BTreeSet};

use domain::change::{Change, Facet};
use domain::ids::AgentId;
use domain::source::System;
use domain::trust::Gap;
use hdrhistogram::Histogram;
use jiff::Timestamp;

use super::Engine;
use super::doubt::Doubt;
use super::figures::Figures;
use super::record::SyncState;
use super::roster::Unmatched;
use super::tokens::TokenReport;
use super::verify::Drift;
use crate::options::ModeChoice;

/// The longest delay that is told apart, in milliseconds: a day.
const LONGEST: u64 = 24 * 60 * 60 * 1_000;

/// Where the source stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceState {
    /// There was no snapshot yet.
    Connecting,
    /// A session runs.
    Connected {
        /// With this server.
        system: System,
        /// Since then.
        since: Timestamp,
    },
    /// The session is gone.
    Lost {
        /// Why.
        reason: String,
        /// Since when.
        since: Timestamp,
    },
}

/// Counts and delays since the start.
#[derive(Debug, Clone)]
pub(super) struct Counters {
    pub seen: u64,
    pub delivered: u64,
    pub superseded: u64,
    pub refused: u64,
    pub not_supported: u64,
    pub repaired: Repaired,
    pub requests: u64,
    pub throttled: u64,
    /// All of it but the states of the moment.
    pub figures: Figures,
    delays: Histogram<u64>,
}

impl Counters {
    pub(super) fn new() -> Self {
        let delays = Histogram::new_with_max(LONGEST, 3).expect("three digits up to a day are possible");
        Self {
            seen: 0,
            delivered: 0,
            superseded: 0,
            refused: 0,
            not_supported: 0,
            repaired: Repaired::default(),
            requests: 0,
            throttled: 0,
            figures: Figures::default(),
            delays,
        }
    }

    /// A difference was repaired.
    pub(super) fn repaired(&mut self, drift: Drift) {
        match drift {
            Drift::SomebodyElse => self.repaired.somebody_else += 1,
            Drift::NotApplied => self.repaired.not_applied += 1,
            Drift::Unknown => self.repaired.unknown += 1,
        }
    }

    /// A change was accepted.
    pub(super) fn delivered(&mut self, now: Timestamp, change: &Change) {
        self.delivered += 1;
        self.figures.delivered(now, change);
        let delay = u64::try_from(now.duration_since(change.seen).as_millis()).unwrap_or(0);
        self.delays.saturating_record(delay.min(LONGEST));
    }
}

/// From PureConnect's message to Genesys Cloud's acceptance, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delays {
    /// Half of all changes were faster.
    pub p50: u64,
    /// 99 of 100 were faster.
    pub p99: u64,
    /// The slowest.
    pub max: u64,
}

/// Differences found by read-back and repaired, by who made them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Repaired {
    /// Another writer.
    pub somebody_else: u64,
    /// The platform, which accepted a change and did not show it.
    pub not_applied: u64,
    /// One of the two: the platform does not say since when it showed something else.
    pub unknown: u64,
}

impl Repaired {
    /// All of them.
    #[must_use]
    pub fn total(self) -> u64 {
        self.somebody_else + self.not_applied + self.unknown
    }
}

/// Everything that can be shown of the link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// When.
    pub at: Timestamp,
    /// PureConnect.
    pub source: SourceState,
    /// What is replicated.
    pub mode: ModeChoice,
    /// Whether only the newest values are told, by the API that every organisation has.
    pub direct: bool,
    /// Whether Genesys Cloud takes anything.
    pub sink_up: bool,
    /// Facets that the platform does not support at the moment.
    pub unsupported: Vec<Facet>,
    /// Why delivery is frozen, if it is.
    pub frozen: Option<Doubt>,
    /// Since when and why Genesys Cloud may not show what PureConnect shows, oldest first; empty when it does.
    pub gaps: Vec<Gap>,
    /// Agents whom a switchover left in after call work.
    pub stuck: Vec<AgentId>,
    /// Agents in scope.
    pub agents: usize,
    /// Agents whom Genesys Cloud shows as PureConnect does.
    pub synced: usize,
    /// Agents with changes on their way, or whose primary presence source is still another.
    pub pending: usize,
    /// Agents with an error.
    pub errors: usize,
    /// Agents without a cloud user, by reason.
    pub unmatched: BTreeMap<Unmatched, usize>,
    /// Changes that have yet to be told.
    pub backlog: usize,
    /// Changes that wait until the platform supports their facet.
    pub held_back: usize,
    /// Agents whose routing status cannot be shown at the moment, because direct delivery cannot set it.
    pub not_shown: usize,
    /// Changes that could not be told for the same reason.
    pub not_supported: u64,
    /// Changes seen since the start.
    pub seen: u64,
    /// Changes accepted.
    pub delivered: u64,
    /// Changes that a newer one replaced before they were sent, or that were there already.
    pub superseded: u64,
    /// Changes that the platform refused for good.
    pub refused: u64,
    /// Differences found by read-back and repaired.
    pub repaired: Repaired,
    /// Requests made.
    pub requests: u64,
    /// Times that the platform said "too many requests".
    pub throttled: u64,
    /// Requests of the last 60 seconds, and how many the platform allows, of all tokens together.
    pub used: (u32, u32),
    /// Each token.
    pub tokens: Vec<TokenReport>,
    /// Delays of accepted changes; `None` before the first.
    pub delays: Option<Delays>,
    /// What else is measured.
    pub figures: Figures,
}

impl Report {
    /// Whether everybody who can be is in step.
    #[must_use]
    pub fn is_in_step(&self) -> bool {
        let connected = matches!(self.source, SourceState::Connected { .. });
        connected && self.agents > 0 && self.pending == 0 && self.backlog == 0
    }
}

impl Engine {
    /// The state at this moment.
    #[must_use]
    pub fn report(&self, now: Timestamp) -> Report {
        let mut report = self.empty_report(now);
        for record in self.agents.iter().filter(|record| record.in_scope) {
            report.agents += 1;
            for facet in Facet::ALL {
                let waiting = record.facet(facet).pending.len();
                *(if self.is_on_its_way(record, facet) { &mut report.backlog } else { &mut report.held_back }) +=
                    waiting;
            }
            report.not_shown += usize::from(record.not_shown.is_some() && record.user().is_some());
            if record.user().is_some() {
                report.figures.add_agent(now, record, |facet| self.is_on_its_way(record, facet));
            }
            match self.sync_state(record) {
                SyncState::Synced => report.synced += 1,
                SyncState::Pending => report.pending += 1,
                SyncState::Error => report.errors += 1,
                SyncState::NotSynced(reason) => *report.unmatched.entry(reason).or_default() += 1,
            }
        }
        report
    }

    fn empty_report(&self, now: Timestamp) -> Report {
        let delays = &self.counters.delays;
        let delays = (!delays.is_empty()).then(|| Delays {
            p50: delays.value_at_quantile(0.5),
            p99: delays.value_at_quantile(0.99),
            max: delays.max(),
        });
        let unsupported =
            self.lanes.iter().filter(|waiting| waiting.is_unsupported()).map(|waiting| waiting.lane.facet);
        Report {
            at: now,
            source: self.source.clone(),
            mode: self.mode,
            direct: self.is_direct(),
            sink_up: !self.sink.is_down(),
            unsupported: unsupported.collect::<BTreeSet<Facet>>().into_iter().collect(),
            frozen: self.guard.doubt(),
            gaps: self.gaps.open(),
            stuck: self.stuck(),
            agents: 0,
            synced: 0,
            pending: 0,
            errors: 0,
            unmatched: BTreeMap::new(),
            backlog: 0,
            held_back: 0,
            not_shown: 0,
            not_supported: self.counters.not_supported,
            seen: self.counters.seen,
            delivered: self.counters.delivered,
            superseded: self.counters.superseded,
            refused: self.counters.refused,
            repaired: self.counters.repaired,
            requests: self.counters.requests,
            throttled: self.counters.throttled,
            used: self
                .tokens
                .budgets()
                .fold((0, 0), |(used, allowed), budget| (used + budget.used(), allowed + budget.allowed())),
            tokens: self.tokens.report(),
            delays,
            figures: Figures { drain: self.drain(), ..self.counters.figures.clone() },
        }
    }
}
