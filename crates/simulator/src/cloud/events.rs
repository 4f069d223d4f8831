//! Injection: up to a hundred presence or routing events a request, each with its own time.
//!
//! A mistake in the form of any event is a 400 for all. An event that the platform cannot apply (unknown user, source
//! or definition) is an error of its own inside a 200.

use axum::http::Method;
use domain::target::RoutingStatus;
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::INJECTION;
use super::body;
use super::refusal::Refusal;
use super::request::{Answer, Call, Reply};
use super::routes::Route;
use super::sources::SourceKey;
use super::state::State;
use super::truth::{Effectiveness, EventTruth, Kind};
use super::user::{Presence, Routing};

pub(super) const ROUTES: &[Route] = &[
    Route::with_body(Method::POST, "/api/v2/events/users/presence", &[INJECTION[0]], |state, call| {
        inject(state, call, Kind::Presence)
    }),
    Route::with_body(Method::POST, "/api/v2/events/users/routingstatus", &[INJECTION[1]], |state, call| {
        inject(state, call, Kind::Routing)
    }),
];

/// The most events of one request.
const LARGEST_BATCH: usize = 100;

/// An event in good form.
struct Event {
    id: String,
    happened: Timestamp,
    user: String,
    source: String,
    value: EventValue,
}

enum EventValue {
    Presence { definition: Option<String>, message: Option<String> },
    Routing(RoutingStatus),
}

/// Why one event cannot be applied, and whether it may be sent again.
struct EventError {
    message: String,
    retryable: bool,
}

impl EventError {
    fn lasting(message: &str) -> Self {
        Self { message: message.to_owned(), retryable: false }
    }
}

impl Event {
    fn parse(item: &Value, kind: Kind) -> Result<Self, Refusal> {
        let user = match kind {
            Kind::Presence => "userId",
            Kind::Routing => "agentId",
        };
        Ok(Self {
            id: body::required_text(item, "eventId")?.to_owned(),
            happened: body::date(item, "eventDateTime")?.ok_or_else(|| Refusal::missing("eventDateTime"))?,
            user: body::required_text(item, user)?.to_owned(),
            source: body::required_text(item, "sourceId")?.to_owned(),
            value: match kind {
                Kind::Presence => EventValue::Presence {
                    definition: body::text(item, "presenceDefinitionId")?.map(str::to_owned),
                    message: body::text(item, "message")?.map(str::to_owned),
                },
                Kind::Routing => EventValue::Routing(routing_status(body::required_text(item, "status")?)?),
            },
        })
    }
}

/// Events spell routing statuses `OffQueue`, unlike the user-facing endpoint.
fn routing_status(text: &str) -> Result<RoutingStatus, Refusal> {
    let allowed = "OffQueue, Idle, Interacting, Communicating, NotResponding";
    let spelled = allowed.split(", ").any(|known| known.eq_ignore_ascii_case(text));
    RoutingStatus::parse(text).filter(|_| spelled).ok_or_else(|| Refusal::value(text, "status", allowed))
}

fn inject(state: &mut State, call: &Call<'_>, kind: Kind) -> Answer {
    body::object(&call.body)?;
    let list = match kind {
        Kind::Presence => &call.body["userPresenceEvents"],
        Kind::Routing => &call.body["userRoutingStatusEvents"],
    };
    let items = if list.is_null() { &[][..] } else { body::objects(list)? };
    if items.is_empty() {
        return Err(Refusal::new(400, "zero.events.submitted", "A minimum of 1 event must be submitted"));
    }
    if items.len() > LARGEST_BATCH {
        let message = "Max allowed event count per request has been surpassed. Max batch size is 100";
        return Err(Refusal::new(400, "max.batch.size.surpassed", message));
    }
    let events: Vec<Event> = items.iter().map(|item| Event::parse(item, kind)).collect::<Result<_, _>>()?;
    let mut errors = Vec::new();
    for event in events {
        let id = event.id.clone();
        if let Err(error) = take(state, call, kind, event) {
            state.ledger.event_errors += 1;
            errors.push(json!({"eventId": id, "message": error.message, "retryable": error.retryable}));
        }
    }
    Ok(Reply::ok(json!({"errors": errors})))
}

/// Applies one event, unless it is known already or older than what is known.
fn take(state: &mut State, call: &Call<'_>, kind: Kind, event: Event) -> Result<(), EventError> {
    let user = Uuid::try_parse(&event.user).ok();
    if let Some(retryable) = user.and_then(|user| state.faults.strike_event(&call.request.path, user)) {
        return Err(EventError { message: "The event could not be processed".to_owned(), retryable });
    }
    let user = user.and_then(|id| state.user(id)).ok_or_else(|| EventError::lasting("The user was not found"))?;
    let source = Uuid::try_parse(&event.source).ok().and_then(|id| state.active_source(id));
    let source = source.ok_or_else(|| EventError::lasting("The source was not found"))?.id;
    let key = SourceKey::Registered(source);
    let (value, known) = match &event.value {
        EventValue::Presence { definition: Some(definition), .. } => {
            let usable = Uuid::try_parse(definition).ok().and_then(|id| state.definitions.usable(id));
            let usable = usable.ok_or_else(|| EventError::lasting("The presence definition was not found"))?;
            (usable.id.to_string(), user.presences.get(&key).map(|presence| presence.modified))
        }
        EventValue::Presence { definition: None, .. } => {
            (String::new(), user.presences.get(&key).map(|presence| presence.modified))
        }
        EventValue::Routing(status) => {
            (status.name().to_owned(), user.injected.get(&source).map(|routing| routing.since))
        }
    };
    let user = user.id;
    let effectiveness = if !state.ledger.accepted.insert((kind, event.id.to_lowercase())) {
        Effectiveness::Duplicate
    } else if state.ignore_older_events && known.is_some_and(|known| event.happened < known) {
        Effectiveness::Older
    } else {
        Effectiveness::Applied
    };
    state.ledger.events.push(EventTruth {
        arrived: call.at,
        kind,
        id: event.id.to_lowercase(),
        user,
        source,
        happened: event.happened,
        value,
        effectiveness,
        token: call.number,
    });
    match effectiveness {
        Effectiveness::Applied => apply(state, call.at, user, source, event),
        Effectiveness::Duplicate | Effectiveness::Older => {}
    }
    Ok(())
}

fn apply(state: &mut State, at: Timestamp, user: Uuid, source: Uuid, event: Event) {
    let happened = event.happened;
    state.change_user(user, at, |user| match event.value {
        EventValue::Presence { definition, message } => {
            let key = SourceKey::Registered(source);
            let before = user.presences.get(&key).unwrap_or(user.own_presence());
            let definition = definition.and_then(|id| Uuid::try_parse(&id).ok()).unwrap_or(before.definition);
            let message = message.unwrap_or_default();
            user.presences.insert(key, Presence { definition, message, modified: happened });
        }
        EventValue::Routing(status) => {
            user.injected.insert(source, Routing { status, since: happened });
        }
    });
}
