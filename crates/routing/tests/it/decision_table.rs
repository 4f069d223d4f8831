//! The whole decision table, to be read by an operator.

use domain::target::RoutingStatus;
use routing::{AfterCallWork, Options, RoutingState, StatusInput};

use crate::scene::{AVAILABLE, Agent, LUNCH};

const STATUSES: [(&str, bool, bool, Option<RoutingStatus>); 4] = [
    ("ordinary", false, false, None),
    ("after call work", true, false, None),
    ("no answer", false, true, None),
    ("rule: NOT_RESPONDING", false, false, Some(RoutingStatus::NotResponding)),
];

const INTERACTIONS: [&str; 6] =
    ["none", "alerting", "ACD connected", "non-ACD connected", "ACD + non-ACD connected", "connected, then ended"];

/// Off queue it matters whether the agent had the interactions when leaving the queue, or got them afterwards.
#[derive(Clone, Copy, PartialEq)]
enum Begun {
    OnQueue,
    OffQueue,
}

fn interact(agent: &mut Agent, interactions: &str) {
    match interactions {
        "none" => {}
        "alerting" => drop(agent.is_offered("call")),
        "ACD connected" | "connected, then ended" => drop(agent.answers("call")),
        "non-ACD connected" => drop(agent.talks_directly("friend")),
        "ACD + non-ACD connected" => {
            agent.answers("call");
            agent.talks_directly("friend");
        }
        other => panic!("{other}"),
    }
}

fn outcome(status: StatusInput, interactions: &str, begun: Begun, after_call_work: AfterCallWork) -> RoutingState {
    let mut agent = Agent::with(Options { after_call_work });
    match begun {
        Begun::OnQueue => {
            agent.enters(AVAILABLE);
            interact(&mut agent, interactions);
            agent.enters(status);
        }
        Begun::OffQueue => {
            agent.enters(LUNCH);
            agent.enters(status);
            interact(&mut agent, interactions);
        }
    }
    if interactions == "connected, then ended" {
        agent.hangs_up("call");
    }
    agent.0.state()
}

fn line(table: &mut String, cells: [&str; 7]) {
    let [presence, status, interactions, begun, routing, pending, idle] = cells;
    let line = format!(
        "{presence:<9} | {status:<20} | {interactions:<23} | {begun:<9} | {routing:<14} | {pending:<7} | {idle}"
    );
    table.push_str(line.trim_end());
    table.push('\n');
}

fn block(table: &mut String, on_queue: bool, begun: Begun) {
    for (kind, after_call_work, no_answer, routing) in STATUSES {
        for interactions in INTERACTIONS {
            if interactions == "none" && begun == Begun::OnQueue && !on_queue {
                continue;
            }
            let status = StatusInput { on_queue, after_call_work, no_answer, routing };
            let state = outcome(status, interactions, begun, AfterCallWork::Interacting);
            let idle = outcome(status, interactions, begun, AfterCallWork::Idle);
            let presence = if on_queue { "On Queue" } else { "other" };
            let begun = match (on_queue, begun, interactions) {
                (true, _, _) | (_, _, "none") => "",
                (false, Begun::OnQueue, _) => "on queue",
                (false, Begun::OffQueue, _) => "off queue",
            };
            let pending = if state.pending_off_queue { "yes" } else { "" };
            let other = if idle == state { "" } else { idle.status.name() };
            let cells = [presence, kind, interactions, begun, state.status.name(), pending, other];
            line(table, cells);
        }
    }
}

#[test]
fn the_decision_table() {
    let mut table = String::new();
    let head =
        ["presence", "status", "interactions", "begun", "routing status", "pending", "after_call_work = \"idle\""];
    line(&mut table, head);
    for (on_queue, begun) in [(true, Begun::OffQueue), (false, Begun::OffQueue), (false, Begun::OnQueue)] {
        table.push('\n');
        block(&mut table, on_queue, begun);
    }
    insta::assert_snapshot!(table);
}
