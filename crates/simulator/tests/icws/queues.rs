//! Queues: what a subscription is told of interactions as they ring, are answered and end.

use serde_json::{Value, json};
use simulator::icws::{By, Direction, Interaction, Media};

use crate::client::{Session, start, users};

fn call(id: &str, workgroup: Option<&str>) -> Interaction {
    Interaction {
        id: id.to_owned(),
        workgroup: workgroup.map(str::to_owned),
        direction: Direction::Inbound,
        media: Media::Call,
    }
}

fn watch(users: &[String], attributes: &[&str]) -> Value {
    let queues: Vec<_> = users.iter().map(|user| json!({"queueType": 1, "queueName": user})).collect();
    json!({"queueIds": queues, "attributeNames": attributes})
}

#[tokio::test]
async fn a_call_of_the_workgroup_rings_is_answered_held_and_ends() {
    let server = start(1).await;
    let session = Session::log_on(&server).await;
    let user = users(1);
    let attributes = ["Eic_State", "eic_username", "Eic_WorkgroupName", "Eic_CallDirection", "Custom_Thing"];
    session.subscribe("queues/My Q1", &watch(&user, &attributes)).await;
    let system = server.system();
    system.alert(&user[0], call("1001234567", Some("Sales"))).await.unwrap();
    system.answer("1001234567").await.unwrap();
    system.hold("1001234567").await.unwrap();
    system.resume("1001234567").await.unwrap();
    system.disconnect("1001234567", By::Remote).await.unwrap();
    system.remove("1001234567").await.unwrap();
    let messages = session.messages(7).await;
    assert!(messages.iter().all(|message| message["subscriptionId"] == "My Q1"));
    assert_eq!(messages[0]["isDelta"], false);
    assert_eq!(
        messages[1]["interactionsAdded"],
        json!([{"interactionId": "1001234567", "attributes": {"Eic_State": "A", "eic_username": user[0],
            "Eic_WorkgroupName": "Sales", "Eic_CallDirection": "I", "Custom_Thing": ""}}])
    );
    let states: Vec<_> =
        messages[2..6].iter().map(|message| &message["interactionsChanged"][0]["attributes"]).collect();
    let expected = ["C", "H", "C", "E"].map(|state| json!({"Eic_State": state}));
    assert_eq!(states, expected.iter().collect::<Vec<_>>(), "only what changed is told");
    assert_eq!(messages[6]["interactionsRemoved"], json!(["1001234567"]));
    server.stop().await;
}

#[tokio::test]
async fn who_subscribes_later_gets_the_whole_queue_first() {
    let server = start(1).await;
    let session = Session::log_on(&server).await;
    let user = users(1);
    server.system().alert(&user[0], call("1", None)).await.unwrap();
    session.subscribe("queues/q", &watch(&user, &["Eic_State", "Eic_ObjectType", "Eic_CallType"])).await;
    let message = session.messages(1).await.remove(0);
    assert_eq!(message["isDelta"], false);
    let attributes = &message["interactionsAdded"][0]["attributes"];
    assert_eq!(*attributes, json!({"Eic_State": "A", "Eic_ObjectType": "Call", "Eic_CallType": "E"}));
    assert_eq!(session.delete("/messaging/subscriptions/queues/q").await.status, 204);
    server.system().answer("1").await.unwrap();
    assert_eq!(session.poll().await, Vec::<Value>::new());
    server.stop().await;
}

#[tokio::test]
async fn a_transfer_leaves_one_queue_for_another() {
    let server = start(2).await;
    let session = Session::log_on(&server).await;
    let users = users(2);
    session.subscribe("queues/one", &watch(&users[..1], &["Eic_State"])).await;
    session.subscribe("queues/both", &watch(&users, &["Eic_State", "Eic_UserName"])).await;
    let system = server.system();
    system.alert(&users[0], call("7", Some("Service"))).await.unwrap();
    system.answer("7").await.unwrap();
    session.messages(6).await;
    system.transfer("7", &users[1]).await.unwrap();
    let messages = session.messages(2).await;
    let of = |id: &str| messages.iter().find(|message| message["subscriptionId"] == id).unwrap();
    assert_eq!(of("one")["interactionsRemoved"], json!(["7"]));
    assert_eq!(
        of("both")["interactionsChanged"][0]["attributes"],
        json!({"Eic_State": "A", "Eic_UserName": users[1]}),
        "between two watched queues it is a change"
    );
    server.stop().await;
}

