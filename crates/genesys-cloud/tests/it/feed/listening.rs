//! What comes through a socket: hints, nonsense, too much, and nothing at all.

use axum::extract::ws::Message;
use domain::target::{OutOfOffice, Presence, RoutingStatus, SystemPresence};
use replicator::ports::FeedEvent;
use serde_json::json;

use super::{Listener, presence, topic};
use crate::stub::{logged, user};

#[tokio::test]
async fn what_changes_is_told_facet_by_facet() {
    let mut listener = Listener::subscribed().await;
    listener.stub.notify(0, &topic(user(1), "presence"), presence("Meal"));
    let status = json!({"id": user(1).0, "routingStatus": {"status": "IDLE", "startTime": "2026-01-01T08:00:01Z"}});
    listener.stub.notify(0, &topic(user(1), "routingStatus"), status);
    let office = json!({"user": {"id": user(1).0}, "active": true, "indefinite": true});
    listener.stub.notify(0, &topic(user(1), "outofoffice"), office);
    let mut told = Vec::new();
    for _ in 0..3 {
        match listener.next().await {
            FeedEvent::Shown(seen) => told.push(seen),
            lost @ FeedEvent::Lost { .. } => panic!("{lost:?}"),
        }
    }
    assert!(told.iter().all(|seen| seen.user == user(1)));
    assert_eq!(told[0].presence.unwrap().value, Presence::of(SystemPresence::Meal));
    assert_eq!((told[0].routing, told[0].out_of_office, told[0].ours), (None, None, Some(true)));
    assert_eq!(told[1].routing.unwrap().value, RoutingStatus::Idle);
    assert_eq!(told[2].out_of_office.unwrap().value, OutOfOffice::On { until: None });
}

#[tokio::test]
async fn nonsense_is_passed_over_and_a_new_shape_is_logged_once() {
    let mut listener = Listener::subscribed().await;
    for text in ["", "{", "null", r#"{"topicName":7}"#, r#"{"topicName":"channel.metadata"}"#, &"[".repeat(5000)] {
        listener.stub.send(0, Message::text(text));
    }
    listener.stub.send(0, Message::binary(vec![0_u8, 159, 146, 150]));
    listener.stub.send(0, Message::Ping("are you there".into()));
    for _ in 0..2 {
        listener.stub.notify(0, &topic(user(1), "routingStatus"), json!(["a new shape"]));
    }
    listener.hears(0).await;
    let lines = logged();
    let warned = lines.lines().filter(|line| line.contains("not known here") && line.contains("notification")).count();
    assert_eq!(warned, 1);
    assert!(!lines.contains("a new shape"), "and not quoted");
}

#[tokio::test]
async fn a_message_too_large_to_read_ends_the_channel() {
    let mut listener = Listener::subscribed().await;
    listener.stub.send(0, Message::text("x".repeat((1 << 20) + 1)));
    let reason = listener.lost().await;
    assert!(reason.contains("too long") || reason.contains("too large"), "{reason}");
    assert_eq!(listener.subscribe(0, 1..=1).await.requests, 1, "the same channel, another socket");
    listener.stub.send(1, Message::text(" ".repeat(1 << 20)));
    listener.hears(1).await;
}

#[tokio::test]
async fn a_silent_socket_is_asked_whether_it_is_alive_and_given_up() {
    let begin = tokio::time::Instant::now();
    let mut listener = Listener::subscribed().await;
    // Time jumps to the next timer as soon as everybody waits, be it for a socket.
    tokio::time::pause();
    assert_eq!(listener.lost().await, "nothing was heard for 75 seconds");
    assert!(begin.elapsed().as_secs() >= 75);
    listener.stub.until(|streaming| streaming.sockets[0].ended).await;
    let pings = listener.stub.change(|organisation| organisation.streaming.sockets[0].heard.clone());
    assert_eq!(pings, [r#"{"message":"ping"}"#; 2], "after 25 and 50 seconds");
}

#[tokio::test]
async fn a_quiet_socket_that_answers_is_kept() {
    let begin = tokio::time::Instant::now();
    let mut listener = Listener::subscribed().await;
    tokio::time::pause();
    for pings in 1..=10 {
        listener.stub.until(|streaming| streaming.sockets[0].heard.len() >= pings).await;
        listener.stub.notify(0, "channel.metadata", json!({"message": "pong"}));
    }
    assert!(begin.elapsed().as_secs() >= 250);
    listener.hears(0).await;
}

#[tokio::test]
async fn whoever_reads_slowly_misses_hints_but_not_that_the_channel_is_lost() {
    let mut listener = Listener::subscribed().await;
    for _ in 0..1500 {
        listener.stub.notify(0, &topic(user(1), "presence"), presence("Meal"));
    }
    listener.stub.hang_up(0, 1001, "idle");
    // The socket is read to its end although nobody takes what comes.
    listener.stub.until(|streaming| streaming.sockets[0].ended).await;
    let mut shown = 0;
    while let FeedEvent::Shown(_) = listener.next().await {
        shown += 1;
    }
    assert_eq!(shown, 1000, "as many as there is room for");
    assert_eq!(listener.subscribe(0, 1..=1).await.requests, 1);
    listener.hears(1).await;
}

#[tokio::test]
async fn what_was_lost_and_is_there_again_before_anybody_knew_is_not_told() {
    let mut listener = Listener::subscribed().await;
    for _ in 0..1000 {
        listener.stub.notify(0, &topic(user(1), "presence"), presence("Meal"));
    }
    listener.stub.hang_up(0, 1001, "idle");
    listener.stub.until(|streaming| streaming.sockets[0].ended).await;
    listener.subscribe(0, 1..=1).await.result.unwrap();
    for _ in 0..1000 {
        assert!(matches!(listener.next().await, FeedEvent::Shown(_)));
    }
    listener.hears(1).await;
}
