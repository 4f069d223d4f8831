//! What whoever logs on may see, right by right.
//!
//! The vendor names the rights and not what happens without them. Here a list lacks what may not be viewed, as its
//! `rightsFilter` says; a status lacks the columns that may not be seen; and queues and licences are refused with 403.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::user::Properties;

/// A right, by its name in Interaction Administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Right {
    /// Access Control, *Users*, View.
    Users,
    /// Access Control, *Workgroups*, View.
    Workgroups,
    /// Access Control, *User Queues*, View.
    UserQueues,
    /// Access Control, *Workgroup Queues*, View.
    WorkgroupQueues,
    /// Access Control, *Station Queues*, View.
    StationQueues,
    /// Access Control, *Status Messages*, View.
    StatusMessages,
    /// Administrator Access, *Licenses Allocation*: what says which feature licences there are.
    Licenses,
    /// Directory Status Columns, *Status*, View.
    StatusColumn,
    /// Directory Status Columns, *Time in Status*, View.
    TimeInStatusColumn,
    /// Directory Status Columns, *Logged In*, View.
    LoggedInColumn,
    /// Directory Status Columns, *On Phone*, View.
    OnPhoneColumn,
    /// Directory Status Columns, *Until*, View.
    UntilColumn,
    /// Directory Status Columns, *Notes*, View.
    NotesColumn,
    /// Directory Status Columns, *Forward number*, View.
    ForwardNumberColumn,
}

impl Right {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Users,
        Self::Workgroups,
        Self::UserQueues,
        Self::WorkgroupQueues,
        Self::StationQueues,
        Self::StatusMessages,
        Self::Licenses,
        Self::StatusColumn,
        Self::TimeInStatusColumn,
        Self::LoggedInColumn,
        Self::OnPhoneColumn,
        Self::UntilColumn,
        Self::NotesColumn,
        Self::ForwardNumberColumn,
    ];

    /// The properties of a status that cannot be seen without it.
    fn column(self) -> Properties {
        match self {
            Self::StatusColumn => Properties::STATUS,
            Self::TimeInStatusColumn => Properties::STATUS_CHANGED,
            Self::LoggedInColumn => Properties::LOGGED_IN | Properties::STATIONS | Properties::IC_SERVERS,
            Self::OnPhoneColumn => Properties::ON_PHONE | Properties::ON_PHONE_CHANGED,
            Self::UntilColumn => Properties::UNTIL,
            Self::NotesColumn => Properties::NOTES,
            Self::ForwardNumberColumn => Properties::FORWARD_NUMBER,
            Self::Users
            | Self::Workgroups
            | Self::UserQueues
            | Self::WorkgroupQueues
            | Self::StationQueues
            | Self::StatusMessages
            | Self::Licenses => Properties::NONE,
        }
    }
}

/// The rights that are missing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Withheld(BTreeSet<Right>);

impl Withheld {
    /// Exactly these.
    pub(crate) fn new(rights: impl IntoIterator<Item = Right>) -> Self {
        Self(rights.into_iter().collect())
    }

    /// Whether a right is there.
    pub(crate) fn has(&self, right: Right) -> bool {
        !self.0.contains(&right)
    }

    /// Those of these properties of a status that may be seen.
    pub(crate) fn seen(&self, properties: Properties) -> Properties {
        self.0.iter().fold(properties, |seen, right| seen.without(right.column()))
    }
}
