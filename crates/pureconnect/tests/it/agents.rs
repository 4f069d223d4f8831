//! Stories of agents at work: what is reported, together and in order, by stream and by polling.

use domain::source::{Involvement, Scope, Update};
use serde_json::json;

use crate::bridge::{Bridge, config};
use crate::stub::{Stub, interaction, queue_changed, status_message, statuses_changed, user, user_status};

/// What an update says, in short.
pub fn told(update: &Update) -> String {
    match update {
        Update::Status(agent, status) => {
            let until = status.until.map(|until| format!(" until {until}")).unwrap_or_default();
            let logged_out = if status.logged_in { "" } else { " (logged out)" };
            format!("{agent} is {}{until}{logged_out}", status.status)
        }
        Update::Interaction(agent, interaction) => {
            let kind = if interaction.acd { "ACD" } else { "other" };
            format!("{agent} has {} {:?} {kind}", interaction.id, interaction.involvement)
        }
        Update::InteractionLeft(agent, id) => format!("{agent} lost {id}"),
        Update::Agents(agents) => {
            format!("agents {}", agents.iter().map(|agent| agent.id.to_string()).collect::<Vec<_>>().join(" "))
        }
        Update::Rescoped(agents) => {
            format!("rescoped {}", agents.iter().map(|agent| agent.id.to_string()).collect::<Vec<_>>().join(" "))
        }
        Update::Catalogue(catalogue) => format!("{} status messages", catalogue.len()),
        Update::Workgroups(workgroups) => format!("{} workgroups", workgroups.len()),
    }
}

pub async fn next(bridge: &mut Bridge) -> Vec<String> {
    bridge.changed().await.updates.iter().map(told).collect()
}

#[tokio::test]
async fn a_snapshot_is_everything_at_once() {
    for messaging in [1, 2] {
        let stub = Stub::start().await;
        stub.state().messaging = messaging;
        let (bridge, snapshot) = Bridge::live(config(&stub)).await;
        let agents: Vec<_> = snapshot.agents.iter().map(|agent| (agent.id.as_str(), agent.email.as_deref())).collect();
        let emails = [Some("anna@example.com"), Some("ben@example.com"), None];
        assert_eq!(agents, ["anna", "ben", "carl"].into_iter().zip(emails).collect::<Vec<_>>());
        assert_eq!((snapshot.catalogue.len(), snapshot.statuses.len(), snapshot.workgroups.len()), (3, 3, 2));
        assert_eq!(snapshot.workgroups[0].no_answer_status, Some("missed".into()));
        let (agent, call) = &snapshot.interactions[0];
        assert_eq!((agent.as_str(), call.involvement, call.acd), ("anna", Involvement::Connected, true));
        assert_eq!(call.since.unwrap().to_string(), "2026-01-05T10:00:10Z");
        assert_eq!(snapshot.system.workforce_engagement, Some(true));
        bridge.stop().await.unwrap();
        assert_eq!(stub.count("DELETE", "/connection"), 1, "logged off");
        assert!(stub.state().sessions.is_empty());
    }
}

#[tokio::test]
async fn a_call_is_offered_answered_and_ended_while_statuses_change() {
    for messaging in [1, 2] {
        let stub = Stub::start().await;
        stub.state().messaging = messaging;
        let (mut bridge, _) = Bridge::live(config(&stub)).await;
        stub.push(&queue_changed("queues-0", json!({"interactionsAdded": [interaction("7", "ben", "A", "Sales")]})));
        assert_eq!(next(&mut bridge).await, ["ben has 7 Alerting ACD"]);
        stub.push_together(&[
            queue_changed(
                "queues-0",
                json!({"interactionsChanged": [{"interactionId": "7",
                "attributes": {"Eic_State": "C", "Eic_ConnectTime": "20260105T101500Z"}}]}),
            )
            .to_string(),
            statuses_changed(&[user_status("carl", "Available", "20260105T101501Z")]).to_string(),
        ]);
        assert_eq!(next(&mut bridge).await, ["ben has 7 Connected ACD", "carl is Available"], "one batch");
        stub.push(&queue_changed(
            "queues-0",
            json!({"interactionsChanged": [{"interactionId": "7",
            "attributes": {"EIC_STATE": "E"}}]}),
        ));
        assert_eq!(next(&mut bridge).await, ["ben has 7 None ACD"]);
        stub.push(&queue_changed("queues-0", json!({"interactionsRemoved": ["7"]})));
        assert_eq!(next(&mut bridge).await, ["ben lost 7"]);
        bridge.stop().await.unwrap();
    }
}

