//! How long a shift change takes: the arithmetic of requests under a rate limit.
//!
//! A class of changes that go `batch` to a request needs `⌈changes / batch⌉` requests. With `tokens` tokens, each of
//! which may send `usable` requests a minute, they take `T = requests · 60 s / (tokens · usable)`. When the changes come
//! over a time `W`, the last one is at least `T − W` late. No order of sending beats this; a bad one misses it.

use std::time::Duration;

use domain::time::Instant;
use genesys_cloud::Delivery;
use replicator::engine::{Budget, Class, Permit};
use replicator::options::BudgetOptions;

/// Changes in one request of event delivery.
const EVENTS: u64 = 100;

/// Changes in one request of direct delivery, unless they are to On Queue, which is a request each.
const BULK: u64 = 50;

/// The share of agents who go On Queue at a shift change, where it is not known.
pub const ON_QUEUE_SHARE: f64 = 0.4;

/// The share of agents who are out of office, which is a request each.
pub const OUT_OF_OFFICE_SHARE: f64 = 0.05;

/// How late a change may be at a shift change.
pub const WANTED: Duration = Duration::from_secs(15);

/// In which time everybody changes at a fast shift change.
pub const FAST: Duration = Duration::from_secs(60);

/// In which time everybody changes at a slow one.
pub const SLOW: Duration = Duration::from_secs(300);

/// A shift change: every agent changes once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShiftChange {
    /// How many change.
    pub agents: usize,
    /// Which part of them goes On Queue.
    pub on_queue: f64,
    /// How it is delivered.
    pub delivery: Delivery,
    /// Whether the routing status is delivered, too.
    pub routing: bool,
}

impl ShiftChange {
    /// The changes that are sent.
    pub fn changes(&self) -> u64 {
        let agents = self.agents as u64;
        agents * if self.sends_routing() { 2 } else { 1 }
    }

    /// The requests that they take.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a number of agents")]
    pub fn requests(&self) -> u64 {
        let agents = self.agents as u64;
        match self.delivery {
            Delivery::Events => agents.div_ceil(EVENTS) * if self.sends_routing() { 2 } else { 1 },
            Delivery::Direct => {
                let on_queue = ((agents as f64 * self.on_queue).round() as u64).min(agents);
                on_queue + (agents - on_queue).div_ceil(BULK)
            }
        }
    }

    /// What of the budget these changes may use: the presences of a shift change cross On Queue, and a routing status
    /// waits for its turn behind them.
    pub fn class(&self) -> Class {
        if self.sends_routing() { Class::Normal } else { Class::Crossing }
    }

    /// Direct delivery leaves IDLE and OFF_QUEUE to the presence.
    fn sends_routing(&self) -> bool {
        self.routing && self.delivery == Delivery::Events
    }
}

/// Requests that a token may really send for this in a minute: asked of the budget that the replication uses.
pub fn usable(budget: BudgetOptions, class: Class) -> u32 {
    let mut budget = Budget::new(budget);
    let mut sent = 0;
    while budget.permit(Instant::START, class, true) == Permit::Now {
        budget.spend(Instant::START, class);
        budget.settle(Instant::START, class, 1, None);
        sent += 1;
    }
    sent
}

/// How long so many requests take.
pub fn drain(requests: u64, tokens: usize, usable: u32) -> Duration {
    Duration::from_secs_f64(requests as f64 * 60.0 / (tokens as f64 * f64::from(usable)))
}

/// How late the last change is when all come within `window`.
pub fn staleness(drain: Duration, window: Duration) -> Duration {
    drain.saturating_sub(window)
}

/// How many tokens it takes for the last of a shift change within a minute to be late by no more than is wanted.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded up, and above zero")]
pub fn tokens_needed(requests: u64, usable: u32) -> usize {
    let alone = drain(requests, 1, usable).as_secs_f64();
    ((alone / (FAST + WANTED).as_secs_f64()).ceil() as usize).max(1)
}

