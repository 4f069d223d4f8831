//! What analytics, workforce management and integrations see.

use serde_json::json;
use uuid::Uuid;

use crate::support::{Cloud, MEAL, ON_QUEUE};

#[tokio::test]
async fn analytics_see_the_effective_state_in_capitals() {
    let cloud = Cloud::start().await;
    let (user, source) = (cloud.users[0], cloud.claim().await);
    cloud.inject_presence(&source, user, ON_QUEUE, "2026-03-02T08:00:10Z").await;
    cloud.inject_routing(&source, user, "NotResponding", "2026-03-02T08:00:11Z").await;
    let status = cloud.get(&format!("/api/v2/analytics/agents/{user}/status")).await.body;
    assert_eq!((&status["systemPresence"], &status["routingStatus"]), (&json!("ON_QUEUE"), &json!("NOT_RESPONDING")));
    assert_eq!((&status["organizationPresenceId"], &status["isOutOfOffice"]), (&json!(ON_QUEUE), &json!(false)));
    let predicate = json!({"dimension": "routingStatus", "value": "NOT_RESPONDING"});
    let filter = json!({"userFilter": {"type": "and", "predicates": [predicate]}});
    let found = cloud.post("/api/v2/analytics/agents/status/query", filter).await;
    assert_eq!((found.entities().len(), &found.entities()[0]["userId"]), (1, &json!(user)));
    let counts = cloud.post("/api/v2/analytics/agents/status/counts?groupBy=presence,isOutOfOffice", json!({})).await;
    assert_eq!(counts.body["presenceCounts"].as_array().unwrap().len(), 2);
    assert_eq!(counts.body["isOutOfOfficeCounts"], json!([{"isOutOfOffice": false, "count": 6}]));
    let body = json!({"metrics": [{"metric": "oActiveQueues"}], "groupBy": ["userId"]});
    let activity = cloud.post("/api/v2/analytics/users/activity/query?pageSize=2", body).await;
    assert_eq!(activity.body["results"].as_array().unwrap().len(), 2);
    let filter = json!({"type": "or", "predicates": [{"dimension": "userId", "value": user}]});
    let body = json!({"filter": filter, "metrics": ["oActiveQueues"]});
    let observed = cloud.post("/api/v2/analytics/users/observations/query", body).await;
    assert_eq!(observed.body["results"][0]["group"]["userId"], json!(user));
    assert_eq!(cloud.post("/api/v2/analytics/users/activity/query", json!({})).await.code(), "constraint.validation");
}

#[tokio::test]
async fn adherence_is_told_for_up_to_a_hundred_users() {
    let cloud = Cloud::start().await;
    let path = "/api/v2/workforcemanagement/adherence";
    let (user, source) = (cloud.users[0], cloud.claim().await);
    cloud.inject_presence(&source, user, ON_QUEUE, "2026-03-02T08:00:10Z").await;
    let told = cloud.get(&format!("{path}?userId={user},{}", cloud.users[1])).await.body;
    assert_eq!(
        (&told[0]["systemPresence"], &told[0]["actualActivityCategory"]),
        (&json!("OnQueue"), &json!("OnQueueWork"))
    );
    assert_eq!(told.as_array().unwrap().len(), 2);
    assert_eq!(cloud.get(&format!("{path}?userId=joe")).await.code(), "invalid.id");
    assert_eq!(cloud.get(path).await.code(), "no.user.ids.specified");
    let many = vec![Uuid::nil().to_string(); 101].join(",");
    assert_eq!(cloud.get(&format!("{path}?userId={many}")).await.code(), "max.user.ids");
}

#[tokio::test]
async fn another_communication_system_tells_presences_by_mail() {
    let cloud = Cloud::start().await;
    let path = "/api/v2/integrations/unifiedcommunications/MicrosoftTeams/thirdpartypresences";
    let item = json!({"email": cloud.emails[0].to_uppercase(), "presence": "Meal", "message": "lunch"});
    assert_eq!(cloud.put(path, json!([item])).await.status, 202);
    let told = cloud.get(&format!("/api/v2/users/{}/presences/MicrosoftTeams", cloud.users[0])).await.body;
    assert_eq!(told["presenceDefinition"]["id"], MEAL);
    let record = cloud
        .get(&format!(
            "/api/v2/users/{}?expand=integrationPresence,presence&integrationPresenceSource=MicrosoftTeams",
            cloud.users[0]
        ))
        .await
        .body;
    assert_eq!(record["integrationPresence"]["presenceDefinition"]["systemPresence"], "Meal");
    assert_eq!(record["presence"]["presenceDefinition"]["systemPresence"], "Offline");
    let nobody = cloud.put(path, json!([{"email": "nobody@example.com", "presence": "Meal"}])).await;
    assert_eq!((nobody.status, nobody.code()), (404, "no.user.presences"));
    let many = vec![item; 26];
    assert_eq!(cloud.put(path, json!(many)).await.code(), "max.user.presences");
    let unknown = cloud.put(&path.replace("MicrosoftTeams", "nothing"), json!([])).await;
    assert_eq!((unknown.status, unknown.code()), (404, "integration.not.found"));
}

#[tokio::test]
async fn the_organisation_is_renamed_with_its_version() {
    let cloud = Cloud::start().await;
    let path = "/api/v2/organizations/me";
    assert_eq!(cloud.put(path, json!({"name": "New", "version": 1})).await.body["name"], "New");
    assert_eq!(cloud.put(path, json!({"name": "Newer", "version": 1})).await.status, 409);
}
