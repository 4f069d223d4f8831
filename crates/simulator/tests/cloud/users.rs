//! Adding, changing and removing users.

use serde_json::json;

use crate::support::Cloud;

#[tokio::test]
async fn a_user_is_added_changed_and_deleted() {
    let cloud = Cloud::start().await;
    let division = cloud.get(&format!("/api/v2/users/{}", cloud.users[0])).await.body["division"]["id"].clone();
    let body = json!({"name": "New", "email": "new@example.com", "divisionId": division});
    let made = cloud.post("/api/v2/users", body.clone()).await;
    let path = format!("/api/v2/users/{}", made.body["id"].as_str().unwrap());
    assert_eq!((&made.body["state"], &made.body["version"]), (&json!("active"), &json!(1)));
    let again = cloud.post("/api/v2/users", body).await;
    assert_eq!((again.status, again.code()), (409, "general.conflict"));
    let changed = cloud.patch(&path, json!({"version": 1, "title": "Agent"})).await;
    assert_eq!((&changed.body["title"], &changed.body["version"]), (&json!("Agent"), &json!(2)));
    let stale = cloud.patch(&path, json!({"version": 1, "title": "x"})).await;
    assert_eq!((stale.status, stale.code()), (409, "general.conflict"));
    assert_eq!(cloud.patch(&path, json!({"title": "x"})).await.code(), "general.bad.request");
    let deleted = cloud.delete(&path).await;
    assert_eq!((deleted.status, &deleted.body), (200, &json!({})));
    assert_eq!(cloud.get(&path).await.status, 404);
    assert_eq!(cloud.get(&format!("{path}?state=deleted")).await.body["state"], "deleted");
    assert_eq!(cloud.delete(&path).await.code(), "general.resource.not.found");
}

#[tokio::test]
async fn a_user_is_deactivated_by_state() {
    let cloud = Cloud::start().await;
    let path = format!("/api/v2/users/{}/state", cloud.users[0]);
    assert_eq!(cloud.get(&path).await.body["state"], "active");
    let off = cloud.put(&path, json!({"state": "inactive", "version": 1})).await;
    assert_eq!((&off.body["state"], &off.body["version"]), (&json!("inactive"), &json!(2)));
    let listed = cloud.get("/api/v2/users").await;
    assert!(!listed.entities().iter().any(|user| user["id"] == json!(cloud.users[0])));
    assert_eq!(cloud.get(&format!("/api/v2/users/{}", cloud.users[0])).await.body["state"], "inactive");
    assert_eq!(cloud.put(&path, json!({"version": 2})).await.code(), "general.bad.request");
}

#[tokio::test]
async fn what_is_needed_of_a_new_user_is_asked_for() {
    let cloud = Cloud::start().await;
    for body in [
        json!({}),
        json!({"name": "x", "email": "x@example.com"}),
        json!({"name": "x", "email": "x", "divisionId": "y"}),
    ] {
        let answer = cloud.post("/api/v2/users", body).await;
        assert_eq!((answer.status, answer.code()), (400, "general.bad.request"));
    }
}
