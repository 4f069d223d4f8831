//! A day of an agent: the timeline with its dates and zooms, where the two systems differed, and where the feed was not to
//! be relied on.

use domain::target::{RoutingStatus, SystemPresence};
use jiff::SignedDuration;
use maud::{Markup, html};

use super::asked::{Asked, Part};
use crate::history::Period;
use crate::pages::layout::{Clock, counted, duration, empty, presence_pill, routing, time};
use crate::picture;
use crate::shown::{Band, Day, Difference, Facet, Interval};

/// What is known of the day.
pub(super) enum Known {
    /// What the journal says.
    Day(Box<Day>),
    /// Why it says nothing, and what to do.
    Unreadable(String),
}

/// The section.
pub(super) fn day(known: &Known, asked: &Asked) -> Markup {
    html! {
        section class="card" aria-labelledby="day" {
            h2 id="day" { "Timeline of " (asked.date) }
            (dates(asked))
            @match known {
                Known::Unreadable(why) => {
                    (empty("The past is not known", html! { p { "The journal cannot be read: " (why) "." } }))
                }
                Known::Day(day) => {
                    @if let Some(hours) = odd(asked) { p class="hint" { (hours) } }
                    (parts(asked, Period { from: day.from, until: day.until }))
                    (picture::day(day, asked.zone()))
                    (bands(day, &asked.clock()))
                    (differences(&day.differences, &asked.clock()))
                    (gaps(&day.gaps, day, &asked.clock()))
                }
            }
        }
    }
}

/// The date, the day before and the day after.
fn dates(asked: &Asked) -> Markup {
    let (before, after) = asked.beside();
    html! {
        form class="filters dates" method="get" action=(asked.path) {
            @if let Some(before) = before { a class="button" rel="prev" href=(asked.on(before)) { "← " (before) } }
            label for="date" { "Day" }
            input type="date" id="date" name="day" value=(asked.date) max=[asked.today];
            button type="submit" { "Show" }
            @if let Some(after) = after { a class="button" rel="next" href=(asked.on(after)) { (after) " →" } }
            @if asked.today.is_some_and(|today| today != asked.date) { a class="button" href=(asked.path) { "Today" } }
        }
        @if let Some(mistake) = &asked.mistake { p class="banner warn" role="status" { (mistake) } }
    }
}

/// That the clock was set.
fn odd(asked: &Asked) -> Option<String> {
    let hours = asked.hours();
    let how = match hours {
        24 => return None,
        ..24 => "forward",
        25.. => "back",
    };
    Some(format!("This day has {hours} hours: the clock was set {how}."))
}

fn parts(asked: &Asked, shown: Period) -> Markup {
    let whole = [(Part::Whole, "Whole day"), (Part::Shift, "Shift"), (Part::Hour, "Last hour")];
    html! {
        nav class="parts" aria-label="Part of the day" {
            ul {
                @for (part, words) in whole {
                    li { a href=(asked.of(part)) aria-current=[(part == asked.part).then_some("true")] { (words) } }
                }
                @for (words, part) in asked.around(shown) {
                    @if let Some(part) = part { li { a href=(asked.of(part)) { (words) } } }
                }
            }
        }
    }
}

/// The bands of the picture as a table.
fn bands(day: &Day, clock: &Clock) -> Markup {
    let rows = [
        ("PureConnect asks for", &day.wanted.presence),
        ("Genesys Cloud, presence", &day.told.presence),
        ("Genesys Cloud, routing status", &day.told.routing),
        ("Genesys Cloud, out of office", &day.told.out_of_office),
    ];
    let all = rows.iter().map(|(_, bands)| bands.len()).sum::<usize>();
    html! {
        @if all == 0 {
            p class="hint" {
                @if day.known { "Nothing is known of this time." }
                @else { "The journal has never heard of this agent." }
            }
        } @else {
            details id="bands" {
                summary { "The timeline as a table" }
                div class="table-box" role="region" tabindex="0" aria-label="The timeline as a table" {
                    table {
                        caption { "What held from when until when" }
                        thead { tr {
                            th scope="col" { "From" }
                            th scope="col" { "Until" }
                            th scope="col" class="number" { "For" }
                            th scope="col" { "Where" }
                            th scope="col" { "Value" }
                            th scope="col" { "Because" }
                        } }
                        tbody {
                            @for (whose, bands) in rows { @for band in bands { (band_row(whose, band, clock)) } }
                        }
                    }
                }
            }
        }
    }
}

