//! Which period is asked for: from when until when, or a day in a zone.

#![expect(clippy::result_large_err, reason = "a refusal is the answer itself, and rare")]

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use utoipa::IntoParams;

use super::problem::{Kind, Problem};
use crate::board::LinkBoard;
use crate::history::{self, Period};

/// The longest period of one agent: what is read of it is held in memory.
pub(super) const LONGEST: SignedDuration = SignedDuration::from_hours(31 * 24);

/// Which period.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct Times {
    /// The first time in it, such as `2026-11-23T08:00:00+01:00`.
    #[param(format = DateTime)]
    pub from: Option<String>,
    /// The first time after it.
    #[param(format = DateTime)]
    pub until: Option<String>,
    /// A day instead, from midnight to midnight, such as `2026-11-23`.
    #[param(format = Date)]
    pub day: Option<String>,
    /// The zone of the day, such as `Europe/Berlin`; UTC where nothing is said.
    pub zone: Option<String>,
}

/// What is meant where nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Usual {
    /// The day that it is, by the link's time.
    Today,
    /// The time until now, by the link's time.
    Last(SignedDuration),
}

impl Times {
    /// The period, by the link's time where it is not said in full.
    pub(super) async fn period(
        &self,
        link: &LinkBoard,
        usual: Usual,
        longest: SignedDuration,
    ) -> Result<Period, Problem> {
        let zone = self.zone()?;
        let from = self.from.as_deref().map(|text| time("from", text)).transpose()?;
        let until = self.until.as_deref().map(|text| time("until", text)).transpose()?;
        let period = match (&self.day, from, until) {
            (Some(_), Some(_), _) | (Some(_), _, Some(_)) => {
                return Err(invalid("give a day, or from and until: not both".to_owned()));
            }
            (Some(day), None, None) => of_day(date(day)?, &zone)?,
            (None, Some(from), Some(until)) => Period { from, until },
            (None, None, Some(until)) => Period::before(until, length(usual)),
            (None, Some(from), None) => Period { from, until: now(link).await? },
            (None, None, None) => match usual {
                Usual::Today => of_day(now(link).await?.to_zoned(zone.clone()).date(), &zone)?,
                Usual::Last(length) => Period::before(now(link).await?, length),
            },
        };
        if period.from >= period.until {
            return Err(invalid(format!("the period ends at {} before it begins at {}", period.until, period.from)));
        }
        if period.until.duration_since(period.from) > longest {
            return Err(invalid(format!("the period is longer than {} days", longest.as_hours() / 24)));
        }
        Ok(period)
    }

    fn zone(&self) -> Result<TimeZone, Problem> {
        let Some(name) = self.zone.as_deref() else { return Ok(TimeZone::UTC) };
        if self.day.is_none() && (self.from.is_some() || self.until.is_some()) {
            return Err(invalid("the zone is that of a day: from and until have their own".to_owned()));
        }
        TimeZone::get(name).map_err(|_| invalid(format!("there is no zone \"{name}\": name one such as Europe/Berlin")))
    }
}

fn length(usual: Usual) -> SignedDuration {
    match usual {
        Usual::Today => SignedDuration::from_hours(24),
        Usual::Last(length) => length,
    }
}

/// A `+` in a query that was not encoded is a blank.
fn time(name: &str, text: &str) -> Result<Timestamp, Problem> {
    let advice = "give a time with its offset, such as 2026-11-23T08:00:00Z";
    text.replace(' ', "+").parse().map_err(|_| invalid(format!("{name}: \"{text}\" is no time: {advice}")))
}

fn date(text: &str) -> Result<Date, Problem> {
    text.parse().map_err(|_| invalid(format!("day: \"{text}\" is no day: give one such as 2026-11-23")))
}

fn of_day(date: Date, zone: &TimeZone) -> Result<Period, Problem> {
    let outside = |_| invalid(format!("the day {date} is outside of the calendar"));
    let midnight = |date: Date| date.to_zoned(zone.clone()).map(|midnight| midnight.timestamp());
    let next = date.tomorrow().and_then(midnight).map_err(outside)?;
    Ok(Period { from: midnight(date).map_err(outside)?, until: next })
}

async fn now(link: &LinkBoard) -> Result<Timestamp, Problem> {
    let silent = || Problem::new(Kind::LinkNotRunning, format!("nothing was heard of the link {} yet", link.name));
    history::latest(link).await?.ok_or_else(silent)
}

fn invalid(words: String) -> Problem {
    Problem::new(Kind::InvalidParameter, words)
}
