//! On Queue, the end of NOT_RESPONDING and out of office: one request for each user.

use domain::change::{Facet, Value};
use domain::ids::DefinitionId;
use domain::target::{OutOfOffice, Presence, RoutingStatus, SystemPresence};
use genesys_cloud::GenesysCloud;
use replicator::ports::{Answer, Failure, Order, Outcomes, Sink, Takes};
use serde_json::json;
use uuid::Uuid;

use crate::stub::{Canned, Stub, definition_of, error, lane, order, user};

fn on_queue() -> Order {
    order(1, Value::Presence(SystemPresence::OnQueue.into()))
}

fn idle() -> Order {
    order(1, Value::Routing(RoutingStatus::Idle))
}

fn own_presence() -> String {
    format!("/api/v2/users/{}/presences/purecloud", user(1))
}

fn routing_status() -> String {
    format!("/api/v2/users/{}/routingstatus", user(1))
}

async fn deliver(cloud: &GenesysCloud, takes: Takes, batch: &[Order]) -> Answer<Outcomes> {
    let lane = cloud.lanes().into_iter().find(|lane| lane.takes == takes).unwrap();
    cloud.deliver(lane, batch.to_vec()).await
}

/// What comes of the order, as a whole or for itself.
fn only(answer: Answer<Outcomes>) -> Result<(), Failure> {
    answer.result?.remove(0).1
}

#[tokio::test]
async fn on_queue_is_set_for_one_user_and_nothing_else_is() {
    let stub = Stub::start().await;
    let cloud = stub.connect_directly().await;
    let answer = deliver(&cloud, Takes::OnQueue, &[on_queue()]).await;
    assert_eq!((answer.requests, answer.result), (1, Ok(vec![(on_queue().change.id, Ok(()))])));
    let sent = stub.seen("PATCH", &own_presence()).remove(0).json();
    assert_eq!(sent, json!({"presenceDefinition": {"id": definition_of("OnQueue")}}));
}

#[tokio::test]
async fn a_secondary_presence_under_on_queue_goes_the_same_way() {
    let stub = Stub::start().await;
    let mail = Uuid::from_u128(7);
    stub.change(|organisation| {
        organisation.definitions.push(json!({"id": mail, "type": "User", "languageLabels": {"en_US": "E-mail queue"},
            "systemPresence": "OnQueue", "deactivated": false}));
    });
    let cloud = stub.connect_directly().await;
    let to = Presence { system: SystemPresence::OnQueue, secondary: Some(DefinitionId(mail)) };
    let answer = deliver(&cloud, Takes::OnQueue, &[order(1, Value::Presence(to))]).await;
    assert_eq!(only(answer), Ok(()));
    assert_eq!(stub.seen("PATCH", &own_presence())[0].json(), json!({"presenceDefinition": {"id": mail}}));
}

#[tokio::test]
async fn each_refusal_of_on_queue_has_its_reaction() {
    let stub = Stub::start().await;
    let cloud = stub.connect_directly().await;
    let reaction = |failure: Failure| match failure {
        Failure::Deferred { .. } => "deferred",
        Failure::Refused { .. } => "refused",
        Failure::Unsupported { .. } => "unsupported",
        Failure::Throttled { .. } => "throttled",
        Failure::Unavailable { .. } => "unavailable",
        Failure::Unauthorized { .. } => "unauthorized",
    };
    for (status, code, expected) in [
        (409, "presenceservice.conflict", "deferred"),
        (403, "presence.not.authorized.update.on.queue", "refused"),
        (403, "presence.not.authorized.update.other.user.presence", "unsupported"),
        (403, "missing.any.permissions", "unsupported"),
        (404, "presenceservice.usernotfound", "refused"),
        (400, "bad.request", "refused"),
        (429, "too.many.requests", "throttled"),
        (500, "internal.server.error", "unavailable"),
    ] {
        stub.script(1, "PATCH", &own_presence(), error(status, code, "no"));
        let failure = only(deliver(&cloud, Takes::OnQueue, &[on_queue()]).await).unwrap_err();
        assert!(!failure.to_string().is_empty());
        assert_eq!(reaction(failure), expected, "{code}");
    }
}

#[tokio::test]
async fn an_answer_that_shows_another_presence_is_no_success() {
    let stub = Stub::start().await;
    let cloud = stub.connect_directly().await;
    let shown = |body| Canned::json(200, body);
    let busy = json!({"presenceDefinition": {"id": definition_of("Busy"), "systemPresence": "Busy"}});
    stub.script(1, "PATCH", &own_presence(), shown(busy));
    let reason = "the answer shows another presence definition (Busy)".to_owned();
    assert_eq!(only(deliver(&cloud, Takes::OnQueue, &[on_queue()]).await), Err(Failure::Deferred { reason }));
    stub.script(1, "PATCH", &own_presence(), Canned::text(200, "application/json", ""));
    assert_eq!(only(deliver(&cloud, Takes::OnQueue, &[on_queue()]).await), Ok(()));
}

