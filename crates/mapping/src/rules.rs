//! Compiled rules: the operator's own in front of the vendor's.

use std::sync::Arc;

use domain::source::{Catalogue, StatusMessage};
use domain::target::{Definitions, Presence, RoutingStatus};

use crate::explain::{Explanation, explain};
use crate::landing::{By, Landing};
use crate::table::Table;
use crate::{RuleError, compile};

/// Which of a status' message and group counts more where the vendor's rows overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precedence {
    /// The rows as printed: the first one that matches.
    Printed,
    /// A row that names the message beats an earlier one that matched by the group alone.
    MessageFirst,
}

/// What whoever compiles rules has to decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// How overlaps among the vendor's rows are decided. The operator's own rules always count as they stand.
    pub precedence: Precedence,
}

/// A file of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source<'a> {
    /// Its name, for messages.
    pub name: &'a str,
    /// What is in it.
    pub text: &'a str,
}

/// What names in rules are checked against; `None` where it is not at hand and names cannot be checked.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The status messages of the system. Serves checking only: compiled rules do not depend on it and need not be
    /// compiled again when it changes.
    pub catalogue: Option<&'a Catalogue>,
    /// The presence definitions of the organisation. Without them a rule that names one of the organisation's own
    /// gives Available, and its [`Explanation`] says so.
    pub definitions: Option<&'a Definitions>,
}

/// Compiled rules. Total: every status means something.
#[derive(Debug, Clone)]
pub struct Rules {
    pub(crate) precedence: Precedence,
    pub(crate) own: Table,
    pub(crate) vendor: Table,
}

/// What a status means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapped {
    /// The presence.
    pub presence: Presence,
    /// Whether out of office is shown over it.
    pub out_of_office: bool,
    /// The routing status that the rule prescribes.
    pub routing: Option<RoutingStatus>,
    /// The name of the rule that fired.
    pub rule: Arc<str>,
}

/// A rule, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its place in the order, from 1.
    pub number: usize,
    /// Its name.
    pub name: Arc<str>,
    /// When it fires.
    pub when: String,
    /// The presence that it gives.
    pub presence: String,
    /// The routing status that it prescribes.
    pub routing: Option<RoutingStatus>,
    /// Where it stands: `file:line`, or `built-in`.
    pub from: String,
}

impl Rules {
    /// Whether a rule names one of the organisation's own definitions, which were not at hand.
    #[must_use]
    pub fn is_unresolved(&self) -> bool {
        self.own.rules.iter().any(|rule| rule.meaning.unresolved)
    }

    /// Compiles the operator's own rules, in the order of the files, in front of the vendor's.
    ///
    /// # Errors
    /// Everything that is wrong in all the files.
    pub fn compile(options: Options, own: &[Source<'_>], known: Known<'_>) -> Result<Self, Vec<RuleError>> {
        let (own, vendor, errors) = compile::tables(own, known);
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Self { precedence: options.precedence, own, vendor })
    }

    /// The vendor's rules alone, for an organisation that has every system presence.
    #[must_use]
    pub fn built_in(options: Options) -> Self {
        let known = Known { catalogue: None, definitions: None };
        Self::compile(options, &[], known).expect("the vendor's table is part of the program and every test reads it")
    }

    /// What a status means, and which rule says so.
    #[must_use]
    pub fn map(&self, message: &StatusMessage) -> Mapped {
        let (table, rule) = self.firing(message, self.precedence);
        table.rules[rule].mapped()
    }

    /// Why a status means what it means.
    #[must_use]
    pub fn explain(&self, message: &StatusMessage) -> Explanation {
        explain(self, message)
    }

    /// Where a status lands.
    #[must_use]
    pub fn land(&self, message: &StatusMessage) -> Landing {
        self.land_by(message, self.precedence)
    }

    /// Where a status would land with this precedence.
    #[must_use]
    pub fn land_by(&self, message: &StatusMessage, precedence: Precedence) -> Landing {
        let (table, at) = self.firing(message, precedence);
        let rule = &table.rules[at];
        let own = std::ptr::eq(table, &self.own);
        Landing {
            status: message.clone(),
            mapped: rule.mapped(),
            presence: rule.meaning.words.clone(),
            unresolved: rule.meaning.unresolved,
            from: rule.from.clone(),
            by: match (own, at + 1 == table.rules.len()) {
                (true, _) => By::OwnRule,
                (false, true) => By::LastRow,
                (false, false) => By::VendorRow,
            },
        }
    }

    /// All rules in their order.
    pub fn rows(&self) -> impl Iterator<Item = Row> {
        let rules = self.own.rules.iter().chain(&self.vendor.rules);
        rules.enumerate().map(|(at, rule)| rule.row(at))
    }

    /// The rule that fires: its table and its place there.
    pub(crate) fn firing(&self, message: &StatusMessage, precedence: Precedence) -> (&Table, usize) {
        if let Some(at) = self.own.first(&self.own.facts(message), Precedence::Printed) {
            return (&self.own, at);
        }
        let facts = self.vendor.facts(message);
        let at = self.vendor.first(&facts, precedence);
        (&self.vendor, at.expect("the vendor's last row is for anything, which a test holds on to"))
    }
}
