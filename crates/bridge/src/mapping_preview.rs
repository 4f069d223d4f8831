//! The command `mapping preview`: who would move from what to what by other rules, now and in a period of the past.
//!
//! Knows where rules, status messages, agents and journals come from. Changes nothing anywhere.

mod past;
mod present;
mod show;
#[cfg(test)]
mod tests;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use mapping::{Known, Move, Rules, preview};
use store::{Location, OpenFailure, Reader};

use self::past::{Past, Span};
use self::present::Present;
use crate::arguments::{PreviewMapping, RuleArguments};
use crate::catalogue::{self, Origin, Statuses};
use crate::config::{self, Deciding, Mapping};
use crate::exit::{Exit, Failed};
use crate::problem::Problem;
use crate::rules;

/// The whole answer.
#[derive(Debug)]
struct Preview {
    /// What the old rules are called.
    old: String,
    /// What the new ones are called.
    new: String,
    statuses: Statuses,
    /// The status messages that would mean something else.
    moves: Vec<Move>,
    /// The agents of this moment, where somebody was asked.
    present: Option<Present>,
    /// What a journal says.
    past: Option<Past>,
    /// What could not be looked at, and why.
    notes: Vec<String>,
}

/// The answer to `mapping preview`.
pub async fn show(arguments: &PreviewMapping, now: Timestamp) -> Result<String, Failed> {
    let (statuses, deciding) = catalogue::statuses(&arguments.system).await?;
    let (old, new) = mappings(arguments, deciding.as_ref())?;
    let called = |mapping: &Mapping| {
        let own = mapping.own.as_ref().map_or("the vendor's table", |file| file.name.as_str());
        match mapping.options.precedence {
            mapping::Precedence::Printed => own.to_owned(),
            mapping::Precedence::MessageFirst => format!("{own} (message-first)"),
        }
    };
    let (old_name, new_name) = (called(&old), called(&new));
    let old = rules::compiled(&old, rules::OFFLINE)?;
    // What `run` and `reload` would refuse is refused here. The shipped statuses are nobody's: names prove nothing there.
    let checked = statuses.origin != Origin::Shipped;
    let known = Known { catalogue: checked.then_some(&statuses.catalogue), definitions: None };
    let new = rules::compiled(&new, known)?;
    let present = statuses.is_live().then(|| present::look(&old, &new, &statuses, deciding.as_ref()));
    let mut notes = Vec::new();
    if !checked {
        notes.push("your system's status messages may differ from the shipped ones: give -c or --catalogue".to_owned());
    }
    let span = span(arguments, now)?;
    let past = past(arguments, deciding.as_ref(), (&old, &new), &statuses, span, &mut notes).await?;
    let moves = preview(&old, &new, &statuses.catalogue);
    let preview = Preview { old: old_name, new: new_name, statuses, moves, present, past, notes };
    Ok(if arguments.json { format!("{:#}\n", show::json(&preview)) } else { show::text(&preview) })
}

/// The old rules and the new ones.
fn mappings(arguments: &PreviewMapping, deciding: Option<&Deciding>) -> Result<(Mapping, Mapping), Failed> {
    let configured = deciding.map(|deciding| &deciding.mapping);
    let old = rules::asked(&RuleArguments { file: arguments.old.clone(), precedence: None }, configured)?;
    let new = RuleArguments { file: arguments.file.clone(), precedence: arguments.precedence };
    let new = rules::asked(&new, Some(&old))?;
    Ok((old, new))
}

/// The period that is asked for: without a word about it, yesterday where this computer is.
fn span(arguments: &PreviewMapping, now: Timestamp) -> Result<Span, Failed> {
    let (from, to) = match (arguments.from, arguments.to) {
        (None, None) => return yesterday(now, TimeZone::system()),
        (from, to) => (from, to.unwrap_or(now)),
    };
    // The journal knows when it begins.
    let from = from.unwrap_or(Timestamp::MIN);
    if from < to {
        return Ok(Span { from, to, is_yesterday: false });
    }
    let problem = Problem::new(format!("there is nothing between {from} and {to}"));
    Err(Failed::diagnosed(Exit::Usage, problem.help("--from is before --to, which is now where it is not given")))
}

fn yesterday(now: Timestamp, zone: TimeZone) -> Result<Span, Failed> {
    let internal = |error| Failed::new(Exit::Internal, error);
    let today = now.to_zoned(zone).start_of_day().map_err(internal)?;
    let yesterday = today.checked_sub(1.day()).and_then(|day| day.start_of_day()).map_err(internal)?;
    Ok(Span { from: yesterday.timestamp(), to: today.timestamp(), is_yesterday: true })
}

/// Reads the journals that are meant. That the configuration's own is not there yet is no error.
async fn past(
    arguments: &PreviewMapping,
    deciding: Option<&Deciding>,
    (old, new): (&Rules, &Rules),
    statuses: &Statuses,
    span: Span,
    notes: &mut Vec<String>,
) -> Result<Option<Past>, Failed> {
    let named = &arguments.journal;
    let link = || arguments.system.link.clone().unwrap_or_else(config::default_link);
    let journals: Vec<(Location, String)> = match (named.as_slice(), deciding) {
        ([], None) => return Ok(None),
        ([], Some(deciding)) => vec![(deciding.journal.location.clone(), deciding.name.clone())],
        (files, _) => files.iter().map(|file| (Location::Sqlite(file.clone()), link())).collect(),
    };
    let mut past = Past::new(old, new, &statuses.catalogue, span);
    let asked_for = !named.is_empty() || !span.is_yesterday;
    for (location, link) in journals {
        let links = match Reader::links(&location).await {
            Err(OpenFailure::Missing { place }) if !asked_for => {
                notes.push(format!("there is no journal at {place} yet"));
                continue;
            }
            links => links?,
        };
        let alive = links.iter().find(|state| state.name == link).and_then(|state| state.alive);
        let mut reader = match Reader::open(&location, &link).await {
            Err(OpenFailure::UnknownLink { place, .. }) if !asked_for => {
                notes.push(format!("{place} has nothing of the link \"{link}\" yet"));
                continue;
            }
            reader => reader?,
        };
        let read = past.read(&mut reader, location.to_string(), alive).await;
        reader.close().await;
        read?;
    }
    Ok((!past.journals.is_empty()).then_some(past))
}
