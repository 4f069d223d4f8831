//! Reading back.

use domain::target::{OutOfOffice, Presence, RoutingStatus, SystemPresence};
use replicator::ports::{Failure, Sink};
use serde_json::{Value, json};

use crate::stub::{Canned, OUR_SOURCE, Stub, definition_of, error, logged, user};

fn full(n: u128) -> Value {
    json!({"id": user(n).0, "name": "Someone", "version": 1,
        "presence": {"source": OUR_SOURCE, "primary": true, "modifiedDate": "2026-01-01T08:00:00.000Z",
            "presenceDefinition": {"id": definition_of("Meal"), "systemPresence": "Meal"}},
        "routingStatus": {"userId": user(n).0, "status": "OFF_QUEUE", "startTime": "2026-01-01T08:00:00.000Z"},
        "outOfOffice": {"active": true, "indefinite": true, "startDate": "2026-01-01T08:00:00.000Z"}})
}

fn bulk() -> String {
    format!("/api/v2/users/presences/{OUR_SOURCE}/bulk")
}

#[tokio::test]
async fn a_hundred_users_are_read_with_one_request() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    stub.change(|organisation| organisation.users = (1..=100).map(full).collect());
    let answer = cloud.observe((1..=100).map(user).collect()).await;
    let seen = answer.result.unwrap();
    assert_eq!((answer.requests, seen.len()), (1, 100));
    let first = &seen[0];
    assert_eq!(first.user, user(1));
    assert_eq!(first.presence.unwrap().value, Presence::of(SystemPresence::Meal));
    assert_eq!(first.routing.unwrap().value, RoutingStatus::OffQueue);
    assert_eq!(first.out_of_office.unwrap().value, OutOfOffice::On { until: None });
    assert_eq!(first.ours, Some(true));
    let request = &stub.seen("GET", "/api/v2/users")[0];
    assert_eq!(request.query("expand"), Some("presence,routingStatus,outOfOffice"));
    assert_eq!(request.query("id").unwrap().split(',').count(), 100);
}

#[tokio::test]
async fn a_presence_of_another_source_is_not_ours() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    let mut theirs = full(1);
    theirs["presence"]["source"] = json!("PURECLOUD");
    let mut untold = full(2);
    untold["presence"].as_object_mut().unwrap().remove("source");
    stub.change(|organisation| organisation.users = vec![theirs, untold]);
    let seen = cloud.observe(vec![user(1), user(2)]).await.result.unwrap();
    assert_eq!([seen[0].ours, seen[1].ours], [Some(false), None]);
}

#[tokio::test]
async fn presences_that_were_left_out_are_read_from_our_source_fifty_at_a_time() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    let without = |n| {
        let mut user = full(n);
        user.as_object_mut().unwrap().remove("presence");
        user
    };
    stub.change(|organisation| {
        organisation.users = (1..=60).map(without).chain((61..=100).map(full)).collect();
    });
    let presences = |range: std::ops::RangeInclusive<u128>| {
        let entry = |n| {
            json!({"userId": user(n).0, "sourceId": OUR_SOURCE,
                "presenceDefinition": {"id": definition_of("Busy"), "systemPresence": "BUSY"}})
        };
        Canned::json(200, range.map(entry).collect())
    };
    stub.script(1, "GET", &bulk(), presences(1..=50));
    stub.script(1, "GET", &bulk(), presences(51..=59));
    let answer = cloud.observe((1..=100).map(user).collect()).await;
    assert_eq!(answer.requests, 3);
    let seen = answer.result.unwrap();
    let presence = |n: usize| seen[n - 1].presence.map(|seen| seen.value.system);
    assert_eq!(presence(1), Some(SystemPresence::Busy));
    assert_eq!(presence(59), Some(SystemPresence::Busy));
    assert_eq!(presence(60), None, "nobody knows");
    assert_eq!(presence(61), Some(SystemPresence::Meal));
    assert_eq!(seen[0].ours, None, "this list does not say whose is primary");
    let asked: Vec<_> =
        stub.seen("GET", &bulk()).iter().map(|request| request.query("id").unwrap().split(',').count()).collect();
    assert_eq!(asked, [50, 10]);
}

#[tokio::test]
async fn when_the_second_list_is_refused_the_presence_stays_unknown() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    stub.change(|organisation| organisation.users = vec![json!({"id": user(1).0})]);
    stub.always("GET", &bulk(), error(404, "presenceservice.usernotfound", "The specified user was not found"));
    let seen = cloud.observe(vec![user(1)]).await.result.unwrap();
    assert_eq!((seen[0].presence, seen[0].routing, seen[0].out_of_office), (None, None, None));
}

#[tokio::test]
async fn when_the_second_list_is_throttled_so_is_the_whole() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    stub.change(|organisation| organisation.users = vec![json!({"id": user(1).0})]);
    stub.always("GET", &bulk(), error(429, "too.many.requests", "").with("retry-after", "5"));
    let answer = cloud.observe(vec![user(1)]).await;
    assert!(matches!(answer.result, Err(Failure::Throttled { .. })), "{answer:?}");
    assert_eq!(answer.requests, 2);
}

#[tokio::test]
async fn who_is_not_in_the_answer_has_no_observation() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    stub.change(|organisation| organisation.users = vec![full(1)]);
    let seen = cloud.observe(vec![user(1), user(2)]).await.result.unwrap();
    assert_eq!(seen.iter().map(|seen| seen.user).collect::<Vec<_>>(), [user(1)]);
    let answer = cloud.observe(vec![user(2)]).await;
    assert_eq!(answer.result, Ok(Vec::new()), "404 for the only one");
}

#[tokio::test]
async fn one_who_does_not_exist_does_not_hide_the_others() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    stub.change(|organisation| organisation.users = (1..=8).map(full).collect());
    // The whole list, then the half with the missing user, and so on down to it.
    stub.script(1, "GET", "/api/v2/users", error(404, "general.resource.not.found", "not found"));
    let seen = cloud.observe((1..=9).map(user).collect()).await.result.unwrap();
    assert_eq!(seen.len(), 8);
}

#[tokio::test]
async fn looking_for_those_who_do_not_exist_has_an_end() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    let answer = cloud.observe((1..=100).map(user).collect()).await;
    assert_eq!(answer.result, Ok(Vec::new()));
    assert!(answer.requests <= 24, "{}", answer.requests);
}

#[tokio::test]
async fn nobody_is_read_without_a_request() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    let answer = cloud.observe(Vec::new()).await;
    assert_eq!((answer.requests, answer.result), (0, Ok(Vec::new())));
}

#[tokio::test]
async fn a_value_that_is_new_to_us_is_left_out_and_the_rest_kept() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    let mut odd = full(1);
    odd["routingStatus"]["status"] = json!("DAY_DREAMING");
    stub.change(|organisation| organisation.users = vec![odd, full(2)]);
    let seen = cloud.observe(vec![user(1), user(2)]).await.result.unwrap();
    assert_eq!(seen[0].routing, None);
    assert!(seen[0].presence.is_some() && seen[1].routing.is_some());
    cloud.observe(vec![user(1)]).await.result.unwrap();
    assert_eq!(logged().lines().filter(|line| line.contains("DAY_DREAMING")).count(), 1, "logged once");
}
