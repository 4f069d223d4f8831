//! HTTP: from bytes to the world and back, event streams, CORS, and which resource is where.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use self::answer::{Answer, Body, MEDIA_TYPE};
use self::request::Request;
use super::system::System;
use super::world::World;

mod activations;
pub(crate) mod answer;
mod configuration;
mod connection;
pub mod control;
mod interactions;
mod licenses;
mod messaging;
mod request;
mod status;
mod stream;
mod subscriptions;

/// The largest request: a subscription with every user of a large system in it is a tenth of it.
const LARGEST: usize = 8 * 1024 * 1024;

/// What a browser may send and read across origins.
const ALLOW_HEADERS: &str = "Content-Type, Accept, Accept-Language, ININ-ICWS-CSRF-Token, ININ-ICWS-Session-ID, \
    ININ-ICWS-Original-URL, X-ICWS-DevTools-CorrelationId, Range, Cache-Control, Last-Event-ID";
const EXPOSE_HEADERS: &str = "ININ-ICWS-Session-ID, ININ-ICWS-CSRF-Token, Content-Range, Location, WWW-Authenticate";

#[derive(Clone)]
struct Shared {
    system: System,
    ping: Duration,
    stop: CancellationToken,
}

/// One handler for everything: real servers do not care how many slashes there are.
pub(crate) fn router(system: System, ping: Duration, stop: CancellationToken) -> Router {
    Router::new().fallback(handle).layer(DefaultBodyLimit::max(LARGEST)).with_state(Shared { system, ping, stop })
}

/// Serves until it is stopped.
pub(crate) async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    // An event must not wait for the acknowledgement of the one before it.
    let listener = listener.tap_io(|connection| {
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps delaying small writes");
        }
    });
    let serving = axum::serve(listener, router).with_graceful_shutdown(async move { stop.cancelled().await });
    if let Err(error) = serving.await {
        tracing::error!(%error, "serving ICWS has failed");
    }
}

async fn handle(
    State(shared): State<Shared>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Infallible> {
    let origin = headers.get(header::ORIGIN).cloned();
    let asked = headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS).cloned();
    let mut response = if method == Method::OPTIONS {
        preflight(asked)
    } else {
        let request = Request::new(method, &uri, headers, body);
        let answer = shared.system.call(move |world| answer(world, &request)).await;
        let answer = answer.unwrap_or_else(|| Answer::injected(503, &[]));
        respond(answer, &shared)
    };
    if let Some(origin) = origin {
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSE_HEADERS));
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
    }
    Ok(response)
}

fn preflight(asked: Option<HeaderValue>) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    let methods = HeaderValue::from_static("GET, POST, PUT, DELETE, OPTIONS");
    headers.insert(header::ALLOW, methods.clone());
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
    let allowed = asked.unwrap_or(HeaderValue::from_static(ALLOW_HEADERS));
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed);
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    response
}

fn respond(answer: Answer, shared: &Shared) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let (kind, body) = match answer.body {
        Body::Empty => (None, axum::body::Body::empty()),
        Body::Json(text) => (Some(MEDIA_TYPE), axum::body::Body::from(text)),
        Body::Events { session, stream } => (
            Some("text/event-stream"),
            stream::events(shared.system.clone(), session, stream, shared.ping, shared.stop.clone()),
        ),
        Body::Broken => {
            let broken = futures_util::stream::once(async {
                Err::<Bytes, _>(io::Error::new(io::ErrorKind::ConnectionReset, "broken on purpose"))
            });
            (Some(MEDIA_TYPE), axum::body::Body::from_stream(broken))
        }
    };
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    if let Some(kind) = kind {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(&value)) {
            headers.append(name, value);
        }
    }
    response
}

/// Answers a request in one step of the world.
fn answer(world: &mut World, request: &Request) -> Answer {
    if request.segments.first().is_some_and(|first| first == "_simulator") {
        return control::answer(world, request).unwrap_or_else(|refused| refused);
    }
    let answer = match world.faults.next_refusal(&request.path) {
        Some(status) => Answer::injected(status, &world.setup.alternate_hosts),
        None => route(world, request).unwrap_or_else(|refused| refused),
    };
    world.log_request(request.method.as_str(), &request.path, answer.status);
    answer
}

fn route(world: &mut World, request: &Request) -> Result<Answer, Answer> {
    let path = request.icws().ok_or_else(Answer::not_found)?;
    let (first, rest) = path.split_first().ok_or_else(Answer::not_found)?;
    if first.eq_ignore_ascii_case("connection") {
        return connection::without_session(world, request, rest);
    }
    let words: Vec<String> = rest.iter().map(|segment| segment.to_lowercase()).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let polls = words == ["messaging", "messages"] && request.method == Method::GET;
    if let Some(answer) = connection::of_former_session(world, request, first, &words) {
        return Ok(answer);
    }
    connection::authenticate(world, request, first, polls)?;
    match words.split_first() {
        Some((&"connection", _)) => connection::with_session(world, request, first, &rest[1..]),
        Some((&"messaging", ["subscriptions", ..])) => subscriptions::answer(world, request, first, &rest[2..]),
        Some((&"messaging", words)) => messaging::answer(world, request, first, words),
        Some((&"status", words)) => status::answer(world, request, first, words, rest.get(2)),
        Some((&"configuration", words)) => configuration::answer(world, request, words, rest.get(2)),
        Some((&"activations", words)) => activations::answer(world, request, words, rest.get(2)),
        Some((&"interactions", _)) => interactions::answer(world, request, &rest[1..]),
        Some((&"licenses", words)) => licenses::answer(request, words),
        Some(_) | None => Err(Answer::not_found()),
    }
}
