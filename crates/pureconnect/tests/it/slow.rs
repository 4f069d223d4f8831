//! Stories of bytes that come late, in pieces, twice, not at all, or without end.

use std::time::Duration;

use domain::source::Update;
use replicator::ports::{FailureKind, SourceEvent};
use serde_json::{Value, json};

use crate::bridge::{Bridge, config};
use crate::stub::{Stub, queue_changed, statuses_changed, user_status};

fn status(update: &Update) -> String {
    match update {
        Update::Status(agent, status) => format!("{agent} {}", status.status),
        other => format!("{other:?}"),
    }
}

async fn next(bridge: &mut Bridge) -> Vec<String> {
    bridge.changed().await.updates.iter().map(status).collect()
}

#[tokio::test]
async fn a_stream_cut_in_mid_line_tells_nothing_of_the_rest() {
    let change = statuses_changed(&[user_status("ben", "Gone Home", "20260105T120000Z")]).to_string();
    // In the middle of the JSON, behind it, and behind its line: an event ends with an empty line.
    for part in [&format!("data: {}", &change[..40]), &format!("data: {change}"), &format!("data: {change}\n")] {
        let stub = Stub::start().await;
        let (mut bridge, _) = Bridge::live(config(&stub)).await;
        // A ping behind it would end the line.
        stub.state().ping = None;
        stub.push_raw(part);
        stub.drained().await;
        stub.cut_streams();
        let reason = bridge.lost().await;
        assert!(reason.contains("stream"), "{reason}");
        bridge.snapshot().await;
        assert_eq!(stub.state().logons().count(), 1, "the session lives");
        bridge.stop().await.unwrap();
    }
}

#[tokio::test]
async fn a_stream_may_come_byte_by_byte() {
    let stub = Stub::start().await;
    stub.state().sliced = true;
    let (mut bridge, snapshot) = Bridge::live(config(&stub)).await;
    assert_eq!((snapshot.statuses.len(), snapshot.interactions.len()), (3, 1));
    stub.push(&statuses_changed(&[user_status("ben", "Gone Home", "20260105T120000Z")]));
    assert_eq!(next(&mut bridge).await, ["ben Gone Home"]);
    bridge.stop().await.unwrap();
}

#[tokio::test]
async fn pings_without_an_empty_line_are_life_too() {
    let stub = Stub::start().await;
    stub.state().ping = Some(":ping\n");
    let config = pureconnect::Config { silence_limit: Duration::from_millis(400), ..config(&stub) };
    let (mut bridge, _) = Bridge::live(config).await;
    // A heartbeat goes out as often as silence would have been noticed.
    let beats = |state: &crate::stub::State| {
        state.requests.iter().filter(|request| request.path.ends_with("/messaging/heartbeat")).count()
    };
    stub.until(|state| beats(state) >= 3).await;
    stub.push(&statuses_changed(&[user_status("ben", "Gone Home", "20260105T120000Z")]));
    assert_eq!(next(&mut bridge).await, ["ben Gone Home"], "no loss before");
    bridge.stop().await.unwrap();
}

#[tokio::test]
async fn messages_that_come_again_or_late_are_no_news() {
    for messaging in [1, 2] {
        let stub = Stub::start().await;
        stub.state().messaging = messaging;
        let (mut bridge, _) = Bridge::live(config(&stub)).await;
        let ben = |status: &str, time: &str| statuses_changed(&[user_status("ben", status, time)]);
        let carl = |status: &str| statuses_changed(&[user_status("carl", status, "20260105T140000Z")]);
        stub.push(&ben("Gone Home", "20260105T120000Z"));
        assert_eq!(next(&mut bridge).await, ["ben Gone Home"]);
        stub.push(&ben("Available", "20260105T130000Z"));
        assert_eq!(next(&mut bridge).await, ["ben Available"]);
        // The same again, and the one before it again.
        stub.push_together(&[
            ben("Available", "20260105T130000Z").to_string(),
            ben("Gone Home", "20260105T120000Z").to_string(),
            carl("Available").to_string(),
        ]);
        assert_eq!(next(&mut bridge).await, ["carl Available"]);
        // The server's clock was put right: its last word counts, whatever time it has.
        stub.push(&ben("At Lunch", "20260105T123000Z"));
        assert_eq!(next(&mut bridge).await, ["ben At Lunch"]);
        // There and back within a second.
        stub.push(&ben("Gone Home", "20260105T123000Z"));
        assert_eq!(next(&mut bridge).await, ["ben Gone Home"]);
        stub.push(&ben("At Lunch", "20260105T123000Z"));
        assert_eq!(next(&mut bridge).await, ["ben At Lunch"]);
        bridge.stop().await.unwrap();
    }
}

