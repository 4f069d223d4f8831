//! `/icws/{sid}/messaging/subscriptions`: PUT makes or replaces one, DELETE ends it.
//!
//! Success is 200 for a PUT and 204 for a DELETE, both without a body, as clients have seen on real servers.

use std::collections::BTreeSet;

use axum::http::{Method, StatusCode};
use domain::ids::{AgentId, WorkgroupId};
use serde_json::{Map, Value};

use super::answer::Answer;
use super::request::{Request, number, text, texts};
use crate::icws::world::World;
use crate::icws::world::interaction::Queue;
use crate::icws::world::rights::Right;
use crate::icws::world::session::{ActivationWatch, ConfigurationWatch, Resource, Session};
use crate::icws::world::user::Properties;

pub(super) fn answer(world: &mut World, request: &Request, session: &str, rest: &[String]) -> Result<Answer, Answer> {
    let words: Vec<String> = rest.iter().map(|word| word.to_lowercase()).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    // The id of a named subscription is the client's own, in the client's spelling.
    let id = rest.last().map(String::as_str).unwrap_or_default();
    match request.method {
        Method::PUT => {
            subscribe(world, request, session, &words, id)?;
            Ok(Answer::empty(StatusCode::OK))
        }
        Method::DELETE => {
            let session = world.sessions.get_mut(session).ok_or_else(Answer::not_found)?;
            unsubscribe(session, &words, id)?;
            Ok(Answer::empty(StatusCode::NO_CONTENT))
        }
        _ => Err(Answer::wrong_verb("PUT, DELETE")),
    }
}

fn subscribe(world: &mut World, request: &Request, session: &str, words: &[&str], id: &str) -> Result<(), Answer> {
    match words {
        ["status", "user-statuses"] => statuses(world, request, session),
        ["status", "status-messages"] => {
            world.watch_catalogue(session);
            Ok(())
        }
        ["status", "status-messages-user-access"] => {
            let users = users(world, &request.object()?, "userIds")?;
            world.watch_access(session, users);
            Ok(())
        }
        ["status", "user-status-previous-info"] => {
            world.watch_former(session);
            Ok(())
        }
        ["session", "sessions-users"] => {
            let users = users(world, &request.object()?, "userIds")?;
            world.watch_logons(session, users);
            Ok(())
        }
        ["connection", "station"] => {
            if let Some(session) = world.sessions.get_mut(session) {
                session.watches.station = true;
            }
            Ok(())
        }
        ["interactions", "interaction-alerting"] | ["interaction-alerting"] => {
            if let Some(session) = world.sessions.get_mut(session) {
                session.watches.alerting = true;
            }
            Ok(())
        }
        ["licenses"] => texts(&request.object()?, "licenseList").map(|_| ()),
        ["queues", _] => queues(world, request, session, id),
        ["configuration", resource, _] => match configuration(resource)? {
            Some(resource) => watch_configuration(world, request, session, resource, id),
            // Never changes here, so there is nothing to tell.
            None => Ok(()),
        },
        ["activations", _, _] => activations(world, request, session, words[1], id),
        _ => Err(Answer::not_found()),
    }
}

fn unsubscribe(session: &mut Session, words: &[&str], id: &str) -> Result<(), Answer> {
    let watches = &mut session.watches;
    match words {
        ["status", "user-statuses"] => watches.statuses = None,
        ["status", "status-messages"] => watches.catalogue = false,
        ["status", "status-messages-user-access"] => watches.access = None,
        ["status", "user-status-previous-info"] => watches.former = false,
        ["session", "sessions-users"] => watches.logons = None,
        ["connection", "station"] => watches.station = false,
        ["interactions", "interaction-alerting"] | ["interaction-alerting"] => watches.alerting = false,
        ["licenses"] => {}
        ["queues", _] => watches.unwatch_queues(id),
        ["configuration", resource, _] => {
            if let Some(resource) = configuration(resource)? {
                watches.configuration.remove(&(resource, id.to_owned()));
            }
        }
        ["activations", "users" | "workgroups", _] => {
            watches.activations.remove(id);
        }
        _ => return Err(Answer::not_found()),
    }
    Ok(())
}

/// The users that a list names; 404 for one that does not exist.
fn users(world: &World, body: &Map<String, Value>, member: &str) -> Result<Vec<AgentId>, Answer> {
    let names = texts(body, member)?;
    if names.is_empty() {
        return Err(Answer::invalid(member));
    }
    let known = |name: &String| world.known(name).map_err(|_| Answer::not_found());
    names.iter().map(known).collect()
}

