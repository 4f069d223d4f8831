//! Users and workgroups, merged per property, and who of the users is watched.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::{AgentId, StatusId, WorkgroupId};
use domain::source::{Agent, Scope, Update, Workgroup};

/// What a message says about one user; `None` is not mentioned.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct UserPatch {
    pub(crate) id: AgentId,
    pub(crate) display_name: Option<String>,
    pub(crate) business_email: Option<String>,
    pub(crate) mailbox_email: Option<String>,
    pub(crate) workgroups: Option<BTreeSet<WorkgroupId>>,
}

/// What a message says about one workgroup; `None` is not mentioned.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct WorkgroupPatch {
    pub(crate) id: WorkgroupId,
    pub(crate) has_queue: Option<bool>,
    pub(crate) acd_queue: Option<bool>,
    pub(crate) no_answer_status: Option<Option<StatusId>>,
}

#[derive(Debug, Clone, PartialEq)]
struct KnownWorkgroup {
    has_queue: bool,
    acd_queue: bool,
    no_answer_status: Option<StatusId>,
}

/// Users and workgroups.
pub(crate) struct Directory {
    scope: Scope,
    users: BTreeMap<AgentId, UserPatch>,
    workgroups: BTreeMap<WorkgroupId, KnownWorkgroup>,
    /// The users in scope, in the order of their ids.
    agents: Vec<Agent>,
}

impl Directory {
    pub(crate) fn new(scope: Scope) -> Self {
        Self { scope, users: BTreeMap::new(), workgroups: BTreeMap::new(), agents: Vec::new() }
    }

    /// Which users are watched.
    pub(crate) fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Watches others from now on.
    pub(crate) fn set_scope(&mut self, scope: Scope) -> Vec<Update> {
        self.scope = scope;
        if self.look_again() { vec![Update::Rescoped(self.agents.clone())] } else { Vec::new() }
    }

    pub(crate) fn set_users(&mut self, whole: bool, set: Vec<UserPatch>, removed: &[AgentId]) -> Vec<Update> {
        if whole {
            self.users.clear();
        }
        for id in removed {
            self.users.remove(id);
        }
        merge_users(&mut self.users, set);
        if self.look_again() { vec![Update::Agents(self.agents.clone())] } else { Vec::new() }
    }

    /// Works out who is in scope. Answers whether anything about them is different.
    fn look_again(&mut self) -> bool {
        let agents = agents_of(&self.users, &self.scope);
        if agents == self.agents {
            return false;
        }
        self.agents = agents;
        true
    }

    /// Everybody who is known, in scope or not.
    pub(crate) fn users(&self) -> &BTreeMap<AgentId, UserPatch> {
        &self.users
    }

    /// The workgroups of a scope that nobody has heard of: neither is there one, nor is anybody a member.
    pub(crate) fn unheard_of(&self, scope: &Scope) -> Vec<WorkgroupId> {
        unheard_of(scope, &self.users, |workgroup| self.workgroups.contains_key(workgroup))
    }

    pub(crate) fn set_workgroups(
        &mut self,
        whole: bool,
        set: Vec<WorkgroupPatch>,
        removed: &[WorkgroupId],
    ) -> Vec<Update> {
        let before = self.workgroups();
        if whole {
            self.workgroups.clear();
        }
        for id in removed {
            self.workgroups.remove(id);
        }
        for patch in set {
            let known = self.workgroups.entry(patch.id).or_insert(KnownWorkgroup {
                has_queue: true,
                acd_queue: false,
                no_answer_status: None,
            });
            known.has_queue = patch.has_queue.unwrap_or(known.has_queue);
            known.acd_queue = patch.acd_queue.unwrap_or(known.acd_queue);
            if let Some(status) = patch.no_answer_status {
                known.no_answer_status = status;
            }
        }
        let after = self.workgroups();
        if after == before {
            return Vec::new();
        }
        vec![Update::Workgroups(after)]
    }

    pub(crate) fn agents(&self) -> &[Agent] {
        &self.agents
    }

    pub(crate) fn population(&self) -> BTreeSet<AgentId> {
        self.agents.iter().map(|agent| agent.id.clone()).collect()
    }

