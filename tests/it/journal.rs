//! What the journal is for: nothing is lost over an end of whatever kind, and everything that was sent is written down.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::harness::{Simulators, User, in_step, until};

/// Genesys Cloud takes nothing, until it heals.
fn outage() -> Value {
    json!({"effect": {"kind": "unavailable"}, "count": u32::MAX})
}

fn time(value: &Value) -> Timestamp {
    value.as_str().unwrap().parse().unwrap()
}

/// The presences that the journal says were decided for an agent: event id, value, time.
fn decided(entries: &[Value], agent: &str) -> Vec<(String, String, Timestamp)> {
    let of_agent = |entry: &&Value| {
        entry["kind"] == "recorded" && entry["facet"] == "presence" && entry["agent"].as_str() == Some(agent)
    };
    let text = |entry: &Value, key: &str| entry[key].as_str().unwrap().to_owned();
    let one = |entry: &Value| (text(entry, "subject"), text(entry, "to"), time(&entry["happened"]));
    entries.iter().filter(of_agent).map(one).collect()
}

/// The presence events that arrived for a user and took effect: event id, time.
async fn arrived(simulators: &Simulators, user: &User) -> Vec<(String, Timestamp)> {
    let events = simulators.events(user, "presence").await;
    let applied = events.iter().filter(|event| event["effectiveness"] == "applied");
    applied.map(|event| (event["id"].as_str().unwrap().to_owned(), time(&event["happened"]))).collect()
}

const MORNING: [(&str, &str); 4] =
    [("In a meeting", "Meeting"), ("At Lunch", "Break"), ("Available", "On Queue"), ("Gone Home", "Away")];

/// Genesys Cloud takes nothing for a while; the bridge ends meanwhile, and is started again when all is well.
async fn over_an_end_in_an_outage(orderly: bool) {
    let (simulators, mut bridge, users) = in_step(3, "").await;
    simulators.cloud_fault(outage()).await;
    for (round, (status, _)) in MORNING.iter().enumerate() {
        for user in &users {
            simulators.status(&user.agent, status).await;
        }
        until("each change in the journal", || async {
            let entries = bridge.entries().await;
            users.iter().all(|user| decided(&entries, &user.agent).len() == round + 2).then_some(())
        })
        .await;
    }
    let before = bridge.entries().await;
    if orderly {
        let stopping = Instant::now();
        assert_eq!(bridge.halt().await.code, Some(0));
        assert!(stopping.elapsed() < Duration::from_secs(5), "{:?}", stopping.elapsed());
    } else {
        bridge.kill().await;
    }
    simulators.status(&users[0].agent, "In a meeting").await;
    let back = Timestamp::now();
    simulators.cloud_heals().await;
    bridge.restart();
    simulators.shows(&users[0], "Meeting", "OFF_QUEUE").await;
    for user in &users[1..] {
        simulators.shows(user, "Away", "OFF_QUEUE").await;
    }
    bridge.logs("everybody is in step").await;
    for user in &users {
        let decided = decided(&before, &user.agent);
        let values: Vec<&str> = decided.iter().map(|(_, value, _)| value.as_str()).collect();
        assert_eq!(values, ["On Queue", "Meeting", "Break", "On Queue", "Away"], "{}", user.agent);
        let wanted: Vec<(String, Timestamp)> = decided.into_iter().map(|(id, _, happened)| (id, happened)).collect();
        let arrived = arrived(&simulators, user).await;
        assert_eq!(arrived[..wanted.len()], wanted, "{}: the same ids, times and order", user.agent);
        own_times(&simulators, user, &arrived).await;
    }
    let late = arrived(&simulators, &users[0]).await.pop().unwrap();
    assert!(late.1 <= back, "what happened while it was away has the time of the change: {} {back}", late.1);
    bridge.verifies().await;
    assert_eq!(bridge.stop().await.code, Some(0));
}

