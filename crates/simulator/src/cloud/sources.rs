//! Presence sources: the platform's own, the registered ones, whose is the primary one, and the settings with the
//! organisation's default.

use std::fmt;

use axum::http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::body;
use super::refusal::Refusal;
use super::request::{Answer, Call, Reply};
use super::routes::Route;
use super::state::State;
use crate::population::random_uuid;

pub(super) const ROUTES: &[Route] = &[
    Route::new(Method::GET, "/api/v2/presence/sources", &["presence:source:view"], list),
    Route::with_body(Method::POST, "/api/v2/presence/sources", &["presence:source:add"], create),
    Route::new(Method::GET, "/api/v2/presence/sources/{}", &["presence:source:view"], get),
    Route::with_body(Method::PUT, "/api/v2/presence/sources/{}", &["presence:source:edit"], update),
    Route::new(
        Method::DELETE,
        "/api/v2/presence/sources/{}",
        &["presence:source:delete", "presence:source:edit"],
        deactivate,
    ),
    Route::new(
        Method::GET,
        "/api/v2/presence/users/{}/primarysource",
        &["presence:userPrimarySource:view"],
        get_primary,
    ),
    Route::with_body(
        Method::PUT,
        "/api/v2/presence/users/{}/primarysource",
        &["presence:userPrimarySource:edit"],
        put_primary,
    ),
    Route::new(Method::GET, "/api/v2/presence/settings", &["presence:settings:view"], get_settings),
    Route::with_body(Method::PUT, "/api/v2/presence/settings", &["presence:settings:edit"], put_settings),
];

/// One external source is all that an organisation may have active, says the vendor's help.
const MOST_ACTIVE: usize = 1;
const LONGEST_NAME: usize = 256;
const LONGEST_DESCRIPTION: usize = 1024;

/// Whose presence it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum SourceKey {
    /// One of [`SYSTEM_SOURCES`].
    System(&'static str),
    /// A registered one.
    Registered(Uuid),
}

/// Sources that are not registered but known by name.
pub(super) const SYSTEM_SOURCES: [&str; 4] = ["PURECLOUD", "MicrosoftTeams", "ZoomPhone", "EightByEight"];

/// The platform's own.
pub(super) const PURECLOUD: SourceKey = SourceKey::System("PURECLOUD");

impl SourceKey {
    /// A name of the system's, or a UUID.
    pub fn parse(text: &str) -> Option<Self> {
        Self::system(text).or_else(|| Uuid::try_parse(text).ok().map(Self::Registered))
    }

    /// A name of the system's.
    pub fn system(text: &str) -> Option<Self> {
        SYSTEM_SOURCES.into_iter().find(|name| name.eq_ignore_ascii_case(text)).map(Self::System)
    }
}

impl fmt::Display for SourceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System(name) => f.write_str(name),
            Self::Registered(id) => write!(f, "{id}"),
        }
    }
}

/// A registered source.
pub(super) struct Source {
    pub id: Uuid,
    pub name: String,
    pub description: Option<String>,
    pub deactivated: bool,
}

/// The organisation's presence settings.
pub(super) struct Settings {
    pub restore_enabled: bool,
    pub restore_milliseconds: i64,
    pub restore_on_queue: bool,
    pub requesting_off_queue: bool,
    /// The primary source of everybody who has no other.
    pub default_source: Option<Uuid>,
}

fn show(source: &Source) -> Value {
    json!({
        "id": source.id,
        "name": source.name,
        "description": source.description,
        "type": "User",
        "deactivated": source.deactivated,
        "selfUri": format!("/api/v2/presence/sources/{}", source.id),
    })
}

fn show_system(name: &str) -> Value {
    json!({
        "id": name,
        "name": name,
        "type": "System",
        "deactivated": false,
        "selfUri": format!("/api/v2/presence/sources/{name}"),
    })
}

fn missing() -> Refusal {
    Refusal::new(404, "presenceservice.source.sourcenotfound", "The source was not found")
}

