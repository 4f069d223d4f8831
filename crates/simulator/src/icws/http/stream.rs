//! Server-sent events: one message in one event, `:ping` when there is nothing to say.
//!
//! The stream fetches what its session holds; nothing is handed out before the client has room for it. A blank line
//! follows `:ping`, which readers of whole events need and readers of lines do not mind.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::answer::OpenStream;
use crate::icws::system::System;
use crate::icws::world::session::Taken;

struct Reader {
    system: System,
    session: String,
    number: u64,
    /// While it is here, the session has a consumer.
    _alive: Arc<()>,
    wake: Arc<Notify>,
    ping: Duration,
    stop: CancellationToken,
    /// What is to be written next; an error breaks the connection.
    ready: VecDeque<io::Result<Bytes>>,
    over: bool,
}

/// The body of an open stream.
pub(super) fn events(
    system: System,
    session: String,
    stream: OpenStream,
    ping: Duration,
    stop: CancellationToken,
) -> Body {
    let reader = Reader {
        system,
        session,
        number: stream.number,
        _alive: stream.alive,
        wake: stream.wake,
        ping,
        stop,
        ready: VecDeque::new(),
        over: false,
    };
    Body::from_stream(futures_util::stream::unfold(reader, |mut reader| async move {
        let next = reader.next().await?;
        Some((next, reader))
    }))
}

impl Reader {
    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        let ping_at = Instant::now() + self.ping;
        while self.ready.is_empty() && !self.over {
            let (session, number) = (self.session.clone(), self.number);
            let taken = self.system.call(move |world| world.take_events(&session, number)).await;
            match taken.unwrap_or(Taken::End) {
                Taken::Events(text) => self.ready.push_back(Ok(Bytes::from(text))),
                Taken::Cut => {
                    self.ready.push_back(Err(io::Error::new(io::ErrorKind::ConnectionReset, "cut on purpose")));
                    self.over = true;
                }
                Taken::End => self.over = true,
                Taken::Nothing { again, ping } => self.wait(again, ping.then_some(ping_at)).await,
            }
        }
        self.ready.pop_front()
    }

    async fn wait(&mut self, again: Option<Instant>, ping_at: Option<Instant>) {
        // Silence lasts until somebody ends it and wakes the stream; the session is looked after meanwhile.
        let ping_due = ping_at.unwrap_or_else(|| Instant::now() + self.ping);
        let until = again.map_or(ping_due, |again| again.min(ping_due));
        tokio::select! {
            () = self.stop.cancelled() => self.over = true,
            () = self.wake.notified() => {}
            () = tokio::time::sleep_until(until) => {
                if ping_at.is_some_and(|due| due <= Instant::now()) {
                    self.ready.push_back(Ok(Bytes::from_static(b":ping\n\n")));
                }
            }
        }
    }
}
