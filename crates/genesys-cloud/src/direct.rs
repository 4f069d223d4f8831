//! Direct delivery: the newest value only, through the API that every organisation has.
//!
//! Knows the three requests: up to 50 presences other than On Queue at once, On Queue for one user, and IDLE where
//! NOT_RESPONDING is shown. Other routing statuses cannot be set. Does not repeat anything; a presence set twice is the
//! same presence.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::ChangeId;
use domain::target::{Definitions, RoutingStatus};
use replicator::ports::{Answer, Failure, Order, Outcomes};

use crate::applied::{self, Sent, Shown};
use crate::client::{Client, Reply, Spent};
use crate::wire::{self, DefinitionById, MutablePresence, SetPresence, UserPresence};
use crate::{convert, single};

/// The most presences that a request takes (400 `max.user.presences`).
pub(crate) const BATCH: usize = 50;

pub(crate) const BULK: [&str; 3] = ["users", "presences", "bulk"];

/// Sets presences other than On Queue.
pub(crate) async fn deliver_off_queue(client: &Client, definitions: &Definitions, batch: &[Order]) -> Answer<Outcomes> {
    let (sent, mut failures) = split(batch, definitions);
    let mut spent = Spent::default();
    if !sent.is_empty() {
        let body: Vec<MutablePresence> = sent.iter().map(|(_, sent)| item(sent)).collect();
        let reply = client.put::<Shown>(&BULK, &body).await;
        spent = reply.spent;
        match reply.result {
            Ok(shown) => {
                let (changes, sent): (Vec<ChangeId>, Vec<Sent>) = sent.into_iter().unzip();
                for (place, reason) in applied::unapplied(&sent, &shown) {
                    failures.insert(changes[place], Failure::Deferred { reason });
                }
            }
            Err(trouble) => return spent.answer(Err(trouble.failure)),
        }
    }
    let outcomes = batch.iter().map(|order| {
        let id = order.change.id;
        (id, failures.get(&id).cloned().map_or(Ok(()), Err))
    });
    spent.answer(Ok(outcomes.collect()))
}

fn item(sent: &Sent) -> MutablePresence {
    MutablePresence { id: sent.user.0, presence_definition: DefinitionById { id: sent.definition.0 } }
}

/// What to send, and what became of the orders for which nothing is.
fn split(batch: &[Order], definitions: &Definitions) -> (Vec<(ChangeId, Sent)>, BTreeMap<ChangeId, Failure>) {
    let (mut sendable, mut failures) = (Vec::with_capacity(batch.len()), BTreeMap::new());
    let mut users = BTreeSet::new();
    for order in batch {
        let failure = match convert::presence_definition(order, definitions) {
            Err(reason) => Failure::Refused { reason },
            // It would cost all others of the request their turn (400 `endpoint.does.not.support.on.queue`).
            Ok((presence, _)) if presence.is_on_queue() => {
                Failure::Refused { reason: "On Queue was put among other presences".to_owned() }
            }
            Ok(_) if !users.insert(order.user) => {
                Failure::Deferred { reason: "a request takes one presence of a user".to_owned() }
            }
            Ok((presence, definition)) => {
                sendable.push((order.change.id, Sent { user: order.user, definition, system: presence.system }));
                continue;
            }
        };
        failures.insert(order.change.id, failure);
    }
    (sendable, failures)
}

/// Sets the first order's presence, which is On Queue.
pub(crate) async fn deliver_on_queue(client: &Client, definitions: &Definitions, batch: &[Order]) -> Answer<Outcomes> {
    let Some(order) = batch.first() else {
        return Spent::default().answer(Ok(Vec::new()));
    };
    let (presence, definition) = match convert::presence_definition(order, definitions) {
        Ok(found) => found,
        Err(reason) => return single::refused(batch, reason),
    };
    let sent = Sent { user: order.user, definition, system: presence.system };
    let (user, body) =
        (order.user.to_string(), SetPresence { presence_definition: DefinitionById { id: definition.0 } });
    let Reply { result, spent } = client.patch::<UserPresence>(&own_presence(&user), &body).await;
    match result {
        Ok(shown) => single::answer(spent, batch, applied::contradiction(&sent, &shown).map_or(Ok(()), deferred)),
        Err(trouble) => spent.answer(Err(trouble.failure)),
    }
}

/// The way to a user's presence in the platform's own source.
pub(crate) fn own_presence(user: &str) -> [&str; 4] {
    ["users", user, "presences", "purecloud"]
}

/// Makes the first order's user eligible again, who did not respond.
pub(crate) async fn end_not_responding(client: &Client, batch: &[Order]) -> Answer<Outcomes> {
    let Some(order) = batch.first() else {
        return Spent::default().answer(Ok(Vec::new()));
    };
    let body = match convert::set_routing_status(order) {
        Ok(body) => body,
        Err(reason) => return single::refused(batch, reason),
    };
    let user = order.user.to_string();
    let Reply { result, spent } = client.put::<wire::RoutingStatus>(&["users", &user, "routingstatus"], &body).await;
    let shown = match result {
        Ok(shown) => shown.status.as_deref().and_then(RoutingStatus::parse),
        Err(trouble) => return spent.answer(Err(trouble.failure)),
    };
    // Whatever else is shown, work came in between.
    let still =
        (shown == Some(RoutingStatus::NotResponding)).then(|| "the answer still shows NOT_RESPONDING".to_owned());
    single::answer(spent, batch, still.map_or(Ok(()), deferred))
}

fn deferred(reason: String) -> Result<(), Failure> {
    Err(Failure::Deferred { reason })
}
