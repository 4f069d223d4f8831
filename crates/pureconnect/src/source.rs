//! The source: connects, watches, reconnects, and in the end logs off.
//!
//! How long to wait after which failure, and what of it ends the program, is decided by `attempts`.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::source::Scope;
use replicator::ports::{Clock, Source, SourceEvent, SourceFailure, SourceRequest};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use crate::client::Client;
use crate::config::Config;
use crate::error::{Error, chain};
use crate::logon::{Doors, log_on};
use crate::prepared::{Prepared, list_patience, rhythm, users_interval};
use crate::session::Session;
use crate::subscribe::Asker;
use crate::watch::{Stop, Terms, Watch};

mod attempts;

use attempts::Attempts;

/// How long a logon under way may take to be undone at the end.
const LAST_LOGON: Duration = Duration::from_secs(1);

/// "Never" for intervals; the longest duration of all could not be added to any time.
const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);

/// PureConnect over ICWS.
pub struct PureConnect {
    config: Config,
    clock: Arc<dyn Clock>,
    client: Client,
    doors: Doors,
    scope: watch::Receiver<Scope>,
    /// The one that was reported last. A new session begins with it, and changes it then: a smaller population that
    /// the operator wants is told from one that a server shows after an outage.
    reported: Option<Scope>,
}

impl PureConnect {
    /// Checks the URL, the hosts, the CA file and the fingerprint. Nothing is sent yet. `scope` says which users are
    /// watched; a new value is followed in the running session.
    pub fn new(config: Config, clock: Arc<dyn Clock>, scope: watch::Receiver<Scope>) -> Result<Self, SourceFailure> {
        let prepared = Prepared::check(&config)?;
        let client = prepared.client(&config, None)?;
        let doors = Doors::new(prepared.template, prepared.hosts);
        Ok(Self { config, clock, client, doors, scope, reported: None })
    }
}

/// Where the source goes on after something ended.
enum Next {
    Reconnect,
    End,
}

#[async_trait]
impl Source for PureConnect {
    async fn run(
        mut self: Box<Self>,
        events: mpsc::Sender<SourceEvent>,
        mut requests: mpsc::Receiver<SourceRequest>,
        shutdown: CancellationToken,
    ) -> Result<(), SourceFailure> {
        let mut attempts = Attempts::new(self.config.start_patience);
        loop {
            let Some(logon) = self.log_on(&shutdown).await else {
                return Ok(());
            };
            let next = match logon {
                Ok(session) => self.hold(Arc::new(session), &events, &mut requests, &shutdown, &mut attempts).await?,
                Err(error) => {
                    let wait = attempts.failed(error, fastrand::f64())?;
                    pause(wait, &mut requests, &shutdown).await
                }
            };
            match next {
                Next::Reconnect => {}
                Next::End => return Ok(()),
            }
        }
    }
}

impl PureConnect {
    /// One round over the hosts; `None` at the end of the program.
    async fn log_on(&mut self, shutdown: &CancellationToken) -> Option<Result<Session, Error>> {
        let mut logon = std::pin::pin!(log_on(&self.client, &mut self.doors, &self.config, &self.clock));
        tokio::select! {
            logon = &mut logon => Some(logon),
            () = shutdown.cancelled() => {
                // A session that is just being made would be left behind.
                if let Ok(Ok(session)) = timeout(LAST_LOGON, logon).await {
                    session.log_off().await;
                }
                None
            }
        }
    }

    /// Watches a session for as long as it is any good.
    async fn hold(
        &mut self,
        session: Arc<Session>,
        events: &mpsc::Sender<SourceEvent>,
        requests: &mut mpsc::Receiver<SourceRequest>,
        shutdown: &CancellationToken,
        attempts: &mut Attempts,
    ) -> Result<Next, SourceFailure> {
        loop {
            let mut watch = Watch::new(self.terms(Arc::clone(&session), events, shutdown));
            let stop = watch.run(requests).await;
            let live_since = watch.live_since();
            if live_since.is_some() {
                self.reported = Some(watch.scope().clone());
            }
            drop(watch);
            let error = match stop {
                Stop::Asked => {
                    session.log_off().await;
                    return Ok(Next::End);
                }
                Stop::Failed(error) => error,
            };
            if let Some(since) = live_since {
                let (reason, heard) = (chain(&error), error.heard());
                attempts.lost(since, reason.clone());
                tokio::select! {
                    biased;
                    sent = events.send(SourceEvent::Lost { reason, heard }) => if sent.is_err() {
                        session.log_off().await;
                        return Ok(Next::End);
                    },
                    () = shutdown.cancelled() => {}
                }
            }
            // Only the stream broke: the session may live, and a new stream with new subscriptions tells.
            let resume = live_since.is_some() && error.is_of_stream();
            if !resume && !error.ends_session() {
                session.log_off().await;
            }
            self.doors.directed(error.alternates());
            let wait = attempts.failed(error, fastrand::f64())?;
            match pause(wait, requests, shutdown).await {
                Next::Reconnect if resume => {}
                Next::Reconnect => return Ok(Next::Reconnect),
                Next::End => {
                    if resume {
                        session.log_off().await;
                    }
                    return Ok(Next::End);
                }
            }
        }
    }

    fn terms<'a>(
        &self,
        session: Arc<Session>,
        events: &'a mpsc::Sender<SourceEvent>,
        shutdown: &'a CancellationToken,
    ) -> Terms<'a> {
        Terms {
            asker: Asker {
                session,
                clock: Arc::clone(&self.clock),
                scope: self.reported.clone().unwrap_or_else(|| self.scope.borrow().clone()),
                user: self.config.user.clone(),
                chunk: self.config.queue_chunk,
                is_first: true,
            },
            rhythm: rhythm(&self.config),
            scope: self.scope.clone(),
            users: users_interval(self.config.users_interval),
            resync: self.config.resync_interval.min(YEAR),
            patience: list_patience(&self.config).min(YEAR),
            events,
            shutdown,
        }
    }
}

/// Waits; a request for a snapshot meanwhile is served by the one that follows anyway.
async fn pause(wait: Duration, requests: &mut mpsc::Receiver<SourceRequest>, shutdown: &CancellationToken) -> Next {
    let end = Instant::now() + wait;
    let mut is_asked = true;
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return Next::End,
            () = sleep_until(end) => return Next::Reconnect,
            request = requests.recv(), if is_asked => is_asked = request.is_some(),
        }
    }
}
