//! A history for people: line by line what the agent did, what Genesys Cloud was told and how late, and where to be careful.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use console::shown::{Band, Change, Day, Difference, Disposition, Facet};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::report::one_line;
use crate::when::{duration, time, zone_name};

/// From here on a delivery is worth a look.
const LATE: Duration = Duration::from_secs(15);

/// What stands out, where the terminal has colours.
#[derive(Clone, Copy)]
enum Tone {
    Plain,
    Strong,
    Faint,
    Warn,
    Bad,
}

/// A line, with the time at which it belongs.
struct Entry {
    at: Timestamp,
    order: u8,
    tone: Tone,
    text: String,
}

/// The history.
pub fn day(day: &Day, zone: &TimeZone, coloured: bool) -> String {
    let paint = Paint { coloured };
    let mut text = head(day, zone, paint);
    let entries = entries(day, zone);
    if entries.is_empty() {
        text.push_str("Nothing is in the journal of this time.\n");
        return text;
    }
    let mut date = None;
    for entry in entries {
        let local = entry.at.to_zoned(zone.clone());
        if date.replace(local.date()) != Some(local.date()) {
            writeln!(text, "{}", paint.of(Tone::Strong, &local.date().to_string())).expect("a String takes everything");
        }
        writeln!(text, "{}  {}", local.strftime("%H:%M:%S"), paint.of(entry.tone, &entry.text))
            .expect("a String takes everything");
    }
    text.push('\n');
    text.push_str(&sums(day));
    text
}

fn head(day: &Day, zone: &TimeZone, paint: Paint) -> String {
    let name = day.name.as_deref().map(|name| format!(" ({})", one_line(name))).unwrap_or_default();
    let (from, until) = (time(day.from, zone), time(day.until, zone));
    let mut text =
        format!("{}{name}, link {}, from {from} to {until}.", paint.of(Tone::Strong, &one_line(&day.agent)), day.link);
    writeln!(text, " All times are {}.", zone_name(zone, day.until)).expect("a String takes everything");
    if day.at < day.until {
        writeln!(text, "What came after {} is not known.", time(day.at, zone)).expect("a String takes everything");
    }
    text.push('\n');
    text
}

fn entries(day: &Day, zone: &TimeZone) -> Vec<Entry> {
    let changes: BTreeMap<&str, &Change> = day.changes.iter().map(|change| (change.id.as_str(), change)).collect();
    let mut entries: Vec<Entry> = Vec::new();
    entries.extend(day.wanted.presence.iter().map(|band| status(day, band, &changes)));
    let shown = |change: &&str| day.wanted.presence.iter().any(|band| band.change.as_deref() == Some(*change));
    let others = changes.iter().filter(|(id, _)| !shown(id)).map(|(_, change)| other(change));
    entries.extend(others);
    let routing = day.wanted.routing.iter().filter(|band| band.from == day.from || band.change.is_none());
    entries.extend(routing.map(|band| held("routing status", band)));
    entries.extend(
        day.wanted.out_of_office.iter().filter(|band| band.from == day.from).map(|band| held("out of office", band)),
    );
    entries.extend(day.differences.iter().map(|one| difference(one, zone)));
    for gap in &day.gaps {
        let reason = one_line(&gap.reason);
        let since = if gap.from < day.from { format!(", since {}", time(gap.from, zone)) } else { String::new() };
        let begins = format!("-- not to be relied on from here{since}: {} ({reason})", gap.kind);
        entries.push(Entry { at: gap.from.max(day.from), order: 0, tone: Tone::Warn, text: begins });
        if let Some(until) = gap.until.filter(|until| *until < day.until) {
            entries.push(Entry {
                at: until,
                order: 9,
                tone: Tone::Warn,
                text: format!("-- that is over: {}", gap.kind),
            });
        }
    }
    entries.sort_by_key(|entry| (entry.at, entry.order));
    entries
}

/// The agent enters a status; or was in it when the period began.
fn status(day: &Day, band: &Band, changes: &BTreeMap<&str, &Change>) -> Entry {
    let message = band
        .text
        .as_deref()
        .or(band.status.as_deref())
        .map_or_else(|| "a status that is not known".to_owned(), one_line);
    let presence = band.value.as_deref().unwrap_or("?");
    let rule = band.rule.as_deref().map(|rule| format!("  [{}]", one_line(rule))).unwrap_or_default();
    let change = band.change.as_deref().and_then(|id| changes.get(id));
    let text = match change {
        _ if band.from == day.from && band.since != Some(day.from) => {
            format!("{message} → {presence}, since before{rule}")
        }
        Some(change) => format!("{message} → {presence}{rule}  {}", fate(change)),
        None => format!("{message} → {presence}, as before"),
    };
    Entry { at: band.from, order: 2, tone: change.map_or(Tone::Plain, |change| tone(change)), text }
}

