//! The form in which a status message can be tried, one that the system has or one that does not exist yet, and the answer.

use std::collections::BTreeSet;

use maud::{Markup, html};

use super::{Shown, number_of};
use crate::pages::layout::{self, fact, presence_pill, routing};
use crate::shown::{Rule, StatusMessage, Tried, TryMapping};

/// Whether anything is to be tried.
pub(super) fn is_asked(wanted: &TryMapping) -> bool {
    let TryMapping { status, text, group, acd, acw, dnd } = wanted;
    status.is_some() || text.is_some() || group.is_some() || *acd || *acw || *dnd
}

/// The section.
pub(super) fn trial(shown: &Shown<'_>) -> Markup {
    html! {
        section class="card" aria-labelledby="try" {
            h2 id="try" { "Try it" }
            p { "What would a status message become? The answer is a link that can be sent to others." }
            div class="columns" {
                (form(shown))
                @if let Some(tried) = shown.tried { (answer(tried, &shown.mapping.rules)) }
            }
        }
    }
}

fn form(shown: &Shown<'_>) -> Markup {
    let groups: BTreeSet<&str> = shown.mapping.statuses.iter().map(|status| status.message.group.as_str()).collect();
    let filled = filled(shown);
    html! {
        form class="stack try" method="get" action=(format!("{}#try", layout::href(&["links", shown.link, "mapping"]))) {
            div class="field" {
                label for="try-text" { "Status message" }
                input type="text" id="try-text" name="text" list="texts" value=(filled.text) autocomplete="off";
                datalist id="texts" { @for status in &shown.mapping.statuses { option value=(status.message.text) {} } }
            }
            div class="field" {
                label for="try-group" { "Status group" }
                input type="text" id="try-group" name="group" list="groups" value=(filled.group) autocomplete="off";
                datalist id="groups" { @for group in groups { option value=(group) {} } }
            }
            fieldset {
                legend { "Ticked in Interaction Administrator" }
                @for (name, words, is) in [
                    ("acd", "Status allows ACD calls", filled.acd),
                    ("acw", "Status is after call work", filled.acw),
                    ("dnd", "Status is Do Not Disturb", filled.dnd),
                ] {
                    label class="tick" { input type="checkbox" name=(name) checked[is]; " " (words) }
                }
            }
            button class="primary" type="submit" { "What does it become?" }
        }
    }
}

/// What was tried, as far as it is known.
fn filled(shown: &Shown<'_>) -> StatusMessage {
    if let Some(tried) = shown.tried {
        return tried.message.clone();
    }
    let TryMapping { text, group, acd, acw, dnd, .. } = shown.wanted.clone();
    StatusMessage { id: String::new(), text: text.unwrap_or_default(), group: group.unwrap_or_default(), acd, acw, dnd }
}

fn answer(tried: &Tried, rules: &[Rule]) -> Markup {
    let name = if tried.message.text.is_empty() { "(no message)" } else { &tried.message.text };
    html! {
        div class="answer" role="status" {
            h3 { (name) " becomes " (presence_pill(&tried.presence)) }
            dl class="facts" {
                (fact("Rule", html! {
                    @match number_of(rules, &tried.rule) {
                        Some(number) => a href=(format!("#rule-{number}")) { (number) ". " (tried.rule) },
                        None => (tried.rule),
                    }
                    " (" code { (tried.from) } ")"
                }))
                (fact("Because", html! { (tried.because) }))
                (fact("Out of office", html! {
                    @if tried.out_of_office { "on, until the date in the status where it has one; the presence itself is Away" } @else { "off" }
                }))
                @if let Some(status) = &tried.routing { (fact("Routing status", html! { (routing(status)) ", as the rule prescribes" })) }
                @if tried.presence != tried.system_presence && !tried.out_of_office {
                    (fact("Hangs under", presence_pill(&tried.system_presence)))
                }
                @if let Some(other) = &tried.other_precedence {
                    (fact("With the other precedence", html! { (presence_pill(&other.presence)) " by " (other.rule) }))
                }
            }
            @if !tried.known { p class="hint" { "The system has no such status message: this is what one would become." } }
            h4 { "Nearly" }
            @if tried.near_misses.is_empty() {
                p { "No other rule came near." }
            } @else {
                ul class="bullets" { @for miss in &tried.near_misses { li { strong { (miss.rule) } " (" (miss.presence) "): " (miss.why) } } }
            }
        }
    }
}
