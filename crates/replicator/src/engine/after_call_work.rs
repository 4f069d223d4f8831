//! Agents whom a switchover left in after call work.
//!
//! PureConnect ends after call work by a timer that does not survive a switchover, so the agent stays in it, and looks
//! On Queue, until somebody acts. Nothing is changed about it here: PureConnect is the authority. It is shown.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::ids::AgentId;
use domain::time::{Instant, Now};
use jiff::Timestamp;

use super::{Engine, Notice};

/// Agents who were in after call work when the connection came back.
#[derive(Debug, Clone, Default)]
pub(super) struct Suspects {
    /// Until when each may be in it: by then it has ended, or never will.
    waiting: BTreeMap<usize, Instant>,
    /// Who is still in it.
    stuck: Vec<usize>,
}

impl Suspects {
    /// When to look next.
    pub(super) fn due(&self) -> Option<Instant> {
        self.waiting.values().min().copied()
    }

    /// The agent is in another status.
    pub(super) fn clear(&mut self, agent: usize) {
        self.waiting.remove(&agent);
        self.stuck.retain(|stuck| *stuck != agent);
    }
}

impl Engine {
    /// The connection is back after a loss: whoever was in after call work then and still is may be stuck in it.
    pub(super) fn suspect_after_call_work(&mut self, now: Now, lost: Timestamp) {
        for agent in 0..self.agents.len() {
            let Some(since) = self.in_after_call_work(agent).filter(|since| *since <= lost) else { continue };
            let spent = Duration::try_from(now.utc.duration_since(since)).unwrap_or_default();
            let left = self.wrap_up_time(agent).saturating_sub(spent);
            self.suspects.waiting.insert(agent, now.instant + left);
        }
    }

    /// Whose time is over.
    pub(super) fn find_stuck(&mut self, now: Now) {
        let due: Vec<usize> =
            self.suspects.waiting.iter().filter(|(_, at)| **at <= now.instant).map(|(agent, _)| *agent).collect();
        for agent in due {
            self.suspects.waiting.remove(&agent);
            if let Some(since) = self.in_after_call_work(agent) {
                self.suspects.stuck.push(agent);
                let agent = self.agents[agent].agent.id.clone();
                self.notices.push_back(Notice::StuckInAfterCallWork { agent, since });
            }
        }
    }

    /// Who is stuck, in the order of their ids.
    pub(super) fn stuck(&self) -> Vec<AgentId> {
        let mut stuck: Vec<AgentId> =
            self.suspects.stuck.iter().map(|agent| self.agents[*agent].agent.id.clone()).collect();
        stuck.sort_unstable();
        stuck
    }

    fn in_after_call_work(&self, agent: usize) -> Option<Timestamp> {
        let record = &self.agents[agent];
        let status = record.status.as_ref().filter(|status| record.in_scope && status.logged_in)?;
        let message = self.surroundings.catalogue.get(&status.status)?;
        status.since.filter(|_| message.after_call_work)
    }

    /// The longest of the agent's workgroups.
    fn wrap_up_time(&self, agent: usize) -> Duration {
        let times = &self.options.wrap_up;
        let of = |workgroup| times.workgroups.get(workgroup).copied().unwrap_or(times.default);
        self.agents[agent].agent.workgroups.iter().map(of).max().unwrap_or(times.default)
    }
}
