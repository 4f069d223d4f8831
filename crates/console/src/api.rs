//! The API for programs, version 1: all that the pages show, with the same words.
//!
//! Each route is declared once, together with its description: the router and the OpenAPI document are made of the same
//! list. Knows paths, parameters and problems; what is answered is the business of [`model`](crate::model) and
//! [`history`](crate::history).

mod agents;
mod asked;
mod days;
mod document;
mod links;
mod mappings;
mod orders;
mod paging;
mod problem;
mod refusals;
mod stream;
#[cfg(test)]
mod tests;
mod times;
mod users;

use axum::Router;
use axum::extract::Request;
use axum::http::Uri;
use axum::middleware::{Next, from_fn};
use axum::response::Response;

pub(crate) use problem::{Problem, place};

use crate::server::App;

/// Where the API is.
pub(crate) const PREFIX: &str = "/api/v1";

/// The routes.
pub(crate) fn router() -> Router<App> {
    let (router, _) = document::described().split_for_parts();
    Router::new().nest(PREFIX, router.layer(from_fn(whole_path)))
}

/// Nesting takes the prefix away from the path. Whoever looks at it, such as for links or for who is asking, needs all of it.
async fn whole_path(mut request: Request, next: Next) -> Response {
    let rest = request.uri().path_and_query().map_or("", |rest| rest.as_str());
    if let Ok(whole) = Uri::try_from(format!("{PREFIX}{rest}")) {
        *request.uri_mut() = whole;
    }
    next.run(request).await
}
