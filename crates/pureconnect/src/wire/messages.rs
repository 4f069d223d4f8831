//! The messages of `GET …/messaging/messages`, reduced to the properties that are used.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{Id, Text, User, Workgroup};

/// The type of a message, which may stand anywhere in it.
#[derive(Debug, Deserialize)]
pub(crate) struct Tag {
    #[serde(rename = "__type", default)]
    pub(crate) kind: String,
}

/// `Status.StatusMessage`. Its flags are required by the schema; one that is missing counts as not ticked.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StatusMessage {
    pub(crate) status_id: Id,
    pub(crate) message_text: Option<String>,
    pub(crate) group_tag: Option<String>,
    pub(crate) is_do_not_disturb_status: Option<bool>,
    pub(crate) is_after_call_work_status: Option<bool>,
    /// Also seen as `isACDStatus` (icws.md §6.1).
    #[serde(alias = "isACDStatus")]
    pub(crate) is_acd_status: Option<bool>,
}

/// `urn:inin.com:status:statusMessagesMessage`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StatusMessagesMessage {
    pub(crate) is_delta: bool,
    pub(crate) status_messages_added: Option<Vec<StatusMessage>>,
    pub(crate) status_messages_changed: Option<Vec<StatusMessage>>,
    pub(crate) status_messages_removed: Option<Vec<Id>>,
}

/// `Status.UserStatusUntil`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserStatusUntil {
    pub(crate) until_date_time: Option<String>,
    pub(crate) has_date: Option<bool>,
}

/// `Status.UserStatus`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserStatus {
    pub(crate) user_id: Id,
    /// Missing where the service user may not view the column.
    pub(crate) status_id: Option<Id>,
    pub(crate) status_changed: Option<String>,
    pub(crate) logged_in: Option<bool>,
    /// Outer `None`: not mentioned, so unchanged. Inner `None`: `null`, so there is none any more.
    #[serde(default, deserialize_with = "mentioned")]
    pub(crate) until: Option<Option<UserStatusUntil>>,
}

fn mentioned<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// `urn:inin.com:status:userStatusMessage`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserStatusMessage {
    pub(crate) is_delta: bool,
    pub(crate) user_status_list: Vec<UserStatus>,
}

/// `Queues.QueueInteraction` and `Queues.Interaction`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QueueInteraction {
    pub(crate) interaction_id: Id,
    #[serde(default)]
    pub(crate) attributes: BTreeMap<String, Text>,
}

/// `urn:inin.com:queues:queueContentsMessage`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QueueContentsMessage {
    pub(crate) is_delta: bool,
    pub(crate) subscription_id: Id,
    pub(crate) interactions_added: Option<Vec<QueueInteraction>>,
    pub(crate) interactions_changed: Option<Vec<QueueInteraction>>,
    pub(crate) interactions_removed: Option<Vec<Id>>,
}

/// `urn:inin.com:configuration.people:usersMessage`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UsersMessage {
    pub(crate) is_delta: bool,
    pub(crate) added: Option<Vec<User>>,
    pub(crate) changed: Option<Vec<User>>,
    pub(crate) removed: Option<Vec<Value>>,
}

/// `urn:inin.com:configuration.people:workgroupsMessage`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WorkgroupsMessage {
    pub(crate) is_delta: bool,
    pub(crate) added: Option<Vec<Workgroup>>,
    pub(crate) changed: Option<Vec<Workgroup>>,
    pub(crate) removed: Option<Vec<Value>>,
}

/// `Common.Error` inside a message.
#[derive(Debug, Deserialize)]
pub(crate) struct MessageError {
    pub(crate) message: Option<Text>,
}

/// `urn:inin.com:messaging:subscriptionStateMessage` and `urn:inin.com:queues:queueSubscriptionStateMessage`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SubscriptionStateMessage {
    pub(crate) subscription_id: Option<Id>,
    pub(crate) state: i64,
    pub(crate) error: Option<MessageError>,
}

/// `urn:inin.com:connection:connectionStateChangeMessage`. The states are numbers, whatever the vendor's own sample
/// thinks (icws.md §4.1).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConnectionStateChangeMessage {
    pub(crate) new_connection_state: i64,
    pub(crate) reason: Option<String>,
    pub(crate) should_reconnect: Option<bool>,
}
