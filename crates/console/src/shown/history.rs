//! What the journal says, with names that stay: an agent's day, every change, the trust intervals, the health of a link.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Source, Token};

/// A day of an agent, or another period: what PureConnect's state asked for, what Genesys Cloud was told, and where the two
/// differed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Day {
    /// The link.
    pub link: String,
    /// The PureConnect user id.
    pub agent: String,
    /// The display name, where the agent is in scope.
    pub name: Option<String>,
    /// Whether the journal has ever heard of the agent.
    pub known: bool,
    /// The first time of the period.
    pub from: Timestamp,
    /// The first time after it.
    pub until: Timestamp,
    /// The link's time when this was read: what comes later is not known yet.
    pub at: Timestamp,
    /// Whether values count from when Genesys Cloud accepted them (direct delivery), and not from when they happened.
    pub direct: bool,
    /// What Genesys Cloud should have shown, from what happened in PureConnect; the presence with its status message.
    pub wanted: Bands,
    /// What Genesys Cloud was told: each value since when it counts there, and when it was accepted.
    pub told: Bands,
    /// Where Genesys Cloud showed something else than it should, while it did, by facet in the order of time.
    pub differences: Vec<Difference>,
    /// Every change that happened in the period, in the order of time.
    pub changes: Vec<Change>,
    /// The trust intervals that reach into the period, oldest first.
    pub gaps: Vec<Interval>,
}

/// The values of the three facets over a period, each without holes from the first value that is known.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Bands {
    /// Presence.
    pub presence: Vec<Band>,
    /// Routing status.
    pub routing: Vec<Band>,
    /// Out of office.
    pub out_of_office: Vec<Band>,
}

/// A time in which a facet had one value. It is cut to the period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Band {
    /// Since when, or the beginning of the period.
    pub from: Timestamp,
    /// Until when, or the end of the period, or the moment when this was read.
    pub until: Timestamp,
    /// Since when really, where that is known: it may be before the period.
    pub since: Option<Timestamp>,
    /// The value, as in the journal, such as `On Queue` or `IDLE`; `None` where it is not known.
    pub value: Option<String>,
    /// Wanted presences: the status message that the agent was in.
    pub status: Option<String>,
    /// Wanted presences: its text, where the catalogue has it.
    pub text: Option<String>,
    /// Wanted values: the mapping rule, or the reason in words.
    pub rule: Option<String>,
    /// Told values: when Genesys Cloud accepted it, where that is known.
    pub accepted: Option<Timestamp>,
    /// The change that brought it, where the journal still has it.
    pub change: Option<String>,
}

/// One of the three things that are replicated, by its name in the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub enum Facet {
    /// Presence.
    #[serde(rename = "presence")]
    Presence,
    /// Routing status.
    #[serde(rename = "routing status")]
    Routing,
    /// Out of office.
    #[serde(rename = "out of office")]
    OutOfOffice,
}

/// A time in which Genesys Cloud showed something else than it should, while it did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Difference {
    /// Which facet.
    pub facet: Facet,
    /// Since when, or the beginning of the period.
    pub from: Timestamp,
    /// Until when, or the end of the period, or the moment when this was read.
    pub until: Timestamp,
    /// Whether it lasts at the moment when this was read.
    pub lasts: bool,
    /// What it should have shown.
    pub wanted: String,
    /// What it showed instead, as far as is known.
    pub told: Option<String>,
    /// Why, in words.
    pub why: String,
    /// The change that it waited for.
    pub change: String,
}

/// One change of one agent, with all that became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Change {
    /// Its id, which never changes; Genesys Cloud knows it as the event's id.
    pub id: String,
    /// The PureConnect user id.
    pub agent: String,
    /// What changed.
    pub facet: Facet,
    /// The value before; `None` where it was not known.
    pub from: Option<String>,
    /// The value to tell.
    pub to: String,
    /// The status message that the agent was in, where it was known.
    pub status: Option<String>,
    /// Its text, where the catalogue has it.
    pub text: Option<String>,
    /// The mapping rule, or the reason in words.
    pub rule: String,
    /// When it happened in PureConnect, corrected to our clock.
    pub happened: Timestamp,
    /// When PureConnect's message was there.
    pub seen: Timestamp,
    /// When it was written to the journal.
    pub recorded: Timestamp,
    /// When it was sent last.
    pub sent: Option<Timestamp>,
    /// When Genesys Cloud accepted it.
    pub accepted: Option<Timestamp>,
    /// From when it happened to when it was accepted, in milliseconds.
    pub delay: Option<u64>,
    /// What became of it.
    pub disposition: Disposition,
    /// Why it is not sent any more.
    pub dropped_because: Option<String>,
    /// The platform's correlation id of the last attempt, for its support.
    pub correlation: Option<String>,
    /// All attempts, in their order.
    pub attempts: Vec<Attempt>,
    /// How many starts of the bridge found it unsettled.
    pub resumed: u32,
}

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Disposition {
    /// Nothing yet.
    Pending,
    /// Genesys Cloud accepted it.
    Delivered,
    /// It is not sent any more.
    Dropped,
}

