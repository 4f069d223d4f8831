//! All that is known of one agent.
//!
//! Data with small questions; what is done with it is decided by the engine's other parts.

use domain::change::{Facet, Value};
use domain::ids::{CloudUserId, StatusId};
use domain::source::{Agent, UserStatus};
use domain::target::RoutingStatus;
use domain::time::Instant;
use jiff::Timestamp;
use routing::Machine;

use super::facet::FacetState;
use super::roster::{Match, Unmatched};

/// Where an agent stands with the sink.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Changes may be sent.
    Ready,
    /// Not before a time.
    Waiting {
        /// The time.
        until: Instant,
        /// Whether the platform refused the newest change, so that a newer one ends the wait.
        refused: bool,
    },
    /// A request is under way.
    InFlight {
        /// Which facet it carries; `None` for a claim of the primary source.
        facet: Option<Facet>,
        /// How many of the facet's first changes it carries.
        changes: usize,
    },
}

/// What the administrator sees of an agent, in Interaction Administrator's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyncState {
    /// Genesys Cloud holds what PureConnect shows.
    Synced,
    /// Changes are on their way, or another presence source is still the primary one.
    Pending,
    /// The platform refuses something, or the status is unknown.
    Error,
    /// The agent has no cloud user.
    NotSynced(Unmatched),
}

/// Where an agent waits in a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Which of the engine's lanes.
    pub lane: usize,
    /// Earlier goes first.
    pub deadline: Instant,
    /// Changes that could go.
    pub weight: usize,
    /// Whether one of them crosses On Queue.
    pub crossing: bool,
}

/// One agent.
#[derive(Debug, Clone)]
pub struct Record {
    /// As PureConnect has it.
    pub agent: Agent,
    /// Whether the agent is (still) in scope.
    pub in_scope: bool,
    /// The cloud user.
    pub matched: Match,
    /// The last status seen.
    pub status: Option<UserStatus>,
    /// When the agent entered it, which is never later than when that was seen.
    pub entered: Option<Timestamp>,
    /// The status that was taken over last: within a batch, the last one seen may be ahead of it.
    pub in_status: Option<StatusId>,
    /// When a logout was seen that does not count yet.
    pub logout_held: Option<Timestamp>,
    /// Whether the status is not in the catalogue.
    pub unknown_status: bool,
    /// Whether the run before ended with interactions that were followed though the agent had left the queue.
    pub was_followed: bool,
    /// The routing machine.
    pub machine: Machine,
    /// What each facet shall be, also where nobody can be told.
    pub wanted: [Option<Value>; 3],
    /// What each facet was told and has yet to be told.
    pub facets: [FacetState; 3],
    /// Where the agent stands with the sink.
    pub phase: Phase,
    /// Where the agent waits.
    pub place: Option<Place>,
    /// Whether Genesys Cloud was read for this agent since the match.
    pub known: bool,
    /// Whether our presence source is the user's primary one.
    pub ours: Option<bool>,
    /// How often it was made so without effect.
    pub claims: u32,
    /// When to read back.
    pub verify_at: Option<Instant>,
    /// When something was last accepted.
    pub delivered_at: Option<Instant>,
    /// When something was last accepted, or read back as it should be; also in the run before.
    pub last_success: Option<Timestamp>,
    /// The routing status of the moment, where Genesys Cloud cannot be told it.
    pub not_shown: Option<RoutingStatus>,
    /// Failures in a row of this agent alone.
    pub failures: u32,
    /// What the platform said at the last of them.
    pub error: Option<String>,
    /// How often a refused batch with this agent in it was halved.
    pub halved: u32,
}

impl Record {
    /// An agent that was never seen before.
    #[must_use]
    pub fn new(agent: Agent, machine: Machine) -> Self {
        Self {
            agent,
            in_scope: true,
            matched: Match::Unknown,
            status: None,
            in_status: None,
            entered: None,
            logout_held: None,
            unknown_status: false,
            was_followed: false,
            machine,
            wanted: [None; 3],
            facets: Default::default(),
            phase: Phase::Ready,
            place: None,
            known: false,
            ours: None,
            claims: 0,
            verify_at: None,
            delivered_at: None,
            last_success: None,
            not_shown: None,
            failures: 0,
            error: None,
            halved: 0,
        }
    }

    /// Nothing is heard of the agent any more: whoever comes back begins with what is shown then.
    pub fn leave_scope(&mut self, machine: Machine) {
        self.in_scope = false;
        self.status = None;
        self.in_status = None;
        self.entered = None;
        self.logout_held = None;
        self.unknown_status = false;
        self.machine = machine;
        self.wanted = [None; 3];
        self.not_shown = None;
    }

    /// The cloud user, if there is one.
    #[must_use]
    pub fn user(&self) -> Option<CloudUserId> {
        match self.matched {
            Match::Matched(user) if self.in_scope => Some(user),
            Match::Matched(_) | Match::Unknown | Match::Unmatched(_) => None,
        }
    }

    /// Whether the agent's changes are told: the agent is in scope, and has a user or may have one.
    #[must_use]
    pub fn is_replicated(&self) -> bool {
        self.in_scope && !matches!(self.matched, Match::Unmatched(_))
    }

    /// The state of a facet.
    #[must_use]
    pub fn facet(&self, facet: Facet) -> &FacetState {
        &self.facets[facet as usize]
    }

    /// The state of a facet.
    pub fn facet_mut(&mut self, facet: Facet) -> &mut FacetState {
        &mut self.facets[facet as usize]
    }

    /// How many changes of a facet are under way.
    #[must_use]
    pub fn under_way(&self, facet: Facet) -> usize {
        match self.phase {
            Phase::InFlight { facet: Some(sent), changes } if sent == facet => changes,
            Phase::InFlight { .. } | Phase::Ready | Phase::Waiting { .. } => 0,
        }
    }

    /// Whether anything has yet to be told.
    #[must_use]
    pub fn has_pending(&self) -> bool {
        self.facets.iter().any(|facet| !facet.pending.is_empty())
    }

    /// What the administrator sees; `on_its_way` says whether anything is that can be told.
    #[must_use]
    pub fn sync_state(&self, on_its_way: bool) -> SyncState {
        match self.matched {
            Match::Unmatched(reason) => SyncState::NotSynced(reason),
            Match::Matched(_) | Match::Unknown if self.unknown_status || self.error.is_some() => SyncState::Error,
            Match::Unknown => SyncState::Pending,
            Match::Matched(_) if !self.known || on_its_way || self.status.is_none() => SyncState::Pending,
            // What was told is not what is shown while another presence source is the primary one.
            Match::Matched(_) if self.ours == Some(false) => SyncState::Pending,
            Match::Matched(_) => SyncState::Synced,
        }
    }
}