fn conflict(code: &str, message: &str) -> Refusal {
    Refusal::new(409, &format!("presenceservice.source.{code}"), message)
}

/// The registered sources only: no captured answer shows whether the platform lists its own.
fn list(state: &mut State, call: &Call<'_>) -> Answer {
    let deactivated = call.choice("deactivated", &["false", "true"], "false")? == "true";
    let entities: Vec<Value> =
        state.sources.iter().filter(|source| source.deactivated == deactivated).map(show).collect();
    Ok(Reply::ok(json!({"total": entities.len(), "entities": entities, "selfUri": "/api/v2/presence/sources"})))
}

fn get(state: &mut State, call: &Call<'_>) -> Answer {
    match SourceKey::parse(call.params[0]).ok_or_else(missing)? {
        SourceKey::System(name) => Ok(Reply::ok(show_system(name))),
        SourceKey::Registered(id) => Ok(Reply::ok(show(state.source(id).ok_or_else(missing)?))),
    }
}

fn create(state: &mut State, call: &Call<'_>) -> Answer {
    let (name, description) = named(&call.body)?;
    let deactivated = body::flag(&call.body, "deactivated")?.unwrap_or(false);
    let id = random_uuid(&mut state.random);
    check_room(state, id, deactivated)?;
    let source = Source { id, name, description, deactivated };
    let shown = show(&source);
    state.sources.push(source);
    Ok(Reply::ok(shown))
}

fn update(state: &mut State, call: &Call<'_>) -> Answer {
    let id = registered(call, "systemsourcescannotbeupdated", "A source of type 'system' cannot be updated")?;
    let was = state.source(id).ok_or_else(missing)?.deactivated;
    let (name, description) = named(&call.body)?;
    let deactivated = body::flag(&call.body, "deactivated")?.unwrap_or(was);
    check_room(state, id, deactivated)?;
    let source = state.sources.iter_mut().find(|source| source.id == id).ok_or_else(missing)?;
    *source = Source { id, name, description, deactivated };
    Ok(Reply::ok(show(source)))
}

fn deactivate(state: &mut State, call: &Call<'_>) -> Answer {
    let id = registered(call, "systemsourcescannotbedeleted", "A source of type 'system' cannot be deleted")?;
    let source = state.sources.iter_mut().find(|source| source.id == id).ok_or_else(missing)?;
    source.deactivated = true;
    Ok(Reply::empty(204))
}

fn registered(call: &Call<'_>, code: &str, message: &str) -> Result<Uuid, Refusal> {
    match SourceKey::parse(call.params[0]).ok_or_else(missing)? {
        SourceKey::System(_) => Err(conflict(code, message)),
        SourceKey::Registered(id) => Ok(id),
    }
}

fn named(body: &Value) -> Result<(String, Option<String>), Refusal> {
    body::object(body)?;
    let name = body::text(body, "name")?.unwrap_or_default().trim();
    let description = body::text(body, "description")?;
    if name.is_empty() {
        return Err(conflict("namecannotbeblank", "A name must be provided for a source"));
    }
    if name.chars().count() > LONGEST_NAME {
        return Err(conflict("nametoolong", "Name exceeded max character count"));
    }
    if description.is_some_and(|text| text.chars().count() > LONGEST_DESCRIPTION) {
        return Err(conflict("descriptiontoolong", "Description exceeded max character count"));
    }
    Ok((name.to_owned(), description.map(str::to_owned)))
}

fn check_room(state: &State, except: Uuid, deactivated: bool) -> Result<(), Refusal> {
    let others = state.sources.iter().filter(|source| !source.deactivated && source.id != except).count();
    match deactivated || others < MOST_ACTIVE {
        true => Ok(()),
        false => Err(conflict("toomanyactivesources", "Max number of active sources reached")),
    }
}

