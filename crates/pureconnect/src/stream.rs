//! Messages as they come, in groups of what is there together: server-sent events, or polling where there are none.
//!
//! It knows framing, silence and sizes, and not what a message says. It never reconnects: a gap loses messages, so
//! whoever listens has to know (icws.md §4.5).

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt, StreamExt};
use jiff::Timestamp;
use replicator::ports::Clock;
use reqwest::Response;
use reqwest::header::CONTENT_TYPE;
use tokio::time::{Instant, sleep_until, timeout};
use tracing::info;

use crate::client::read_all;
use crate::error::{Error, chain};
use crate::limits;
use crate::request::Request;
use crate::session::Session;
use crate::wire;

mod events;

use events::{Cut, events, framed};

/// The HTTP library hands over one piece at a time, through a task of its own. So what is readable is there within
/// moments, not at once; a pair of messages that were sent together shall not be torn apart by that.
const TOGETHER: Duration = Duration::from_millis(3);
/// Somebody who talks all the time is listened to in groups of this length.
const LONGEST_GROUP: Duration = Duration::from_millis(15);

/// What arrived together, in order, undecoded.
pub(crate) struct Group {
    pub(crate) received: Timestamp,
    pub(crate) messages: Vec<String>,
}

/// How to listen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rhythm {
    /// A stream without any byte for this long is dead.
    pub(crate) silence: Duration,
    /// How often to fetch messages where they do not come by themselves.
    pub(crate) poll: Duration,
}

/// Groups of messages until the first error. Nothing is lost by not waiting for one to the end.
pub(crate) type Feed = BoxStream<'static, Result<Group, Error>>;

/// Begins to listen.
pub(crate) fn open(session: Arc<Session>, clock: Arc<dyn Clock>, rhythm: Rhythm) -> Feed {
    let mode = if session.can_stream { Mode::Opening } else { Mode::Polling { next: Instant::now() } };
    let heard = clock.now().utc;
    let listener = Listener { session, clock, rhythm, mode, heard, failed: None };
    stream::unfold(Some(listener), |listener| async {
        let mut listener = listener?;
        match listener.next().await {
            Ok(group) => Some((Ok(group), Some(listener))),
            Err(error) => Some((Err(error), None)),
        }
    })
    .boxed()
}

enum Mode {
    Opening,
    Events(BoxStream<'static, Result<String, Error>>),
    Polling { next: Instant },
}

struct Listener {
    session: Arc<Session>,
    clock: Arc<dyn Clock>,
    rhythm: Rhythm,
    mode: Mode,
    /// When an answer came last.
    heard: Timestamp,
    /// What ended the stream after the group that was handed out last.
    failed: Option<Error>,
}

impl Listener {
    async fn next(&mut self) -> Result<Group, Error> {
        loop {
            if let Some(error) = self.failed.take() {
                return Err(error);
            }
            let (received, messages) = match &mut self.mode {
                Mode::Opening => {
                    let messages = self.start().await?;
                    (self.clock.now().utc, messages)
                }
                Mode::Events(events) => {
                    let Some(first) = events.next().await else {
                        return Err(Error::StreamClosed { host: self.session.host().to_owned() });
                    };
                    let received = self.clock.now().utc;
                    let (messages, failed) = gather(first?, events).await;
                    self.failed = failed;
                    (received, self.take_apart(messages)?)
                }
                Mode::Polling { next } => {
                    sleep_until(*next).await;
                    let messages = self.poll().await?;
                    self.mode = Mode::Polling { next: Instant::now() + self.rhythm.poll };
                    self.heard = self.clock.now().utc;
                    (self.heard, messages)
                }
            };
            if !messages.is_empty() {
                return Ok(Group { received, messages });
            }
        }
    }

