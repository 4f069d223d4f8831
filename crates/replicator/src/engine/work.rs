//! What the engine hands out to be done, and what it remembers of it until the answer comes.

use domain::ids::{AgentId, CloudUserId};
use domain::time::Instant;
use jiff::Timestamp;

#[cfg(doc)]
use super::Engine;
use super::budget::Class;
use crate::ports::{ClaimScope, Entry, Lane, Order};

/// Names one piece of work that was handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct WorkId(pub(super) u64);

/// Something to do, and the name to report its end under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// The name.
    pub id: WorkId,
    /// Which token pays for it, where it is a request.
    pub token: usize,
    /// What to do.
    pub work: Work,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Work {
    /// Write these entries to the journal, then [`Engine::handle_recorded`].
    Record(Vec<Entry>),
    /// Send these changes in one request, then [`Engine::handle_delivered`].
    Deliver(Lane, Vec<Order>),
    /// Read these users back, then [`Engine::handle_observed`].
    Observe(Vec<CloudUserId>),
    /// Read this page of the organisation's users, then [`Engine::handle_users`].
    ReadUsers(u32),
    /// Find the user with this agent's external id, then [`Engine::handle_external`].
    FindExternal(AgentId),
    /// Make our presence source the primary one, then [`Engine::handle_claimed`].
    Claim(ClaimScope),
    /// Give this user back to the platform's own presence source, then [`Engine::handle_released`].
    Release(CloudUserId),
    /// Subscribe a channel of notifications to exactly these users, then [`Engine::handle_subscribed`].
    Subscribe {
        /// Which channel.
        channel: usize,
        /// Whose notifications.
        users: Vec<CloudUserId>,
    },
    /// Ask the source for a fresh snapshot. Nothing to report.
    Resync,
}

/// What was handed out and has not come back.
#[derive(Debug, Clone)]
pub(super) enum Flight {
    Record { up_to: u64 },
    Deliver { token: usize, lane: Lane, class: Class, parts: Vec<(usize, usize)>, sent: Timestamp },
    Observe { token: usize, class: Class, users: Vec<usize>, asked: Instant },
    ReadUsers { token: usize, class: Class },
    FindExternal { token: usize, agent: usize },
    Claim { token: usize, agent: Option<usize> },
    Release { token: usize, user: CloudUserId },
    Subscribe { token: usize, channel: usize },
}

impl Flight {
    /// Which token pays.
    pub(super) fn token(&self) -> usize {
        match *self {
            Self::Record { .. } => 0,
            Self::Deliver { token, .. }
            | Self::Observe { token, .. }
            | Self::ReadUsers { token, .. }
            | Self::FindExternal { token, .. }
            | Self::Claim { token, .. }
            | Self::Release { token, .. }
            | Self::Subscribe { token, .. } => token,
        }
    }
}
