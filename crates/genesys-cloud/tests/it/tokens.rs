//! Several tokens, of one OAuth client and of several.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::change::{Facet, Value};
use domain::target::SystemPresence;
use genesys_cloud::{Delivery, DeliveryChoice, GenesysCloud};
use replicator::ports::{Answer, Directory, Failure, FailureKind, Feed, Outcomes, Sink};
use serde_json::json;
use uuid::Uuid;

use crate::stub::{Canned, SECRET, Stub, lane, logged, order, user};

const TOKEN: &str = "/oauth/token";
const EVENTS: &str = "/api/v2/events/users/presence";
const INJECT: &str = "presence:userPresence:inject";

async fn deliver(cloud: &GenesysCloud) -> Answer<Outcomes> {
    let order = order(1, Value::Presence(SystemPresence::Meal.into()));
    cloud.deliver(lane(cloud, Facet::Presence), vec![order]).await
}

/// Connects with so many tokens of both clients, and forgets how.
async fn connect(stub: &Stub, each: usize) -> Vec<GenesysCloud> {
    let connected = stub.try_connect(stub.config_of_two(each)).await.unwrap();
    stub.forget();
    connected.clouds
}

fn bearers(stub: &Stub, path: &str) -> Vec<String> {
    let bearer = |seen: &crate::stub::Seen| seen.headers["authorization"].to_str().unwrap().to_owned();
    stub.all_seen().iter().filter(|seen| seen.path == path).map(bearer).collect()
}

#[tokio::test]
async fn every_handle_has_a_token_of_its_own_and_those_of_a_client_are_neighbours() {
    let stub = Stub::start().await;
    let clouds = connect(&stub, 3).await;
    assert_eq!(clouds.len(), 6);
    for cloud in &clouds {
        assert!(deliver(cloud).await.result.is_ok());
    }
    let used = bearers(&stub, EVENTS);
    assert_eq!(used.iter().collect::<BTreeSet<_>>().len(), 6, "{used:?}");
    let owners = stub.change(|organisation| organisation.owners.clone());
    let owner = |bearer: &String| owners[bearer.strip_prefix("Bearer ").unwrap()];
    let owners: Vec<&str> = used.iter().map(owner).collect();
    assert_eq!(owners, ["the-client", "the-client", "the-client", "second-client", "second-client", "second-client"]);
}

#[tokio::test]
async fn each_token_has_its_own_quota_and_what_the_start_spent_is_told_for_each() {
    let stub = Stub::start().await;
    let connected = stub.try_connect(stub.config_of_two(2)).await.unwrap();
    let spent: Vec<u32> = connected.spent.iter().map(|(requests, _)| *requests).collect();
    assert_eq!(spent.iter().sum::<u32>() as usize, stub.all_seen().len() - 4, "all but those for the four tokens");
    assert!(spent[0] > spent[2] && spent[2] > 0, "{spent:?}");
    assert_eq!((spent[1], spent[3], connected.spent[1].1), (0, 0, None), "a token costs nothing of its quota");
    let shown = |n: usize| connected.spent[n].1.unwrap().count;
    assert_eq!((shown(0), shown(2)), (spent[0], spent[2]));
    for requests in 1..=3 {
        assert_eq!(deliver(&connected.clouds[1]).await.quota.unwrap().count, requests);
    }
    assert_eq!(deliver(&connected.clouds[3]).await.quota.unwrap().count, 1);
}

#[tokio::test]
async fn a_token_that_is_revoked_is_renewed_and_the_others_are_kept() {
    let stub = Stub::start().await;
    let clouds = connect(&stub, 2).await;
    deliver(&clouds[1]).await.result.unwrap();
    let revoked = bearers(&stub, EVENTS).remove(0);
    stub.change(|organisation| organisation.valid_tokens.remove(revoked.strip_prefix("Bearer ").unwrap()));
    stub.forget();
    for (place, cloud) in clouds.iter().enumerate() {
        let answer = deliver(cloud).await;
        assert_eq!((answer.requests, answer.result.is_ok()), (1 + u32::from(place == 1), true), "{place}");
    }
    assert_eq!(stub.tokens_asked(), 1);
}

