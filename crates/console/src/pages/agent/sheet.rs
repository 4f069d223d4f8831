//! The changes of a day for a spreadsheet. Times are UTC.

use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;

use super::asked::{Asked, Fields};
use super::day::Known;
use crate::pages::layout;
use crate::pages::sheet;
use crate::pages::{Visit, error};
use crate::shown::{Change, Facet, spreadsheet};

/// The columns. They are only ever added, at the end.
const COLUMNS: [&str; 18] = [
    "change_id",
    "agent",
    "facet",
    "from",
    "to",
    "status_id",
    "status_text",
    "rule",
    "happened",
    "seen",
    "recorded",
    "sent",
    "accepted",
    "delay_ms",
    "outcome",
    "dropped_because",
    "attempts",
    "correlation_id",
];

/// Where it is, for the part of the day that is shown.
pub(super) fn href(asked: &Asked) -> String {
    let page = asked.of(asked.part);
    let fields = page.split_once('?').map_or("", |(_, fields)| fields);
    let fields = fields.split_once('#').map_or(fields, |(fields, _)| fields);
    format!("{}/changes.csv?{fields}", asked.path)
}

pub(super) async fn download(
    visit: Visit,
    Path((name, id)): Path<(String, String)>,
    Query(fields): Query<Fields>,
) -> Response {
    let Some(link) = visit.board().link(&name) else { return visit.no_such_link(&name) };
    let path = layout::href(&["links", &name, "agents", &id]);
    let Some(asked) = Asked::new(path, &fields, link.at(), visit.zone()) else {
        let words = "The link has not been heard of yet: say which day is meant, such as ?day=2026-11-23.";
        return error::within(&visit, Some(&link), StatusCode::NOT_FOUND, "Which day?", words);
    };
    match super::known(&link, &id, &asked).await {
        Known::Day(day) => {
            let file = format!("{id}-{}.csv", asked.date);
            sheet::download(&file, spreadsheet::csv(COLUMNS, day.changes.iter().map(row)))
        }
        Known::Unreadable(why) => {
            let title = "The journal cannot be read";
            error::within(&visit, Some(&link), StatusCode::SERVICE_UNAVAILABLE, title, &why)
        }
    }
}

fn row(change: &Change) -> [String; COLUMNS.len()] {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let at = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    let facet = match change.facet {
        Facet::Presence => "presence",
        Facet::Routing => "routing status",
        Facet::OutOfOffice => "out of office",
    };
    [
        change.id.clone(),
        change.agent.clone(),
        facet.to_owned(),
        text(&change.from),
        change.to.clone(),
        text(&change.status),
        text(&change.text),
        change.rule.clone(),
        change.happened.to_string(),
        change.seen.to_string(),
        change.recorded.to_string(),
        at(change.sent),
        at(change.accepted),
        change.delay.map(|delay| delay.to_string()).unwrap_or_default(),
        super::changes::outcome_words(change.disposition).to_owned(),
        text(&change.dropped_because),
        change.attempts.len().to_string(),
        text(&change.correlation),
    ]
}
