//! Links: how they stand, how long changes took, their health, and when not to rely on them.

use axum::Json;
use axum::extract::State;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use super::asked::{Asked, Nothing, OfLink};
use super::problem::Problem;
use super::refusals;
use super::times::{Times, Usual};
use crate::access::Viewer;
use crate::server::App;
use crate::{history, model, shown};

/// Trust intervals are few: years of them may be asked for.
const LONGEST: SignedDuration = SignedDuration::from_hours(10 * 366 * 24);

/// A week, where nothing is said.
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// All links
///
/// In the order of the configuration, with their alarms.
#[utoipa::path(
    get, path = "/links", tag = "links", operation_id = "listLinks",
    responses((status = 200, description = "The links.", body = [shown::Link]), refusals::Any)
)]
pub(super) async fn list(State(app): State<App>, _: Viewer, _: Asked<Nothing>) -> Json<Vec<shown::Link>> {
    Json(model::links(&app.board))
}

/// A link
///
/// How it stands: both connections, mode and delivery, agents in step and not, budget, counts, alarms.
#[utoipa::path(
    get, path = "/links/{link}", tag = "links", operation_id = "getLink",
    params(("link" = String, Path, description = "The link's name.")),
    responses((status = 200, description = "The link.", body = shown::Link), refusals::Any, refusals::Named)
)]
pub(super) async fn one(_: Viewer, OfLink(link): OfLink, _: Asked<Nothing>) -> Json<shown::Link> {
    Json(model::link(&link))
}

/// Delays
///
/// How long changes took in the last day of the link's time, minute by minute.
#[utoipa::path(
    get, path = "/links/{link}/delays", tag = "links", operation_id = "getDelays",
    params(("link" = String, Path, description = "The link's name.")),
    responses((status = 200, description = "The delays.", body = shown::DelaySeries), refusals::Any, refusals::Named)
)]
pub(super) async fn delays(_: Viewer, OfLink(link): OfLink, _: Asked<Nothing>) -> Json<shown::DelaySeries> {
    Json(model::delays(&link))
}

/// Health
///
/// Connections, tokens, budget, the journal, and what went wrong in the last day of the link's time. A link that does not
/// run and a journal that cannot be read have an answer, too.
#[utoipa::path(
    get, path = "/links/{link}/health", tag = "links", operation_id = "getHealth",
    params(("link" = String, Path, description = "The link's name.")),
    responses((status = 200, description = "The health.", body = shown::Health), refusals::Any, refusals::Named)
)]
pub(super) async fn health(_: Viewer, OfLink(link): OfLink, _: Asked<Nothing>) -> Json<shown::Health> {
    Json(history::health(&link).await)
}

/// When not to rely on a link.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TrustIntervals {
    /// The first time of the period.
    from: Timestamp,
    /// The first time after it.
    until: Timestamp,
    /// The intervals that reach into it, oldest first.
    intervals: Vec<shown::Interval>,
}

/// Trust intervals
///
/// When Genesys Cloud may not have shown what PureConnect showed, and why. Where there is none, every minute is to be relied
/// on. Without a period: the last seven days of the link's time.
#[utoipa::path(
    get, path = "/links/{link}/trust-intervals", tag = "links", operation_id = "listTrustIntervals",
    params(("link" = String, Path, description = "The link's name."), Times),
    responses(
        (status = 200, description = "The intervals.", body = TrustIntervals),
        refusals::Any, refusals::Named, refusals::Asking
    )
)]
pub(super) async fn trust_intervals(
    _: Viewer,
    OfLink(link): OfLink,
    Asked(times): Asked<Times>,
) -> Result<Json<TrustIntervals>, Problem> {
    let period = times.period(&link, Usual::Last(WEEK), LONGEST).await?;
    let intervals = history::intervals(&link, period).await?;
    Ok(Json(TrustIntervals { from: period.from, until: period.until, intervals }))
}
