//! What happened in one run or in many: counts, and the longest times to be in step again.

use std::collections::BTreeMap;
use std::fmt;

use crate::fault::Fault;

/// Counts of one run or of many.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Runs.
    pub seeds: u64,
    /// Virtual time, in milliseconds.
    pub time: u64,
    /// Trouble that was made, by kind.
    pub faults: BTreeMap<Fault, u64>,
    /// Starts after which a run before was gone on with.
    pub recoveries: u64,
    /// Changes that were recorded.
    pub recorded: u64,
    /// Changes that were accepted.
    pub delivered: u64,
    /// Changes that were dropped, by reason.
    pub dropped: BTreeMap<String, u64>,
    /// Durable transitions that were neither delivered nor dropped for a reason that is promised.
    pub lost: u64,
    /// Entries of the journal.
    pub entries: u64,
    /// Requests that arrived.
    pub requests: u64,
    /// Requests that the rate limit refused.
    pub over_limit: u64,
    /// The longest time from the end of a kind of trouble, alone, until everybody was in step, in milliseconds.
    pub in_step: BTreeMap<Fault, u64>,
    /// The longest time from the end of all trouble until everybody was in step, in milliseconds.
    pub healed: u64,
}

impl Tally {
    /// Everything of another one, too.
    pub fn add(&mut self, other: &Self) {
        self.seeds += other.seeds;
        self.time += other.time;
        self.recoveries += other.recoveries;
        self.recorded += other.recorded;
        self.delivered += other.delivered;
        self.lost += other.lost;
        self.entries += other.entries;
        self.requests += other.requests;
        self.over_limit += other.over_limit;
        self.healed = self.healed.max(other.healed);
        for (fault, count) in &other.faults {
            *self.faults.entry(*fault).or_default() += count;
        }
        for (reason, count) in &other.dropped {
            *self.dropped.entry(reason.clone()).or_default() += count;
        }
        for (fault, time) in &other.in_step {
            let longest = self.in_step.entry(*fault).or_default();
            *longest = (*longest).max(*time);
        }
    }

    /// Trouble was made.
    pub fn fault(&mut self, fault: Fault) {
        *self.faults.entry(fault).or_default() += 1;
    }
}

#[expect(clippy::cast_precision_loss, reason = "a table for people")]
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hours = self.time as f64 / 3_600_000.0;
        writeln!(f, "seeds                     {:>10}", self.seeds)?;
        writeln!(f, "virtual hours             {hours:>10.0}")?;
        writeln!(f, "starts from the journal   {:>10}", self.recoveries)?;
        writeln!(f, "requests                  {:>10}", self.requests)?;
        writeln!(f, "refused by the rate limit {:>10}", self.over_limit)?;
        writeln!(f, "changes recorded          {:>10}", self.recorded)?;
        writeln!(f, "changes delivered         {:>10}", self.delivered)?;
        for (reason, count) in &self.dropped {
            writeln!(f, "  dropped {count:>10}  {reason}")?;
        }
        writeln!(f, "transitions lost          {:>10}", self.lost)?;
        let entries = self.entries as f64 / self.recorded.max(1) as f64;
        writeln!(f, "journal entries a change  {entries:>10.2}")?;
        writeln!(f, "in step after healing     {:>8.1} s at most", self.healed as f64 / 1_000.0)?;
        writeln!(f, "\n{:<22} {:>9}  in step again after, at most", "trouble", "made")?;
        for (fault, count) in &self.faults {
            let time = self.in_step.get(fault).map(|time| format!("{:.1} s", *time as f64 / 1_000.0));
            writeln!(f, "{:<22} {count:>9}  {}", format!("{fault:?}"), time.unwrap_or_default())?;
        }
        Ok(())
    }
}
