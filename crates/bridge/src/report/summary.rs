//! What a period of a journal comes to, and each of its days. Plain values: where they are from, and how they are shown, is
//! not known here.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::trust::{Gap, GapKind};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::wrong::{Worst, Wrong};
use crate::period::Period;

/// The report.
#[derive(Debug, Clone)]
pub struct Summary {
    /// Whose.
    pub link: String,
    /// The zone that days and times are of.
    pub zone: TimeZone,
    /// The whole period.
    pub whole: Part,
    /// Its days, where they are wanted.
    pub days: Vec<Day>,
    /// Gaps that lie in it at least in part, oldest first.
    pub gaps: Vec<Gap>,
    /// The agents who were wrong for longest.
    pub worst: Vec<Worst>,
}

/// A day.
#[derive(Debug, Clone)]
pub struct Day {
    /// Which, in the zone.
    pub date: Date,
    /// What it comes to.
    pub part: Part,
}

/// What a period comes to.
#[derive(Debug, Clone)]
pub struct Part {
    /// The period.
    pub period: Period,
    /// How much of it there was no gap.
    pub trusted: Duration,
    /// The gaps that lie in it, by kind.
    pub gaps: BTreeMap<GapKind, GapSum>,
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
    /// From when they happened to when they were accepted; `None` when none was.
    pub since_happened: Option<Delays>,
    /// From when PureConnect's message was here to when they were accepted.
    pub since_seen: Option<Delays>,
    /// How long agents were wrong.
    pub wrong: Wrong,
}

/// What the gaps of one kind come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GapSum {
    /// How many.
    pub count: u64,
    /// For how long, as far as they lie in the period; a moment in two of them counts twice.
    pub duration: Duration,
    /// How many are not over.
    pub open: u64,
}

/// How late changes were.
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

impl Delays {
    fn of(delays: &store::Delays) -> Option<Self> {
        let quantile = |share| delays.quantile(share);
        let (p50, p95, p99) = (quantile(0.5)?, quantile(0.95)?, quantile(0.99)?);
        Some(Self { p50, p95, p99, max: delays.max()? })
    }
}

impl Part {
    /// A period, from what the journal has of it.
    pub fn new(period: Period, gaps: &[Gap], sums: store::Summary, wrong: Wrong) -> Self {
        let mut by_kind: BTreeMap<GapKind, GapSum> = BTreeMap::new();
        for gap in gaps {
            if let Some(part) = period.part_of(gap) {
                let sum = by_kind.entry(gap.kind).or_default();
                sum.count += 1;
                sum.duration += part.length();
                sum.open += u64::from(gap.until.is_none());
            }
        }
        let failed = sums.failed_attempts.into_iter().map(|(outcome, count)| (outcome.to_owned(), count));
        Self {
            period,
            trusted: period.trusted(gaps),
            gaps: by_kind,
            changes: sums.recorded,
            delivered: sums.delivered,
            pending: sums.pending,
            dropped: sums.dropped,
            not_supported: sums.not_supported,
            failed_attempts: failed.collect(),
            repaired: sums.repaired,
            since_happened: Delays::of(&sums.since_happened),
            since_seen: Delays::of(&sums.since_seen),
            wrong,
        }
    }
}