#[tokio::test]
async fn empty_and_short_whole_lists_in_mid_session_are_no_changes_of_statuses() {
    let stub = Stub::start().await;
    let (mut bridge, _) = Bridge::live(config(&stub)).await;
    let whole = |kind: &str, list: &str, items: Value| json!({"__type": format!("urn:inin.com:{kind}"), "isDelta": false, "subscriptionId": "users", list: items});
    let ben = user_status("ben", "At Lunch", "20260105T090000Z");
    stub.push_together(&[
        whole("status:userStatusMessage", "userStatusList", json!([])).to_string(),
        whole("status:userStatusMessage", "userStatusList", json!([ben])).to_string(),
        whole("configuration.people:usersMessage", "added", json!([])).to_string(),
        statuses_changed(&[user_status("carl", "Available", "20260105T130000Z")]).to_string(),
    ]);
    let told = next(&mut bridge).await;
    assert_eq!(told, ["ben At Lunch", "carl Available"], "nobody has left; what was forgotten is told again");
    let mut empty = queue_changed("queues-0", json!({}));
    empty["isDelta"] = json!(false);
    stub.push(&empty);
    let told = bridge.changed().await.updates;
    assert!(matches!(&told[..], [Update::InteractionLeft(..)]), "an empty queue is one: {told:?}");
    bridge.stop().await.unwrap();
}

#[tokio::test]
async fn a_server_that_accepts_and_never_answers_is_lost_and_found_again() {
    for messaging in [1, 2] {
        let stub = Stub::start().await;
        stub.state().messaging = messaging;
        let limits = Duration::from_millis(400);
        let config = pureconnect::Config { request_timeout: limits, silence_limit: limits, ..config(&stub) };
        let (mut bridge, _) = Bridge::live(config).await;
        stub.state().mute = true;
        stub.state().ping = None;
        let SourceEvent::Lost { reason, heard } = bridge.event().await else { panic!("a loss was expected") };
        assert!(reason.contains("no answer within") || reason.contains("silent"), "{reason}");
        let ago = jiff::Timestamp::now().duration_since(heard.unwrap());
        assert!(ago.as_millis() >= 350, "it was silent before it was noticed: {ago}");
        let asked = stub.state().requests.len();
        stub.until(|state| state.requests.len() > asked + 2).await;
        stub.state().mute = false;
        stub.state().ping = Some(":ping\n\n");
        bridge.snapshot().await;
        bridge.stop().await.unwrap();
    }
}

#[tokio::test]
async fn a_list_without_end_and_an_answer_without_end_are_given_up() {
    let stub = Stub::start().await;
    stub.state().endless = true;
    let failure = Bridge::start(config(&stub)).ended().await.expect_err("the start fails");
    assert_eq!(failure.kind, FailureKind::Unreachable);
    assert!(failure.message.contains("more than 2500 pages (asked to read the users)"), "{failure}");

    let stub = Stub::start().await;
    stub.state().hanging = true;
    let limited = pureconnect::Config { silence_limit: Duration::from_millis(400), ..config(&stub) };
    let failure = Bridge::start(limited).ended().await.expect_err("the start fails");
    assert!(failure.message.contains("was silent for 400ms"), "{failure}");

    let stub = Stub::start().await;
    stub.state().version = (200, " ".repeat(17 * 1024 * 1024));
    let failure = Bridge::start(config(&stub)).ended().await.expect_err("the start fails");
    assert!(failure.message.contains("larger than 16777216 bytes"), "{failure}");
}

#[tokio::test]
async fn ids_of_a_thousand_bytes_are_refused_and_statuses_without_end_not_looked_up() {
    let stub = Stub::start().await;
    let (mut bridge, _) = Bridge::live(config(&stub)).await;
    let strange: Vec<_> = (0..60)
        .map(|n| statuses_changed(&[user_status("ben", &format!("Strange {n}"), "20260105T120000Z")]).to_string())
        .collect();
    let mut heard = 0;
    for group in strange.chunks(10) {
        stub.push_together(group);
        heard += bridge.changed().await.updates.len();
    }
    stub.push(&statuses_changed(&[user_status(&"x".repeat(1001), "Available", "20260105T120000Z")]));
    loop {
        match bridge.event().await {
            SourceEvent::Lost { .. } => break,
            SourceEvent::Changed(batch) => heard += batch.updates.len(),
            SourceEvent::Snapshot { .. } => panic!("no snapshot was asked for"),
        }
    }
    assert_eq!(heard, 60, "all of them are reported");
    assert!(stub.count("GET", "/status-messages") <= 1 + 20, "{}", stub.count("GET", "/status-messages"));
    bridge.snapshot().await;
    bridge.stop().await.unwrap();
}
