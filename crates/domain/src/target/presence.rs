//! Presences: ten that every organisation has, the secondary ones that hang under them, and out of office, which is a
//! separate thing shown over a presence.

use std::fmt;

use jiff::Timestamp;

use super::spelling_key;
use crate::ids::DefinitionId;

/// The ten presences that every organisation has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SystemPresence {
    /// Available for other work than the queue's.
    Available,
    /// Away.
    Away,
    /// On a break.
    Break,
    /// Busy.
    Busy,
    /// Idle: no activity at the computer.
    Idle,
    /// At a meal.
    Meal,
    /// In a meeting.
    Meeting,
    /// Logged out.
    Offline,
    /// Working the queue.
    OnQueue,
    /// In training.
    Training,
}

impl SystemPresence {
    /// All of them, in alphabetical order.
    pub const ALL: [Self; 10] = [
        Self::Available,
        Self::Away,
        Self::Break,
        Self::Busy,
        Self::Idle,
        Self::Meal,
        Self::Meeting,
        Self::Offline,
        Self::OnQueue,
        Self::Training,
    ];

    /// The name that people know.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Available => "Available",
            Self::Away => "Away",
            Self::Break => "Break",
            Self::Busy => "Busy",
            Self::Idle => "Idle",
            Self::Meal => "Meal",
            Self::Meeting => "Meeting",
            Self::Offline => "Offline",
            Self::OnQueue => "On Queue",
            Self::Training => "Training",
        }
    }

    /// Reads any of the platform's spellings: `OnQueue`, `On Queue` and `ON_QUEUE` are one presence.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let wanted = spelling_key(text);
        Self::ALL.into_iter().find(|presence| spelling_key(presence.name()) == wanted)
    }
}

impl fmt::Display for SystemPresence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The presence that a user has or shall have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Presence {
    /// The system presence, or the one that the secondary hangs under.
    pub system: SystemPresence,
    /// One of the organisation's own definitions; `None` for the system's.
    pub secondary: Option<DefinitionId>,
}

impl Presence {
    /// The system presence itself.
    #[must_use]
    pub fn of(system: SystemPresence) -> Self {
        Self { system, secondary: None }
    }

    /// Whether it is On Queue or hangs under it.
    #[must_use]
    pub fn is_on_queue(self) -> bool {
        self.system == SystemPresence::OnQueue
    }
}

impl From<SystemPresence> for Presence {
    fn from(system: SystemPresence) -> Self {
        Self::of(system)
    }
}

impl fmt::Display for Presence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.secondary {
            None => self.system.fmt(f),
            Some(definition) => write!(f, "{} ({definition})", self.system),
        }
    }
}

/// A presence definition of an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// Its id.
    pub id: DefinitionId,
    /// Every label that people may know it by; languages do not matter for finding it.
    pub labels: Vec<String>,
    /// The system presence that it is or hangs under.
    pub system: SystemPresence,
    /// Whether it is the undeletable one of its system presence.
    pub is_system: bool,
    /// Whether it was deactivated, which forbids its use.
    pub deactivated: bool,
}

/// The presence definitions of an organisation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Definitions(pub Vec<Definition>);

impl Definitions {
    /// The definition to send for a presence; `None` when the organisation has none such.
    #[must_use]
    pub fn id_of(&self, presence: Presence) -> Option<DefinitionId> {
        match presence.secondary {
            Some(secondary) => self.0.iter().find(|definition| definition.id == secondary).map(|found| found.id),
            None => self
                .0
                .iter()
                .find(|definition| definition.is_system && definition.system == presence.system)
                .map(|found| found.id),
        }
    }

    /// The presence that a definition stands for; `None` when the organisation has no such definition.
    #[must_use]
    pub fn presence_of(&self, id: DefinitionId) -> Option<Presence> {
        let found = self.0.iter().find(|definition| definition.id == id)?;
        let secondary = (!found.is_system).then_some(found.id);
        Some(Presence { system: found.system, secondary })
    }

    /// The secondary definitions, in use or deactivated.
    pub fn secondaries(&self) -> impl Iterator<Item = &Definition> {
        self.0.iter().filter(|definition| !definition.is_system)
    }
}

/// Whether a user is out of office.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OutOfOffice {
    /// In office.
    Off,
    /// Out of office until a time, or indefinitely.
    On {
        /// The end, when it is known.
        until: Option<Timestamp>,
    },
}

impl fmt::Display for OutOfOffice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::On { until: None } => f.write_str("on"),
            Self::On { until: Some(until) } => write!(f, "on until {until}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_spellings_of_the_platform_are_one_presence() {
        for spelling in ["OnQueue", "On Queue", "ON_QUEUE", "on queue"] {
            assert_eq!(SystemPresence::parse(spelling), Some(SystemPresence::OnQueue), "{spelling}");
        }
        assert_eq!(SystemPresence::parse("Out of Office"), None);
    }

    #[test]
    fn a_definition_is_found_for_a_presence_and_back() {
        let definition = |n: u128, system, is_system| Definition {
            id: DefinitionId(uuid::Uuid::from_u128(n)),
            labels: Vec::new(),
            system,
            is_system,
            deactivated: false,
        };
        let definitions =
            Definitions(vec![definition(1, SystemPresence::Meal, false), definition(2, SystemPresence::Meal, true)]);
        let meal = Presence::of(SystemPresence::Meal);
        assert_eq!(definitions.id_of(meal).map(|id| id.0.as_u128()), Some(2));
        let late_meal = Presence { system: SystemPresence::Meal, secondary: Some(definitions.0[0].id) };
        assert_eq!(definitions.id_of(late_meal), Some(definitions.0[0].id));
        assert_eq!(definitions.presence_of(definitions.0[0].id), Some(late_meal));
        assert_eq!(definitions.presence_of(definitions.0[1].id), Some(meal));
        assert_eq!(definitions.id_of(Presence::of(SystemPresence::Busy)), None);
    }
}
