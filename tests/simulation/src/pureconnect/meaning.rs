//! The status messages of the model, and what each means, written down apart from the rules that are tested.

use domain::source::{Catalogue, StatusMessage};
use domain::target::SystemPresence;

/// The status of those who did not answer.
pub const NO_ANSWER: &str = "AcdAgentNotAnswering";

/// Every status: id, group, whether *Status allows ACD calls*, *is ACW*, *is Do Not Disturb* are ticked.
pub(super) const STATUSES: [(&str, &str, bool, bool, bool); 11] = [
    ("Available", "Available", true, false, false),
    ("Available, No ACD", "Available", false, false, false),
    ("At Lunch", "Unavailable", false, false, true),
    ("At a Training Session", "Training", false, false, true),
    ("Away from desk", "Unavailable", false, false, true),
    ("Do Not disturb", "Unavailable", false, false, true),
    ("Follow Up", "FollowUp", false, true, true),
    ("Gone Home", "Unavailable", false, false, true),
    ("In a meeting", "Unavailable", false, false, true),
    ("On Vacation", "Unavailable", false, false, true),
    (NO_ANSWER, "Unavailable", false, false, true),
];

/// The statuses that people choose themselves.
pub(super) const CHOSEN: [&str; 9] = [
    "Available",
    "Available",
    "Available, No ACD",
    "At Lunch",
    "At a Training Session",
    "Away from desk",
    "Do Not disturb",
    "In a meeting",
    "On Vacation",
];

/// What a status means for Genesys Cloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meaning {
    /// The presence.
    pub presence: SystemPresence,
    /// Whether out of office is shown over it.
    pub out_of_office: bool,
    /// Whether it is after call work.
    pub after_call_work: bool,
}

/// What a status means; `None` when the catalogue does not have it. The operator's own rule makes lunch a break.
#[must_use]
pub fn meaning(catalogue: &Catalogue, status: &domain::ids::StatusId, lunch_is_break: bool) -> Option<Meaning> {
    let message = catalogue.get(status)?;
    let presence = if message.allows_acd || message.after_call_work {
        SystemPresence::OnQueue
    } else {
        match message.id.as_str() {
            "At Lunch" if lunch_is_break => SystemPresence::Break,
            "At Lunch" => SystemPresence::Meal,
            "At a Training Session" => SystemPresence::Training,
            "Away from desk" => SystemPresence::Break,
            "Do Not disturb" => SystemPresence::Busy,
            "In a meeting" => SystemPresence::Meeting,
            "Gone Home" | "On Vacation" | "Follow Up" | NO_ANSWER => SystemPresence::Away,
            "Available" | "Available, No ACD" => SystemPresence::Available,
            other => unreachable!("the model has no status {other}"),
        }
    };
    let out_of_office = message.id.as_str() == "On Vacation" && presence == SystemPresence::Away;
    Some(Meaning { presence, out_of_office, after_call_work: message.after_call_work })
}

pub(super) fn catalogue() -> Vec<StatusMessage> {
    let message = |(id, group, acd, acw, dnd): (&str, &str, bool, bool, bool)| StatusMessage {
        id: id.into(),
        text: id.to_owned(),
        group: group.to_owned(),
        allows_acd: acd,
        after_call_work: acw,
        do_not_disturb: dnd,
    };
    STATUSES.map(message).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::mapping_rules;

    #[test]
    fn the_model_and_the_rules_agree_on_every_status_and_every_tick_box() {
        for (message, lunch_is_break) in catalogue().into_iter().flat_map(|one| [(one.clone(), false), (one, true)]) {
            let rules = mapping_rules(lunch_is_break);
            for (acd, acw) in [(false, false), (true, false), (false, true)] {
                let message = StatusMessage { allows_acd: acd, after_call_work: acw, ..message.clone() };
                let mapped = rules.map(&message);
                let catalogue: Catalogue = [message.clone()].into_iter().collect();
                let Some(meaning) = meaning(&catalogue, &message.id, lunch_is_break) else {
                    panic!("it is in the catalogue")
                };
                // An own rule comes before every tick box, which nobody flips there.
                if (acd || acw) && lunch_is_break && message.id.as_str() == "At Lunch" {
                    continue;
                }
                // A tick box that is taken away makes another status of these two than the model ever has.
                if !(acd || acw) && ["Follow Up", "Available"].contains(&message.id.as_str()) {
                    continue;
                }
                assert_eq!(mapped.presence.system, meaning.presence, "{message:?}");
                assert_eq!(mapped.out_of_office, meaning.out_of_office, "{message:?}");
            }
        }
    }
}
