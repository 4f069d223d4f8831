//! What single topics tell.

use serde_json::json;

use crate::notifications::{next, open, subscribe};
use crate::support::{Cloud, MEAL};

#[tokio::test]
async fn integration_presence_tells_of_sources_and_of_a_new_primary_one() {
    let cloud = Cloud::start().await;
    let user = cloud.users[0];
    let made = cloud.post("/api/v2/presence/sources", json!({"name": "s"})).await;
    let source = made.body["id"].as_str().unwrap();
    let (channel, mut socket) = open(&cloud).await;
    subscribe(&cloud, &channel, &[format!("v2.users.{user}.integrationpresence")]).await;
    cloud.inject_presence(source, user, MEAL, "2026-03-02T08:00:10Z").await;
    let heard = next(&mut socket).await;
    assert_eq!(heard["eventBody"]["eventType"], "UserPresenceStatusChanged");
    assert_eq!(
        (&heard["eventBody"]["source"], &heard["eventBody"]["currentDisplaySourceId"]),
        (&json!(source), &json!("PURECLOUD"))
    );
    let path = format!("/api/v2/presence/users/{user}/primarysource");
    cloud.put(&path, json!({"sourceId": source, "registered": true})).await;
    let heard = next(&mut socket).await;
    assert_eq!(heard["eventBody"]["eventType"], "UserPrimaryPresenceSourceChanged");
    assert_eq!(
        (&heard["eventBody"]["currentDisplaySourceId"], &heard["eventBody"]["previousDisplaySourceId"]),
        (&json!(source), &json!("PURECLOUD"))
    );
}

#[tokio::test]
async fn a_new_default_source_is_heard_by_those_whom_it_changes() {
    let cloud = Cloud::start().await;
    let user = cloud.users[0];
    let made = cloud.post("/api/v2/presence/sources", json!({"name": "s"})).await;
    let source = made.body["id"].as_str().unwrap();
    cloud.inject_presence(source, user, MEAL, "2026-03-02T08:00:10Z").await;
    let (channel, mut socket) = open(&cloud).await;
    subscribe(&cloud, &channel, &[format!("v2.users.{user}.presence")]).await;
    let mut settings = cloud.get("/api/v2/presence/settings").await.body;
    settings["defaultPrimaryPresenceRegisteredSourceId"] = json!(source);
    cloud.put("/api/v2/presence/settings", settings).await;
    assert_eq!(next(&mut socket).await["eventBody"]["presenceDefinition"]["systemPresence"], "MEAL");
}

#[tokio::test]
async fn adherence_is_told_with_its_own_spelling() {
    let cloud = Cloud::start().await;
    let (user, source) = (cloud.users[0], cloud.claim().await);
    let (channel, mut socket) = open(&cloud).await;
    subscribe(&cloud, &channel, &[format!("v2.users.{user}.workforcemanagement.adherence")]).await;
    cloud.inject_presence(&source, user, MEAL, "2026-03-02T08:00:10Z").await;
    let heard = next(&mut socket).await;
    assert_eq!(
        (&heard["eventBody"]["systemPresence"], &heard["eventBody"]["actualActivityCategory"]),
        (&json!("Meal"), &json!("Meal"))
    );
}
