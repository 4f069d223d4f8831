//! Reading back what the organisation shows.
//!
//! Knows that expansions are "best effort": a presence that is left out is asked for again where it must be, and what
//! stays unknown stays unknown. Does not compare.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::ids::CloudUserId;
use domain::target::{Observation, Presence, Seen};
use replicator::ports::Answer;

use crate::client::{Client, Spent};
use crate::convert::{self, Ours, PLATFORM, Source, Unknown};
use crate::error::Trouble;
use crate::list::List;
use crate::wire::{UserListing, UserPresence};

/// The most users that one list of a source's presences takes (400 `max.user.presences`).
const PRESENCES: usize = 50;

/// The most requests spent on finding which of the users asked for do not exist.
const SEARCHES: u32 = 16;

/// Which kinds of unknown values were logged already: one line each is enough.
#[derive(Debug, Default)]
pub(crate) struct Logged {
    presence: AtomicBool,
    routing: AtomicBool,
    user: AtomicBool,
    notification: AtomicBool,
}

impl Logged {
    /// Logs the first unknown value of its kind.
    pub(crate) fn note(&self, unknown: &Unknown) {
        let (seen, of, value) = match unknown {
            Unknown::Presence(value) => (&self.presence, "presence", value),
            Unknown::Routing(value) => (&self.routing, "routing status", value),
            Unknown::User(value) => (&self.user, "user", value),
            Unknown::Notification(value) => (&self.notification, "notification", value),
        };
        if !seen.swap(true, Ordering::Relaxed) {
            tracing::warn!(of, value, "Genesys Cloud says something that is not known here; it is left out");
        }
    }
}

/// Reads presence, routing status and out of office of these users. One that does not exist has no observation.
pub(crate) async fn observe(
    client: &Client,
    ours: &Ours,
    logged: &Logged,
    users: &[CloudUserId],
) -> Answer<Vec<Observation>> {
    let mut spent = Spent::default();
    let mut observations = match read_users(client, ours, logged, users, &mut spent).await {
        Ok(observations) => observations,
        Err(trouble) => return spent.answer(Err(trouble.failure)),
    };
    let untold: Vec<CloudUserId> =
        observations.iter().filter(|seen| seen.presence.is_none()).map(|seen| seen.user).collect();
    let mut presences = BTreeMap::new();
    for users in untold.chunks(PRESENCES) {
        match read_presences(client, ours, logged, users, &mut spent).await {
            Ok(read) => presences.extend(read),
            // Told to wait, or nobody there: that concerns everything that comes next.
            Err(trouble) if trouble.is_transient() => return spent.answer(Err(trouble.failure)),
            Err(trouble) => {
                tracing::debug!(cause = %trouble.failure, "the presences of our source cannot be read");
                break;
            }
        }
    }
    for seen in &mut observations {
        seen.presence = seen.presence.or_else(|| presences.get(&seen.user).copied());
    }
    spent.answer(Ok(observations))
}

/// A list with a user who does not exist may be answered with 404 as a whole; halving it finds out who that is.
async fn read_users(
    client: &Client,
    ours: &Ours,
    logged: &Logged,
    users: &[CloudUserId],
    spent: &mut Spent,
) -> Result<Vec<Observation>, Trouble> {
    let (mut observations, mut unknown) = (Vec::with_capacity(users.len()), Vec::new());
    let mut parts: Vec<&[CloudUserId]> = if users.is_empty() { Vec::new() } else { vec![users] };
    while let Some(part) = parts.pop() {
        let expand = ("expand", "presence,routingStatus,outOfOffice");
        let reply = client.get::<UserListing>(&["users"], &[("id", &joined(part)), ("pageSize", "100"), expand]).await;
        spent.add(reply.spent);
        match reply.result {
            Ok(listing) => {
                let wire = listing.entities.iter().flat_map(List::iter);
                observations.extend(wire.filter_map(|user| ours.observation(user, &mut unknown)));
            }
            Err(trouble) if trouble.is_not_found() && part.len() == 1 => {}
            Err(trouble) if trouble.is_not_found() && spent.requests < SEARCHES => {
                let (left, right) = part.split_at(part.len() / 2);
                parts.extend([right, left]);
            }
            Err(trouble) if trouble.is_not_found() => {
                tracing::debug!(
                    users = part.len(),
                    "some of these users do not exist; they are looked at another time"
                );
            }
            Err(trouble) => return Err(trouble),
        }
    }
    unknown.iter().for_each(|odd| logged.note(odd));
    Ok(observations)
}

/// The presences that our source holds. They are shown only where it is the primary one, which this list does not say.
async fn read_presences(
    client: &Client,
    ours: &Ours,
    logged: &Logged,
    users: &[CloudUserId],
    spent: &mut Spent,
) -> Result<BTreeMap<CloudUserId, Seen<Presence>>, Trouble> {
    let source = match &ours.source {
        Source::Registered { id, .. } => id.to_string(),
        Source::Platform => PLATFORM.to_ascii_lowercase(),
    };
    let path = ["users", "presences", &source, "bulk"];
    let reply = client.get::<List<UserPresence>>(&path, &[("id", &joined(users))]).await;
    spent.add(reply.spent);
    let (mut presences, mut unknown) = (BTreeMap::new(), Vec::new());
    for wire in reply.result? {
        // `id` is the user's, too, in some answers.
        let user = convert::id(wire.user_id.as_deref().or(wire.id.as_deref()));
        match (user, ours.presence(&wire, &mut unknown)) {
            (Ok(user), Some(presence)) => {
                presences.insert(CloudUserId(user), presence);
            }
            (Ok(_), None) => {}
            (Err(odd), _) => unknown.push(odd),
        }
    }
    unknown.iter().for_each(|odd| logged.note(odd));
    Ok(presences)
}

/// One parameter with commas, as the vendor's own clients send it.
fn joined(users: &[CloudUserId]) -> String {
    users.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}
