//! Delivery of presence, routing status and out of office.

use domain::change::{Facet, Value};
use domain::ids::DefinitionId;
use domain::target::{OutOfOffice, Presence, RoutingStatus, SystemPresence};
use replicator::ports::{Failure, Order, Sink};
use serde_json::json;
use uuid::Uuid;

use crate::stub::{Canned, OUR_SOURCE, Stub, definition_of, error, lane, logged, order, user};

const PRESENCE: &str = "/api/v2/events/users/presence";
const ROUTING: &str = "/api/v2/events/users/routingstatus";

fn presence(system: SystemPresence) -> Value {
    Value::Presence(system.into())
}

fn refused(reason: &str) -> Result<(), Failure> {
    Err(Failure::Refused { reason: reason.into() })
}

fn deferred(reason: &str) -> Result<(), Failure> {
    Err(Failure::Deferred { reason: reason.into() })
}

fn batch(n: u128) -> Vec<Order> {
    (1..=n).map(|n| order(n, presence(SystemPresence::Meal))).collect()
}

#[tokio::test]
async fn a_presence_is_an_event_with_its_own_id_and_time() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    let batch = vec![order(1, presence(SystemPresence::Meal)), order(2, presence(SystemPresence::OnQueue))];
    let answer = cloud.deliver(lane(&cloud, Facet::Presence), batch.clone()).await;
    assert_eq!(answer.result, Ok(vec![(batch[0].change.id, Ok(())), (batch[1].change.id, Ok(()))]));
    assert_eq!(answer.requests, 1);
    assert_eq!(answer.correlation.as_deref(), Some("0b9dca09-9ed3-4b08-b8ea-6a7c2c7b7b11"));
    let quota = answer.quota.unwrap();
    assert_eq!((quota.allowed, quota.reset.as_secs()), (300, 61));
    let sent = &stub.seen("POST", PRESENCE)[0];
    let event = |n: u128, definition: &str| {
        json!({"eventId": order(n, presence(SystemPresence::Meal)).change.id.0, "eventDateTime": "2026-01-01T08:00:00.123Z",
            "userId": user(n).0, "sourceId": OUR_SOURCE, "presenceDefinitionId": definition_of(definition)})
    };
    assert_eq!(sent.json(), json!({"userPresenceEvents": [event(1, "Meal"), event(2, "OnQueue")]}));
    let agent = sent.headers["user-agent"].to_str().unwrap();
    assert!(agent.starts_with("presence-bridge/"), "{agent}");
}

#[tokio::test]
async fn a_routing_status_is_an_event_with_the_other_spelling() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    let batch = (1..).zip(RoutingStatus::ALL).map(|(n, status)| order(n, Value::Routing(status))).collect::<Vec<_>>();
    let answer = cloud.deliver(lane(&cloud, Facet::Routing), batch).await;
    assert_eq!(answer.result.map(|outcomes| outcomes.len()), Ok(5));
    let sent = stub.seen("POST", ROUTING)[0].json();
    let first = order(1, Value::Routing(RoutingStatus::OffQueue));
    assert_eq!(
        sent["userRoutingStatusEvents"][0],
        json!({"eventId": first.change.id.0, "eventDateTime": "2026-01-01T08:00:00.123Z", "agentId": user(1).0,
            "status": "OffQueue", "sourceId": OUR_SOURCE})
    );
    let statuses: Vec<_> =
        sent["userRoutingStatusEvents"].as_array().unwrap().iter().map(|event| event["status"].clone()).collect();
    assert_eq!(statuses, ["OffQueue", "Idle", "Interacting", "Communicating", "NotResponding"]);
}

#[tokio::test]
async fn errors_inside_a_success_are_each_events_own() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    let batch = batch(4);
    let id = |n: usize| batch[n].change.id;
    let errors = json!({"errors": [
        {"eventId": id(1).to_string().to_uppercase(), "message": "try later", "retryable": true},
        {"eventId": id(2).0, "message": "unknown user", "retryable": false},
        {"eventId": id(3).0, "message": "odd"},
        {"eventId": Uuid::from_u128(1), "message": "not yours", "retryable": true},
        {"eventId": null, "message": "whose?"},
    ]});
    stub.script(1, "POST", PRESENCE, Canned::json(200, errors));
    let answer = cloud.deliver(lane(&cloud, Facet::Presence), batch.clone()).await;
    let expected = vec![
        (id(0), Ok(())),
        (id(1), deferred("try later")),
        (id(2), refused("unknown user")),
        (id(3), refused("odd")),
    ];
    assert_eq!(answer.result, Ok(expected));
    assert!(logged().contains("not yours") && logged().contains("whose?"));
}

