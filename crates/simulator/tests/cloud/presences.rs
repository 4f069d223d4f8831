//! Presences, routing status and out of office, read and set directly.

use serde_json::{Value, json};
use simulator::cloud::{Command, Kind};
use uuid::Uuid;

use crate::support::{AVAILABLE, BREAK, BUSY, Cloud, MEAL, OFFLINE, ON_QUEUE};

fn presence(definition: &str) -> Value {
    json!({"presenceDefinition": {"id": definition}})
}

#[tokio::test]
async fn a_presence_is_set_and_read() {
    let cloud = Cloud::start().await;
    let user = cloud.users[0];
    let path = format!("/api/v2/users/{user}/presences/purecloud");
    let before = cloud.get(&path).await;
    assert_eq!(before.body["presenceDefinition"]["id"], OFFLINE);
    let set = cloud.patch(&path, presence(BUSY)).await;
    assert_eq!(set.body["presenceDefinition"]["systemPresence"], "Busy");
    assert_eq!(set.body["source"], "PURECLOUD");
    let said = cloud.patch(&path, json!({"message": "back at 3"})).await;
    assert_eq!((&said.body["message"], &said.body["presenceDefinition"]["id"]), (&json!("back at 3"), &json!(BUSY)));
    let upper = cloud.get(&format!("/api/v2/users/{}/presences/PureCloud", user.to_string().to_uppercase())).await;
    assert_eq!(upper.body, said.body);
}

#[tokio::test]
async fn a_presence_that_cannot_be_is_refused() {
    let cloud = Cloud::start().await;
    let source = cloud.claim().await;
    let user = cloud.users[0];
    let path = format!("/api/v2/users/{user}/presences/purecloud");
    let registered = cloud.patch(&format!("/api/v2/users/{user}/presences/{source}"), presence(BUSY)).await;
    assert_eq!((registered.status, registered.code()), (404, "not.found"));
    let stranger = cloud.get(&format!("/api/v2/users/{}/presences/purecloud", Uuid::nil())).await;
    assert_eq!((stranger.status, stranger.code()), (404, "presenceservice.usernotfound"));
    assert_eq!(cloud.patch(&path, presence(&Uuid::nil().to_string())).await.code(), "invalid.value");
    assert_eq!(cloud.patch(&path, json!({"unknown": 1})).await.code(), "bad.request");
    assert_eq!(cloud.patch(&path, json!([])).await.code(), "bad.request");
}

#[tokio::test]
async fn up_to_fifty_presences_are_set_at_once_but_not_on_queue() {
    let cloud = Cloud::start().await;
    let path = "/api/v2/users/presences/bulk";
    let item = |user: Uuid, definition: &str| json!({"id": user, "presenceDefinition": {"id": definition}});
    let set = cloud.put(path, json!([item(cloud.users[0], MEAL), item(cloud.users[1], BREAK)])).await;
    let ids: Vec<&Value> = set.body.as_array().unwrap().iter().map(|item| &item["id"]).collect();
    assert_eq!(ids, [&json!(cloud.users[0]), &json!(cloud.users[1])]);
    let mixed = cloud.put(path, json!([item(cloud.users[0], BUSY), item(cloud.users[1], ON_QUEUE)])).await;
    assert_eq!((mixed.status, mixed.code()), (400, "endpoint.does.not.support.on.queue"));
    let truth = cloud.truth().await;
    assert_eq!(truth.users[&cloud.users[0]].presence.system, "Meal", "all or nothing");
    let writes: Vec<(Kind, &str)> =
        truth.direct_writes.iter().map(|write| (write.kind, write.value.as_str())).collect();
    assert_eq!(writes, [(Kind::Presence, MEAL), (Kind::Presence, BREAK)]);
    let many: Vec<Value> = (0..51).map(|_| item(cloud.users[0], MEAL)).collect();
    assert_eq!(cloud.put(path, json!(many)).await.code(), "max.user.presences");
}

