//! Why delivery is frozen, what settles each doubt, and what an operator's word came to.

use std::fmt;

/// Why delivery is frozen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// The snapshot shows no status messages.
    NoCatalogue,
    /// The snapshot shows no agents, or many fewer than there were.
    FewerAgents {
        /// Agents known before.
        before: usize,
        /// Agents shown now.
        now: usize,
    },
    /// The snapshot shows no status of many agents who had one.
    MissingStatuses {
        /// How many.
        agents: usize,
        /// Of how many.
        of: usize,
    },
    /// Many agents are in statuses that they left before.
    OlderStatuses {
        /// How many.
        agents: usize,
        /// Of how many.
        of: usize,
    },
    /// Many agents are in statuses from before what the run before this one told of them.
    OlderThanTold {
        /// How many.
        agents: usize,
        /// Of how many.
        of: usize,
    },
    /// Many agents are in statuses that are not in the catalogue.
    UnknownStatuses {
        /// How many.
        agents: usize,
        /// Of how many.
        of: usize,
    },
    /// Too many agents went Offline at once.
    OfflineWave {
        /// How many.
        agents: usize,
        /// Of how many.
        of: usize,
    },
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCatalogue => f.write_str("the snapshot shows no status messages"),
            Self::FewerAgents { before, now } => write!(f, "the snapshot shows {now} agents where there were {before}"),
            Self::MissingStatuses { agents, of } => {
                write!(f, "the snapshot shows no status of {agents} of {of} agents")
            }
            Self::OlderStatuses { agents, of } => {
                write!(f, "the snapshot shows {agents} of {of} agents in statuses that they left before")
            }
            Self::OlderThanTold { agents, of } => {
                write!(f, "the snapshot shows {agents} of {of} agents in statuses from before what was told of them")
            }
            Self::UnknownStatuses { agents, of } => {
                write!(f, "the snapshot shows {agents} of {of} agents in statuses that are not in its catalogue")
            }
            Self::OfflineWave { agents, of } => write!(f, "{agents} of {of} agents went Offline at once"),
        }
    }
}

impl Doubt {
    /// Whether a person may say that it is right. Without status messages nothing can be mapped, whoever says so.
    #[must_use]
    pub fn is_confirmable(self) -> bool {
        match self {
            Self::NoCatalogue => false,
            Self::FewerAgents { .. }
            | Self::MissingStatuses { .. }
            | Self::OlderStatuses { .. }
            | Self::OlderThanTold { .. }
            | Self::UnknownStatuses { .. }
            | Self::OfflineWave { .. } => true,
        }
    }

    /// Whether a second, independent snapshot that says the same settles it: they did go home; and of the run before it
    /// is not known whether they logged out or a tick box was changed.
    #[must_use]
    pub fn is_settled_by_agreement(self) -> bool {
        match self {
            Self::OfflineWave { .. } | Self::OlderThanTold { .. } => true,
            Self::NoCatalogue
            | Self::FewerAgents { .. }
            | Self::MissingStatuses { .. }
            | Self::OlderStatuses { .. }
            | Self::UnknownStatuses { .. } => false,
        }
    }
}

/// What came of an operator's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmation {
    /// Delivery is not frozen.
    NothingFrozen,
    /// Delivery goes on with the next snapshot, which is asked for, whatever it shows.
    Confirmed(Doubt),
    /// It stays frozen.
    NotConfirmable(Doubt),
}
