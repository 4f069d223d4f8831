//! The source: connects, watches, reconnects, and in the end logs off.
//!
//! How long to wait after which failure, and what of it ends the program, is decided by `attempts`.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use replicator::ports::{Clock, Source, SourceEvent, SourceFailure, SourceRequest};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use crate::client::Client;
use crate::config::Config;
use crate::endpoint::{Template, is_loopback};
use crate::error::{Error, chain, misconfigured};
use crate::logon::{Doors, log_on};
use crate::session::Session;
use crate::stream::Rhythm;
use crate::subscribe::Asker;
use crate::tls;
use crate::watch::{Stop, Terms, Watch};

mod attempts;

use attempts::Attempts;

/// How long a logon under way may take to be undone at the end.
const LAST_LOGON: Duration = Duration::from_secs(1);

/// The longest time between two polls; more would look like a dead session to the server.
const LONGEST_POLL: Duration = Duration::from_secs(1);

/// A setting of zero shall not make a busy loop.
const SHORTEST_POLL: Duration = Duration::from_millis(10);

/// "Never" for intervals; the longest duration of all could not be added to any time.
const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);

/// Missing lists are waited for this many times as long as one request.
const LIST_PATIENCE: u32 = 4;

/// PureConnect over ICWS.
pub struct PureConnect {
    config: Config,
    clock: Arc<dyn Clock>,
    client: Client,
    doors: Doors,
}

impl PureConnect {
    /// Checks the URL, the hosts, the CA file and the fingerprint. Nothing is sent yet.
    pub fn new(config: Config, clock: Arc<dyn Clock>) -> Result<Self, SourceFailure> {
        let template = Template::parse(&config.base_url)
            .map_err(|problem| misconfigured(format!("`base_url`: {problem}"), None))?;
        let hosts = hosts(&config, &template)?;
        let tls = if template.is_encrypted() || config.tls != crate::config::Tls::default() {
            tls::client_config(&config.tls)?
        } else {
            tls::unencrypted()
        };
        let local = hosts.iter().all(|host| template.base(host).is_some_and(|base| is_loopback(&base)));
        let client = Client::new(tls, local, &config.language, config.request_timeout)?;
        let doors = Doors::new(template, hosts);
        Ok(Self { config, clock, client, doors })
    }
}

fn hosts(config: &Config, template: &Template) -> Result<Vec<String>, SourceFailure> {
    let hosts: Vec<String> = config.hosts.iter().map(|host| host.trim().to_owned()).collect();
    if let Some(bad) = hosts.iter().find(|host| template.base(host).is_none()) {
        return Err(misconfigured(format!("`hosts`: `{bad}` is no host name"), None));
    }
    if !template.has_slot() {
        if hosts.len() > 1 {
            return Err(misconfigured("`base_url` has no {host} slot, but there are several `hosts`".to_owned(), None));
        }
        let own = template.own_host().unwrap_or_default();
        return Ok(vec![hosts.into_iter().next().unwrap_or(own)]);
    }
    if hosts.is_empty() {
        return Err(misconfigured("`hosts` is empty".to_owned(), None));
    }
    Ok(hosts)
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
                scope: self.config.scope.clone(),
                user: self.config.user.clone(),
                chunk: self.config.queue_chunk,
                is_first: true,
            },
            rhythm: Rhythm {
                silence: self.config.silence_limit,
                poll: self.config.poll_interval.clamp(SHORTEST_POLL, LONGEST_POLL),
            },
            resync: self.config.resync_interval.min(YEAR),
            patience: self.config.request_timeout.saturating_mul(LIST_PATIENCE).min(YEAR),
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
