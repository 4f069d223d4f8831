//! The sockets of notification channels: frames out, pings and subscriptions in, a heartbeat when nothing happens.
//!
//! Who is told what is decided elsewhere; a socket only has a bounded queue that it empties. Heartbeats keep real time,
//! since they are about the life of the socket.

use std::time::Duration;

use axum::body::Body;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message as Frames, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, State as Extracted};
use axum::http::{Response, StatusCode};
use axum::response::IntoResponse;
use tokio::sync::mpsc;
use tokio::time::{Instant, interval_at};

use super::channels::Frame;
use super::org::{Message, Org, Stopped};
use super::transport::Shared;

/// Between heartbeats; clients give up after about 35 seconds of silence.
const HEARTBEAT: Duration = Duration::from_secs(30);

/// Frames that a slow reader may be behind: a change of every topic that a channel can have. Past that it is cut off.
const BEHIND: usize = 1000;

/// Opens the socket of a channel. The path is the secret; no token is asked for.
pub(super) async fn open(
    Extracted(shared): Extracted<Shared>,
    Path(channel): Path<String>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response<Body> {
    let known = shared.org.ask(|answer| Message::HasChannel(channel.clone(), answer)).await;
    if !known.is_ok_and(|known| known) {
        return StatusCode::NOT_FOUND.into_response();
    }
    match upgrade {
        // The framework spawns what follows; the tracker lets the server wait for its end.
        Ok(upgrade) => upgrade.on_upgrade(move |socket| {
            let tasks = shared.tasks.clone();
            tasks.track_future(async move {
                // There is nobody to tell that a socket ended.
                drop(run(&shared, channel, socket).await);
            })
        }),
        Err(rejection) => rejection.into_response(),
    }
}

/// A socket that ended, whichever side ended it.
struct Ended;

impl From<axum::Error> for Ended {
    fn from(_: axum::Error) -> Self {
        Self
    }
}

impl From<Stopped> for Ended {
    fn from(_: Stopped) -> Self {
        Self
    }
}

async fn run(shared: &Shared, channel: String, mut socket: WebSocket) -> Result<(), Ended> {
    let (frames, mut queue) = mpsc::channel(BEHIND);
    let attached = shared.org.ask(|answer| Message::Attach(channel.clone(), frames, answer)).await?;
    let Some(number) = attached else {
        return close(&mut socket, 1000, "no such channel").await;
    };
    let ended = tokio::select! {
        ended = converse(&shared.org, &channel, &mut socket, &mut queue) => ended,
        () = shared.stop.cancelled() => close(&mut socket, 1001, "the server stops").await,
    };
    shared.org.tell(Message::Detach(channel, number)).await?;
    ended
}

async fn converse(
    org: &Org,
    channel: &str,
    socket: &mut WebSocket,
    queue: &mut mpsc::Receiver<Frame>,
) -> Result<(), Ended> {
    let mut heartbeat = interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
    loop {
        tokio::select! {
            frame = queue.recv() => match frame {
                Some(Frame::Text(text)) => socket.send(Frames::Text(text.into())).await?,
                Some(Frame::Close(code, reason)) => return close(socket, code, reason).await,
                None => return close(socket, 1008, "the client does not read").await,
            },
            said = socket.recv() => match said.ok_or(Ended)?? {
                Frames::Text(text) => {
                    let answer = org.ask(|answer| Message::Say(channel.to_owned(), text.to_string(), answer)).await?;
                    if let Some(answer) = answer {
                        socket.send(Frames::Text(answer.into())).await?;
                    }
                }
                Frames::Close(_) => return Ok(()),
                Frames::Binary(_) | Frames::Ping(_) | Frames::Pong(_) => {}
            },
            _ = heartbeat.tick() => {
                if !org.ask(Message::IsMuted).await? {
                    let beat = r#"{"topicName":"channel.metadata","eventBody":{"message":"WebSocket Heartbeat"}}"#;
                    socket.send(Frames::Text(beat.into())).await?;
                }
            }
        }
    }
}

async fn close(socket: &mut WebSocket, code: u16, reason: &'static str) -> Result<(), Ended> {
    socket.send(Frames::Close(Some(CloseFrame { code, reason: reason.into() }))).await?;
    Ok(())
}
