//! The command `users`: who is synced, who is not, and why.
//!
//! The running bridge knows best and is asked first. Where none runs, `look` finds out what it can by itself. What both
//! say is a `list`, and `show` prints it.

mod list;
mod look;
mod show;
mod words;

use std::io::{self, Write};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use self::list::{List, Part, Wanted};
use crate::arguments::{self, UserState};
use crate::config;
use crate::control::{self, LinkAgents, Unanswered, told};
use crate::exit::{Exit, Failed};
use crate::problem::Problem;

/// The list, to be printed.
pub async fn users(arguments: &arguments::Users) -> Result<String, Failed> {
    let local = config::load_local(&arguments.config)?;
    let parts = match control::agents(&local.control, arguments.link.as_deref()) {
        Ok(links) => live(links)?,
        Err(Unanswered::Nobody(_)) => look::look(arguments).await?,
        Err(Unanswered::Otherwise(failed)) => return Err(failed),
    };
    let list = List::new(parts, &wanted(arguments));
    let zone = if arguments.utc { TimeZone::UTC } else { TimeZone::system() };
    if arguments.json {
        return show::json(&list, Timestamp::now()).map_err(|error| Failed::new(Exit::Internal, error));
    }
    if arguments.csv {
        let csv = show::csv(&list).map_err(|error| Failed::new(Exit::Internal, error))?;
        beside(&list);
        return Ok(csv);
    }
    Ok(show::table(&list, &zone))
}

fn wanted(arguments: &arguments::Users) -> Wanted {
    Wanted {
        state: arguments.state.map(|state| match state {
            UserState::Synced => told::State::Synced,
            UserState::Pending => told::State::Pending,
            UserState::Error => told::State::Error,
            UserState::NotSynced => told::State::NotSynced,
        }),
        text: arguments.filter.clone(),
        workgroup: arguments.workgroup.clone(),
    }
}

/// What the running bridge says. When none of its links can say anything, that is the news.
fn live(links: Vec<LinkAgents>) -> Result<Vec<Part>, Failed> {
    let silent = links.iter().find_map(|part| part.link.trouble.clone());
    if let Some(trouble) = silent.filter(|_| links.iter().all(|part| part.link.report.is_none())) {
        let problem = Problem::new(format!("the bridge says: {trouble}")).help("its log says what it waits for");
        return Err(Failed::diagnosed(Exit::Unreachable, problem));
    }
    Ok(links
        .into_iter()
        .map(|LinkAgents { link, agents }| Part {
            notes: words::notes(&link),
            complete: link.report.is_some(),
            link: link.name,
            live: true,
            agents,
        })
        .collect())
}

/// What a reader of the CSV should know besides goes where it does not disturb.
fn beside(list: &List) {
    let mut stderr = io::stderr().lock();
    for note in list.notes() {
        // Whoever closed standard error does not want to know.
        let _ = writeln!(stderr, "{note}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn silent(name: &str) -> LinkAgents {
        let link = console::shown::convert::silent(name, "still connecting".to_owned());
        LinkAgents { link, agents: Vec::new() }
    }

    #[test]
    fn a_bridge_that_cannot_say_anything_yet_is_no_empty_list() {
        let told = live(vec![silent("north"), silent("south")]).unwrap_err();
        assert_eq!(told.exit, Exit::Unreachable);
        assert!(told.story(false).contains("still connecting"), "{told:?}");
    }
}
