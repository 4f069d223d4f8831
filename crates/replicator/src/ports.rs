//! The interfaces to the outside, defined here by the centre and implemented by the adapters.
//!
//! Trouble is a value: a port answers with what went wrong in terms of the reaction ([`Failure`]), and only a
//! configuration that can never work ends a [`Source`] with an error.

use std::time::Duration;

use async_trait::async_trait;
use domain::change::Change;
use domain::ids::{AgentId, ChangeId, CloudUserId};
use domain::source::{Batch, Snapshot};
use domain::target::{CloudUser, Observation};
use domain::time::{Instant, Now};
use jiff::Timestamp;
use thiserror::Error;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// The time, as `bridge` chooses it: the system's, a scaled one for the demo, a virtual one in tests.
#[async_trait]
pub trait Clock: Send + Sync {
    /// Reads both kinds of time at once.
    fn now(&self) -> Now;

    /// Returns when the clock has reached `instant`.
    async fn sleep_until(&self, instant: Instant);
}

/// What a source reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceEvent {
    /// The whole picture: first after every connection, and after [`SourceRequest::Resync`].
    Snapshot {
        /// When it was complete, by our clock.
        received: Timestamp,
        /// The picture.
        snapshot: Box<Snapshot>,
    },
    /// What changed, in the order of arrival.
    Changed(Batch),
    /// The connection is gone; a [`SourceEvent::Snapshot`] follows when there is one again.
    Lost {
        /// Why, for people.
        reason: String,
    },
}

/// What a source can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceRequest {
    /// Subscribe again and report a fresh snapshot.
    Resync,
}

/// Why a source can never work as configured.
#[derive(Debug, Error)]
#[error("{message}")]
pub struct SourceFailure {
    /// Which kind of mistake, for the exit code.
    pub kind: FailureKind,
    /// What is wrong, where, and what to do. No secrets.
    pub message: String,
    /// What it was caused by.
    #[source]
    pub cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// Kinds of trouble that end the program, one exit code each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// The configuration names something that does not exist or is not allowed.
    Configuration,
    /// No answer within the time allowed for starting.
    Unreachable,
    /// Who we say we are was refused, or lacks a right.
    NotAuthorized,
    /// The other side is too old, or does not speak the protocol.
    Unsupported,
}

/// PureConnect, or whatever plays its part.
#[async_trait]
pub trait Source: Send {
    /// Reports until `shutdown`, then logs off and returns. Transient trouble is retried inside; an error means that
    /// no retry can help, and comes only before the first snapshot.
    async fn run(
        self: Box<Self>,
        events: mpsc::Sender<SourceEvent>,
        requests: mpsc::Receiver<SourceRequest>,
        shutdown: CancellationToken,
    ) -> Result<(), SourceFailure>;
}

/// The quota that an answer showed, of the token that was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Requests allowed in a window.
    pub allowed: u32,
    /// Requests used in the current window.
    pub count: u32,
    /// Until the window ends.
    pub reset: Duration,
}

/// What came of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer<T> {
    /// The answer, or why there is none for the request as a whole.
    pub result: Result<T, Failure>,
    /// The quota shown, if any.
    pub quota: Option<Quota>,
    /// How many requests were made: 2 when a token had to be renewed, 0 when none left this computer.
    pub requests: u32,
    /// The platform's correlation id, for its support.
    pub correlation: Option<String>,
}

/// Why something was not accepted, in terms of what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Failure {
    /// Nothing may be sent before this time has passed.
    #[error("throttled")]
    Throttled {
        /// How long; `None` when the platform did not say.
        retry_after: Option<Duration>,
    },
    /// The service did not take it. The same again, later.
    #[error("unavailable: {reason}")]
    Unavailable {
        /// What happened.
        reason: String,
        /// Whether it may have been applied all the same (time-out, reset after sending, 5xx).
        maybe_applied: bool,
    },
    /// This one only, and soon again: the platform is still busy with the same user, or says "retryable".
    #[error("deferred: {reason}")]
    Deferred {
        /// What happened.
        reason: String,
    },
    /// This one only: it will not be accepted as it is.
    #[error("refused: {reason}")]
    Refused {
        /// The platform's code and message.
        reason: String,
    },
    /// The credentials are not accepted any more, also after a renewal.
    #[error("not authorized: {reason}")]
    Unauthorized {
        /// The platform's code and message.
        reason: String,
    },
    /// This capability is not to be had with these permissions or this organisation.
    #[error("not supported: {reason}")]
    Unsupported {
        /// The platform's code and message; it names the missing permission.
        reason: String,
    },
}

