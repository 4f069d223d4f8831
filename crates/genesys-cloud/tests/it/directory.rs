//! Users of the organisation, and whose presence counts.

use domain::ids::AgentId;
use domain::target::UserState;
use replicator::ports::{ClaimScope, Directory, Failure};
use serde_json::json;

use crate::stub::{Canned, OUR_SOURCE, Stub, error, user};

const SETTINGS: &str = "/api/v2/presence/settings";
const DEFAULT: &str = "defaultPrimaryPresenceRegisteredSourceId";

#[tokio::test]
async fn every_active_user_is_listed_and_then_every_inactive_one() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    stub.change(|organisation| {
        let state = |n| if n <= 250 { "active" } else { "inactive" };
        organisation.users = (1..=260u128)
            .map(|n| {
                json!({"id": user(n).0, "name": "A", "email": format!("{n}@Example.org"), "state": state(n), "version": 1})
            })
            .collect();
    });
    let (mut users, mut page, mut pages) = (Vec::new(), Some(1), 0);
    while let Some(number) = page {
        let answer = cloud.users(number).await;
        assert_eq!(answer.requests, 1);
        let listed = answer.result.unwrap();
        users.extend(listed.users);
        (page, pages) = (listed.next, pages + 1);
    }
    assert_eq!((users.len(), pages), (260, 4));
    assert_eq!(users.iter().filter(|user| user.state == UserState::Inactive).count(), 10);
    assert_eq!(users[0].email.as_deref(), Some("1@Example.org"));
    assert!(stub.seen("GET", "/api/v2/users").iter().all(|request| request.query("pageSize") == Some("100")));
}

#[tokio::test]
async fn inactive_users_that_cannot_be_listed_do_not_hide_the_active_ones() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    stub.change(|organisation| organisation.users = vec![json!({"id": user(1).0, "state": "active"})]);
    let first = cloud.users(1).await.result.unwrap();
    stub.script(1, "GET", "/api/v2/users", error(400, "invalid.value", "beyond 10,000"));
    let last = cloud.users(first.next.unwrap()).await.result.unwrap();
    assert_eq!((first.users.len(), last.users.len(), last.next), (1, 0, None));
    stub.script(1, "GET", "/api/v2/users", error(400, "invalid.value", "no"));
    assert!(matches!(cloud.users(1).await.result, Err(Failure::Refused { .. })), "of the active ones all count");
}

#[tokio::test]
async fn the_address_of_the_next_page_is_enough_to_know_that_there_is_one() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    let body = json!({"entities": [{"id": user(1).0}], "nextUri": "/api/v2/users?pageNumber=2"});
    stub.script(1, "GET", "/api/v2/users", Canned::json(200, body));
    assert_eq!(cloud.users(1).await.result.unwrap().next, Some(2));
    let empty = json!({"entities": [], "nextUri": "/api/v2/users?pageNumber=3"});
    stub.script(1, "GET", "/api/v2/users", Canned::json(200, empty));
    assert_ne!(cloud.users(2).await.result.unwrap().next, Some(3), "an empty page is the last");
}

#[tokio::test]
async fn a_user_that_cannot_be_understood_is_left_out() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    let entities =
        json!([{"id": "joe"}, {"id": user(1).0, "state": "frozen"}, {"id": user(2).0, "username": "b@x.org"}]);
    stub.script(1, "GET", "/api/v2/users", Canned::json(200, json!({"entities": entities, "pageCount": 1})));
    let users = cloud.users(1).await.result.unwrap().users;
    assert_eq!(users.len(), 1);
    assert_eq!((users[0].id, users[0].email.as_deref()), (user(2), Some("b@x.org")));
}

#[tokio::test]
async fn an_agent_is_found_by_external_id() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    let path = "/api/v2/users/externalid/pureconnect%20main/jo%2Fe%20%C3%A4";
    stub.script(1, "GET", path, Canned::json(200, json!({"id": user(1).0, "version": 1})));
    let found = cloud.find_external(&AgentId::new("jo/e ä")).await;
    assert_eq!((found.requests, found.result), (1, Ok(Some(user(1)))));
    let nobody = cloud.find_external(&AgentId::new("Ann")).await;
    assert_eq!((nobody.requests, nobody.result), (1, Ok(None)));
    assert_eq!(stub.seen("GET", "/api/v2/users/externalid/pureconnect%20main/Ann").len(), 1, "the case is kept");
    let dots = cloud.find_external(&AgentId::new("..")).await;
    assert_eq!((dots.requests, dots.result), (0, Ok(None)));
}

#[tokio::test]
async fn without_an_authority_nobody_is_asked_for() {
    let stub = Stub::start().await;
    let mut config = stub.config();
    config.external_id_authority = None;
    let cloud = stub.try_connect(config).await.unwrap().cloud;
    let found = cloud.find_external(&AgentId::new("joe")).await;
    assert_eq!((found.requests, found.result), (0, Ok(None)));
}

#[tokio::test]
async fn the_organisations_default_is_changed_and_nothing_else() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    let mut expected = stub.change(|organisation| organisation.settings.clone());
    expected[DEFAULT] = json!(OUR_SOURCE);
    let answer = cloud.claim(ClaimScope::Organisation).await;
    assert_eq!((answer.requests, answer.result), (2, Ok(())));
    assert_eq!(stub.seen("PUT", SETTINGS)[0].json(), expected);
    let answer = cloud.claim(ClaimScope::Organisation).await;
    assert_eq!((answer.requests, answer.result), (1, Ok(())), "it is ours already");
}

#[tokio::test]
async fn a_user_is_claimed_with_our_registered_source() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    let answer = cloud.claim(ClaimScope::User(user(1))).await;
    assert_eq!((answer.requests, answer.result), (1, Ok(())));
    let sent = stub.seen("PUT", &format!("/api/v2/presence/users/{}/primarysource", user(1)));
    assert_eq!(sent[0].json(), json!({"sourceId": OUR_SOURCE, "registered": true}));
}

#[tokio::test]
async fn a_claim_without_the_permission_is_not_supported_and_names_it() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    for (permission, scope) in [
        ("presence:settings:view", ClaimScope::Organisation),
        ("presence:settings:edit", ClaimScope::Organisation),
        ("presence:userPrimarySource:edit", ClaimScope::User(user(1))),
    ] {
        stub.change(|organisation| organisation.missing_permissions = vec![permission]);
        match cloud.claim(scope).await.result {
            Err(Failure::Unsupported { reason }) => assert!(reason.contains(permission), "{reason}"),
            other => panic!("{other:?}"),
        }
    }
}
