//! The token: one request for many who need it, renewed in time and when it is refused.

use std::time::Duration;

use domain::change::{Facet, Value};
use domain::target::SystemPresence;
use replicator::ports::{Failure, FailureKind, Sink};
use serde_json::json;

use crate::stub::{Canned, SECRET, Stub, error, lane, order, user};

const TOKEN: &str = "/oauth/token";
const EVENTS: &str = "/api/v2/events/users/presence";

fn presence() -> Value {
    Value::Presence(SystemPresence::Meal.into())
}

fn limited() -> Canned {
    let words = "rate limit exceeded; try again later";
    Canned::json(400, json!({"error": "invalid_request", "description": words, "error_description": words}))
}

#[tokio::test]
async fn fifty_calls_that_find_the_token_old_make_one_token_request() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    stub.clock.advance(Duration::from_secs(86_399));
    let calls: Vec<_> = (0..50)
        .map(|n| {
            let cloud = cloud.clone();
            tokio::spawn(async move { cloud.deliver(lane(&cloud, Facet::Presence), vec![order(n, presence())]).await })
        })
        .collect();
    for call in calls {
        let answer = call.await.unwrap();
        assert_eq!((answer.requests, answer.result.unwrap().len()), (1, 1));
    }
    assert_eq!(stub.tokens_asked(), 1);
    cloud.close().await;
}

#[tokio::test]
async fn fifty_calls_whose_token_is_refused_make_one_token_request() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    stub.change(|organisation| organisation.valid_tokens.clear());
    let calls: Vec<_> = (0..50)
        .map(|n| {
            let cloud = cloud.clone();
            tokio::spawn(async move { cloud.deliver(lane(&cloud, Facet::Presence), vec![order(n, presence())]).await })
        })
        .collect();
    for call in calls {
        assert!(call.await.unwrap().result.is_ok());
    }
    assert_eq!(stub.tokens_asked(), 1);
}

#[tokio::test]
async fn requests_under_way_when_the_token_is_revoked_are_repeated_with_the_new_one() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    stub.hold();
    let calls: Vec<_> = (0..20)
        .map(|n| {
            let cloud = cloud.clone();
            tokio::spawn(async move { cloud.deliver(lane(&cloud, Facet::Presence), vec![order(n, presence())]).await })
        })
        .collect();
    stub.until_held(20).await;
    stub.change(|organisation| organisation.valid_tokens.clear());
    stub.release();
    for call in calls {
        let answer = call.await.unwrap();
        assert_eq!(answer.result.unwrap()[0].1, Ok(()));
        assert_eq!(answer.requests, 2, "refused and repeated");
    }
    assert_eq!(stub.tokens_asked(), 1);
    let mut events: Vec<Vec<u8>> = stub.seen("POST", EVENTS).into_iter().map(|seen| seen.body).collect();
    events.sort();
    assert!(events.chunks(2).all(|twice| twice[0] == twice[1]), "each of them twice and the same");
    assert!(
        stub.seen("POST", EVENTS)[20..].iter().all(|seen| seen.headers["authorization"] == "Bearer planted-token-2")
    );
}

#[tokio::test]
async fn a_token_is_kept_while_it_is_young_and_renewed_before_its_end() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    stub.clock.advance(Duration::from_secs(60_000));
    assert!(cloud.observe(vec![]).await.result.is_ok());
    let deliver = || cloud.deliver(lane(&cloud, Facet::Presence), vec![order(1, presence())]);
    deliver().await.result.unwrap();
    assert_eq!(stub.tokens_asked(), 0);
    stub.clock.advance(Duration::from_secs(10_000));
    let answer = deliver().await;
    assert_eq!((stub.tokens_asked(), answer.requests), (1, 1), "at most four fifths of its life");
    assert_eq!(stub.seen("POST", EVENTS).last().unwrap().headers["authorization"], "Bearer planted-token-2");
}

#[tokio::test]
async fn a_token_refused_in_the_middle_is_renewed_once_and_the_request_repeated() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    stub.change(|organisation| organisation.valid_tokens.clear());
    let answer = cloud.deliver(lane(&cloud, Facet::Presence), vec![order(1, presence())]).await;
    assert_eq!(answer.result, Ok(vec![(order(1, presence()).change.id, Ok(()))]));
    assert_eq!((answer.requests, stub.tokens_asked()), (2, 1));
    let sent = stub.seen("POST", EVENTS);
    assert_eq!(sent[0].body, sent[1].body, "the same event with the same id");
}

