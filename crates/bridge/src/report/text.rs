//! The report for people.

#[cfg(test)]
pub mod tests;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use domain::change::Facet;
use domain::trust::{Gap, GapKind};
use jiff::tz::TimeZone;
use unicode_width::UnicodeWidthStr;

use super::summary::{Delays, Part, Summary};
use super::wrong::Wrong;
use crate::period::Period;
use crate::when::{duration, time, zone_name};

/// The whole report.
pub fn summary(summary: &Summary) -> String {
    let Period { from, to } = summary.whole.period;
    let (zone, link) = (&summary.zone, &summary.link);
    let (begin, end, zone_name) = (time(from, zone), time(to, zone), zone_name(zone, to));
    let mut text = format!("Link {link}, from {begin} to {end}. All times are {zone_name}.\n\n");
    for (name, value) in rows(&summary.whole) {
        writeln!(text, "{name:<17}{value}").expect("a String takes everything");
    }
    let tables = [days(summary), gaps_by_day(summary), worst(summary), gaps(&summary.gaps, summary.whole.period, zone)];
    for table in tables.into_iter().flatten() {
        text.push('\n');
        text.push_str(&table);
    }
    text
}

fn rows(part: &Part) -> Vec<(&'static str, String)> {
    let whole = part.period.length();
    let share = percent(part.period.share(part.trusted), Rounded::Down);
    let mut rows = vec![
        ("trusted", format!("{share} ({} of {})", duration(part.trusted), duration(whole))),
        ("gaps", grouped(part.gaps.values().map(|sum| sum.count).sum())),
        ("changes", grouped(part.changes)),
        ("delivered", grouped(part.delivered)),
        ("pending", grouped(part.pending)),
        ("dropped", with_parts(&part.dropped)),
    ];
    if !part.not_supported.is_empty() {
        // Only direct delivery has it, and there it is no trouble.
        rows.push(("not supported", with_parts(&part.not_supported)));
    }
    let delay =
        |delays: Option<Delays>| delays.map_or_else(|| "nothing was delivered".to_owned(), |delays| delays.words());
    rows.extend([
        ("failed attempts", with_parts(&part.failed_attempts)),
        ("repaired", grouped(part.repaired)),
        ("since happened", delay(part.since_happened)),
        ("since seen", delay(part.since_seen)),
        ("wrong", wrong(&part.wrong)),
    ]);
    rows
}

