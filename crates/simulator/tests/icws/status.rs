//! Statuses: definitions, single reads and writes, and the subscription.

use serde_json::{Value, json};
use simulator::icws::{StatusMessage, catalogue};

use crate::client::{Session, of_kind, start, users};

#[tokio::test]
async fn status_messages_have_the_vendors_names_and_fourteen_properties() {
    let server = start(1).await;
    let session = Session::log_on(&server).await;
    let list = session.get("/status/status-messages").await.json();
    let list = list["statusMessageList"].as_array().unwrap();
    assert_eq!(list.len(), 18);
    assert!(list.iter().all(|status| status.as_object().unwrap().len() == 14));
    let find = |id: &str| list.iter().find(|status| status["statusId"] == id).unwrap().clone();
    assert_eq!(find("Available")["isAcdStatus"], true);
    assert_eq!(find("Follow Up")["isAfterCallWorkStatus"], true);
    assert_eq!(find("AcdAgentNotAnswering")["messageText"], "ACD - Agent Not Answering");
    assert_eq!(find("Do Not disturb")["messageText"], "Do Not Disturb");
    server.stop().await;
}

#[tokio::test]
async fn a_users_status_is_read_and_written_one_by_one() {
    let server = start(1).await;
    let session = Session::log_on(&server).await;
    let user = users(1).remove(0);
    let path = format!("/status/user-statuses/{user}");
    let status = session.get(&path).await.json();
    assert_eq!(status["userId"], user);
    assert_eq!((&status["statusId"], &status["loggedIn"]), (&json!("Available"), &json!(true)));
    assert!(status.get("notes").is_none() && status.get("until").is_none(), "what is empty is left out");
    session.subscribe("status/user-statuses", &json!({"userIds": [user]})).await;
    let body = json!({"statusId": "do not DISTURB", "notes": "head down",
        "until": {"untilDateTime": "20260302T100000Z", "hasDate": true, "hasTime": true}});
    let accepted = session.put(&path, &body).await;
    assert_eq!(accepted.status, 202);
    let messages = session.messages(3).await;
    let delta = &messages[1]["userStatusList"][0];
    assert_eq!(delta["statusId"], "Do Not disturb");
    assert_eq!(delta["notes"], "head down");
    assert_eq!(delta["until"]["untilDateTime"], "20260302T100000Z");
    assert!(delta.get("loggedIn").is_none(), "what has not changed is left out");
    let completed = of_kind(&messages, ":asyncOperationCompletedMessage").remove(0);
    assert_eq!(completed["requestId"], accepted.json()["requestId"]);
    assert_eq!(completed.get("error"), Some(&Value::Null));
    assert_eq!(session.get(&path).await.json()["statusId"], "Do Not disturb");
    let former = session.get(&format!("/status/user-status-previous-info/{user}")).await.json();
    assert_eq!(former["userStatusPreviousInfoList"], json!([{"statusId": "Available", "notes": ""}]));
    server.stop().await;
}

#[tokio::test]
async fn unknown_users_are_404_and_unknown_statuses_400() {
    let server = start(1).await;
    let session = Session::log_on(&server).await;
    let user = users(1).remove(0);
    assert_eq!(session.get("/status/user-statuses/nobody").await.status, 404);
    assert_eq!(session.put("/status/user-statuses/nobody", &json!({"statusId": "Available"})).await.status, 404);
    let path = format!("/status/user-statuses/{user}");
    assert_eq!(session.put(&path, &json!({"statusId": "Sleeping"})).await.status, 400);
    assert_eq!(session.put(&path, &json!({})).await.status, 400);
    let subscribe = "/messaging/subscriptions/status/user-statuses";
    assert_eq!(session.put(subscribe, &json!({"userIds": [user, "nobody"]})).await.status, 404);
    assert_eq!(session.put(subscribe, &json!({"userIds": []})).await.status, 400);
    assert_eq!(session.put(subscribe, &json!({"userIds": [user], "userStatusProperties": []})).await.status, 400);
    server.stop().await;
}