fn band_row(whose: &str, band: &Band, clock: &Clock) -> Markup {
    let status = band.text.as_deref().or(band.status.as_deref());
    html! {
        tr {
            th scope="row" { (time(clock, band.since.unwrap_or(band.from))) }
            td { (time(clock, band.until)) }
            td class="number" { (duration(band.until.duration_since(band.since.unwrap_or(band.from)))) }
            td { (whose) }
            td { (value(band.value.as_deref())) }
            td {
                @if let Some(status) = status { (status) }
                @if let Some(rule) = &band.rule { @if status.is_some() { ": " } (rule) }
            }
        }
    }
}

/// A value as a person reads it.
fn value(value: Option<&str>) -> Markup {
    match value {
        None => html! { "not known" },
        // "IDLE" is a routing status, and "Idle" a presence.
        Some(known) if known == known.to_uppercase() && RoutingStatus::parse(known).is_some() => routing(known),
        Some(known) if SystemPresence::parse(known).is_some() => presence_pill(known),
        Some(known) => html! { (known) },
    }
}

/// A change that was told within this time was told as soon as it should be.
const IN_TIME: SignedDuration = SignedDuration::from_secs(15);

fn differences(differences: &[Difference], clock: &Clock) -> Markup {
    let is_late = |one: &&Difference| one.lasts || one.until.duration_since(one.from) >= IN_TIME;
    let (late, brief): (Vec<&Difference>, Vec<&Difference>) = differences.iter().partition(is_late);
    html! {
        h3 { "Differences" }
        @if late.is_empty() {
            p { "Genesys Cloud showed what it should, never later than 15 s." }
        } @else {
            (difference_table(&late, "When Genesys Cloud showed something else than it should for 15 s or longer", clock))
        }
        @if !brief.is_empty() {
            details id="brief" {
                summary { (counted(brief.len() as u64, "shorter difference", "shorter differences")) ", while a change was on its way" }
                (difference_table(&brief, "Differences shorter than 15 s", clock))
            }
        }
    }
}

fn difference_table(differences: &[&Difference], caption: &str, clock: &Clock) -> Markup {
    html! {
        div class="table-box" role="region" tabindex="0" aria-label=(caption) {
            table class="differences cards" {
                caption { (caption) }
                thead { tr {
                    th scope="col" { "From" }
                    th scope="col" { "Until" }
                    th scope="col" class="number" { "For" }
                    th scope="col" { "What" }
                    th scope="col" { "Should be" }
                    th scope="col" { "Showed" }
                    th scope="col" { "Why" }
                } }
                tbody { @for difference in differences { (difference_row(difference, clock)) } }
            }
        }
    }
}

fn difference_row(difference: &Difference, clock: &Clock) -> Markup {
    let facet = match difference.facet {
        Facet::Presence => "presence",
        Facet::Routing => "routing status",
        Facet::OutOfOffice => "out of office",
    };
    html! {
        tr {
            th scope="row" { (time(clock, difference.from)) }
            td data-label="Until" { @if difference.lasts { "it lasts" } @else { (time(clock, difference.until)) } }
            td class="number" data-label="For" { (duration(difference.until.duration_since(difference.from))) }
            td data-label="What" { (facet) }
            td data-label="Should be" { (value(Some(&difference.wanted))) }
            td data-label="Showed" { (value(difference.told.as_deref())) }
            td data-label="Why" { (difference.why) " " a href=(format!("#change-{}", difference.change)) { "change" } }
        }
    }
}

fn gaps(gaps: &[Interval], day: &Day, clock: &Clock) -> Markup {
    html! {
        @if !gaps.is_empty() {
            h3 { "Not to be relied on" }
            p { "In these intervals Genesys Cloud may not have shown what PureConnect showed." }
            ul class="bullets" {
                @for gap in gaps {
                    li {
                        (time(clock, gap.from)) " to "
                        @match gap.until { Some(until) => (time(clock, until)), None => "now" }
                        " (" (duration(gap.until.unwrap_or(day.at).duration_since(gap.from))) "), " (gap.kind) ": " (gap.reason)
                    }
                }
            }
        }
    }
}
