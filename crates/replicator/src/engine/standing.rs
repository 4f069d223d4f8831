//! How each agent stands, for people: what PureConnect shows, what Genesys Cloud shall show and was told, and why.

use std::collections::BTreeSet;

use domain::change::{Facet, Value};
use domain::ids::{AgentId, CloudUserId, WorkgroupId};
use domain::source::{Catalogue, Interaction, StatusMessage, UserStatus};
use domain::target::RoutingStatus;
use jiff::Timestamp;

use super::Engine;
use super::record::{Record, SyncState};
use super::wish::wish;

/// Everything that can be shown of one agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentReport {
    /// Who.
    pub agent: AgentId,
    /// The name in PureConnect.
    pub display_name: String,
    /// The e-mail address in PureConnect.
    pub email: Option<String>,
    /// Of which workgroups.
    pub workgroups: BTreeSet<WorkgroupId>,
    /// The user in Genesys Cloud.
    pub user: Option<CloudUserId>,
    /// In Interaction Administrator's words.
    pub state: SyncState,
    /// The status in PureConnect.
    pub status: Option<UserStatus>,
    /// Its status message, where that is in the catalogue.
    pub message: Option<StatusMessage>,
    /// Whether the status is not in the catalogue, so that the last presence is kept.
    pub unknown_status: bool,
    /// Whether the agent counts as logged in; a logout that does not count yet is none.
    pub logged_in: bool,
    /// When the agent entered the status.
    pub entered: Option<Timestamp>,
    /// The rule that decides the presence.
    pub rule: Option<String>,
    /// What Genesys Cloud shall show.
    pub wanted: [Option<Value>; 3],
    /// What it was told.
    pub told: [Option<Value>; 3],
    /// Changes that have yet to be told.
    pub pending: usize,
    /// Whether the agent left the queue with interactions that are still followed.
    pub pending_off_queue: bool,
    /// What the agent is alerted of, or connected to.
    pub interactions: Vec<Interaction>,
    /// The routing status, where Genesys Cloud cannot be told it.
    pub not_shown: Option<RoutingStatus>,
    /// What the platform said last, if it refused something.
    pub error: Option<String>,
    /// When something was last accepted, or read back as it should be.
    pub last_success: Option<Timestamp>,
}

/// Which agents are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// All in scope.
    All,
    /// Those with an error and those with changes on their way, at most so many.
    NotInStep {
        /// So many.
        at_most: usize,
    },
}

/// Agents who may stand otherwise than was said before.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standings {
    /// Whether a run of the link begins: who was known before does not count any more.
    pub anew: bool,
    /// How they stand now.
    pub agents: Vec<AgentReport>,
    /// Who is not in scope any more.
    pub gone: Vec<AgentId>,
    /// The status messages, where they are others than before.
    pub catalogue: Option<Catalogue>,
}

impl Engine {
    /// Every agent in scope, in the order of their ids.
    pub fn agents(&self) -> impl Iterator<Item = AgentReport> {
        self.places_in_scope().map(|place| self.standing(place))
    }

    /// Those who are meant, in the order of their ids.
    #[must_use]
    pub fn agents_of(&self, which: Which) -> Vec<AgentReport> {
        match which {
            Which::All => self.agents().collect(),
            Which::NotInStep { at_most } => {
                let differs = |&place: &usize| match self.sync_state(&self.agents[place]) {
                    SyncState::Pending | SyncState::Error => true,
                    SyncState::Synced | SyncState::NotSynced(_) => false,
                };
                self.places_in_scope().filter(differs).take(at_most).map(|place| self.standing(place)).collect()
            }
        }
    }

    fn places_in_scope(&self) -> impl Iterator<Item = usize> {
        self.by_id.values().copied().filter(|&place| self.agents[place].in_scope)
    }

    /// From now on [`Self::poll_standings`] says who may stand otherwise, beginning with everybody.
    pub fn watch_agents(&mut self) {
        self.agents.watch();
    }

    /// Whether somebody may stand otherwise than was said.
    #[must_use]
    pub fn has_standings(&self) -> bool {
        self.agents.has_touched()
    }

    /// The next agents who may stand otherwise than was said, at most so many.
    pub fn poll_standings(&mut self, at_most: usize) -> Standings {
        let mut standings = Standings::default();
        for place in self.agents.take_touched(at_most) {
            if self.agents[place].in_scope {
                standings.agents.push(self.standing(place));
            } else {
                standings.gone.push(self.agents[place].agent.id.clone());
            }
        }
        standings
    }

    fn standing(&self, place: usize) -> AgentReport {
        let record = &self.agents[place];
        let message = record.status.as_ref().and_then(|status| self.surroundings.catalogue.get(&status.status));
        AgentReport {
            agent: record.agent.id.clone(),
            display_name: record.agent.display_name.clone(),
            email: record.agent.email.clone(),
            workgroups: record.agent.workgroups.clone(),
            user: record.user(),
            state: self.sync_state(record),
            status: record.status.clone(),
            message: message.cloned(),
            unknown_status: record.unknown_status,
            logged_in: is_logged_in(record),
            entered: record.entered,
            rule: self.rule(record),
            wanted: record.wanted,
            told: [0, 1, 2].map(|facet| record.facets[facet].told),
            pending: record.facets.iter().map(|facet| facet.pending.len()).sum(),
            pending_off_queue: record.machine.state().pending_off_queue,
            interactions: record.machine.interactions(),
            not_shown: record.not_shown,
            error: record.error.clone(),
            last_success: record.last_success,
        }
    }

    fn rule(&self, record: &Record) -> Option<String> {
        let status = record.status.as_ref()?;
        let now = status.since.unwrap_or(Timestamp::UNIX_EPOCH);
        let wish = wish(&self.options, &self.rules, &self.surroundings, status, is_logged_in(record), now)?;
        Some(wish.why.to_string())
    }

    /// What the administrator sees of an agent. What waits for a facet that the platform does not support is no fault of
    /// the agent's.
    pub(super) fn sync_state(&self, record: &Record) -> SyncState {
        record.sync_state(Facet::ALL.into_iter().any(|facet| self.is_on_its_way(record, facet)))
    }

    /// Whether changes of a facet wait that can be told.
    pub(super) fn is_on_its_way(&self, record: &Record, facet: Facet) -> bool {
        let Some(first) = record.facet(facet).pending.front() else { return false };
        let mut lanes = self.lanes.iter().filter(|waiting| waiting.lane.takes(first.change.to));
        lanes.clone().next().is_none() || lanes.any(|waiting| !waiting.is_unsupported())
    }
}

fn is_logged_in(record: &Record) -> bool {
    record.logout_held.is_some() || record.status.as_ref().is_some_and(|status| status.logged_in)
}
