//! The bodies of the Platform API as it spells them, reduced to the fields that are used.
//!
//! Unknown fields are ignored, and values that may be new one day stay text; what they mean is `convert`'s business.
//! Timestamps stay text too, because the platform is known to write them in more than one way.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::list::List;

/// What the login service gives. Never printed.
#[derive(Deserialize)]
pub(crate) struct TokenGrant {
    pub(crate) access_token: String,
    pub(crate) expires_in: Option<u64>,
}

/// What the login service says instead; any of the three may be missing.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct LoginError {
    pub(crate) error: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) error_description: Option<String>,
}

/// What the Platform API says instead of an answer.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ErrorBody {
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) context_id: Option<String>,
    pub(crate) details: Option<List<Detail>>,
    pub(crate) limit: Option<Limit>,
}

/// Which part of a request was wrong.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Detail {
    pub(crate) field_name: Option<String>,
}

/// Which limit a 429 was about.
#[derive(Debug, Deserialize)]
pub(crate) struct Limit {
    pub(crate) key: Option<String>,
    pub(crate) namespace: Option<String>,
    pub(crate) value: Option<i64>,
}

/// `GET /tokens/me`.
#[derive(Debug, Deserialize)]
pub(crate) struct TokenInfo {
    pub(crate) organization: Option<Named>,
}

/// `GET /organizations/me`, and everything else of which no more than that is wanted.
#[derive(Debug, Deserialize)]
pub(crate) struct Named {
    pub(crate) id: Option<String>,
    pub(crate) name: Option<String>,
}

/// `GET /presence/definitions`, and the paged `GET /presencedefinitions` of old.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DefinitionListing {
    pub(crate) entities: Option<List<PresenceDefinition>>,
    pub(crate) page_count: Option<u32>,
    pub(crate) next_uri: Option<String>,
}

/// A presence definition of an organisation, new and old.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PresenceDefinition {
    pub(crate) id: Option<String>,
    pub(crate) name: Option<String>,
    /// `System` or `User`; the old list has `primary` instead.
    #[serde(rename = "type")]
    pub(crate) kind: Option<String>,
    pub(crate) primary: Option<bool>,
    pub(crate) language_labels: Option<BTreeMap<String, Option<String>>>,
    pub(crate) system_presence: Option<String>,
    pub(crate) deactivated: Option<bool>,
}

/// `GET /presence/sources`.
#[derive(Debug, Deserialize)]
pub(crate) struct SourceListing {
    pub(crate) entities: Option<List<Source>>,
}

/// A presence source.
#[derive(Debug, Deserialize)]
pub(crate) struct Source {
    pub(crate) id: Option<String>,
    pub(crate) name: Option<String>,
    #[serde(rename = "type")]
    pub(crate) kind: Option<String>,
    pub(crate) deactivated: Option<bool>,
}

/// `POST /presence/sources`.
#[derive(Debug, Serialize)]
pub(crate) struct NewSource<'a> {
    pub(crate) name: &'a str,
    pub(crate) description: &'a str,
}

/// `POST /events/users/presence`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PresenceEvents {
    pub(crate) user_presence_events: Vec<PresenceEvent>,
}

/// One of them.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PresenceEvent {
    pub(crate) event_id: Uuid,
    pub(crate) event_date_time: String,
    pub(crate) user_id: Uuid,
    pub(crate) source_id: Uuid,
    pub(crate) presence_definition_id: Uuid,
}

/// `POST /events/users/routingstatus`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoutingEvents {
    pub(crate) user_routing_status_events: Vec<RoutingEvent>,
}

/// One of them. The user is `agentId` here and `userId` in a presence event.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoutingEvent {
    pub(crate) event_id: Uuid,
    pub(crate) event_date_time: String,
    pub(crate) agent_id: Uuid,
    pub(crate) status: RoutingEventStatus,
    pub(crate) source_id: Uuid,
}

/// A routing status as events spell it; everywhere else it is `OFF_QUEUE` and so on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum RoutingEventStatus {
    OffQueue,
    Idle,
    Interacting,
    Communicating,
    NotResponding,
}

/// What both events endpoints answer; no list, or an empty one, means that all were accepted.
#[derive(Debug, Deserialize)]
pub(crate) struct BatchEventResponse {
    pub(crate) errors: Option<List<EventError>>,
}

/// Why one event was not accepted.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EventError {
    pub(crate) event_id: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) retryable: Option<bool>,
}

