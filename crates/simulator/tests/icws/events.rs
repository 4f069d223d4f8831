//! Messages: by polling and by server-sent events, held until somebody fetches them, handed out once.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::icws::{Fault, Server};

use crate::client::{Session, options, start, until, users};

async fn watch(session: &Session, users: &[String]) {
    session.subscribe("status/user-statuses", &json!({"userIds": users})).await;
}

#[tokio::test]
async fn the_whole_list_is_queued_with_the_answer_and_waits_for_a_poll() {
    let server = start(2).await;
    let session = Session::log_on(&server).await;
    assert_eq!(session.poll().await, Vec::<Value>::new());
    watch(&session, &users(2)).await;
    let messages = session.poll().await;
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0]["isDelta"], false);
    assert_eq!(messages[0]["userStatusList"].as_array().unwrap().len(), 2);
    assert_eq!(session.poll().await, Vec::<Value>::new(), "a message is handed out once");
    server.stop().await;
}

#[tokio::test]
async fn polling_and_events_deliver_the_same() {
    let server = start(1).await;
    let (polling, streaming) = (Session::log_on(&server).await, Session::log_on(&server).await);
    let user = users(1);
    watch(&polling, &user).await;
    let mut events = streaming.events().await;
    watch(&streaming, &user).await;
    let system = server.system();
    system.set_status(&user[0], "at lunch").await.unwrap();
    system.log_off(&user[0]).await.unwrap();
    let polled = polling.messages(3).await;
    for expected in &polled {
        assert_eq!(events.next().await, *expected);
    }
    assert_eq!(polled[1]["userStatusList"][0]["statusId"], "At Lunch");
    assert_eq!(polled[1]["isDelta"], true);
    server.stop().await;
}

#[tokio::test]
async fn a_message_from_before_the_stream_waits_for_it() {
    let server = start(1).await;
    let session = Session::log_on(&server).await;
    watch(&session, &users(1)).await;
    assert_eq!(session.events().await.next().await["isDelta"], false);
    server.stop().await;
}

#[tokio::test]
async fn a_stream_that_has_nothing_to_say_pings() {
    let options = simulator::icws::Options { ping_interval: Duration::from_millis(10), ..options(1) };
    let server = Server::start(options).await.unwrap();
    let mut events = Session::log_on(&server).await.events().await;
    for _ in 0..3 {
        assert_eq!(events.line().await, Some(Ok(":ping".to_owned())));
        assert_eq!(events.line().await, Some(Ok(String::new())));
    }
    server.stop().await;
}

#[tokio::test]
async fn a_new_stream_ends_the_old_one_and_a_poll_beside_it_gets_nothing() {
    let server = start(1).await;
    let session = Session::log_on(&server).await;
    let mut old = session.events().await;
    let mut new = session.events().await;
    assert_eq!(old.line().await, None);
    watch(&session, &users(1)).await;
    assert_eq!(session.poll().await, Vec::<Value>::new());
    assert_eq!(new.next().await["isDelta"], false);
    server.stop().await;
}

#[tokio::test]
async fn messaging_of_version_one_only_polls() {
    let options = simulator::icws::Options { messaging_version: 1, ..options(1) };
    let server = Server::start(options).await.unwrap();
    let session = Session::log_on(&server).await;
    assert_eq!(session.get("/connection/features/messaging").await.json()["version"], 1);
    let request = session.request(reqwest::Method::GET, "/messaging/messages").header("Accept", "text/event-stream");
    assert_eq!(crate::client::send(request).await.text, "[]");
    server.stop().await;
}

#[tokio::test]
async fn what_waited_while_a_stream_was_cut_comes_with_the_next() {
    let server = start(1).await;
    let session = Session::log_on(&server).await;
    let user = users(1);
    let mut events = session.events().await;
    watch(&session, &user).await;
    events.next().await;
    server.system().inject(Fault::Drop).await;
    assert!(matches!(events.line().await, Some(Err(_))), "the stream breaks");
    server.system().log_off(&user[0]).await.unwrap();
    let mut events = session.events().await;
    assert_eq!(events.next().await["userStatusList"][0]["loggedIn"], false);
    server.stop().await;
}

#[tokio::test]
async fn stopping_the_server_ends_the_streams() {
    let server = start(1).await;
    let mut events = Session::log_on(&server).await.events().await;
    until(|| async { true }).await;
    server.stop().await;
    assert_eq!(events.line().await, None);
}