/// An attempt to deliver a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Attempt {
    /// The how-manieth, from 1.
    pub number: u32,
    /// When it was sent.
    pub sent: Timestamp,
    /// When the answer was there, or was given up.
    pub answered: Timestamp,
    /// `accepted`, or the kind of failure, such as `throttled`.
    pub outcome: String,
    /// What the platform said, or what happened, in words.
    pub reason: Option<String>,
    /// The platform's correlation id.
    pub correlation: Option<String>,
}

/// A trust interval: a time in which Genesys Cloud may not have shown what PureConnect showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Interval {
    /// Its id, which never changes.
    pub id: String,
    /// The kind, as in the journal: `not running`, `source down`, `target down`, `late` or `frozen`.
    pub kind: String,
    /// What happened.
    pub reason: String,
    /// Since when.
    pub from: Timestamp,
    /// Until when; `None` while it lasts.
    pub until: Option<Timestamp>,
}

/// The health of a link.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Health {
    /// The link.
    pub link: String,
    /// The link's time; `None` while it does not run.
    pub at: Option<Timestamp>,
    /// Why it does not run.
    pub trouble: Option<String>,
    /// The connection to PureConnect; `None` while the link does not run.
    pub source: Option<Source>,
    /// The connection to Genesys Cloud; `None` while the link does not run.
    pub target: Option<Target>,
    /// What the platform allows, and what was used of it; `None` while the link does not run.
    pub budget: Option<Budget>,
    /// The journal.
    pub journal: Journal,
    /// What went wrong in the last day of the link's time; `None` where the journal cannot be read.
    pub faults: Option<Faults>,
}

/// The connection to Genesys Cloud.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Target {
    /// The region, or the address of its API.
    pub region: String,
    /// Whether it takes anything.
    pub up: bool,
    /// Whether delivery is direct, so that only the newest values are told.
    pub direct: bool,
    /// What it does not take at the moment: `presence`, `routing status`, `out of office`.
    pub unsupported: Vec<String>,
    /// Why delivery is frozen, if it is.
    pub frozen: Option<String>,
}

/// What the platform allows, and what was used of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Budget {
    /// Requests of the last 60 s.
    pub used: u32,
    /// Requests that the platform allows in 60 s.
    pub allowed: u32,
    /// Times that the platform said "too many requests", since the start.
    pub throttled: u64,
    /// Each token.
    pub tokens: Vec<Token>,
}

/// The journal of a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Journal {
    /// Where it is; without the password, where there is one.
    pub place: String,
    /// Why it cannot be read, and what to do.
    pub trouble: Option<String>,
    /// The lease epoch: how many bridges have held it.
    pub epoch: Option<u64>,
    /// When the last of them began.
    pub opened: Option<Timestamp>,
    /// When anything was written last.
    pub last_written: Option<Timestamp>,
    /// How many entries it has.
    pub entries: Option<u64>,
    /// How many bytes its files have; `None` for a database of a server.
    pub bytes: Option<u64>,
}

/// What went wrong in a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Faults {
    /// The first time of the period.
    pub from: Timestamp,
    /// The first time after it.
    pub until: Timestamp,
    /// Attempts that failed, by kind of failure, such as `throttled`.
    pub failed_attempts: BTreeMap<String, u64>,
    /// Changes that are not sent any more, by reason.
    pub dropped: BTreeMap<String, u64>,
    /// Trust intervals that reach into the period, by kind.
    pub gaps: BTreeMap<String, GapTotal>,
    /// Differences that were found in Genesys Cloud and repaired.
    pub repaired: u64,
}

/// What the trust intervals of one kind amount to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct GapTotal {
    /// How many.
    pub count: u64,
    /// How long together within the period, in milliseconds.
    pub duration: u64,
    /// How many last.
    pub open: u64,
}
