//! What a source reports: the whole picture once after every connection, then what changed in it.

use std::fmt;

use jiff::{SignedDuration, Timestamp};

use super::{Agent, Catalogue, Interaction, UserStatus, Workgroup};
use crate::ids::{AgentId, InteractionId};

/// The release of a PureConnect server, such as 2019 R4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Release {
    /// Two-digit year.
    pub year: u32,
    /// Release within the year.
    pub number: u32,
}

impl Release {
    /// The first one that this replication exists for.
    pub const FIRST_SUPPORTED: Self = Self { year: 19, number: 4 };
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "20{:02} R{}", self.year, self.number)
    }
}

/// The server that a session runs on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct System {
    /// The host of the session, which a switchover changes.
    pub host: String,
    /// Its release.
    pub release: Release,
    /// Whether the feature licence for Workforce Engagement is there; `None` when the service user may not see
    /// licences.
    pub workforce_engagement: Option<bool>,
    /// The server's clock minus ours, measured at logon. Times in reports are corrected by it already.
    pub clock_offset: SignedDuration,
}

/// Everything at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Where it comes from.
    pub system: System,
    /// Every status message.
    pub catalogue: Catalogue,
    /// Every workgroup that the service user may see.
    pub workgroups: Vec<Workgroup>,
    /// Every agent in scope.
    pub agents: Vec<Agent>,
    /// Their statuses; an agent whose status the service user may not see is missing here.
    pub statuses: Vec<(AgentId, UserStatus)>,
    /// Everything on their queues.
    pub interactions: Vec<(AgentId, Interaction)>,
}

/// One thing that changed. Lists are whole: what is not in them any more is gone. Of agents who are not in the list any
/// more nothing is reported; whoever is new in it, also who comes back, is reported anew together with it or right after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Update {
    /// The status messages are now these.
    Catalogue(Catalogue),
    /// The workgroups are now these.
    Workgroups(Vec<Workgroup>),
    /// The agents in scope are now these, because something about them changed in PureConnect.
    Agents(Vec<Agent>),
    /// The agents in scope are now these, because the operator changed the scope.
    Rescoped(Vec<Agent>),
    /// The agent's status is now this.
    Status(AgentId, UserStatus),
    /// An interaction came to the agent's queue or changed there.
    Interaction(AgentId, Interaction),
    /// An interaction left the agent's queue.
    InteractionLeft(AgentId, InteractionId),
}

/// What arrived together, in the order of arrival.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// When it arrived, by our clock.
    pub received: Timestamp,
    /// What changed.
    pub updates: Vec<Update>,
}
