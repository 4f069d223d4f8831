//! Agent states as analytics tells them: upper-case spellings, at most fifty agents of a query.

use std::collections::BTreeMap;

use axum::http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::body;
use super::dates;
use super::definitions::shouted;
use super::directory::by_name;
use super::refusal::Refusal;
use super::request::{Answer, Call, Reply};
use super::routes::Route;
use super::state::State;
use super::user::User;

const STATES: &[&str] = &["analytics:agentState:view"];
const OBSERVATIONS: &[&str] = &["analytics:userObservation:view"];

pub(super) const ROUTES: &[Route] = &[
    Route::new(Method::GET, "/api/v2/analytics/agents/{}/status", STATES, status),
    Route::with_body(Method::POST, "/api/v2/analytics/agents/status/query", STATES, status_query),
    Route::with_body(Method::POST, "/api/v2/analytics/agents/status/counts", STATES, status_counts),
    Route::with_body(Method::POST, "/api/v2/analytics/users/activity/query", OBSERVATIONS, activity_query),
    Route::with_body(Method::POST, "/api/v2/analytics/users/observations/query", OBSERVATIONS, observations_query),
];

const MOST_AGENTS: usize = 50;

fn show(state: &State, user: &User) -> Value {
    let shown = state.shown(user);
    json!({
        "userId": user.id,
        "divisionId": state.organization.division,
        "userName": user.name,
        "sessionCount": 0,
        "sessions": [],
        "systemPresence": shouted(state.definitions.system_of(shown.presence.definition)),
        "organizationPresenceId": shown.presence.definition,
        "presenceDate": dates::show(shown.presence.modified),
        "routingStatus": shown.routing.status.name(),
        "routingStatusDate": dates::show(shown.routing.since),
        "isOutOfOffice": shown.out_of_office.active,
    })
}

fn status(state: &mut State, call: &Call<'_>) -> Answer {
    let user = call.uuid(0).and_then(|id| state.user(id)).ok_or_else(Refusal::not_found)?;
    Ok(Reply::ok(show(state, user)))
}

/// The agents that a filter lets through, by name.
fn filtered<'s>(state: &'s State, filter: &Value) -> Vec<&'s User> {
    let active = state.users.values().filter(|user| user.state == "active");
    let admitted = active.filter(|user| filter.is_null() || admits(filter, &show(state, user)));
    by_name(admitted, false)
}

fn admits(filter: &Value, agent: &Value) -> bool {
    let items = |name: &str| filter[name].as_array().cloned().unwrap_or_default();
    let holds = |predicate: &Value| {
        let dimension = predicate["dimension"].as_str().unwrap_or_default();
        let actual = match &agent[dimension] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        actual.eq_ignore_ascii_case(predicate["value"].as_str().unwrap_or_default())
    };
    let mut answers = (items("predicates").iter().map(holds))
        .chain(items("clauses").iter().map(|clause| admits(clause, agent)))
        .collect::<Vec<bool>>()
        .into_iter();
    if answers.len() == 0 {
        return true;
    }
    match filter["type"].as_str().unwrap_or("and") {
        "or" => answers.any(|holds| holds),
        _ => answers.all(|holds| holds),
    }
}

fn status_query(state: &mut State, call: &Call<'_>) -> Answer {
    body::object(&call.body)?;
    let mut entities: Vec<Value> =
        filtered(state, &call.body["userFilter"]).into_iter().map(|user| show(state, user)).collect();
    let key = match body::text(&call.body, "userOrderBy")?.unwrap_or("userName") {
        name @ ("presenceDate"
        | "routingStatusDate"
        | "systemPresence"
        | "routingStatus"
        | "organizationPresenceId") => name,
        _ => "userName",
    };
    entities.sort_by_key(|entity| entity[key].as_str().map(str::to_owned));
    if body::text(&call.body, "userOrder")?.is_some_and(|order| order.eq_ignore_ascii_case("desc")) {
        entities.reverse();
    }
    entities.truncate(MOST_AGENTS);
    Ok(Reply::ok(json!({"entities": entities})))
}

