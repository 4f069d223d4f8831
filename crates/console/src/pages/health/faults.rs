//! What went wrong in the last day, by kind: with what each kind means.

use std::collections::BTreeMap;

use maud::{Markup, html};

use crate::pages::layout::{counted, empty, milliseconds, number};
use crate::shown::{Faults, GapTotal};

/// The section.
pub(super) fn faults(faults: Option<&Faults>) -> Markup {
    html! {
        section class="card" aria-labelledby="faults" {
            h2 id="faults" { "Faults of the last day" }
            @match faults {
                None => (empty("Not known", html! { p { "The journal cannot be read." } })),
                Some(faults) if is_quiet(faults) => (empty("Nothing went wrong", html! {
                    p { "No attempt failed, no change was given up, and nothing had to be repaired." }
                })),
                Some(faults) => {
                    (counts("Attempts that failed", "Kind", &faults.failed_attempts, Some(failure_words)))
                    (counts("Changes that are not sent any more", "Reason", &faults.dropped, None))
                    (gaps(&faults.gaps))
                    @if faults.repaired > 0 {
                        p { (counted(faults.repaired, "difference was", "differences were")) " found in Genesys Cloud and repaired." }
                    }
                }
            }
        }
    }
}

fn is_quiet(faults: &Faults) -> bool {
    let Faults { from: _, until: _, failed_attempts, dropped, gaps, repaired } = faults;
    failed_attempts.is_empty() && dropped.is_empty() && gaps.is_empty() && *repaired == 0
}

fn counts(title: &str, of: &str, counts: &BTreeMap<String, u64>, words: Option<fn(&str) -> &'static str>) -> Markup {
    html! {
        @if !counts.is_empty() {
            h3 { (title) }
            div class="table-box" role="region" tabindex="0" aria-label=(title) {
                table {
                    caption class="only-read" { (title) }
                    thead { tr { th scope="col" { (of) } th scope="col" class="number" { "How often" } @if words.is_some() { th scope="col" { "What it means" } } } }
                    tbody { @for (kind, count) in counts { tr {
                        th scope="row" class="nowrap" { (kind) }
                        td class="number" { (number(*count)) }
                        @if let Some(words) = words { td { (words(kind)) } }
                    } } }
                }
            }
        }
    }
}

/// What a kind of failure means; the names are those of the journal.
fn failure_words(kind: &str) -> &'static str {
    match kind {
        "throttled" => "Genesys Cloud said that there were too many requests. It was told later.",
        "unavailable" => "Genesys Cloud was out of reach or failed. It was tried again.",
        "deferred" => "Genesys Cloud did not take the change at that moment. It was tried again.",
        "refused" => "Genesys Cloud refused the change for good: the agent's page has its words.",
        "unauthorized" => "A token was not accepted; another one was asked for.",
        "unsupported" => {
            "The organisation does not take this facet: a permission or a feature is missing. `check` says which."
        }
        _ => "",
    }
}

fn gaps(gaps: &BTreeMap<String, GapTotal>) -> Markup {
    html! {
        @if !gaps.is_empty() {
            h3 { "Trust intervals" }
            div class="table-box" role="region" tabindex="0" aria-label="Trust intervals by kind" {
                table {
                    caption class="only-read" { "Trust intervals by kind" }
                    thead { tr {
                        th scope="col" { "Kind" }
                        th scope="col" class="number" { "How often" }
                        th scope="col" class="number" { "Together" }
                        th scope="col" { "What it means" }
                    } }
                    tbody { @for (kind, total) in gaps { tr {
                        th scope="row" class="nowrap" { (kind) @if total.open > 0 { " (it lasts)" } }
                        td class="number" { (number(total.count)) }
                        td class="number" { (milliseconds(total.duration)) }
                        td { (gap_words(kind)) }
                    } } }
                }
            }
        }
    }
}

/// What a kind of trust interval means for whoever relies on the times.
fn gap_words(kind: &str) -> &'static str {
    match kind {
        "not running" => "The bridge did not run: what came and went meanwhile is not known.",
        "source down" => "PureConnect was not connected: what came and went meanwhile is not known.",
        "target down" => "Genesys Cloud took nothing. It was told later, in events mode with the true times.",
        "late" => "Changes waited longer than they should. In events mode they have their true times.",
        "frozen" => "Delivery waited, because what PureConnect showed could not be believed.",
        _ => "",
    }
}
