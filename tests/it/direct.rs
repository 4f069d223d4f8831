//! Direct delivery: what an organisation without the right to inject events gets, and what it cannot get.

use std::collections::{BTreeMap, BTreeSet};

use domain::change::{Facet, Value};
use domain::ids::ChangeId;
use genesys_cloud::{Delivery, OAuthClient};
use replicator::engine::SyncState;
use replicator::ports::{Entry, Fact, Stage};
use simulator::cloud::{Command, INJECTION, Kind, Truth, system_presence};
use simulator::population::Person;
use simulator::{Simulation, icws};
use uuid::Uuid;

use crate::day::{Passed, pass};
use crate::harness::inside::Inside;
use crate::harness::{Bridge, Simulators, until};
use crate::oracle::{self, follows};

/// How the reason begins for which the journal says that a routing status was not told.
const NOT_SUPPORTED: &str = "not supported by direct delivery: ";

/// Times real time: what rests for a minute is back within seconds.
const SPEED: f64 = 20.0;

/// Quiet simulators, everybody Available.
async fn quiet(agents: usize) -> Simulation {
    let any = || "127.0.0.1:0".parse().unwrap();
    let options = simulator::Options {
        icws: any(),
        cloud: any(),
        agents,
        seed: 5,
        speed: SPEED,
        idle: true,
        rate: 300,
        day: simulator::day::FULL,
    };
    Simulation::start(options).await.unwrap()
}

/// The same for an OAuth client that may not inject events, with a link that is in step.
async fn quiet_and_direct(agents: usize) -> (Simulation, Inside) {
    let simulation = quiet(agents).await;
    simulation.cloud.org().withhold(&INJECTION).await.unwrap();
    let link = Inside::start(&simulation, |_| {}).await;
    assert_eq!(link.delivery, Delivery::Direct);
    link.in_step(agents).await;
    (simulation, link)
}

async fn everybody(simulation: &Simulation, status: &str) {
    let people = simulation.people().iter();
    let actions = people.map(|person| icws::Action::status(&person.user_id, status)).collect();
    simulation.icws.system().act(actions).await.unwrap();
}

async fn command(simulation: &Simulation, command: Command) {
    simulation.cloud.org().command(command).await.unwrap().unwrap();
}

async fn cloud(simulation: &Simulation) -> Truth {
    simulation.cloud.org().truth().await.unwrap()
}

/// Waits until all of these people show a presence.
async fn all_show(simulation: &Simulation, people: &[Person], presence: &str) {
    until(&format!("{presence} of all"), || async {
        let truth = cloud(simulation).await;
        let shows = |person: &Person| truth.users[&person.cloud_user.0].presence.system == presence;
        people.iter().all(shows).then_some(())
    })
    .await;
}