/// A way to deliver: one kind of request with its own batch size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lane {
    /// Which facet it takes.
    pub facet: domain::change::Facet,
    /// The most changes that one request takes.
    pub batch: usize,
    /// Whether each change keeps its own time, so that all of them are sent; otherwise only the newest counts.
    pub keeps_history: bool,
}

/// A change, addressed to the user whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Whose.
    pub user: CloudUserId,
    /// What.
    pub change: Change,
}

/// What came of each change of a batch.
pub type Outcomes = Vec<(ChangeId, Result<(), Failure>)>;

/// Genesys Cloud, or whatever plays its part.
#[async_trait]
pub trait Sink: Send + Sync {
    /// The ways to deliver, at most one a facet. A facet without a lane cannot be delivered.
    fn lanes(&self) -> Vec<Lane>;

    /// Sends one request with these changes of one lane: one attempt, an outcome for each change.
    async fn deliver(&self, lane: Lane, batch: Vec<Order>) -> Answer<Outcomes>;

    /// Reads what the organisation shows for these users (at most [`OBSERVE_BATCH`]).
    async fn observe(&self, users: Vec<CloudUserId>) -> Answer<Vec<Observation>>;
}

/// The most users that one [`Sink::observe`] takes.
pub const OBSERVE_BATCH: usize = 100;

/// A page of the organisation's users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserPage {
    /// The users of this page.
    pub users: Vec<CloudUser>,
    /// How to ask for the next page; `None` after the last.
    pub next: Option<u32>,
}

/// The organisation's users, and whose presence is theirs.
#[async_trait]
pub trait Directory: Send + Sync {
    /// Reads one page of users; the first one is page 1.
    async fn users(&self, page: u32) -> Answer<UserPage>;

    /// Finds the user that carries the agent's id as an external id; `None` when nobody does.
    async fn find_external(&self, agent: &AgentId) -> Answer<Option<CloudUserId>>;

    /// Makes our presence source the primary one: of these users, or of the whole organisation, as configured.
    async fn claim(&self, scope: ClaimScope) -> Answer<()>;
}

/// Whose primary presence source becomes ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimScope {
    /// Everybody's who has no other: the organisation's default.
    Organisation,
    /// One user's.
    User(CloudUserId),
}

/// What the journal keeps of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Whose.
    pub agent: AgentId,
    /// Which change; the whole of it at its first entry.
    pub change: ChangeId,
    /// When this was written down.
    pub at: Timestamp,
    /// What happened to it.
    pub stage: Stage,
}

/// The life of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// It was decided. Written before it is sent.
    Recorded(Change),
    /// It was sent; an attempt has exactly one of these.
    Sent {
        /// When.
        at: Timestamp,
        /// The how-manieth time, from 1.
        attempt: u32,
    },
    /// The platform accepted it.
    Delivered {
        /// The platform's correlation id.
        correlation: Option<String>,
    },
    /// It was not accepted, and goes again.
    Failed {
        /// Why.
        failure: Failure,
        /// The platform's correlation id.
        correlation: Option<String>,
    },
    /// It will not be sent any more.
    Dropped {
        /// Why: a newer value took its place, the platform refused it for good, or the agent left.
        reason: String,
    },
}

/// The journal did not keep what it was given; nothing may be sent any more.
#[derive(Debug, Error)]
#[error("failed to write to the journal")]
pub struct JournalFailure(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Where everything that was decided and sent is written down.
#[async_trait]
pub trait Journal: Send + Sync {
    /// Keeps these entries, all or none, before it returns.
    async fn record(&self, entries: Vec<Entry>) -> Result<(), JournalFailure>;
}
