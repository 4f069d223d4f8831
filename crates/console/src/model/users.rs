//! Who in PureConnect is whom in Genesys Cloud, and what to do about those who are nobody.

use std::collections::BTreeMap;

use super::choice::{Choices, Having, Misses, counts, search};
use super::order::{Found, all, page_of};
use super::{Sort, SortBy, UserQuery, UserSet};
use crate::board::{Agent, LinkBoard};
use crate::shown::{self, Reason, State, convert, words};

/// Problems first, by reason.
const ORDER: Sort = Sort { by: SortBy::State, reversed: false };

/// The columns of the list as a table. Columns are only ever added, at its end.
pub const USER_COLUMNS: [&str; 10] = [
    "user_id",
    "name",
    "email",
    "workgroups",
    "genesys_cloud_user_id",
    "state",
    "reason",
    "why",
    "what_to_do",
    "last_success",
];

/// A page of the users.
#[must_use]
pub fn users(link: &LinkBoard, query: &UserQuery) -> shown::UserPage {
    let (users, page) = page_of(found(link, query), ORDER, query.paging(), link.agents.len());
    shown::UserPage {
        at: link.at(),
        stale_since: link.stale_since,
        page,
        users: users.into_iter().map(user).collect(),
        counts: amount(link),
    }
}

/// All users that are found, whatever page is asked for, as rows of [`USER_COLUMNS`]; times are in UTC. Cells are as they
/// are: [`crate::shown::spreadsheet::csv`] keeps them from being taken for formulas.
pub fn user_rows(link: &LinkBoard, query: &UserQuery) -> impl Iterator<Item = [String; USER_COLUMNS.len()]> {
    all(found(link, query), ORDER).into_iter().map(|agent| row(user(agent)))
}

fn found<'b>(link: &'b LinkBoard, query: &UserQuery) -> Vec<Found<'b>> {
    let (choices, search) = (Choices::of_users(query), search(link, query.words()));
    let is_in_set = |agent: &Agent| match query.set {
        None => true,
        Some(UserSet::Matched) => agent.user.is_some(),
        Some(UserSet::NotMatched) => agent.user.is_none(),
    };
    let agents = link.agents.iter().map(|agent| (agent, Having::of(agent)));
    agents
        .filter(|(agent, having)| {
            is_in_set(agent) && Misses::is_none(choices.misses(agent, having)) && search.finds(agent)
        })
        .map(|(agent, having)| Found::new(agent, &having, ORDER.by))
        .collect()
}

/// What all users amount to.
fn amount(link: &LinkBoard) -> shown::UserCounts {
    let mut states: BTreeMap<State, u64> = BTreeMap::new();
    let mut reasons: BTreeMap<Reason, u64> = BTreeMap::new();
    let mut matched = 0;
    for agent in link.agents.iter() {
        let having = Having::of(agent);
        matched += u64::from(agent.user.is_some());
        *states.entry(having.state).or_default() += 1;
        if let Some(reason) = having.reason {
            *reasons.entry(reason).or_default() += 1;
        }
    }
    shown::UserCounts {
        matched,
        not_matched: link.agents.len() as u64 - matched,
        state: counts(states, |state| state.name().to_owned()),
        reason: counts(reasons, |reason| reason.name().to_owned()),
    }
}

fn user(agent: &Agent) -> shown::User {
    let agent = convert::agent_on_board(agent);
    shown::User {
        why: words::why(&agent, true),
        advice: agent.reason.map(|reason| reason.advice().to_owned()),
        agent: agent.agent,
        name: agent.name,
        email: agent.email,
        workgroups: agent.workgroups,
        user: agent.user,
        state: agent.state,
        reason: agent.reason,
        last_success: agent.last_success,
    }
}

fn row(user: shown::User) -> [String; USER_COLUMNS.len()] {
    [
        user.agent,
        user.name,
        user.email.unwrap_or_default(),
        user.workgroups.join("; "),
        user.user.unwrap_or_default(),
        user.state.words().to_owned(),
        user.reason.map(|reason| reason.name().to_owned()).unwrap_or_default(),
        user.why.unwrap_or_default(),
        user.advice.unwrap_or_default(),
        user.last_success.map(|at| at.to_string()).unwrap_or_default(),
    ]
}
