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

/// Subscribes to the statuses of these users, the list as a whole in one request.
pub(super) async fn watch_statuses(session: &Session, population: &BTreeSet<AgentId>) -> Result<(), Error> {
    let all: Vec<&str> = population.iter().map(AgentId::as_str).collect();
    let Err(first) = session.ask(&Request::WatchStatuses { users: &all }).await else {
        return Ok(());
    };
    if !is_about_users(&first) {
        return Err(first);
    }
    let mut good: Vec<&str> = Vec::new();
    let mut lists = vec![all.as_slice()];
    let mut refusals = 0;
    while let Some(list) = lists.pop() {
        if refusals > REFUSALS {
            return Err(first);
        }
        match session.ask(&Request::WatchStatuses { users: list }).await {
            Ok(_) => good.extend(list),
            Err(error) if !is_about_users(&error) => return Err(error),
            Err(error) => {
                refusals += 1;
                match list {
                    [user] => warn!(agent = user, error = chain(&error), "the status of an agent cannot be watched"),
                    _ => lists.extend(<[_; 2]>::from(list.split_at(list.len() / 2))),
                }
            }
        }
    }
    if good.is_empty() {
        return Err(first);
    }
    good.sort_unstable();
    session.ask(&Request::WatchStatuses { users: &good }).await.map(|_| ())
}

/// Subscribes to the queues of these users, in chunks. Answers which subscription holds whom, and which are refused.
pub(super) async fn watch_queues(
    session: &Session,
    population: &BTreeSet<AgentId>,
    chunk: usize,
) -> Result<(Layout, BTreeSet<Subject>), Error> {
    let all: Vec<&AgentId> = population.iter().collect();
    let chunks = all.chunks(chunk.max(1)).enumerate();
    let mut lists: Vec<(String, &[&AgentId])> = chunks.map(|(n, list)| (format!("queues-{n}"), list)).collect();
    lists.reverse();
    let (mut layout, mut refused) = (Layout::new(), BTreeSet::new());
    let mut refusals = 0;
    while let Some((subscription, list)) = lists.pop() {
        let users: Vec<&str> = list.iter().map(|agent| agent.as_str()).collect();
        let error = match session.ask(&Request::WatchQueues { subscription: &subscription, users: &users }).await {
            Ok(_) => {
                layout.insert(subscription, list.iter().map(|agent| (*agent).clone()).collect());
                continue;
            }
            Err(error) if is_about_users(&error) => error,
            Err(error) => return Err(error),
        };
        refusals += 1;
        if list.len() > 1 && refusals <= REFUSALS {
            let (first, second) = list.split_at(list.len() / 2);
            lists.push((format!("{subscription}-b"), second));
            lists.push((format!("{subscription}-a"), first));
            continue;
        }
        warn!(
            agents = users.join(","),
            error = chain(&error),
            "the queues of agents cannot be watched, so their routing status stays idle; the service user needs the \
             right to view their user queues"
        );
        refused.insert(Subject::Queues(subscription));
    }
    Ok((layout, refused))
}

fn is_about_users(error: &Error) -> bool {
    matches!(error.status(), Some(400 | 403 | 404))
}