#[tokio::test]
async fn presences_of_one_source_are_read_in_bulk() {
    let cloud = Cloud::start().await;
    let source = cloud.claim().await;
    let (one, other) = (cloud.users[0], cloud.users[1]);
    cloud.inject_presence(&source, one, ON_QUEUE, "2026-03-02T08:00:00Z").await;
    for query in [format!("id={one},{other}"), format!("id={one}%2C{other}"), format!("id={one}&id={other}")] {
        let own = cloud.get(&format!("/api/v2/users/presences/purecloud/bulk?{query}")).await;
        assert_eq!(own.body.as_array().unwrap().len(), 2, "{query}");
        let injected = cloud.get(&format!("/api/v2/users/presences/{source}/bulk?{query}")).await;
        let list = injected.body.as_array().unwrap();
        assert_eq!((list.len(), &list[0]["userId"]), (1, &json!(one)), "the other has no presence of this source");
        assert_eq!(list[0]["presenceDefinition"]["systemPresence"], "On Queue");
    }
    let stranger = cloud.get(&format!("/api/v2/users/presences/purecloud/bulk?id={one},{}", Uuid::nil())).await;
    assert_eq!((stranger.status, stranger.code()), (404, "presenceservice.usernotfound"));
    let many = vec![one.to_string(); 51].join(",");
    assert_eq!(
        cloud.get(&format!("/api/v2/users/presences/purecloud/bulk?id={many}")).await.code(),
        "max.user.presences"
    );
    assert_eq!(cloud.get(&format!("/api/v2/users/presences/{}/bulk?id={one}", Uuid::nil())).await.status, 404);
}

#[tokio::test]
async fn without_an_injecting_source_the_routing_status_follows_the_presence() {
    let cloud = Cloud::start().await;
    let user = cloud.users[0];
    let (path, presence_path) =
        (format!("/api/v2/users/{user}/routingstatus"), format!("/api/v2/users/{user}/presences/purecloud"));
    let status = async || cloud.get(&path).await.body["status"].as_str().unwrap().to_owned();
    let set = async |status: &str| cloud.put(&path, json!({"userId": user, "status": status})).await;
    assert_eq!(status().await, "OFF_QUEUE");
    let refused = set("IDLE").await;
    assert_eq!((refused.status, refused.code()), (400, "general.bad.request"));
    assert_eq!(refused.body["message"], "An invalid routing status transition was attempted.");
    cloud.patch(&presence_path, presence(ON_QUEUE)).await;
    assert_eq!(status().await, "IDLE");
    assert_eq!(set("INTERACTING").await.status, 400);
    assert_eq!(set("OFF_QUEUE").await.status, 400);
    let not_responding = Command::WriteRouting { user, status: "NOT_RESPONDING".to_owned() };
    cloud.org().command(not_responding).await.unwrap().unwrap();
    assert_eq!(status().await, "NOT_RESPONDING");
    assert_eq!(set("IDLE").await.body["status"], "IDLE");
    assert_eq!(set("ASLEEP").await.code(), "invalid.value");
    cloud.patch(&presence_path, presence(AVAILABLE)).await;
    assert_eq!(status().await, "OFF_QUEUE");
    let stranger = cloud.get(&format!("/api/v2/users/{}/routingstatus", Uuid::nil())).await;
    assert_eq!((stranger.status, &stranger.body["status"]), (200, &json!("OFF_QUEUE")));
    let stranger = cloud.put(&format!("/api/v2/users/{}/routingstatus", Uuid::nil()), json!({"status": "IDLE"})).await;
    assert_eq!((stranger.status, stranger.code()), (404, "resource.not.found"));
}

#[tokio::test]
async fn out_of_office_is_set_and_cleared() {
    let cloud = Cloud::start().await;
    let user = cloud.users[0];
    let path = format!("/api/v2/users/{user}/outofoffice");
    let unset = cloud.get(&path).await;
    assert_eq!((&unset.body["active"], &unset.body["indefinite"]), (&json!(false), &json!(false)));
    assert!(unset.body["startDate"].is_null() && unset.body["endDate"].is_null());
    let open = json!({"active": true, "indefinite": true, "startDate": "2026-03-02T08:00:00.000000"});
    assert_eq!(cloud.put(&path, open).await.body["startDate"], "2026-03-02T08:00:00.000Z", "no zone is UTC");
    let (start, end) = ("2026-03-02T08:00:00Z", "2026-03-09T08:00:00.123456+00:00");
    let bounded = json!({"active": true, "indefinite": false, "startDate": start, "endDate": end});
    assert_eq!(cloud.put(&path, bounded).await.body["endDate"], "2026-03-09T08:00:00.123Z");
    let shown = cloud.get(&format!("/api/v2/users?id={user}&expand=outOfOffice")).await;
    assert_eq!(shown.entities()[0]["outOfOffice"]["active"], true);
    assert_eq!(cloud.put(&path, json!({"active": true, "startDate": "soon"})).await.code(), "invalid.date");
    cloud.put(&path, json!({"active": false, "indefinite": false})).await;
    let truth = cloud.truth().await;
    assert!(!truth.users[&user].out_of_office.active);
    assert_eq!(truth.out_of_office_writes.len(), 3);
    let stranger = cloud.get(&format!("/api/v2/users/{}/outofoffice", Uuid::nil())).await;
    assert_eq!((stranger.status, stranger.code()), (404, "presenceservice.usernotfound"));
}
