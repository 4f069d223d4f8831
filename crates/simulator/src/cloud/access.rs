//! Who may do what: the login endpoint, tokens with their life and window, the permissions of the OAuth client.
//!
//! The login endpoint speaks its own error format and not the API's envelope.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use axum::http::Method;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::SignedDuration;
use percent_encoding::percent_decode_str;
use serde_json::json;

use super::dates;
use super::refusal::Refusal;
use super::request::{Answer, Body, Call, Query, Reply, Request};
use super::routes::Route;
use super::state::State;
use super::window::{Quota, Window};
use crate::population::random_uuid;

pub(super) const ROUTES: &[Route] = &[
    Route::new(Method::GET, "/api/v2/tokens/me", &[], token_info),
    Route::new(Method::HEAD, "/api/v2/tokens/me", &[], |_, _| Ok(Reply::empty(200))),
    Route::new(Method::DELETE, "/api/v2/tokens/me", &[], delete_token),
];

/// The one OAuth client and its tokens.
pub(super) struct Access {
    pub client_id: String,
    pub client_secret: String,
    /// What the client may do; `None` is everything.
    pub permissions: Option<BTreeSet<String>>,
    pub lifetime: Duration,
    /// Requests a minute and token.
    pub rate: u32,
    pub tokens: BTreeMap<String, Token>,
    /// Requests a minute to parts of the API that have a limit of their own, by what their paths begin with.
    pub routes: BTreeMap<String, (u32, Window)>,
}

/// An access token.
pub(super) struct Token {
    /// When it stops working, by the simulated clock.
    expires: Duration,
    window: Window,
}

impl Access {
    /// Finds the token of a request, and takes it off its window.
    pub fn admit(&mut self, authorization: Option<&str>, now: Duration) -> Result<(String, Quota, usize), Refusal> {
        let token = authorization
            .and_then(|header| header.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim().to_owned())
            .ok_or_else(|| {
                let message = "No authentication bearer token specified in authorization header.";
                Refusal::new(401, "authentication.required", message)
            })?;
        let rate = self.rate;
        let known =
            self.tokens.get_mut(&token).filter(|known| known.expires > now).ok_or_else(Refusal::bad_credentials)?;
        let quota = known.window.take(now, rate);
        Ok((token, quota, known.window.in_last_minute()))
    }

    /// Takes a request off the windows of the parts of the API that it is to.
    pub fn admit_route(&mut self, path: &str, now: Duration) -> Result<(), Refusal> {
        for (prefix, (rate, window)) in &mut self.routes {
            let quota = path.starts_with(prefix.as_str()).then(|| window.take(now, *rate));
            if let Some(quota) = quota.filter(|quota| quota.exceeded) {
                return Err(Refusal::throttled(quota.reset, quota.allowed));
            }
        }
        Ok(())
    }

    /// Whether one of these permissions is there; none needed is always fine.
    pub fn permit(&self, any_of: &[&str]) -> Result<(), Refusal> {
        let Some(permissions) = &self.permissions else {
            return Ok(());
        };
        match any_of.is_empty() || any_of.iter().any(|wanted| permissions.contains(*wanted)) {
            true => Ok(()),
            false => Err(Refusal::permission(&any_of.join(", "))),
        }
    }

    /// `POST /oauth/token`.
    pub fn login(&mut self, request: &Request, now: Duration, random: &mut fastrand::Rng) -> Reply {
        if request.method != Method::POST {
            return login_error(405, "invalid_request", "method not allowed");
        }
        let form = match (&request.body, request.content_type.as_deref()) {
            (Body::Read(bytes), Some(kind))
                if kind.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded") =>
            {
                Query::parse(&String::from_utf8_lossy(bytes))
            }
            (Body::Read(_) | Body::TooLarge, _) => {
                return login_error(400, "invalid_request", "the body must be a URL-encoded form");
            }
        };
        if !self.knows_client(request, &form) {
            return login_error(401, "invalid_client", "client credentials are invalid");
        }
        match form.get("grant_type") {
            Some("client_credentials") => {}
            Some(_) => return login_error(400, "unsupported_grant_type", "unsupported grant type"),
            None => return login_error(400, "invalid_request", "grant_type is missing"),
        }
        self.tokens.retain(|_, token| token.expires > now);
        let token = format!("{}{}", random_uuid(random).simple(), random_uuid(random).simple());
        let expires = now.saturating_add(self.lifetime);
        self.tokens.insert(token.clone(), Token { expires, window: Window::default() });
        Reply::ok(json!({
            "access_token": token,
            "token_type": "bearer",
            "expires_in": self.lifetime.as_secs().saturating_sub(1),
        }))
    }

    fn knows_client(&self, request: &Request, form: &Query) -> bool {
        let basic = request
            .authorization
            .as_deref()
            .and_then(|header| header.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))
            .and_then(|(_, text)| STANDARD.decode(text.trim()).ok())
            .and_then(|bytes| String::from_utf8(bytes).ok());
        let (id, secret) = match basic.as_deref().and_then(|text| text.split_once(':')) {
            Some((id, secret)) => (id.to_owned(), secret.to_owned()),
            None => (
                form.get("client_id").unwrap_or_default().to_owned(),
                form.get("client_secret").unwrap_or_default().to_owned(),
            ),
        };
        // RFC 6749 has both parts URL-encoded within Basic; the vendor's SDKs send them as they are.
        let is = |sent: &str, own: &str| sent == own || percent_decode_str(sent).decode_utf8_lossy() == own;
        is(&id, &self.client_id) && is(&secret, &self.client_secret)
    }
}

/// The login host's own error format; clients read any of the three texts.
pub(super) fn login_error(status: u16, error: &str, description: &str) -> Reply {
    Reply::json(status, json!({"error": error, "description": description, "error_description": description}))
}

/// The login endpoint's own rate limit, which it reports as a 400.
pub(super) fn login_throttled() -> Reply {
    login_error(400, "invalid_request", "rate limit exceeded; retry the request later")
}

fn token_info(state: &mut State, call: &Call<'_>) -> Answer {
    let organization = json!({"id": state.organization.id, "name": state.organization.name});
    let expires = state.access.tokens.get(call.token).map(|token| token.expires).unwrap_or_default();
    let left = SignedDuration::try_from(expires.saturating_sub(state.clock.elapsed())).unwrap_or_default();
    Ok(Reply::ok(json!({
        "organization": organization,
        "homeOrganization": organization,
        "authorizedScope": [],
        "dateTokenIdles": dates::show(call.at.saturating_add(left).unwrap_or(call.at)),
        "OAuthClient": {
            "id": state.access.client_id,
            "name": "Presence Bridge",
            "authorizedGrantType": "CLIENT-CREDENTIALS",
            "scope": [],
            "state": "active",
            "organization": organization,
        },
    })))
}

fn delete_token(state: &mut State, call: &Call<'_>) -> Answer {
    state.access.tokens.remove(call.token);
    state.channels.tokens_revoked(Some(call.token));
    Ok(Reply::empty(200))
}
