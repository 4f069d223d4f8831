//! Secrets are nowhere to be read: not in what is printed for debugging, not in the log.

use domain::change::{Facet, Value};
use domain::target::SystemPresence;
use genesys_cloud::GenesysCloud;
use replicator::ports::{Feed, FeedEvent, Sink};
use serde_json::json;
use tokio::sync::mpsc;

use crate::stub::{Canned, SECRET, Stub, error, lane, logged, order, user};

#[tokio::test]
async fn neither_the_secret_nor_a_token_is_printed_or_logged() {
    let stub = Stub::start().await;
    let config = stub.config();
    let mut printed = format!("{config:?}");
    stub.script(1, "POST", "/oauth/token", Canned::json(400, json!({"error": "rate limit exceeded"})));
    let connected = stub.try_connect(config).await.unwrap();
    printed.push_str(&format!("{connected:?}"));
    let cloud = connected.clouds[0].clone();
    // Through a renewal, a refusal and an answer that cannot be read.
    stub.change(|organisation| organisation.valid_tokens.clear());
    stub.script(1, "POST", "/oauth/token", Canned::text(200, "application/json", r#"{"access_token":"planted-token"#));
    for canned in [None, Some(error(500, "internal.server.error", "oops")), Some(Canned::text(200, "text/html", "<p>"))]
    {
        if let Some(canned) = canned {
            stub.script(1, "POST", "/api/v2/events/users/presence", canned);
        }
        let order = order(1, Value::Presence(SystemPresence::Meal.into()));
        printed.push_str(&format!("{:?}", cloud.deliver(lane(&cloud, Facet::Presence), vec![order]).await));
    }
    printed.push_str(&listen(&stub, &cloud, connected.feed_events.unwrap()).await);
    cloud.close().await;
    // Of every test that ran so far, which makes it only stricter.
    let written = logged();
    assert!(written.contains("connected to Genesys Cloud"), "the log was captured");
    for text in [printed, written] {
        for secret in [SECRET, "planted-token", "planted-channel"] {
            assert!(!text.contains(secret), "{secret} is in {text}");
        }
    }
}

/// Subscribes through refusals and endings whose words have the name of the channel in them.
async fn listen(stub: &Stub, cloud: &GenesysCloud, mut events: mpsc::Receiver<FeedEvent>) -> String {
    let mut printed = String::new();
    let path = "/api/v2/notifications/channels/streaming-1-planted-channel/subscriptions";
    let words = "there is no list for streaming-1-planted-channel";
    let subscribe = async || format!("{:?}", cloud.subscribe(0, vec![user(1)]).await);
    stub.script(1, "PUT", path, error(400, "notification.invalid.topic", words));
    printed.push_str(&subscribe().await);
    printed.push_str(&subscribe().await);
    stub.hang_up(0, 1001, "goodbye /channels/streaming-1-planted-channel");
    printed.push_str(&format!("{:?}", events.recv().await));
    for status in [404, 500] {
        let refusal = error(status, "no.such.channel", "streaming-1-planted-channel is not here");
        stub.script(1, "GET", "/channels/streaming-1-planted-channel", refusal);
        printed.push_str(&subscribe().await);
    }
    for expected in ["there is no list for ***", "goodbye /***", "Lost"] {
        assert!(printed.contains(expected), "{printed}");
    }
    printed
}

#[tokio::test]
async fn requests_carry_the_token_in_a_header_and_nowhere_else() {
    let stub = Stub::start().await;
    stub.try_connect(stub.config()).await.unwrap();
    for seen in stub.all_seen() {
        let body = String::from_utf8_lossy(&seen.body).into_owned();
        assert!(!format!("{} {:?} {body}", seen.path, seen.query).contains("planted"), "{seen:?}");
    }
}
