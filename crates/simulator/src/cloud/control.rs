//! What tests and the demo can do to the organisation that no client can: see the truth, plant faults, act as somebody
//! else. The paths are listed in the head of the module above.

use std::collections::BTreeSet;

use axum::http::Method;
use domain::target::RoutingStatus;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::fault::Fault;
use super::request::{Body, Reply, Request};
use super::sources::{PURECLOUD, SourceKey};
use super::state::State;
use super::truth::{OutOfOfficeTruth, PresenceTruth, RoutingTruth, Truth, UserTruth};
use super::user::{Presence, Routing, User};
use super::user_edits::state_name;
use super::window::Window;
use crate::population::random_uuid;

/// Something that happens to the organisation at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Command {
    /// Every token given out so far stops working.
    RevokeTokens,
    /// What the OAuth client may do from now on; null is everything.
    SetPermissions {
        /// Such as `presence:userPresence:inject`.
        permissions: Option<BTreeSet<String>>,
    },
    /// Requests a minute and token.
    SetRate {
        /// How many.
        rate: u32,
    },
    /// Requests a minute to one part of the API, of all tokens together, beside the limit of each token.
    SetRouteRate {
        /// What the paths begin with.
        path: String,
        /// How many.
        rate: u32,
    },
    /// Whether an event older than what is known is accepted without effect.
    SetIgnoreOlderEvents {
        /// Whether.
        ignore: bool,
    },
    /// Closes every notification socket.
    CloseSockets {
        /// The close code, such as 1001.
        code: u16,
    },
    /// Tells every notification socket that the server goes away within a minute.
    AnnounceClosing,
    /// Keeps sockets open without sending anything, heartbeats too; or ends that.
    MuteSockets {
        /// Whether.
        muted: bool,
    },
    /// Adds a user, whose e-mail may be missing or somebody else's too.
    AddUser {
        /// The id; a random one if absent.
        #[serde(default)]
        id: Option<Uuid>,
        /// The display name.
        name: String,
        /// The e-mail.
        #[serde(default)]
        email: Option<String>,
        /// `active` (if absent), `inactive` or `deleted`.
        #[serde(default)]
        state: Option<String>,
    },
    /// Changes a user. What is absent stays.
    EditUser {
        /// Whom.
        user: Uuid,
        /// The display name.
        #[serde(default)]
        name: Option<String>,
        /// The e-mail; empty takes it away.
        #[serde(default)]
        email: Option<String>,
        /// `active`, `inactive` or `deleted`.
        #[serde(default)]
        state: Option<String>,
    },
    /// Somebody else writes a presence.
    WritePresence {
        /// Whose.
        user: Uuid,
        /// The definition.
        definition: Uuid,
        /// `PURECLOUD` if absent, or the id of a registered source.
        #[serde(default)]
        source: Option<String>,
        /// Whether that source becomes the user's primary one.
        #[serde(default)]
        primary: bool,
    },
    /// ACD gives a user a routing status, which shows unless a registered source injected one.
    WriteRouting {
        /// Whose.
        user: Uuid,
        /// Such as `NOT_RESPONDING`.
        status: String,
    },
    /// Somebody else writes an out of office.
    WriteOutOfOffice {
        /// Whose.
        user: Uuid,
        /// Whether it is on; without end if so.
        active: bool,
    },
}

/// Answers a request under `/_simulator/`.
pub(super) fn handle(state: &mut State, request: &Request) -> Reply {
    let body = match &request.body {
        Body::Read(bytes) => bytes.as_ref(),
        Body::TooLarge => return refuse(413, "the body is too large"),
    };
    let result = match (request.method.clone(), request.path.as_str()) {
        (Method::GET, "/_simulator/truth") => serde_json::to_value(truth(state)).map_err(|error| error.to_string()),
        (Method::GET, "/_simulator/faults") => {
            serde_json::to_value(state.faults.left()).map_err(|error| error.to_string())
        }
        (Method::DELETE, "/_simulator/faults") => {
            state.faults.clear();
            Ok(json!({}))
        }
        (Method::POST, "/_simulator/faults") => match serde_json::from_slice::<Fault>(body) {
            Ok(fault) => {
                state.faults.add(fault);
                Ok(json!({}))
            }
            Err(error) => Err(error.to_string()),
        },
        (Method::POST, "/_simulator/commands") => match serde_json::from_slice::<Command>(body) {
            Ok(command) => carry_out(state, command),
            Err(error) => Err(error.to_string()),
        },
        _ => return refuse(404, "there are truth, faults and commands"),
    };
    match result {
        Ok(value) => Reply::ok(value),
        Err(message) => refuse(400, &message),
    }
}

