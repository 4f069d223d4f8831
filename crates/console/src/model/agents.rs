//! The list of agents, and one of them.

use domain::ids::AgentId;

use super::AgentQuery;
use super::choice::{Choices, Counting, Having, search};
use super::order::{Found, page_of};
use crate::board::LinkBoard;
use crate::shown::{self, convert};

/// A page of the agents.
#[must_use]
pub fn agents(link: &LinkBoard, query: &AgentQuery) -> shown::AgentPage {
    let sort = query.sort.unwrap_or_default();
    let (choices, search) = (Choices::of_agents(query), search(link, query.words()));
    let mut counting = Counting::default();
    let mut found = Vec::new();
    for agent in link.agents.iter() {
        let having = Having::of(agent);
        let misses = choices.misses(agent, &having);
        if !misses.at_most_one() || !search.finds(agent) {
            continue;
        }
        counting.add(agent, &having, misses);
        if misses.is_none() {
            found.push(Found::new(agent, &having, sort.by));
        }
    }
    let (agents, page) = page_of(found, sort, query.paging(), link.agents.len());
    shown::AgentPage {
        at: link.at(),
        stale_since: link.stale_since,
        page,
        agents: agents.into_iter().map(convert::agent_on_board).collect(),
        counts: counting.counts(),
    }
}

/// An agent; `None` where nobody in scope has this id.
#[must_use]
pub fn agent(link: &LinkBoard, id: &AgentId) -> Option<shown::Agent> {
    link.agent(id).map(|agent| convert::agent_on_board(agent))
}
