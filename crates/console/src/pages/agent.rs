//! An agent: how the agent stands now, a day as a timeline, every change, and the order to put the agent right.

mod asked;
mod changes;
mod day;
mod now;
mod renewal;
mod sheet;
#[cfg(test)]
mod tests;

use axum::Router;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use domain::ids::AgentId;
use maud::{Markup, html};

use self::asked::{Asked, Fields};
use self::day::Known;
use super::layout::{self, Clock, Crumb, Here, Page, counted, state_badge};
use super::visit::Visit;
use crate::board::LinkBoard;
use crate::history;
use crate::model;
use crate::server::App;
use crate::shown::{Agent, Day};

/// The routes.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/links/{link}/agents/{agent}", get(show).post(renewal::order))
        .route("/links/{link}/agents/{agent}/changes.csv", get(sheet::download))
}

/// What is known of an agent.
struct Found {
    /// `None` for one who is not in scope any more, or never was.
    agent: Option<Agent>,
    /// The day that is asked for; `None` where neither the link nor the journal knows what day it is.
    asked: Option<Asked>,
    known: Option<Known>,
}

impl Found {
    /// Whether anybody has ever heard of the agent.
    fn is_known(&self) -> bool {
        let of_journal = match &self.known {
            Some(Known::Day(day)) => day.known,
            // What cannot be read cannot deny either.
            Some(Known::Unreadable(_)) => true,
            None => false,
        };
        self.agent.is_some() || of_journal
    }
}

async fn show(visit: Visit, Path((name, id)): Path<(String, String)>, Query(fields): Query<Fields>) -> Response {
    let Some(link) = visit.board().link(&name) else { return visit.no_such_link(&name) };
    let found = find(&link, &id, &fields, &visit).await;
    let here = Here::Agents;
    let crumbs = vec![Crumb { title: "Agents".to_owned(), href: layout::href(&["links", &name, "agents"]) }];
    if !found.is_known() {
        let body = nobody(&name, &id);
        let page = Page { title: "There is no such agent", here, link: Some(&link), crumbs, body };
        return visit.page_with(StatusCode::NOT_FOUND, &page);
    }
    let title = found.agent.as_ref().map(|agent| agent.name.as_str()).filter(|name| !name.is_empty());
    let title = title.map_or_else(|| id.clone(), str::to_owned);
    let order = renewal::Order { visit: &visit, done: &fields.done };
    let body = body(&found, &Place { link: &name, id: &id }, &visit.clock(&link), &order.section(&found));
    visit.page(&Page { title: &title, here, link: Some(&link), crumbs, body })
}

async fn find(link: &LinkBoard, id: &str, fields: &Fields, visit: &Visit) -> Found {
    let agent = model::agent(link, &AgentId::new(id));
    let path = layout::href(&["links", &link.name, "agents", id]);
    let asked = Asked::new(path, fields, link.at(), visit.zone());
    let known = match &asked {
        Some(asked) => Some(known(link, id, asked).await),
        None => None,
    };
    Found { agent, asked, known }
}

/// What the journal says of the part that is asked for.
async fn known(link: &LinkBoard, id: &str, asked: &Asked) -> Known {
    match read(link, id, asked).await {
        Ok(day) => Known::Day(Box::new(day)),
        Err(failure) => Known::Unreadable(failure.in_words()),
    }
}

/// A part that depends on the day is known only when the day was read.
async fn read(link: &LinkBoard, id: &str, asked: &Asked) -> Result<Day, history::Unreadable> {
    let agent = AgentId::new(id);
    let day = history::day(link, &agent, asked.day).await?;
    let part = asked.period(&day);
    if part == asked.day { Ok(day) } else { history::day(link, &agent, part).await }
}

/// Whose page it is.
struct Place<'a> {
    link: &'a str,
    id: &'a str,
}

fn body(found: &Found, place: &Place<'_>, clock: &Clock, order: &Markup) -> Markup {
    let csv = found.asked.as_ref().map(sheet::href);
    html! {
        (head(found, place))
        @match &found.agent {
            Some(agent) => (now::now(agent, place.link, clock)),
            None => div class="banner warn" role="status" {
                strong { "Not in scope. " }
                "PureConnect does not show this agent, or the agent is not in the scope of the link any more. What the journal \
                 knows is below."
            },
        }
        (order)
        @match (&found.asked, &found.known) {
            (Some(asked), Some(known)) => {
                (day::day(known, asked))
                @if let Known::Day(day) = known { (changes::changes(day, csv.as_deref().unwrap_or_default(), &asked.clock())) }
            }
            _ => section { p class="empty" {
                "The link has not been heard of yet, so it is not known which day it is there. Choose a day: add "
                code { "?day=2026-11-23" } " to the address."
            } },
        }
    }
}

fn head(found: &Found, place: &Place<'_>) -> Markup {
    html! {
        @if let Some(agent) = &found.agent {
            p class="lead" {
                (state_badge(agent.state)) " "
                "PureConnect user " code { (agent.agent) }
                @if let Some(email) = &agent.email { " · " (email) }
            }
            @if !agent.workgroups.is_empty() {
                details id="workgroups" {
                    summary { (counted(agent.workgroups.len() as u64, "workgroup", "workgroups")) }
                    ul class="tags" { @for workgroup in &agent.workgroups { li {
                        a href=(format!("{}?workgroup={}", layout::href(&["links", place.link, "agents"]), encoded(workgroup))) {
                            (workgroup)
                        }
                    } } }
                }
            }
        } @else {
            p class="lead" { "PureConnect user " code { (place.id) } }
        }
    }
}

/// Nobody has this id.
fn nobody(link: &str, id: &str) -> Markup {
    html! {
        p class="lead" { "Nobody in the scope of this link has the PureConnect user id " code { (id) } ", and the journal has never heard of one." }
        ul class="bullets" {
            li { "The id is the user's name in Interaction Administrator, not the display name: search for either in the list of agents." }
            li { "Agents outside the scope (workgroups, exclude list) are not replicated and not shown." }
        }
        form class="filters" method="get" action=(layout::href(&["links", link, "agents"])) role="search" {
            label for="search" { "Search all agents" }
            input type="search" id="search" name="search" value=(id);
            button type="submit" { "Search" }
        }
    }
}

/// As a value in a URL.
fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
