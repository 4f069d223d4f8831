//! The form above the list: a search, and a choice for each thing that agents can be told apart by, with how many it would
//! find.

use maud::{Markup, html};

use crate::model::AgentQuery;
use crate::pages::layout::{counted, number};
use crate::shown::{AgentPage, Count, Reason, State};

/// The form. It asks by its address, so that a list can be kept and sent to others.
pub(super) fn form(path: &str, query: &AgentQuery, list: &AgentPage) -> Markup {
    let counts = &list.counts;
    let plain = str::to_owned;
    let is_filtered = AgentQuery { sort: None, page: None, limit: None, ..query.clone() } != AgentQuery::default();
    html! {
        form class="filters" method="get" action=(path) role="search" data-live {
            div class="field wide" {
                label for="search" { "Search" }
                input type="search" id="search" name="search" value=[query.search.as_deref()] autocomplete="off" spellcheck="false"
                    placeholder="Name, id, e-mail, workgroup or status";
            }
            (choice("presence", "Presence", &counts.presence, query.presence.map(|one| one.to_string()), plain))
            (choice("routing", "Routing status", &counts.routing, query.routing.map(|one| one.to_string()), sentence))
            (choice("state", "Sync state", &counts.state, query.state.map(|one| one.name().to_owned()), state))
            @if !counts.reason.is_empty() || query.reason.is_some() {
                (choice("reason", "Reason", &counts.reason, query.reason.map(|one| one.name().to_owned()), reason))
            }
            (choice("workgroup", "Workgroup", &counts.workgroup, query.workgroup.as_ref().map(ToString::to_string), plain))
            @if let Some(sort) = query.sort { input type="hidden" name="sort" value=(sort); }
            @if let Some(limit) = query.limit { input type="hidden" name="limit" value=(limit); }
            button type="submit" { "Show" }
        }
        p class="found" role="status" {
            strong { (counted(list.page.found, "agent", "agents")) }
            @if is_filtered { " of " (number(list.page.total)) " · " a href=(path) { "Show all" } }
        }
    }
}

/// What was chosen stays in the list, also when nobody has it any more.
fn choice(name: &str, label: &str, counts: &[Count], chosen: Option<String>, words: fn(&str) -> String) -> Markup {
    let chosen = chosen.as_deref();
    let is_gone = chosen.filter(|chosen| !counts.iter().any(|count| count.value.eq_ignore_ascii_case(chosen)));
    html! {
        div class="field" {
            label for=(format!("by-{name}")) { (label) }
            select id=(format!("by-{name}")) name=(name) {
                option value="" { "All" }
                @if let Some(gone) = is_gone { option value=(gone) selected { (words(gone)) " (0)" } }
                @for count in counts {
                    option value=(count.value) selected[chosen.is_some_and(|chosen| count.value.eq_ignore_ascii_case(chosen))] {
                        (words(&count.value)) " (" (number(count.agents)) ")"
                    }
                }
            }
        }
    }
}

fn state(name: &str) -> String {
    State::ALL
        .into_iter()
        .find(|state| state.name() == name)
        .map_or_else(|| name.to_owned(), |state| state.words().to_owned())
}

fn reason(name: &str) -> String {
    let known = Reason::ALL.into_iter().find(|reason| reason.name() == name);
    known.map_or_else(|| name.to_owned(), |reason| sentence(reason.words()))
}

/// With a capital, and without underscores: `NOT_RESPONDING` is `Not responding`.
fn sentence(text: &str) -> String {
    let is_name = text.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_');
    let words = if is_name { text.to_lowercase().replace('_', " ") } else { text.to_owned() };
    let mut letters = words.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}