fn statuses(world: &mut World, request: &Request, session: &str) -> Result<(), Answer> {
    let body = request.object()?;
    let users = users(world, &body, "userIds")?;
    let properties = match body.get("userStatusProperties") {
        Some(Value::Null) | None => Properties::ALL,
        Some(_) => {
            let names = texts(&body, "userStatusProperties")?;
            if names.is_empty() {
                return Err(Answer::invalid("userStatusProperties"));
            }
            Properties::named(&names)
        }
    };
    world.watch_statuses(session, users, properties);
    Ok(())
}

fn queues(world: &mut World, request: &Request, session: &str, id: &str) -> Result<(), Answer> {
    let body = request.object()?;
    let attributes = texts(&body, "attributeNames")?;
    let list = match body.get("queueIds") {
        Some(Value::Array(list)) => list,
        Some(_) => return Err(Answer::invalid("queueIds")),
        None => return Err(Answer::missing("queueIds")),
    };
    let me = world.sessions.get(session).map(|session| session.user.clone()).ok_or_else(Answer::not_found)?;
    let mut queues = BTreeSet::new();
    for queue in list {
        let Value::Object(queue) = queue else {
            return Err(Answer::invalid("queueIds"));
        };
        let name = text(queue, "queueName");
        if seen_by(queue).is_some_and(|right| !world.withheld.has(right)) {
            return Err(Answer::no_right());
        }
        match queue.get("queueType").and_then(number) {
            // "My Interactions": the session's own user and station; the name may be empty.
            Some(0) => {
                queues.insert(Queue::User(me.clone()));
                let station = world.users.get(&me).and_then(|user| user.station.clone());
                queues.extend(station.map(|station| Queue::Station(station.to_lowercase())));
            }
            Some(1) => {
                queues.insert(Queue::User(AgentId::new(&name?)));
            }
            Some(2) => {
                queues.insert(Queue::Workgroup(WorkgroupId::new(&name?)));
            }
            Some(3) => {
                queues.insert(Queue::Station(name?.to_lowercase()));
            }
            Some(_) | None => return Err(Answer::invalid("queueType")),
        }
    }
    world.watch_queues(session, id, queues, attributes);
    Ok(())
}

/// The right that a queue is seen by; one's own is always seen.
fn seen_by(queue: &Map<String, Value>) -> Option<Right> {
    match queue.get("queueType").and_then(number) {
        Some(1) => Some(Right::UserQueues),
        Some(2) => Some(Right::WorkgroupQueues),
        Some(3) => Some(Right::StationQueues),
        Some(_) | None => None,
    }
}

/// Which resource it is; `None` for one that is there and never changes.
fn configuration(word: &str) -> Result<Option<Resource>, Answer> {
    match word {
        "users" => Ok(Some(Resource::Users)),
        "workgroups" => Ok(Some(Resource::Workgroups)),
        "status-messages" => Ok(Some(Resource::StatusMessages)),
        "server-parameters" | "system-parameters" | "feature-licenses" => Ok(None),
        _ => Err(Answer::not_found()),
    }
}

fn watch_configuration(
    world: &mut World,
    request: &Request,
    session: &str,
    resource: Resource,
    id: &str,
) -> Result<(), Answer> {
    let body = request.object()?;
    let ids = texts(&body, "configurationIds")?;
    let properties = texts(&body, "properties")?;
    text(&body, "rightsFilter")?;
    let all = ids.iter().any(|id| id == "*");
    if all && properties.iter().any(|name| name == "*") {
        return Err(Answer::invalid("properties"));
    }
    if !all && ids.iter().any(|id| world.configuration_object(resource, id).is_none()) {
        return Err(Answer::not_found());
    }
    let ids = (!all).then(|| ids.iter().map(|id| id.to_lowercase()).collect());
    world.watch_configuration(session, resource, id, ConfigurationWatch { ids, properties });
    Ok(())
}

fn activations(world: &mut World, request: &Request, session: &str, by: &str, id: &str) -> Result<(), Answer> {
    let body = request.object()?;
    let some = |names: Vec<String>| (!names.iter().any(|name| name == "*")).then_some(names);
    let watch = match by {
        "users" => {
            let user = world.known(&text(&body, "userId")?).map_err(|_| Answer::not_found())?;
            let groups = some(texts(&body, "workgroupIds")?);
            let groups = groups.map(|names| names.iter().map(|name| WorkgroupId::new(name)).collect());
            ActivationWatch::User(user, groups)
        }
        "workgroups" => {
            let group = WorkgroupId::new(&text(&body, "workgroupId")?);
            let users = some(texts(&body, "userIds")?);
            let users = users.map(|names| names.iter().map(|name| AgentId::new(name)).collect());
            ActivationWatch::Workgroup(group, users)
        }
        _ => return Err(Answer::not_found()),
    };
    world.watch_activations(session, id, watch);
    Ok(())
}
