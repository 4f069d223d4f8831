//! Subscribes to statuses and queues of many users, and finds out whom the server will not report.
//!
//! A list is refused as a whole when one of its users cannot be watched (icws.md §5.1, §7.1, inferred). So a refused
//! list is halved until the culprits are alone; the others must not suffer for them.

use std::collections::BTreeSet;

use domain::ids::AgentId;
use tracing::warn;

use crate::convert::Subject;
use crate::error::{Error, chain};
use crate::picture::Layout;
use crate::request::Request;
use crate::session::Session;

/// How many refusals are followed up; beyond that a right is missing in general, and asking on is a nuisance.
const REFUSALS: usize = 40;

/// Which subscriptions to queues there are to be.
pub(crate) struct Plan {
    /// Those that stay as they are.
    kept: Layout,
    /// Those that are asked for, in this order.
    asked: Vec<(String, Vec<AgentId>)>,
}

impl Plan {
    /// Everybody is asked for.
    pub(crate) fn anew(population: &BTreeSet<AgentId>, chunk: usize) -> Self {
        let all: Vec<AgentId> = population.iter().cloned().collect();
        Self { kept: Layout::new(), asked: numbered(&all, 0, chunk) }
    }

    /// Only what is different is asked for: a subscription of which somebody left, and new ones for who is new.
    pub(crate) fn following(population: &BTreeSet<AgentId>, former: &Layout, chunk: usize) -> Self {
        let (mut kept, mut asked) = (Layout::new(), Vec::new());
        let mut new = population.clone();
        for (id, users) in former {
            let rest: BTreeSet<AgentId> = users.iter().filter_map(|user| new.take(user)).collect();
            if rest.len() == users.len() {
                kept.insert(id.clone(), rest);
            } else if !rest.is_empty() {
                asked.push((id.clone(), rest.into_iter().collect()));
            }
        }
        let new: Vec<AgentId> = new.into_iter().collect();
        asked.extend(numbered(&new, former.keys().filter_map(|id| number(id)).max().map_or(0, |last| last + 1), chunk));
        Self { kept, asked }
    }
}

fn numbered(agents: &[AgentId], first: usize, chunk: usize) -> Vec<(String, Vec<AgentId>)> {
    let chunks = agents.chunks(chunk.max(1)).zip(first..);
    chunks.map(|(list, number)| (format!("queues-{number}"), list.to_vec())).collect()
}

/// The number in the name of a subscription, or of a part of one.
fn number(subscription: &str) -> Option<usize> {
    subscription.split('-').nth(1)?.parse().ok()
}

/// Which subscriptions to queues there are.
pub(crate) struct Watched {
    /// Which subscription holds whom.
    pub(crate) layout: Layout,
    /// Those of them that were asked for, and will answer with the whole of their queues.
    pub(crate) asked: Vec<String>,
    /// Those that were refused.
    pub(crate) refused: BTreeSet<Subject>,
    /// What the server said to the first of them.
    pub(crate) first_refusal: Option<Error>,
}

/// Subscribes to the statuses of these users, the list as a whole in one request. Those who cannot be watched
/// are left out.
pub(crate) async fn watch_statuses(session: &Session, population: &BTreeSet<AgentId>) -> Result<(), Error> {
    let all: Vec<&AgentId> = population.iter().collect();
    let Err(first) = watch_list(session, &all).await else {
        return Ok(());
    };
    if !is_about_users(&first) {
        return Err(first);
    }
    let mut good: Vec<&AgentId> = Vec::new();
    let mut lists = vec![all.as_slice()];
    let mut refusals = 0;
    while let Some(list) = lists.pop() {
        if refusals > REFUSALS {
            return Err(first);
        }
        match watch_list(session, list).await {
            Ok(()) => good.extend(list),
            Err(error) if !is_about_users(&error) => return Err(error),
            Err(error) => {
                refusals += 1;
                if let [user] = list {
                    warn!(agent = %user, error = chain(&error), "the status of an agent cannot be watched");
                } else {
                    lists.extend(<[_; 2]>::from(list.split_at(list.len() / 2)));
                }
            }
        }
    }
    if good.is_empty() {
        return Err(first);
    }
    good.sort_unstable();
    watch_list(session, &good).await
}

