//! Several OAuth clients and their tokens: who may what, whose window is used, and what the truth tells of it.

use std::collections::BTreeSet;

use serde_json::json;
use simulator::cloud::{Command, Options};

use crate::support::{Answer, BUSY, Cloud, options};

const GRANT: [(&str, &str); 1] = [("grant_type", "client_credentials")];

async fn command(cloud: &Cloud, command: Command) {
    cloud.org().command(command).await.expect("the server runs").expect("the command is known");
}

/// A token of another client.
async fn token(cloud: &Cloud, client: &str, secret: &str) -> String {
    let answer = cloud.login(&GRANT, Some((client, secret))).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["access_token"].as_str().expect("a token").to_owned()
}

async fn get(cloud: &mut Cloud, token: &str, path: &str) -> Answer {
    let own = std::mem::replace(&mut cloud.token, token.to_owned());
    let answer = cloud.get(path).await;
    cloud.token = own;
    answer
}

fn second(permissions: Option<BTreeSet<String>>, organization: Option<&str>) -> Command {
    let organization = organization.map(str::to_owned);
    Command::AddClient { id: "second".to_owned(), secret: "other".to_owned(), permissions, organization }
}

#[tokio::test]
async fn each_client_may_what_it_is_granted() {
    let mut cloud = Cloud::start().await;
    command(&cloud, second(Some(BTreeSet::from(["presence:settings:view".to_owned()])), None)).await;
    let other = token(&cloud, "second", "other").await;
    assert_eq!(get(&mut cloud, &other, "/api/v2/tokens/me").await.body["OAuthClient"]["id"], "second");
    assert_eq!(get(&mut cloud, &other, "/api/v2/presence/settings").await.status, 200);
    assert_eq!(get(&mut cloud, &other, "/api/v2/presence/sources").await.status, 403);
    assert_eq!(cloud.get("/api/v2/presence/sources").await.status, 200);
    let permissions = BTreeSet::from(["presence:settings:view".to_owned()]);
    command(&cloud, Command::Withhold { permissions, client: Some("second".to_owned()) }).await;
    assert_eq!(get(&mut cloud, &other, "/api/v2/presence/settings").await.status, 403);
    assert_eq!(cloud.get("/api/v2/presence/settings").await.status, 200);
    let nobody = Command::Withhold { permissions: BTreeSet::new(), client: Some("nobody".to_owned()) };
    assert_eq!(cloud.org().command(nobody).await.unwrap(), Err("there is no such client".to_owned()));
}

#[tokio::test]
async fn a_secret_that_has_expired_gets_no_token() {
    let cloud = Cloud::start().await;
    command(&cloud, Command::SetSecret { client: None, secret: "renewed".to_owned() }).await;
    let former = cloud.login(&GRANT, Some(("bridge", "s3cret"))).await;
    assert_eq!((former.status, former.body["error"].as_str()), (401, Some("invalid_client")));
    assert_eq!(cloud.get("/api/v2/tokens/me").await.status, 200, "a token lives on");
    assert_eq!(cloud.login(&GRANT, Some(("bridge", "renewed"))).await.status, 200);
}

