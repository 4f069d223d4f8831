//! Up to fifty presences in one request.

use domain::change::{Facet, Value};
use domain::ids::DefinitionId;
use domain::target::{OutOfOffice, Presence, RoutingStatus, SystemPresence};
use genesys_cloud::GenesysCloud;
use replicator::ports::{Answer, Failure, Lane, Order, Outcomes, Sink, Takes};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::stub::{Canned, Stub, definition_of, error, order, user};

const BULK: &str = "/api/v2/users/presences/bulk";

fn presence(system: SystemPresence) -> Value {
    Value::Presence(system.into())
}

fn batch(users: u128) -> Vec<Order> {
    (1..=users).map(|n| order(n, presence(SystemPresence::Meal))).collect()
}

async fn deliver(cloud: &GenesysCloud, batch: &[Order]) -> Answer<Outcomes> {
    let is_bulk = |lane: &Lane| (lane.facet, lane.takes) == (Facet::Presence, Takes::OffQueue);
    let lane = cloud.lanes().into_iter().find(is_bulk).unwrap();
    cloud.deliver(lane, batch.to_vec()).await
}

/// The outcomes in a word each, when the platform answers this to a batch of so many.
async fn outcomes(users: u128, answer: Canned) -> Vec<&'static str> {
    let stub = Stub::start().await;
    let cloud = stub.connect_directly().await;
    stub.script(1, "PUT", BULK, answer);
    let batch = batch(users);
    let outcomes = deliver(&cloud, &batch).await.result.unwrap();
    assert!(outcomes.iter().map(|(id, _)| *id).eq(batch.iter().map(|order| order.change.id)), "each in its order");
    outcomes.into_iter().map(|(_, outcome)| in_a_word(&outcome)).collect()
}

fn in_a_word(outcome: &Result<(), Failure>) -> &'static str {
    match outcome {
        Ok(()) => "applied",
        Err(Failure::Deferred { .. }) => "deferred",
        Err(Failure::Refused { .. }) => "refused",
        Err(Failure::Throttled { .. } | Failure::Unavailable { .. }) => "service",
        Err(Failure::Unauthorized { .. } | Failure::Unsupported { .. }) => "client",
    }
}

fn shown(n: u128, system: &str) -> Json {
    json!({"id": user(n).0, "source": "PURECLOUD", "presenceDefinition": {"id": definition_of(system)}})
}

#[tokio::test]
async fn fifty_presences_go_in_one_request_with_nothing_but_user_and_definition() {
    let stub = Stub::start().await;
    let cloud = stub.connect_directly().await;
    let batch = batch(50);
    let answer = deliver(&cloud, &batch).await;
    assert_eq!(answer.requests, 1);
    assert_eq!(answer.result, Ok(batch.iter().map(|order| (order.change.id, Ok(()))).collect()));
    assert!(answer.quota.is_some() && answer.correlation.is_some());
    let sent = stub.seen("PUT", BULK).remove(0).json();
    let item = |n| json!({"id": user(n).0, "presenceDefinition": {"id": definition_of("Meal")}});
    assert_eq!(sent, (1..=50).map(item).collect::<Json>());
}

#[tokio::test]
async fn a_secondary_presence_is_sent_by_its_own_definition() {
    let stub = Stub::start().await;
    let tea = Uuid::from_u128(7);
    stub.change(|organisation| {
        organisation.definitions.push(json!({"id": tea, "type": "User", "languageLabels": {"en_US": "Tea"},
            "systemPresence": "Break", "deactivated": false}));
    });
    let cloud = stub.connect_directly().await;
    let to = Presence { system: SystemPresence::Break, secondary: Some(DefinitionId(tea)) };
    deliver(&cloud, &[order(1, Value::Presence(to))]).await.result.unwrap();
    assert_eq!(stub.seen("PUT", BULK)[0].json()[0]["presenceDefinition"], json!({"id": tea}));
}

#[tokio::test]
async fn who_shows_another_presence_or_is_left_out_comes_again() {
    let answer = json!([shown(4, "Meal"), shown(1, "Meal"), shown(2, "Busy")]);
    assert_eq!(outcomes(4, Canned::json(200, answer)).await, ["applied", "deferred", "deferred", "applied"]);
}

#[tokio::test]
async fn a_list_without_users_is_read_in_the_order_of_the_request() {
    let shown = |system| json!({"presenceDefinition": {"id": definition_of(system)}});
    let answer = json!([shown("Meal"), shown("Busy")]);
    assert_eq!(outcomes(2, Canned::json(200, answer)).await, ["applied", "deferred"]);
}

#[tokio::test]
async fn a_success_that_names_nobody_is_acceptance_of_all() {
    for body in ["", "null", "[]", "{}", "[{},{}]", r#"[{"presenceDefinition":null}]"#] {
        let answer = Canned::text(200, "application/json", body);
        assert_eq!(outcomes(2, answer).await, ["applied", "applied"], "{body}");
    }
}

