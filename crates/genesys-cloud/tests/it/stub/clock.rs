//! The time of a test.

use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use domain::time::{Instant, Now};
use jiff::Timestamp;
use replicator::ports::Clock;

/// A clock that jumps to whatever is waited for.
#[derive(Default)]
pub(crate) struct FakeClock(Mutex<Duration>);

impl FakeClock {
    pub(crate) fn advance(&self, by: Duration) {
        *self.0.lock().unwrap() += by;
    }

    pub(crate) fn elapsed(&self) -> Duration {
        *self.0.lock().unwrap()
    }
}

#[async_trait]
impl Clock for FakeClock {
    fn now(&self) -> Now {
        let elapsed = self.elapsed();
        Now { instant: Instant(elapsed), utc: Timestamp::UNIX_EPOCH + elapsed }
    }

    async fn sleep_until(&self, instant: Instant) {
        let mut elapsed = self.0.lock().unwrap();
        *elapsed = (*elapsed).max(instant.0);
    }
}
