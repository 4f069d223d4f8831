//! Points in time as people write them, and the time zones that they write them in.
//!
//! Knows the forms that commands accept. What a time is for is not known here.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};

/// A point in time as somebody wrote it. Which one it is may depend on the zone and on the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// With its own zone or offset.
    Exact(Timestamp),
    /// As a clock on the wall shows it; a date is its midnight.
    Civil(DateTime),
    /// This time of the day that it is.
    Today(Time),
    /// The midnight with which the day before began.
    Yesterday,
    /// At once.
    Now,
}

/// What is accepted, for whoever wrote something else.
const FORMS: &str = "write today, yesterday, now, 08:00, 2026-03-02, 2026-03-02T08:00, 2026-03-02T08:00+01:00 or \
                     2026-03-02T08:00[Europe/Berlin]";

impl When {
    /// Understands what somebody wrote.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text.trim().to_lowercase().as_str() {
            "now" => return Ok(Self::Now),
            "today" => return Ok(Self::Today(Time::midnight())),
            "yesterday" => return Ok(Self::Yesterday),
            _ => {}
        }
        let exact = || text.parse::<Timestamp>().ok();
        let zoned = || text.parse::<Zoned>().ok().map(|zoned| zoned.timestamp());
        if let Some(exact) = exact().or_else(zoned) {
            return Ok(Self::Exact(exact));
        }
        // A date first: "2026-03" is no time of a day.
        let midnight = || text.parse::<Date>().ok().map(DateTime::from);
        let civil = || text.parse::<DateTime>().ok().or_else(midnight);
        let of_today = || text.contains(':').then(|| text.parse::<Time>().ok()).flatten().map(Self::Today);
        civil().map(Self::Civil).or_else(of_today).ok_or_else(|| FORMS.to_owned())
    }

    /// Which point in time that is in a zone. What a clock on the wall shows twice is the first; what it skips is as much
    /// later.
    pub fn at(self, zone: &TimeZone, now: Timestamp) -> Timestamp {
        let today = now.to_zoned(zone.clone()).date();
        let civil = |civil: DateTime| civil.to_zoned(zone.clone()).map_or(now, |zoned| zoned.timestamp());
        match self {
            Self::Exact(at) => at,
            Self::Civil(at) => civil(at),
            Self::Today(time) => civil(today.to_datetime(time)),
            Self::Yesterday => civil(DateTime::from(today.yesterday().unwrap_or(today))),
            Self::Now => now,
        }
    }
}

/// A zone by its name in the IANA database.
pub fn zone(text: &str) -> Result<TimeZone, String> {
    TimeZone::get(text).map_err(|_| "write a name such as Europe/Berlin, America/New_York or UTC".to_owned())
}

/// The zone that is asked for, or this computer's; UTC where that is not known.
pub fn zone_or_system(asked: Option<&TimeZone>) -> TimeZone {
    let system = || Some(TimeZone::system()).filter(|zone| !zone.is_unknown()).unwrap_or(TimeZone::UTC);
    asked.cloned().unwrap_or_else(system)
}

/// How a zone is called.
pub fn zone_name(zone: &TimeZone, at: Timestamp) -> String {
    zone.iana_name().map_or_else(|| format!("UTC{}", zone.to_offset(at)), str::to_owned)
}

/// `2026-03-02 08:00:00`.
pub fn time(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// With milliseconds and the offset, as RFC 3339 has it.
pub fn exact_time(at: Timestamp, zone: &TimeZone) -> String {
    if zone.iana_name() == Some("UTC") {
        return at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string();
    }
    at.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S.%3f%:z").to_string()
}

/// `250ms`, `1s 300ms`, `10m 38s`: milliseconds below a minute, then seconds.
pub fn duration(duration: std::time::Duration) -> String {
    use jiff::fmt::friendly::{Designator, SpanPrinter};
    let minute = std::time::Duration::from_secs(60);
    let whole = if duration >= minute {
        SignedDuration::from_secs(i64::try_from(duration.as_secs()).unwrap_or(i64::MAX))
    } else {
        SignedDuration::from_millis(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX))
    };
    SpanPrinter::new().designator(Designator::Compact).duration_to_string(&whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn berlin() -> TimeZone {
        zone("Europe/Berlin").unwrap()
    }

    /// On a day on which summer time holds in Berlin.
    fn at(text: &str) -> String {
        let now = "2026-07-15T22:30:00Z".parse().unwrap();
        When::parse(text).unwrap().at(&berlin(), now).to_string()
    }

    #[test]
    fn a_time_is_of_the_zone_unless_it_says_otherwise() {
        assert_eq!(at("2026-03-02"), "2026-03-01T23:00:00Z");
        assert_eq!(at("2026-03-02 08:00:30"), "2026-03-02T07:00:30Z");
        assert_eq!(at("2026-03-02T08:00-05:00"), "2026-03-02T13:00:00Z");
        assert_eq!(at("2026-03-02T08:00:00Z"), "2026-03-02T08:00:00Z");
        assert_eq!(at("2026-03-02T08:00[America/New_York]"), "2026-03-02T13:00:00Z");
    }

    #[test]
    fn days_are_those_of_the_zone() {
        // There it is half past midnight, of the 16th.
        assert_eq!(at("today"), "2026-07-15T22:00:00Z");
        assert_eq!(at("Yesterday"), "2026-07-14T22:00:00Z");
        assert_eq!(at("08:00"), "2026-07-16T06:00:00Z");
        assert_eq!(at("now"), "2026-07-15T22:30:00Z");
    }

    #[test]
    fn what_a_clock_shows_twice_is_the_first_and_what_it_skips_is_later() {
        assert_eq!(at("2026-10-25T02:30"), "2026-10-25T00:30:00Z");
        assert_eq!(at("2026-03-29T02:30"), "2026-03-29T01:30:00Z");
    }

    #[test]
    fn anything_else_is_no_time_and_says_what_is() {
        for text in ["noon", "2026", "2026-13-01", "", "25:00"] {
            assert!(When::parse(text).unwrap_err().contains("2026-03-02T08:00+01:00"), "{text}");
        }
        assert!(zone("Atlantis").unwrap_err().contains("Europe/Berlin"));
    }

    #[test]
    fn times_and_durations_can_be_read() {
        let noon = "2026-07-15T10:00:00.250Z".parse().unwrap();
        assert_eq!(time(noon, &berlin()), "2026-07-15 12:00:00");
        assert_eq!(exact_time(noon, &berlin()), "2026-07-15T12:00:00.250+02:00");
        assert_eq!(exact_time(noon, &TimeZone::UTC), "2026-07-15T10:00:00.250Z");
        assert_eq!(zone_name(&berlin(), noon), "Europe/Berlin");
        let seconds = |seconds| duration(std::time::Duration::from_secs_f64(seconds));
        assert_eq!([0.0, 0.25, 59.5, 638.9, 7_200.0].map(seconds), ["0s", "250ms", "59s 500ms", "10m 38s", "2h"]);
    }
}
