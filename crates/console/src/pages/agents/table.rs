//! The rows of the list.

use maud::{Markup, html};

use super::address;
use crate::model::{AgentQuery, Sort, SortBy};
use crate::pages::layout::{Clock, Tone, ago, badge, duration, href, presence_pill, routing, state_badge, time};
use crate::shown::{Agent, AgentPage, Values, words};

/// The table. On a narrow screen each row is a card.
pub(super) fn table(list: &AgentPage, query: &AgentQuery, path: &str, clock: &Clock) -> Markup {
    html! {
        div class="table-box" role="region" tabindex="0" aria-label="Agents" {
            table class="cards agents" {
                thead {
                    tr {
                        (heading("Agent", Some(SortBy::Name), query, path))
                        (heading("PureConnect status", Some(SortBy::Status), query, path))
                        (heading("For", Some(SortBy::Since), query, path))
                        (heading("Presence", None, query, path))
                        (heading("Routing status", None, query, path))
                        (heading("Sync state", Some(SortBy::State), query, path))
                        (heading("Last success", None, query, path))
                    }
                }
                tbody { @for agent in &list.agents { (row(agent, path, clock)) } }
            }
        }
    }
}

/// A heading that sorts, and the other way round when it does already.
fn heading(title: &str, by: Option<SortBy>, query: &AgentQuery, path: &str) -> Markup {
    let Some(by) = by else { return html! { th scope="col" { (title) } } };
    let now = query.sort.unwrap_or(Sort { by: SortBy::Name, reversed: false });
    let is_now = now.by == by;
    let next = Sort { by, reversed: is_now && !now.reversed };
    let order = if now.reversed { "descending" } else { "ascending" };
    let next = address(path, &AgentQuery { sort: Some(next), page: None, ..query.clone() });
    html! {
        th scope="col" aria-sort=[is_now.then_some(order)] {
            a href=(next) {
                (title)
                @if is_now { span aria-hidden="true" { @if now.reversed { " ▾" } @else { " ▴" } } }
            }
        }
    }
}

fn row(agent: &Agent, path: &str, clock: &Clock) -> Markup {
    let name = if agent.name.is_empty() { &agent.agent } else { &agent.name };
    let status = agent.message.as_ref().map(|message| message.text.as_str());
    let status = status.or(agent.status.as_ref().map(|status| status.id.as_str()));
    let since = agent.entered.or(agent.status.as_ref().and_then(|status| status.since));
    html! {
        tr id=(format!("agent-{}", agent.agent)) {
            th scope="row" {
                a href=(format!("{path}{}", href(&[&agent.agent]))) { (name) }
                @if *name != agent.agent { span class="below" { (agent.agent) } }
            }
            td data-label="PureConnect" {
                span {
                    @match status { Some(status) => (status), None => span class="muted" { "none" } }
                    @if !agent.logged_in { span class="below" { "not logged in" } }
                }
            }
            td data-label="For" {
                @match (since, clock.now) {
                    (Some(since), Some(now)) => time class="plain" datetime=(since) title=(since.strftime("since %Y-%m-%d %H:%M:%S UTC")) {
                        (duration(now.duration_since(since)))
                    },
                    (Some(since), None) => (time(clock, since)),
                    (None, _) => span class="muted" { "–" },
                }
            }
            td data-label="Presence" { (presence(agent)) }
            td data-label="Routing status" {
                span {
                    @match &agent.wanted.routing { Some(status) => (routing(status)), None => span class="muted" { "–" } }
                    @if agent.pending_off_queue { " " (badge(Tone::Busy, "Pending off queue")) }
                    @if agent.not_shown.is_some() { span class="below" { "cannot be shown" } }
                }
            }
            td data-label="Sync state" {
                span {
                    (state_badge(agent.state))
                    @if let Some(why) = words::why(agent, true) { span class="below" { (why) } }
                }
            }
            td data-label="Last success" {
                @match agent.last_success { Some(at) => (ago(clock, at)), None => span class="muted" { "never" } }
            }
        }
    }
}

/// What Genesys Cloud shall show, and what it shows until then.
fn presence(agent: &Agent) -> Markup {
    let wanted = said(&agent.wanted);
    let told = said(&agent.told);
    html! {
        span {
            @match wanted { Some(presence) => (presence_pill(presence)), None => span class="muted" { "–" } }
            @if let (Some(told), true) = (told, told != wanted) { span class="below" { "still " (told) } }
        }
    }
}

/// Out of office is shown over the presence.
fn said(values: &Values) -> Option<&str> {
    match &values.out_of_office {
        Some(out) if out.active => Some("Out of Office"),
        _ => values.presence.as_deref(),
    }
}
