//! What tests and the demo can do to the organisation that no client can: see the truth, plant faults, act as somebody
//! else. The paths are listed in the head of the module above.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::clients::{OAuthClient, Organization};
use super::command::Command;
use super::fault::Fault;
use super::paging::UserPages;
use super::request::{Body, Reply, Request};
use super::somebody;
use super::state::State;
use super::truth::{PresenceTruth, RoutingTruth, Truth, UserTruth};
use super::user::User;
use super::window::Window;
use crate::population::random_uuid;

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
        (Method::DELETE, "/_simulator/faults") if body.is_empty() => {
            state.faults.clear();
            Ok(json!({}))
        }
        (Method::DELETE, "/_simulator/faults") => match serde_json::from_slice::<Fault>(body) {
            Ok(fault) => {
                state.faults.take_back(&fault);
                Ok(json!({}))
            }
            Err(error) => Err(error.to_string()),
        },
        (Method::GET, "/_simulator/clock") => Ok(state.clock.tell()),
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
        _ => return refuse(404, "there are truth, clock, faults and commands"),
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
    match command {
        Command::RevokeTokens => {
            state.access.tokens.clear();
            state.channels.tokens_revoked(None);
        }
        Command::RevokeToken { token } => revoke(state, token)?,
        Command::CloseToken { token, seconds } => {
            let until = state.clock.elapsed() + Duration::from_secs(seconds);
            state.access.numbered(token)?.1.closed = until;
        }
        Command::AddClient { id, secret, permissions, organization } => {
            let elsewhere = organization.map(|name| Organization { id: random_uuid(&mut state.random), name });
            state.access.clients.add(id, OAuthClient { elsewhere, ..OAuthClient::new(secret, permissions) });
        }
        Command::SetSecret { client: id, secret } => client(state, id.as_ref())?.secret = secret,
        Command::SetPermissions { permissions, client: id } => {
            let client = client(state, id.as_ref())?;
            client.granted = permissions;
            client.withheld.clear();
        }
        Command::Withhold { permissions, client: id } => client(state, id.as_ref())?.withheld = permissions,
        Command::SetLoginRate { rate } => state.access.logins = rate.map(|rate| (rate, Window::default())),
        Command::SetRate { rate } => state.access.rate = rate,
        Command::SetRouteRate { path, rate } => {
            state.access.routes.insert(path, (rate, Window::default()));
        }
        Command::SetIgnoreOlderEvents { ignore } => state.ignore_older_events = ignore,
        Command::SetUserPages { most, clamped } => state.user_pages = UserPages { most: most.max(1), clamped },
        Command::SetBusyTime { milliseconds } => state.direct.busy_for = Duration::from_millis(milliseconds),
        Command::HideUser { user, hidden } => switch(&mut state.direct.hidden, user, hidden),
        Command::ForbidOnQueue { user, forbidden } => switch(&mut state.direct.off_queue_only, user, forbidden),
        Command::LeaveStrangersOut { left_out } => state.direct.leaves_strangers_out = left_out,
        Command::CloseSockets { code } => state.channels.close_sockets(code),
        Command::AnnounceClosing => state.channels.announce_closing(),
        Command::MuteSockets { muted } => state.channels.muted = muted,
        Command::AddUser { id, name, email, state: user_state } => {
            let id = somebody::add_user(state, id, &name, email.as_deref(), user_state.as_deref())?;
            return Ok(json!({"id": id}));
        }
        Command::EditUser { user, name, email, state: user_state } => {
            somebody::edit_user(state, user, name, email, user_state.as_deref())?;
        }
        Command::WritePresence { user, definition, source, primary } => {
            somebody::write_presence(state, user, definition, source.as_deref(), primary)?;
        }
        Command::Overwrite { users } => return Ok(json!({"users": somebody::overwrite(state, users)?})),
        Command::WriteRouting { user, status } => somebody::write_routing(state, user, &status)?,
        Command::WriteOutOfOffice { user, active } => somebody::write_out_of_office(state, user, active)?,
    }
    Ok(json!({}))
}

/// One token stops working.
fn revoke(state: &mut State, number: usize) -> Result<(), String> {
    let token = state.access.numbered(number)?.0.clone();
    state.access.tokens.remove(&token);
    state.channels.tokens_revoked(Some(&token));
    Ok(())
}

/// What a command about a client changes of it.
fn client<'s>(state: &'s mut State, id: Option<&String>) -> Result<&'s mut OAuthClient, String> {
    state.access.clients.meant(id.map(String::as_str))
}

fn switch(users: &mut BTreeSet<Uuid>, user: Uuid, on: bool) {
    if on {
        users.insert(user)
    } else {
        users.remove(&user)
    };
}

/// Everything, as it is now.
pub(super) fn truth(state: &State) -> Truth {
    let users = state.users.values().map(|user| (user.id, user_truth(state, user))).collect();
    let ledger = &state.ledger;
    let tokens = state.access.books(state.clock.elapsed());
    Truth {
        at: state.clock.utc(),
        users,
        events: ledger.events.clone(),
        direct_writes: ledger.direct_writes.clone(),
        out_of_office_writes: ledger.out_of_office_writes.clone(),
        requests: ledger.requests.clone(),
        throttled: ledger.throttled,
        busiest_minute: tokens.iter().map(|token| token.busiest_minute).max().unwrap_or(0),
        event_errors: ledger.event_errors,
        tokens,
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
        out_of_office_since: user.out_of_office_since,
        primary_source: shown.primary.to_string(),
        primary_source_since: user.primary_since,
    }
}