#[tokio::test]
async fn the_login_service_is_asked_for_one_token_after_the_other() {
    let stub = Stub::start().await;
    let mut config = stub.config_of_two(1);
    config.request_timeout = Duration::from_secs(2);
    let clouds = stub.try_connect(config).await.unwrap().clouds;
    stub.forget();
    stub.change(|organisation| organisation.valid_tokens.clear());
    // The first question is never answered; the second waits for it to be given up.
    stub.script(1, "POST", TOKEN, Canned::hanging());
    let (one, other) = (clouds[0].clone(), clouds[1].clone());
    let mut first = tokio::spawn(async move { deliver(&one).await.result });
    stub.until_seen("POST", TOKEN, 1).await;
    let mut second = tokio::spawn(async move { deliver(&other).await.result });
    let first = tokio::select! {
        biased;
        first = &mut first => first.unwrap(),
        _ = &mut second => panic!("it did not wait"),
    };
    assert!(matches!(first, Err(Failure::Unavailable { maybe_applied: false, .. })), "{first:?}");
    assert!(second.await.unwrap().is_ok());
    assert_eq!(stub.tokens_asked(), 2);
}

#[tokio::test]
async fn the_limit_of_the_login_service_is_waited_out_token_by_token() {
    let stub = Stub::start().await;
    let limited = || Canned::json(400, json!({"error": "invalid_request", "description": "rate limit exceeded; wait"}));
    let elapsed = stub.clock.elapsed();
    stub.script(1, "POST", TOKEN, Canned::json(200, json!({"access_token": "x", "expires_in": 60})));
    stub.script(5, "POST", TOKEN, limited());
    stub.change(|organisation| {
        organisation.valid_tokens.insert("x".to_owned());
        organisation.owners.insert("x".to_owned(), "the-client");
    });
    let mut config = stub.config();
    config.tokens_per_client = 4;
    let connected = stub.try_connect(config).await.unwrap();
    assert_eq!((connected.clouds.len(), stub.tokens_asked()), (4, 9));
    assert!(stub.clock.elapsed() - elapsed > Duration::from_secs(5), "with growing pauses");
    assert_eq!(connected.notes, Vec::<String>::new());
}

#[tokio::test]
async fn tokens_that_are_not_to_be_had_in_time_do_not_keep_the_others_waiting() {
    let stub = Stub::start().await;
    stub.script(1, "POST", TOKEN, Canned::json(200, json!({"access_token": "x", "expires_in": 86_399})));
    let limited = Canned::json(400, json!({"error": "invalid_request", "description": "rate limit exceeded; wait"}));
    stub.script(200, "POST", TOKEN, limited);
    stub.change(|organisation| {
        organisation.valid_tokens.insert("x".to_owned());
        organisation.owners.insert("x".to_owned(), "the-client");
    });
    let mut config = stub.config();
    config.tokens_per_client = 3;
    config.start_patience = Duration::from_secs(365 * 24 * 60 * 60);
    let connected = stub.try_connect(config).await.unwrap();
    assert!(stub.clock.elapsed() <= Duration::from_secs(120), "however patient the start is");
    assert!(connected.notes.iter().any(|note| note.contains("only 1 of 3 tokens")), "{:?}", connected.notes);
    assert!(deliver(&connected.clouds[0]).await.result.is_ok());
    let answer = deliver(&connected.clouds[1]).await;
    assert!(matches!(answer.result, Err(Failure::Unavailable { maybe_applied: false, .. })), "{answer:?}");
    stub.unscript();
    assert!(deliver(&connected.clouds[1]).await.result.is_ok(), "once it is to be had");
}

