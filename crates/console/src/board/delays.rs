//! How long changes took, minute by minute of the link's time.
//!
//! Told the totals since the start of the link, it works out what came in between; a link that begins anew begins with
//! other totals.

use std::collections::BTreeMap;

use jiff::Timestamp;
use replicator::engine::{Buckets, Figures};

/// So many minutes are kept: a day.
pub const KEPT: i64 = 24 * 60;

/// The minutes in which changes were accepted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DelaySeries {
    /// Since when they are counted, and until when; `None` before the first report.
    pub observed: Option<(Timestamp, Timestamp)>,
    /// By their number since 1970.
    minutes: BTreeMap<i64, Minute>,
}

/// The changes that were accepted within a minute.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Minute {
    /// From PureConnect's message to Genesys Cloud's acceptance.
    pub seen: Buckets,
    /// From when it happened in PureConnect to Genesys Cloud's acceptance.
    pub happened: Buckets,
}

/// The totals that were told last.
#[derive(Debug, Default)]
pub struct Totals {
    seen: Buckets,
    happened: Buckets,
}

impl DelaySeries {
    /// Adds what came up to a time.
    pub fn add(&mut self, at: Timestamp, news: Minute) {
        let minute = at.as_second().div_euclid(60);
        let newest = self.minutes.last_key_value().map_or(minute, |(&newest, _)| newest);
        if minute + KEPT <= newest {
            // The link's clock was put back by a day or more: what was counted is of another day.
            *self = Self::default();
        }
        let from = self.observed.map_or(at, |(from, _)| from.min(at));
        let oldest = beginning(minute.max(newest) - KEPT + 1);
        self.observed = Some((from.max(oldest), at));
        if news.seen.count() + news.happened.count() > 0 {
            let of = self.minutes.entry(minute).or_default();
            join(&mut of.seen, &news.seen);
            join(&mut of.happened, &news.happened);
        }
        while let Some(oldest) = self.minutes.first_entry().filter(|first| first.key() + KEPT <= minute) {
            oldest.remove();
        }
    }

    /// The minutes in which there was something, oldest first, each with its beginning.
    pub fn minutes(&self) -> impl DoubleEndedIterator<Item = (Timestamp, &Minute)> {
        self.minutes.iter().map(|(&minute, of)| (beginning(minute), of))
    }
}

fn beginning(minute: i64) -> Timestamp {
    Timestamp::from_second(minute * 60).unwrap_or(Timestamp::MIN)
}

impl Totals {
    /// What came since the totals were told before.
    pub fn news(&mut self, figures: &Figures) -> Minute {
        let news = Minute {
            seen: after(&figures.since_seen, &self.seen),
            happened: after(&figures.since_happened, &self.happened),
        };
        self.seen = figures.since_seen.clone();
        self.happened = figures.since_happened.clone();
        news
    }
}

/// What came after the earlier totals; all of it where they are not of the same count.
fn after(later: &Buckets, earlier: &Buckets) -> Buckets {
    let goes_on = later.counts.iter().zip(earlier.counts).all(|(later, earlier)| *later >= earlier);
    if goes_on { later.since(earlier) } else { later.clone() }
}

/// All of both.
pub fn join(to: &mut Buckets, more: &Buckets) {
    for (count, more) in to.counts.iter_mut().zip(more.counts) {
        *count += more;
    }
    to.sum = to.sum.saturating_add(more.sum);
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(time: &str) -> Timestamp {
        format!("2026-11-23T{time}Z").parse().unwrap()
    }

    /// A link that counts, and who looks at it.
    #[derive(Default)]
    struct Stage {
        figures: Figures,
        totals: Totals,
        series: DelaySeries,
    }

    impl Stage {
        fn accepted(&mut self, changes: u64, seconds: u64) {
            for _ in 0..changes {
                self.figures.since_seen.add(Duration::from_secs(seconds));
                self.figures.since_happened.add(Duration::from_secs(seconds + 1));
            }
        }

        fn reported(&mut self, time: Timestamp) {
            let news = self.totals.news(&self.figures);
            self.series.add(time, news);
        }

        /// How many changes each minute has.
        fn counts(&self) -> Vec<(String, u64)> {
            let minutes = self.series.minutes();
            minutes.map(|(at, minute)| (at.strftime("%H:%M").to_string(), minute.seen.count())).collect()
        }
    }

    fn counts(expected: &[(&str, u64)]) -> Vec<(String, u64)> {
        expected.iter().map(|&(time, count)| (time.to_owned(), count)).collect()
    }

    #[test]
    fn changes_are_counted_in_the_minute_in_which_they_were_reported() {
        let mut stage = Stage::default();
        stage.accepted(2, 1);
        stage.reported(at("08:00:10"));
        stage.accepted(3, 2);
        stage.reported(at("08:00:50"));
        stage.reported(at("08:01:10"));
        stage.accepted(1, 200);
        stage.reported(at("08:02:00"));
        assert_eq!(stage.counts(), counts(&[("08:00", 5), ("08:02", 1)]));
        assert_eq!(stage.series.observed, Some((at("08:00:10"), at("08:02:00"))));
        let (_, last) = stage.series.minutes().last().unwrap();
        assert_eq!(last.seen.sum, Duration::from_secs(200));
        assert_eq!(last.happened.sum, Duration::from_secs(201));
    }

    #[test]
    fn a_link_that_begins_anew_counts_from_nothing() {
        let mut stage = Stage::default();
        stage.accepted(5, 1);
        stage.reported(at("08:00:10"));
        stage.figures = Figures::default();
        stage.accepted(2, 1);
        stage.reported(at("08:01:00"));
        stage.accepted(1, 1);
        stage.reported(at("08:01:30"));
        assert_eq!(stage.counts(), counts(&[("08:00", 5), ("08:01", 3)]));
    }

    #[test]
    fn a_day_is_kept_however_fast_the_links_time_runs() {
        let mut stage = Stage::default();
        let begun = at("08:00:00");
        // Half a minute between two reports, which is a quarter of a second 120 times as fast; for 25 hours.
        for report in 0..25 * 120 {
            stage.accepted(1, 1);
            stage.reported(begun + Duration::from_secs(30 * report));
        }
        let minutes: Vec<Timestamp> = stage.series.minutes().map(|(at, _)| at).collect();
        assert_eq!(minutes.len(), 24 * 60);
        assert_eq!(minutes[0], begun + Duration::from_secs(60 * 60));
        assert_eq!(stage.series.observed.unwrap().0, minutes[0]);
        assert!(stage.series.minutes().all(|(_, minute)| minute.seen.count() == 2));
    }

    #[test]
    fn a_clock_that_is_put_back_by_days_begins_another_series() {
        let mut stage = Stage::default();
        stage.accepted(1, 1);
        stage.reported(at("08:00:00"));
        stage.accepted(1, 1);
        stage.reported(at("07:59:00"));
        assert_eq!(stage.counts(), counts(&[("07:59", 1), ("08:00", 1)]), "a little is no matter");
        stage.accepted(4, 1);
        stage.reported(at("08:00:00") - Duration::from_secs(3 * 24 * 60 * 60));
        assert_eq!(stage.counts(), counts(&[("08:00", 4)]));
    }
}
