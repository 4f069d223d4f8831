//! Secrets are nowhere to be read: not in what is printed for debugging, not in the log.

use domain::change::{Facet, Value};
use domain::target::SystemPresence;
use replicator::ports::Sink;
use serde_json::json;

use crate::stub::{Canned, SECRET, Stub, error, lane, logged, order};

#[tokio::test]
async fn neither_the_secret_nor_a_token_is_printed_or_logged() {
    let stub = Stub::start().await;
    let config = stub.config();
    let mut printed = format!("{config:?}");
    stub.script(1, "POST", "/oauth/token", Canned::json(400, json!({"error": "rate limit exceeded"})));
    let connected = stub.try_connect(config).await.unwrap();
    printed.push_str(&format!("{connected:?}"));
    let cloud = connected.cloud;
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
    cloud.close().await;
    // Of every test that ran so far, which makes it only stricter.
    let written = logged();
    assert!(written.contains("connected to Genesys Cloud"), "the log was captured");
    for text in [printed, written] {
        assert!(!text.contains(SECRET) && !text.contains("planted-token"), "{text}");
    }
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
