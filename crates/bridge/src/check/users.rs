//! Who is who: the agents in scope, and which users of the organisation are theirs.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::{AgentId, WorkgroupId};
use domain::source::{Agent, Scope};
use domain::target::CloudUser;
use replicator::engine::{Match, Unmatched, match_users};
use replicator::options::Matching;

use super::code::Code;
use super::finding::{Finding, Trouble, few};

/// What was found, and how many agents are replicated in the end.
pub struct Users {
    /// The lines.
    pub findings: Vec<Finding>,
    /// Agents with a user.
    pub matched: BTreeSet<AgentId>,
}

/// Looks who is in scope, before anything is known of the organisation.
pub fn scope(scope: &Scope, agents: &[Agent], unknown: &[WorkgroupId]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let unknown: Vec<String> = unknown.iter().map(|id| id.as_str().to_owned()).collect();
    if !unknown.is_empty() {
        let fact = format!("[users] names workgroups that PureConnect does not show: {}.", few(&unknown));
        let advice = "Check their names, and that the service user may see them (Access Control, Workgroups: View).";
        findings.push(Finding::warning(Code::UsersUnknownWorkgroup, fact, advice).with("workgroups", unknown));
    }
    let names: Vec<String> = agents.iter().map(|agent| agent.id.as_str().to_owned()).collect();
    let by = match &scope.workgroups {
        None => "every user".to_owned(),
        Some(workgroups) if workgroups.len() == 1 => "members of 1 workgroup".to_owned(),
        Some(workgroups) => format!("members of {} workgroups", workgroups.len()),
    };
    let but = match scope.exclude.len() {
        0 => String::new(),
        excluded => format!(", without {excluded} excluded by name"),
    };
    if agents.is_empty() {
        let fact = format!("No agent is in scope ({by}{but}).");
        let advice = "Check workgroups and exclude in [users], and that the service user may see users \
                      (Access Control, Users: View).";
        findings.push(Finding::problem(Code::UsersNoneInScope, Trouble::Configuration, fact, advice));
    } else {
        let fact = format!("{} in scope: {by}{but}.", agents_are(names.len()));
        findings.push(Finding::ok(Code::UsersInScope, fact).with("count", names.len()).with("agents", names));
    }
    findings
}

/// Finds the agents' users as the running bridge will, but for external ids, which take a request each.
pub fn matched(matching: &Matching, agents: &[Agent], users: &[CloudUser]) -> Users {
    let mut by_reason: BTreeMap<Unmatched, Vec<String>> = BTreeMap::new();
    let mut matched = BTreeSet::new();
    for (agent, found) in match_users(matching, agents, users) {
        match found {
            Match::Matched(_) => drop(matched.insert(agent)),
            Match::Unmatched(reason) => by_reason.entry(reason).or_default().push(agent.as_str().to_owned()),
            // Only before the organisation's users are read.
            Match::Unknown => {}
        }
    }
    let mut findings = vec![together(agents.len(), &matched, matching.external_ids)];
    findings.extend(by_reason.into_iter().map(|(reason, names)| unmatched(reason, names)));
    if matching.external_ids {
        let fact = "External ids count more than e-mail addresses, and only the running bridge asks for them.";
        let advice = "`presence-bridge users` shows how it is in the end.";
        findings.push(Finding::note(Code::UsersByExternalId, fact, advice));
    }
    Users { findings, matched }
}

fn together(agents: usize, matched: &BTreeSet<AgentId>, may_be_more: bool) -> Finding {
    let names: Vec<&str> = matched.iter().map(AgentId::as_str).collect();
    let count = names.len();
    if count > 0 {
        let fact = format!("{count} of {agents} agents have their user in Genesys Cloud.");
        return Finding::ok(Code::UsersMatched, fact).with("count", count).with("agents", names);
    }
    let fact = format!("None of {agents} agents has a user in Genesys Cloud by e-mail address or by name in [users].");
    let advice = "Give users the same e-mail address on both sides, or name them in [users]: match or match_csv.";
    if may_be_more {
        return Finding::warning(Code::UsersNoneMatched, fact, advice);
    }
    Finding::problem(Code::UsersNoneMatched, Trouble::Configuration, fact, advice)
}

/// Agents without a user, for one reason.
fn unmatched(reason: Unmatched, names: Vec<String>) -> Finding {
    let many = names.len();
    let (code, fact, advice) = match reason {
        Unmatched::NoEmail => (
            Code::UsersWithoutEmail,
            format!("{} without an e-mail address in PureConnect, and not replicated.", agents_are(many)),
            "Enter their business e-mail in Interaction Administrator (Users, Personal Info), or name their users in \
             [users]: match or match_csv.",
        ),
        Unmatched::NotFound => (
            Code::UsersNotFound,
            format!("{} not found among the users of Genesys Cloud, and not replicated.", agents_are(many)),
            "Create them there with the same e-mail address, name their users in [users], or take them out of the scope.",
        ),
        Unmatched::Several => (
            Code::UsersSeveral,
            format!("{} found more than once in Genesys Cloud, and not replicated.", agents_are(many)),
            "Name the right user by its id in [users]: match or match_csv.",
        ),
        Unmatched::Inactive => (
            Code::UsersInactive,
            format!("{} inactive in Genesys Cloud, and not replicated.", agents_are(many)),
            "Activate them there, or take them out of the scope.",
        ),
        Unmatched::Shared => (
            Code::UsersShared,
            format!("{} sharing a user in Genesys Cloud with another agent, and not replicated.", agents_are(many)),
            "Give each an e-mail address of its own in PureConnect, or name whose the user is in [users]: match.",
        ),
    };
    Finding::warning(code, fact, advice).with("count", many).names("agents", names)
}

/// `1 agent is`, `3 agents are`.
fn agents_are(count: usize) -> String {
    match count {
        1 => "1 agent is".to_owned(),
        _ => format!("{count} agents are"),
    }
}
