//! Asking the login service for a token: the exchange, and what its answers mean.
//!
//! The login service has no error envelope, and is rate limited by itself (and says so with 400, not 429). One task
//! asks for all tokens, one after the other, so that many of them do not run into that limit together. Does not keep
//! tokens, and repeats nothing.

use replicator::ports::Failure;
use reqwest::header::CONTENT_TYPE;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{mpsc, oneshot};
use url::Url;

use crate::client::{self, hide};
use crate::config::OAuthClient;
use crate::ending::Ending;
use crate::error::{Origin, Trouble, shorten};
use crate::transport::{self, Received};
use crate::wire::{LoginError, TokenGrant};

/// The handle of the task that asks the login service.
#[derive(Debug, Clone)]
pub(crate) struct Login {
    asks: mpsc::Sender<Ask>,
}

struct Ask {
    client: OAuthClient,
    reply: oneshot::Sender<Result<TokenGrant, Trouble>>,
}

impl Login {
    /// Starts the task. It ends with `ending`, or when nobody can ask any more.
    pub(crate) fn start(http: reqwest::Client, url: Url, ending: &Ending) -> Self {
        // One question at a time is what the task is at; the others wait in their senders.
        let (asks, mut asked) = mpsc::channel::<Ask>(1);
        ending.spawn(async move {
            while let Some(Ask { client, mut reply }) = asked.recv().await {
                tokio::select! {
                    biased;
                    // Whoever asked may have gone.
                    () = reply.closed() => {}
                    grant = ask(&http, &url, &client) => drop(reply.send(grant)),
                }
            }
        });
        Self { asks }
    }

    /// Asks for a token, when those who asked before have their answers.
    pub(crate) async fn ask(&self, client: OAuthClient) -> Result<TokenGrant, Trouble> {
        let (reply, answer) = oneshot::channel();
        if self.asks.send(Ask { client, reply }).await.is_err() {
            return Err(closed());
        }
        answer.await.unwrap_or_else(|_| Err(closed()))
    }
}

/// The trouble after the end.
pub(crate) fn closed() -> Trouble {
    trouble(Failure::Unavailable { reason: "the connection was closed".to_owned(), maybe_applied: false }, None)
}

fn trouble(failure: Failure, status: Option<u16>) -> Trouble {
    Trouble { failure, origin: Origin::Login, status, code: None, untrusted: false }
}

async fn ask(http: &reqwest::Client, url: &Url, client: &OAuthClient) -> Result<TokenGrant, Trouble> {
    let request = http
        .post(url.clone())
        .basic_auth(&client.id, Some(client.secret.expose_secret()))
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body("grant_type=client_credentials");
    let received = transport::exchange(request).await.map_err(|no_answer| Trouble {
        untrusted: no_answer.untrusted,
        // A token changes nothing in the organisation.
        ..trouble(Failure::Unavailable { reason: no_answer.reason, maybe_applied: false }, None)
    })?;
    let status = received.status.as_u16();
    if received.status.is_success() {
        return grant(received);
    }
    let (failure, code) = judge(&received, &client.secret);
    Err(Trouble { code, ..trouble(failure, Some(status)) })
}

/// The login service has an own idea of statuses: a limit is a 400 (observed by the vendor's Terraform provider), and
/// a wrong secret is a 400 or a 401.
pub(crate) fn judge(received: &Received, secret: &SecretString) -> (Failure, Option<String>) {
    let status = received.status.as_u16();
    let body = received.body.as_deref().unwrap_or_default();
    let error: LoginError = serde_json::from_slice(body).unwrap_or_default();
    let words = [error.error.as_deref(), error.description.as_deref(), error.error_description.as_deref()];
    let limited = words.iter().flatten().any(|text| text.to_lowercase().starts_with("rate limit exceeded"));
    let reason = reason(status, &words, secret);
    let wait = client::retry_after(&received.headers);
    let failure = match (status, wait) {
        (429, Some(wait)) => Failure::Throttled { retry_after: Some(wait) },
        (400, Some(wait)) if limited => Failure::Throttled { retry_after: Some(wait) },
        (400, None) if limited => Failure::Unavailable { reason, maybe_applied: false },
        (400 | 401, _) => Failure::Unauthorized { reason },
        // Also a 403 or a 404 of something on the way: the next answer may be the login service's own.
        _ => Failure::Unavailable { reason, maybe_applied: false },
    };
    (failure, error.error)
}

/// What the login service said, each thing once, and never with the secret in it.
fn reason(status: u16, words: &[Option<&str>], secret: &SecretString) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for word in words.iter().flatten().filter(|word| !word.is_empty()) {
        if !parts.contains(word) {
            parts.push(word);
        }
    }
    let said = hide(&parts.join(": "), &[secret.expose_secret()]);
    shorten(format!("{status} {said}").trim_end())
}

/// The token of a successful answer.
pub(crate) fn grant(received: Received) -> Result<TokenGrant, Trouble> {
    let status = received.status.as_u16();
    let unusable = |reason| trouble(Failure::Unavailable { reason, maybe_applied: false }, Some(status));
    let body = received.body.map_err(unusable)?;
    // The parser's own words may quote the body, which holds the token.
    let grant: TokenGrant = serde_json::from_slice(&body)
        .map_err(|_| unusable(format!("{status} with a body that is no token answer ({} bytes)", body.len())))?;
    if reqwest::header::HeaderValue::try_from(&grant.access_token).is_err() || grant.access_token.is_empty() {
        return Err(unusable(format!("{status} with a token that cannot be sent")));
    }
    Ok(grant)
}
