//! Where everything random comes from: one seed, split by concern, so that a new draw in one place moves nothing in the
//! others.

use std::ops::Range;

/// Random numbers of one concern.
#[derive(Debug, Clone)]
pub struct Dice(fastrand::Rng);

impl Dice {
    /// The numbers of a concern of a seed.
    #[must_use]
    pub fn of(seed: u64, concern: &str) -> Self {
        let mut state = seed ^ 0x9e37_79b9_7f4a_7c15;
        for byte in concern.bytes() {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
            state ^= state >> 29;
        }
        Self(fastrand::Rng::with_seed(state))
    }

    /// Whether something of this probability happens.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.0.f64() < probability
    }

    /// A number in a range.
    pub fn between(&mut self, range: Range<u64>) -> u64 {
        self.0.u64(range)
    }

    /// A place in a list of this length, which has one.
    pub fn place(&mut self, length: usize) -> usize {
        self.0.usize(0..length)
    }

    /// One of a list that is not empty.
    pub fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.place(of.len())]
    }

    /// A time until something that happens every `mean` milliseconds on average, at random.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "some hours"
    )]
    pub fn wait(&mut self, mean: u64) -> u64 {
        let share = -(1.0 - self.0.f64()).ln();
        (mean as f64 * share.min(6.0)) as u64 + 1
    }

    /// Any number.
    pub fn any(&mut self) -> u64 {
        self.0.u64(..)
    }
}
