//! Failures in a row: what is said about them, how long to wait after each, and which of them end the program.
//!
//! A loss is told by its event, and logged by whoever hears that; here only what is news after it is logged. It does
//! not wait itself.

use std::time::Duration;

use replicator::backoff::Backoff;
use replicator::ports::{FailureKind, SourceFailure};
use tokio::time::Instant;
use tracing::{debug, error, info, warn};

use crate::error::{Error, chain};

/// After this long a connection counts as having worked, and the next failure is the first again.
const STEADY: Duration = Duration::from_secs(10);

/// A connection that worked for a shorter time forgives all failures but these: a server that lets us in is tried again
/// soon, but not in a busy loop.
const FORGIVEN_TO: u32 = 2;

/// Where insisting harms: a password tried again every second locks the account.
const SLOW: Backoff = Backoff { first: Duration::from_secs(30), most: Duration::from_secs(600) };

/// Failures in a row, and what they mean.
pub(super) struct Attempts {
    patience: Duration,
    started: Instant,
    has_worked: bool,
    failures: u32,
    /// Those of them after which insisting harms.
    refusals: u32,
    /// The last cause that was told, so that each is told once.
    told: Option<String>,
}

impl Attempts {
    pub(super) fn new(patience: Duration) -> Self {
        Self { patience, started: Instant::now(), has_worked: false, failures: 0, refusals: 0, told: None }
    }

    /// There was a snapshot, at that time, and then a loss that is told by its event.
    pub(super) fn lost(&mut self, since: Instant, reason: String) {
        self.has_worked = true;
        self.refusals = 0;
        self.failures = if since.elapsed() >= STEADY { 0 } else { self.failures.min(FORGIVEN_TO) };
        self.told = Some(reason);
    }

    /// How long to wait, or that no waiting helps: which can be only before the first snapshot. `random` is between 0
    /// and 1.
    pub(super) fn failed(&mut self, error: Error, random: f64) -> Result<Duration, SourceFailure> {
        self.failures += 1;
        if !self.has_worked {
            return self.failed_at_the_start(error, random);
        }
        let (cause, check, failures) = (chain(&error), error.advice(), self.failures);
        let is_news = self.told.as_ref() != Some(&cause);
        match (is_news, error.needs_a_person()) {
            (true, true) => error!(cause, check, "PureConnect cannot be used; somebody has to act"),
            (true, false) => info!(cause, check, failures, "PureConnect is still lost; connecting again"),
            (false, _) => debug!(cause, check, failures, "connecting to PureConnect again"),
        }
        self.told = Some(cause);
        if error.is_harmed_by_insisting() {
            self.refusals += 1;
            return Ok(SLOW.wait(self.refusals, random));
        }
        Ok(Backoff::SERVICE.wait(self.failures, random))
    }

    fn failed_at_the_start(&mut self, error: Error, random: f64) -> Result<Duration, SourceFailure> {
        if let Some(kind) = error.fatal() {
            return Err(error.into_failure(kind));
        }
        let left = self.patience.saturating_sub(self.started.elapsed());
        if left.is_zero() {
            return Err(error.into_failure(FailureKind::Unreachable));
        }
        let (cause, check, failures) = (chain(&error), error.advice(), self.failures);
        if self.told.as_ref() == Some(&cause) {
            debug!(cause, check, failures, "PureConnect cannot be used yet; trying again");
        } else {
            warn!(cause, check, failures, "PureConnect cannot be used yet; trying again");
        }
        self.told = Some(cause);
        Ok(Backoff::SERVICE.wait(self.failures, random).min(left))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn silent() -> Error {
        Error::Silent { host: "cic1".to_owned(), after: Duration::from_secs(30), heard: jiff::Timestamp::UNIX_EPOCH }
    }

    fn wrong_password() -> Error {
        Error::WrongPassword { host: "cic1".to_owned(), user: "bridge".to_owned(), refusal: Box::default() }
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_does_not_want_us_back_is_left_alone_for_a_while() {
        let down = |again| Error::Down { host: "cic1".to_owned(), reason: "another logon".to_owned(), again };
        let mut attempts = Attempts::new(Duration::ZERO);
        attempts.lost(Instant::now(), String::new());
        assert_eq!(attempts.failed(down(false), 1.0).unwrap(), Duration::from_secs(30));
        attempts.lost(Instant::now(), String::new());
        assert!(attempts.failed(down(true), 1.0).unwrap() < Duration::from_secs(5));
    }

    fn untrusted() -> Error {
        let text = |text: &str| text.to_owned();
        Error::Untrusted { host: text("cic1"), why: text("expired"), fingerprint: text("00") }
    }

    #[tokio::test(start_paused = true)]
    async fn what_harms_is_tried_slowly_and_a_certificate_soon() {
        let mut attempts = Attempts::new(Duration::ZERO);
        attempts.lost(Instant::now(), String::new());
        assert_eq!(attempts.failed(untrusted(), 1.0).unwrap(), Duration::from_millis(500));
        assert_eq!(attempts.failed(wrong_password(), 1.0).unwrap(), Duration::from_secs(30));
        assert_eq!(attempts.failed(wrong_password(), 1.0).unwrap(), Duration::from_secs(60));
        assert_eq!(attempts.failed(silent(), 1.0).unwrap(), Duration::from_secs(4));
        for _ in 0..20 {
            assert!(attempts.failed(untrusted(), 1.0).unwrap() <= Duration::from_secs(60));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_lets_us_in_for_moments_is_not_asked_in_a_busy_loop() {
        let mut attempts = Attempts::new(Duration::ZERO);
        let waits = [(); 5].map(|()| {
            attempts.lost(Instant::now(), String::new());
            attempts.failed(silent(), 1.0).unwrap().as_millis()
        });
        assert_eq!(waits, [500, 1000, 2000, 2000, 2000]);
        let since = Instant::now();
        tokio::time::advance(STEADY).await;
        attempts.lost(since, String::new());
        assert_eq!(attempts.failed(silent(), 1.0).unwrap().as_millis(), 500);
    }

    #[tokio::test(start_paused = true)]
    async fn before_the_first_snapshot_patience_ends() {
        let mut attempts = Attempts::new(Duration::from_secs(1));
        assert_eq!(attempts.failed(silent(), 1.0).unwrap().as_millis(), 500);
        tokio::time::advance(Duration::from_millis(500)).await;
        assert_eq!(attempts.failed(silent(), 1.0).unwrap().as_millis(), 500, "not beyond the patience");
        tokio::time::advance(Duration::from_millis(500)).await;
        assert_eq!(attempts.failed(silent(), 1.0).unwrap_err().kind, FailureKind::Unreachable);
        assert_eq!(attempts.failed(untrusted(), 1.0).unwrap_err().kind, FailureKind::Configuration);
    }
}
