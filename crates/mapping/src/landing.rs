//! Where a status lands: its meaning with everything that people want to know of it, and when two meanings are the same.

use domain::source::StatusMessage;

use crate::Mapped;
use crate::name::Name;

/// Where a status lands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Landing {
    /// Which status.
    pub status: StatusMessage,
    /// What it means, and the rule that says so.
    pub mapped: Mapped,
    /// The presence for people: also a label of the organisation, or "Out of Office".
    pub presence: String,
    /// The rule names one of the organisation's own definitions, which were not at hand: `mapped.presence` says
    /// Available in its place.
    pub unresolved: bool,
    /// Where the rule stands: `file:line`, or `built-in`.
    pub from: String,
    /// Whose rule it is.
    pub by: By,
}

/// Whose rule decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    /// One of the operator's own.
    OwnRule,
    /// A row of the vendor's table that says something about the status.
    VendorRow,
    /// The vendor's last row, which is for anything else.
    LastRow,
}

impl Landing {
    /// Whether Genesys Cloud would show the same: presence, out of office, and the routing status that is prescribed. The
    /// rule may be another one. Definitions that were not at hand are compared by what the rules call them.
    #[must_use]
    pub fn shows_the_same(&self, other: &Self) -> bool {
        let beside = |landing: &Self| (landing.mapped.out_of_office, landing.mapped.routing);
        self.has_presence_of(other) && beside(self) == beside(other)
    }

    /// Whether the presence alone would be the same.
    #[must_use]
    pub fn has_presence_of(&self, other: &Self) -> bool {
        if self.unresolved || other.unresolved {
            return Name::new(&self.presence) == Name::new(&other.presence);
        }
        let shown = |landing: &Self| (landing.mapped.presence, landing.mapped.out_of_office);
        shown(self) == shown(other)
    }
}
