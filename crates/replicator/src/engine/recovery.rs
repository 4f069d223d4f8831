//! Going on where the last run ended: what the journal remembers becomes what was told and has yet to be told.
//!
//! Nothing of it is sent before the first snapshot and the first read-back; then the old changes go first, with the ids
//! and times that they have.

use std::collections::BTreeMap;

use domain::change::{Change, Facet, Value};
use domain::ids::AgentId;
use domain::target::RoutingStatus;
use domain::time::Now;
use jiff::{SignedDuration, Timestamp};

use super::facet::Pending;
use super::{Engine, Fact, Notice, Stage};
use crate::ports::{Memory, Remembered};

/// What is remembered of agents that no snapshot has shown yet.
#[derive(Debug, Clone, Default)]
pub(super) struct Recollection {
    agents: BTreeMap<AgentId, Vec<Remembered>>,
    /// Until when the run before is known to have run.
    alive: Option<Timestamp>,
}

/// Whoever had no change for this long before the end of the run before is not missed when nobody shows him.
const ACTIVE: SignedDuration = SignedDuration::from_hours(24);

impl Recollection {
    /// Until when the run before is known to have run.
    pub(super) fn alive(&self) -> Option<Timestamp> {
        self.alive
    }

    /// Who was active in the last day of the run before.
    pub(super) fn active(&self) -> impl Iterator<Item = &AgentId> {
        let since = self.alive.and_then(|alive| alive.checked_sub(ACTIVE).ok());
        let is_active = move |facets: &[Remembered]| facets.iter().any(|remembered| remembered.newest >= since);
        self.agents.iter().filter(move |(_, facets)| is_active(facets)).map(|(agent, _)| agent)
    }

    /// When the newest change of an agent's presence happened.
    pub(super) fn entered(&self, agent: &AgentId) -> Option<Timestamp> {
        let facets = self.agents.get(agent)?;
        facets.iter().find(|remembered| remembered.facet == Facet::Presence)?.newest
    }

    /// What an agent's presence will be when everything remembered is told.
    pub(super) fn presence(&self, agent: &AgentId) -> Option<Value> {
        target(self.agents.get(agent)?, Facet::Presence)
    }
}

/// What a facet will be when everything remembered is told.
fn target(facets: &[Remembered], facet: Facet) -> Option<Value> {
    let remembered = facets.iter().find(|remembered| remembered.facet == facet)?;
    // A change that failed may go after a later one that did not.
    let is_later = |change: &&(Change, u32)| remembered.told.is_none_or(|(_, told_at)| change.0.happened > told_at);
    let pending = remembered.pending.last().filter(is_later).map(|(change, _)| change.to);
    pending.or(remembered.told.map(|(value, _)| value))
}

/// Whether an agent off queue still had interactions that were followed.
fn was_followed(facets: &[Remembered]) -> bool {
    let off_queue = target(facets, Facet::Presence).is_some_and(|presence| !is_on_queue(presence));
    let routing = target(facets, Facet::Routing);
    off_queue && routing.is_some_and(|routing| routing != Value::Routing(RoutingStatus::OffQueue))
}

fn is_on_queue(value: Value) -> bool {
    matches!(value, Value::Presence(presence) if presence.is_on_queue())
}

impl Engine {
    /// What the journal remembers. Once, before anything else.
    pub fn handle_loaded(&mut self, now: Now, memory: Memory) {
        let pending = memory.facets.iter().map(|remembered| remembered.pending.len()).sum();
        if let Some(alive) = memory.alive {
            self.notices.push_back(Notice::Recovered { pending, alive });
        }
        self.recollection.alive = memory.alive;
        self.claims.remember(memory.claimed);
        for remembered in memory.facets {
            self.recollection.agents.entry(remembered.agent.clone()).or_default().push(remembered);
        }
        self.take_up_gaps(now, memory.gaps, memory.alive);
    }

    /// An agent was shown for the first time: takes up what is remembered of it.
    pub(super) fn recollect(&mut self, now: Now, place: usize) {
        let Some(facets) = self.recollection.agents.remove(&self.agents[place].agent.id) else { return };
        self.agents[place].was_followed = was_followed(&facets);
        for Remembered { agent: _, facet, told, newest, pending } in facets {
            let record = &mut self.agents[place];
            record.last_success = record.last_success.max(told.map(|(_, at)| at));
            record.facet_mut(facet).recollect(told, newest);
            if !self.replicates(facet) {
                self.forget_remembered(
                    now,
                    self.agents[place].agent.id.clone(),
                    pending,
                    "this is not replicated any more",
                );
                continue;
            }
            for (change, attempts) in pending {
                let recorded = self.note_and_wait(now, place, change.id, Stage::Resumed);
                let since = now.instant;
                let pending = Pending { change, recorded, since, attempts, resumed: true, refused: false };
                self.agents[place].facet_mut(facet).pending.push_back(pending);
            }
            self.gaps.expect_lateness(now.instant + self.options.late_after);
            self.thin_out(now, place, facet);
        }
        self.drop_untold(now, place);
    }

    /// Who is remembered and not shown has left the scope.
    pub(super) fn forget_the_rest(&mut self, now: Now) {
        let mut recollection = std::mem::take(&mut self.recollection);
        for (agent, facets) in &mut recollection.agents {
            for remembered in facets {
                let pending = std::mem::take(&mut remembered.pending);
                self.forget_remembered(now, agent.clone(), pending, "the agent left the scope");
            }
        }
        // Whoever comes back goes on from what was told.
        self.recollection = recollection;
    }

    fn forget_remembered(&mut self, now: Now, agent: AgentId, pending: Vec<(Change, u32)>, reason: &str) {
        for (change, _) in pending {
            self.counters.superseded += 1;
            let stage = Stage::Dropped { reason: reason.to_owned() };
            self.outbox.note(now, Fact::Change { agent: agent.clone(), change: change.id, stage });
        }
    }
}
