//! Reading users: one, pages, and a cursor through all.

use axum::http::Method;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use uuid::Uuid;

use super::paging::Page;
use super::presences;
use super::refusal::Refusal;
use super::request::{Answer, Call, Reply};
use super::routes::Route;
use super::sources::SourceKey;
use super::state::State;
use super::user::User;

pub(super) const ROUTES: &[Route] = &[
    Route::new(Method::GET, "/api/v2/users", &[], list),
    Route::new(Method::GET, "/api/v2/users/query", &["directory:user:view"], query),
    Route::new(Method::GET, "/api/v2/users/me", &[], |_, _| {
        let message =
            "This request requires a user context. Client credentials cannot be used for requests to this resource.";
        Err(Refusal::new(400, "not.a.user", message))
    }),
    Route::new(Method::GET, "/api/v2/users/{}", &[], get),
];

const STATES: [&str; 4] = ["active", "inactive", "deleted", "any"];
const INTEGRATIONS: [&str; 4] = ["", "MicrosoftTeams", "ZoomPhone", "EightByEight"];
/// Ids of one request.
const MOST_IDS: usize = 100;
/// Past this, inactive users are not listed (the vendor's issue DEVTOOLING-862).
const MOST_INACTIVE: usize = 10_000;

/// What a client asks to be told besides the record itself.
pub(super) struct Expand<'c> {
    names: Vec<&'c str>,
    integration: Option<SourceKey>,
}

impl<'c> Expand<'c> {
    /// From a query string.
    pub fn of(call: &Call<'c>) -> Result<Self, Refusal> {
        let integration = call.choice("integrationPresenceSource", &INTEGRATIONS, "")?;
        Ok(Self { names: call.request.query.list("expand"), integration: SourceKey::system(integration) })
    }

    /// By name.
    pub fn names(names: Vec<&'c str>) -> Self {
        Self { names, integration: None }
    }

    /// The record of a user with what is asked for. What is not simulated is left out, as the platform may do too.
    pub fn show(&self, state: &State, user: &User) -> Value {
        let mut record = user.record(&state.division());
        if self.names.is_empty() {
            return record;
        }
        let shown = state.shown(user);
        for name in &self.names {
            let (key, value) = match name.to_ascii_lowercase().as_str() {
                "presence" => {
                    let mut presence = presences::show(state, user, shown.source, &shown.presence);
                    presence["primary"] = json!(true);
                    ("presence", presence)
                }
                "routingstatus" => ("routingStatus", user.show_routing(shown.routing)),
                "outofoffice" => ("outOfOffice", user.show_out_of_office()),
                "integrationpresence" => match self
                    .integration
                    .and_then(|source| Some((source, user.presences.get(&source)?)))
                {
                    Some((source, presence)) => ("integrationPresence", presences::show(state, user, source, presence)),
                    None => continue,
                },
                "conversationsummary" => ("conversationSummary", conversation_summary(user)),
                "authorization" => (
                    "authorization",
                    json!({"roles": [], "unusedRoles": [], "permissions": [], "permissionPolicies": []}),
                ),
                "station" => ("station", json!({})),
                "groups" => ("groups", json!([])),
                "skills" => ("skills", json!([])),
                "languages" => ("languages", json!([])),
                "locations" => ("locations", json!([])),
                "profileskills" => ("profileSkills", json!([])),
                "certifications" => ("certifications", json!([])),
                _ => continue,
            };
            record[key] = value;
        }
        record
    }
}

fn conversation_summary(user: &User) -> Value {
    let none = json!({"contactCenter": {"active": 0, "acw": 0}, "enterprise": {"active": 0, "acw": 0}});
    json!({
        "userId": user.id,
        "call": none,
        "callback": none,
        "email": none,
        "message": none,
        "chat": none,
        "socialExpression": none,
        "video": none,
    })
}

fn get(state: &mut State, call: &Call<'_>) -> Answer {
    let deleted = call.choice("state", &["active", "deleted"], "active")? == "deleted";
    let expand = Expand::of(call)?;
    let user = call.uuid(0).and_then(|id| state.users.get(&id)).ok_or_else(Refusal::no_user)?;
    if (user.state == "deleted") != deleted {
        return Err(Refusal::no_user());
    }
    Ok(Reply::ok(expand.show(state, user)))
}

/// Users by name, which is the order of every listing.
pub(super) fn by_name<'s>(users: impl Iterator<Item = &'s User>, descending: bool) -> Vec<&'s User> {
    let mut found: Vec<(String, &User)> = users.map(|user| (user.name.to_lowercase(), user)).collect();
    found.sort_by(|one, other| (&one.0, one.1.id).cmp(&(&other.0, other.1.id)));
    if descending {
        found.reverse();
    }
    found.into_iter().map(|(_, user)| user).collect()
}

