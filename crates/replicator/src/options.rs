//! What an operator decides about the replication. No defaults here: only the configuration knows them.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::ids::{AgentId, CloudUserId, WorkgroupId};

/// Everything that the engine has to be told once.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Which facets are replicated.
    pub mode: ModeChoice,
    /// When the out of office object is written.
    pub out_of_office: OutOfOfficeChoice,
    /// What an agent is who is not logged in to any PureConnect client.
    pub logged_out: LoggedOut,
    /// How long a logout that is seen while the source reconnects is held back.
    pub logout_grace: Duration,
    /// Which presence a no-answer status gives.
    pub not_responding_presence: NotRespondingPresence,
    /// What after call work does to the routing status.
    pub after_call_work: routing::AfterCallWork,
    /// How an agent's cloud user is found.
    pub matching: Matching,
    /// Whose primary presence source becomes ours, and how.
    pub primary_source: PrimarySource,
    /// When delivery freezes.
    pub guard: GuardOptions,
    /// How much of the platform's rate is ours.
    pub budget: BudgetOptions,
    /// How long a change may wait before the feed counts as late.
    pub late_after: Duration,
    /// How long after call work lasts at most.
    pub wrap_up: WrapUp,
    /// How often every user is read back.
    pub read_back: Duration,
    /// How often the organisation's users are read again.
    pub directory_refresh: Duration,
    /// The seed of jitter and ids.
    pub seed: u64,
}

/// Which facets are replicated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModeChoice {
    /// As PureConnect's feature licence says.
    Auto,
    /// Presence, out of office and routing status.
    WorkforceEngagement,
    /// Presence alone.
    StatusOnly,
}

/// When the out of office object is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutOfOfficeChoice {
    /// In `workforce-engagement` mode.
    Auto,
    /// In both modes.
    Always,
    /// Never.
    Never,
}

/// What an agent is who is not logged in to any PureConnect client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoggedOut {
    /// Offline and OFF_QUEUE.
    Offline,
    /// Whatever the status maps to, as the vendor's table has it.
    MapStatus,
}

/// Which presence a no-answer status gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotRespondingPresence {
    /// What the mapping says.
    Table,
    /// On Queue.
    OnQueue,
}

/// How an agent's cloud user is found. The first that names a user decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matching {
    /// By hand.
    pub table: BTreeMap<AgentId, CloudKey>,
    /// Whether the organisation's external ids are asked for.
    pub external_ids: bool,
}

/// How the table names a cloud user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CloudKey {
    /// By id.
    Id(CloudUserId),
    /// By e-mail.
    Email(String),
}

/// Whose primary presence source becomes ours, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrimarySource {
    /// The organisation's default when every active user of it is one of our agents, else user by user.
    Auto,
    /// The organisation's default: one request, and it concerns users who are not our agents, too.
    OrganisationDefault,
    /// User by user: one request each.
    PerUser,
}

/// How long after call work lasts: ICWS does not tell the workgroups' wrap-up times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrapUp {
    /// In a workgroup that is not listed.
    pub default: Duration,
    /// In these.
    pub workgroups: BTreeMap<WorkgroupId, Duration>,
}

/// When delivery freezes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GuardOptions {
    /// The share of agents that may go Offline at once, between 0 and 1.
    pub offline_share: f64,
    /// Below this many agents going Offline at once nothing freezes, so that a small team can go home.
    pub offline_least: usize,
    /// What *at once* means.
    pub window: Duration,
}

/// How much of the platform's rate is ours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BudgetOptions {
    /// Requests in any 60 seconds, until the platform says what it allows.
    pub per_minute: u32,
    /// The share of what the platform allows that we use at most, above 0 and at most 1.
    pub share: f64,
    /// How many tokens there are, each with a budget of its own; at least 1.
    pub tokens: usize,
}
