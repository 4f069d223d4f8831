//! Agents, workgroups, and which agents are in scope.

use std::collections::BTreeSet;

use crate::ids::{AgentId, StatusId, WorkgroupId};

/// A PureConnect user whose status is replicated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// The user id.
    pub id: AgentId,
    /// As shown in PureConnect; for people only.
    pub display_name: String,
    /// Business e-mail, by which the cloud user is found when nothing better is known.
    pub email: Option<String>,
    /// The workgroups that the agent is a member of.
    pub workgroups: BTreeSet<WorkgroupId>,
}

/// A workgroup, reduced to what decides a routing status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workgroup {
    /// Its name.
    pub id: WorkgroupId,
    /// Whether its queue type is ACD.
    pub acd: bool,
    /// The status that an agent is put in who does not answer.
    pub no_answer_status: Option<StatusId>,
}

/// Which agents are replicated.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope {
    /// Only members of these; `None` means every user.
    pub workgroups: Option<BTreeSet<WorkgroupId>>,
    /// Never these.
    pub exclude: BTreeSet<AgentId>,
}

impl Scope {
    /// Whether the agent is replicated.
    #[must_use]
    pub fn includes(&self, agent: &Agent) -> bool {
        if self.exclude.contains(&agent.id) {
            return false;
        }
        match &self.workgroups {
            None => true,
            Some(workgroups) => !workgroups.is_disjoint(&agent.workgroups),
        }
    }
}