/// One entry of `PUT /users/presences/bulk`; the id is the user's.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MutablePresence {
    pub(crate) id: Uuid,
    pub(crate) presence_definition: DefinitionById,
}

/// `PATCH /users/{id}/presences/purecloud`, to set it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SetPresence {
    pub(crate) presence_definition: DefinitionById,
}

/// `PATCH /users/{id}/presences/purecloud`, to make that source the primary one.
#[derive(Debug, Serialize)]
pub(crate) struct SetPrimary {
    pub(crate) primary: bool,
}

/// Nothing else of a definition is needed in a request.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct DefinitionById {
    pub(crate) id: Uuid,
}

/// `PUT /users/{id}/routingstatus`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SetRoutingStatus {
    pub(crate) user_id: Uuid,
    pub(crate) status: &'static str,
}

/// `PUT /users/{id}/outofoffice`.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SetOutOfOffice {
    pub(crate) active: bool,
    pub(crate) indefinite: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) start_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) end_date: Option<String>,
}

/// Out of office as it is read.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OutOfOffice {
    pub(crate) active: Option<bool>,
    pub(crate) indefinite: Option<bool>,
    pub(crate) start_date: Option<String>,
    pub(crate) end_date: Option<String>,
}

/// `PUT /presence/users/{id}/primarysource`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SetPrimarySource {
    pub(crate) source_id: String,
    pub(crate) registered: bool,
}

/// `GET /users`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserListing {
    pub(crate) entities: Option<List<User>>,
    pub(crate) page_size: Option<u32>,
    pub(crate) page_count: Option<u32>,
    pub(crate) next_uri: Option<String>,
}

/// A user, with whatever was expanded.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct User {
    pub(crate) id: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) username: Option<String>,
    pub(crate) state: Option<String>,
    pub(crate) presence: Option<UserPresence>,
    pub(crate) routing_status: Option<RoutingStatus>,
    pub(crate) out_of_office: Option<OutOfOffice>,
}

/// A user's presence, expanded or from the list of one source.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserPresence {
    pub(crate) id: Option<String>,
    pub(crate) user_id: Option<String>,
    pub(crate) source: Option<String>,
    pub(crate) source_id: Option<String>,
    /// Told by notifications.
    pub(crate) primary: Option<bool>,
    pub(crate) presence_definition: Option<PresenceReference>,
    /// What it becomes when the user's work in hand is done.
    pub(crate) future_presence_definition: Option<PresenceReference>,
    pub(crate) modified_date: Option<String>,
    pub(crate) self_uri: Option<String>,
}

/// Which definition a presence points to.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PresenceReference {
    pub(crate) id: Option<String>,
    pub(crate) system_presence: Option<String>,
}

/// A user's routing status.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoutingStatus {
    pub(crate) status: Option<String>,
    pub(crate) start_time: Option<String>,
}

/// `POST /notifications/channels`. Both fields are secrets: whoever knows them may listen. Never printed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Channel {
    pub(crate) id: Option<String>,
    pub(crate) connect_uri: Option<String>,
}

/// One entry of `PUT /notifications/channels/{id}/subscriptions`.
#[derive(Debug, Serialize)]
pub(crate) struct NewTopic {
    pub(crate) id: String,
}

/// What it answers.
#[derive(Debug, Deserialize)]
pub(crate) struct ChannelTopicListing {
    pub(crate) entities: Option<List<ChannelTopic>>,
}

/// What became of one topic.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChannelTopic {
    pub(crate) state: Option<String>,
    pub(crate) rejection_reason: Option<String>,
    pub(crate) missing_permissions: Option<List<String>>,
}

/// What comes through a channel, before it is known what it is about.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Topic {
    pub(crate) topic_name: Option<String>,
}

/// The same, when it is known.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Notification<T> {
    pub(crate) event_body: Option<T>,
}

/// Topic `routingStatus`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoutingStatusChange {
    pub(crate) routing_status: Option<RoutingStatus>,
}

/// Topic `activity`: all three facets, without the source.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Activity {
    pub(crate) routing_status: Option<RoutingStatus>,
    pub(crate) presence: Option<UserPresence>,
    pub(crate) out_of_office: Option<OutOfOffice>,
}

/// Topics `v2.system.*`.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct SystemChange {
    pub(crate) reason: Option<String>,
}
