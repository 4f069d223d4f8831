//! Presences of users, by source: one, or up to fifty at a time.

use axum::http::Method;
use domain::target::SystemPresence;
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::body;
use super::dates;
use super::refusal::Refusal;
use super::request::{Answer, Call, Reply, Request};
use super::routes::Route;
use super::sources::{PURECLOUD, SourceKey};
use super::state::State;
use super::truth::{DirectWrite, Kind};
use super::user::{Presence, User};

const EDIT: &[&str] = &["presence:userPresence:edit"];

pub(super) const ROUTES: &[Route] = &[
    Route::new(Method::GET, "/api/v2/users/{}/presences/purecloud", &[], |state, call| get(state, call, PURECLOUD)),
    Route::with_body(Method::PATCH, "/api/v2/users/{}/presences/purecloud", EDIT, |state, call| {
        patch(state, call, PURECLOUD)
    }),
    Route::new(Method::GET, "/api/v2/users/{}/presences/{}", &[], |state, call| {
        let source = SourceKey::system(call.params[1]).ok_or_else(Refusal::not_found)?;
        get(state, call, source)
    }),
    Route::with_body(Method::PATCH, "/api/v2/users/{}/presences/{}", EDIT, |state, call| {
        let source = SourceKey::system(call.params[1]).ok_or_else(Refusal::not_found)?;
        patch(state, call, source)
    }),
    Route::with_body(Method::PUT, "/api/v2/users/presences/bulk", EDIT, put_bulk),
    Route::new(Method::GET, "/api/v2/users/presences/purecloud/bulk", &[], |state, call| {
        get_bulk(state, call, PURECLOUD)
    }),
    Route::new(Method::GET, "/api/v2/users/presences/{}/bulk", &[], |state, call| {
        let source = SourceKey::parse(call.params[0]).ok_or_else(Refusal::not_found)?;
        if let SourceKey::Registered(id) = source {
            state.source(id).ok_or_else(Refusal::not_found)?;
        }
        get_bulk(state, call, source)
    }),
];

/// The most users of one bulk request.
const LARGEST_BULK: usize = 50;

/// A presence definition as presences refer to it, with `On Queue` spelled so.
pub(super) fn show_definition(state: &State, id: Uuid) -> Value {
    json!({
        "id": id,
        "systemPresence": state.definitions.system_of(id).name(),
        "selfUri": format!("/api/v2/presencedefinitions/{id}"),
    })
}

/// A user's presence of one source.
pub(super) fn show(state: &State, user: &User, source: SourceKey, presence: &Presence) -> Value {
    json!({
        "source": source.to_string(),
        "sourceId": matches!(source, SourceKey::Registered(_)).then(|| source.to_string()),
        "primary": state.primary_of(user) == source,
        "presenceDefinition": show_definition(state, presence.definition),
        "message": presence.message,
        "modifiedDate": dates::show(presence.modified),
        "selfUri": format!("/api/v2/users/{}/presences", user.id),
    })
}

fn get(state: &mut State, call: &Call<'_>, source: SourceKey) -> Answer {
    let id = call.uuid(0).filter(|id| state.has_presence(*id)).ok_or_else(Refusal::no_presence_user)?;
    let user = state.user(id).ok_or_else(Refusal::no_presence_user)?;
    let presence = user.presences.get(&source).ok_or_else(Refusal::not_found)?;
    Ok(Reply::ok(show(state, user, source, presence)))
}

/// What a body asks to be written.
struct Wanted {
    user: Uuid,
    source: SourceKey,
    definition: Option<Uuid>,
    message: Option<String>,
    primary: bool,
}

impl Wanted {
    fn parse(state: &State, item: &Value, user: Uuid, source: SourceKey) -> Result<Self, Refusal> {
        let definition = match &item["presenceDefinition"] {
            Value::Null => None,
            definition => {
                let text = body::required_text(definition, "id")?;
                let usable = Uuid::try_parse(text).ok().and_then(|id| state.definitions.usable(id));
                let usable =
                    usable.ok_or_else(|| Refusal::value(text, "presenceDefinition.id", "active definitions"))?;
                Some(usable.id)
            }
        };
        let message = body::text(item, "message")?.map(str::to_owned);
        let primary = body::flag(item, "primary")?;
        if definition.is_none() && message.is_none() && primary.is_none() {
            return Err(Refusal::bad_request("One of primary, presenceDefinition or message must be given"));
        }
        Ok(Self { user, source, definition, message, primary: primary.unwrap_or(false) })
    }

    fn is_on_queue(&self, state: &State) -> bool {
        self.definition.is_some_and(|id| state.definitions.system_of(id) == SystemPresence::OnQueue)
    }
}

