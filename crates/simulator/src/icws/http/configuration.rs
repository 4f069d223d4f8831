//! `/icws/{sid}/configuration`: users, workgroups, status messages, feature licences and parameters, read only.
//!
//! `Range: items=0-199` and `Content-Range` page through a list. With `select` an answer has at most 200 items.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::answer::Answer;
use super::request::Request;
use crate::icws::catalogue::configuration_id;
use crate::icws::selection::{conditions, order, project};
use crate::icws::world::World;
use crate::icws::world::rights::Right;
use crate::icws::world::session::Resource;

/// The most items of an answer that has more than ids.
const CAP: usize = 200;
/// What a custom application needs to log on at all.
const SDK: &str = "I3_FEATURE_ICWS_SDK";
/// What the vendor's own bridge to workforce management needs.
const WORKFORCE: &str = "I3_FEATURE_CLOUD_WEM_WORKFORCE_PLANNING";

pub(super) fn answer(world: &World, request: &Request, words: &[&str], id: Option<&String>) -> Result<Answer, Answer> {
    if request.method != Method::GET {
        return Err(Answer::wrong_verb("GET"));
    }
    if words.first() == Some(&"feature-licenses") && !world.withheld.has(Right::Licenses) {
        return Err(Answer::no_right());
    }
    match (words, id) {
        ([resource], _) => match configured(resource) {
            Some(resource) => list_configured(world, request, resource),
            None => list(request, &others(world, resource).ok_or_else(Answer::not_found)?),
        },
        ([resource, _], Some(id)) => {
            let object = match configured(resource) {
                Some(resource) => world.configuration_object(resource, id),
                None => others(world, resource).and_then(|all| {
                    all.into_iter().find(|object| {
                        object["configurationId"]["id"].as_str().is_some_and(|known| known.eq_ignore_ascii_case(id))
                    })
                }),
            };
            let object = object.ok_or_else(Answer::not_found)?;
            Ok(Answer::ok(&project(&object, &request.query_list("select"))))
        }
        _ => Err(Answer::not_found()),
    }
}

fn configured(word: &str) -> Option<Resource> {
    match word {
        "users" => Some(Resource::Users),
        "workgroups" => Some(Resource::Workgroups),
        "status-messages" => Some(Resource::StatusMessages),
        _ => None,
    }
}

/// The resources that nobody watches.
fn others(world: &World, word: &str) -> Option<Vec<Value>> {
    let object = |id: &str| json!({"configurationId": configuration_id(word, id, id)});
    match word {
        "feature-licenses" => {
            let more = world.setup.workforce_engagement.then_some(WORKFORCE);
            let ids = ["I3_FEATURE_ACD", "I3_FEATURE_CALL", SDK].into_iter().chain(more);
            Some(ids.map(object).collect())
        }
        "license-allocations" => Some(vec![object("I3_ACCESS_CLIENT")]),
        "roles" => Some(vec![object("Agent"), object("Supervisor")]),
        "stations" => Some(world.users.values().filter_map(|user| user.station.as_deref()).map(object).collect()),
        "server-parameters" | "system-parameters" => {
            let mut parameter = object("Site Name");
            parameter["value"] = json!(world.setup.server);
            Some(vec![parameter])
        }
        _ => None,
    }
}

/// A list of objects that are worth not making when nobody sees them.
fn list_configured(world: &World, request: &Request, resource: Resource) -> Result<Answer, Answer> {
    let ids = world.configuration_ids(resource);
    if request.query("where").is_some() || request.query("orderBy").is_some() {
        let objects: Vec<_> = ids.iter().filter_map(|id| world.configuration_object(resource, id)).collect();
        return list(request, &objects);
    }
    let (first, end) = window(request, ids.len());
    let page: Vec<_> = ids[first..end].iter().filter_map(|id| world.configuration_object(resource, id)).collect();
    Ok(page_of(request, &page, first, ids.len()))
}

fn list(request: &Request, all: &[Value]) -> Result<Answer, Answer> {
    let conditions = conditions(request.query("where").unwrap_or_default()).map_err(|part| {
        let message = format!("The condition '{part}' could not be read.");
        Answer::error(StatusCode::BAD_REQUEST, Some("error.request.invalidQuery"), None, &message)
    })?;
    let mut found: Vec<Value> =
        all.iter().filter(|object| conditions.iter().all(|condition| condition.holds(object))).cloned().collect();
    if let Some(order_by) = request.query("orderBy") {
        found.sort_by(|one, other| order(order_by, one, other));
    }
    let (first, end) = window(request, found.len());
    Ok(page_of(request, &found[first..end], first, found.len()))
}

/// Which items are asked for, as first and end.
fn window(request: &Request, total: usize) -> (usize, usize) {
    let asked = request.header("Range").and_then(|range| range.trim().strip_prefix("items="));
    let asked = asked.and_then(|range| range.split_once('-'));
    let first = asked.and_then(|(first, _)| first.trim().parse().ok()).unwrap_or(0);
    let last: Option<usize> = asked.and_then(|(_, last)| last.trim().parse().ok());
    let end = last.map_or(total, |last| last.saturating_add(1)).min(total);
    let first = first.min(total);
    let cap = if request.query("select").is_some() { CAP } else { total };
    (first, end.max(first).min(first.saturating_add(cap)))
}

fn page_of(request: &Request, page: &[Value], first: usize, total: usize) -> Answer {
    let select = request.query_list("select");
    let items: Vec<_> = page.iter().map(|object| project(object, &select)).collect();
    let range = if page.is_empty() {
        format!("items */{total}")
    } else {
        format!("items {first}-{}/{total}", first + page.len() - 1)
    };
    Answer::ok(&json!({"items": items})).with("Content-Range", range)
}
