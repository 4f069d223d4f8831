//! Injecting presence and routing status from another platform.

use serde_json::{Value, json};
use simulator::cloud::{Command, Effect, Effectiveness, Kind};
use uuid::Uuid;

use crate::support::{BREAK, Cloud, MEAL, ON_QUEUE};

const PRESENCE: &str = "/api/v2/events/users/presence";
const ROUTING: &str = "/api/v2/events/users/routingstatus";

fn event(id: u128, user: Uuid, source: &str, definition: &str, at: &str) -> Value {
    json!({
        "eventId": Uuid::from_u128(id),
        "eventDateTime": at,
        "userId": user,
        "sourceId": source,
        "presenceDefinitionId": definition,
    })
}

#[tokio::test]
async fn an_injected_state_is_shown_with_its_own_time() {
    let cloud = Cloud::start().await;
    let (user, source) = (cloud.users[0], cloud.claim().await);
    let accepted = cloud.inject_presence(&source, user, ON_QUEUE, "2026-03-02T08:01:02.345678+00:00").await;
    assert_eq!((accepted.status, &accepted.body["errors"]), (200, &json!([])));
    let derived = cloud.truth().await.users[&user].routing.clone();
    assert_eq!((derived.status.as_str(), derived.source.as_str()), ("IDLE", "PURECLOUD"));
    cloud.inject_routing(&source, user, "Interacting", "2026-03-02T08:01:03Z").await;
    let seen = cloud.get(&format!("/api/v2/users/{user}?expand=presence,routingStatus")).await.body;
    assert_eq!(seen["presence"]["modifiedDate"], "2026-03-02T08:01:02.345Z");
    assert_eq!((&seen["presence"]["primary"], &seen["presence"]["sourceId"]), (&json!(true), &json!(source)));
    assert_eq!(
        (&seen["routingStatus"]["status"], &seen["routingStatus"]["startTime"]),
        (&json!("INTERACTING"), &json!("2026-03-02T08:01:03.000Z"))
    );
    // Explicit now: leaving the queue alone does not change it.
    cloud.inject_presence(&source, user, MEAL, "2026-03-02T08:02:00Z").await;
    let truth = cloud.truth().await;
    assert_eq!(truth.users[&user].routing.status, "INTERACTING");
    let kinds: Vec<(Kind, Effectiveness)> =
        truth.events.iter().map(|event| (event.kind, event.effectiveness)).collect();
    let applied = Effectiveness::Applied;
    assert_eq!(kinds, [(Kind::Presence, applied), (Kind::Routing, applied), (Kind::Presence, applied)]);
}

#[tokio::test]
async fn a_repeated_event_has_no_effect_and_an_older_one_neither() {
    let cloud = Cloud::start().await;
    let (user, source) = (cloud.users[0], cloud.claim().await);
    let send = async |list: Value| cloud.post(PRESENCE, json!({"userPresenceEvents": list})).await;
    send(json!([event(1, user, &source, MEAL, "2026-03-02T08:00:10Z")])).await;
    send(json!([event(2, user, &source, BREAK, "2026-03-02T08:00:20Z")])).await;
    let again = send(json!([event(1, user, &source, MEAL, "2026-03-02T08:00:10Z")])).await;
    assert_eq!(again.body["errors"], json!([]));
    let older = send(json!([event(3, user, &source, MEAL, "2026-03-02T08:00:15Z")])).await;
    assert_eq!(older.body["errors"], json!([]));
    let truth = cloud.truth().await;
    assert_eq!(truth.users[&user].presence.system, "Break");
    let effects: Vec<Effectiveness> = truth.events.iter().map(|event| event.effectiveness).collect();
    let applied = Effectiveness::Applied;
    assert_eq!(effects, [applied, applied, Effectiveness::Duplicate, Effectiveness::Older]);
    cloud.org().command(Command::SetIgnoreOlderEvents { ignore: false }).await.unwrap().unwrap();
    send(json!([event(4, user, &source, MEAL, "2026-03-02T08:00:15Z")])).await;
    assert_eq!(cloud.truth().await.users[&user].presence.system, "Meal");
}

#[tokio::test]
async fn what_cannot_be_applied_is_told_event_by_event_in_a_200() {
    let cloud = Cloud::start().await;
    let (user, source) = (cloud.users[0], cloud.claim().await);
    let nobody = Uuid::nil();
    let at = "2026-03-02T08:00:10Z";
    let answer = cloud
        .post(
            PRESENCE,
            json!({"userPresenceEvents": [
                event(1, nobody, &source, MEAL, at),
                event(2, user, &nobody.to_string(), MEAL, at),
                event(3, user, &source, &nobody.to_string(), at),
                event(4, user, "PURECLOUD", MEAL, at),
                event(5, user, &source, MEAL, at),
            ]}),
        )
        .await;
    assert_eq!(answer.status, 200);
    let errors = answer.body["errors"].as_array().unwrap();
    let ids: Vec<Uuid> = errors.iter().map(|error| error["eventId"].as_str().unwrap().parse().unwrap()).collect();
    assert_eq!(ids, [1, 2, 3, 4].map(Uuid::from_u128));
    assert!(errors.iter().all(|error| error["retryable"] == false && error["message"].is_string()));
    let truth = cloud.truth().await;
    assert_eq!((truth.users[&user].presence.system.as_str(), truth.event_errors, truth.events.len()), ("Meal", 4, 1));
}

