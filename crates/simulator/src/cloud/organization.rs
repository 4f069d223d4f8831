//! The organisation's own record.

use axum::http::Method;
use serde_json::json;

use super::body;
use super::refusal::Refusal;
use super::request::{Answer, Call, Reply};
use super::routes::Route;
use super::state::State;

/// Where the organisation of a token is.
pub(super) const OWN: &str = "/api/v2/organizations/me";

pub(super) const ROUTES: &[Route] = &[
    Route::new(Method::GET, OWN, &[], get),
    Route::with_body(Method::PUT, OWN, &["directory:organization:admin"], put),
];

fn get(state: &mut State, _: &Call<'_>) -> Answer {
    let organization = &state.organization;
    Ok(Reply::ok(json!({
        "id": organization.id,
        "name": organization.name,
        "defaultLanguage": "en_US",
        "defaultCountryCode": "US",
        "thirdPartyOrgName": "simulated",
        "domain": "simulated",
        "version": organization.version,
        "state": "active",
        "voicemailEnabled": false,
        "productPlatform": "GenesysCloud",
        "features": {},
        "selfUri": format!("/api/v2/organizations/{}", organization.id),
    })))
}

fn put(state: &mut State, call: &Call<'_>) -> Answer {
    body::object(&call.body)?;
    let version = body::number(&call.body, "version")?.ok_or_else(|| Refusal::missing("version"))?;
    if version != state.organization.version {
        let message = "The version supplied does not match the current version of the user";
        return Err(Refusal::new(409, "general.conflict", message));
    }
    if let Some(name) = body::text(&call.body, "name")? {
        state.organization.name = name.to_owned();
    }
    state.organization.version += 1;
    get(state, call)
}
