//! Event injection: presence and routing status, up to 100 events a request, each with its own id and time.
//!
//! Knows both bodies, and that a 200 can carry refusals. The event id is the change's, so that an event sent twice
//! counts once. Does not repeat anything.

use std::collections::BTreeMap;

use domain::ids::SourceId;
use domain::target::Definitions;
use replicator::ports::{Answer, Failure, Order, Outcomes};
use serde::Serialize;
use uuid::Uuid;

use crate::client::{Client, Spent};
use crate::convert;
use crate::error::shorten;
use crate::wire::{BatchEventResponse, EventError, PresenceEvents, RoutingEvents};

/// The most events that a request takes (400 `max.batch.size.surpassed`).
pub(crate) const BATCH: usize = 100;

pub(crate) const PRESENCE: [&str; 3] = ["events", "users", "presence"];
pub(crate) const ROUTING: [&str; 3] = ["events", "users", "routingstatus"];

/// Injects presences.
pub(crate) async fn deliver_presence(
    client: &Client,
    source: SourceId,
    definitions: &Definitions,
    batch: &[Order],
) -> Answer<Outcomes> {
    let events = batch.iter().map(|order| convert::presence_event(order, source, definitions));
    let (user_presence_events, refusals) = split(batch, events);
    let some = !user_presence_events.is_empty();
    deliver(client, &PRESENCE, some.then_some(PresenceEvents { user_presence_events }), batch, refusals).await
}

/// Injects routing statuses.
pub(crate) async fn deliver_routing(client: &Client, source: SourceId, batch: &[Order]) -> Answer<Outcomes> {
    let events = batch.iter().map(|order| convert::routing_event(order, source));
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
