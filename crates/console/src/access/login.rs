//! Logging in and out: the form's way from a token to a session.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use super::caller::Viewer;
use super::guard::{self, Came, FORM_TOKEN};
use super::hosts;
use super::names::{self, Cookie, Way};
use super::refusal::{self, Refusal};
use crate::pages::login::{self, Form};
use crate::server::App;

/// The routes.
pub(crate) fn router() -> Router<App> {
    Router::new().route("/login", get(show).post(log_in)).route("/logout", post(log_out))
}

/// Where to go afterwards.
#[derive(Debug, Deserialize)]
struct Next {
    #[serde(default)]
    next: String,
}

async fn show(
    State(app): State<App>,
    axum::Extension(Came(way)): axum::Extension<Came>,
    axum::extract::Query(Next { next }): axum::extract::Query<Next>,
    headers: HeaderMap,
) -> Response {
    form(&app, way, &headers, &next, None)
}

async fn log_in(State(app): State<App>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let form_body = match guard::read(body).await {
        Ok(body) => body,
        Err(response) => return response,
    };
    let way = parts.extensions.get::<Came>().map_or(Way::Network, |came| came.0);
    let next = guard::field(&form_body, "next");
    let asked = Cookie::Login.of(&parts.headers, way).unwrap_or_default();
    if asked.is_empty() || !app.door.seal().is_form_token(asked.as_bytes(), &guard::field(&form_body, FORM_TOKEN)) {
        return form(&app, way, &parts.headers, &next, Some(Refusal::NoFormToken));
    }
    if way == Way::Network && hosts::is_plain(&parts.headers) {
        return refusal::answer(Refusal::NotEncrypted, &parts);
    }
    let client = app.door.client(guard::peer(&parts), &parts.headers);
    match app.door.log_in(client, guard::field(&form_body, "token").trim()).await {
        Ok(cookie) => {
            let mut response = Redirect::to(local(&next)).into_response();
            response.headers_mut().append(header::SET_COOKIE, Cookie::Session.set(way, &cookie));
            response.headers_mut().append(header::SET_COOKIE, Cookie::Login.clear(way));
            response
        }
        Err(refusal) => form(&app, way, &parts.headers, &next, Some(refusal)),
    }
}

async fn log_out(
    State(app): State<App>,
    axum::Extension(Came(way)): axum::Extension<Came>,
    Viewer(caller): Viewer,
) -> Response {
    app.door.log_out(&caller).await;
    let mut response = Redirect::to(if app.door.is_open() { "/" } else { "/login" }).into_response();
    response.headers_mut().append(header::SET_COOKIE, Cookie::Session.clear(way));
    response
}

/// The form; again, where something was wrong with it. Its token belongs to a cookie, so that nobody can be logged in from
/// another site under somebody else's token.
fn form(app: &App, way: Way, headers: &HeaderMap, next: &str, refusal: Option<Refusal>) -> Response {
    let known = Cookie::Login.of(headers, way).filter(|known| !known.is_empty()).map(str::to_owned);
    let Some(cookie) = known.or_else(|| names::random().ok()) else {
        return crate::server::problem(StatusCode::INTERNAL_SERVER_ERROR, &Refusal::NoRandomness.words().1);
    };
    let form_token = app.door.seal().form_token(cookie.as_bytes());
    let text = refusal.map(|refusal| refusal.words().1);
    let page = login::page(&Form {
        form_token: &form_token,
        next: local(next),
        wrong: text.as_deref(),
        is_open: app.door.is_open(),
        has_tokens: app.door.has_tokens(),
    });
    let status = refusal.map_or(StatusCode::OK, Refusal::status);
    let mut response = (status, page).into_response();
    // The header is made of letters that we chose, or of what the browser could send in one.
    if refusal.is_none_or(|refusal| refusal == Refusal::NoFormToken) && names::unhex(&cookie).is_some() {
        response.headers_mut().append(header::SET_COOKIE, Cookie::Login.set(way, &cookie));
    }
    if let Some(Refusal::TooMany(wait)) = refusal {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs() + 1));
    }
    response
}

/// A place of ours, or the first page. A browser takes `//` and `/\` for the beginning of a host, and drops line breaks.
fn local(next: &str) -> &str {
    let is_local = next.starts_with('/') && !next.starts_with("//") && !next.starts_with("/login");
    let is_plain = next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_local && is_plain { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn nobody_is_sent_to_another_site_after_the_login() {
        for good in ["/", "/links/main/agents?presence=Meal&page=2", "/links/main/agents/a%20b"] {
            assert_eq!(local(good), good);
        }
        for bad in [
            "",
            "https://evil.example/",
            "//evil.example",
            "/\\evil.example",
            "/a\\b",
            "/\n/evil.example",
            "/login?next=/",
        ] {
            assert_eq!(local(bad), "/", "{bad:?}");
        }
    }
}
