//! The axis of time: where a moment is, and which moments are written, in the viewer's zone.
//!
//! Hours are those of the zone's clock, so that a day of 23 or 25 hours has as many, and a zone that is half an hour off
//! has its marks at its own full hours.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// How far apart marks may be, in minutes of the zone's clock.
const STEPS: [i64; 10] = [1, 5, 10, 15, 30, 60, 120, 180, 360, 720];

/// The shortest step in which marks are looked for: offsets change by whole quarters of an hour.
const QUARTER: i64 = 15;

/// A stretch of time on a stretch of a picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Axis {
    from: Timestamp,
    until: Timestamp,
    left: f64,
    width: f64,
}

/// A moment that is written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mark {
    /// Where.
    pub x: f64,
    /// Such as `08:00`.
    pub label: String,
}

impl Axis {
    /// From `left`, `width` wide. A stretch without an end after its beginning is taken for a second.
    pub(super) fn new(from: Timestamp, until: Timestamp, left: f64, width: f64) -> Self {
        let until = if until > from { until } else { from.checked_add(SignedDuration::from_secs(1)).unwrap_or(from) };
        Self { from, until, left, width }
    }

    /// Where a moment is; at the nearer end if it is outside.
    pub(super) fn x(&self, at: Timestamp) -> f64 {
        let at = at.clamp(self.from, self.until);
        let all = seconds(self.until.duration_since(self.from));
        let share = if all > 0.0 { seconds(at.duration_since(self.from)) / all } else { 0.0 };
        self.left + share * self.width
    }

    /// Where a stretch begins and how wide it is; `None` if it is outside.
    pub(super) fn stretch(&self, from: Timestamp, until: Timestamp) -> Option<(f64, f64)> {
        if until < self.from || from >= self.until || until < from {
            return None;
        }
        let (begin, end) = (self.x(from), self.x(until));
        Some((begin, end - begin))
    }

    /// Whether a moment is in it.
    pub(super) fn holds(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.until
    }

    /// The moments that are written, at least `apart` from each other where the clock is not set back.
    pub(super) fn marks(&self, zone: &TimeZone, apart: f64) -> Vec<Mark> {
        let step = self.step(apart);
        let look = SignedDuration::from_mins(step.min(QUARTER));
        let mut marks = Vec::new();
        let mut next = first(self.from, zone, look.as_mins());
        while let Some(at) = next.filter(|at| *at <= self.until) {
            let local = at.to_zoned(zone.clone());
            if (i64::from(local.hour()) * 60 + i64::from(local.minute())) % step == 0 {
                marks.push(Mark { x: self.x(at), label: local.strftime("%H:%M").to_string() });
            }
            next = at.checked_add(look).ok();
        }
        marks
    }

    fn step(&self, apart: f64) -> i64 {
        let minutes = seconds(self.until.duration_since(self.from)) / 60.0;
        let wide = |step: i64| f64::from(i32::try_from(step).unwrap_or(i32::MAX)) / minutes * self.width >= apart;
        STEPS.into_iter().find(|step| wide(*step)).unwrap_or(720)
    }
}

/// The first full minute from a moment on at which the zone's clock shows a multiple of so many minutes.
fn first(from: Timestamp, zone: &TimeZone, minutes: i64) -> Option<Timestamp> {
    let begun = from.as_second().rem_euclid(60) != 0 || from.subsec_nanosecond() != 0;
    let whole = Timestamp::from_second(from.as_second().div_euclid(60) * 60).ok()?;
    let whole = if begun { whole.checked_add(SignedDuration::from_mins(1)).ok()? } else { whole };
    let shown = i64::from(whole.to_zoned(zone.clone()).minute());
    whole.checked_add(SignedDuration::from_mins((minutes - shown % minutes) % minutes)).ok()
}

