//! Trouble below HTTP, slow answers, load, and the end.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use simulator::cloud::{Effect, Options, Stopped};
use simulator::population::people;
use uuid::Uuid;

use crate::support::{BUSY, Cloud, MEAL, http, options};

fn presence(cloud: &Cloud) -> (Method, String, Option<serde_json::Value>) {
    let path = format!("/api/v2/users/{}/presences/purecloud", cloud.users[0]);
    (Method::PATCH, path, Some(json!({"presenceDefinition": {"id": BUSY}})))
}

#[tokio::test]
async fn a_connection_can_break_before_or_after_the_request_is_applied() {
    let cloud = Cloud::start().await;
    for (effect, system) in [(Effect::Drop, "Offline"), (Effect::DropAfter, "Busy")] {
        cloud.fault(effect, None, 1).await;
        let (method, path, body) = presence(&cloud);
        let broken = cloud.try_send(method, &path, body).await.unwrap_err();
        assert!(broken.is_request(), "{broken:?}");
        assert_eq!(cloud.truth().await.users[&cloud.users[0]].presence.system, system);
    }
    assert_eq!(cloud.get("/api/v2/systempresences").await.status, 200);
}

#[tokio::test]
async fn answers_can_be_broken_in_several_ways() {
    let cloud = Cloud::start().await;
    let path = "/api/v2/systempresences";
    cloud.fault(Effect::Malformed, None, 1).await;
    let malformed = cloud.try_send(Method::GET, path, None).await.unwrap();
    assert!(malformed.status == 200 && malformed.body.is_string(), "not JSON");
    cloud.fault(Effect::Truncated, None, 1).await;
    assert!(cloud.try_send(Method::GET, path, None).await.is_err());
    cloud.fault(Effect::Oversized { bytes: 3_000_000 }, None, 1).await;
    let oversized = cloud.try_send(Method::GET, path, None).await.unwrap();
    assert_eq!(oversized.body["padding"].as_str().map(|text| text.len() + 14), Some(3_000_000));
}

#[tokio::test]
async fn answers_can_be_late() {
    let cloud = Cloud::start().await;
    for effect in
        [Effect::Delay { milliseconds: 50 }, Effect::Hold { milliseconds: 50 }, Effect::Trickle { milliseconds: 50 }]
    {
        cloud.fault(effect, None, 1).await;
        let began = Instant::now();
        assert_eq!(cloud.get("/api/v2/systempresences").await.status, 200);
        assert!(began.elapsed() >= Duration::from_millis(50));
    }
}

#[tokio::test]
async fn a_request_can_be_applied_after_its_client_gave_up() {
    let cloud = Cloud::start().await;
    cloud.fault(Effect::Hold { milliseconds: 1000 }, None, 1).await;
    let (method, path, body) = presence(&cloud);
    let request = cloud.http.request(method, format!("{}{path}", cloud.server.url())).bearer_auth(&cloud.token);
    let gave_up = request.json(&body).timeout(Duration::from_millis(50)).send().await.unwrap_err();
    assert!(gave_up.is_timeout());
    assert_eq!(cloud.truth().await.users[&cloud.users[0]].presence.system, "Offline");
    let (method, path, body) = presence(&cloud);
    let conflict = cloud.send(method, &path, body).await;
    assert_eq!((conflict.status, conflict.code()), (409, "presenceservice.conflict"), "the first one still runs");
    cloud.until(|truth| truth.users[&cloud.users[0]].presence.system == "Busy").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_thousand_users_and_six_hundred_requests_a_second_are_no_trouble() {
    let options = Options { people: people(5000, 1), rate: 1_000_000, ..options() };
    let cloud = Cloud::start_with(options).await;
    let source = cloud.claim().await;
    let batches: Vec<_> = cloud.users.chunks(100).collect();
    let began = Instant::now();
    let mut requests = 0;
    for round in 0..6_u128 {
        let at = format!("2026-03-02T08:00:1{round}Z");
        let bodies = batches.iter().map(|users| {
            let events: Vec<_> = users
                .iter()
                .map(|user| {
                    let id = Uuid::from_u128(user.as_u128() ^ round);
                    json!({
                        "eventId": id,
                        "eventDateTime": at,
                        "userId": user,
                        "sourceId": source,
                        "presenceDefinitionId": MEAL,
                    })
                })
                .collect();
            json!({"userPresenceEvents": events})
        });
        let sent = bodies.map(|body| cloud.try_send(Method::POST, "/api/v2/events/users/presence", Some(body)));
        for answer in join_all(sent).await {
            assert_eq!(answer.unwrap().body["errors"], json!([]));
            requests += 1;
        }
        let reads = (0..50).map(|_| cloud.try_send(Method::GET, "/api/v2/systempresences", None));
        requests += join_all(reads)
            .await
            .into_iter()
            .filter(|answer| answer.as_ref().is_ok_and(|answer| answer.status == 200))
            .count();
    }
    let took = began.elapsed();
    println!("{requests} requests, half of them with 100 events each, took {took:?}");
    assert_eq!(requests, 600);
    let truth = cloud.truth().await;
    assert_eq!(truth.events.len(), 30_000);
    assert!(truth.users.values().filter(|user| user.presence.system == "Meal").count() == 5000);
}

#[tokio::test]
async fn a_stopped_server_is_gone_even_while_a_client_waits() {
    let cloud = Cloud::start().await;
    let (org, url) = (cloud.org(), cloud.server.url());
    cloud.fault(Effect::Delay { milliseconds: 600_000 }, None, 1).await;
    let request = cloud.http.get(format!("{url}/api/v2/systempresences")).bearer_auth(&cloud.token);
    let waiting = tokio::spawn(request.send());
    cloud.until(|truth| truth.requests.contains_key("GET /api/v2/systempresences")).await;
    cloud.server.stop().await;
    assert!(waiting.await.unwrap().is_err());
    assert_eq!(org.truth().await.unwrap_err(), Stopped);
    assert!(http().get(url).send().await.unwrap_err().is_connect());
}
