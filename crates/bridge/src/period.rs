//! A period of a journal: its days, and how much of it the feed could be relied on.

use std::time::Duration;

use domain::trust::Gap;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// From one time to another, which is not before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// Its beginning.
    pub from: Timestamp,
    /// Its end.
    pub to: Timestamp,
}

impl Period {
    /// Its length.
    pub fn length(self) -> Duration {
        Duration::try_from(self.to.duration_since(self.from)).unwrap_or_default()
    }

    /// The days of a zone that it reaches into, each as far as it does. Days are as long as they are: 23 hours when clocks go
    /// forward.
    pub fn days(self, zone: &TimeZone) -> Vec<(Date, Self)> {
        let mut days = Vec::new();
        let mut from = self.from;
        while from < self.to {
            let date = from.to_zoned(zone.clone()).date();
            let next = date.tomorrow().and_then(|next| next.to_zoned(zone.clone()));
            // The last day that there is has no next one.
            let to = next.map_or(self.to, |next| next.timestamp()).min(self.to);
            days.push((date, Self { from, to }));
            from = to;
        }
        days
    }

    /// The part of a gap that lies in it, if any does.
    pub fn part_of(self, gap: &Gap) -> Option<Self> {
        let from = gap.since.max(self.from);
        let to = gap.until.unwrap_or(self.to).min(self.to);
        (from < to).then_some(Self { from, to })
    }

    /// How long there was no gap. Gaps may overlap: each moment counts once.
    pub fn trusted(self, gaps: &[Gap]) -> Duration {
        let mut parts: Vec<Self> = gaps.iter().filter_map(|gap| self.part_of(gap)).collect();
        parts.sort_by_key(|part| part.from);
        let mut trusted = Duration::ZERO;
        let mut reached = self.from;
        for part in parts {
            if reached < part.from {
                trusted += Self { from: reached, to: part.from }.length();
            }
            reached = reached.max(part.to);
        }
        trusted + Self { from: reached, to: self.to }.length()
    }

    /// The share of it, between 0 and 1, that this time is; of nothing, all.
    pub fn share(self, time: Duration) -> f64 {
        if self.length().is_zero() { 1.0 } else { time.as_secs_f64() / self.length().as_secs_f64() }
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::GapId;
    use domain::trust::GapKind;
    use uuid::Uuid;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn gap(since: i64, until: Option<i64>) -> Gap {
        Gap {
            id: GapId(Uuid::nil()),
            kind: GapKind::Late,
            reason: String::new(),
            since: at(since),
            until: until.map(at),
        }
    }

    /// How many of the seconds from 100 to 200 are trusted.
    fn trusted(gaps: &[Gap]) -> u64 {
        Period { from: at(100), to: at(200) }.trusted(gaps).as_secs()
    }

    #[test]
    fn where_there_is_no_gap_everything_is_trusted() {
        assert_eq!(trusted(&[]), 100);
        assert_eq!(trusted(&[gap(0, Some(100)), gap(200, None), gap(150, Some(150))]), 100);
    }

    #[test]
    fn gaps_count_as_far_as_they_lie_in_the_period() {
        assert_eq!(trusted(&[gap(110, Some(130))]), 80);
        assert_eq!(trusted(&[gap(50, Some(110)), gap(190, Some(900))]), 80);
        assert_eq!(trusted(&[gap(150, None)]), 50);
        assert_eq!(trusted(&[gap(0, None)]), 0);
    }

    #[test]
    fn a_moment_in_two_gaps_counts_once() {
        let twice = [gap(140, Some(160)), gap(110, Some(150)), gap(120, Some(130)), gap(160, Some(170))];
        assert_eq!(trusted(&twice), 40);
    }

    #[test]
    fn its_days_are_those_of_the_zone_and_as_long_as_they_are() {
        let zone = crate::when::zone("Europe/Berlin").unwrap();
        let time = |text: &str| text.parse::<Timestamp>().unwrap();
        let period = Period { from: time("2026-03-28T12:00:00Z"), to: time("2026-03-31T00:00:00Z") };
        let days = period.days(&zone);
        let hours: Vec<(String, u64)> =
            days.iter().map(|(date, part)| (date.to_string(), part.length().as_secs() / 3_600)).collect();
        let expected = [("2026-03-28", 11), ("2026-03-29", 23), ("2026-03-30", 24), ("2026-03-31", 2)];
        assert_eq!(hours, expected.map(|(date, hours)| (date.to_owned(), hours)));
        assert!(days.windows(2).all(|two| two[0].1.to == two[1].1.from), "no moment is left out: {days:?}");
        assert_eq!(Period { from: at(5), to: at(5) }.days(&zone), []);
    }

    #[test]
    fn of_no_time_at_all_everything_is_trusted() {
        let never = Period { from: at(5), to: at(5) };
        assert!((never.share(never.trusted(&[])) - 1.0).abs() < f64::EPSILON);
        let day = Period { from: at(0), to: at(200) };
        assert!((day.share(Duration::from_secs(50)) - 0.25).abs() < f64::EPSILON);
    }
}
