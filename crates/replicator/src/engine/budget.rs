//! How many requests may be sent, and when.
//!
//! Told the time and what came back; answers "now" or "not before". It neither sleeps nor logs.
//!
//! A request counts from the moment it is sent until 60 seconds after its answer came back. Whenever the platform
//! starts its window, and however late a request reaches it, no 60 seconds there can hold more than the limit: of any
//! set of requests that arrive within 60 seconds, the others still count here when the last one is sent.

use std::collections::VecDeque;
use std::time::Duration;

use domain::time::Instant;

use crate::options::BudgetOptions;
use crate::ports::Quota;

const WINDOW: Duration = Duration::from_secs(60);

/// Requests under way at once. At five requests a second and 100 ms each, one is enough; more only help a far platform.
const MOST_IN_FLIGHT: u32 = 8;

/// The end of a window is told in whole seconds, and by an answer that was under way.
const ROUNDING: Duration = Duration::from_secs(5);

/// What the limit is multiplied with for a while after a 429: the platform counts differently from us.
const CAUTION: f64 = 0.8;

/// How long that while is.
const CAUTION_LASTS: Duration = Duration::from_secs(300);

/// What a request is for, which decides how deep into the budget it may reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Presence that crosses On Queue: everything but the read-back's share.
    Crossing,
    /// Other changes, and what the start needs.
    Normal,
    /// What takes many requests and can wait: primary sources, external ids, the directory.
    Single,
    /// Read-back: a small share that is always its own.
    ReadBack,
}

/// When a request may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permit {
    /// Now.
    Now,
    /// Not before this; ask again then, or when an answer comes back.
    NotBefore(Instant),
    /// Not before an answer comes back.
    AfterAnswer,
}

/// A request that still counts.
#[derive(Debug, Clone, Copy)]
struct Held {
    until: Instant,
    class: Class,
}

/// The platform's own count of its current window.
#[derive(Debug, Clone, Copy)]
struct Window {
    count: u32,
    ends: Instant,
}

/// The budget of one token.
#[derive(Debug, Clone)]
pub struct Budget {
    share: f64,
    allowed: u32,
    in_flight: Vec<Class>,
    held: VecDeque<Held>,
    window: Option<Window>,
    closed_until: Instant,
    cautious_until: Instant,
    last_sent: Option<Instant>,
}

impl Budget {
    /// An untouched budget.
    #[must_use]
    pub fn new(options: BudgetOptions) -> Self {
        Self {
            share: options.share,
            allowed: options.per_minute,
            in_flight: Vec::new(),
            held: VecDeque::new(),
            window: None,
            closed_until: Instant::START,
            cautious_until: Instant::START,
            last_sent: None,
        }
    }

    /// Whether a request of this class may be sent now. `full` says that waiting could not make it carry more.
    pub fn permit(&mut self, now: Instant, class: Class, full: bool) -> Permit {
        self.forget_old(now);
        if now < self.closed_until {
            return Permit::NotBefore(self.closed_until);
        }
        if self.in_flight.len() >= MOST_IN_FLIGHT as usize {
            return Permit::AfterAnswer;
        }
        if let Some(window) = self.window
            && window.count >= if class == Class::ReadBack { self.whole(now) } else { self.limit(now, class) }
        {
            return Permit::NotBefore(window.ends);
        }
        let (used, limit) = match class {
            Class::ReadBack => (self.used_by_read_back(), self.limit(now, class)),
            Class::Crossing | Class::Normal | Class::Single => (self.used(), self.limit(now, class)),
        };
        if used >= limit || self.used() >= self.whole(now) {
            return self.held.front().map_or(Permit::AfterAnswer, |held| Permit::NotBefore(held.until));
        }
        if full {
            return Permit::Now;
        }
        match self.last_sent.map(|sent| sent + self.gap(now)) {
            Some(slot) if now < slot => Permit::NotBefore(slot),
            Some(_) | None => Permit::Now,
        }
    }

    /// A request was sent.
    pub fn spend(&mut self, now: Instant, class: Class) {
        self.in_flight.push(class);
        self.last_sent = Some(now);
        if let Some(window) = &mut self.window {
            window.count += 1;
        }
    }

