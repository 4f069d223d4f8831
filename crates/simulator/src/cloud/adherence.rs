//! Real-time adherence, of which only what follows from presence is simulated: nobody has a schedule.

use axum::http::Method;
use domain::target::SystemPresence;
use serde_json::{Value, json};
use uuid::Uuid;

use super::dates;
use super::definitions::joined;
use super::refusal::Refusal;
use super::request::{Answer, Call, Reply};
use super::routes::Route;
use super::state::State;
use super::user::User;

pub(super) const ROUTES: &[Route] =
    &[Route::new(Method::GET, "/api/v2/workforcemanagement/adherence", &["wfm:realtimeAdherence:view"], list)];

const MOST_IDS: usize = 100;

/// The activity that a presence counts as unless an administrator says otherwise.
fn category(system: SystemPresence) -> &'static str {
    match system {
        SystemPresence::OnQueue => "OnQueueWork",
        SystemPresence::Break => "Break",
        SystemPresence::Meal => "Meal",
        SystemPresence::Meeting => "Meeting",
        SystemPresence::Training => "Training",
        SystemPresence::Available | SystemPresence::Busy => "OffQueueWork",
        SystemPresence::Away | SystemPresence::Idle | SystemPresence::Offline => "Unavailable",
    }
}

/// The adherence object of a user, also as the notification tells it.
pub(super) fn show(state: &State, user: &User) -> Value {
    let shown = state.shown(user);
    let definition = state.definitions.get(shown.presence.definition);
    let system = state.definitions.system_of(shown.presence.definition);
    json!({
        "id": user.id,
        "user": {"id": user.id, "selfUri": format!("/api/v2/users/{}", user.id)},
        "systemPresence": joined(system),
        "organizationSecondaryPresenceId": definition.filter(|found| !found.is_system).map(|found| found.id),
        "routingStatus": shown.routing.status.name(),
        "scheduledActivityCategory": "Unscheduled",
        "actualActivityCategory": category(system),
        "isOutOfOffice": shown.out_of_office.active,
        "adherenceState": "Unscheduled",
        "impact": "Neutral",
        "presenceUpdateTime": dates::show(shown.presence.modified),
        "timeOfAdherenceChange": dates::show(shown.presence.modified),
        "activeQueues": [],
        "removedFromManagementUnit": false,
    })
}

fn list(state: &mut State, call: &Call<'_>) -> Answer {
    let ids = call.request.query.list("userId");
    if ids.is_empty() {
        return Err(Refusal::new(400, "no.user.ids.specified", "You must specify at least one userId"));
    }
    if ids.len() > MOST_IDS {
        return Err(Refusal::new(400, "max.user.ids", "Only 100 users can be requested at a time"));
    }
    let ids: Option<Vec<Uuid>> = ids.iter().map(|id| Uuid::try_parse(id).ok()).collect();
    let ids = ids.ok_or_else(|| Refusal::new(400, "invalid.id", "All requested user IDs must be valid UUIDs"))?;
    let found: Vec<Value> = ids.into_iter().filter_map(|id| state.user(id)).map(|user| show(state, user)).collect();
    Ok(Reply::ok(json!(found)))
}
