//! The socket of a channel: opened by the same client as every request, kept alive by pings, given up when silent.
//!
//! Knows frames, and bounds what is read of them. Does not know what texts mean. Its time is real time, since it is
//! about the life of a connection.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use replicator::ports::Failure;
use reqwest::Upgraded;
use reqwest::header::{CONNECTION, HeaderMap, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use url::Url;

use crate::client::{Hints, hide};
use crate::error::{Verdict, chain, judge, shorten};
use crate::transport::{self, Received, Upgrade};
use crate::wire::ErrorBody;

/// The most that is read of a message: a thousand times what the platform sends.
const LARGEST_MESSAGE: usize = 1024 * 1024;

/// Room for messages of the usual size; larger ones make their own.
const BUFFER: usize = 16 * 1024;

/// After this much time without a word from us: something on the way may take a silent connection for a dead one.
const PING: Duration = Duration::from_secs(25);

/// After this much silence the other side is taken for dead: it should have answered two pings and sent two heartbeats.
const SILENCE: Duration = Duration::from_secs(75);

/// The longest that saying something may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// An open socket.
pub(super) struct Socket {
    stream: WebSocketStream<Upgraded>,
    heard: Instant,
    spoken: Instant,
}

/// Why no socket was opened.
pub(super) enum Unopened {
    /// There is no such channel any more.
    Gone(String),
    /// Anything else.
    Failed(Failure),
}

/// Why a socket ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) reason: String,
    /// Whether the other side wants nothing more of this channel, as when another connection took it.
    pub(super) for_good: bool,
}

impl Socket {
    /// Opens the socket of a channel. The address is the secret: no token goes with it, and it is in no reason.
    pub(super) async fn open(http: &reqwest::Client, uri: &Url) -> Result<Self, Unopened> {
        let key = generate_key();
        let mut address = uri.clone();
        let scheme = if uri.scheme() == "wss" { "https" } else { "http" };
        address.set_scheme(scheme).expect("both are schemes with a host");
        let request = http
            .get(address)
            .header(CONNECTION, "Upgrade")
            .header(UPGRADE, "websocket")
            .header(SEC_WEBSOCKET_VERSION, "13")
            .header(SEC_WEBSOCKET_KEY, &key);
        let answer = transport::upgrade(request).await.map_err(|no_answer| Unopened::Failed(no_answer.failure()))?;
        let stream = match answer {
            Upgrade::Refused(received) => return Err(refusal(&received, uri)),
            Upgrade::Accepted(headers, _) if !accepts(&headers, &key) => {
                let reason = "what answers for notifications does not speak WebSocket".to_owned();
                return Err(Unopened::Failed(Failure::Unavailable { reason, maybe_applied: false }));
            }
            Upgrade::Accepted(_, stream) => stream,
        };
        let config = WebSocketConfig::default()
            .read_buffer_size(BUFFER)
            .write_buffer_size(0)
            .max_write_buffer_size(BUFFER)
            .max_message_size(Some(LARGEST_MESSAGE))
            .max_frame_size(Some(LARGEST_MESSAGE));
        let stream = WebSocketStream::from_raw_socket(stream, Role::Client, Some(config)).await;
        let now = Instant::now();
        Ok(Self { stream, heard: now, spoken: now })
    }

    /// The next text. May be given up at any await without losing one.
    pub(super) async fn next(&mut self) -> Result<Utf8Bytes, Ended> {
        loop {
            tokio::select! {
                biased;
                message = self.stream.next() => {
                    self.heard = Instant::now();
                    match message {
                        Some(Ok(Message::Text(text))) => return Ok(text),
                        Some(Ok(Message::Close(frame))) => return Err(closed(frame)),
                        Some(Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                        Some(Err(error)) => return Err(broken(chain(&error))),
                        None => return Err(broken("the connection ended".to_owned())),
                    }
                }
                () = sleep_until(self.heard + SILENCE) => {
                    return Err(broken(format!("nothing was heard for {} seconds", SILENCE.as_secs())));
                }
                () = sleep_until(self.spoken + PING) => {
                    self.spoken = Instant::now();
                    let said = timeout(PATIENCE, self.stream.send(Message::text(r#"{"message":"ping"}"#))).await;
                    match said {
                        Ok(Ok(())) => {}
                        Ok(Err(error)) => return Err(broken(chain(&error))),
                        Err(_) => return Err(broken("the other side takes nothing in".to_owned())),
                    }
                }
            }
        }
    }

    /// Says goodbye, if there is still anybody.
    pub(super) async fn close(mut self) {
        // Who does not take it will notice that the connection is gone.
        let _ = timeout(Duration::from_secs(1), self.stream.close(None)).await;
    }
}

fn accepts(headers: &HeaderMap, key: &str) -> bool {
    let is = |name, expected: &str| headers.get(name).is_some_and(|value| value.as_bytes() == expected.as_bytes());
    let upgrade = headers.get(UPGRADE).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"));
    upgrade && is(SEC_WEBSOCKET_ACCEPT, &derive_accept_key(key.as_bytes()))
}

/// What an answer that is no switch of protocols means.
fn refusal(received: &Received, uri: &Url) -> Unopened {
    let status = received.status.as_u16();
    let error: ErrorBody = serde_json::from_slice(received.body.as_deref().unwrap_or_default()).unwrap_or_default();
    let error = ErrorBody { message: error.message.map(|message| hide(&message, &secrets(uri))), ..error };
    let reason = format!("the address for notifications answered {status}");
    match (status, judge(status, &error, Hints::of(&received.headers).wait)) {
        (401 | 404 | 410, _) => Unopened::Gone(reason),
        // A success that is no switch, as of a proxy that does not know what was asked for.
        (200..=299, _) => Unopened::Failed(Failure::Unavailable { reason, maybe_applied: false }),
        (_, Verdict::Failed(failure)) => Unopened::Failed(failure),
        (_, Verdict::RenewToken { reason }) => Unopened::Failed(Failure::Unauthorized { reason }),
    }
}

/// The parts of an address that nobody else may know.
pub(super) fn secrets(uri: &Url) -> Vec<&str> {
    let mut secrets = vec![uri.path().trim_matches('/')];
    secrets.extend(uri.query());
    // The name of the channel, without what all of them have in common.
    secrets.extend(uri.path_segments().and_then(Iterator::last));
    secrets
}

fn closed(frame: Option<CloseFrame>) -> Ended {
    let Some(frame) = frame else {
        return broken("the platform closed the connection".to_owned());
    };
    let code = u16::from(frame.code);
    let said = shorten(&frame.reason);
    let reason = format!("the platform closed the connection ({code} {said})");
    // 1000 is said on purpose, as to whose channel another connection took; 1008 is a judgement on us.
    Ended { reason, for_good: matches!(code, 1000 | 1008) }
}

fn broken(reason: String) -> Ended {
    Ended { reason, for_good: false }
}
