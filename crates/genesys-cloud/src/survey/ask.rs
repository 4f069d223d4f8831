//! The questions of a survey, in their order: the clients, the users, then what each client may and what it sees.
//!
//! Knows that no client is asked more when it has no token or nobody answers it, and that of several clients the first
//! one that gets an answer speaks for the organisation.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::ids::CloudUserId;
use domain::target::UserState;
use replicator::ports::{Clock, Failure};

use super::permissions::{self, Facts};
use super::{
    Chosen, ClientSurvey, DefaultSource, Logon, OrganisationFound, OurSource, Permission, SourcesFound, Standing,
    Survey, Unanswered, UsersFound,
};
use crate::config::Config;
use crate::delivery::{self, Abilities};
use crate::error::{ConnectFailure, Origin, Trouble, chain};
use crate::observe::Logged;
use crate::pool::Pool;
use crate::startup::{Halt, Patience, Startup};
use crate::users;

pub(super) async fn survey(config: Config, clock: Arc<dyn Clock>) -> Survey {
    let pool = match Pool::start(&config, &clock) {
        Ok(pool) => pool,
        Err(failure) => return unusable(&config, &failure),
    };
    let survey = ask(&pool, &config, clock.as_ref()).await;
    pool.ending.close().await;
    survey
}

fn unusable(config: &Config, failure: &ConnectFailure) -> Survey {
    let client = |id: &str| ClientSurvey {
        id: id.to_owned(),
        logon: Logon::NotAsked,
        organisation: Err(Unanswered::NotAsked),
        permissions: Vec::new(),
        limit: None,
        requests: 0,
    };
    Survey {
        unusable: Some(chain(failure)),
        clients: config.clients.iter().map(|oauth| client(&oauth.id)).collect(),
        definitions: Err(Unanswered::NotAsked),
        sources: Err(Unanswered::NotAsked),
        default_source: Err(Unanswered::NotAsked),
        delivery: Err(chain(failure)),
        users: Err(Unanswered::NotAsked),
        created: None,
    }
}

/// An OAuth client, once it was asked for a token and for its organisation.
struct Met<'a> {
    startup: Startup<'a>,
    logon: Logon,
    organisation: Result<OrganisationFound, Unanswered>,
}

impl Met<'_> {
    /// Why it is no use to ask more; `None` where it is.
    fn hopeless(&self) -> Option<Unanswered> {
        if self.logon != Logon::Accepted {
            return Some(Unanswered::NotAsked);
        }
        self.organisation.clone().err()
    }
}

async fn ask(pool: &Pool, config: &Config, clock: &dyn Clock) -> Survey {
    let patience = Patience::begin(clock, config.start_patience);
    let mut clients = Vec::with_capacity(config.clients.len());
    for client in pool.firsts() {
        clients.push(meet(Startup::new(client, clock, patience, config.clients.len() > 1)).await);
    }
    let nobody = clients.iter().find_map(Met::hopeless).unwrap_or(Unanswered::NotAsked);
    let users = match clients.iter_mut().find(|client| client.hopeless().is_none()) {
        Some(client) => read_users(&mut client.startup).await.map_err(|halt| unanswered(&halt)),
        None => Err(nobody.clone()),
    };
    let somebody = users.as_ref().ok().and_then(|found| {
        let active = found.users.iter().find(|user| user.state == UserState::Active);
        active.or(found.users.first()).map(|user| user.id)
    });
    let anybody = clients.iter().any(|client| client.hopeless().is_none());
    let mut all = Facts::unanswered(if anybody { &Unanswered::NotAsked } else { &nobody });
    let (mut abilities, mut surveyed) = (Vec::new(), Vec::new());
    for client in clients {
        surveyed.push(look(client, config, somebody, &mut all, &mut abilities).await);
    }
    Survey {
        unusable: None,
        default_source: default_source(all.default_source, &all.sources),
        definitions: all.definitions,
        sources: all.sources,
        delivery: chosen(config, &surveyed, &abilities),
        clients: surveyed,
        users,
        created: all.created,
    }
}

