//! How an agent stands, as people read it.

use domain::ids::{AgentId, StatusId};
use mapping::{Options, Precedence, Rules, default_catalogue};

use super::agent::AgentAnswer;
use super::answer::Answer;
use crate::catalogue::LiveAgent;
use crate::control::told::{Agent, Interaction, OutOfOffice, Reason, State, Status, Values};

fn at(time: &str) -> Option<jiff::Timestamp> {
    Some(format!("2026-03-02T{time}Z").parse().unwrap())
}

fn interaction(involvement: &str, acd: bool) -> Interaction {
    Interaction { id: "1".to_owned(), involvement: involvement.to_owned(), acd, since: None }
}

fn shown(presence: &str, routing: &str) -> Values {
    Values { presence: Some(presence.to_owned()), routing: Some(routing.to_owned()), ..Values::default() }
}

fn told() -> Agent {
    Agent {
        agent: "jane.doe".to_owned(),
        name: "Jane Doe".to_owned(),
        email: Some("jane@example.com".to_owned()),
        workgroups: vec!["Sales".to_owned(), "Service".to_owned()],
        user: Some("00000000-0000-0000-0000-000000000007".to_owned()),
        state: State::Synced,
        reason: None,
        error: None,
        status: Some(Status {
            id: "At Lunch".to_owned(),
            since: at("11:59:58"),
            until: at("13:00:00"),
            logged_in: true,
        }),
        message: None,
        logged_in: true,
        rule: Some("vendor row 3: Break".to_owned()),
        wanted: shown("Break", "INTERACTING"),
        told: shown("Break", "INTERACTING"),
        pending: 0,
        pending_off_queue: true,
        interactions: vec![
            interaction("connected", true),
            interaction("connected", false),
            interaction("alerting", true),
        ],
        not_shown: None,
        last_success: at("12:00:01"),
        entered: at("12:00:00"),
    }
}

fn text(told: Agent) -> String {
    let agent = LiveAgent {
        id: AgentId::new(&told.agent),
        name: told.name.clone(),
        email: told.email.clone(),
        workgroups: told.workgroups.clone(),
        status: told.status.clone(),
        logged_in: told.logged_in,
        replicated: Some(Box::new(told)),
    };
    answer(&agent).text()
}

fn answer(agent: &LiveAgent) -> AgentAnswer<'_> {
    let rules = Rules::built_in(Options { precedence: Precedence::Printed });
    let catalogue = default_catalogue();
    let message = agent.status.as_ref().and_then(|status| catalogue.get(&StatusId::new(&status.id)));
    let meaning = message.map(|message| Answer::new(&rules, message.clone(), false, Precedence::Printed));
    AgentAnswer { agent, meaning }
}

#[test]
fn an_agent_at_lunch_with_calls_that_go_on() {
    insta::assert_snapshot!(text(told()));
}

#[test]
fn what_is_in_the_way_is_told() {
    let refused = Agent {
        state: State::Error,
        reason: Some(Reason::Refused),
        error: Some("403: missing permission".to_owned()),
        pending: 2,
        told: Values { out_of_office: Some(OutOfOffice { active: true, until: None }), ..shown("Away", "OFF_QUEUE") },
        not_shown: Some("INTERACTING".to_owned()),
        ..told()
    };
    let text = text(refused);
    for words in [
        "Error: Genesys Cloud refused something",
        "403: missing permission",
        "2 changes",
        "Away, OFF_QUEUE, out of office",
        "direct delivery cannot tell it",
    ] {
        assert!(text.contains(words), "{words} is missing in:\n{text}");
    }
}

#[test]
fn an_agent_without_a_user_or_with_an_unknown_status_is_told_as_such() {
    let nobody =
        Agent { state: State::NotSynced, reason: Some(Reason::NoEmail), user: None, last_success: None, ..told() };
    let words = text(nobody);
    assert!(words.contains("Not synced: no e-mail address") && words.contains("never"), "{words}");
    let status = Status { id: "Deleted".to_owned(), since: None, until: None, logged_in: true };
    let unknown = text(Agent { status: Some(status), ..told() });
    assert!(unknown.contains("Deleted, which is not in the list of status messages"), "{unknown}");
    assert!(!unknown.contains("because"), "no meaning is made up: {unknown}");
}

#[test]
fn a_rule_that_the_bridge_does_not_use_yet_is_told() {
    let other = text(Agent { rule: Some("lunch".to_owned()), ..told() });
    assert!(other.contains("the running bridge decided by lunch") && other.contains("reload"), "{other}");
    // Who is logged out is Offline whatever the rules say.
    let offline = text(Agent { rule: Some("logged out".to_owned()), logged_in: false, ..told() });
    assert!(!offline.contains("reload"), "{offline}");
}
