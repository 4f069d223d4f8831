//! Who is told what: one change goes to every session that watches it, as a difference (`isDelta:true`).
//!
//! Of statuses that follow each other within one second only the last is told: the times on this wire count whole
//! seconds, and the sibling SDK says that two changes in a second are one notification. Here the first is told at once,
//! and what follows in the same second once, at the second's end; nothing if it is the first again.

use std::time::Duration;

use domain::ids::{AgentId, InteractionId, StatusId, WorkgroupId};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::World;
use super::interaction::{Call, Queue};
use super::session::{ActivationWatch, QueueWatch, Resource};
use super::user::{Held, Properties};
use crate::icws::catalogue::configuration_id;
use crate::icws::selection::project;

/// What happened to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Added,
    Changed,
    Removed,
}

impl Kind {
    fn member(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Removed => "removed",
        }
    }
}

/// The `__type` of messages about configuration objects.
pub(super) fn configuration_message(resource: Resource) -> &'static str {
    match resource {
        Resource::Users => "urn:inin.com:configuration.people:usersMessage",
        Resource::Workgroups => "urn:inin.com:configuration.people:workgroupsMessage",
        Resource::StatusMessages => "urn:inin.com:configuration.system:statusMessagesMessage",
    }
}

impl World {
    /// Tells a new status, or holds it until the end of its second.
    pub(super) fn tell_new_status(&mut self, id: &AgentId, changed: Properties, sequence: u64) {
        let Some(user) = self.users.get_mut(id) else { return };
        let second = user.status_changed.as_second();
        let properties = match user.held.take() {
            Some(held) => {
                self.log.mark_merged(held.sequence);
                held.properties | changed
            }
            None => changed,
        };
        if user.told_second == second {
            user.held = Some(Held { sequence, properties });
            let due = self.real_time(second + 1);
            self.held.insert((due, id.clone()));
        } else {
            user.told_second = second;
            user.told_status = user.status.clone();
            self.tell_status(id, properties);
        }
    }

    /// When the simulated clock shows this second.
    fn real_time(&self, second: i64) -> Instant {
        let left = Timestamp::from_second(second).map(|due| due.duration_since(self.now()));
        let left = left.ok().and_then(|left| Duration::try_from(left).ok()).unwrap_or_default();
        Instant::now() + left.div_f64(self.clock.speed())
    }

    /// Tells the status that was held; the second is over.
    pub(super) fn tell_held(&mut self, id: &AgentId) {
        let Some(user) = self.users.get_mut(id) else { return };
        let Some(held) = user.held.take() else { return };
        let only_status = Properties::STATUS | Properties::STATUS_CHANGED;
        if user.status == user.told_status && held.properties == only_status {
            self.log.mark_merged(held.sequence);
            return;
        }
        user.told_status = user.status.clone();
        self.tell_status(id, held.properties);
    }

    /// Tells these properties of a user's status.
    pub(super) fn tell_status(&mut self, id: &AgentId, changed: Properties) {
        let visible = self.faults.visible();
        let Some(user) = self.users.get_mut(id) else { return };
        let changed = match user.held.take() {
            Some(held) => {
                user.told_status = user.status.clone();
                held.properties | changed
            }
            None => changed,
        };
        let user = &*user;
        for session in self.sessions.values_mut() {
            let Some(watch) = session.watches.statuses.as_ref().filter(|watch| watch.users.contains(id)) else {
                continue;
            };
            let told = self.withheld.seen(watch.properties.both(changed));
            if told != Properties::NONE {
                let status = user.status_to_wire(told, true, &self.setup.server, &self.withheld);
                let text = format!(
                    "{{\"__type\":\"urn:inin.com:status:userStatusMessage\",\"isDelta\":true,\"userStatusList\":[{status}]}}"
                );
                session.push(text, visible);
            }
        }
        if changed.includes(Properties::STATUS) {
            self.tell_followers_of_status(id);
        }
    }

    /// The two places besides the status itself where a status shows.
    fn tell_followers_of_status(&mut self, id: &AgentId) {
        let visible = self.faults.visible();
        let Some(user) = self.users.get(id) else { return };
        let text =
            self.catalogue.get(&StatusId::new(&user.status)).map_or(&*user.status, |status| &status.message_text);
        for session in self.sessions.values_mut() {
            if session.watches.former && session.user == *id {
                let message = json!({"__type": "urn:inin.com:status:userStatusPreviousInfoMessage", "isDelta": false,
                    "userStatusPreviousInfoList": user.former_to_wire()});
                session.push(message.to_string(), visible);
            }
            let texts: Vec<String> = session
                .watches
                .configuration
                .iter()
                .filter(|((resource, _), watch)| {
                    *resource == Resource::Users
                        && watch.properties.iter().any(|name| name == "statusText" || name == "*")
                        && watch.ids.as_ref().is_none_or(|ids| ids.contains(&user.id.to_lowercase()))
                })
                .map(|((_, subscription), _)| {
                    let changed = json!({"configurationId": configuration_id("users", &user.id, &user.display_name),
                        "statusText": text});
                    json!({"__type": configuration_message(Resource::Users), "isDelta": true,
                        "subscriptionId": subscription, "changed": [changed]})
                    .to_string()
                })
                .collect();
            for text in texts {
                session.push(text, visible);
            }
        }
    }