#[tokio::test]
async fn a_second_refusal_is_the_end_of_it() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    for code in ["bad.credentials", "authentication.required"] {
        stub.script(2, "POST", EVENTS, error(401, code, "Invalid login credentials."));
        let answer = cloud.deliver(lane(&cloud, Facet::Presence), vec![order(1, presence())]).await;
        let reason = format!("401 {code}: Invalid login credentials.");
        assert_eq!(answer.result, Err(Failure::Unauthorized { reason }));
        assert_eq!((answer.requests, stub.tokens_asked()), (2, 1));
        stub.forget();
    }
}

#[tokio::test]
async fn an_address_that_is_not_allowed_is_no_reason_for_a_new_token() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    stub.always("POST", EVENTS, error(401, "ip.not.authorized", "Requests originating from this IP address"));
    let answer = cloud.deliver(lane(&cloud, Facet::Presence), vec![order(1, presence())]).await;
    assert!(matches!(answer.result, Err(Failure::Unauthorized { .. })), "{answer:?}");
    assert_eq!((answer.requests, stub.tokens_asked()), (1, 0));
}

#[tokio::test]
async fn the_limit_of_the_login_service_is_waited_out_when_starting() {
    let stub = Stub::start().await;
    stub.script(3, "POST", TOKEN, limited());
    let connected = stub.try_connect(stub.config()).await.unwrap();
    assert_eq!((connected.organisation.as_str(), stub.tokens_asked()), ("Acme", 4));
    assert!(stub.clock.elapsed() > Duration::from_secs(1), "with growing pauses");
}

#[tokio::test]
async fn a_limit_without_end_ends_the_start_as_unreachable() {
    let stub = Stub::start().await;
    stub.always("POST", TOKEN, limited());
    let failure = stub.refused().await;
    assert_eq!(failure.kind, FailureKind::Unreachable, "{failure}");
    assert!(failure.cause.unwrap().to_string().contains("rate limit exceeded"));
    assert!(stub.clock.elapsed() <= stub.config().start_patience);
}

#[tokio::test]
async fn an_old_token_is_used_to_its_end_when_no_new_one_is_to_be_had() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    let deliver = || cloud.deliver(lane(&cloud, Facet::Presence), vec![order(1, presence())]);
    stub.always("POST", TOKEN, limited());
    stub.clock.advance(Duration::from_secs(75_000));
    assert!(deliver().await.result.is_ok() && deliver().await.result.is_ok());
    assert_eq!(stub.tokens_asked(), 1, "not asked for again at once");
    stub.clock.advance(Duration::from_secs(12_000));
    let answer = deliver().await;
    let failure = answer.result.unwrap_err();
    assert!(matches!(&failure, Failure::Unavailable { maybe_applied: false, .. }), "{failure:?}");
    assert_eq!(answer.requests, 0, "nothing left without a token");
}

#[tokio::test]
async fn a_login_service_that_says_when_to_come_back_is_believed() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    stub.clock.advance(Duration::from_secs(90_000));
    stub.script(1, "POST", TOKEN, Canned::text(429, "text/plain", "slow down").with("retry-after", "7"));
    let answer = cloud.observe(vec![user(1)]).await;
    assert_eq!(answer.result, Err(Failure::Throttled { retry_after: Some(Duration::from_secs(7)) }));
    let forever = Canned::text(429, "text/plain", "go away").with("retry-after", "18446744073709551615");
    stub.script(1, "POST", TOKEN, forever);
    let answer = cloud.observe(vec![user(1)]).await;
    assert_eq!(answer.result, Err(Failure::Throttled { retry_after: Some(Duration::from_secs(3600)) }));
}

#[tokio::test]
async fn a_wrong_secret_is_told_at_once_and_never_shown() {
    for status in [400, 401] {
        let stub = Stub::start().await;
        let words = format!("no client with secret {SECRET}");
        let body = json!({"error": "invalid_client", "error_description": words});
        stub.always("POST", TOKEN, Canned::json(status, body));
        let failure = stub.refused().await;
        assert_eq!(failure.kind, FailureKind::NotAuthorized);
        let told = format!("{failure} {failure:?}");
        assert!(told.contains("invalid_client") && told.contains("client_id"), "{told}");
        assert!(!told.contains(SECRET), "{told}");
        assert_eq!(stub.tokens_asked(), 1);
    }
}

