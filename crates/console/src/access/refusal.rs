//! What whoever is not let in is told: a browser by a page or by the way to the login, a program by a problem.

use std::time::Duration;

use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};

use crate::pages::error;
use crate::server::problem;

/// Why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Nothing says who it is.
    Unknown,
    /// The token is not one of ours.
    WrongToken,
    /// It takes an administrator.
    NotAdmin,
    /// Too many were wrong; not before this has passed.
    TooMany(Duration),
    /// The console does not answer to the name that was used.
    ForeignHost,
    /// The request was made by a page of another site, or by nobody knows whom.
    ForeignOrigin,
    /// The form is not one of ours, or is of an earlier run.
    NoFormToken,
    /// A browser would not keep the session's cookie.
    NotEncrypted,
    /// The computer has no random numbers.
    NoRandomness,
}

impl Refusal {
    pub(crate) fn status(self) -> StatusCode {
        match self {
            Self::Unknown | Self::WrongToken => StatusCode::UNAUTHORIZED,
            Self::NotAdmin | Self::ForeignOrigin | Self::NoFormToken | Self::NotEncrypted => StatusCode::FORBIDDEN,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::ForeignHost => StatusCode::MISDIRECTED_REQUEST,
            Self::NoRandomness => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What it is, and what to do.
    pub(crate) fn words(self) -> (&'static str, String) {
        match self {
            Self::Unknown => ("Log in first", "This takes a token.".to_owned()),
            Self::WrongToken => ("That is not a valid token", "It is not one of the tokens of this bridge.".to_owned()),
            Self::NotAdmin => (
                "This takes an administrator",
                "Log in with the administrator token, or ask somebody who has it.".to_owned(),
            ),
            Self::TooMany(wait) => (
                "Too many wrong tokens",
                format!("Too many wrong tokens came from your address. Try again in {} s.", seconds(wait)),
            ),
            Self::ForeignHost => (
                "The console does not answer to this name",
                "If it is meant to, add the name to `hosts` in the section [console] of the configuration.".to_owned(),
            ),
            Self::ForeignOrigin => (
                "This request came from another site",
                "Changes are taken from the console's own pages only. If a proxy changes the host name, add the name that \
                 browsers use to `hosts` in the section [console] of the configuration."
                    .to_owned(),
            ),
            Self::NoFormToken => (
                "This page is out of date",
                "The bridge was restarted, or you logged in again, since the page was opened. Go back, load it again and \
                 repeat what you did."
                    .to_owned(),
            ),
            Self::NotEncrypted => (
                "Logging in takes an encrypted connection",
                "Your browser came here without TLS, over a network. Put a proxy with TLS in front of the console, or open \
                 a tunnel to it and use http://localhost. The token that you sent could be read on the way: replace it."
                    .to_owned(),
            ),
            Self::NoRandomness => {
                ("No session can be made", "The operating system gives no random numbers.".to_owned())
            }
        }
    }
}

/// What to answer to a request that was refused.
pub(crate) fn answer(refusal: Refusal, parts: &Parts) -> Response {
    let looks = matches!(parts.method, Method::GET | Method::HEAD);
    let is_page = !is_for_programs(parts) && !parts.headers.contains_key("x-fragment");
    if refusal == Refusal::Unknown && is_page && looks {
        let wanted = parts.uri.path_and_query().map_or("/", |wanted| wanted.as_str());
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("next", wanted).finish();
        return Redirect::to(&format!("/login?{query}")).into_response();
    }
    let (title, text) = refusal.words();
    let mut response = if is_page {
        error::bare(refusal.status(), title, &text).into_response()
    } else {
        problem(refusal.status(), &text)
    };
    let headers = response.headers_mut();
    match refusal {
        Refusal::Unknown => {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"presence-bridge\""));
        }
        Refusal::WrongToken => {
            let challenge = HeaderValue::from_static("Bearer realm=\"presence-bridge\", error=\"invalid_token\"");
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        Refusal::TooMany(wait) => {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds(wait)));
        }
        Refusal::NotAdmin
        | Refusal::ForeignHost
        | Refusal::ForeignOrigin
        | Refusal::NoFormToken
        | Refusal::NotEncrypted
        | Refusal::NoRandomness => {}
    }
    response
}

/// Whoever asks for these is no person at a browser.
pub(crate) fn is_for_programs(parts: &Parts) -> bool {
    let path = parts.uri.path();
    path == "/api" || path.starts_with("/api/") || ["/metrics", "/livez", "/readyz", "/live"].contains(&path)
}

/// Never less than it takes.
fn seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}
