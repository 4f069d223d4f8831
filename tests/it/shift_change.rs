//! A shift change over real sockets: everybody comes from home within a minute, two of five go on queue. Says how long it
//! takes until all are in step, beside the floor of one token; that no request is refused is what is asserted here, the
//! time where it is virtual (`replicator`).

use std::time::Duration;

use genesys_cloud::Delivery;
use simulator::cloud::INJECTION;
use simulator::{Simulation, icws};

use crate::harness::inside::Inside;
use crate::harness::{until, within};

const AGENTS: usize = 1_000;

/// Times real time.
const SPEED: f64 = 30.0;

async fn at_home() -> Simulation {
    let any = || "127.0.0.1:0".parse().unwrap();
    let options = simulator::Options {
        icws: any(),
        cloud: any(),
        agents: AGENTS,
        seed: 11,
        speed: SPEED,
        idle: true,
        rate: 300,
        day: simulator::day::FULL,
    };
    let simulation = Simulation::start(options).await.unwrap();
    let people = simulation.people().iter();
    let home = people.map(|person| icws::Action::status(&person.user_id, "Gone Home")).collect();
    simulation.icws.system().act(home).await.unwrap();
    simulation
}

/// Lets them come, and waits until all are in step; returns the simulated time that it took.
async fn come(simulation: &Simulation, link: &Inside) -> Duration {
    let people = simulation.people();
    let begin = simulation.clock.elapsed();
    for second in 0..60 {
        simulation.clock.sleep_until(begin + Duration::from_secs(second)).await;
        let now = (0..people.len()).filter(|number| number % 60 == usize::try_from(second).unwrap());
        let status = |number: usize| if number % 5 < 2 { "Available" } else { "At Lunch" };
        let actions = now.map(|number| icws::Action::status(&people[number].user_id, status(number))).collect();
        simulation.icws.system().act(actions).await.unwrap();
    }
    within(Duration::from_secs(300), "everybody in step", || async {
        let shown = simulation.cloud.org().truth().await.ok()?;
        let is_home = |person: &simulator::population::Person| {
            ["Away", "Offline"].contains(&shown.users[&person.cloud_user.0].presence.system.as_str())
        };
        (!people.iter().any(is_home)).then_some(())
    })
    .await;
    let taken = simulation.clock.elapsed() - begin;
    link.in_step(AGENTS).await;
    taken
}

/// Returns how long it took, in words.
async fn told(simulation: &Simulation, delivery: Delivery, requests: usize) -> String {
    let link = Inside::start(simulation, |_| {}).await;
    assert_eq!(link.delivery, delivery);
    link.in_step(AGENTS).await;
    // What the first synchronisation used up counts no more.
    let rested = simulation.clock.elapsed() + Duration::from_secs(120);
    until("a fresh budget", || async { (simulation.clock.elapsed() > rested).then_some(()) }).await;
    let taken = come(simulation, &link).await.as_secs_f64();
    let floor = f64::from(u32::try_from(requests).unwrap() * 60).max(60.0 * 300.0) / 300.0;
    let truth = simulation.cloud.org().truth().await.unwrap();
    assert_eq!(truth.throttled, 0);
    assert!(truth.busiest_minute <= 300, "{}", truth.busiest_minute);
    link.stop().await;
    format!("{delivery:?}: {taken:.1} s of the simulation, floor {floor:.1} s, {:.3} times", taken / floor)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_is_in_step_without_a_429_by_events() {
    let simulation = at_home().await;
    println!("{}", told(&simulation, Delivery::Events, 2 * AGENTS.div_ceil(100)).await);
    simulation.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_is_in_step_without_a_429_directly() {
    let simulation = at_home().await;
    simulation.cloud.org().withhold(&INJECTION).await.unwrap();
    let (on_queue, others) = (AGENTS * 2 / 5, AGENTS * 3 / 5);
    println!("{}", told(&simulation, Delivery::Direct, on_queue + others.div_ceil(50)).await);
    simulation.stop().await;
}