    /// The agent as the directory spells it, if it is watched.
    pub(crate) fn watched(&self, agent: &AgentId) -> Option<&AgentId> {
        let found = self.agents.binary_search_by(|known| known.id.cmp(agent)).ok()?;
        self.agents.get(found).map(|agent| &agent.id)
    }

    pub(crate) fn workgroups(&self) -> Vec<Workgroup> {
        let all = self.workgroups.iter();
        all.map(|(id, known)| Workgroup {
            id: id.clone(),
            acd: known.has_queue && known.acd_queue,
            no_answer_status: known.no_answer_status.clone(),
        })
        .collect()
    }

    /// About how many bytes of memory it takes; each user is there twice when watched.
    pub(crate) fn weight(&self) -> usize {
        let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let users = self.users.values().map(|user| {
            let groups = user.workgroups.iter().flatten().map(|id| 80 + 2 * id.as_str().len()).sum::<usize>();
            let texts = length(&user.display_name) + length(&user.business_email) + length(&user.mailbox_email);
            300 + 2 * user.id.as_str().len() + 2 * (texts + groups)
        });
        let workgroups = self.workgroups.iter().map(|(id, known)| {
            200 + 2 * id.as_str().len() + known.no_answer_status.as_ref().map_or(0, |status| 2 * status.as_str().len())
        });
        users.chain(workgroups).sum()
    }

    /// Whether ACD routes for this workgroup. One that may not be seen is taken for ACD, the usual kind: better an agent
    /// shown as busy with ACD work than one shown as talking privately all day.
    pub(crate) fn routes_acd(&self, workgroup: &WorkgroupId) -> bool {
        match self.workgroups.get(workgroup) {
            Some(known) => known.has_queue && known.acd_queue,
            None => true,
        }
    }
}

/// Merges what is said about users into what is known of them.
pub(crate) fn merge_users(known: &mut BTreeMap<AgentId, UserPatch>, set: Vec<UserPatch>) {
    for patch in set {
        match known.get_mut(&patch.id) {
            None => {
                known.insert(patch.id.clone(), patch);
            }
            Some(user) => {
                user.display_name = patch.display_name.or(user.display_name.take());
                user.business_email = patch.business_email.or(user.business_email.take());
                user.mailbox_email = patch.mailbox_email.or(user.mailbox_email.take());
                user.workgroups = patch.workgroups.or(user.workgroups.take());
            }
        }
    }
}

/// The workgroups of a scope of which none is there and nobody is a member.
pub(crate) fn unheard_of(
    scope: &Scope,
    users: &BTreeMap<AgentId, UserPatch>,
    is_there: impl Fn(&WorkgroupId) -> bool,
) -> Vec<WorkgroupId> {
    let has = |user: &UserPatch, workgroup| user.workgroups.as_ref().is_some_and(|all| all.contains(workgroup));
    let named = scope.workgroups.iter().flatten();
    named.filter(|name| !is_there(name) && !users.values().any(|user| has(user, name))).cloned().collect()
}

/// Who of these users is in scope.
pub(crate) fn population_of(users: &BTreeMap<AgentId, UserPatch>, scope: &Scope) -> BTreeSet<AgentId> {
    agents_of(users, scope).into_iter().map(|agent| agent.id).collect()
}

fn agents_of(users: &BTreeMap<AgentId, UserPatch>, scope: &Scope) -> Vec<Agent> {
    users.values().map(agent).filter(|agent| scope.includes(agent)).collect()
}

/// The business e-mail is what the vendor's own synchronisation uses; the mailbox' is second best (icws.md §8.1).
fn agent(user: &UserPatch) -> Agent {
    let filled = |email: &Option<String>| email.clone().filter(|email| !email.is_empty());
    Agent {
        id: user.id.clone(),
        display_name: user.display_name.clone().unwrap_or_else(|| user.id.to_string()),
        email: filled(&user.business_email).or_else(|| filled(&user.mailbox_email)),
        workgroups: user.workgroups.clone().unwrap_or_default(),
    }
}
