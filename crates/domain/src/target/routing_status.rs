//! Routing status: what an agent does while on queue.

use std::fmt;

use super::spelling_key;

/// The five routing statuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RoutingStatus {
    /// Not on queue.
    OffQueue,
    /// On queue and not connected to anything; an alerting interaction changes nothing.
    Idle,
    /// Connected to an interaction that ACD routed, or in after call work.
    Interacting,
    /// Connected to other interactions only.
    Communicating,
    /// Did not answer, and is not offered anything until that is over.
    NotResponding,
}

impl RoutingStatus {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::OffQueue, Self::Idle, Self::Interacting, Self::Communicating, Self::NotResponding];

    /// The platform's name, such as `OFF_QUEUE`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::OffQueue => "OFF_QUEUE",
            Self::Idle => "IDLE",
            Self::Interacting => "INTERACTING",
            Self::Communicating => "COMMUNICATING",
            Self::NotResponding => "NOT_RESPONDING",
        }
    }

    /// Reads any of the platform's spellings: `OFF_QUEUE` and `OffQueue` are one status.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let wanted = spelling_key(text);
        Self::ALL.into_iter().find(|status| spelling_key(status.name()) == wanted)
    }
}

impl fmt::Display for RoutingStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_of_the_platform_are_read() {
        for status in RoutingStatus::ALL {
            assert_eq!(RoutingStatus::parse(status.name()), Some(status));
        }
        assert_eq!(RoutingStatus::parse("NotResponding"), Some(RoutingStatus::NotResponding));
        assert_eq!(RoutingStatus::parse("ACW"), None);
    }
}
