//! Version, features, logon and its refusals, the life of a session.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::icws::Server;

use crate::client::{PASSWORD, Session, credentials, http, options, send, start, until, users};

#[tokio::test]
async fn version_and_features_need_no_session_and_are_strings_and_numbers() {
    let server = start(1).await;
    let get = |path: &str| send(http().get(format!("{}/icws/connection/{path}", server.url())));
    let version = get("version").await;
    assert_eq!(version.status, 200);
    assert_eq!(version.header("content-type"), "application/vnd.inin.icws+JSON;charset=utf-8");
    let version = version.json();
    assert_eq!((&version["majorVersion"], &version["minorVersion"]), (&json!("20"), &json!("3")));
    assert!(version.as_object().unwrap().values().all(Value::is_string));
    assert_eq!(version["productReleaseDisplayString"], "2020 R3");
    let features = get("features").await.json();
    assert!(features["featureInfoList"].as_array().unwrap().contains(&json!({"featureId": "messaging", "version": 2})));
    assert_eq!(get("features/connection").await.json(), json!({"featureId": "connection", "version": 11}));
    assert_eq!(get("features/acme").await.status, 400);
    let time = get("server-time").await.json();
    assert!(time["serverUtcTime"].as_str().unwrap().starts_with("20260302T08"));
    assert!(get("server-info").await.json()["languages"].is_array());
    server.stop().await;
}

#[tokio::test]
async fn the_same_is_served_within_a_session() {
    let server = start(1).await;
    let session = Session::log_on(&server).await;
    assert_eq!(session.get("/connection/version").await.json()["majorVersion"], "20");
    assert_eq!(session.get("/connection/features/messaging").await.json()["version"], 2);
    assert!(session.get("/connection/features").await.json()["featureInfoList"].is_array());
    server.stop().await;
}

#[tokio::test]
async fn logon_answers_with_body_cookie_location_and_headers() {
    let server = start(1).await;
    let url = format!("{}/icws/connection?include=version%2Cfeatures,server-time", server.url());
    let reply = send(http().post(url).header("Accept-Language", "en-us").json(&credentials())).await;
    assert_eq!(reply.status, 201);
    let body = reply.json();
    let id = body["sessionId"].as_str().unwrap();
    assert!(id.chars().all(|digit| digit.is_ascii_digit()));
    assert_eq!(reply.header("ININ-ICWS-Session-ID"), id);
    assert_eq!(reply.header("ININ-ICWS-CSRF-Token"), body["csrfToken"]);
    assert_eq!(reply.header("Location"), format!("/icws/{id}/connection"));
    let cookie = reply.header("Set-Cookie");
    assert!(cookie.starts_with(&format!("icws_{id}=")), "{cookie}");
    assert!(cookie.ends_with(&format!("|languageId=en-us; Path=/icws/{id}; HttpOnly")), "{cookie}");
    assert_eq!(body["userID"], "bridge");
    assert_eq!(body["alternateHostList"], json!(["cic2.example"]));
    assert_eq!(body["version"]["majorVersion"], "20");
    assert!(body["features"].is_array() && body["serverTimeInfo"]["serverUtcTime"].is_string());
    assert!(body.get("effectiveStation").is_none() && body.get("defaultWorkstationId").is_none());
    server.stop().await;
}

#[tokio::test]
async fn nulls_come_only_when_they_were_included() {
    let server = start(1).await;
    let url = format!("{}/icws/connection?include=effective-station,default-workstation", server.url());
    let body = send(http().post(url).json(&credentials())).await.json();
    assert_eq!((&body["effectiveStation"], &body["defaultWorkstationId"]), (&Value::Null, &Value::Null));
    assert!(body.as_object().unwrap().contains_key("effectiveStation"));
    server.stop().await;
}

#[tokio::test]
async fn a_wrong_password_is_400_and_not_401() {
    let server = start(1).await;
    let mut wrong = credentials();
    wrong["password"] = json!("guess");
    let reply = send(http().post(format!("{}/icws/connection", server.url())).json(&wrong)).await;
    assert_eq!(reply.status, 400);
    assert_eq!(
        reply.json(),
        json!({"errorId": "error.request.connection.authenticationFailure", "errorCode": -2_147_221_503,
            "message": "The authentication process failed."})
    );
    server.stop().await;
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let server = start(1).await;
    for name in ["__type", "applicationName", "userID", "password"] {
        let mut body = credentials();
        body.as_object_mut().unwrap().remove(name);
        let reply = send(http().post(format!("{}/icws/connection", server.url())).json(&body)).await;
        assert_eq!(reply.status, 400);
        assert_eq!(reply.json()["__type"], "urn:inin.com:common:missingPropertyError");
        assert_eq!(reply.json()["propertyName"], name);
    }
    let reply = send(http().post(format!("{}/icws/connection", server.url())).body("logon please")).await;
    assert_eq!(reply.status, 400);
    server.stop().await;
}

