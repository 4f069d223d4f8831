//! What each status message means, and what one would mean.

use axum::Json;

use super::asked::{Asked, Nothing, OfLink, Said};
use super::problem::Problem;
use super::refusals;
use crate::access::Viewer;
use crate::{model, shown};

/// The mapping
///
/// Every status message of the system with its flags, the presence that it means and the rule that says so; the rules in
/// their order; what is probably not meant; and how many agents are in each now.
#[utoipa::path(
    get, path = "/links/{link}/mapping", tag = "mapping", operation_id = "getMapping",
    params(("link" = String, Path, description = "The link's name.")),
    responses(
        (status = 200, description = "The mapping.", body = shown::Mapping),
        refusals::Any, refusals::Named, refusals::Asking
    )
)]
pub(super) async fn all(_: Viewer, OfLink(link): OfLink, _: Asked<Nothing>) -> Result<Json<shown::Mapping>, Problem> {
    Ok(Json(model::mapping(&link).await?))
}

/// Try the mapping
///
/// What a status message would mean, one of the system's or one that does not exist yet. Nothing is changed by it.
#[utoipa::path(
    post, path = "/links/{link}/mapping/try", tag = "mapping", operation_id = "tryMapping",
    params(("link" = String, Path, description = "The link's name.")),
    request_body = shown::TryMapping,
    responses(
        (status = 200, description = "What it would mean, and why.", body = shown::Tried),
        (status = 413, description = "The body is too long.", content_type = "application/problem+json", body = Problem),
        (status = 415, description = "The body is not said to be JSON.", content_type = "application/problem+json",
         body = Problem),
        refusals::Any, refusals::Named, refusals::Asking
    )
)]
pub(super) async fn attempt(
    _: Viewer,
    OfLink(link): OfLink,
    _: Asked<Nothing>,
    Said(wanted): Said<shown::TryMapping>,
) -> Result<Json<shown::Tried>, Problem> {
    Ok(Json(model::try_mapping(&link, &wanted).await?))
}
