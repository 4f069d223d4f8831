//! Who has an agent's external id, and whose presence counts.

use domain::ids::AgentId;
use replicator::ports::{ClaimScope, Directory, Failure};
use serde_json::json;

use crate::stub::{Canned, OUR_SOURCE, Stub, error, user};

const SETTINGS: &str = "/api/v2/presence/settings";
const DEFAULT: &str = "defaultPrimaryPresenceRegisteredSourceId";

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
    let cloud = stub.try_connect(config).await.unwrap().clouds.remove(0);
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

fn primary_source(n: u128) -> String {
    format!("/api/v2/presence/users/{}/primarysource", user(n))
}

fn own_presence(n: u128) -> String {
    format!("/api/v2/users/{}/presences/purecloud", user(n))
}

#[tokio::test]
async fn a_user_is_given_back_to_the_platforms_own_source() {
    let stub = Stub::start().await;
    for cloud in [stub.connect().await, stub.connect_directly().await] {
        let answer = cloud.release(user(1)).await;
        assert_eq!((answer.requests, answer.result), (1, Ok(())));
        let sent = stub.seen("PUT", &primary_source(1));
        assert_eq!(sent[0].json(), json!({"sourceId": "PURECLOUD", "registered": false}));
        stub.forget();
    }
}

#[tokio::test]
async fn where_the_platforms_source_has_no_such_name_the_documented_way_is_taken() {
    for (status, code) in [(400, "invalid.value"), (404, "presenceservice.source.sourcenotfound"), (404, "not.found")] {
        let stub = Stub::start().await;
        let cloud = stub.connect().await;
        stub.always("PUT", &primary_source(1), error(status, code, "no source PURECLOUD"));
        let answer = cloud.release(user(1)).await;
        assert_eq!((answer.requests, answer.result), (2, Ok(())), "{code}");
        assert_eq!(stub.seen("PATCH", &own_presence(1))[0].json(), json!({"primary": true}));
    }
}

#[tokio::test]
async fn a_user_who_is_gone_has_nothing_to_be_given_back() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    let nobody = || error(404, "presenceservice.usernotfound", "The specified user was not found");
    stub.always("PUT", &primary_source(1), nobody());
    let answer = cloud.release(user(1)).await;
    assert_eq!((answer.requests, answer.result), (1, Ok(())));
    stub.always("PUT", &primary_source(2), error(404, "not.found", "The requested resource was not found."));
    stub.always("PATCH", &own_presence(2), nobody());
    let answer = cloud.release(user(2)).await;
    assert_eq!((answer.requests, answer.result), (2, Ok(())));
}

#[tokio::test]
async fn a_missing_permission_or_trouble_is_no_reason_for_the_other_way() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    stub.change(|organisation| organisation.missing_permissions = vec!["presence:userPrimarySource:edit"]);
    let answer = cloud.release(user(1)).await;
    assert!(matches!(&answer.result, Err(Failure::Unsupported { reason }) if reason.contains("PrimarySource:edit")));
    for canned in [error(503, "service.unavailable", "down"), error(409, "request.conflict", "busy")] {
        stub.script(1, "PUT", &primary_source(1), canned);
        let failure = cloud.release(user(1)).await.result.unwrap_err();
        assert!(matches!(failure, Failure::Unavailable { .. } | Failure::Deferred { .. }), "{failure:?}");
    }
    assert_eq!(stub.seen("PATCH", &own_presence(1)).len(), 0);
    stub.change(|organisation| organisation.missing_permissions = vec!["presence:userPresence:edit"]);
    stub.always("PUT", &primary_source(1), error(400, "invalid.value", "no"));
    let answer = cloud.release(user(1)).await;
    assert!(matches!(&answer.result, Err(Failure::Unsupported { reason }) if reason.contains("userPresence:edit")));
}

#[tokio::test]
async fn in_direct_delivery_a_user_is_claimed_for_the_platforms_own_source() {
    let stub = Stub::start().await;
    let cloud = stub.connect_directly().await;
    let answer = cloud.claim(ClaimScope::User(user(1))).await;
    assert_eq!((answer.requests, answer.result), (1, Ok(())));
    assert_eq!(stub.seen("PATCH", &own_presence(1))[0].json(), json!({"primary": true}));
    let answer = cloud.claim(ClaimScope::Organisation).await;
    assert!(answer.requests == 0 && matches!(answer.result, Err(Failure::Refused { .. })), "{answer:?}");
    assert_eq!(stub.all_seen().len(), 1);
}
