//! Faults that a client meets as answers, and the control API.

use reqwest::Method;
use serde_json::{Value, json};
use simulator::cloud::Effect;

use crate::support::{BUSY, Cloud, read};

fn refuse(status: u16, code: &str) -> Effect {
    Effect::Refuse { status, code: code.to_owned(), message: "as told".to_owned() }
}

const PATH: &str = "/api/v2/systempresences";

#[tokio::test]
async fn each_refusal_comes_once_as_the_platform_words_it() {
    let cloud = Cloud::start().await;
    for (effect, status, code) in [
        (Effect::BadCredentials, 401, "bad.credentials"),
        (Effect::MissingPermission { permission: "a:b:c".to_owned() }, 403, "missing.any.permissions"),
        (Effect::NotFound, 404, "not.found"),
        (refuse(401, "ip.not.authorized"), 401, "ip.not.authorized"),
        (refuse(400, "client.failed.request"), 400, "client.failed.request"),
        (Effect::TooLarge, 413, "request.entity.too.large"),
        (Effect::Throttled { retry_after: Some(7) }, 429, "too.many.requests.retry.after"),
        (Effect::Throttled { retry_after: None }, 429, "too.many.requests"),
        (Effect::InternalError, 500, "internal.server.error"),
        (Effect::Unavailable { retry_after: None }, 503, "service.unavailable"),
        (Effect::GatewayTimeout { applied: false }, 504, "request.timeout"),
    ] {
        cloud.fault(effect.clone(), None, 1).await;
        let answer = cloud.try_send(Method::GET, PATH, None).await.unwrap();
        assert_eq!((answer.status, answer.code()), (status, code));
        assert!(answer.header("inin-correlation-id").is_some() && answer.header("inin-ratelimit-count").is_some());
        let wait = matches!(effect, Effect::Throttled { retry_after: Some(_) }).then_some("7");
        assert_eq!(answer.header("retry-after"), wait);
        assert_eq!(cloud.get(PATH).await.status, 200);
    }
    cloud.fault(Effect::Conflict, Some("/api/v2/users/"), 1).await;
    assert_eq!(cloud.get(PATH).await.status, 200, "another path");
    let path = format!("/api/v2/users/{}/presences/purecloud", cloud.users[0]);
    let conflict = cloud.patch(&path, json!({"presenceDefinition": {"id": BUSY}})).await;
    assert_eq!((conflict.status, conflict.code()), (409, "presenceservice.conflict"));
    assert_eq!(cloud.truth().await.throttled, 2);
}

#[tokio::test]
async fn a_gateway_answers_with_a_page() {
    let cloud = Cloud::start().await;
    cloud.fault(Effect::BadGateway, None, 1).await;
    let answer = cloud.try_send(Method::GET, PATH, None).await.unwrap();
    assert_eq!((answer.status, answer.header("content-type")), (502, Some("text/html")));
    assert!(matches!(answer.body, Value::String(page) if page.starts_with("<html>")));
}

#[tokio::test]
async fn a_gateway_time_out_may_have_been_applied() {
    let cloud = Cloud::start().await;
    cloud.fault(Effect::GatewayTimeout { applied: true }, None, 1).await;
    let path = format!("/api/v2/users/{}/presences/purecloud", cloud.users[0]);
    assert_eq!(cloud.patch(&path, json!({"presenceDefinition": {"id": BUSY}})).await.status, 504);
    assert_eq!(cloud.truth().await.users[&cloud.users[0]].presence.system, "Busy");
}

#[tokio::test]
async fn the_control_api_needs_no_token_and_does_not_count() {
    let cloud = Cloud::start().await;
    let url = |path: &str| format!("{}/_simulator/{path}", cloud.server.url());
    let effect = json!({"kind": "throttled", "retry_after": 5});
    let fault = json!({"effect": effect, "path": "/api/v2/systempresences", "method": "GET", "count": 2});
    let planted = read(cloud.http.post(url("faults")).json(&fault).send().await.unwrap()).await;
    assert_eq!(planted.status, 200);
    assert_eq!(cloud.get(PATH).await.status, 429);
    let left = read(cloud.http.get(url("faults")).send().await.unwrap()).await;
    assert_eq!((&left.body[0]["count"], &left.body[0]["effect"]["kind"]), (&json!(1), &json!("throttled")));
    read(cloud.http.delete(url("faults")).send().await.unwrap()).await;
    assert_eq!(cloud.get(PATH).await.status, 200);
    let user = cloud.users[0];
    for command in [
        json!({"kind": "write_presence", "user": user, "definition": BUSY}),
        json!({"kind": "edit_user", "user": user, "state": "inactive"}),
        json!({"kind": "write_out_of_office", "user": user, "active": true}),
        json!({"kind": "set_rate", "rate": 5}),
    ] {
        let done = read(cloud.http.post(url("commands")).json(&command).send().await.unwrap()).await;
        assert_eq!(done.status, 200, "{}", done.body);
    }
    let truth = read(cloud.http.get(url("truth")).send().await.unwrap()).await.body;
    let seen = &truth["users"][user.to_string()];
    assert_eq!((&seen["presence"]["system"], &seen["state"]), (&json!("Busy"), &json!("inactive")));
    assert_eq!((&seen["out_of_office"]["active"], &truth["throttled"]), (&json!(true), &json!(1)));
    assert_eq!(cloud.get(PATH).await.header("inin-ratelimit-count"), Some("3"));
    assert_eq!(cloud.get(PATH).await.header("inin-ratelimit-allowed"), Some("5"));
    let wrong = read(cloud.http.post(url("commands")).json(&json!({"kind": "explode"})).send().await.unwrap()).await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.body["error"].as_str().is_some_and(|text| text.contains("explode")));
}
