//! The loop over mocked ports in paused time: what is called how often, and how it ends.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use domain::change::{Facet, Value};
use domain::ids::{AgentId, CloudUserId};
use domain::source::Batch;
use domain::target::{Observation, OutOfOffice, Presence, RoutingStatus, Seen, SystemPresence};
use domain::time::{Instant, Now};
use jiff::{SignedDuration, Timestamp};
use mapping::{Precedence, Rules};
use mockall::mock;
use replicator::engine::{Report, SyncState};
use replicator::ports::{
    Answer, Attempt, ClaimScope, Clock, Directory, Entry, Fact, Failure, FailureKind, Journal, JournalFailure, Lane,
    Memory, Order, Outcomes, Sink, Source, SourceEvent, SourceFailure, SourceRequest, Stage, UserPage,
};
use replicator::{Parts, RunFailure, run};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::cloud::Cloud;
use crate::world::{EPOCH, World, lanes, options};

/// The paused time of tokio.
struct TokioClock(tokio::time::Instant);

#[async_trait]
impl Clock for TokioClock {
    fn now(&self) -> Now {
        let passed = self.0.elapsed();
        let utc = Timestamp::from_second(EPOCH).unwrap() + SignedDuration::try_from(passed).unwrap();
        Now { instant: Instant(passed), utc }
    }

    async fn sleep_until(&self, instant: Instant) {
        tokio::time::sleep_until(self.0 + instant.0).await;
    }
}

/// Reports these events, then waits for the end and says that it logged off.
struct Script {
    events: Vec<SourceEvent>,
    result: Result<(), SourceFailure>,
    logged_off: Arc<AtomicUsize>,
}