    /// Tells what became of an interaction that was or is on these queues.
    pub(super) fn tell_call(&mut self, id: &InteractionId, queues: &[Queue]) {
        let visible = self.faults.visible();
        let call = self.calls.get(id);
        let on = call.map(Call::queues).unwrap_or_default();
        for session in self.sessions.values_mut() {
            for subscription in session.watches.watching(queues.iter()) {
                let Some(watch) = session.watches.queue_watch(&subscription).filter(|watch| !watch.faulted) else {
                    continue;
                };
                let call = call.filter(|_| on.iter().any(|queue| watch.queues.contains(queue)));
                if let Some(mut message) = difference(watch, id, call) {
                    message.insert("__type".to_owned(), json!("urn:inin.com:queues:queueContentsMessage"));
                    message.insert("isDelta".to_owned(), json!(true));
                    message.insert("subscriptionId".to_owned(), json!(subscription));
                    session.push(Value::Object(message).to_string(), visible);
                }
            }
        }
    }

    /// Tells a user's own sessions that an interaction begins or stops ringing there.
    pub(super) fn tell_alerting(&mut self, user: &AgentId, call: &InteractionId, acd: bool, starts: bool) {
        let visible = self.faults.visible();
        let message = json!({"__type": "urn:inin.com:interactions:interactionAlertingMessage", "isDelta": true,
            "interactionId": call.as_str(), "alertType": if acd { 5 } else { 1 }, "alertAction": if starts { 1 } else { 2 },
            "monitoredQueue": {"queueType": 1, "queueName": user.as_str()}});
        for session in self.sessions.values_mut() {
            if session.watches.alerting && session.user == *user {
                session.push(message.to_string(), visible);
            }
        }
    }

    /// Tells a change of the status messages.
    pub(super) fn tell_catalogue(&mut self, kind: Kind, id: &StatusId) {
        let visible = self.faults.visible();
        let item = match (kind, self.catalogue.get(id)) {
            (Kind::Added | Kind::Changed, Some(message)) => message.to_wire(&self.setup.server),
            (Kind::Added | Kind::Changed, None) | (Kind::Removed, _) => json!(id.as_str()),
        };
        let member = match kind {
            Kind::Added => "statusMessagesAdded",
            Kind::Changed => "statusMessagesChanged",
            Kind::Removed => "statusMessagesRemoved",
        };
        let message = json!({"__type": "urn:inin.com:status:statusMessagesMessage", "isDelta": true, member: [item]});
        for session in self.sessions.values_mut() {
            if session.watches.catalogue {
                session.push(message.to_string(), visible);
            }
            if let Some(users) = session.watches.access.as_ref().filter(|_| kind != Kind::Changed) {
                let change = |user: &AgentId| json!({"userId": user.as_str(), member: [id.as_str()]});
                let changes: Vec<_> = users.iter().map(change).collect();
                let message = json!({"__type": "urn:inin.com:status:statusMessagesUserAccessMessage", "isDelta": true,
                    "statusMessagesUserAccessChanges": changes});
                session.push(message.to_string(), visible);
            }
        }
        self.tell_configuration(Resource::StatusMessages, kind, id.as_str());
    }

    /// Tells a change of a configuration object.
    pub(super) fn tell_configuration(&mut self, resource: Resource, kind: Kind, id: &str) {
        let visible = self.faults.visible();
        let object = self.configuration_object(resource, id);
        for session in self.sessions.values_mut() {
            let watches = session.watches.configuration.iter().filter(|((watched, _), watch)| {
                *watched == resource && watch.ids.as_ref().is_none_or(|ids| ids.contains(&id.to_lowercase()))
            });
            let texts: Vec<String> = watches
                .map(|((_, subscription), watch)| {
                    let item = object.as_ref().map_or_else(|| json!(id), |object| project(object, &watch.properties));
                    json!({"__type": configuration_message(resource), "isDelta": true,
                        "subscriptionId": subscription, kind.member(): [item]})
                    .to_string()
                })
                .collect();
            for text in texts {
                session.push(text, visible);
            }
        }
    }

    /// A configuration object with all its properties.
    pub(crate) fn configuration_object(&self, resource: Resource, id: &str) -> Option<Value> {
        match resource {
            Resource::Users => {
                let user = self.users.get(&AgentId::new(id))?;
                Some(user.to_configuration(self.catalogue.get(&StatusId::new(&user.status))))
            }
            Resource::Workgroups => self.workgroup_to_wire(&WorkgroupId::new(id)),
            Resource::StatusMessages => {
                self.catalogue.get(&StatusId::new(id)).map(crate::icws::catalogue::StatusMessage::to_configuration)
            }
        }
    }

