//! Presence definitions: ten of the system, the organisation's own under them; the new interface to them.
//!
//! The interface of old is in `old_definitions`. Spellings differ: `OnQueue` here, `On Queue` there and in presences,
//! `ON_QUEUE` in notifications.

use std::collections::BTreeMap;

use axum::http::Method;
use domain::target::SystemPresence;
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::{Uuid, uuid};

use super::body;
use super::refusal::Refusal;
use super::request::{Answer, Call, Reply};
use super::routes::Route;
use super::state::State;
use crate::population::random_uuid;

pub(super) const ROUTES: &[Route] = &[
    Route::new(Method::GET, "/api/v2/presence/definitions", &["presence:presenceDefinition:view"], list),
    Route::with_body(Method::POST, "/api/v2/presence/definitions", &["presence:presenceDefinition:add"], create),
    Route::new(Method::GET, "/api/v2/presence/definitions/{}", &["presence:presenceDefinition:view"], get),
    Route::with_body(Method::PUT, "/api/v2/presence/definitions/{}", &["presence:presenceDefinition:edit"], update),
    Route::new(
        Method::DELETE,
        "/api/v2/presence/definitions/{}",
        &["presence:presenceDefinition:delete", "presence:presenceDefinition:edit"],
        deactivate,
    ),
];

/// The locales that the platform has labels in.
const LOCALES: [&str; 25] = [
    "ALL", "he", "fr", "en_US", "da", "de", "it", "cs", "es", "fi", "ar", "ja", "ko", "nl", "no", "pl", "pt_BR",
    "pt_PT", "ru", "sv", "th", "tr", "uk", "zh_CN", "zh_TW",
];

/// Labels are also taken in these, says the vendor's Terraform provider.
const MORE_LABELS: [&str; 3] = ["en", "hi", "pt"];

/// How many of an organisation's own may be active under one system presence.
const MOST_SECONDARIES: usize = 30;

/// The system's definitions have the same ids in every organisation.
const SYSTEM: [(SystemPresence, Uuid); 10] = [
    (SystemPresence::Available, uuid!("6a3af858-942f-489d-9700-5f9bcdcdae9b")),
    (SystemPresence::Busy, uuid!("31fe3bac-dea6-44b7-bed7-47f91660a1a0")),
    (SystemPresence::Away, uuid!("5e5c5c66-ea97-4e7f-ac41-6424784829f2")),
    (SystemPresence::Break, uuid!("227b37e2-f1d0-4dd0-8f50-badd7cf6d158")),
    (SystemPresence::Meal, uuid!("3fd96123-badb-4f69-bc03-1b1ccc6d8014")),
    (SystemPresence::Meeting, uuid!("bbdff279-7ae1-48ea-bade-7831d7234c64")),
    (SystemPresence::Training, uuid!("d2390a99-8546-bad9-8f0a-219548e8aeb0")),
    (SystemPresence::Idle, uuid!("7ffa01cd-7866-4ad7-8faa-31e11b42f51f")),
    (SystemPresence::OnQueue, uuid!("e08eaf1b-ee47-4fa9-a231-1200e284798f")),
    (SystemPresence::Offline, uuid!("ccf3c10a-aa2c-4845-8e8d-f59fa48c58e5")),
];

/// The id of a system presence's own definition, the same in every organisation.
#[must_use]
pub fn system_definition(presence: SystemPresence) -> Uuid {
    SYSTEM.into_iter().find(|(system, _)| *system == presence).map_or(Uuid::nil(), |(_, id)| id)
}

/// The system presence that a definition is the own one of.
#[must_use]
pub fn system_presence(definition: Uuid) -> Option<SystemPresence> {
    SYSTEM.into_iter().find(|(_, id)| *id == definition).map(|(system, _)| system)
}

/// One definition.
pub(super) struct Definition {
    pub id: Uuid,
    pub system: SystemPresence,
    pub is_system: bool,
    pub labels: BTreeMap<String, String>,
    /// `*` is all divisions.
    pub division: String,
    pub deactivated: bool,
    pub created: Timestamp,
    pub modified: Timestamp,
}

/// All definitions, in the order in which they came.
pub(super) struct Definitions(pub Vec<Definition>);

