//! Which day of an agent is asked for, and which part of it: from the fields of a URL, and back to links.
//!
//! A day is the viewer's, from midnight to midnight in the viewer's zone, so that it may have 23 or 25 hours.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::history::Period;
use crate::pages::layout::Clock;
use crate::shown::{Band, Day};

/// The fields, as they come.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Fields {
    /// Such as `2026-11-23`.
    pub day: String,
    /// A part by its name: `shift` or `hour`.
    pub part: String,
    /// The part's beginning, such as `2026-11-23T08:00:00Z`.
    pub from: String,
    /// The part's end.
    pub to: String,
    /// What came of the order to put the agent right.
    pub done: String,
}

/// A day and a part of it.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// The page.
    pub path: String,
    /// The viewer's date.
    pub date: Date,
    /// The viewer's date by the link's time, where that is known.
    pub today: Option<Date>,
    /// The link's time.
    pub now: Option<Timestamp>,
    /// All of the day.
    pub day: Period,
    /// The part of it that is shown.
    pub part: Part,
    /// What could not be read, in words.
    pub mistake: Option<String>,
    zone: TimeZone,
}

/// Which part of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// All of it.
    Whole,
    /// While the agent worked.
    Shift,
    /// The last hour of it, or until now.
    Hour,
    /// From when until when.
    Between(Period),
}

/// Shorter is not drawn.
const SHORTEST: SignedDuration = SignedDuration::from_mins(2);

/// So much is shown around a shift.
const AROUND: SignedDuration = SignedDuration::from_mins(15);

const HOUR: SignedDuration = SignedDuration::from_hours(1);

impl Asked {
    /// What the fields ask for; today and the whole day where they say nothing, or nothing that can be read.
    pub(super) fn new(path: String, fields: &Fields, now: Option<Timestamp>, zone: &TimeZone) -> Option<Self> {
        let today = now.map(|now| now.to_zoned(zone.clone()).date());
        let read: Option<Date> = fields.day.trim().parse().ok();
        let mut mistake = (!fields.day.trim().is_empty() && read.is_none())
            .then(|| format!("\"{}\" is no date such as 2026-11-23; this is the last day that is known.", fields.day));
        let date = read.or(today)?;
        let day = period_of(date, zone)?;
        let part = match (fields.part.as_str(), fields.from.as_str(), fields.to.as_str()) {
            ("shift", _, _) => Part::Shift,
            ("hour", _, _) => Part::Hour,
            (_, "", "") => Part::Whole,
            (_, from, to) => match between(from, to, day) {
                Some(period) => Part::Between(period),
                None => {
                    mistake = Some("That is no part of this day, so all of it is shown.".to_owned());
                    Part::Whole
                }
            },
        };
        Some(Self { path, date, today, now, day, part, mistake, zone: zone.clone() })
    }

    /// How many hours the day has.
    pub(super) fn hours(&self) -> i64 {
        self.day.until.duration_since(self.day.from).as_hours()
    }

    /// The period that is shown. What the part means may depend on what was in the day.
    pub(super) fn period(&self, day: &Day) -> Period {
        match self.part {
            Part::Whole => self.day,
            Part::Shift => shift(day, self.day),
            Part::Hour => {
                let until = self.now.map_or(self.day.until, |now| now.clamp(self.day.from, self.day.until));
                within(self.day, Period { from: earlier(until, HOUR), until })
            }
            Part::Between(period) => period,
        }
    }

    /// The day before, and the day after unless it has yet to come.
    pub(super) fn beside(&self) -> (Option<Date>, Option<Date>) {
        let after = self.date.tomorrow().ok().filter(|after| self.today.is_none_or(|today| *after <= today));
        (self.date.yesterday().ok(), after)
    }

    /// A link to another day.
    pub(super) fn on(&self, date: Date) -> String {
        format!("{}?day={date}#day", self.path)
    }

    /// A link to a part of the day.
    pub(super) fn of(&self, part: Part) -> String {
        let Self { path, date, .. } = self;
        match part {
            Part::Whole => format!("{path}?day={date}#day"),
            Part::Shift => format!("{path}?day={date}&part=shift#day"),
            Part::Hour => format!("{path}?day={date}&part=hour#day"),
            Part::Between(Period { from, until }) => {
                format!("{path}?day={date}&from={}&to={}#day", whole_seconds(from), whole_seconds(until))
            }
        }
    }

