//! The organisation's users, and whose presence counts for them.
//!
//! Knows how users are paged, and both ways to make our source the primary one. Does not decide who matches whom.

use domain::ids::{AgentId, CloudUserId, SourceId};
use replicator::ports::{Answer, UserPage};
use serde_json::{Map, Value};

use crate::client::{Client, Reply, Spent};
use crate::convert;
use crate::list::List;
use crate::observe::Logged;
use crate::wire::{Named, SetPrimarySource, User, UserListing};

/// Pages from here on are of inactive users. They are listed after the active ones and not together with them, because
/// the platform answers 400 for inactive users beyond the ten thousandth (DEVTOOLING-862): nobody active may be lost
/// over that.
const INACTIVE: u32 = 1_000_000;

/// As many users as the platform is known to give at once without complaint.
const PAGE_SIZE: usize = 100;

/// Reads one page of users: of the active ones first, then of the inactive ones.
pub(crate) async fn users(client: &Client, logged: &Logged, page: u32) -> Answer<UserPage> {
    let (state, number, next_state) = match page.checked_sub(INACTIVE) {
        None => ("active", page.max(1), Some(INACTIVE + 1)),
        Some(number) => ("inactive", number.max(1), None),
    };
    let (size, number_text) = (PAGE_SIZE.to_string(), number.to_string());
    let query = [("pageSize", size.as_str()), ("pageNumber", number_text.as_str()), ("state", state)];
    let Reply { result, spent } = client.get::<UserListing>(&["users"], &query).await;
    let listing = match result {
        Ok(listing) => listing,
        Err(trouble) if next_state.is_none() && trouble.status == Some(400) && !trouble.is_login() => {
            tracing::warn!(page = number, reason = trouble.reason(), "not every inactive user can be listed");
            return spent.answer(Ok(UserPage { users: Vec::new(), next: None }));
        }
        Err(trouble) => return spent.answer(Err(trouble.failure)),
    };
    let count = listing.entities.as_ref().map_or(0, List::len);
    let more = match (listing.next_uri, listing.page_count) {
        (Some(_), _) => true,
        (None, Some(pages)) => number < pages,
        (None, None) => count >= PAGE_SIZE,
    };
    // An empty page ends a list whose server always promises one more.
    let next = if more && count > 0 { Some(page.max(1) + 1) } else { next_state };
    let entities = listing.entities.into_iter().flatten();
    let users = entities.filter_map(|user| convert::user(user).map_err(|odd| logged.note(&odd)).ok());
    spent.answer(Ok(UserPage { users: users.collect(), next }))
}

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

/// Makes our source everybody's who has no other. The settings hold more than that, so they are read, changed and
/// written back whole.
pub(crate) async fn claim_organisation(client: &Client, source: SourceId) -> Answer<()> {
    const DEFAULT: &str = "defaultPrimaryPresenceRegisteredSourceId";
    const PATH: [&str; 2] = ["presence", "settings"];
    let Reply { result, mut spent } = client.get::<Map<String, Value>>(&PATH, &[]).await;
    let mut settings = match result {
        Ok(settings) => settings,
        Err(trouble) => return spent.answer(Err(trouble.failure)),
    };
    if settings.get(DEFAULT).and_then(Value::as_str).is_some_and(|now| now.parse() == Ok(source)) {
        return spent.answer(Ok(()));
    }
    settings.insert(DEFAULT.to_owned(), Value::String(source.to_string()));
    let reply = client.put::<Map<String, Value>>(&PATH, &settings).await;
    spent.add(reply.spent);
    Reply { result: reply.result, spent }.answer(|_| ())
}

/// Makes our source one user's.
pub(crate) async fn claim_user(client: &Client, source: SourceId, user: CloudUserId) -> Answer<()> {
    let body = SetPrimarySource { source_id: source.0, registered: true };
    client.put::<Named>(&["presence", "users", &user.to_string(), "primarysource"], &body).await.answer(|_| ())
}