    /// It came back: it took `requests` requests, and showed this quota.
    pub fn settle(&mut self, now: Instant, class: Class, requests: u32, quota: Option<Quota>) {
        if let Some(place) = self.in_flight.iter().position(|sent| *sent == class) {
            self.in_flight.swap_remove(place);
        }
        self.hold(now, class, requests);
        if let Some(quota) = quota {
            self.learn(now, quota);
        }
    }

    /// Requests that were made outside of this budget's knowledge, such as those of the start.
    pub fn hold(&mut self, now: Instant, class: Class, requests: u32) {
        for _ in 0..requests {
            self.held.push_back(Held { until: now + WINDOW, class });
        }
    }

    /// The platform said that nothing may be sent for this long. `random` is between 0 and 1. Returns for how much longer
    /// nothing is sent than was known before.
    pub fn close(&mut self, now: Instant, wait: Duration, random: f64) -> Duration {
        let until = now + wait.mul_f64(1.0 + 0.1 * random);
        let longer = until.since(self.closed_until.max(now));
        self.closed_until = self.closed_until.max(until);
        self.cautious_until = now + CAUTION_LASTS;
        longer
    }

    /// Takes the platform's own count over.
    pub fn learn(&mut self, now: Instant, quota: Quota) {
        if quota.allowed > 0 {
            self.allowed = quota.allowed;
        }
        let ends = now + quota.reset;
        let in_flight = u32::try_from(self.in_flight.len()).unwrap_or(u32::MAX);
        let count = quota.count.saturating_add(in_flight);
        // Answers overtake each other: within one window the count only grows. The platform rounds, so a new window may
        // begin a little before the old one seems to end.
        self.window = match self.window {
            Some(window) if ends < window.ends + ROUNDING => {
                Some(Window { count: count.max(window.count), ends: window.ends.min(ends) })
            }
            Some(_) | None => Some(Window { count, ends }),
        };
    }

    /// Requests that count at the moment.
    #[must_use]
    pub fn used(&self) -> u32 {
        u32::try_from(self.held.len() + self.in_flight.len()).unwrap_or(u32::MAX)
    }

    /// Requests allowed in 60 seconds.
    #[must_use]
    pub fn allowed(&self) -> u32 {
        self.allowed
    }

    /// Requests under way.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.in_flight.len()
    }

    /// Until when a 429 keeps everything closed, if it does.
    #[must_use]
    pub fn closed(&self, now: Instant) -> Option<Instant> {
        (now < self.closed_until).then_some(self.closed_until)
    }

    fn used_by_read_back(&self) -> u32 {
        let held = self.held.iter().filter(|held| held.class == Class::ReadBack).count();
        let sent = self.in_flight.iter().filter(|class| **class == Class::ReadBack).count();
        u32::try_from(held + sent).unwrap_or(u32::MAX)
    }

    /// How deep each class may reach: 10 % are kept for presences that cross On Queue and 5 % for read-back; what takes
    /// a request for each user leaves room for what does not.
    fn limit(&self, now: Instant, class: Class) -> u32 {
        let part = match class {
            Class::Crossing => 0.95,
            Class::Normal => 0.85,
            Class::Single => 0.7,
            Class::ReadBack => 0.05,
        };
        at_least_one(f64::from(self.whole(now)) * part)
    }

    fn whole(&self, now: Instant) -> u32 {
        let caution = if now < self.cautious_until { CAUTION } else { 1.0 };
        at_least_one(f64::from(self.allowed) * self.share * caution)
    }

    /// The time between two requests that are not full: none while less than half of the budget is used, then such
    /// that what is left, and what is released on the way, lasts. A little longer than that, so that a steady load
    /// settles at about four fifths of the budget and leaves the rest for a shift change.
    fn gap(&self, now: Instant) -> Duration {
        let (limit, used) = (self.limit(now, Class::Normal), self.used());
        if used * 2 < limit {
            return Duration::ZERO;
        }
        let left = limit.saturating_sub(used);
        let lasting = self.held.iter().zip(left + 1..).map(|(held, sends)| held.until.since(now) / sends).max();
        lasting.unwrap_or_default().mul_f64(1.2)
    }

    fn forget_old(&mut self, now: Instant) {
        while self.held.front().is_some_and(|held| held.until <= now) {
            self.held.pop_front();
        }
        if self.window.is_some_and(|window| window.ends <= now) {
            self.window = None;
        }
    }
}

