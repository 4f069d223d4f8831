//! How many requests a token made: the fixed window that the platform enforces, and a sliding one that only observes.
//!
//! It is told the time; it neither answers requests nor knows what they were.

use std::collections::VecDeque;
use std::time::Duration;

/// The length of both windows.
const MINUTE: Duration = Duration::from_secs(60);

/// The requests of one token.
#[derive(Debug, Default)]
pub(super) struct Window {
    /// When the current fixed window began; `None` before the first request.
    began: Option<Duration>,
    /// Requests accepted in it.
    count: u32,
    /// Arrivals of the last minute, refused ones too.
    recent: VecDeque<Duration>,
}

/// What the headers of an answer tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quota {
    pub allowed: u32,
    pub count: u32,
    /// Seconds until the fixed window ends.
    pub reset: u64,
    /// Whether this request was one too many.
    pub exceeded: bool,
}

impl Window {
    /// Takes note of a request. A refused one does not count towards the fixed window.
    pub fn take(&mut self, now: Duration, allowed: u32) -> Quota {
        self.recent.push_back(now);
        while self.recent.front().is_some_and(|first| now.saturating_sub(*first) >= MINUTE) {
            self.recent.pop_front();
        }
        let began = match self.began {
            Some(began) if now.saturating_sub(began) < MINUTE => began,
            Some(_) | None => {
                self.count = 0;
                *self.began.insert(now)
            }
        };
        let exceeded = self.count >= allowed;
        if !exceeded {
            self.count += 1;
        }
        let left = (began + MINUTE).saturating_sub(now);
        let reset = left.as_secs() + u64::from(left.subsec_nanos() > 0);
        Quota { allowed, count: self.count, reset: reset.max(1), exceeded }
    }

    /// Requests in the minute that ends now.
    pub fn since(&self, now: Duration) -> usize {
        self.recent.iter().filter(|at| now.saturating_sub(**at) < MINUTE).count()
    }

    /// Requests in the minute that ends with the latest one.
    pub fn in_last_minute(&self) -> usize {
        self.recent.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_window_begins_with_the_first_request_and_starts_afresh_after_a_minute() {
        let mut window = Window::default();
        assert_eq!(window.take(at(10), 2), Quota { allowed: 2, count: 1, reset: 60, exceeded: false });
        assert_eq!(window.take(at(30), 2), Quota { allowed: 2, count: 2, reset: 40, exceeded: false });
        assert_eq!(window.take(at(69), 2), Quota { allowed: 2, count: 2, reset: 1, exceeded: true });
        assert_eq!(window.take(at(70), 2), Quota { allowed: 2, count: 1, reset: 60, exceeded: false });
    }

    #[test]
    fn the_sliding_log_sees_what_two_fixed_windows_hide() {
        let mut window = Window::default();
        window.take(at(0), 300);
        for _ in 0..299 {
            window.take(at(59), 300);
        }
        for _ in 0..300 {
            assert!(!window.take(at(60), 300).exceeded);
        }
        assert_eq!(window.in_last_minute(), 599);
        assert_eq!((window.since(at(60)), window.since(at(119)), window.since(at(120))), (599, 300, 0));
    }
}
