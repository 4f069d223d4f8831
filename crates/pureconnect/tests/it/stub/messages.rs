//! Messages: the whole lists that answer a subscription, and the stream that carries them.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use futures_util::{Stream, StreamExt, stream};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::State;

/// How often `:ping` is sent.
const PING: Duration = Duration::from_millis(50);

impl State {
    /// What a subscription answers with.
    pub fn reported(&self, what: &str, watched: &[String]) -> Vec<Value> {
        match (self.faulted, what.strip_prefix("queues/")) {
            (Some(message), Some(id)) => vec![json!({"isDelta": true, "subscriptionId": id, "state": 3,
                "__type": "urn:inin.com:queues:queueSubscriptionStateMessage", "error": {"message": message}})],
            _ => self.whole(what, watched),
        }
    }

    /// The whole list of a subscription, split as configured: the first part is whole, the others only add.
    pub fn whole(&self, what: &str, watched: &[String]) -> Vec<Value> {
        let (kind, list, items, id) = match what {
            "status/status-messages" => {
                ("status:statusMessagesMessage", "statusMessagesAdded", self.catalogue.clone(), None)
            }
            "status/user-statuses" => {
                let items = watched.iter().filter_map(|user| self.statuses.get(user).cloned()).collect();
                ("status:userStatusMessage", "userStatusList", items, None)
            }
            "configuration/users/users" => {
                ("configuration.people:usersMessage", "added", self.users.clone(), Some("users"))
            }
            "configuration/workgroups/workgroups" => {
                ("configuration.people:workgroupsMessage", "added", self.workgroups.clone(), Some("workgroups"))
            }
            _ => {
                let items = watched.iter().filter_map(|user| self.interactions.get(user).cloned()).flatten().collect();
                let id = what.strip_prefix("queues/");
                assert!(id.is_some(), "a subscription of another kind: {what}");
                ("queues:queueContentsMessage", "interactionsAdded", items, id)
            }
        };
        let mut parts: Vec<&[Value]> = items.chunks(self.split).collect();
        if parts.is_empty() {
            parts.push(&[]);
        }
        let message = |(n, part): (usize, &&[Value])| {
            let mut message = json!({"__type": format!("urn:inin.com:{kind}"), "isDelta": n > 0, list: part});
            if let Some(id) = id {
                message["subscriptionId"] = json!(id);
            }
            message
        };
        parts.iter().enumerate().map(message).collect()
    }
}

/// The stream of a session: one message an event, pings between, until the session or the stream is cut.
pub fn stream(state: Arc<Mutex<State>>, bell: &watch::Sender<()>, session: String) -> Response {
    let (cuts, sliced) = {
        let state = state.lock().unwrap();
        (state.sessions.get(&session).map_or(0, |session| session.cuts), state.sliced)
    };
    let start = (state, bell.subscribe(), session);
    let body = stream::unfold(start, move |(state, mut bell, id)| async move {
        loop {
            bell.mark_unchanged();
            let text = {
                let mut state = state.lock().unwrap();
                let session = state.sessions.get_mut(&id).filter(|session| session.cuts == cuts)?;
                // What waits goes out in one piece, as a server does that is woken once for several messages.
                let text: String = session.outbox.drain(..).map(|message| format!("data: {message}\n\n")).collect();
                text + &std::mem::take(&mut session.raw)
            };
            if !text.is_empty() {
                return Some((Ok::<_, Infallible>(text), (state, bell, id)));
            }
            let rung = tokio::time::timeout(PING, bell.changed()).await;
            let ping = state.lock().unwrap().ping.filter(|_| rung.is_err());
            if let Some(ping) = ping {
                return Some((Ok(ping.to_owned()), (state, bell, id)));
            }
        }
    });
    let response = Response::builder().status(200).header("Content-Type", "text/event-stream");
    let body = if sliced { Body::from_stream(body.flat_map(bytes)) } else { Body::from_stream(body) };
    response.body(body).unwrap()
}

fn bytes(text: Result<String, Infallible>) -> impl Stream<Item = Result<Vec<u8>, Infallible>> {
    let text = text.unwrap_or_default().into_bytes();
    stream::iter(text.into_iter().map(|byte| Ok(vec![byte])))
}