impl Definitions {
    /// The system's, and a few of the organisation's own.
    pub fn seeded(random: &mut fastrand::Rng, at: Timestamp) -> Self {
        let definition = |id, system, is_system, label: &str| Definition {
            id,
            system,
            is_system,
            labels: BTreeMap::from([("en_US".to_owned(), label.to_owned())]),
            division: "*".to_owned(),
            deactivated: false,
            created: at,
            modified: at,
        };
        let mut all: Vec<Definition> =
            SYSTEM.iter().map(|(system, id)| definition(*id, *system, true, system.name())).collect();
        for (system, label) in [
            (SystemPresence::Meal, "Lunch late"),
            (SystemPresence::Training, "Coaching"),
            (SystemPresence::Break, "Comfort break"),
            (SystemPresence::Busy, "Paperwork"),
        ] {
            all.push(definition(random_uuid(random), system, false, label));
        }
        let mut retired = definition(random_uuid(random), SystemPresence::Away, false, "Home office");
        retired.deactivated = true;
        all.push(retired);
        Self(all)
    }

    /// The definition with this id.
    pub fn get(&self, id: Uuid) -> Option<&Definition> {
        self.0.iter().find(|definition| definition.id == id)
    }

    /// A definition that may be used.
    pub fn usable(&self, id: Uuid) -> Option<&Definition> {
        self.get(id).filter(|definition| !definition.deactivated)
    }

    /// The system presence of a definition that a user is in.
    pub fn system_of(&self, id: Uuid) -> SystemPresence {
        self.get(id).map_or(SystemPresence::Offline, |definition| definition.system)
    }

    /// The system's own definition of a presence.
    pub fn id_of(system: SystemPresence) -> Uuid {
        SYSTEM.iter().find(|(known, _)| *known == system).map(|(_, id)| *id).expect("the table has all ten")
    }

    /// Adds one of the organisation's own, unless there are too many.
    pub fn add(&mut self, definition: Definition) -> Result<&Definition, Refusal> {
        self.check_room(definition.id, definition.system)?;
        self.0.push(definition);
        Ok(self.0.last().expect("just pushed"))
    }

    /// Refuses one more active definition under a system presence than there may be.
    fn check_room(&self, except: Uuid, system: SystemPresence) -> Result<(), Refusal> {
        let active = self
            .0
            .iter()
            .filter(|known| known.id != except && known.system == system && !known.is_system && !known.deactivated);
        match active.count() < MOST_SECONDARIES {
            true => Ok(()),
            false => Err(conflict(
                "toomanyorganizationpresences",
                "Too many presence definitions. Please delete a definition and try again",
            )),
        }
    }

    /// Changes one of the organisation's own.
    pub fn change(
        &mut self,
        id: Uuid,
        at: Timestamp,
        change: impl FnOnce(&mut Definition),
    ) -> Result<&Definition, Refusal> {
        let place = self.0.iter().position(|definition| definition.id == id).ok_or_else(missing)?;
        if self.0[place].is_system {
            return Err(Refusal::new(409, "request.conflict", "A system presence definition cannot be changed"));
        }
        let was_deactivated = self.0[place].deactivated;
        change(&mut self.0[place]);
        self.0[place].modified = at;
        if was_deactivated
            && !self.0[place].deactivated
            && let Err(refusal) = self.check_room(id, self.0[place].system)
        {
            self.0[place].deactivated = true;
            return Err(refusal);
        }
        Ok(&self.0[place])
    }
}

/// `OnQueue`.
pub(super) fn joined(system: SystemPresence) -> String {
    system.name().replace(' ', "")
}

/// `ON_QUEUE`.
pub(super) fn shouted(system: SystemPresence) -> String {
    system.name().replace(' ', "_").to_uppercase()
}

/// Checks the labels of a body.
pub(super) fn labels(body: &Value) -> Result<BTreeMap<String, String>, Refusal> {
    let members = body["languageLabels"]
        .as_object()
        .filter(|members| !members.is_empty())
        .ok_or_else(|| conflict("musthaveatleastonelocalelabeldefined", "At least one locale label must be defined"))?;
    members
        .iter()
        .map(|(locale, label)| {
            let known = LOCALES[1..].iter().chain(&MORE_LABELS).find(|known| known.eq_ignore_ascii_case(locale));
            match (known, label.as_str()) {
                (Some(known), Some(label)) if !label.trim().is_empty() => Ok(((*known).to_owned(), label.to_owned())),
                (Some(_) | None, Some(_) | None) => Err(conflict("localevaluesinvalid", "Invalid locale value")),
            }
        })
        .collect()
}

