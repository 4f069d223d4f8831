//! External ids: under which key another system knows a user. Authority and key are compared with their case.

use axum::http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::body;
use super::directory::Expand;
use super::refusal::Refusal;
use super::request::{Answer, Call, Reply};
use super::routes::Route;
use super::state::State;
use super::user::User;

const EDIT: &[&str] = &["directory:user:edit"];

pub(super) const ROUTES: &[Route] = &[
    Route::new(Method::GET, "/api/v2/users/externalid/{}/{}", &[], find),
    Route::new(Method::GET, "/api/v2/users/{}/externalid", &[], list),
    Route::with_body(Method::POST, "/api/v2/users/{}/externalid", EDIT, add),
    Route::new(Method::GET, "/api/v2/users/{}/externalid/{}", &[], get),
    Route::new(Method::DELETE, "/api/v2/users/{}/externalid/{}/{}", EDIT, remove),
];

const MOST: usize = 100;

fn show(user: &User, id: &(String, String)) -> Value {
    let escape = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    json!({
        "authorityName": id.0,
        "externalKey": id.1,
        "selfUri": format!("/api/v2/users/{}/externalid/{}/{}", user.id, escape(&id.0), escape(&id.1)),
    })
}

fn show_all(user: &User) -> Value {
    user.external_ids.iter().map(|id| show(user, id)).collect()
}

fn not_found(message: &str) -> Refusal {
    Refusal::new(404, "general.resource.not.found", message)
}

fn find(state: &mut State, call: &Call<'_>) -> Answer {
    let expand = Expand::of(call)?;
    let user = (state.users.values())
        .filter(|user| user.state != "deleted")
        .find(|user| {
            user.external_ids.iter().any(|(authority, key)| authority == call.params[0] && key == call.params[1])
        })
        .ok_or_else(|| not_found("Unable to find a user associated with external identifier."))?;
    Ok(Reply::ok(expand.show(state, user)))
}

fn list(state: &mut State, call: &Call<'_>) -> Answer {
    let user = call.uuid(0).and_then(|id| state.user(id)).ok_or_else(Refusal::no_user)?;
    Ok(Reply::ok(show_all(user)))
}

fn get(state: &mut State, call: &Call<'_>) -> Answer {
    let user = call.uuid(0).and_then(|id| state.user(id)).ok_or_else(Refusal::no_user)?;
    let id = user.external_ids.iter().find(|(authority, _)| authority == call.params[1]);
    Ok(Reply::ok(show(user, id.ok_or_else(|| not_found("Unable to external identifier for for authority."))?)))
}

fn add(state: &mut State, call: &Call<'_>) -> Answer {
    body::object(&call.body)?;
    let wrong = |refusal: Refusal| Refusal { code: "general.bad.request".to_owned(), ..refusal };
    let authority = body::required_text(&call.body, "authorityName").map_err(wrong)?.to_owned();
    let key = body::required_text(&call.body, "externalKey").map_err(wrong)?.to_owned();
    let id = state.known_user(call, 0).ok_or_else(Refusal::no_user)?;
    let pair = (authority, key);
    if state.users.values().any(|user| user.state != "deleted" && user.external_ids.contains(&pair)) {
        return Err(Refusal::new(409, "general.resource.conflict", "The external identifier already exists."));
    }
    let user = state.users.get_mut(&id).ok_or_else(Refusal::no_user)?;
    if user.external_ids.len() >= MOST {
        return Err(Refusal::new(400, "general.bad.request", "A user can have 100 external identifiers at most."));
    }
    user.external_ids.push(pair);
    Ok(Reply::json(201, show_all(user)))
}

fn remove(state: &mut State, call: &Call<'_>) -> Answer {
    let id = state.known_user(call, 0).ok_or_else(Refusal::no_user)?;
    let user = state.users.get_mut(&id).ok_or_else(Refusal::no_user)?;
    let place =
        user.external_ids.iter().position(|(authority, key)| authority == call.params[1] && key == call.params[2]);
    let place = place.ok_or_else(|| not_found("Unable to find a external identifier for user."))?;
    user.external_ids.remove(place);
    Ok(Reply::empty(204))
}
