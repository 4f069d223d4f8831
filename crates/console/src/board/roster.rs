//! The agents of a link as they stand, and pictures of all of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::ids::AgentId;
use replicator::engine::AgentReport;

use super::Agent;
use super::agent::Pool;

/// The agents.
#[derive(Debug, Default)]
pub struct Roster {
    agents: BTreeMap<AgentId, Arc<Agent>>,
    pool: Pool,
}

impl Roster {
    /// Nobody is known any more.
    pub fn clear(&mut self) {
        self.agents.clear();
    }

    /// Agents are gone.
    pub fn remove(&mut self, gone: &[AgentId]) {
        for id in gone {
            self.agents.remove(id);
        }
    }

    /// How agents stand now; what it was before does not count any more.
    pub fn take(&mut self, reports: Vec<AgentReport>) -> Vec<Arc<Agent>> {
        let agents: Vec<Arc<Agent>> = reports.into_iter().map(|report| Arc::new(self.pool.agent(report))).collect();
        for agent in &agents {
            self.agents.insert(agent.id.clone(), Arc::clone(agent));
        }
        agents
    }

    /// All of them, in the order of their ids.
    pub fn picture(&mut self) -> Arc<[Arc<Agent>]> {
        self.pool.tidy();
        self.agents.values().cloned().collect()
    }
}
