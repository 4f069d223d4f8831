//! What is seen where a right is missing, and what an administrator changes while a session watches.

use serde_json::json;
use simulator::icws::Right;

use crate::client::{Session, of_kind, start, users};

const COLUMNS: [(Right, &str); 7] = [
    (Right::StatusColumn, "statusId"),
    (Right::TimeInStatusColumn, "statusChanged"),
    (Right::LoggedInColumn, "loggedIn"),
    (Right::OnPhoneColumn, "onPhone"),
    (Right::UntilColumn, "until"),
    (Right::NotesColumn, "notes"),
    (Right::ForwardNumberColumn, "forwardNumber"),
];

#[tokio::test]
async fn a_status_lacks_the_column_that_may_not_be_seen_and_no_other() {
    let server = start(1).await;
    let user = users(1).remove(0);
    let session = Session::log_on(&server).await;
    let until = json!({"untilDateTime": "20260302T100000Z", "hasDate": true, "hasTime": true});
    let away = json!({"act": "status", "user": user, "status": "At Lunch", "notes": "soup", "forwardNumber": "1",
        "until": until});
    session.control("act", &away).await;
    for (right, column) in COLUMNS {
        server.system().withhold(&[right]).await.unwrap();
        let status = session.get(&format!("/status/user-statuses/{user}")).await.json();
        for (_, other) in COLUMNS {
            assert_eq!(status.get(other).is_some(), other != column, "{other} without {right:?}");
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn a_change_of_a_hidden_column_alone_is_not_told() {
    let server = start(1).await;
    let user = users(1).remove(0);
    server.system().withhold(&[Right::LoggedInColumn]).await.unwrap();
    let session = Session::log_on(&server).await;
    session.subscribe("status/user-statuses", &json!({"userIds": [user]})).await;
    server.system().log_off(&user).await.unwrap();
    server.system().set_status(&user, "At Lunch").await.unwrap();
    let told = of_kind(&session.messages(2).await, "userStatusMessage");
    assert_eq!(told.len(), 2, "the whole, and the one change that may be seen: {told:?}");
    assert_eq!(told[1]["userStatusList"][0]["statusId"], "At Lunch");
    assert!(told[1]["userStatusList"][0].get("loggedIn").is_none());
    server.stop().await;
}

#[tokio::test]
async fn each_right_hides_what_it_is_for() {
    let server = start(2).await;
    let session = Session::log_on(&server).await;
    for (right, path) in [
        (Right::Users, "/configuration/users"),
        (Right::Workgroups, "/configuration/workgroups"),
        (Right::StatusMessages, "/configuration/status-messages"),
    ] {
        let seen = async || session.get(path).await.json()["items"].as_array().unwrap().len();
        assert!(seen().await > 0);
        server.system().withhold(&[right]).await.unwrap();
        assert_eq!(seen().await, 0, "{right:?}");
        server.system().withhold(&[]).await.unwrap();
    }
    server.system().withhold(&[Right::Licenses]).await.unwrap();
    assert_eq!(session.get("/configuration/feature-licenses").await.status, 403);
    let runtime = session.get("/status/status-messages").await.json();
    assert!(!runtime["statusMessageList"].as_array().unwrap().is_empty(), "whoever logs on knows the statuses");
    server.stop().await;
}

#[tokio::test]
async fn queues_that_may_not_be_seen_are_refused() {
    let server = start(1).await;
    let user = users(1).remove(0);
    let session = Session::log_on(&server).await;
    for (right, kind, name) in [
        (Right::UserQueues, 1, user.as_str()),
        (Right::WorkgroupQueues, 2, "Sales"),
        (Right::StationQueues, 3, "station1"),
    ] {
        let body = json!({"queueIds": [{"queueType": kind, "queueName": name}], "attributeNames": ["Eic_State"]});
        let subscribe = async || session.put("/messaging/subscriptions/queues/q", &body).await.status;
        assert_eq!(subscribe().await, 200);
        server.system().withhold(&[right]).await.unwrap();
        assert_eq!(subscribe().await, 403, "{right:?}");
        server.system().withhold(&[]).await.unwrap();
    }
    server.stop().await;
}

#[tokio::test]
async fn a_membership_that_changes_is_told_on_both_sides() {
    let server = start(1).await;
    let user = users(1).remove(0);
    let session = Session::log_on(&server).await;
    for (resource, property) in [("users", "workgroups"), ("workgroups", "members")] {
        let body = json!({"configurationIds": ["*"], "properties": [property], "rightsFilter": "view"});
        session.subscribe(&format!("configuration/{resource}/s"), &body).await;
    }
    session.messages(2).await;
    let home = session.get(&format!("/configuration/users/{user}?select=workgroups")).await.json();
    let home = home["workgroups"][0]["id"].as_str().unwrap().to_owned();
    session.control("act", &json!({"act": "membership", "user": user, "workgroup": home, "member": false})).await;
    let told = session.messages(2).await;
    let of_user = &of_kind(&told, "usersMessage")[0]["changed"][0];
    assert!(!of_user["workgroups"].as_array().into_iter().flatten().any(|group| group["id"] == json!(home)));
    let members = &of_kind(&told, "workgroupsMessage")[0]["changed"][0]["members"];
    assert_eq!(members.as_array().map_or(0, Vec::len), 0);
    server.system().set_membership(&user, &home, true).await.unwrap();
    assert_eq!(session.messages(2).await.len(), 2);
    assert!(server.system().set_membership(&user, "Nowhere", true).await.is_err());
    server.stop().await;
}

#[tokio::test]
async fn the_release_and_the_licence_change_under_way() {
    let server = start(1).await;
    let session = Session::log_on(&server).await;
    let path = "/configuration/feature-licenses/I3_FEATURE_CLOUD_WEM_WORKFORCE_PLANNING";
    assert_eq!(session.get(path).await.status, 200);
    session.control("act", &json!({"act": "workforce-licence", "present": false})).await;
    assert_eq!(session.get(path).await.status, 404);
    session.control("act", &json!({"act": "release", "year": 18, "number": 4})).await;
    let version = session.get("/connection/version").await.json();
    assert_eq!((&version["majorVersion"], &version["minorVersion"]), (&json!("18"), &json!("4")));
    assert_eq!(version["productReleaseDisplayString"], "2018 R4");
    server.stop().await;
}

#[tokio::test]
async fn rights_are_withheld_by_name_through_the_control_interface() {
    let server = start(1).await;
    let session = Session::log_on(&server).await;
    for right in Right::ALL {
        session.control("act", &json!({"act": "rights", "withheld": [right]})).await;
    }
    session.control("act", &json!({"act": "rights", "withheld": ["users", "logged-in-column"]})).await;
    assert_eq!(session.get("/configuration/users").await.json()["items"].as_array().map(Vec::len), Some(0));
    server.stop().await;
}
