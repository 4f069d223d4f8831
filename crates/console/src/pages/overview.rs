//! The first page: a card for each link, with what somebody should look at on top.

mod alarms;
mod figures;
mod sides;

use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use replicator::engine::Confirmation;
use serde::Deserialize;

use super::layout::{self, Here, Page, Tone, badge, empty};
use super::visit::Visit;
use crate::access::Admin;
use crate::board::LinkBoard;
use crate::model::{self, Unavailable};
use crate::shown::{Severity, State};

/// What came of an order, as the address says it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Fields {
    link: String,
    done: String,
}

/// What came of a confirmation, as it stands in the address afterwards.
const OUTCOMES: [(&str, Tone, &str); 5] = [
    ("confirmed", Tone::Good, "Confirmed. Delivery goes on with a fresh snapshot, which is asked for now."),
    ("nothing-frozen", Tone::Quiet, "Nothing was frozen: there was nothing to confirm."),
    (
        "not-confirmable",
        Tone::Bad,
        "Delivery stays frozen: without status messages nothing can be mapped, whoever confirms it.",
    ),
    ("not-running", Tone::Bad, "Not confirmed: the link does not run."),
    ("no-answer", Tone::Bad, "The link did not answer in time. Try again in a moment."),
];

pub(super) async fn show(visit: Visit, Query(fields): Query<Fields>) -> Response {
    let links = visit.board().links();
    let body = html! {
        @if links.is_empty() {
            (empty("There is no link", html! { p { "Add a section " code { "[[link]]" } " to the configuration, and reload it." } }))
        }
        @for link in &links {
            @let done = OUTCOMES.iter().find(|(name, ..)| *name == fields.done && *link.name == *fields.link);
            (card(&visit, link, done.map(|(_, tone, words)| (*tone, *words))))
        }
    };
    visit.page(&Page { title: "Overview", here: Here::Overview, link: None, crumbs: Vec::new(), body })
}

/// The administrator's word that what PureConnect shows is right.
pub(super) async fn confirm(Admin(caller): Admin, visit: Visit, Path(name): Path<String>) -> Response {
    let Some(link) = visit.board().link(&name) else { return visit.no_such_link(&name) };
    let outcome = match model::confirm(&link).await {
        Ok(Confirmation::Confirmed(_)) => "confirmed",
        Ok(Confirmation::NothingFrozen) => "nothing-frozen",
        Ok(Confirmation::NotConfirmable(_)) => "not-confirmable",
        Err(Unavailable::NotRunning { .. }) => "not-running",
        Err(Unavailable::NoAnswer { .. }) => "no-answer",
    };
    tracing::info!(link = name, by = caller.name(), outcome, "what PureConnect shows was to be confirmed");
    let mut fields = url::form_urlencoded::Serializer::new(String::new());
    let query = fields.append_pair("link", &name).append_pair("done", outcome).finish();
    // A page that is loaded again must not confirm again.
    Redirect::to(&format!("/?{query}")).into_response()
}

fn card(visit: &Visit, board: &LinkBoard, done: Option<(Tone, &str)>) -> Markup {
    let link = model::link(board);
    let clock = visit.clock(board);
    let id = format!("link-{}", link.name);
    let (tone, verdict) = verdict(&link);
    html! {
        section class="card link-card" id=(id) aria-labelledby=(format!("{id}-title")) {
            div class="card-head" {
                h2 id=(format!("{id}-title")) { a href=(layout::href(&["links", &link.name, "agents"])) { (link.name) } }
                (badge(tone, verdict))
                @if let Some(report) = &link.report {
                    span class="end" { "as of " (layout::time(&clock, report.at)) }
                }
            }
            @if let Some((tone, words)) = done { p class=(format!("banner {}", tone.class())) role="status" { (words) } }
            // Of a link that begins there is nothing to say but that.
            @if link.report.is_some() || link.trouble.is_some() || link.standby { (alarms::alarms(visit, board, &link, &clock)) }
            @match &link.report {
                Some(report) => {
                    (sides::sides(&link, report, &clock))
                    (figures::agents(&link.name, report))
                    (figures::delay(board, &link, visit.zone()))
                    (figures::budget(report))
                    (figures::intervals(report, &clock))
                    (figures::totals(report))
                }
                None if link.trouble.is_none() && !link.standby => {
                    (empty("The link is connecting", html! {
                        p { "It opens its journal and logs on to PureConnect" @if let Some(host) = link.hosts.first() { " at " (host) } ". "
                            "What it sees appears here by itself, usually within seconds." }
                    }))
                }
                None => {}
            }
        }
    }
}

/// How the link stands, in a word or two.
fn verdict(link: &crate::shown::Link) -> (Tone, &'static str) {
    let worst = link.alarms.iter().map(|alarm| alarm.severity).min();
    if link.standby {
        return (Tone::Quiet, "Stands by");
    }
    let Some(report) = &link.report else {
        return if link.trouble.is_some() { (Tone::Bad, "Does not run") } else { (Tone::Busy, "Connecting") };
    };
    if link.trouble.is_some() {
        return (Tone::Bad, "Does not run");
    }
    if link.stale_since.is_some() {
        return (Tone::Bad, "Not heard");
    }
    if report.frozen.is_some() {
        return (Tone::Bad, "Frozen");
    }
    match worst {
        Some(Severity::Critical) => (Tone::Bad, "Needs somebody"),
        Some(Severity::Warning) => (Tone::Warn, "Degraded"),
        Some(Severity::Notice) | None if report.pending > 0 => (Tone::Good, "Running"),
        Some(Severity::Notice) | None => (Tone::Good, "In step"),
    }
}

/// The list of those agents.
fn agents_in(link: &str, state: State) -> String {
    format!("{}?state={}", layout::href(&["links", link, "agents"]), state.name())
}

#[cfg(test)]
mod tests {
    use super::OUTCOMES;

    #[test]
    fn an_outcome_is_said_in_words_of_its_own() {
        for (name, _, words) in OUTCOMES {
            let same = OUTCOMES.iter().filter(|(other, _, others)| *other == name || *others == words).count();
            assert_eq!(same, 1, "{name}");
        }
    }
}