/// A change of another facet, or one that says again what was said.
fn other(change: &Change) -> Entry {
    let from = change.from.as_deref().map(|from| format!("{from} → ")).unwrap_or_default();
    let text =
        format!("    {} {from}{}  [{}]  {}", facet(change.facet), change.to, one_line(&change.rule), fate(change));
    Entry { at: change.happened, order: 3, tone: tone(change), text }
}

/// A value that held when the period began, or that the platform made by itself.
fn held(name: &str, band: &Band) -> Entry {
    let rule = band.rule.as_deref().filter(|_| band.change.is_none()).map(|rule| format!("  ({})", one_line(rule)));
    let text = format!("    {name} {}{}", band.value.as_deref().unwrap_or("?"), rule.unwrap_or_default());
    Entry { at: band.from, order: 3, tone: Tone::Faint, text }
}

fn difference(one: &Difference, zone: &TimeZone) -> Entry {
    let length = Duration::try_from(one.until.duration_since(one.from)).unwrap_or_default();
    let until = if one.lasts { "and still does".to_owned() } else { format!("until {}", time_of(one.until, zone)) };
    let shown = one.told.as_deref().unwrap_or("something else");
    let text = format!(
        "    {}: Genesys Cloud showed {shown} instead of {}, {until} ({}; {})",
        facet(one.facet),
        one.wanted,
        duration(length),
        one_line(&one.why)
    );
    // What everybody has, for the time that a request takes, is no trouble.
    let tone = if one.lasts || length >= LATE { Tone::Bad } else { Tone::Faint };
    Entry { at: one.from, order: 4, tone, text }
}

/// What became of a change.
fn fate(change: &Change) -> String {
    let mut text = match (change.disposition, change.delay) {
        (Disposition::Delivered, Some(delay)) => format!("told after {}", duration(Duration::from_millis(delay))),
        (Disposition::Delivered, None) => "told".to_owned(),
        (Disposition::Pending, _) => "not told yet".to_owned(),
        (Disposition::Dropped, _) => {
            format!(
                "not told: {}",
                one_line(change.dropped_because.as_deref().unwrap_or("for a reason that is not known"))
            )
        }
    };
    if change.attempts.len() > 1 {
        write!(text, ", at the {} attempt", nth(change.attempts.len())).expect("a String takes everything");
    }
    if let Some(correlation) = change.correlation.as_deref().filter(|_| change.disposition != Disposition::Delivered) {
        write!(text, ", correlation id {}", one_line(correlation)).expect("a String takes everything");
    }
    text
}

fn tone(change: &Change) -> Tone {
    match change.disposition {
        Disposition::Delivered => {
            let late = change.delay.is_some_and(|delay| Duration::from_millis(delay) >= LATE);
            if late { Tone::Warn } else { Tone::Plain }
        }
        Disposition::Pending => Tone::Warn,
        Disposition::Dropped => Tone::Faint,
    }
}

fn sums(day: &Day) -> String {
    let told = day.changes.iter().filter(|change| change.disposition == Disposition::Delivered).count();
    let slowest = day.changes.iter().filter_map(|change| change.delay).max();
    let slowest = slowest
        .map(|delay| format!(", the slowest after {}", duration(Duration::from_millis(delay))))
        .unwrap_or_default();
    let mut text = format!("{} changes, {told} told{slowest}.\n", day.changes.len());
    for wanted in [Facet::Presence, Facet::Routing, Facet::OutOfOffice] {
        let lengths = day.differences.iter().filter(|one| one.facet == wanted);
        let wrong: Duration =
            lengths.map(|one| Duration::try_from(one.until.duration_since(one.from)).unwrap_or_default()).sum();
        if !wrong.is_zero() {
            writeln!(text, "Genesys Cloud showed another {} for {} together.", facet(wanted), duration(wrong))
                .expect("a String takes everything");
        }
    }
    text
}

fn facet(facet: Facet) -> &'static str {
    match facet {
        Facet::Presence => "presence",
        Facet::Routing => "routing status",
        Facet::OutOfOffice => "out of office",
    }
}

fn nth(number: usize) -> String {
    let ending = match (number % 10, number % 100) {
        (1, rest) if rest != 11 => "st",
        (2, rest) if rest != 12 => "nd",
        (3, rest) if rest != 13 => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

fn time_of(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%H:%M:%S").to_string()
}

/// Colours, where there are any.
#[derive(Clone, Copy)]
struct Paint {
    coloured: bool,
}

impl Paint {
    fn of(self, tone: Tone, text: &str) -> String {
        let code = match tone {
            Tone::Plain => return text.to_owned(),
            Tone::Strong => "1",
            Tone::Faint => "2",
            Tone::Warn => "33",
            Tone::Bad => "31",
        };
        if self.coloured { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}
