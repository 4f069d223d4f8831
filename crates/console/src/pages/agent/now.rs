//! How an agent stands now: what PureConnect shows, what Genesys Cloud shall show and was told, by which rule, and whether
//! the two agree, in words.

use maud::{Markup, html};

use super::encoded;
use crate::pages::layout::{
    self, Clock, Tone, ago, badge, counted, fact, presence_pill, routing, since, state_badge, time,
};
use crate::shown::{Agent, Interaction, OutOfOffice, State, StatusMessage, Values, words};

/// The section.
pub(super) fn now(agent: &Agent, link: &str, clock: &Clock) -> Markup {
    html! {
        section class="now" aria-labelledby="now" {
            h2 id="now" { "Now" }
            (agreement(agent, clock))
            div class="columns" {
                (source(agent, clock))
                (target(agent, clock))
                (synchronised(agent, clock))
            }
            (why(agent, link))
        }
    }
}

/// Whether Genesys Cloud shows what it shall, in a sentence.
fn agreement(agent: &Agent, clock: &Clock) -> Markup {
    let differences = differences(&agent.wanted, &agent.told, clock);
    html! {
        @if agent.user.is_none() {
            p class="verdict bad" { "Genesys Cloud is told nothing, because the agent has no user there." }
        } @else if agent.wanted.presence.is_none() {
            p class="verdict warn" { "What Genesys Cloud shall show is not known yet." }
        } @else if differences.is_empty() {
            p class="verdict good" { "Genesys Cloud was told what PureConnect shows." }
        } @else {
            div class="verdict warn" {
                p { "Genesys Cloud was told something else than PureConnect shows:" }
                ul { @for difference in &differences { li { (difference) } } }
                p {
                    @match agent.pending {
                        0 => "No change is on its way.",
                        1 => "1 change is on its way.",
                        changes => { (changes) " changes are on their way." }
                    }
                }
            }
        }
        @if let Some(status) = &agent.not_shown {
            p class="verdict warn" { "The routing status " (routing(status)) " cannot be shown: direct delivery cannot tell it." }
        }
    }
}

/// What should be there and is not.
fn differences(wanted: &Values, told: &Values, clock: &Clock) -> Vec<String> {
    let presence = |values: &Values| match (&values.presence, &values.secondary) {
        (Some(presence), Some(secondary)) => Some(format!("{presence} ({secondary})")),
        (presence, _) => presence.clone(),
    };
    let office = |values: &Values| values.out_of_office.as_ref().map(|office| office_words(office, clock));
    let pairs = [
        ("presence", presence(wanted), presence(told)),
        ("routing status", wanted.routing.clone(), told.routing.clone()),
        ("out of office", office(wanted), office(told)),
    ];
    let differing = pairs.into_iter().filter_map(|(what, wanted, told)| {
        let wanted = wanted.filter(|wanted| told.as_ref() != Some(wanted))?;
        let told = told.unwrap_or_else(|| "nothing yet".to_owned());
        Some(format!("{what}: should be {wanted}, was told {told}"))
    });
    differing.collect()
}

fn office_words(office: &OutOfOffice, clock: &Clock) -> String {
    match (office.active, office.until) {
        (false, _) => "off".to_owned(),
        (true, None) => "on".to_owned(),
        (true, Some(until)) => format!("on until {}", until.to_zoned(clock.zone.clone()).strftime("%-d %b %H:%M")),
    }
}

fn source(agent: &Agent, clock: &Clock) -> Markup {
    let entered = agent.entered.or(agent.status.as_ref().and_then(|status| status.since));
    html! {
        div class="card" {
            h3 { "PureConnect shows" }
            dl class="facts" {
                (fact("Status", status(agent)))
                @if let Some(entered) = entered { (fact("Entered", since(clock, entered))) }
                @if let Some(until) = agent.status.as_ref().and_then(|status| status.until) {
                    (fact("Until", time(clock, until)))
                }
                @if let Some(message) = &agent.message { (fact("Status group", html! { (group(message)) })) }
                @if let Some(message) = &agent.message { (fact("Ticked", ticked(message))) }
                (fact("Logged in", html! {
                    @if agent.logged_in { "yes" } @else { "no: counts as Offline, unless the configuration says otherwise" }
                }))
                (fact("Interactions", interactions(&agent.interactions, clock)))
            }
        }
    }
}

