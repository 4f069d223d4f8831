//! Notification channels: made over REST, read over a WebSocket each. What they are subscribed to is set by
//! `subscriptions`.
//!
//! Sockets are known by the bounded queue of what shall be sent to them; `websocket` has the sockets themselves.

use std::collections::BTreeSet;

use axum::http::Method;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::dates;
use super::refusal::Refusal;
use super::request::{Answer, Call, Reply};
use super::routes::Route;
use super::state::State;
use super::topics::{self, Topic};
use crate::population::random_uuid;

pub(super) const ROUTES: &[Route] = &[
    Route::new(Method::GET, "/api/v2/notifications/channels", &[], list),
    Route::new(Method::POST, "/api/v2/notifications/channels", &[], create),
    Route::new(Method::HEAD, "/api/v2/notifications/channels/{}", &[], exists),
];

const MOST_CHANNELS: usize = 20;
const LIFE: SignedDuration = SignedDuration::from_hours(24);

/// What is sent to a socket.
#[derive(Debug, Clone)]
pub(super) enum Frame {
    Text(String),
    Close(u16, &'static str),
}

/// All channels, oldest use first.
#[derive(Default)]
pub(super) struct Channels {
    list: Vec<Channel>,
    /// Tells one socket of a channel from the next.
    sockets: u64,
    /// Sockets stay open, but nothing is sent to them.
    pub muted: bool,
}

pub(super) struct Channel {
    id: String,
    token: String,
    /// The OAuth client that made it.
    pub client: String,
    expires: Timestamp,
    /// As subscribed, in order.
    pub ids: Vec<String>,
    parts: BTreeSet<(Uuid, Topic)>,
    socket: Option<(u64, mpsc::Sender<Frame>)>,
}

impl Channel {
    fn show(&self, host: &str) -> Value {
        json!({
            "connectUri": format!("ws://{host}/channels/{}", self.id),
            "id": self.id,
            "expires": dates::show(self.expires),
        })
    }

    /// A socket that does not read is given up.
    fn send(&mut self, frame: Frame) {
        if let Some((_, frames)) = &self.socket
            && frames.try_send(frame).is_err()
        {
            self.socket = None;
        }
    }

    /// Subscribes to these and nothing else.
    pub fn set(&mut self, ids: Vec<String>) {
        self.parts = ids.iter().filter_map(|id| topics::parse(id)).flatten().collect();
        self.ids = ids;
    }

    /// Gives the channel its full life again.
    pub fn renew(&mut self, at: Timestamp) {
        self.expires = at.saturating_add(LIFE).unwrap_or(Timestamp::MAX);
    }
}

impl Channels {
    /// Whether anybody subscribed to this.
    pub fn wants(&self, user: Uuid, topic: Topic) -> bool {
        self.list.iter().any(|channel| channel.parts.contains(&(user, topic)))
    }

    /// Tells everybody who subscribed.
    pub fn publish(&mut self, user: Uuid, topic: Topic, body: &Value, random: &mut fastrand::Rng) {
        let mut body = body.clone();
        if let Some(members) = body.as_object_mut() {
            members.retain(|_, member| !member.is_null());
        }
        for channel in self.list.iter_mut().filter(|channel| channel.parts.contains(&(user, topic))) {
            if self.muted {
                continue;
            }
            let frame = json!({
                "topicName": topic.name(user),
                "version": "2",
                "eventBody": body,
                "metadata": {"CorrelationId": random_uuid(random)},
            });
            channel.send(Frame::Text(frame.to_string()));
        }
    }

    /// Whether a socket may be opened for this channel.
    pub fn has(&self, id: &str, at: Timestamp) -> bool {
        self.list.iter().any(|channel| channel.id == id && channel.expires > at)
    }