#[tokio::test]
async fn only_watched_properties_of_watched_users_are_told_and_a_put_replaces_the_list() {
    let server = start(2).await;
    let session = Session::log_on(&server).await;
    let users = users(2);
    let system = server.system();
    let properties = ["statusId", "loggedIn"];
    session
        .subscribe("status/user-statuses", &json!({"userIds": [users[0]], "userStatusProperties": properties}))
        .await;
    system.set_status(&users[1], "At Lunch").await.unwrap();
    system.set_status(&users[0], "In a meeting").await.unwrap();
    let messages = session.messages(2).await;
    assert_eq!(messages[0]["userStatusList"], json!([{"userId": users[0], "statusId": "Available", "loggedIn": true}]));
    assert_eq!(messages[1]["userStatusList"], json!([{"userId": users[0], "statusId": "In a meeting"}]));
    session.subscribe("status/user-statuses", &json!({"userIds": [users[1]]})).await;
    system.log_off(&users[0]).await.unwrap();
    system.log_off(&users[1]).await.unwrap();
    let messages = session.messages(2).await;
    assert_eq!(
        (&messages[0]["isDelta"], &messages[0]["userStatusList"][0]["userId"]),
        (&json!(false), &json!(users[1]))
    );
    assert_eq!(messages[1]["userStatusList"][0]["userId"], users[1]);
    assert_eq!(messages[1]["userStatusList"][0]["stations"], json!([]));
    assert_eq!(session.delete("/messaging/subscriptions/status/user-statuses").await.status, 204);
    system.log_on(&users[1]).await.unwrap();
    assert_eq!(session.poll().await, Vec::<Value>::new());
    server.stop().await;
}

#[tokio::test]
async fn of_three_statuses_in_one_second_the_first_and_the_last_are_told() {
    let server = start(1).await;
    let session = Session::log_on(&server).await;
    let user = users(1).remove(0);
    session.subscribe("status/user-statuses", &json!({"userIds": [user], "userStatusProperties": ["statusId"]})).await;
    let act = |status: &str| json!({"act": "status", "user": user, "status": status});
    session.control("act", &json!([act("At Lunch"), act("In a meeting"), act("Gone Home")])).await;
    let told: Vec<_> =
        session.messages(3).await.iter().map(|message| message["userStatusList"][0]["statusId"].clone()).collect();
    assert_eq!(told, ["Available", "At Lunch", "Gone Home"]);
    let truth = serde_json::to_value(server.system().truth(0).await.unwrap()).unwrap();
    let merged: Vec<_> = truth["log"].as_array().unwrap().iter().map(|entry| &entry["change"]["merged"]).collect();
    assert_eq!(merged, [false, true, false]);
    server.stop().await;
}

#[tokio::test]
async fn a_ticked_box_is_told_to_who_watches_the_definitions() {
    let server = start(1).await;
    let session = Session::log_on(&server).await;
    session.subscribe("status/status-messages", &json!(null)).await;
    let mut message: StatusMessage =
        catalogue::shipped().into_iter().find(|message| message.status_id == "At Play").unwrap();
    message.is_acd_status = true;
    let system = server.system();
    system.change_status_message(message).await.unwrap();
    let coaching = StatusMessage { status_id: "Coaching".to_owned(), ..StatusMessage::default() };
    system.change_status_message(coaching).await.unwrap();
    system.remove_status_message("coaching").await.unwrap();
    let messages = session.messages(4).await;
    assert_eq!(
        (&messages[0]["isDelta"], messages[0]["statusMessagesAdded"].as_array().unwrap().len()),
        (&json!(false), 18)
    );
    assert_eq!(messages[1]["statusMessagesChanged"][0]["isAcdStatus"], true);
    assert_eq!(messages[2]["statusMessagesAdded"][0]["statusId"], "Coaching");
    assert_eq!(messages[3]["statusMessagesRemoved"], json!(["Coaching"]));
    server.stop().await;
}

#[tokio::test]
async fn access_former_statuses_and_logons_can_be_watched_too() {
    let server = start(1).await;
    let session = Session::log_on(&server).await;
    let user = users(1).remove(0);
    let access = session.get(&format!("/status/status-messages-user-access/{user}")).await.json();
    assert_eq!(access["statusMessages"].as_array().unwrap().len(), 18);
    session.subscribe("status/status-messages-user-access", &json!({"userIds": [user]})).await;
    session.subscribe("status/user-status-previous-info", &json!(null)).await;
    session.subscribe("session/sessions-users", &json!({"userIds": [user]})).await;
    server.system().log_off(&user).await.unwrap();
    let messages = session.messages(4).await;
    assert_eq!(messages[0]["statusMessagesUserAccessChanges"][0]["userId"], user);
    assert_eq!(messages[1]["userStatusPreviousInfoList"], json!([]));
    assert_eq!(messages[2]["sessionsAdded"][0]["userId"], user);
    assert_eq!(messages[3]["sessionsRemoved"][0]["userId"], user);
    server.stop().await;
}
