//! The journal: everything that was decided and sent, and what a start has to know of it.

use async_trait::async_trait;
use domain::change::{Change, Facet, Value};
use domain::ids::{AgentId, ChangeId, CloudUserId, GapId, StatusId};
use domain::trust::Gap;
use jiff::Timestamp;
use thiserror::Error;

use super::Failure;

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
    /// An agent entered another status that means the same presence as the one before, so that there is no change to tell.
    /// Which status it was may matter all the same: under other rules, or to whoever asks.
    Entered {
        /// Who.
        agent: AgentId,
        /// Which status message.
        status: StatusId,
        /// When, corrected to our clock.
        happened: Timestamp,
        /// When PureConnect's message reached us.
        seen: Timestamp,
    },
    /// Our presence source is made the primary one of the agent's user, or was seen to be. It is noted before it is asked
    /// for, so that a user is not forgotten when the process ends before the answer.
    Claimed {
        /// Whose.
        agent: AgentId,
        /// The user.
        user: CloudUserId,
    },
    /// The agent's user was given back to the platform's own presence source.
    Released {
        /// Whose.
        agent: AgentId,
        /// The user.
        user: CloudUserId,
    },
    /// The operator said that what PureConnect shows is right, and delivery went on.
    Confirmed {
        /// What was doubted.
        doubt: String,
    },
    /// An administrator had an agent read back and put right at once.
    Renewed {
        /// Who.
        agent: AgentId,
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
    /// Users whose primary presence source is ours since we made it so, and who were not given back.
    pub claimed: Vec<(AgentId, CloudUserId)>,
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