fn list(state: &mut State, call: &Call<'_>) -> Answer {
    let expand = Expand::of(call)?;
    let wanted = call.choice("state", &STATES, "active")?;
    let descending = descending(call)?;
    let ids = call.request.query.list("id");
    let jabber_ids = call.request.query.list("jabberId");
    if !ids.is_empty() && !jabber_ids.is_empty() {
        return Err(Refusal::bad_request("jabberId cannot be used with id"));
    }
    let size = state.user_pages.size(call)?;
    if ids.len() > MOST_IDS || (expand.integration.is_some() && size > MOST_IDS) {
        return Err(Refusal::new(400, "max.user.ids", "Only 100 users can be requested at a time."));
    }
    let of_state = |user: &&User| wanted == "any" || user.state == wanted;
    let found: Vec<&User> = if !ids.is_empty() {
        let mut ids: Vec<Uuid> = ids.iter().filter_map(|id| Uuid::try_parse(id).ok()).collect();
        ids.sort_unstable();
        ids.dedup();
        let known: Vec<&User> = ids.iter().filter_map(|id| state.users.get(id)).collect();
        if known.is_empty() {
            let message = "The requested user(s) could not be found.";
            return Err(Refusal::new(404, "general.resource.not.found", message));
        }
        by_name(known.into_iter().filter(of_state), descending)
    } else {
        let by_jabber = |user: &&User| jabber_ids.is_empty() || jabber_ids.contains(&user.jabber_id().as_str());
        by_name(state.users.values().filter(of_state).filter(by_jabber), descending)
    };
    let page = Page::of_size(call, size, found.len())?;
    if wanted == "inactive" && page.number.saturating_mul(page.size) > MOST_INACTIVE {
        return Err(Refusal::bad_request("Inactive users can only be listed up to 10000."));
    }
    let entities = page.slice(&found).iter().map(|user| expand.show(state, user)).collect();
    Ok(Reply::ok(page.listing(call, entities)))
}

fn descending(call: &Call<'_>) -> Result<bool, Refusal> {
    let order = call.choice("sortOrder", &["ascending", "descending", "ASC", "DESC"], "ASC")?;
    Ok(matches!(order, "descending" | "DESC"))
}

/// The cursor is the name and the id of the last user told, so that users who come and go do not shift it.
fn query(state: &mut State, call: &Call<'_>) -> Answer {
    let expand = Expand::of(call)?;
    let wanted = call.choice("state", &STATES, "active")?;
    let size = state.user_pages.size(call)?;
    let descending = call.choice("sortOrder", &["ASC", "DESC"], "ASC")? == "DESC";
    let after = match call.request.query.get("cursor") {
        None => None,
        Some(cursor) => {
            Some(read_cursor(cursor).ok_or_else(|| Refusal::query(cursor, "cursor", "cursors of a previous answer"))?)
        }
    };
    let found = by_name(state.users.values().filter(|user| wanted == "any" || user.state == wanted), descending);
    let begin = match &after {
        None => 0,
        Some((name, id)) => found.partition_point(|user| {
            let order = (user.name.to_lowercase().as_str(), user.id).cmp(&(name.as_str(), *id));
            if descending { order.is_ge() } else { order.is_le() }
        }),
    };
    let part = &found[begin..found.len().min(begin + size)];
    let more = begin + part.len() < found.len();
    let cursor = part.last().filter(|_| more).map(|user| write_cursor(user));
    let next =
        cursor.as_ref().map(|cursor| format!("{}{}", call.request.path, call.request.query.with("cursor", cursor)));
    let this = call.request.query.get("cursor").unwrap_or_default();
    Ok(Reply::ok(json!({
        "entities": part.iter().map(|user| expand.show(state, user)).collect::<Vec<_>>(),
        "results": part.len(),
        "cursor": cursor,
        "nextUri": next,
        "selfUri": format!("{}{}", call.request.path, call.request.query.with("cursor", this)),
    })))
}

fn write_cursor(user: &User) -> String {
    URL_SAFE_NO_PAD.encode(format!("{} {}", user.id, user.name.to_lowercase()))
}

fn read_cursor(cursor: &str) -> Option<(String, Uuid)> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let (id, name) = text.split_once(' ')?;
    Some((name.to_owned(), Uuid::try_parse(id).ok()?))
}
