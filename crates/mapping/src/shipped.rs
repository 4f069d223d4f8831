//! What is known of the status messages that PureConnect ships with, to tell which of them somebody edited.
//!
//! The vendor advises against editing them, because the table counts on their names. Knows which of the shipped values
//! are documented, which are presumed from their meaning, and which are open: those are no evidence of anything.

use domain::ids::StatusId;
use domain::source::{Catalogue, StatusMessage};

use crate::name::Name;

/// What an administrator can change about a status message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Property {
    /// The text that agents see.
    Text,
    /// The status group.
    Group,
    /// *Status allows ACD calls*.
    AllowsAcd,
    /// *Status is ACW*.
    AfterCallWork,
    /// *Status is Do Not Disturb*.
    DoNotDisturb,
}

/// A property that is not as it was shipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Which one.
    pub property: Property,
    /// As it was shipped: a text, or `ticked` or `not ticked`.
    pub shipped: String,
    /// As it is.
    pub found: String,
    /// Whether the vendor documents what was shipped. If not, it is what the meaning of the status suggests.
    pub documented: bool,
}

/// Statuses of which sources leave something open: further groups that it may have been shipped with, and whether it
/// may have allowed ACD calls.
const OPEN: [(&str, &[&str], bool); 5] = [
    ("Available, Follow-Me", &[], true),
    ("Available, Remote", &[], true),
    ("Working at Home", &["Unavailable"], true),
    ("At Play", &["Break"], false),
    ("Away from desk", &["Break"], false),
];

/// Of which the vendor documents the group.
const DOCUMENTED_GROUPS: [&str; 5] =
    ["Available", "Available, No ACD", "Gone Home", "On Vacation", "Out of the office"];

/// Texts that differ in more of the shipped statuses than this, and in most of them, are another language.
const FEW: usize = 2;

/// Whether PureConnect ships with a status of this id.
pub(crate) fn is_shipped(shipped: &Catalogue, id: &StatusId) -> bool {
    shipped.get(id).is_some()
}

/// Every shipped status of which something was edited, and what. Texts come in the language of the session: where most
/// of them differ, that is a translation and no edit.
pub(crate) fn edited<'a>(shipped: &Catalogue, catalogue: &'a Catalogue) -> Vec<(&'a StatusMessage, Vec<Difference>)> {
    let mut pairs: Vec<(&StatusMessage, Vec<Difference>)> =
        catalogue.iter().filter_map(|found| Some((found, differences(shipped.get(&found.id)?, found)))).collect();
    let other_text = |differences: &[Difference]| differences.iter().any(|found| found.property == Property::Text);
    let translated = pairs.iter().filter(|(_, differences)| other_text(differences)).count();
    if translated > FEW && translated * 2 > pairs.len() {
        for (_, differences) in &mut pairs {
            differences.retain(|difference| difference.property != Property::Text);
        }
    }
    pairs.retain(|(_, differences)| !differences.is_empty());
    pairs
}

fn differences(shipped: &StatusMessage, found: &StatusMessage) -> Vec<Difference> {
    let id = Name::new(shipped.id.as_str());
    let open = OPEN.iter().find(|(open, _, _)| Name::new(open) == id);
    let (more_groups, any_acd) = open.map_or((&[] as &[&str], false), |(_, groups, acd)| (*groups, *acd));
    let is = |name: &str| id == Name::new(name);
    let mut differences = Vec::new();
    if Name::new(&shipped.text) != Name::new(&found.text) {
        differences.push(text(Property::Text, &shipped.text, &found.text, true));
    }
    let mut groups = std::iter::once(shipped.group.as_str()).chain(more_groups.iter().copied());
    if groups.all(|group| Name::new(group) != Name::new(&found.group)) {
        let documented = DOCUMENTED_GROUPS.into_iter().any(is);
        differences.push(text(Property::Group, &shipped.group, &found.group, documented));
    }
    let boxes = [
        // That only Available allows ACD calls is documented, though not of every variant of it.
        (Property::AllowsAcd, shipped.allows_acd, found.allows_acd, true),
        (Property::AfterCallWork, shipped.after_call_work, found.after_call_work, is("Follow Up")),
        (Property::DoNotDisturb, shipped.do_not_disturb, found.do_not_disturb, is("AcdAgentNotAnswering")),
    ];
    for (property, shipped, found, documented) in boxes {
        let is_open = property == Property::AllowsAcd && any_acd;
        if shipped != found && !is_open {
            differences.push(text(property, ticked(shipped), ticked(found), documented));
        }
    }
    differences
}

fn ticked(ticked: bool) -> &'static str {
    if ticked { "ticked" } else { "not ticked" }
}

fn text(property: Property, shipped: &str, found: &str, documented: bool) -> Difference {
    Difference { property, shipped: shipped.to_owned(), found: found.to_owned(), documented }
}