#[tokio::test]
async fn clients_of_different_organisations_are_told_by_name() {
    let stub = Stub::start().await;
    let theirs = json!({"id": Uuid::from_u128(5), "name": "Initech"});
    stub.change(|organisation| organisation.elsewhere.insert("second-client", theirs));
    let failure = stub.refused_with(stub.config_of_two(1)).await;
    assert_eq!(failure.kind, FailureKind::Configuration);
    for named in ["Acme", "Initech", "the-client", "second-client"] {
        assert!(failure.message.contains(named), "{failure}");
    }
}

#[tokio::test]
async fn a_permission_that_one_client_lacks_is_told_with_the_client() {
    let stub = Stub::start().await;
    stub.change(|organisation| organisation.missing_of.insert("second-client", vec![INJECT]));
    let mut config = stub.config_of_two(1);
    let connected = stub.try_connect(config.clone()).await.unwrap();
    assert_eq!(connected.delivery, Delivery::Direct, "only what all of them may do");
    assert!(connected.reason.contains("second-client") && !connected.reason.contains("the-client"));
    config.delivery = DeliveryChoice::Events;
    let failure = stub.refused_with(config.clone()).await;
    assert_eq!(failure.kind, FailureKind::NotAuthorized);
    assert!(failure.message.contains(INJECT) && failure.message.contains("second-client"), "{failure}");
    stub.change(|organisation| organisation.missing_of.insert("second-client", vec!["routing:routingstatus:inject"]));
    let connected = stub.try_connect(config).await.unwrap();
    assert_eq!(connected.notes.len(), 1);
    assert!(connected.notes[0].contains("second-client"), "{:?}", connected.notes);
}

#[tokio::test]
async fn a_client_that_is_not_accepted_is_told_from_the_other() {
    let stub = Stub::start().await;
    let mut config = stub.config_of_two(2);
    config.clients[1].secret = "another".into();
    let failure = stub.refused_with(config).await;
    assert_eq!(failure.kind, FailureKind::NotAuthorized);
    assert!(failure.message.contains("second-client") && !failure.message.contains("another"), "{failure}");
}

#[tokio::test]
async fn notifications_come_with_the_first_token_whoever_asks() {
    let stub = Stub::start().await;
    let clouds = connect(&stub, 2).await;
    deliver(&clouds[0]).await.result.unwrap();
    clouds[3].subscribe(0, vec![user(1)]).await.result.unwrap();
    let first = bearers(&stub, EVENTS);
    assert_eq!(bearers(&stub, "/api/v2/notifications/channels"), first);
}

#[tokio::test]
async fn reading_goes_through_any_handle() {
    let stub = Stub::start().await;
    let clouds = connect(&stub, 2).await;
    stub.change(|organisation| organisation.users = vec![json!({"id": user(1).0, "version": 1})]);
    for cloud in &clouds {
        assert_eq!(cloud.users(1).await.result.unwrap().users.len(), 1);
        assert_eq!(cloud.observe(vec![user(1)]).await.result.unwrap().len(), 1);
    }
    assert_eq!(bearers(&stub, "/api/v2/users").into_iter().collect::<BTreeSet<_>>().len(), 4);
}

#[tokio::test]
async fn closing_any_handle_closes_all_and_closing_all_does_no_harm() {
    let stub = Stub::start().await;
    let clouds = connect(&stub, 2).await;
    clouds[2].close().await;
    for cloud in &clouds {
        cloud.close().await;
        let answer = deliver(cloud).await;
        assert!(matches!(answer.result, Err(Failure::Unavailable { maybe_applied: false, .. })), "{answer:?}");
        assert!(cloud.subscribe(0, vec![user(1)]).await.result.is_err());
    }
    assert_eq!(stub.all_seen().len(), 0);
}

#[tokio::test]
async fn no_secret_of_any_client_is_shown() {
    let stub = Stub::start().await;
    let config = stub.config_of_two(2);
    let printed = format!("{config:?} {:?}", stub.try_connect(config.clone()).await.unwrap());
    for text in [printed, logged()] {
        assert!(!text.contains(SECRET) && !text.contains("planted-token"));
    }
}
