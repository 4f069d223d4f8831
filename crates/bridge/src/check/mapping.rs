//! Whether the rules fit both systems, and what about them an administrator may not have meant.

use std::collections::{BTreeMap, BTreeSet};

use domain::source::{Catalogue, Workgroup};
use domain::target::Definitions;
use mapping::{Finding as Lint, Kind, Known, RuleError, Rules};

use super::code::Code;
use super::finding::{Finding, Trouble, capital};
use crate::config::Mapping;
use crate::mapping_lint::words;
use crate::rules;

/// So many statuses of a kind are shown on the page.
const SHOWN: usize = 5;

/// Compiles the rules against whatever is known of the two systems.
pub fn compiled(
    mapping: &Mapping,
    catalogue: Option<&Catalogue>,
    definitions: Option<&Definitions>,
) -> (Vec<Finding>, Option<Rules>) {
    let known = Known { catalogue, definitions };
    let rules = match rules::compile_errors(mapping, known) {
        Ok(rules) => rules,
        Err(errors) => return (errors.into_iter().map(wrong).collect(), None),
    };
    let own = match &mapping.own {
        Some(file) => format!("the rules of {} and the vendor's table", file.name),
        None => "the vendor's table".to_owned(),
    };
    let unknown = match (catalogue, definitions) {
        (Some(_), Some(_)) => None,
        (None, Some(_)) => Some("the status messages that they name"),
        (Some(_), None) => Some("the presences that they name"),
        (None, None) => Some("the names in them"),
    };
    let fact = format!("{} rules decide: {own}.", rules.rows().count());
    let mut findings = vec![Finding::ok(Code::MappingCompiled, fact).with("rules", rules.rows().count())];
    let unchecked = unknown.filter(|_| mapping.own.is_some());
    findings.extend(unchecked.map(|what| Finding::not_checked(what, "one of the two systems could not be read")));
    (findings, Some(rules))
}

/// A mistake in the rules, with its place.
fn wrong(error: RuleError) -> Finding {
    let fact = format!("{error}.");
    let help =
        if error.help.is_empty() { "Correct the rule.".to_owned() } else { format!("{}.", capital(&error.help)) };
    Finding::problem(Code::MappingInvalid, Trouble::Configuration, fact, help)
}

/// What is worth a second look: a line for each kind.
pub fn lint(rules: &Rules, catalogue: &Catalogue, workgroups: &[Workgroup]) -> Vec<Finding> {
    let mut no_answer = mapping::default_no_answer();
    no_answer.extend(workgroups.iter().filter_map(|workgroup| workgroup.no_answer_status.clone()));
    let mut kinds: BTreeMap<Kind, Vec<Lint>> = BTreeMap::new();
    for found in mapping::lint(rules, catalogue, &no_answer) {
        kinds.entry(found.kind()).or_default().push(found);
    }
    if kinds.is_empty() {
        let fact = "Nothing about the rules and the status messages looks unintended.";
        return vec![Finding::ok(Code::MappingClean, fact)];
    }
    kinds.into_iter().map(|(kind, found)| of_kind(kind, &found)).collect()
}

fn of_kind(kind: Kind, found: &[Lint]) -> Finding {
    let (fact, advice) = words::kind(kind, found.len());
    let statuses: BTreeSet<&str> = found.iter().flat_map(Lint::statuses).map(|id| id.as_str()).collect();
    let statuses: Vec<&str> = statuses.into_iter().collect();
    let mut finding = Finding::warning(Code::Mapping(kind.code()), fact, advice).with("statuses", statuses);
    let all: Vec<String> = found.iter().map(words::line).collect();
    for line in all.iter().take(SHOWN) {
        finding = finding.line(line);
    }
    if all.len() > SHOWN {
        finding = finding.line(format!("and {} more", all.len() - SHOWN));
    }
    finding.with("each", all)
}
