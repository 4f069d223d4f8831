//! Pages that say why there is no page.

use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use maud::{DOCTYPE, html};

use super::layout::{self, Here, Page};
use super::visit::Visit;
use crate::board::LinkBoard;

/// For whoever is not known: nothing of what the console shows.
pub(crate) fn bare(status: StatusCode, title: &str, words: &str) -> Response {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            (layout::head(&format!("{title} · Presence Bridge"), false))
            body class="lonely" {
                main id="main" class="sheet" {
                    p class="brand" { (layout::mark()) span { "Presence Bridge" } }
                    p class="status-code" { (status.as_u16()) }
                    h1 { (title) }
                    p { (words) }
                    p { a class="button" href="/" { "To the overview" } }
                }
            }
        }
    };
    (status, Html(page.into_string())).into_response()
}

/// For whoever was let in, with everything that is around a page.
pub(crate) fn within(
    visit: &Visit,
    link: Option<&LinkBoard>,
    status: StatusCode,
    title: &str,
    words: &str,
) -> Response {
    let body = html! {
        p class="lead" { (words) }
        p { a class="button" href="/" { "To the overview" } }
    };
    visit.page_with(status, &Page { title, here: Here::Elsewhere, link, crumbs: Vec::new(), body })
}
