//! Metrics for Prometheus (`/metrics`): what the links measured, as they reported it last.
//!
//! Knows how it is asked for, in which of two formats, and what is taken from the board. Each family's name and meaning are
//! in `families`, how they are written in `exposition`. A scrape reads one report a link: it costs the same whether the
//! link has ten agents or 100,000, and nothing in it names an agent.

mod exposition;
mod families;
mod process;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use replicator::engine::Report;

use crate::accept;
use crate::board::{Board, LinkBoard};
use crate::health::{Seen, Signs};

/// The format that Prometheus prefers.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The format that everybody else understands.
const CLASSIC: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The address.
pub(crate) fn routes(board: Board, seen: Seen) -> Router {
    Router::new().route("/metrics", get(metrics)).with_state(Asked { board, seen })
}

#[derive(Clone)]
struct Asked {
    board: Board,
    seen: Seen,
}

async fn metrics(State(asked): State<Asked>, headers: HeaderMap) -> Response {
    let readings = readings(&asked.board.links(), &asked.seen.borrow());
    let Ok(text) = exposition::open_metrics(readings, process::usage()) else {
        // Writing into a text does not fail; should it, half of the metrics would be worse than none.
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    if accept::prefers(&headers, "application/openmetrics-text", "text/plain") {
        ([(CONTENT_TYPE, OPEN_METRICS)], text).into_response()
    } else {
        ([(CONTENT_TYPE, CLASSIC)], exposition::classic(&text)).into_response()
    }
}

/// What is measured of a link.
#[derive(Debug, Clone)]
struct Reading {
    name: Arc<str>,
    /// Its report, while it runs.
    report: Option<Arc<Report>>,
    /// The epoch of its journal.
    epoch: Option<u64>,
    /// How it looks from outside; `None` until it was looked at.
    signs: Option<Signs>,
}

fn readings(links: &[Arc<LinkBoard>], signs: &[Signs]) -> Vec<Reading> {
    let reading = |link: &Arc<LinkBoard>| Reading {
        name: Arc::clone(&link.name),
        report: link.report.clone().filter(|_| link.is_heard()),
        epoch: link.epoch,
        signs: signs.iter().find(|signs| signs.name == *link.name).cloned(),
    };
    links.iter().map(reading).collect()
}

#[cfg(test)]
mod tests;
