//! What a subscription asks for, what it costs, and what is made of a refusal.

use std::time::Duration;

use replicator::ports::{Failure, Feed};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::{CHANNELS, Listener};
use crate::stub::{Canned, Stub, error, logged, user};

fn subscriptions(channel: u32) -> String {
    format!("{CHANNELS}/streaming-{channel}-planted-channel/subscriptions")
}

#[tokio::test]
async fn a_channel_is_made_listened_to_and_subscribed() {
    let listener = Listener::start().await;
    let answer = listener.subscribe(0, 1..=2).await;
    assert_eq!((answer.result, answer.requests), (Ok(()), 2));
    assert!(answer.quota.is_some() && answer.correlation.is_some());
    let asked: Vec<(String, String)> =
        listener.stub.all_seen().into_iter().map(|seen| (seen.method, seen.path)).collect();
    let expected = [
        ("POST", CHANNELS.to_owned()),
        ("GET", "/channels/streaming-1-planted-channel".to_owned()),
        ("PUT", subscriptions(1)),
    ];
    assert_eq!(asked, expected.map(|(method, path)| (method.to_owned(), path)), "listens before it subscribes");
    let put = &listener.stub.seen("PUT", &subscriptions(1))[0];
    assert_eq!(put.query("ignoreErrors"), Some("true"));
    let topic = |n| json!({"id": format!("v2.users.{}?presence&routingStatus&outofoffice", user(n))});
    assert_eq!(put.json(), json!([topic(1), topic(2)]));
    let upgrade = &listener.stub.seen("GET", "/channels/streaming-1-planted-channel")[0];
    assert!(upgrade.headers.get("authorization").is_none(), "the path is the secret, and no token leaves");
}

#[tokio::test]
async fn a_thousand_users_fit_into_a_channel_and_twenty_channels_into_a_client() {
    let listener = Listener::start().await;
    assert_eq!(listener.cloud.channel_size(), 1000);
    assert_eq!(listener.subscribe(19, 1..=1000).await.result, Ok(()));
    let put = &listener.stub.seen("PUT", &subscriptions(1))[0];
    assert!(put.body.len() < 512_000, "{} bytes: below the limit of a request", put.body.len());
    let longest = put.json().as_array().unwrap().iter().map(|topic| topic["id"].as_str().unwrap().len()).max();
    assert!(longest <= Some(200), "{longest:?} characters: below the limit of a topic");
    for (channel, users) in [(0, 1..=1001), (20, 1..=1)] {
        let answer = listener.subscribe(channel, users).await;
        assert!(matches!(answer.result, Err(Failure::Refused { .. })), "{answer:?}");
        assert_eq!(answer.requests, 0);
    }
}

#[tokio::test]
async fn subscribing_again_takes_one_request_and_the_same_socket() {
    let listener = Listener::subscribed().await;
    let answer = listener.subscribe(0, 2..=3).await;
    assert_eq!((answer.result, answer.requests, listener.sockets()), (Ok(()), 1, 1));
    let held = listener.stub.change(|organisation| organisation.streaming.subscriptions.pop_first().unwrap().1);
    assert_eq!(held.len(), 2, "{held:?}: exactly these");
}

#[tokio::test]
async fn channels_have_nothing_to_do_with_each_other() {
    let mut listener = Listener::subscribed().await;
    assert_eq!(listener.subscribe(1, 2..=2).await.requests, 2);
    assert_eq!(listener.sockets(), 2);
    listener.stub.hang_up(0, 1001, "idle");
    listener.lost().await;
    listener.hears(1).await;
}

#[tokio::test]
async fn subscribing_to_nobody_ends_the_channel_without_a_word() {
    let mut listener = Listener::subscribed().await;
    let answer = listener.cloud.subscribe(0, Vec::new()).await;
    assert_eq!((answer.result, answer.requests), (Ok(()), 0));
    listener.stub.until(|streaming| streaming.sockets[0].ended).await;
    assert_eq!(listener.subscribe(0, 1..=1).await.requests, 2, "a new one");
    listener.hears(1).await;
}

#[tokio::test]
async fn users_who_may_not_be_seen_do_not_take_the_others_notifications_away() {
    let mut listener = Listener::start().await;
    listener.stub.change(|organisation| organisation.streaming.rejected.insert(user(4711).to_string()));
    let users = || vec![user(1), user(4711)];
    assert_eq!(listener.cloud.subscribe(0, users()).await.result, Ok(()));
    listener.hears(0).await;
    assert_eq!(listener.cloud.subscribe(0, users()).await.result, Ok(()));
    let lines = logged();
    let warned: Vec<&str> = lines.lines().filter(|line| line.contains("some users cannot be subscribed to")).collect();
    assert_eq!(warned.len(), 1, "told once: {warned:?}");
    assert!(warned[0].contains("not for you") && warned[0].contains("directory:user:view"), "{warned:?}");
}

#[tokio::test]
async fn when_nobody_may_be_seen_the_subscription_is_not_supported() {
    let listener = Listener::start().await;
    listener.stub.change(|organisation| organisation.streaming.rejected.insert("v2.users.".to_owned()));
    let answer = listener.subscribe(0, 1..=2).await;
    let reason = "not for you (missing permissions: directory:user:view)".to_owned();
    assert_eq!(answer.result, Err(Failure::Unsupported { reason }));
}

