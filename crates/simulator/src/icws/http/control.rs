//! The control API under `/_simulator/` on ICWS's own socket: JSON, no logon, no part of ICWS.
//!
//! | request | does |
//! |---|---|
//! | `GET /_simulator/truth?since=n` | [`Truth`](crate::icws::Truth): every agent now, changes from number `n` on, `next` to ask for next |
//! | `POST /_simulator/act` | one [`Action`] or a list that happens in one moment, `{"act":"status","user":"ada","status":"At Lunch"}`; 400 says why not |
//! | `POST /_simulator/faults` | one [`Fault`], `{"fault":"status","status":503,"requests":2}`; `{"fault":"heal"}` ends them |
//! | `GET /_simulator/clock` | the simulated time and how fast it goes: `{"utc":…, "speed":120}` |
//! | `GET /_simulator/requests?since=n` | ICWS requests so far: `{"requests":[{"sequence","at","method","path","status"}],"next"}` |
//! | `GET /_simulator/sessions` | open sessions: `{"sessions":[{"sessionId","userId","applicationName","streaming"}]}` |
//!
//! Acts: `status`, `log-on`, `log-off`, `offer`, `alert`, `dial`, `answer`, `hold`, `resume`, `disconnect`, `transfer`,
//! `leave`, `remove`, `add-user`, `remove-user`, `change-email`, `status-message`, `remove-status-message`, `activate`,
//! `membership`, `rights` (the ones withheld, by the names of [`Right`](crate::icws::Right)), `workforce-licence`, `release`.
//! Faults: `drop`, `delay`, `kill-session`, `switchover`, `status`, `lost-poll`, `malformed`, `oversized`,
//! `unknown-type`, `message`, `silence`, `empty-snapshot`, `short-snapshot`, `logouts`, `faulted-subscription`, `heal`.

use axum::http::{Method, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::answer::Answer;
use super::request::Request;
use crate::icws::world::World;
use crate::icws::world::action::Action;
use crate::icws::world::fault::Fault;

pub(super) fn answer(world: &mut World, request: &Request) -> Result<Answer, Answer> {
    let words: Vec<&str> = request.segments.iter().skip(1).map(String::as_str).collect();
    let since = request.query("since").and_then(|since| since.parse().ok()).unwrap_or(0);
    match (words.as_slice(), &request.method) {
        (["truth"], &Method::GET) => match serde_json::to_value(world.truth(since)) {
            Ok(truth) => Ok(Answer::ok(&truth)),
            Err(error) => Err(bad(&error.to_string())),
        },
        (["clock"], &Method::GET) => Ok(Answer::ok(&world.clock.tell())),
        (["requests"], &Method::GET) => {
            let requests = world.requests_since(since);
            let next = requests.last().map_or(since, |last| last.sequence + 1);
            Ok(Answer::ok(&json!({"requests": requests, "next": next})))
        }
        (["sessions"], &Method::GET) => {
            let open = world.sessions.iter().filter(|(_, session)| session.ended().is_none());
            let sessions: Vec<_> = open
                .map(|(id, session)| {
                    json!({"sessionId": id, "userId": session.user.as_str(),
                        "applicationName": session.application, "streaming": session.has_stream()})
                })
                .collect();
            Ok(Answer::ok(&json!({"sessions": sessions})))
        }
        (["faults"], &Method::POST) => {
            world.inject(parse::<Fault>(request.body())?);
            Ok(Answer::empty(StatusCode::NO_CONTENT))
        }
        (["act"], &Method::POST) => {
            let several = parse::<Value>(request.body())?.is_array();
            let actions = if several { parse(request.body())? } else { vec![parse::<Action>(request.body())?] };
            world.act_together(actions).map_err(|error| bad(&error.to_string()))?;
            Ok(Answer::empty(StatusCode::NO_CONTENT))
        }
        (["truth" | "clock" | "requests" | "sessions"], _) => Err(Answer::wrong_verb("GET")),
        (["faults" | "act"], _) => Err(Answer::wrong_verb("POST")),
        _ => Err(Answer::not_found()),
    }
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Answer> {
    serde_json::from_slice(body).map_err(|error| bad(&error.to_string()))
}

fn bad(message: &str) -> Answer {
    Answer::error(StatusCode::BAD_REQUEST, None, None, message)
}
