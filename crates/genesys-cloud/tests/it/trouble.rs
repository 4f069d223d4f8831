//! Refusals and broken answers, as the replicator is told of them.

use std::time::Duration;

use domain::change::{Facet, Value};
use domain::target::SystemPresence;
use genesys_cloud::GenesysCloud;
use replicator::ports::{Answer, Failure, FailureKind, Sink};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::stub::{Canned, Stub, error, lane, order, user};

const EVENTS: &str = "/api/v2/events/users/presence";

async fn deliver(cloud: &GenesysCloud) -> Answer<usize> {
    let order = order(1, Value::Presence(SystemPresence::Meal.into()));
    let answer = cloud.deliver(lane(cloud, Facet::Presence), vec![order]).await;
    Answer {
        result: answer.result.map(|outcomes| outcomes.len()),
        quota: answer.quota,
        requests: answer.requests,
        correlation: answer.correlation,
    }
}

async fn failure(canned: Canned) -> Failure {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    stub.always("POST", EVENTS, canned);
    deliver(&cloud).await.result.unwrap_err()
}

fn throttled(seconds: u64) -> Failure {
    Failure::Throttled { retry_after: Some(Duration::from_secs(seconds)) }
}

/// Whether it was perhaps applied; anything but unavailable fails.
fn perhaps_applied(failure: &Failure) -> bool {
    match failure {
        Failure::Unavailable { maybe_applied, .. } => *maybe_applied,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_429_says_how_long_to_wait_in_one_of_three_ways() {
    let new = || error(429, "too.many.requests.retry.after", "Retry the request in [16] seconds");
    assert_eq!(failure(new().with("retry-after", "16").with("inin-ratelimit-reset", "40")).await, throttled(16));
    let old = || error(429, "too.many.requests", "maximum [300] requests within [60] seconds");
    assert_eq!(failure(old().with("inin-ratelimit-reset", "40")).await, throttled(40));
    assert_eq!(failure(old()).await, throttled(60));
    assert_eq!(failure(Canned::text(429, "text/html", "")).await, throttled(60));
}

#[tokio::test]
async fn every_kind_of_status_reaches_the_replicator_as_its_reaction() {
    let refused = |reason: &str| Failure::Refused { reason: reason.into() };
    assert_eq!(failure(error(400, "constraint.validation", "no")).await, refused("400 constraint.validation: no"));
    assert!(!perhaps_applied(&failure(error(400, "client.failed.request", "no")).await));
    let reason = "403 missing.any.permissions: presence:userPresence:inject".to_owned();
    let forbidden = error(403, "missing.any.permissions", "presence:userPresence:inject");
    assert_eq!(failure(forbidden).await, Failure::Unsupported { reason });
    assert_eq!(failure(error(404, "not.found", "no")).await, refused("404 not.found: no"));
    assert!(perhaps_applied(&failure(error(408, "client.timeout", "slow")).await));
    let reason = "409 presenceservice.conflict: busy".to_owned();
    assert_eq!(failure(error(409, "presenceservice.conflict", "busy")).await, Failure::Deferred { reason });
    let too_large = failure(error(413, "request.entity.too.large", "Maximum bytes: 512000")).await;
    assert_eq!(too_large, refused("too large: 413 request.entity.too.large: Maximum bytes: 512000"));
    assert_eq!(failure(error(415, "unsupported.media.type", "no")).await, refused("415 unsupported.media.type: no"));
    for status in [500, 502, 503, 504] {
        assert!(perhaps_applied(&failure(error(status, "x", "y")).await), "{status}");
    }
}

#[tokio::test]
async fn a_gateways_page_is_no_answer() {
    let page = |status| Canned::text(status, "text/html", "<html><h1>Bad Gateway</h1></html>");
    assert!(perhaps_applied(&failure(page(502)).await));
    assert!(perhaps_applied(&failure(page(200)).await), "not counted as a success");
    assert!(perhaps_applied(&failure(Canned::text(200, "application/json", r#"{"errors":["#)).await), "nor is half");
}

#[tokio::test]
async fn a_success_without_a_word_is_one() {
    for status in [200, 202] {
        let stub = Stub::start().await;
        let cloud = stub.connect().await;
        stub.always("POST", EVENTS, Canned::text(status, "application/json", ""));
        assert_eq!(deliver(&cloud).await.result, Ok(1), "no errors are told: {status}");
    }
}

#[tokio::test]
async fn an_answer_too_large_to_read_is_given_up() {
    let body = format!(r#"{{"errors":[],"filler":"{}"}}"#, "x".repeat(17 << 20));
    let failure = failure(Canned::text(200, "application/json", &body)).await;
    assert!(perhaps_applied(&failure), "{failure}");
    assert!(failure.to_string().contains("larger than"), "{failure}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    stub.always("POST", EVENTS, Canned::text(307, "text/plain", "").with("location", "/elsewhere"));
    assert!(!perhaps_applied(&deliver(&cloud).await.result.unwrap_err()));
    assert_eq!(stub.all_seen().len(), 1);
}

#[tokio::test]
async fn no_answer_in_time_may_have_been_applied() {
    let stub = Stub::start().await;
    let mut config = stub.config();
    config.request_timeout = Duration::from_millis(300);
    let cloud = stub.try_connect(config).await.unwrap().clouds.remove(0);
    stub.always("POST", EVENTS, Canned::hanging());
    let answer = deliver(&cloud).await;
    assert!(perhaps_applied(&answer.result.unwrap_err()));
    assert_eq!(answer.requests, 1);
}

#[tokio::test]
async fn a_server_that_is_gone_was_sent_nothing() {
    let stub = Stub::start().await;
    let mut config = stub.config();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let api = listener.local_addr().unwrap();
    config.api_base_url = format!("http://{api}/").parse().unwrap();
    // A front of the stub that can be taken away.
    let target = stub.url.socket_addrs(|| None).unwrap()[0];
    let front = tokio::spawn(async move {
        loop {
            let (mut near, _) = listener.accept().await.unwrap();
            let mut far = tokio::net::TcpStream::connect(target).await.unwrap();
            // One connection after the other is enough: the client reuses it.
            let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
        }
    });
    let cloud = stub.try_connect(config).await.unwrap().clouds.remove(0);
    front.abort();
    assert!(front.await.unwrap_err().is_cancelled());
    // The pooled connection is closed by now or dies under the request; the next one finds nobody.
    let _ = deliver(&cloud).await;
    let answer = deliver(&cloud).await;
    assert!(!perhaps_applied(&answer.result.unwrap_err()));
    assert_eq!(answer.requests, 0);
}

#[tokio::test]
async fn a_connection_reset_after_sending_may_have_been_applied() {
    let stub = Stub::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut config = stub.config();
    config.api_base_url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    config.start_patience = Duration::ZERO;
    let server = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut some = [0; 64];
        let read = socket.read(&mut some).await.unwrap();
        socket.shutdown().await.unwrap();
        read
    });
    let failure = stub.try_connect(config).await.map(|connected| connected.notes).unwrap_err();
    assert!(server.await.unwrap() > 0);
    assert_eq!(failure.kind, FailureKind::Unreachable);
    let cause = failure.cause.unwrap();
    assert!(perhaps_applied(cause.downcast_ref::<Failure>().unwrap()));
}

#[tokio::test]
async fn nobody_there_is_told_with_the_address_after_patience_has_ended() {
    let stub = Stub::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = listener.local_addr().unwrap();
    drop(listener);
    let mut config = stub.config();
    config.api_base_url = format!("http://{nobody}").parse().unwrap();
    let failure = stub.try_connect(config).await.map(|connected| connected.notes).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unreachable);
    assert!(failure.message.contains(&nobody.to_string()) && failure.message.contains("120 seconds"), "{failure}");
    assert!(stub.clock.elapsed() > Duration::from_secs(60), "it was tried for long enough");
}

#[tokio::test]
async fn trouble_that_passes_is_waited_out_when_starting() {
    let stub = Stub::start().await;
    stub.script(2, "GET", "/api/v2/tokens/me", Canned::text(502, "text/html", "<h1>Bad Gateway</h1>"));
    stub.script(1, "GET", "/api/v2/presence/sources", error(429, "too.many.requests", "").with("retry-after", "30"));
    stub.script(1, "POST", EVENTS, error(503, "service.unavailable", "down"));
    let connected = stub.try_connect(stub.config()).await.unwrap();
    assert!(stub.clock.elapsed() >= Duration::from_secs(30), "as long as the 429 said");
    assert_eq!(connected.spent[0].0 as usize, stub.all_seen().len() - 1);
}

#[tokio::test]
async fn a_wait_beyond_patience_is_not_begun() {
    let stub = Stub::start().await;
    stub.always("GET", "/api/v2/presence/sources", error(429, "too.many.requests", "").with("retry-after", "600"));
    let failure = stub.refused().await;
    assert_eq!(failure.kind, FailureKind::Unreachable);
    assert!(stub.clock.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn the_correlation_id_of_the_body_serves_when_the_header_is_missing() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    stub.always("POST", EVENTS, error(400, "bad.request", "no"));
    assert_eq!(deliver(&cloud).await.correlation.as_deref(), Some("ctx-1"));
}

#[tokio::test]
async fn the_quota_is_read_from_refusals_too() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    let refusal = error(429, "too.many.requests", "")
        .with("inin-ratelimit-allowed", "300")
        .with("inin-ratelimit-count", "301")
        .with("inin-ratelimit-reset", "12");
    stub.always("POST", EVENTS, refusal);
    let quota = deliver(&cloud).await.quota.unwrap();
    assert_eq!((quota.allowed, quota.count, quota.reset), (300, 301, Duration::from_secs(12)));
}

#[tokio::test]
async fn a_body_of_the_wrong_shape_renews_nothing_and_quotes_nothing() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    stub.always("GET", "/api/v2/users", Canned::json(200, json!({"entities": "Jane Doe"})));
    let failure = cloud.observe(vec![user(1)]).await.result.unwrap_err();
    assert!(perhaps_applied(&failure) && !failure.to_string().contains("Jane"), "{failure}");
}
