//! Who leaves the scope is given back in Genesys Cloud, and who comes back is claimed again.

use serde_json::json;

use super::{REFRESH, becomes, is_claimed, is_given_back, leaves, list};
use crate::harness::{Bridge, Simulators, User};

/// Only Sales is replicated; two of four are in it, and both are in step.
async fn sales() -> (Simulators, Bridge, User, User) {
    let simulators = Simulators::idle(4).await;
    let users = simulators.users().await;
    for (place, user) in users.iter().enumerate() {
        for workgroup in ["Sales", "Service", "Support"] {
            member(&simulators, user, workgroup, (workgroup == "Sales") == (place < 2)).await;
        }
    }
    let mut bridge = Bridge::start(&simulators, &format!("[users]\n{REFRESH}\nworkgroups = [\"Sales\"]\n"));
    bridge.logs("everybody is in step").await;
    let (ada, ben) = (users[0].clone(), users[1].clone());
    for user in [&ada, &ben] {
        becomes(&bridge, &user.agent, "synced", None).await;
        is_claimed(&simulators, &user.id).await;
    }
    assert_eq!(list(&bridge).await["totals"]["users"], 2);
    (simulators, bridge, ada, ben)
}

async fn member(simulators: &Simulators, user: &User, workgroup: &str, member: bool) {
    let act = json!({"act": "membership", "user": user.agent, "workgroup": workgroup, "member": member});
    simulators.act(act).await;
}

async fn comes_back(simulators: &Simulators, bridge: &Bridge, user: &User) {
    simulators.status(&user.agent, "In a meeting").await;
    member(simulators, user, "Sales", true).await;
    becomes(bridge, &user.agent, "synced", None).await;
    is_claimed(simulators, &user.id).await;
    simulators.shows(user, "Meeting", "OFF_QUEUE").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_leaves_a_workgroup_in_scope_is_given_back_and_who_comes_back_is_claimed_again() {
    let (simulators, bridge, ada, ben) = sales().await;
    member(&simulators, &ada, "Sales", false).await;
    leaves(&bridge, &ada.agent).await;
    is_given_back(&simulators, &ada.id).await;
    is_claimed(&simulators, &ben.id).await;
    comes_back(&simulators, &bridge, &ada).await;
    bridge.verifies().await;
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_joins_a_workgroup_in_scope_is_claimed_and_in_step() {
    let (simulators, bridge, _, _) = sales().await;
    let carl = simulators.users().await.remove(2);
    member(&simulators, &carl, "Sales", true).await;
    becomes(&bridge, &carl.agent, "synced", None).await;
    is_claimed(&simulators, &carl.id).await;
    simulators.shows(&carl, "On Queue", "IDLE").await;
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_left_while_the_bridge_was_down_is_given_back_at_the_start() {
    let (simulators, mut bridge, ada, ben) = sales().await;
    bridge.halt().await;
    member(&simulators, &ada, "Sales", false).await;
    is_claimed(&simulators, &ada.id).await;
    bridge.restart();
    is_given_back(&simulators, &ada.id).await;
    becomes(&bridge, &ben.agent, "synced", None).await;
    is_claimed(&simulators, &ben.id).await;
    comes_back(&simulators, &bridge, &ada).await;
    bridge.verifies().await;
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_left_when_the_bridge_was_killed_is_given_back_at_the_start() {
    let (simulators, mut bridge, ada, _) = sales().await;
    bridge.kill().await;
    simulators.act(json!({"act": "remove-user", "user": ada.agent})).await;
    bridge.restart();
    is_given_back(&simulators, &ada.id).await;
    bridge.logs("everybody is in step").await;
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn giving_back_waits_for_the_platform_and_is_not_forgotten() {
    let (simulators, mut bridge, ada, ben) = sales().await;
    let outage = json!({"effect": {"kind": "unavailable"}, "path": "/api/v2/presence/users", "count": 1_000_000});
    simulators.cloud_fault(outage).await;
    member(&simulators, &ada, "Sales", false).await;
    leaves(&bridge, &ada.agent).await;
    bridge.kill().await;
    simulators.cloud_heals().await;
    bridge.restart();
    is_given_back(&simulators, &ada.id).await;
    becomes(&bridge, &ben.agent, "synced", None).await;
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_ours_is_the_organisations_default_whoever_leaves_is_given_back_by_name() {
    let more = format!("[users]\n{REFRESH}\n");
    let (simulators, bridge, users) = crate::harness::in_step(3, &more).await;
    let ada = &users[0];
    is_claimed(&simulators, &ada.id).await;
    simulators.act(json!({"act": "remove-user", "user": ada.agent})).await;
    leaves(&bridge, &ada.agent).await;
    is_given_back(&simulators, &ada.id).await;
    is_claimed(&simulators, &users[1].id).await;
    bridge.stop().await;
}
