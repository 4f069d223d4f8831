//! Presence definitions through the interface of old, `/api/v2/presencedefinitions`, and the system presences.
//!
//! It pages, does not tell the type, spells `On Queue` with a blank, and writes the languages of labels in lower case.

use std::collections::BTreeMap;

use axum::http::Method;
use domain::target::SystemPresence;
use serde_json::{Value, json};

use super::body;
use super::dates;
use super::definitions::{self, Definition, missing};
use super::paging::Page;
use super::refusal::Refusal;
use super::request::{Answer, Call, Reply};
use super::routes::Route;
use super::state::State;
use crate::population::random_uuid;

pub(super) const ROUTES: &[Route] = &[
    Route::new(Method::GET, "/api/v2/presencedefinitions", &[], list),
    Route::with_body(Method::POST, "/api/v2/presencedefinitions", &["presence:presenceDefinition:add"], create),
    Route::new(Method::GET, "/api/v2/presencedefinitions/{}", &["presence:presenceDefinition:view"], get),
    Route::with_body(Method::PUT, "/api/v2/presencedefinitions/{}", &["presence:presenceDefinition:edit"], update),
    Route::new(Method::DELETE, "/api/v2/presencedefinitions/{}", &["presence:presenceDefinition:delete"], deactivate),
    Route::new(Method::GET, "/api/v2/systempresences", &[], system_presences),
];

fn show(state: &State, definition: &Definition) -> Value {
    let labels: BTreeMap<String, &String> =
        definition.labels.iter().map(|(locale, label)| (locale.to_lowercase(), label)).collect();
    let admin = state.organization.admin;
    let admin = json!({"id": admin, "selfUri": format!("/api/v2/users/{admin}"), "version": 1});
    json!({
        "id": definition.id,
        "name": definition.labels.get("en_US").or_else(|| definition.labels.values().next()),
        "languageLabels": labels,
        "systemPresence": definition.system.name(),
        "deactivated": definition.deactivated,
        "primary": definition.is_system,
        "createdBy": admin,
        "createdDate": dates::show(definition.created),
        "modifiedBy": admin,
        "modifiedDate": dates::show(definition.modified),
        "selfUri": format!("/api/v2/presencedefinitions/{}", definition.id),
    })
}

fn list(state: &mut State, call: &Call<'_>) -> Answer {
    let deleted = call.choice("deleted", &["FALSE", "TRUE", "ALL"], "FALSE")?;
    let found: Vec<&Definition> = (state.definitions.0.iter())
        .filter(|definition| match deleted {
            "TRUE" => definition.deactivated,
            "ALL" => true,
            _ => !definition.deactivated,
        })
        .collect();
    let page = Page::of(call, found.len())?;
    let entities = page.slice(&found).iter().map(|definition| show(state, definition)).collect();
    Ok(Reply::ok(page.listing(call, entities)))
}

fn get(state: &mut State, call: &Call<'_>) -> Answer {
    let definition = call.uuid(0).and_then(|id| state.definitions.get(id)).ok_or_else(missing)?;
    Ok(Reply::ok(show(state, definition)))
}

fn create(state: &mut State, call: &Call<'_>) -> Answer {
    body::object(&call.body)?;
    let id = random_uuid(&mut state.random);
    let definition = Definition {
        id,
        system: definitions::system(&call.body)?,
        is_system: false,
        labels: definitions::labels(&call.body)?,
        division: "*".to_owned(),
        deactivated: body::flag(&call.body, "deactivated")?.unwrap_or(false),
        created: call.at,
        modified: call.at,
    };
    state.definitions.add(definition)?;
    shown(state, id)
}

fn update(state: &mut State, call: &Call<'_>) -> Answer {
    body::object(&call.body)?;
    let id = call.uuid(0).ok_or_else(missing)?;
    let labels = definitions::labels(&call.body)?;
    let deactivated = body::flag(&call.body, "deactivated")?;
    state.definitions.change(id, call.at, |definition| {
        definition.labels = labels;
        definition.deactivated = deactivated.unwrap_or(definition.deactivated);
    })?;
    shown(state, id)
}

fn deactivate(state: &mut State, call: &Call<'_>) -> Answer {
    let id = call.uuid(0).ok_or_else(missing)?;
    state.definitions.change(id, call.at, |definition| definition.deactivated = true)?;
    Ok(Reply::empty(200))
}

fn shown(state: &State, id: uuid::Uuid) -> Result<Reply, Refusal> {
    let definition = state.definitions.get(id).ok_or_else(missing)?;
    Ok(Reply::ok(show(state, definition)))
}

fn system_presences(_: &mut State, _: &Call<'_>) -> Answer {
    let all: Vec<Value> = (SystemPresence::ALL.iter())
        .map(|system| {
            let id = definitions::shouted(*system);
            json!({"id": id, "name": system.name(), "selfUri": "/api/v2/systempresences"})
        })
        .collect();
    Ok(Reply::ok(json!(all)))
}