async fn meet(mut startup: Startup<'_>) -> Met<'_> {
    let logon = match startup.token().await {
        Ok(()) => Logon::Accepted,
        Err(halt) => logon(&halt),
    };
    let organisation = match logon {
        Logon::Accepted => match startup.organisation(true).await {
            Ok(found) => Ok(OrganisationFound { id: found.id, name: found.name }),
            Err(halt) => Err(unanswered(&halt)),
        },
        _ => Err(Unanswered::NotAsked),
    };
    Met { startup, logon, organisation }
}

/// All users, once each, also from a server whose pages have no end.
async fn read_users(startup: &mut Startup<'_>) -> Result<UsersFound, Halt> {
    let (logged, sizes) = (Logged::default(), users::Sizes::default());
    let mut found = UsersFound { users: Vec::new(), pages: 0 };
    let (mut seen, mut next) = (BTreeSet::new(), Some(1));
    while let Some(name) = next {
        let reply = users::read(startup.client(), &logged, &sizes, name).await;
        let Some(page) = startup.settle(reply).await? else { continue };
        found.pages += 1;
        let before = (found.users.len(), page.users.len());
        found.users.extend(page.users.into_iter().filter(|user| seen.insert(user.id)));
        let repeats = before.1 > 0 && found.users.len() == before.0;
        next = page.next.filter(|_| !repeats);
    }
    Ok(found)
}

/// What one client may do. What it sees counts for all where nobody before it saw it.
async fn look(
    mut client: Met<'_>,
    config: &Config,
    somebody: Option<CloudUserId>,
    all: &mut Facts,
    abilities: &mut Vec<Abilities>,
) -> ClientSurvey {
    let permissions = match client.hopeless() {
        Some(why) => {
            let why = why.said().to_owned();
            let unknown = |permission| (permission, Standing::Unknown { why: why.clone() });
            Permission::ALL.into_iter().filter(|one| *one != Permission::SourceAdd).map(unknown).collect()
        }
        None => {
            let startup = &mut client.startup;
            let (mut standings, facts) = permissions::read(startup, &config.source_name).await;
            let absent = matches!(&facts.sources, Ok(SourcesFound { ours: OurSource::Absent, .. }));
            all.take(facts);
            if absent {
                standings.push((Permission::SourceAdd, permissions::add_source(startup, &mut all.created).await));
            }
            standings.extend(permissions::primary_source(startup, somebody).await);
            let (standing, able) = permissions::deliver(startup).await;
            standings.extend(standing);
            abilities.extend(able);
            standings.sort_by_key(|(permission, _)| *permission);
            standings
        }
    };
    ClientSurvey {
        id: client.startup.client().oauth_client.clone(),
        logon: client.logon,
        organisation: client.organisation,
        permissions,
        limit: client.startup.spent.quota.map(|quota| quota.allowed),
        requests: client.startup.spent.requests,
    }
}

fn default_source(
    id: Result<Option<String>, Unanswered>,
    sources: &Result<SourcesFound, Unanswered>,
) -> Result<DefaultSource, Unanswered> {
    let Some(id) = id?.filter(|id| !id.is_empty()) else {
        return Ok(DefaultSource::Platform);
    };
    let is_ours = match sources.as_ref().map(|found| &found.ours) {
        Ok(OurSource::Found(ours)) => id.parse() == Ok(*ours),
        Ok(OurSource::Several(all)) => all.first().is_some_and(|ours| id.parse() == Ok(*ours)),
        Ok(OurSource::Absent | OurSource::NotOurs { .. }) | Err(_) => false,
    };
    Ok(if is_ours { DefaultSource::Ours } else { DefaultSource::Other(id) })
}

fn chosen(config: &Config, clients: &[ClientSurvey], abilities: &[Abilities]) -> Result<Chosen, String> {
    if abilities.is_empty() {
        let why = clients.iter().find_map(|client| match &client.logon {
            Logon::Refused { said, .. }
            | Logon::Misdirected { said, .. }
            | Logon::Untrusted { said }
            | Logon::Unreachable { said, .. } => Some(said.clone()),
            Logon::Accepted => client.organisation.as_ref().err().map(|why| why.said().to_owned()),
            Logon::NotAsked => None,
        });
        return Err(why.unwrap_or_else(|| "it could not be found out".to_owned()));
    }
    let (delivery, reason) = delivery::choose(config.delivery, abilities).map_err(|failure| failure.message)?;
    Ok(Chosen { delivery, reason })
}

/// Whether a status is that of an answer which is none: a page in its place, or a redirect.
fn is_another_answer(status: Option<u16>) -> bool {
    status.is_some_and(|status| status < 400)
}

fn logon(halt: &Halt) -> Logon {
    let trouble = halt.trouble();
    let said = said(trouble);
    match (halt, trouble.status) {
        _ if trouble.untrusted => Logon::Untrusted { said },
        (_, Some(status)) if trouble.is_misdirected() || is_another_answer(trouble.status) => {
            Logon::Misdirected { status, said }
        }
        (Halt::Refused(_), Some(status)) => Logon::Refused { status, said },
        (Halt::GaveUp(_), status) | (Halt::Refused(_), status) => Logon::Unreachable { status, said },
    }
}

pub(super) fn unanswered(halt: &Halt) -> Unanswered {
    let trouble = halt.trouble();
    let (status, said) = (trouble.status, said(trouble));
    match (halt, &trouble.failure) {
        _ if trouble.untrusted => Unanswered::Untrusted { said },
        (Halt::GaveUp(_), _) if trouble.origin == Origin::Api && is_another_answer(status) => {
            Unanswered::Refused { status, said }
        }
        (Halt::GaveUp(_), _) => Unanswered::Unreachable { status, said },
        (Halt::Refused(_), Failure::Unsupported { .. }) => Unanswered::Forbidden { said },
        (Halt::Refused(_), Failure::Unauthorized { .. }) => Unanswered::Unauthorized { said },
        (
            Halt::Refused(_),
            Failure::Refused { .. }
            | Failure::Unavailable { .. }
            | Failure::Throttled { .. }
            | Failure::Deferred { .. },
        ) => Unanswered::Refused { status, said },
    }
}

/// The other side's words.
pub(super) fn said(trouble: &Trouble) -> String {
    trouble.reason().to_owned()
}
