//! What agents do in PureConnect, and what Genesys Cloud shows: the real binary between quiet simulators.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::harness::{Bridge, PATIENCE, Simulators, in_step, until};

fn call(id: &str) -> Value {
    json!({"id": id, "workgroup": "Sales", "direction": "inbound", "media": "call"})
}

/// The values of events, in words.
fn values(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["value"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn agent_goes_to_lunch_while_on_a_call_and_every_transition_arrives_once_with_its_own_time() {
    let (simulators, bridge, users) = in_step(3, "").await;
    let ada = &users[0];
    simulators.act(json!({"act": "alert", "user": ada.agent, "interaction": call("c1")})).await;
    simulators.act(json!({"act": "answer", "id": "c1"})).await;
    simulators.shows(ada, "On Queue", "INTERACTING").await;
    simulators.act(json!({"act": "hold", "id": "c1"})).await;
    simulators.status(&ada.agent, "At Lunch").await;
    // "At Lunch" is filed under Break in the default catalogue: the printed order says Break.
    simulators.shows(ada, "Break", "INTERACTING").await;
    simulators.act(json!({"act": "disconnect", "id": "c1", "by": "remote"})).await;
    simulators.shows(ada, "Break", "OFF_QUEUE").await;
    simulators.status(&ada.agent, "Available").await;
    simulators.shows(ada, "On Queue", "IDLE").await;

    let routing = simulators.events(ada, "routing").await;
    assert_eq!(values(&routing), ["IDLE", "INTERACTING", "OFF_QUEUE", "IDLE"]);
    let presences = simulators.events(ada, "presence").await;
    assert_eq!(presences.len(), 3, "{presences:?}");
    let truth = simulators.icws_truth().await;
    let lunch = truth["log"].as_array().unwrap().iter().find(|entry| entry["change"]["status"] == "At Lunch").unwrap();
    let at = |value: &Value| value.as_str().unwrap().parse::<Timestamp>().unwrap();
    let error = at(&presences[1]["happened"]).duration_since(at(&lunch["at"])).abs();
    assert!(error.as_secs_f64() <= 1.5, "told with PureConnect's time, which counts whole seconds: {error}");
    assert!(routing.windows(2).all(|two| at(&two[0]["happened"]) < at(&two[1]["happened"])), "{routing:?}");
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_that_acd_did_not_route_are_communicating() {
    let (simulators, bridge, users) = in_step(2, "").await;
    let (ada, ben) = (&users[0], &users[1]);
    let outbound = json!({"id": "c1", "workgroup": "Sales", "direction": "outbound", "media": "call"});
    simulators.act(json!({"act": "dial", "user": ada.agent, "interaction": outbound})).await;
    simulators.act(json!({"act": "answer", "id": "c1"})).await;
    simulators.shows(ada, "On Queue", "COMMUNICATING").await;
    simulators.act(json!({"act": "alert", "user": ada.agent, "interaction": call("c2")})).await;
    simulators.act(json!({"act": "answer", "id": "c2"})).await;
    simulators.shows(ada, "On Queue", "INTERACTING").await;
    simulators.act(json!({"act": "transfer", "id": "c2", "to": ben.agent})).await;
    simulators.shows(ada, "On Queue", "COMMUNICATING").await;
    simulators.shows(ben, "On Queue", "IDLE").await;
    simulators.act(json!({"act": "answer", "id": "c2"})).await;
    simulators.shows(ben, "On Queue", "INTERACTING").await;
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_declined_call_leaves_nothing_pending_and_a_missed_one_is_not_responding() {
    let (simulators, bridge, users) = in_step(2, "").await;
    let (ada, ben) = (&users[0], &users[1]);
    for (user, status, presence, routing) in
        [(ada, "In a meeting", "Meeting", "OFF_QUEUE"), (ben, "AcdAgentNotAnswering", "Away", "NOT_RESPONDING")]
    {
        let id = format!("call-{}", user.agent);
        simulators.act(json!({"act": "alert", "user": user.agent, "interaction": call(&id)})).await;
        simulators
            .act(json!([
                {"act": "status", "user": user.agent, "status": status},
                {"act": "leave", "id": id},
            ]))
            .await;
        simulators.shows(user, presence, routing).await;
    }
    simulators.status(&ben.agent, "Available").await;
    simulators.shows(ben, "On Queue", "IDLE").await;
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn vacation_is_out_of_office_until_its_end() {
    let (simulators, bridge, users) = in_step(1, "").await;
    let ada = &users[0];
    let end = Timestamp::from_second(Timestamp::now().as_second() + 86_400).unwrap();
    simulators
        .act(json!({"act": "status", "user": ada.agent, "status": "On Vacation",
            "until": {"untilDateTime": end, "hasDate": true, "hasTime": true}}))
        .await;
    simulators.shows(ada, "Away", "OFF_QUEUE").await;
    let office = until("out of office", || async {
        let truth = simulators.cloud_truth().await;
        let office = truth["users"][&ada.id]["out_of_office"].clone();
        (office["active"] == true).then_some(office)
    })
    .await;
    assert_eq!(office["indefinite"], false);
    let told: Timestamp = office["end"].as_str().unwrap().parse().unwrap();
    assert!(told.duration_since(end).abs().as_secs_f64() < 1.5, "{told} instead of {end}");
    simulators.status(&ada.agent, "Available").await;
    until("in office again", || async {
        let truth = simulators.cloud_truth().await;
        (truth["users"][&ada.id]["out_of_office"]["active"] == false).then_some(())
    })
    .await;
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_logs_out_is_offline_and_a_changed_tick_box_reaches_everybody() {
    let (simulators, bridge, users) = in_step(3, "").await;
    simulators.act(json!({"act": "log-off", "user": users[0].agent})).await;
    simulators.shows(&users[0], "Offline", "OFF_QUEUE").await;
    let message = json!({"statusId": "Available", "messageText": "Available", "groupTag": "Available",
        "isAcdStatus": false});
    simulators.act(json!({"act": "status-message", "message": message})).await;
    simulators.shows(&users[1], "Available", "OFF_QUEUE").await;
    simulators.shows(&users[2], "Available", "OFF_QUEUE").await;
    simulators.shows(&users[0], "Offline", "OFF_QUEUE").await;
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn own_rules_come_before_the_vendors_table() {
    let simulators = Simulators::idle(1).await;
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("rules.toml");
    let text = "[[rule]]\nname = \"lunch\"\nwhen = { message = \"At Lunch\" }\npresence = \"Lunch late\"\n";
    std::fs::write(&rules, text).unwrap();
    let bridge = Bridge::start(&simulators, &format!("[mapping]\nfile = \"{}\"", rules.display()));
    let ada = &simulators.users().await[0];
    simulators.shows(ada, "On Queue", "IDLE").await;
    simulators.status(&ada.agent, "At Lunch").await;
    simulators.shows(ada, "Meal", "OFF_QUEUE").await;
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn status_only_replicates_presence_alone() {
    let simulators = Simulators::idle(1).await;
    let bridge = Bridge::start(&simulators, "[replication]\nmode = \"status-only\"");
    let ada = &simulators.users().await[0];
    simulators.status(&ada.agent, "On Vacation").await;
    simulators.shows(ada, "Away", "OFF_QUEUE").await;
    bridge.stop().await;
    assert!(simulators.events(ada, "routing").await.is_empty());
    assert_eq!(simulators.cloud_truth().await["out_of_office_writes"], json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_agents_in_scope_are_replicated() {
    let simulators = Simulators::idle(6).await;
    let users = simulators.users().await;
    let bridge = Bridge::start(&simulators, &format!("[users]\nexclude = [\"{}\"]", users[2].agent.to_uppercase()));
    for user in users.iter().filter(|user| user.agent != users[2].agent) {
        simulators.shows(user, "On Queue", "IDLE").await;
    }
    bridge.stop().await;
    assert!(simulators.events(&users[2], "presence").await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn agents_that_come_and_go_at_run_time_are_followed() {
    let (simulators, bridge, users) = in_step(2, "[users]\nrefresh = \"1s\"").await;
    simulators.cloud_command(json!({"kind": "add_user", "name": "New", "email": "New.Agent@example.com"})).await;
    simulators
        .act(json!([
            {"act": "add-user", "user": "new.agent", "displayName": "New Agent", "email": "new.agent@example.com",
                "workgroups": ["Sales"]},
            {"act": "log-on", "user": "new.agent"},
            {"act": "status", "user": "new.agent", "status": "In a meeting"},
        ]))
        .await;
    let new =
        until("the new user", || async { simulators.users().await.into_iter().find(|user| user.agent == "new.agent") })
            .await;
    simulators.shows(&new, "Meeting", "OFF_QUEUE").await;
    simulators.act(json!({"act": "remove-user", "user": users[0].agent})).await;
    simulators.status(&users[1].agent, "Gone Home").await;
    simulators.shows(&users[1], "Away", "OFF_QUEUE").await;
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_changed_while_the_bridge_was_away_is_delivered_with_pureconnects_time() {
    let (simulators, bridge, users) = in_step(3, "").await;
    bridge.signal("KILL").await;
    bridge.finish().await;
    simulators.status(&users[0].agent, "In a meeting").await;
    simulators.act(json!({"act": "alert", "user": users[1].agent, "interaction": call("c1")})).await;
    simulators.act(json!({"act": "answer", "id": "c1"})).await;
    let changed = Timestamp::now();
    let mut bridge = Bridge::start(&simulators, "");
    simulators.shows(&users[0], "Meeting", "OFF_QUEUE").await;
    simulators.shows(&users[1], "On Queue", "INTERACTING").await;
    bridge.logs("everybody is in step").await;
    bridge.stop().await;
    let told = simulators.events(&users[0], "presence").await.pop().unwrap();
    let happened: Timestamp = told["happened"].as_str().unwrap().parse().unwrap();
    assert!(happened <= changed, "told with the time of the change, not of the restart: {happened}, {changed}");
    assert_eq!(simulators.events(&users[2], "presence").await.len(), 1, "who was in step is not told again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_stops_in_order_within_five_seconds_and_logs_off() {
    let (simulators, bridge, users) = in_step(2, "").await;
    simulators.status(&users[0].agent, "In a meeting").await;
    let stopping = std::time::Instant::now();
    let finished = bridge.stop().await;
    assert!(stopping.elapsed() < std::time::Duration::from_secs(5), "{:?}", stopping.elapsed());
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    let requests = simulators.icws_requests().await;
    let (method, path) = requests.last().unwrap();
    assert!(method == "DELETE" && path.ends_with("/connection"), "{method} {path}");
    for secret in [&simulators.icws_password, &simulators.client_secret] {
        assert!(!finished.stderr.contains(secret.as_str()), "a secret is in the log");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_signal_ends_it_at_once() {
    let (simulators, mut bridge, users) = in_step(1, "").await;
    // A change that cannot be delivered keeps the orderly end waiting.
    simulators.cloud_fault(json!({"effect": {"kind": "unavailable"}, "count": 1_000})).await;
    simulators.status(&users[0].agent, "In a meeting").await;
    bridge.logs("Genesys Cloud does not take changes").await;
    bridge.signal("INT").await;
    bridge.logs("stopping").await;
    let second = std::time::Instant::now();
    bridge.signal("INT").await;
    let finished = bridge.finish().await;
    assert_eq!(finished.code, Some(130));
    assert!(second.elapsed() < PATIENCE / 20);
}
