//! Gaps: the intervals in which Genesys Cloud may not show what PureConnect shows, and why.
//!
//! Where there is no gap, an analyst may rely on every minute. Who finds them is `replicator`; who keeps them, `store`.

use std::fmt;

use jiff::Timestamp;

use crate::ids::GapId;

/// One interval in which the feed is not to be relied on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// Its id.
    pub id: GapId,
    /// What kind of trouble.
    pub kind: GapKind,
    /// What happened, for people.
    pub reason: String,
    /// Since when.
    pub since: Timestamp,
    /// Until when; `None` while it lasts.
    pub until: Option<Timestamp>,
}

/// Kinds of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GapKind {
    /// The bridge did not run.
    NotRunning,
    /// PureConnect was not connected: what came and went meanwhile is not known.
    SourceDown,
    /// Genesys Cloud took nothing. Delivered later, with the times when it happened.
    TargetDown,
    /// Changes waited longer than they should. Delivered later, with the times when they happened.
    Late,
    /// Delivery was frozen because what PureConnect showed could not be believed.
    Frozen,
}

impl GapKind {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::NotRunning, Self::SourceDown, Self::TargetDown, Self::Late, Self::Frozen];

    /// The name, as in the journal and in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NotRunning => "not running",
            Self::SourceDown => "source down",
            Self::TargetDown => "target down",
            Self::Late => "late",
            Self::Frozen => "frozen",
        }
    }

    /// The kind with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl fmt::Display for GapKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_by_its_name() {
        for kind in GapKind::ALL {
            assert_eq!(GapKind::from_name(kind.name()), Some(kind));
        }
        assert_eq!(GapKind::from_name("asleep"), None);
    }
}
