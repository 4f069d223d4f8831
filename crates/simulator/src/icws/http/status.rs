//! `/icws/{sid}/status`: the status messages, and users' statuses one by one.

use axum::http::{Method, StatusCode};
use domain::ids::AgentId;
use serde_json::{Value, json};

use super::answer::Answer;
use super::request::{Request, text};
use crate::icws::world::World;
use crate::icws::world::action::{ActError, Action};
use crate::icws::world::user::{Properties, User};

pub(super) fn answer(
    world: &mut World,
    request: &Request,
    session: &str,
    words: &[&str],
    id: Option<&String>,
) -> Result<Answer, Answer> {
    let get = request.method == Method::GET;
    match (words, id) {
        (["status-messages"], _) if get => {
            let list = world.catalogue.values().map(|status| status.to_wire(&world.setup.server));
            Ok(Answer::ok(&json!({"statusMessageList": list.collect::<Vec<_>>()})))
        }
        (["status-messages-user-access", _], Some(id)) if get => {
            let user = find(world, id)?;
            let ids: Vec<_> = world.catalogue.values().map(|status| &status.status_id).collect();
            Ok(Answer::ok(&json!({"userId": &*user.id, "statusMessages": ids})))
        }
        (["user-status-previous-info", _], Some(id)) if get => {
            Ok(Answer::ok(&json!({"userStatusPreviousInfoList": find(world, id)?.former_to_wire()})))
        }
        (["user-statuses", _], Some(id)) if get => Ok(Answer::ok(&find(world, id)?.status_to_wire(
            Properties::ALL,
            false,
            &world.setup.server,
            &world.withheld,
        ))),
        (["user-statuses", _], Some(id)) if request.method == Method::PUT => update(world, request, session, id),
        (["user-statuses", _], _) => Err(Answer::wrong_verb("GET, PUT")),
        (["status-messages"] | ["status-messages-user-access" | "user-status-previous-info", _], _) => {
            Err(Answer::wrong_verb("GET"))
        }
        _ => Err(Answer::not_found()),
    }
}

fn find<'a>(world: &'a World, id: &str) -> Result<&'a User, Answer> {
    world.users.get(&AgentId::new(id)).ok_or_else(Answer::not_found)
}

/// 202, and a message says when it is done. An unknown status is refused at once.
fn update(world: &mut World, request: &Request, session: &str, user: &str) -> Result<Answer, Answer> {
    let body = request.object()?;
    let status = text(&body, "statusId")?;
    let optional = |name: &str| match body.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(_) | None => String::new(),
    };
    let until = match body.get("until") {
        Some(Value::Null) | None => None,
        Some(until) => Some(serde_json::from_value(until.clone()).map_err(|_| Answer::invalid("until"))?),
    };
    let action = Action::Status {
        user: user.to_owned(),
        status,
        notes: optional("notes"),
        forward_number: optional("forwardNumber"),
        until,
        unlisted: false,
    };
    match world.act(action) {
        Ok(()) => {}
        Err(ActError::UnknownStatus(_)) => return Err(Answer::invalid("statusId")),
        Err(_) => return Err(Answer::not_found()),
    }
    let id = world.guid();
    let message = json!({"__type": "urn:inin.com:messaging:asyncOperationCompletedMessage", "isDelta": false,
        "requestId": id, "error": null});
    let visible = world.faults.visible();
    if let Some(session) = world.sessions.get_mut(session) {
        session.push(message.to_string(), visible);
    }
    Ok(Answer::json(StatusCode::ACCEPTED, &json!({"requestId": id})))
}