/// Requests for out of office, if so many agents work.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a number of agents")]
pub fn out_of_office(agents: usize) -> u64 {
    (agents as f64 * OUT_OF_OFFICE_SHARE).ceil() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: u32 = 300;

    fn change(agents: usize, delivery: Delivery, routing: bool, on_queue: f64) -> ShiftChange {
        ShiftChange { agents, on_queue, delivery, routing }
    }

    fn seconds(change: ShiftChange) -> f64 {
        drain(change.requests(), 1, TOKEN).as_secs_f64()
    }

    /// The floor under one token of 300 requests a minute when everything changes at once, in seconds: events with
    /// presence only, events with presence and routing, bulk with nobody On Queue, bulk with 40 % On Queue.
    #[test]
    fn the_floor_is_that_of_the_table() {
        let table = [
            (50, [0.2, 0.4, 0.2, 4.2]),
            (500, [1.0, 2.0, 2.0, 41.0]),
            (5_000, [10.0, 20.0, 20.0, 412.0]),
            (20_000, [40.0, 80.0, 80.0, 1_648.0]),
            (100_000, [200.0, 400.0, 400.0, 8_240.0]),
        ];
        for (agents, [presence, both, bulk, on_queue]) in table {
            let close = |found: f64, expected: f64| (found - expected).abs() <= (expected * 0.01).max(0.05);
            let cases = [
                (change(agents, Delivery::Events, false, 0.4), presence),
                (change(agents, Delivery::Events, true, 0.4), both),
                (change(agents, Delivery::Direct, true, 0.0), bulk),
                (change(agents, Delivery::Direct, false, 0.4), on_queue),
            ];
            for (case, expected) in cases {
                assert!(close(seconds(case), expected), "{case:?}: {} and not {expected}", seconds(case));
            }
        }
    }

    #[test]
    fn so_many_tokens_hold_fifteen_seconds() {
        let needed = |agents, delivery| tokens_needed(change(agents, delivery, true, 0.4).requests(), TOKEN);
        assert_eq!(needed(5_000, Delivery::Events), 1);
        assert_eq!(needed(5_000, Delivery::Direct), 6);
        assert_eq!(needed(100_000, Delivery::Events), 6);
        assert_eq!(needed(100_000, Delivery::Direct), 110);
        assert_eq!(needed(0, Delivery::Direct), 1);
    }

    #[test]
    fn whoever_has_time_is_not_late() {
        let late =
            |agents, window| staleness(drain(change(agents, Delivery::Direct, true, 0.4).requests(), 1, TOKEN), window);
        assert_eq!(late(500, FAST), Duration::ZERO);
        assert_eq!(late(5_000, FAST), Duration::from_secs(352));
        assert_eq!(late(5_000, SLOW), Duration::from_secs(112));
        let of_six = staleness(drain(2_060, 6, TOKEN), FAST);
        assert!(of_six < WANTED, "{of_six:?}");
    }

    #[test]
    fn the_reserve_is_the_one_that_the_replication_keeps() {
        let budget = |per_minute, share| BudgetOptions { per_minute, share, tokens: 1 };
        assert_eq!(usable(budget(300, 1.0), Class::Crossing), 285);
        assert_eq!(usable(budget(300, 1.0), Class::Normal), 255);
        assert_eq!(usable(budget(300, 0.5), Class::Crossing), 142);
        assert_eq!(usable(budget(1, 0.01), Class::Single), 1);
        assert_eq!(change(1, Delivery::Events, true, 0.4).class(), Class::Normal);
        assert_eq!(change(1, Delivery::Direct, true, 0.4).class(), Class::Crossing, "no routing status is sent");
    }

    #[test]
    fn out_of_office_takes_a_request_for_one_agent_of_twenty() {
        assert_eq!(out_of_office(5_000), 250);
        assert_eq!(out_of_office(0), 0);
    }
}
