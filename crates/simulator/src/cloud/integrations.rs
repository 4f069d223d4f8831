//! Presences from other communication systems, matched by e-mail.

use axum::http::Method;
use domain::target::SystemPresence;
use serde_json::json;

use super::body;
use super::definitions::Definitions;
use super::refusal::Refusal;
use super::request::{Answer, Call, Reply};
use super::routes::Route;
use super::sources::{PURECLOUD, SourceKey};
use super::state::State;
use super::user::Presence;

pub(super) const ROUTES: &[Route] = &[Route::with_body(
    Method::PUT,
    "/api/v2/integrations/unifiedcommunications/{}/thirdpartypresences",
    &["integration:presence:edit"],
    put,
)];

const LARGEST: usize = 25;

/// The integration's own configuration maps presence texts; the simulated ones take the names of system presences, and
/// Busy for any other. An integration's id is its source's name.
fn put(state: &mut State, call: &Call<'_>) -> Answer {
    let source = SourceKey::system(call.params[0])
        .filter(|source| *source != PURECLOUD)
        .ok_or_else(|| Refusal::new(404, "integration.not.found", "Integration ID not found."))?;
    let items = body::objects(&call.body)?;
    if items.len() > LARGEST {
        return Err(Refusal::new(400, "max.user.presences", "Only 25 user presences can be updated at a time."));
    }
    let mut found = Vec::new();
    for item in items {
        let email = body::required_text(item, "email")?;
        let presence = SystemPresence::parse(body::required_text(item, "presence")?).unwrap_or(SystemPresence::Busy);
        let message = body::text(item, "message")?.unwrap_or_default().to_owned();
        let modified = body::date(item, "dateModified")?.unwrap_or(call.at);
        let matches = |known: &String| known.eq_ignore_ascii_case(email);
        let user = state.users.values().find(|user| user.state == "active" && user.email.as_ref().is_some_and(matches));
        if let Some(user) = user {
            found.push((user.id, Presence { definition: Definitions::id_of(presence), message, modified }));
        }
    }
    if found.is_empty() {
        return Err(Refusal::new(404, "no.user.presences", "No users matched integration presence lookup."));
    }
    for (user, presence) in found {
        state.change_user(user, call.at, |user| {
            user.presences.insert(source, presence);
        });
    }
    Ok(Reply::json(202, json!("Accepted")))
}
