//! From ICWS' words to ours: the only file that knows both.
//!
//! Times come out corrected by the offset of the server's clock. Nothing is remembered here: what a partial message
//! leaves out stays `None` and is merged by `picture`.

use domain::ids::{AgentId, InteractionId, StatusId, WorkgroupId};
use domain::source::{InteractionState, Release, StatusMessage};
use jiff::{SignedDuration, Timestamp, civil, tz};
use serde::Deserialize;
use serde_json::Value;

use crate::limits::{self, cut, said};
use crate::picture::{Attributes, StatusPatch, UserPatch, WorkgroupPatch};
use crate::wire;

mod answers;
#[cfg(test)]
mod tests;

pub(crate) use answers::*;

/// A part of the picture that the server reports in messages of its own, first whole and then in changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Subject {
    /// The status messages.
    Catalogue,
    /// The users.
    Users,
    /// The workgroups.
    Workgroups,
    /// The users' statuses.
    Statuses,
    /// The queues of one subscription.
    Queues(String),
}

/// What a message says about its subject.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Content {
    /// Status messages.
    Catalogue { set: Vec<StatusMessage>, removed: Vec<StatusId> },
    /// Users.
    Users { set: Vec<UserPatch>, removed: Vec<AgentId> },
    /// Workgroups.
    Workgroups { set: Vec<WorkgroupPatch>, removed: Vec<WorkgroupId> },
    /// Statuses.
    Statuses(Vec<StatusPatch>),
    /// Interactions of one subscription.
    Queues {
        subscription: String,
        added: Vec<(InteractionId, Attributes)>,
        changed: Vec<(InteractionId, Attributes)>,
        removed: Vec<InteractionId>,
    },
}

impl Content {
    /// What it is about.
    pub(crate) fn subject(&self) -> Subject {
        match self {
            Self::Catalogue { .. } => Subject::Catalogue,
            Self::Users { .. } => Subject::Users,
            Self::Workgroups { .. } => Subject::Workgroups,
            Self::Statuses(_) => Subject::Statuses,
            Self::Queues { subscription, .. } => Subject::Queues(subscription.clone()),
        }
    }
}

/// The health of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SubscriptionState {
    /// Nothing is known.
    None,
    /// It works.
    Normal,
    /// It does not report for the time being.
    Suspended,
    /// It does not report any more.
    Faulted,
    /// A number that the reference does not list.
    Other(i64),
}

/// A message that concerns us.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Message {
    /// News of the picture.
    Report {
        /// The whole truth, which replaces what was known of the subject; otherwise changes.
        whole: bool,
        /// The news.
        content: Content,
    },
    /// A subscription changed its health.
    Subscription { id: Option<String>, state: SubscriptionState, detail: String },
    /// The session is over; `again` says whether to come back.
    Down { reason: String, again: bool },
    /// The session is not over, or the state is one that the reference does not list.
    Connection { state: i64 },
    /// A type that we have no use for.
    Unknown { kind: String },
}

