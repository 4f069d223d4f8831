//! The other end of the control interfaces: asks simulators that run in another process to let something go wrong.
//!
//! Plain HTTP to two addresses that somebody names; no redirects, no proxies, no TLS. Knows nothing of what the clients of
//! the simulated systems are told.

use std::io;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, header};
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde_json::Value;
use thiserror::Error;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::faults::{Asked, Side};

/// A simulator answers at once, even when its computer is busy.
const PATIENCE: Duration = Duration::from_secs(10);

/// The longest answer: a few words.
const LONGEST: usize = 64 * 1_024;

/// Both simulators, by where they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remote {
    /// PureConnect's address, such as `http://127.0.0.1:8018`.
    pub icws: String,
    /// Genesys Cloud's address.
    pub cloud: String,
}

/// Why a simulator was not asked, or did not do it.
#[derive(Debug, Error)]
pub enum RemoteFailure {
    /// This is no address.
    #[error("{address} is not the address of a simulator")]
    Address {
        /// What was given.
        address: String,
    },
    /// Nobody is there.
    #[error("nothing answers at {address}")]
    Unreachable {
        /// Where.
        address: String,
        /// Why.
        source: io::Error,
    },
    /// Somebody else is there.
    #[error("what answers at {address} is not a simulator")]
    SomebodyElse {
        /// Where.
        address: String,
    },
    /// It is another version, or something does not fit.
    #[error("the simulator at {address} refuses: {said}")]
    Refused {
        /// Where.
        address: String,
        /// What it says.
        said: String,
    },
}

impl Remote {
    /// How many times as fast as real time it goes there; by the way it is found out whether a simulator is there at all.
    ///
    /// # Errors
    /// Nobody is there, or somebody else.
    pub async fn speed(&self, side: Side) -> Result<f64, RemoteFailure> {
        let address = self.address(side);
        let answer = send(address, Method::GET, "clock", Body::empty()).await?;
        let speed = answer.get("speed").and_then(Value::as_f64);
        speed.ok_or_else(|| RemoteFailure::SomebodyElse { address: address.to_owned() })
    }

    /// Asks for this.
    ///
    /// # Errors
    /// Nobody is there, somebody else, or it is refused.
    pub async fn ask(&self, asked: &Asked) -> Result<(), RemoteFailure> {
        let address = self.address(asked.side());
        let done = match asked {
            Asked::Icws(fault) => send(address, Method::POST, "faults", json(fault)).await,
            Asked::Cloud(fault) => send(address, Method::POST, "faults", json(fault)).await,
            Asked::CloudTakesBack(fault) => send(address, Method::DELETE, "faults", json(fault)).await,
            Asked::CloudHeals => send(address, Method::DELETE, "faults", Body::empty()).await,
            Asked::Command(command) => send(address, Method::POST, "commands", json(command)).await,
        };
        done.map(|_| ())
    }

    /// Where this side is.
    #[must_use]
    pub fn address(&self, side: Side) -> &str {
        match side {
            Side::Icws => &self.icws,
            Side::Cloud => &self.cloud,
        }
    }
}

fn json(value: &impl Serialize) -> Body {
    let text = serde_json::to_vec(value).expect("the words of the control interfaces are JSON");
    Body::from(text)
}

async fn send(address: &str, method: Method, path: &str, body: Body) -> Result<Value, RemoteFailure> {
    let wrong = || RemoteFailure::Address { address: address.to_owned() };
    let host = address.strip_prefix("http://").unwrap_or(address).trim_end_matches('/');
    let request = Request::builder()
        .method(method)
        .uri(format!("/_simulator/{path}"))
        .header(header::HOST, host)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CONNECTION, "close")
        .body(body)
        .map_err(|_| wrong())?;
    if host.is_empty() || host.contains('/') {
        return Err(wrong());
    }
    let unreachable = |source| RemoteFailure::Unreachable { address: address.to_owned(), source };
    let connecting = timeout(PATIENCE, TcpStream::connect(host)).await;
    let stream = connecting.map_err(|late| unreachable(late.into()))?.map_err(unreachable)?;
    let exchanged = timeout(PATIENCE, exchange(stream, request)).await;
    let (status, text) = exchanged
        .map_err(|late| unreachable(late.into()))?
        // Whoever is there does not speak HTTP, or ends in the middle of it.
        .map_err(|_| RemoteFailure::SomebodyElse { address: address.to_owned() })?;
    judge(address, status, &text)
}

/// One request and its answer, on a connection of its own.
async fn exchange(stream: TcpStream, request: Request<Body>) -> Result<(u16, Vec<u8>), axum::Error> {
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await.map_err(axum::Error::new)?;
    let answering = async move {
        let answer = sender.send_request(request).await.map_err(axum::Error::new)?;
        let status = answer.status().as_u16();
        let text = to_bytes(Body::new(answer.into_body()), LONGEST).await?;
        Ok((status, text.to_vec()))
    };
    // The connection's own end is no news beside the answer.
    let (answer, _) = tokio::join!(answering, connection);
    answer
}

fn judge(address: &str, status: u16, text: &[u8]) -> Result<Value, RemoteFailure> {
    let answer = match text {
        [] => Some(Value::Null),
        text => serde_json::from_slice::<Value>(text).ok(),
    };
    let said = |answer: &Value| {
        let words = answer.get("error").or_else(|| answer.get("message"));
        words.and_then(Value::as_str).map(str::to_owned)
    };
    match (status, answer) {
        (200..=299, Some(answer)) => Ok(answer),
        (400, Some(answer)) if said(&answer).is_some() => {
            Err(RemoteFailure::Refused { address: address.to_owned(), said: said(&answer).unwrap_or_default() })
        }
        _ => Err(RemoteFailure::SomebodyElse { address: address.to_owned() }),
    }
}
