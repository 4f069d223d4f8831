//! The bridge writes nothing to PureConnect: only logon, logoff, reads and subscriptions leave.

use serde_json::json;

use crate::harness::{Bridge, Simulators, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_reads_and_subscriptions_leave_for_pureconnect() {
    let simulators = Simulators::idle(5).await;
    let mut bridge = Bridge::start(&simulators, "");
    let users = simulators.users().await;
    for user in &users {
        simulators.shows(user, "On Queue", "IDLE").await;
    }
    // Through a whole life: news, a lost session, a lost stream, a message nobody knows.
    simulators.status(&users[0].agent, "At Lunch").await;
    simulators.icws_fault(json!({"fault": "unknown-type"})).await;
    simulators.icws_fault(json!({"fault": "kill-session"})).await;
    bridge.logs("PureConnect is not connected").await;
    until("a second logon", || async {
        let logons = simulators.icws_requests().await;
        (logons.iter().filter(|(method, path)| method == "POST" && path.ends_with("/icws/connection")).count() >= 2)
            .then_some(())
    })
    .await;
    simulators.status(&users[0].agent, "Available").await;
    simulators.shows(&users[0], "On Queue", "IDLE").await;
    bridge.stop().await;
    for (method, path) in simulators.icws_requests().await {
        let allowed = match method.as_str() {
            "GET" => true,
            "PUT" => path.contains("/messaging/subscriptions/"),
            "POST" => path.ends_with("/icws/connection") || path.ends_with("/messaging/heartbeat"),
            "DELETE" => path.contains("/messaging/subscriptions/") || path.ends_with("/connection"),
            _ => false,
        };
        assert!(allowed, "{method} {path}");
    }
}
