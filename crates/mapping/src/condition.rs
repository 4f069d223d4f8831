//! Conditions on a status: whether they hold, what they are in words, and which of them follow from others.

use domain::source::StatusMessage;

use crate::name::Name;

/// What conditions look at, ready to be compared.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    pub(crate) message: Name,
    pub(crate) group: Name,
    acd: bool,
    acw: bool,
    dnd: bool,
}

impl Facts {
    /// The facts of a status under the name that the table knows it by.
    pub(crate) fn of(status: &StatusMessage, message: Name) -> Self {
        Self {
            message,
            group: Name::new(&status.group),
            acd: status.allows_acd,
            acw: status.after_call_work,
            dnd: status.do_not_disturb,
        }
    }
}

/// One thing that must be so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Condition {
    /// The message is one of these.
    Message(Vec<Name>),
    /// The group is one of these.
    Group(Vec<Name>),
    /// The group is none of these.
    NotGroup(Vec<Name>),
    /// *Status allows ACD calls* is ticked, or not.
    Acd(bool),
    /// *Status is ACW* is ticked, or not.
    Acw(bool),
    /// *Status is Do Not Disturb* is ticked, or not.
    Dnd(bool),
}

impl Condition {
    pub(crate) fn holds(&self, facts: &Facts) -> bool {
        match self {
            Self::Message(names) => names.contains(&facts.message),
            Self::Group(names) => names.contains(&facts.group),
            Self::NotGroup(names) => !names.contains(&facts.group),
            Self::Acd(ticked) => facts.acd == *ticked,
            Self::Acw(ticked) => facts.acw == *ticked,
            Self::Dnd(ticked) => facts.dnd == *ticked,
        }
    }

    pub(crate) fn messages(&self) -> Option<&[Name]> {
        if let Self::Message(names) = self { Some(names) } else { None }
    }

    fn groups(&self) -> Option<&[Name]> {
        if let Self::Group(names) = self { Some(names) } else { None }
    }

    fn excluded(&self) -> Option<&[Name]> {
        if let Self::NotGroup(names) = self { Some(names) } else { None }
    }

    /// The condition for people.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Message(names) => format!("message is {}", listed(names)),
            Self::Group(names) => format!("group is {}", listed(names)),
            Self::NotGroup(names) => format!("group is not {}", listed(names)),
            Self::Acd(ticked) => ticked_words("allows ACD calls", *ticked),
            Self::Acw(ticked) => ticked_words("after call work", *ticked),
            Self::Dnd(ticked) => ticked_words("do not disturb", *ticked),
        }
    }

    /// What the condition looks at, as the status has it.
    pub(crate) fn found(&self, facts: &Facts) -> String {
        match self {
            Self::Message(_) => format!("message is \"{}\"", facts.message.written()),
            Self::Group(_) | Self::NotGroup(_) => format!("group is \"{}\"", facts.group.written()),
            Self::Acd(_) => ticked_words("allows ACD calls", facts.acd),
            Self::Acw(_) => ticked_words("after call work", facts.acw),
            Self::Dnd(_) => ticked_words("do not disturb", facts.dnd),
        }
    }
}

fn ticked_words(option: &str, ticked: bool) -> String {
    format!("\"{option}\" is {}", if ticked { "ticked" } else { "not ticked" })
}

fn listed(names: &[Name]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("\"{}\"", name.written())).collect();
    match quoted.split_last() {
        None => "nothing".to_owned(),
        Some((only, [])) => only.clone(),
        Some((end, rest)) => format!("{} or {end}", rest.join(", ")),
    }
}

/// Conditions that hold together; none at all holds always.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Alternative(pub(crate) Vec<Condition>);

impl Alternative {
    pub(crate) fn holds(&self, facts: &Facts) -> bool {
        self.0.iter().all(|condition| condition.holds(facts))
    }

    pub(crate) fn words(&self) -> String {
        if self.0.is_empty() {
            return "anything".to_owned();
        }
        let words: Vec<String> = self.0.iter().map(Condition::words).collect();
        words.join(" and ")
    }

    /// Whether the message must be one that is named.
    pub(crate) fn names_message(&self) -> bool {
        self.0.iter().any(|condition| condition.messages().is_some())
    }

    /// Whether the group must be one that is named.
    pub(crate) fn names_group(&self) -> bool {
        self.0.iter().any(|condition| condition.groups().is_some())
    }

    /// Whether no status can ever meet all of the conditions.
    pub(crate) fn contradicts_itself(&self) -> bool {
        self.allowed_groups().is_some_and(|groups| groups.is_empty())
    }

    /// Whether every status that meets the other's conditions meets these.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        self.0.iter().all(|condition| other.implies(condition))
    }

    fn implies(&self, wanted: &Condition) -> bool {
        match wanted {
            Condition::Message(names) => self
                .0
                .iter()
                .find_map(Condition::messages)
                .is_some_and(|own| own.iter().all(|name| names.contains(name))),
            Condition::Group(names) => {
                self.allowed_groups().is_some_and(|own| own.iter().all(|name| names.contains(name)))
            }
            Condition::NotGroup(names) => match self.allowed_groups() {
                Some(own) => own.iter().all(|name| !names.contains(name)),
                None => names.iter().all(|name| self.excluded_groups().contains(name)),
            },
            Condition::Acd(_) | Condition::Acw(_) | Condition::Dnd(_) => self.0.contains(wanted),
        }
    }

    /// The groups that are possible at all, where some are named.
    fn allowed_groups(&self) -> Option<Vec<&Name>> {
        let excluded = self.excluded_groups();
        let named = self.0.iter().find_map(Condition::groups)?;
        Some(named.iter().filter(|name| !excluded.contains(name)).collect())
    }

    fn excluded_groups(&self) -> &[Name] {
        self.0.iter().find_map(Condition::excluded).unwrap_or_default()
    }
}
