//! What happened in a run, line by line: a hash of all of it, and the last lines to read.

use std::collections::VecDeque;
use std::fmt::Write;

use domain::time::Instant;

/// Lines that are kept for people.
const KEPT: usize = 80;

/// The log of a run.
#[derive(Debug, Clone)]
pub struct Trace {
    hash: u64,
    last: VecDeque<String>,
    spare: String,
    everything: bool,
}

impl Trace {
    /// Nothing has happened yet. `everything` keeps all lines.
    #[must_use]
    pub fn new(everything: bool) -> Self {
        Self { hash: 0xcbf2_9ce4_8422_2325, last: VecDeque::new(), spare: String::new(), everything }
    }

    /// Something happened that shows outside.
    pub fn line(&mut self, now: Instant, what: std::fmt::Arguments<'_>) {
        let mut line = std::mem::take(&mut self.spare);
        line.clear();
        write!(line, "{:>10.3} {what}", now.0.as_secs_f64()).expect("writing to a string does not fail");
        for byte in line.bytes() {
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        if self.last.len() >= KEPT && !self.everything {
            self.spare = self.last.pop_front().unwrap_or_default();
        }
        self.last.push_back(line);
    }

    /// Whether all lines are kept, in all words.
    #[must_use]
    pub fn everything(&self) -> bool {
        self.everything
    }

    /// What two runs of one seed have in common.
    #[must_use]
    pub fn hash(&self) -> u64 {
        self.hash
    }

    /// The last lines.
    pub fn last(&self) -> impl Iterator<Item = &str> {
        self.last.iter().map(String::as_str)
    }
}