/// Reads one message.
pub(crate) fn message(text: &str, offset: SignedDuration) -> Result<Message, serde_json::Error> {
    let tag: wire::Tag = serde_json::from_str(text)?;
    Ok(match tag.kind.as_str() {
        "urn:inin.com:status:userStatusMessage" => {
            let message: wire::UserStatusMessage = serde_json::from_str(text)?;
            let patches = message.user_status_list.into_iter().filter_map(|status| status_patch(status, offset));
            report(message.is_delta, Content::Statuses(patches.collect()))
        }
        "urn:inin.com:queues:queueContentsMessage" => queue_contents(serde_json::from_str(text)?, offset),
        "urn:inin.com:status:statusMessagesMessage" => {
            let message: wire::StatusMessagesMessage = serde_json::from_str(text)?;
            let set = joined(message.status_messages_added, message.status_messages_changed);
            let removed = message.status_messages_removed.unwrap_or_default();
            let content = Content::Catalogue {
                set: set.into_iter().map(status_message).collect(),
                removed: removed.iter().map(|id| StatusId::new(&id.0)).collect(),
            };
            report(message.is_delta, content)
        }
        "urn:inin.com:configuration.people:usersMessage" => {
            let message: wire::UsersMessage = serde_json::from_str(text)?;
            let set = joined(message.added, message.changed).into_iter().map(user_patch).collect();
            let removed = ids(message.removed).map(|id| AgentId::new(&id)).collect();
            report(message.is_delta, Content::Users { set, removed })
        }
        "urn:inin.com:configuration.people:workgroupsMessage" => {
            let message: wire::WorkgroupsMessage = serde_json::from_str(text)?;
            let set = joined(message.added, message.changed);
            let removed = ids(message.removed).map(|id| WorkgroupId::new(&id)).collect();
            let set = set.into_iter().map(workgroup_patch).collect();
            report(message.is_delta, Content::Workgroups { set, removed })
        }
        "urn:inin.com:queues:queueSubscriptionStateMessage" | "urn:inin.com:messaging:subscriptionStateMessage" => {
            let message: wire::SubscriptionStateMessage = serde_json::from_str(text)?;
            let detail = message.error.and_then(|error| error.message).unwrap_or_default();
            Message::Subscription {
                id: message.subscription_id.map(|id| id.0),
                state: subscription_state(message.state),
                detail: said(&detail.0),
            }
        }
        "urn:inin.com:connection:connectionStateChangeMessage" => {
            let message: wire::ConnectionStateChangeMessage = serde_json::from_str(text)?;
            match message.new_connection_state {
                2 => Message::Down {
                    reason: said(&message.reason.unwrap_or_default()),
                    again: message.should_reconnect != Some(false),
                },
                state => Message::Connection { state },
            }
        }
        _ => Message::Unknown { kind: said(&tag.kind) },
    })
}

fn report(is_delta: bool, content: Content) -> Message {
    Message::Report { whole: !is_delta, content }
}

fn joined<T>(first: Option<Vec<T>>, second: Option<Vec<T>>) -> Vec<T> {
    let mut all = first.unwrap_or_default();
    all.extend(second.unwrap_or_default());
    all
}

fn ids(references: Option<Vec<Value>>) -> impl Iterator<Item = String> {
    references.unwrap_or_default().into_iter().filter_map(|value| reference(&value))
}

fn subscription_state(number: i64) -> SubscriptionState {
    match number {
        0 => SubscriptionState::None,
        1 => SubscriptionState::Normal,
        2 => SubscriptionState::Suspended,
        3 => SubscriptionState::Faulted,
        other => SubscriptionState::Other(other),
    }
}

fn queue_contents(message: wire::QueueContentsMessage, offset: SignedDuration) -> Message {
    let read = |list: Option<Vec<wire::QueueInteraction>>| {
        let list = list.unwrap_or_default().into_iter();
        list.map(|item| (InteractionId::new(&item.interaction_id.0), attributes(&item, offset))).collect()
    };
    let removed = message.interactions_removed.unwrap_or_default();
    let content = Content::Queues {
        added: read(message.interactions_added),
        changed: read(message.interactions_changed),
        removed: removed.iter().map(|id| InteractionId::new(&id.0)).collect(),
        subscription: message.subscription_id.0,
    };
    report(message.is_delta, content)
}

/// The attributes of an interaction that a routing status is decided from, and the times that go with it.
pub(crate) const ATTRIBUTES: [&str; 7] = [
    "Eic_State",
    "Eic_UserName",
    "Eic_WorkgroupName",
    "Eic_CallDirection",
    "Eic_ConnectTime",
    "Eic_UserQueueTimestamp",
    "Eic_TerminationTime",
];

/// Names of attributes are case-insensitive (icws.md §7.2).
fn attributes(item: &wire::QueueInteraction, offset: SignedDuration) -> Attributes {
    let mut read = Attributes::default();
    for (name, wire::Text(value)) in &item.attributes {
        let named = |text: &str| named(text).map(str::to_owned);
        match name.to_ascii_lowercase().as_str() {
            "eic_state" => read.state = Some(InteractionState::from_code(value)),
            "eic_username" => read.user = Some(named(value).map(|id| AgentId::new(&id))),
            "eic_workgroupname" => read.workgroup = Some(named(value).map(|id| WorkgroupId::new(&id))),
            "eic_calldirection" => read.outbound = Some(value.trim().to_ascii_uppercase().starts_with('O')),
            "eic_connecttime" => read.connected = Some(time(value, offset)),
            "eic_userqueuetimestamp" => read.entered = Some(time(value, offset)),
            "eic_terminationtime" => read.ended = Some(time(value, offset)),
            _ => {}
        }
    }
    read
}

