//! What a period of a journal comes to, for people and for programs.
//!
//! Does not know where the numbers come from.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use domain::trust::Gap;
use jiff::fmt::friendly::{Designator, SpanPrinter};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::period::Period;

/// The sums of a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Whose.
    pub link: String,
    /// The period.
    pub period: Period,
    /// Gaps that lie in it at least in part, oldest first.
    pub gaps: Vec<Gap>,
    /// Changes that were decided in it.
    pub changes: u64,
    /// Of those, the ones that Genesys Cloud accepted.
    pub delivered: u64,
    /// Of those, the ones that are not settled yet.
    pub pending: u64,
    /// Of those, the ones that will not be sent any more, by reason.
    pub dropped: BTreeMap<String, u64>,
    /// Of the dropped ones, what direct delivery has no way to tell, by value.
    pub not_supported: BTreeMap<String, u64>,
    /// Attempts in it that failed, by what came of them.
    pub failed_attempts: BTreeMap<String, u64>,
    /// Changes that were decided because Genesys Cloud showed something else.
    pub repaired: u64,
    /// How long the delivered ones took; `None` when there were none.
    pub delays: Option<Delays>,
}

/// From PureConnect's message to Genesys Cloud's acceptance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delays {
    /// Half of all changes took at most so long.
    pub p50: Duration,
    /// 95 of 100 did.
    pub p95: Duration,
    /// 99 of 100 did.
    pub p99: Duration,
    /// All did.
    pub max: Duration,
}

impl Summary {
    /// For people.
    pub fn text(&self) -> String {
        let Period { from, to } = self.period;
        let mut text = format!("Link {}, from {} to {}. All times are UTC.\n\n", self.link, time(from), time(to));
        let trusted = self.period.trusted(&self.gaps);
        // Rounded down: only a period without a gap has 100 %.
        let share = (self.period.share(trusted) * 100_000.0).floor() / 1_000.0;
        let mut rows = vec![
            ("trusted", format!("{share:.3} % ({} of {})", duration(trusted), duration(self.period.length()))),
            ("gaps", grouped(self.gaps.len() as u64)),
            ("changes", grouped(self.changes)),
            ("delivered", grouped(self.delivered)),
            ("pending", grouped(self.pending)),
            ("dropped", with_parts(&self.dropped)),
            ("failed attempts", with_parts(&self.failed_attempts)),
            ("repaired", grouped(self.repaired)),
        ];
        let delays = self.delays.map(|Delays { p50, p95, p99, max }| {
            let words = [("p50", p50), ("p95", p95), ("p99", p99), ("max", max)];
            words.map(|(name, delay)| format!("{name} {}", duration(delay))).join(", ")
        });
        rows.push(("delay", delays.unwrap_or_else(|| "nothing was delivered".to_owned())));
        if !self.not_supported.is_empty() {
            // Only direct delivery has it, and there it is no trouble.
            let after_dropped = rows.iter().position(|(name, _)| *name == "dropped").map_or(rows.len(), |at| at + 1);
            rows.insert(after_dropped, ("not supported", with_parts(&self.not_supported)));
        }
        for (name, value) in rows {
            writeln!(text, "{name:<17}{value}").expect("a String takes everything");
        }
        if !self.gaps.is_empty() {
            text.push('\n');
            text.push_str(&self.gap_table());
        }
        text
    }

    fn gap_table(&self) -> String {
        let head = ["gap", "since", "until", "duration", "reason"].map(str::to_owned);
        let rows = self.gaps.iter().map(|gap| {
            let until = gap.until.map_or_else(|| "not over yet".to_owned(), time);
            [gap.kind.to_string(), time(gap.since), until, duration(self.length(gap)), one_line(&gap.reason)]
        });
        let rows: Vec<[String; 5]> = std::iter::once(head).chain(rows).collect();
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let [kind, since, until, length] = [0, 1, 2, 3].map(width);
        let line = |[a, b, c, d, e]: &[String; 5]| format!("{a:<kind$}  {b:<since$}  {c:<until$}  {d:>length$}  {e}\n");
        rows.iter().map(line).collect()
    }

    /// How long a gap lasts; one that is not over, up to the end of the period.
    fn length(&self, gap: &Gap) -> Duration {
        Period { from: gap.since, to: gap.until.unwrap_or(self.period.to) }.length()
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let trusted = self.period.trusted(&self.gaps);
        let gaps: Vec<Value> = self.gaps.iter().map(|gap| self.gap_json(gap)).collect();
        let delay = self.delays.map(|Delays { p50, p95, p99, max }| {
            let [p50, p95, p99, max] = [p50, p95, p99, max].map(milliseconds);
            json!({ "p50": p50, "p95": p95, "p99": p99, "max": max })
        });
        json!({
            "link": self.link,
            "time_zone": "UTC",
            "from": self.period.from.to_string(),
            "to": self.period.to.to_string(),
            "trusted_share": self.period.share(trusted),
            "trusted_seconds": trusted.as_secs_f64(),
            "gaps": gaps,
            "changes": self.changes,
            "delivered": self.delivered,
            "pending": self.pending,
            "dropped": self.dropped.values().sum::<u64>(),
            "dropped_by_reason": self.dropped,
            "not_supported": self.not_supported.values().sum::<u64>(),
            "not_supported_by_value": self.not_supported,
            "failed_attempts": self.failed_attempts.values().sum::<u64>(),
            "failed_attempts_by_outcome": self.failed_attempts,
            "repaired": self.repaired,
            "delay_ms": delay,
        })
    }

