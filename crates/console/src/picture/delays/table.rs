//! The delays in words and as a table: what the chart says, for whoever does not see it.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};

use super::TARGET;
use crate::pages::milliseconds;
use crate::shown::{DelayMinute, Spread};

/// How much of the table a stretch of so many minutes shows in a line.
const LINES: i64 = 24;

/// What can be seen, in two sentences.
pub(super) fn in_words(minutes: &[DelayMinute], from: Timestamp, until: Timestamp, zone: &TimeZone) -> String {
    let span = format!("From {} to {}.", clock(from, zone), clock(until, zone));
    let changes: u64 = minutes.iter().map(|minute| minute.seen.changes).sum();
    let Some(worst) = minutes.iter().max_by_key(|minute| minute.seen.p95) else {
        return format!("{span} No change was told in this time.");
    };
    let late = minutes.iter().filter(|minute| minute.seen.p95 > TARGET).count();
    let late = match late {
        0 => "It was never above the target of 15 s.".to_owned(),
        1 => "It was above the target of 15 s in 1 minute.".to_owned(),
        late => format!("It was above the target of 15 s in {late} minutes."),
    };
    let said = if changes == 1 { "1 change".to_owned() } else { format!("{changes} changes") };
    let (slowest, at) = (milliseconds(worst.seen.p95), clock(worst.at, zone));
    format!("{span} {said}; the worst minute is {at}, in which 95 of 100 were told within {slowest}. {late}")
}

/// The same as a table, by the hour or by shorter stretches.
pub(super) fn table(minutes: &[DelayMinute], span: SignedDuration, zone: &TimeZone) -> Markup {
    let lines = lines(minutes, span);
    if lines.is_empty() {
        return html! {};
    }
    html! {
        details class="figures" {
            summary { "The same as a table" }
            div class="table-box" role="region" tabindex="0" aria-label="Delays as a table" {
                table {
                    caption { "Delays, newest first. The figures of a line are those of its worst minute." }
                    thead { tr {
                        th scope="col" { "From" }
                        th scope="col" class="number" { "Changes" }
                        th scope="col" class="number" { "p50" }
                        th scope="col" class="number" { "p95" }
                        th scope="col" { "Against 15 s" }
                    } }
                    tbody {
                        @for (from, line) in lines.iter().rev() {
                            tr {
                                th scope="row" { (clock(*from, zone)) }
                                td class="number" { (line.changes) }
                                td class="number" { (milliseconds(line.p50)) }
                                td class="number" { (milliseconds(line.p95)) }
                                td { @if line.p95 > TARGET { "above" } @else { "within" } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The minutes in stretches that begin at full hours or their parts.
fn lines(minutes: &[DelayMinute], span: SignedDuration) -> BTreeMap<Timestamp, Spread> {
    let stretch = [1, 5, 15, 30].into_iter().find(|stretch| span.as_mins() / stretch <= LINES).unwrap_or(60) * 60;
    let mut lines: BTreeMap<Timestamp, Spread> = BTreeMap::new();
    for minute in minutes {
        let begin = Timestamp::from_second(minute.at.as_second().div_euclid(stretch) * stretch).unwrap_or(minute.at);
        let line = lines.entry(begin).or_default();
        line.changes += minute.seen.changes;
        line.p50 = line.p50.max(minute.seen.p50);
        line.p95 = line.p95.max(minute.seen.p95);
    }
    lines
}

fn clock(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%H:%M").to_string()
}
