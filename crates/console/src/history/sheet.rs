//! Changes for a spreadsheet. Times are UTC.

use jiff::Timestamp;

use crate::shown::{Change, Disposition, Facet, spreadsheet};

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
    "disposition",
    "dropped_because",
    "attempts",
    "correlation_id",
];

/// Changes as CSV, one row each.
pub(crate) fn csv(changes: &[Change]) -> String {
    spreadsheet::csv(COLUMNS, changes.iter().map(row))
}

fn row(change: &Change) -> [String; COLUMNS.len()] {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let at = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    let facet = match change.facet {
        Facet::Presence => "presence",
        Facet::Routing => "routing status",
        Facet::OutOfOffice => "out of office",
    };
    let disposition = match change.disposition {
        Disposition::Pending => "pending",
        Disposition::Delivered => "delivered",
        Disposition::Dropped => "dropped",
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
        disposition.to_owned(),
        text(&change.dropped_because),
        change.attempts.len().to_string(),
        text(&change.correlation),
    ]
}
