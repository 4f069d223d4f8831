//! Who in PureConnect is whom in Genesys Cloud: matched and not, why not, and what to do.

#[cfg(test)]
mod tests;

use std::str::FromStr;

use axum::Router;
use axum::extract::{Path, Query};
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};

use super::layout::{self, Clock, Here, Page, ago, counted, empty, number, state_badge};
use super::sheet;
use super::visit::Visit;
use crate::model::{self, USER_COLUMNS, UserQuery, UserSet};
use crate::server::App;
use crate::shown::{Count, PageOf, Reason, State, User, UserPage, spreadsheet};

/// The routes.
pub(super) fn router() -> Router<App> {
    Router::new().route("/links/{link}/users", get(show)).route("/links/{link}/users.csv", get(download))
}

async fn show(visit: Visit, Path(name): Path<String>, Query(query): Query<UserQuery>) -> Response {
    let Some(link) = visit.board().link(&name) else { return visit.no_such_link(&name) };
    let users = model::users(&link, &query);
    let body = body(&users, &Place { link: &name, query: &query }, &visit.clock(&link));
    visit.page(&Page { title: "Users", here: Here::Users, link: Some(&link), crumbs: Vec::new(), body })
}

async fn download(visit: Visit, Path(name): Path<String>, Query(query): Query<UserQuery>) -> Response {
    let Some(link) = visit.board().link(&name) else { return visit.no_such_link(&name) };
    let csv = spreadsheet::csv(USER_COLUMNS, model::user_rows(&link, &query));
    sheet::download(&format!("users-{name}.csv"), csv)
}

/// Where the page is, and what it was asked for.
struct Place<'a> {
    link: &'a str,
    query: &'a UserQuery,
}

impl Place<'_> {
    fn path(&self) -> String {
        layout::href(&["links", self.link, "users"])
    }

    fn is_narrowed(&self) -> bool {
        let UserQuery { search, set, state, reason, workgroup, page: _, limit: _ } = self.query;
        search.is_some() || set.is_some() || state.is_some() || reason.is_some() || workgroup.is_some()
    }

    /// The same page with something else asked for.
    fn with(&self, change: impl FnOnce(&mut UserQuery)) -> String {
        let mut query = UserQuery { page: None, ..self.query.clone() };
        change(&mut query);
        address(&self.path(), &query)
    }
}

fn address(path: &str, query: &UserQuery) -> String {
    let fields = query.to_url();
    if fields.is_empty() { path.to_owned() } else { format!("{path}?{fields}") }
}

fn body(users: &UserPage, place: &Place<'_>, clock: &Clock) -> Markup {
    html! {
        p class="lead" {
            "Each user of PureConnect in the scope of this link, and the Genesys Cloud user who gets the presence. "
            "Users are matched by the table of matches, an external id, or the e-mail address."
        }
        @if users.page.total == 0 {
            (nobody(users))
        } @else {
            (sums(users, place))
            (reasons(users, place))
            section class="card" aria-labelledby="list" {
                h2 id="list" { "List" }
                (filters(users, place))
                (list(users, place, clock))
            }
        }
    }
}

fn nobody(users: &UserPage) -> Markup {
    match users.at {
        None => empty(
            "Users are not known yet",
            html! {
                p { "The link has not been heard of yet. They appear here as soon as PureConnect has shown them." }
            },
        ),
        Some(_) => empty(
            "There are no users in scope",
            html! {
                p { "PureConnect has shown no user yet, or the scope in the configuration (workgroups, exclude list) leaves nobody." }
            },
        ),
    }
}

/// Matched and not, each a link to those.
fn sums(users: &UserPage, place: &Place<'_>) -> Markup {
    let counts = &users.counts;
    let sums = [
        ("All users", counts.matched + counts.not_matched, None),
        ("Matched", counts.matched, Some(UserSet::Matched)),
        ("Not matched", counts.not_matched, Some(UserSet::NotMatched)),
    ];
    html! {
        ul class="sums" {
            @for (words, count, set) in sums {
                li {
                    a href=(place.with(|query| { *query = UserQuery { set, ..UserQuery::default() } }))
                        aria-current=[(place.query.set == set && !(set.is_none() && place.is_narrowed())).then_some("true")] {
                        span class="sum" { (number(count)) } " " (words)
                    }
                }
            }
        }
    }
}

/// Why users are not synchronised, and what to do about each reason.
fn reasons(users: &UserPage, place: &Place<'_>) -> Markup {
    let reasons: Vec<(Reason, u64)> = users.counts.reason.iter().filter_map(known::<Reason>).collect();
    html! {
        @if !reasons.is_empty() {
            section class="card" aria-labelledby="reasons" {
                h2 id="reasons" { "Why users are not synchronised" }
                div class="table-box" role="region" tabindex="0" aria-labelledby="reasons" {
                    table class="cards" {
                        caption class="only-read" { "Reasons, how many users have each, and what to do" }
                        thead { tr {
                            th scope="col" { "Reason" }
                            th scope="col" class="number" { "Users" }
                            th scope="col" { "What to do" }
                        } }
                        tbody { @for (reason, count) in reasons { tr {
                            th scope="row" {
                                a href=(place.with(|query| { *query = UserQuery { reason: Some(reason), ..UserQuery::default() } })) {
                                    (reason.words())
                                }
                            }
                            td class="number" data-label="Users" { (number(count)) }
                            td data-label="What to do" { (reason.advice()) }
                        } } }
                    }
                }
            }
        }
    }
}

