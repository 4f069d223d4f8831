//! Genesys Cloud, when it is out of reach at a restart: the link works without it until it answers.
//!
//! Then PureConnect is listened to all the same, and what changes is written to the journal and told later, with its own
//! time. Until the connection is there, every request has the answer that the service is unavailable. At the first start
//! of all nothing is known to be right, so that one ends with an error instead.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::change::Facet;
use domain::ids::{AgentId, CloudUserId};
use domain::target::Observation;
use genesys_cloud::{Config, ConnectFailure, Connected, GenesysCloud};
use replicator::ports::{
    Answer, ClaimScope, Clock, Directory, Failure, Feed, FeedEvent, Lane, Order, Outcomes, Quota, Sink, UserPage,
};
use tokio::sync::{mpsc, watch};

/// Somebody waits for as long as it takes.
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Hints that wait to be read; more come than go only for moments.
const HINTS: usize = 1_000;

/// Users of one channel of notifications, as the platform has it.
const CHANNEL: usize = 1_000;

/// Genesys Cloud, connected or not yet.
pub struct LateCloud {
    state: watch::Sender<State>,
}

#[derive(Default)]
struct State {
    cloud: Option<GenesysCloud>,
    /// What connecting cost, until it is told.
    spent: Option<(u32, Option<Quota>)>,
}

impl LateCloud {
    /// Not connected yet.
    pub fn new() -> Self {
        Self { state: watch::Sender::new(State::default()) }
    }

    /// A channel for hints.
    pub fn hints() -> (mpsc::Sender<FeedEvent>, mpsc::Receiver<FeedEvent>) {
        mpsc::channel(HINTS)
    }

    /// Connects, and passes hints on from then on. Returns only with what no patience helps against.
    pub async fn connect(
        &self,
        target: Config,
        clock: Arc<dyn Clock>,
        hints: mpsc::Sender<FeedEvent>,
    ) -> ConnectFailure {
        let connected = match GenesysCloud::connect(Config { start_patience: YEAR, ..target }, clock).await {
            Ok(connected) => connected,
            Err(failure) => return failure,
        };
        let Connected { cloud, requests, quota, notes, feed_events, .. } = connected;
        for note in notes {
            tracing::warn!(note, "about this organisation");
        }
        tracing::info!("Genesys Cloud is connected");
        self.state.send_replace(State { cloud: Some(cloud), spent: Some((requests, quota)) });
        if let Some(mut events) = feed_events {
            while let Some(event) = events.recv().await {
                // Nobody listens any more at the end.
                let _ = hints.send(event).await;
            }
        }
        std::future::pending().await
    }

    /// The end.
    pub async fn close(&self) {
        let cloud = self.state.borrow().cloud.clone();
        if let Some(cloud) = cloud {
            cloud.close().await;
        }
    }

    async fn ask<T, F>(&self, ask: impl FnOnce(GenesysCloud) -> F + Send) -> Answer<T>
    where
        F: Future<Output = Answer<T>> + Send,
    {
        let cloud = self.state.borrow().cloud.clone();
        let Some(cloud) = cloud else {
            let reason = "not connected since the start".to_owned();
            let result = Err(Failure::Unavailable { reason, maybe_applied: false });
            return Answer { result, quota: None, requests: 0, correlation: None };
        };
        let mut answer = ask(cloud).await;
        self.state.send_if_modified(|state| {
            let Some((requests, quota)) = state.spent.take() else { return false };
            answer.requests += requests;
            answer.quota = answer.quota.or(quota);
            true
        });
        answer
    }
}

#[async_trait]
impl Sink for LateCloud {
    /// All that there may be: what the organisation does not allow shows when it is tried.
    fn lanes(&self) -> Vec<Lane> {
        vec![
            Lane { facet: Facet::Presence, batch: 100, keeps_history: true },
            Lane { facet: Facet::Routing, batch: 100, keeps_history: true },
            Lane { facet: Facet::OutOfOffice, batch: 1, keeps_history: false },
        ]
    }

    async fn deliver(&self, lane: Lane, batch: Vec<Order>) -> Answer<Outcomes> {
        self.ask(|cloud| async move { cloud.deliver(lane, batch).await }).await
    }

    async fn observe(&self, users: Vec<CloudUserId>) -> Answer<Vec<Observation>> {
        self.ask(|cloud| async move { cloud.observe(users).await }).await
    }
}

#[async_trait]
impl Directory for LateCloud {
    async fn users(&self, page: u32) -> Answer<UserPage> {
        self.ask(|cloud| async move { cloud.users(page).await }).await
    }

    async fn find_external(&self, agent: &AgentId) -> Answer<Option<CloudUserId>> {
        let agent = agent.clone();
        self.ask(|cloud| async move { cloud.find_external(&agent).await }).await
    }

    async fn claim(&self, scope: ClaimScope) -> Answer<()> {
        self.ask(|cloud| async move { cloud.claim(scope).await }).await
    }
}

#[async_trait]
impl Feed for LateCloud {
    fn channel_size(&self) -> usize {
        CHANNEL
    }

    async fn subscribe(&self, channel: usize, users: Vec<CloudUserId>) -> Answer<()> {
        self.ask(|cloud| async move { cloud.subscribe(channel, users).await }).await
    }
}
