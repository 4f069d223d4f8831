//! Subscriptions: what a session is told first. A whole list (`isDelta:false`) is queued with the answer to the PUT.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::{AgentId, WorkgroupId};
use serde_json::{Map, Value, json};

use super::World;
use super::interaction::Queue;
use super::pages::messages;
use super::rights::Right;
use super::session::{ActivationWatch, ConfigurationWatch, QueueWatch, Resource, Session, StatusWatch};
use super::tell::configuration_message;
use super::user::Properties;

impl World {
    fn push_all(&mut self, session: &str, texts: Vec<String>) {
        let visible = self.faults.visible();
        if let Some(session) = self.sessions.get_mut(session) {
            for text in texts {
                session.push(text, visible);
            }
        }
    }

    fn watches(&mut self, session: &str, set: impl FnOnce(&mut Session)) {
        if let Some(session) = self.sessions.get_mut(session) {
            set(session);
        }
    }

    pub(crate) fn watch_statuses(&mut self, session: &str, users: Vec<AgentId>, properties: Properties) {
        let server = &self.setup.server;
        let known = users.iter().filter_map(|id| self.users.get(id));
        let statuses: Vec<Value> =
            known.map(|user| user.status_to_wire(properties, false, server, &self.withheld)).collect();
        let kind = "urn:inin.com:status:userStatusMessage";
        self.push_all(session, messages(kind, &Map::new(), "userStatusList", &statuses, true));
        let watch = StatusWatch { users: users.into_iter().collect(), properties };
        self.watches(session, |session| session.watches.statuses = Some(watch));
    }

    pub(crate) fn watch_catalogue(&mut self, session: &str) {
        let items: Vec<Value> = self.catalogue.values().map(|status| status.to_wire(&self.setup.server)).collect();
        let kind = "urn:inin.com:status:statusMessagesMessage";
        self.push_all(session, messages(kind, &Map::new(), "statusMessagesAdded", &items, true));
        self.watches(session, |session| session.watches.catalogue = true);
    }

    pub(crate) fn watch_access(&mut self, session: &str, users: Vec<AgentId>) {
        let added: Vec<&String> = self.catalogue.values().map(|status| &status.status_id).collect();
        let change = |user: &AgentId| json!({"userId": user.as_str(), "statusMessagesAdded": added});
        let items: Vec<Value> = users.iter().map(change).collect();
        let kind = "urn:inin.com:status:statusMessagesUserAccessMessage";
        let texts = messages(kind, &Map::new(), "statusMessagesUserAccessChanges", &items, true);
        self.push_all(session, texts);
        self.watches(session, |session| session.watches.access = Some(users.into_iter().collect()));
    }

    pub(crate) fn watch_former(&mut self, session: &str) {
        let user = self.sessions.get(session).and_then(|session| self.users.get(&session.user));
        let items = user.map(super::User::former_to_wire).unwrap_or_default();
        let kind = "urn:inin.com:status:userStatusPreviousInfoMessage";
        self.push_all(session, messages(kind, &Map::new(), "userStatusPreviousInfoList", &items, true));
        self.watches(session, |session| session.watches.former = true);
    }

    pub(crate) fn watch_logons(&mut self, session: &str, users: Vec<AgentId>) {
        let here = users.iter().filter(|id| self.users.get(*id).is_some_and(super::User::logged_in));
        let items: Vec<Value> = here.map(|id| self.logon_to_wire(id)).collect();
        let kind = "urn:inin.com:session:sessionsMessage";
        self.push_all(session, messages(kind, &Map::new(), "sessionsAdded", &items, true));
        self.watches(session, |session| session.watches.logons = Some(users.into_iter().collect()));
    }

