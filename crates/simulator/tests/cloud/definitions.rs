//! Presence definitions through both interfaces.

use serde_json::json;
use uuid::Uuid;

use crate::support::{Cloud, MEAL, ON_QUEUE};

#[tokio::test]
async fn the_system_presences_have_their_known_ids_and_three_spellings() {
    let cloud = Cloud::start().await;
    let new = cloud.get("/api/v2/presence/definitions").await;
    let system: Vec<_> = new.entities().iter().filter(|entity| entity["type"] == "System").collect();
    assert_eq!(system.len(), 10);
    let on_queue = system.iter().find(|entity| entity["id"] == ON_QUEUE).unwrap();
    assert_eq!(on_queue["systemPresence"], "OnQueue");
    assert_eq!(on_queue["languageLabels"]["en_US"], "On Queue");
    let old = cloud.get("/api/v2/presencedefinitions?pageSize=100").await;
    let on_queue = old.entities().iter().find(|entity| entity["id"] == ON_QUEUE).unwrap();
    assert_eq!((&on_queue["systemPresence"], &on_queue["primary"]), (&json!("On Queue"), &json!(true)));
    assert_eq!(on_queue["languageLabels"]["en_us"], "On Queue");
    let names = cloud.get("/api/v2/systempresences").await;
    assert_eq!(names.body.as_array().unwrap().len(), 10);
}

#[tokio::test]
async fn a_secondary_definition_lives_until_it_is_deactivated() {
    let cloud = Cloud::start().await;
    let labels = json!({"en_US": "Lunch early", "de": "Mittag früh"});
    let body = json!({"languageLabels": labels, "systemPresence": "Meal", "unknown": 1});
    let made = cloud.post("/api/v2/presence/definitions", body).await;
    assert_eq!((made.status, &made.body["type"]), (201, &json!("User")));
    let path = format!("/api/v2/presence/definitions/{}", made.body["id"].as_str().unwrap());
    let mut body = made.body.clone();
    body["languageLabels"] = json!({"en_US": "Brunch"});
    assert_eq!(cloud.put(&path, body).await.body["name"], "Brunch");
    assert_eq!(cloud.delete(&path).await.status, 204);
    assert_eq!(cloud.get(&path).await.body["deactivated"], true);
    let listed =
        |answer: &crate::support::Answer| answer.entities().iter().any(|entity| entity["id"] == made.body["id"]);
    assert!(!listed(&cloud.get("/api/v2/presence/definitions").await));
    assert!(listed(&cloud.get("/api/v2/presence/definitions?deactivated=TRUE").await));
    assert!(listed(&cloud.get("/api/v2/presencedefinitions?deleted=ALL&pageSize=100").await));
}

#[tokio::test]
async fn mistakes_in_definitions_have_their_own_codes() {
    let cloud = Cloud::start().await;
    let path = "/api/v2/presence/definitions";
    for (body, code) in [
        (json!({"systemPresence": "Meal"}), "musthaveatleastonelocalelabeldefined"),
        (json!({"languageLabels": {"klingon": "x"}, "systemPresence": "Meal"}), "localevaluesinvalid"),
        (json!({"languageLabels": {"en_US": "x"}}), "systempresencecannotbenull"),
        (
            json!({"languageLabels": {"en_US": "x"}, "systemPresence": "Meal", "divisionId": "nowhere"}),
            "invaliddivisionid",
        ),
    ] {
        let answer = cloud.post(path, body).await;
        assert_eq!((answer.status, answer.code()), (409, &*format!("presenceservice.organizationpresence.{code}")));
    }
    let unknown = cloud.get(&format!("{path}/{}", Uuid::nil())).await;
    assert_eq!(unknown.code(), "presenceservice.organizationpresence.organizationpresencenotfound");
    assert_eq!(cloud.get(&format!("{path}?deactivated=perhaps")).await.code(), "invalid.query.param.value");
    assert_eq!(cloud.delete(&format!("{path}/{MEAL}")).await.status, 409, "a system definition stays");
    let label =
        |number: usize| json!({"languageLabels": {"en_US": format!("Idle {number}")}, "systemPresence": "Idle"});
    for number in 0..30 {
        assert_eq!(cloud.post(path, label(number)).await.status, 201);
    }
    let full = cloud.post(path, label(30)).await;
    assert_eq!(full.code(), "presenceservice.organizationpresence.toomanyorganizationpresences");
}

#[tokio::test]
async fn the_interface_of_old_can_write_too() {
    let cloud = Cloud::start().await;
    let body = json!({"languageLabels": {"en_US": "Errand"}, "systemPresence": "On Queue"});
    let made = cloud.post("/api/v2/presencedefinitions", body).await;
    let path = format!("/api/v2/presencedefinitions/{}", made.body["id"].as_str().unwrap());
    assert_eq!(cloud.put(&path, json!({"languageLabels": {"en_US": "Errands"}})).await.body["name"], "Errands");
    assert_eq!(cloud.delete(&path).await.status, 200);
    assert_eq!(cloud.get(&path).await.body["deactivated"], true);
    let page = cloud.get("/api/v2/presencedefinitions?pageSize=5&pageNumber=2").await;
    assert_eq!((page.entities().len(), &page.body["pageCount"]), (5, &json!(3)));
}
