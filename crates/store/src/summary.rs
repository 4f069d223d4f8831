//! What a period amounts to: how many changes, what became of them, how late they were, and when not to rely on it.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::trust::{Gap, GapKind};
use hdrhistogram::Histogram;
use jiff::Timestamp;

use crate::changes::{ChangeRow, Disposition, Period};
use crate::row::failure_name;

/// How the engine begins the reason of a change that mends what somebody else wrote, or what was not applied.
pub(crate) const REPAIR: &str = "repair: ";

/// How the engine begins the reason of a change that direct delivery has no way to tell; the value follows.
pub(crate) const NOT_SUPPORTED: &str = "not supported by direct delivery: ";

/// The figures of a period.
#[derive(Debug, Clone)]
pub struct Summary {
    /// Changes that happened in it.
    pub recorded: u64,
    /// Of these, accepted by Genesys Cloud.
    pub delivered: u64,
    /// Neither accepted nor dropped yet.
    pub pending: u64,
    /// Not sent any more, by reason (as far as its first colon).
    pub dropped: BTreeMap<String, u64>,
    /// Of these, what direct delivery has no way to tell, by value, such as `INTERACTING`.
    pub not_supported: BTreeMap<String, u64>,
    /// Attempts that failed, by kind of failure.
    pub failed_attempts: BTreeMap<&'static str, u64>,
    /// Changes that mended a difference found in Genesys Cloud.
    pub repaired: u64,
    /// From when a change happened to when it was accepted.
    pub since_happened: Delays,
    /// From when PureConnect's message was there to when the change was accepted.
    pub since_seen: Delays,
    /// Gaps that reach into the period, as far as they do, by kind.
    pub gaps: BTreeMap<GapKind, GapTotal>,
}

/// How late changes were.
#[derive(Debug, Clone)]
pub struct Delays(Histogram<u64>);

/// What the gaps of one kind amount to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GapTotal {
    /// How many.
    pub count: u64,
    /// How long together, as far as they are over or the period ends.
    pub duration: Duration,
    /// How many have no end yet.
    pub open: u64,
}

impl Delays {
    fn new() -> Self {
        // Milliseconds to one in a thousand, and no bound: a change of months ago may be delivered today.
        Self(Histogram::new(3).expect("three digits are among the one to five that a histogram has"))
    }

    fn add(&mut self, from: Timestamp, to: Timestamp) {
        let delay = to.as_millisecond().saturating_sub(from.as_millisecond());
        // It grows as it has to; a delay that is longer than its counters reach is none that anybody waits for.
        let _: Result<(), _> = self.0.record(u64::try_from(delay).unwrap_or(0));
    }

    /// How many were measured.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// The delay that this share of all changes (0 to 1) does not exceed, such as 0.95; `None` where there are none.
    #[must_use]
    pub fn quantile(&self, share: f64) -> Option<Duration> {
        (!self.0.is_empty()).then(|| Duration::from_millis(self.0.value_at_quantile(share)))
    }

    /// The longest.
    #[must_use]
    pub fn max(&self) -> Option<Duration> {
        (!self.0.is_empty()).then(|| Duration::from_millis(self.0.max()))
    }
}

impl Summary {
    pub(crate) fn new() -> Self {
        Self {
            recorded: 0,
            delivered: 0,
            pending: 0,
            dropped: BTreeMap::new(),
            not_supported: BTreeMap::new(),
            failed_attempts: BTreeMap::new(),
            repaired: 0,
            since_happened: Delays::new(),
            since_seen: Delays::new(),
            gaps: BTreeMap::new(),
        }
    }

    pub(crate) fn add(&mut self, row: &ChangeRow) {
        self.recorded += 1;
        self.repaired += u64::from(row.change.why.starts_with(REPAIR));
        for attempt in &row.attempts {
            if let Err(failure) = &attempt.outcome {
                *self.failed_attempts.entry(failure_name(failure)).or_default() += 1;
            }
        }
        match &row.disposition {
            Disposition::Pending => self.pending += 1,
            Disposition::Delivered { at } => {
                self.delivered += 1;
                self.since_happened.add(row.change.happened, *at);
                self.since_seen.add(row.change.seen, *at);
            }
            Disposition::Dropped { reason, .. } => {
                if let Some(value) = reason.strip_prefix(NOT_SUPPORTED) {
                    *self.not_supported.entry(value.to_owned()).or_default() += 1;
                }
                let reason = reason.split_once(": ").map_or(reason.as_str(), |(reason, _)| reason);
                *self.dropped.entry(reason.to_owned()).or_default() += 1;
            }
        }
    }

    pub(crate) fn add_gap(&mut self, gap: &Gap, period: Period) {
        let total = self.gaps.entry(gap.kind).or_default();
        total.count += 1;
        total.open += u64::from(gap.until.is_none());
        let since = period.from.map_or(gap.since, |from| from.max(gap.since));
        let until = match (gap.until, period.until) {
            (Some(until), Some(end)) => Some(until.min(end)),
            (until, end) => until.or(end),
        };
        let duration = until.map(|until| until.duration_since(since));
        total.duration += duration.and_then(|duration| Duration::try_from(duration).ok()).unwrap_or_default();
    }
}
