//! Notification channels and their sockets.

use futures_util::{SinkExt, StreamExt};
use reqwest::Method;
use serde_json::{Value, json};
use simulator::cloud::Command;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::error::Error;
use uuid::Uuid;

use crate::support::{Answer, BUSY, Cloud, ON_QUEUE, Socket};

const CHANNELS: &str = "/api/v2/notifications/channels";

pub async fn open(cloud: &Cloud) -> (String, Socket) {
    let made = cloud.send(Method::POST, CHANNELS, None).await.body;
    let uri = made["connectUri"].as_str().expect("an address").to_owned();
    assert!(uri.starts_with("ws://127.0.0.1:") && uri.ends_with(made["id"].as_str().expect("an id")));
    let (socket, _) = connect_async(uri).await.expect("a socket");
    (made["id"].as_str().expect("an id").to_owned(), socket)
}

pub async fn subscribe(cloud: &Cloud, channel: &str, topics: &[String]) -> Answer {
    let body: Vec<Value> = topics.iter().map(|topic| json!({"id": topic})).collect();
    cloud.post(&format!("{CHANNELS}/{channel}/subscriptions"), json!(body)).await
}

/// The next text; other frames are none of our business.
pub async fn next(socket: &mut Socket) -> Value {
    loop {
        if let Message::Text(text) = socket.next().await.expect("the socket is open").expect("the socket works") {
            return serde_json::from_str(&text).expect("JSON");
        }
    }
}