    pub(crate) fn watch_queues(&mut self, session: &str, id: &str, queues: BTreeSet<Queue>, attributes: Vec<String>) {
        let mut told = BTreeMap::new();
        let mut items = Vec::new();
        for call in self.calls.values().filter(|call| call.queues().iter().any(|queue| queues.contains(queue))) {
            let values: Vec<String> = attributes.iter().map(|name| call.attribute(name)).collect();
            let named: Map<String, Value> =
                attributes.iter().zip(&values).map(|(name, value)| (name.clone(), json!(value))).collect();
            items.push(json!({"interactionId": call.id.as_str(), "attributes": named}));
            told.insert(call.id.clone(), values);
        }
        let members = Map::from_iter([("subscriptionId".to_owned(), json!(id))]);
        let kind = "urn:inin.com:queues:queueContentsMessage";
        self.push_all(session, messages(kind, &members, "interactionsAdded", &items, true));
        let watch = QueueWatch { queues, attributes, told, faulted: false };
        self.watches(session, |session| session.watches.watch_queues(id, watch));
    }

    /// All ids of a resource that may be viewed, in order. The service account can be read by its id and is not listed: the rights of a
    /// session that watches agents do not extend to it.
    pub(crate) fn configuration_ids(&self, resource: Resource) -> Vec<String> {
        let right = match resource {
            Resource::Users => Right::Users,
            Resource::Workgroups => Right::Workgroups,
            Resource::StatusMessages => Right::StatusMessages,
        };
        if !self.withheld.has(right) {
            return Vec::new();
        }
        match resource {
            Resource::Users => {
                let agents = self.users.values().filter(|user| !user.service);
                agents.map(|user| user.id.to_string()).collect()
            }
            Resource::Workgroups => self.workgroups.values().map(|group| group.name.to_string()).collect(),
            Resource::StatusMessages => self.catalogue.values().map(|status| status.status_id.clone()).collect(),
        }
    }

    pub(crate) fn watch_configuration(
        &mut self,
        session: &str,
        resource: Resource,
        id: &str,
        watch: ConfigurationWatch,
    ) {
        let ids = match &watch.ids {
            Some(ids) => ids.iter().cloned().collect(),
            None => self.configuration_ids(resource),
        };
        let objects = ids.iter().filter_map(|id| self.configuration_object(resource, id));
        let items: Vec<Value> =
            objects.map(|object| crate::icws::selection::project(&object, &watch.properties)).collect();
        let members = Map::from_iter([("subscriptionId".to_owned(), json!(id))]);
        self.push_all(session, messages(configuration_message(resource), &members, "added", &items, true));
        self.watches(session, |session| {
            session.watches.configuration.insert((resource, id.to_owned()), watch);
        });
    }

    pub(crate) fn watch_activations(&mut self, session: &str, id: &str, watch: ActivationWatch) {
        let message = match &watch {
            ActivationWatch::User(user, groups) => {
                json!({"__type": "urn:inin.com:activations:userActivationMessage", "isDelta": false,
                    "subscriptionId": id, "userId": user.as_str(),
                    "activationsChanged": self.activations_of(user, groups.as_ref())})
            }
            ActivationWatch::Workgroup(workgroup, users) => {
                json!({"__type": "urn:inin.com:activations:workgroupActivationMessage", "isDelta": false,
                    "subscriptionId": id, "workgroupId": workgroup.as_str(),
                    "activationsChanged": self.activations_in(workgroup, users.as_ref())})
            }
        };
        self.push_all(session, vec![message.to_string()]);
        self.watches(session, |session| {
            session.watches.activations.insert(id.to_owned(), watch);
        });
    }

    /// Where a user is activated.
    pub(crate) fn activations_of(&self, user: &AgentId, groups: Option<&BTreeSet<WorkgroupId>>) -> Map<String, Value> {
        let activations = self.users.get(user).map(|user| &user.activations);
        activations
            .into_iter()
            .flatten()
            .filter(|(group, _)| groups.is_none_or(|groups| groups.contains(group)))
            .map(|(group, active)| (group.as_str().to_owned(), json!(active)))
            .collect()
    }

    /// Who is activated in a workgroup.
    pub(crate) fn activations_in(&self, group: &WorkgroupId, users: Option<&BTreeSet<AgentId>>) -> Map<String, Value> {
        let members = self.workgroups.get(group).map(|group| &group.members);
        members
            .into_iter()
            .flatten()
            .filter(|id| users.is_none_or(|users| users.contains(id)))
            .filter_map(|id| self.users.get(id))
            .filter_map(|user| Some((user.id.to_string(), json!(user.activations.get(group)?))))
            .collect()
    }
}