    async fn start(&mut self) -> Result<Vec<String>, Error> {
        let (after, heard) = (self.rhythm.silence, self.heard);
        let silent = |_| Error::Silent { host: self.session.host().to_owned(), after, heard };
        let opened = timeout(after, self.session.open()).await.map_err(silent)?;
        let response = match opened {
            Ok(response) => response,
            Err(error) if matches!(error.status(), Some(400 | 404..=406 | 415 | 501)) => {
                info!(host = self.session.host(), error = chain(&error), "no server-sent events here; polling instead");
                self.mode = Mode::Polling { next: Instant::now() };
                return Ok(Vec::new());
            }
            Err(error) => return Err(self.broken(error)),
        };
        if is_event_stream(&response) {
            let events = events(response.bytes_stream(), self.session.host(), after, Arc::clone(&self.clock));
            self.mode = Mode::Events(events.boxed());
            return Ok(Vec::new());
        }
        // A proxy dropped the Accept header. What was answered is handed out only once, so it is used.
        info!(host = self.session.host(), "asked for server-sent events and got an answer; polling instead");
        self.mode = Mode::Polling { next: Instant::now() + self.rhythm.poll };
        let body = read_all(response, &self.session.place, Request::Messages.name());
        let body = timeout(after, body).await.map_err(silent)?.map_err(|error| self.broken(error))?;
        self.items(&body)
    }

    async fn poll(&mut self) -> Result<Vec<String>, Error> {
        let reply = self.session.ask(&Request::Messages).await.map_err(|error| self.broken(error))?;
        self.items(&reply.body)
    }

    fn items(&self, body: &[u8]) -> Result<Vec<String>, Error> {
        // Some answers are 200 with nothing in them (icws.md §10, 13).
        if body.trim_ascii().is_empty() {
            return Ok(Vec::new());
        }
        let malformed =
            |problem: String| Error::Malformed { host: self.session.host().to_owned(), what: "messages", problem };
        let text = std::str::from_utf8(body).map_err(|error| malformed(error.to_string()))?;
        wire::split(text).map_err(|error| Error::malformed(self.session.host(), "messages", &error))
    }

    /// An event holds one message; a list of them would be understood as well.
    fn take_apart(&self, events: Vec<String>) -> Result<Vec<String>, Error> {
        if events.iter().all(|event| !event.trim_start().starts_with('[')) {
            return Ok(events);
        }
        let parts: Result<Vec<_>, _> = events.iter().map(|event| self.items(event.as_bytes())).collect();
        Ok(parts?.concat())
    }

    /// An answer that got lost took its messages with it; the session may live.
    fn broken(&self, error: Error) -> Error {
        match error {
            Error::NoAnswer { ref host, .. } | Error::TooSlow { ref host, .. } => {
                Error::StreamBroken { host: host.clone(), problem: chain(&error), heard: self.heard }
            }
            other => other,
        }
    }
}

/// The events in these pieces of a stream, and what ended them before their time.
pub(crate) fn frame(pieces: Vec<Vec<u8>>) -> (Vec<String>, Option<Error>) {
    let pieces = stream::iter(pieces.into_iter().map(Ok::<_, Cut>));
    let (mut messages, mut end) = (Vec::new(), None);
    let all = framed(pieces, "somebody").for_each(|event| {
        match event {
            Ok(message) => messages.push(message),
            Err(error) => end = Some(error),
        }
        std::future::ready(())
    });
    all.now_or_never().expect("all pieces are there");
    (messages, end)
}

fn is_event_stream(response: &Response) -> bool {
    let media_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    media_type.trim_start().to_ascii_lowercase().starts_with("text/event-stream")
}

async fn gather(first: String, events: &mut BoxStream<'static, Result<String, Error>>) -> (Vec<String>, Option<Error>) {
    let mut bytes = first.len();
    let mut messages = vec![first];
    let end = Instant::now() + LONGEST_GROUP;
    while Instant::now() < end && bytes < limits::BODY {
        match timeout(TOGETHER, events.next()).await {
            Ok(Some(Ok(message))) => {
                bytes += message.len();
                messages.push(message);
            }
            Ok(Some(Err(error))) => return (messages, Some(error)),
            Ok(None) | Err(_) => break,
        }
    }
    (messages, None)
}