#[tokio::test]
async fn what_is_left_out_of_a_change_stays_and_null_ends_it() {
    let stub = Stub::start().await;
    let (mut bridge, _) = Bridge::live(config(&stub)).await;
    stub.push(&statuses_changed(&[json!({"userId": "BEN", "statusId": "Gone Home", "loggedIn": false,
        "statusChanged": "20260105T170000Z",
        "until": {"untilDateTime": "20260106T080000Z", "hasDate": true, "hasTime": true}})]));
    assert_eq!(next(&mut bridge).await, ["ben is Gone Home until 2026-01-06T08:00:00Z (logged out)"]);
    stub.push(&statuses_changed(&[json!({"userId": "ben", "statusId": "At Lunch"})]));
    assert_eq!(next(&mut bridge).await, ["ben is At Lunch until 2026-01-06T08:00:00Z (logged out)"]);
    stub.push(&statuses_changed(&[json!({"userId": "ben", "statusId": "At Lunch", "until": null, "loggedIn": true})]));
    assert_eq!(next(&mut bridge).await, ["ben is At Lunch"]);
    stub.push_together(&[
        statuses_changed(&[json!({"userId": "ben", "statusId": "at lunch"})]).to_string(),
        statuses_changed(&[json!({"userId": "stranger", "statusId": "Available"})]).to_string(),
        statuses_changed(&[json!({"userId": "carl", "statusId": "At Lunch"})]).to_string(),
    ]);
    assert_eq!(next(&mut bridge).await, ["carl is At Lunch"], "neither what did not change nor who is out of scope");
    bridge.stop().await.unwrap();
}

#[tokio::test]
async fn an_interaction_moves_between_agents_of_one_and_of_two_subscriptions() {
    let stub = Stub::start().await;
    let (mut bridge, _) = Bridge::live(config(&stub)).await;
    let changed = |user: &str| {
        let attributes = json!({"Eic_UserName": user, "Eic_State": "A"});
        queue_changed("queues-0", json!({"interactionsChanged": [{"interactionId": "1001", "attributes": attributes}]}))
    };
    stub.push(&changed("ben"));
    assert_eq!(next(&mut bridge).await, ["anna lost 1001", "ben has 1001 Alerting ACD"]);
    stub.push_together(&[
        queue_changed("queues-1", json!({"interactionsAdded": [interaction("1001", "carl", "A", "Support")]}))
            .to_string(),
        queue_changed("queues-0", json!({"interactionsRemoved": ["1001"]})).to_string(),
    ]);
    assert_eq!(next(&mut bridge).await, ["carl has 1001 Alerting other", "ben lost 1001"]);
    stub.push(&queue_changed(
        "queues-1",
        json!({"interactionsChanged": [{"interactionId": "1001",
        "attributes": {"Eic_UserName": ""}}]}),
    ));
    assert_eq!(next(&mut bridge).await, ["carl lost 1001"], "nobody's any more");
    bridge.stop().await.unwrap();
}

#[tokio::test]
async fn a_status_made_today_is_looked_up_once() {
    let stub = Stub::start().await;
    let (mut bridge, _) = Bridge::live(config(&stub)).await;
    assert_eq!(stub.count("GET", "/status-messages"), 1);
    stub.state().catalogue.push(status_message("Project", "Unavailable", false));
    stub.push(&statuses_changed(&[user_status("ben", "project", "20260105T120000Z")]));
    assert_eq!(next(&mut bridge).await, ["ben is project"]);
    assert_eq!(next(&mut bridge).await, ["4 status messages"]);
    stub.push(&statuses_changed(&[user_status("carl", "Nonsense", "20260105T120000Z")]));
    assert_eq!(next(&mut bridge).await, ["carl is Nonsense"]);
    stub.push(&statuses_changed(&[user_status("anna", "Nonsense", "20260105T120000Z")]));
    assert_eq!(next(&mut bridge).await, ["anna is Nonsense"]);
    stub.until(|state| state.requests.iter().filter(|request| request.path.ends_with("/status-messages")).count() >= 4)
        .await;
    assert_eq!(stub.count("GET", "/status-messages"), 3, "the start and each of the two unknown statuses once");
    bridge.stop().await.unwrap();
}

