//! Whether rules fit a link that runs, and telling its loop.

use std::time::Duration;

use domain::source::Catalogue;
use mapping::Known;
use replicator::{Command, Reload};
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::Handle;
use crate::exit::{Exit, Failed};
use crate::link::{Decisions, Standing, check_names};
use crate::problem::Problem;
use crate::rules;

/// How long a link may take to answer; its loop comes round in far less.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether the rules fit what is known of both sides: of a link that is not connected, that is less.
pub async fn check(handle: &Handle, decisions: &Decisions) -> Result<(), Failed> {
    let standing = handle.standing.borrow().clone();
    let (catalogue, definitions) = match &standing {
        Standing::Beginning => (None, None),
        Standing::Running(definitions) => (ask(handle, Command::Catalogue).await?, definitions.as_ref()),
    };
    let known =
        Known { catalogue: catalogue.as_ref().filter(|catalogue| !Catalogue::is_empty(catalogue)), definitions };
    let rules = compile(decisions, known)?;
    if standing == Standing::Running(None) && rules.is_unresolved() {
        let problem = Problem::new("the rules name presences of the organisation, and Genesys Cloud is out of reach");
        return Err(Failed::diagnosed(Exit::Configuration, problem.help("try again when it is connected")));
    }
    Ok(())
}

/// Tells the loop of a link, if it has one.
pub async fn tell(handle: &Handle, decisions: Decisions, rescoped: bool) -> Result<(), Failed> {
    // What changed up to here a link that begins has read.
    let Standing::Running(definitions) = handle.standing.borrow().clone() else { return Ok(()) };
    let rules = compile(&decisions, Known { catalogue: None, definitions: definitions.as_ref() })?;
    let Decisions { mapping, matching } = decisions;
    let own = mapping.own.clone();
    let reload = Box::new(Reload { rules, check_rules: check_names(mapping, definitions), matching, rescoped });
    match (ask(handle, |told| Command::Reload(reload, told)).await?, own) {
        // `None`: it ended meanwhile, and reads the decisions when it begins again.
        (None | Some(Ok(())), _) | (Some(Err(_)), None) => Ok(()),
        (Some(Err(errors)), Some(own)) => Err(Failed::diagnosed(Exit::Configuration, rules::problems(&own, errors))),
    }
}

fn compile(decisions: &Decisions, known: Known<'_>) -> Result<mapping::Rules, Failed> {
    rules::compile(decisions.mapping.options, decisions.mapping.own.as_ref(), known)
        .map_err(|problems| Failed::diagnosed(Exit::Configuration, problems))
}

/// Asks a loop; `None` when there is none any more.
async fn ask<T>(handle: &Handle, command: impl FnOnce(oneshot::Sender<T>) -> Command) -> Result<Option<T>, Failed> {
    let (answer, answered) = oneshot::channel();
    let asked = async {
        handle.commands.send(command(answer)).await.ok()?;
        answered.await.ok()
    };
    timeout(PATIENCE, asked).await.map_err(|_| {
        let problem = Problem::new("a link does not answer, so that nothing was changed");
        Failed::diagnosed(Exit::Unreachable, problem.help("try again; the log says what it is doing"))
    })
}
