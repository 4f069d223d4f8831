//! Who is who, and whose presence it is: reading the organisation's users, matching, and claiming the primary source.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::ids::CloudUserId;
use domain::target::CloudUser;
use domain::time::{Instant, Now};

use super::budget::Class;
use super::record::Phase;
use super::roster::Match;
use super::{Answer, ClaimScope, Engine, Failure, Flight, Notice, Task, UserPage, Work, WorkId};
use crate::backoff::Backoff;
use crate::options::PrimarySource;

/// Reading a page of users may take at most this much of the time, so that a big organisation is read more rarely.
const PER_PAGE: Duration = Duration::from_secs(4);

/// When a claim is tried again that was refused, or had no effect; whoever takes the users back is not fought with.
const CLAIM_AGAIN: Backoff = Backoff { first: Duration::from_secs(600), most: Duration::from_secs(6 * 3_600) };

/// When to look whose presence is shown after the organisation's default was changed.
const LOOK_AFTER_CLAIM: Duration = Duration::from_secs(30);

/// The reading of the organisation's users.
#[derive(Debug, Clone, Default)]
pub(super) struct Reading {
    /// Pages read so far of the reading under way.
    users: Vec<CloudUser>,
    /// The page to ask for next; `None` between two readings.
    page: Option<u32>,
    /// When the next reading begins.
    due: Instant,
    /// Whether a request is under way.
    asking: bool,
    failures: u32,
}

/// The claims of the organisation's default and of single users.
#[derive(Debug, Clone, Default)]
pub(super) struct Claims {
    /// Whether the organisation's default was chosen, once the choice could be made.
    organisation: Option<bool>,
    /// Whether it was made ours.
    done: bool,
    asking: bool,
    due: Instant,
    failures: u32,
    /// Users whose primary source is not ours, by when to claim it.
    users: BTreeSet<(Instant, usize)>,
    /// Until when no user is claimed because the right to it is missing; zero when it is not.
    users_due: Instant,
    unsupported: bool,
}

impl Engine {
    /// What must be read before anything can be delivered: the organisation's users, external ids, and once each user.
    pub(super) fn next_first_reading(&mut self, now: Now) -> Option<Task> {
        if !self.roster.is_read() {
            return self.next_page(now, Class::Normal);
        }
        self.next_external(now).or_else(|| self.next_first_observation(now))
    }

    /// The next page of users, when a reading is due.
    pub(super) fn next_page(&mut self, now: Now, class: Class) -> Option<Task> {
        if self.directory.asking {
            return None;
        }
        if now.instant < self.directory.due {
            let due = self.directory.due;
            self.wake_at(due);
            return None;
        }
        let first = !self.roster.is_read();
        if !self.is_permitted(now, class, first) {
            return None;
        }
        self.budget.spend(now.instant, class);
        self.directory.asking = true;
        let page = *self.directory.page.get_or_insert(1);
        Some(self.hand_out(Work::ReadUsers(page), Flight::ReadUsers { class }))
    }

    /// A page of users was read.
    pub fn handle_users(&mut self, now: Now, id: WorkId, answer: Answer<UserPage>) {
        let Some(Flight::ReadUsers { class }) = self.flights.remove(&id) else { return };
        self.directory.asking = false;
        self.settle(now, class, &answer);
        match answer.result {
            Ok(page) => {
                self.directory.failures = 0;
                self.directory.users.extend(page.users);
                self.directory.page = page.next;
                if page.next.is_none() {
                    self.take_users(now);
                }
            }
            Err(failure) => {
                self.directory.failures += 1;
                let wait = Backoff::SERVICE.wait(self.directory.failures, self.random.f64());
                self.directory.due = now.instant + wait;
                self.react(now, failure);
            }
        }
    }

    fn take_users(&mut self, now: Now) {
        let users = std::mem::take(&mut self.directory.users);
        let pages = u32::try_from(users.len() / 100 + 1).unwrap_or(u32::MAX);
        self.directory.due = now.instant + self.options.directory_refresh.max(PER_PAGE * pages);
        self.roster.replace(&users);
        self.match_all(now);
        let matched = self.agents.iter().filter(|record| record.user().is_some()).count();
        let unmatched = self.in_scope() - matched;
        self.notices.push_back(Notice::DirectoryRead { matched, unmatched });
    }

    fn next_external(&mut self, now: Now) -> Option<Task> {
        if !self.options.matching.external_ids {
            return None;
        }
        let asked = |engine: &Self, place: usize| {
            engine.flights.values().any(|flight| matches!(flight, Flight::FindExternal { agent } if *agent == place))
        };
        let place = (0..self.agents.len()).find(|&place| {
            let record = &self.agents[place];
            record.in_scope
                && self.roster.wants_external(&self.options.matching, &record.agent.id)
                && !asked(self, place)
        })?;
        if !self.is_permitted(now, Class::Single, true) {
            return None;
        }
        self.budget.spend(now.instant, Class::Single);
        let agent = self.agents[place].agent.id.clone();
        Some(self.hand_out(Work::FindExternal(agent), Flight::FindExternal { agent: place }))
    }

