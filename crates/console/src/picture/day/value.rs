//! How a presence or a routing status looks: a class for its colour, a letter and a pattern for whoever does not see
//! colours.

use domain::target::{RoutingStatus, SystemPresence};
use maud::{Markup, html};

/// How a value looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Look {
    /// The class of its colour.
    pub class: &'static str,
    /// Its letter.
    pub letter: &'static str,
    /// The pattern over its colour.
    pub pattern: Option<&'static str>,
}

/// What a value is called on a picture: routing statuses as people say them.
pub(super) fn words(value: &str) -> &str {
    match RoutingStatus::ALL.into_iter().find(|status| status.name() == value) {
        Some(RoutingStatus::OffQueue) => "Off queue",
        Some(RoutingStatus::Idle) => "Idle",
        Some(RoutingStatus::Interacting) => "Interacting",
        Some(RoutingStatus::Communicating) => "Communicating",
        Some(RoutingStatus::NotResponding) => "Not responding",
        None => value,
    }
}

/// Away from work.
const STRIPES: Option<&str> = Some("stripes");
/// At work, and not with customers.
const DOTS: Option<&str> = Some("dots");

impl Look {
    /// Of a system presence or a routing status by its name; of anything else, one that says so.
    pub(super) fn of(value: &str) -> Self {
        if let Some(routing) = RoutingStatus::ALL.into_iter().find(|status| status.name() == value) {
            return Self::of_routing(routing);
        }
        let system = value.split_once(" (").map_or(value, |(system, _)| system);
        match (SystemPresence::parse(system), value) {
            (Some(presence), _) => Self::of_presence(presence),
            (None, "off") => Self { class: "o-off", letter: "", pattern: None },
            (None, on) if on == "on" || on.starts_with("on until") => {
                Self { class: "o-on", letter: "X", pattern: STRIPES }
            }
            (None, _) => Self { class: "p-other", letter: "?", pattern: DOTS },
        }
    }

    fn of_presence(presence: SystemPresence) -> Self {
        let (class, letter, pattern) = match presence {
            SystemPresence::Available => ("p-available", "A", None),
            SystemPresence::Away => ("p-away", "W", STRIPES),
            SystemPresence::Break => ("p-break", "B", STRIPES),
            SystemPresence::Busy => ("p-busy", "U", None),
            SystemPresence::Idle => ("p-idle", "I", STRIPES),
            SystemPresence::Meal => ("p-meal", "M", STRIPES),
            SystemPresence::Meeting => ("p-meeting", "G", DOTS),
            SystemPresence::Offline => ("p-offline", "O", None),
            SystemPresence::OnQueue => ("p-on-queue", "Q", None),
            SystemPresence::Training => ("p-training", "T", DOTS),
        };
        Self { class, letter, pattern }
    }

    fn of_routing(status: RoutingStatus) -> Self {
        let (class, letter, pattern) = match status {
            RoutingStatus::OffQueue => ("r-off-queue", "O", None),
            RoutingStatus::Idle => ("r-idle", "I", None),
            RoutingStatus::Interacting => ("r-interacting", "N", None),
            RoutingStatus::Communicating => ("r-communicating", "C", DOTS),
            RoutingStatus::NotResponding => ("r-not-responding", "!", STRIPES),
        };
        Self { class, letter, pattern }
    }
}

/// The patterns, once in a picture. What is in them is coloured by the style sheet.
pub(super) fn patterns() -> Markup {
    html! {
        defs {
            pattern id="stripes" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                path class="texture" d="M0 0V6" {}
            }
            pattern id="dots" width="6" height="6" patternUnits="userSpaceOnUse" {
                circle class="texture" cx="3" cy="3" r="0.9" {}
            }
            pattern id="untrusted" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)" {
                path class="doubt" d="M0 0V8" {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_value_has_a_look_of_its_own() {
        let presences = SystemPresence::ALL.map(|presence| Look::of(presence.name()));
        let routing = RoutingStatus::ALL.map(|status| Look::of(status.name()));
        let classes: BTreeSet<&str> = presences.iter().chain(&routing).map(|look| look.class).collect();
        assert_eq!(classes.len(), presences.len() + routing.len());
        let letters = |looks: &[Look]| looks.iter().map(|look| look.letter).collect::<BTreeSet<_>>().len();
        assert_eq!(letters(&presences), presences.len(), "letters are told apart within a band");
        assert_eq!(letters(&routing), routing.len());
    }

    #[test]
    fn what_is_not_known_says_so() {
        assert_eq!(Look::of("").class, "p-other");
        assert_eq!(Look::of("Teleporting").letter, "?");
        assert_eq!(Look::of("OnQueue"), Look::of("On Queue"));
        let own = "Meal (8c2a1e04-3a07-4c3d-9f5b-0a4f0b3d9a11)";
        assert_eq!(Look::of(own), Look::of("Meal"), "one of the organisation's own looks like what it is of");
    }
}
