//! The rights that the bridge's service user needs, by the names under which Interaction Administrator grants them.

/// One right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    /// To see the users.
    Users,
    /// To see the workgroups.
    Workgroups,
    /// To see the status messages.
    StatusMessages,
    /// To see which status users are in.
    Status,
    /// To see since when.
    TimeInStatus,
    /// To see until when.
    Until,
    /// To see whether they are logged in.
    LoggedIn,
    /// To see what is on users' queues.
    UserQueues,
    /// To see the feature licences.
    FeatureLicences,
}

impl Right {
    /// All of them, in the order in which they are worth granting.
    pub const ALL: [Self; 9] = [
        Self::Users,
        Self::Workgroups,
        Self::StatusMessages,
        Self::Status,
        Self::TimeInStatus,
        Self::Until,
        Self::LoggedIn,
        Self::UserQueues,
        Self::FeatureLicences,
    ];

    /// Where Interaction Administrator has it: the page of the user or role, and the name there.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Users => "Access Control › Users (View)",
            Self::Workgroups => "Access Control › Workgroups (View)",
            Self::StatusMessages => "Access Control › Status Messages (View)",
            Self::Status => "Access Control › Directory Status Columns (View): Status",
            Self::TimeInStatus => "Access Control › Directory Status Columns (View): Time in Status",
            Self::Until => "Access Control › Directory Status Columns (View): Until",
            Self::LoggedIn => "Access Control › Directory Status Columns (View): Logged In",
            Self::UserQueues => "Access Control › User Queues (View)",
            Self::FeatureLicences => "Administrator Access › Licenses Allocation",
        }
    }

    /// What does not work without it.
    #[must_use]
    pub fn needed_for(self) -> &'static str {
        match self {
            Self::Users => "finding the agents and their e-mail addresses",
            Self::Workgroups => "telling ACD workgroups from others, and the status of agents who did not answer",
            Self::StatusMessages => "mapping statuses by their group and tick boxes",
            Self::Status => "any replication at all",
            Self::TimeInStatus => "telling Genesys Cloud the true time of a change after an interruption",
            Self::Until => "the end of an out of office",
            Self::LoggedIn => "showing agents offline who are logged out",
            Self::UserQueues => "the routing status: interacting, communicating, not responding",
            Self::FeatureLicences => "finding out whether Workforce Engagement is licensed",
        }
    }

    /// Whether nothing can be replicated without it.
    #[must_use]
    pub fn is_indispensable(self) -> bool {
        match self {
            Self::Users | Self::StatusMessages | Self::Status => true,
            Self::Workgroups
            | Self::TimeInStatus
            | Self::Until
            | Self::LoggedIn
            | Self::UserQueues
            | Self::FeatureLicences => false,
        }
    }
}

/// Whether the service user has a right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It does.
    Granted,
    /// It does not.
    Missing {
        /// The server's own words; empty when it says nothing and just leaves things out.
        said: String,
    },
    /// It could not be found out.
    Unknown {
        /// Why not.
        why: String,
    },
}