#[tokio::test]
async fn the_end_of_not_responding_is_idle() {
    let stub = Stub::start().await;
    let cloud = stub.connect_directly().await;
    let answer = deliver(&cloud, Takes::EndOfNotResponding, &[idle()]).await;
    assert_eq!((answer.requests, answer.result), (1, Ok(vec![(idle().change.id, Ok(()))])));
    assert_eq!(stub.seen("PUT", &routing_status())[0].json(), json!({"userId": user(1).0, "status": "IDLE"}));
}

#[tokio::test]
async fn no_other_routing_status_is_ever_sent() {
    let stub = Stub::start().await;
    let cloud = stub.connect_directly().await;
    for status in RoutingStatus::ALL.into_iter().filter(|status| *status != RoutingStatus::Idle) {
        let answer = deliver(&cloud, Takes::EndOfNotResponding, &[order(1, Value::Routing(status))]).await;
        assert_eq!(answer.requests, 0);
        assert!(matches!(only(answer), Err(Failure::Refused { reason }) if reason.contains(status.name())));
    }
    assert_eq!(stub.all_seen().len(), 0);
}

#[tokio::test]
async fn a_transition_that_is_not_possible_is_refused_and_one_without_effect_comes_again() {
    let stub = Stub::start().await;
    let cloud = stub.connect_directly().await;
    let words = "An invalid routing status transition was attempted.";
    for (status, code) in [(400, "general.bad.request"), (404, "resource.not.found")] {
        stub.script(1, "PUT", &routing_status(), error(status, code, words));
        let outcome = only(deliver(&cloud, Takes::EndOfNotResponding, &[idle()]).await);
        assert!(matches!(outcome, Err(Failure::Refused { .. })), "{outcome:?}");
    }
    for (shown, expected) in [("NOT_RESPONDING", false), ("IDLE", true), ("INTERACTING", true), ("NEW", true)] {
        stub.script(1, "PUT", &routing_status(), Canned::json(200, json!({"status": shown})));
        let outcome = only(deliver(&cloud, Takes::EndOfNotResponding, &[idle()]).await);
        assert_eq!(outcome.is_ok(), expected, "{shown}");
        assert!(expected || matches!(outcome, Err(Failure::Deferred { .. })));
    }
}

#[tokio::test]
async fn a_request_takes_one_user_and_the_rest_comes_again() {
    let stub = Stub::start().await;
    let cloud = stub.connect_directly().await;
    let second = |first: &Order| Order { user: user(2), ..first.clone() };
    for (takes, first) in [(Takes::OnQueue, on_queue()), (Takes::EndOfNotResponding, idle())] {
        let outcomes = deliver(&cloud, takes, &[first.clone(), second(&first)]).await.result.unwrap();
        assert!(outcomes[0].1.is_ok() && matches!(outcomes[1].1, Err(Failure::Deferred { .. })), "{outcomes:?}");
        assert_eq!(deliver(&cloud, takes, &[]).await.result, Ok(vec![]));
    }
    assert_eq!(stub.all_seen().len(), 2);
}

#[tokio::test]
async fn out_of_office_is_the_same_in_both_deliveries() {
    let stub = Stub::start().await;
    for cloud in [stub.connect().await, stub.connect_directly().await] {
        let order = order(1, Value::OutOfOffice(OutOfOffice::Off));
        let answer = cloud.deliver(lane(&cloud, Facet::OutOfOffice), vec![order.clone()]).await;
        assert_eq!(answer.result, Ok(vec![(order.change.id, Ok(()))]));
        let sent = stub.seen("PUT", &format!("/api/v2/users/{}/outofoffice", user(1)));
        assert_eq!(sent[0].json(), json!({"active": false, "indefinite": false}));
        stub.forget();
    }
}

#[tokio::test]
async fn an_order_of_another_lane_is_refused_without_a_request() {
    let stub = Stub::start().await;
    let cloud = stub.connect_directly().await;
    for (takes, order) in [(Takes::OnQueue, idle()), (Takes::EndOfNotResponding, on_queue())] {
        let answer = deliver(&cloud, takes, &[order]).await;
        assert!(answer.requests == 0 && matches!(only(answer), Err(Failure::Refused { .. })));
    }
}