#[tokio::test]
async fn a_batch_in_bad_form_is_refused_as_a_whole() {
    let cloud = Cloud::start().await;
    let (user, source) = (cloud.users[0], cloud.claim().await);
    let at = "2026-03-02T08:00:10Z";
    let good = event(1, user, &source, MEAL, at);
    let routing = |status: Value| {
        let mut event = json!({"eventId": Uuid::nil(), "eventDateTime": at, "agentId": user, "sourceId": source});
        event["status"] = status;
        event
    };
    for (path, list, code) in [
        (PRESENCE, json!({"userPresenceEvents": []}), "zero.events.submitted"),
        (PRESENCE, json!({}), "zero.events.submitted"),
        (ROUTING, json!({"userRoutingStatusEvents": []}), "zero.events.submitted"),
        (PRESENCE, json!({"userPresenceEvents": vec![good.clone(); 101]}), "max.batch.size.surpassed"),
        (PRESENCE, json!({"userPresenceEvents": [good, {"eventId": "x"}]}), "constraint.validation"),
        (PRESENCE, json!({"userPresenceEvents": [event(1, user, &source, MEAL, "soon")]}), "invalid.date"),
        (PRESENCE, json!({"userPresenceEvents": ["x"]}), "bad.request"),
        (PRESENCE, json!([]), "bad.request"),
        (ROUTING, json!({"userRoutingStatusEvents": [routing(Value::Null)]}), "constraint.validation"),
        (ROUTING, json!({"userRoutingStatusEvents": [routing(json!("OFF_QUEUE"))]}), "invalid.value"),
    ] {
        let answer = cloud.post(path, list).await;
        assert_eq!((answer.status, answer.code()), (400, code), "{}", answer.body);
    }
    assert!(cloud.truth().await.events.is_empty());
}

#[tokio::test]
async fn events_of_a_source_that_is_not_primary_are_kept_but_not_shown() {
    let cloud = Cloud::start().await;
    let user = cloud.users[0];
    let made = cloud.post("/api/v2/presence/sources", json!({"name": "s"})).await;
    let source = made.body["id"].as_str().unwrap();
    cloud.inject_presence(source, user, ON_QUEUE, "2026-03-02T08:00:10Z").await;
    cloud.inject_routing(source, user, "Communicating", "2026-03-02T08:00:10Z").await;
    let hidden = cloud.truth().await.users[&user].clone();
    assert_eq!((hidden.presence.system.as_str(), hidden.routing.status.as_str()), ("Offline", "OFF_QUEUE"));
    let path = format!("/api/v2/presence/users/{user}/primarysource");
    cloud.put(&path, json!({"sourceId": source, "registered": true})).await;
    let shown = cloud.truth().await.users[&user].clone();
    assert_eq!((shown.presence.system.as_str(), shown.routing.status.as_str()), ("On Queue", "COMMUNICATING"));
    assert_eq!((shown.presence.source.as_str(), shown.routing.source.as_str()), (source, source));
}

#[tokio::test]
async fn single_events_can_be_made_to_fail_and_sent_again() {
    let cloud = Cloud::start().await;
    let (one, other, source) = (cloud.users[0], cloud.users[1], cloud.claim().await);
    cloud.fault(Effect::EventError { retryable: true, user: Some(other), every: 1 }, None, 1).await;
    let at = "2026-03-02T08:00:10Z";
    let batch = json!({"userPresenceEvents": [event(1, one, &source, MEAL, at), event(2, other, &source, MEAL, at)]});
    let answer = cloud.post(PRESENCE, batch.clone()).await;
    let errors = answer.body["errors"].as_array().unwrap();
    assert_eq!(
        (errors.len(), &errors[0]["retryable"], &errors[0]["eventId"]),
        (1, &json!(true), &json!(Uuid::from_u128(2)))
    );
    assert_eq!(cloud.truth().await.users[&other].presence.system, "Offline");
    assert_eq!(cloud.post(PRESENCE, batch).await.body["errors"], json!([]));
    let truth = cloud.truth().await;
    assert_eq!(truth.users[&other].presence.system, "Meal");
    assert_eq!(truth.events.iter().filter(|event| event.effectiveness == Effectiveness::Applied).count(), 2);
}
