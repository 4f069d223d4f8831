//! The interfaces to the outside, defined here by the centre and implemented by the adapters.
//!
//! Trouble is a value: a port answers with what went wrong in terms of the reaction ([`Failure`]), and only a
//! configuration that can never work ends a [`Source`] with an error.

use std::time::Duration;

use async_trait::async_trait;
use domain::change::{Change, Facet, Value};
use domain::ids::{AgentId, ChangeId, CloudUserId, GapId};
use domain::source::{Batch, Snapshot};
use domain::target::{CloudUser, Observation};
use domain::time::{Instant, Now};
use domain::trust::Gap;
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

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When it was written down, by our clock.
    pub at: Timestamp,
    /// What happened.
    pub fact: Fact,
}

/// What the journal keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// Something happened to a change.
    Change {
        /// Whose.
        agent: AgentId,
        /// Which; the whole of it is in its first entry.
        change: ChangeId,
        /// What.
        stage: Stage,
    },
    /// From here on Genesys Cloud may not show what PureConnect shows. `until` is `None`.
    GapBegan(Gap),
    /// That is over.
    GapEnded {
        /// Which.
        gap: GapId,
        /// Since when.
        until: Timestamp,
    },
    /// The bridge is alive and has nothing else to say: so that the next start knows until when it ran.
    Alive,
    /// The operator said that what PureConnect shows is right, and delivery went on.
    Confirmed {
        /// What was doubted.
        doubt: String,
    },
}

/// The life of a change: recorded, then attempted until it is delivered or dropped.
///
/// Nothing is sent that the journal does not know to be about to be sent: each attempt is preceded, on disk, by the
/// `Recorded`, the failed `Attempted` or the `Resumed` that it follows from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// It was decided.
    Recorded(Change),
    /// It was sent, and this came of it.
    Attempted(Attempt),
    /// A start found it unsettled. It goes again with its id and time; it may have been sent before.
    Resumed,
    /// It will not be sent any more.
    Dropped {
        /// Why: a newer value took its place, the platform refused it for good, or the agent left.
        reason: String,
    },
}

/// One attempt to deliver a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The how-manieth, from 1; counted on over a restart.
    pub number: u32,
    /// Which request carried it: the changes of one request have the same number, and no other request of the same
    /// lease epoch has it.
    pub request: u64,
    /// When it was sent.
    pub sent: Timestamp,
    /// When the answer was there, or was given up.
    pub answered: Timestamp,
    /// Accepted, or why not.
    pub outcome: Result<(), Failure>,
    /// The platform's correlation id.
    pub correlation: Option<String>,
}

/// What a journal remembers at the start, for the engine to go on from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Memory {
    /// What each facet of each agent was told and has yet to be told.
    pub facets: Vec<Remembered>,
    /// Gaps that had no end yet.
    pub gaps: Vec<Gap>,
    /// When the bridge last wrote anything; `None` in a new journal.
    pub alive: Option<Timestamp>,
}

/// What a journal remembers of one facet of one agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    /// Whose.
    pub agent: AgentId,
    /// Which.
    pub facet: Facet,
    /// The accepted value that happened last, and when it happened.
    pub told: Option<(Value, Timestamp)>,
    /// When the newest change happened, delivered or not.
    pub newest: Option<Timestamp>,
    /// Changes neither delivered nor dropped, in the order in which they were recorded, with the number of attempts.
    pub pending: Vec<(Change, u32)>,
}

/// The journal cannot keep what it was given; nothing may be sent any more.
#[derive(Debug, Error)]
#[error(transparent)]
pub struct JournalFailure(pub Box<dyn std::error::Error + Send + Sync>);

/// Where everything that was decided and sent is written down: the journal of one link, held by one bridge.
#[async_trait]
pub trait Journal: Send + Sync {
    /// What is to be known of before.
    async fn load(&self) -> Result<Memory, JournalFailure>;

    /// Keeps these entries in their order, all or none, before it returns.
    async fn record(&self, entries: Vec<Entry>) -> Result<(), JournalFailure>;
}
