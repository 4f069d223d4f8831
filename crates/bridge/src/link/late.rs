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
use genesys_cloud::{Config, ConnectFailure, DeliveryChoice, GenesysCloud};
use replicator::ports::{
    Answer, ClaimScope, Clock, Directory, Failure, Feed, FeedEvent, Lane, Order, Outcomes, Quota, Sink, Takes, UserPage,
};
use tokio::sync::{mpsc, watch};

use super::{Standing, tell_notes};

/// Somebody waits for as long as it takes.
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Hints that wait to be read; more come than go only for moments.
const HINTS: usize = 1_000;

/// Users of one channel of notifications, as the platform has it.
const CHANNEL: usize = 1_000;

/// Genesys Cloud, connected or not yet.
pub struct LateCloud {
    state: watch::Sender<State>,
    tokens: usize,
    lanes: Vec<Lane>,
}

/// The same in the name of one token.
pub struct Handle {
    token: usize,
    state: watch::Sender<State>,
    /// Until the connection says.
    lanes: Vec<Lane>,
}

#[derive(Default)]
struct State {
    /// One for each token; none before.
    clouds: Vec<GenesysCloud>,
    /// What connecting cost each token, until it is told.
    spent: Vec<Option<(u32, Option<Quota>)>>,
}

impl LateCloud {
    /// Not connected yet.
    pub fn new(target: &Config) -> Self {
        let tokens = target.clients.len() * target.tokens_per_client;
        Self { state: watch::Sender::new(State::default()), tokens, lanes: lanes(target) }
    }

    /// A channel for hints.
    pub fn hints() -> (mpsc::Sender<FeedEvent>, mpsc::Receiver<FeedEvent>) {
        mpsc::channel(HINTS)
    }

    /// One for each token.
    pub fn handles(&self) -> impl Iterator<Item = Handle> {
        (0..self.tokens).map(|token| Handle { token, state: self.state.clone(), lanes: self.lanes.clone() })
    }

    /// Connects, and passes hints on from then on. Returns only with what no patience helps against.
    pub async fn connect(
        &self,
        target: Config,
        clock: Arc<dyn Clock>,
        hints: mpsc::Sender<FeedEvent>,
        standing: &watch::Sender<Standing>,
    ) -> ConnectFailure {
        let mut connected = match GenesysCloud::connect(Config { start_patience: YEAR, ..target }, clock).await {
            Ok(connected) => connected,
            Err(failure) => return failure,
        };
        tell_notes(&connected);
        tracing::info!("Genesys Cloud is connected");
        let feed_events = connected.feed_events.take();
        standing.send_replace(Standing::Running(Some(connected.definitions)));
        let spent = connected.spent.into_iter().map(Some).collect();
        self.state.send_replace(State { clouds: connected.clouds, spent });
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
        let cloud = self.state.borrow().clouds.first().cloned();
        if let Some(cloud) = cloud {
            cloud.close().await;
        }
    }
}

/// What is tried until the connection says how changes are delivered: what the organisation does not allow shows then.
fn lanes(target: &Config) -> Vec<Lane> {
    let lane = |facet, takes| Lane { facet, batch: 1, keeps_history: false, takes };
    let mut lanes = match target.delivery {
        DeliveryChoice::Auto | DeliveryChoice::Events => {
            let events = |facet| Lane { batch: 100, keeps_history: true, ..lane(facet, Takes::Everything) };
            vec![events(Facet::Presence), events(Facet::Routing)]
        }
        DeliveryChoice::Direct => vec![
            Lane { batch: 50, ..lane(Facet::Presence, Takes::OffQueue) },
            lane(Facet::Presence, Takes::OnQueue),
            lane(Facet::Routing, Takes::EndOfNotResponding),
        ],
    };
    lanes.extend(target.out_of_office.then(|| lane(Facet::OutOfOffice, Takes::Everything)));
    lanes
}

impl Handle {
    fn cloud(&self) -> Option<GenesysCloud> {
        self.state.borrow().clouds.get(self.token).cloned()
    }

    async fn ask<T, F>(&self, ask: impl FnOnce(GenesysCloud) -> F + Send) -> Answer<T>
    where
        F: Future<Output = Answer<T>> + Send,
    {
        let Some(cloud) = self.cloud() else {
            let reason = "not connected since the start".to_owned();
            let result = Err(Failure::Unavailable { reason, maybe_applied: false });
            return Answer { result, quota: None, requests: 0, correlation: None };
        };
        let mut answer = ask(cloud).await;
        self.state.send_if_modified(|state| {
            let Some((requests, quota)) = state.spent.get_mut(self.token).and_then(Option::take) else { return false };
            answer.requests += requests;
            answer.quota = answer.quota.or(quota);
            true
        });
        answer
    }
}

#[async_trait]
impl Sink for Handle {
    fn lanes(&self) -> Vec<Lane> {
        self.cloud().map_or_else(|| self.lanes.clone(), |cloud| cloud.lanes())
    }

    async fn deliver(&self, lane: Lane, batch: Vec<Order>) -> Answer<Outcomes> {
        self.ask(|cloud| async move { cloud.deliver(lane, batch).await }).await
    }

    async fn observe(&self, users: Vec<CloudUserId>) -> Answer<Vec<Observation>> {
        self.ask(|cloud| async move { cloud.observe(users).await }).await
    }
}

#[async_trait]
impl Directory for Handle {
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

    async fn release(&self, user: CloudUserId) -> Answer<()> {
        self.ask(|cloud| async move { cloud.release(user).await }).await
    }
}

#[async_trait]
impl Feed for Handle {
    fn channel_size(&self) -> usize {
        CHANNEL
    }

    async fn subscribe(&self, channel: usize, users: Vec<CloudUserId>) -> Answer<()> {
        self.ask(|cloud| async move { cloud.subscribe(channel, users).await }).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    fn target(delivery: &str, more: &str) -> Config {
        let text = format!(
            "[pureconnect]\nhosts = [\"a\"]\nuser = \"b\"\npassword = {{ env = \"P\" }}\n[genesys_cloud]\n\
             region = \"mypurecloud.de\"\nclient_id = \"c\"\nclient_secret = {{ env = \"S\" }}\n\
             delivery = \"{delivery}\"\n{more}"
        );
        config::imagine(&text).unwrap().link(None).unwrap().genesys_cloud.clone()
    }

    #[tokio::test]
    async fn until_it_is_connected_each_token_says_that_it_is_not_there_and_costs_nothing() {
        let cloud = LateCloud::new(&target("auto", "token_pool_size = 3"));
        assert_eq!(cloud.handles().count(), 3);
        for handle in cloud.handles() {
            let answer = handle.users(1).await;
            assert!(matches!(answer.result, Err(Failure::Unavailable { maybe_applied: false, .. })), "{answer:?}");
            assert_eq!(answer.requests, 0);
        }
    }

    #[test]
    fn what_is_configured_to_be_told_directly_is_not_collected_as_events() {
        let history = |delivery: &str, more: &str| {
            let cloud = LateCloud::new(&target(delivery, more));
            let handle = cloud.handles().next().unwrap();
            let lanes = handle.lanes();
            (lanes.len(), lanes.into_iter().filter(|lane| lane.keeps_history).count())
        };
        assert_eq!(history("auto", ""), (3, 2));
        assert_eq!(history("events", ""), (3, 2));
        assert_eq!(history("direct", ""), (4, 0));
        assert_eq!(history("direct", "[replication]\nout_of_office = \"never\"\n"), (3, 0));
    }
}