#[tokio::test]
async fn an_error_without_an_event_id_is_about_the_only_event() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    let errors = json!({"errors": [{"message": "no", "retryable": false}]});
    stub.script(1, "POST", PRESENCE, Canned::json(200, errors));
    let answer = cloud.deliver(lane(&cloud, Facet::Presence), batch(1)).await;
    assert_eq!(answer.result, Ok(vec![(batch(1)[0].change.id, refused("no"))]));
}

#[tokio::test]
async fn no_list_of_errors_means_that_all_were_accepted() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    for body in [json!({}), json!({"errors": null}), json!({"errors": [], "new": 1})] {
        stub.script(1, "POST", PRESENCE, Canned::json(200, body));
        let outcomes = cloud.deliver(lane(&cloud, Facet::Presence), batch(2)).await.result.unwrap();
        assert!(outcomes.iter().all(|(_, outcome)| outcome.is_ok()));
    }
}

#[tokio::test]
async fn a_hundred_events_go_in_one_request_and_keep_their_order() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    let answer = cloud.deliver(lane(&cloud, Facet::Presence), batch(100)).await;
    assert_eq!((answer.requests, answer.result.map(|outcomes| outcomes.len())), (1, Ok(100)));
    let sent = stub.seen("POST", PRESENCE)[0].json();
    let ids: Vec<_> = sent["userPresenceEvents"].as_array().unwrap().iter().map(|e| e["eventId"].clone()).collect();
    assert_eq!(ids, batch(100).iter().map(|order| json!(order.change.id.0)).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_cannot_be_said_is_refused_and_does_not_hold_up_the_rest() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    let gone = Presence { system: SystemPresence::Break, secondary: Some(DefinitionId(Uuid::nil())) };
    let batch = vec![order(1, Value::Presence(gone)), order(2, presence(SystemPresence::Meal))];
    let outcomes = cloud.deliver(lane(&cloud, Facet::Presence), batch.clone()).await.result.unwrap();
    assert!(matches!(outcomes[0].1, Err(Failure::Refused { .. })) && outcomes[1].1.is_ok(), "{outcomes:?}");
    let answer = cloud.deliver(lane(&cloud, Facet::Presence), batch[..1].to_vec()).await;
    assert_eq!((answer.requests, answer.result.map(|outcomes| outcomes.len())), (0, Ok(1)));
    let answer = cloud.deliver(lane(&cloud, Facet::Presence), Vec::new()).await;
    assert_eq!((answer.requests, answer.result), (0, Ok(Vec::new())));
    assert_eq!(stub.all_seen().len(), 1);
}

#[tokio::test]
async fn out_of_office_is_put_set_and_cleared() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    let until = Some("2026-01-08T00:00:00Z".parse().unwrap());
    let start = "2026-01-01T08:00:00.123Z";
    for (n, value, body) in [
        (1, OutOfOffice::On { until: None }, json!({"active": true, "indefinite": true, "startDate": start})),
        (
            2,
            OutOfOffice::On { until },
            json!({"active": true, "indefinite": false, "startDate": start, "endDate": "2026-01-08T00:00:00.000Z"}),
        ),
        (3, OutOfOffice::Off, json!({"active": false, "indefinite": false})),
    ] {
        let order = order(n, Value::OutOfOffice(value));
        let answer = cloud.deliver(lane(&cloud, Facet::OutOfOffice), vec![order.clone()]).await;
        assert_eq!((answer.requests, answer.result), (1, Ok(vec![(order.change.id, Ok(()))])));
        let sent = stub.seen("PUT", &format!("/api/v2/users/{}/outofoffice", user(n)));
        assert_eq!(sent[0].json(), body);
    }
}

#[tokio::test]
async fn out_of_office_that_may_not_be_written_is_not_supported() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    let path = format!("/api/v2/users/{}/outofoffice", user(1));
    stub.always("PUT", &path, error(403, "outofoffice.update.error", "cannot update another user's OOO"));
    let order = order(1, Value::OutOfOffice(OutOfOffice::Off));
    let answer = cloud.deliver(lane(&cloud, Facet::OutOfOffice), vec![order]).await;
    assert!(matches!(answer.result, Err(Failure::Unsupported { .. })), "{answer:?}");
    let answer = cloud.deliver(lane(&cloud, Facet::Presence), batch(1)).await;
    assert!(answer.result.is_ok(), "presence goes on");
}

#[tokio::test]
async fn out_of_office_takes_one_user_a_request() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    let batch = [1, 2].map(|n| order(n, Value::OutOfOffice(OutOfOffice::Off))).to_vec();
    let outcomes = cloud.deliver(lane(&cloud, Facet::OutOfOffice), batch).await.result.unwrap();
    assert!(outcomes[0].1.is_ok() && matches!(outcomes[1].1, Err(Failure::Deferred { .. })), "{outcomes:?}");
}
