//! What every answer carries, and what the platform refuses before it looks closer.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use simulator::clock::Clock;
use simulator::cloud::{Command, Options};

use crate::support::{Cloud, options, read};

#[tokio::test]
async fn every_answer_has_a_correlation_id_and_the_rate() {
    let cloud = Cloud::start().await;
    let first = cloud.get("/api/v2/systempresences").await;
    assert_eq!(first.header("inin-ratelimit-count"), Some("1"));
    assert_eq!(first.header("inin-ratelimit-allowed"), Some("300"));
    assert_eq!(first.header("inin-ratelimit-reset"), Some("60"));
    let missing = cloud.get("/api/v2/nothing/here").await;
    assert_eq!((missing.status, missing.code()), (404, "not.found"));
    assert_eq!(missing.header("inin-ratelimit-count"), Some("2"));
    assert_eq!(missing.header("inin-correlation-id"), missing.body["contextId"].as_str());
    assert_eq!(missing.body["status"], 404);
    assert_ne!(missing.header("inin-correlation-id"), first.header("inin-correlation-id"));
}

#[tokio::test]
async fn one_request_too_many_is_told_when_to_come_again() {
    let clock = Clock::starting_at("2026-03-02T08:00:00Z".parse().unwrap(), 40.0);
    let cloud = Cloud::start_with(Options { clock, rate: 3, ..options() }).await;
    let mut answers = Vec::new();
    for _ in 0..4 {
        answers.push(cloud.get("/api/v2/systempresences").await);
    }
    let refused = answers.pop().unwrap();
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert_eq!((refused.status, refused.code()), (429, "too.many.requests.retry.after"));
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait));
    assert_eq!(
        refused.body["message"],
        format!("Rate limit exceeded the maximum. Retry the request in [{wait}] seconds")
    );
    assert_eq!(refused.body["limit"]["value"], 3);
    // A minute later by the simulated clock, the window is a new one.
    cloud.until_status("/api/v2/systempresences", 200).await;
    let truth = cloud.truth().await;
    assert!(truth.throttled >= 1);
    assert!(truth.busiest_minute >= 4);
    assert!(truth.requests["GET /api/v2/systempresences"] >= 5);
}

#[tokio::test]
async fn each_token_has_its_own_window() {
    let mut cloud = Cloud::start_with(Options { rate: 1, ..options() }).await;
    assert_eq!(cloud.get("/api/v2/systempresences").await.status, 200);
    assert_eq!(cloud.get("/api/v2/systempresences").await.status, 429);
    cloud.log_in().await;
    assert_eq!(cloud.get("/api/v2/systempresences").await.status, 200);
    assert_eq!(cloud.truth().await.busiest_minute, 2);
}

#[tokio::test]
async fn a_part_of_the_interface_can_have_a_lower_limit() {
    let cloud = Cloud::start().await;
    let command = Command::SetRouteRate { path: "/api/v2/users".to_owned(), rate: 2 };
    cloud.org().command(command).await.unwrap().unwrap();
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(cloud.get("/api/v2/users").await.status);
    }
    assert_eq!(statuses, [200, 200, 429]);
    let other = cloud.get("/api/v2/systempresences").await;
    assert_eq!((other.status, other.header("inin-ratelimit-count")), (200, Some("4")));
}

#[tokio::test]
async fn a_missing_permission_is_named_and_comes_before_the_body() {
    let permissions = BTreeSet::from(["presence:source:view".to_owned()]);
    let cloud = Cloud::start_with(Options { permissions: Some(permissions), ..options() }).await;
    assert_eq!(cloud.get("/api/v2/presence/sources").await.status, 200);
    assert_eq!(cloud.get("/api/v2/users").await.status, 200, "some endpoints need none");
    let user = cloud.users[0];
    for (method, path, permission) in [
        (Method::POST, "/api/v2/events/users/presence", "presence:userPresence:inject"),
        (Method::POST, "/api/v2/events/users/routingstatus", "routing:routingstatus:inject"),
        (Method::PUT, "/api/v2/users/presences/bulk", "presence:userPresence:edit"),
        (Method::GET, "/api/v2/presence/definitions", "presence:presenceDefinition:view"),
        (Method::POST, "/api/v2/presence/sources", "presence:source:add"),
        (Method::PUT, "/api/v2/presence/settings", "presence:settings:edit"),
        (Method::GET, "/api/v2/users/query", "directory:user:view"),
        (Method::GET, "/api/v2/workforcemanagement/adherence?userId=x", "wfm:realtimeAdherence:view"),
        (Method::PATCH, &format!("/api/v2/users/{user}/presences/purecloud"), "presence:userPresence:edit"),
        (Method::PUT, &format!("/api/v2/presence/users/{user}/primarysource"), "presence:userPrimarySource:edit"),
        (Method::GET, &format!("/api/v2/analytics/agents/{user}/status"), "analytics:agentState:view"),
    ] {
        let answer = cloud.send(method, path, Some(json!({}))).await;
        assert_eq!((answer.status, answer.code()), (403, "missing.any.permissions"), "{path}");
        assert!(answer.body["message"].as_str().unwrap().contains(permission), "{}", answer.body);
    }
    cloud.org().set_permissions(None).await.unwrap();
    let allowed = cloud.post("/api/v2/events/users/presence", json!({"userPresenceEvents": []})).await;
    assert_eq!((allowed.status, allowed.code()), (400, "zero.events.submitted"));
}

#[tokio::test]
async fn what_is_not_a_request_of_this_interface_is_refused() {
    let cloud = Cloud::start().await;
    let wrong = cloud.delete("/api/v2/users/query").await;
    assert_eq!((wrong.status, wrong.body["status"].as_u64()), (405, Some(405)));
    let events = "/api/v2/events/users/presence";
    let url = format!("{}{events}", cloud.server.url());
    let xml = cloud.http.post(&url).bearer_auth(&cloud.token).header("content-type", "text/xml").body("<a/>");
    let xml = read(xml.send().await.unwrap()).await;
    assert_eq!((xml.status, xml.code()), (415, "unsupported.media.type"));
    let broken = cloud.http.post(&url).bearer_auth(&cloud.token).header("content-type", "application/json").body("{");
    let broken = read(broken.send().await.unwrap()).await;
    assert_eq!((broken.status, broken.code()), (400, "bad.request"));
    let large = cloud.post(events, json!({"padding": "x".repeat(512_000)})).await;
    assert_eq!((large.status, large.code()), (413, "request.entity.too.large"));
    assert_eq!(large.body["message"], "The request is over the size limit. Maximum bytes: 512000");
    let null = cloud.send(Method::POST, "/api/v2/notifications/channels", Some(Value::Null)).await;
    assert_eq!(null.status, 200, "the Python SDK sends the four bytes `null` where nothing is expected");
    let me = cloud.try_send(Method::GET, "/api/v2/users/me", None).await.unwrap();
    assert_eq!((me.status, me.code()), (400, "not.a.user"));
}
