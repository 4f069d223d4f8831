//! What other rules would change: which statuses move from what to what, and with them which agents.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::ids::{AgentId, StatusId};
use domain::source::Catalogue;

use crate::{Landing, Rules};

/// A status that means something else under other rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// Where it lands now.
    pub from: Landing,
    /// Where it would land.
    pub to: Landing,
}

/// Every status whose presence, out of office or prescribed routing status would be another one, in the order of their
/// ids. That another rule says the same is no move.
#[must_use]
pub fn preview(old: &Rules, new: &Rules, catalogue: &Catalogue) -> Vec<Move> {
    let moves = catalogue.iter().map(|status| Move { from: old.land(status), to: new.land(status) });
    moves.filter(|found| !found.from.shows_the_same(&found.to)).collect()
}

/// An agent who would be shown differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentMove {
    /// Who.
    pub agent: AgentId,
    /// What the agent's status means, and would mean.
    pub status: Arc<Move>,
}

/// What other rules would change for these agents.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AgentPreview {
    /// Who would move, in the order in which they came.
    pub moves: Vec<AgentMove>,
    /// How many would not.
    pub unmoved: usize,
    /// Who is in a status that is not in the catalogue, so that nothing can be said.
    pub unknown: Vec<(AgentId, StatusId)>,
}

/// What other rules would change for agents, each with the status that the agent is in.
#[must_use]
pub fn preview_agents(
    old: &Rules,
    new: &Rules,
    catalogue: &Catalogue,
    agents: impl IntoIterator<Item = (AgentId, StatusId)>,
) -> AgentPreview {
    let moves: BTreeMap<StatusId, Arc<Move>> =
        preview(old, new, catalogue).into_iter().map(|found| (found.from.status.id.clone(), Arc::new(found))).collect();
    let mut preview = AgentPreview::default();
    for (agent, status) in agents {
        match moves.get(&status) {
            Some(found) => preview.moves.push(AgentMove { agent, status: Arc::clone(found) }),
            None if catalogue.get(&status).is_some() => preview.unmoved += 1,
            None => preview.unknown.push((agent, status)),
        }
    }
    preview
}
