//! The health of a link: its connections, what the platform allows, its journal, what went wrong in the last day.

mod bars;
mod faults;
#[cfg(test)]
mod tests;

use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::get;
use jiff::SignedDuration;
use maud::{Markup, html};

use super::layout::{
    Clock, Here, Page, Tone, ago, badge, counted, duration, empty, fact, milliseconds, number, since, time,
};
use super::visit::Visit;
use crate::board::LinkBoard;
use crate::history::{self, Period};
use crate::server::App;
use crate::shown::{Budget, Health, Interval, Journal, Source, Target};
use replicator::engine::{Figures, Report};

/// How far back trust intervals are listed.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// The routes.
pub(super) fn router() -> Router<App> {
    Router::new().route("/links/{link}/health", get(show))
}

/// What the page is made of.
struct Shown<'a> {
    health: &'a Health,
    /// The trust intervals of the last day, newest first; `None` where the journal cannot be read.
    intervals: Option<&'a [Interval]>,
    /// What the link measures; `None` where it was never heard.
    report: Option<&'a Report>,
    hosts: &'a [String],
    version: &'a str,
    clock: &'a Clock,
}

async fn show(visit: Visit, Path(name): Path<String>) -> Response {
    let Some(link) = visit.board().link(&name) else { return visit.no_such_link(&name) };
    let health = history::health(&link).await;
    let intervals = last_day(&link, &health).await;
    let clock = visit.clock(&link);
    let shown = Shown {
        health: &health,
        intervals: intervals.as_deref(),
        report: link.report.as_deref(),
        hosts: &link.about.hosts,
        version: visit.app().version,
        clock: &clock,
    };
    visit.page(&Page { title: "Health", here: Here::Health, link: Some(&link), crumbs: Vec::new(), body: body(&shown) })
}

async fn last_day(link: &LinkBoard, health: &Health) -> Option<Vec<Interval>> {
    let until = health.at.max(health.journal.last_written)?;
    let mut intervals = history::intervals(link, Period::before(until, DAY)).await.ok()?;
    intervals.reverse();
    Some(intervals)
}

fn body(shown: &Shown<'_>) -> Markup {
    let health = shown.health;
    html! {
        div class="columns" {
            (source(health.source.as_ref(), shown.hosts, shown.clock))
            (target(health.target.as_ref(), shown.report))
        }
        (budget(health.budget.as_ref(), shown.report.map(|report| &report.figures)))
        (journal(&health.journal, shown.report.map(|report| &report.figures), shown.clock))
        (faults::faults(health.faults.as_ref()))
        (intervals(shown.intervals, shown.clock))
        (versions(shown))
    }
}

fn source(source: Option<&Source>, hosts: &[String], clock: &Clock) -> Markup {
    html! {
        section class="card" aria-labelledby="source" {
            h2 id="source" { "PureConnect" }
            @match source {
                None => p { "The link does not run, so there is no session." },
                Some(source) => dl class="facts" {
                    (fact("Session", html! { (session(source)) @if let Some(begun) = source.since { " " (since(clock, begun)) } }))
                    @if let Some(host) = &source.host { (fact("Server", html! { code { (host) } })) }
                    @if let Some(release) = &source.release { (fact("Release", html! { (release) })) }
                    @if let Some(offset) = source.clock_offset { (fact("Its clock", html! { (offset_words(offset)) })) }
                    @if let Some(reason) = &source.reason { (fact("Reason", html! { (reason) })) }
                },
            }
            @if !hosts.is_empty() { p class="hint" { "Configured: " (hosts.join(", ")) } }
        }
    }
}

/// By how much PureConnect's clock differs from ours; times are corrected by it.
fn offset_words(milliseconds: i64) -> String {
    let amount = duration(SignedDuration::from_millis(milliseconds).abs());
    match milliseconds {
        0 => "as ours".to_owned(),
        1.. => format!("{amount} ahead of ours"),
        ..0 => format!("{amount} behind ours"),
    }
}

fn session(source: &Source) -> Markup {
    match source.state.as_str() {
        "connected" => badge(Tone::Good, "connected"),
        "lost" => badge(Tone::Bad, "lost"),
        other => badge(Tone::Busy, other),
    }
}

fn target(target: Option<&Target>, report: Option<&Report>) -> Markup {
    html! {
        section class="card" aria-labelledby="target" {
            h2 id="target" { "Genesys Cloud" }
            @match target {
                None => p { "The link does not run, so nothing is delivered." },
                Some(target) => {
                    dl class="facts" {
                        (fact("Delivery", if target.up { badge(Tone::Good, "takes changes") } else { badge(Tone::Bad, "takes nothing") }))
                        (fact("Region", html! { (target.region) }))
                        (fact("Way", html! { @if target.direct { "direct: only the newest values" } @else { "events, with the time of each" } }))
                        @if let Some(report) = report {
                            (fact("Requests", html! { (number(report.requests)) " since the start" }))
                            (fact("Changes told", html! { (number(report.delivered)) " of " (number(report.seen)) " since the start" }))
                        }
                    }
                    @if let Some(doubt) = &target.frozen { p class="banner bad" { "Delivery is frozen: " (doubt) "." } }
                    @if !target.unsupported.is_empty() {
                        p class="banner warn" { "Not taken at the moment: " (target.unsupported.join(", ")) "." }
                    }
                }
            }
        }
    }
}

