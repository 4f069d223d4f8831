//! What the engine has to say: reasons as data, for `run` to log and for the report to show.

use domain::change::Facet;
use domain::ids::{AgentId, CloudUserId, StatusId};
use domain::source::Release;
use jiff::Timestamp;

use super::doubt::Doubt;
use super::roster::Unmatched;
use super::verify::Drift;
use crate::options::ModeChoice;

/// Something that an operator or a colleague would want to know, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A snapshot was taken over.
    SnapshotTaken {
        /// The host of the session.
        host: String,
        /// Its release.
        release: Release,
        /// Agents in scope.
        agents: usize,
        /// What is replicated, and why: the choice and whether the feature licence is there.
        mode: ModeChoice,
        /// The feature licence for Workforce Engagement; `None` when it may not be seen.
        licence: Option<bool>,
    },
    /// The source lost its connection.
    SourceLost {
        /// Why.
        reason: String,
    },
    /// Delivery is frozen.
    Frozen(Doubt),
    /// Delivery goes on.
    Thawed,
    /// An agent's status is not in the catalogue; the last presence is kept.
    UnknownStatus {
        /// Whose.
        agent: AgentId,
        /// Which.
        status: StatusId,
    },
    /// An agent has no cloud user.
    Unmatched {
        /// Who.
        agent: AgentId,
        /// Why.
        reason: Unmatched,
    },
    /// The organisation's users were read.
    DirectoryRead {
        /// Agents with a cloud user.
        matched: usize,
        /// Agents without one.
        unmatched: usize,
    },
    /// Genesys Cloud does not take anything at the moment.
    SinkDown {
        /// What happened.
        reason: String,
    },
    /// Genesys Cloud takes changes again.
    SinkUp,
    /// The platform asked to wait.
    Throttled {
        /// For how long.
        seconds: u64,
    },
    /// The platform does not accept a token any more; its agents go to the others.
    TokenRefused {
        /// Which, from 0.
        token: usize,
        /// The platform's words.
        reason: String,
    },
    /// It accepts a token again.
    TokenAccepted {
        /// Which, from 0.
        token: usize,
    },
    /// A facet cannot be delivered; it is tried again later.
    Unsupported {
        /// Which.
        facet: Facet,
        /// The platform's words.
        reason: String,
    },
    /// A facet is delivered again.
    Supported(Facet),
    /// The platform refused a change of an agent.
    Refused {
        /// Whose.
        agent: AgentId,
        /// Which facet.
        facet: Facet,
        /// The platform's words.
        reason: String,
    },
    /// Something about whose presence is shown.
    Ownership(Ownership),
    /// The journal remembers a run before.
    Recovered {
        /// Changes that were neither delivered nor dropped.
        pending: usize,
        /// Until when it ran.
        alive: Timestamp,
    },
    /// Changes wait longer than they should.
    Late {
        /// When the oldest of them was seen.
        since: Timestamp,
    },
    /// No change waits longer than it should any more.
    LateNoMore,
    /// A switchover left an agent in after call work.
    StuckInAfterCallWork {
        /// Who.
        agent: AgentId,
        /// Since when the agent is in it.
        since: Timestamp,
    },
    /// A channel of notifications is gone; it is opened again, and read-backs go on meanwhile.
    FeedLost {
        /// Which, from 0.
        channel: usize,
        /// Why.
        reason: String,
    },
    /// Genesys Cloud showed something else than it was told; it is told again.
    Repaired {
        /// Whose.
        agent: AgentId,
        /// Which facet.
        facet: Facet,
        /// What it showed.
        showed: String,
        /// Who made the difference.
        drift: Drift,
    },
    /// Changes were dropped because too many were waiting.
    TooManyPending {
        /// Whose.
        agent: AgentId,
        /// How many.
        dropped: usize,
    },
}

/// What there is to say about whose presence is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ownership {
    /// Our presence source is made the primary one user by user.
    ClaimingOneByOne {
        /// How many users, one request each.
        users: usize,
        /// Active users of the organisation who are none of our agents.
        others: usize,
    },
    /// Our presence source could not be made the primary one.
    ClaimFailed {
        /// Whose; `None` for the organisation's default.
        agent: Option<AgentId>,
        /// The platform's words.
        reason: String,
    },
    /// A user whose agent is not in scope any more was given back to the platform's own presence source.
    Released {
        /// Whose it was.
        agent: AgentId,
        /// The user.
        user: CloudUserId,
    },
    /// Such a user could not be given back; it is tried again.
    ReleaseFailed {
        /// Whose it was.
        agent: AgentId,
        /// The user.
        user: CloudUserId,
        /// The platform's words.
        reason: String,
    },
}
