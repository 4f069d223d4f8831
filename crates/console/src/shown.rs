//! What is shown of the links and their agents, with names that stay: the words of the API, of the pages' data and of the
//! control socket.
//!
//! Knows names and shapes; what they are made of is in `convert`. Who reads them may be of another version: keys may be
//! added, and no key that is here may get another meaning. Times are UTC.

pub mod alarms;
pub mod convert;
mod delays;
mod figures;
pub mod findings;
pub(crate) mod forms;
mod history;
mod lists;
mod mapped;
pub mod spreadsheet;
pub mod words;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use alarms::{Alarm, AlarmKind, Severity};
pub use delays::{DelayMinute, DelaySeries, Spread};
pub use figures::{Figures, Repaired, Waiting};
pub use history::{
    Attempt, Band, Bands, Budget, Change, Day, Difference, Disposition, Facet, Faults, GapTotal, Health, Interval,
    Journal, Target,
};
pub use lists::{AgentCounts, AgentPage, Count, PageOf, User, UserCounts, UserPage};
pub use mapped::{
    By, Finding, MappedStatus, Mapping, NearMiss, Occurrence, OtherPrecedence, Rule, Tried, TryMapping, UnknownStatus,
};

/// A link, and how it stands.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, ToSchema)]
pub struct Link {
    /// Its name.
    pub name: String,
    /// How it stands, or stood when it was heard last; `None` where it was never heard.
    pub report: Option<Report>,
    /// Why it cannot say how it stands.
    pub trouble: Option<String>,
    /// Whether it does not run because another bridge holds its journal: it takes over when that one ends.
    #[serde(default)]
    pub standby: bool,
    /// Since when nothing is heard of it, by its own time: what is shown is of then. `None` while it is heard, and where
    /// it never was.
    #[serde(default)]
    pub stale_since: Option<Timestamp>,
    /// PureConnect's servers, as they are configured.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// The region of the Genesys Cloud organisation.
    #[serde(default)]
    pub region: String,
    /// The lease epoch of the journal: it grows whenever another process takes the link over.
    #[serde(default)]
    pub epoch: Option<u64>,
    /// What somebody should look at, worst first.
    #[serde(default)]
    pub alarms: Vec<Alarm>,
    /// Delays of the last hour of the link's time, from PureConnect's message to Genesys Cloud's acceptance; `None` where
    /// there was no change.
    #[serde(default)]
    pub last_hour: Option<Spread>,
}

/// How a link stands. Counts are since the start.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, ToSchema)]
pub struct Report {
    /// When.
    pub at: Timestamp,
    /// PureConnect.
    pub source: Source,
    /// `auto`, `workforce-engagement` or `status-only`.
    pub mode: String,
    /// Whether delivery is direct, so that only the newest values are told.
    pub direct: bool,
    /// Whether Genesys Cloud takes anything.
    pub sink_up: bool,
    /// What the platform does not take at the moment: `presence`, `routing status`, `out of office`.
    pub unsupported: Vec<String>,
    /// Why delivery is frozen, if it is.
    pub frozen: Option<String>,
    /// Since when and why Genesys Cloud may not show what PureConnect shows, oldest first.
    pub gaps: Vec<Gap>,
    /// Agents whom a switchover left in after call work.
    pub stuck: Vec<String>,
    /// Agents in scope.
    pub agents: u64,
    /// Agents whom Genesys Cloud shows as PureConnect does.
    pub synced: u64,
    /// Agents with changes on their way.
    pub pending: u64,
    /// Agents with an error.
    pub errors: u64,
    /// Agents without a cloud user, by reason.
    pub not_synced: BTreeMap<Reason, u64>,
    /// Agents whose routing status cannot be shown at the moment.
    pub not_shown: u64,
    /// Changes that have yet to be told.
    pub backlog: u64,
    /// Changes that wait until the platform supports their facet.
    pub held_back: u64,
    /// Changes seen.
    pub seen: u64,
    /// Changes accepted.
    pub delivered: u64,
    /// Changes that a newer one replaced, or that were there already.
    pub superseded: u64,
    /// Changes that the platform refused for good.
    pub refused: u64,
    /// Changes that direct delivery cannot tell.
    pub not_supported: u64,
    /// Differences found by read-back and repaired.
    pub repaired: u64,
    /// Requests made to Genesys Cloud.
    pub requests: u64,
    /// Times that the platform said "too many requests".
    pub throttled: u64,
    /// Requests of the last 60 s.
    pub used: u32,
    /// Requests that the platform allows in 60 s.
    pub allowed: u32,
    /// Each token.
    pub tokens: Vec<Token>,
    /// From PureConnect's message to Genesys Cloud's acceptance; `None` before the first.
    pub delays: Option<Delays>,
    /// What else is measured.
    #[serde(default)]
    pub figures: Figures,
}

