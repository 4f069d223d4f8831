//! The command `history`: the time of one agent, out of the journal.
//!
//! What it comes to is the console's to say, so that terminal, page and API show the same; how it looks here is in `text`.

mod text;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use std::io::{self, IsTerminal};

use console::Past;
use domain::source::Catalogue;
use store::Reader;

use crate::control::LinkAgents;
use crate::exit::{Exit, Failed};
use crate::journal::SIGN_OF_LIFE;
use crate::period::Period;
use crate::problem::Problem;
use crate::{agent, arguments, config, control, journal, logging, when};

/// The history, to be printed.
pub async fn history(arguments: &arguments::History, now: Timestamp) -> Result<String, Failed> {
    let (location, link) = journal::which(&arguments.journal)?;
    let told = told(arguments, &link);
    let mut reader = Reader::open(&location, &link).await?;
    let found = async {
        let agent = agent::known_or_told(&mut reader, &arguments.agent, &told.agents).await?;
        Ok::<_, Failed>((agent, reader.state().await?.alive))
    };
    let found = found.await;
    reader.close().await;
    let (agent, alive) = found?;
    let at = as_of(alive, now);
    let zone = when::zone_or_system(arguments.during.zone.as_ref());
    let period = period(arguments, &zone, at, now)?;
    let past = Past { journal: &location, link: &link, catalogue: &told.catalogue, at, direct: told.direct() };
    let day = past.day(&agent, period.from, period.to).await.map_err(|unreadable| match unreadable {
        console::Unreadable::Open(failure) => Failed::from(failure),
        console::Unreadable::Read(failure) => Failed::from(failure),
    })?;
    let name = told.name(agent.as_str()).or(day.name.clone());
    let day = console::shown::Day { name, ..day };
    if arguments.json {
        let json = serde_json::to_string_pretty(&day).map_err(|error| Failed::new(Exit::Internal, error))?;
        return Ok(format!("{json}\n"));
    }
    Ok(text::day(&day, &zone, logging::colours(io::stdout().is_terminal())))
}

/// What a running bridge tells of its link, if there is one.
#[derive(Default)]
struct Told {
    agents: Vec<LinkAgents>,
    catalogue: Catalogue,
}

impl Told {
    fn name(&self, id: &str) -> Option<String> {
        let agents = self.agents.iter().flat_map(|link| &link.agents);
        let found = agents.into_iter().find(|agent| agent.agent.eq_ignore_ascii_case(id));
        found.map(|agent| agent.name.clone()).filter(|name| !name.is_empty())
    }

    fn direct(&self) -> bool {
        self.agents.iter().filter_map(|link| link.link.report.as_ref()).any(|report| report.direct)
    }
}

/// Asks the bridge. That none runs, or that it is busy, is no reason not to look into the journal.
fn told(arguments: &arguments::History, link: &str) -> Told {
    let Some(local) = arguments.journal.config.as_ref().and_then(|file| config::load_local(file).ok()) else {
        return Told::default();
    };
    let agents = control::agents(&local.control, Some(link)).unwrap_or_default();
    let catalogue = control::catalogue(&local.control, Some(link)).unwrap_or_default();
    Told { agents, catalogue }
}

/// The time up to which the journal says how things are: now, while a bridge writes, or when it wrote last.
fn as_of(alive: Option<Timestamp>, now: Timestamp) -> Timestamp {
    let Some(alive) = alive else { return now };
    let silent = std::time::Duration::try_from(now.duration_since(alive)).unwrap_or_default();
    if silent > SIGN_OF_LIFE { alive } else { alive.max(now) }
}

/// The period that is asked for; without one, the day of what was written last, up to then.
fn period(arguments: &arguments::History, zone: &TimeZone, at: Timestamp, now: Timestamp) -> Result<Period, Failed> {
    let (from, to) = arguments.during.bounds(zone, now);
    let midnight = |of: Timestamp| of.to_zoned(zone.clone()).start_of_day().map_or(of, |midnight| midnight.timestamp());
    // A period that only begins is one day long, or ends now.
    let day_after =
        |from: Timestamp| from.to_zoned(zone.clone()).checked_add(1.day()).map_or(at, |next| next.timestamp());
    let (from, to) = match (from, to) {
        (Some(from), Some(to)) => (from, to),
        (Some(from), None) => (from, day_after(from).min(at.max(from))),
        (None, Some(to)) => (midnight(to.checked_sub(1.nanosecond()).unwrap_or(to)), to),
        (None, None) => (midnight(at), at),
    };
    if from < to {
        return Ok(Period { from, to });
    }
    let problem =
        Problem::new(format!("there is nothing between {} and {}", when::time(from, zone), when::time(to, zone)));
    let help = format!("--from is before --to; the journal was written last at {}", when::time(at, zone));
    Err(Failed::diagnosed(Exit::Usage, problem.help(help)))
}
