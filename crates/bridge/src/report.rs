//! The command `report`: what a period of the journal comes to, as a whole and day by day.
//!
//! Knows which period is meant and where the numbers come from; how they are shown is in `text` and `json`.

mod json;
mod summary;
mod text;
mod wrong;

use std::ops::ControlFlow;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use store::{LinkState, OpenFailure, Reader};

use self::summary::{Day, Part, Summary};
pub use self::text::{grouped, one_line};
use self::wrong::Tally;
use crate::exit::{Exit, Failed};
use crate::period::Period;
use crate::problem::Problem;
use crate::{arguments, journal, when};

/// What is asked for.
struct Asked {
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    by_day: bool,
    zone: TimeZone,
}

/// The report, to be printed.
pub async fn report(arguments: &arguments::Report, now: Timestamp) -> Result<String, Failed> {
    let (location, link) = journal::which(&arguments.journal)?;
    let state = state(&location, &link).await?;
    let zone = when::zone_or_system(arguments.during.zone.as_ref());
    let (from, to) = arguments.during.bounds(&zone, now);
    let mut reader = Reader::open(&location, &link).await?;
    let summary = read(&mut reader, &state, Asked { from, to, by_day: arguments.by_day, zone }, now).await;
    reader.close().await;
    let summary = summary?;
    Ok(if arguments.json { format!("{:#}\n", json::summary(&summary)) } else { text::summary(&summary) })
}

/// What there is of this link.
async fn state(location: &store::Location, link: &str) -> Result<LinkState, Failed> {
    let mut links = Reader::links(location).await?;
    match links.iter().position(|state| state.name == link) {
        Some(found) => Ok(links.swap_remove(found)),
        None => {
            let known = links.into_iter().map(|state| state.name).collect();
            Err(OpenFailure::UnknownLink { place: location.to_string(), link: link.to_owned(), known }.into())
        }
    }
}

async fn read(reader: &mut Reader, state: &LinkState, asked: Asked, now: Timestamp) -> Result<Summary, Failed> {
    let whole = store::Period { from: None, until: None };
    let mut first = None;
    let seen = reader.entries(whole, |kept| {
        first = Some(kept.entry.at);
        ControlFlow::Break(())
    });
    seen.await?;
    let period = period(first, state.alive, (asked.from, asked.to), now)?;
    let all_days = period.days(&asked.zone);
    let days = if asked.by_day || all_days.len() > 1 { all_days } else { Vec::new() };
    // Changes count by when they happened, which the first ones of a journal did before it began.
    let within = store::Period { from: asked.from, until: asked.to };
    let mut gaps = reader.gaps(within).await?;
    gaps.extend(journal::silence(&gaps, state.alive, period.to));
    let (sums, of_days) = reader.summaries(within, &parts(within, &days)).await?;
    let mut tally = Tally::new(period, days.iter().map(|(_, day)| *day).collect());
    let course = |course| {
        tally.add(&course);
        ControlFlow::Continue(())
    };
    reader.courses(store::Period { from: Some(period.from), until: Some(period.to) }, course).await?;
    let Tally { whole, of_days: wrong, worst, .. } = tally;
    let days = days
        .into_iter()
        .zip(of_days)
        .zip(wrong)
        .map(|(((date, period), sums), wrong)| Day { date, part: Part::new(period, &gaps, sums, wrong) });
    Ok(Summary {
        link: state.name.clone(),
        zone: asked.zone,
        days: days.collect(),
        whole: Part::new(period, &gaps, sums, whole),
        gaps,
        worst,
    })
}

/// The days as the store counts changes: the first and the last one also have what lies beyond them.
fn parts(within: store::Period, days: &[(jiff::civil::Date, Period)]) -> Vec<store::Period> {
    let last = days.len().saturating_sub(1);
    let part = |(place, (_, day)): (usize, &(jiff::civil::Date, Period))| store::Period {
        from: if place == 0 { within.from } else { Some(day.from) },
        until: if place == last { within.until } else { Some(day.to) },
    };
    days.iter().enumerate().map(part).collect()
}

/// The period that is asked for, as far as there is a journal of it: from its first entry on, and up to now, or up to
/// its last entry where that is later, because the journal of a demo has a clock of its own.
fn period(
    first: Option<Timestamp>,
    alive: Option<Timestamp>,
    (from, to): (Option<Timestamp>, Option<Timestamp>),
    now: Timestamp,
) -> Result<Period, Failed> {
    let end = alive.map_or(now, |alive| alive.max(now));
    let begin = first.unwrap_or(end);
    let period = Period { from: from.map_or(begin, |from| from.max(begin)), to: to.map_or(end, |to| to.min(end)) };
    if period.from <= period.to {
        return Ok(period);
    }
    let problem = Problem::new(format!("there is nothing between {} and {}", period.from, period.to));
    let help = format!("the journal begins at {begin}; --from is before --to");
    Err(Failed::diagnosed(Exit::Usage, problem.help(help)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn asked(from: Option<i64>, to: Option<i64>) -> Result<(i64, i64), String> {
        let period = period(Some(at(100)), Some(at(500)), (from.map(at), to.map(at)), at(1_000));
        period.map(|period| (period.from.as_second(), period.to.as_second())).map_err(|failed| failed.story(false))
    }

    #[test]
    fn the_period_is_what_is_asked_for_as_far_as_there_is_a_journal() {
        assert_eq!(asked(None, None), Ok((100, 1_000)));
        assert_eq!(asked(Some(200), Some(300)), Ok((200, 300)));
        assert_eq!(asked(Some(0), Some(9_000)), Ok((100, 1_000)));
        assert!(asked(Some(300), Some(200)).unwrap_err().contains("nothing between"));
        assert!(asked(None, Some(50)).unwrap_err().contains("the journal begins at 1970-01-01T00:01:40Z"));
    }

    #[test]
    fn the_journal_of_a_fast_clock_ends_with_its_last_entry() {
        let period = period(Some(at(100)), Some(at(5_000)), (None, None), at(1_000)).unwrap();
        assert_eq!(period.to, at(5_000));
    }
}
