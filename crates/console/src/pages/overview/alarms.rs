//! What somebody should look at, with what to do, and the confirmation of a frozen delivery.

use maud::{Markup, html};

use crate::board::LinkBoard;
use crate::pages::Visit;
use crate::pages::layout::{self, Clock, counted, since};
use crate::shown::{Alarm, AlarmKind, Link, Severity};

/// All of them, worst first.
pub(super) fn alarms(visit: &Visit, board: &LinkBoard, link: &Link, clock: &Clock) -> Markup {
    html! {
        @if !link.alarms.is_empty() {
            ul class="alarms" aria-label="What somebody should look at" {
                @for alarm in &link.alarms { (row(visit, board, link, alarm, clock)) }
            }
        }
    }
}

fn row(visit: &Visit, board: &LinkBoard, link: &Link, alarm: &Alarm, clock: &Clock) -> Markup {
    let (class, word) = match alarm.severity {
        Severity::Critical => ("critical", "Critical"),
        Severity::Warning => ("warning", "Warning"),
        Severity::Notice => ("notice", "Notice"),
    };
    let (page, query) = alarm.kind.page().split_once('?').unwrap_or((alarm.kind.page(), ""));
    let path = layout::href(&["links", &link.name, page]);
    let more = if query.is_empty() { path } else { format!("{path}?{query}") };
    html! {
        li class=(format!("alarm {class}")) {
            p class="what" {
                span class="only-read" { (word) ": " } (alarm.what)
                @if let Some(at) = alarm.since { " " span class="small" { (since(clock, at)) } }
            }
            p class="small" { (alarm.meaning) }
            p class="small" { strong { "What to do: " } (alarm.advice) " " a href=(more) { "More" } }
            @if alarm.kind == AlarmKind::Frozen { (confirmation(visit, board, link)) }
        }
    }
}

/// The button, for whoever may press it. The alarm says to others who may.
fn confirmation(visit: &Visit, board: &LinkBoard, link: &Link) -> Markup {
    let doubted = board.report.as_ref().filter(|report| report.frozen.is_some_and(|doubt| doubt.is_confirmable()));
    let Some(report) = doubted.filter(|_| visit.is_admin()) else { return html! {} };
    html! {
        form method="post" action=(layout::href(&["links", &link.name, "confirm"])) {
            (layout::form_token(visit))
            p class="small" {
                "If what PureConnect shows is right, confirm it. The bridge then takes a fresh snapshot and tells Genesys Cloud \
                 whatever that shows, for " (counted(report.agents as u64, "agent", "agents")) ", also where it changes many at once. \
                 This cannot be taken back; it is written to the journal."
            }
            button class="primary" type="submit" { "What PureConnect shows is right: deliver it" }
        }
    }
}
