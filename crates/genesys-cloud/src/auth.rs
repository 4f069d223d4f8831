//! The token: one task owns it, and whoever needs it asks.
//!
//! That makes it single flight: however many requests find the token old or refused, one renewal serves them all. The
//! login service is rate limited by itself, so a token is kept until near its end and used to its very end when no new
//! one is to be had. Knows nothing of the Platform API, nor of the other tokens of the same client.

use std::sync::Arc;
use std::time::Duration;

use domain::time::Instant;
use replicator::ports::Clock;
use secrecy::SecretString;
use tokio::sync::{mpsc, oneshot};

use crate::config::OAuthClient;
use crate::ending::Ending;
use crate::error::Trouble;
use crate::login::{Login, closed};

/// A token and which one it is, to tell a renewal from the one that it replaced.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) secret: SecretString,
    pub(crate) generation: u64,
}

/// The handle of the task that owns the token.
#[derive(Debug)]
pub(crate) struct Tokens {
    asks: mpsc::Sender<Ask>,
}

struct Ask {
    /// The generation that the platform refused, if any.
    refused: Option<u64>,
    reply: oneshot::Sender<Result<Token, Trouble>>,
}

impl Tokens {
    /// Starts the owner. It ends with `ending`, or when nobody can ask any more.
    pub(crate) fn start(client: OAuthClient, login: Login, clock: Arc<dyn Clock>, ending: &Ending) -> Self {
        // One place for each request that may be in flight; more wait for a place, which is just as good.
        let (asks, receiver) = mpsc::channel(64);
        let keeper = Keeper { client, login, clock, asks: receiver, held: None, generation: 0 };
        ending.spawn(keeper.run());
        Self { asks }
    }

    /// The current token, or a new one where that was `refused`.
    pub(crate) async fn get(&self, refused: Option<u64>) -> Result<Token, Trouble> {
        let (reply, answer) = oneshot::channel();
        if self.asks.send(Ask { refused, reply }).await.is_err() {
            return Err(closed());
        }
        answer.await.unwrap_or_else(|_| Err(closed()))
    }
}

struct Keeper {
    client: OAuthClient,
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
    async fn run(mut self) {
        while let Some(ask) = self.asks.recv().await {
            self.handle(ask).await;
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
        let grant = self.login.ask(self.client.clone()).await?;
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
