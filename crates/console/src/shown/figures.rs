//! What is measured of a link beside its counts, as it is shown. Knows shapes only.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is measured. Durations are in milliseconds; what grows does so since the start.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Figures {
    /// What waits to be told.
    pub waiting: Waiting,
    /// For how long Genesys Cloud did not yet show what PureConnect showed, all agents together, by facet.
    pub wrong_for: BTreeMap<String, u64>,
    /// For how long the platform's "too many requests" closed tokens, all tokens together.
    pub throttled_for: u64,
    /// Changes of which nobody knew at first whether they were done.
    pub ambiguous: u64,
    /// Agents who were read back.
    pub verified: u64,
    /// Differences that were repaired, by who made them.
    pub repaired: Repaired,
    /// When PureConnect said anything last.
    pub heard: Option<Timestamp>,
    /// When its last snapshot came.
    pub snapshot: Option<Timestamp>,
    /// Intervals in which the feed could not be relied on that have begun, by kind.
    pub gaps: BTreeMap<String, u64>,
    /// From PureConnect's message to Genesys Cloud's acceptance: how many changes took at most 50, 100, 250 and 500 ms, 1, 2.5,
    /// 5, 10, 15 and 30 s, 1, 2, 5 and 15 min, 1 and 4 h and longer, each without those before.
    #[serde(default)]
    pub since_seen: Vec<u64>,
}

/// What waits to be told.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Waiting {
    /// When PureConnect's message of the change that waits longest came; `None` when none waits.
    pub oldest: Option<Timestamp>,
    /// Agents who go on queue or leave it.
    pub crossing: u64,
    /// Agents whose presence changes otherwise.
    pub presence: u64,
    /// Agents whose routing status changes.
    pub routing: u64,
    /// Agents whose out of office changes.
    pub out_of_office: u64,
    /// How long it will take to tell all of it, by what the platform allows, in milliseconds.
    pub drain: u64,
}

/// Differences that were found by read-back and repaired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Repaired {
    /// Another writer made them.
    pub somebody_else: u64,
    /// The platform accepted a change and did not show it.
    pub not_applied: u64,
    /// One of the two: the platform does not say since when it showed something else.
    pub unknown: u64,
}
