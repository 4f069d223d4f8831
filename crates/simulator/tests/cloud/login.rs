//! Logging in, and what a token is.

use std::time::Duration;

use reqwest::Method;
use simulator::clock::Clock;
use simulator::cloud::Effect;

use crate::support::{Cloud, options};

#[tokio::test]
async fn a_client_logs_in_by_header_or_by_form() {
    let cloud = Cloud::start().await;
    let basic = cloud.login(&[("grant_type", "client_credentials")], Some(("bridge", "s3cret"))).await;
    assert_eq!(
        (basic.status, &basic.body["token_type"], &basic.body["expires_in"]),
        (200, &"bearer".into(), &86_399.into())
    );
    let form = [("grant_type", "client_credentials"), ("client_id", "bridge"), ("client_secret", "s3cret")];
    assert_eq!(cloud.login(&form, None).await.status, 200);
    assert!(basic.body["refresh_token"].is_null());
}

#[tokio::test]
async fn a_refused_login_says_why_in_three_fields() {
    let cloud = Cloud::start().await;
    let grant = ("grant_type", "client_credentials");
    for (form, basic, status, error) in [
        (vec![grant], Some(("bridge", "wrong")), 401, "invalid_client"),
        (vec![grant], None, 401, "invalid_client"),
        (vec![("grant_type", "password")], Some(("bridge", "s3cret")), 400, "unsupported_grant_type"),
        (vec![], Some(("bridge", "s3cret")), 400, "invalid_request"),
    ] {
        let answer = cloud.login(&form, basic).await;
        assert_eq!((answer.status, answer.body["error"].as_str()), (status, Some(error)));
        assert!(answer.body["description"].is_string() && answer.body["error_description"].is_string());
        assert!(answer.body["contextId"].is_null(), "the login host does not use the API's envelope");
    }
}

#[tokio::test]
async fn the_login_endpoint_limits_with_a_400() {
    let cloud = Cloud::start().await;
    cloud.fault(Effect::LoginThrottled, None, 1).await;
    let answer = cloud.login(&[("grant_type", "client_credentials")], Some(("bridge", "s3cret"))).await;
    assert_eq!((answer.status, answer.body["error"].as_str()), (400, Some("invalid_request")));
    assert!(answer.body["description"].as_str().is_some_and(|text| text.starts_with("rate limit exceeded;")));
}

#[tokio::test]
async fn a_token_tells_about_itself_until_it_is_deleted() {
    let cloud = Cloud::start().await;
    let told = cloud.get("/api/v2/tokens/me").await;
    assert_eq!(told.body["OAuthClient"]["id"], "bridge");
    assert_eq!(told.body["dateTokenIdles"].as_str().map(|text| &text[..10]), Some("2026-03-03"));
    let organization = cloud.get("/api/v2/organizations/me").await;
    assert_eq!(organization.body["id"], told.body["organization"]["id"]);
    assert_eq!(cloud.send(Method::HEAD, "/api/v2/tokens/me", None).await.status, 200);
    assert_eq!(cloud.delete("/api/v2/tokens/me").await.status, 200);
    let after = cloud.get("/api/v2/tokens/me").await;
    assert_eq!((after.status, after.code()), (401, "bad.credentials"));
}

#[tokio::test]
async fn a_token_expires_by_the_simulated_clock() {
    let clock = Clock::starting_at("2026-03-02T08:00:00Z".parse().unwrap(), 1000.0);
    let cloud = Cloud::start_with(simulator::cloud::Options {
        clock,
        token_lifetime: Duration::from_secs(300),
        rate: 100_000,
        ..options()
    })
    .await;
    cloud.until_status("/api/v2/tokens/me", 401).await;
    assert!(clock.elapsed() >= Duration::from_secs(300));
}

#[tokio::test]
async fn no_token_and_a_revoked_one_are_told_apart() {
    let cloud = Cloud::start().await;
    let url = format!("{}/api/v2/users", cloud.server.url());
    let none = crate::support::read(cloud.http.get(&url).send().await.unwrap()).await;
    assert_eq!((none.status, none.code()), (401, "authentication.required"));
    cloud.org().revoke_tokens().await.unwrap();
    let revoked = cloud.get("/api/v2/users").await;
    assert_eq!((revoked.status, revoked.code()), (401, "bad.credentials"));
    assert_eq!(revoked.body["message"], "Invalid login credentials.");
}
