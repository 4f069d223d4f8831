//! What PureConnect shows right now, merged from whole lists and changes. Told what arrived, it answers what that
//! changed in our words. It knows neither sessions nor time nor when a list is complete (`gathering` does).

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::{AgentId, StatusId, WorkgroupId};
use domain::source::{Agent, Catalogue, Interaction, Scope, StatusMessage, Update, UserStatus, Workgroup};

use crate::convert::Content;

mod directory;
mod queues;
mod shown;
mod statuses;
#[cfg(test)]
mod tests;

use directory::Directory;
pub(crate) use directory::{UserPatch, WorkgroupPatch, merge_users, population_of, unheard_of};
use queues::Queues;
pub(crate) use queues::{Attributes, Layout};
pub(crate) use shown::Shown;
pub(crate) use statuses::StatusPatch;
use statuses::Statuses;

/// Everything that is known of one system.
pub(crate) struct Picture {
    catalogue: BTreeMap<StatusId, StatusMessage>,
    directory: Directory,
    statuses: Statuses,
    queues: Queues,
}

/// The lists of a snapshot.
pub(crate) struct Lists {
    pub(crate) catalogue: Catalogue,
    pub(crate) workgroups: Vec<Workgroup>,
    pub(crate) agents: Vec<Agent>,
    pub(crate) statuses: Vec<(AgentId, UserStatus)>,
    pub(crate) interactions: Vec<(AgentId, Interaction)>,
}

impl Picture {
    /// Nothing is known yet.
    pub(crate) fn new(scope: Scope) -> Self {
        Self {
            catalogue: BTreeMap::new(),
            directory: Directory::new(scope),
            statuses: Statuses::default(),
            queues: Queues::default(),
        }
    }

    /// Takes news in; `whole` replaces what was known of the subject.
    pub(crate) fn apply(&mut self, whole: bool, content: Content) -> Vec<Update> {
        match content {
            Content::Catalogue { set, removed } => self.set_catalogue(whole, set, &removed),
            Content::Users { set, removed } => {
                // A system without any user cannot be: somebody is logged on. The list that was read stands.
                let keep = whole && set.is_empty();
                self.directory.set_users(whole && !keep, set, &removed)
            }
            Content::Workgroups { set, removed } => {
                let updates = self.directory.set_workgroups(whole, set, &removed);
                if updates.is_empty() {
                    return updates;
                }
                [updates, self.queues.refresh_all(&self.directory)].concat()
            }
            Content::Statuses(patches) => {
                let scope = &self.directory;
                self.statuses.apply(whole, patches, |agent| scope.watched(agent))
            }
            Content::Queues { subscription, added, changed, removed } => {
                let touched = self.queues.apply(whole, &subscription, added, changed, &removed);
                self.queues.refresh(touched, &self.directory)
            }
        }
    }

    /// Which subscription watches whose queues from now on.
    pub(crate) fn set_layout(&mut self, layout: &Layout) -> Vec<Update> {
        self.queues.set_layout(layout);
        self.queues.refresh_all(&self.directory)
    }

    /// Watches others from now on.
    pub(crate) fn set_scope(&mut self, scope: Scope) -> Vec<Update> {
        self.directory.set_scope(scope)
    }

    /// What came of agents while they were not watched, and who are watched now.
    pub(crate) fn untold_statuses(&mut self) -> Vec<Update> {
        let scope = &self.directory;
        self.statuses.tell(|agent| scope.watched(agent))
    }

    fn set_catalogue(&mut self, whole: bool, set: Vec<StatusMessage>, removed: &[StatusId]) -> Vec<Update> {
        let before = self.catalogue.clone();
        if whole {
            self.catalogue.clear();
        }
        for id in removed {
            self.catalogue.remove(id);
        }
        self.catalogue.extend(set.into_iter().map(|message| (message.id.clone(), message)));
        if self.catalogue == before {
            return Vec::new();
        }
        vec![Update::Catalogue(self.catalogue())]
    }

    fn catalogue(&self) -> Catalogue {
        self.catalogue.values().cloned().collect()
    }

    /// Who has to be watched: every user in scope.
    pub(crate) fn population(&self) -> BTreeSet<AgentId> {
        self.directory.population()
    }

    /// Which users are watched.
    pub(crate) fn scope(&self) -> &Scope {
        self.directory.scope()
    }

    /// Who would have to be watched with this scope.
    pub(crate) fn population_in(&self, scope: &Scope) -> BTreeSet<AgentId> {
        population_of(self.directory.users(), scope)
    }

    /// The workgroups of a scope that nobody has heard of.
    pub(crate) fn unheard_of(&self, scope: &Scope) -> Vec<WorkgroupId> {
        self.directory.unheard_of(scope)
    }

    /// Every user who is known, in scope or not.
    pub(crate) fn users(&self) -> BTreeSet<AgentId> {
        self.directory.users().keys().cloned().collect()
    }

    /// Whether every watched agent's status was reported.
    pub(crate) fn is_covered(&self) -> bool {
        self.directory.agents().iter().all(|agent| self.statuses.has(&agent.id))
    }

    /// The status ids in use that no status message has.
    pub(crate) fn unknown_statuses(&self) -> BTreeSet<StatusId> {
        let used = self.statuses.used(|agent| self.directory.watched(agent));
        used.into_iter().filter(|id| !self.is_defined(id)).collect()
    }

    /// Whether there is a status message of this id.
    pub(crate) fn is_defined(&self, status: &StatusId) -> bool {
        self.catalogue.contains_key(status)
    }

    /// Whether news add only what was not known yet, as the parts of a split list do.
    pub(crate) fn is_growth(&self, content: &Content) -> bool {
        match content {
            Content::Statuses(patches) => patches.iter().all(|patch| !self.statuses.has(&patch.agent)),
            Content::Queues { subscription, added, changed, removed } => {
                changed.is_empty()
                    && removed.is_empty()
                    && added.iter().all(|(id, _)| !self.queues.has(subscription, id))
            }
            Content::Catalogue { set, removed } => {
                removed.is_empty() && set.iter().all(|message| !self.catalogue.contains_key(&message.id))
            }
            Content::Users { removed, .. } => removed.is_empty(),
            Content::Workgroups { removed, .. } => removed.is_empty(),
        }
    }

    /// About how many bytes of memory it takes.
    pub(crate) fn weight(&self) -> usize {
        let text = |text: &str| 50 + 2 * text.len();
        let catalogue = self.catalogue.values();
        let catalogue = catalogue.map(|status| 200 + text(status.id.as_str()) + status.text.len() + status.group.len());
        catalogue.sum::<usize>() + self.directory.weight() + self.statuses.weight() + self.queues.weight()
    }

    /// Everything at this moment.
    pub(crate) fn lists(&self) -> Lists {
        Lists {
            catalogue: self.catalogue(),
            workgroups: self.directory.workgroups(),
            agents: self.directory.agents().to_vec(),
            statuses: self.statuses.all(|agent| self.directory.watched(agent)),
            interactions: self.queues.shown(),
        }
    }
}
