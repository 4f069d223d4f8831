//! Stories of trouble in the middle: whatever happens, there is one `Lost`, then a fresh snapshot.

use replicator::ports::SourceEvent;
use serde_json::json;

use crate::bridge::{Bridge, config};
use crate::stub::{Stub, statuses_changed, user_status};

/// Logons so far.
fn logons(stub: &Stub) -> usize {
    stub.count("POST", "/icws/connection?")
}

/// With little patience for silence.
fn nervous(stub: &Stub) -> pureconnect::Config {
    pureconnect::Config { silence_limit: std::time::Duration::from_millis(600), ..config(stub) }
}

async fn recovers(stub: &Stub, bridge: &mut Bridge) -> String {
    stub.state().statuses.insert("ben".to_owned(), user_status("ben", "Available", "20260105T130000Z"));
    let reason = bridge.lost().await;
    let snapshot = bridge.snapshot().await;
    assert!(
        snapshot.statuses.iter().any(|(agent, status)| agent.as_str() == "ben" && status.status == "available".into())
    );
    reason
}

#[tokio::test]
async fn a_session_that_the_server_forgot_is_made_anew() {
    for messaging in [1, 2] {
        let stub = Stub::start().await;
        stub.state().messaging = messaging;
        let (mut bridge, _) = Bridge::live(config(&stub)).await;
        stub.kill_sessions();
        recovers(&stub, &mut bridge).await;
        assert_eq!(logons(&stub), 2);
        bridge.stop().await.unwrap();
    }
}

#[tokio::test]
async fn a_cut_stream_is_opened_again_in_the_same_session_with_fresh_lists() {
    let stub = Stub::start().await;
    let (mut bridge, _) = Bridge::live(config(&stub)).await;
    stub.cut_streams();
    let reason = recovers(&stub, &mut bridge).await;
    assert!(reason.contains("stream"), "{reason}");
    assert_eq!(logons(&stub), 1);
    assert_eq!(stub.count("PUT", "/status/user-statuses"), 2);
    bridge.stop().await.unwrap();
}

#[tokio::test]
async fn pings_are_life_and_silence_is_death() {
    let stub = Stub::start().await;
    let (mut bridge, _) = Bridge::live(nervous(&stub)).await;
    stub.state().ping = None;
    let SourceEvent::Lost { reason, heard } = bridge.event().await else { panic!("a loss was expected") };
    assert!(reason.contains("silent"), "{reason}");
    let ago = jiff::Timestamp::now().duration_since(heard.unwrap());
    assert!((550..5_000).contains(&ago.as_millis()), "heard before it was silent: {ago}");
    stub.state().ping = Some(":ping\n\n");
    bridge.next_snapshot().await;
    bridge.stop().await.unwrap();
}

#[tokio::test]
async fn malformed_and_oversized_messages_renew_the_session() {
    let bad = [
        "{\"__type\": \"urn:inin.com:status:userStatusMessage\"".to_owned(),
        json!({"__type": "urn:inin.com:status:userStatusMessage", "isDelta": true}).to_string(),
        json!({"__type": "urn:inin.com:queues:queueContentsMessage", "isDelta": "no", "subscriptionId": "q"})
            .to_string(),
        "nonsense".to_owned(),
        format!("\"{}\"", "x".repeat(17 * 1024 * 1024)),
    ];
    let each = [1, 2].into_iter().flat_map(|messaging| bad.iter().map(move |text| renews(messaging, text)));
    futures_util::future::join_all(each).await;
}

async fn renews(messaging: u32, text: &str) {
    let stub = Stub::start().await;
    stub.state().messaging = messaging;
    let (mut bridge, _) = Bridge::live(config(&stub)).await;
    stub.push_text(text);
    recovers(&stub, &mut bridge).await;
    assert_eq!(logons(&stub), 2, "{messaging} {}", text.len());
    assert_eq!(stub.state().sessions.len(), 1, "the former session was logged off");
    bridge.stop().await.unwrap();
}

#[tokio::test]
async fn what_came_before_a_malformed_message_is_reported() {
    let stub = Stub::start().await;
    let (mut bridge, _) = Bridge::live(config(&stub)).await;
    let good = statuses_changed(&[user_status("ben", "Gone Home", "20260105T120000Z")]).to_string();
    stub.push_together(&[good, "{".to_owned()]);
    assert_eq!(bridge.changed().await.updates.len(), 1);
    bridge.lost().await;
    bridge.stop().await.unwrap();
}

