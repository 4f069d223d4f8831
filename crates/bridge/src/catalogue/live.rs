//! The live system: the running bridge is asked, and where none runs PureConnect itself.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use domain::ids::{AgentId, StatusId};
use domain::source::UserStatus;
use pureconnect::survey::{Host, Inside, Logon, Reached, Survey};

use super::{LiveAgent, Origin, Statuses};
use crate::clock::SystemClock;
use crate::config::{self, Deciding};
use crate::control::{self, Unanswered, told};
use crate::exit::{Exit, Failed};
use crate::problem::Problem;

/// Asks who can tell.
pub async fn ask(path: &Path, deciding: &Deciding) -> Result<Statuses, Failed> {
    match control::agents(&deciding.control, Some(&deciding.name)) {
        Ok(links) => of_bridge(deciding, links),
        Err(Unanswered::Nobody(_)) => of_pureconnect(path, deciding).await,
        Err(Unanswered::Otherwise(failed)) => Err(failed),
    }
}

fn of_bridge(deciding: &Deciding, links: Vec<control::LinkAgents>) -> Result<Statuses, Failed> {
    let Some(told) = links.into_iter().next() else {
        let problem = Problem::new(format!("the running bridge says nothing of the link \"{}\"", deciding.name));
        return Err(Failed::diagnosed(Exit::Unreachable, problem));
    };
    if let Some(trouble) = told.link.trouble {
        let problem = Problem::new(format!("the link \"{}\" has trouble: {trouble}", told.link.name));
        return Err(Failed::diagnosed(Exit::Unreachable, problem.help("its log says what it is doing")));
    }
    let catalogue = control::catalogue(&deciding.control, Some(&deciding.name))?;
    let source = told.link.report.map(|report| report.source);
    let (host, release) = source.map(|source| (source.host, source.release)).unwrap_or_default();
    Ok(Statuses {
        origin: Origin::Bridge { host, release },
        catalogue,
        agents: told.agents.into_iter().map(known_to_bridge).collect(),
        no_answer: mapping::default_no_answer(),
    })
}

fn known_to_bridge(agent: told::Agent) -> LiveAgent {
    LiveAgent {
        id: AgentId::new(&agent.agent),
        name: agent.name.clone(),
        email: agent.email.clone(),
        workgroups: agent.workgroups.clone(),
        status: agent.status.clone(),
        logged_in: agent.logged_in,
        replicated: Some(Box::new(agent)),
    }
}

async fn of_pureconnect(path: &Path, deciding: &Deciding) -> Result<Statuses, Failed> {
    let (config, _) = config::load_whole(path)?;
    let link = config.link(Some(&deciding.name))?;
    let survey = pureconnect::survey(&link.pureconnect, Arc::new(SystemClock::start()), &link.scope).await;
    let Some(inside) = survey.inside else { return Err(outside(&survey)) };
    let release = survey
        .hosts
        .iter()
        .find(|host| host.host == inside.host)
        .and_then(|host| host.version.as_ref())
        .map(|version| version.release.to_string());
    seen(inside, release)
}

fn seen(inside: Inside, release: Option<String>) -> Result<Statuses, Failed> {
    let Some(catalogue) = inside.catalogue else {
        let said = inside.interrupted.map(|said| format!(": {said}")).unwrap_or_default();
        let problem = Problem::new(format!("{} did not tell its status messages{said}", inside.host));
        let help = "`presence-bridge check` says which rights the service user lacks";
        return Err(Failed::diagnosed(Exit::NotAuthorized, problem.help(help)));
    };
    let mut no_answer: BTreeSet<StatusId> = mapping::default_no_answer();
    no_answer.extend(inside.workgroups.iter().flatten().filter_map(|group| group.no_answer_status.clone()));
    let status_of = |id: &AgentId| inside.statuses.iter().find(|(agent, _)| agent == id).map(|(_, status)| status);
    let agents = inside.agents.iter().map(|agent| {
        let status = status_of(&agent.id);
        LiveAgent {
            id: agent.id.clone(),
            name: agent.display_name.clone(),
            email: agent.email.clone(),
            workgroups: agent.workgroups.iter().map(|workgroup| workgroup.as_str().to_owned()).collect(),
            status: status.map(written),
            logged_in: status.is_some_and(|status| status.logged_in),
            replicated: None,
        }
    });
    let agents = agents.collect();
    Ok(Statuses { origin: Origin::PureConnect { host: inside.host, release }, catalogue, agents, no_answer })
}

/// A status as the running bridge would tell it.
fn written(status: &UserStatus) -> told::Status {
    told::Status {
        id: status.status.as_str().to_owned(),
        since: status.since,
        until: status.until,
        logged_in: status.logged_in,
    }
}

/// Why PureConnect could not be asked.
fn outside(survey: &Survey) -> Failed {
    let said = match &survey.misconfigured {
        Some(said) => vec![said.clone()],
        None => survey.hosts.iter().map(host_said).collect(),
    };
    let exit = match survey.misconfigured {
        Some(_) => Exit::Configuration,
        None if survey.hosts.iter().any(is_refused) => Exit::NotAuthorized,
        None => Exit::Unreachable,
    };
    let problem = Problem::new(format!("no bridge is running here, and PureConnect: {}", said.join("; ")));
    Failed::diagnosed(exit, problem.help("`presence-bridge check` looks closer; --catalogue takes a saved catalogue"))
}

fn is_refused(host: &Host) -> bool {
    matches!(host.logon, Logon::WrongCredentials(_) | Logon::NoLicence(_) | Logon::Refused(_))
}

fn host_said(host: &Host) -> String {
    let logon = |said: &pureconnect::survey::Said| said.message.clone();
    let said = match (&host.reached, &host.logon) {
        (Reached::NameNotFound { said } | Reached::Refused { said } | Reached::NoHandshake { said }, _)
        | (Reached::Failed { said }, _) => said.clone(),
        (Reached::TimedOut, _) => "it does not answer".to_owned(),
        (Reached::Untrusted, _) => "its certificate is not trusted".to_owned(),
        (Reached::Yes, Logon::WrongCredentials(said) | Logon::NoLicence(said) | Logon::Refused(said)) => logon(said),
        (Reached::Yes, Logon::NotAccepting { said, .. }) => logon(said),
        (Reached::Yes, Logon::TooOld) => "its release is too old".to_owned(),
        (Reached::Yes, Logon::NotPureConnect { found }) => format!("{found} answers there"),
        (Reached::Yes, Logon::Failed { said }) => said.clone(),
        (Reached::Yes, Logon::Accepted | Logon::NotTried) => "it was not looked at".to_owned(),
    };
    format!("{}: {said}", host.host)
}
