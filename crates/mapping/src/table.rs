//! A list of rules, the first match deciding, and what matching means where names of messages are concerned.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::source::StatusMessage;
use domain::target::RoutingStatus;

use crate::condition::{Alternative, Condition, Facts};
use crate::meaning::Meaning;
use crate::name::Name;
use crate::{Mapped, Precedence, Row};

/// A rule that can be evaluated.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub(crate) name: Arc<str>,
    pub(crate) when: Vec<Alternative>,
    pub(crate) meaning: Meaning,
    pub(crate) routing: Option<RoutingStatus>,
    pub(crate) from: String,
}

impl Rule {
    pub(crate) fn mapped(&self) -> Mapped {
        Mapped {
            presence: self.meaning.presence,
            out_of_office: self.meaning.out_of_office,
            routing: self.routing,
            rule: Arc::clone(&self.name),
        }
    }

    /// For people; `at` is its place among all rules, from 0.
    pub(crate) fn row(&self, at: usize) -> Row {
        Row {
            number: at + 1,
            name: Arc::clone(&self.name),
            when: self.words(),
            presence: self.meaning.words.clone(),
            routing: self.routing,
            from: self.from.clone(),
        }
    }

    /// The first alternative that holds.
    pub(crate) fn holding(&self, facts: &Facts) -> Option<&Alternative> {
        self.when.iter().find(|alternative| alternative.holds(facts))
    }

    /// All of the alternatives for people.
    pub(crate) fn words(&self) -> String {
        let words: Vec<String> = self.when.iter().map(Alternative::words).collect();
        words.join("; or ")
    }
}

/// Rules in their order.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) rules: Vec<Rule>,
    /// Every message name in the rules, as it is compared.
    names: BTreeSet<String>,
}

impl Table {
    pub(crate) fn new(rules: Vec<Rule>) -> Self {
        let names = rules
            .iter()
            .flat_map(|rule| rule.when.iter().flat_map(|alternative| &alternative.0))
            .filter_map(Condition::messages)
            .flatten()
            .map(|name| name.key().to_owned())
            .collect();
        Self { rules, names }
    }

    /// The facts of a status, with the name by which this table knows its message: the id if the rules name that, since
    /// the text depends on the language, else the text.
    pub(crate) fn facts(&self, status: &StatusMessage) -> Facts {
        let id = Name::new(status.id.as_str());
        let message = if self.names.contains(id.key()) { id } else { Name::new(&status.text) };
        Facts::of(status, message)
    }

    /// The rule that fires, by its place.
    pub(crate) fn first(&self, facts: &Facts, precedence: Precedence) -> Option<usize> {
        let (first, held) = self.rules.iter().enumerate().find_map(|(at, rule)| Some((at, rule.holding(facts)?)))?;
        let by_group_alone = held.names_group() && !held.names_message();
        match precedence {
            Precedence::MessageFirst if by_group_alone => Some(self.naming_message(first, facts).unwrap_or(first)),
            Precedence::MessageFirst | Precedence::Printed => Some(first),
        }
    }

    /// The first rule after `first` that holds because it names the message.
    fn naming_message(&self, first: usize, facts: &Facts) -> Option<usize> {
        let names =
            |rule: &Rule| rule.when.iter().any(|alternative| alternative.names_message() && alternative.holds(facts));
        let later = self.rules.iter().skip(first + 1).position(names)?;
        Some(first + 1 + later)
    }
}
