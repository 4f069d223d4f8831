//! What the names in a rule stand for: presences, labels and ids of definitions, and names that a system really has.

use std::ops::Range;

use domain::ids::DefinitionId;
use domain::source::Catalogue;
use domain::target::{Definition, Definitions, Presence, RoutingStatus, SystemPresence};

use crate::error::{Faults, codes};
use crate::name::{Name, closest};
use crate::reader::Text;

/// What a rule gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Meaning {
    pub(crate) presence: Presence,
    pub(crate) out_of_office: bool,
    /// The presence for people.
    pub(crate) words: String,
    /// The rule names one of the organisation's own definitions, and those were not at hand.
    pub(crate) unresolved: bool,
}

/// Not a presence in Genesys Cloud, but Away with something shown over it.
const OUT_OF_OFFICE: &str = "Out of Office";

/// The groups that every system has, whether or not a status message is in them.
const GROUPS: [&str; 5] = ["Available", "Break", "FollowUp", "Training", "Unavailable"];

/// What the presence of a rule stands for.
pub(crate) fn presence(wanted: &Text, definitions: Option<&Definitions>, faults: &mut Faults<'_>) -> Option<Meaning> {
    let out_of_office = Name::new(&wanted.text) == Name::new(OUT_OF_OFFICE);
    let system = if out_of_office { Some(SystemPresence::Away) } else { SystemPresence::parse(&wanted.text) };
    if let Some(system) = system {
        return system_presence(system, out_of_office, definitions, &wanted.span, faults);
    }
    match definitions {
        Some(definitions) => secondary(wanted, definitions, faults),
        None => Some(Meaning {
            presence: Presence { system: SystemPresence::Available, secondary: wanted.text.trim().parse().ok() },
            out_of_office: false,
            words: wanted.text.trim().to_owned(),
            unresolved: true,
        }),
    }
}

fn system_presence(
    system: SystemPresence,
    out_of_office: bool,
    definitions: Option<&Definitions>,
    span: &Range<usize>,
    faults: &mut Faults<'_>,
) -> Option<Meaning> {
    let presence = Presence::of(system);
    if definitions.is_some_and(|definitions| definitions.id_of(presence).is_none()) {
        let message = format!("the organisation has no definition for the presence {system}");
        let help = "look at the organisation's presences, and at whether the OAuth client may view them".to_owned();
        faults.add(codes::MISSING_DEFINITION, span, message, help);
        return None;
    }
    Some(Meaning {
        presence,
        out_of_office,
        words: if out_of_office { OUT_OF_OFFICE } else { system.name() }.to_owned(),
        unresolved: false,
    })
}

/// One of the organisation's own definitions, by id or label.
fn secondary(wanted: &Text, definitions: &Definitions, faults: &mut Faults<'_>) -> Option<Meaning> {
    let matches: Vec<&Definition> = match wanted.text.trim().parse::<DefinitionId>() {
        Ok(id) => definitions.0.iter().filter(|found| found.id == id).collect(),
        Err(_) => definitions.secondaries().filter(|found| has_label(found, &wanted.text)).collect(),
    };
    let usable: Vec<&Definition> = matches.iter().copied().filter(|found| !found.deactivated).collect();
    match (usable.as_slice(), matches.as_slice()) {
        ([found], _) => Some(Meaning {
            presence: definitions.presence_of(found.id)?,
            out_of_office: false,
            words: in_words(found),
            unresolved: false,
        }),
        ([], []) => {
            unknown_presence(wanted, definitions, faults);
            None
        }
        ([], [found, ..]) => {
            let message = format!("the presence \"{}\" is deactivated in the organisation", wanted.text);
            let help = format!("activate the definition {}, or name another presence", found.id);
            faults.add(codes::DEACTIVATED_PRESENCE, &wanted.span, message, help);
            None
        }
        (several, _) => {
            let list: Vec<String> =
                several.iter().map(|found| format!("{} under {}", found.id, found.system)).collect();
            let message = format!("\"{}\" may be any of {}", wanted.text, list.join(", "));
            let help = "write the id of the one that is meant".to_owned();
            faults.add(codes::AMBIGUOUS_PRESENCE, &wanted.span, message, help);
            None
        }
    }
}

fn has_label(definition: &Definition, wanted: &str) -> bool {
    definition.labels.iter().any(|label| Name::new(label) == Name::new(wanted))
}

fn in_words(definition: &Definition) -> String {
    match definition.labels.first() {
        Some(label) if !definition.is_system => format!("{label} (under {})", definition.system),
        _ => definition.system.to_string(),
    }
}

fn unknown_presence(wanted: &Text, definitions: &Definitions, faults: &mut Faults<'_>) {
    let systems = SystemPresence::ALL.map(SystemPresence::name);
    let mut names: Vec<&str> = [systems.as_slice(), &[OUT_OF_OFFICE]].concat();
    let usable = definitions.secondaries().filter(|found| !found.deactivated);
    names.extend(usable.flat_map(|found| &found.labels).map(String::as_str));
    let help = match closest(&wanted.text, names.into_iter()) {
        Some(meant) => format!("did you mean \"{meant}\"?"),
        None => format!(
            "write {}, {OUT_OF_OFFICE}, or the label or id of one of the organisation's own definitions",
            systems.join(", ")
        ),
    };
    let message = format!("the organisation has no presence \"{}\"", wanted.text);
    faults.add(codes::UNKNOWN_PRESENCE, &wanted.span, message, help);
}

/// The routing status that a rule prescribes.
pub(crate) fn routing(wanted: &Text, faults: &mut Faults<'_>) -> Option<RoutingStatus> {
    let found = RoutingStatus::parse(&wanted.text);
    if found.is_none() {
        let names = RoutingStatus::ALL.map(RoutingStatus::name);
        let message = format!("there is no routing status \"{}\"", wanted.text);
        faults.add(codes::UNKNOWN_ROUTING, &wanted.span, message, format!("write {}", names.join(", ")));
    }
    found
}

/// Reports the message names that no status message of the system has, neither as its id nor as its text.
pub(crate) fn check_messages(wanted: &[Text], catalogue: &Catalogue, faults: &mut Faults<'_>) {
    for text in wanted {
        let names = || catalogue.iter().flat_map(|status| [status.id.as_str(), status.text.as_str()]);
        if names().all(|known| Name::new(known) != Name::new(&text.text)) {
            let message = format!("no status message is called \"{}\"", text.text);
            let help = match closest(&text.text, names()) {
                Some(meant) => format!("did you mean \"{meant}\"?"),
                None => "write a message name as Interaction Administrator shows it".to_owned(),
            };
            faults.add(codes::UNKNOWN_MESSAGE, &text.span, message, help);
        }
    }
}

/// Reports the groups that no status message of the system is in, and that no system has from the start.
pub(crate) fn check_groups(wanted: &[Text], catalogue: &Catalogue, faults: &mut Faults<'_>) {
    for text in wanted {
        let groups = || GROUPS.into_iter().chain(catalogue.iter().map(|status| status.group.as_str()));
        if groups().all(|known| Name::new(known) != Name::new(&text.text)) {
            let message = format!("no status message is in a group \"{}\"", text.text);
            let help = match closest(&text.text, groups()) {
                Some(meant) => format!("did you mean \"{meant}\"?"),
                None => "write a status group as Interaction Administrator shows it".to_owned(),
            };
            faults.add(codes::UNKNOWN_GROUP, &text.span, message, help);
        }
    }
}
