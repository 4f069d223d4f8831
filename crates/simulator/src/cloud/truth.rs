//! What the organisation really holds and what really reached it, for tests and for the demo's comparison.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

/// Everything.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Truth {
    /// When this was written, by the simulated clock.
    pub at: Timestamp,
    /// Each user's state, deleted ones too.
    pub users: BTreeMap<Uuid, UserTruth>,
    /// Injected events without an error, in the order of arrival.
    pub events: Vec<EventTruth>,
    /// Presences and routing statuses that were set directly, in the order of arrival.
    pub direct_writes: Vec<DirectWrite>,
    /// Out of office objects that were put, in the order of arrival.
    pub out_of_office_writes: Vec<OutOfOfficeWrite>,
    /// Requests by method and path template, refused ones too.
    pub requests: BTreeMap<String, u64>,
    /// How many 429 were sent.
    pub throttled: u64,
    /// The most requests that one token made in any 60 simulated seconds, refused ones too.
    pub busiest_minute: usize,
    /// Errors for single events that were sent inside a 200.
    pub event_errors: u64,
    /// Every token that was ever given out, the first one first.
    pub tokens: Vec<TokenTruth>,
}

/// What one token was used for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TokenTruth {
    /// Its place among all that were given out, from 0.
    pub number: usize,
    /// The OAuth client that it was given to.
    pub client: String,
    /// When.
    pub issued: Timestamp,
    /// Whether it works still.
    pub works: bool,
    /// Requests with it, refused ones too.
    pub requests: u64,
    /// Those of the last 60 simulated seconds.
    pub last_minute: usize,
    /// The most in any 60 simulated seconds.
    pub busiest_minute: usize,
    /// How many of them were answered with a 429 for the token's own sake.
    pub throttled: u64,
}

impl TokenTruth {
    /// One that was given out just now.
    pub(super) fn new(number: usize, client: &str, issued: Timestamp) -> Self {
        let client = client.to_owned();
        Self { number, client, issued, works: false, requests: 0, last_minute: 0, busiest_minute: 0, throttled: 0 }
    }
}

/// One user as everybody sees it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UserTruth {
    /// The display name.
    pub name: String,
    /// The e-mail address.
    pub email: Option<String>,
    /// `active`, `inactive` or `deleted`.
    pub state: String,
    /// The presence of the primary source.
    pub presence: PresenceTruth,
    /// The routing status.
    pub routing: RoutingTruth,
    /// Out of office.
    pub out_of_office: OutOfOfficeTruth,
    /// When out of office was written last; `None` if never.
    pub out_of_office_since: Option<Timestamp>,
    /// `PURECLOUD`, another system source, or the id of a registered source.
    pub primary_source: String,
    /// When it was chosen for this user; `None` where it is the organisation's default.
    pub primary_source_since: Option<Timestamp>,
}

/// A presence.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PresenceTruth {
    /// The definition.
    pub definition: Uuid,
    /// Its system presence, such as `On Queue`.
    pub system: String,
    /// Whose it is: `PURECLOUD`, or the id of a registered source.
    pub source: String,
    /// When it was set: the event's own time if it was injected.
    pub modified: Timestamp,
}

/// A routing status.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RoutingTruth {
    /// Such as `OFF_QUEUE`.
    pub status: String,
    /// Since when: the event's own time if it was injected.
    pub since: Timestamp,
    /// The registered source that injected it; `PURECLOUD` when it follows from the presence.
    pub source: String,
}

/// Out of office.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct OutOfOfficeTruth {
    /// Whether it is on.
    pub active: bool,
    /// Whether it has no end.
    pub indefinite: bool,
    /// Its beginning, as written.
    pub start: Option<Timestamp>,
    /// Its end, as written.
    pub end: Option<Timestamp>,
}

/// The two kinds of state that are injected or set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A presence.
    Presence,
    /// A routing status.
    Routing,
}

/// What became of an event without an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effectiveness {
    /// It is the source's state now.
    Applied,
    /// An event with this id had been accepted before.
    Duplicate,
    /// A newer one had been accepted before.
    Older,
}

/// An injected event.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EventTruth {
    /// When it reached the platform.
    pub arrived: Timestamp,
    /// Of what.
    pub kind: Kind,
    /// Its own id.
    pub id: String,
    /// Whose.
    pub user: Uuid,
    /// Who says so.
    pub source: Uuid,
    /// When it happened, by its own account.
    pub happened: Timestamp,
    /// The presence definition's id, or the routing status such as `IDLE`; empty when only a message was sent.
    pub value: String,
    /// What became of it.
    pub effectiveness: Effectiveness,
    /// The token that it came with.
    pub token: usize,
}

/// A presence or routing status that was set directly.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DirectWrite {
    /// When it reached the platform.
    pub arrived: Timestamp,
    /// Of what.
    pub kind: Kind,
    /// Whose.
    pub user: Uuid,
    /// The presence definition's id, or the routing status such as `IDLE`.
    pub value: String,
    /// The token that it came with.
    pub token: usize,
}

/// An out of office object that was put.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OutOfOfficeWrite {
    /// When it reached the platform.
    pub arrived: Timestamp,
    /// Whose.
    pub user: Uuid,
    /// What.
    pub value: OutOfOfficeTruth,
    /// The token that it came with.
    pub token: usize,
}

/// What reached the organisation, kept while it runs.
#[derive(Default)]
pub(super) struct Ledger {
    pub events: Vec<EventTruth>,
    pub accepted: BTreeSet<(Kind, String)>,
    pub direct_writes: Vec<DirectWrite>,
    pub out_of_office_writes: Vec<OutOfOfficeWrite>,
    pub requests: BTreeMap<String, u64>,
    pub throttled: u64,
    pub event_errors: u64,
}
