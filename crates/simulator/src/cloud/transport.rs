//! Between HTTP and the organisation: reads requests, writes answers, and does to them on their way what faults say.

use std::future::pending;
use std::io;
use std::time::Duration;

use axum::body::{Body as HttpBody, Bytes};
use axum::extract::connect_info::ConnectInfo;
use axum::extract::{Request as HttpRequest, State as Extracted};
use axum::http::header::{self, HeaderName};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use futures_util::{StreamExt, stream};
use percent_encoding::percent_decode_str;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::BODY_LIMIT;
use super::connection::Scissors;
use super::org::{Message, Org, Stopped};
use super::request::{Body, Content, Query, Reply, Request};
use super::state::{Delivery, Outcome};

/// Bodies longer than this are not even read to their end.
const NEVER_READ: usize = 64 * 1024 * 1024;

/// What every request needs.
#[derive(Clone)]
pub(super) struct Shared {
    pub org: Org,
    /// The server stops.
    pub stop: CancellationToken,
    /// What goes on without its request's connection.
    pub tasks: TaskTracker,
    /// What this server is called when a client does not say by which name it came.
    pub address: String,
}

/// Answers every request but those for notification sockets.
pub(super) async fn answer(
    Extracted(shared): Extracted<Shared>,
    ConnectInfo(scissors): ConnectInfo<Scissors>,
    request: HttpRequest,
) -> Response<HttpBody> {
    let outcome = match read(request, &shared.address).await {
        Ok(request) => carry_out(&shared, request).await,
        Err(_) => Err(Stopped),
    };
    // Neither a client that broke off nor a server that stops has an answer.
    let Ok((reply, delivery)) = outcome else {
        return cut(&scissors).await;
    };
    let stopped = |after: Duration| shared.stop.run_until_cancelled(tokio::time::sleep(after));
    match delivery {
        Delivery::Normal => respond(reply, HttpBody::from),
        Delivery::Late(after) => match stopped(after).await {
            Some(()) => respond(reply, HttpBody::from),
            None => cut(&scissors).await,
        },
        Delivery::Trickle(pause) => respond(reply, |bytes| trickle(bytes, pause)),
        Delivery::Reset => cut(&scissors).await,
        Delivery::Malformed => respond(reply, |_| HttpBody::from("{\"entities\": [{]")),
        Delivery::Truncated => {
            let mut response = respond(reply, HttpBody::from);
            let body = std::mem::take(response.body_mut());
            let whole = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
            response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(whole.len() + 1));
            *response.body_mut() = truncated(whole.slice(..whole.len() / 2));
            response
        }
        Delivery::Oversized(size) => respond(reply, |_| {
            let padding = "x".repeat(size.saturating_sub(14));
            HttpBody::from(format!("{{\"padding\":\"{padding}\"}}"))
        }),
    }
}

/// Resets the connection; the answer never comes.
async fn cut(scissors: &Scissors) -> Response<HttpBody> {
    scissors.cut();
    pending().await
}

async fn carry_out(shared: &Shared, request: Request) -> Result<(Reply, Delivery), Stopped> {
    let first = request.clone();
    match shared.org.ask(|answer| Message::Request(Box::new(first), false, answer)).await? {
        Outcome::Answer(reply, delivery) => Ok((reply, delivery)),
        Outcome::Hold(time) => {
            let (org, stop) = (shared.org.clone(), shared.stop.clone());
            // In a task of its own, so that it is carried out even when the client hangs up meanwhile.
            let held = shared.tasks.spawn(async move {
                stop.run_until_cancelled(tokio::time::sleep(time)).await.ok_or(Stopped)?;
                org.ask(|answer| Message::Request(Box::new(request), true, answer)).await
            });
            match held.await.map_err(|_| Stopped)?? {
                Outcome::Answer(reply, delivery) => Ok((reply, delivery)),
                Outcome::Hold(_) => Err(Stopped),
            }
        }
    }
}

async fn read(request: HttpRequest, address: &str) -> Result<Request, axum::Error> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let text = |name: HeaderName| parts.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    Ok(Request {
        method: parts.method.clone(),
        segments: path
            .split('/')
            .skip(1)
            .map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned())
            .collect(),
        query: Query::parse(parts.uri.query().unwrap_or_default()),
        authorization: text(header::AUTHORIZATION),
        content_type: text(header::CONTENT_TYPE),
        host: Some(text(header::HOST).unwrap_or_else(|| address.to_owned())),
        body: read_body(body).await?,
        path,
    })
}

/// Reads to the end even what is too long, so that the client is done sending when it is refused.
async fn read_body(body: HttpBody) -> Result<Body, axum::Error> {
    let mut chunks = body.into_data_stream();
    let mut whole = Vec::new();
    let mut length = 0_usize;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk?;
        length = length.saturating_add(chunk.len());
        if length > NEVER_READ {
            break;
        }
        if length <= BODY_LIMIT {
            whole.extend_from_slice(&chunk);
        }
    }
    Ok(if length > BODY_LIMIT { Body::TooLarge } else { Body::Read(Bytes::from(whole)) })
}

fn respond(reply: Reply, body: impl FnOnce(Bytes) -> HttpBody) -> Response<HttpBody> {
    let (kind, bytes) = match reply.content {
        Content::Empty => (None, Bytes::new()),
        Content::Json(value) => (Some("application/json"), Bytes::from(value.to_string())),
        Content::Html(page) => (Some("text/html"), Bytes::from_static(page.as_bytes())),
    };
    let mut response = Response::new(body(bytes));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers: &mut HeaderMap = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache, no-store, must-revalidate"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=600; includeSubDomains"));
    if let Some(kind) = kind {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    for (name, value) in reply.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    response
}

/// Half at once, half after a pause.
fn trickle(bytes: Bytes, pause: Duration) -> HttpBody {
    let half = bytes.len() / 2;
    let first = stream::iter([Ok::<Bytes, io::Error>(bytes.slice(..half))]);
    let second = stream::once(async move {
        tokio::time::sleep(pause).await;
        Ok(bytes.slice(half..))
    });
    HttpBody::from_stream(first.chain(second))
}

/// A beginning without an end: the connection breaks where the rest should be.
fn truncated(beginning: Bytes) -> HttpBody {
    let parts = [Ok(beginning), Err(io::Error::from(io::ErrorKind::UnexpectedEof))];
    HttpBody::from_stream(stream::iter(parts))
}
