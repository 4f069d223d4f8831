//! The agents of a link: found, filtered, sorted and turned over on the server, so that 100,000 are as quick as ten.

mod filters;
mod table;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};

use super::error;
use super::layout::{self, Here, Page, counted, empty, number};
use super::visit::Visit;
use crate::board::LinkBoard;
use crate::model::{self, AgentQuery};
use crate::shown::{AgentPage, PageOf};

pub(super) async fn show(
    visit: Visit,
    Path(name): Path<String>,
    query: Result<Query<AgentQuery>, QueryRejection>,
) -> Response {
    let Some(link) = visit.board().link(&name) else { return visit.no_such_link(&name) };
    let query = match query {
        Ok(Query(query)) => query,
        Err(rejection) => {
            let words = format!("What is asked for cannot be understood: {}.", rejection.body_text());
            return error::within(&visit, Some(&link), StatusCode::BAD_REQUEST, "There is no such list", &words);
        }
    };
    let body = body(&visit, &link, &query);
    visit.page(&Page { title: "Agents", here: Here::Agents, link: Some(&link), crumbs: Vec::new(), body })
}

fn body(visit: &Visit, link: &LinkBoard, query: &AgentQuery) -> Markup {
    let path = layout::href(&["links", &link.name, "agents"]);
    let list = model::agents(link, query);
    if link.report.is_none() && list.page.total == 0 {
        return waiting(link);
    }
    html! {
        (filters::form(&path, query, &list))
        @if list.page.total == 0 {
            (nobody(link))
        } @else if list.page.found == 0 {
            (empty("Nobody matches", html! {
                p { "None of " (counted(list.page.total, "agent", "agents")) " has all of what is asked for. "
                    a href=(path) { "Show all agents" } }
            }))
        } @else {
            (table::table(&list, query, &path, &visit.clock(link)))
            (turn(&list, query, &path))
        }
    }
}

/// Before the first snapshot.
fn waiting(link: &LinkBoard) -> Markup {
    html! {
        div class="card" {
            @match &link.trouble {
                Some(_) => (empty("The agents are not known", html! {
                    p { "The link does not run and has not shown any agents since the bridge was started." }
                })),
                None if link.standby => (empty("This bridge stands by", html! {
                    p { "Another one holds the journal and does the work. Its console shows the agents." }
                })),
                None => (empty("The link is connecting", html! {
                    p { "Agents appear here by themselves with the first snapshot of PureConnect." }
                })),
            }
        }
    }
}

/// A link that runs and has nobody.
fn nobody(link: &LinkBoard) -> Markup {
    let connected = link
        .report
        .as_ref()
        .is_some_and(|report| matches!(report.source, replicator::engine::SourceState::Connected { .. }));
    html! {
        div class="card" {
            @if connected {
                (empty("There are no agents yet", html! {
                    p { "PureConnect shows nobody who is in the scope of this link." }
                    p {
                        "Look at the scope in the configuration (" code { "workgroups" } ", " code { "exclude" } "), and whether the bridge's \
                         PureConnect user may see these users and workgroups: " code { "presence-bridge check" } " says which right is missing."
                    }
                }))
            } @else {
                (empty("There are no agents yet", html! {
                    p { "PureConnect has not been reached since the bridge was started. "
                        a href="/" { "The overview" } " says why." }
                }))
            }
        }
    }
}

/// To the other pages.
fn turn(list: &AgentPage, query: &AgentQuery, path: &str) -> Markup {
    let PageOf { page, pages, limit, found, .. } = list.page;
    let first = (page - 1) * limit + 1;
    let last = (page * limit).min(found);
    let to = |page: u64| address(path, &AgentQuery { page: Some(page).filter(|&page| page > 1), ..query.clone() });
    html! {
        nav class="pages" aria-label="Pages of the list" {
            p { (number(first)) " to " (number(last)) " of " (number(found)) }
            @if pages > 1 {
                ul {
                    @if page > 2 { li { a class="button" href=(to(1)) { "First" } } }
                    @if page > 1 { li { a class="button" href=(to(page - 1)) rel="prev" { "Previous" } } }
                    li { span class="off" { "Page " (number(page)) " of " (number(pages)) } }
                    @if page < pages { li { a class="button" href=(to(page + 1)) rel="next" { "Next" } } }
                    @if page + 1 < pages { li { a class="button" href=(to(pages)) { "Last" } } }
                }
            }
        }
    }
}

/// The list that a query means.
fn address(path: &str, query: &AgentQuery) -> String {
    let query = query.to_url();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}
