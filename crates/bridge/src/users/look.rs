//! The list where no bridge runs: both sides are looked at, and the journal says what was there before.
//!
//! Nothing is changed on either side. What only a running bridge can know is not guessed: who has a user is not yet
//! synced. What is asked is the surveys' business; what their answers mean in detail, that of `check`.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::ids::AgentId;
use domain::source::{Agent, Catalogue, UserStatus};
use domain::target::CloudUser;
use genesys_cloud::survey::Unanswered;
use pureconnect::survey::{Inside, Logon};
use replicator::engine::{Match, match_users};
use replicator::options::Matching;
use replicator::ports::Clock;
use store::{AgentState, OpenFailure, Reader};

use super::list::Part;
use crate::arguments;
use crate::clock::SystemClock;
use crate::config::{self, Link};
use crate::control::told;
use crate::exit::{Exit, Failed};
use crate::problem::Problem;
use console::shown::convert;

/// What the list says of itself.
const NOT_LIVE: &str = "No bridge is running: this is what both sides and the journal show now. It is not live, and \
                        nothing is delivered.";

/// Looks at the links that are meant. When none of them can be looked at, that is the news.
pub async fn look(arguments: &arguments::Users) -> Result<Vec<Part>, Failed> {
    let loaded = config::load(&arguments.config)?;
    let named = arguments.link.as_deref();
    let mut parts: Vec<Part> = loaded
        .left_out
        .iter()
        .filter(|left_out| named.is_none_or(|name| left_out.name == name))
        .map(|left_out| unknown(&left_out.name, &left_out.problems.to_string()))
        .collect();
    let links = match named {
        Some(_) if !parts.is_empty() => Vec::new(),
        Some(_) => vec![loaded.config.link(named)?],
        None => loaded.config.links.iter().collect(),
    };
    let mut failed = None;
    for link in links {
        match look_at(link).await {
            Ok(part) => parts.push(part),
            Err(failure) => {
                parts.push(unknown(&link.name, &failure.cause.to_string()));
                failed.get_or_insert(failure);
            }
        }
    }
    match failed {
        Some(failed) if parts.iter().all(|part| !part.complete) => Err(failed),
        Some(_) | None => Ok(parts),
    }
}

/// A link of which nothing is known.
fn unknown(name: &str, why: &str) -> Part {
    let notes = vec![NOT_LIVE.to_owned(), format!("Its users are not known: {why}.")];
    Part { link: name.to_owned(), live: false, complete: false, notes, agents: Vec::new() }
}

async fn look_at(link: &Link) -> Result<Part, Failed> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
    let (source, target) = tokio::join!(
        pureconnect::survey(&link.pureconnect, Arc::clone(&clock), &link.scope),
        genesys_cloud::survey(link.genesys_cloud.clone(), Arc::clone(&clock)),
    );
    let inside = inside(source)?;
    let users = users(target)?;
    let (journal, trouble) = journal(&link.journal).await;
    let mut notes = vec![NOT_LIVE.to_owned()];
    notes.extend(trouble);
    if link.options.matching.external_ids {
        notes.push("External ids are asked for by a running bridge only.".to_owned());
    }
    if let Some(interrupted) = &inside.interrupted {
        notes.push(format!("PureConnect did not show everything: {interrupted}."));
    }
    let agents = agents(&link.options.matching, &inside, &users, &journal);
    Ok(Part { link: link.name.clone(), live: false, complete: true, notes, agents })
}

/// What PureConnect shows to whom it lets in.
fn inside(survey: pureconnect::survey::Survey) -> Result<Inside, Failed> {
    if let Some(why) = survey.misconfigured {
        return Err(refused(Exit::Configuration, format!("PureConnect cannot be asked: {why}")));
    }
    if let Some(inside) = survey.inside {
        return Ok(inside);
    }
    let exits = survey.hosts.iter().map(|host| match &host.logon {
        Logon::WrongCredentials(_) | Logon::NoLicence(_) => Exit::NotAuthorized,
        Logon::TooOld | Logon::NotPureConnect { .. } => Exit::Unsupported,
        Logon::Accepted | Logon::NotTried | Logon::NotAccepting { .. } | Logon::Refused(_) | Logon::Failed { .. } => {
            Exit::Unreachable
        }
    });
    let exit = exits.max_by_key(|exit| exit.code()).unwrap_or(Exit::Unreachable);
    Err(refused(exit, "PureConnect lets nobody in".to_owned()))
}

