//! What status messages mean by the rules, as it is shown. Knows shapes only.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::StatusMessage;

/// Every status message of a system, and what it means.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Mapping {
    /// The status messages, by id.
    pub statuses: Vec<MappedStatus>,
    /// Statuses that agents are in and that the system's catalogue does not have.
    pub unknown: Vec<UnknownStatus>,
    /// The rules in their order: the first that matches decides.
    pub rules: Vec<Rule>,
    /// What is probably not meant as it is.
    pub findings: Vec<Finding>,
}

/// A status message, and what it means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MappedStatus {
    /// The status message.
    pub message: StatusMessage,
    /// The presence for people: also a label of the organisation, or `Out of Office`.
    pub presence: String,
    /// The system presence, or the one that the organisation's own definition is of.
    pub system_presence: String,
    /// The id of the organisation's own definition, if it is one.
    pub secondary: Option<String>,
    /// Whether out of office is shown over the presence.
    pub out_of_office: bool,
    /// The routing status that the rule prescribes, if it does.
    pub routing: Option<String>,
    /// The rule that decides.
    pub rule: String,
    /// Where it stands: `file:line`, or `built-in`.
    pub from: String,
    /// Whose it is.
    pub by: By,
    /// How many agents are in the status now.
    pub agents: u64,
    /// The codes of the findings that it has a part in.
    pub findings: Vec<String>,
}

/// Whose rule decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// One of the operator's own.
    OwnRule,
    /// A row of the vendor's table that says something about the status.
    VendorRow,
    /// The vendor's last row, which is for anything else.
    LastRow,
}

/// A status that the catalogue does not have. Agents in it keep the presence that they had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UnknownStatus {
    /// The id.
    pub id: String,
    /// How many agents are in it now.
    pub agents: u64,
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Rule {
    /// Its place in the order, from 1.
    pub number: u64,
    /// Its name.
    pub name: String,
    /// When it fires.
    pub when: String,
    /// The presence that it gives.
    pub presence: String,
    /// The routing status that it prescribes.
    pub routing: Option<String>,
    /// Where it stands: `file:line`, or `built-in`.
    pub from: String,
    /// How many status messages of the system it decides.
    pub statuses: u64,
    /// How many agents are in these now.
    pub agents: u64,
}

/// Things of one kind that are probably not meant as they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Finding {
    /// The kind, which stays the same.
    pub code: String,
    /// What was found.
    pub fact: String,
    /// What to do about it.
    pub advice: String,
    /// Each one.
    pub each: Vec<Occurrence>,
}

/// One of the things found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Occurrence {
    /// What, in a line.
    pub line: String,
    /// The ids of the status messages that it is about.
    pub statuses: Vec<String>,
}

/// A status message to try: one of the system's, or one that does not exist yet.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct TryMapping {
    /// The id or the text of one of the system's status messages; what else is given does not count then. One that the
    /// system does not have is taken for the text.
    #[serde(deserialize_with = "super::forms::text")]
    pub status: Option<String>,
    /// The text.
    #[serde(deserialize_with = "super::forms::text")]
    pub text: Option<String>,
    /// The status group.
    #[serde(deserialize_with = "super::forms::text")]
    pub group: Option<String>,
    /// "Status allows ACD calls".
    #[serde(deserialize_with = "super::forms::tick")]
    pub acd: bool,
    /// "Status is ACW".
    #[serde(deserialize_with = "super::forms::tick")]
    pub acw: bool,
    /// "Status is Do Not Disturb".
    #[serde(deserialize_with = "super::forms::tick")]
    pub dnd: bool,
}

/// What a tried status message means, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Tried {
    /// The status message that was tried.
    pub message: StatusMessage,
    /// Whether the system has it.
    pub known: bool,
    /// The presence for people: also a label of the organisation, or `Out of Office`.
    pub presence: String,
    /// The system presence, or the one that the organisation's own definition is of.
    pub system_presence: String,
    /// Whether out of office is shown over the presence.
    pub out_of_office: bool,
    /// The routing status that the rule prescribes, if it does.
    pub routing: Option<String>,
    /// The rule that decides.
    pub rule: String,
    /// Where it stands: `file:line`, or `built-in`.
    pub from: String,
    /// The conditions that held.
    pub because: String,
    /// Rules that nearly fired, in their order.
    pub near_misses: Vec<NearMiss>,
    /// What the other precedence would give, where that is by another rule.
    pub other_precedence: Option<OtherPrecedence>,
}

/// A rule that nearly fired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NearMiss {
    /// Its name.
    pub rule: String,
    /// The presence that it gives.
    pub presence: String,
    /// Why it did not fire, in words.
    pub why: String,
}

/// What the precedence that is not in force would give.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OtherPrecedence {
    /// The presence.
    pub presence: String,
    /// The rule.
    pub rule: String,
}
