//! Presence sources, primary sources and the settings.

use serde_json::json;
use uuid::Uuid;

use crate::support::{BUSY, Cloud, MEAL};

#[tokio::test]
async fn a_source_is_registered_renamed_and_deactivated() {
    let cloud = Cloud::start().await;
    let path = "/api/v2/presence/sources";
    assert!(cloud.get(path).await.entities().is_empty());
    let made = cloud.post(path, json!({"name": "Presence Bridge"})).await;
    assert_eq!((&made.body["type"], &made.body["deactivated"]), (&json!("User"), &json!(false)));
    let second = cloud.post(path, json!({"name": "Another"})).await;
    assert_eq!((second.status, second.code()), (409, "presenceservice.source.toomanyactivesources"));
    let one = format!("{path}/{}", made.body["id"].as_str().unwrap());
    assert_eq!(cloud.put(&one, json!({"name": "Bridge", "description": "d"})).await.body["name"], "Bridge");
    assert_eq!(cloud.delete(&one).await.status, 204);
    assert!(cloud.get(path).await.entities().is_empty());
    assert_eq!(cloud.get(&format!("{path}?deactivated=true")).await.entities().len(), 1);
    assert_eq!(cloud.post(path, json!({"name": "Another"})).await.status, 200);
}

#[tokio::test]
async fn mistakes_in_sources_have_their_own_codes() {
    let cloud = Cloud::start().await;
    let path = "/api/v2/presence/sources";
    for (body, code) in [
        (json!({"name": " "}), "namecannotbeblank"),
        (json!({"name": "x".repeat(300)}), "nametoolong"),
        (json!({"name": "x", "description": "x".repeat(3000)}), "descriptiontoolong"),
    ] {
        let answer = cloud.post(path, body).await;
        assert_eq!((answer.status, answer.code()), (409, &*format!("presenceservice.source.{code}")));
    }
    let unknown = cloud.get(&format!("{path}/{}", Uuid::nil())).await;
    assert_eq!((unknown.status, unknown.code()), (404, "presenceservice.source.sourcenotfound"));
    assert_eq!(cloud.get(&format!("{path}/PURECLOUD")).await.body["type"], "System");
    let system = cloud.put(&format!("{path}/PURECLOUD"), json!({"name": "x"})).await;
    assert_eq!(system.code(), "presenceservice.source.systemsourcescannotbeupdated");
    let system = cloud.delete(&format!("{path}/purecloud")).await;
    assert_eq!(system.code(), "presenceservice.source.systemsourcescannotbedeleted");
}

#[tokio::test]
async fn the_organisations_default_holds_for_whoever_has_no_source_of_their_own() {
    let cloud = Cloud::start().await;
    let (one, other) = (cloud.users[0], cloud.users[1]);
    let primary = |user: Uuid| format!("/api/v2/presence/users/{user}/primarysource");
    assert_eq!(cloud.get(&primary(one)).await.body["sourceId"], "PURECLOUD");
    cloud.put(&primary(other), json!({"sourceId": "PURECLOUD", "registered": false})).await;
    let source = cloud.claim().await;
    let told = cloud.get(&primary(one)).await.body;
    assert_eq!((&told["sourceId"], &told["registered"]), (&json!(source), &json!(true)));
    assert_eq!(cloud.get(&primary(other)).await.body["sourceId"], "PURECLOUD");
    let given = cloud.put(&primary(other), json!({"sourceId": source.to_uppercase(), "registered": true})).await;
    assert_eq!(given.body["sourceId"], json!(source), "UUIDs come in either case");
    assert_eq!(cloud.truth().await.users[&other].primary_source, source);
    let unknown = cloud.put(&primary(one), json!({"sourceId": Uuid::nil(), "registered": true})).await;
    assert_eq!((unknown.status, unknown.code()), (400, "invalid.value"));
}

#[tokio::test]
async fn the_primary_source_is_what_everybody_sees() {
    let cloud = Cloud::start().await;
    let user = cloud.users[0];
    let source = cloud.claim().await;
    cloud
        .patch(&format!("/api/v2/users/{user}/presences/purecloud"), json!({"presenceDefinition": {"id": BUSY}}))
        .await;
    let shown = async || cloud.get(&format!("/api/v2/users/{user}?expand=presence")).await.body["presence"].clone();
    assert_eq!(shown().await["presenceDefinition"]["id"], BUSY, "the source has no presence of this user yet");
    cloud.inject_presence(&source, user, MEAL, "2026-03-02T08:00:01Z").await;
    assert_eq!(shown().await["presenceDefinition"]["id"], MEAL);
    assert_eq!(shown().await["sourceId"], json!(source));
    let own = cloud.patch(&format!("/api/v2/users/{user}/presences/PURECLOUD"), json!({"primary": true})).await;
    assert_eq!((&own.body["primary"], &own.body["presenceDefinition"]["id"]), (&json!(true), &json!(BUSY)));
    assert_eq!(shown().await["presenceDefinition"]["id"], BUSY);
}

#[tokio::test]
async fn settings_need_a_whole_restore_configuration() {
    let cloud = Cloud::start().await;
    let path = "/api/v2/presence/settings";
    let code = "presenceservice.organizationconfiguration";
    let none = cloud.put(path, json!({})).await;
    assert_eq!((none.status, none.code()), (409, &*format!("{code}.restorepresenceconfigurationnotprovided")));
    let mut body = cloud.get(path).await.body;
    body["restorePresenceSettings"]["restoreTimeMilliseconds"] = json!(1);
    assert_eq!(cloud.put(path, body.clone()).await.code(), format!("{code}.invalidrestoretimemilliseconds"));
    body["restorePresenceSettings"] = json!({"enabled": true, "restoreTimeMilliseconds": 60_000});
    assert_eq!(cloud.put(path, body).await.code(), "constraint.validation");
}