#[tokio::test]
async fn a_changed_tick_box_and_a_changed_queue_type_are_reported() {
    let stub = Stub::start().await;
    let (mut bridge, _) = Bridge::live(config(&stub)).await;
    stub.push(&json!({"__type": "urn:inin.com:status:statusMessagesMessage", "isDelta": true,
        "statusMessagesChanged": [status_message("At Lunch", "Break", true)]}));
    assert_eq!(next(&mut bridge).await, ["3 status messages"]);
    stub.push(&json!({"__type": "urn:inin.com:configuration.people:workgroupsMessage", "isDelta": true,
        "subscriptionId": "workgroups", "changed": [{"configurationId": {"id": "sales"}, "queueType": 3}]}));
    assert_eq!(next(&mut bridge).await, ["2 workgroups", "anna has 1001 Connected other"]);
    bridge.stop().await.unwrap();
}

#[tokio::test]
async fn a_new_user_is_watched_and_one_who_left_is_not() {
    let stub = Stub::start().await;
    let (mut bridge, _) = Bridge::live(config(&stub)).await;
    let dora = user("dora", "dora@example.com", &["Sales"]);
    {
        let mut state = stub.state();
        state.users.push(dora.clone());
        state.users.retain(|user| user["configurationId"]["id"] != "carl");
        state.statuses.insert("dora".to_owned(), user_status("dora", "Available", "20260105T090000Z"));
    }
    stub.push(&json!({"__type": "urn:inin.com:configuration.people:usersMessage", "isDelta": true,
        "subscriptionId": "users", "added": [dora], "removed": ["carl"]}));
    assert_eq!(next(&mut bridge).await, ["agents anna ben dora"]);
    assert_eq!(next(&mut bridge).await, ["dora is Available"], "and nothing that was told before");
    let last = stub.state().requests.iter().rev().find(|request| request.path.ends_with("user-statuses")).cloned();
    assert!(last.unwrap().body.contains("\"userIds\":[\"anna\",\"ben\",\"dora\"]"));
    assert_eq!(stub.count("GET", "/configuration/users"), 1, "what is subscribed is not read again");
    let queues: Vec<_> = {
        let state = stub.state();
        let asked = state.requests.iter().filter(|request| request.path.contains("/queues/")).skip(2);
        asked.map(|request| format!("{} {}", request.method, request.path.rsplit('/').next().unwrap())).collect()
    };
    assert_eq!(queues, ["PUT queues-2", "DELETE queues-1"], "dora's came, carl's went, the others' stayed");
    bridge.stop().await.unwrap();
}

#[tokio::test]
async fn only_members_of_the_workgroups_in_scope_are_watched() {
    let stub = Stub::start().await;
    let scope = Scope { workgroups: Some(["sales".into()].into()), exclude: ["Anna".into()].into() };
    let (mut bridge, snapshot) = Bridge::live_within(scope, config(&stub)).await;
    assert_eq!(snapshot.agents.iter().map(|agent| agent.id.as_str()).collect::<Vec<_>>(), ["ben"]);
    assert!(snapshot.interactions.is_empty());
    stub.push(&json!({"__type": "urn:inin.com:configuration.people:usersMessage", "isDelta": true,
        "changed": [user("carl", "", &["Sales", "Support"])]}));
    assert_eq!(next(&mut bridge).await, ["agents ben carl"]);
    assert_eq!(next(&mut bridge).await, ["carl is Gone Home"]);
    bridge.stop().await.unwrap();
}

#[tokio::test]
async fn a_list_of_agents_that_comes_in_parts_is_reported_as_one() {
    let stub = Stub::start().await;
    let (mut bridge, _) = Bridge::live(config(&stub)).await;
    let users = |is_delta: bool, added: &[serde_json::Value]| {
        json!({"__type": "urn:inin.com:configuration.people:usersMessage", "isDelta": is_delta, "added": added})
            .to_string()
    };
    stub.push_together(&[
        users(false, &[user("anna", "anna@example.com", &["Sales"])]),
        users(true, &[user("ben", "new@example.com", &["Sales"])]),
        users(true, &[user("carl", "", &["Support"])]),
    ]);
    assert_eq!(next(&mut bridge).await, ["agents anna ben carl"]);
    bridge.stop().await.unwrap();
}
