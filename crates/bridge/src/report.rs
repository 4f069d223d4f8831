//! The command `report`: what a period of the journal comes to.
//!
//! Knows which period is meant and where the numbers come from; how they are shown is in `summary`.

mod period;
mod summary;

use std::time::Duration;

use domain::ids::GapId;
use domain::trust::{Gap, GapKind};
use jiff::Timestamp;
use store::{LinkState, OpenFailure, Reader};

use self::period::Period;
use self::summary::{Delays, Summary};
use crate::exit::{Exit, Failed};
use crate::problem::Problem;
use crate::{arguments, journal};

/// A bridge that runs writes at least this often; one that wrote nothing for longer does not run.
const SIGN_OF_LIFE: Duration = Duration::from_secs(90);

/// The report, to be printed.
pub async fn report(arguments: &arguments::Report, now: Timestamp) -> Result<String, Failed> {
    let (location, link) = journal::which(&arguments.journal)?;
    let state = state(&location, &link).await?;
    let mut reader = Reader::open(&location, &link).await?;
    let summary = read(&mut reader, &state, (arguments.from, arguments.to), now).await;
    reader.close().await;
    let summary = summary?;
    Ok(if arguments.json { format!("{:#}\n", summary.json()) } else { summary.text() })
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

async fn read(
    reader: &mut Reader,
    state: &LinkState,
    asked: (Option<Timestamp>, Option<Timestamp>),
    now: Timestamp,
) -> Result<Summary, Failed> {
    let whole = store::Period { from: None, until: None };
    let mut first = None;
    let seen = reader.entries(whole, |kept| {
        first = Some(kept.entry.at);
        std::ops::ControlFlow::Break(())
    });
    seen.await?;
    let period = period(first, state.alive, asked, now)?;
    // Changes count by when they happened, which the first ones of a journal did before it began.
    let within = store::Period { from: asked.0, until: asked.1 };
    let mut gaps = reader.gaps(within).await?;
    gaps.extend(silence(&gaps, state.alive, period));
    let sums = reader.summary(within).await?;
    let delays = &sums.since_seen;
    let quantile = |share| delays.quantile(share);
    let delays = quantile(0.5).zip(quantile(0.95)).zip(quantile(0.99)).zip(delays.max());
    Ok(Summary {
        link: state.name.clone(),
        period,
        gaps,
        changes: sums.recorded,
        delivered: sums.delivered,
        pending: sums.pending,
        dropped: sums.dropped,
        not_supported: sums.not_supported,
        failed_attempts: sums.failed_attempts.into_iter().map(|(outcome, count)| (outcome.to_owned(), count)).collect(),
        repaired: sums.repaired,
        delays: delays.map(|(((p50, p95), p99), max)| Delays { p50, p95, p99, max }),
    })
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

/// The time in which nothing was written by a bridge that had no time to say that it stops: the gap that the next start
/// will find.
fn silence(gaps: &[Gap], alive: Option<Timestamp>, period: Period) -> Option<Gap> {
    let since = alive?;
    let stopped = gaps.iter().any(|gap| gap.kind == GapKind::NotRunning && gap.until.is_none());
    let silent = Period { from: since, to: period.to };
    let nobody = since < period.to && silent.length() > SIGN_OF_LIFE && !stopped;
    nobody.then(|| Gap {
        id: GapId(uuid::Uuid::nil()),
        kind: GapKind::NotRunning,
        reason: "nothing was written since, and it was not stopped in order".to_owned(),
        since,
        until: None,
    })
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

    #[test]
    fn a_bridge_that_fell_silent_does_not_run() {
        let period = |to| Period { from: at(0), to: at(to) };
        assert_eq!(silence(&[], Some(at(500)), period(550)), None, "it may say something yet");
        let silent = silence(&[], Some(at(500)), period(900)).unwrap();
        assert_eq!((silent.kind, silent.since, silent.until), (GapKind::NotRunning, at(500), None));
        assert_eq!(silence(&[silent], Some(at(500)), period(900)), None, "the journal says so itself");
        assert_eq!(silence(&[], Some(at(500)), period(400)), None, "that was after the period");
    }
}