/// Writes one source's presence of a user.
fn write(state: &mut State, wanted: Wanted, call: &Call<'_>) {
    let at: Timestamp = call.at;
    state.direct.wrote(wanted.user, state.clock.elapsed());
    if let Some(definition) = wanted.definition {
        state.ledger.direct_writes.push(DirectWrite {
            arrived: at,
            kind: Kind::Presence,
            user: wanted.user,
            value: definition.to_string(),
            token: call.number,
        });
    }
    state.change_user(wanted.user, at, |user| {
        let mut presence = user.presences.get(&wanted.source).unwrap_or(user.own_presence()).clone();
        if wanted.definition.is_some() || wanted.message.is_some() {
            presence.modified = at;
        }
        presence.definition = wanted.definition.unwrap_or(presence.definition);
        presence.message = wanted.message.unwrap_or(presence.message);
        user.presences.insert(wanted.source, presence);
        if wanted.primary {
            user.set_primary(wanted.source, at);
        }
    });
}

/// Whose presence a request sets, if it sets one user's.
pub(super) fn updated_user(request: &Request) -> Option<Uuid> {
    let segments: Vec<&str> = request.segments.iter().map(String::as_str).collect();
    match segments[..] {
        ["api", "v2", "users", user, "presences", _] if request.method == Method::PATCH => Uuid::try_parse(user).ok(),
        _ => None,
    }
}

fn patch(state: &mut State, call: &Call<'_>, source: SourceKey) -> Answer {
    body::object(&call.body)?;
    let id = call.uuid(0).filter(|id| state.has_presence(*id)).ok_or_else(Refusal::no_presence_user)?;
    state.refuse_overlap(id, Refusal::presence_conflict)?;
    let wanted = Wanted::parse(state, &call.body, id, source)?;
    state.refuse_on_queue(id, wanted.is_on_queue(state))?;
    write(state, wanted, call);
    get(state, call, source)
}

/// All or nothing. The vendor describes no code for a user who is not there but the general one, and does not say
/// whether such a user is left out of the answer instead, which the control API can switch to.
fn put_bulk(state: &mut State, call: &Call<'_>) -> Answer {
    let items = body::objects(&call.body)?;
    if items.len() > LARGEST_BULK {
        return Err(Refusal::new(400, "max.user.presences", "Only 50 user presences can be updated at a time."));
    }
    let mut wanted = Vec::with_capacity(items.len());
    for item in items {
        let text = body::required_text(item, "id")?;
        let user = Uuid::try_parse(text).map_err(|_| Refusal::value(text, "id", "UUIDs"))?;
        let one = Wanted::parse(state, item, user, bulk_source(state, item)?)?;
        if one.is_on_queue(state) {
            let message = "The endpoint does not support updating to the ON_QUEUE presence";
            return Err(Refusal::new(400, "endpoint.does.not.support.on.queue", message));
        }
        wanted.push(one);
    }
    if !state.direct.leaves_strangers_out && wanted.iter().any(|one| !state.has_presence(one.user)) {
        return Err(Refusal::not_found());
    }
    wanted.retain(|one| state.has_presence(one.user));
    for one in &wanted {
        state.refuse_overlap(one.user, Refusal::request_conflict)?;
    }
    let mut written = Vec::with_capacity(wanted.len());
    for one in wanted {
        let (user, source) = (one.user, one.source);
        write(state, one, call);
        let user = state.user(user).ok_or_else(Refusal::no_presence_user)?;
        let mut shown = show(state, user, source, user.presences.get(&source).unwrap_or(user.own_presence()));
        shown["id"] = json!(user.id);
        written.push(shown);
    }
    Ok(Reply::ok(json!(written)))
}

/// The vendor does not say what a registered source does here; it is taken at its word.
fn bulk_source(state: &State, item: &Value) -> Result<SourceKey, Refusal> {
    let Some(text) = body::text(item, "sourceId")?.or(body::text(item, "source")?).filter(|text| !text.is_empty())
    else {
        return Ok(PURECLOUD);
    };
    let unknown = || Refusal::value(text, "sourceId", "known presence sources");
    match SourceKey::parse(text).ok_or_else(unknown)? {
        source @ SourceKey::System(_) => Ok(source),
        SourceKey::Registered(id) => state.active_source(id).map(|_| SourceKey::Registered(id)).ok_or_else(unknown),
    }
}

/// A user without a presence of the source is left out.
fn get_bulk(state: &mut State, call: &Call<'_>, source: SourceKey) -> Answer {
    let ids = call.request.query.list("id");
    if ids.len() > LARGEST_BULK {
        return Err(Refusal::new(400, "max.user.presences", "Only 50 user presences can be queried at a time."));
    }
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        let known = Uuid::try_parse(id).ok().filter(|id| state.has_presence(*id));
        let user = known.and_then(|id| state.user(id)).ok_or_else(Refusal::no_presence_user)?;
        let Some(presence) = user.presences.get(&source) else {
            continue;
        };
        found.push(json!({
            "id": user.id,
            "userId": user.id,
            "source": source.to_string(),
            "sourceId": source.to_string(),
            "presenceDefinition": show_definition(state, presence.definition),
            "message": presence.message,
            "modifiedDate": dates::show(presence.modified),
            "selfUri": format!("/api/v2/users/{}/presences", user.id),
        }));
    }
    Ok(Reply::ok(json!(found)))
}