fn seconds(duration: SignedDuration) -> f64 {
    duration.as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(date: &str, zone: &str) -> (Axis, TimeZone) {
        let zone = TimeZone::get(zone).unwrap();
        let date: jiff::civil::Date = date.parse().unwrap();
        let from = date.to_zoned(zone.clone()).unwrap().timestamp();
        let until = date.tomorrow().unwrap().to_zoned(zone.clone()).unwrap().timestamp();
        (Axis::new(from, until, 0.0, 2_400.0), zone)
    }

    fn labels(axis: &Axis, zone: &TimeZone, apart: f64) -> Vec<String> {
        axis.marks(zone, apart).into_iter().map(|mark| mark.label).collect()
    }

    #[test]
    fn an_ordinary_day_has_its_hours() {
        let (axis, zone) = day("2026-11-23", "Europe/Berlin");
        let marks = axis.marks(&zone, 90.0);
        assert_eq!(marks.len(), 25, "both midnights are written: {marks:?}");
        assert_eq!(marks[8], Mark { x: 800.0, label: "08:00".to_owned() });
        assert_eq!(
            labels(&axis, &zone, 290.0),
            ["00:00", "03:00", "06:00", "09:00", "12:00", "15:00", "18:00", "21:00", "00:00"]
        );
    }

    #[test]
    fn a_day_on_which_the_clock_is_set_forward_lacks_an_hour() {
        let (axis, zone) = day("2026-03-29", "Europe/Berlin");
        let labels = labels(&axis, &zone, 90.0);
        assert_eq!(labels[..4], ["00:00", "01:00", "03:00", "04:00"]);
        assert_eq!(labels.len(), 24);
    }

    #[test]
    fn a_day_on_which_the_clock_is_set_back_has_an_hour_twice() {
        let (axis, zone) = day("2026-10-25", "Europe/Berlin");
        let labels = labels(&axis, &zone, 90.0);
        assert_eq!(labels[..5], ["00:00", "01:00", "02:00", "02:00", "03:00"]);
        assert_eq!(labels.len(), 26);
    }

    #[test]
    fn a_zone_that_is_quarters_off_has_its_own_full_hours() {
        let (axis, zone) = day("2026-11-23", "Asia/Kathmandu");
        assert_eq!(labels(&axis, &zone, 90.0)[..2], ["00:00", "01:00"]);
        let (axis, zone) = day("2026-04-05", "Australia/Lord_Howe");
        let labels = labels(&axis, &zone, 90.0);
        assert_eq!(labels[..4], ["00:00", "01:00", "02:00", "03:00"], "the clock goes back by half an hour");
    }

    #[test]
    fn an_hour_is_written_in_minutes_and_a_moment_has_its_place() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let axis = Axis::new(at("2026-11-23T08:07:30Z"), at("2026-11-23T09:07:30Z"), 100.0, 600.0);
        assert_eq!(labels(&axis, &TimeZone::UTC, 80.0), ["08:10", "08:20", "08:30", "08:40", "08:50", "09:00"]);
        assert!((axis.x(at("2026-11-23T08:37:30Z")) - 400.0).abs() < 1e-9);
        assert!((axis.x(at("2026-11-23T07:00:00Z")) - 100.0).abs() < 1e-9, "what is before is at the edge");
        assert_eq!(axis.stretch(at("2026-11-23T07:00:00Z"), at("2026-11-23T08:00:00Z")), None);
        let (x, width) = axis.stretch(at("2026-11-23T07:00:00Z"), at("2026-11-23T08:17:30Z")).unwrap();
        assert!((x - 100.0).abs() < 1e-9 && (width - 100.0).abs() < 1e-9, "it is cut where the picture begins");
    }

    #[test]
    fn a_stretch_of_nothing_is_drawn_all_the_same() {
        let at: Timestamp = "2026-11-23T08:00:00Z".parse().unwrap();
        let axis = Axis::new(at, at, 0.0, 100.0);
        assert!(axis.x(at).is_finite());
        assert!(axis.marks(&TimeZone::UTC, 50.0).len() <= 1);
    }
}
