//! The source at work against the stub, as the program would use it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::source::{Batch, Scope, Snapshot};
use domain::time::{Instant, Now};
use pureconnect::{Config, PureConnect, Tls};
use replicator::ports::{Clock, Source, SourceEvent, SourceFailure, SourceRequest};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::stub::Stub;

/// How long a test waits for what must come.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub struct SystemClock(std::time::Instant);

impl SystemClock {
    pub fn shared() -> Arc<dyn Clock> {
        Arc::new(Self(std::time::Instant::now()))
    }
}

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> Now {
        Now { instant: Instant(self.0.elapsed()), utc: jiff::Timestamp::now() }
    }

    async fn sleep_until(&self, instant: Instant) {
        tokio::time::sleep_until((self.0 + instant.0).into()).await;
    }
}

pub fn config(stub: &Stub) -> Config {
    Config {
        hosts: vec!["127.0.0.1".to_owned()],
        base_url: format!("http://{{host}}:{}", stub.address.port()),
        user: "bridge".to_owned(),
        password: "correct horse".into(),
        application_name: "Presence Bridge".to_owned(),
        language: "en-us".to_owned(),
        tls: Tls::default(),
        start_patience: Duration::from_millis(300),
        request_timeout: Duration::from_secs(2),
        silence_limit: Duration::from_secs(10),
        poll_interval: Duration::from_millis(20),
        queue_chunk: 2,
        users_interval: Duration::from_secs(45),
        resync_interval: Duration::from_secs(3600),
    }
}

pub struct Bridge {
    pub requests: mpsc::Sender<SourceRequest>,
    pub scope: watch::Sender<Scope>,
    events: mpsc::Receiver<SourceEvent>,
    shutdown: CancellationToken,
    task: JoinHandle<Result<(), SourceFailure>>,
}

impl Bridge {
    pub fn start(config: Config) -> Self {
        Self::start_within(Scope::default(), config)
    }

    /// Starts with a scope of its own.
    pub fn start_within(scope: Scope, config: Config) -> Self {
        let (scope, wanted) = watch::channel(scope);
        let source = Box::new(PureConnect::new(config, SystemClock::shared(), wanted).unwrap());
        let (events_in, events) = mpsc::channel(64);
        let (requests, requests_out) = mpsc::channel(4);
        let shutdown = CancellationToken::new();
        let task = tokio::spawn(source.run(events_in, requests_out, shutdown.clone()));
        Self { requests, scope, events, shutdown, task }
    }

    /// Starts with a scope of its own, and takes the first snapshot.
    pub async fn live_within(scope: Scope, config: Config) -> (Self, Snapshot) {
        let mut bridge = Self::start_within(scope, config);
        let snapshot = bridge.snapshot().await;
        (bridge, snapshot)
    }

    /// Starts, and takes the first snapshot.
    pub async fn live(config: Config) -> (Self, Snapshot) {
        let mut bridge = Self::start(config);
        let snapshot = bridge.snapshot().await;
        (bridge, snapshot)
    }

    pub async fn event(&mut self) -> SourceEvent {
        match tokio::time::timeout(PATIENCE, self.events.recv()).await.expect("an event in time") {
            Some(event) => event,
            None => panic!("the source ended: {:?}", (&mut self.task).await),
        }
    }

    pub async fn snapshot(&mut self) -> Snapshot {
        match self.event().await {
            SourceEvent::Snapshot { snapshot, .. } => *snapshot,
            other => panic!("a snapshot was expected, not {other:?}"),
        }
    }

    pub async fn changed(&mut self) -> Batch {
        match self.event().await {
            SourceEvent::Changed(batch) => batch,
            other => panic!("changes were expected, not {other:?}"),
        }
    }

    pub async fn lost(&mut self) -> String {
        match self.event().await {
            SourceEvent::Lost { reason, .. } => reason,
            other => panic!("a loss was expected, not {other:?}"),
        }
    }

    /// Waits for the next snapshot, whatever comes before it.
    pub async fn next_snapshot(&mut self) -> Snapshot {
        loop {
            if let SourceEvent::Snapshot { snapshot, .. } = self.event().await {
                return *snapshot;
            }
        }
    }

    /// Ends it, and answers what it said.
    pub async fn stop(self) -> Result<(), SourceFailure> {
        self.shutdown.cancel();
        self.ended().await
    }

    /// Waits until it ends by itself.
    pub async fn ended(self) -> Result<(), SourceFailure> {
        tokio::time::timeout(PATIENCE, self.task).await.expect("an end in time").unwrap()
    }
}
