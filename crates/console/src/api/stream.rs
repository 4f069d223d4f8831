//! The changes of agents as they come: server-sent events.
//!
//! Nothing is sent again that came before: a stream begins with `begin`, and whoever reads the list of agents after that
//! knows everything. A client that falls behind or loses the connection comes again, and begins anew.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use domain::ids::AgentId;
use futures_util::Stream;
use serde::{Deserialize, Serialize};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::MissedTickBehavior;

use super::asked::{Asked, OfLink};
use super::problem::Problem;
use super::{PREFIX, refusals};
use crate::access::{Caller, Viewer};
use crate::board::{Agent, Change};
use crate::server::{App, stream_place};
use crate::shown::convert;

/// How long a client may hear nothing. Also how soon it is noticed that a token does not count any more.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// How long a client waits before it comes again.
const RETRY: Duration = Duration::from_secs(2);

/// Which changes.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct StreamQuery {
    /// Those of one agent, by PureConnect user id.
    agent: Option<String>,
}

/// The first event: from here on nothing is missed.
#[derive(Debug, Serialize)]
struct Begin<'a> {
    link: &'a str,
    /// Where everything up to here can be read.
    read: String,
}

/// Somebody is not in scope any more.
#[derive(Debug, Serialize)]
struct Gone<'a> {
    agent: &'a str,
}

/// Changes of agents
///
/// Server-sent events, each with an id. `begin`: from here on nothing is missed, so read the list of agents now. `agent`: an
/// agent stands otherwise than before; the data is the agent as in the list. `gone`: an agent is not in scope any more.
/// `anew`: the link has begun again, so forget who was known. A comment comes every 15 seconds while there is nothing else.
/// The stream ends when the bridge stops, and when the client does not keep up.
#[utoipa::path(
    get, path = "/links/{link}/stream", tag = "agents", operation_id = "followAgents",
    params(("link" = String, Path, description = "The link's name."), StreamQuery),
    responses(
        (status = 200, description = "The events.", content_type = "text/event-stream", body = String),
        (status = 503, description = "Too many streams are open.", content_type = "application/problem+json", body = Problem),
        refusals::Any, refusals::Named
    )
)]
pub(super) async fn follow(
    State(app): State<App>,
    Viewer(caller): Viewer,
    OfLink(link): OfLink,
    Asked(query): Asked<StreamQuery>,
) -> Response {
    match stream_place(&app) {
        Ok(place) => {
            let changes = app.board.changes(Some(&link.name)).await;
            let only = query.agent.as_deref().map(AgentId::new);
            Sse::new(events(Following::new(app, caller, only, changes, place))).into_response()
        }
        Err(response) => response,
    }
}

struct Following {
    app: App,
    caller: Caller,
    only: Option<AgentId>,
    changes: mpsc::Receiver<Arc<Change>>,
    heartbeat: tokio::time::Interval,
    begun: bool,
    /// The changes that are being said, and how many of them were. They become text one by one: a portion may be large.
    portion: Option<(Arc<Change>, usize)>,
    _place: OwnedSemaphorePermit,
}

fn events(following: Following) -> impl Stream<Item = Result<Event, Infallible>> {
    futures_util::stream::unfold(following, |mut following| async move {
        let event = following.next().await?;
        Some((Ok(event), following))
    })
}

impl Following {
    fn new(
        app: App,
        caller: Caller,
        only: Option<AgentId>,
        changes: mpsc::Receiver<Arc<Change>>,
        place: OwnedSemaphorePermit,
    ) -> Self {
        let mut heartbeat = tokio::time::interval_at(tokio::time::Instant::now() + HEARTBEAT, HEARTBEAT);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { app, caller, only, changes, heartbeat, begun: false, portion: None, _place: place }
    }

    /// The next event; `None` at the end: of the program, of the token's time, of the client's place on the board.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.next_of_portion() {
                return Some(event);
            }
            tokio::select! {
                biased;
                () = self.app.shutdown.cancelled() => return None,
                _ = self.heartbeat.tick() => {
                    return self.app.door.still_knows(&self.caller).then(|| Event::default().comment("still here"));
                }
                change = self.changes.recv() => {
                    let change = change?;
                    if !std::mem::replace(&mut self.begun, true) {
                        return Some(begin(&change));
                    }
                    self.portion = Some((change, 0));
                }
            }
        }
    }

    /// The next event of the changes that are being said; `None` when all of them were.
    fn next_of_portion(&mut self) -> Option<Event> {
        let (change, place) = self.portion.as_mut()?;
        while *place <= change.agents.len() + change.gone.len() {
            let said = Said::of(change, *place);
            let id = format!("{}-{place}", change.number);
            *place += 1;
            if let Some(said) = said.filter(|said| said.is_about(self.only.as_ref())) {
                return Some(said.event(&id));
            }
        }
        self.portion = None;
        None
    }
}

/// What an event tells.
enum Said<'a> {
    Anew,
    Agent(&'a Agent),
    Gone(&'a AgentId),
}

impl<'a> Said<'a> {
    /// The first is whether the link has begun again; the agents follow, and those who are gone.
    fn of(change: &'a Change, place: usize) -> Option<Self> {
        let Some(place) = place.checked_sub(1) else { return change.anew.then_some(Self::Anew) };
        match change.agents.get(place) {
            Some(agent) => Some(Self::Agent(agent)),
            None => change.gone.get(place - change.agents.len()).map(Self::Gone),
        }
    }

    fn is_about(&self, only: Option<&AgentId>) -> bool {
        let is_meant = |id: &AgentId| only.is_none_or(|only| only == id);
        match self {
            Self::Anew => true,
            Self::Agent(agent) => is_meant(&agent.id),
            Self::Gone(id) => is_meant(id),
        }
    }

    fn event(&self, id: &str) -> Event {
        match self {
            Self::Anew => event("anew", id, &serde_json::json!({})),
            Self::Agent(agent) => event("agent", id, &convert::agent_on_board(agent)),
            Self::Gone(agent) => event("gone", id, &Gone { agent: agent.as_str() }),
        }
    }
}

/// The board has a place for us: what came before is in its pictures.
fn begin(change: &Change) -> Event {
    let name = percent_encoding::utf8_percent_encode(&change.link, percent_encoding::NON_ALPHANUMERIC);
    let begin = Begin { link: &change.link, read: format!("{PREFIX}/links/{name}/agents") };
    event("begin", &change.number.to_string(), &begin).retry(RETRY)
}

fn event(name: &str, id: &str, data: &impl Serialize) -> Event {
    let event = Event::default().event(name).id(id);
    event.json_data(data).unwrap_or_else(|_| Event::default().comment("something could not be said"))
}
