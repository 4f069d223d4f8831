//! Why a status means what it means, and what nearly happened instead.

use std::fmt;
use std::sync::Arc;

use domain::source::StatusMessage;

use crate::condition::{Condition, Facts};
use crate::table::{Rule, Table};
use crate::{Mapped, Precedence, Rules};

/// Why a status means what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// What it means.
    pub mapped: Mapped,
    /// The presence for people: also a label of the organisation, or "Out of Office".
    pub presence: String,
    /// The conditions that held.
    pub because: String,
    /// Where the rule stands: `file:line`, or `built-in`.
    pub from: String,
    /// The rule names one of the organisation's own definitions, which were not at hand: `mapped.presence` says
    /// Available in its place.
    pub unresolved: bool,
    /// Rules that nearly fired, in their order.
    pub near_misses: Vec<NearMiss>,
    /// What the other precedence gives, where that is something else.
    pub other_precedence: Option<Mapped>,
}

/// A rule that nearly fired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearMiss {
    /// Its name.
    pub rule: Arc<str>,
    /// The presence that it gives, for people.
    pub presence: String,
    /// Why it did not fire.
    pub why: WhyNot,
}

/// Why a rule did not fire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WhyNot {
    /// All of its conditions hold but one.
    Condition {
        /// What that wants.
        wanted: String,
        /// What the status has.
        found: String,
    },
    /// It matches, but another one counts more.
    Overruled,
}

impl fmt::Display for NearMiss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): ", self.rule, self.presence)?;
        match &self.why {
            WhyNot::Condition { wanted, found } => write!(f, "wants that {wanted}, but {found}"),
            WhyNot::Overruled => f.write_str("matches too, but counts less"),
        }
    }
}

pub(crate) fn explain(rules: &Rules, status: &StatusMessage) -> Explanation {
    let (table, fired) = rules.firing(status, rules.precedence);
    let rule = &table.rules[fired];
    let other = match rules.precedence {
        Precedence::Printed => Precedence::MessageFirst,
        Precedence::MessageFirst => Precedence::Printed,
    };
    let (other_table, other_fired) = rules.firing(status, other);
    let other = other_table.rules[other_fired].mapped();
    let own_facts = rules.own.facts(status);
    let vendor_facts = rules.vendor.facts(status);
    let own = rules.own.rules.iter().map(|rule| (rule, &own_facts));
    let vendor = rules.vendor.rules.iter().map(|rule| (rule, &vendor_facts));
    let near_misses = own
        .chain(vendor)
        .filter(|(candidate, _)| candidate.name != rule.name)
        .filter_map(|(candidate, facts)| near_miss(candidate, facts))
        .collect();
    Explanation {
        mapped: rule.mapped(),
        presence: rule.meaning.words.clone(),
        because: because(rule, table, status),
        from: rule.from.clone(),
        unresolved: rule.meaning.unresolved,
        near_misses,
        other_precedence: (other.rule != rule.name).then_some(other),
    }
}

/// The alternative that made the rule fire: one that names the message where there is one.
fn because(rule: &Rule, table: &Table, status: &StatusMessage) -> String {
    let facts = table.facts(status);
    let holding = || rule.when.iter().filter(|alternative| alternative.holds(&facts));
    holding()
        .find(|alternative| alternative.names_message())
        .or_else(|| holding().next())
        .map_or_else(|| rule.words(), |alternative| alternative.words())
}

/// A rule that matches, or of which one alternative fails in a single condition while others hold. A rule for anything
/// is never near.
fn near_miss(rule: &Rule, facts: &Facts) -> Option<NearMiss> {
    let why = match rule.holding(facts) {
        Some(held) if held.0.is_empty() => return None,
        Some(_) => WhyNot::Overruled,
        None => {
            let failed = rule.when.iter().find_map(|alternative| only_failure(&alternative.0, facts))?;
            WhyNot::Condition { wanted: failed.words(), found: failed.found(facts) }
        }
    };
    Some(NearMiss { rule: Arc::clone(&rule.name), presence: rule.meaning.words.clone(), why })
}

fn only_failure<'a>(conditions: &'a [Condition], facts: &Facts) -> Option<&'a Condition> {
    let mut failing = conditions.iter().filter(|condition| !condition.holds(facts));
    match (failing.next(), failing.next()) {
        (Some(failed), None) if conditions.len() > 1 => Some(failed),
        _ => None,
    }
}