/// Where PureConnect stands.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Source {
    /// `connecting`, `connected` or `lost`.
    pub state: String,
    /// The server.
    pub host: Option<String>,
    /// Its release, such as `2024 R2`.
    pub release: Option<String>,
    /// Since when it is so.
    pub since: Option<Timestamp>,
    /// Why the session is gone.
    pub reason: Option<String>,
    /// PureConnect's clock minus ours in milliseconds, while it is connected. Times are corrected by it.
    #[serde(default)]
    pub clock_offset: Option<i64>,
}

/// An interval in which the feed is not to be relied on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Gap {
    /// The kind, as in the journal.
    pub kind: String,
    /// What happened.
    pub reason: String,
    /// Since when.
    pub since: Timestamp,
}

/// A token, which is named by its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Token {
    /// Requests of the last 60 s.
    pub used: u32,
    /// Requests that the platform allows in 60 s.
    pub allowed: u32,
    /// Whether the platform does not accept it at the moment.
    pub refused: bool,
}

/// Delays in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Delays {
    /// Half of all changes were faster.
    pub p50: u64,
    /// 99 of 100 were faster.
    pub p99: u64,
    /// The slowest.
    pub max: u64,
}

/// An agent in scope.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Agent {
    /// The PureConnect user id.
    pub agent: String,
    /// The display name; empty where PureConnect has none.
    pub name: String,
    /// The e-mail address in PureConnect.
    pub email: Option<String>,
    /// The workgroups that the agent is a member of.
    pub workgroups: Vec<String>,
    /// The Genesys Cloud user id.
    pub user: Option<String>,
    /// The synchronisation state.
    pub state: State,
    /// Why it is neither synced nor pending.
    pub reason: Option<Reason>,
    /// What the platform said last, if it refused something.
    pub error: Option<String>,
    /// The status that PureConnect shows.
    pub status: Option<Status>,
    /// Its status message, where the catalogue has it.
    pub message: Option<StatusMessage>,
    /// Whether the agent is logged in to a PureConnect client; a logout that is held back counts as logged in.
    pub logged_in: bool,
    /// The mapping rule that gave the presence.
    pub rule: Option<String>,
    /// What Genesys Cloud shall show.
    pub wanted: Values,
    /// What it was told.
    pub told: Values,
    /// Changes on their way.
    pub pending: u64,
    /// Whether the agent has left the queue and still has interactions from before.
    pub pending_off_queue: bool,
    /// The agent's interactions.
    pub interactions: Vec<Interaction>,
    /// The routing status that direct delivery cannot show.
    pub not_shown: Option<String>,
    /// When something was last accepted, or read back as right.
    pub last_success: Option<Timestamp>,
    /// Since when the agent is in the status, by our clock.
    pub entered: Option<Timestamp>,
}

/// The synchronisation state, in Interaction Administrator's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// The platform refuses something, or the status is unknown.
    Error,
    /// The agent has no cloud user.
    NotSynced,
    /// Changes are on their way.
    Pending,
    /// Genesys Cloud holds what PureConnect shows.
    Synced,
}

/// Why an agent is not synchronised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The platform refused something.
    Refused,
    /// The agent's status is not in PureConnect's catalogue.
    UnknownStatus,
    /// The agent has no e-mail address in PureConnect.
    NoEmail,
    /// Nobody in the organisation has that e-mail address, or the id in the table.
    NoSuchUser,
    /// Several active users of the organisation have that e-mail address.
    SeveralUsers,
    /// The user is not active.
    Inactive,
    /// Another agent has the same user.
    Shared,
}

/// The status that an agent is in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Status {
    /// The status message's id.
    pub id: String,
    /// Since when, by PureConnect's clock.
    pub since: Option<Timestamp>,
    /// Until when, where the status has an end.
    pub until: Option<Timestamp>,
    /// Whether PureConnect says that the agent is logged in.
    pub logged_in: bool,
}

/// A status message of PureConnect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StatusMessage {
    /// The id.
    pub id: String,
    /// The text.
    pub text: String,
    /// The status group.
    pub group: String,
    /// "Status allows ACD calls".
    pub acd: bool,
    /// "Status is ACW".
    pub acw: bool,
    /// "Status is Do Not Disturb".
    pub dnd: bool,
}

/// The three facets; what is not known is missing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Values {
    /// The system presence, such as `On Queue`.
    pub presence: Option<String>,
    /// The id of the secondary presence definition, if it is one.
    pub secondary: Option<String>,
    /// The routing status, such as `OFF_QUEUE`.
    pub routing: Option<String>,
    /// Out of office or not.
    pub out_of_office: Option<OutOfOffice>,
}

/// Out of office or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OutOfOffice {
    /// Whether it is on.
    pub active: bool,
    /// Until when; without it, while it is on, for as long as nobody clears it.
    pub until: Option<Timestamp>,
}

/// An interaction of an agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Interaction {
    /// Its id.
    pub id: String,
    /// `alerting`, `connected` or `none`.
    pub involvement: String,
    /// Whether ACD routed it.
    pub acd: bool,
    /// Since when the agent is involved in it.
    pub since: Option<Timestamp>,
}
