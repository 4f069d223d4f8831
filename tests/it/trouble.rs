//! What goes wrong on either side while the bridge runs: it lives, and nothing is lost.

use serde_json::{Value, json};

use crate::harness::in_step;

/// After the fault PureConnect's news arrive again, and what changed meanwhile, too.
async fn survives_icws(fault: Value, loses: bool) {
    let (simulators, mut bridge, users) = in_step(3, "").await;
    simulators.icws_fault(fault.clone()).await;
    simulators.status(&users[0].agent, "In a meeting").await;
    if loses {
        bridge.logs("PureConnect is not connected").await;
    }
    simulators.shows(&users[0], "Meeting", "OFF_QUEUE").await;
    simulators.status(&users[1].agent, "Gone Home").await;
    simulators.shows(&users[1], "Away", "OFF_QUEUE").await;
    simulators.shows(&users[2], "On Queue", "IDLE").await;
    let finished = bridge.stop().await;
    assert_eq!(finished.code, Some(0), "{fault}: {}", finished.stderr);
    assert!(!finished.stderr.contains("panicked"), "{fault}: {}", finished.stderr);
}

macro_rules! survives_icws {
    ($($name:ident: $fault:tt, loses: $loses:literal;)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            survives_icws(json!($fault), $loses).await;
        }
    )*};
}

survives_icws! {
    a_malformed_message_renews_the_connection: {"fault": "malformed"}, loses: true;
    an_oversized_message_renews_the_connection: {"fault": "oversized", "bytes": 20_000_000}, loses: true;
    an_unknown_type_is_skipped: {"fault": "unknown-type"}, loses: false;
    a_lost_session_is_renewed: {"fault": "kill-session"}, loses: true;
    a_cut_stream_is_renewed: {"fault": "drop"}, loses: false;
    a_faulted_subscription_is_renewed: {"fault": "faulted-subscription"}, loses: false;
    a_short_switchover_is_followed: {"fault": "switchover", "seconds": 2}, loses: true;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_status_and_odd_values_concern_only_that_agent() {
    let (simulators, mut bridge, users) = in_step(2, "").await;
    simulators.act(json!({"act": "status", "user": users[0].agent, "status": "Brand New", "unlisted": true})).await;
    bridge.logs("the status is not in the catalogue").await;
    let odd = json!({"__type": "urn:inin.com:queues:queueSubscriptionStateMessage", "isDelta": true,
        "subscriptionId": "nobody's", "state": 77});
    simulators.icws_fault(json!({"fault": "message", "text": odd.to_string()})).await;
    simulators.status(&users[1].agent, "In a meeting").await;
    simulators.shows(&users[1], "Meeting", "OFF_QUEUE").await;
    simulators.shows(&users[0], "On Queue", "IDLE").await;
    bridge.stop().await;
}

/// After the fault everything arrives, once.
async fn survives_cloud(fault: Value) {
    let (simulators, bridge, users) = in_step(3, "").await;
    simulators.cloud_fault(fault.clone()).await;
    for user in &users {
        simulators.status(&user.agent, "In a meeting").await;
    }
    for user in &users {
        simulators.shows(user, "Meeting", "OFF_QUEUE").await;
    }
    simulators.status(&users[0].agent, "Available").await;
    simulators.shows(&users[0], "On Queue", "IDLE").await;
    for user in &users {
        let events = simulators.events(user, "presence").await;
        let applied = events.iter().filter(|event| event["effectiveness"] == "applied").count();
        assert_eq!(applied, if user.id == users[0].id { 3 } else { 2 }, "{fault}: {events:?}");
    }
    let finished = bridge.stop().await;
    assert_eq!(finished.code, Some(0), "{fault}: {}", finished.stderr);
    assert!(!finished.stderr.contains("panicked"), "{fault}: {}", finished.stderr);
}

macro_rules! survives_cloud {
    ($($name:ident: $fault:tt;)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            survives_cloud(json!($fault)).await;
        }
    )*};
}

survives_cloud! {
    a_token_that_ended_is_renewed: {"effect": {"kind": "bad_credentials"}};
    a_429_is_waited_for: {"effect": {"kind": "throttled", "retry_after": 2}};
    a_500_is_retried: {"effect": {"kind": "internal_error"}, "count": 2};
    a_502_page_is_retried: {"effect": {"kind": "bad_gateway"}};
    a_503_is_retried: {"effect": {"kind": "unavailable"}, "count": 3};
    a_504_that_was_applied_is_repeated_without_effect: {"effect": {"kind": "gateway_timeout", "applied": true}};
    a_409_is_retried: {"effect": {"kind": "conflict"}};
    a_reset_before_is_retried: {"effect": {"kind": "drop"}};
    a_reset_after_is_repeated_without_effect: {"effect": {"kind": "drop_after"}};
    a_malformed_answer_is_repeated_without_effect: {"effect": {"kind": "malformed"}};
    a_truncated_answer_is_repeated_without_effect: {"effect": {"kind": "truncated"}};
    an_oversized_answer_is_repeated_without_effect: {"effect": {"kind": "oversized", "bytes": 20_000_000}};
    a_retryable_event_error_is_retried: {"effect": {"kind": "event_error", "retryable": true}, "count": 2};
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_event_concerns_only_its_agent() {
    let (simulators, mut bridge, users) = in_step(3, "").await;
    let effect = json!({"kind": "event_error", "retryable": false, "user": users[0].id});
    simulators.cloud_fault(json!({"effect": effect, "count": 1})).await;
    for user in &users {
        simulators.status(&user.agent, "In a meeting").await;
    }
    for user in &users[1..] {
        simulators.shows(user, "Meeting", "OFF_QUEUE").await;
    }
    bridge.logs("Genesys Cloud refused a change").await;
    simulators.shows(&users[0], "Meeting", "OFF_QUEUE").await;
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_permission_for_out_of_office_never_stops_presence() {
    let (simulators, mut bridge, users) = in_step(1, "").await;
    let effect = json!({"kind": "missing_permission", "permission": "directory:user:edit"});
    let path = format!("/api/v2/users/{}/outofoffice", users[0].id);
    simulators.cloud_fault(json!({"effect": effect, "path": path, "count": 1_000})).await;
    simulators.status(&users[0].agent, "On Vacation").await;
    bridge.logs("this cannot be delivered").await;
    assert!(bridge.log().contains("directory:user:edit"), "{}", bridge.log());
    simulators.status(&users[0].agent, "In a meeting").await;
    simulators.shows(&users[0], "Meeting", "OFF_QUEUE").await;
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn revoked_tokens_are_replaced() {
    let (simulators, bridge, users) = in_step(1, "").await;
    simulators.cloud_command(json!({"kind": "revoke_tokens"})).await;
    simulators.status(&users[0].agent, "In a meeting").await;
    simulators.shows(&users[0], "Meeting", "OFF_QUEUE").await;
    bridge.stop().await;
}
