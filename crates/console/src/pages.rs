//! The console's pages, made on the server. They show what [`model`](crate::model) and [`history`](crate::history) give, and
//! do nothing but what an administrator orders.

mod agent;
mod agents;
pub(crate) mod error;
mod health;
mod layout;
pub(crate) mod login;
mod mapping;
mod overview;
mod sheet;
#[cfg(test)]
mod tests;
mod users;
mod visit;
mod words;

use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};

pub(crate) use layout::{duration, milliseconds};
pub(crate) use visit::Visit;

use crate::server::App;

/// The routes.
pub(crate) fn router() -> Router<App> {
    let short = |place: &'static str| get(move |visit: Visit| to_the_first_link(visit, place));
    Router::new()
        .route("/", get(overview::show))
        .route(
            "/links/{link}",
            get(|Path(link): Path<String>| async move { Redirect::to(&layout::href(&["links", &link, "agents"])) }),
        )
        .route("/links/{link}/agents", get(agents::show))
        .route("/links/{link}/confirm", post(overview::confirm))
        .merge(agent::router())
        .merge(mapping::router())
        .merge(users::router())
        .merge(health::router())
        .route("/agents", short("agents"))
        .route("/mapping", short("mapping"))
        .route("/users", short("users"))
        .route("/health", short("health"))
}

/// For whoever knows a page and does not care for the link: the first.
async fn to_the_first_link(visit: Visit, place: &'static str) -> Response {
    match visit.board().links().first() {
        Some(link) => Redirect::to(&layout::href(&["links", &link.name, place])).into_response(),
        None => Redirect::to("/").into_response(),
    }
}