#[tokio::test]
async fn workgroup_station_and_own_queues_can_be_watched_and_types_may_be_texts() {
    let server = start(1).await;
    let session = Session::log_on(&server).await;
    let user = users(1);
    let queues = json!([{"queueType": "2", "queueName": "sales"}, {"queueType": 3, "queueName": "STATION1"},
        {"queueType": 0, "queueName": ""}]);
    session
        .subscribe("queues/q", &json!({"queueIds": queues, "attributeNames": ["Eic_State"], "rightsFilter": "view"}))
        .await;
    let system = server.system();
    system.act(vec![simulator::icws::Action::Offer { interaction: call("1", Some("Sales")) }]).await.unwrap();
    system.alert(&user[0], call("2", None)).await.unwrap();
    system.alert("bridge", call("3", None)).await.unwrap();
    let messages = session.messages(4).await;
    let added: Vec<_> = messages[1..].iter().map(|message| &message["interactionsAdded"][0]["interactionId"]).collect();
    assert_eq!(added, ["1", "2", "3"]);
    assert_eq!(messages[1]["interactionsAdded"][0]["attributes"]["Eic_State"], "O");
    let bad = json!({"queueIds": [{"queueType": 9, "queueName": "x"}], "attributeNames": []});
    assert_eq!(session.put("/messaging/subscriptions/queues/r", &bad).await.status, 400);
    server.stop().await;
}

#[tokio::test]
async fn an_interaction_is_read_and_its_attributes_are_set() {
    let server = start(1).await;
    let session = Session::log_on(&server).await;
    server.system().alert(&users(1)[0], call("5", Some("Support"))).await.unwrap();
    let read = session.get("/interactions/5?select=Eic_State,Eic_WorkgroupName").await.json();
    assert_eq!(read, json!({"attributes": {"Eic_State": "A", "Eic_WorkgroupName": "Support"}}));
    let set = session.post("/interactions/5", &json!({"attributes": {"Account": "42"}})).await;
    assert_eq!(set.status, 204);
    assert_eq!(session.get("/interactions/5?select=account").await.json()["attributes"]["account"], "42");
    assert_eq!(session.get("/interactions/6").await.status, 404);
    server.stop().await;
}

#[tokio::test]
async fn talking_on_the_phone_shows_in_the_users_status() {
    let server = start(1).await;
    let session = Session::log_on(&server).await;
    let user = users(1);
    session.subscribe("status/user-statuses", &json!({"userIds": user, "userStatusProperties": ["onPhone"]})).await;
    let system = server.system();
    system.alert(&user[0], call("8", None)).await.unwrap();
    system.answer("8").await.unwrap();
    system.disconnect("8", By::Us).await.unwrap();
    let told: Vec<_> = session.messages(3).await.iter().map(|m| m["userStatusList"][0]["onPhone"].clone()).collect();
    assert_eq!(told, [false, true, false]);
    server.stop().await;
}

#[tokio::test]
async fn a_sessions_own_user_is_told_what_rings() {
    let server = start(1).await;
    let session = Session::log_on(&server).await;
    session.subscribe("interaction-alerting", &json!(null)).await;
    let system = server.system();
    system.alert(&users(1)[0], call("1", None)).await.unwrap();
    system.alert("bridge", call("2", Some("Sales"))).await.unwrap();
    system.answer("2").await.unwrap();
    let messages = session.messages(2).await;
    let told: Vec<_> = messages
        .iter()
        .map(|m| (m["interactionId"].clone(), m["alertType"].clone(), m["alertAction"].clone()))
        .collect();
    assert_eq!(told, [(json!("2"), json!(5), json!(1)), (json!("2"), json!(5), json!(2))]);
    server.stop().await;
}

#[tokio::test]
async fn a_call_of_a_workgroup_that_rings_at_many_is_not_acd() {
    let server = start(1).await;
    let user = users(1).remove(0);
    let system = server.system();
    system.alert(&user, call("1", Some("Reception"))).await.unwrap();
    let mut dialled = call("2", Some("Sales"));
    dialled.direction = Direction::Outbound;
    system.dial(&user, dialled).await.unwrap();
    let truth = system.truth(0).await.unwrap();
    let acd: Vec<_> = truth.agents[&user].interactions.iter().map(|call| (&*call.state, call.acd)).collect();
    assert_eq!(acd, [("A", false), ("R", false)]);
    server.stop().await;
}
