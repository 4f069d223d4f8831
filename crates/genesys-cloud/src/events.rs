//! Event injection: presence and routing status, up to 100 events a request, each with its own id and time.
//!
//! Knows both bodies, how to ask for the permission without an effect, and that a 200 can carry refusals. The event id
//! is the change's, so that an event sent twice counts once. Does not repeat anything.

use std::collections::BTreeMap;

use domain::ids::ChangeId;
use replicator::ports::{Answer, Failure, FailureKind, Order};
use serde::Serialize;
use serde::de::IgnoredAny;
use uuid::Uuid;

use crate::client::{Client, Spent};
use crate::convert::{self, Ours};
use crate::error::{ConnectFailure, shorten};
use crate::startup::{Halt, Startup};
use crate::wire::{BatchEventResponse, EventError, PresenceEvents, RoutingEvents};

/// The most events that a request takes (400 `max.batch.size.surpassed`).
pub(crate) const BATCH: usize = 100;

const PRESENCE: [&str; 3] = ["events", "users", "presence"];
const ROUTING: [&str; 3] = ["events", "users", "routingstatus"];

/// What came of each change of a batch.
pub(crate) type Outcomes = Vec<(ChangeId, Result<(), Failure>)>;

/// Makes sure that presence events are accepted: without them there is nothing to do.
pub(crate) async fn probe_presence(startup: &mut Startup<'_>) -> Result<(), ConnectFailure> {
    let nothing = PresenceEvents { user_presence_events: Vec::new() };
    let Err(halt) = probe(startup, &PRESENCE, &nothing).await else {
        return Ok(());
    };
    let mut failure = startup.explain(halt, "inject presence events", "presence:userPresence:inject");
    if matches!(failure.kind, FailureKind::NotAuthorized | FailureKind::Unsupported) {
        failure.message.push_str("; delivery without events is not available yet");
    }
    Err(failure)
}

/// Whether routing status events are accepted; without them presence is replicated alone.
pub(crate) async fn probe_routing(startup: &mut Startup<'_>) -> Result<bool, ConnectFailure> {
    let nothing = RoutingEvents { user_routing_status_events: Vec::new() };
    match probe(startup, &ROUTING, &nothing).await {
        Ok(()) => Ok(true),
        Err(Halt::Refused(trouble)) if matches!(trouble.status, Some(403 | 404)) => {
            startup.notes.push(format!(
                "routing status is not replicated: permission routing:routingstatus:inject is missing ({}); add it to \
                 a role of the OAuth client",
                trouble.reason()
            ));
            Ok(false)
        }
        Err(halt) => Err(startup.explain(halt, "inject routing status events", "routing:routingstatus:inject")),
    }
}

/// An empty batch changes nothing, and is refused with 400 `zero.events.submitted` by whoever would take a full one: the
/// permission is checked first.
async fn probe(startup: &mut Startup<'_>, path: &[&str], nothing: &impl Serialize) -> Result<(), Halt> {
    loop {
        match startup.post::<IgnoredAny>(path, nothing).await {
            Ok(Some(_)) => return Ok(()),
            Ok(None) => {}
            Err(Halt::Refused(trouble)) if trouble.status == Some(400) && !trouble.is_login() => return Ok(()),
            Err(halt) => return Err(halt),
        }
    }
}

/// Injects presences.
pub(crate) async fn deliver_presence(client: &Client, ours: &Ours, batch: &[Order]) -> Answer<Outcomes> {
    let events = batch.iter().map(|order| convert::presence_event(order, ours.source, &ours.definitions));
    let (user_presence_events, refusals) = split(batch, events);
    let some = !user_presence_events.is_empty();
    deliver(client, &PRESENCE, some.then_some(PresenceEvents { user_presence_events }), batch, refusals).await
}

/// Injects routing statuses.
pub(crate) async fn deliver_routing(client: &Client, ours: &Ours, batch: &[Order]) -> Answer<Outcomes> {
    let events = batch.iter().map(|order| convert::routing_event(order, ours.source));
    let (user_routing_status_events, refusals) = split(batch, events);
    let some = !user_routing_status_events.is_empty();
    deliver(client, &ROUTING, some.then_some(RoutingEvents { user_routing_status_events }), batch, refusals).await
}

type Refusals = BTreeMap<Uuid, Failure>;

/// The events to send, and the refusals of the orders for which there is none.
fn split<E>(batch: &[Order], events: impl Iterator<Item = Result<E, String>>) -> (Vec<E>, Refusals) {
    let (mut sendable, mut refusals) = (Vec::with_capacity(batch.len()), Refusals::new());
    for (order, event) in batch.iter().zip(events) {
        match event {
            Ok(event) => sendable.push(event),
            Err(reason) => {
                refusals.insert(order.change.id.0, Failure::Refused { reason });
            }
        }
    }
    (sendable, refusals)
}

async fn deliver(
    client: &Client,
    path: &[&str],
    body: Option<impl Serialize>,
    batch: &[Order],
    mut refusals: Refusals,
) -> Answer<Outcomes> {
    let mut spent = Spent::default();
    if let Some(body) = body {
        let reply = client.post::<BatchEventResponse>(path, &body).await;
        spent = reply.spent;
        match reply.result {
            Ok(response) => read_errors(response, batch, &mut refusals),
            Err(trouble) => return spent.answer(Err(trouble.failure)),
        }
    }
    let outcomes = batch.iter().map(|order| {
        let id = order.change.id;
        (id, refusals.get(&id.0).cloned().map_or(Ok(()), Err))
    });
    spent.answer(Ok(outcomes.collect()))
}

/// Sorts the errors of a 200 by the event that they are about.
fn read_errors(response: BatchEventResponse, batch: &[Order], refusals: &mut Refusals) {
    for error in response.errors.into_iter().flatten() {
        let named = match (error.event_id.as_deref(), batch) {
            // Without a name it can only be about the only one.
            (None, [only]) => Some(only.change.id.0),
            (None, _) => None,
            (Some(text), _) => Uuid::try_parse(text).ok(),
        };
        match named.filter(|id| batch.iter().any(|order| order.change.id.0 == *id)) {
            Some(id) => {
                let failure = failure(&error);
                // Two errors for one event: the one that no retry mends counts.
                if !matches!(refusals.get(&id), Some(Failure::Refused { .. })) {
                    refusals.insert(id, failure);
                }
            }
            None => tracing::warn!(
                event = error.event_id,
                message = error.message,
                retryable = error.retryable,
                "an error was answered for an event that was not sent"
            ),
        }
    }
}

fn failure(error: &EventError) -> Failure {
    let reason = shorten(error.message.as_deref().unwrap_or("the event was not accepted, without a reason"));
    if error.retryable == Some(true) { Failure::Deferred { reason } } else { Failure::Refused { reason } }
}
