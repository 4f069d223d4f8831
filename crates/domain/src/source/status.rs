//! Status messages (the definitions) and user statuses (who is in which).

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::ids::StatusId;

/// A status message as configured in Interaction Administrator, reduced to what decides a presence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusMessage {
    /// The unlocalised message name.
    pub id: StatusId,
    /// The text that agents see, in the language of the session.
    pub text: String,
    /// The reporting status group, such as `Break`; administrators may type new ones.
    pub group: String,
    /// *Status allows ACD calls* is ticked.
    pub allows_acd: bool,
    /// *Status is ACW* (after call work) is ticked.
    pub after_call_work: bool,
    /// *Status is Do Not Disturb* is ticked.
    pub do_not_disturb: bool,
}

/// Every status message of a system, by id.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Catalogue(BTreeMap<StatusId, StatusMessage>);

impl Catalogue {
    /// The status message with this id, if the system has one.
    #[must_use]
    pub fn get(&self, id: &StatusId) -> Option<&StatusMessage> {
        self.0.get(id)
    }

    /// All status messages in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &StatusMessage> {
        self.0.values()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none, which no working system reports.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<StatusMessage> for Catalogue {
    fn from_iter<T: IntoIterator<Item = StatusMessage>>(messages: T) -> Self {
        Self(messages.into_iter().map(|message| (message.id.clone(), message)).collect())
    }
}

/// The status of one agent, complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserStatus {
    /// Which status message; it need not be in the catalogue.
    pub status: StatusId,
    /// When the agent entered it, corrected to our clock; PureConnect counts whole seconds. Absent when the service
    /// user may not see that column.
    pub since: Option<Timestamp>,
    /// Whether any client session of the agent exists. A logged-out agent still has a status, even `Available`.
    pub logged_in: bool,
    /// Until when the agent said it would last, where the status carries a date.
    pub until: Option<Timestamp>,
}
