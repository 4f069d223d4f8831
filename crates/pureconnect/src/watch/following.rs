//! How a watch follows who is in scope: a scope that the operator changes, and users who change in PureConnect.

use std::collections::BTreeSet;

use domain::ids::AgentId;
use domain::source::Update;
use tokio::time::{Duration, Instant};
use tracing::{error, info};

use super::{Extent, Stop, Watch};
use crate::convert::Content;
use crate::errands::{self, Question};
use crate::picture::{Lists, UserPatch};
use crate::subscribe;

/// How soon the users are read again when something was heard of them meanwhile, or the reading failed.
const USERS_SOON: Duration = Duration::from_secs(5);

impl Watch<'_> {
    /// Does what the operator wants, as soon as there is a picture to do it in. A scope without anybody in it is most
    /// likely a mistake, and following it would give up everybody; so the one before stays until somebody is in it.
    pub(super) async fn follow_scope(&mut self) -> Result<(), Stop> {
        if self.live.is_none() || self.gathering.is_some() {
            return Ok(());
        }
        let wanted = self.terms.scope.borrow().clone();
        if wanted == *self.picture.scope() {
            self.declined = None;
            return Ok(());
        }
        let host = self.terms.asker.session.host();
        let (unheard_of, population) = (self.picture.unheard_of(&wanted), self.picture.population_in(&wanted));
        if population.is_empty() {
            if self.declined.as_ref() != Some(&wanted) {
                subscribe::warn_of_unheard(host, &unheard_of);
                error!(host, "nobody is in the new scope, so the one before stays; check the names of workgroups");
                self.declined = Some(wanted);
            }
            return Ok(());
        }
        subscribe::warn_of_unheard(host, &unheard_of);
        info!(host, agents = population.len(), before = self.picture.population().len(), "the scope changed");
        self.declined = None;
        let updates = self.picture.set_scope(wanted);
        let received = self.terms.asker.clock.now().utc;
        self.look_after(&updates);
        self.report_changes(received, updates).await?;
        if self.picture.population() != self.population {
            self.ask(Extent::Population);
        }
        Ok(())
    }

    /// Whoever is new in a list of agents, also who was away for a moment only, is reported anew: with what is known
    /// already. Whom the subscriptions do not reach yet, they tell of later.
    pub(super) fn introduce(&mut self, updates: &mut Vec<Update>) {
        let lists = updates.iter().filter_map(|update| match update {
            Update::Agents(agents) | Update::Rescoped(agents) => Some(agents),
            Update::Catalogue(_)
            | Update::Workgroups(_)
            | Update::Status(..)
            | Update::Interaction(..)
            | Update::InteractionLeft(..) => None,
        });
        let lists: Vec<BTreeSet<AgentId>> =
            lists.map(|agents| agents.iter().map(|agent| agent.id.clone()).collect()).collect();
        let Some(now) = lists.last().cloned() else { return };
        // Whoever is missing in one of the lists was away, if only within this message.
        let mut stayed = std::mem::replace(&mut self.reported, now);
        stayed.retain(|agent| lists.iter().all(|list| list.contains(agent)));
        let is_new = |agent: &AgentId| self.reported.contains(agent) && !stayed.contains(agent);
        let Lists { statuses, interactions, .. } = self.picture.lists();
        let interactions = interactions.into_iter().filter(|(agent, _)| is_new(agent));
        updates.extend(interactions.map(|(agent, interaction)| Update::Interaction(agent, interaction)));
        let statuses = statuses.into_iter().filter(|(agent, _)| is_new(agent));
        updates.extend(statuses.map(|(agent, status)| Update::Status(agent, status)));
        // Whoever was missing within this message only may have changed unseen meanwhile.
        let unseen = self.picture.untold_statuses().into_iter();
        updates.extend(unseen.filter(|update| !matches!(update, Update::Status(agent, _) if is_new(agent))));
    }

    /// Something was heard of users.
    pub(super) async fn users_changed(&mut self) -> Result<(), Stop> {
        if self.declined.is_some() { self.follow_scope().await } else { Ok(()) }
    }

    /// Reads the users again: their subscription may be refused, and what it reports comes at most once.
    pub(super) fn read_users(&mut self, now: Instant) {
        self.users_due = None;
        let asked = Question { at: now, heard: self.users_heard };
        self.errands.push(errands::users(self.asker(), self.picture.users(), asked));
    }

    /// The users, read again. What was reported meanwhile may be newer.
    pub(super) async fn handle_users(&mut self, list: Option<Vec<UserPatch>>, asked: Question) -> Result<(), Stop> {
        let is_current = asked.heard == self.users_heard && self.gathering.is_none();
        let Some(set) = list.filter(|_| is_current) else {
            self.users_due = Some(Instant::now() + USERS_SOON.min(self.terms.users));
            return Ok(());
        };
        self.users_due = Some((asked.at + self.terms.users).max(Instant::now() + USERS_SOON.min(self.terms.users)));
        let updates: Vec<Update> = self.picture.apply(true, Content::Users { set, removed: Vec::new() });
        let received = self.terms.asker.clock.now().utc;
        self.look_after(&updates);
        self.report_changes(received, updates).await?;
        self.users_changed().await
    }
}