/// The times told are PureConnect's, which counts whole seconds.
async fn own_times(simulators: &Simulators, user: &User, arrived: &[(String, Timestamp)]) {
    let truth = simulators.icws_truth().await;
    let log = truth["log"].as_array().unwrap();
    let of_user = |entry: &&Value| entry["user"].as_str() == Some(&user.agent) && entry["change"]["status"].is_string();
    let happened: Vec<Timestamp> = log.iter().filter(of_user).map(|entry| time(&entry["at"])).collect();
    assert_eq!(happened.len() + 1, arrived.len(), "the first value is not in the log");
    for (at, (_, told)) in happened.iter().zip(&arrived[1..]) {
        let error = told.duration_since(*at).abs().as_secs_f64();
        assert!(error <= 1.5, "{}: {error} s off", user.agent);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_orderly_stop_in_an_outage_loses_nothing() {
    over_an_end_in_an_outage(true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_in_an_outage_loses_nothing() {
    over_an_end_in_an_outage(false).await;
}

/// All that can happen to a request, one after the other.
const TROUBLES: [&str; 7] =
    ["unavailable", "drop", "drop_after", "malformed", "bad_gateway", "internal_error", "gateway_timeout"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_journal_and_the_platforms_own_log_say_the_same() {
    let (simulators, bridge, users) = in_step(4, "").await;
    for (round, kind) in TROUBLES.iter().enumerate() {
        let effect = json!({"kind": kind, "applied": true});
        simulators.cloud_fault(json!({"effect": effect, "path": "/api/v2/events", "count": 1})).await;
        let (status, presence) = [("In a meeting", "Meeting"), ("On Vacation", "Away")][round % 2];
        for user in &users {
            simulators.status(&user.agent, status).await;
        }
        for user in &users {
            simulators.shows(user, presence, "OFF_QUEUE").await;
        }
    }
    until("everything settled", || async {
        let entries = bridge.entries().await;
        let of =
            |kinds: &[&str]| entries.iter().filter(|entry| kinds.contains(&entry["kind"].as_str().unwrap())).count();
        (of(&["recorded"]) == of(&["accepted", "dropped"])).then_some(())
    })
    .await;
    let entries = bridge.entries().await;
    let truth = simulators.cloud_truth().await;
    let of_kind = |kind: &str| {
        let mut by_id: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
        for entry in entries.iter().filter(|entry| entry["kind"] == kind) {
            by_id.entry(entry["subject"].as_str().unwrap().to_owned()).or_default().push(entry);
        }
        by_id
    };
    let (recorded, accepted, failed) = (of_kind("recorded"), of_kind("accepted"), of_kind("failed"));
    assert!(!failed.is_empty(), "the faults struck");
    let mut arrivals: BTreeMap<String, Vec<Timestamp>> = BTreeMap::new();
    for event in truth["events"].as_array().unwrap() {
        let id = event["id"].as_str().unwrap();
        let arrived = time(&event["arrived"]);
        let intent = recorded.get(id).unwrap_or_else(|| panic!("an arrival without an intent: {event}"));
        assert!(time(&intent[0]["at"]) <= arrived, "the intent came first: {event}");
        arrivals.entry(id.to_owned()).or_default().push(arrived);
    }
    for (id, arrived) in &arrivals {
        let attempts = accepted.get(id).map_or(0, Vec::len) + failed.get(id).map_or(0, Vec::len);
        assert!(arrived.len() <= attempts, "each arrival has an attempt: {id}");
    }
    let events = accepted.iter().filter(|(id, _)| recorded[*id][0]["facet"] != "out of office");
    for (id, attempts) in events {
        assert_eq!(attempts.len(), 1, "accepted once: {id}");
        let (sent, answered) = (time(&attempts[0]["sent"]), time(&attempts[0]["answered"]));
        let within = |arrived: &Timestamp| sent <= *arrived && *arrived <= answered;
        assert!(arrivals[id].iter().any(within), "what was accepted had arrived: {id}");
    }
    let puts = truth["out_of_office_writes"].as_array().unwrap().len();
    let told: BTreeSet<&String> = accepted.keys().filter(|id| recorded[*id][0]["facet"] == "out of office").collect();
    assert!(!told.is_empty() && told.len() == puts, "{} {puts}", told.len());
    bridge.verifies().await;
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_journal_moves_with_everything_that_is_in_it() {
    let (simulators, mut bridge, users) = in_step(2, "").await;
    simulators.cloud_fault(outage()).await;
    simulators.status(&users[0].agent, "In a meeting").await;
    until("the change in the journal", || async {
        (decided(&bridge.entries().await, &users[0].agent).len() == 2).then_some(())
    })
    .await;
    bridge.kill().await;
    let old = bridge.entries().await;
    let lines = bridge.folder().join("journal.jsonl");
    let lines = lines.to_str().unwrap();
    assert_eq!(bridge.command(&["journal", "export", "--output", lines]).await.code, Some(0));
    let again = bridge.command(&["journal", "export", "--output", lines]).await;
    assert_eq!(again.code, Some(2), "an export overwrites nothing");
    let full = bridge.command(&["journal", "import", "--input", lines]).await;
    assert_eq!(full.code, Some(2), "{}", full.stderr);

    std::fs::remove_file(bridge.journal()).unwrap();
    for beside in ["-wal", "-shm"] {
        drop(std::fs::remove_file(format!("{}{beside}", bridge.journal().display())));
    }
    let imported = bridge.command(&["journal", "import", "--input", lines]).await;
    assert_eq!(imported.code, Some(0), "{}", imported.stderr);
    assert_eq!(bridge.entries().await, old);
    bridge.verifies().await;
    simulators.cloud_heals().await;
    bridge.restart();
    simulators.shows(&users[0], "Meeting", "OFF_QUEUE").await;
    bridge.logs("everybody is in step").await;
    let wanted: Vec<String> = decided(&old, &users[0].agent).into_iter().map(|(id, ..)| id).collect();
    let arrived: Vec<String> = arrived(&simulators, &users[0]).await.into_iter().map(|(id, _)| id).collect();
    assert_eq!(arrived, wanted, "what was pending goes with its id");
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_that_is_cut_off_leaves_nothing_behind() {
    let (_simulators, mut bridge, _) = in_step(2, "").await;
    bridge.halt().await;
    let exported = bridge.command(&["journal", "export"]).await.stdout;
    let cut = bridge.folder().join("cut.jsonl");
    let lines: Vec<&str> = exported.lines().collect();
    std::fs::write(&cut, lines[..lines.len() - 1].join("\n")).unwrap();
    let new = bridge.folder().join("new.toml");
    std::fs::write(&new, "[journal]\npath = \"new.journal\"\n").unwrap();
    let arguments = ["journal", "import", "-c", new.to_str().unwrap(), "--input", cut.to_str().unwrap()];
    let refused = crate::harness::presence_bridge(&arguments).await;
    assert_eq!(refused.code, Some(65), "{}", refused.stderr);
    assert!(refused.stderr.contains("not whole"), "{}", refused.stderr);
    std::fs::write(&cut, &exported).unwrap();
    let imported = crate::harness::presence_bridge(&arguments).await;
    assert_eq!(imported.code, Some(0), "after it, the whole one can be imported: {}", imported.stderr);
}