    fn gap_json(&self, gap: &Gap) -> Value {
        json!({
            "id": gap.id.0.to_string(),
            "kind": gap.kind.name(),
            "since": gap.since.to_string(),
            "until": gap.until.map(|until| until.to_string()),
            "seconds": self.length(gap).as_secs_f64(),
            "reason": gap.reason,
        })
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
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
fn grouped(count: u64) -> String {
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

/// A reason that came from outside, in one line.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// `2026-03-02 08:00:00`.
fn time(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// `250ms`, `1s 300ms`, `10m 38s`: milliseconds below a minute, then seconds.
fn duration(duration: Duration) -> String {
    let whole = if duration >= Duration::from_secs(60) {
        SignedDuration::from_secs(i64::try_from(duration.as_secs()).unwrap_or(i64::MAX))
    } else {
        SignedDuration::from_millis(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX))
    };
    SpanPrinter::new().designator(Designator::Compact).duration_to_string(&whole)
}

#[cfg(test)]
mod tests {
    use domain::ids::GapId;
    use domain::trust::GapKind;
    use uuid::Uuid;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn counts(parts: &[(&str, u64)]) -> BTreeMap<String, u64> {
        parts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
    }

    fn summary() -> Summary {
        let gap = |kind, reason: &str, since, until: Option<&str>| Gap {
            id: GapId(Uuid::nil()),
            kind,
            reason: reason.to_owned(),
            since: at(since),
            until: until.map(at),
        };
        Summary {
            link: "default".to_owned(),
            period: Period { from: at("2026-03-02T00:00:00Z"), to: at("2026-03-03T00:00:00Z") },
            gaps: vec![
                gap(
                    GapKind::TargetDown,
                    "503: service.unavailable",
                    "2026-03-02T09:14:03Z",
                    Some("2026-03-02T09:24:41Z"),
                ),
                gap(GapKind::Late, "changes\nwait", "2026-03-02T09:14:18.250Z", Some("2026-03-02T09:24:42.5Z")),
                gap(GapKind::NotRunning, "it was stopped", "2026-03-02T23:59:59.8Z", None),
            ],
            changes: 18_345,
            delivered: 18_340,
            pending: 2,
            dropped: counts(&[("a newer value took its place", 1), ("Genesys Cloud shows it already", 2)]),
            not_supported: BTreeMap::new(),
            failed_attempts: counts(&[("unavailable", 212)]),
            repaired: 1,
            delays: Some(Delays {
                p50: Duration::from_millis(5),
                p95: Duration::from_millis(80),
                p99: Duration::from_millis(1_300),
                max: Duration::from_secs(638),
            }),
        }
    }

    #[test]
    fn people_read_a_table() {
        insta::assert_snapshot!(summary().text());
    }

    #[test]
    fn programs_get_json() {
        insta::assert_snapshot!(format!("{:#}", summary().json()));
    }

    #[test]
    fn what_direct_delivery_cannot_tell_is_shown_by_value() {
        let mut direct = summary();
        assert!(!direct.text().contains("not supported"), "{}", direct.text());
        direct.dropped.insert("not supported by direct delivery".to_owned(), 1_204);
        direct.not_supported = counts(&[("IDLE", 4), ("INTERACTING", 1_200)]);
        let text = direct.text();
        assert!(text.contains("\nnot supported    1,204 (1,200 INTERACTING; 4 IDLE)\nfailed attempts"), "{text}");
        let json = direct.json();
        assert_eq!((&json["dropped"], &json["not_supported"]), (&json!(1_207), &json!(1_204)));
        assert_eq!(json["not_supported_by_value"], json!({ "IDLE": 4, "INTERACTING": 1_200 }));
    }

    #[test]
    fn a_period_in_which_nothing_happened_is_told_as_such() {
        let mut nothing = summary();
        nothing.gaps.clear();
        nothing.changes = 0;
        nothing.delays = None;
        let text = nothing.text();
        assert!(text.contains("100.000 % (24h of 24h)") && text.contains("nothing was delivered"), "{text}");
        assert!(!text.contains("reason"), "no table of no gaps: {text}");
    }

    #[test]
    fn numbers_and_durations_can_be_read() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        let seconds = |seconds| duration(Duration::from_secs_f64(seconds));
        assert_eq!([0.0, 0.25, 59.5, 638.9, 7_200.0].map(seconds), ["0s", "250ms", "59s 500ms", "10m 38s", "2h"]);
    }
}
