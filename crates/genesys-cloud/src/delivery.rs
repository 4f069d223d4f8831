//! How presence and routing status are delivered: what the OAuth clients may do, and the choice that follows.
//!
//! Knows how to ask for a permission without an effect. An empty list changes nothing, and the permission is looked at
//! first: whoever has it is told that the list is empty, or that all went well.

use replicator::ports::{Failure, FailureKind};
use serde::Serialize;
use serde::de::IgnoredAny;

use crate::config::DeliveryChoice;
use crate::direct::BULK;
use crate::error::{ConnectFailure, Origin, Trouble};
use crate::events::{PRESENCE, ROUTING};
use crate::startup::{Halt, Startup};
use crate::wire::{MutablePresence, PresenceEvents, RoutingEvents};

/// How presence and routing status are delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// By events: every transition with its own time.
    Events,
    /// Directly: the newest value only.
    Direct,
}

pub(crate) const INJECT_PRESENCE: &str = "presence:userPresence:inject";
pub(crate) const INJECT_ROUTING: &str = "routing:routingstatus:inject";
pub(crate) const EDIT_PRESENCE: &str = "presence:userPresence:edit";

/// Whether something is allowed; otherwise what the platform said.
pub(crate) type Allowed = Result<(), Trouble>;

/// Whether presence events are accepted.
pub(crate) async fn probe_presence_events(startup: &mut Startup<'_>) -> Result<Allowed, Halt> {
    let nothing = PresenceEvents { user_presence_events: Vec::new() };
    probe_events(startup, &PRESENCE, &nothing).await
}

/// Whether routing status events are accepted.
pub(crate) async fn probe_routing_events(startup: &mut Startup<'_>) -> Result<Allowed, Halt> {
    let nothing = RoutingEvents { user_routing_status_events: Vec::new() };
    probe_events(startup, &ROUTING, &nothing).await
}

/// An empty batch is refused with 400 `zero.events.submitted` by whoever would take a full one.
async fn probe_events(startup: &mut Startup<'_>, path: &[&str], nothing: &impl Serialize) -> Result<Allowed, Halt> {
    loop {
        match startup.post::<IgnoredAny>(path, nothing).await {
            Ok(Some(_)) => return Ok(Ok(())),
            Ok(None) => {}
            Err(Halt::Refused(trouble)) if trouble.status == Some(400) && !trouble.is_login() => return Ok(Ok(())),
            Err(halt) => return refusal(halt).map(Err),
        }
    }
}

/// Whether other users' presence may be set. Who may is answered whatever an empty list is answered with.
pub(crate) async fn probe_direct(startup: &mut Startup<'_>) -> Result<Allowed, Halt> {
    let nothing: [MutablePresence; 0] = [];
    match startup.put::<IgnoredAny>(&BULK, &nothing).await {
        Ok(_) => Ok(Ok(())),
        Err(halt) => match refusal(halt)? {
            trouble if is_forbidden(&trouble) || !trouble.is_refusal() => Ok(Err(trouble)),
            _ => Ok(Ok(())),
        },
    }
}

/// What the Platform API refused. Whatever else ended the question is no answer to it.
fn refusal(halt: Halt) -> Result<Trouble, Halt> {
    match halt {
        Halt::Refused(trouble) if trouble.origin == Origin::Api && !trouble.untrusted => match trouble.failure {
            Failure::Unauthorized { .. } => Err(Halt::Refused(trouble)),
            Failure::Throttled { .. }
            | Failure::Unavailable { .. }
            | Failure::Deferred { .. }
            | Failure::Refused { .. }
            | Failure::Unsupported { .. } => Ok(trouble),
        },
        halt => Err(halt),
    }
}

fn is_forbidden(trouble: &Trouble) -> bool {
    matches!(trouble.failure, Failure::Unsupported { .. })
}

/// What one OAuth client may do, as far as it was asked.
pub(crate) struct Abilities {
    /// The client, as it is called in messages.
    pub(crate) whose: String,
    pub(crate) events: Option<Allowed>,
    pub(crate) direct: Option<Allowed>,
}

