//! `/icws/{sid}/messaging/messages` by polling and by events, and the heartbeat.

use std::sync::Arc;

use axum::http::{Method, StatusCode};
use tokio::time::Instant;

use super::answer::{Answer, Body, OpenStream};
use super::request::Request;
use crate::icws::world::World;

pub(super) fn answer(world: &mut World, request: &Request, session: &str, words: &[&str]) -> Result<Answer, Answer> {
    match (words, &request.method) {
        (["messages"], &Method::GET) => Ok(messages(world, request, session)),
        (["messages"], _) => Err(Answer::wrong_verb("GET")),
        (["heartbeat"], &Method::POST) => Ok(Answer::empty(StatusCode::NO_CONTENT)),
        (["heartbeat"], _) => Err(Answer::wrong_verb("POST")),
        _ => Err(Answer::not_found()),
    }
}

/// One consumer: a new stream ends the old one, and a poll beside an open stream gets nothing.
fn messages(world: &mut World, request: &Request, id: &str) -> Answer {
    let silence = world.faults.silence;
    let Some(session) = world.sessions.get_mut(id) else {
        return Answer::not_found();
    };
    if request.wants_events() && world.setup.messaging_version >= 2 {
        let alive = Arc::new(());
        let (number, wake) = session.open_stream(&alive);
        let stream = OpenStream { number, alive, wake };
        return Answer::new(StatusCode::OK, Body::Events { session: id.to_owned(), stream });
    }
    let array = session.take_array(Instant::now(), silence);
    if world.faults.lost_polls > 0 {
        world.faults.lost_polls -= 1;
        return Answer::new(StatusCode::OK, Body::Broken);
    }
    Answer::new(StatusCode::OK, Body::Json(array))
}
