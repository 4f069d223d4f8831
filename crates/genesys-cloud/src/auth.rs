//! The token: one task owns it, and whoever needs it asks.
//!
//! That makes it single flight: however many requests find the token old or refused, one renewal serves them all. The
//! login service is rate limited by itself (and says so with 400, not 429), so a token is kept until near its end and
//! used to its very end when no new one is to be had. Knows nothing of the Platform API.

use std::sync::Arc;
use std::time::Duration;

use domain::time::Instant;
use replicator::ports::{Clock, Failure};
use reqwest::header::CONTENT_TYPE;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use crate::client::{self, hide};
use crate::error::{Origin, Trouble, shorten};
use crate::transport::{self, Received};
use crate::wire::{LoginError, TokenGrant};

/// A token and which one it is, to tell a renewal from the one that it replaced.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) secret: SecretString,
    pub(crate) generation: u64,
}

/// What is needed to ask for a token.
pub(crate) struct Login {
    pub(crate) http: reqwest::Client,
    pub(crate) url: Url,
    pub(crate) client_id: String,
    pub(crate) client_secret: SecretString,
}

/// The handle of the task that owns the token.
#[derive(Debug)]
pub(crate) struct Tokens {
    asks: mpsc::Sender<Ask>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

struct Ask {
    /// The generation that the platform refused, if any.
    refused: Option<u64>,
    reply: oneshot::Sender<Result<Token, Trouble>>,
}

impl Tokens {
    /// Starts the owner. It ends with [`Tokens::close`], or when nobody can ask any more.
    pub(crate) fn start(login: Login, clock: Arc<dyn Clock>) -> Self {
        // One place for each request that may be in flight; more wait for a place, which is just as good.
        let (asks, receiver) = mpsc::channel(64);
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let keeper = Keeper { login, clock, asks: receiver, held: None, generation: 0 };
        tasks.spawn(keeper.run(stop.clone()));
        tasks.close();
        Self { asks, tasks, stop }
    }

    /// The current token, or a new one where that was `refused`.
    pub(crate) async fn get(&self, refused: Option<u64>) -> Result<Token, Trouble> {
        let (reply, answer) = oneshot::channel();
        if self.asks.send(Ask { refused, reply }).await.is_err() {
            return Err(closed());
        }
        answer.await.unwrap_or_else(|_| Err(closed()))
    }

    /// Ends the owner and waits for its end.
    pub(crate) async fn close(&self) {
        self.stop.cancel();
        self.tasks.wait().await;
    }
}

fn closed() -> Trouble {
    trouble(Failure::Unavailable { reason: "the connection was closed".to_owned(), maybe_applied: false }, None)
}

fn trouble(failure: Failure, status: Option<u16>) -> Trouble {
    Trouble { failure, origin: Origin::Login, status, code: None, untrusted: false }
}

struct Keeper {
    login: Login,
    clock: Arc<dyn Clock>,
    asks: mpsc::Receiver<Ask>,
    held: Option<Held>,
    generation: u64,
}

struct Held {
    token: Token,
    renew: Instant,
    end: Instant,
}

/// Until a renewal that failed is tried again, as long as the old token holds.
const RENEWAL_PAUSE: Duration = Duration::from_secs(30);

/// The life of a token that does not say it: the shortest that a client can be configured with.
const SHORTEST_LIFE: Duration = Duration::from_secs(300);

/// The longest that a client can be configured with. Whoever promises more is not believed.
const LONGEST_LIFE: Duration = Duration::from_secs(48 * 60 * 60);

impl Keeper {
    async fn run(mut self, stop: CancellationToken) {
        loop {
            let ask = tokio::select! {
                biased;
                () = stop.cancelled() => return,
                ask = self.asks.recv() => ask,
            };
            let Some(ask) = ask else { return };
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                () = self.handle(ask) => {}
            }
        }
    }

    async fn handle(&mut self, ask: Ask) {
        if ask.refused.is_some() && ask.refused == self.held.as_ref().map(|held| held.token.generation) {
            self.held = None;
        }
        let now = self.clock.now().instant;
        if let Some(held) = self.held.as_ref().filter(|held| now < held.renew) {
            return reply(ask, Ok(held.token.clone()));
        }
        let answer = match (self.renew().await, &mut self.held) {
            (Ok(token), _) => Ok(token),
            (Err(trouble), Some(held)) if now < held.end => {
                tracing::warn!(cause = %trouble.failure, "no new token to be had; the old one still holds");
                held.renew = now + RENEWAL_PAUSE;
                Ok(held.token.clone())
            }
            (Err(trouble), _) => {
                // Whoever asked meanwhile gets the same answer, instead of one more request each.
                while let Ok(waiting) = self.asks.try_recv() {
                    reply(waiting, Err(trouble.clone()));
                }
                Err(trouble)
            }
        };
        reply(ask, answer);
    }

    async fn renew(&mut self) -> Result<Token, Trouble> {
        let asked = self.clock.now().instant;
        let grant = self.login.ask().await?;
        self.generation += 1;
        let life = grant.expires_in.map_or(SHORTEST_LIFE, Duration::from_secs).min(LONGEST_LIFE);
        tracing::debug!(life_seconds = life.as_secs(), "new token");
        let token = Token { secret: grant.access_token.into(), generation: self.generation };
        // Counted from before the request, so that an answer that took long does not lengthen the life.
        self.held =
            Some(Held { token: token.clone(), renew: asked + usable(life, fastrand::f64()), end: asked + life });
        Ok(token)
    }
}

/// For how much of its life a token is used: up to a minute before the end and at most 80 %, less up to a tenth at
/// random so that several bridges do not renew together; at least half where the life is very short.
fn usable(life: Duration, random: f64) -> Duration {
    let most = life.saturating_sub(Duration::from_secs(60)).min(life.mul_f64(0.8)).max(life / 2);
    most.mul_f64(1.0 - 0.1 * random.clamp(0.0, 1.0))
}

fn reply(ask: Ask, answer: Result<Token, Trouble>) {
    // Whoever asked may have gone, which is no loss.
    let _ = ask.reply.send(answer);
}

impl Login {
    async fn ask(&self) -> Result<TokenGrant, Trouble> {
        let request = self
            .http
            .post(self.url.clone())
            .basic_auth(&self.client_id, Some(self.client_secret.expose_secret()))
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
        let (failure, code) = judge(&received, &self.client_secret);
        Err(Trouble { code, ..trouble(failure, Some(status)) })
    }
}

/// The login service has no error envelope, and an own idea of statuses: a limit is a 400 (observed by the
/// vendor's Terraform provider), and a wrong secret is a 400 or a 401.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_used_up_to_a_minute_before_its_end_and_at_most_four_fifths_of_its_life() {
        let usable = |life, random| usable(Duration::from_secs(life), random).as_secs();
        assert_eq!(usable(86_400, 0.0), 69_120);
        assert_eq!(usable(86_400, 1.0), 62_208);
        assert_eq!(usable(200, 0.0), 140);
        assert_eq!(usable(60, 0.0), 30, "never asked for at every request");
    }
}
