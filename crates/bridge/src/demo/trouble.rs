//! The day's troubles on the simulated clock: what goes wrong on either side and in between, when, and for how long.
//!
//! It does not know what comes of it; `recovery` finds that out of both sides' accounts.

use std::time::Duration;

use domain::target::SystemPresence;
use jiff::Timestamp;
use simulator::clock::Clock;
use simulator::cloud::{Command, Effect, Fault, Org, Stopped};
use simulator::icws::{self, System};
use simulator::population::Person;
use tokio::sync::mpsc;
use uuid::Uuid;

use super::service::Service;
use crate::exit::{Exit, Failed};

/// How many users somebody else writes.
const WRITTEN: usize = 20;

/// Agents are shown logged off for so long after a switchover, though nobody left.
const LOGOUTS: Duration = Duration::from_secs(90);

/// A kind of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Every token stops working.
    TokenRevoked,
    /// Genesys Cloud answers 503, its login service too.
    CloudDown,
    /// PureConnect switches over, and then shows people logged off who are not.
    Switchover,
    /// PureConnect's stream stays open and says nothing.
    Silence,
    /// Genesys Cloud says "too many requests" to every event.
    TooManyRequests,
    /// Somebody else writes presences.
    Overwritten,
    /// The bridge is killed, and started again later.
    Killed,
}

/// When each happens, in percent of the day, and for how many minutes.
const SCRIPT: [(Kind, u32, u64); 7] = [
    (Kind::TokenRevoked, 12, 0),
    (Kind::CloudDown, 20, 10),
    (Kind::Switchover, 33, 2),
    (Kind::Silence, 45, 10),
    (Kind::TooManyRequests, 57, 3),
    (Kind::Overwritten, 68, 0),
    (Kind::Killed, 80, 5),
];

impl Kind {
    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Self::TokenRevoked => "the token is revoked",
            Self::CloudDown => "Genesys Cloud answers 503",
            Self::Switchover => "PureConnect switches over and shows people logged off",
            Self::Silence => "PureConnect falls silent",
            Self::TooManyRequests => "Genesys Cloud says \"too many requests\"",
            Self::Overwritten => "somebody else writes 20 users' presences",
            Self::Killed => "the bridge is killed",
        }
    }
}

/// A trouble that was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What.
    pub kind: Kind,
    /// Since when.
    pub began: Timestamp,
    /// Until when; the same for what happens in a moment.
    pub ended: Timestamp,
    /// The users whom somebody else wrote.
    pub written: Vec<Uuid>,
}

/// What the trouble is made with.
pub struct Mischief {
    /// PureConnect.
    pub system: System,
    /// Genesys Cloud.
    pub org: Org,
    /// The simulated clock.
    pub clock: Clock,
    /// Everybody.
    pub people: Vec<Person>,
    /// How much of a day there is.
    pub length: Duration,
    /// What is said while it goes on.
    pub news: mpsc::Sender<String>,
}

impl Mischief {
    /// Goes through the script of a day that begins now.
    pub async fn make(&self, service: &mut Service) -> Result<Vec<Trouble>, Failed> {
        let dawn = self.clock.elapsed();
        let mut troubles = Vec::new();
        for (kind, percent, minutes) in SCRIPT {
            self.clock.sleep_until(dawn + self.length * percent / 100).await;
            // Shorter days have shorter troubles.
            let lasts = Duration::from_secs(60 * minutes).min(self.length / 20);
            let end = self.clock.elapsed() + lasts;
            let began = self.clock.utc();
            self.say(format!("trouble: {}", kind.name())).await;
            let written = self.begin(kind, lasts, service).await.map_err(stopped)?;
            self.clock.sleep_until(end).await;
            self.end(kind, service).await?;
            self.say(format!("over: {}", kind.name())).await;
            troubles.push(Trouble { kind, began, ended: self.clock.utc(), written });
        }
        Ok(troubles)
    }

    async fn begin(&self, kind: Kind, lasts: Duration, service: &mut Service) -> Result<Vec<Uuid>, Stopped> {
        match kind {
            Kind::TokenRevoked => self.org.revoke_tokens().await?,
            Kind::CloudDown => {
                for path in ["/api/", "/oauth/token"] {
                    self.fail(Effect::Unavailable { retry_after: None }, path).await?;
                }
            }
            Kind::Switchover => {
                let (seconds, logouts) = (lasts.as_secs(), LOGOUTS.as_secs());
                self.system.inject(icws::Fault::Switchover { seconds, hosts: Vec::new(), logouts }).await;
            }
            Kind::Silence => self.system.inject(icws::Fault::Silence).await,
            Kind::TooManyRequests => {
                self.fail(Effect::Throttled { retry_after: Some(20) }, "/api/v2/events/").await?;
            }
            Kind::Overwritten => return self.overwrite().await,
            Kind::Killed => service.kill().await,
        }
        Ok(Vec::new())
    }

    async fn end(&self, kind: Kind, service: &mut Service) -> Result<(), Failed> {
        match kind {
            // A switchover ends by itself, and the others were over in a moment.
            Kind::TokenRevoked | Kind::Switchover | Kind::Overwritten => {}
            Kind::CloudDown | Kind::TooManyRequests => self.org.clear_faults().await.map_err(stopped)?,
            Kind::Silence => self.system.inject(icws::Fault::Heal).await,
            Kind::Killed => service.start()?,
        }
        Ok(())
    }

    async fn fail(&self, effect: Effect, path: &str) -> Result<(), Stopped> {
        self.org.inject(Fault { effect, method: None, path: Some(path.to_owned()), count: u32::MAX }).await
    }

    /// Writes presences in the bridge's own source, which is what everybody sees.
    async fn overwrite(&self) -> Result<Vec<Uuid>, Stopped> {
        let truth = self.org.truth().await?;
        let busy = simulator::cloud::system_definition(SystemPresence::Busy);
        let mut written = Vec::new();
        for person in self.people.iter().take(WRITTEN) {
            let user = person.cloud_user.0;
            let Some(shown) = truth.users.get(&user).filter(|shown| shown.presence.definition != busy) else {
                continue;
            };
            let source = Some(shown.presence.source.clone());
            let command = Command::WritePresence { user, definition: busy, source, primary: false };
            if let Err(problem) = self.org.command(command).await? {
                tracing::warn!(problem, "somebody else could not write a presence");
                continue;
            }
            written.push(user);
        }
        Ok(written)
    }

    async fn say(&self, what: String) {
        // When the day has ended, nobody listens.
        let _ = self.news.send(what).await;
    }
}

fn stopped(error: Stopped) -> Failed {
    Failed::new(Exit::Internal, error)
}
