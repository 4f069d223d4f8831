//! What every request passes before anything else sees it: the name it used, who sent it, and from where.

use std::net::SocketAddr;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

use super::caller::{By, Caller};
use super::hosts::{self, From};
use super::names::Way;
use super::refusal::{self, Refusal};
use crate::server::{App, problem};

/// Far more than any form has.
const LARGEST_FORM: usize = 64 * 1024;

/// The field of a form that holds the caller's form token, and the header in which a script sends it.
pub(crate) const FORM_TOKEN: &str = "form_token";
const FORM_TOKEN_HEADER: &str = "x-form-token";

/// Who is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Peer(pub SocketAddr);

/// What the guard found out about the way here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Came(pub Way);

/// Lets a request through, with its [`Caller`], or answers it.
pub(crate) async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    match admit(&app, &mut parts, body).await {
        Ok(body) => next.run(Request::from_parts(parts, body)).await,
        Err(response) => response,
    }
}

async fn admit(app: &App, parts: &mut Parts, body: Body) -> Result<Body, Response> {
    // Probes of a service manager or a load balancer have neither a token nor a name that is known here.
    if ["/livez", "/readyz"].contains(&parts.uri.path()) {
        return Ok(body);
    }
    let host = hosts::host(parts).filter(|host| app.door.hosts().allow(host));
    let host = host.ok_or_else(|| refusal::answer(Refusal::ForeignHost, parts))?;
    let way = hosts::way(&host);
    parts.extensions.insert(Came(way));
    let from = app.door.hosts().origin(&parts.headers, &host);
    if parts.uri.path() == "/login" || parts.uri.path().starts_with("/assets/") {
        if is_change(&parts.method) && from == From::Elsewhere {
            return Err(refusal::answer(Refusal::ForeignOrigin, parts));
        }
        return Ok(body);
    }
    let caller = app.door.identify(peer(parts), &parts.headers, way).await;
    let caller = caller.map_err(|refusal| refusal::answer(refusal, parts))?;
    let body = if is_change(&parts.method) { check_change(app, parts, body, &caller, from).await? } else { body };
    parts.extensions.insert(caller);
    Ok(body)
}

/// A request that may change something has to be meant. A token in it shows that; a browser adds cookies by itself.
async fn check_change(app: &App, parts: &Parts, body: Body, caller: &Caller, from: From) -> Result<Body, Response> {
    let is_program = refusal::is_for_programs(parts);
    let allowed = match (&caller.by, from) {
        (By::Bearer, _) | (_, From::Ourselves) => true,
        // Nothing that a browser sends: it would say whence.
        (By::Loopback, From::Unsaid) => is_program,
        (By::Session(_) | By::Proxy(_), From::Unsaid) | (_, From::Elsewhere) => false,
    };
    if !allowed {
        return Err(refusal::answer(Refusal::ForeignOrigin, parts));
    }
    match (&caller.by, is_program) {
        (By::Bearer, _) | (By::Loopback, true) => Ok(body),
        (By::Session(_) | By::Proxy(_), true) => {
            let given = parts.headers.get(FORM_TOKEN_HEADER).and_then(|value| value.to_str().ok());
            check_form_token(app, parts, caller, given.unwrap_or_default()).map(|()| body)
        }
        (By::Session(_) | By::Proxy(_) | By::Loopback, false) => {
            let form = read(body).await?;
            let given = field(&form, FORM_TOKEN);
            check_form_token(app, parts, caller, &given).map(|()| Body::from(form))
        }
    }
}

#[expect(clippy::result_large_err, reason = "a refusal is the answer itself, and rare")]
fn check_form_token(app: &App, parts: &Parts, caller: &Caller, given: &str) -> Result<(), Response> {
    let whose = match &caller.by {
        By::Session(key) => key.as_bytes(),
        By::Proxy(name) => name.as_bytes(),
        By::Loopback | By::Bearer => b"",
    };
    if app.door.seal().is_form_token(whose, given) {
        return Ok(());
    }
    Err(refusal::answer(Refusal::NoFormToken, parts))
}

/// The whole of a form.
pub(crate) async fn read(body: Body) -> Result<Bytes, Response> {
    let too_much = |_| problem(StatusCode::PAYLOAD_TOO_LARGE, "the form is too long");
    to_bytes(body, LARGEST_FORM).await.map_err(too_much)
}

/// A field of it; empty where there is none.
pub(crate) fn field(form: &[u8], name: &str) -> String {
    let mut fields = url::form_urlencoded::parse(form);
    fields.find_map(|(key, value)| (key == name).then(|| value.into_owned())).unwrap_or_default()
}

/// Who is connected. The server puts it into every request.
pub(crate) fn peer(parts: &Parts) -> SocketAddr {
    let nobody = SocketAddr::from(([0, 0, 0, 0], 0));
    parts.extensions.get::<Peer>().map_or(nobody, |peer| peer.0)
}

fn is_change(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}