    /// An external id was looked up.
    pub fn handle_external(&mut self, now: Now, id: WorkId, answer: Answer<Option<CloudUserId>>) {
        let Some(Flight::FindExternal { agent }) = self.flights.remove(&id) else { return };
        self.settle(now, Class::Single, &answer);
        match answer.result {
            Ok(user) => {
                self.roster.learn_external(self.agents[agent].agent.id.clone(), user);
                self.match_all(now);
            }
            Err(failure) => {
                // Not asked for again: the e-mail decides then, as for an agent without an external id.
                if matches!(failure, Failure::Refused { .. } | Failure::Unsupported { .. }) {
                    self.roster.learn_external(self.agents[agent].agent.id.clone(), None);
                    self.match_all(now);
                }
                self.react(now, failure);
            }
        }
    }

    /// Finds every agent's cloud user anew.
    pub(super) fn match_all(&mut self, now: Now) {
        let agents = self.agents.iter().enumerate().filter(|(_, record)| record.in_scope);
        let agents = agents.map(|(place, record)| (place, &record.agent));
        for (place, found) in self.roster.find_all(&self.options.matching, agents) {
            if self.agents[place].matched != found {
                self.set_match(now, place, found);
            }
        }
        let users = self.agents.iter().enumerate().filter_map(|(place, record)| Some((record.user()?, place)));
        let users: BTreeMap<CloudUserId, usize> = users.collect();
        if self.by_user != users {
            self.by_user = users;
            self.users_changed();
        }
    }

    fn set_match(&mut self, now: Now, place: usize, found: Match) {
        let record = &mut self.agents[place];
        let was_unmatched = matches!(record.matched, Match::Unmatched(_));
        record.matched = found;
        record.error = None;
        match found {
            Match::Matched(_) => {
                self.read_anew(now, place);
                if was_unmatched {
                    self.tell_anew(now, place);
                }
            }
            Match::Unmatched(reason) => {
                let agent = record.agent.id.clone();
                self.forget_pending(now, place, "the agent has no cloud user");
                self.notices.push_back(Notice::Unmatched { agent, reason });
            }
            Match::Unknown => {}
        }
    }

    /// Nothing is told before the user is read.
    pub(super) fn read_anew(&mut self, now: Now, place: usize) {
        let record = &mut self.agents[place];
        record.known = false;
        record.ours = None;
        self.plan_verify(place, now.instant);
    }

    /// Another user, or one at last: what is wanted has to be told from the beginning.
    fn tell_anew(&mut self, now: Now, place: usize) {
        let since = self.agents[place].status.as_ref().and_then(|status| status.since);
        let wanted = self.agents[place].wanted;
        for (facet, value) in domain::change::Facet::ALL.into_iter().zip(wanted) {
            self.agents[place].facet_mut(facet).forget_told();
            if let Some(value) = value {
                let happened = since.unwrap_or(now.utc).min(now.utc);
                self.change(now, place, value, happened, now.utc, "the cloud user was found".into());
            }
        }
    }

    /// The next claim of the primary source.
    pub(super) fn next_claim(&mut self, now: Now) -> Option<Task> {
        // Whose the organisation is can be said only when both sides are known.
        if self.guard.doubt().is_some() || !self.roster.is_read() || self.agents.is_empty() {
            return None;
        }
        if self.claims_organisation() && !self.claims.done {
            return self.next_organisation_claim(now);
        }
        if now.instant < self.claims.users_due {
            let due = self.claims.users_due;
            self.wake_at(due);
            return None;
        }
        let (place, user) = self.next_claimable(now)?;
        if !self.is_permitted(now, Class::Single, false) {
            return None;
        }
        self.claims.users.retain(|(_, waiting)| *waiting != place);
        self.leave_lane(place);
        self.agents[place].phase = Phase::InFlight { facet: None, changes: 0 };
        self.budget.spend(now.instant, Class::Single);
        Some(self.hand_out(Work::Claim(ClaimScope::User(user)), Flight::Claim { agent: Some(place) }))
    }

    /// The next user to claim; who has no user any more is forgotten on the way.
    fn next_claimable(&mut self, now: Now) -> Option<(usize, CloudUserId)> {
        let agents = &self.agents;
        self.claims.users.retain(|(_, place)| agents[*place].user().is_some());
        let claimable = |&&(_, place): &&(Instant, usize)| self.agents[place].phase == Phase::Ready;
        let &(at, place) = self.claims.users.iter().find(claimable)?;
        if at > now.instant {
            self.wake_at(at);
            return None;
        }
        Some((place, self.agents[place].user()?))
    }

    fn next_organisation_claim(&mut self, now: Now) -> Option<Task> {
        if self.claims.asking {
            return None;
        }
        if now.instant < self.claims.due {
            let due = self.claims.due;
            self.wake_at(due);
            return None;
        }
        if !self.is_permitted(now, Class::Normal, true) {
            return None;
        }
        self.claims.asking = true;
        self.budget.spend(now.instant, Class::Normal);
        Some(self.hand_out(Work::Claim(ClaimScope::Organisation), Flight::Claim { agent: None }))
    }

