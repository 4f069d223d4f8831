//! Finding users: pages, ids, the cursor, the search, external ids.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use simulator::cloud::{Command, Options};
use simulator::population::people;
use uuid::Uuid;

use crate::support::{Cloud, options};

fn ids(list: &[Value]) -> Vec<&str> {
    list.iter().map(|entity| entity["id"].as_str().expect("an id")).collect()
}

#[tokio::test]
async fn pages_lead_through_all_users_in_order() {
    let cloud = Cloud::start_with(Options { people: people(60, 2), ..options() }).await;
    let first = cloud.get("/api/v2/users").await;
    assert_eq!(
        (&first.body["total"], &first.body["pageCount"], &first.body["pageSize"]),
        (&json!(61), &json!(3), &json!(25))
    );
    assert!(first.body["previousUri"].is_null());
    let mut names = Vec::new();
    let mut next = Some("/api/v2/users?pageSize=40&state=any".to_owned());
    while let Some(uri) = next {
        let page = cloud.get(&uri).await;
        names.extend(page.entities().iter().map(|user| user["name"].as_str().unwrap().to_lowercase()));
        next = page.body["nextUri"].as_str().map(str::to_owned);
    }
    assert_eq!(names.len(), 61);
    assert!(names.is_sorted());
    assert!(cloud.get("/api/v2/users?pageNumber=9").await.entities().is_empty());
    assert_eq!(cloud.get("/api/v2/users?pageSize=500").await.entities().len(), 61);
    for (query, code) in [
        ("pageSize=501", "constraint.validation"),
        ("pageNumber=0", "constraint.validation"),
        ("pageSize=many", "invalid.query.param.value"),
        ("state=asleep", "invalid.query.param.value"),
        ("state=inactive&pageNumber=21&pageSize=500", "bad.request"),
    ] {
        let answer = cloud.get(&format!("/api/v2/users?{query}")).await;
        assert_eq!((answer.status, answer.code()), (400, code), "{query}");
    }
}

#[tokio::test]
async fn users_are_asked_for_by_id_with_what_is_wanted_of_them() {
    let cloud = Cloud::start().await;
    let (one, other) = (cloud.users[0], cloud.users[1]);
    let expand = "expand=presence,routingStatus,outOfOffice,conversationSummary,authorization,unheardOf";
    for query in [format!("id={one},{other}"), format!("id={one}%2c{other}"), format!("id={one}&id={other}&id={other}")]
    {
        let answer = cloud.get(&format!("/api/v2/users?{query}&{expand}")).await;
        assert_eq!(answer.entities().len(), 2);
        assert_eq!(answer.entities()[0]["presence"]["presenceDefinition"]["systemPresence"], "Offline");
        assert_eq!(answer.entities()[0]["routingStatus"]["status"], "OFF_QUEUE");
    }
    assert!(cloud.get(&format!("/api/v2/users/{one}")).await.body["presence"].is_null(), "only what is asked for");
    let unknown = cloud.get(&format!("/api/v2/users?id={}", Uuid::nil())).await;
    assert_eq!((unknown.status, unknown.code()), (404, "general.resource.not.found"));
    let many = vec![one.to_string(); 101].join(",");
    assert_eq!(cloud.get(&format!("/api/v2/users?id={many}")).await.code(), "max.user.ids");
    let unknown = cloud.get(&format!("/api/v2/users/{}", Uuid::nil())).await;
    assert_eq!((unknown.status, unknown.code()), (404, "general.resource.not.found"));
}

#[tokio::test]
async fn the_cursor_leads_through_all_users_once() {
    let cloud = Cloud::start_with(Options { people: people(30, 2), ..options() }).await;
    for order in ["ASC", "DESC"] {
        let mut seen = BTreeSet::new();
        let mut next = Some(format!("/api/v2/users/query?pageSize=7&sortOrder={order}"));
        while let Some(uri) = next {
            let page = cloud.get(&uri).await;
            assert_eq!(page.body["results"], json!(page.entities().len()));
            for id in ids(page.entities()) {
                assert!(seen.insert(id.to_owned()), "{id} came twice");
            }
            assert_eq!(page.body["cursor"].is_null(), page.body["nextUri"].is_null());
            next = page.body["nextUri"].as_str().map(str::to_owned);
        }
        assert_eq!(seen.len(), 31);
    }
    assert_eq!(cloud.get("/api/v2/users/query?cursor=nonsense").await.code(), "invalid.query.param.value");
}

