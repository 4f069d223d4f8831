//! How long to wait after the n-th failure in a row: doubling from `first` to `most`, and the upper half at random.
//!
//! The randomness is handed in. Nothing here waits.

use std::time::Duration;

/// A schedule of waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The longest wait after the first failure.
    pub first: Duration,
    /// The longest wait of all.
    pub most: Duration,
}

impl Backoff {
    /// For a service that does not answer.
    pub const SERVICE: Self = Self { first: Duration::from_millis(500), most: Duration::from_secs(60) };

    /// For one agent that the platform will not take.
    pub const AGENT: Self = Self { first: Duration::from_secs(2), most: Duration::from_secs(300) };

    /// The wait after `failures` failures in a row (at least 1), between half of the step and all of it.
    ///
    /// `random` gives a number between 0 and 1.
    #[must_use]
    pub fn wait(self, failures: u32, random: f64) -> Duration {
        let doublings = failures.saturating_sub(1).min(20);
        let step = self.first.saturating_mul(1 << doublings).min(self.most);
        step.mul_f64(0.5 + 0.5 * random.clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        let waits: Vec<_> = [1, 2, 3, 8, 9, u32::MAX].map(|n| Backoff::SERVICE.wait(n, 1.0).as_millis()).into();
        assert_eq!(waits, [500, 1_000, 2_000, 60_000, 60_000, 60_000]);
    }

    #[test]
    fn jitter_takes_at_most_half() {
        assert_eq!(Backoff::SERVICE.wait(3, 0.0), Duration::from_secs(1));
    }
}