#[tokio::test]
async fn the_reason_for_coming_again_is_told() {
    let stub = Stub::start().await;
    let cloud = stub.connect_directly().await;
    stub.script(1, "PUT", BULK, Canned::json(200, json!([shown(1, "Busy")])));
    let outcomes = deliver(&cloud, &batch(2)).await.result.unwrap();
    let reasons: Vec<String> = outcomes.iter().map(|(_, outcome)| outcome.clone().unwrap_err().to_string()).collect();
    let busy = definition_of("Busy");
    assert_eq!(
        reasons,
        [
            format!("deferred: the answer shows another presence definition ({busy})"),
            "deferred: the answer leaves the user out".to_owned()
        ]
    );
}

#[tokio::test]
async fn on_queue_never_goes_among_other_presences() {
    let stub = Stub::start().await;
    let cloud = stub.connect_directly().await;
    let batch = [order(1, presence(SystemPresence::OnQueue)), order(2, presence(SystemPresence::Meal))];
    let words = deliver(&cloud, &batch).await.result.unwrap();
    assert_eq!(words.iter().map(|(_, outcome)| in_a_word(outcome)).collect::<Vec<_>>(), ["refused", "applied"]);
    assert_eq!(stub.seen("PUT", BULK)[0].json().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_cannot_be_sent_does_not_hold_up_the_rest_and_alone_costs_nothing() {
    let stub = Stub::start().await;
    let cloud = stub.connect_directly().await;
    let gone = Presence { system: SystemPresence::Break, secondary: Some(DefinitionId(Uuid::nil())) };
    let unsendable = [
        order(1, Value::Presence(gone)),
        order(2, Value::Routing(RoutingStatus::Idle)),
        order(3, Value::OutOfOffice(OutOfOffice::Off)),
    ];
    let answer = deliver(&cloud, &unsendable).await;
    assert_eq!(answer.requests, 0);
    assert!(answer.result.unwrap().iter().all(|(_, outcome)| in_a_word(outcome) == "refused"));
    let mut batch = unsendable.to_vec();
    batch.extend([order(4, presence(SystemPresence::Meal))]);
    assert_eq!(deliver(&cloud, &batch).await.result.unwrap()[3].1, Ok(()));
    let nothing = deliver(&cloud, &[]).await;
    assert_eq!((nothing.requests, nothing.result), (0, Ok(vec![])));
}

#[tokio::test]
async fn a_user_is_in_a_request_once() {
    let stub = Stub::start().await;
    let cloud = stub.connect_directly().await;
    let mut later = order(2, presence(SystemPresence::Busy));
    later.user = user(1);
    let outcomes = deliver(&cloud, &[order(1, presence(SystemPresence::Meal)), later]).await.result.unwrap();
    assert_eq!(outcomes.iter().map(|(_, outcome)| in_a_word(outcome)).collect::<Vec<_>>(), ["applied", "deferred"]);
    assert_eq!(stub.seen("PUT", BULK)[0].json().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn one_bad_item_refuses_the_whole_for_whoever_halves_it() {
    let codes = [
        (400, "endpoint.does.not.support.on.queue", "refused"),
        (400, "max.user.presences", "refused"),
        (400, "invalid.value", "refused"),
        (404, "not.found", "refused"),
        (413, "request.entity.too.large", "refused"),
        (409, "presenceservice.conflict", "deferred"),
        (409, "request.conflict", "deferred"),
        (403, "missing.any.permissions", "client"),
        (403, "presence.not.authorized.update.other.user.presence", "client"),
        (429, "too.many.requests", "service"),
        (503, "service.unavailable", "service"),
        (504, "request.timeout", "service"),
    ];
    let stub = Stub::start().await;
    let cloud = stub.connect_directly().await;
    for (status, code, expected) in codes {
        stub.script(1, "PUT", BULK, error(status, code, "no"));
        let answer = deliver(&cloud, &batch(3)).await;
        assert_eq!(in_a_word(&answer.result.clone().map(drop)), expected, "{code}: {answer:?}");
        assert_eq!(answer.requests, 1);
    }
}

#[tokio::test]
async fn a_page_in_place_of_a_list_is_no_success() {
    let stub = Stub::start().await;
    let cloud = stub.connect_directly().await;
    for body in ["<html>", r#"[{"id":"#, r#""ok""#] {
        stub.script(1, "PUT", BULK, Canned::text(200, "text/html", body));
        let answer = deliver(&cloud, &batch(1)).await;
        assert!(matches!(answer.result, Err(Failure::Unavailable { maybe_applied: true, .. })), "{answer:?}");
    }
}

#[tokio::test]
async fn a_lane_of_the_other_delivery_is_not_served() {
    let stub = Stub::start().await;
    let (direct, events) = (stub.connect_directly().await, stub.connect().await);
    let (of_direct, of_events) = (direct.lanes()[0], events.lanes()[0]);
    for (cloud, lane) in [(&direct, of_events), (&events, of_direct)] {
        let answer = cloud.deliver(lane, batch(1)).await;
        assert!(answer.requests == 0 && matches!(answer.result, Err(Failure::Unsupported { .. })), "{answer:?}");
    }
    assert_eq!(stub.all_seen().len(), 0);
}
