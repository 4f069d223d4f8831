//! The stream of changes: it begins, tells every change once, is never silent for long, and ends in good order.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use domain::ids::AgentId;
use futures_util::StreamExt;
use replicator::engine::Standings;
use serde_json::Value;

use super::document::Document;
use super::stage::Stage;
use crate::house::ask;
use crate::samples;

/// An event as a client reads it.
#[derive(Debug, Default, PartialEq)]
struct Read {
    event: String,
    id: String,
    retry: String,
    data: Value,
    comment: String,
}

struct Stream(BodyDataStream);

impl Stream {
    async fn of(stage: &Stage, query: &str) -> Self {
        let asked = ask(&format!("/api/v1/links/main/stream{query}"));
        let response = stage.house.begin(asked.body(Body::empty()).unwrap()).await;
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self(response.into_body().into_data_stream())
    }

    /// The next event; `None` at the end.
    async fn next(&mut self) -> Option<Read> {
        let bytes = self.0.next().await?.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let mut read = Read::default();
        for line in text.lines().filter(|line| !line.is_empty()) {
            let (field, value) = line.split_once(':').unwrap();
            let value = value.trim_start().to_owned();
            match field {
                "event" => read.event = value,
                "id" => read.id = value,
                "retry" => read.retry = value,
                "data" => read.data = serde_json::from_str(&value).unwrap(),
                "" => read.comment = value,
                _ => panic!("{line}"),
            }
        }
        Some(read)
    }
}

async fn tell(stage: &Stage, standings: Standings) {
    stage.house.hands[0].standings.send(standings).await.unwrap();
}

#[tokio::test]
async fn a_stream_begins_and_then_tells_every_change() {
    let stage = Stage::new().await;
    let mut stream = Stream::of(&stage, "").await;
    let begin = stream.next().await.unwrap();
    assert_eq!((begin.event.as_str(), begin.retry.as_str()), ("begin", "2000"));
    assert_eq!(begin.data["read"], "/api/v1/links/main/agents");
    // The list that is read now has all that came before.
    let list: Value = serde_json::from_str(&stage.get("/api/v1/links/main/agents").await.text).unwrap();
    assert_eq!(list["page"]["total"], 4);

    let agents = vec![samples::at_lunch("joe", "2026-11-23T07:59:00Z"), samples::agent("mia")];
    tell(&stage, Standings { agents, gone: vec![AgentId::new("kim")], ..Standings::default() }).await;
    let (joe, mia, kim) = (stream.next().await.unwrap(), stream.next().await.unwrap(), stream.next().await.unwrap());
    assert_eq!((joe.event.as_str(), &joe.data["agent"]), ("agent", &"joe".into()));
    assert_eq!((mia.event.as_str(), &mia.data["agent"]), ("agent", &"mia".into()));
    assert_eq!((kim.event.as_str(), &kim.data["agent"]), ("gone", &"kim".into()));
    assert_eq!(joe.data["wanted"]["presence"], "Meal");
    Document::new().check_shape("Agent", &joe.data);
    let ids = [&begin.id, &joe.id, &mia.id, &kim.id];
    assert!(ids.iter().enumerate().all(|(place, id)| !id.is_empty() && !ids[..place].contains(id)), "{ids:?}");
}

#[tokio::test]
async fn a_link_that_begins_anew_says_so_first() {
    let stage = Stage::new().await;
    let mut stream = Stream::of(&stage, "").await;
    assert_eq!(stream.next().await.unwrap().event, "begin");
    tell(&stage, Standings { anew: true, agents: vec![samples::agent("mia")], ..Standings::default() }).await;
    assert_eq!(stream.next().await.unwrap().event, "anew");
    assert_eq!(stream.next().await.unwrap().data["agent"], "mia");
}

#[tokio::test]
async fn whoever_follows_one_agent_hears_of_nobody_else() {
    let stage = Stage::new().await;
    let mut stream = Stream::of(&stage, "?agent=MIA").await;
    assert_eq!(stream.next().await.unwrap().event, "begin");
    tell(&stage, Standings { agents: vec![samples::agent("joe")], ..Standings::default() }).await;
    let agents = vec![samples::agent("ann"), samples::agent("mia"), samples::agent("zoe")];
    tell(&stage, Standings { agents, gone: vec![AgentId::new("joe")], ..Standings::default() }).await;
    assert_eq!(stream.next().await.unwrap().data["agent"], "mia");
    tell(&stage, Standings { gone: vec![AgentId::new("mia")], ..Standings::default() }).await;
    assert_eq!(stream.next().await.unwrap().event, "gone");
}

#[tokio::test(start_paused = true)]
async fn a_quiet_stream_is_heard_of_every_fifteen_seconds() {
    let stage = Stage::new().await;
    let mut stream = Stream::of(&stage, "").await;
    assert_eq!(stream.next().await.unwrap().event, "begin");
    for _ in 0..3 {
        let asked = tokio::time::Instant::now();
        assert_eq!(stream.next().await.unwrap().comment, "still here");
        assert!(asked.elapsed() <= Duration::from_secs(15), "{:?}", asked.elapsed());
    }
}

#[tokio::test]
async fn streams_end_with_the_program() {
    let stage = Stage::new().await;
    let mut stream = Stream::of(&stage, "").await;
    assert_eq!(stream.next().await.unwrap().event, "begin");
    stage.house.stop.cancel();
    assert_eq!(stream.next().await, None);
}

#[tokio::test]
async fn no_more_streams_are_open_than_there_are_places_for() {
    let stage = Stage::new().await;
    let all = u32::try_from(stage.house.app.streams.available_permits()).unwrap();
    let places = stage.house.app.streams.clone().acquire_many_owned(all).await.unwrap();
    let answer = stage.get("/api/v1/links/main/stream").await;
    Document::new().check("get", "/api/v1/links/main/stream", &answer);
    assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (503, "10"));
    drop(places);
    assert_eq!(Stream::of(&stage, "").await.next().await.unwrap().event, "begin");
}
