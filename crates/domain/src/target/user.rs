//! Users of the organisation, and what was seen of them.

use jiff::Timestamp;

use super::{OutOfOffice, Presence, RoutingStatus};
use crate::ids::CloudUserId;

/// Whether a user can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserState {
    /// Yes.
    Active,
    /// Deactivated by an administrator.
    Inactive,
    /// Deleted.
    Deleted,
}

/// A user of the organisation, reduced to what finding it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloudUser {
    /// Its id.
    pub id: CloudUserId,
    /// For people only.
    pub name: String,
    /// Its e-mail address.
    pub email: Option<String>,
    /// Whether it can be used.
    pub state: UserState,
}

/// A value that was read, and since when the platform says that it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen<T> {
    /// The value.
    pub value: T,
    /// Since when, if the platform said so.
    pub since: Option<Timestamp>,
}

/// What the organisation shows for one user. A facet that the answer left out is unknown, not absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// Whose.
    pub user: CloudUserId,
    /// The presence shown, which is the primary source's.
    pub presence: Option<Seen<Presence>>,
    /// The routing status.
    pub routing: Option<Seen<RoutingStatus>>,
    /// Out of office.
    pub out_of_office: Option<Seen<OutOfOffice>>,
    /// Whether our presence source is the user's primary one, where the answer tells.
    pub ours: Option<bool>,
}
