//! What the centre relies on at each port, shown on the real adapters over the simulators.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use domain::change::{Change, Facet, Value};
use domain::ids::{ChangeId, CloudUserId};
use domain::target::{OutOfOffice, Presence, RoutingStatus, SystemPresence};
use genesys_cloud::{Connected, GenesysCloud};
use jiff::Timestamp;
use replicator::ports::{ClaimScope, Clock, Directory, Failure, Order, Sink, Source, SourceEvent, SourceRequest};
use simulator::Simulation;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::harness::PATIENCE;
use crate::harness::adapters::{DayClock, source, target};

async fn simulation(agents: usize) -> (Simulation, Arc<dyn Clock>) {
    let any = || "127.0.0.1:0".parse().unwrap();
    let day = simulator::day::FULL;
    let options =
        simulator::Options { icws: any(), cloud: any(), agents, seed: 1, speed: 1.0, idle: true, rate: 300, day };
    let simulation = Simulation::start(options).await.unwrap();
    let clock = Arc::new(DayClock(simulation.clock));
    (simulation, clock)
}

async fn next(events: &mut mpsc::Receiver<SourceEvent>) -> SourceEvent {
    tokio::time::timeout(PATIENCE, events.recv()).await.expect("an event in time").expect("the source runs")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_source_begins_with_a_snapshot_and_so_does_every_new_connection() {
    let (simulation, clock) = simulation(5).await;
    let source = Box::new(source(&simulation, &simulation.announcement(), clock));
    let (events_in, mut events) = mpsc::channel(64);
    let (requests, requests_out) = mpsc::channel(1);
    let stop = CancellationToken::new();
    let running = tokio::spawn(source.run(events_in, requests_out, stop.clone()));

    let SourceEvent::Snapshot { snapshot, .. } = next(&mut events).await else { panic!("the snapshot comes first") };
    assert_eq!((snapshot.agents.len(), snapshot.statuses.len()), (5, 5));
    let agent = snapshot.agents[0].id.clone();

    simulation.icws.system().set_status(agent.as_str(), "At Lunch").await.unwrap();
    assert!(matches!(next(&mut events).await, SourceEvent::Changed(batch) if batch.updates.len() == 1));

    requests.send(SourceRequest::Resync).await.unwrap();
    let SourceEvent::Snapshot { snapshot, .. } = next(&mut events).await else { panic!("asked for") };
    assert!(snapshot.statuses.iter().any(|(who, status)| *who == agent && status.status.as_str() == "At Lunch"));

    simulation.icws.system().inject(simulator::icws::Fault::KillSession).await;
    assert!(matches!(next(&mut events).await, SourceEvent::Lost { .. }));
    assert!(matches!(next(&mut events).await, SourceEvent::Snapshot { .. }));

    stop.cancel();
    assert!(tokio::time::timeout(Duration::from_secs(5), running).await.unwrap().unwrap().is_ok());
    simulation.stop().await;
}

fn order(user: CloudUserId, number: u128, to: Value) -> Order {
    let id = ChangeId(uuid::Builder::from_random_bytes(number.to_be_bytes()).into_uuid());
    let now = Timestamp::now();
    let why = "contract".to_owned();
    Order { user, change: Change { id, from: None, to, happened: now, seen: now, why, status: None } }
}

async fn connect(simulation: &Simulation, clock: Arc<dyn Clock>) -> Connected {
    GenesysCloud::connect(target(simulation, &simulation.announcement()), clock).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sink_answers_for_every_change_and_shows_what_it_was_told() {
    let (simulation, clock) = simulation(3).await;
    let cloud = connect(&simulation, clock).await.clouds.remove(0);
    let lanes = cloud.lanes();
    let facets: BTreeSet<Facet> = lanes.iter().map(|lane| lane.facet).collect();
    assert_eq!(facets.len(), lanes.len(), "at most one lane a facet");

    let user = simulation.people()[0].cloud_user;
    let nobody = CloudUserId(uuid::Uuid::from_u128(1));
    let meal = Value::Presence(Presence::of(SystemPresence::Meal));
    let values = [meal, Value::Routing(RoutingStatus::Idle), Value::OutOfOffice(OutOfOffice::On { until: None })];
    assert_eq!(cloud.claim(ClaimScope::User(user)).await.result, Ok(()));
    for (number, value) in (1..).zip(values) {
        let lane = *lanes.iter().find(|lane| lane.facet == value.facet()).unwrap();
        let answer = cloud.deliver(lane, vec![order(user, number, value)]).await;
        assert!(answer.requests == 1 && answer.quota.is_some() && answer.correlation.is_some(), "{answer:?}");
        assert!(answer.result.unwrap().iter().all(|(_, outcome)| outcome.is_ok()));
    }
    let presence = *lanes.iter().find(|lane| lane.facet == Facet::Presence).unwrap();
    let batch = vec![order(user, 1, meal), order(nobody, 9, meal)];
    let outcomes = cloud.deliver(presence, batch).await.result.unwrap();
    assert_eq!(outcomes.len(), 2, "each change has its outcome");
    assert_eq!(outcomes[0].1, Ok(()), "the same again is accepted");
    assert!(matches!(outcomes[1].1, Err(Failure::Refused { .. })), "{outcomes:?}");

    let observed = cloud.observe(vec![user]).await.result.unwrap().remove(0);
    assert_eq!(observed.ours, Some(true));
    assert_eq!(observed.presence.map(|seen| Value::Presence(seen.value)), Some(values[0]));
    assert_eq!(observed.routing.map(|seen| Value::Routing(seen.value)), Some(values[1]));
    assert_eq!(observed.out_of_office.map(|seen| Value::OutOfOffice(seen.value)), Some(values[2]));
    cloud.close().await;
    simulation.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_directory_names_every_user_once() {
    let (simulation, clock) = simulation(230).await;
    let cloud = connect(&simulation, clock).await.clouds.remove(0);
    let (mut users, mut page) = (BTreeSet::new(), Some(1));
    while let Some(number) = page {
        let read = cloud.users(number).await.result.unwrap();
        for user in read.users {
            assert!(users.insert(user.id), "{} twice", user.name);
        }
        page = read.next;
    }
    assert!(simulation.people().iter().all(|person| users.contains(&person.cloud_user)));
    cloud.close().await;
    simulation.stop().await;
}
