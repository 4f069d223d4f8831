//! Subscriptions that the server reports as faulted or suspended, and when to ask for everything again because of them.

use std::collections::BTreeSet;
use std::time::Duration;

use replicator::backoff::Backoff;
use tokio::time::Instant;

use crate::limits;

/// Without a fault for this long, the next one is the first again.
const FORGIVEN: Duration = Duration::from_secs(300);

/// The faults of a session.
#[derive(Debug, Default)]
pub(super) struct Faults {
    broken: BTreeSet<String>,
    failures: u32,
    last: Option<Instant>,
    due: Option<Instant>,
}

impl Faults {
    /// A subscription broke. Answers whether that is news.
    pub(super) fn broke(&mut self, id: &str, now: Instant) -> bool {
        if self.last.is_some_and(|last| now.duration_since(last) > FORGIVEN) {
            self.failures = 0;
        }
        self.last = Some(now);
        if self.due.is_none() {
            self.failures += 1;
            self.due = Some(now + Backoff::SERVICE.wait(self.failures, fastrand::f64()));
        }
        self.broken.len() < limits::LOGGED_ONCE && self.broken.insert(id.to_owned())
    }

    /// It works.
    pub(super) fn mended(&mut self, id: &str) {
        self.broken.remove(id);
    }

    /// Everything is being asked for again.
    pub(super) fn asked_again(&mut self) {
        self.due = None;
    }

    /// When to ask again.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subscription_that_stays_broken_is_news_once_and_renewed_ever_more_slowly() {
        let (mut faults, now) = (Faults::default(), Instant::now());
        assert!(faults.broke("q", now));
        let first = faults.due().unwrap();
        assert!(!faults.broke("q", now));
        assert_eq!(faults.due(), Some(first), "one renewal serves all");
        for _ in 0..6 {
            faults.asked_again();
            assert!(!faults.broke("q", now));
        }
        assert!(faults.due().unwrap() > now + Duration::from_secs(10));
        faults.mended("q");
        faults.asked_again();
        assert!(faults.broke("q", now + FORGIVEN * 2));
        assert!(faults.due().unwrap() <= now + FORGIVEN * 2 + Duration::from_secs(1));
    }
}
