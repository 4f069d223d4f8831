//! Notifications: subscribing, what comes, and how it ends.

mod endings;
mod listening;
mod simulator;
mod subscribing;

use std::ops::RangeInclusive;
use std::time::Duration;

use domain::ids::CloudUserId;
use genesys_cloud::GenesysCloud;
use replicator::ports::{Answer, Feed, FeedEvent};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::stub::{OUR_SOURCE, Stub, definition_of, user};

const CHANNELS: &str = "/api/v2/notifications/channels";

/// A connection whose notifications are read.
struct Listener {
    stub: Stub,
    cloud: GenesysCloud,
    events: mpsc::Receiver<FeedEvent>,
}

impl Listener {
    async fn start() -> Self {
        let stub = Stub::start().await;
        let connected = stub.try_connect(stub.config()).await.unwrap();
        stub.forget();
        Self { stub, cloud: connected.clouds[0].clone(), events: connected.feed_events.unwrap() }
    }

    /// One that is subscribed to the first user, in channel 0, through the stub's socket 0.
    async fn subscribed() -> Self {
        let listener = Self::start().await;
        listener.subscribe(0, 1..=1).await.result.unwrap();
        listener.stub.forget();
        listener
    }

    async fn subscribe(&self, channel: usize, users: RangeInclusive<u128>) -> Answer<()> {
        self.cloud.subscribe(channel, users.map(user).collect()).await
    }

    async fn next(&mut self) -> FeedEvent {
        next(&mut self.events).await
    }

    /// Why channel 0 is lost, which is what is told next.
    async fn lost(&mut self) -> String {
        match self.next().await {
            FeedEvent::Lost { channel: 0, reason } => reason,
            other => panic!("{other:?}"),
        }
    }

    /// Shows that what is sent through a socket arrives, and nothing before it.
    async fn hears(&mut self, place: usize) {
        self.stub.notify(place, &topic(user(1), "presence"), presence("Meal"));
        match self.next().await {
            FeedEvent::Shown(seen) => assert_eq!(seen.user, user(1)),
            lost @ FeedEvent::Lost { .. } => panic!("{lost:?}"),
        }
    }

    fn sockets(&self) -> usize {
        self.stub.change(|organisation| organisation.streaming.sockets.len())
    }

    fn channels_made(&self) -> usize {
        self.stub.seen("POST", CHANNELS).len()
    }
}

async fn next(events: &mut mpsc::Receiver<FeedEvent>) -> FeedEvent {
    timeout(Duration::from_secs(300), events.recv()).await.expect("nothing is told").expect("it is still open")
}

fn topic(user: CloudUserId, of: &str) -> String {
    format!("v2.users.{user}.{of}")
}

fn presence(system: &str) -> Value {
    json!({"source": OUR_SOURCE, "primary": true, "message": "", "modifiedDate": "2026-01-01T08:00:00.123Z",
        "presenceDefinition": {"id": definition_of(system), "systemPresence": system.to_uppercase()}})
}