/// What the journal says could not be told, by agent and in order.
fn untold(entries: &[Entry]) -> BTreeMap<String, Vec<String>> {
    let mut recorded: BTreeMap<ChangeId, Value> = BTreeMap::new();
    let mut untold: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for entry in entries {
        let Fact::Change { agent, change: id, stage } = &entry.fact else { continue };
        match stage {
            Stage::Recorded(change) => drop(recorded.insert(*id, change.to)),
            Stage::Dropped { reason } => {
                if let Some(status) = reason.strip_prefix(NOT_SUPPORTED) {
                    assert_eq!(recorded[id].to_string(), status, "{agent}: {reason}");
                    untold.entry(agent.to_string()).or_default().push(status.to_owned());
                }
            }
            Stage::Attempted(_) | Stage::Resumed => {}
        }
    }
    untold
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_working_day_is_delivered_directly_and_what_could_not_be_is_listed_by_an_independent_account() {
    let Passed { icws, cloud, people, delivery, entries, report } = pass(60, &INJECTION).await;
    assert_eq!(delivery, Delivery::Direct, "chosen because events are not permitted");
    let days = oracle::days(&icws);
    let listed = untold(&entries);
    let (mut expected, mut momentary) = (0, 0);
    for person in &people {
        let (day, shown) = (&days[&person.user_id], &cloud.users[&person.cloud_user.0]);
        let presence = day.presences.last().unwrap().0;
        assert_eq!(shown.presence.system, presence, "{}", person.user_id);
        assert_eq!(shown.routing.status, follows(presence), "{}", person.user_id);
        assert_eq!(shown.out_of_office.active, day.out_of_office, "{}", person.user_id);
        assert_eq!(shown.primary_source, "PURECLOUD", "{}", person.user_id);
        let could_not = listed.get(&person.user_id.to_lowercase()).map_or(&[][..], Vec::as_slice);
        momentary += beside(could_not, day).expect(&person.user_id);
        expected += day.untold.len();
        written_in_order(&cloud, person, &day.presences);
    }
    assert!(expected > people.len() * 10, "a day with something in it: {expected}");
    assert_eq!(usize::try_from(report.not_supported).unwrap(), expected + momentary);
    assert_eq!((cloud.throttled, cloud.events.len()), (0, 0));
    assert!(cloud.busiest_minute <= 300, "{}", cloud.busiest_minute);
}

/// How many entries are listed beside those that are expected, in their order; `None` where one is missing, or where one
/// stands beside that is no IDLE of an agent who declined just then.
fn beside(listed: &[String], day: &oracle::Day) -> Option<usize> {
    let mut declined = day.declined.clone();
    let (mut place, mut beside) = (0, 0);
    for status in listed {
        if day.untold.get(place) == Some(&status.as_str()) {
            place += 1;
        } else {
            let moment = declined.iter().position(|declined| *declined == place).filter(|_| status == "IDLE")?;
            declined.remove(moment);
            beside += 1;
        }
    }
    (place == day.untold.len()).then_some(beside)
}

/// What was written is what the agent had, in that order: some of it may have been overtaken, and nothing went back.
fn written_in_order(cloud: &Truth, person: &Person, had: &[(&'static str, jiff::Timestamp)]) {
    let mut had = had.iter().map(|(presence, _)| *presence);
    let of = |write: &&simulator::cloud::DirectWrite| write.kind == Kind::Presence && write.user == person.cloud_user.0;
    for write in cloud.direct_writes.iter().filter(of) {
        let name = system_presence(write.value.parse().unwrap()).unwrap().name();
        assert!(had.any(|presence| presence == name), "{}: {name} was written too late", person.user_id);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sandbox_without_events_is_an_organisation_that_is_delivered_to_directly() {
    let simulators = Simulators::start(&["--idle", "--agents", "2", "--without-events"]).await;
    let mut bridge = Bridge::start(&simulators, "");
    bridge.logs("everybody is in step").await;
    let users = simulators.users().await;
    simulators.status(&users[0].agent, "In a meeting").await;
    simulators.shows(&users[0], "Meeting", "OFF_QUEUE").await;
    let truth = simulators.cloud_truth().await;
    assert_eq!(truth["events"].as_array().map(Vec::len), Some(0));
    let log = bridge.log();
    assert!(log.contains("INTERACTING, COMMUNICATING"), "what it cannot do is said: {log}");
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_user_whom_the_presence_service_does_not_know_holds_up_nobody_else() {
    let (simulation, link) = quiet_and_direct(30).await;
    let (bad, good) = simulation.people().split_first().unwrap();
    let user = bad.cloud_user.0;
    command(&simulation, Command::HideUser { user, hidden: true }).await;
    everybody(&simulation, "In a meeting").await;
    all_show(&simulation, good, "Meeting").await;
    link.reports("one agent in error", |report| report.errors == 1 && report.synced == good.len()).await;
    let agents = link.agents().await;
    let failed: Vec<_> = agents.iter().filter(|agent| agent.state == SyncState::Error).collect();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0].user.map(|id| id.0), Some(user));
    assert!(failed[0].error.as_ref().is_some_and(|error| error.contains("not.found")), "{:?}", failed[0].error);
    command(&simulation, Command::HideUser { user, hidden: false }).await;
    all_show(&simulation, std::slice::from_ref(bad), "Meeting").await;
    link.in_step(30).await;
    link.stop().await;
    simulation.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_who_may_not_be_on_queue_holds_up_nobody_else() {
    let (simulation, link) = quiet_and_direct(20).await;
    everybody(&simulation, "In a meeting").await;
    all_show(&simulation, simulation.people(), "Meeting").await;
    let (bad, good) = simulation.people().split_first().unwrap();
    let user = bad.cloud_user.0;
    command(&simulation, Command::ForbidOnQueue { user, forbidden: true }).await;
    everybody(&simulation, "Available").await;
    all_show(&simulation, good, "On Queue").await;
    link.reports("one agent in error", |report| report.errors == 1 && report.synced == good.len()).await;
    let agents = link.agents().await;
    let error = agents.iter().find_map(|agent| agent.error.clone()).unwrap();
    assert!(error.contains("presence.not.authorized.update.on.queue"), "{error}");
    assert_eq!(cloud(&simulation).await.users[&user].presence.system, "Meeting");
    // Off queue nothing is in the way.
    simulation.icws.system().set_status(&bad.user_id, "At Lunch").await.unwrap();
    all_show(&simulation, std::slice::from_ref(bad), "Break").await;
    link.in_step(20).await;
    link.stop().await;
    simulation.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_is_busy_with_each_user_after_each_write_gets_the_newest_value_all_the_same() {
    let (simulation, link) = quiet_and_direct(20).await;
    command(&simulation, Command::SetBusyTime { milliseconds: 3_000 }).await;
    for status in ["In a meeting", "Available", "At Lunch", "Do Not disturb", "Available", "At a training session"] {
        everybody(&simulation, status).await;
    }
    all_show(&simulation, simulation.people(), "Training").await;
    link.in_step(20).await;
    assert_eq!(link.stop().await.errors, 0);
    simulation.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_did_not_respond_in_genesys_cloud_is_made_idle_and_only_then() {
    let (simulation, link) = quiet_and_direct(2).await;
    let user = simulation.people()[0].cloud_user.0;
    command(&simulation, Command::WriteRouting { user, status: "NOT_RESPONDING".to_owned() }).await;
    until("IDLE again", || async {
        let truth = cloud(&simulation).await;
        let wrote = truth.direct_writes.iter().any(|write| write.kind == Kind::Routing && write.user == user);
        (wrote && truth.users[&user].routing.status == "IDLE").then_some(())
    })
    .await;
    let truth = cloud(&simulation).await;
    assert_eq!(truth.direct_writes.iter().filter(|write| write.kind == Kind::Routing).count(), 1);
    link.stop().await;
    simulation.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_right_to_inject_that_is_lost_switches_presence_off_alone_and_is_taken_up_again() {
    let simulation = quiet(4).await;
    let link = Inside::start(&simulation, |_| {}).await;
    assert_eq!(link.delivery, Delivery::Events);
    link.in_step(4).await;
    let people = simulation.people();
    simulation.cloud.org().withhold(&INJECTION[..1]).await.unwrap();
    simulation.icws.system().set_status(&people[0].user_id, "On Vacation").await.unwrap();
    let report = link.reports("presence is not supported", |report| report.unsupported == [Facet::Presence]).await;
    assert!(report.held_back > 0, "it waits: {report:?}");
    until("out of office and routing status go on", || async {
        let truth = cloud(&simulation).await;
        let shown = &truth.users[&people[0].cloud_user.0];
        (shown.out_of_office.active && shown.routing.status == "OFF_QUEUE").then_some(())
    })
    .await;
    assert_eq!(cloud(&simulation).await.users[&people[0].cloud_user.0].presence.system, "On Queue");
    simulation.cloud.org().withhold(&[]).await.unwrap();
    all_show(&simulation, &people[..1], "Away").await;
    link.reports("supported again", |report| report.unsupported.is_empty() && report.synced == 4).await;
    link.stop().await;
    simulation.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_agent_keeps_its_token_and_each_token_its_budget() {
    let simulation = quiet(40).await;
    simulation.cloud.org().withhold(&INJECTION).await.unwrap();
    let second = OAuthClient { id: "second".to_owned(), secret: "other".into() };
    let client =
        Command::AddClient { id: second.id.clone(), secret: "other".to_owned(), permissions: None, organization: None };
    command(&simulation, client).await;
    let permissions = INJECTION.iter().map(|&name| name.to_owned()).collect();
    command(&simulation, Command::Withhold { permissions, client: Some(second.id.clone()) }).await;
    let link = Inside::start(&simulation, |config| {
        config.clients.push(second);
        config.tokens_per_client = 2;
    })
    .await;
    link.in_step(40).await;
    for (status, presence) in [("In a meeting", "Meeting"), ("Available", "On Queue"), ("On Vacation", "Away")] {
        everybody(&simulation, status).await;
        all_show(&simulation, simulation.people(), presence).await;
    }
    link.in_step(40).await;
    let truth = cloud(&simulation).await;
    let mut tokens: BTreeMap<Uuid, BTreeSet<usize>> = BTreeMap::new();
    let direct = truth.direct_writes.iter().map(|write| (write.user, write.token));
    let office = truth.out_of_office_writes.iter().map(|write| (write.user, write.token));
    for (user, token) in direct.chain(office) {
        tokens.entry(user).or_default().insert(token);
    }
    assert_eq!(tokens.len(), 40);
    assert!(tokens.values().all(|of_user| of_user.len() == 1), "{tokens:?}");
    let used: BTreeSet<usize> = tokens.into_values().flatten().collect();
    assert_eq!(used.len(), 4, "all tokens work: {used:?}");
    let clients: BTreeSet<&str> = used.iter().map(|token| truth.tokens[*token].client.as_str()).collect();
    assert_eq!(clients.len(), 2);
    assert_eq!(truth.throttled, 0);
    assert!(truth.tokens.iter().all(|token| token.busiest_minute <= 300), "{:?}", truth.tokens);
    link.stop().await;
    simulation.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_is_closed_keeps_nobody_of_another_one_waiting() {
    let simulation = quiet(12).await;
    simulation.cloud.org().withhold(&INJECTION).await.unwrap();
    let link = Inside::start(&simulation, |config| config.tokens_per_client = 2).await;
    link.in_step(12).await;
    let of_first: BTreeSet<Uuid> = {
        everybody(&simulation, "In a meeting").await;
        all_show(&simulation, simulation.people(), "Meeting").await;
        let truth = cloud(&simulation).await;
        truth.direct_writes.iter().filter(|write| write.token == 0).map(|write| write.user).collect()
    };
    assert!(!of_first.is_empty() && of_first.len() < 12, "{of_first:?}");
    command(&simulation, Command::CloseToken { token: 0, seconds: 120 }).await;
    everybody(&simulation, "At Lunch").await;
    let (first, others): (Vec<Person>, Vec<Person>) =
        simulation.people().iter().cloned().partition(|person| of_first.contains(&person.cloud_user.0));
    all_show(&simulation, &others, "Break").await;
    let truth = cloud(&simulation).await;
    assert!(first.iter().all(|person| truth.users[&person.cloud_user.0].presence.system == "Meeting"));
    all_show(&simulation, &first, "Break").await;
    link.in_step(12).await;
    link.stop().await;
    simulation.stop().await;
}