    /// Whether the organisation's default is to be ours: decided once, when users and agents are known.
    fn claims_organisation(&mut self) -> bool {
        let agents = self.agents.iter().filter(|record| record.user().is_some()).count();
        let choice = self.options.primary_source;
        let everybody = agents > 0 && agents >= self.roster.active();
        if let Some(chosen) = self.claims.organisation {
            return chosen;
        }
        let chosen = match choice {
            PrimarySource::OrganisationDefault => true,
            PrimarySource::PerUser => false,
            PrimarySource::Auto => everybody,
        };
        self.claims.organisation = Some(chosen);
        if !chosen && !self.claims.users.is_empty() {
            let (users, others) = (self.claims.users.len(), self.roster.active().saturating_sub(agents));
            self.notices.push_back(Notice::ClaimingOneByOne { users, others });
        }
        chosen
    }

    /// A claim came back.
    pub fn handle_claimed(&mut self, now: Now, id: WorkId, answer: Answer<()>) {
        let Some(Flight::Claim { agent }) = self.flights.remove(&id) else { return };
        let class = if agent.is_some() { Class::Single } else { Class::Normal };
        self.settle(now, class, &answer);
        match (agent, answer.result) {
            (Some(place), result) => self.user_claimed(now, place, result),
            (None, Ok(())) => {
                self.claims.asking = false;
                self.claims.done = true;
                self.claims.users.clear();
                // Who has chosen another source is seen at the next read-back, and claimed alone.
                for place in 0..self.agents.len() {
                    self.agents[place].ours = None;
                    self.plan_verify(place, now.instant + LOOK_AFTER_CLAIM);
                }
            }
            (None, Err(failure)) => {
                self.claims.asking = false;
                self.claims.failures += 1;
                let wait = Backoff::AGENT.wait(self.claims.failures, self.random.f64());
                self.claims.due = now.instant + wait;
                if matches!(failure, Failure::Refused { .. } | Failure::Unsupported { .. }) {
                    // Without the right to the settings, users can still be claimed one by one.
                    self.claims.organisation = Some(false);
                    self.notices.push_back(Notice::ClaimFailed { agent: None, reason: failure.to_string() });
                }
                self.react(now, failure);
            }
        }
    }

    fn user_claimed(&mut self, now: Now, place: usize, result: Result<(), Failure>) {
        self.agents[place].phase = Phase::Ready;
        match result {
            Ok(()) => {
                self.claims.unsupported = false;
                let record = &mut self.agents[place];
                record.ours = Some(true);
                record.claims += 1;
                if record.failures == 0 {
                    record.error = None;
                }
            }
            Err(failure) => self.user_not_claimed(now, place, failure),
        }
        self.enqueue(place);
    }

    fn user_not_claimed(&mut self, now: Now, place: usize, failure: Failure) {
        let again = now.instant + CLAIM_AGAIN.wait(1, self.random.f64());
        let soon = now.instant + Backoff::AGENT.wait(1, self.random.f64());
        let reason = failure.to_string();
        let at = match &failure {
            // The right to it is missing, for everybody: one says it, and one tries again later.
            Failure::Unsupported { .. } => {
                self.claims.users_due = again;
                if !std::mem::replace(&mut self.claims.unsupported, true) {
                    self.notices.push_back(Notice::ClaimFailed { agent: None, reason: reason.clone() });
                }
                self.agents[place].error = Some(reason);
                again
            }
            Failure::Refused { .. } => {
                let agent = Some(self.agents[place].agent.id.clone());
                self.notices.push_back(Notice::ClaimFailed { agent, reason: reason.clone() });
                self.agents[place].error = Some(reason);
                again
            }
            Failure::Throttled { .. }
            | Failure::Unavailable { .. }
            | Failure::Deferred { .. }
            | Failure::Unauthorized { .. } => soon,
        };
        self.claims.users.insert((at, place));
        self.react(now, failure);
    }

    /// A read-back showed whose presence is shown.
    pub(super) fn learn_owner(&mut self, now: Now, place: usize, ours: Option<bool>) {
        let record = &mut self.agents[place];
        let first = !record.known;
        record.ours = ours.or(record.ours);
        if ours == Some(true) {
            record.claims = 0;
        }
        // Where our source is everybody's default, who says nothing of another has it.
        let shared = self.claims.organisation == Some(true);
        let (claims, wanted) =
            (record.claims, record.ours == Some(false) || (first && record.ours.is_none() && !shared));
        let waits = self.claims.users.iter().any(|(_, waiting)| *waiting == place);
        if wanted && !waits {
            let wait = if claims == 0 { Duration::ZERO } else { CLAIM_AGAIN.wait(claims, self.random.f64()) };
            self.claims.users.insert((now.instant + wait, place));
        }
    }
}
