//! `/icws/{sid}/interactions/{id}`: the attributes of one interaction.

use axum::http::{Method, StatusCode};
use domain::ids::InteractionId;
use serde_json::{Map, Value, json};

use super::answer::Answer;
use super::request::Request;
use crate::icws::world::World;

/// What is given when nothing is selected.
const USUAL: [&str; 8] = [
    "Eic_State",
    "Eic_UserName",
    "Eic_WorkgroupName",
    "Eic_ObjectType",
    "Eic_CallDirection",
    "Eic_CallType",
    "Eic_InitiationTime",
    "Eic_ConnectTime",
];

pub(super) fn answer(world: &mut World, request: &Request, rest: &[String]) -> Result<Answer, Answer> {
    let [id] = rest else { return Err(Answer::not_found()) };
    let call = world.calls.get_mut(&InteractionId::new(id)).ok_or_else(Answer::not_found)?;
    match request.method {
        Method::GET => {
            let mut names = request.query_list("select");
            if names.is_empty() {
                names = USUAL.map(str::to_owned).to_vec();
            }
            let attributes: Map<String, Value> =
                names.into_iter().map(|name| (name.clone(), json!(call.attribute(&name)))).collect();
            Ok(Answer::ok(&json!({"attributes": attributes})))
        }
        Method::POST => {
            let body = request.object()?;
            let Some(Value::Object(attributes)) = body.get("attributes") else {
                return Err(Answer::missing("attributes"));
            };
            for (name, value) in attributes {
                let value = value.as_str().ok_or_else(|| Answer::invalid(name))?;
                call.set.insert(name.to_ascii_lowercase(), value.to_owned());
            }
            Ok(Answer::empty(StatusCode::NO_CONTENT))
        }
        _ => Err(Answer::wrong_verb("GET, POST")),
    }
}