fn status(agent: &Agent) -> Markup {
    html! {
        @match (&agent.message, &agent.status) {
            (Some(message), _) => {
                strong { @if message.text.is_empty() { (message.id) } @else { (message.text) } }
            }
            (None, Some(status)) => { strong { (status.id) } ", which is not in the list of status messages" }
            (None, None) => { "not known: it may not be seen" }
        }
    }
}

fn group(message: &StatusMessage) -> &str {
    if message.group.is_empty() { "none" } else { &message.group }
}

/// The tick boxes of a status message.
fn ticked(message: &StatusMessage) -> Markup {
    let boxes = [(message.acd, "allows ACD calls"), (message.acw, "after call work"), (message.dnd, "do not disturb")];
    let ticked: Vec<&str> = boxes.into_iter().filter_map(|(is, words)| is.then_some(words)).collect();
    html! { @if ticked.is_empty() { "nothing" } @else { (ticked.join(", ")) } }
}

fn interactions(interactions: &[Interaction], clock: &Clock) -> Markup {
    html! {
        @if interactions.is_empty() { "none" } @else {
            ul class="plain" {
                @for interaction in interactions {
                    li {
                        (interaction.involvement) ", " (if interaction.acd { "routed by ACD" } else { "not routed by ACD" })
                        @if let Some(begun) = interaction.since { ", " (since(clock, begun)) }
                        " " code { (interaction.id) }
                    }
                }
            }
        }
    }
}

fn target(agent: &Agent, clock: &Clock) -> Markup {
    let told = &agent.told;
    html! {
        div class="card" {
            h3 { "Genesys Cloud was told" }
            dl class="facts" {
                (fact("Presence", html! {
                    @match &told.presence { Some(presence) => (presence_pill(presence)), None => "nothing yet" }
                    @if let Some(secondary) = &told.secondary { " " code { (secondary) } }
                }))
                (fact("Routing status", html! {
                    @match &told.routing { Some(status) => (routing(status)), None => "nothing yet" }
                    @if agent.pending_off_queue { " " (badge(Tone::Busy, "pending off queue")) }
                }))
                @if agent.pending_off_queue {
                    (fact("Pending", html! {
                        "The agent left the queue with interactions; the routing status follows them until they have ended."
                    }))
                }
                (fact("Out of office", html! {
                    @match &told.out_of_office {
                        None => "nothing yet",
                        Some(OutOfOffice { active: false, .. }) => "off",
                        Some(OutOfOffice { active: true, until: None }) => "on",
                        Some(OutOfOffice { active: true, until: Some(until) }) => { "on until " (time(clock, *until)) }
                    }
                }))
                (fact("User", html! { @match &agent.user { Some(user) => code { (user) }, None => "none" } }))
            }
        }
    }
}

/// Which rule decides, and how to read that.
fn why(agent: &Agent, link: &str) -> Markup {
    let mapping = layout::href(&["links", link, "mapping"]);
    html! {
        div class="card" {
        h3 { "Why this presence" }
        @match &agent.rule {
            Some(rule) => {
                p {
                    @match &agent.wanted.presence {
                        Some(presence) => { (presence_pill(presence)) " comes from the rule " }
                        None => "The presence comes from the rule ",
                    }
                    strong { (rule) } ". Rules are tried from top to bottom, and the first that matches decides."
                }
                p class="follow" {
                    a href=(format!("{mapping}#rules")) { "All rules in their order" }
                    @if let Some(status) = &agent.status {
                        " · "
                        a href=(format!("{mapping}?status={}#try", encoded(&status.id))) { "Why not another one?" }
                    }
                }
            }
            None => p { "No rule has decided yet." }
        }
        }
    }
}

fn synchronised(agent: &Agent, clock: &Clock) -> Markup {
    html! {
        div class="card" {
            h3 { "Synchronisation" }
            dl class="facts" {
                (fact("State", html! {
                    (state_badge(agent.state))
                    @if let Some(why) = words::why(agent, true).filter(|why| Some(why) != agent.error.as_ref()) { " " (why) }
                }))
                @if let (State::Error | State::NotSynced, Some(reason)) = (agent.state, agent.reason) {
                    (fact("What to do", html! { (reason.advice()) }))
                }
                @if let Some(error) = &agent.error { (fact("Genesys Cloud says", html! { q { (error) } })) }
                (fact("Last success", html! {
                    @match agent.last_success { Some(last) => (ago(clock, last)), None => "never" }
                }))
                @if agent.pending > 0 {
                    (fact("On their way", html! { (counted(agent.pending, "change", "changes")) }))
                }
            }
        }
    }
}
