//! A whole working day: both simulators and the bridge on one scaled clock, every byte over real sockets. At the end both
//! sides are equal, and every transition has arrived once, in order, with its own time.

use std::time::Duration;

use domain::change::Facet;
use genesys_cloud::Delivery;
use replicator::engine::Report;
use replicator::ports::Entry;
use serde_json::Value;
use simulator::cloud::{Effectiveness, EventTruth, Kind};
use simulator::population::Person;
use simulator::{Simulation, cloud, icws};

use crate::harness::inside::Inside;
use crate::harness::{presence_bridge, until, within};
use crate::oracle;

/// Simulated seconds that a time may be off: PureConnect counts whole ones, and at this speed a millisecond is one
/// fifth of one.
const SPEED: f64 = 300.0;

/// What a day comes to, by the accounts of both sides and of the link.
pub struct Passed {
    pub icws: icws::Truth,
    pub cloud: cloud::Truth,
    pub people: Vec<Person>,
    pub delivery: Delivery,
    pub entries: Vec<Entry>,
    pub report: Report,
}

/// Lets a day pass with an OAuth client that lacks these permissions.
pub async fn pass(agents: usize, withheld: &[&str]) -> Passed {
    let any = || "127.0.0.1:0".parse().unwrap();
    let options_of_day = simulator::Options {
        icws: any(),
        cloud: any(),
        agents,
        seed: 3,
        speed: SPEED,
        idle: false,
        rate: 300,
        day: simulator::day::FULL,
    };
    let mut simulation = Simulation::start(options_of_day).await.unwrap();
    simulation.cloud.org().withhold(withheld).await.unwrap();
    let link = Inside::start(&simulation, |_| {}).await;
    link.in_step(agents).await;
    simulation.begin_day();
    within(Duration::from_secs(600), "the end of the day", || async { simulation.is_day_over().then_some(()) }).await;
    until("both sides at rest", || async {
        let truth = simulation.icws.system().truth(0).await?;
        let rest = SPEED * 2.0;
        let last = truth.log.last()?.at;
        let report = link.report()?;
        let at_rest = report.synced == agents && report.backlog == 0;
        (truth.now.duration_since(last).as_secs_f64() > rest && at_rest).then_some(())
    })
    .await;
    let icws = simulation.icws.system().truth(0).await.unwrap();
    let cloud = simulation.cloud.org().truth().await.unwrap();
    let (delivery, entries) = (link.delivery, link.entries());
    let report = link.stop().await;
    let people = simulation.people().to_vec();
    simulation.stop().await;
    Passed { icws, cloud, people, delivery, entries, report }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_working_day_ends_with_both_sides_equal_by_an_independent_account() {
    let Passed { icws, cloud, people, delivery, .. } = pass(60, &[]).await;
    assert_eq!(delivery, Delivery::Events);
    let days = oracle::days(&icws);
    let mut transitions = 0;
    for person in &people {
        let day = &days[&person.user_id];
        let user = person.cloud_user.0;
        let shown = &cloud.users[&user];
        let name = |definition: &str| cloud::system_presence(definition.parse().unwrap()).unwrap().name();
        let told = |kind: Kind| -> Vec<&EventTruth> {
            let of = |event: &&EventTruth| event.user == user && event.kind == kind;
            cloud.events.iter().filter(of).collect()
        };
        let presences = told(Kind::Presence);
        transitions += check(&person.user_id, Facet::Presence, &day.presences, &presences, |event| name(&event.value));
        let routing = told(Kind::Routing);
        transitions += check(&person.user_id, Facet::Routing, &day.routing, &routing, |event| event.value.as_str());
        assert_eq!(shown.presence.system, day.presences.last().unwrap().0, "{}", person.user_id);
        assert_eq!(shown.routing.status, day.routing.last().unwrap().0, "{}", person.user_id);
        assert_eq!(shown.out_of_office.active, day.out_of_office, "{}", person.user_id);
    }
    assert!(transitions > people.len() * 50, "a day with something in it: {transitions}");
    assert_eq!(cloud.throttled, 0);
    assert!(cloud.busiest_minute <= 300, "{}", cloud.busiest_minute);
}

/// What was told of one facet is what happened, once, in order, with its own times.
fn check<'a>(
    user: &str,
    facet: Facet,
    happened: &[(&'static str, jiff::Timestamp)],
    told: &[&'a EventTruth],
    value: impl Fn(&'a EventTruth) -> &'a str,
) -> usize {
    assert!(told.iter().all(|event| event.effectiveness == Effectiveness::Applied), "{user}: {facet}");
    // What the organisation showed already at the start need not be told.
    let skip = usize::from(told.len() + 1 == happened.len());
    let happened = &happened[skip..];
    let values: Vec<&str> = told.iter().map(|event| value(event)).collect();
    assert_eq!(values, happened.iter().map(|(value, _)| *value).collect::<Vec<_>>(), "{user}: {facet}");
    for ((_, at), event) in happened.iter().zip(told).skip(1) {
        // One second of PureConnect's, and half a second of this computer's at the day's speed.
        let most = 1.0 + 0.5 * SPEED;
        let error = event.happened.duration_since(*at).abs().as_secs_f64();
        assert!(error <= most, "{user}: {facet}: {error} s");
    }
    assert!(told.windows(2).all(|two| two[0].happened < two[1].happened), "{user}: {facet}: in order");
    told.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_ends_with_nobody_differing_and_says_so_in_json() {
    let arguments = ["demo", "--agents", "40", "--speed", "240", "--exit-after", "4h", "--json"];
    let finished = presence_bridge(&arguments).await;
    assert_eq!(finished.code, Some(0), "{}\n{}", finished.stdout, finished.stderr);
    let summary: Value = serde_json::from_str(finished.stdout.lines().last().unwrap()).unwrap();
    assert_eq!(summary["agents"], 40, "{summary}");
    for key in ["agents_differ", "lost", "invented", "out_of_order", "throttled"] {
        assert_eq!(summary[key], 0, "{key}: {summary}");
    }
    assert!(summary["transitions"].as_u64().unwrap() > 1_500, "{summary}");
    assert!(summary["busiest_minute"].as_u64().unwrap() <= 300, "{summary}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_of_direct_delivery_ends_in_step_and_says_what_cannot_be_transferred() {
    let arguments = ["demo", "--direct", "--agents", "40", "--speed", "240", "--exit-after", "4h", "--json"];
    let finished = presence_bridge(&arguments).await;
    assert_eq!(finished.code, Some(0), "{}\n{}", finished.stdout, finished.stderr);
    let summary: Value = serde_json::from_str(finished.stdout.lines().last().unwrap()).unwrap();
    for key in ["agents_differ", "lost", "invented", "out_of_order", "throttled"] {
        assert_eq!(summary[key], 0, "{key}: {summary}");
    }
    assert_eq!(summary["in_step"], 40, "{summary}");
    assert!(summary["delivered"].as_u64().unwrap() > 300, "{summary}");
    assert!(summary["not_transferable"]["transitions"].as_u64().unwrap() > 1_000, "{summary}");
    assert!(finished.stdout.contains("not transferable:"), "{}", finished.stdout);
}
