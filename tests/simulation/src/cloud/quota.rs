//! The platform's rate limit, as a fixed window or as a sliding one, and what it shows of itself.

use std::collections::VecDeque;
use std::time::Duration;

use replicator::ports::Quota;

const MINUTE: u64 = 60_000;

/// The limit of one token.
#[derive(Debug, Clone)]
pub struct Limit {
    /// Requests allowed in a minute.
    pub allowed: u32,
    sliding: bool,
    /// Where the fixed windows begin.
    phase: u64,
    arrivals: VecDeque<u64>,
}

impl Limit {
    /// A limit that nobody has used.
    #[must_use]
    pub fn new(allowed: u32, sliding: bool, phase: u64) -> Self {
        Self { allowed, sliding, phase: phase % MINUTE, arrivals: VecDeque::new() }
    }

    /// A request arrives: the quota after it, or how long to wait.
    pub fn arrive(&mut self, now: u64) -> Result<Quota, Duration> {
        let ends = self.window_ends(now);
        let begin = if self.sliding { (now + 1).saturating_sub(MINUTE) } else { ends.saturating_sub(MINUTE) };
        while self.arrivals.front().is_some_and(|at| *at < begin) {
            self.arrivals.pop_front();
        }
        let count = u32::try_from(self.arrivals.len()).unwrap_or(u32::MAX);
        let ends = if self.sliding { self.arrivals.front().map_or(now, |at| *at) + MINUTE } else { ends };
        let reset = Duration::from_secs((ends - now).div_ceil(1_000).max(1));
        if count >= self.allowed {
            return Err(reset);
        }
        self.arrivals.push_back(now);
        Ok(Quota { allowed: self.allowed, count: count + 1, reset })
    }

    /// When the fixed window of this moment ends.
    fn window_ends(&self, now: u64) -> u64 {
        let shifted = now + MINUTE - self.phase;
        shifted - shifted % MINUTE + self.phase
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_window_begins_anew_and_a_sliding_one_does_not() {
        for (sliding, at_61) in [(false, true), (true, false)] {
            let mut limit = Limit::new(2, sliding, 0);
            assert!(limit.arrive(50_000).is_ok() && limit.arrive(59_000).is_ok());
            assert_eq!(limit.arrive(59_500).unwrap_err(), Duration::from_secs(if sliding { 51 } else { 1 }));
            assert_eq!(limit.arrive(61_000).is_ok(), at_61);
            assert!(limit.arrive(119_500).is_ok(), "the first two are long ago");
        }
    }

    #[test]
    fn windows_begin_where_they_are_told_to() {
        let mut limit = Limit::new(1, false, 30_000);
        assert!(limit.arrive(10_000).is_ok());
        assert!(limit.arrive(29_000).is_err());
        assert!(limit.arrive(31_000).is_ok());
        assert!(limit.arrive(89_000).is_err());
    }
}