/// Asks every client for what the choice depends on, and no more.
pub(crate) async fn probe(
    startups: &mut [Startup<'_>],
    wanted: DeliveryChoice,
) -> Result<Vec<Abilities>, ConnectFailure> {
    let mut all = Vec::with_capacity(startups.len());
    for startup in &mut *startups {
        let events = match wanted {
            DeliveryChoice::Direct => None,
            DeliveryChoice::Auto | DeliveryChoice::Events => {
                let probed = probe_presence_events(startup).await;
                Some(probed.map_err(|halt| startup.explain(halt, "inject presence events", INJECT_PRESENCE))?)
            }
        };
        all.push(Abilities { whose: startup.whose().to_owned(), events, direct: None });
    }
    let all_by_events = all.iter().all(|client| matches!(client.events, Some(Ok(()))));
    let needs_direct = match wanted {
        DeliveryChoice::Auto => !all_by_events,
        DeliveryChoice::Direct => true,
        DeliveryChoice::Events => false,
    };
    for (client, startup) in all.iter_mut().zip(startups).filter(|_| needs_direct) {
        let probed = probe_direct(startup).await;
        client.direct = Some(probed.map_err(|halt| startup.explain(halt, "set presences", EDIT_PRESENCE))?);
    }
    Ok(all)
}

/// Chooses for all clients together, with the reason.
pub(crate) fn choose(wanted: DeliveryChoice, clients: &[Abilities]) -> Result<(Delivery, String), ConnectFailure> {
    let lacking_events = lacking(clients, |client| client.events.as_ref(), INJECT_PRESENCE);
    let lacking_direct = lacking(clients, |client| client.direct.as_ref(), EDIT_PRESENCE);
    match (wanted, lacking_events, lacking_direct) {
        (DeliveryChoice::Events, None, _) => Ok((Delivery::Events, "events are configured and allowed".to_owned())),
        (DeliveryChoice::Auto, None, _) => Ok((Delivery::Events, "presence events are allowed".to_owned())),
        (DeliveryChoice::Direct, _, None) => {
            Ok((Delivery::Direct, "direct delivery is configured and allowed".to_owned()))
        }
        (DeliveryChoice::Auto, Some(events), None) => {
            let reason = format!("{}; presences may be set directly", events.said);
            Ok((Delivery::Direct, reason))
        }
        (DeliveryChoice::Auto, Some(events), Some(direct)) => {
            let said = format!("{}; {}", events.said, direct.said);
            let advice = "add the first to a role for delivery by events, or the second for direct delivery";
            let lack = Lack { said, forbidden: events.forbidden || direct.forbidden };
            Err(lack.failure("there is no way to deliver presence", advice))
        }
        (DeliveryChoice::Events, Some(lack), _) => Err(lack.failure("failed to inject presence events", OTHERWISE)),
        (DeliveryChoice::Direct, _, Some(lack)) => Err(lack.failure("failed to set presences", OTHERWISE)),
    }
}

/// What stands against one way to deliver.
struct Lack {
    said: String,
    forbidden: bool,
}

/// What to do where one way was wanted.
const OTHERWISE: &str = "add it to a role, or set delivery to something else";

impl Lack {
    fn failure(self, what: &str, advice: &str) -> ConnectFailure {
        let (kind, advice) = match self.forbidden {
            true => (FailureKind::NotAuthorized, advice),
            false => (FailureKind::Unsupported, "check that it is the Platform API of Genesys Cloud"),
        };
        ConnectFailure { kind, message: format!("{what}: {}; {advice}", self.said), cause: None }
    }
}

/// What stands against it at any client; `None` when nothing does.
fn lacking<'a>(
    clients: &'a [Abilities],
    of: impl Fn(&'a Abilities) -> Option<&'a Allowed>,
    permission: &str,
) -> Option<Lack> {
    let lacking = clients.iter().filter_map(|client| Some((client, of(client)?.as_ref().err()?)));
    let lacking: Vec<(&Abilities, &Trouble)> = lacking.collect();
    let said = lacking.iter().map(|(client, trouble)| {
        let (whose, reason) = (&client.whose, trouble.reason());
        match is_forbidden(trouble) {
            true => format!("permission {permission} of {whose} is missing ({reason})"),
            false => format!("what needs permission {permission} was refused to {whose} ({reason})"),
        }
    });
    let said: Vec<String> = said.collect();
    let forbidden = lacking.iter().any(|(_, trouble)| is_forbidden(trouble));
    (!said.is_empty()).then(|| Lack { said: said.join("; "), forbidden })
}