async fn watch_list(session: &Session, users: &[&AgentId]) -> Result<(), Error> {
    let users: Vec<&str> = users.iter().map(|user| user.as_str()).collect();
    session.ask(&Request::WatchStatuses { users: &users }).await.map(|_| ())
}

/// Subscribes to queues as planned. Answers which subscription holds whom, and who is refused.
pub(crate) async fn watch_queues(session: &Session, plan: Plan) -> Result<Watched, Error> {
    let mut watched = Watched { layout: plan.kept, asked: Vec::new(), refused: BTreeSet::new(), first_refusal: None };
    let mut lists = plan.asked;
    lists.reverse();
    let mut refusals = 0;
    while let Some((subscription, mut list)) = lists.pop() {
        let users: Vec<&str> = list.iter().map(AgentId::as_str).collect();
        let error = match session.ask(&Request::WatchQueues { subscription: &subscription, users: &users }).await {
            Ok(_) => {
                watched.asked.push(subscription.clone());
                watched.layout.insert(subscription, list.into_iter().collect());
                continue;
            }
            Err(error) if is_about_users(&error) => error,
            Err(error) => return Err(error),
        };
        refusals += 1;
        if list.len() > 1 && refusals <= REFUSALS {
            let second = list.split_off(list.len() / 2);
            lists.push((format!("{subscription}-b"), second));
            lists.push((format!("{subscription}-a"), list));
            watched.first_refusal.get_or_insert(error);
            continue;
        }
        warn!(
            agents = users.join(","),
            error = chain(&error),
            "the queues of agents cannot be watched, so their routing status stays idle; the service user needs the \
             right to view their user queues"
        );
        watched.first_refusal.get_or_insert(error);
        watched.refused.insert(Subject::Queues(subscription));
    }
    Ok(watched)
}

fn is_about_users(error: &Error) -> bool {
    matches!(error.status(), Some(400 | 403 | 404))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agents(ids: &[&str]) -> BTreeSet<AgentId> {
        ids.iter().map(|id| AgentId::new(id)).collect()
    }

    fn asked(plan: &Plan) -> Vec<(&str, Vec<&str>)> {
        let each = plan.asked.iter();
        each.map(|(id, list)| (id.as_str(), list.iter().map(AgentId::as_str).collect())).collect()
    }

    #[test]
    fn only_subscriptions_that_change_are_asked_for_again() {
        let former: Layout = [
            ("queues-0".to_owned(), agents(&["a", "b"])),
            ("queues-1-a".to_owned(), agents(&["c"])),
            ("queues-1-b".to_owned(), agents(&["d"])),
            ("queues-10".to_owned(), agents(&["e", "f"])),
        ]
        .into();
        let plan = Plan::following(&agents(&["A", "b", "c", "f", "x", "y", "z"]), &former, 2);
        assert_eq!(plan.kept.keys().collect::<Vec<_>>(), ["queues-0", "queues-1-a"]);
        let expected = [("queues-10", vec!["f"]), ("queues-11", vec!["x", "y"]), ("queues-12", vec!["z"])];
        assert_eq!(asked(&plan), expected, "and no name is taken twice");
    }

    #[test]
    fn everybody_is_asked_for_anew_and_nobody_at_all_needs_no_subscription() {
        let plan = Plan::anew(&agents(&["a", "b", "c"]), 2);
        assert_eq!(asked(&plan), [("queues-0", vec!["a", "b"]), ("queues-1", vec!["c"])]);
        let former: Layout = [("queues-0".to_owned(), agents(&["a"]))].into();
        let plan = Plan::following(&BTreeSet::new(), &former, 2);
        assert!(plan.kept.is_empty() && plan.asked.is_empty());
    }
}
