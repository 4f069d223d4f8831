//! Answers which presence and routing status a PureConnect status means, and why, and how an agent stands; and prints the
//! rules.
//!
//! Decides nothing: the answers are the ones of `mapping` and `routing`, which also serve the service, and of the running
//! bridge itself.

mod agent;
#[cfg(test)]
mod agent_tests;
mod answer;
mod show;
mod situations;
#[cfg(test)]
mod tests;

use domain::ids::StatusId;
use domain::source::StatusMessage;
use mapping::Rules;
use serde_json::{Value, json};

use self::agent::AgentAnswer;
use self::answer::Answer;
use crate::arguments;
use crate::catalogue::{self, LiveAgent, Origin, Statuses};
use crate::exit::{Exit, Failed};
use crate::problem::{Problem, nearest_first};
use crate::rules;

pub use self::show::{aligned, show_mapping};

/// The answer to `explain`.
pub async fn explain(arguments: &arguments::Explain) -> Result<String, Failed> {
    let Some(name) = &arguments.name else { return by_flags(arguments) };
    let (statuses, deciding) = catalogue::statuses(&arguments.system).await?;
    let mapping = rules::asked(&arguments.rules, deciding.as_ref().map(|deciding| &deciding.mapping))?;
    let rules = rules::compiled(&mapping, rules::OFFLINE)?;
    let answer = |status: &StatusMessage| {
        let no_answer = statuses.no_answer.contains(&status.id);
        Answer::new(&rules, status.clone(), no_answer, mapping.options.precedence)
    };
    let found: Vec<Answer> = called(name, &statuses).map(answer).collect();
    let agents: Vec<AgentAnswer> = agents(name, &statuses)
        .map(|agent| {
            let message = agent.status.as_ref().and_then(|status| statuses.catalogue.get(&StatusId::new(&status.id)));
            AgentAnswer { agent, meaning: message.map(answer) }
        })
        .collect();
    if found.is_empty() && agents.is_empty() {
        return Err(nobody(name, &statuses));
    }
    Ok(match (arguments.json, statuses.is_live()) {
        (true, true) => format!("{:#}\n", all(&found, &agents)),
        (true, false) => format!("{:#}\n", found[0].json()),
        (false, _) => {
            let texts = agents.iter().map(AgentAnswer::text).chain(found.iter().map(Answer::text));
            texts.collect::<Vec<String>>().join("\n")
        }
    })
}

/// What is called so, agents and statuses alike.
fn all(found: &[Answer], agents: &[AgentAnswer<'_>]) -> Value {
    json!({
        "agents": agents.iter().map(AgentAnswer::json).collect::<Vec<_>>(),
        "statuses": found.iter().map(Answer::json).collect::<Vec<_>>(),
    })
}

/// Without case, surrounding blanks or trailing period.
fn key(text: &str) -> String {
    text.trim().trim_end_matches('.').to_lowercase()
}

/// The statuses of this id or text. Where nobody is asked it is one.
fn called<'s>(name: &str, statuses: &'s Statuses) -> impl Iterator<Item = &'s StatusMessage> {
    let wanted = key(name);
    let most = if statuses.is_live() { usize::MAX } else { 1 };
    let by_id = statuses.catalogue.get(&StatusId::new(name.trim()));
    let is_called = move |status: &&StatusMessage| {
        Some(&status.id) != by_id.map(|found| &found.id)
            && (key(status.id.as_str()) == wanted || key(&status.text) == wanted)
    };
    by_id.into_iter().chain(statuses.catalogue.iter().filter(is_called)).take(most)
}

/// The agents of this user id, display name or e-mail address.
fn agents<'s>(name: &str, statuses: &'s Statuses) -> impl Iterator<Item = &'s LiveAgent> {
    let wanted = key(name);
    statuses.agents.iter().filter(move |agent| names(agent).any(|name| key(name) == wanted))
}

fn names(agent: &LiveAgent) -> impl Iterator<Item = &str> {
    [agent.id.as_str(), &agent.name].into_iter().chain(agent.email.as_deref()).filter(|name| !name.is_empty())
}

/// That nothing is called so, and what is nearly.
fn nobody(name: &str, statuses: &Statuses) -> Failed {
    let problem = match &statuses.origin {
        Origin::Shipped => format!("no status that PureConnect comes with is called \"{name}\""),
        Origin::Saved { file, .. } => format!("no status in {file} is called \"{name}\""),
        Origin::Bridge { .. } | Origin::PureConnect { .. } => {
            format!("neither an agent in scope nor a status message is called \"{name}\"")
        }
    };
    let texts = || statuses.catalogue.iter().map(|status| status.text.as_str());
    let near = nearest_first(name, texts().chain(statuses.agents.iter().flat_map(names)));
    let help = if !near.is_empty() {
        format!("did you mean {}?", quoted(near.into_iter().take(3).collect()))
    } else if statuses.is_live() {
        "`presence-bridge users` lists the agents, `catalogue save` the status messages".to_owned()
    } else {
        format!("they are {}", quoted(texts().collect()))
    };
    let more = match &statuses.origin {
        Origin::Shipped => {
            "\nDescribe one of your own with --message, --group, --acd, --acw and --dnd, or give -c or --catalogue"
        }
        Origin::Saved { .. } => "\nDescribe another one with --message, --group, --acd, --acw and --dnd",
        Origin::Bridge { .. } | Origin::PureConnect { .. } => "",
    };
    Failed::diagnosed(Exit::Usage, Problem::new(problem).help(format!("{help}{more}")))
}

fn quoted(names: Vec<&str>) -> String {
    let quoted: Vec<String> = names.into_iter().map(|name| format!("\"{name}\"")).collect();
    quoted.join(", ")
}

/// A status that the command line describes. Nobody is asked for it.
fn by_flags(arguments: &arguments::Explain) -> Result<String, Failed> {
    let system = &arguments.system;
    let configured = system.config.as_deref().map(|path| crate::config::load_deciding(path, system.link.as_deref()));
    let configured = configured.transpose()?;
    let mapping = rules::asked(&arguments.rules, configured.as_ref().map(|deciding| &deciding.mapping))?;
    let rules: Rules = rules::compiled(&mapping, rules::OFFLINE)?;
    let text = arguments.message.clone().unwrap_or_default();
    let status = StatusMessage {
        id: StatusId::new(&text),
        text,
        group: arguments.group.clone().unwrap_or_default(),
        allows_acd: arguments.acd,
        after_call_work: arguments.acw,
        do_not_disturb: arguments.dnd,
    };
    let no_answer = mapping::default_no_answer().contains(&status.id);
    let answer = Answer::new(&rules, status, no_answer, mapping.options.precedence);
    Ok(if arguments.json { format!("{:#}\n", answer.json()) } else { answer.text() })
}