fn show_primary(state: &State, user: Uuid) -> Answer {
    let source = state.primary_source(user).ok_or_else(Refusal::not_found)?;
    let (name, registered) = match source {
        SourceKey::System(name) => (name.to_owned(), false),
        SourceKey::Registered(id) => (state.source(id).map(|source| source.name.clone()).unwrap_or_default(), true),
    };
    Ok(Reply::ok(json!({
        "id": user,
        "name": name,
        "sourceId": source.to_string(),
        "registered": registered,
        "selfUri": format!("/api/v2/presence/users/{user}/primarysource"),
    })))
}

fn get_primary(state: &mut State, call: &Call<'_>) -> Answer {
    show_primary(state, state.known_user(call, 0).ok_or_else(Refusal::not_found)?)
}

fn put_primary(state: &mut State, call: &Call<'_>) -> Answer {
    body::object(&call.body)?;
    let user = state.known_user(call, 0).ok_or_else(Refusal::not_found)?;
    let text = body::required_text(&call.body, "sourceId")?;
    let allowed = "PURECLOUD, other system sources, or the id of an active registered source";
    let unknown = || Refusal::value(text, "sourceId", allowed);
    let source = SourceKey::parse(text).ok_or_else(unknown)?;
    let is_registered = matches!(source, SourceKey::Registered(_));
    if body::flag(&call.body, "registered")?.is_some_and(|registered| registered != is_registered) {
        return Err(Refusal::value(&(!is_registered).to_string(), "registered", &is_registered.to_string()));
    }
    if let SourceKey::Registered(id) = source {
        state.active_source(id).ok_or_else(unknown)?;
    }
    state.change_user(user, call.at, |user| user.set_primary(source, call.at));
    show_primary(state, user)
}

fn get_settings(state: &mut State, _: &Call<'_>) -> Answer {
    let settings = &state.settings;
    Ok(Reply::ok(json!({
        "id": state.organization.id,
        "restorePresenceSettings": {
            "enabled": settings.restore_enabled,
            "restoreTimeMilliseconds": settings.restore_milliseconds,
            "restoreOnQueueEnabled": settings.restore_on_queue,
        },
        "requestingOffQueueEnabled": settings.requesting_off_queue,
        "defaultPrimaryPresenceRegisteredSourceId": settings.default_source,
        "selfUri": "/api/v2/presence/settings",
    })))
}

fn put_settings(state: &mut State, call: &Call<'_>) -> Answer {
    body::object(&call.body)?;
    let conflict =
        |code: &str, message| Refusal::new(409, &format!("presenceservice.organizationconfiguration.{code}"), message);
    let restore = &call.body["restorePresenceSettings"];
    if !restore.is_object() {
        return Err(conflict(
            "restorepresenceconfigurationnotprovided",
            "A restore configuration object must be provided",
        ));
    }
    let missing = |name: &str| Refusal::missing(&format!("restorePresenceSettings.{name}"));
    let milliseconds =
        body::number(restore, "restoreTimeMilliseconds")?.ok_or_else(|| missing("restoreTimeMilliseconds"))?;
    if !(60_000..=86_400_000).contains(&milliseconds) {
        return Err(conflict("invalidrestoretimemilliseconds", "Restore time value out of bounds"));
    }
    let default_source = match body::text(&call.body, "defaultPrimaryPresenceRegisteredSourceId")? {
        None | Some("") => None,
        Some(text) => {
            let id = Uuid::try_parse(text).ok().and_then(|id| state.active_source(id)).map(|source| source.id);
            Some(id.ok_or_else(|| Refusal::value(text, "defaultPrimaryPresenceRegisteredSourceId", "active sources"))?)
        }
    };
    let settings = Settings {
        restore_enabled: body::flag(restore, "enabled")?.ok_or_else(|| missing("enabled"))?,
        restore_milliseconds: milliseconds,
        restore_on_queue: body::flag(restore, "restoreOnQueueEnabled")?
            .ok_or_else(|| missing("restoreOnQueueEnabled"))?,
        requesting_off_queue: body::flag(&call.body, "requestingOffQueueEnabled")?.unwrap_or(false),
        default_source,
    };
    state.change_settings(settings, call.at);
    get_settings(state, call)
}