#[tokio::test]
async fn a_search_finds_by_mail_without_case_and_by_other_criteria() {
    let cloud = Cloud::start().await;
    let search = async |criteria: Value| cloud.post("/api/v2/users/search", json!({"query": criteria})).await;
    let mail = cloud.emails[0].to_uppercase();
    let found = search(json!([{"type": "EXACT", "fields": ["email"], "value": mail}])).await;
    assert_eq!(ids(found.body["results"].as_array().unwrap()), [cloud.users[0].to_string()]);
    let none = search(json!([{"type": "EXACT", "fields": ["email"], "value": "nobody@example.com"}])).await;
    assert_eq!((&none.body["total"], &none.body["results"]), (&json!(0), &json!([])));
    let all = search(json!([{"type": "MATCH_ALL"}])).await;
    assert_eq!(all.body["total"], 6);
    let both = search(json!([{"group": [
        {"type": "EXACT", "fields": ["id"], "value": cloud.users[0]},
        {"type": "EXACT", "fields": ["id"], "value": cloud.users[1], "operator": "OR"},
    ], "type": "EXACT"}]))
    .await;
    assert_eq!(both.body["total"], 2);
    let but = search(
        json!([{"type": "MATCH_ALL"}, {"type": "EXACT", "fields": ["email"], "value": mail, "operator": "NOT"}]),
    )
    .await;
    assert_eq!(but.body["total"], 5);
    assert_eq!(search(json!([{"type": "GUESS"}])).await.code(), "invalid.value");
    let many = json!([{"type": "TERMS", "fields": ["id"], "values": vec!["x"; 101]}]);
    assert_eq!(search(many).await.code(), "search.criteria.values.exceed.limit");
    let page = cloud.post("/api/v2/users/search", json!({"query": [{"type": "MATCH_ALL"}], "pageSize": 4})).await;
    let q64 = page.body["nextPage"].as_str().unwrap();
    let next = cloud.get(&format!("/api/v2/users/search?q64={}", q64.replace('+', "%2B").replace('=', "%3D"))).await;
    assert_eq!((&next.body["pageNumber"], next.body["results"].as_array().unwrap().len()), (&json!(2), 2));
}

#[tokio::test]
async fn an_external_id_leads_to_one_user_with_its_case() {
    let cloud = Cloud::start().await;
    let user = cloud.users[0];
    let path = format!("/api/v2/users/{user}/externalid");
    let id = json!({"authorityName": "CIC site", "externalKey": "ada.abel"});
    let made = cloud.post(&path, id.clone()).await;
    assert_eq!((made.status, made.body.as_array().unwrap().len()), (201, 1));
    let again = cloud.post(&format!("/api/v2/users/{}/externalid", cloud.users[1]), id).await;
    assert_eq!((again.status, again.code()), (409, "general.resource.conflict"));
    let found = cloud.get("/api/v2/users/externalid/CIC%20site/ada.abel?expand=presence").await;
    assert_eq!(found.body["id"], json!(user));
    let other_case = cloud.get("/api/v2/users/externalid/CIC%20site/Ada.Abel").await;
    assert_eq!((other_case.status, other_case.code()), (404, "general.resource.not.found"));
    assert_eq!(cloud.get(&format!("{path}/CIC%20site")).await.body["externalKey"], "ada.abel");
    assert_eq!(cloud.delete(&format!("{path}/CIC%20site/ada.abel")).await.status, 204);
    assert_eq!(cloud.get(&path).await.body, json!([]));
    assert_eq!(cloud.post(&path, json!({"authorityName": "x"})).await.code(), "general.bad.request");
}

#[tokio::test]
async fn users_with_a_doubled_mail_or_none_can_be_there() {
    let cloud = Cloud::start().await;
    let (double, without) = (Uuid::from_u128(1), Uuid::from_u128(2));
    cloud.org().add_user(double, "Double", Some(&cloud.emails[0]), "inactive").await.unwrap();
    cloud.org().add_user(without, "Without", None, "active").await.unwrap();
    let found = cloud.get("/api/v2/users?state=any&pageSize=100").await;
    let same = |user: &&Value| user["email"] == json!(cloud.emails[0]);
    assert_eq!(found.entities().iter().filter(same).count(), 2);
    assert!(found.entities().iter().any(|user| user["id"] == json!(without) && user["email"].is_null()));
    assert_eq!(cloud.get("/api/v2/users?state=inactive").await.body["total"], 1);
    let edit = Command::EditUser { user: without, name: None, email: Some("w@example.com".to_owned()), state: None };
    cloud.org().command(edit).await.unwrap().unwrap();
    assert_eq!(cloud.get(&format!("/api/v2/users/{without}")).await.body["email"], "w@example.com");
}