fn status_counts(state: &mut State, call: &Call<'_>) -> Answer {
    body::object(&call.body)?;
    let agents: Vec<Value> =
        filtered(state, &call.body["userFilter"]).into_iter().map(|user| show(state, user)).collect();
    let groups = call.request.query.list("groupBy");
    let wanted = |name: &str| groups.is_empty() || groups.iter().any(|group| group.eq_ignore_ascii_case(name));
    let count = |keys: &[&str]| -> Vec<Value> {
        let mut counts: BTreeMap<String, (Value, i64)> = BTreeMap::new();
        for agent in &agents {
            let values: serde_json::Map<String, Value> =
                keys.iter().map(|key| ((*key).to_owned(), agent[*key].clone())).collect();
            let values = Value::Object(values);
            counts.entry(values.to_string()).or_insert((values, 0)).1 += 1;
        }
        counts
            .into_values()
            .map(|(mut values, count)| {
                values["count"] = json!(count);
                values
            })
            .collect()
    };
    Ok(Reply::ok(json!({
        "segmentCounts": wanted("segmentType").then(|| json!([])),
        "presenceCounts": wanted("presence").then(|| count(&["systemPresence", "organizationPresenceId"])),
        "routingStatusCounts": wanted("routingStatus").then(|| count(&["routingStatus"])),
        "isOutOfOfficeCounts": wanted("isOutOfOffice").then(|| count(&["isOutOfOffice"])),
    })))
}

/// The users that a filter of observations names; `userId` is all that such filters are used for here.
fn observed<'s>(state: &'s State, filter: &Value) -> Vec<&'s User> {
    match filter.is_null() {
        true => filtered(state, &Value::Null),
        false => filtered(state, filter),
    }
}

fn activity_query(state: &mut State, call: &Call<'_>) -> Answer {
    body::object(&call.body)?;
    for name in ["metrics", "groupBy"] {
        if call.body[name].as_array().is_none_or(Vec::is_empty) {
            return Err(Refusal::missing(name));
        }
    }
    let size = call.count("pageSize", 100, 500)?;
    let number = call.count("pageNumber", 1, usize::MAX)?;
    let results: Vec<Value> = (observed(state, &call.body["filter"]).into_iter())
        .skip(size.saturating_mul(number - 1))
        .take(size)
        .map(|user| {
            let shown = state.shown(user);
            json!({
                "group": {"userId": user.id},
                "data": [{"metric": "oActiveQueues", "count": 0}],
                "truncated": false,
                "entities": [{
                    "activityDate": dates::show(shown.presence.modified.max(shown.routing.since)),
                    "userId": user.id,
                    "systemPresence": shouted(state.definitions.system_of(shown.presence.definition)),
                    "organizationPresenceId": shown.presence.definition,
                    "presenceDate": dates::show(shown.presence.modified),
                    "routingStatus": shown.routing.status.name(),
                    "routingStatusDate": dates::show(shown.routing.since),
                }],
            })
        })
        .collect();
    Ok(Reply::ok(json!({"results": results, "entityIdDimension": "userId"})))
}

/// Queue memberships are not simulated: nobody has any.
fn observations_query(state: &mut State, call: &Call<'_>) -> Answer {
    body::object(&call.body)?;
    let metrics = call.body["metrics"].as_array().filter(|metrics| !metrics.is_empty());
    let metrics: Vec<Value> = metrics.ok_or_else(|| Refusal::missing("metrics"))?.clone();
    if call.body["filter"].is_null() {
        return Err(Refusal::missing("filter"));
    }
    let ids: Vec<Uuid> = observed(state, &call.body["filter"]).into_iter().map(|user| user.id).collect();
    let results: Vec<Value> = (ids.into_iter())
        .map(|id| {
            let data: Vec<Value> =
                metrics.iter().map(|metric| json!({"metric": metric, "stats": {"count": 0}})).collect();
            json!({"group": {"userId": id}, "data": data})
        })
        .collect();
    Ok(Reply::ok(json!({"results": results})))
}