    fn workgroup_to_wire(&self, id: &WorkgroupId) -> Option<Value> {
        let workgroup = self.workgroups.get(id)?;
        let members = workgroup.members.iter().filter_map(|id| self.users.get(id));
        let members: Vec<_> = members.map(|user| configuration_id("users", &user.id, &user.display_name)).collect();
        let status = |id: &str| {
            let spelled = self.catalogue.get(&StatusId::new(id)).map_or(id, |status| &status.status_id);
            configuration_id("status-messages", spelled, spelled)
        };
        Some(json!({
            "configurationId": configuration_id("workgroups", &workgroup.name, &workgroup.name),
            "extension": workgroup.extension,
            "hasQueue": true,
            "isActive": true,
            "queueType": workgroup.queue_type,
            "members": members,
            "supervisors": [],
            "noAnswerStatus": status(super::NO_ANSWER),
            "wrapUpStatus": status(super::WRAP_UP),
            "isWrapUpActive": workgroup.queue_type == 5,
        }))
    }

    /// Tells that a user was activated or deactivated in a workgroup.
    pub(super) fn tell_activation(&mut self, user: &AgentId, workgroup: &WorkgroupId, active: bool) {
        let visible = self.faults.visible();
        for session in self.sessions.values_mut() {
            let texts: Vec<String> = session
                .watches
                .activations
                .iter()
                .filter_map(|(subscription, watch)| match watch {
                    ActivationWatch::User(watched, groups) => (watched == user
                        && groups.as_ref().is_none_or(|groups| groups.contains(workgroup)))
                    .then(|| {
                        json!({"__type": "urn:inin.com:activations:userActivationMessage", "isDelta": true,
                            "subscriptionId": subscription, "userId": user.as_str(),
                            "activationsChanged": {workgroup.as_str(): active}})
                    }),
                    ActivationWatch::Workgroup(watched, users) => {
                        (watched == workgroup && users.as_ref().is_none_or(|users| users.contains(user))).then(|| {
                            json!({"__type": "urn:inin.com:activations:workgroupActivationMessage", "isDelta": true,
                            "subscriptionId": subscription, "workgroupId": workgroup.as_str(),
                            "activationsChanged": {user.as_str(): active}})
                        })
                    }
                })
                .map(|message| message.to_string())
                .collect();
            for text in texts {
                session.push(text, visible);
            }
        }
    }

    /// Tells that a user logged on or off.
    pub(super) fn tell_logon(&mut self, id: &AgentId, logged_in: bool) {
        let visible = self.faults.visible();
        let entry = self.logon_to_wire(id);
        let member = if logged_in { "sessionsAdded" } else { "sessionsRemoved" };
        for session in self.sessions.values_mut() {
            if session.watches.logons.as_ref().is_some_and(|users| users.contains(id)) {
                let message =
                    json!({"__type": "urn:inin.com:session:sessionsMessage", "isDelta": true, member: [entry]});
                session.push(message.to_string(), visible);
            }
        }
    }

    pub(super) fn logon_to_wire(&self, id: &AgentId) -> Value {
        let user = self.users.get(id);
        let station = user.and_then(|user| user.station.clone()).unwrap_or_default();
        json!({"applicationName": "Interaction Desktop", "machineName": format!("pc-{}", id.as_str()),
            "stationId": station, "userId": id.as_str(), "reason": ""})
    }
}

/// What a watch has to be told of an interaction that is on its queues (`call`) or not.
fn difference(watch: &mut QueueWatch, id: &InteractionId, call: Option<&Call>) -> Option<Map<String, Value>> {
    let mut message = Map::new();
    let Some(call) = call else {
        watch.told.remove(id)?;
        message.insert("interactionsRemoved".to_owned(), json!([id.as_str()]));
        return Some(message);
    };
    let values: Vec<String> = watch.attributes.iter().map(|name| call.attribute(name)).collect();
    let named = watch.attributes.iter().zip(&values);
    let (member, attributes): (_, Map<String, Value>) = match watch.told.get(id) {
        None => ("interactionsAdded", named.map(|(name, value)| (name.clone(), json!(value))).collect()),
        Some(told) => (
            "interactionsChanged",
            named
                .zip(told)
                .filter(|((_, new), old)| new != old)
                .map(|((name, new), _)| (name.clone(), json!(new)))
                .collect(),
        ),
    };
    let changed = member == "interactionsAdded" || !attributes.is_empty();
    watch.told.insert(id.clone(), values);
    message.insert(member.to_owned(), json!([{"interactionId": id.as_str(), "attributes": attributes}]));
    changed.then_some(message)
}
