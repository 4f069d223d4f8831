//! Out of office: an object of its own over the presence.

use axum::http::Method;

use super::body;
use super::refusal::Refusal;
use super::request::{Answer, Call, Reply};
use super::routes::Route;
use super::state::State;
use super::truth::{OutOfOfficeTruth, OutOfOfficeWrite};

pub(super) const ROUTES: &[Route] = &[
    Route::new(Method::GET, "/api/v2/users/{}/outofoffice", &[], get),
    Route::with_body(Method::PUT, "/api/v2/users/{}/outofoffice", &[], put),
];

fn get(state: &mut State, call: &Call<'_>) -> Answer {
    let user = call.uuid(0).and_then(|id| state.user(id)).ok_or_else(Refusal::no_presence_user)?;
    Ok(Reply::ok(user.show_out_of_office()))
}

/// Replaces the object; only the generic codes are documented.
fn put(state: &mut State, call: &Call<'_>) -> Answer {
    body::object(&call.body)?;
    let id = state.known_user(call, 0).ok_or_else(Refusal::not_found)?;
    let value = OutOfOfficeTruth {
        active: body::flag(&call.body, "active")?.unwrap_or(false),
        indefinite: body::flag(&call.body, "indefinite")?.unwrap_or(false),
        start: body::date(&call.body, "startDate")?,
        end: body::date(&call.body, "endDate")?,
    };
    if let (Some(start), Some(end)) = (value.start, value.end)
        && end < start
    {
        return Err(Refusal::constraint("endDate must not be before startDate"));
    }
    state.ledger.out_of_office_writes.push(OutOfOfficeWrite {
        arrived: call.at,
        user: id,
        value: value.clone(),
        token: call.number,
    });
    state.change_user(id, call.at, |user| user.set_out_of_office(value, call.at));
    get(state, call)
}
