//! What channels are subscribed to, set over REST or over the channel's own socket.

use axum::http::Method;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::body;
use super::clients::Clients;
use super::refusal::Refusal;
use super::request::{Answer, Call, Reply};
use super::routes::Route;
use super::state::State;
use super::topics::{self, Topic};

const PATH: &str = "/api/v2/notifications/channels/{}/subscriptions";

pub(super) const ROUTES: &[Route] = &[
    Route::new(Method::GET, PATH, &[], list),
    Route::with_body(Method::POST, PATH, &[], |state, call| subscribe_by_request(state, call, false)),
    Route::with_body(Method::PUT, PATH, &[], |state, call| subscribe_by_request(state, call, true)),
    Route::new(Method::DELETE, PATH, &[], clear),
    Route::new(Method::GET, "/api/v2/notifications/availabletopics", &[], available_topics),
];

const MOST_TOPICS: usize = 1000;

fn no_channel() -> Refusal {
    Refusal::new(400, "notification.unable.to.get.channel.id", "Unable to get channel Id.")
}

fn show_topic(id: &str) -> Value {
    let uri = format!("/api/v2/notifications/availabletopics/{}", id.replace('?', "."));
    json!({"id": id, "state": "Permitted", "selfUri": uri})
}

fn list(state: &mut State, call: &Call<'_>) -> Answer {
    let channel = state.channels.find(call.params[0]).ok_or_else(Refusal::not_found)?;
    Ok(Reply::ok(json!({"entities": channel.ids.iter().map(|id| show_topic(id)).collect::<Vec<_>>()})))
}

fn clear(state: &mut State, call: &Call<'_>) -> Answer {
    state.channels.find(call.params[0]).ok_or_else(Refusal::not_found)?.set(Vec::new());
    Ok(Reply::empty(200))
}

fn subscribe_by_request(state: &mut State, call: &Call<'_>, replace: bool) -> Answer {
    let ignore_errors = call.choice("ignoreErrors", &["true", "false"], "false")? == "true";
    let wanted: Vec<String> = body::objects(&call.body)?
        .iter()
        .map(|item| body::required_text(item, "id").map(str::to_owned))
        .collect::<Result<_, _>>()?;
    let entities = subscribe(state, call.params[0], &wanted, replace, ignore_errors, call.at)?;
    Ok(Reply::ok(json!({"entities": entities})))
}

/// Subscribes a channel. Without `ignore_errors` one bad topic fails the whole request.
fn subscribe(
    state: &mut State,
    channel: &str,
    wanted: &[String],
    replace: bool,
    ignore_errors: bool,
    at: Timestamp,
) -> Result<Vec<Value>, Refusal> {
    let known = state.channels.find(channel).ok_or_else(if replace {
        || Refusal::new(404, "entity.not.found", "Subscription list not found.")
    } else {
        no_channel
    })?;
    let mut ids = if replace { Vec::new() } else { known.ids.clone() };
    let client = known.client.clone();
    let mut entities = Vec::with_capacity(wanted.len());
    for id in wanted {
        match check(&state.access.clients, &client, id) {
            Ok(()) => {
                entities.push(show_topic(id));
                if !ids.contains(id) {
                    ids.push(id.clone());
                }
            }
            Err(refusal) if ignore_errors => {
                entities.push(json!({
                    "id": id,
                    "state": "Rejected",
                    "rejectionReason": refusal.message,
                    "missingPermissions": missing(&state.access.clients, &client, id),
                }));
            }
            Err(refusal) => return Err(refusal),
        }
    }
    if ids.len() > MOST_TOPICS {
        return Err(Refusal::new(400, "notification.subscription.too.many.subscriptions", "Too many subscriptions"));
    }
    let known = state.channels.find(channel).ok_or_else(no_channel)?;
    known.set(ids);
    known.renew(at);
    Ok(entities)
}

fn check(clients: &Clients, client: &str, id: &str) -> Result<(), Refusal> {
    let parts = topics::parse(id)
        .ok_or_else(|| Refusal::new(400, "notification.invalid.topic", "The subscription topic is not valid."))?;
    for permission in parts.into_iter().filter_map(|(_, topic)| topic.permission()) {
        clients
            .permit(client, &[permission])
            .map_err(|_| Refusal::new(403, "notification.unauthorized.topic", "Not authorized for this topic."))?;
    }
    Ok(())
}

/// The permissions that a topic needs and that are not there.
fn missing(clients: &Clients, client: &str, id: &str) -> Vec<&'static str> {
    let needed = topics::parse(id).into_iter().flatten().filter_map(|(_, topic)| topic.permission());
    needed.filter(|permission| clients.permit(client, &[permission]).is_err()).collect()
}

fn available_topics(_: &mut State, call: &Call<'_>) -> Answer {
    let expand = call.request.query.list("expand");
    let told =
        |name: &str, value: Value| expand.iter().any(|wanted| wanted.eq_ignore_ascii_case(name)).then_some(value);
    let entities: Vec<Value> = (Topic::ALL.iter())
        .map(|topic| {
            let permissions = json!(topic.permission().into_iter().collect::<Vec<_>>());
            json!({
                "id": format!("v2.users.{{id}}.{}", topic.suffix()),
                "description": told("description", json!(format!("Changes of a user's {}", topic.suffix()))),
                "requiresPermissions": told("requiresPermissions", permissions),
                "transports": told("transports", json!(["All"])),
                "visibility": told("visibility", json!("Public")),
                "enforced": told("enforced", json!(true)),
                "schema": told("schema", json!({})),
                "topicParameters": told("topicParameters", json!(["id"])),
            })
        })
        .collect();
    Ok(Reply::ok(json!({"entities": entities})))
}

/// Answers what a client said over its socket.
pub(super) fn say(state: &mut State, channel: &str, text: &str, at: Timestamp) -> Option<String> {
    if state.channels.muted {
        return None;
    }
    let said: Value = serde_json::from_str(text).ok()?;
    match said["message"].as_str()? {
        "ping" => Some(json!({"topicName": "channel.metadata", "eventBody": {"message": "pong"}}).to_string()),
        "subscribe" => {
            let wanted: Vec<String> =
                said["topics"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
            let (result, status) = match state.channels.has(channel, at) {
                false => ("404", "failure"),
                true => match subscribe(state, channel, &wanted, false, false, at) {
                    Ok(_) => ("200", "subscribed"),
                    Err(_) => ("400", "failure"),
                },
            };
            let mut answer = json!({"result": result, "status": status, "topics": wanted});
            if let Some(correlation) = said["correlationId"].as_str() {
                answer["correlationId"] = json!(correlation);
            }
            Some(answer.to_string())
        }
        _ => None,
    }
}
