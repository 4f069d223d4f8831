//! Agents and users: each reason for not being replicated is told apart.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::{AgentId, CloudUserId, WorkgroupId};
use domain::source::{Agent, Scope};
use domain::target::{CloudUser, UserState};
use replicator::options::Matching;
use uuid::Uuid;

use super::super::users::{matched, scope};
use super::{marks, read};

fn agent(id: &str, email: Option<&str>) -> Agent {
    Agent { id: id.into(), display_name: id.into(), email: email.map(str::to_owned), workgroups: BTreeSet::new() }
}

fn user(number: u128, email: &str, state: UserState) -> CloudUser {
    let (id, email) = (CloudUserId(Uuid::from_u128(number)), Some(email.to_owned()));
    CloudUser { id, name: String::new(), email, state }
}

fn by_email() -> Matching {
    Matching { table: BTreeMap::new(), external_ids: false }
}

#[test]
fn each_reason_has_its_line() {
    let agents = [
        agent("ada", Some("ada@example.com")),
        agent("ben", None),
        agent("cyd", Some("nobody@example.com")),
        agent("dan", Some("twice@example.com")),
        agent("eve", Some("left@example.com")),
        agent("fay", Some("both@example.com")),
        agent("gus", Some("Both@example.com")),
    ];
    let users = [
        user(1, "Ada@Example.com", UserState::Active),
        user(2, "twice@example.com", UserState::Active),
        user(3, "twice@example.com", UserState::Active),
        user(4, "left@example.com", UserState::Inactive),
        user(5, "both@example.com", UserState::Active),
    ];
    let found = matched(&by_email(), &agents, &users);
    assert_eq!(found.matched, BTreeSet::from([AgentId::new("ada")]));
    insta::assert_snapshot!(read(found.findings));
}

#[test]
fn nobody_matched_is_a_problem_and_external_ids_are_asked_for_later() {
    let agents = [agent("ben", None)];
    let found = matched(&by_email(), &agents, &[]);
    assert_eq!(marks(&found.findings), ["problem users-none-matched", "warning users-without-email"]);
    let by_external_id = Matching { external_ids: true, ..by_email() };
    let found = matched(&by_external_id, &agents, &[]);
    let expected = ["warning users-none-matched", "warning users-without-email", "note users-by-external-id"];
    assert_eq!(marks(&found.findings), expected);
}

#[test]
fn a_scope_without_anybody_is_a_problem_and_an_unknown_workgroup_a_warning() {
    let everybody = Scope::default();
    assert_eq!(marks(&scope(&everybody, &[agent("ada", None)], &[])), ["ok users-in-scope"]);
    let unknown = [WorkgroupId::new("Slaes")];
    let sales = Scope { workgroups: Some(unknown.iter().cloned().collect()), exclude: BTreeSet::new() };
    let found = scope(&sales, &[], &unknown);
    assert_eq!(marks(&found), ["warning users-unknown-workgroup", "problem users-none-in-scope"]);
    assert!(found[0].fact.contains("Slaes"), "{}", found[0].fact);
}
