//! Who comes in: the login endpoint, and tokens with their life and window.
//!
//! The login endpoint speaks its own error format and not the API's envelope.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::Method;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use percent_encoding::percent_decode_str;
use serde_json::json;

use super::clients::Clients;
use super::dates;
use super::refusal::Refusal;
use super::request::{Answer, Body, Call, Query, Reply, Request};
use super::routes::Route;
use super::state::State;
use super::truth::TokenTruth;
use super::window::{Quota, Window};
use crate::population::random_uuid;

/// Where a token tells about itself.
pub(super) const TOKEN_INFO: &str = "/api/v2/tokens/me";

pub(super) const ROUTES: &[Route] = &[
    Route::new(Method::GET, TOKEN_INFO, &[], token_info),
    Route::new(Method::HEAD, TOKEN_INFO, &[], |_, _| Ok(Reply::empty(200))),
    Route::new(Method::DELETE, TOKEN_INFO, &[], delete_token),
];

/// The OAuth clients' tokens.
pub(super) struct Access {
    pub clients: Clients,
    pub lifetime: Duration,
    /// Requests a minute and token.
    pub rate: u32,
    pub tokens: BTreeMap<String, Token>,
    /// Requests a minute to parts of the API that have a limit of their own, by what their paths begin with.
    pub routes: BTreeMap<String, (u32, Window)>,
    /// Logins a minute, of all clients together, if they are limited.
    pub logins: Option<(u32, Window)>,
    /// Every token that was ever given out, the first one first.
    pub issued: Vec<TokenTruth>,
}

/// An access token.
pub(super) struct Token {
    /// Its place among all that were given out, from 0.
    pub number: usize,
    /// Whose it is.
    client: String,
    /// When it stops working, by the simulated clock.
    expires: Duration,
    /// Until when everything is refused that comes with it, by the simulated clock.
    pub closed: Duration,
    window: Window,
}

/// A request that was let in.
#[derive(Debug, Clone)]
pub(super) struct Admitted {
    pub token: String,
    /// The token's place among all that were given out, from 0.
    pub number: usize,
    pub client: String,
}

impl Access {
    /// Nobody has logged in yet.
    pub fn new(clients: Clients, lifetime: Duration, rate: u32) -> Self {
        let (tokens, routes) = (BTreeMap::new(), BTreeMap::new());
        Self { clients, lifetime, rate, tokens, routes, logins: None, issued: Vec::new() }
    }

    /// Finds the token of a request, and takes it off its window.
    pub fn admit(&mut self, authorization: Option<&str>, now: Duration) -> Result<(Admitted, Quota), Refusal> {
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
        let mut quota = known.window.take(now, rate);
        let closed = known.closed.saturating_sub(now);
        if !closed.is_zero() {
            quota = Quota { exceeded: true, reset: quota.reset.max(closed.as_secs() + 1), ..quota };
        }
        let books = &mut self.issued[known.number];
        books.requests += 1;
        books.throttled += u64::from(quota.exceeded);
        books.busiest_minute = books.busiest_minute.max(known.window.in_last_minute());
        Ok((Admitted { token, number: known.number, client: known.client.clone() }, quota))
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

    /// The token of this number, while it works.
    pub fn numbered(&mut self, number: usize) -> Result<(&String, &mut Token), String> {
        let found = self.tokens.iter_mut().find(|(_, token)| token.number == number);
        found.ok_or_else(|| "there is no such token any more".to_owned())
    }

    /// Every token that was ever given out.
    pub fn books(&self, now: Duration) -> Vec<TokenTruth> {
        let mut books = self.issued.clone();
        for token in self.tokens.values() {
            books[token.number].last_minute = token.window.since(now);
            books[token.number].works = token.expires > now;
        }
        books
    }

    /// `POST /oauth/token`.
    pub fn login(&mut self, request: &Request, now: Duration, at: Timestamp, random: &mut fastrand::Rng) -> Reply {
        if request.method != Method::POST {
            return login_error(405, "invalid_request", "method not allowed");
        }
        if let Some((rate, window)) = &mut self.logins
            && window.take(now, *rate).exceeded
        {
            return login_throttled();
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
        let Some(client) = self.known_client(request, &form) else {
            return login_error(401, "invalid_client", "client credentials are invalid");
        };
        match form.get("grant_type") {
            Some("client_credentials") => {}
            Some(_) => return login_error(400, "unsupported_grant_type", "unsupported grant type"),
            None => return login_error(400, "invalid_request", "grant_type is missing"),
        }
        self.tokens.retain(|_, token| token.expires > now);
        let token = format!("{}{}", random_uuid(random).simple(), random_uuid(random).simple());
        let expires = now.saturating_add(self.lifetime);
        let number = self.issued.len();
        self.issued.push(TokenTruth::new(number, &client, at));
        let new = Token { number, client, expires, closed: Duration::ZERO, window: Window::default() };
        self.tokens.insert(token.clone(), new);
        Reply::ok(json!({
            "access_token": token,
            "token_type": "bearer",
            "expires_in": self.lifetime.as_secs().saturating_sub(1),
        }))
    }

    fn known_client(&self, request: &Request, form: &Query) -> Option<String> {
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
        let mut fitting = self.clients.iter().filter(|(own, client)| is(&id, own) && is(&secret, &client.secret));
        fitting.next().map(|(own, _)| own.clone())
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
    let elsewhere = state.access.clients.get(call.client).and_then(|client| client.elsewhere.clone());
    let organization = match elsewhere {
        Some(other) => json!({"id": other.id, "name": other.name}),
        None => json!({"id": state.organization.id, "name": state.organization.name}),
    };
    let expires = state.access.tokens.get(call.token).map(|token| token.expires).unwrap_or_default();
    let left = SignedDuration::try_from(expires.saturating_sub(state.clock.elapsed())).unwrap_or_default();
    Ok(Reply::ok(json!({
        "organization": organization,
        "homeOrganization": organization,
        "authorizedScope": [],
        "dateTokenIdles": dates::show(call.at.saturating_add(left).unwrap_or(call.at)),
        "OAuthClient": {
            "id": call.client,
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
