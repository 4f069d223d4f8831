//! The time of the simulated day: wall-clock time, run faster by a factor.
//!
//! Both servers and whoever is tested against them read the same clock, so that rate windows, back-off and event times
//! are those of the simulated day. Liveness of sockets (pings, HTTP time-outs) stays on real time.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// A clock that began at `epoch` and runs `speed` times as fast as the computer's.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    began: Instant,
    epoch: Timestamp,
    speed: f64,
}

impl Clock {
    /// A clock that shows `epoch` now.
    #[must_use]
    pub fn starting_at(epoch: Timestamp, speed: f64) -> Self {
        Self { began: Instant::now(), epoch, speed }
    }

    /// A clock that shows the computer's time of day now.
    #[must_use]
    pub fn starting_now(speed: f64) -> Self {
        Self::starting_at(Timestamp::now(), speed)
    }

    /// How much simulated time has passed since the clock began.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.began.elapsed().mul_f64(self.speed)
    }

    /// The simulated time of day.
    #[must_use]
    pub fn utc(&self) -> Timestamp {
        let elapsed = SignedDuration::try_from(self.elapsed()).unwrap_or(SignedDuration::MAX);
        self.epoch.saturating_add(elapsed).unwrap_or(Timestamp::MAX)
    }

    /// Returns when `elapsed` simulated time has passed since the clock began.
    pub async fn sleep_until(&self, elapsed: Duration) {
        let left = elapsed.saturating_sub(self.elapsed());
        if !left.is_zero() {
            tokio::time::sleep(left.div_f64(self.speed)).await;
        }
    }

    /// For the control interfaces: the time of day, and how fast it goes.
    pub(crate) fn tell(&self) -> Value {
        json!({ "utc": self.utc().to_string(), "speed": self.speed })
    }

    /// How many times as fast as the computer's clock it runs.
    #[must_use]
    pub fn speed(&self) -> f64 {
        self.speed
    }
}