/// Checks the system presence of a body.
pub(super) fn system(body: &Value) -> Result<SystemPresence, Refusal> {
    let Some(text) = body::text(body, "systemPresence")? else {
        return Err(conflict("systempresencecannotbenull", "A valid system presence must be provided"));
    };
    SystemPresence::parse(text)
        .ok_or_else(|| conflict("systempresencecannotbenull", "A valid system presence must be provided"))
}

/// 404 of both interfaces.
pub(super) fn missing() -> Refusal {
    let code = "presenceservice.organizationpresence.organizationpresencenotfound";
    Refusal::new(404, code, "The presence definition does not exist")
}

fn conflict(code: &str, message: &str) -> Refusal {
    Refusal::new(409, &format!("presenceservice.organizationpresence.{code}"), message)
}

fn show(definition: &Definition) -> Value {
    json!({
        "id": definition.id,
        "name": definition.labels.get("en_US").or_else(|| definition.labels.values().next()),
        "type": if definition.is_system { "System" } else { "User" },
        "languageLabels": definition.labels,
        "systemPresence": joined(definition.system),
        "divisionId": definition.division,
        "deactivated": definition.deactivated,
        "selfUri": format!("/api/v2/presence/definitions/{}", definition.id),
    })
}

fn list(state: &mut State, call: &Call<'_>) -> Answer {
    let deactivated = call.choice("deactivated", &["false", "true"], "false")? == "true";
    call.choice("localeCode", &LOCALES, "ALL")?;
    let divisions = call.request.query.list("divisionId");
    let entities: Vec<Value> = (state.definitions.0.iter())
        .filter(|definition| definition.deactivated == deactivated)
        .filter(|definition| {
            divisions.is_empty() || definition.division == "*" || divisions.contains(&definition.division.as_str())
        })
        .map(show)
        .collect();
    Ok(Reply::ok(json!({"total": entities.len(), "entities": entities, "selfUri": "/api/v2/presence/definitions"})))
}

fn get(state: &mut State, call: &Call<'_>) -> Answer {
    call.choice("localeCode", &LOCALES, "ALL")?;
    let definition = call.uuid(0).and_then(|id| state.definitions.get(id)).ok_or_else(missing)?;
    Ok(Reply::ok(show(definition)))
}

fn create(state: &mut State, call: &Call<'_>) -> Answer {
    body::object(&call.body)?;
    let definition = Definition {
        id: random_uuid(&mut state.random),
        system: system(&call.body)?,
        is_system: false,
        labels: labels(&call.body)?,
        division: division(state, &call.body)?,
        deactivated: body::flag(&call.body, "deactivated")?.unwrap_or(false),
        created: call.at,
        modified: call.at,
    };
    let added = state.definitions.add(definition)?;
    Ok(Reply::json(201, show(added)))
}

fn update(state: &mut State, call: &Call<'_>) -> Answer {
    body::object(&call.body)?;
    let id = call.uuid(0).ok_or_else(missing)?;
    let known = state.definitions.get(id).ok_or_else(missing)?;
    if known.system != system(&call.body)? {
        return Err(conflict("systempresencecannotbenull", "The system presence of a definition cannot be changed"));
    }
    let labels = labels(&call.body)?;
    let division = division(state, &call.body)?;
    let deactivated = body::flag(&call.body, "deactivated")?;
    let changed = state.definitions.change(id, call.at, |definition| {
        definition.labels = labels;
        definition.division = division;
        definition.deactivated = deactivated.unwrap_or(definition.deactivated);
    })?;
    Ok(Reply::ok(show(changed)))
}

fn deactivate(state: &mut State, call: &Call<'_>) -> Answer {
    let id = call.uuid(0).ok_or_else(missing)?;
    state.definitions.change(id, call.at, |definition| definition.deactivated = true)?;
    Ok(Reply::empty(204))
}

fn division(state: &State, body: &Value) -> Result<String, Refusal> {
    match body::text(body, "divisionId")? {
        None | Some("*") => Ok("*".to_owned()),
        Some(id) if id.eq_ignore_ascii_case(&state.organization.division.to_string()) => Ok(id.to_lowercase()),
        Some(_) => Err(conflict("invaliddivisionid", "Invalid divisionId provided")),
    }
}
