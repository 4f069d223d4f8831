//! What is answered where there is nothing to show: to a program a problem (RFC 9457), to a browser a page.

use std::any::Any;
use std::panic::AssertUnwindSafe;

use axum::extract::Request;
use axum::http::{Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;

use crate::api::Problem;
use crate::pages::error;

/// A problem in the words of RFC 9457; the title is that of the status.
pub(crate) fn problem(status: StatusCode, detail: &str) -> Response {
    Problem::of(status, detail).into_response()
}

pub(super) async fn not_found(uri: Uri) -> Response {
    let words = format!("There is nothing at {}.", uri.path());
    answer(&uri, StatusCode::NOT_FOUND, "There is no such page", &words)
}

pub(super) async fn method_not_allowed(method: Method, uri: Uri) -> Response {
    let words = format!("{} does not take {method}.", uri.path());
    answer(&uri, StatusCode::METHOD_NOT_ALLOWED, "This cannot be done here", &words)
}

/// A mistake of ours ends one answer and nothing else.
pub(super) async fn instead_of_a_panic(request: Request, next: Next) -> Response {
    let uri = request.uri().clone();
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(panic) => {
            tracing::error!(
                path = uri.path(),
                panic = words_of(panic.as_ref()),
                "a request of the console failed by a mistake"
            );
            let words = "The bridge has made a mistake, which is in its log. Replication is not affected.";
            answer(&uri, StatusCode::INTERNAL_SERVER_ERROR, "This page could not be made", words)
        }
    }
}

fn answer(uri: &Uri, status: StatusCode, title: &str, words: &str) -> Response {
    let path = uri.path();
    if path == "/api" || path.starts_with("/api/") || path == "/metrics" {
        problem(status, words)
    } else {
        error::bare(status, title, words).into_response()
    }
}

fn words_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no words")
}
