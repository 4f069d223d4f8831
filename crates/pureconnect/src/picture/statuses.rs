//! Users' statuses, merged per property: a change may leave out what did not change (icws.md §5.2).
//!
//! The server's last word counts, also when its time is before that of the former one: clocks are put right, and then
//! times jump. Only what was said before, word for word with its time, is recognised and not taken for news.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use domain::ids::{AgentId, StatusId};
use domain::source::{Update, UserStatus};
use jiff::Timestamp;

/// How many former statuses of a user are remembered to recognise a message that comes twice.
const FORMER: usize = 4;

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

#[derive(Debug)]
struct Known {
    now: UserStatus,
    /// It came while the agent was not watched.
    untold: bool,
    former: VecDeque<(StatusId, Timestamp)>,
}

/// Everybody's status.
#[derive(Default)]
pub(crate) struct Statuses(BTreeMap<AgentId, Known>);

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
            let known = self.0.get_mut(&agent);
            if known.as_ref().is_some_and(|known| known.heard(&patch)) {
                continue;
            }
            let status = merged(known.as_ref().map(|known| &known.now), patch);
            let shown = known.as_deref().or_else(|| before.get(&agent)).filter(|known| !known.untold);
            let is_news = shown.is_none_or(|known| known.now != status);
            let watched = watched(&agent);
            if let (Some(watched), true) = (watched, is_news) {
                updates.push(Update::Status(watched.clone(), status.clone()));
            }
            let untold = watched.is_none() && is_news;
            match known {
                Some(known) => {
                    known.untold = untold;
                    known.follow(status);
                }
                None => {
                    self.0.insert(agent, Known { now: status, untold, former: VecDeque::new() });
                }
            }
        }
        updates
    }

    /// Answers what came of agents while they were not watched, and who are watched now.
    pub(crate) fn tell<'a>(&mut self, watched: impl Fn(&AgentId) -> Option<&'a AgentId>) -> Vec<Update> {
        let untold = self.0.iter_mut().filter(|(_, known)| known.untold);
        let told = untold.filter_map(|(agent, known)| {
            let watched = watched(agent)?;
            known.untold = false;
            Some(Update::Status(watched.clone(), known.now.clone()))
        });
        told.collect()
    }

    pub(crate) fn has(&self, agent: &AgentId) -> bool {
        self.0.contains_key(agent)
    }

    pub(crate) fn used<'a>(&self, watched: impl Fn(&AgentId) -> Option<&'a AgentId>) -> BTreeSet<StatusId> {
        self.all(watched).into_iter().map(|(_, status)| status.status).collect()
    }

    pub(crate) fn all<'a>(&self, watched: impl Fn(&AgentId) -> Option<&'a AgentId>) -> Vec<(AgentId, UserStatus)> {
        let each = self.0.iter();
        each.filter_map(|(agent, known)| Some((watched(agent)?.clone(), known.now.clone()))).collect()
    }

    /// About how many bytes of memory it takes.
    pub(crate) fn weight(&self) -> usize {
        let each = self.0.iter().map(|(agent, known)| {
            let former = known.former.iter().map(|(status, _)| 50 + 2 * status.as_str().len()).sum::<usize>();
            300 + 2 * agent.as_str().len() + 2 * known.now.status.as_str().len() + former
        });
        each.sum()
    }
}

impl Known {
    /// Whether this was said before, about a status that others have followed since.
    fn heard(&self, patch: &StatusPatch) -> bool {
        let (Some(since), Some(current)) = (patch.since, self.now.since) else {
            return false;
        };
        // Two changes within one second have the same time, and the second may lead back (icws.md §10, 14).
        since < current && self.former.iter().any(|(status, time)| *status == patch.status && *time == since)
    }

    fn follow(&mut self, status: UserStatus) {
        let former = std::mem::replace(&mut self.now, status);
        let Some(since) =
            former.since.filter(|since| (&former.status, Some(*since)) != (&self.now.status, self.now.since))
        else {
            return;
        };
        if self.former.len() == FORMER {
            self.former.pop_front();
        }
        self.former.push_back((former.status, since));
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
