//! What each status message means, by which rule, and what is probably not meant so.

mod findings;
mod statuses;
#[cfg(test)]
mod tests;
mod trial;

use axum::Router;
use axum::extract::{Path, Query};
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;

use super::layout::{Here, Page, empty, number, presence_pill, routing};
use super::visit::Visit;
use crate::board::LinkBoard;
use crate::model;
use crate::server::App;
use crate::shown::{Mapping, Rule, Tried, TryMapping};

/// The routes.
pub(super) fn router() -> Router<App> {
    Router::new().route("/links/{link}/mapping", get(show))
}

/// Which status messages are listed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Filter {
    /// Words that must all be found in a status message's row.
    search: String,
    /// `used`: with agents in it; `findings`: with findings.
    only: String,
}

/// What the page is made of.
struct Shown<'a> {
    link: &'a str,
    mapping: &'a Mapping,
    filter: &'a Filter,
    wanted: &'a TryMapping,
    /// What is tried; `None` where nothing was asked for.
    tried: Option<&'a Tried>,
}

async fn show(
    visit: Visit,
    Path(name): Path<String>,
    Query(filter): Query<Filter>,
    Query(wanted): Query<TryMapping>,
) -> Response {
    let Some(link) = visit.board().link(&name) else { return visit.no_such_link(&name) };
    let known = look(&link, &wanted).await;
    let page = |body| Page { title: "Mapping", here: Here::Mapping, link: Some(&link), crumbs: Vec::new(), body };
    match known {
        Ok((mapping, tried)) => {
            let shown =
                Shown { link: &name, mapping: &mapping, filter: &filter, wanted: &wanted, tried: tried.as_ref() };
            visit.page(&page(body(&shown)))
        }
        Err(failure) => visit.page(&page(unavailable(&failure))),
    }
}

async fn look(link: &LinkBoard, wanted: &TryMapping) -> Result<(Mapping, Option<Tried>), model::Unavailable> {
    let mapping = model::mapping(link).await?;
    let tried = match trial::is_asked(wanted) {
        true => Some(model::try_mapping(link, wanted).await?),
        false => None,
    };
    Ok((mapping, tried))
}

/// Only a link that runs knows its rules.
fn unavailable(failure: &model::Unavailable) -> Markup {
    empty(
        "The rules cannot be asked for",
        html! {
            p { (failure) "." }
            p {
                "Only a link that runs knows its rules. Without one, " code { "presence-bridge mapping show" } " and "
                code { "presence-bridge explain" } " read them from the configuration."
            }
        },
    )
}

fn body(shown: &Shown<'_>) -> Markup {
    html! {
        p class="lead" {
            "What each status message of PureConnect becomes in Genesys Cloud. Rules are tried from top to bottom, and the first "
            "that matches decides: the operator's own first, then the vendor's table."
        }
        nav class="parts" aria-label="On this page" {
            ul {
                li { a href="#statuses" { "Status messages" } }
                li { a href="#findings" { "Worth a second look" @if !shown.mapping.findings.is_empty() { " (" (shown.mapping.findings.len()) ")" } } }
                li { a href="#try" { "Try it" } }
                li { a href="#rules" { "Rules" } }
            }
        }
        (statuses::statuses(shown))
        (findings::findings(&shown.mapping.findings))
        (trial::trial(shown))
        (rules(&shown.mapping.rules, shown.tried))
    }
}

/// The rules in their order, as `presence-bridge mapping show` prints them.
fn rules(rules: &[Rule], tried: Option<&Tried>) -> Markup {
    html! {
        section class="card" aria-labelledby="rules" {
            h2 id="rules" { "Rules" }
            p { "In the order in which they are tried, as " code { "presence-bridge mapping show" } " prints them." }
            div class="table-box" role="region" tabindex="0" aria-labelledby="rules" {
                table class="rules cards" {
                    caption class="only-read" { "Rules, what they give, and how many status messages and agents each decides about" }
                    thead { tr {
                        th scope="col" class="number" { "#" }
                        th scope="col" { "Presence" }
                        th scope="col" { "Rule" }
                        th scope="col" { "When" }
                        th scope="col" { "From" }
                        th scope="col" class="number" { "Statuses" }
                        th scope="col" class="number" { "Agents" }
                    } }
                    tbody {
                        @for rule in rules {
                            tr id=(format!("rule-{}", rule.number)) class=[is_fired(rule, tried).then_some("fired")] {
                                td class="number" data-label="Number" { (rule.number) }
                                td data-label="Presence" {
                                    (presence_pill(&rule.presence))
                                    @if let Some(status) = &rule.routing { " " (routing(status)) }
                                }
                                th scope="row" { (rule.name) @if is_fired(rule, tried) { " " strong { "← decides" } } }
                                td data-label="When" { (rule.when) }
                                td data-label="From" { code { (rule.from) } }
                                td class="number" data-label="Statuses" { (number(rule.statuses)) }
                                td class="number" data-label="Agents" { (number(rule.agents)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn is_fired(rule: &Rule, tried: Option<&Tried>) -> bool {
    tried.is_some_and(|tried| tried.rule == rule.name)
}

/// The place of a rule in the order.
fn number_of(rules: &[Rule], name: &str) -> Option<u64> {
    rules.iter().find(|rule| rule.name == name).map(|rule| rule.number)
}
