//! The clocks that the program runs on: the computer's, and the demo's faster one, which both simulators read, too.

use std::time::{Duration, Instant as Began};

use async_trait::async_trait;
use domain::time::{Instant, Now};
use jiff::Timestamp;
use replicator::ports::Clock;

/// The computer's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    began: Began,
}

impl SystemClock {
    /// A clock whose [`Instant`]s count from now.
    pub fn start() -> Self {
        Self { began: Began::now() }
    }
}

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> Now {
        Now { instant: Instant(self.began.elapsed()), utc: Timestamp::now() }
    }

    async fn sleep_until(&self, instant: Instant) {
        let left: Duration = instant.since(Instant(self.began.elapsed()));
        tokio::time::sleep(left).await;
    }
}

/// The simulated day's clock.
#[derive(Debug, Clone, Copy)]
pub struct SimulatedClock(pub simulator::clock::Clock);

#[async_trait]
impl Clock for SimulatedClock {
    fn now(&self) -> Now {
        Now { instant: Instant(self.0.elapsed()), utc: self.0.utc() }
    }

    async fn sleep_until(&self, instant: Instant) {
        self.0.sleep_until(instant.0).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_sleeps_until_an_instant_wakes_up_at_or_after_it() {
        let clock = SystemClock::start();
        let wanted = clock.now().instant + Duration::from_millis(3);
        clock.sleep_until(wanted).await;
        assert!(clock.now().instant >= wanted);
    }

    #[tokio::test]
    async fn the_simulated_day_goes_by_faster() {
        let day = SimulatedClock(simulator::clock::Clock::starting_at(Timestamp::UNIX_EPOCH, 1_000.0));
        let wanted = day.now().instant + Duration::from_secs(3);
        day.sleep_until(wanted).await;
        assert!(day.now().instant >= wanted && day.now().utc.as_second() >= 3);
    }
}
