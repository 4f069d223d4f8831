//! Large answers: every agent arrives as the engine described it, and whoever reads slowly holds up nobody.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::LazyLock;

use domain::change::Value;
use domain::ids::{AgentId, CloudUserId, InteractionId, StatusId};
use domain::source::{self, Interaction, Involvement};
use domain::target::{OutOfOffice, Presence, RoutingStatus, SystemPresence};
use replicator::Command;
use replicator::engine::{AgentReport, Confirmation, Engine, Report, SyncState, Unmatched};

use super::super::told::{Agent, Reason, State, Values};
use super::super::{Answer, agents, catalogue, confirm};
use super::Office;
use crate::config;

/// A report of an engine that has seen nothing yet.
static REPORT: LazyLock<Report> = LazyLock::new(|| {
    let imagined = config::imagine(
        "[pureconnect]\nhosts = [\"cic\"]\nuser = \"u\"\npassword = { env = \"P\" }\n[genesys_cloud]\n\
         region = \"mypurecloud.de\"\nclient_id = \"c\"\nclient_secret = { env = \"S\" }\n",
    );
    let options = imagined.unwrap().link(None).unwrap().options.clone();
    let rules = crate::rules::compile(
        mapping::Options { precedence: mapping::Precedence::Printed },
        None,
        crate::rules::OFFLINE,
    );
    Engine::new(options, rules.unwrap(), &[]).report("2026-03-02T08:00:00Z".parse().unwrap())
});

fn agent(number: usize) -> AgentReport {
    let at = |text: &str| text.parse().unwrap();
    AgentReport {
        agent: AgentId::new(&format!("Agent.{number:06}")),
        display_name: format!("Agent \"{number}\"\nExample"),
        email: Some(format!("agent.{number}@example.com")),
        workgroups: ["Sales", "Support"].map(Into::into).into(),
        user: Some(CloudUserId(uuid::Uuid::from_u128(number as u128))),
        state: SyncState::Synced,
        status: Some(source::UserStatus {
            status: StatusId::new("AtLunch"),
            since: Some(at("2026-03-02T08:00:00Z")),
            logged_in: true,
            until: None,
        }),
        message: Some(source::StatusMessage {
            id: StatusId::new("AtLunch"),
            text: "At Lunch".to_owned(),
            group: "Break".to_owned(),
            allows_acd: false,
            after_call_work: false,
            do_not_disturb: true,
        }),
        unknown_status: false,
        logged_in: true,
        entered: Some(at("2026-03-02T08:00:01Z")),
        rule: Some("break".to_owned()),
        wanted: [
            Some(Value::Presence(Presence::of(SystemPresence::Break))),
            Some(Value::Routing(RoutingStatus::Interacting)),
            Some(Value::OutOfOffice(OutOfOffice::On { until: Some(at("2026-03-03T00:00:00Z")) })),
        ],
        told: [Some(Value::Presence(Presence::of(SystemPresence::OnQueue))), None, None],
        pending: 1,
        pending_off_queue: true,
        interactions: vec![Interaction {
            id: InteractionId::new("c1"),
            involvement: Involvement::Connected,
            acd: true,
            since: None,
        }],
        not_shown: Some(RoutingStatus::Interacting),
        error: None,
        last_success: Some(at("2026-03-02T08:00:02Z")),
    }
}

/// A loop with this many agents, one status message, and nothing frozen.
fn obey<const AGENTS: usize>(command: Command) {
    // Whoever asked may have gone.
    match command {
        Command::Report(told) => drop(told.send(REPORT.clone())),
        Command::Agents(_, told) => drop(told.send((0..AGENTS).map(agent).collect())),
        Command::Catalogue(told) => drop(told.send(agent(0).message.into_iter().collect())),
        Command::Confirm(told) => drop(told.send(Confirmation::NothingFrozen)),
        Command::Rules(_) | Command::Renew(..) | Command::Reload(..) => panic!("nobody asked for it"),
    }
}

/// What the socket says of one agent.
async fn of_one(obey: fn(Command)) -> Agent {
    let mut links = Office::of_one(obey).open(|path| agents(&path, None).unwrap()).await;
    links.remove(0).agents.remove(0)
}

