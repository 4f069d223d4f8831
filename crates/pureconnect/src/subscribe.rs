//! Asks for everything that a picture needs: reads what has to be known first, and subscribes to the rest.
//!
//! It answers what was asked for and what was read; what the subscriptions report goes another way. Whatever can be
//! done without is done without, with a warning that names the right.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::ids::{AgentId, WorkgroupId};
use domain::source::{Scope, StatusMessage};
use jiff::SignedDuration;
use replicator::ports::Clock;
use tracing::{debug, info, warn};

use crate::convert::{self, Subject};
use crate::error::{Error, chain};
use crate::logon;
use crate::picture::{Layout, UserPatch, WorkgroupPatch, merge_users, population_of, unheard_of};
use crate::request::{Request, WORKFORCE_ENGAGEMENT};
use crate::session::Session;

mod pages;
mod users;

use pages::pages;
pub(crate) use users::{Plan, watch_queues, watch_statuses};

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
    let catalogue = asker.catalogue().await?;
    if !asker.watched(&Request::WatchStatusMessages).await? {
        refused.insert(Subject::Catalogue);
    }
    let users = asker.indispensable_users().await?;
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
    if asker.is_first {
        let is_there = |name: &WorkgroupId| workgroups.iter().flatten().any(|workgroup| workgroup.id == *name);
        warn_of_unheard(session.host(), &unheard_of(&asker.scope, &known, is_there));
    }
    let plan = Plan::anew(&population, asker.chunk);
    let mut asked = asker.watch_population(population, plan, &former).await?;
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
    let plan = Plan::following(&population, &former, asker.chunk);
    asker.watch_population(population, plan, &former).await
}

/// Tells of workgroups in the scope that nobody has heard of: most likely a name is mistyped.
pub(crate) fn warn_of_unheard(host: &str, workgroups: &[WorkgroupId]) {
    for workgroup in workgroups {
        warn!(host, %workgroup, "the scope names a workgroup that PureConnect does not have, or does not show");
    }
}

impl Asker {
    /// The status messages.
    pub(crate) async fn catalogue(&self) -> Result<Vec<StatusMessage>, Error> {
        let reply = self.session.ask(&Request::StatusMessages).await?;
        convert::status_messages(&reply.body)
            .map_err(|error| Error::malformed(self.session.host(), "status messages", &error))
    }

    /// Reads the users while their subscription, if there is one, may report them, too. Whoever was known and is not in
    /// the list is looked for once more: one who is deleted moves all behind him one place forward, and then the first
    /// of the next page is read on no page.
    pub(crate) async fn users_again(&self, known: &BTreeSet<AgentId>) -> Result<Vec<UserPatch>, Error> {
        let ids = |users: &[UserPatch]| users.iter().map(|user| user.id.clone()).collect::<BTreeSet<_>>();
        let first = self.users().await?;
        if known.is_subset(&ids(&first)) {
            return Ok(first);
        }
        let mut second = self.users().await?;
        let known = ids(&second);
        second.extend(first.into_iter().filter(|user| !known.contains(&user.id)));
        Ok(second)
    }

    /// All users who may be seen.
    pub(crate) async fn users(&self) -> Result<Vec<UserPatch>, Error> {
        pages(&self.session, |from| Request::Users { from }, convert::users, |user| user.id.to_string()).await
    }

    /// The same, where nothing works without them.
    async fn indispensable_users(&self) -> Result<Vec<UserPatch>, Error> {
        self.users().await.map_err(|error| match error.status() {
            Some(403) => Error::Forbidden {
                host: self.session.host().to_owned(),
                user: self.user.clone(),
                operation: Request::Users { from: 0 }.name(),
            },
            _ => error,
        })
    }

    /// All workgroups that may be seen.
    pub(crate) async fn all_workgroups(&self) -> Result<Vec<WorkgroupPatch>, Error> {
        let request = |from| Request::Workgroups { from };
        pages(&self.session, request, convert::workgroups, |workgroup| workgroup.id.to_string()).await
    }

    /// `None` where the service user may not see them.
    async fn workgroups(&self) -> Result<Option<Vec<WorkgroupPatch>>, Error> {
        match self.all_workgroups().await {
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

    /// Whether the feature licence is there.
    pub(crate) async fn feature_licence(&self) -> Result<bool, Error> {
        match self.session.ask(&Request::FeatureLicence).await {
            Ok(_) => return Ok(true),
            Err(error) if error.status() == Some(404) => return Ok(false),
            Err(error) if is_bearable(&error) => {}
            Err(error) => return Err(error),
        }
        let reply = self.session.ask(&Request::FeatureLicences).await?;
        convert::has_feature_licence(&reply.body, WORKFORCE_ENGAGEMENT)
            .map_err(|error| Error::malformed(self.session.host(), "feature licences", &error))
    }

    /// The same; `None` when it is not for us to know.
    async fn workforce_engagement(&self) -> Result<Option<bool>, Error> {
        match self.feature_licence().await {
            Ok(is_there) => Ok(Some(is_there)),
            Err(error) if is_bearable(&error) || matches!(error, Error::Malformed { .. }) => {
                self.missing(&error, "whether Workforce Engagement is licensed is unknown");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Subscribes the statuses of all of them, which is one list, and their queues as planned.
    pub(crate) async fn watch_population(
        &self,
        population: BTreeSet<AgentId>,
        plan: Plan,
        former: &Layout,
    ) -> Result<Asked, Error> {
        let mut expected = BTreeSet::new();
        let session = &self.session;
        // An empty list of users is not allowed.
        if population.is_empty() {
            bearable(session.ask(&Request::ForgetStatuses).await)?;
        } else {
            watch_statuses(session, &population).await?;
            expected.insert(Subject::Statuses);
        }
        let watched = watch_queues(session, plan).await?;
        expected.extend(watched.asked.into_iter().map(Subject::Queues));
        for id in former.keys().filter(|id| !watched.layout.contains_key(*id)) {
            bearable(session.ask(&Request::ForgetQueues { subscription: id }).await)?;
        }
        Ok(Asked { read: None, population, layout: watched.layout, expected, refused: watched.refused })
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