    /// The parts that lie nearer or wider around what is shown, before and after it; `None` where it is no other.
    pub(super) fn around(&self, shown: Period) -> [(&'static str, Option<Part>); 4] {
        let length = shown.until.duration_since(shown.from);
        let part = |from: Timestamp, until: Timestamp| {
            let period = within(self.day, Period { from, until });
            let is_another = period != shown && period.until.duration_since(period.from) >= SHORTEST;
            is_another.then_some(Part::Between(period))
        };
        let quarter = length / 4;
        [
            ("Earlier", part(earlier(shown.from, length), shown.from)),
            ("Later", part(shown.until, later(shown.until, length))),
            ("Closer", part(later(shown.from, quarter), earlier(shown.until, quarter))),
            ("Wider", part(earlier(shown.from, length / 2), later(shown.until, length / 2))),
        ]
    }

    /// The zone of the day.
    pub(super) fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// By which times of this day need no date.
    pub(super) fn clock(&self) -> Clock {
        Clock::new(self.zone.clone(), Some(self.day.from))
    }
}

fn period_of(date: Date, zone: &TimeZone) -> Option<Period> {
    let from = date.to_zoned(zone.clone()).ok()?.timestamp();
    let until = date.tomorrow().ok()?.to_zoned(zone.clone()).ok()?.timestamp();
    Some(Period { from, until })
}

fn between(from: &str, to: &str, day: Period) -> Option<Period> {
    let (from, until) = (from.parse::<Timestamp>().ok()?, to.parse::<Timestamp>().ok()?);
    let is_in_day = from < until && until > day.from && from < day.until;
    let period = is_in_day.then(|| within(day, Period { from, until }))?;
    (period.until.duration_since(period.from) >= SHORTEST).then_some(period)
}

/// From when to when the agent was anything but Offline, with a little around it; the whole day where that was never.
fn shift(day: &Day, whole: Period) -> Period {
    let is_at_work = |band: &&Band| band.value.as_deref().is_some_and(|value| value != "Offline");
    let bands = || day.wanted.presence.iter().chain(&day.told.presence).filter(is_at_work);
    match (bands().map(|band| band.from).min(), bands().map(|band| band.until).max()) {
        (Some(from), Some(until)) if from < until => {
            within(whole, Period { from: earlier(from, AROUND), until: later(until, AROUND) })
        }
        _ => whole,
    }
}

fn within(day: Period, period: Period) -> Period {
    Period { from: period.from.clamp(day.from, day.until), until: period.until.clamp(day.from, day.until) }
}

fn earlier(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_sub(by).unwrap_or(Timestamp::MIN)
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

fn whole_seconds(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn asked(fields: &Fields) -> Asked {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        Asked::new("/links/main/agents/ada".to_owned(), fields, Some(at("2026-11-23T13:30:00Z")), &zone).unwrap()
    }

    fn fields(day: &str, from: &str, to: &str) -> Fields {
        Fields { day: day.to_owned(), from: from.to_owned(), to: to.to_owned(), ..Fields::default() }
    }

    #[test]
    fn without_a_word_it_is_today_in_the_viewers_zone() {
        let today = asked(&Fields::default());
        assert_eq!(today.date.to_string(), "2026-11-23");
        assert_eq!(today.day, Period { from: at("2026-11-22T23:00:00Z"), until: at("2026-11-23T23:00:00Z") });
        assert_eq!(today.beside().0.unwrap().to_string(), "2026-11-22");
        assert_eq!(today.beside().1, None, "tomorrow has yet to come");
        assert_eq!(today.part, Part::Whole);
    }

    #[test]
    fn days_on_which_the_clock_is_set_have_their_own_length() {
        assert_eq!(asked(&fields("2026-03-29", "", "")).hours(), 23);
        assert_eq!(asked(&fields("2026-10-25", "", "")).hours(), 25);
        assert_eq!(asked(&fields("2026-11-22", "", "")).hours(), 24);
    }

    #[test]
    fn what_cannot_be_read_is_said_and_something_is_shown() {
        let wrong = asked(&fields("yesterday", "", ""));
        assert_eq!(wrong.date.to_string(), "2026-11-23");
        assert!(wrong.mistake.unwrap().contains("\"yesterday\" is no date"));
        for (from, to) in [
            ("8:00", "9:00"),
            ("2026-11-23T09:00:00Z", "2026-11-23T08:00:00Z"),
            ("2026-11-20T08:00:00Z", "2026-11-20T09:00:00Z"),
            ("2026-11-23T08:00:00Z", "2026-11-23T08:00:01Z"),
        ] {
            let wrong = asked(&fields("", from, to));
            assert_eq!(wrong.part, Part::Whole, "{from} {to}");
            assert!(wrong.mistake.is_some(), "{from} {to}");
        }
        let nothing = Asked::new(String::new(), &Fields::default(), None, &TimeZone::UTC);
        assert!(nothing.is_none(), "there is no today for a link that was never heard");
    }

    #[test]
    fn a_part_is_a_link_that_leads_back_to_it() {
        let part = asked(&fields("2026-11-23", "2026-11-23T08:00:00Z", "2026-11-23T10:00:00Z"));
        let Part::Between(period) = part.part else { panic!("{part:?}") };
        assert_eq!(
            part.of(part.part),
            "/links/main/agents/ada?day=2026-11-23&from=2026-11-23T08:00:00Z&to=2026-11-23T10:00:00Z#day"
        );
        let around = part.around(period).map(|(words, part)| {
            let Some(Part::Between(Period { from, until })) = part else { panic!("{words}") };
            (words, from.to_string(), until.to_string())
        });
        let told =
            |words, from: &str, until: &str| (words, format!("2026-11-23T{from}Z"), format!("2026-11-23T{until}Z"));
        assert_eq!(
            around,
            [
                told("Earlier", "06:00:00", "08:00:00"),
                told("Later", "10:00:00", "12:00:00"),
                told("Closer", "08:30:00", "09:30:00"),
                told("Wider", "07:00:00", "11:00:00"),
            ]
        );
    }

    #[test]
    fn all_of_a_day_is_neither_earlier_nor_wider() {
        let all = asked(&Fields::default());
        let around = all.around(all.day).map(|(words, part)| (words, part.is_some()));
        assert_eq!(around, [("Earlier", false), ("Later", false), ("Closer", true), ("Wider", false)]);
    }
}
