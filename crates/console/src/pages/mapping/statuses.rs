//! The status messages of the system as a table, to be searched.

use maud::{Markup, html};

use super::{Filter, Shown, number_of};
use crate::pages::layout::{self, Tone, badge, counted, empty, number, presence_pill, routing};
use crate::shown::{By, Finding, MappedStatus, Mapping};

/// The section.
pub(super) fn statuses(shown: &Shown<'_>) -> Markup {
    let mapping = shown.mapping;
    html! {
        section class="card" aria-labelledby="statuses" {
            h2 id="statuses" { "Status messages" }
            @if mapping.statuses.is_empty() {
                (empty("No status message is known yet", html! { p { "PureConnect has not shown its status messages yet." } }))
            } @else {
                (filters(shown))
                (unknown(mapping))
                (list(shown))
            }
        }
    }
}

fn filters(shown: &Shown<'_>) -> Markup {
    let Filter { search, only } = shown.filter;
    html! {
        form class="filters" method="get" role="search" action=(layout::href(&["links", shown.link, "mapping"])) {
            div class="field wide" {
                label for="search" { "Search" }
                input type="search" id="search" name="search" value=(search) placeholder="Text, id, group, presence, rule";
            }
            div class="field" {
                label for="only" { "Only" }
                select id="only" name="only" {
                    option value="" { "All" }
                    option value="used" selected[only == "used"] { "With agents in it" }
                    option value="findings" selected[only == "findings"] { "Worth a second look" }
                }
            }
            div class="actions" {
                button type="submit" { "Show" }
                @if !search.is_empty() || !only.is_empty() {
                    a class="button" href=(layout::href(&["links", shown.link, "mapping"])) { "Clear" }
                }
            }
        }
    }
}

/// Statuses that agents are in and that the catalogue does not have.
fn unknown(mapping: &Mapping) -> Markup {
    html! {
        @for status in &mapping.unknown {
            p class="banner warn" role="status" {
                strong { (counted(status.agents, "agent is", "agents are")) " in the status " code { (status.id) } ". " }
                "PureConnect's list of status messages does not have it, so they keep the presence that they had."
            }
        }
    }
}

fn list(shown: &Shown<'_>) -> Markup {
    let mapping = shown.mapping;
    let found: Vec<&MappedStatus> = mapping.statuses.iter().filter(|status| takes(shown.filter, status)).collect();
    if found.is_empty() {
        return empty(
            "No status message is like that",
            html! {
                p { a href=(layout::href(&["links", shown.link, "mapping"])) { "Show all" } }
            },
        );
    }
    html! {
        p class="line" { (counted(found.len() as u64, "status message", "status messages")) }
        div class="table-box" role="region" tabindex="0" aria-labelledby="statuses" {
            table class="statuses cards" {
                caption class="only-read" { "Status messages, what they become, and by which rule" }
                thead { tr {
                    th scope="col" { "Status message" }
                    th scope="col" { "Group" }
                    th scope="col" { "Ticked" }
                    th scope="col" { "Becomes" }
                    th scope="col" { "Rule" }
                    th scope="col" class="number" { "Agents" }
                    th scope="col" { "Worth a second look" }
                } }
                tbody { @for status in found { (row(status, shown)) } }
            }
        }
    }
}

/// Words are looked for in all that the row says.
fn takes(filter: &Filter, status: &MappedStatus) -> bool {
    let is_meant = match filter.only.as_str() {
        "used" => status.agents > 0,
        "findings" => !status.findings.is_empty(),
        _ => true,
    };
    let message = &status.message;
    let all = [&message.text, &message.id, &message.group, &status.presence, &status.rule];
    let all = all.map(|text| text.to_lowercase()).join("\n");
    is_meant && filter.search.to_lowercase().split_whitespace().all(|word| all.contains(word))
}

fn row(status: &MappedStatus, shown: &Shown<'_>) -> Markup {
    let message = &status.message;
    let mapping = layout::href(&["links", shown.link, "mapping"]);
    let rule = number_of(&shown.mapping.rules, &status.rule);
    html! {
        tr {
            th scope="row" {
                (if message.text.is_empty() { &message.id } else { &message.text }) " "
                a class="why" href=(format!("{mapping}?status={}#try", encoded(&message.id))) {
                    "why?" span class="only-read" { " " (message.text) }
                }
                @if message.text != message.id { " " span class="below" { (message.id) } }
            }
            td data-label="Group" { (message.group) }
            td data-label="Ticked" { (ticked(&[(message.acd, "ACD calls"), (message.acw, "after call work"), (message.dnd, "do not disturb")])) }
            td data-label="Becomes" {
                (presence_pill(&status.presence))
                @if status.out_of_office && status.presence != "Out of Office" { " " (badge(Tone::Quiet, "out of office")) }
                @if let Some(prescribed) = &status.routing { " " (routing(prescribed)) }
            }
            td data-label="Rule" {
                @match rule { Some(number) => a href=(format!("#rule-{number}")) { (number) ". " (status.rule) }, None => (status.rule) }
                @match status.by {
                    By::OwnRule => { " " (badge(Tone::Good, "your own")) }
                    By::LastRow => { " " (badge(Tone::Quiet, "nothing else matched")) }
                    By::VendorRow => {}
                }
            }
            td class="number" data-label="Agents" {
                @if status.agents == 0 { "0" } @else {
                    a href=(format!("{}?search={}", layout::href(&["links", shown.link, "agents"]), encoded(&message.text))) { (number(status.agents)) }
                }
            }
            td data-label="Remarks" { (remarks(status, &shown.mapping.findings)) }
        }
    }
}

fn ticked(boxes: &[(bool, &str)]) -> String {
    let ticked: Vec<&str> = boxes.iter().filter_map(|(is, words)| is.then_some(*words)).collect();
    if ticked.is_empty() { "–".to_owned() } else { ticked.join(", ") }
}

fn remarks(status: &MappedStatus, findings: &[Finding]) -> Markup {
    html! {
        @for code in &status.findings {
            @if let Some(finding) = findings.iter().find(|finding| finding.code == *code) {
                a class="remark" href=(format!("#finding-{code}")) title=(finding.fact) { (code.replace('-', " ")) } " "
            }
        }
    }
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