#[tokio::test]
async fn a_client_of_another_organisation_finds_nothing_of_this_one() {
    let mut cloud = Cloud::start().await;
    command(&cloud, second(None, Some("Elsewhere Inc."))).await;
    let other = token(&cloud, "second", "other").await;
    let told = get(&mut cloud, &other, "/api/v2/tokens/me").await;
    assert_eq!(told.body["organization"]["name"], "Elsewhere Inc.");
    let organization = get(&mut cloud, &other, "/api/v2/organizations/me").await;
    assert_eq!(organization.body["id"], told.body["organization"]["id"]);
    assert_ne!(organization.body["id"], cloud.get("/api/v2/organizations/me").await.body["id"]);
    for path in ["/api/v2/users", "/api/v2/presence/definitions", "/api/v2/presence/sources"] {
        assert_eq!(get(&mut cloud, &other, path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn logins_are_limited_by_themselves_and_with_a_400() {
    let cloud = Cloud::start().await;
    command(&cloud, Command::SetLoginRate { rate: Some(2) }).await;
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(cloud.login(&GRANT, Some(("bridge", "s3cret"))).await.status);
    }
    assert_eq!(statuses, [200, 200, 400]);
    let refused = cloud.login(&GRANT, Some(("bridge", "s3cret"))).await;
    assert_eq!(refused.body["error"], "invalid_request");
    assert!(refused.body["description"].as_str().unwrap().starts_with("rate limit exceeded;"));
    assert_eq!(cloud.get("/api/v2/tokens/me").await.status, 200, "tokens have limits of their own");
    command(&cloud, Command::SetLoginRate { rate: None }).await;
    assert_eq!(cloud.login(&GRANT, Some(("bridge", "s3cret"))).await.status, 200);
}

#[tokio::test]
async fn the_truth_counts_the_requests_of_each_token() {
    let mut cloud = Cloud::start_with(Options { rate: 2, ..options() }).await;
    let other = token(&cloud, "bridge", "s3cret").await;
    for _ in 0..3 {
        cloud.get("/api/v2/systempresences").await;
    }
    get(&mut cloud, &other, "/api/v2/systempresences").await;
    let truth = cloud.truth().await;
    let told: Vec<(usize, &str, u64, usize, usize, u64, bool)> = (truth.tokens.iter())
        .map(|token| {
            let counts = (token.requests, token.last_minute, token.busiest_minute, token.throttled);
            (token.number, token.client.as_str(), counts.0, counts.1, counts.2, counts.3, token.works)
        })
        .collect();
    assert_eq!(told, [(0, "bridge", 3, 3, 3, 1, true), (1, "bridge", 1, 1, 1, 0, true)]);
    assert_eq!((truth.throttled, truth.busiest_minute), (1, 3));
}

#[tokio::test]
async fn one_token_is_closed_or_revoked_and_the_others_work() {
    let mut cloud = Cloud::start().await;
    let other = token(&cloud, "bridge", "s3cret").await;
    command(&cloud, Command::CloseToken { token: 0, seconds: 600 }).await;
    let closed = cloud.get("/api/v2/systempresences").await;
    assert_eq!((closed.status, closed.code()), (429, "too.many.requests.retry.after"));
    assert!(closed.header("retry-after").unwrap().parse::<u64>().unwrap() > 590);
    assert_eq!(get(&mut cloud, &other, "/api/v2/systempresences").await.status, 200);
    command(&cloud, Command::RevokeToken { token: 1 }).await;
    assert_eq!(get(&mut cloud, &other, "/api/v2/systempresences").await.code(), "bad.credentials");
    assert_eq!(cloud.get("/api/v2/systempresences").await.status, 429);
    let works: Vec<bool> = cloud.truth().await.tokens.iter().map(|token| token.works).collect();
    assert_eq!(works, [true, false]);
    let gone = cloud.org().command(Command::RevokeToken { token: 1 }).await.unwrap();
    assert_eq!(gone, Err("there is no such token any more".to_owned()));
}

#[tokio::test]
async fn each_write_tells_with_which_token_it_came() {
    let mut cloud = Cloud::start().await;
    let user = cloud.users[0];
    cloud.log_in().await;
    let presence = format!("/api/v2/users/{user}/presences/purecloud");
    cloud.patch(&presence, json!({"presenceDefinition": {"id": BUSY}})).await;
    cloud.put(&format!("/api/v2/users/{user}/outofoffice"), json!({"active": true, "indefinite": true})).await;
    let source = cloud.claim().await;
    cloud.inject_presence(&source, user, BUSY, "2026-03-02T08:00:00Z").await;
    let truth = cloud.truth().await;
    assert_eq!(truth.direct_writes[0].token, 1);
    assert_eq!(truth.out_of_office_writes[0].token, 1);
    assert_eq!(truth.events[0].token, 1);
    assert!(truth.users[&user].out_of_office_since.is_some());
}

#[tokio::test]
async fn a_page_of_users_has_a_largest_size_that_clamps_or_refuses() {
    let cloud = Cloud::start().await;
    command(&cloud, Command::SetUserPages { most: 2, clamped: true }).await;
    let clamped = cloud.get("/api/v2/users?pageSize=500").await;
    assert_eq!((clamped.entities().len(), &clamped.body["pageSize"]), (2, &json!(2)));
    assert!(clamped.body["nextUri"].is_string());
    assert_eq!(cloud.get("/api/v2/users").await.entities().len(), 2);
    command(&cloud, Command::SetUserPages { most: 2, clamped: false }).await;
    assert_eq!(cloud.get("/api/v2/users?pageSize=3").await.code(), "constraint.validation");
    assert_eq!(cloud.get("/api/v2/users?pageSize=2").await.entities().len(), 2);
}

#[tokio::test]
async fn a_user_is_deleted_and_comes_back_with_another_id() {
    let cloud = Cloud::start().await;
    let (user, email) = (cloud.users[0], cloud.emails[0].clone());
    command(&cloud, Command::EditUser { user, name: None, email: None, state: Some("deleted".to_owned()) }).await;
    assert_eq!(cloud.get(&format!("/api/v2/users/{user}")).await.status, 404);
    let again = Command::AddUser { id: None, name: "Again".to_owned(), email: Some(email.clone()), state: None };
    let again = cloud.org().command(again).await.unwrap().unwrap();
    let listed = cloud.get("/api/v2/users?state=active&pageSize=100").await;
    let found: Vec<_> = listed.entities().iter().filter(|user| user["email"] == json!(email)).collect();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["id"], again["id"]);
    assert_ne!(found[0]["id"], json!(user));
}
