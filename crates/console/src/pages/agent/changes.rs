//! Every change of a period as a table: when it happened, was sent and accepted, why, and what became of it.

use maud::{Markup, html};

use crate::pages::layout::{Clock, Tone, badge, counted, duration, empty, fact, milliseconds, time};
use crate::shown::{Attempt, Change, Day, Disposition, Facet};

/// The section.
pub(super) fn changes(day: &Day, csv: &str, clock: &Clock) -> Markup {
    html! {
        section class="card" aria-labelledby="changes" {
            h2 id="changes" { "Changes" }
            @if day.changes.is_empty() {
                (none(day))
            } @else {
                p class="line" { a href=(csv) download { "All of them as CSV" } }
                div class="table-box" role="region" tabindex="0" aria-label="Changes" {
                    table class="changes cards" {
                        caption { (counted(day.changes.len() as u64, "change", "changes")) ", by the time when they happened" }
                        thead { tr {
                            th scope="col" { "Happened" }
                            th scope="col" { "What" }
                            th scope="col" { "Status message" }
                            th scope="col" { "Sent" }
                            th scope="col" { "Accepted" }
                            th scope="col" class="number" { "Delay" }
                            th scope="col" { "Outcome" }
                            th scope="col" { "Rule" }
                            th scope="col" { "Details" }
                        } }
                        tbody { @for change in &day.changes { (row(change, clock)) } }
                    }
                }
            }
        }
    }
}

/// Nothing happened, or nothing is known.
fn none(day: &Day) -> Markup {
    if !day.known {
        return empty(
            "The journal has never heard of this agent",
            html! { p { "Changes are shown from the first one on." } },
        );
    }
    empty(
        "No change happened in this time",
        html! {
            p {
                @if day.told.presence.is_empty() { "Nothing is known of what held." }
                @else { "What held before went on, as the timeline shows." }
            }
        },
    )
}

fn row(change: &Change, clock: &Clock) -> Markup {
    html! {
        tr id=(format!("change-{}", change.id)) {
            th scope="row" { (time(clock, change.happened)) }
            td data-label="What" { (what(change)) }
            td data-label="Status message" { (change.text.as_deref().or(change.status.as_deref()).unwrap_or("–")) }
            td data-label="Sent" { @match change.sent { Some(sent) => (time(clock, sent)), None => "–" } }
            td data-label="Accepted" { @match change.accepted { Some(accepted) => (time(clock, accepted)), None => "–" } }
            td class="number" data-label="Delay" { @match change.delay { Some(delay) => (milliseconds(delay)), None => "–" } }
            td data-label="Outcome" { (outcome(change)) }
            td data-label="Rule" { (change.rule) }
            td data-label="Details" { (details(change, clock)) }
        }
    }
}

fn what(change: &Change) -> Markup {
    let facet = match change.facet {
        Facet::Presence => "presence",
        Facet::Routing => "routing status",
        Facet::OutOfOffice => "out of office",
    };
    html! {
        @if let Some(from) = &change.from { (from) " → " }
        strong { (change.to) }
        " "
        span class="below" { (facet) }
    }
}

fn outcome(change: &Change) -> Markup {
    let tone = match change.disposition {
        Disposition::Pending => Tone::Busy,
        Disposition::Delivered => Tone::Good,
        Disposition::Dropped => Tone::Quiet,
    };
    html! {
        (badge(tone, outcome_words(change.disposition)))
        @if let Some(because) = &change.dropped_because { " " (because) }
    }
}

/// What became of a change.
pub(super) fn outcome_words(disposition: Disposition) -> &'static str {
    match disposition {
        Disposition::Pending => "pending",
        Disposition::Delivered => "delivered",
        Disposition::Dropped => "not sent any more",
    }
}

/// What only support needs: ids, and each attempt.
fn details(change: &Change, clock: &Clock) -> Markup {
    let attempts = match change.attempts.len() {
        0 => "not sent".to_owned(),
        1 => "1 attempt".to_owned(),
        attempts => format!("{attempts} attempts"),
    };
    html! {
        details {
            summary { (attempts) }
            dl class="facts" {
                (fact("Change id", html! { code { (change.id) } }))
                @if let Some(correlation) = &change.correlation { (fact("Correlation id", html! { code { (correlation) } })) }
                (fact("PureConnect's message", time(clock, change.seen)))
                (fact("Written down", time(clock, change.recorded)))
                @if change.resumed > 0 {
                    (fact("Resumed", html! { "by " (counted(u64::from(change.resumed), "start", "starts")) " of the bridge" }))
                }
            }
            @if !change.attempts.is_empty() {
                ol class="attempts" { @for attempt in &change.attempts { (attempted(attempt, clock)) } }
            }
        }
    }
}

fn attempted(attempt: &Attempt, clock: &Clock) -> Markup {
    let took = duration(attempt.answered.duration_since(attempt.sent));
    html! {
        li value=(attempt.number) {
            (attempt.outcome) ", sent " (time(clock, attempt.sent)) ", answered after " (took)
            @if let Some(reason) = &attempt.reason { ": " q { (reason) } }
            @if let Some(correlation) = &attempt.correlation { " " code { (correlation) } }
        }
    }
}
