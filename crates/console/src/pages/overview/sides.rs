//! The two systems and the bridge between them, in words.

use maud::{Markup, html};

use crate::pages::layout::{Clock, Tone, badge, since};
use crate::shown::{Link, Report};

/// From left to right, as changes go.
pub(super) fn sides(link: &Link, report: &Report, clock: &Clock) -> Markup {
    html! {
        div class="flow" {
            div class="side" { (source(link, report, clock)) }
            div class="side" { (bridge(link, report)) }
            div class="side" { (target(link, report)) }
        }
    }
}

fn source(link: &Link, report: &Report, clock: &Clock) -> Markup {
    let source = &report.source;
    let configured = || link.hosts.join(" or ");
    let state = match source.state.as_str() {
        "connected" => badge(Tone::Good, "Connected"),
        "lost" => badge(Tone::Bad, "Out of reach"),
        _ => badge(Tone::Busy, "Connecting"),
    };
    html! {
        h3 { "PureConnect " (state) }
        p {
            (source.host.clone().unwrap_or_else(configured))
            @if let Some(release) = &source.release { ", release " (release) }
        }
        @if let Some(at) = source.since { p class="muted" { (since(clock, at)) } }
        @if let Some(reason) = &source.reason { p { (reason) } }
    }
}

fn bridge(link: &Link, report: &Report) -> Markup {
    let mode = match report.mode.as_str() {
        "workforce-engagement" => "Presence, out of office and routing status",
        "status-only" => "Presence only",
        _ => "What is replicated is found out from the licences",
    };
    let delivery = if report.direct {
        "directly: the newest value of each agent"
    } else {
        "by events: every change with its own time"
    };
    html! {
        h3 {
            "Bridge "
            @if report.frozen.is_some() { (badge(Tone::Bad, "Frozen")) }
            @else if link.epoch.is_some() { (badge(Tone::Good, "Leads")) }
        }
        p { (mode) " " span class="muted" { "(" (report.mode) ")" } }
        p { "Delivers " (delivery) }
        @if let Some(epoch) = link.epoch {
            p class="muted" title="It grows whenever another process takes the link over" { "Holds the journal, epoch " (epoch) }
        }
    }
}

fn target(link: &Link, report: &Report) -> Markup {
    let refused = report.tokens.iter().filter(|token| token.refused).count();
    let state = if !report.sink_up {
        badge(Tone::Bad, "Takes nothing")
    } else if refused > 0 {
        badge(Tone::Warn, "A token is refused")
    } else {
        badge(Tone::Good, "Takes changes")
    };
    html! {
        h3 { "Genesys Cloud " (state) }
        p { (link.region) }
        @if !report.unsupported.is_empty() { p { "Does not take " (report.unsupported.join(", ")) " at the moment" } }
        @if report.direct { p class="muted" { "INTERACTING and COMMUNICATING cannot be told directly" } }
    }
}
