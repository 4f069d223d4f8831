//! The agents of this moment: who would move by other rules.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::ids::{AgentId, StatusId};
use mapping::{AgentMove, Move, Rules, preview_agents};
use replicator::options::{LoggedOut, NotRespondingPresence};

use crate::catalogue::{LiveAgent, Statuses};
use crate::config::Deciding;

/// Who would move.
#[derive(Debug, Default)]
pub struct Present {
    /// Agents in scope.
    pub agents: usize,
    /// Who would, in the order of their ids.
    pub moves: Vec<Moving>,
    /// How many would not.
    pub unmoved: usize,
    /// How many are in a status that moves, and would not move because the configuration decides before the rules do: they
    /// are logged out, or did not answer.
    pub fixed: usize,
    /// Who is in a status that the system does not have.
    pub unknown: Vec<(AgentId, StatusId)>,
    /// Whose status may not be seen.
    pub without_status: Vec<AgentId>,
}

/// An agent who would move.
#[derive(Debug)]
pub struct Moving {
    /// Who.
    pub agent: AgentId,
    /// The display name.
    pub name: String,
    /// From what to what.
    pub status: Arc<Move>,
}

/// Looks at everybody.
pub fn look(old: &Rules, new: &Rules, statuses: &Statuses, deciding: Option<&Deciding>) -> Present {
    let by_id: BTreeMap<&AgentId, &LiveAgent> = statuses.agents.iter().map(|agent| (&agent.id, agent)).collect();
    let pairs = statuses.agents.iter().filter_map(|agent| {
        let status = agent.status.as_ref()?;
        Some((agent.id.clone(), StatusId::new(&status.id)))
    });
    let told = preview_agents(old, new, &statuses.catalogue, pairs);
    let without = statuses.agents.iter().filter(|agent| agent.status.is_none());
    let mut present = Present {
        agents: statuses.agents.len(),
        unmoved: told.unmoved,
        unknown: told.unknown,
        without_status: without.map(|agent| agent.id.clone()).collect(),
        ..Present::default()
    };
    for AgentMove { agent, status } in told.moves {
        let Some(live) = by_id.get(&agent) else { continue };
        if is_fixed(live, &status, statuses, deciding) {
            present.fixed += 1;
        } else {
            present.moves.push(Moving { agent, name: live.name.clone(), status });
        }
    }
    present.moves.sort_by(|a, b| a.agent.cmp(&b.agent));
    present
}

/// Whether the configuration decides the presence of this agent before the rules do. Out of office follows the rules all
/// the same.
fn is_fixed(agent: &LiveAgent, status: &Move, statuses: &Statuses, deciding: Option<&Deciding>) -> bool {
    let Some(deciding) = deciding else { return false };
    let out_of_office = status.from.mapped.out_of_office != status.to.mapped.out_of_office;
    let is_offline = !agent.logged_in && deciding.logged_out == LoggedOut::Offline;
    let did_not_answer = statuses.no_answer.contains(&status.from.status.id)
        && deciding.not_responding_presence == NotRespondingPresence::OnQueue
        && status.from.mapped.routing == status.to.mapped.routing;
    !out_of_office && (is_offline || did_not_answer)
}
