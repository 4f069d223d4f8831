//! Statuses, definitions and files, in as few words as a story needs.

use domain::ids::{DefinitionId, StatusId};
use domain::source::{Catalogue, StatusMessage};
use domain::target::{Definition, Definitions, SystemPresence};
use mapping::{Known, Options, Precedence, RuleError, Rules, Source};

pub const PRINTED: Options = Options { precedence: Precedence::Printed };
pub const MESSAGE_FIRST: Options = Options { precedence: Precedence::MessageFirst };
pub const OFFLINE: Known<'static> = Known { catalogue: None, definitions: None };

/// A status without any box ticked, called the same in every language.
pub fn status(name: &str, group: &str) -> StatusMessage {
    StatusMessage {
        id: StatusId::new(name),
        text: name.to_owned(),
        group: group.to_owned(),
        allows_acd: false,
        after_call_work: false,
        do_not_disturb: false,
    }
}

/// The same with *Status is Do Not Disturb* ticked.
pub fn dnd(name: &str, group: &str) -> StatusMessage {
    StatusMessage { do_not_disturb: true, ..status(name, group) }
}

/// What PureConnect ships with, and these in place of or beside it.
pub fn system(more: impl IntoIterator<Item = StatusMessage>) -> Catalogue {
    mapping::default_catalogue().iter().cloned().chain(more).collect()
}

/// A status that PureConnect ships with.
pub fn shipped(id: &str) -> StatusMessage {
    mapping::default_catalogue().get(&StatusId::new(id)).cloned().unwrap_or_else(|| panic!("{id} is not shipped"))
}

pub fn definition(n: u128, label: &str, system: SystemPresence) -> Definition {
    Definition {
        id: DefinitionId(uuid::Uuid::from_u128(n)),
        labels: vec![label.to_owned()],
        system,
        is_system: false,
        deactivated: false,
    }
}

/// An organisation with every system presence and these of its own.
pub fn organisation(own: Vec<Definition>) -> Definitions {
    let system = SystemPresence::ALL
        .into_iter()
        .zip(1000..)
        .map(|(system, n)| Definition { is_system: true, ..definition(n, system.name(), system) });
    Definitions(system.chain(own).collect())
}

pub fn compile(text: &str, known: Known<'_>) -> Result<Rules, Vec<RuleError>> {
    let source = Source { name: "rules.toml", text };
    Rules::compile(PRINTED, &[source], known)
}

/// The rules of a file that is known to be good.
pub fn rules(text: &str) -> Rules {
    compile(text, OFFLINE).unwrap_or_else(|errors| panic!("{errors:?}"))
}
