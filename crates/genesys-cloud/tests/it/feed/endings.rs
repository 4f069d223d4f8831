//! How a channel ends, and how it goes on.

use replicator::ports::{Failure, Feed, FeedEvent};
use serde_json::json;

use super::{Listener, presence, topic};
use crate::stub::{Canned, user};

#[tokio::test]
async fn a_closed_socket_is_lost_and_opened_again_at_the_same_address() {
    let mut listener = Listener::subscribed().await;
    listener.stub.hang_up(0, 1001, "idle");
    assert_eq!(listener.lost().await, "the platform closed the connection (1001 idle)");
    let answer = listener.subscribe(0, 1..=1).await;
    assert_eq!((answer.result, answer.requests, listener.channels_made()), (Ok(()), 1, 0));
    listener.hears(1).await;
}

#[tokio::test]
async fn a_channel_that_another_connection_took_is_not_fought_over() {
    let mut listener = Listener::subscribed().await;
    listener.stub.hang_up(0, 1000, "another connection took this channel");
    assert!(listener.lost().await.contains("another connection"));
    let answer = listener.subscribe(0, 1..=1).await;
    assert_eq!((answer.result, answer.requests, listener.channels_made()), (Ok(()), 2, 1));
    listener.hears(1).await;
}

#[tokio::test]
async fn a_subscription_that_the_platform_ends_is_made_anew() {
    let mut listener = Listener::subscribed().await;
    let body = json!({"channelId": "streaming-1-planted-channel", "systemTopicType": "no_longer_subscribed",
        "reason": "another_channel_subscribed"});
    listener.stub.notify(0, "v2.system.no_longer_subscribed.streaming-1-planted-channel", body);
    assert!(listener.lost().await.contains("another_channel_subscribed"));
    listener.stub.until(|streaming| streaming.sockets[0].ended).await;
    assert_eq!(listener.subscribe(0, 1..=1).await.requests, 2);
    listener.hears(1).await;
}

#[tokio::test]
async fn a_revoked_token_ends_the_channel_and_a_new_one_is_had_with_a_new_token() {
    let mut listener = Listener::subscribed().await;
    listener.stub.change(|organisation| {
        organisation.valid_tokens.clear();
        organisation.streaming.channels.clear();
    });
    let body = json!({"channelId": "streaming-1-planted-channel", "systemTopicType": "token_revoked",
        "reason": "user_tokens_revoked"});
    listener.stub.notify(0, "v2.system.token_revoked.streaming-1-planted-channel", body);
    listener.stub.hang_up(0, 1000, "token revoked");
    assert_eq!(listener.lost().await, "the token was revoked: user_tokens_revoked", "and once");
    let answer = listener.subscribe(0, 1..=1).await;
    assert_eq!((answer.result, answer.requests), (Ok(()), 3), "refused, made and subscribed");
    assert_eq!(listener.stub.tokens_asked(), 1);
    listener.hears(1).await;
}

#[tokio::test]
async fn an_address_that_is_not_known_any_more_makes_a_new_channel() {
    for status in [401, 404] {
        let mut listener = Listener::subscribed().await;
        listener.stub.hang_up(0, 1001, "idle");
        listener.lost().await;
        listener.stub.script(1, "GET", "/channels/streaming-1-planted-channel", Canned::text(status, "text/plain", ""));
        let answer = listener.subscribe(0, 1..=1).await;
        assert_eq!((answer.result, answer.requests), (Ok(()), 2));
        listener.hears(1).await;
    }
}

#[tokio::test]
async fn when_the_server_goes_away_the_socket_moves_and_nothing_is_lost() {
    let mut listener = Listener::subscribed().await;
    listener.stub.notify(0, "v2.system.socket_closing", json!({"message": "The WebSocket is closing soon"}));
    listener.stub.until(|streaming| streaming.sockets.len() == 2).await;
    let channels = listener.stub.change(|organisation| {
        organisation.streaming.sockets.iter().map(|socket| socket.channel.clone()).collect::<Vec<_>>()
    });
    assert_eq!(channels[0], channels[1], "at the same address");
    // Said by the old one after the new one was open, and before it closes.
    listener.stub.notify(0, &topic(user(7), "presence"), presence("Busy"));
    listener.stub.hang_up(0, 1000, "another connection took this channel");
    match listener.next().await {
        FeedEvent::Shown(seen) => assert_eq!(seen.user, user(7)),
        lost @ FeedEvent::Lost { .. } => panic!("{lost:?}"),
    }
    listener.hears(1).await;
    assert_eq!(
        listener.stub.seen("PUT", "/api/v2/notifications/channels/streaming-1-planted-channel/subscriptions").len(),
        0
    );
}

#[tokio::test]
async fn a_socket_that_cannot_move_is_kept_to_its_end() {
    let mut listener = Listener::subscribed().await;
    listener.stub.script(1, "GET", "/channels/streaming-1-planted-channel", Canned::text(503, "text/plain", ""));
    listener.stub.notify(0, "v2.system.socket_closing", json!({}));
    listener.hears(0).await;
    assert_eq!(listener.sockets(), 1);
    listener.stub.hang_up(0, 1001, "gone");
    assert!(listener.lost().await.contains("1001"));
}

#[tokio::test]
async fn closing_says_goodbye_and_ends_everything() {
    let listener = Listener::subscribed().await;
    listener.cloud.close().await;
    listener.stub.until(|streaming| streaming.sockets[0].ended).await;
    let Listener { stub, cloud, mut events } = listener;
    let answer = cloud.subscribe(0, vec![user(1)]).await;
    assert!(matches!(answer.result, Err(Failure::Unavailable { maybe_applied: false, .. })), "{answer:?}");
    assert_eq!((answer.requests, stub.all_seen().len()), (0, 0));
    assert_eq!(events.recv().await, None, "nobody is left who could tell anything, and nothing was lost");
}

#[tokio::test]
async fn closing_does_not_wait_for_a_request_that_is_not_answered() {
    let listener = Listener::start().await;
    listener.stub.always("POST", super::CHANNELS, Canned::hanging());
    let cloud = listener.cloud.clone();
    let asked = tokio::spawn(async move { cloud.subscribe(0, vec![user(1)]).await });
    while listener.channels_made() == 0 {
        tokio::task::yield_now().await;
    }
    listener.cloud.close().await;
    assert!(matches!(asked.await.unwrap().result, Err(Failure::Unavailable { .. })));
}
