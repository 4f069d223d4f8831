//! Configuration: users, workgroups and licences by pages and conditions, watched, and activations.

use serde_json::{Value, json};
use simulator::icws::Server;

use crate::client::{Session, options, send, start, users};

fn ids(reply: &Value) -> Vec<String> {
    let items = reply["items"].as_array().unwrap().iter();
    items.map(|item| item["configurationId"]["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn without_select_there_are_all_users_and_only_their_ids() {
    let server = start(450).await;
    let session = Session::log_on(&server).await;
    let reply = session.get("/configuration/users").await;
    let mut expected = users(450);
    expected.sort();
    assert_eq!(ids(&reply.json()), expected);
    assert!(reply.json()["items"][0].as_object().unwrap().keys().eq(["configurationId"]));
    assert_eq!(reply.header("Content-Range"), "items 0-449/450");
    server.stop().await;
}

#[tokio::test]
async fn with_select_two_hundred_come_at_a_time_and_range_pages_through() {
    let server = start(450).await;
    let session = Session::log_on(&server).await;
    let path = "/configuration/users?select=personalInformationProperties.emailAddress,workgroups&rightsFilter=view";
    let mut found = Vec::new();
    for (range, expected) in [("0-199", "0-199"), ("200-399", "200-399"), ("400-999", "400-449")] {
        let request = session.request(reqwest::Method::GET, path).header("Range", format!("items={range}"));
        let reply = send(request).await;
        assert_eq!((reply.status, reply.header("Content-Range")), (200, &*format!("items {expected}/450")));
        found.extend(reply.json()["items"].as_array().unwrap().clone());
    }
    assert_eq!(found.len(), 450);
    assert!(found.iter().all(|user| user["personalInformationProperties"]["emailAddress"].is_string()));
    assert!(found.iter().all(|user| user["workgroups"][0]["id"].is_string()));
    assert_eq!(session.get(path).await.header("Content-Range"), "items 0-199/450");
    let beyond = send(session.request(reqwest::Method::GET, path).header("Range", "items=450-")).await;
    assert_eq!((ids(&beyond.json()).len(), beyond.header("Content-Range")), (0, "items */450"));
    server.stop().await;
}

#[tokio::test]
async fn where_and_order_by_find_users() {
    let server = start(30).await;
    let session = Session::log_on(&server).await;
    let user = users(30).remove(6);
    let query = format!("where=personalInformationProperties.emailAddress%20eq%20{user}@EXAMPLE.com");
    assert_eq!(ids(&session.get(&format!("/configuration/users?{query}")).await.json()), [user.as_str()]);
    let mut descending = users(30);
    descending.sort_by(|one, other| other.cmp(one));
    let ordered = session.get("/configuration/users?orderBy=configurationId.id%20desc").await.json();
    assert_eq!(ids(&ordered), descending);
    assert_eq!(session.get("/configuration/users?where=nonsense").await.status, 400);
    let one = session.get(&format!("/configuration/users/{user}?select=*")).await.json();
    assert_eq!(one["statusText"], "Available");
    assert!(one["configurationId"]["uri"].as_str().unwrap().ends_with(&user));
    assert_eq!(session.get("/configuration/users/nobody").await.status, 404);
    server.stop().await;
}

#[tokio::test]
async fn workgroups_say_their_type_members_and_statuses() {
    let server = start(3).await;
    let session = Session::log_on(&server).await;
    let groups =
        session.get("/configuration/workgroups?select=queueType,members,noAnswerStatus,wrapUpStatus").await.json();
    assert_eq!(ids(&groups), ["Reception", "Sales", "Service", "Support"]);
    let types: Vec<_> = groups["items"].as_array().unwrap().iter().map(|group| group["queueType"].clone()).collect();
    assert_eq!(types, [2, 5, 5, 5]);
    let members: usize =
        groups["items"].as_array().unwrap()[1..].iter().map(|g| g["members"].as_array().unwrap().len()).sum();
    assert_eq!(members, 3);
    assert_eq!(groups["items"][1]["noAnswerStatus"]["id"], "AcdAgentNotAnswering");
    server.stop().await;
}

#[tokio::test]
async fn the_licence_for_workforce_engagement_is_there_or_not() {
    let path = "/configuration/feature-licenses/I3_FEATURE_CLOUD_WEM_WORKFORCE_PLANNING";
    let server = start(1).await;
    let session = Session::log_on(&server).await;
    assert_eq!(session.get(path).await.status, 200);
    let all = session.get("/configuration/feature-licenses").await.json();
    assert!(ids(&all).contains(&"I3_FEATURE_ICWS_SDK".to_owned()));
    server.stop().await;
    let options = simulator::icws::Options { workforce_engagement: false, ..options(1) };
    let server = Server::start(options).await.unwrap();
    assert_eq!(Session::log_on(&server).await.get(path).await.status, 404);
    server.stop().await;
}

#[tokio::test]
async fn users_who_come_change_and_go_are_told() {
    let server = start(2).await;
    let session = Session::log_on(&server).await;
    let user = users(2).remove(0);
    let properties = ["personalInformationProperties.emailAddress", "statusText"];
    let body = json!({"configurationIds": ["*"], "properties": properties, "rightsFilter": "view"});
    session.subscribe("configuration/users/u", &body).await;
    let system = server.system();
    system.add_user("new.one", Some("new@example.com"), &["Sales"]).await.unwrap();
    system.change_email(&user, Some("other@example.com")).await.unwrap();
    system.set_status(&user, "At Lunch").await.unwrap();
    system.remove_user("new.one").await.unwrap();
    let messages = session.messages(5).await;
    assert!(messages.iter().all(|message| message["__type"] == "urn:inin.com:configuration.people:usersMessage"));
    assert_eq!((&messages[0]["isDelta"], messages[0]["added"].as_array().unwrap().len()), (&json!(false), 2));
    let email = |user: &Value| user["personalInformationProperties"]["emailAddress"].clone();
    assert_eq!(email(&messages[1]["added"][0]), "new@example.com");
    assert_eq!(email(&messages[2]["changed"][0]), "other@example.com");
    assert_eq!(messages[3]["changed"][0]["statusText"], "At Lunch");
    assert_eq!(messages[4]["removed"], json!(["new.one"]));
    server.stop().await;
}

#[tokio::test]
async fn a_configuration_subscription_needs_its_three_members_and_one_wildcard_at_most() {
    let server = start(1).await;
    let session = Session::log_on(&server).await;
    let path = "/messaging/subscriptions/configuration/workgroups/w";
    let whole = json!({"configurationIds": ["*"], "properties": ["members"], "rightsFilter": "view"});
    for member in ["configurationIds", "properties", "rightsFilter"] {
        let mut body = whole.clone();
        body.as_object_mut().unwrap().remove(member);
        assert_eq!(session.put(path, &body).await.json()["propertyName"], member);
    }
    let mut body = whole.clone();
    body["properties"] = json!(["*"]);
    assert_eq!(session.put(path, &body).await.status, 400);
    body["configurationIds"] = json!(["Nowhere"]);
    assert_eq!(session.put(path, &body).await.status, 404);
    assert_eq!(session.put(path, &whole).await.status, 200);
    assert_eq!(session.messages(1).await[0]["added"].as_array().unwrap().len(), 4);
    assert_eq!(session.delete(path).await.status, 204);
    server.stop().await;
}

#[tokio::test]
async fn activations_are_read_changed_and_watched_from_both_sides() {
    let server = start(1).await;
    let session = Session::log_on(&server).await;
    let person = simulator::population::people(1, 1).remove(0);
    let (user, group) = (person.user_id.as_str(), person.workgroup);
    let of_user = session.get(&format!("/activations/users/{user}")).await.json();
    assert_eq!((&of_user["userId"], &of_user["activations"][group]), (&json!(user), &json!(true)));
    session.subscribe("activations/users/a", &json!({"userId": user, "workgroupIds": ["*"]})).await;
    session.subscribe("activations/workgroups/b", &json!({"workgroupId": group, "userIds": ["*"]})).await;
    let put = session.put(&format!("/activations/users/{user}"), &json!({"activations": {group: false}})).await;
    assert_eq!((put.status, &put.json()["activations"][group]), (200, &json!(false)));
    let messages = session.messages(4).await;
    assert_eq!((&messages[0]["isDelta"], &messages[0]["activationsChanged"][group]), (&json!(false), &json!(true)));
    assert_eq!(messages[2]["activationsChanged"], json!({group: false}));
    assert_eq!(messages[3]["activationsChanged"], json!({user: false}));
    let sets = session.get(&format!("/activations/users?select={user}")).await.json();
    assert_eq!(sets["userActivationSetList"][0]["activations"][group], false);
    server.stop().await;
}
