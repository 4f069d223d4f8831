//! How presence is delivered: as configured, or as the permissions allow.

use domain::change::Facet;
use genesys_cloud::{Delivery, DeliveryChoice};
use replicator::ports::{FailureKind, Lane, Sink, Takes};

use crate::stub::{Canned, Stub, error};

const INJECT: &str = "presence:userPresence:inject";
const EDIT: &str = "presence:userPresence:edit";
const BULK: &str = "/api/v2/users/presences/bulk";

/// What is chosen when these permissions are missing, or which of them the error names.
async fn check(wanted: DeliveryChoice, missing: &[&'static str], expected: Result<Delivery, &[&str]>) {
    let stub = Stub::start().await;
    stub.change(|organisation| organisation.missing_permissions = missing.to_vec());
    let chosen = stub.try_connect(stub.config_for(wanted)).await;
    match (chosen, expected) {
        (Ok(connected), Ok(delivery)) => assert_eq!(connected.delivery, delivery, "{wanted:?} without {missing:?}"),
        (Err(failure), Err(named)) => {
            assert_eq!(failure.kind, FailureKind::NotAuthorized);
            for permission in [INJECT, EDIT] {
                let is_named = failure.message.contains(permission);
                assert_eq!(is_named, named.contains(&permission), "{permission} in: {failure}");
            }
            assert!(failure.message.contains("role"), "{failure}");
        }
        (Ok(connected), Err(_)) => panic!("{wanted:?} without {missing:?} is {:?}", connected.delivery),
        (Err(failure), Ok(_)) => panic!("{wanted:?} without {missing:?}: {failure}"),
    }
}

#[tokio::test]
async fn events_are_preferred_and_direct_delivery_is_the_next_best() {
    check(DeliveryChoice::Auto, &[], Ok(Delivery::Events)).await;
    check(DeliveryChoice::Auto, &[EDIT], Ok(Delivery::Events)).await;
    check(DeliveryChoice::Auto, &[INJECT], Ok(Delivery::Direct)).await;
    check(DeliveryChoice::Auto, &[INJECT, EDIT], Err(&[INJECT, EDIT])).await;
}

#[tokio::test]
async fn what_is_configured_is_taken_or_refused_with_its_own_permission() {
    for other in [&[][..], &[EDIT]] {
        check(DeliveryChoice::Events, other, Ok(Delivery::Events)).await;
    }
    for other in [&[][..], &[INJECT]] {
        check(DeliveryChoice::Direct, other, Ok(Delivery::Direct)).await;
    }
    check(DeliveryChoice::Events, &[INJECT, EDIT], Err(&[INJECT])).await;
    check(DeliveryChoice::Direct, &[INJECT, EDIT], Err(&[EDIT])).await;
}

#[tokio::test]
async fn the_choice_is_told_with_its_reason() {
    let stub = Stub::start().await;
    let connected = stub.try_connect(stub.config()).await.unwrap();
    assert_eq!((connected.reason.as_str(), connected.notes), ("presence events are allowed", vec![]));
    stub.change(|organisation| organisation.missing_permissions = vec![INJECT]);
    let connected = stub.try_connect(stub.config()).await.unwrap();
    assert!(connected.reason.contains(INJECT), "{}", connected.reason);
    assert!(connected.notes.iter().any(|note| note.contains("directly") && note.contains(INJECT)));
}

#[tokio::test]
async fn direct_delivery_says_what_it_cannot_transfer() {
    let stub = Stub::start().await;
    let connected = stub.try_connect(stub.config_for(DeliveryChoice::Direct)).await.unwrap();
    let told = |status| connected.notes.iter().any(|note| note.contains(status));
    assert!(["INTERACTING", "COMMUNICATING", "NOT_RESPONDING"].into_iter().all(told), "{:?}", connected.notes);
}

#[tokio::test]
async fn direct_delivery_has_a_lane_for_each_kind_of_request() {
    let stub = Stub::start().await;
    let mut config = stub.config_for(DeliveryChoice::Direct);
    let lane = |facet, takes, batch| Lane { facet, batch, keeps_history: false, takes };
    let mut expected = vec![
        lane(Facet::Presence, Takes::OffQueue, 50),
        lane(Facet::Presence, Takes::OnQueue, 1),
        lane(Facet::Routing, Takes::EndOfNotResponding, 1),
        lane(Facet::OutOfOffice, Takes::Everything, 1),
    ];
    assert_eq!(stub.try_connect(config.clone()).await.unwrap().clouds[0].lanes(), expected);
    config.out_of_office = false;
    expected.pop();
    assert_eq!(stub.try_connect(config).await.unwrap().clouds[0].lanes(), expected);
}

#[tokio::test]
async fn direct_delivery_neither_looks_for_a_source_nor_makes_one() {
    let stub = Stub::start().await;
    stub.change(|organisation| organisation.sources.clear());
    let connected = stub.try_connect(stub.config_for(DeliveryChoice::Direct)).await.unwrap();
    assert_eq!(connected.source, None);
    assert!(
        stub.all_seen().iter().all(|seen| !seen.path.contains("presence/sources") && !seen.path.contains("events"))
    );
}

#[tokio::test]
async fn the_permission_for_direct_delivery_is_probed_with_an_empty_list() {
    let stub = Stub::start().await;
    stub.try_connect(stub.config_for(DeliveryChoice::Direct)).await.unwrap();
    let probes = stub.seen("PUT", BULK);
    assert_eq!((probes.len(), probes[0].body.as_slice()), (1, &b"[]"[..]));
    let stub = Stub::start().await;
    stub.try_connect(stub.config()).await.unwrap();
    assert_eq!(stub.seen("PUT", BULK).len(), 0, "nobody needs to know");
}

#[tokio::test]
async fn whatever_the_platform_answers_to_an_empty_list_the_permission_is_there_unless_it_says_no() {
    for (status, code) in [(400, "bad.request"), (404, "no.user.presences"), (409, "request.conflict.odd")] {
        let stub = Stub::start().await;
        stub.always("PUT", BULK, error(status, code, "nothing was sent"));
        let connected = stub.try_connect(stub.config_for(DeliveryChoice::Direct)).await.unwrap();
        assert_eq!(connected.delivery, Delivery::Direct, "{code}");
    }
    let stub = Stub::start().await;
    stub.always("PUT", BULK, Canned::text(404, "text/html", "<h1>Not Found</h1>"));
    let failure = stub.refused_with(stub.config_for(DeliveryChoice::Direct)).await;
    assert_eq!(failure.kind, FailureKind::Unsupported);
    assert!(failure.message.contains("Platform API"), "{failure}");
}

#[tokio::test]
async fn an_organisation_without_the_events_at_all_is_delivered_to_directly() {
    let stub = Stub::start().await;
    stub.always("POST", "/api/v2/events/users/presence", error(404, "not.found", "no such thing here"));
    let connected = stub.try_connect(stub.config()).await.unwrap();
    assert_eq!(connected.delivery, Delivery::Direct);
    assert!(connected.reason.contains("404 not.found"), "{}", connected.reason);
}

#[tokio::test]
async fn trouble_that_passes_does_not_decide() {
    let stub = Stub::start().await;
    stub.script(2, "POST", "/api/v2/events/users/presence", error(503, "service.unavailable", "down"));
    assert_eq!(stub.try_connect(stub.config()).await.unwrap().delivery, Delivery::Events);
    stub.script(2, "PUT", BULK, error(429, "too.many.requests", "").with("retry-after", "3"));
    let connected = stub.try_connect(stub.config_for(DeliveryChoice::Direct)).await.unwrap();
    assert_eq!(connected.delivery, Delivery::Direct);
}
