//! The connection to Genesys Cloud: what an answer teaches about it, and when it rests.

use std::time::Duration;

use domain::time::{Instant, Now};
use jiff::Timestamp;

use super::budget::Class;
use super::figures::RequestClass;
use super::{Answer, Engine, Failure, Notice};
use crate::backoff::Backoff;

/// How long to wait before a throttled request goes again when the platform did not say.
const THROTTLED: Duration = Duration::from_secs(60);

/// How long credentials may be refused that were accepted before: tokens are revoked and secrets renewed in steps, and
/// a login service may err for a while. Ending at once would lose what is pending.
const UNAUTHORIZED: Duration = Duration::from_secs(300);

/// The connection to Genesys Cloud.
#[derive(Debug, Clone, Default)]
pub(super) struct Link {
    failures: u32,
    rests_until: Instant,
    reported: bool,
    /// Since when nothing is taken, and why.
    down: Option<(Timestamp, String)>,
    /// Since when the credentials are not accepted.
    unauthorized: Option<Instant>,
}

impl Link {
    /// Whether nothing was taken at the last attempt.
    pub(super) fn is_down(&self) -> bool {
        self.reported
    }

    /// Since when the link is down and why, once that is sure.
    pub(super) fn down(&self) -> Option<(Timestamp, String)> {
        self.down.clone().filter(|_| self.reported)
    }
}

/// Failures in a row after which the link is said to be down.
const DOWN_AFTER: u32 = 2;

impl Engine {
    /// What every answer teaches: the quota, and that the link is up.
    pub(super) fn settle<T>(&mut self, now: Now, paid: (usize, Class), what: RequestClass, answer: &Answer<T>) {
        let (token, class) = paid;
        self.tokens.budget(token).settle(now.instant, class, answer.requests, answer.quota);
        self.counters.requests += u64::from(answer.requests);
        self.counters.figures.requested(what, answer);
        let taken = match &answer.result {
            Ok(_) => true,
            Err(Failure::Unavailable { .. } | Failure::Throttled { .. } | Failure::Unauthorized { .. }) => false,
            Err(Failure::Deferred { .. } | Failure::Refused { .. } | Failure::Unsupported { .. }) => true,
        };
        if taken {
            self.token_accepted(token);
            self.sink.unauthorized = None;
            self.sink.failures = 0;
            self.sink.down = None;
            if std::mem::take(&mut self.sink.reported) {
                self.notices.push_back(Notice::SinkUp);
            }
        }
    }

    /// What a failure means for everybody.
    pub(super) fn react(&mut self, now: Now, token: usize, failure: Failure) {
        match failure {
            Failure::Throttled { retry_after } => {
                let wait = retry_after.unwrap_or(THROTTLED);
                self.counters.throttled += 1;
                let random = self.random.f64();
                let closed = self.tokens.budget(token).close(now.instant, wait, random);
                self.counters.figures.throttled_for += closed;
                self.notices.push_back(Notice::Throttled { seconds: wait.as_secs() });
            }
            Failure::Unavailable { reason, maybe_applied: _ } => self.rest_link(now, reason),
            Failure::Unauthorized { reason } if self.token_refused(now, token, &reason) => {}
            Failure::Unauthorized { reason } => {
                let since = *self.sink.unauthorized.get_or_insert(now.instant);
                if now.instant.since(since) >= UNAUTHORIZED {
                    self.stopped = Some(reason);
                } else {
                    self.rest_link(now, reason);
                }
            }
            Failure::Deferred { .. } | Failure::Refused { .. } | Failure::Unsupported { .. } => {}
        }
    }

    /// Nobody takes anything: everybody waits.
    fn rest_link(&mut self, now: Now, reason: String) {
        // Requests that were under way together fail together, once.
        if now.instant < self.sink.rests_until {
            return;
        }
        self.sink.failures += 1;
        self.sink.down.get_or_insert_with(|| (now.utc, reason.clone()));
        let wait = Backoff::SERVICE.wait(self.sink.failures, self.random.f64());
        self.sink.rests_until = now.instant + wait;
        if self.sink.failures >= DOWN_AFTER && !std::mem::replace(&mut self.sink.reported, true) {
            self.notices.push_back(Notice::SinkDown { reason });
        }
    }

    /// Whether nothing may be sent because the link rests. After a failure one request tries alone.
    pub(super) fn link_rests(&mut self, now: Now) -> bool {
        if now.instant < self.sink.rests_until {
            let until = self.sink.rests_until;
            self.wake_at(until);
            return true;
        }
        self.sink.failures > 0 && self.tokens.in_flight() > 0
    }
}
