//! When people come and go: around three times in the first eighth of the day and over most of the last one.
//!
//! A bridge freezes when a large part of all agents vanishes at once, so never more than 15 % of them log on, or off,
//! within ten seconds (one agent where 15 % is less than one).

use std::time::Duration;

/// The window for which the share is kept.
const WINDOW: Duration = Duration::from_secs(10);

/// One person's working time, after the beginning of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shift {
    pub(super) from: Duration,
    /// `None` stays logged on to the end, idle.
    pub(super) to: Option<Duration>,
}

/// Everybody's working time.
pub(super) fn shifts(count: usize, seed: u64, length: Duration) -> Vec<Shift> {
    let mut random = fastrand::Rng::with_seed(seed ^ 0x5348_4946_5453);
    let hour = length / 8;
    let early_or_late = hour / 12;
    let from = (0..count).map(|_| {
        let planned = hour / 3 * random.u32(..3) + early_or_late;
        planned.saturating_sub(early_or_late) + within(&mut random, early_or_late * 2)
    });
    let mut from: Vec<_> = from.collect();
    spread(&mut from, count);
    let mut to: Vec<_> = (0..count).map(|_| hour * 7 + within(&mut random, hour * 3 / 4)).collect();
    spread(&mut to, count);
    let shift = |(from, to)| {
        let stays = random.u32(..10) == 0;
        Shift { from, to: (!stays).then_some(to) }
    };
    from.into_iter().zip(to).map(shift).collect()
}

/// A random time below `limit`.
pub(super) fn within(random: &mut fastrand::Rng, limit: Duration) -> Duration {
    limit.mul_f64(random.f64())
}

/// Moves times back until no window has more than its share.
fn spread(times: &mut [Duration], count: usize) {
    let share = (count * 15 / 100).max(1);
    let mut order: Vec<usize> = (0..times.len()).collect();
    order.sort_by_key(|&index| (times[index], index));
    for place in share..order.len() {
        let earliest = times[order[place - share]] + WINDOW;
        let at = times[order[place]].max(earliest);
        times[order[place]] = at;
    }
}
