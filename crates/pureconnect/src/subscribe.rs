//! Asks for everything that a picture needs: reads what has to be known first, and subscribes to the rest.
//!
//! It answers what was asked for and what was read; what the subscriptions report goes another way. Whatever can be
//! done without is done without, with a warning that names the right.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::ids::AgentId;
use domain::source::{Scope, StatusMessage};
use jiff::SignedDuration;
use replicator::ports::Clock;
use tracing::{debug, info, warn};

use crate::convert::{self, Subject};
use crate::error::{Error, chain};
use crate::logon;
use crate::picture::{Layout, UserPatch, WorkgroupPatch, merge_users, population_of};
use crate::request::{Request, WORKFORCE_ENGAGEMENT};
use crate::session::Session;

mod pages;
mod users;

use pages::pages;
use users::{watch_queues, watch_statuses};

/// What to ask with.
#[derive(Clone)]
pub(crate) struct Asker {
    pub(crate) session: Arc<Session>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) scope: Scope,
    /// The service user, for messages.
    pub(crate) user: String,
    /// How many users' queues one subscription watches.
    pub(crate) chunk: usize,
    /// Whether it is the first time in this session, when what is missing is worth a warning.
    pub(crate) is_first: bool,
}

/// What was read besides.
pub(crate) struct Read {
    pub(crate) catalogue: Vec<StatusMessage>,
    pub(crate) users: Vec<UserPatch>,
    pub(crate) workgroups: Option<Vec<WorkgroupPatch>>,
    pub(crate) workforce_engagement: Option<bool>,
    pub(crate) offset: SignedDuration,
}

/// What was asked for.
pub(crate) struct Asked {
    /// `None` when only the population's subscriptions were renewed.
    pub(crate) read: Option<Read>,
    /// Whose statuses and queues are subscribed.
    pub(crate) population: BTreeSet<AgentId>,
    /// Which queues are in which subscription.
    pub(crate) layout: Layout,
    /// What will be reported whole.
    pub(crate) expected: BTreeSet<Subject>,
    /// What was refused, and is done without.
    pub(crate) refused: BTreeSet<Subject>,
}

/// Reads and subscribes everything.
pub(crate) async fn everything(asker: Asker, former: Layout, offset: SignedDuration) -> Result<Asked, Error> {
    let session = &asker.session;
    let mut refused = BTreeSet::new();
    let catalogue = convert::status_messages(&session.ask(&Request::StatusMessages).await?.body)
        .map_err(|error| Error::malformed(session.host(), "status messages", &error))?;
    if !asker.watched(&Request::WatchStatusMessages).await? {
        refused.insert(Subject::Catalogue);
    }
    let users = asker.users().await?;
    asker.watched(&Request::WatchUsers).await?;
    let workgroups = asker.workgroups().await?;
    asker.watched(&Request::WatchWorkgroups).await?;
    let mut known = BTreeMap::new();
    merge_users(&mut known, users.clone());
    let population = population_of(&known, &asker.scope);
    info!(host = session.host(), users = users.len(), agents = population.len(), "read the users of PureConnect");
    if population.is_empty() {
        warn!(host = session.host(), "no user is in scope; check the scope and the service user's right to view users");
    }
    let mut asked = asker.watch_population(population, &former).await?;
    asked.expected.insert(Subject::Catalogue);
    asked.refused.append(&mut refused);
    asked.read = Some(Read {
        catalogue,
        users,
        workgroups,
        workforce_engagement: asker.workforce_engagement().await?,
        offset: logon::remeasured(&session.client, &session.place, &asker.clock, offset).await,
    });
    Ok(asked)
}

/// Subscribes statuses and queues of a population that changed.
pub(crate) async fn population(asker: Asker, population: BTreeSet<AgentId>, former: Layout) -> Result<Asked, Error> {
    asker.watch_population(population, &former).await
}

impl Asker {
    async fn users(&self) -> Result<Vec<UserPatch>, Error> {
        let session = &self.session;
        pages(session, |from| Request::Users { from }, convert::users, |user| user.id.to_string()).await.map_err(
            |error| match error.status() {
                Some(403) => Error::Forbidden {
                    host: session.host().to_owned(),
                    user: self.user.clone(),
                    operation: Request::Users { from: 0 }.name(),
                },
                _ => error,
            },
        )
    }

    /// `None` where the service user may not see them.
    async fn workgroups(&self) -> Result<Option<Vec<WorkgroupPatch>>, Error> {
        let request = |from| Request::Workgroups { from };
        match pages(&self.session, request, convert::workgroups, |workgroup| workgroup.id.to_string()).await {
            Ok(workgroups) => Ok(Some(workgroups)),
            Err(error) if is_bearable(&error) => {
                self.missing(&error, "every inbound interaction of a workgroup counts as ACD");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Subscribes; `false` when the server refuses and things go on without.
    async fn watched(&self, request: &Request<'_>) -> Result<bool, Error> {
        let result = self.session.ask(request).await;
        if let Err(error) = &result
            && is_bearable(error)
        {
            self.missing(error, "changes are seen only when everything is read again, from time to time");
        }
        bearable(result)
    }

    fn missing(&self, error: &Error, consequence: &'static str) {
        let (host, error) = (self.session.host(), chain(error));
        if self.is_first {
            warn!(host, error, consequence, "PureConnect refuses a part of the picture");
        } else {
            debug!(host, error, consequence, "PureConnect refuses a part of the picture");
        }
    }

    /// Whether the feature licence is there; `None` when it is not for us to know.
    async fn workforce_engagement(&self) -> Result<Option<bool>, Error> {
        match self.session.ask(&Request::FeatureLicence).await {
            Ok(_) => return Ok(Some(true)),
            Err(error) if error.status() == Some(404) => return Ok(Some(false)),
            Err(error) if is_bearable(&error) => {}
            Err(error) => return Err(error),
        }
        match self.session.ask(&Request::FeatureLicences).await {
            Ok(reply) => Ok(convert::has_feature_licence(&reply.body, WORKFORCE_ENGAGEMENT).ok()),
            Err(error) if is_bearable(&error) => {
                self.missing(&error, "whether Workforce Engagement is licensed is unknown");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    async fn watch_population(&self, population: BTreeSet<AgentId>, former: &Layout) -> Result<Asked, Error> {
        let mut expected = BTreeSet::new();
        let session = &self.session;
        // An empty list of users is not allowed; whoever is still subscribed is out of scope and not looked at.
        if !population.is_empty() {
            watch_statuses(session, &population).await?;
            expected.insert(Subject::Statuses);
        }
        let (layout, refused) = watch_queues(session, &population, self.chunk).await?;
        for id in former.keys().filter(|id| !layout.contains_key(*id)) {
            bearable(session.ask(&Request::ForgetQueues { subscription: id }).await)?;
        }
        expected.extend(layout.keys().cloned().map(Subject::Queues));
        Ok(Asked { read: None, population, layout, expected, refused })
    }
}

/// A refusal that concerns one request only, and not the session.
fn is_bearable(error: &Error) -> bool {
    matches!(error.status(), Some(400 | 403 | 404 | 405 | 410 | 500 | 501))
}

fn bearable<T>(result: Result<T, Error>) -> Result<bool, Error> {
    match result {
        Ok(_) => Ok(true),
        Err(error) if is_bearable(&error) => Ok(false),
        Err(error) => Err(error),
    }
}
