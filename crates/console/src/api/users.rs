//! Who in PureConnect is whom in Genesys Cloud.

use axum::Json;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};

use super::asked::{Asked, OfLink};
use super::days::csv;
use super::paging::Links;
use super::refusals;
use crate::accept::prefers;
use crate::access::Viewer;
use crate::board::LinkBoard;
use crate::model::{USER_COLUMNS, UserQuery, user_rows};
use crate::shown::spreadsheet;
use crate::{model, shown};

/// Users
///
/// A page of the users in scope: matched and not, why not, and what to do. Whoever would rather have `text/csv` gets all that
/// the filters find as a file.
#[utoipa::path(
    get, path = "/links/{link}/users", tag = "users", operation_id = "listUsers",
    params(("link" = String, Path, description = "The link's name."), UserQuery),
    responses(
        (status = 200, description = "A page of the users; or all of them as CSV.",
         content((shown::UserPage = "application/json"), (String = "text/csv")),
         headers(("Link" = String, description = "The first, previous, next and last page (RFC 8288)."))),
        refusals::Any, refusals::Named
    )
)]
pub(super) async fn list(
    uri: Uri,
    headers: HeaderMap,
    _: Viewer,
    OfLink(link): OfLink,
    Asked(query): Asked<UserQuery>,
) -> Response {
    if prefers(&headers, "text/csv", "application/json") {
        return file(&link, &query);
    }
    let page = model::users(&link, &query);
    (Links::new(&uri, &page.page), Json(page)).into_response()
}

/// Users as a file
///
/// The same as CSV (RFC 4180), for a spreadsheet; all that the filters find, without pages.
#[utoipa::path(
    get, path = "/links/{link}/users.csv", tag = "users", operation_id = "downloadUsers",
    params(("link" = String, Path, description = "The link's name."), UserQuery),
    responses(
        (status = 200, description = "The users, a row each.", content_type = "text/csv", body = String),
        refusals::Any, refusals::Named
    )
)]
pub(super) async fn table(_: Viewer, OfLink(link): OfLink, Asked(query): Asked<UserQuery>) -> Response {
    file(&link, &query)
}

fn file(link: &LinkBoard, query: &UserQuery) -> Response {
    csv(&format!("users-{}.csv", link.name), spreadsheet::csv(USER_COLUMNS, user_rows(link, query)))
}