fn known<T: FromStr>(count: &Count) -> Option<(T, u64)> {
    count.value.parse().ok().map(|value| (value, count.agents)).filter(|(_, agents)| *agents > 0)
}

fn filters(users: &UserPage, place: &Place<'_>) -> Markup {
    let query = place.query;
    html! {
        form class="filters" method="get" action=(place.path()) role="search" {
            div class="field wide" {
                label for="search" { "Search" }
                input type="search" id="search" name="search" value=[query.search.as_ref()] placeholder="Name, id, e-mail, workgroup";
            }
            div class="field" {
                label for="set" { "Match" }
                select id="set" name="set" {
                    option value="" { "All" }
                    @for (set, words) in [(UserSet::Matched, "Matched"), (UserSet::NotMatched, "Not matched")] {
                        option value=(set) selected[query.set == Some(set)] { (words) }
                    }
                }
            }
            div class="field" {
                label for="state" { "State" }
                select id="state" name="state" {
                    option value="" { "All" }
                    @for state in State::ALL { option value=(state.name()) selected[query.state == Some(state)] { (state.words()) } }
                }
            }
            div class="field" {
                label for="reason" { "Reason" }
                select id="reason" name="reason" {
                    option value="" { "All" }
                    @for reason in Reason::ALL {
                        @let count = users.counts.reason.iter().find(|count| count.value == reason.name());
                        option value=(reason.name()) selected[query.reason == Some(reason)] {
                            (reason.words()) @if let Some(count) = count { " (" (number(count.agents)) ")" }
                        }
                    }
                }
            }
            @if let Some(workgroup) = &query.workgroup { input type="hidden" name="workgroup" value=(workgroup); }
            div class="actions" {
                button type="submit" { "Show" }
                @if place.is_narrowed() { a class="button" href=(place.path()) { "Clear" } }
            }
        }
    }
}

fn list(users: &UserPage, place: &Place<'_>, clock: &Clock) -> Markup {
    if users.users.is_empty() {
        return empty("Nobody is like that", html! { p { a href=(place.path()) { "Show all users" } } });
    }
    let csv = address(&format!("{}.csv", place.path()), &UserQuery { page: None, limit: None, ..place.query.clone() });
    html! {
        p class="line" {
            (found(&users.page)) " "
            a href=(csv) download { "Download as CSV" }
        }
        div class="table-box" role="region" tabindex="0" aria-label="Users" {
            table class="users cards" {
                caption class="only-read" { "Users of PureConnect and of Genesys Cloud, problems first" }
                thead { tr {
                    th scope="col" { "User in PureConnect" }
                    th scope="col" { "E-mail" }
                    th scope="col" { "User in Genesys Cloud" }
                    th scope="col" { "State" }
                    th scope="col" { "Why" }
                    th scope="col" { "Last success" }
                } }
                tbody { @for user in &users.users { (row(user, place.link, clock)) } }
            }
        }
        (pager(&users.page, place))
    }
}

fn found(page: &PageOf) -> String {
    let first = (page.page - 1) * page.limit + 1;
    let last = (page.page * page.limit).min(page.found);
    let found = counted(page.found, "user", "users");
    if page.pages > 1 { format!("{} to {} of {found}", number(first), number(last)) } else { found }
}

fn row(user: &User, link: &str, clock: &Clock) -> Markup {
    html! {
        tr {
            th scope="row" {
                a href=(layout::href(&["links", link, "agents", &user.agent])) {
                    (if user.name.is_empty() { &user.agent } else { &user.name })
                }
                @if !user.name.is_empty() { " " span class="below" { (user.agent) } }
            }
            td data-label="E-mail" { @match &user.email { Some(email) => (email), None => span class="muted" { "none" } } }
            td data-label="Genesys Cloud" { @match &user.user { Some(id) => code { (id) }, None => span class="muted" { "none" } } }
            td data-label="State" { (state_badge(user.state)) }
            td data-label="Why" { @if let Some(why) = &user.why { (why) } }
            td data-label="Last success" { @match user.last_success { Some(last) => (ago(clock, last)), None => "never" } }
        }
    }
}

fn pager(page: &PageOf, place: &Place<'_>) -> Markup {
    let to = |number: u64| place.with(|query| query.page = Some(number));
    html! {
        @if page.pages > 1 {
            nav class="pages" aria-label="Pages of the list" {
                span { "Page " (number(page.page)) " of " (number(page.pages)) }
                ul {
                    @if page.page > 1 {
                        li { a class="button" href=(to(1)) { "First" } }
                        li { a class="button" rel="prev" href=(to(page.page - 1)) { "Previous" } }
                    }
                    @if page.page < page.pages {
                        li { a class="button" rel="next" href=(to(page.page + 1)) { "Next" } }
                        li { a class="button" href=(to(page.pages)) { "Last" } }
                    }
                }
            }
        }
    }
}
