//! Whether the program is alive (`/livez`), and whether it is ready (`/readyz`).
//!
//! `vitals` looks at the links, `verdict` says what that means; here is how it is asked and answered. Both addresses are
//! open to everybody: an answer has names of links, and neither hosts, paths nor people.

mod verdict;
mod vitals;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

pub use self::vitals::{Counts, Phase, Pulse, Signs, Vitals};

use self::verdict::Verdict;
use crate::accept;

/// How often the links are looked at. Each renews its report four times a second.
const LOOK: Duration = Duration::from_secs(1);

/// How the links are, as they were seen last.
pub(crate) type Seen = watch::Receiver<Arc<[Signs]>>;

/// Looks at the links until the end. What it sees is for whoever holds the other end of `seen`.
pub(crate) async fn follow(mut vitals: Vitals, seen: watch::Sender<Arc<[Signs]>>, end: CancellationToken) {
    let mut looks = tokio::time::interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = end.cancelled() => return,
            _ = looks.tick() => drop(seen.send_replace(vitals.look(Instant::now()).into())),
        }
    }
}

/// The two addresses. From the moment that `stopping` is cancelled, the program is not ready.
pub(crate) fn routes(seen: Seen, stopping: CancellationToken) -> Router {
    let asked = Asked { seen, stopping };
    Router::new().route("/livez", get(livez)).route("/readyz", get(readyz)).with_state(asked)
}

#[derive(Clone)]
struct Asked {
    seen: Seen,
    stopping: CancellationToken,
}

async fn livez(State(asked): State<Asked>, headers: HeaderMap) -> Response {
    answer(&headers, &verdict::livez(&asked.seen.borrow()))
}

async fn readyz(State(asked): State<Asked>, headers: HeaderMap) -> Response {
    answer(&headers, &verdict::readyz(&asked.seen.borrow(), asked.stopping.is_cancelled()))
}

fn answer(headers: &HeaderMap, verdict: &Verdict) -> Response {
    let status = if verdict.ok { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    if accept::prefers(headers, "application/json", "text/plain") {
        (status, Json(verdict)).into_response()
    } else {
        (status, verdict.to_string()).into_response()
    }
}

#[cfg(test)]
mod tests;
