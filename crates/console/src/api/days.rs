//! What an agent did: a day, and the changes of a period.

use axum::Json;
use axum::http::{HeaderMap, Uri, header};
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::asked::{Asked, OfAgent};
use super::paging::{Links, page_of, part};
use super::problem::Problem;
use super::times::{LONGEST, Times, Usual};
use super::{agents, refusals};
use crate::accept::prefers;
use crate::access::Viewer;
use crate::board::LinkBoard;
use crate::history::Period;
use crate::{history, shown};

/// A day, where nothing is said.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A day of an agent
///
/// What Genesys Cloud should have shown and what it was told, as bands; where the two differed; every change; and the trust
/// intervals. Without a period: the day that it is, by the link's time. At most 31 days.
#[utoipa::path(
    get, path = "/links/{link}/agents/{agent}/day", tag = "agents", operation_id = "getDay",
    params(
        ("link" = String, Path, description = "The link's name."),
        ("agent" = String, Path, description = "The PureConnect user id, in any case."),
        Times
    ),
    responses(
        (status = 200, description = "The day.", body = shown::Day),
        refusals::Any, refusals::Named, refusals::Asking
    )
)]
pub(super) async fn day(
    _: Viewer,
    OfAgent(link, agent): OfAgent,
    Asked(times): Asked<Times>,
) -> Result<Json<shown::Day>, Problem> {
    let period = times.period(&link, Usual::Today, LONGEST).await?;
    let day = history::day(&link, &agent, period).await?;
    if day.known || link.agent(&agent).is_some() { Ok(Json(day)) } else { Err(agents::unknown(&link, agent.as_str())) }
}

/// Which changes of an agent.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct ChangeQuery {
    /// The first time in the period, such as `2026-11-23T08:00:00+01:00`.
    #[param(format = DateTime)]
    from: Option<String>,
    /// The first time after it.
    #[param(format = DateTime)]
    until: Option<String>,
    /// A day instead, from midnight to midnight, such as `2026-11-23`.
    #[param(format = Date)]
    day: Option<String>,
    /// The zone of the day, such as `Europe/Berlin`; UTC where nothing is said.
    zone: Option<String>,
    /// Those of one facet.
    #[param(inline)]
    facet: Option<shown::Facet>,
    /// Those of which this became.
    #[param(inline)]
    disposition: Option<shown::Disposition>,
    /// Which page, from 1.
    #[param(minimum = 1)]
    page: Option<u64>,
    /// How many on a page: 100 where nothing is asked for, 500 at most. A file has all of them.
    #[param(minimum = 1)]
    limit: Option<u64>,
}

/// A page of the changes of an agent.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ChangePage {
    /// The first time of the period.
    from: Timestamp,
    /// The first time after it.
    until: Timestamp,
    /// Where the page is.
    page: shown::PageOf,
    /// The changes, in the order in which they happened.
    changes: Vec<shown::Change>,
}

/// The changes that were asked for.
struct Found {
    period: Period,
    total: u64,
    changes: Vec<shown::Change>,
}

/// Changes of an agent
///
/// Every change that happened in a period, with source time, seen, recorded, sent, accepted, delay, rule, attempts and
/// correlation id. Without a period: the last 24 hours of the link's time. At most 31 days. Whoever would rather have
/// `text/csv` gets all of them as a file.
#[utoipa::path(
    get, path = "/links/{link}/agents/{agent}/changes", tag = "agents", operation_id = "listChanges",
    params(
        ("link" = String, Path, description = "The link's name."),
        ("agent" = String, Path, description = "The PureConnect user id, in any case."),
        ChangeQuery
    ),
    responses(
        (status = 200, description = "A page of the changes; or all of them as CSV.",
         content((ChangePage = "application/json"), (String = "text/csv")),
         headers(("Link" = String, description = "The first, previous, next and last page (RFC 8288)."))),
        refusals::Any, refusals::Named, refusals::Asking
    )
)]
pub(super) async fn changes(
    uri: Uri,
    headers: HeaderMap,
    _: Viewer,
    OfAgent(link, agent): OfAgent,
    Asked(query): Asked<ChangeQuery>,
) -> Result<Response, Problem> {
    let found = find(&link, &agent, &query).await?;
    if prefers(&headers, "text/csv", "application/json") {
        return Ok(file(agent.as_str(), &found));
    }
    let Found { period: Period { from, until }, total, changes } = found;
    let page = page_of(query.limit, query.page, changes.len() as u64, total);
    let links = Links::new(&uri, &page);
    Ok((links, Json(ChangePage { from, until, changes: part(changes, &page), page })).into_response())
}

/// Changes of an agent as a file
///
/// The same as CSV (RFC 4180), for a spreadsheet; all of them, without pages.
#[utoipa::path(
    get, path = "/links/{link}/agents/{agent}/changes.csv", tag = "agents", operation_id = "downloadChanges",
    params(
        ("link" = String, Path, description = "The link's name."),
        ("agent" = String, Path, description = "The PureConnect user id, in any case."),
        ChangeQuery
    ),
    responses(
        (status = 200, description = "The changes, a row each.", content_type = "text/csv", body = String),
        refusals::Any, refusals::Named, refusals::Asking
    )
)]
pub(super) async fn changes_csv(
    _: Viewer,
    OfAgent(link, agent): OfAgent,
    Asked(query): Asked<ChangeQuery>,
) -> Result<Response, Problem> {
    Ok(file(agent.as_str(), &find(&link, &agent, &query).await?))
}

async fn find(link: &LinkBoard, agent: &domain::ids::AgentId, query: &ChangeQuery) -> Result<Found, Problem> {
    let ChangeQuery { from, until, day, zone, facet, disposition, page: _, limit: _ } = query.clone();
    let period = Times { from, until, day, zone }.period(link, Usual::Last(DAY), LONGEST).await?;
    let history::Changes { known, mut changes } = history::changes(link, agent, period).await?;
    if !known && link.agent(agent).is_none() {
        return Err(agents::unknown(link, agent.as_str()));
    }
    let total = changes.len() as u64;
    changes.retain(|change| facet.is_none_or(|facet| change.facet == facet));
    changes.retain(|change| disposition.is_none_or(|disposition| change.disposition == disposition));
    Ok(Found { period, total, changes })
}

fn file(agent: &str, found: &Found) -> Response {
    csv(&format!("changes-{agent}.csv"), history::csv(&found.changes))
}

/// A table as a file of this name.
pub(super) fn csv(name: &str, table: String) -> Response {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() || "-_.".contains(letter) { letter } else { '_' };
    let name: String = name.chars().map(plain).collect();
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    (headers, table).into_response()
}
