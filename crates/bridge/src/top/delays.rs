//! The delays of a link as they are now, from what it has counted since its start.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use replicator::engine::{BOUNDS, Buckets};

/// "Now" is the last minute of the link's time.
const NOW: SignedDuration = SignedDuration::from_secs(60);

/// How many points the line has.
const POINTS: usize = 24;

/// From low to high.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// What a link counted, time after time.
#[derive(Debug, Clone, Default)]
pub struct Trail {
    /// The oldest is the one by which the last minute is told from before.
    counted: VecDeque<(Timestamp, Buckets)>,
    /// Of each time it was asked: the delay that 99 of 100 changes since the time before did not exceed.
    points: VecDeque<Option<Duration>>,
}

impl Trail {
    /// What it has counted by a time. Of a link that began anew nothing of before is kept.
    pub fn add(&mut self, at: Timestamp, counts: &[u64]) {
        let mut buckets = Buckets::default();
        for (bucket, count) in buckets.counts.iter_mut().zip(counts) {
            *bucket = *count;
        }
        match self.counted.back() {
            Some((before, counted)) if counted.count() > buckets.count() || *before > at => *self = Self::default(),
            Some((_, counted)) => {
                self.points.push_back(buckets.since(counted).quantile(0.99));
                if self.points.len() > POINTS {
                    self.points.pop_front();
                }
            }
            None => {}
        }
        self.counted.push_back((at, buckets));
        while self.counted.len() > 2 && self.counted.get(1).is_some_and(|(second, _)| at.duration_since(*second) >= NOW)
        {
            self.counted.pop_front();
        }
    }

    /// The delays that 50 and 99 of 100 changes of the last minute did not exceed; `None` where there were none.
    pub fn now(&self) -> Option<(Duration, Duration)> {
        let ((_, oldest), (_, newest)) = (self.counted.front()?, self.counted.back()?);
        let recent = newest.since(oldest);
        Some((recent.quantile(0.5)?, recent.quantile(0.99)?))
    }

    /// How the delays went, a sign for each time; a dot where there was no change.
    pub fn line(&self) -> String {
        let bar = |point: &Option<Duration>| point.map_or('·', |delay| BARS[height(delay)]);
        self.points.iter().map(bar).collect()
    }
}

/// Delays differ by powers of ten: each bar is two buckets.
fn height(delay: Duration) -> usize {
    let milliseconds = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
    (BOUNDS.partition_point(|&bound| bound < milliseconds) / 2).min(BARS.len() - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// So many changes of at most 50 ms, and so many of 2.5 to 5 s.
    fn counts(fast: u64, slow: u64) -> Vec<u64> {
        let mut counts = vec![0; BOUNDS.len() + 1];
        (counts[0], counts[6]) = (fast, slow);
        counts
    }

    #[test]
    fn now_is_the_last_minute_and_not_what_was_before() {
        let mut trail = Trail::default();
        trail.add(at(0), &counts(0, 100));
        assert_eq!(trail.now(), None, "what was before the first look has no time");
        trail.add(at(30), &counts(10, 100));
        let (p50, p99) = trail.now().unwrap();
        assert!(p50 < Duration::from_millis(50) && p99 <= Duration::from_millis(50), "{p50:?} {p99:?}");
        trail.add(at(40), &counts(10, 130));
        assert!(trail.now().unwrap().1 > Duration::from_millis(2_500));
        trail.add(at(95), &counts(11, 130));
        trail.add(at(101), &counts(12, 130));
        assert!(trail.now().unwrap().1 <= Duration::from_millis(50), "the slow ones are over");
        assert_eq!(trail.line(), "▁▄▁▁");
    }

    #[test]
    fn a_link_that_began_anew_has_no_past() {
        let mut trail = Trail::default();
        trail.add(at(0), &counts(50, 0));
        trail.add(at(10), &counts(60, 0));
        trail.add(at(20), &counts(3, 0));
        assert_eq!((trail.now(), trail.line().as_str()), (None, ""));
        trail.add(at(30), &counts(3, 0));
        assert_eq!((trail.now(), trail.line().as_str()), (None, "·"));
    }
}