/// Tokens are called by their place: nothing else of them is shown anywhere.
fn budget(budget: Option<&Budget>, figures: Option<&Figures>) -> Markup {
    html! {
        section class="card" aria-labelledby="budget" {
            h2 id="budget" { "Requests and tokens" }
            @match budget {
                None => p { "The link does not run, so nothing is used." },
                Some(budget) => {
                    p {
                        (number(u64::from(budget.used))) " of " (counted(u64::from(budget.allowed), "request", "requests"))
                        " that the platform allows in a minute were made in the last 60 s. "
                        @if budget.throttled == 0 { "It has never said that there were too many." }
                        @else { "It said " (counted(budget.throttled, "time", "times")) " since the start that there were too many." }
                    }
                    (bars::tokens(&budget.tokens))
                    @if let Some(figures) = figures { (waiting(figures)) }
                }
            }
        }
    }
}

/// What waits for the budget.
fn waiting(figures: &Figures) -> Markup {
    let classes = ["on or off queue", "other presences", "routing status", "out of office"];
    let drain = SignedDuration::try_from(figures.drain).unwrap_or(SignedDuration::MAX);
    html! {
        div class="part" {
            h3 { "Waiting" }
            @if figures.waiting.iter().all(|agents| *agents == 0) {
                p { "No change waits." }
            } @else {
                dl class="facts" {
                    @for (words, agents) in classes.into_iter().zip(figures.waiting) {
                        (fact(words, html! { (counted(agents, "agent", "agents")) }))
                    }
                    (fact("All told in about", html! { (duration(drain)) }))
                }
            }
        }
    }
}

fn journal(journal: &Journal, figures: Option<&Figures>, clock: &Clock) -> Markup {
    html! {
        section class="card" aria-labelledby="journal" {
            h2 id="journal" { "Journal" }
            @if let Some(trouble) = &journal.trouble { p class="banner bad" { "It cannot be read: " (trouble) } }
            dl class="facts" {
                (fact("Place", html! { code { (journal.place) } }))
                @if let Some(bytes) = journal.bytes { (fact("Size", html! { (size(bytes)) })) }
                @if let Some(entries) = journal.entries { (fact("Entries", html! { (number(entries)) })) }
                @if let Some(written) = journal.last_written { (fact("Last written", ago(clock, written))) }
                @if let Some(epoch) = journal.epoch {
                    (fact("Epoch", html! { (number(epoch)) @if let Some(opened) = journal.opened { ", since " (time(clock, opened)) } }))
                }
                @if let Some(figures) = figures { (fact("Time to write", recording(figures))) }
            }
        }
    }
}

/// How long the journal takes to keep what it is given.
fn recording(figures: &Figures) -> Markup {
    let quantile =
        |share| figures.recording.quantile(share).map(|took| u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
    html! {
        @match (quantile(0.5), quantile(0.99)) {
            (Some(half), Some(most)) => { "p50 " (milliseconds(half)) ", p99 " (milliseconds(most)) },
            _ => "nothing written yet",
        }
    }
}

fn intervals(intervals: Option<&[Interval]>, clock: &Clock) -> Markup {
    html! {
        section class="card" aria-labelledby="intervals" {
            h2 id="intervals" { "Trust intervals of the last day" }
            @match intervals {
                None => (empty("Not known", html! { p { "The journal cannot be read." } })),
                Some([]) => (empty("Every minute can be relied on", html! {
                    p { "In the last 24 hours Genesys Cloud showed what PureConnect showed, all the time." }
                })),
                Some(intervals) => (interval_table(intervals, clock)),
            }
        }
    }
}

fn interval_table(intervals: &[Interval], clock: &Clock) -> Markup {
    html! {
        p { "In these intervals Genesys Cloud may not have shown what PureConnect showed." }
        div class="table-box" role="region" tabindex="0" aria-labelledby="intervals" {
            table class="cards" {
                caption class="only-read" { "Trust intervals, newest first" }
                thead { tr {
                    th scope="col" { "From" }
                    th scope="col" { "Until" }
                    th scope="col" class="number" { "For" }
                    th scope="col" { "Kind" }
                    th scope="col" { "What happened" }
                } }
                tbody { @for interval in intervals { tr {
                    @let until = interval.until.or(clock.now).unwrap_or(interval.from);
                    th scope="row" { (time(clock, interval.from)) }
                    td data-label="Until" {
                        @match interval.until { Some(until) => (time(clock, until)), None => (badge(Tone::Warn, "it lasts")) }
                    }
                    td class="number" data-label="For" { (duration(until.duration_since(interval.from))) }
                    td class="nowrap" data-label="Kind" { (interval.kind) }
                    td data-label="What happened" { (interval.reason) }
                } } }
            }
        }
    }
}

fn versions(shown: &Shown<'_>) -> Markup {
    let release = shown.health.source.as_ref().and_then(|source| source.release.as_deref());
    html! {
        section class="card" aria-labelledby="versions" {
            h2 id="versions" { "Versions" }
            dl class="facts" {
                (fact("Presence Bridge", html! { (shown.version) }))
                (fact("PureConnect", html! { (release.unwrap_or("not known")) }))
                (fact("Genesys Cloud API", html! { "v2" }))
                (fact("Journal's schema", html! { (store::SCHEMA_VERSION) }))
                (fact("Console's API", html! { a href="/api/v1/openapi.json" { "v1" } }))
            }
        }
    }
}

/// `14.2 MB`.
fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["bytes", "kB", "MB", "GB", "TB"];
    let mut unit = 0;
    let mut tenths = bytes.saturating_mul(10);
    while tenths >= 10_000 && unit + 1 < UNITS.len() {
        tenths /= 1_000;
        unit += 1;
    }
    match (unit, tenths % 10) {
        (0, _) | (_, 0) => format!("{} {}", tenths / 10, UNITS[unit]),
        (_, tenth) => format!("{}.{tenth} {}", tenths / 10, UNITS[unit]),
    }
}