fn refuse(status: u16, message: &str) -> Reply {
    Reply::json(status, json!({"error": message}))
}

/// Carries a command out; the answer names the user who was added.
pub(super) fn carry_out(state: &mut State, command: Command) -> Result<Value, String> {
    let at = state.clock.utc();
    match command {
        Command::RevokeTokens => {
            state.access.tokens.clear();
            state.channels.tokens_revoked(None);
        }
        Command::SetPermissions { permissions } => state.access.permissions = permissions,
        Command::SetRate { rate } => state.access.rate = rate,
        Command::SetRouteRate { path, rate } => {
            state.access.routes.insert(path, (rate, Window::default()));
        }
        Command::SetIgnoreOlderEvents { ignore } => state.ignore_older_events = ignore,
        Command::CloseSockets { code } => state.channels.close_sockets(code),
        Command::AnnounceClosing => state.channels.announce_closing(),
        Command::MuteSockets { muted } => state.channels.muted = muted,
        Command::AddUser { id, name, email, state: user_state } => {
            let id = id.unwrap_or_else(|| random_uuid(&mut state.random));
            let mut user = User::new(id, &name, email.as_deref(), at);
            user.state = parse_state(user_state.as_deref().unwrap_or("active"))?;
            state.users.insert(id, user);
            return Ok(json!({"id": id}));
        }
        Command::EditUser { user, name, email, state: user_state } => {
            let user_state = user_state.as_deref().map(parse_state).transpose()?;
            let user = state.users.get_mut(&user).ok_or("there is no such user")?;
            user.name = name.unwrap_or_else(|| user.name.clone());
            user.email = match email {
                Some(email) => Some(email).filter(|email| !email.is_empty()),
                None => user.email.take(),
            };
            user.state = user_state.unwrap_or(user.state);
            user.version += 1;
        }
        Command::WritePresence { user, definition, source, primary } => {
            let source =
                source.as_deref().map_or(Some(PURECLOUD), SourceKey::parse).ok_or("there is no such source")?;
            state.definitions.get(definition).ok_or("there is no such definition")?;
            state.users.get(&user).ok_or("there is no such user")?;
            state.change_user(user, at, |user| {
                user.presences.insert(source, Presence { definition, message: String::new(), modified: at });
                user.primary = if primary { Some(source) } else { user.primary };
            });
        }
        Command::WriteRouting { user, status } => {
            let status = RoutingStatus::parse(&status).ok_or("there is no such routing status")?;
            state.users.get(&user).ok_or("there is no such user")?;
            state.change_user(user, at, |user| user.derived = Routing { status, since: at });
        }
        Command::WriteOutOfOffice { user, active } => {
            state.users.get(&user).ok_or("there is no such user")?;
            let start = active.then_some(at);
            state.change_user(user, at, |user| {
                user.out_of_office = OutOfOfficeTruth { active, indefinite: active, start, end: None };
            });
        }
    }
    Ok(json!({}))
}

fn parse_state(text: &str) -> Result<&'static str, String> {
    state_name(text).map_err(|refusal| refusal.message)
}

/// Everything, as it is now.
pub(super) fn truth(state: &State) -> Truth {
    let users = state.users.values().map(|user| (user.id, user_truth(state, user))).collect();
    let ledger = &state.ledger;
    Truth {
        at: state.clock.utc(),
        users,
        events: ledger.events.clone(),
        direct_writes: ledger.direct_writes.clone(),
        out_of_office_writes: ledger.out_of_office_writes.clone(),
        requests: ledger.requests.clone(),
        throttled: ledger.throttled,
        busiest_minute: ledger.busiest_minute,
        event_errors: ledger.event_errors,
    }
}

fn user_truth(state: &State, user: &User) -> UserTruth {
    let shown = state.shown(user);
    UserTruth {
        name: user.name.clone(),
        email: user.email.clone(),
        state: user.state.to_owned(),
        presence: PresenceTruth {
            definition: shown.presence.definition,
            system: state.definitions.system_of(shown.presence.definition).name().to_owned(),
            source: shown.source.to_string(),
            modified: shown.presence.modified,
        },
        routing: RoutingTruth {
            status: shown.routing.status.name().to_owned(),
            since: shown.routing.since,
            source: shown.routing_source.to_string(),
        },
        out_of_office: shown.out_of_office,
        primary_source: shown.primary.to_string(),
    }
}
