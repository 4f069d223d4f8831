//! Adding, changing and removing users, and their state.

use axum::http::Method;
use serde_json::{Value, json};

use super::body;
use super::dates;
use super::directory::Expand;
use super::refusal::Refusal;
use super::request::{Answer, Call, Reply};
use super::routes::Route;
use super::state::State;
use super::user::User;
use crate::population::random_uuid;

pub(super) const ROUTES: &[Route] = &[
    Route::with_body(Method::POST, "/api/v2/users", &["directory:user:add"], create),
    Route::with_body(
        Method::PATCH,
        "/api/v2/users/{}",
        &["admin", "directory:user:edit", "directory:organization:admin"],
        update,
    ),
    Route::new(
        Method::DELETE,
        "/api/v2/users/{}",
        &["admin", "directory:user:delete", "directory:organization:admin"],
        delete,
    ),
    Route::new(Method::GET, "/api/v2/users/{}/state", &["directory:userStateChange:view"], get_state),
    Route::with_body(Method::PUT, "/api/v2/users/{}/state", &["directory:user:edit"], put_state),
];

/// A state's name as the platform writes it.
pub(super) fn state_name(text: &str) -> Result<&'static str, Refusal> {
    ["active", "inactive", "deleted"]
        .into_iter()
        .find(|name| name.eq_ignore_ascii_case(text))
        .ok_or_else(|| Refusal::value(text, "State", "active, inactive, deleted"))
}

fn bad_request(refusal: Refusal) -> Refusal {
    Refusal { code: "general.bad.request".to_owned(), ..refusal }
}

fn check_email(state: &State, email: &str, except: Option<&User>) -> Result<(), Refusal> {
    if !email.contains('@') {
        return Err(Refusal::new(400, "general.bad.request", "The email address is not valid."));
    }
    let taken = (state.users.values())
        .filter(|user| except.is_none_or(|except| except.id != user.id) && user.state != "deleted")
        .any(|user| user.email.as_ref().is_some_and(|known| known.eq_ignore_ascii_case(email)));
    match taken {
        true => Err(Refusal::new(
            409,
            "general.conflict",
            "The request could not be completed by the server due to a conflict.",
        )),
        false => Ok(()),
    }
}

fn create(state: &mut State, call: &Call<'_>) -> Answer {
    body::object(&call.body)?;
    let name = body::required_text(&call.body, "name").map_err(bad_request)?;
    let email = body::required_text(&call.body, "email").map_err(bad_request)?;
    body::required_text(&call.body, "divisionId").map_err(bad_request)?;
    let user_state = state_name(body::text(&call.body, "state")?.unwrap_or("active"))?;
    check_email(state, email, None)?;
    let mut user = User::new(random_uuid(&mut state.random), name, Some(email), call.at);
    user.state = user_state;
    fill(&mut user, &call.body)?;
    let shown = Expand::names(Vec::new()).show(state, &user);
    state.users.insert(user.id, user);
    Ok(Reply::ok(shown))
}

/// The properties that creating and changing have in common.
fn fill(user: &mut User, body: &Value) -> Result<(), Refusal> {
    if let Some(department) = body::text(body, "department")? {
        user.department = Some(department.to_owned());
    }
    if let Some(title) = body::text(body, "title")? {
        user.title = Some(title.to_owned());
    }
    if body["addresses"].is_array() {
        user.addresses = body["addresses"].clone();
    }
    Ok(())
}

fn check_version(user: &User, version: Option<i64>) -> Result<(), Refusal> {
    match version {
        Some(version) if version == user.version => Ok(()),
        Some(_) => {
            let message = "The version supplied does not match the current version of the user";
            Err(Refusal::new(409, "general.conflict", message))
        }
        None => Err(bad_request(Refusal::missing("version"))),
    }
}

fn update(state: &mut State, call: &Call<'_>) -> Answer {
    body::object(&call.body)?;
    let user = call.uuid(0).and_then(|id| state.user(id)).ok_or_else(Refusal::no_user)?;
    let id = user.id;
    check_version(user, body::number(&call.body, "version")?)?;
    let email = body::text(&call.body, "email")?;
    if let Some(email) = email {
        check_email(state, email, Some(user))?;
    }
    let name = body::text(&call.body, "name")?;
    let username = body::text(&call.body, "username")?;
    let auto_answer = body::flag(&call.body, "acdAutoAnswer")?;
    let user_state = body::text(&call.body, "state")?.map(state_name).transpose()?;
    let user = state.users.get_mut(&id).ok_or_else(Refusal::no_user)?;
    fill(user, &call.body)?;
    user.name = name.map_or_else(|| user.name.clone(), str::to_owned);
    user.email = email.map(str::to_owned).or_else(|| user.email.clone());
    user.username = username.or(email).map_or_else(|| user.username.clone(), str::to_owned);
    user.acd_auto_answer = auto_answer.unwrap_or(user.acd_auto_answer);
    if let Some(user_state) = user_state {
        user.state = user_state;
        user.state_changed = call.at;
    }
    user.version += 1;
    let user = state.users.get(&id).ok_or_else(Refusal::no_user)?;
    Ok(Reply::ok(Expand::names(Vec::new()).show(state, user)))
}

fn delete(state: &mut State, call: &Call<'_>) -> Answer {
    let id = state.known_user(call, 0).ok_or_else(Refusal::no_user)?;
    let user = state.users.get_mut(&id).ok_or_else(Refusal::no_user)?;
    user.state = "deleted";
    user.state_changed = call.at;
    user.version += 1;
    Ok(Reply::ok(json!({})))
}

fn show_state(user: &User) -> Value {
    json!({"state": user.state, "version": user.version, "stateChangeDate": dates::show(user.state_changed)})
}

fn get_state(state: &mut State, call: &Call<'_>) -> Answer {
    let user = call.uuid(0).and_then(|id| state.users.get(&id)).ok_or_else(Refusal::no_user)?;
    Ok(Reply::ok(show_state(user)))
}

fn put_state(state: &mut State, call: &Call<'_>) -> Answer {
    body::object(&call.body)?;
    let id = call.uuid(0).ok_or_else(Refusal::no_user)?;
    let user = state.users.get_mut(&id).ok_or_else(Refusal::no_user)?;
    let wanted = state_name(body::required_text(&call.body, "state").map_err(bad_request)?)?;
    check_version(user, body::number(&call.body, "version")?)?;
    user.state = wanted;
    user.state_changed = call.at;
    user.version += 1;
    Ok(Reply::ok(show_state(user)))
}
