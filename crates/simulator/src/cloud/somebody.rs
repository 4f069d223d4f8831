//! What somebody else does to users, past the API: an administrator, another source, ACD.

use domain::target::{RoutingStatus, SystemPresence};
use uuid::Uuid;

use super::definitions::system_definition;
use super::sources::{PURECLOUD, SourceKey};
use super::state::State;
use super::truth::OutOfOfficeTruth;
use super::user::{Presence, Routing, User};
use super::user_edits::state_name;
use crate::population::random_uuid;

const NOBODY: &str = "there is no such user";

/// Adds a user, and says who it is.
pub(super) fn add_user(
    state: &mut State,
    id: Option<Uuid>,
    name: &str,
    email: Option<&str>,
    user_state: Option<&str>,
) -> Result<Uuid, String> {
    let id = id.unwrap_or_else(|| random_uuid(&mut state.random));
    let mut user = User::new(id, name, email, state.clock.utc());
    user.state = parse_state(user_state.unwrap_or("active"))?;
    state.users.insert(id, user);
    Ok(id)
}

/// Changes a user. What is absent stays; an empty e-mail takes it away.
pub(super) fn edit_user(
    state: &mut State,
    user: Uuid,
    name: Option<String>,
    email: Option<String>,
    user_state: Option<&str>,
) -> Result<(), String> {
    let user_state = user_state.map(parse_state).transpose()?;
    let at = state.clock.utc();
    let user = state.users.get_mut(&user).ok_or(NOBODY)?;
    user.name = name.unwrap_or_else(|| user.name.clone());
    user.email = match email {
        Some(email) => Some(email).filter(|email| !email.is_empty()),
        None => user.email.take(),
    };
    if let Some(user_state) = user_state {
        user.state = user_state;
        user.state_changed = at;
    }
    user.version += 1;
    Ok(())
}

/// Writes a presence of a source, which becomes the user's primary one if so wanted.
pub(super) fn write_presence(
    state: &mut State,
    user: Uuid,
    definition: Uuid,
    source: Option<&str>,
    primary: bool,
) -> Result<(), String> {
    let source = source.map_or(Some(PURECLOUD), SourceKey::parse).ok_or("there is no such source")?;
    state.definitions.get(definition).ok_or("there is no such definition")?;
    state.users.get(&user).ok_or(NOBODY)?;
    let at = state.clock.utc();
    state.change_user(user, at, |user| {
        user.presences.insert(source, Presence { definition, message: String::new(), modified: at });
        if primary {
            user.set_primary(source, at);
        }
    });
    Ok(())
}

/// Makes so many users Busy in the source that is shown, and says whom.
pub(super) fn overwrite(state: &mut State, count: usize) -> Result<Vec<Uuid>, String> {
    let busy = system_definition(SystemPresence::Busy);
    let shown = |user: &User| {
        let shown = state.shown(user);
        (user.state == "active" && shown.presence.definition != busy).then_some((user.id, shown.source))
    };
    // Whoever shows a registered source's presence is synchronised by somebody; others are not worth a difference.
    let registered = |(_, source): &(Uuid, SourceKey)| matches!(source, SourceKey::Registered(_));
    let chosen: Vec<(Uuid, SourceKey)> =
        state.users.values().filter_map(shown).filter(registered).take(count).collect();
    let at = state.clock.utc();
    for (user, source) in &chosen {
        state.change_user(*user, at, |user| {
            user.presences.insert(*source, Presence { definition: busy, message: String::new(), modified: at });
        });
    }
    Ok(chosen.into_iter().map(|(user, _)| user).collect())
}

/// Writes a routing status as ACD does.
pub(super) fn write_routing(state: &mut State, user: Uuid, status: &str) -> Result<(), String> {
    let status = RoutingStatus::parse(status).ok_or("there is no such routing status")?;
    state.users.get(&user).ok_or(NOBODY)?;
    let at = state.clock.utc();
    state.change_user(user, at, |user| user.derived = Routing { status, since: at });
    Ok(())
}

/// Writes an out of office without end, or ends it.
pub(super) fn write_out_of_office(state: &mut State, user: Uuid, active: bool) -> Result<(), String> {
    state.users.get(&user).ok_or(NOBODY)?;
    let at = state.clock.utc();
    let value = OutOfOfficeTruth { active, indefinite: active, start: active.then_some(at), end: None };
    state.change_user(user, at, |user| user.set_out_of_office(value, at));
    Ok(())
}

fn parse_state(text: &str) -> Result<&'static str, String> {
    state_name(text).map_err(|refusal| refusal.message)
}
