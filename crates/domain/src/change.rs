//! A change: one facet of one agent that Genesys Cloud has to be told, with its own time and reason.

use std::fmt;

use jiff::Timestamp;

use crate::ids::{ChangeId, StatusId};
use crate::target::{OutOfOffice, Presence, RoutingStatus};

/// The three things that are replicated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Facet {
    /// Presence.
    Presence,
    /// Routing status.
    Routing,
    /// Out of office.
    OutOfOffice,
}

impl Facet {
    /// All of them, in the order in which an agent's changes are sent.
    pub const ALL: [Self; 3] = [Self::Presence, Self::Routing, Self::OutOfOffice];

    /// The name that people know.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Presence => "presence",
            Self::Routing => "routing status",
            Self::OutOfOffice => "out of office",
        }
    }
}

impl fmt::Display for Facet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The value of a facet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// A presence.
    Presence(Presence),
    /// A routing status.
    Routing(RoutingStatus),
    /// Out of office or not.
    OutOfOffice(OutOfOffice),
}

impl Value {
    /// Which facet it is a value of.
    #[must_use]
    pub fn facet(self) -> Facet {
        match self {
            Self::Presence(_) => Facet::Presence,
            Self::Routing(_) => Facet::Routing,
            Self::OutOfOffice(_) => Facet::OutOfOffice,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Presence(presence) => presence.fmt(f),
            Self::Routing(status) => status.fmt(f),
            Self::OutOfOffice(out_of_office) => out_of_office.fmt(f),
        }
    }
}

/// One change of one agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its id, which is also the event id and stays the same on a retry.
    pub id: ChangeId,
    /// The value before; `None` when Genesys Cloud has not been read yet.
    pub from: Option<Value>,
    /// The value to tell.
    pub to: Value,
    /// When it happened in PureConnect, corrected to our clock.
    pub happened: Timestamp,
    /// When PureConnect's message reached us.
    pub seen: Timestamp,
    /// The mapping rule, or the reason in words.
    pub why: String,
    /// The status message that the agent was in, where it was known.
    pub status: Option<StatusId>,
}