#[tokio::test]
async fn an_agent_arrives_as_the_engine_described_it() {
    let told = of_one(obey::<1>).await;
    assert_eq!((told.agent.as_str(), told.name.as_str()), ("Agent.000000", "Agent \"0\"\nExample"));
    assert_eq!(
        (told.email.as_deref(), told.user.as_deref()),
        (Some("agent.0@example.com"), Some("00000000-0000-0000-0000-000000000000"))
    );
    assert_eq!(told.workgroups, ["Sales", "Support"]);
    assert_eq!((told.state, told.reason, told.error), (State::Synced, None, None));
    assert_eq!(told.message.as_ref().map(source::StatusMessage::from), agent(0).message);
    let status = told.status.unwrap();
    assert_eq!((status.id.as_str(), status.logged_in, status.until), ("AtLunch", true, None));
    assert_eq!(status.since, agent(0).status.unwrap().since);
    assert_eq!((told.logged_in, told.rule.as_deref(), told.pending), (true, Some("break"), 1));
    assert_eq!(told.told, Values { presence: Some("On Queue".to_owned()), ..Values::default() });
    assert_eq!(told.wanted.routing.as_deref(), Some("INTERACTING"));
    let office = told.wanted.out_of_office.unwrap();
    assert!(office.active && office.until == Some("2026-03-03T00:00:00Z".parse().unwrap()));
    let call = &told.interactions[0];
    assert_eq!((call.id.as_str(), call.involvement.as_str(), call.acd), ("c1", "connected", true));
    assert_eq!((told.pending_off_queue, told.not_shown.as_deref()), (true, Some("INTERACTING")));
    assert_eq!((told.last_success, told.entered), (agent(0).last_success, agent(0).entered));
}

#[tokio::test]
async fn every_reason_has_its_name() {
    fn one(state: SyncState, error: Option<&str>) -> Vec<AgentReport> {
        vec![AgentReport { state, error: error.map(str::to_owned), ..agent(0) }]
    }
    fn say(command: Command, agents: Vec<AgentReport>) {
        match command {
            Command::Agents(_, told) => told.send(agents).unwrap(),
            other => obey::<0>(other),
        }
    }
    let refused = of_one(|command| say(command, one(SyncState::Error, Some("409 conflict")))).await;
    assert_eq!((refused.state, refused.reason), (State::Error, Some(Reason::Refused)));
    let unknown = of_one(|command| say(command, one(SyncState::Error, None))).await;
    assert_eq!((unknown.state, unknown.reason), (State::Error, Some(Reason::UnknownStatus)));
    let shared = of_one(|command| say(command, one(SyncState::NotSynced(Unmatched::Shared), None))).await;
    assert_eq!((shared.state, shared.reason), (State::NotSynced, Some(Reason::Shared)));
    let names = Unmatched::ALL.map(|why| serde_json::to_value(console::shown::convert::reason_of(why)).unwrap());
    assert_eq!(
        names.map(|name| name.as_str().unwrap().to_owned()),
        ["no-email", "no-such-user", "several-users", "inactive", "shared"]
    );
}

#[tokio::test]
async fn the_catalogue_arrives_as_it_is() {
    let told = Office::of_one(obey::<0>).open(|path| catalogue(&path, None).unwrap()).await;
    assert_eq!(told, agent(0).message.into_iter().collect());
}

#[tokio::test]
async fn an_answer_is_as_long_as_it_has_to_be() {
    const MANY: usize = 20_000;
    let office = Office { links: vec!["north", "south"], ..Office::of_one(obey::<MANY>) };
    let links = office.open(|path| agents(&path, None).unwrap()).await;
    for (part, name) in links.iter().zip(["north", "south"]) {
        assert_eq!((part.link.name.as_str(), part.agents.len()), (name, MANY));
        assert_eq!(part.agents[MANY - 1].agent, "Agent.019999");
        assert_eq!(part.link.report.as_ref().unwrap().at, REPORT.at);
    }
}

#[tokio::test]
async fn whoever_reads_slowly_holds_up_nobody_and_is_left_in_the_end() {
    let (others, rest) = Office::of_one(obey::<20_000>)
        .open(|path| {
            let mut slow = UnixStream::connect(&path).unwrap();
            slow.write_all(b"{\"command\":\"agents\"}\n").unwrap();
            let others = [confirm(&path, None).unwrap(), confirm(&path, None).unwrap()];
            // The bridge's end is closed when it has waited long enough: only then a word to it fails.
            while slow.write_all(b"\n").is_ok() {
                std::thread::yield_now();
            }
            let mut rest = Vec::new();
            let _ = slow.read_to_end(&mut rest);
            (others, rest)
        })
        .await;
    assert_eq!(others, [Answer::NothingFrozen, Answer::NothingFrozen]);
    assert!(!String::from_utf8_lossy(&rest).contains("complete"), "it was left before the end");
}
