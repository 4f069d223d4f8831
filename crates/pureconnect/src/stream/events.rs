//! Server-sent events out of bytes, with the limits that a parser alone does not have: how much one event may hold, and
//! how long nothing may come. Comments (`:ping`) are signs of life and nothing else.

use std::io::Cursor;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{Stream, StreamExt, stream};
use jiff::Timestamp;
use replicator::ports::Clock;
use sse_stream::{Error as SseError, SseByteStream};
use thiserror::Error;
use tokio::time::timeout;

use crate::error::{Error, chain};
use crate::limits;

/// A computer that stood still (a moved virtual machine, a stopped process) has what came meanwhile in its socket, and
/// the time-out fires before anybody has read it. So there is a moment for that.
const STANDSTILL: Duration = Duration::from_secs(1);

/// What ends the bytes before their time.
#[derive(Debug, Error)]
pub(super) enum Cut {
    #[error("silent")]
    Silent { after: Duration, heard: Timestamp },
    #[error("too large")]
    TooLarge,
    #[error("{problem}")]
    Broken { problem: String, heard: Timestamp },
}

/// The data of each event of the default name, in order; after the first error nothing follows.
pub(super) fn events<B, E>(
    bytes: impl Stream<Item = Result<B, E>> + Send + 'static,
    host: &str,
    silence: Duration,
    clock: Arc<dyn Clock>,
) -> impl Stream<Item = Result<String, Error>> + Send + 'static
where
    B: AsRef<[u8]> + Send + 'static,
    E: std::error::Error + Send + 'static,
{
    framed(awaited(bytes, silence, clock), host)
}

/// Bytes until the first error or silence.
fn awaited<B, E>(
    bytes: impl Stream<Item = Result<B, E>> + Send + 'static,
    silence: Duration,
    clock: Arc<dyn Clock>,
) -> impl Stream<Item = Result<B, Cut>> + Send
where
    B: Send + 'static,
    E: std::error::Error + Send + 'static,
{
    let heard = clock.now().utc;
    stream::try_unfold((Box::pin(bytes), clock, heard), move |(mut bytes, clock, heard)| async move {
        let piece = match timeout(silence, bytes.next()).await {
            Err(_) => timeout(STANDSTILL, bytes.next()).await,
            piece => piece,
        };
        match piece {
            Err(_) => Err(Cut::Silent { after: silence, heard }),
            Ok(None) => Ok(None),
            Ok(Some(Err(error))) => Err(Cut::Broken { problem: chain(&error), heard }),
            Ok(Some(Ok(piece))) => {
                let heard = clock.now().utc;
                Ok(Some((piece, (bytes, clock, heard))))
            }
        }
    })
}

/// Events out of bytes, up to the first that is too large.
pub(super) fn framed<B: AsRef<[u8]> + Send + 'static>(
    bytes: impl Stream<Item = Result<B, Cut>> + Send + 'static,
    host: &str,
) -> impl Stream<Item = Result<String, Error>> + Send + 'static {
    let host = host.to_owned();
    let mut meter = Meter::default();
    let metered = bytes.map(move |piece| {
        let piece = piece?;
        if meter.count(piece.as_ref()) > limits::BODY { Err(Cut::TooLarge) } else { Ok(Cursor::new(piece)) }
    });
    SseByteStream::new(Box::pin(metered)).filter_map(move |event| {
        let result = match event {
            Ok(event) => {
                let is_message = event.event.as_deref().is_none_or(|name| name.is_empty() || name == "message");
                event.data.filter(|data| is_message && !data.trim().is_empty()).map(Ok)
            }
            Err(error) => Some(Err(reason(error, &host))),
        };
        async move { result }
    })
}

/// Counts the bytes of the current event, which an empty line ends.
#[derive(Default)]
struct Meter {
    event: usize,
    /// Whether the line so far is empty, which is so at the start as well.
    in_line: bool,
    after_return: bool,
}

impl Meter {
    /// The most bytes that an event had during this piece.
    fn count(&mut self, piece: &[u8]) -> usize {
        let mut most = self.event;
        for byte in piece {
            self.event += 1;
            match byte {
                b'\n' if self.after_return => self.after_return = false,
                b'\n' | b'\r' => {
                    if !self.in_line {
                        self.event = 0;
                    }
                    self.in_line = false;
                    self.after_return = *byte == b'\r';
                }
                _ => {
                    self.in_line = true;
                    self.after_return = false;
                }
            }
            most = most.max(self.event);
        }
        most
    }
}

fn reason(error: SseError, host: &str) -> Error {
    let host = host.to_owned();
    match error {
        SseError::Body(cause) => match cause.downcast::<Cut>().map(|cut| *cut) {
            Ok(Cut::Silent { after, heard }) => Error::Silent { host, after, heard },
            Ok(Cut::TooLarge) => Error::TooLarge { host, what: "message", limit: limits::BODY },
            Ok(Cut::Broken { problem, heard }) => Error::StreamBroken { host, problem, heard },
            Err(other) => Error::Malformed { host, what: "message", problem: other.to_string() },
        },
        SseError::Utf8Parse(error) => Error::Malformed { host, what: "message", problem: error.to_string() },
        other => Error::Malformed { host, what: "message", problem: other.to_string() },
    }
}

#[cfg(test)]
mod tests;
