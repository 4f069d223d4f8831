//! A browser's request for a page: who asks, in which zone they live, whether the whole page is wanted or what is in it.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{StatusCode, Uri};
use axum::response::{Html, IntoResponse, Response};
use jiff::tz::TimeZone;
use percent_encoding::percent_decode_str;

use super::layout::{self, Page};
use super::words::Clock;
use crate::access::{self, Caller, Role, Viewer};
use crate::board::{Board, LinkBoard};
use crate::server::App;

/// What a page is made for.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    app: App,
    caller: Caller,
    zone: TimeZone,
    /// Whether only what is in the page is asked for.
    fragment: bool,
    uri: Uri,
}

impl FromRequestParts<App> for Visit {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let Viewer(caller) = Viewer::from_request_parts(parts, app).await?;
        Ok(Self {
            app: app.clone(),
            caller,
            zone: zone(parts).unwrap_or(TimeZone::UTC),
            fragment: parts.headers.get("x-fragment").is_some_and(|value| value == "main"),
            uri: parts.uri.clone(),
        })
    }
}

/// The zone that the browser said it is in. One that the system does not know is no reason to show nothing.
fn zone(parts: &Parts) -> Option<TimeZone> {
    let name = percent_decode_str(access::cookie(&parts.headers, "zone")?).decode_utf8().ok()?;
    TimeZone::get(&name).ok()
}

impl Visit {
    pub(crate) fn app(&self) -> &App {
        &self.app
    }

    pub(crate) fn board(&self) -> &Board {
        &self.app.board
    }

    pub(crate) fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Whether whoever asks may confirm and resync.
    pub(crate) fn is_admin(&self) -> bool {
        self.caller.role == Role::Admin
    }

    /// Where times are.
    pub(crate) fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The path with its query, as it was asked for.
    pub(crate) fn here(&self) -> &str {
        self.uri.path_and_query().map_or("/", |here| here.as_str())
    }

    /// The viewer's clock on a page of this link.
    pub(crate) fn clock(&self, link: &LinkBoard) -> Clock {
        Clock::new(self.zone.clone(), link.at())
    }

    /// A page, or what is in it.
    pub(crate) fn page(&self, page: &Page<'_>) -> Response {
        self.page_with(StatusCode::OK, page)
    }

    /// With another status.
    pub(crate) fn page_with(&self, status: StatusCode, page: &Page<'_>) -> Response {
        let markup = if self.fragment { layout::main(self, page) } else { layout::document(self, page) };
        (status, Html(markup.into_string())).into_response()
    }

    /// Where there is no link with the name.
    pub(crate) fn no_such_link(&self, name: &str) -> Response {
        let words = format!("The configuration has no link with the name {name}.");
        super::error::within(self, None, StatusCode::NOT_FOUND, "There is no such link", &words)
    }
}
