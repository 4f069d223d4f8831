//! Server-sent events out of bytes, with the limits that a parser alone does not have: how much one event may hold, and
//! how long nothing may come. Comments (`:ping`) are signs of life and nothing else.

use std::io::Cursor;
use std::time::Duration;

use futures_util::{Stream, StreamExt, stream};
use sse_stream::{Error as SseError, SseByteStream};
use thiserror::Error;
use tokio::time::timeout;

use crate::client::LIMIT;
use crate::error::{Error, chain};

/// What ends the bytes before their time.
#[derive(Debug, Error)]
enum Cut {
    #[error("silent")]
    Silent,
    #[error("too large")]
    TooLarge,
    #[error("{0}")]
    Broken(String),
}

/// The data of each event of the default name, in order; after the first error nothing follows.
pub(super) fn events<B, E>(
    bytes: impl Stream<Item = Result<B, E>> + Send + 'static,
    host: &str,
    silence: Duration,
) -> impl Stream<Item = Result<String, Error>> + Send + 'static
where
    B: AsRef<[u8]> + Send + 'static,
    E: std::error::Error + Send + 'static,
{
    let host = host.to_owned();
    SseByteStream::new(Box::pin(guarded(bytes, silence))).filter_map(move |event| {
        let result = match event {
            Ok(event) => {
                let is_message = event.event.as_deref().is_none_or(|name| name.is_empty() || name == "message");
                event.data.filter(|data| is_message && !data.trim().is_empty()).map(Ok)
            }
            Err(error) => Some(Err(reason(error, &host, silence))),
        };
        async move { result }
    })
}

/// Bytes until silence or size end them.
fn guarded<B, E>(
    bytes: impl Stream<Item = Result<B, E>> + Send + 'static,
    silence: Duration,
) -> impl Stream<Item = Result<Cursor<B>, Cut>> + Send
where
    B: AsRef<[u8]> + Send + 'static,
    E: std::error::Error + Send + 'static,
{
    let start = (Box::pin(bytes), Meter::default());
    stream::try_unfold(start, move |(mut bytes, mut meter)| async move {
        let piece = match timeout(silence, bytes.next()).await {
            Err(_) => return Err(Cut::Silent),
            Ok(None) => return Ok(None),
            Ok(Some(Err(error))) => return Err(Cut::Broken(chain(&error))),
            Ok(Some(Ok(piece))) => piece,
        };
        if meter.count(piece.as_ref()) > LIMIT {
            return Err(Cut::TooLarge);
        }
        Ok(Some((Cursor::new(piece), (bytes, meter))))
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

fn reason(error: SseError, host: &str, silence: Duration) -> Error {
    let host = host.to_owned();
    match error {
        SseError::Body(cause) => match cause.downcast::<Cut>().map(|cut| *cut) {
            Ok(Cut::Silent) => Error::Silent { host, after: silence },
            Ok(Cut::TooLarge) => Error::TooLarge { host, what: "message", limit: LIMIT },
            Ok(Cut::Broken(problem)) => Error::StreamBroken { host, problem },
            Err(other) => Error::StreamBroken { host, problem: other.to_string() },
        },
        SseError::Utf8Parse(error) => Error::Malformed { host, what: "message", problem: error.to_string() },
        other => Error::Malformed { host, what: "message", problem: other.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use std::convert::Infallible;

    fn read(pieces: Vec<Vec<u8>>) -> (Vec<String>, Option<Error>) {
        let bytes = stream::iter(pieces.into_iter().map(Ok::<_, Infallible>));
        let (mut data, mut end) = (Vec::new(), None);
        let mut events = Box::pin(events(bytes, "cic1", Duration::from_secs(60)));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            while let Some(event) = events.next().await {
                match event {
                    Ok(text) => data.push(text),
                    Err(error) => end = Some(error),
                }
            }
        });
        (data, end)
    }

    #[test]
    fn framing_does_not_depend_on_where_the_pieces_end() {
        let text = b"\xef\xbb\xbf:ping\n\ndata: {\"a\":1}\r\n\r\n:ping\r\n\r\nid: 7\nevent: message\ndata:{\"b\":\ndata: 2}\n\n\
            event: other\ndata: no\n\nretry: 5\n\ndata: {\"c\":\"\xc3\xa4\"}\r\rdata: lost";
        for cut in 0..=text.len() {
            let pieces = vec![text[..cut].to_vec(), text[cut..].to_vec()];
            let (data, end) = read(pieces);
            assert_eq!(data, ["{\"a\":1}", "{\"b\":\n2}", "{\"c\":\"\u{e4}\"}"], "cut at {cut}");
            assert!(end.is_none());
        }
    }

    #[test]
    fn big_events_are_read_and_too_big_ones_end_the_stream() {
        let event = |size: usize| [b"data: ".to_vec(), vec![b'x'; size], b"\n\n".to_vec()].concat();
        let (data, end) = read(vec![event(LIMIT / 2), event(LIMIT / 2), event(LIMIT / 2)]);
        assert_eq!((data.len(), end.is_none()), (3, true));
        let (data, end) = read(vec![event(10), event(LIMIT), event(10)]);
        assert_eq!(data.len(), 1);
        assert!(matches!(end, Some(Error::TooLarge { .. })), "{end:?}");
        let endless = (0..20).map(|_| vec![b'x'; LIMIT / 16]).collect();
        assert!(matches!(read(endless).1, Some(Error::TooLarge { .. })), "a line that never ends");
    }

    #[test]
    fn what_is_no_text_is_malformed() {
        let (data, end) = read(vec![b"data: ok\n\ndata: \xff\n\ndata: after\n\n".to_vec()]);
        assert_eq!(data, ["ok"]);
        assert!(matches!(end, Some(Error::Malformed { .. })), "{end:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn pings_keep_it_alive_and_silence_ends_it() {
        let pings = stream::unfold(0, |n| async move {
            tokio::time::sleep(Duration::from_secs(if n < 5 { 8 } else { 3600 })).await;
            Some((Ok::<_, Infallible>(b":ping\n\n".to_vec()), n + 1))
        });
        let start = tokio::time::Instant::now();
        let mut events = Box::pin(events(pings, "cic1", Duration::from_secs(10)));
        let end = events.next().await;
        assert!(matches!(end, Some(Err(Error::Silent { .. }))));
        assert_eq!(start.elapsed(), Duration::from_secs(50));
        assert!(events.next().now_or_never().is_some_and(|after| after.is_none()));
    }
}