/// `None` where the status itself is not told: whoever may not view that column sees an agent without it (icws.md §9).
fn status_patch(status: wire::UserStatus, offset: SignedDuration) -> Option<StatusPatch> {
    Some(StatusPatch {
        agent: AgentId::new(&status.user_id.0),
        status: StatusId::new(&status.status_id?.0),
        since: status.status_changed.and_then(|text| time(&text, offset)),
        logged_in: status.logged_in,
        until: status.until.map(|until| {
            let until = until.filter(|until| until.has_date == Some(true))?;
            time(&until.until_date_time?, offset)
        }),
    })
}

fn status_message(message: wire::StatusMessage) -> StatusMessage {
    StatusMessage {
        id: StatusId::new(&message.status_id.0),
        text: cut(message.message_text.unwrap_or_default()),
        group: cut(message.group_tag.unwrap_or_default()),
        allows_acd: message.is_acd_status.unwrap_or_default(),
        after_call_work: message.is_after_call_work_status.unwrap_or_default(),
        do_not_disturb: message.is_do_not_disturb_status.unwrap_or_default(),
    }
}

fn user_patch(user: wire::User) -> UserPatch {
    let filled =
        |mail: Option<wire::Mail>| mail.and_then(|mail| mail.email_address).map(|text| cut(text.trim().to_owned()));
    UserPatch {
        id: AgentId::new(&user.configuration_id.id.0),
        display_name: user.configuration_id.display_name.map(cut),
        business_email: filled(user.personal_information_properties),
        mailbox_email: filled(user.mailbox_properties),
        workgroups: user
            .workgroups
            .map(|list| references(&list).take(limits::WORKGROUPS).map(|id| WorkgroupId::new(&id)).collect()),
    }
}

/// Queue type 5 is ACD; types that the reference does not list are not.
fn workgroup_patch(workgroup: wire::Workgroup) -> WorkgroupPatch {
    WorkgroupPatch {
        id: WorkgroupId::new(&workgroup.configuration_id.id.0),
        has_queue: workgroup.has_queue,
        acd_queue: workgroup.queue_type.map(|number| number == 5),
        no_answer_status: workgroup.no_answer_status.map(|value| reference(&value).map(|id| StatusId::new(&id))),
    }
}

/// The id inside a reference: `{"id":…}`, a bare text, or either inside `effectiveValue`.
fn reference(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => named(text).map(str::to_owned),
        Value::Object(object) => object.get("id").or_else(|| object.get("effectiveValue")).and_then(reference),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
    }
}

/// A name, unless there is none, or one that cannot be one.
fn named(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty() && text.len() <= limits::ID)
}

fn references(value: &Value) -> impl Iterator<Item = String> {
    let list = value.get("effectiveValue").unwrap_or(value).as_array();
    list.into_iter().flatten().filter_map(reference)
}

/// Reads a date in the compact or the extended form, with or without `Z`: always UTC. `None` for what is no date and
/// for the year 1, which stands for "never".
pub(crate) fn time(text: &str, offset: SignedDuration) -> Option<Timestamp> {
    let text = text.trim();
    let read = text.parse::<Timestamp>().or_else(|_| {
        let local: civil::DateTime = text.trim_end_matches(['Z', 'z']).parse()?;
        local.to_zoned(tz::TimeZone::UTC).map(|zoned| zoned.timestamp())
    });
    read.ok().filter(|time| time.as_second() > 0)?.checked_sub(offset).ok()
}

/// Reads a release such as (`19`, `4`).
fn release(version: &wire::VersionInfo) -> Option<Release> {
    Some(Release {
        year: version.major_version.0.trim().parse().ok()?,
        number: version.minor_version.0.trim().parse().ok()?,
    })
}

fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, serde_json::Error> {
    wire::read(body)
}
