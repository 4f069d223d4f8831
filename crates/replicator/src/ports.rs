//! The interfaces to the outside, defined here by the centre and implemented by the adapters.
//!
//! Trouble is a value: a port answers with what went wrong in terms of the reaction ([`Failure`]), and only a
//! configuration that can never work ends a [`Source`] with an error.

mod journal;

use std::time::Duration;

use async_trait::async_trait;
use domain::change::{Change, Facet};
use domain::ids::{AgentId, ChangeId, CloudUserId};
use domain::source::{Batch, Snapshot};
use domain::target::{CloudUser, Observation};
use domain::time::{Instant, Now};
use jiff::Timestamp;
use thiserror::Error;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

pub use journal::{Attempt, Entry, Fact, Journal, JournalFailure, Memory, Remembered, Stage};

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
        /// When PureConnect was last heard of; `None` when that is not known.
        heard: Option<Timestamp>,
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
    pub facet: Facet,
    /// The most changes that one request takes.
    pub batch: usize,
    /// Whether each change keeps its own time, so that all of them are sent; otherwise only the newest counts.
    pub keeps_history: bool,
    /// Which of the facet's values it takes.
    pub takes: Takes,
}

/// Which values of its facet a lane takes. Together, the lanes of a facet take each value at most once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// All of them.
    Everything,
    /// Presences other than On Queue.
    OffQueue,
    /// On Queue alone.
    OnQueue,
    /// IDLE, and only where NOT_RESPONDING is shown: other routing statuses cannot be set, and the platform makes
    /// OFF_QUEUE and IDLE of the presence by itself.
    EndOfNotResponding,
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
    /// The ways to deliver. A facet without a lane cannot be delivered. They may become others while the connection is
    /// made, and stay the same from the first answer on.
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

    /// Gives a user back: the platform's own presence source becomes the primary one.
    async fn release(&self, user: CloudUserId) -> Answer<()>;
}

/// Whose primary presence source becomes ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimScope {
    /// Everybody's who has no other: the organisation's default.
    Organisation,
    /// One user's.
    User(CloudUserId),
}

/// Where somebody else's writes are noticed at once, without asking: the platform's notifications.
///
/// Only hints come of it, in a channel that the engine's loop listens to; whatever it misses is found by reading back.
#[async_trait]
pub trait Feed: Send + Sync {
    /// The most users that one channel is subscribed to.
    fn channel_size(&self) -> usize;

    /// Subscribes a channel to exactly these users, and opens it where it is not open: some requests, one attempt.
    /// Channels are numbered from 0. To be asked again before [`FEED_RENEWAL`] has passed, and after a
    /// [`FeedEvent::Lost`].
    async fn subscribe(&self, channel: usize, users: Vec<CloudUserId>) -> Answer<()>;
}

/// How long a subscription may be relied on: half of the 24 hours that the platform gives it.
pub const FEED_RENEWAL: Duration = Duration::from_secs(12 * 60 * 60);

/// What a [`Feed`] reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedEvent {
    /// This is what a user shows now; facets that it does not speak of are `None`.
    Shown(Observation),
    /// A channel is gone: nothing comes through it until it is subscribed again.
    Lost {
        /// Which.
        channel: usize,
        /// Why, for people.
        reason: String,
    },
}