impl Delays {
    fn all(self) -> [(&'static str, Duration); 4] {
        [("p50", self.p50), ("p95", self.p95), ("p99", self.p99), ("max", self.max)]
    }

    fn words(self) -> String {
        self.all().map(|(name, delay)| format!("{name} {}", duration(delay))).join(", ")
    }
}

/// `1,234 agent-seconds, 0.012 % of the time at work (presence 1,200; routing status 300)`.
fn wrong(wrong: &Wrong) -> String {
    let mut text = format!("{} agent-seconds", seconds(wrong.any));
    if let Some(share) = wrong.share() {
        write!(text, ", {} of the time at work", percent(share, Rounded::Up)).expect("a String takes everything");
    }
    let facets: Vec<String> = Facet::ALL
        .into_iter()
        .filter_map(|facet| wrong.facets.get(&facet).map(|time| format!("{facet} {}", seconds(*time))))
        .collect();
    if !facets.is_empty() {
        write!(text, " ({})", facets.join("; ")).expect("a String takes everything");
    }
    text
}

fn days(summary: &Summary) -> Option<String> {
    let head = [
        "day",
        "trusted",
        "changes",
        "delivered",
        "since happened: p50 / p95 / p99 / max",
        "since seen",
        "wrong s",
        "share",
    ];
    let delays = |delays: Option<Delays>| {
        delays.map_or_else(|| "-".to_owned(), |delays| delays.all().map(|(_, delay)| duration(delay)).join(" / "))
    };
    let rows = summary.days.iter().map(|day| {
        let part = &day.part;
        vec![
            day.date.to_string(),
            percent(part.period.share(part.trusted), Rounded::Down),
            grouped(part.changes),
            grouped(part.delivered),
            delays(part.since_happened),
            delays(part.since_seen),
            seconds(part.wrong.any),
            part.wrong.share().map_or_else(|| "-".to_owned(), |share| percent(share, Rounded::Up)),
        ]
    });
    table(&head, rows.collect(), &[1, 2, 3, 6, 7])
}

/// By kind and day; where there are no days, the list of gaps says it all.
fn gaps_by_day(summary: &Summary) -> Option<String> {
    let rows = summary.days.iter().flat_map(|day| {
        day.part.gaps.iter().map(|(kind, sum): (&GapKind, _)| {
            let open = if sum.open > 0 { format!("{} not over yet", sum.open) } else { String::new() };
            vec![day.date.to_string(), kind.to_string(), grouped(sum.count), duration(sum.duration), open]
        })
    });
    table(&["gaps on", "kind", "count", "duration", ""], rows.collect(), &[2, 3])
}

fn worst(summary: &Summary) -> Option<String> {
    let rows = summary.worst.iter().map(|worst| {
        let share = worst.wrong.share().map_or_else(|| "-".to_owned(), |share| percent(share, Rounded::Up));
        vec![one_line(worst.agent.as_str()), seconds(worst.wrong.any), share]
    });
    table(&["wrong for longest", "seconds", "share"], rows.collect(), &[1, 2])
}

fn gaps(gaps: &[Gap], period: Period, zone: &TimeZone) -> Option<String> {
    let rows = gaps.iter().map(|gap| {
        let until = gap.until.map_or_else(|| "not over yet".to_owned(), |until| time(until, zone));
        let length = Period { from: gap.since, to: gap.until.unwrap_or(period.to) }.length();
        vec![gap.kind.to_string(), time(gap.since, zone), until, duration(length), one_line(&gap.reason)]
    });
    table(&["gap", "since", "until", "duration", "reason"], rows.collect(), &[3])
}

/// Columns under their headings, those with numbers to the right; nothing where there are no rows.
fn table(head: &[&str], rows: Vec<Vec<String>>, numbers: &[usize]) -> Option<String> {
    if rows.is_empty() {
        return None;
    }
    let head: Vec<String> = head.iter().map(|word| (*word).to_owned()).collect();
    let lines: Vec<Vec<String>> = std::iter::once(head).chain(rows).collect();
    let width = |column: usize| lines.iter().map(|line| line[column].width()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..lines[0].len()).map(width).collect();
    let cell = |(column, text): (usize, &String)| {
        let blanks = " ".repeat(widths[column].saturating_sub(text.width()));
        if numbers.contains(&column) { format!("{blanks}{text}") } else { format!("{text}{blanks}") }
    };
    let line = |line: &Vec<String>| {
        let cells: Vec<String> = line.iter().enumerate().map(cell).collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    Some(lines.iter().map(line).collect())
}

/// To which side a share is rounded: it must not look better than it is.
#[derive(Clone, Copy)]
enum Rounded {
    Up,
    Down,
}

/// `99.263 %`: only all of it is 100 %, and only none of it is 0 %.
fn percent(share: f64, rounded: Rounded) -> String {
    let thousandths = share * 100_000.0;
    let whole = match rounded {
        // What a computer cannot count exactly is no reason to go a step up.
        Rounded::Up => (thousandths - 1e-6).max(0.0).ceil(),
        Rounded::Down => thousandths.floor(),
    };
    format!("{:.3} %", whole / 1_000.0)
}

/// Whole seconds, and tenths of a few.
fn seconds(time: Duration) -> String {
    if time >= Duration::from_secs(100) || time.is_zero() {
        return grouped(time.as_secs());
    }
    format!("{:.1}", time.as_secs_f64())
}

/// The sum, and what it is made of when it is more than nothing: the largest part first.
fn with_parts(counts: &BTreeMap<String, u64>) -> String {
    let mut parts: Vec<(&str, u64)> = counts.iter().map(|(name, count)| (name.as_str(), *count)).collect();
    parts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let sum = grouped(parts.iter().map(|(_, count)| count).sum());
    if parts.is_empty() {
        return sum;
    }
    let parts: Vec<String> =
        parts.into_iter().map(|(name, count)| format!("{} {}", grouped(count), one_line(name))).collect();
    format!("{sum} ({})", parts.join("; "))
}

/// `1,234,567`.
pub fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A text that came from outside, in one line.
pub fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
