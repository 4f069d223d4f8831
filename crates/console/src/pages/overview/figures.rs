//! Agents, delay, budget and trust intervals of a link, as numbers and bars.

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use maud::{Markup, html};

use super::agents_in;
use crate::board::LinkBoard;
use crate::model;
use crate::pages::layout::{Clock, counted, fact, href, milliseconds, number, since};
use crate::picture;
use crate::shown::{Link, Report, Spread, State};

/// Delay "now" is that of so long.
const NOW: SignedDuration = SignedDuration::from_mins(5);

/// How many agents stand how: a bar, and the numbers.
pub(super) fn agents(link: &str, report: &Report) -> Markup {
    let not_synced = report.not_synced.values().sum();
    let parts = [
        (State::Synced, "good", report.synced),
        (State::Pending, "busy", report.pending),
        (State::Error, "bad", report.errors),
        (State::NotSynced, "quiet", not_synced),
    ];
    html! {
        div class="part" {
            h3 { a href=(href(&["links", link, "agents"])) { (counted(report.agents, "agent", "agents")) " in scope" } }
            @if report.agents == 0 {
                p class="muted" { "Nobody is in scope, or PureConnect has not shown its users yet." }
            } @else {
                (bar("agents-bar", report.agents, &parts.map(|(_, class, count)| (class, count))))
                div class="counts" {
                    @for (state, class, count) in parts {
                        a href=(agents_in(link, state)) {
                            span class="many" { (number(count)) } " "
                            span class="of" { span class=(format!("key-dot {class}")) aria-hidden="true" {} (state.words()) }
                        }
                    }
                }
                @if report.not_shown > 0 {
                    p class="small muted" { "The routing status of " (counted(report.not_shown, "agent", "agents")) " cannot be shown at the moment." }
                }
            }
        }
    }
}

/// Parts of a whole, beside each other. The numbers are written elsewhere.
fn bar(class: &str, whole: u64, parts: &[(&str, u64)]) -> Markup {
    let place = |count: u64| count.saturating_mul(1_000).checked_div(whole).unwrap_or(0);
    let shown: Vec<(&str, u64)> = parts.iter().copied().filter(|(_, count)| *count > 0).collect();
    let mut before = 0_u64;
    let parts = shown.into_iter().map(|(class, count)| {
        let x = place(before);
        before += count;
        // One of 100,000 is to be seen, too.
        (class, x.min(996), place(before).saturating_sub(x).max(4))
    });
    html! {
        svg class=(class) viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
            @for (class, x, width) in parts {
                rect class=(format!("bar-{class}")) x=(x) y="0" width=(width) height="10" {}
            }
        }
    }
}

/// How long changes take, now and over the last hours.
pub(super) fn delay(board: &LinkBoard, link: &Link, zone: &TimeZone) -> Markup {
    html! {
        div class="part" {
            h3 { "Delay, from PureConnect's message to Genesys Cloud's acceptance" }
            div class="figures-line" {
                (spread("Last 5 minutes", model::lately(board, NOW).as_ref()))
                (spread("Last hour", link.last_hour.as_ref()))
            }
            (picture::delays(&model::delays(board), zone))
        }
    }
}

fn spread(of: &str, spread: Option<&Spread>) -> Markup {
    html! {
        dl class="spread" {
            dt { (of) }
            @match spread {
                Some(spread) => {
                    dd { strong { (milliseconds(spread.p50)) } " half of all (p50)" }
                    dd { strong { (milliseconds(spread.p99)) } " 99 of 100 (p99)" }
                    dd class="muted" { (counted(spread.changes, "change", "changes")) }
                }
                None => dd class="muted" { "no change" },
            }
        }
    }
}

/// What each token has used of what the platform allows.
pub(super) fn budget(report: &Report) -> Markup {
    html! {
        div class="part" {
            h3 { "Requests of the last minute: " (number(report.used.into())) " of " (number(report.allowed.into())) " allowed" }
            div class="tokens" {
                @for (place, token) in report.tokens.iter().enumerate() {
                    @let share = u64::from(token.used) * 100 / u64::from(token.allowed.max(1));
                    @let class = if token.refused { "bad" } else if share >= 90 { "warn" } else { "busy" };
                    div {
                        div class="token-line" {
                            span { "Token " (place + 1) @if token.refused { ", refused" } }
                            span class="muted" { (number(token.used.into())) " of " (number(token.allowed.into())) }
                        }
                        (bar("token-bar", token.allowed.max(token.used).into(), &[(class, token.used.into())]))
                    }
                }
            }
        }
    }
}

/// Since when Genesys Cloud may not show what PureConnect shows.
pub(super) fn intervals(report: &Report, clock: &Clock) -> Markup {
    html! {
        div class="part" {
            h3 { "Trust" }
            @if report.gaps.is_empty() {
                p { "Genesys Cloud shows what PureConnect shows: no trust interval is open." }
            } @else {
                p class="muted" { "Until these end, adherence is not to be relied on." }
                ul class="intervals" {
                    @for gap in &report.gaps {
                        li { strong { (gap.kind) } " " (since(clock, gap.since)) ": " (gap.reason) }
                    }
                }
            }
        }
    }
}

/// Counts since the start.
pub(super) fn totals(report: &Report) -> Markup {
    let count = |name: &str, count: u64| fact(name, html! { (number(count)) });
    html! {
        details class="part" {
            summary { "Counts since the link was started" }
            dl class="facts" {
                (count("Changes seen", report.seen))
                (count("Accepted", report.delivered))
                (count("Yet to be told", report.backlog))
                (count("Replaced by a newer one", report.superseded))
                (count("Refused for good", report.refused))
                (count("Held back: not supported at the moment", report.held_back))
                (count("Cannot be told directly", report.not_supported))
                (count("Differences repaired", report.repaired))
                (count("Requests", report.requests))
                (count("\u{201c}Too many requests\u{201d}", report.throttled))
            }
        }
    }
}
