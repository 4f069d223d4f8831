//! The stub's notification channels: made and subscribed over REST, with a socket each.
//!
//! What goes through a socket is what the test says.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use serde_json::{Value, json};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

use super::{Canned, Inner, Seen, Stub, error};

/// Messages on their way into a socket: more than the 2,000 and a goodbye that a test sends before its task has its turn.
const SAID: usize = 4_000;

/// The channels of the organisation.
#[derive(Default)]
pub(crate) struct Streaming {
    /// As they are in paths, with a word that is to be found nowhere else.
    pub(crate) channels: BTreeSet<String>,
    pub(crate) subscriptions: BTreeMap<String, Vec<String>>,
    /// Parts of topics that are not permitted.
    pub(crate) rejected: BTreeSet<String>,
    /// Whether sockets are behind TLS.
    pub(crate) encrypted: bool,
    made: u32,
    /// Every socket that was opened, in order.
    pub(crate) sockets: Vec<Socket>,
    changed: watch::Sender<()>,
}

/// A socket.
pub(crate) struct Socket {
    pub(crate) channel: String,
    pub(crate) heard: Vec<String>,
    /// Whether the client said goodbye, or is gone.
    pub(crate) ended: bool,
    say: mpsc::Sender<Message>,
}

impl Streaming {
    pub(super) fn answer(&mut self, seen: &Seen, path: &[&str]) -> Canned {
        match (seen.method.as_str(), path) {
            ("POST", []) => self.create(seen),
            ("PUT", [id, "subscriptions"]) if self.channels.contains(*id) => self.subscribe(id, &seen.json()),
            ("PUT", [_, "subscriptions"]) => error(404, "entity.not.found", "Subscription list not found."),
            _ => error(404, "not.found", "The requested resource was not found."),
        }
    }

    fn create(&mut self, seen: &Seen) -> Canned {
        self.made += 1;
        let id = format!("streaming-{}-planted-channel", self.made);
        let host = seen.headers["host"].to_str().unwrap();
        let scheme = if self.encrypted { "wss" } else { "ws" };
        let uri = format!("{scheme}://{host}/channels/{id}");
        let body = json!({"id": id, "connectUri": uri, "expires": "2026-01-02T00:00:00.000Z"});
        self.channels.insert(id);
        Canned::json(200, body)
    }

    fn subscribe(&mut self, id: &str, topics: &Value) -> Canned {
        let ids = topics.as_array().unwrap().iter().map(|topic| topic["id"].as_str().unwrap().to_owned());
        let is_rejected = |id: &String| self.rejected.iter().any(|part| id.contains(part));
        let (rejected, permitted): (Vec<String>, Vec<String>) = ids.partition(is_rejected);
        let entities = (permitted.iter().map(|id| json!({"id": id, "state": "Permitted"})))
            .chain(rejected.iter().map(|id| {
                json!({"id": id, "state": "Rejected", "rejectionReason": "not for you",
                    "missingPermissions": ["directory:user:view"]})
            }))
            .collect::<Vec<_>>();
        self.subscriptions.insert(id.to_owned(), permitted);
        Canned::json(200, json!({"entities": entities}))
    }
}

/// Passes on what the test says and keeps what the client says.
pub(super) async fn serve(inner: Arc<Mutex<Inner>>, channel: String, mut socket: WebSocket) {
    let (say, mut said) = mpsc::channel(SAID);
    let place = {
        let streaming = &mut inner.lock().unwrap().organisation.streaming;
        streaming.sockets.push(Socket { channel, heard: Vec::new(), ended: false, say });
        streaming.changed.send_replace(());
        streaming.sockets.len() - 1
    };
    loop {
        tokio::select! {
            Some(message) = said.recv() => {
                if socket.send(message).await.is_err() {
                    break;
                }
            }
            heard = socket.recv() => match heard {
                Some(Ok(Message::Text(text))) => {
                    let streaming = &mut inner.lock().unwrap().organisation.streaming;
                    streaming.sockets[place].heard.push(text.to_string());
                    streaming.changed.send_replace(());
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => break,
                Some(Ok(_)) => {}
            },
        }
    }
    let streaming = &mut inner.lock().unwrap().organisation.streaming;
    streaming.sockets[place].ended = true;
    streaming.changed.send_replace(());
}

impl Stub {
    /// Sends a message through the socket that was opened as the `place`-th, from 0.
    pub(crate) fn send(&self, place: usize, message: Message) {
        match self.change(|organisation| organisation.streaming.sockets[place].say.try_send(message)) {
            // A socket that has ended takes nothing in.
            Ok(()) | Err(TrySendError::Closed(_)) => {}
            Err(TrySendError::Full(_)) => panic!("no test says so much at once"),
        }
    }

    /// Sends a notification through that socket.
    pub(crate) fn notify(&self, place: usize, topic: &str, body: Value) {
        let text = json!({"topicName": topic, "version": "2", "eventBody": body, "metadata": {"CorrelationId": "c"}});
        self.send(place, Message::text(text.to_string()));
    }

    /// Closes that socket.
    pub(crate) fn hang_up(&self, place: usize, code: u16, reason: &'static str) {
        self.send(place, Message::Close(Some(CloseFrame { code, reason: reason.into() })));
    }

    /// Returns when the channels are like this.
    pub(crate) async fn until(&self, fits: impl Fn(&Streaming) -> bool) {
        let mut changed = self.change(|organisation| organisation.streaming.changed.subscribe());
        let waited = timeout(Duration::from_secs(300), async {
            while !self.change(|organisation| fits(&organisation.streaming)) {
                changed.changed().await.unwrap();
            }
        });
        waited.await.expect("it does not come to that");
    }
}