/// A limit below one would stop for ever what shall only be slow.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a small positive number")]
fn at_least_one(limit: f64) -> u32 {
    (limit as u32).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Instant {
        Instant(Duration::from_millis(millis))
    }

    fn budget(per_minute: u32) -> Budget {
        Budget::new(BudgetOptions { per_minute, share: 1.0, tokens: 1 })
    }

    /// Sends as much as is permitted at one moment; every answer comes at once.
    fn burst(budget: &mut Budget, now: Instant, class: Class) -> u32 {
        let mut sent = 0;
        while budget.permit(now, class, true) == Permit::Now {
            budget.spend(now, class);
            budget.settle(now, class, 1, None);
            sent += 1;
        }
        sent
    }

    #[test]
    fn each_class_leaves_the_reserve_of_the_more_urgent_ones() {
        let mut budget = budget(300);
        assert_eq!(burst(&mut budget, at(0), Class::Single), 210);
        assert_eq!(burst(&mut budget, at(0), Class::Normal), 45, "up to 255");
        assert_eq!(burst(&mut budget, at(0), Class::Crossing), 30, "up to 285");
        assert_eq!(burst(&mut budget, at(0), Class::ReadBack), 15, "up to 300");
        assert_eq!(budget.permit(at(0), Class::Crossing, true), Permit::NotBefore(at(60_000)));
        assert_eq!(burst(&mut budget, at(60_000), Class::Crossing), 285);
    }

    #[test]
    fn a_request_counts_until_a_minute_after_its_answer() {
        let mut budget = budget(1);
        budget.spend(at(0), Class::Normal);
        assert_eq!(budget.permit(at(100_000), Class::Normal, true), Permit::AfterAnswer);
        budget.settle(at(100_000), Class::Normal, 1, None);
        assert_eq!(budget.permit(at(100_000), Class::Normal, true), Permit::NotBefore(at(160_000)));
        assert_eq!(budget.permit(at(160_000), Class::Normal, true), Permit::Now);
    }

    #[test]
    fn a_partial_batch_waits_for_its_slot_only_when_the_budget_is_not_fresh() {
        let mut budget = budget(300);
        assert_eq!(budget.permit(at(0), Class::Normal, false), Permit::Now);
        for _ in 0..200 {
            budget.spend(at(0), Class::Normal);
            budget.settle(at(0), Class::Normal, 1, None);
        }
        let Permit::NotBefore(slot) = budget.permit(at(0), Class::Normal, false) else { panic!("paced") };
        assert!(slot > at(1_000) && slot < at(1_500), "55 are left for a minute: {slot:?}");
        assert_eq!(budget.permit(at(0), Class::Normal, true), Permit::Now, "a full batch does not wait");
        assert_eq!(budget.permit(slot, Class::Normal, false), Permit::Now);
    }

    #[test]
    fn the_platforms_own_count_is_believed() {
        let mut budget = budget(300);
        let reset = Duration::from_secs(20);
        budget.learn(at(0), Quota { allowed: 100, count: 99, reset });
        assert_eq!(budget.permit(at(0), Class::Crossing, true), Permit::NotBefore(at(20_000)), "somebody else uses it");
        assert_eq!(burst(&mut budget, at(20_000), Class::Normal), 85);
    }

    #[test]
    fn a_new_window_is_noticed_though_the_old_one_seems_to_last() {
        let mut budget = budget(300);
        let quota = |count, reset| Quota { allowed: 300, count, reset: Duration::from_secs(reset) };
        budget.learn(at(0), quota(299, 61));
        budget.learn(at(100), quota(298, 61));
        assert_eq!(budget.permit(at(200), Class::Normal, true), Permit::NotBefore(at(61_000)), "overtaken answers");
        budget.learn(at(60_500), quota(1, 60));
        assert_eq!(budget.permit(at(60_500), Class::Normal, true), Permit::Now);
    }

    #[test]
    fn nothing_goes_before_the_time_that_a_429_names() {
        let mut budget = budget(300);
        budget.close(at(0), Duration::from_secs(16), 0.5);
        for class in [Class::Crossing, Class::Normal, Class::Single, Class::ReadBack] {
            assert_eq!(budget.permit(at(1_000), class, true), Permit::NotBefore(at(16_800)));
        }
        assert_eq!(burst(&mut budget, at(16_800), Class::Normal), 204, "and less than before for a while");
    }
}