#[tokio::test]
async fn a_refusal_of_either_request_is_told_with_what_it_cost() {
    let listener = Listener::start().await;
    listener.stub.script(1, "POST", CHANNELS, error(403, "missing.permissions", "notifications"));
    let answer = listener.subscribe(0, 1..=1).await;
    assert!(matches!(answer.result, Err(Failure::Unsupported { .. })), "{answer:?}");
    assert_eq!(answer.requests, 1);
    listener.stub.script(1, "PUT", &subscriptions(1), error(429, "too.many.requests", "").with("retry-after", "9"));
    let answer = listener.subscribe(0, 1..=1).await;
    assert_eq!(answer.result, Err(Failure::Throttled { retry_after: Some(Duration::from_secs(9)) }));
    assert_eq!(answer.requests, 2);
    let answer = listener.subscribe(0, 1..=1).await;
    assert_eq!((answer.result, answer.requests, listener.sockets()), (Ok(()), 1, 1), "goes on where it was");
}

#[tokio::test]
async fn a_socket_that_does_not_open_leaves_the_channel_for_the_next_attempt() {
    let listener = Listener::start().await;
    let path = "/channels/streaming-1-planted-channel";
    for (canned, expected) in [
        (Canned::text(503, "text/html", "<h1>Sorry</h1>"), "503"),
        (Canned::text(200, "text/html", "<h1>Welcome</h1>"), "answered 200"),
        (Canned::text(302, "text/html", "").with("location", "http://elsewhere.example"), "302"),
    ] {
        listener.stub.script(1, "GET", path, canned);
        let reason = listener.subscribe(0, 1..=1).await.result.unwrap_err().to_string();
        assert!(reason.starts_with("unavailable") && reason.contains(expected), "{reason}");
    }
    assert_eq!(listener.subscribe(0, 1..=1).await.result, Ok(()));
    assert_eq!(listener.channels_made(), 1);
}

#[tokio::test]
async fn a_channel_that_the_platform_does_not_know_any_more_is_replaced() {
    for gone in [
        error(404, "entity.not.found", "Subscription list not found."),
        error(400, "notification.unable.to.get.channel.id", "Unable to get channel Id."),
    ] {
        let mut listener = Listener::subscribed().await;
        listener.stub.script(1, "PUT", &subscriptions(1), gone);
        let answer = listener.subscribe(0, 1..=1).await;
        assert_eq!((answer.result, answer.requests), (Ok(()), 3), "the old one, a new one and its subscription");
        listener.hears(1).await;
    }
}

#[tokio::test]
async fn a_new_channel_that_is_gone_at_once_is_not_replaced_without_end() {
    let mut listener = Listener::subscribed().await;
    for channel in 1..=2 {
        listener.stub.script(1, "PUT", &subscriptions(channel), error(404, "entity.not.found", "no list"));
    }
    let answer = listener.subscribe(0, 1..=1).await;
    assert!(matches!(answer.result, Err(Failure::Unavailable { .. })), "{answer:?}");
    assert_eq!(answer.requests, 3, "the old one, a new one and its subscription");
    assert!(listener.lost().await.contains("404"), "whoever relied on the old one is told");
}

#[tokio::test]
async fn an_address_that_is_no_good_is_told() {
    let listener = Listener::start().await;
    let made = |id: &str, uri: &str| Canned::json(200, json!({"id": id, "connectUri": uri, "expires": "x"}));
    for (canned, expected) in [
        (made("a", "https://streaming.example/channels/a"), "no WebSocket"),
        (made("a", "nonsense"), "without an address"),
        (made("a/../b", "ws://streaming.example/channels/a"), "without an id"),
        (made("", "ws://streaming.example/channels/a"), "without an id"),
        (Canned::json(200, json!({})), "without an id"),
    ] {
        listener.stub.script(1, "POST", CHANNELS, canned);
        let failure = listener.subscribe(0, 1..=1).await.result.unwrap_err();
        assert!(failure.to_string().contains(expected), "{failure}");
    }
}

#[tokio::test]
async fn a_server_that_only_pretends_to_speak_websocket_is_not_listened_to() {
    let listener = Listener::start().await;
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("ws://{}/channels/a", server.local_addr().unwrap());
    let pretender = tokio::spawn(async move {
        let (mut socket, _) = server.accept().await.unwrap();
        let mut request = [0; 4096];
        assert!(socket.read(&mut request).await.unwrap() > 0);
        let answer = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                      Sec-WebSocket-Accept: c29tZXRoaW5nIGVsc2U=\r\n\r\n";
        socket.write_all(answer.as_bytes()).await.unwrap();
        // Until the client has gone.
        while socket.read(&mut request).await.unwrap_or(0) > 0 {}
    });
    listener.stub.script(1, "POST", CHANNELS, Canned::json(200, json!({"id": "a", "connectUri": uri})));
    let failure = listener.subscribe(0, 1..=1).await.result.unwrap_err();
    assert!(failure.to_string().contains("does not speak WebSocket"), "{failure}");
    pretender.await.unwrap();
}

#[tokio::test]
async fn where_notifications_are_switched_off_nothing_is_asked() {
    let stub = Stub::start().await;
    let mut config = stub.config();
    config.notifications = false;
    let connected = stub.try_connect(config).await.unwrap();
    assert!(connected.feed_events.is_none());
    stub.forget();
    let answer = connected.clouds[0].subscribe(0, vec![user(1)]).await;
    assert!(matches!(answer.result, Err(Failure::Unsupported { .. })), "{answer:?}");
    assert_eq!((answer.requests, stub.all_seen().len()), (0, 0));
    connected.clouds[0].close().await;
}