/// The users that Genesys Cloud shows.
fn users(survey: genesys_cloud::survey::Survey) -> Result<Vec<CloudUser>, Failed> {
    if let Some(why) = survey.unusable {
        return Err(refused(Exit::Configuration, format!("Genesys Cloud cannot be asked: {why}")));
    }
    survey.users.map(|found| found.users).map_err(|unanswered| {
        let exit = match &unanswered {
            Unanswered::Forbidden { .. } | Unanswered::Unauthorized { .. } | Unanswered::NotAsked => {
                Exit::NotAuthorized
            }
            Unanswered::Refused { .. } => Exit::Unsupported,
            Unanswered::Untrusted { .. } | Unanswered::Unreachable { .. } => Exit::Unreachable,
        };
        refused(exit, format!("Genesys Cloud does not show its users: {}", unanswered.said()))
    })
}

fn refused(exit: Exit, what: String) -> Failed {
    let problem = Problem::new(what);
    Failed::diagnosed(exit, problem.help("`presence-bridge check` with the same configuration says what to do"))
}

/// What the journal knows of each agent, or why it is not known. That there is none yet is no trouble.
async fn journal(options: &store::Options) -> (BTreeMap<AgentId, AgentState>, Option<String>) {
    let read = async {
        let mut reader = match Reader::open(&options.location, &options.link).await {
            Ok(reader) => reader,
            Err(OpenFailure::Missing { .. } | OpenFailure::UnknownLink { .. }) => return Ok(Vec::new()),
            Err(failure) => return Err(failure.to_string()),
        };
        let agents = reader.agents().await.map_err(|failure| failure.to_string());
        reader.close().await;
        agents
    };
    match read.await {
        Ok(agents) => (agents.into_iter().map(|state| (state.agent.clone(), state)).collect(), None),
        Err(why) => {
            (BTreeMap::new(), Some(format!("The journal is not read, so the last success is not known: {why}.")))
        }
    }
}

/// Each agent in scope, as far as it can be known.
fn agents(
    matching: &Matching,
    inside: &Inside,
    users: &[CloudUser],
    journal: &BTreeMap<AgentId, AgentState>,
) -> Vec<told::Agent> {
    let catalogue = inside.catalogue.clone().unwrap_or_default();
    let statuses: BTreeMap<&AgentId, &UserStatus> = inside.statuses.iter().map(|(id, status)| (id, status)).collect();
    let matches: BTreeMap<AgentId, Match> = match_users(matching, &inside.agents, users).into_iter().collect();
    let of = |agent: &Agent| {
        let matched = matches.get(&agent.id).copied().unwrap_or(Match::Unknown);
        let status = statuses.get(&agent.id).copied();
        one(agent, matched, status, &catalogue, journal.get(&agent.id))
    };
    inside.agents.iter().map(of).collect()
}

fn one(
    agent: &Agent,
    matched: Match,
    status: Option<&UserStatus>,
    catalogue: &Catalogue,
    before: Option<&AgentState>,
) -> told::Agent {
    let message = status.and_then(|status| catalogue.get(&status.status));
    let is_unknown = status.is_some() && message.is_none() && !catalogue.is_empty();
    let (state, reason) = match matched {
        Match::Unmatched(why) => (told::State::NotSynced, Some(convert::reason_of(why))),
        Match::Matched(_) | Match::Unknown if is_unknown => (told::State::Error, Some(told::Reason::UnknownStatus)),
        Match::Matched(_) | Match::Unknown => (told::State::Pending, None),
    };
    let facets = before.map(|state| state.facets.as_slice()).unwrap_or_default();
    told::Agent {
        agent: agent.id.as_str().to_owned(),
        name: agent.display_name.clone(),
        email: agent.email.clone(),
        workgroups: agent.workgroups.iter().map(|workgroup| workgroup.as_str().to_owned()).collect(),
        user: match matched {
            Match::Matched(user) => Some(user.to_string()),
            Match::Unknown | Match::Unmatched(_) => None,
        },
        state,
        reason,
        error: None,
        status: status.map(convert::status),
        message: message.map(convert::status_message),
        logged_in: status.is_some_and(|status| status.logged_in),
        rule: None,
        wanted: told::Values::default(),
        told: convert::values(facets.iter().filter_map(|facet| facet.told.map(|(value, _)| value))),
        pending: facets.iter().map(|facet| facet.pending.len() as u64).sum(),
        pending_off_queue: false,
        interactions: Vec::new(),
        not_shown: None,
        last_success: before.and_then(|state| state.last_success),
        entered: None,
    }
}