#[tokio::test]
async fn session_cookie_and_csrf_token_are_each_required_and_say_so() {
    let server = start(1).await;
    let session = Session::log_on(&server).await;
    let url = |id: &str| format!("{}/icws/{id}/connection", server.url());
    let unknown = send(http().get(url("12345"))).await;
    assert_eq!((unknown.status, &unknown.json()["errorCode"]), (401, &json!(1)));
    assert_eq!(unknown.json()["message"], "This request requires a session ID!");
    assert_eq!(unknown.header("WWW-Authenticate"), r#"ICWS realm="ICWS" location="/ICWS/connection""#);
    let no_cookie = send(http().get(url(&session.id)).header("ININ-ICWS-CSRF-Token", &session.csrf)).await;
    assert_eq!((no_cookie.status, &no_cookie.json()["errorCode"]), (401, &json!(4)));
    let no_token = send(http().get(url(&session.id)).header("Cookie", &session.cookie)).await;
    assert_eq!((no_token.status, &no_token.json()["errorCode"]), (401, &json!(2)));
    assert_eq!(no_token.json()["message"], "An authentication token was expected in the request, but not found.");
    let wrong = http().get(url(&session.id)).header("Cookie", &session.cookie).header("ININ-ICWS-CSRF-Token", "guess");
    assert_eq!(send(wrong).await.json()["errorCode"], 2);
    server.stop().await;
}

#[tokio::test]
async fn logging_off_ends_the_session_and_the_former_connection_is_down() {
    let server = start(1).await;
    let session = Session::log_on(&server).await;
    assert_eq!(session.get("/connection").await.json()["connectionState"], 1);
    let off = session.delete("/connection").await;
    assert_eq!((off.status, off.text.as_str()), (200, ""));
    assert_eq!(session.get("/connection").await.json()["connectionState"], 2);
    let late = session.get("/status/status-messages").await;
    assert_eq!((late.status, &late.json()["errorCode"]), (401, &json!(-2_147_221_499)));
    server.stop().await;
}

#[tokio::test]
async fn an_idle_session_ends_and_one_with_a_stream_does_not() {
    let timeout = Duration::from_millis(300);
    let options = simulator::icws::Options { idle_timeout: Some(timeout), ping_interval: timeout / 5, ..options(1) };
    let server = Server::start(options).await.unwrap();
    let streaming = Session::log_on(&server).await;
    let mut events = streaming.events().await;
    let idle = Session::log_on(&server).await;
    until(|| async {
        let open = send(http().get(format!("{}/_simulator/sessions", server.url()))).await.json();
        let open = open["sessions"].as_array().unwrap().clone();
        !open.iter().any(|session| session["sessionId"] == idle.id.as_str())
    })
    .await;
    assert_eq!(idle.get("/status/status-messages").await.status, 401);
    assert_eq!(events.line().await, Some(Ok(":ping".to_owned())));
    assert_eq!(streaming.get("/connection").await.json()["connectionState"], 1);
    server.stop().await;
}

#[tokio::test]
async fn a_token_opens_one_more_session_once() {
    let server = start(1).await;
    let session = Session::log_on(&server).await;
    let seed = "5f0c4a52-0000-4000-8000-000000000001";
    let token = session.post("/connection/unique-auth-token", &json!({"authTokenSeed": seed})).await.json();
    let body = json!({"__type": "urn:inin.com:connection:authTokenConnectionRequestSettings", "applicationName": "two",
        "authTokenSeed": seed, "authToken": token["authToken"], "authTokenSourceSession": session.id,
        "disconnectSourceSession": true});
    let second = Session::log_on_to(&server.url(), &body).await;
    assert_eq!(second.get("/connection").await.json()["connectionState"], 1);
    assert_eq!(session.get("/connection").await.json()["connectionState"], 2);
    let again = send(http().post(format!("{}/icws/connection", server.url())).json(&body)).await;
    assert_eq!(again.status, 400);
    server.stop().await;
}

#[tokio::test]
async fn an_agent_who_logs_on_is_logged_in_while_the_session_lasts() {
    let options = simulator::icws::Options { agents_logged_on: false, ..options(1) };
    let server = Server::start(options).await.unwrap();
    let user = users(1).remove(0);
    let logged_in = || async { server.system().truth(0).await.unwrap().agents[&user].logged_in };
    assert!(!logged_in().await);
    let mut body = credentials();
    body["userID"] = json!(user);
    body["password"] = json!(PASSWORD);
    let session = Session::log_on_to(&server.url(), &body).await;
    assert!(logged_in().await);
    session.delete("/connection").await;
    assert!(!logged_in().await);
    server.stop().await;
}

#[tokio::test]
async fn a_station_is_404_until_there_is_one() {
    let server = start(1).await;
    let session = Session::log_on(&server).await;
    let none = session.get("/connection/station").await;
    assert_eq!((none.status, &none.json()["errorId"]), (404, &json!("-2147221496")));
    let settings = json!({"workstation": "7001", "supportedMediaTypes": [1],
        "__type": "urn:inin.com:connection:workstationSettings"});
    let put = session.put("/connection/station", &settings).await;
    assert_eq!((put.status, put.header("Location")), (200, &*format!("/icws/{}/connection/station", session.id)));
    assert_eq!(session.get("/connection/station").await.json()["id"], "7001");
    assert!(session.get("/connection/switchover-status").await.json()["primaryHost"].is_string());
    server.stop().await;
}
