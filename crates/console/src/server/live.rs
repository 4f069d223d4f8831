//! `/live`: tells an open page that there is something else to see, at most once a second. What it is, the page asks for
//! itself, so that a page that was asleep has missed nothing.

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::Stream;
use serde::Deserialize;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, MissedTickBehavior};

use crate::access::{Caller, Viewer};
use crate::server::{App, problem};

/// Eyes do not follow more.
const APART: Duration = Duration::from_secs(1);

/// How long a browser may hear nothing. Also how soon a session's end is noticed.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// How long a browser waits before it comes again.
const RETRY: Duration = Duration::from_secs(2);

pub(super) fn router() -> Router<App> {
    Router::new().route("/live", get(live))
}

/// A place for one more stream, for as long as it is held; or what to answer where there is none.
#[expect(clippy::result_large_err, reason = "a refusal is the answer itself, and rare")]
pub(crate) fn stream_place(app: &App) -> Result<OwnedSemaphorePermit, Response> {
    app.streams.clone().try_acquire_owned().map_err(|_| {
        let mut response = problem(StatusCode::SERVICE_UNAVAILABLE, "too many pages follow what happens at the moment");
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("10"));
        response
    })
}

#[derive(Debug, Deserialize)]
struct Asked {
    /// The link that is looked at; all of them where it is missing.
    link: Option<String>,
    /// So many seconds between two changes, up to a minute; one where it is missing.
    apart: Option<u64>,
}

async fn live(State(app): State<App>, Viewer(caller): Viewer, Query(asked): Query<Asked>) -> Response {
    let link = asked.link.filter(|name| !name.is_empty());
    if link.as_deref().is_some_and(|name| app.board.link(name).is_none()) {
        return problem(StatusCode::NOT_FOUND, "there is no such link");
    }
    match stream_place(&app) {
        Ok(place) => {
            let apart = asked.apart.map_or(APART, |seconds| Duration::from_secs(seconds.clamp(1, 60)));
            Sse::new(events(app, caller, (link, apart), place)).into_response()
        }
        Err(response) => response,
    }
}

/// The revision of what is looked at.
fn revision(app: &App, link: Option<&str>) -> u64 {
    match link {
        Some(name) => app.board.link(name).map_or(0, |link| link.revision),
        None => app.board.links().iter().map(|link| link.revision).sum(),
    }
}

struct Following {
    app: App,
    caller: Caller,
    link: Option<String>,
    seen: u64,
    news: tokio::sync::watch::Receiver<u64>,
    /// So long between two changes.
    apart: Duration,
    /// Not before this.
    next: Instant,
    heartbeat: tokio::time::Interval,
    begun: bool,
    _place: OwnedSemaphorePermit,
}

fn events(
    app: App,
    caller: Caller,
    (link, apart): (Option<String>, Duration),
    place: OwnedSemaphorePermit,
) -> impl Stream<Item = Result<Event, Infallible>> {
    let mut heartbeat = tokio::time::interval(HEARTBEAT);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let news = app.board.watch();
    let seen = revision(&app, link.as_deref());
    let following = Following {
        app,
        caller,
        link,
        seen,
        news,
        apart,
        next: Instant::now(),
        heartbeat,
        begun: false,
        _place: place,
    };
    futures_util::stream::unfold(following, |mut following| async move {
        let event = following.next().await?;
        Some((Ok(event), following))
    })
}

impl Following {
    /// The next event; `None` at the end: of the program, of the session, of the board.
    async fn next(&mut self) -> Option<Event> {
        if !self.begun {
            self.begun = true;
            return Some(Event::default().comment("connected").retry(RETRY));
        }
        loop {
            tokio::select! {
                biased;
                () = self.app.shutdown.cancelled() => return None,
                _ = self.heartbeat.tick() => {
                    return self.app.door.still_knows(&self.caller).then(|| Event::default().comment("still here"));
                }
                changed = wait(&mut self.news, self.next) => {
                    changed?;
                    let revision = revision(&self.app, self.link.as_deref());
                    if revision != self.seen {
                        self.seen = revision;
                        self.next = Instant::now() + self.apart;
                        return Some(Event::default().event("changed").data(revision.to_string()));
                    }
                }
            }
        }
    }
}

/// Until there are news, and not before the time. May be given up and begun again.
async fn wait(news: &mut tokio::sync::watch::Receiver<u64>, next: Instant) -> Option<()> {
    tokio::time::sleep_until(next).await;
    news.changed().await.ok()
}
