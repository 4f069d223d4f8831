//! `/icws/{sid}/activations`: who takes interactions of which workgroup, by user and by workgroup.

use axum::http::Method;
use domain::ids::{AgentId, WorkgroupId};
use serde_json::{Value, json};

use super::answer::Answer;
use super::request::Request;
use crate::icws::world::World;

pub(super) fn answer(
    world: &mut World,
    request: &Request,
    words: &[&str],
    id: Option<&String>,
) -> Result<Answer, Answer> {
    match (words, id, &request.method) {
        (["users"], _, &Method::GET) => {
            let sets: Result<Vec<_>, _> = selected(request)?.iter().map(|id| of_user(world, id)).collect();
            Ok(Answer::ok(&json!({"userActivationSetList": sets?})))
        }
        (["workgroups"], _, &Method::GET) => {
            let sets: Result<Vec<_>, _> = selected(request)?.iter().map(|id| of_workgroup(world, id)).collect();
            Ok(Answer::ok(&json!({"workgroupActivationSetList": sets?})))
        }
        (["users" | "workgroups"], ..) => Err(Answer::wrong_verb("GET")),
        (["users", _], Some(id), &Method::GET) => Ok(Answer::ok(&of_user(world, id)?)),
        (["workgroups", _], Some(id), &Method::GET) => Ok(Answer::ok(&of_workgroup(world, id)?)),
        (["users", _], Some(id), &Method::PUT) => {
            for (workgroup, active) in changes(request)? {
                world.activate(id, &workgroup, active).map_err(|_| Answer::invalid("activations"))?;
            }
            Ok(Answer::ok(&of_user(world, id)?))
        }
        (["workgroups", _], Some(id), &Method::PUT) => {
            for (user, active) in changes(request)? {
                world.activate(&user, id, active).map_err(|_| Answer::invalid("activations"))?;
            }
            Ok(Answer::ok(&of_workgroup(world, id)?))
        }
        (["users" | "workgroups", _], ..) => Err(Answer::wrong_verb("GET, PUT")),
        _ => Err(Answer::not_found()),
    }
}

fn selected(request: &Request) -> Result<Vec<String>, Answer> {
    let ids = request.query_list("select");
    if ids.is_empty() { Err(Answer::missing("select")) } else { Ok(ids) }
}

fn changes(request: &Request) -> Result<Vec<(String, bool)>, Answer> {
    let body = request.object()?;
    let Some(Value::Object(activations)) = body.get("activations") else {
        return Err(Answer::missing("activations"));
    };
    let change = |(name, active): (&String, &Value)| Some((name.clone(), active.as_bool()?));
    activations.iter().map(change).collect::<Option<_>>().ok_or_else(|| Answer::invalid("activations"))
}

fn of_user(world: &World, id: &str) -> Result<Value, Answer> {
    let user = AgentId::new(id);
    let known = world.users.get(&user).ok_or_else(Answer::not_found)?;
    Ok(json!({"userId": &*known.id, "activations": world.activations_of(&user, None)}))
}

fn of_workgroup(world: &World, id: &str) -> Result<Value, Answer> {
    let group = WorkgroupId::new(id);
    let known = world.workgroups.get(&group).ok_or_else(Answer::not_found)?;
    Ok(json!({"workgroupId": &*known.name, "activations": world.activations_in(&group, None)}))
}