/// The code that the socket is closed with.
async fn closed(socket: &mut Socket) -> u16 {
    loop {
        match socket.next().await {
            Some(Ok(Message::Close(Some(frame)))) => return frame.code.into(),
            Some(Ok(_)) => {}
            other => panic!("closed without a code: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_subscriber_hears_of_what_changes_for_the_eye() {
    let cloud = Cloud::start().await;
    let (user, source) = (cloud.users[0], cloud.claim().await);
    let (channel, mut socket) = open(&cloud).await;
    let combined = format!("v2.users.{user}?presence&routingStatus&outofoffice");
    let answer = subscribe(&cloud, &channel, std::slice::from_ref(&combined)).await;
    assert_eq!((&answer.entities()[0]["id"], &answer.entities()[0]["state"]), (&json!(combined), &json!("Permitted")));
    // A write to a source that is not the primary one once the primary has a presence is not seen.
    cloud.inject_presence(&source, user, ON_QUEUE, "2026-03-02T08:00:10Z").await;
    let heard = next(&mut socket).await;
    assert_eq!(heard["topicName"], format!("v2.users.{user}.presence"));
    assert_eq!(heard["eventBody"]["presenceDefinition"], json!({"id": ON_QUEUE, "systemPresence": "ON_QUEUE"}));
    assert_eq!((&heard["eventBody"]["source"], &heard["version"]), (&json!(source), &json!("2")));
    assert!(heard["metadata"]["CorrelationId"].is_string());
    let heard = next(&mut socket).await;
    assert_eq!(heard["topicName"], format!("v2.users.{user}.routingStatus"));
    assert_eq!(heard["eventBody"]["routingStatus"]["status"], "IDLE");
    let hidden = json!({"presenceDefinition": {"id": BUSY}});
    cloud.patch(&format!("/api/v2/users/{user}/presences/purecloud"), hidden).await;
    cloud.put(&format!("/api/v2/users/{user}/outofoffice"), json!({"active": true, "indefinite": true})).await;
    let heard = next(&mut socket).await;
    assert_eq!(heard["topicName"], format!("v2.users.{user}.outofoffice"));
    assert_eq!((&heard["eventBody"]["user"]["id"], &heard["eventBody"]["active"]), (&json!(user), &json!(true)));
}

#[tokio::test]
async fn subscriptions_are_added_replaced_and_cleared() {
    let cloud = Cloud::start().await;
    let (channel, _socket) = open(&cloud).await;
    let path = format!("{CHANNELS}/{channel}/subscriptions");
    let topic = |place: usize| format!("v2.users.{}.presence", cloud.users[place]);
    subscribe(&cloud, &channel, &[topic(0)]).await;
    subscribe(&cloud, &channel, &[topic(0), topic(1)]).await;
    assert_eq!(cloud.get(&path).await.entities().len(), 2);
    cloud.put(&path, json!([{"id": topic(2)}])).await;
    assert_eq!(cloud.get(&path).await.entities()[0]["id"], topic(2));
    let bad = subscribe(&cloud, &channel, &[topic(3), "v2.users.joe.presence".to_owned()]).await;
    assert_eq!((bad.status, bad.code()), (400, "notification.invalid.topic"));
    assert_eq!(cloud.get(&path).await.entities().len(), 1, "one bad topic fails them all");
    let lenient = cloud.post(&format!("{path}?ignoreErrors=true"), json!([{"id": topic(3)}, {"id": "nonsense"}])).await;
    assert_eq!(lenient.entities()[1]["state"], "Rejected");
    assert_eq!(cloud.get(&path).await.entities().len(), 2);
    assert_eq!(cloud.delete(&path).await.status, 200);
    assert!(cloud.get(&path).await.entities().is_empty());
    let many: Vec<String> = (0..1001).map(|number| format!("v2.users.{}.presence", Uuid::from_u128(number))).collect();
    let many = subscribe(&cloud, &channel, &many).await;
    assert_eq!(many.code(), "notification.subscription.too.many.subscriptions");
    assert_eq!(cloud.put(&format!("{CHANNELS}/none/subscriptions"), json!([])).await.code(), "entity.not.found");
    assert_eq!(
        cloud.get("/api/v2/notifications/availabletopics?expand=description,topicParameters").await.entities().len(),
        6
    );
}

#[tokio::test]
async fn an_unauthorised_topic_is_refused() {
    let cloud = Cloud::start().await;
    let (channel, _socket) = open(&cloud).await;
    cloud.org().set_permissions(Some(std::collections::BTreeSet::new())).await.unwrap();
    let refused =
        subscribe(&cloud, &channel, &[format!("v2.users.{}.workforcemanagement.adherence", cloud.users[0])]).await;
    assert_eq!((refused.status, refused.code()), (403, "notification.unauthorized.topic"));
    let topic = |suffix: &str| json!({"id": format!("v2.users.{}.{suffix}", cloud.users[0])});
    let path = format!("{CHANNELS}/{channel}/subscriptions?ignoreErrors=true");
    let lenient = cloud.put(&path, json!([topic("workforcemanagement.adherence"), topic("presence")])).await;
    let told = |place: usize| (&lenient.entities()[place]["state"], &lenient.entities()[place]["missingPermissions"]);
    assert_eq!(told(0), (&json!("Rejected"), &json!(["wfm:realtimeAdherence:view"])));
    assert_eq!(told(1), (&json!("Permitted"), &Value::Null));
}

#[tokio::test]
async fn a_socket_answers_pings_and_subscribes() {
    let cloud = Cloud::start().await;
    let (channel, mut socket) = open(&cloud).await;
    socket.send(Message::text(r#"{"message":"ping"}"#)).await.unwrap();
    assert_eq!(next(&mut socket).await, json!({"topicName": "channel.metadata", "eventBody": {"message": "pong"}}));
    let topic = format!("v2.users.{}.activity", cloud.users[0]);
    let wish = json!({"message": "subscribe", "topics": [topic], "correlationId": "c1"});
    socket.send(Message::text(wish.to_string())).await.unwrap();
    let answer = next(&mut socket).await;
    assert_eq!(
        (&answer["result"], &answer["status"], &answer["correlationId"]),
        (&json!("200"), &json!("subscribed"), &json!("c1"))
    );
    assert_eq!(cloud.get(&format!("{CHANNELS}/{channel}/subscriptions")).await.entities()[0]["id"], topic);
    let wish = json!({"message": "subscribe", "topics": ["nonsense"]});
    socket.send(Message::text(wish.to_string())).await.unwrap();
    assert_eq!(next(&mut socket).await["result"], "400");
    cloud.inject_presence(&cloud.claim().await, cloud.users[0], ON_QUEUE, "2026-03-02T08:00:10Z").await;
    let heard = next(&mut socket).await;
    assert_eq!(heard["eventBody"]["presence"]["presenceDefinition"]["systemPresence"], "ON_QUEUE");
    assert_eq!(heard["eventBody"]["routingStatus"]["status"], "IDLE");
}

#[tokio::test]
async fn a_channel_has_one_socket_and_an_organisation_twenty_channels() {
    let cloud = Cloud::start().await;
    let (first, mut displaced) = open(&cloud).await;
    let uri = format!("{}/channels/{first}", cloud.server.url().replace("http", "ws"));
    let (_newer, _) = connect_async(&uri).await.unwrap();
    assert_eq!(closed(&mut displaced).await, 1000);
    // A socket that its client closed does not keep a channel.
    let (unused, mut socket) = open(&cloud).await;
    socket.close(None).await.unwrap();
    while socket.next().await.is_some() {}
    for _ in 0..19 {
        cloud.send(Method::POST, CHANNELS, None).await;
    }
    let listed = cloud.get(CHANNELS).await;
    assert_eq!(listed.entities().len(), 20);
    let is_there = |id: &str| listed.entities().iter().any(|channel| channel["id"] == id);
    assert!(is_there(&first), "who is connected stays");
    assert_eq!(cloud.send(Method::HEAD, &format!("{CHANNELS}/{first}"), None).await.status, 200);
    assert!(!is_there(&unused), "who is not makes room");
    assert_eq!(cloud.send(Method::HEAD, &format!("{CHANNELS}/none"), None).await.status, 404);
    let url = format!("{}/channels/none", cloud.server.url().replace("http", "ws"));
    match connect_async(url).await {
        Err(Error::Http(response)) => assert_eq!(response.status(), 404),
        other => panic!("no such channel, yet {other:?}"),
    }
}

#[tokio::test]
async fn the_server_closes_sockets_and_says_when_a_token_is_gone() {
    let mut cloud = Cloud::start().await;
    let (channel, mut socket) = open(&cloud).await;
    cloud.org().command(Command::AnnounceClosing).await.unwrap().unwrap();
    assert_eq!(next(&mut socket).await["topicName"], "v2.system.socket_closing");
    cloud.org().close_sockets(1001).await.unwrap();
    assert_eq!(closed(&mut socket).await, 1001);
    // The channel is still there: a client comes back to the same address.
    let uri = format!("{}/channels/{channel}", cloud.server.url().replace("http", "ws"));
    let (mut socket, _) = connect_async(&uri).await.unwrap();
    cloud.org().revoke_tokens().await.unwrap();
    let told = next(&mut socket).await;
    assert_eq!(told["topicName"], format!("v2.system.token_revoked.{channel}"));
    assert_eq!(told["eventBody"]["systemTopicType"], "token_revoked");
    assert_eq!(closed(&mut socket).await, 1000);
    cloud.log_in().await;
    assert_eq!(cloud.send(Method::HEAD, &format!("{CHANNELS}/{channel}"), None).await.status, 404);
}

#[tokio::test]
async fn a_quiet_socket_has_a_heartbeat() {
    let cloud = Cloud::start().await;
    let (_channel, mut socket) = open(&cloud).await;
    // Paused time jumps to the next timer as soon as everybody waits.
    tokio::time::pause();
    let beat = next(&mut socket).await;
    assert_eq!(beat, json!({"topicName": "channel.metadata", "eventBody": {"message": "WebSocket Heartbeat"}}));
}