#[async_trait]
impl Source for Script {
    async fn run(
        self: Box<Self>,
        events: mpsc::Sender<SourceEvent>,
        _requests: mpsc::Receiver<SourceRequest>,
        shutdown: CancellationToken,
    ) -> Result<(), SourceFailure> {
        for event in self.events {
            events.send(event).await.expect("the loop listens");
        }
        self.result?;
        shutdown.cancelled().await;
        self.logged_off.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

mock! {
    Cloud {}

    #[async_trait]
    impl Sink for Cloud {
        fn lanes(&self) -> Vec<Lane>;
        async fn deliver(&self, lane: Lane, batch: Vec<Order>) -> Answer<Outcomes>;
        async fn observe(&self, users: Vec<CloudUserId>) -> Answer<Vec<Observation>>;
    }

    #[async_trait]
    impl Directory for Cloud {
        async fn users(&self, page: u32) -> Answer<UserPage>;
        async fn find_external(&self, agent: &AgentId) -> Answer<Option<CloudUserId>>;
        async fn claim(&self, scope: ClaimScope) -> Answer<()>;
        async fn release(&self, user: CloudUserId) -> Answer<()>;
    }
}

mock! {
    Paper {}

    #[async_trait]
    impl Journal for Paper {
        async fn load(&self) -> Result<Memory, JournalFailure>;
        async fn record(&self, entries: Vec<Entry>) -> Result<(), JournalFailure>;
    }
}

fn answer<T>(result: Result<T, Failure>) -> Answer<T> {
    Answer { result, quota: None, requests: 1, correlation: None }
}

fn offline(user: CloudUserId) -> Observation {
    Observation {
        user,
        presence: Some(Seen { value: Presence::of(SystemPresence::Offline), since: None }),
        routing: Some(Seen { value: RoutingStatus::OffQueue, since: None }),
        out_of_office: Some(Seen { value: OutOfOffice::Off, since: None }),
        ours: Some(true),
    }
}

/// An organisation that knows the agents and takes everything.
fn willing(agents: usize) -> MockCloud {
    let mut cloud = MockCloud::new();
    cloud.expect_lanes().returning(lanes);
    cloud.expect_users().returning(move |_| {
        let users = Cloud::new(agents).users;
        answer(Ok(UserPage { users, next: None }))
    });
    cloud.expect_observe().returning(|users| answer(Ok(users.into_iter().map(offline).collect())));
    cloud.expect_claim().returning(|_| answer(Ok(())));
    cloud
}

/// A journal without entries, that does not say yet what it does with new ones.
fn blank_paper() -> MockPaper {
    let mut paper = MockPaper::new();
    paper.expect_load().returning(|| Ok(Memory::default()));
    paper
}

fn paper() -> MockPaper {
    let mut paper = blank_paper();
    paper.expect_record().returning(|_| Ok(()));
    paper
}

struct Stage1 {
    parts: Parts,
    report: watch::Receiver<Option<Report>>,
    shutdown: CancellationToken,
    logged_off: Arc<AtomicUsize>,
}

fn parts(events: Vec<SourceEvent>, result: Result<(), SourceFailure>, cloud: MockCloud, paper: MockPaper) -> Stage1 {
    let (sender, report) = watch::channel(None);
    let shutdown = CancellationToken::new();
    let logged_off = Arc::new(AtomicUsize::new(0));
    let cloud = Arc::new(cloud);
    let parts = Parts {
        source: Box::new(Script { events, result, logged_off: Arc::clone(&logged_off) }),
        sinks: vec![cloud.clone()],
        directories: vec![cloud],
        journal: Arc::new(paper),
        clock: Arc::new(TokioClock(tokio::time::Instant::now())),
        rules: Rules::built_in(mapping::Options { precedence: Precedence::Printed }),
        check_rules: Box::new(|_| Vec::new()),
        spent: vec![(0, None)],
        report: sender,
        standings: None,
        feed: None,
        commands: mpsc::channel(1).1,
        shutdown: shutdown.clone(),
    };
    Stage1 { parts, report, shutdown, logged_off }
}

fn first_snapshot(agents: usize) -> SourceEvent {
    let world = World::new(agents, options());
    SourceEvent::Snapshot { received: world.now.utc, snapshot: Box::new(world.picture()) }
}

fn accept_all(orders: Vec<Order>) -> Answer<Outcomes> {
    answer(Ok(orders.into_iter().map(|order| (order.change.id, Ok(()))).collect()))
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_of_many_takes_one_request_a_facet_and_stops_in_order() {
    let mut cloud = willing(80);
    let of = |facet: Facet| move |lane: &Lane, orders: &Vec<Order>| lane.facet == facet && orders.len() == 80;
    cloud.expect_deliver().withf(of(Facet::Presence)).times(1).returning(|_, orders| accept_all(orders));
    cloud.expect_deliver().withf(of(Facet::Routing)).times(1).returning(|_, orders| accept_all(orders));
    let Stage1 { parts, mut report, shutdown, logged_off } = parts(vec![first_snapshot(80)], Ok(()), cloud, paper());
    let running = tokio::spawn(run(parts, options()));
    report.wait_for(|report| report.as_ref().is_some_and(|report| report.synced == 80)).await.unwrap();
    shutdown.cancel();
    let last = running.await.unwrap().unwrap();
    assert_eq!(last.delivered, 160);
    assert_eq!(logged_off.load(Ordering::SeqCst), 1, "the source was told to stop and did");
}

#[tokio::test(start_paused = true)]
async fn what_is_pending_is_delivered_before_the_end() {
    let mut cloud = willing(1);
    let delivered = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&delivered);
    cloud.expect_deliver().returning(move |_, orders| {
        count.fetch_add(orders.len(), Ordering::SeqCst);
        accept_all(orders)
    });
    let Stage1 { mut parts, mut report, shutdown, .. } = parts(Vec::new(), Ok(()), cloud, paper());
    let (script, events) = channel_source();
    parts.source = Box::new(script);
    let running = tokio::spawn(run(parts, options()));
    events.send(first_snapshot(1)).await.unwrap();
    report.wait_for(|report| report.as_ref().is_some_and(|report| report.synced == 1)).await.unwrap();
    let world = World::new(1, options());
    let updates = vec![world.entered(0, "At Lunch")];
    events.send(SourceEvent::Changed(Batch { received: world.now.utc, updates })).await.unwrap();
    shutdown.cancel();
    running.await.unwrap().unwrap();
    assert_eq!(delivered.load(Ordering::SeqCst), 4);
}

#[tokio::test(start_paused = true)]
async fn whoever_looks_is_told_of_all_agents_first_and_then_of_those_who_change() {
    let mut cloud = willing(5_000);
    cloud.expect_deliver().returning(|_, orders| accept_all(orders));
    let Stage1 { mut parts, shutdown, .. } = parts(Vec::new(), Ok(()), cloud, paper());
    let (script, events) = channel_source();
    parts.source = Box::new(script);
    let (standings, mut heard) = mpsc::channel(1);
    parts.standings = Some(standings);
    let running = tokio::spawn(run(parts, options()));
    let begin = heard.recv().await.unwrap();
    assert!(begin.anew && begin.agents.is_empty(), "before the first snapshot");
    events.send(first_snapshot(5_000)).await.unwrap();
    let mut agents = BTreeMap::new();
    let mut catalogue = None;
    while agents.values().filter(|state| **state == SyncState::Synced).count() < 5_000 {
        let standings = heard.recv().await.unwrap();
        assert!(!standings.anew && standings.agents.len() <= 2_000);
        catalogue = standings.catalogue.or(catalogue);
        agents.extend(standings.agents.into_iter().map(|agent| (agent.agent, agent.state)));
    }
    assert!(catalogue.is_some_and(|catalogue| catalogue.len() == 7));
    let world = World::new(1, options());
    let updates = vec![world.entered(0, "At Lunch")];
    events.send(SourceEvent::Changed(Batch { received: world.now.utc, updates })).await.unwrap();
    let changed = loop {
        let standings = heard.recv().await.unwrap();
        if let [agent] = &standings.agents[..] {
            break agent.clone();
        }
    };
    assert_eq!(changed.status.map(|status| status.status), Some("At Lunch".into()));
    // Nobody looks any more: the link goes on.
    drop(heard);
    shutdown.cancel();
    running.await.unwrap().unwrap();
}

/// A source that reports what it is sent.
struct Relay(mpsc::Receiver<SourceEvent>);

fn channel_source() -> (Relay, mpsc::Sender<SourceEvent>) {
    let (sender, receiver) = mpsc::channel(8);
    (Relay(receiver), sender)
}

#[async_trait]
impl Source for Relay {
    async fn run(
        mut self: Box<Self>,
        events: mpsc::Sender<SourceEvent>,
        _requests: mpsc::Receiver<SourceRequest>,
        shutdown: CancellationToken,
    ) -> Result<(), SourceFailure> {
        while let Some(event) =
            tokio::select! { biased; event = self.0.recv() => event, () = shutdown.cancelled() => None }
        {
            let _ = events.send(event).await;
        }
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_is_recorded_before_it_is_sent_and_its_outcome_after() {
    let mut cloud = willing(1);
    cloud.expect_deliver().returning(|_, orders| accept_all(orders));
    let mut paper = blank_paper();
    let (sender, mut stages) = mpsc::channel(64);
    paper.expect_record().returning(move |entries| {
        for entry in entries {
            if let Fact::Change { change, stage, .. } = entry.fact {
                sender.try_send((change, stage)).unwrap();
            }
        }
        Ok(())
    });
    let Stage1 { parts, mut report, shutdown, .. } = parts(vec![first_snapshot(1)], Ok(()), cloud, paper);
    let running = tokio::spawn(run(parts, options()));
    report.wait_for(|report| report.as_ref().is_some_and(|report| report.synced == 1)).await.unwrap();
    shutdown.cancel();
    running.await.unwrap().unwrap();
    let mut of_presence = Vec::new();
    let mut presence = None;
    while let Ok((change, stage)) = stages.try_recv() {
        if let Stage::Recorded(recorded) = &stage
            && matches!(recorded.to, Value::Presence(_))
        {
            presence = Some(change);
        }
        if presence == Some(change) {
            of_presence.push(stage);
        }
    }
    assert!(
        matches!(of_presence[..], [Stage::Recorded(_), Stage::Attempted(Attempt { number: 1, outcome: Ok(()), .. })]),
        "{of_presence:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_journal_that_fails_ends_the_link_and_nothing_is_sent() {
    let mut cloud = willing(1);
    cloud.expect_deliver().times(0);
    let mut paper = blank_paper();
    paper.expect_record().returning(|_| Err(JournalFailure("disk full".into())));
    let Stage1 { parts, .. } = parts(vec![first_snapshot(1)], Ok(()), cloud, paper);
    let ended = run(parts, options()).await;
    assert!(matches!(ended, Err(RunFailure::Journal(_))), "{ended:?}");
}

#[tokio::test(start_paused = true)]
async fn an_oauth_client_that_stays_refused_ends_the_link() {
    let mut cloud = willing(1);
    let refused = || Failure::Unauthorized { reason: "bad.credentials".to_owned() };
    cloud.expect_deliver().times(2..).returning(move |_, _| answer(Err(refused())));
    let Stage1 { parts, logged_off, .. } = parts(vec![first_snapshot(1)], Ok(()), cloud, paper());
    let began = tokio::time::Instant::now();
    let ended = run(parts, options()).await;
    assert!(matches!(ended, Err(RunFailure::Unauthorized(_))), "{ended:?}");
    assert!(began.elapsed() >= Duration::from_secs(300), "not at the first word: {:?}", began.elapsed());
    assert_eq!(logged_off.load(Ordering::SeqCst), 1, "PureConnect is logged off all the same");
}

#[tokio::test(start_paused = true)]
async fn an_oauth_client_that_is_refused_for_a_moment_loses_nothing() {
    let mut cloud = willing(1);
    let refused = || Failure::Unauthorized { reason: "bad.credentials".to_owned() };
    let mut left = 3;
    cloud.expect_deliver().returning(move |_, orders| {
        if left == 0 {
            return accept_all(orders);
        }
        left -= 1;
        answer(Err(refused()))
    });
    let Stage1 { parts, mut report, shutdown, .. } = parts(vec![first_snapshot(1)], Ok(()), cloud, paper());
    let running = tokio::spawn(run(parts, options()));
    report.wait_for(|report| report.as_ref().is_some_and(|report| report.synced == 1)).await.unwrap();
    shutdown.cancel();
    assert_eq!(running.await.unwrap().unwrap().delivered, 2);
}

#[tokio::test(start_paused = true)]
async fn a_source_that_cannot_work_ends_the_link() {
    let failure = SourceFailure { kind: FailureKind::NotAuthorized, message: "wrong password".to_owned(), cause: None };
    let Stage1 { parts, .. } = parts(Vec::new(), Err(failure), willing(1), paper());
    assert!(matches!(run(parts, options()).await, Err(RunFailure::Source(_))));
}

#[tokio::test(start_paused = true)]
async fn rules_that_do_not_fit_end_the_link_at_the_first_snapshot() {
    let Stage1 { mut parts, .. } = parts(vec![first_snapshot(1)], Ok(()), willing(1), paper());
    let text = "[[rule]]\nname = \"x\"\nwhen = { message = \"Nowhere\" }\npresence = \"Busy\"\n";
    parts.check_rules = Box::new(move |catalogue| {
        let own = [mapping::Source { name: "rules.toml", text }];
        let known = mapping::Known { catalogue: Some(catalogue), definitions: None };
        Rules::compile(mapping::Options { precedence: Precedence::Printed }, &own, known).err().unwrap_or_default()
    });
    let Err(RunFailure::Rules(errors)) = run(parts, options()).await else {
        panic!("the rules name an unknown status")
    };
    assert!(errors[0].to_string().starts_with("rules.toml:3:"), "{}", errors[0]);
}

#[tokio::test(start_paused = true)]
async fn a_cloud_that_hangs_does_not_hold_up_the_end() {
    let mut cloud = willing(1);
    let hang = Arc::new(tokio::sync::Notify::new());
    let hanging = Arc::clone(&hang);
    cloud.expect_deliver().returning(move |_, _| {
        hanging.notify_one();
        answer(Err(Failure::Unavailable { reason: "down".to_owned(), maybe_applied: false }))
    });
    let Stage1 { parts, shutdown, .. } = parts(vec![first_snapshot(1)], Ok(()), cloud, paper());
    let running = tokio::spawn(run(parts, options()));
    hang.notified().await;
    let stopping = tokio::time::Instant::now();
    shutdown.cancel();
    running.await.unwrap().unwrap();
    assert!(stopping.elapsed() <= Duration::from_secs(5), "{:?}", stopping.elapsed());
}
