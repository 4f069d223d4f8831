//! What is on the watched users' queues.
//!
//! A message names its subscription and not the queue, so whose queue an interaction is on is what its `Eic_UserName`
//! says (icws.md §7.2). Each subscription speaks for its own users only: an interaction that is handed to a user of
//! another subscription leaves here and comes there, in whatever order the two are told.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::{AgentId, InteractionId, WorkgroupId};
use domain::source::{Interaction, InteractionState, Involvement, Update};
use jiff::Timestamp;

use super::Directory;

/// Attributes as mentioned in messages; outer `None` is not mentioned, inner `None` is empty.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Attributes {
    pub(crate) state: Option<InteractionState>,
    pub(crate) user: Option<Option<AgentId>>,
    pub(crate) workgroup: Option<Option<WorkgroupId>>,
    pub(crate) outbound: Option<bool>,
    pub(crate) connected: Option<Option<Timestamp>>,
    pub(crate) entered: Option<Option<Timestamp>>,
    pub(crate) ended: Option<Option<Timestamp>>,
}

/// Which subscription watches whose queues.
pub(crate) type Layout = BTreeMap<String, BTreeSet<AgentId>>;

#[derive(Default)]
struct Watched {
    users: BTreeSet<AgentId>,
    interactions: BTreeMap<InteractionId, Attributes>,
}

/// All watched queues.
#[derive(Default)]
pub(crate) struct Queues {
    subscriptions: BTreeMap<String, Watched>,
    /// What was last answered, to answer differences only.
    shown: BTreeMap<InteractionId, BTreeMap<AgentId, Interaction>>,
}

impl Queues {
    pub(crate) fn set_layout(&mut self, layout: &Layout) {
        self.subscriptions.retain(|id, _| layout.contains_key(id));
        for (id, users) in layout {
            self.subscriptions.entry(id.clone()).or_default().users.clone_from(users);
        }
    }

    /// Takes a message in and answers which interactions it touched.
    ///
    /// What is removed goes first: an interaction that a message both removes and adds went from one watched queue to
    /// another.
    pub(crate) fn apply(
        &mut self,
        whole: bool,
        subscription: &str,
        added: Vec<(InteractionId, Attributes)>,
        changed: Vec<(InteractionId, Attributes)>,
        removed: &[InteractionId],
    ) -> Vec<InteractionId> {
        let watched = self.subscriptions.entry(subscription.to_owned()).or_default();
        let mut touched: Vec<InteractionId> = Vec::new();
        if whole {
            touched.extend(std::mem::take(&mut watched.interactions).into_keys());
        }
        for id in removed {
            watched.interactions.remove(id);
            touched.push(id.clone());
        }
        for (id, attributes) in added {
            touched.push(id.clone());
            watched.interactions.insert(id, attributes);
        }
        for (id, attributes) in changed {
            touched.push(id.clone());
            watched.interactions.entry(id).or_default().merge(attributes);
        }
        touched
    }

    /// Answers what is different now about these interactions.
    pub(crate) fn refresh(
        &mut self,
        touched: impl IntoIterator<Item = InteractionId>,
        directory: &Directory,
    ) -> Vec<Update> {
        let mut updates = Vec::new();
        for id in touched {
            let now = self.view(&id, directory);
            let before = self.shown.remove(&id).unwrap_or_default();
            let left = before.keys().filter(|agent| !now.contains_key(*agent));
            updates.extend(left.map(|agent| Update::InteractionLeft(agent.clone(), id.clone())));
            let news = now.iter().filter(|(agent, interaction)| before.get(*agent) != Some(*interaction));
            updates.extend(news.map(|(agent, news)| Update::Interaction(agent.clone(), news.clone())));
            if !now.is_empty() {
                self.shown.insert(id, now);
            }
        }
        updates
    }

    /// The same for all interactions, after workgroups or the layout changed.
    pub(crate) fn refresh_all(&mut self, directory: &Directory) -> Vec<Update> {
        let mut all: BTreeSet<InteractionId> = self.shown.keys().cloned().collect();
        let held = self.subscriptions.values().flat_map(|watched| watched.interactions.keys());
        all.extend(held.cloned());
        self.refresh(all, directory)
    }

    pub(crate) fn has(&self, subscription: &str, id: &InteractionId) -> bool {
        let watched = self.subscriptions.get(subscription);
        watched.is_some_and(|watched| watched.interactions.contains_key(id))
    }

    pub(crate) fn shown(&self) -> Vec<(AgentId, Interaction)> {
        let each = self.shown.values().flatten();
        each.map(|(agent, interaction)| (agent.clone(), interaction.clone())).collect()
    }

    /// About how many bytes of memory it takes; each interaction is there twice when shown.
    pub(crate) fn weight(&self) -> usize {
        let interactions = |watched: &Watched| {
            let each = watched.interactions.iter().map(|(id, attributes)| {
                let user = attributes.user.iter().flatten().map(|id| id.as_str().len());
                let workgroup = attributes.workgroup.iter().flatten().map(|id| id.as_str().len());
                500 + 2 * id.as_str().len() + 2 * user.chain(workgroup).sum::<usize>()
            });
            each.sum::<usize>()
        };
        let subscriptions = self.subscriptions.iter();
        subscriptions.map(|(id, watched)| 200 + id.len() + 50 * watched.users.len() + interactions(watched)).sum()
    }

    fn view(&self, id: &InteractionId, directory: &Directory) -> BTreeMap<AgentId, Interaction> {
        let held = self.subscriptions.values().filter_map(|watched| {
            let attributes = watched.interactions.get(id)?;
            let agent = attributes.user.as_ref()?.as_ref()?;
            let own = watched.users.get(agent)?;
            Some((own.clone(), attributes.interaction(id, directory)))
        });
        held.collect()
    }
}

impl Attributes {
    fn merge(&mut self, newer: Self) {
        self.state = newer.state.or(self.state);
        self.user = newer.user.or(self.user.take());
        self.workgroup = newer.workgroup.or(self.workgroup.take());
        self.outbound = newer.outbound.or(self.outbound);
        self.connected = newer.connected.or(self.connected);
        self.entered = newer.entered.or(self.entered);
        self.ended = newer.ended.or(self.ended);
    }

    fn interaction(&self, id: &InteractionId, directory: &Directory) -> Interaction {
        let state = self.state.unwrap_or(InteractionState::None);
        let workgroup = self.workgroup.as_ref().and_then(Option::as_ref);
        let inbound = self.outbound != Some(true);
        Interaction {
            id: id.clone(),
            involvement: state.involvement(),
            acd: inbound && workgroup.is_some_and(|workgroup| directory.routes_acd(workgroup)),
            since: self.since(state),
        }
    }

    /// A connection made before the interaction came to this user's queue was somebody else's.
    fn since(&self, state: InteractionState) -> Option<Timestamp> {
        let (entered, connected) = (self.entered.flatten(), self.connected.flatten());
        match state.involvement() {
            Involvement::Alerting => entered,
            Involvement::Connected => connected.map(|connected| entered.map_or(connected, |time| time.max(connected))),
            Involvement::None => match state {
                InteractionState::InternalDisconnect | InteractionState::ExternalDisconnect => self.ended.flatten(),
                _ => None,
            },
        }
    }
}