#[tokio::test]
async fn unknown_types_properties_and_numbers_are_skipped() {
    let stub = Stub::start().await;
    let (mut bridge, _) = Bridge::live(config(&stub)).await;
    let state = |state: i64| {
        json!({"__type": "urn:inin.com:connection:connectionStateChangeMessage", "isDelta": true,
            "previousConnectionState": 1, "newConnectionState": state, "reason": ""})
    };
    stub.push_together(&[
        json!({"__type": "urn:inin.com:future:surpriseMessage", "isDelta": true, "x": [1]}).to_string(),
        json!({"isDelta": true}).to_string(),
        state(1).to_string(),
        state(99).to_string(),
        json!({"__type": "urn:inin.com:queues:queueSubscriptionStateMessage", "isDelta": true,
            "subscriptionId": "queues-0", "state": 42})
        .to_string(),
        json!({"__type": "urn:inin.com:status:userStatusMessage", "isDelta": true, "extra": {},
            "userStatusList": [{"userId": "ben", "statusId": "Gone Home", "mood": "fine", "onPhone": true}]})
        .to_string(),
    ]);
    assert_eq!(bridge.changed().await.updates.len(), 1);
    bridge.stop().await.unwrap();
    assert_eq!(logons(&stub), 1);
}

#[tokio::test]
async fn down_means_a_new_session() {
    let stub = Stub::start().await;
    let (mut bridge, _) = Bridge::live(config(&stub)).await;
    stub.push(&json!({"__type": "urn:inin.com:connection:connectionStateChangeMessage", "isDelta": true,
        "previousConnectionState": 1, "newConnectionState": 2, "reason": "switchover", "shouldReconnect": true}));
    let reason = recovers(&stub, &mut bridge).await;
    assert!(reason.contains("switchover"), "{reason}");
    assert_eq!(logons(&stub), 2);
    bridge.stop().await.unwrap();
}

#[tokio::test]
async fn a_503_in_mid_session_means_a_new_one() {
    let stub = Stub::start().await;
    stub.state().messaging = 1;
    let (mut bridge, _) = Bridge::live(config(&stub)).await;
    stub.state().refused = vec![("messaging/messages", 503, 1)];
    recovers(&stub, &mut bridge).await;
    assert_eq!(logons(&stub), 2);
    bridge.stop().await.unwrap();
}

#[tokio::test]
async fn a_faulted_subscription_is_renewed() {
    let stub = Stub::start().await;
    let (mut bridge, _) = Bridge::live(config(&stub)).await;
    for state in [2, 3] {
        stub.push(&json!({"__type": "urn:inin.com:queues:queueSubscriptionStateMessage", "isDelta": true,
            "subscriptionId": "queues-0", "state": state, "error": {"message": "lost"}}));
        bridge.snapshot().await;
    }
    assert_eq!(logons(&stub), 1);
    bridge.stop().await.unwrap();
}

#[tokio::test]
async fn a_password_changed_while_running_is_no_end() {
    let stub = Stub::start().await;
    let (mut bridge, _) = Bridge::live(config(&stub)).await;
    stub.state().password = "changed";
    stub.kill_sessions();
    bridge.lost().await;
    stub.until(|state| {
        state.requests.iter().filter(|request| request.path.starts_with("/icws/connection?")).count() == 2
    })
    .await;
    bridge.stop().await.unwrap();
}

#[tokio::test]
async fn a_server_without_server_sent_events_is_polled() {
    let stub = Stub::start().await;
    stub.state().refused = vec![("messaging/messages", 405, 1)];
    let (mut bridge, _) = Bridge::live(config(&stub)).await;
    stub.push(&statuses_changed(&[user_status("ben", "Gone Home", "20260105T120000Z")]));
    assert_eq!(bridge.changed().await.updates.len(), 1);
    bridge.stop().await.unwrap();
}

#[tokio::test]
async fn heartbeats_are_sent_beside_a_stream_and_given_up_where_they_are_unknown() {
    let stub = Stub::start().await;
    let (bridge, _) = Bridge::live(nervous(&stub)).await;
    let beats = |state: &crate::stub::State, wanted: usize| {
        state.requests.iter().filter(|request| request.path.ends_with("/messaging/heartbeat")).count() >= wanted
    };
    stub.until(|state| beats(state, 2)).await;
    stub.state().refused = vec![("messaging/heartbeat", 405, usize::MAX)];
    stub.until(|state| beats(state, 3)).await;
    stub.push(&statuses_changed(&[user_status("ben", "Gone Home", "20260105T120000Z")]));
    bridge.stop().await.unwrap();
    assert_eq!((stub.count("POST", "/heartbeat"), logons(&stub)), (3, 1));
}

#[tokio::test]
async fn a_long_outage_is_one_loss() {
    let stub = Stub::start().await;
    let (mut bridge, _) = Bridge::live(config(&stub)).await;
    stub.state().closed = [("127.0.0.1".to_owned(), None)].into();
    stub.kill_sessions();
    bridge.lost().await;
    stub.until(|state| state.logons().count() >= 3).await;
    stub.state().closed.clear();
    bridge.snapshot().await;
    bridge.stop().await.unwrap();
}
