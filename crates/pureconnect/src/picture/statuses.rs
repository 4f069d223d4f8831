//! Users' statuses, merged per property: a change may leave out what did not change (icws.md §5.2).

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::{AgentId, StatusId};
use domain::source::{Update, UserStatus};
use jiff::Timestamp;

/// What a message says about one user's status.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct StatusPatch {
    pub(crate) agent: AgentId,
    pub(crate) status: StatusId,
    pub(crate) since: Option<Timestamp>,
    pub(crate) logged_in: Option<bool>,
    /// Outer `None`: not mentioned. Inner `None`: it has no end.
    pub(crate) until: Option<Option<Timestamp>>,
}

/// Everybody's status.
#[derive(Default)]
pub(crate) struct Statuses(BTreeMap<AgentId, UserStatus>);

impl Statuses {
    /// Takes statuses in and answers those that changed, of the agents that are watched.
    pub(crate) fn apply<'a>(
        &mut self,
        whole: bool,
        patches: Vec<StatusPatch>,
        watched: impl Fn(&AgentId) -> Option<&'a AgentId>,
    ) -> Vec<Update> {
        // Nothing of a whole list is merged with what was known before it.
        let before = if whole { std::mem::take(&mut self.0) } else { BTreeMap::new() };
        let mut updates = Vec::new();
        for patch in patches {
            let agent = patch.agent.clone();
            let known = self.0.get(&agent);
            let status = merged(known, patch);
            let is_news = known.or_else(|| before.get(&agent)) != Some(&status);
            if let Some(watched) = watched(&agent)
                && is_news
            {
                updates.push(Update::Status(watched.clone(), status.clone()));
            }
            self.0.insert(agent, status);
        }
        updates
    }

    pub(crate) fn has(&self, agent: &AgentId) -> bool {
        self.0.contains_key(agent)
    }

    pub(crate) fn used<'a>(&self, watched: impl Fn(&AgentId) -> Option<&'a AgentId>) -> BTreeSet<StatusId> {
        self.all(watched).into_iter().map(|(_, status)| status.status).collect()
    }

    pub(crate) fn all<'a>(&self, watched: impl Fn(&AgentId) -> Option<&'a AgentId>) -> Vec<(AgentId, UserStatus)> {
        let each = self.0.iter();
        each.filter_map(|(agent, status)| Some((watched(agent)?.clone(), status.clone()))).collect()
    }
}

/// Where the service user may not see the column *Logged In*, nobody is shown as logged out.
fn merged(known: Option<&UserStatus>, patch: StatusPatch) -> UserStatus {
    // The time of another status says nothing about this one.
    let same = known.filter(|known| known.status == patch.status);
    UserStatus {
        status: patch.status,
        since: patch.since.or(same.and_then(|known| known.since)),
        logged_in: patch.logged_in.unwrap_or_else(|| known.is_none_or(|known| known.logged_in)),
        until: patch.until.unwrap_or_else(|| known.and_then(|known| known.until)),
    }
}
