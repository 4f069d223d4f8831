//! Who has an agent's external id, and whose presence counts for a user.
//!
//! Knows how our source becomes the primary one, and how that is undone. Does not decide who matches whom.

use domain::ids::{AgentId, CloudUserId, SourceId};
use replicator::ports::{Answer, Failure};
use serde_json::{Map, Value};

use crate::client::{Client, Reply, Spent};
use crate::convert::{self, PLATFORM};
use crate::direct::own_presence;
use crate::error::Trouble;
use crate::observe::Logged;
use crate::wire::{Named, SetPrimary, SetPrimarySource, User, UserPresence};

/// Finds the user with the agent's id as an external id. Authority and key are case-sensitive there.
pub(crate) async fn find_external(
    client: &Client,
    logged: &Logged,
    authority: Option<&str>,
    agent: &AgentId,
) -> Answer<Option<CloudUserId>> {
    let key = agent.as_str();
    // Dots alone are no part of a path but directions in it.
    let (Some(authority), false) = (authority, matches!(key, "" | "." | "..")) else {
        return Spent::default().answer(Ok(None));
    };
    let reply = client.get::<User>(&["users", "externalid", authority, key], &[]).await;
    match reply.result {
        Err(trouble) if trouble.is_not_found() => reply.spent.answer(Ok(None)),
        result => Reply { result, spent: reply.spent }
            .answer(|user| convert::id(user.id.as_deref()).map(CloudUserId).map_err(|odd| logged.note(&odd)).ok()),
    }
}

/// Where the organisation's default primary source is.
pub(crate) const SETTINGS: [&str; 2] = ["presence", "settings"];

/// Which of the settings it is.
pub(crate) const DEFAULT: &str = "defaultPrimaryPresenceRegisteredSourceId";

/// Makes our source everybody's who has no other. The settings hold more than that, so they are read, changed and
/// written back whole.
pub(crate) async fn claim_organisation(client: &Client, source: SourceId) -> Answer<()> {
    let Reply { result, mut spent } = client.get::<Map<String, Value>>(&SETTINGS, &[]).await;
    let mut settings = match result {
        Ok(settings) => settings,
        Err(trouble) => return spent.answer(Err(trouble.failure)),
    };
    if settings.get(DEFAULT).and_then(Value::as_str).is_some_and(|now| now.parse() == Ok(source)) {
        return spent.answer(Ok(()));
    }
    settings.insert(DEFAULT.to_owned(), Value::String(source.to_string()));
    let reply = client.put::<Map<String, Value>>(&SETTINGS, &settings).await;
    spent.add(reply.spent);
    Reply { result: reply.result, spent }.answer(|_| ())
}

/// Makes our registered source one user's.
pub(crate) async fn claim_user(client: &Client, source: SourceId, user: CloudUserId) -> Answer<()> {
    let body = SetPrimarySource { source_id: source.to_string(), registered: true };
    client.put::<Named>(&primary_source(&user.to_string()), &body).await.answer(|_| ())
}

/// Makes the platform's own source one user's, as is documented.
pub(crate) async fn claim_for_platform(client: &Client, user: CloudUserId) -> Answer<()> {
    make_platform_primary(client, user).await.answer(|_| ())
}

/// There is nothing of the kind to be done for the platform's own source.
pub(crate) fn no_organisation_claim() -> Answer<()> {
    let reason = "the platform's own presence source is nobody's default but its own".to_owned();
    Spent::default().answer(Err(Failure::Refused { reason }))
}

async fn make_platform_primary(client: &Client, user: CloudUserId) -> Reply<UserPresence> {
    client.patch(&own_presence(&user.to_string()), &SetPrimary { primary: true }).await
}

/// Makes the platform's own source one user's again. A user who does not exist has nothing to be given back.
///
/// How that source is named here is not documented. Where this form is refused, the documented way is taken.
pub(crate) async fn release(client: &Client, user: CloudUserId) -> Answer<()> {
    let body = SetPrimarySource { source_id: PLATFORM.to_owned(), registered: false };
    let Reply { result, mut spent } = client.put::<Named>(&primary_source(&user.to_string()), &body).await;
    let trouble = match result {
        Ok(_) => return spent.answer(Ok(())),
        Err(trouble) if is_nobody(&trouble) => return spent.answer(Ok(())),
        Err(trouble) => trouble,
    };
    if !matches!(trouble.failure, Failure::Refused { .. }) || !matches!(trouble.status, Some(400 | 404 | 409)) {
        return spent.answer(Err(trouble.failure));
    }
    let reply = make_platform_primary(client, user).await;
    spent.add(reply.spent);
    match reply.result {
        Err(trouble) if !trouble.is_not_found() => spent.answer(Err(trouble.failure)),
        Ok(_) | Err(_) => spent.answer(Ok(())),
    }
}

/// Whether a 404 is about the user and not about the source.
fn is_nobody(trouble: &Trouble) -> bool {
    trouble.is_not_found() && trouble.code.as_deref().is_some_and(|code| code.ends_with("usernotfound"))
}

/// The way to a user's primary source.
pub(crate) fn primary_source(user: &str) -> [&str; 4] {
    ["presence", "users", user, "primarysource"]
}