#[tokio::test]
async fn a_login_error_may_have_any_of_its_fields() {
    for (body, expected) in [
        (json!({"error": "unsupported_grant_type"}), "unsupported_grant_type"),
        (json!({"description": "client is disabled"}), "client is disabled"),
        (json!({"error_description": "client is inactive"}), "client is inactive"),
        (json!({}), "400"),
    ] {
        let stub = Stub::start().await;
        stub.always("POST", TOKEN, Canned::json(400, body));
        let failure = stub.refused().await;
        assert_eq!(failure.kind, FailureKind::NotAuthorized);
        assert!(failure.message.contains(expected), "{failure}");
    }
}

#[tokio::test]
async fn a_server_that_is_no_login_service_is_told_from_a_wrong_secret() {
    let stub = Stub::start().await;
    stub.always("POST", TOKEN, Canned::text(404, "text/html", "<h1>Not Found</h1>"));
    let failure = stub.refused().await;
    assert_eq!(failure.kind, FailureKind::Configuration);
    assert!(failure.message.contains("login_base_url"), "{failure}");
}

#[tokio::test]
async fn something_odd_on_the_way_to_the_login_service_is_no_verdict_on_the_client() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    stub.change(|organisation| organisation.valid_tokens.clear());
    for status in [302, 403, 404, 407, 500, 502, 503] {
        stub.script(1, "POST", TOKEN, Canned::text(status, "text/html", "<h1>Sorry</h1>"));
        let answer = cloud.deliver(lane(&cloud, Facet::Presence), vec![order(1, presence())]).await;
        assert!(matches!(answer.result, Err(Failure::Unavailable { maybe_applied: false, .. })), "{status} {answer:?}");
    }
}

#[tokio::test]
async fn a_token_that_does_not_say_how_long_it_lives_is_taken_for_short_lived() {
    let stub = Stub::start().await;
    stub.change(|organisation| organisation.expires_in = json!(null));
    let cloud = stub.connect().await;
    let deliver = || cloud.deliver(lane(&cloud, Facet::Presence), vec![order(1, presence())]);
    stub.clock.advance(Duration::from_secs(200));
    assert!(deliver().await.result.is_ok());
    assert_eq!(stub.tokens_asked(), 0);
    stub.clock.advance(Duration::from_secs(60));
    assert!(deliver().await.result.is_ok());
    assert_eq!(stub.tokens_asked(), 1);
}

#[tokio::test]
async fn a_token_that_promises_to_live_for_ever_is_renewed_all_the_same() {
    let stub = Stub::start().await;
    stub.change(|organisation| organisation.expires_in = json!(u64::MAX));
    let cloud = stub.connect().await;
    let deliver = || cloud.deliver(lane(&cloud, Facet::Presence), vec![order(1, presence())]);
    assert!(deliver().await.result.is_ok());
    stub.clock.advance(Duration::from_secs(48 * 60 * 60));
    assert!(deliver().await.result.is_ok());
    assert_eq!(stub.tokens_asked(), 1);
}

#[tokio::test]
async fn a_client_that_stops_being_accepted_is_not_authorized_any_more() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    stub.change(|organisation| organisation.valid_tokens.clear());
    stub.always("POST", TOKEN, Canned::json(401, json!({"error": "invalid_client"})));
    let answer = cloud.deliver(lane(&cloud, Facet::Presence), vec![order(1, presence())]).await;
    assert_eq!(answer.result, Err(Failure::Unauthorized { reason: "401 invalid_client".into() }));
    assert_eq!(answer.requests, 1);
}

#[tokio::test]
async fn after_closing_nothing_leaves() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    cloud.close().await;
    cloud.close().await;
    let answer = cloud.observe(vec![user(1)]).await;
    assert!(matches!(answer.result, Err(Failure::Unavailable { maybe_applied: false, .. })), "{answer:?}");
    assert_eq!(stub.all_seen().len(), 0);
}
