//! What changes on either side while the bridge runs is followed without a restart.

use serde_json::{Value, json};

use super::{REFRESH, becomes, is_claimed, is_given_back, leaves};
use crate::harness::{Bridge, Simulators, User, in_step, until};

fn refreshed() -> String {
    format!("[users]\n{REFRESH}\n")
}

async fn email(simulators: &Simulators, agent: &str, email: Option<&str>) {
    simulators.act(json!({"act": "change-email", "user": agent, "email": email})).await;
}

async fn edit(simulators: &Simulators, user: &str, change: (&str, &str)) {
    let mut edit = json!({"kind": "edit_user", "user": user});
    edit[change.0] = change.1.into();
    simulators.cloud_command(edit).await;
}

/// The agent is in step: what happens in PureConnect now is shown.
async fn is_followed(simulators: &Simulators, user: &User) {
    simulators.status(&user.agent, "In a meeting").await;
    simulators.shows(user, "Meeting", "OFF_QUEUE").await;
    simulators.status(&user.agent, "Available").await;
    simulators.shows(user, "On Queue", "IDLE").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_who_appears_on_one_side_is_matched_when_the_other_side_has_one_too() {
    let (simulators, bridge, _) = in_step(2, &refreshed()).await;
    let new = json!({"act": "add-user", "user": "new.agent", "displayName": "New", "email": "new.agent@example.com",
        "workgroups": ["Sales"]});
    simulators.act(json!([new, {"act": "log-on", "user": "new.agent"}])).await;
    becomes(&bridge, "new.agent", "not-synced", Some("no-such-user")).await;
    simulators.cloud_command(json!({"kind": "add_user", "name": "New", "email": "New.Agent@Example.com"})).await;
    let line = becomes(&bridge, "new.agent", "synced", None).await;
    let user = User { agent: "new.agent".to_owned(), id: line["user"].as_str().unwrap().to_owned() };
    is_followed(&simulators, &user).await;

    simulators.cloud_command(json!({"kind": "add_user", "name": "Late", "email": "late@example.com"})).await;
    let late = json!({"act": "add-user", "user": "late", "displayName": "Late", "email": "late@example.com"});
    simulators.act(late).await;
    becomes(&bridge, "late", "synced", None).await;
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_e_mail_is_followed_on_either_side() {
    let (simulators, bridge, users) = in_step(2, &refreshed()).await;
    let ada = &users[0];
    email(&simulators, &ada.agent, Some("someone.else@example.com")).await;
    becomes(&bridge, &ada.agent, "not-synced", Some("no-such-user")).await;
    is_given_back(&simulators, &ada.id).await;
    edit(&simulators, &ada.id, ("email", "Someone.Else@example.com")).await;
    becomes(&bridge, &ada.agent, "synced", None).await;
    is_claimed(&simulators, &ada.id).await;
    is_followed(&simulators, ada).await;
    email(&simulators, &ada.agent, None).await;
    becomes(&bridge, &ada.agent, "not-synced", Some("no-email")).await;
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_whose_e_mail_becomes_another_users_moves_to_that_user() {
    let (simulators, bridge, users) = in_step(2, &refreshed()).await;
    let ada = &users[0];
    simulators.cloud_command(json!({"kind": "add_user", "name": "Ada II", "email": "ada.two@example.com"})).await;
    email(&simulators, &ada.agent, Some("ada.two@example.com")).await;
    let line = until("ada moves", || async {
        let line = super::live(&bridge, &ada.agent).await?;
        (line["state"] == "synced" && line["user"] != *ada.id).then_some(line)
    })
    .await;
    let moved = User { agent: ada.agent.clone(), id: line["user"].as_str().unwrap().to_owned() };
    simulators.shows(&moved, "On Queue", "IDLE").await;
    is_given_back(&simulators, &ada.id).await;
    is_followed(&simulators, &moved).await;
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_who_becomes_inactive_rests_until_active_again() {
    let (simulators, bridge, users) = in_step(2, &refreshed()).await;
    let ada = &users[0];
    edit(&simulators, &ada.id, ("state", "inactive")).await;
    becomes(&bridge, &ada.agent, "not-synced", Some("inactive")).await;
    simulators.status(&ada.agent, "At Lunch").await;
    edit(&simulators, &ada.id, ("state", "active")).await;
    becomes(&bridge, &ada.agent, "synced", None).await;
    simulators.shows(ada, "Break", "OFF_QUEUE").await;
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_who_is_deleted_and_made_anew_is_another_user_and_in_step() {
    let (simulators, bridge, users) = in_step(2, &refreshed()).await;
    let ada = &users[0];
    edit(&simulators, &ada.id, ("state", "deleted")).await;
    becomes(&bridge, &ada.agent, "not-synced", Some("no-such-user")).await;
    simulators.status(&ada.agent, "In a meeting").await;
    let again = json!({"kind": "add_user", "name": "Ada", "email": format!("{}@example.com", ada.agent)});
    simulators.cloud_command(again).await;
    let line = becomes(&bridge, &ada.agent, "synced", None).await;
    let anew = User { agent: ada.agent.clone(), id: line["user"].as_str().unwrap().to_owned() };
    assert_ne!(anew.id, ada.id);
    simulators.shows(&anew, "Meeting", "OFF_QUEUE").await;
    is_claimed(&simulators, &anew.id).await;
    is_followed(&simulators, &anew).await;
    bridge.verifies().await;
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_who_is_made_anew_between_two_looks_is_noticed_by_the_id() {
    let (simulators, bridge, users) = in_step(1, &refreshed()).await;
    let ada = &users[0];
    edit(&simulators, &ada.id, ("state", "deleted")).await;
    let again = json!({"kind": "add_user", "name": "Ada", "email": format!("{}@example.com", ada.agent)});
    simulators.cloud_command(again).await;
    let anew = until("ada's new user", || async {
        let line = super::live(&bridge, &ada.agent).await?;
        let id = line["user"].as_str()?.to_owned();
        (line["state"] == "synced" && id != ada.id).then(|| User { agent: ada.agent.clone(), id })
    })
    .await;
    simulators.shows(&anew, "On Queue", "IDLE").await;
    is_followed(&simulators, &anew).await;
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_who_is_deleted_in_pureconnect_is_given_back_and_comes_back() {
    let (simulators, bridge, users) = in_step(3, &refreshed()).await;
    let ada = &users[0];
    simulators.act(json!({"act": "remove-user", "user": ada.agent})).await;
    leaves(&bridge, &ada.agent).await;
    is_given_back(&simulators, &ada.id).await;
    let again = json!({"act": "add-user", "user": ada.agent, "displayName": "Ada",
        "email": format!("{}@example.com", ada.agent), "workgroups": ["Sales"]});
    simulators.act(json!([again, {"act": "log-on", "user": ada.agent}])).await;
    becomes(&bridge, &ada.agent, "synced", None).await;
    is_claimed(&simulators, &ada.id).await;
    is_followed(&simulators, ada).await;
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_agents_who_come_to_share_a_user_both_rest_and_nobody_writes() {
    let (simulators, bridge, users) = in_step(2, &refreshed()).await;
    let (ada, ben) = (&users[0], &users[1]);
    email(&simulators, &ben.agent, Some(&format!("{}@example.com", ada.agent))).await;
    becomes(&bridge, &ada.agent, "not-synced", Some("shared")).await;
    becomes(&bridge, &ben.agent, "not-synced", Some("shared")).await;
    simulators.status(&ben.agent, "In a meeting").await;
    email(&simulators, &ben.agent, Some(&format!("{}@example.com", ben.agent))).await;
    becomes(&bridge, &ada.agent, "synced", None).await;
    simulators.shows(ben, "Meeting", "OFF_QUEUE").await;
    let told: Vec<Value> = simulators.events(ada, "presence").await;
    assert!(told.iter().all(|event| event["value"] == told[0]["value"]), "ada's presence never was ben's: {told:?}");
    bridge.stop().await;
}

/// The promise, and the default that keeps it; `until` waits no longer than a minute.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn by_default_a_change_is_followed_within_a_minute() {
    let (simulators, bridge, users): (_, Bridge, _) = in_step(1, "").await;
    edit(&simulators, &users[0].id, ("state", "inactive")).await;
    becomes(&bridge, &users[0].agent, "not-synced", Some("inactive")).await;
    bridge.stop().await;
}
