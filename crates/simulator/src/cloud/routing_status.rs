//! The user-facing routing status: what it shows, and the little that can be set.

use axum::http::Method;
use domain::target::RoutingStatus;
use serde_json::json;

use super::body;
use super::refusal::Refusal;
use super::request::{Answer, Call, Reply};
use super::routes::Route;
use super::sources::SourceKey;
use super::state::State;
use super::truth::{DirectWrite, Kind};
use super::user::Routing;

pub(super) const ROUTES: &[Route] = &[
    Route::new(Method::GET, "/api/v2/users/{}/routingstatus", &[], get),
    Route::with_body(Method::PUT, "/api/v2/users/{}/routingstatus", &[], put),
];

/// An unknown user is shown as off queue, says the vendor's description.
fn get(state: &mut State, call: &Call<'_>) -> Answer {
    match call.uuid(0).and_then(|id| state.user(id)) {
        Some(user) => Ok(Reply::ok(user.show_routing(state.shown(user).routing))),
        None => Ok(Reply::ok(json!({"userId": call.params[0], "status": RoutingStatus::OffQueue.name()}))),
    }
}

/// On queue and off queue go through the presence, and what ACD computes cannot be set. What is left is to make an
/// agent who did not respond eligible again.
fn put(state: &mut State, call: &Call<'_>) -> Answer {
    body::object(&call.body)?;
    let id = state
        .known_user(call, 0)
        .ok_or_else(|| Refusal::new(404, "resource.not.found", "The resource could not be found."))?;
    let text = body::required_text(&call.body, "status")?;
    let wanted =
        RoutingStatus::ALL.into_iter().find(|status| status.name().eq_ignore_ascii_case(text)).ok_or_else(|| {
            Refusal::value(text, "RoutingStatus", "OFF_QUEUE, IDLE, INTERACTING, NOT_RESPONDING, COMMUNICATING")
        })?;
    let current = state.user(id).map(|user| state.shown(user)).ok_or_else(Refusal::not_found)?;
    let recovers = current.routing.status == RoutingStatus::NotResponding && wanted == RoutingStatus::Idle;
    if !recovers {
        let message = "An invalid routing status transition was attempted.";
        return Err(Refusal::new(400, "general.bad.request", message));
    }
    let at = call.at;
    let value = wanted.name().to_owned();
    let write = DirectWrite { arrived: at, kind: Kind::Routing, user: id, value, token: call.number };
    state.ledger.direct_writes.push(write);
    state.change_user(id, at, |user| {
        let idle = Routing { status: RoutingStatus::Idle, since: at };
        match current.routing_source {
            SourceKey::Registered(source) => user.injected.insert(source, idle),
            SourceKey::System(_) => Some(std::mem::replace(&mut user.derived, idle)),
        };
    });
    get(state, call)
}
