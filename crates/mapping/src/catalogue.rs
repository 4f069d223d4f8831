//! The status messages that PureConnect comes with, for explaining rules where no system is at hand.
//!
//! Names and the pair `AcdAgentNotAnswering` are the vendor's. Which groups and tick boxes they are shipped with is
//! documented in part only: that *Available* alone allows ACD calls, and the groups of *Available*, *Gone Home*, *On
//! Vacation* and *Out of the Office*. The rest is what their meaning suggests, and every installation may differ.

use domain::ids::StatusId;
use domain::source::{Catalogue, StatusMessage};

/// Which boxes are ticked.
enum Ticked {
    Nothing,
    Acd,
    Dnd,
    DndAndAcw,
}

const DEFAULTS: [(&str, &str, &str, Ticked); 18] = [
    ("Available", "Available", "Available", Ticked::Acd),
    ("Available, No ACD", "Available, No ACD", "Available", Ticked::Nothing),
    ("Available, Follow-Me", "Available, Follow-Me", "Available", Ticked::Nothing),
    ("Available, Forward", "Available, Forward", "Available", Ticked::Nothing),
    ("Available, Remote", "Available, Remote", "Available", Ticked::Nothing),
    ("At Lunch", "At Lunch", "Break", Ticked::Dnd),
    ("At Play", "At Play", "Unavailable", Ticked::Dnd),
    ("At a training session", "At a Training Session", "Training", Ticked::Dnd),
    ("Away from desk", "Away From Desk", "Unavailable", Ticked::Dnd),
    ("Do Not disturb", "Do Not Disturb", "Unavailable", Ticked::Dnd),
    ("Follow Up", "Follow Up", "FollowUp", Ticked::DndAndAcw),
    ("Gone Home", "Gone Home", "Unavailable", Ticked::Dnd),
    ("In a meeting", "In a meeting", "Unavailable", Ticked::Dnd),
    ("On Vacation", "On Vacation", "Unavailable", Ticked::Dnd),
    ("Out of the office", "Out of the Office", "Unavailable", Ticked::Dnd),
    ("Out of Town", "Out of Town", "Unavailable", Ticked::Dnd),
    ("Working at Home", "Working at Home", "Available", Ticked::Nothing),
    ("AcdAgentNotAnswering", "ACD - Agent Not Answering", "Unavailable", Ticked::Dnd),
];

/// The status messages that PureConnect comes with.
#[must_use]
pub fn default_catalogue() -> Catalogue {
    DEFAULTS
        .iter()
        .map(|(id, text, group, ticked)| StatusMessage {
            id: StatusId::new(id),
            text: (*text).to_owned(),
            group: (*group).to_owned(),
            allows_acd: matches!(ticked, Ticked::Acd),
            after_call_work: matches!(ticked, Ticked::DndAndAcw),
            do_not_disturb: matches!(ticked, Ticked::Dnd | Ticked::DndAndAcw),
        })
        .collect()
}