    /// Takes a channel's socket; one that it had is displaced. Answers what tells this socket from the next.
    pub fn attach(&mut self, id: &str, frames: mpsc::Sender<Frame>) -> Option<u64> {
        self.sockets += 1;
        let number = self.sockets;
        let place = self.list.iter().position(|channel| channel.id == id)?;
        let mut channel = self.list.remove(place);
        channel.send(Frame::Close(1000, "another connection took this channel"));
        channel.socket = Some((number, frames));
        self.list.push(channel);
        Some(number)
    }

    /// Forgets a socket that is gone.
    pub fn detach(&mut self, id: &str, number: u64) {
        for channel in self.list.iter_mut().filter(|channel| channel.id == id) {
            if channel.socket.as_ref().is_some_and(|(current, _)| *current == number) {
                channel.socket = None;
            }
        }
    }

    /// Closes every socket.
    pub fn close_sockets(&mut self, code: u16) {
        for channel in &mut self.list {
            channel.send(Frame::Close(code, "closed by the server"));
            channel.socket = None;
        }
    }

    /// Announces that the server goes away within a minute.
    pub fn announce_closing(&mut self) {
        let frame =
            json!({"topicName": "v2.system.socket_closing", "eventBody": {"message": "The WebSocket is closing soon"}});
        for channel in &mut self.list {
            channel.send(Frame::Text(frame.to_string()));
        }
    }

    /// Tells the channels of a token, or of all, that it was revoked, and gives them up.
    pub fn tokens_revoked(&mut self, token: Option<&str>) {
        for channel in self.list.iter_mut().filter(|channel| token.is_none_or(|token| token == channel.token)) {
            let frame = json!({
                "topicName": format!("v2.system.token_revoked.{}", channel.id),
                "eventBody": {
                    "channelId": channel.id,
                    "systemTopicType": "token_revoked",
                    "reason": "user_tokens_revoked",
                },
            });
            channel.send(Frame::Text(frame.to_string()));
            channel.send(Frame::Close(1000, "token revoked"));
        }
        self.list.retain(|channel| token.is_some_and(|token| token != channel.token));
    }

    /// The channel with this id.
    pub fn find(&mut self, id: &str) -> Option<&mut Channel> {
        self.list.iter_mut().find(|channel| channel.id == id)
    }
}

fn host<'c>(call: &Call<'c>) -> &'c str {
    call.request.host.as_deref().unwrap_or("localhost")
}

fn list(state: &mut State, call: &Call<'_>) -> Answer {
    let all = call.choice("includechannels", &["token", "oauthclient"], "token")? == "oauthclient";
    let own = state
        .channels
        .list
        .iter()
        .filter(|channel| if all { channel.client == call.client } else { channel.token == call.token });
    let entities: Vec<Value> = own.map(|channel| channel.show(host(call))).collect();
    Ok(Reply::ok(json!({"entities": entities})))
}

fn create(state: &mut State, call: &Call<'_>) -> Answer {
    let channels = &mut state.channels.list;
    channels.retain(|channel| channel.expires > call.at);
    if channels.len() >= MOST_CHANNELS {
        let idle = channels.iter().position(|channel| channel.socket.is_none()).unwrap_or(0);
        channels.remove(idle).send(Frame::Close(1000, "another channel took this one's place"));
    }
    let id = format!("streaming-{}-{}", state.random.u32(1..10), random_uuid(&mut state.random).simple());
    let expires = call.at.saturating_add(LIFE).unwrap_or(Timestamp::MAX);
    let (token, client) = (call.token.to_owned(), call.client.to_owned());
    let channel = Channel { id, token, client, expires, ids: Vec::new(), parts: BTreeSet::new(), socket: None };
    let shown = channel.show(host(call));
    channels.push(channel);
    Ok(Reply::ok(shown))
}

fn exists(state: &mut State, call: &Call<'_>) -> Answer {
    match state.channels.has(call.params[0], call.at) {
        true => Ok(Reply::empty(200)),
        false => Err(Refusal::not_found()),
    }
}
