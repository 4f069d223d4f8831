//! What must never be seen, and what must never be sent.

use serde_json::json;

use crate::bridge::{Bridge, config};
use crate::logged::logged;
use crate::stub::{Stub, statuses_changed, user_status};

#[test]
fn neither_log_nor_debug_nor_requests_tell_more_than_they_should() {
    let (requests, log) = logged(tracing::Level::TRACE, a_day_with_trouble());
    assert!(log.contains("logged on to PureConnect"), "{log}");
    for secret in ["correct horse", "secret-token", "secret-cookie"] {
        assert!(!log.contains(secret), "{secret} is in the log:\n{log}");
        let quoted = requests.iter().filter(|request| request.path.contains(secret));
        assert_eq!(quoted.count(), 0, "{secret} is in a URL");
    }
    let shown = log.lines().filter(|line| line.contains(" INFO ") || line.contains(" WARN "));
    for line in shown {
        assert!(!line.contains("BEN") && !line.contains("ben@example.com"), "a name or an address: {line}");
    }
    for request in requests {
        let rest = request.path.trim_start_matches("/icws/").split_once('/').map_or("", |(_, rest)| rest);
        let allowed = match request.method.as_str() {
            "GET" => request.body.is_empty(),
            "POST" => request.path.starts_with("/icws/connection?") || rest == "messaging/heartbeat",
            "PUT" => rest.starts_with("messaging/subscriptions/"),
            "DELETE" => rest.starts_with("messaging/subscriptions/") || rest == "connection",
            _ => false,
        };
        assert!(allowed, "{} {}", request.method, request.path);
        let has_length = request.headers.contains_key("content-length");
        assert!(
            has_length || matches!(request.method.as_str(), "GET" | "DELETE"),
            "{} {}",
            request.method,
            request.path
        );
        assert!(
            !request.body.contains("notes") && !request.body.contains("forwardNumber"),
            "personal data is not asked for"
        );
    }
}

async fn a_day_with_trouble() -> Vec<crate::stub::Request> {
    let stub = Stub::start().await;
    let config = config(&stub);
    assert!(!format!("{config:?}").contains("correct horse"));
    let (mut bridge, _) = Bridge::live(config).await;
    stub.push(&statuses_changed(&[user_status("ben", "Gone Home", "20260105T120000Z")]));
    bridge.changed().await;
    stub.push(&json!({"__type": "urn:inin.com:status:userStatusMessage", "isDelta": true, "userStatusList": "Ben"}));
    bridge.lost().await;
    bridge.snapshot().await;
    stub.kill_sessions();
    bridge.lost().await;
    bridge.snapshot().await;
    bridge.stop().await.unwrap();
    let state = stub.state();
    state.requests.clone()
}
