//! What a journal knows of each agent: what the next start would go on from, and what people ask when no bridge runs.

use std::collections::BTreeMap;

use domain::change::Change;
use domain::ids::{AgentId, CloudUserId};
use jiff::Timestamp;
use replicator::ports::Remembered;
use sqlx::Row as _;

use crate::failure::ReadFailure;
use crate::presences;
use crate::reader::Reader;
use crate::row::timestamp;

/// One agent, as far as the journal knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentState {
    /// Who.
    pub agent: AgentId,
    /// What each facet was told and has yet to be told.
    pub facets: Vec<Remembered>,
    /// When what a facet was told last was accepted: the latest of the facets. `None` where nothing was, or retention
    /// has removed it.
    pub last_success: Option<Timestamp>,
    /// The presence change that happened last, delivered or not, with the status message that it was decided for.
    pub presence: Option<Change>,
    /// Users whose primary presence source is ours for this agent.
    pub claimed: Vec<CloudUserId>,
}

impl AgentState {
    fn new(agent: &AgentId) -> Self {
        let agent = agent.clone();
        Self { agent, facets: Vec::new(), last_success: None, presence: None, claimed: Vec::new() }
    }
}

pub(crate) async fn read(reader: &mut Reader) -> Result<Vec<AgentState>, ReadFailure> {
    let memory = reader.memory().await?;
    let mut agents: BTreeMap<AgentId, AgentState> = BTreeMap::new();
    for facet in memory.facets {
        let agent = facet.agent.clone();
        agents.entry(agent.clone()).or_insert_with(|| AgentState::new(&agent)).facets.push(facet);
    }
    for (agent, user) in memory.claimed {
        agents.entry(agent.clone()).or_insert_with(|| AgentState::new(&agent)).claimed.push(user);
    }
    for (agent, change) in presences::latest(reader).await? {
        agents.entry(agent.clone()).or_insert_with(|| AgentState::new(&agent)).presence = Some(change);
    }
    for (agent, accepted) in last_successes(reader).await? {
        agents.entry(agent.clone()).or_insert_with(|| AgentState::new(&agent)).last_success = Some(accepted);
    }
    Ok(agents.into_values().collect())
}

impl Reader {
    /// The agents that the journal has ever heard of, by name.
    pub async fn names(&mut self) -> Result<Vec<AgentId>, ReadFailure> {
        let sql = "SELECT name FROM agent WHERE link = $1 ORDER BY key";
        let names = sqlx::query_scalar(sql).bind(self.link).fetch_all(&mut self.connection).await;
        let names: Vec<String> = names.map_err(|cause| self.failed(cause))?;
        Ok(names.iter().map(|name| AgentId::new(name)).collect())
    }
}

/// Found through what is remembered: no index of accepted entries is needed for it, which every change would pay for.
async fn last_successes(reader: &mut Reader) -> Result<Vec<(AgentId, Timestamp)>, ReadFailure> {
    let sql = "SELECT a.name, max(t.answered) FROM standing s \
               JOIN entry r ON r.link = s.link AND r.agent = s.agent AND r.kind = 'recorded' \
               AND r.happened = s.happened AND r.facet = s.facet \
               JOIN entry t ON t.link = r.link AND t.subject = r.subject AND t.kind = 'accepted' \
               JOIN agent a ON a.link = s.link AND a.agent = s.agent WHERE s.link = $1 GROUP BY a.name";
    let place = reader.place.clone();
    let failed = |cause| ReadFailure::new(&place, cause);
    let found = sqlx::query(sql).bind(reader.link).fetch_all(&mut reader.connection).await.map_err(failed)?;
    let successes: Result<Vec<_>, sqlx::Error> = found
        .iter()
        .map(|row| Ok((AgentId::new(&row.try_get::<String, _>(0)?), timestamp(row.try_get::<i64, _>(1)?))))
        .collect();
    successes.map_err(failed)
}
