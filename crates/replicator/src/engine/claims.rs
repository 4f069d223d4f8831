//! Whose presence it is: making our presence source a user's primary one, and giving users back who left the scope.
//!
//! The journal remembers who was claimed, so that nobody is forgotten who left while the bridge was down.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::ids::{AgentId, CloudUserId};
use domain::time::{Instant, Now};

use super::budget::Class;
use super::figures::RequestClass;
use super::notice::Ownership;
use super::record::Phase;
use super::roster::Match;
use super::{Answer, ClaimScope, Engine, Fact, Failure, Flight, Notice, Task, Work, WorkId};
use crate::backoff::Backoff;
use crate::options::PrimarySource;

/// When a claim is tried again that was refused, or had no effect; whoever takes the users back is not fought with.
const CLAIM_AGAIN: Backoff = Backoff { first: Duration::from_secs(600), most: Duration::from_secs(6 * 3_600) };

/// When giving a user back is tried again.
const RELEASE_AGAIN: Backoff = Backoff { first: Duration::from_secs(5), most: Duration::from_secs(3_600) };

/// When to look whose presence is shown after the organisation's default was changed.
const LOOK_AFTER_CLAIM: Duration = Duration::from_secs(30);

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
    /// Users whose primary source is ours as far as we know, and which agent they were.
    held: BTreeMap<CloudUserId, AgentId>,
    /// Whose user is claimed next, and the place in the journal up to which has to be written before.
    noted: Option<(usize, u64)>,
    /// Users that are ours and are nobody's any more.
    leaving: BTreeMap<CloudUserId, Leaving>,
}

/// A user to be given back.
#[derive(Debug, Clone, Copy, Default)]
struct Leaving {
    due: Instant,
    failures: u32,
    asking: bool,
}

impl Claims {
    /// What the journal remembers.
    pub(super) fn remember(&mut self, claimed: Vec<(AgentId, CloudUserId)>) {
        self.held = claimed.into_iter().map(|(agent, user)| (user, agent)).collect();
    }
}

impl Engine {
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
        let token = self.tokens.home(place);
        if !self.is_permitted(now, token, Class::Single, false) || !self.is_claim_noted(now, place) {
            return None;
        }
        self.claims.users.retain(|(_, waiting)| *waiting != place);
        self.leave_lane(place);
        self.agents[place].phase = Phase::InFlight { facet: None, changes: 0 };
        self.tokens.budget(token).spend(now.instant, Class::Single);
        Some(self.hand_out(Work::Claim(ClaimScope::User(user)), Flight::Claim { token, agent: Some(place) }))
    }

    /// Whether the journal knows of the claim that is next: a user who is claimed is not forgotten when the process ends
    /// before the answer.
    fn is_claim_noted(&mut self, now: Now, place: usize) -> bool {
        match self.claims.noted {
            Some((noted, recorded)) if noted == place => {
                let is_written = self.outbox.is_written(recorded);
                if is_written {
                    self.claims.noted = None;
                }
                is_written
            }
            Some(_) | None => {
                let recorded = self.note_ours(now, place);
                self.claims.noted = recorded.map(|recorded| (place, recorded));
                recorded.is_none()
            }
        }
    }

    /// The next user to claim; who has no user any more is forgotten on the way.
    fn next_claimable(&mut self, now: Now) -> Option<(usize, CloudUserId)> {
        let agents = &self.agents;
        self.claims.users.retain(|(_, place)| agents[*place].user().is_some());
        let leaving = |place: usize| agents[place].user().is_some_and(|user| self.claims.is_under_way(user));
        let claimable = |&&(_, place): &&(Instant, usize)| agents[place].phase == Phase::Ready && !leaving(place);
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
        let token = self.pay(now, Class::Normal, true)?;
        self.claims.asking = true;
        Some(self.hand_out(Work::Claim(ClaimScope::Organisation), Flight::Claim { token, agent: None }))
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
            // The platform's own source is everybody's default already.
            _ if self.is_direct() => false,
            PrimarySource::OrganisationDefault => true,
            PrimarySource::PerUser => false,
            PrimarySource::Auto => everybody,
        };
        self.claims.organisation = Some(chosen);
        if !chosen && !self.claims.users.is_empty() {
            let (users, others) = (self.claims.users.len(), self.roster.active().saturating_sub(agents));
            self.notices.push_back(Notice::Ownership(Ownership::ClaimingOneByOne { users, others }));
        }
        chosen
    }

    /// A claim came back.
    pub fn handle_claimed(&mut self, now: Now, id: WorkId, answer: Answer<()>) {
        let Some(Flight::Claim { token, agent }) = self.flights.remove(&id) else { return };
        let class = if agent.is_some() { Class::Single } else { Class::Normal };
        self.settle(now, (token, class), RequestClass::Ownership, &answer);
        match (agent, answer.result) {
            (Some(place), result) => self.user_claimed(now, token, place, result),
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
                    self.notices.push_back(Notice::Ownership(Ownership::ClaimFailed {
                        agent: None,
                        reason: failure.to_string(),
                    }));
                }
                self.react(now, token, failure);
            }
        }
    }

    fn user_claimed(&mut self, now: Now, token: usize, place: usize, result: Result<(), Failure>) {
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
                self.note_given_back(now, place);
            }
            Err(failure) => self.user_not_claimed(now, token, place, failure),
        }
        self.enqueue(place);
    }

    fn user_not_claimed(&mut self, now: Now, token: usize, place: usize, failure: Failure) {
        let again = now.instant + CLAIM_AGAIN.wait(1, self.random.f64());
        let soon = now.instant + Backoff::AGENT.wait(1, self.random.f64());
        let reason = failure.to_string();
        let at = match &failure {
            // The right to it is missing, for everybody: one says it, and one tries again later.
            Failure::Unsupported { .. } => {
                self.claims.users_due = again;
                if !std::mem::replace(&mut self.claims.unsupported, true) {
                    self.notices
                        .push_back(Notice::Ownership(Ownership::ClaimFailed { agent: None, reason: reason.clone() }));
                }
                self.agents[place].error = Some(reason);
                again
            }
            Failure::Refused { .. } => {
                let agent = Some(self.agents[place].agent.id.clone());
                self.notices.push_back(Notice::Ownership(Ownership::ClaimFailed { agent, reason: reason.clone() }));
                self.agents[place].error = Some(reason);
                again
            }
            Failure::Throttled { .. }
            | Failure::Unavailable { .. }
            | Failure::Deferred { .. }
            | Failure::Unauthorized { .. } => soon,
        };
        self.claims.users.insert((at, place));
        self.react(now, token, failure);
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
        let held = record.user().is_some_and(|user| self.claims.held.contains_key(&user));
        if ours == Some(true) && !held {
            self.note_ours(now, place);
        }
        let waits = self.claims.users.iter().any(|(_, waiting)| *waiting == place);
        if wanted && !waits {
            let wait = if claims == 0 { Duration::ZERO } else { CLAIM_AGAIN.wait(claims, self.random.f64()) };
            self.claims.users.insert((now.instant + wait, place));
        }
    }

    /// Writes down that our source is, or is about to be made, the primary one of an agent's user; returns the place in the
    /// journal. Directly delivered, it is the platform's own, and there is nothing to give back.
    fn note_ours(&mut self, now: Now, place: usize) -> Option<u64> {
        let user = self.agents[place].user().filter(|_| !self.is_direct())?;
        let agent = self.agents[place].agent.id.clone();
        self.claims.held.insert(user, agent.clone());
        Some(self.outbox.note(now, Fact::Claimed { agent, user }))
    }

    /// Directly delivered, the platform's own source became the primary one: whoever had ours is given back by that.
    fn note_given_back(&mut self, now: Now, place: usize) {
        let Some(user) = self.agents[place].user().filter(|_| self.is_direct()) else { return };
        if let Some(agent) = self.claims.held.remove(&user) {
            self.outbox.note(now, Fact::Released { agent, user });
        }
    }

    /// Finds the users that were claimed and are nobody's any more. To be asked when both sides are known.
    pub(super) fn find_leaving(&mut self) {
        let believed = self.clock_offset.is_some() && self.guard.doubt().is_none();
        if !(believed && self.roster.is_read()) {
            return;
        }
        // Whoever is still looked for may turn out to be the one.
        let searched = |agent: &AgentId| {
            let record = self.by_id.get(agent).map(|&place| &self.agents[place]);
            record.is_some_and(|record| record.in_scope && record.matched == Match::Unknown)
        };
        let is_gone = |user: &CloudUserId, agent: &AgentId| !self.by_user.contains_key(user) && !searched(agent);
        let gone = self.claims.held.iter().filter(|(user, agent)| is_gone(user, agent));
        let gone: BTreeSet<CloudUserId> = gone.map(|(user, _)| *user).collect();
        self.claims.leaving.retain(|user, leaving| leaving.asking || gone.contains(user));
        for user in gone {
            self.claims.leaving.entry(user).or_default();
        }
    }

    /// The next user to give back.
    pub(super) fn next_release(&mut self, now: Now) -> Option<Task> {
        if self.guard.doubt().is_some() {
            return None;
        }
        // What is under way for the agent that had the user may be for this user.
        let in_flight = |place: &usize| matches!(self.agents[*place].phase, Phase::InFlight { .. });
        let holder = |user: &CloudUserId| self.claims.held.get(user).and_then(|agent| self.by_id.get(agent));
        let is_free = |user: &CloudUserId| !holder(user).is_some_and(in_flight);
        let waiting = self.claims.leaving.iter().filter(|(user, leaving)| !leaving.asking && is_free(user));
        let (user, due) = waiting.map(|(user, leaving)| (*user, leaving.due)).min_by_key(|(_, due)| *due)?;
        if due > now.instant {
            self.wake_at(due);
            return None;
        }
        let token = self.pay(now, Class::Single, false)?;
        self.claims.leaving.entry(user).or_default().asking = true;
        Some(self.hand_out(Work::Release(user), Flight::Release { token, user }))
    }

    /// A user was given back, or not.
    pub fn handle_released(&mut self, now: Now, id: WorkId, answer: Answer<()>) {
        let Some(Flight::Release { token, user }) = self.flights.remove(&id) else { return };
        self.settle(now, (token, Class::Single), RequestClass::Ownership, &answer);
        match answer.result {
            Ok(()) => {
                self.claims.leaving.remove(&user);
                if let Some(agent) = self.claims.held.remove(&user) {
                    if let Some(&place) = self.by_id.get(&agent) {
                        // We took it from ourselves: that is nobody to give way to.
                        self.agents[place].claims = 0;
                    }
                    self.notices.push_back(Notice::Ownership(Ownership::Released { agent: agent.clone(), user }));
                    self.outbox.note(now, Fact::Released { agent, user });
                }
                // Who came back meanwhile is read and claimed again.
                if let Some(&place) = self.by_user.get(&user) {
                    self.agents[place].ours = None;
                    self.plan_verify(place, now.instant);
                }
            }
            Err(failure) => self.not_released(now, token, user, failure),
        }
        if let Some(&place) = self.by_user.get(&user) {
            self.enqueue(place);
        }
    }

    fn not_released(&mut self, now: Now, token: usize, user: CloudUserId, failure: Failure) {
        let random = self.random.f64();
        let leaving = self.claims.leaving.entry(user).or_default();
        leaving.asking = false;
        leaving.failures += 1;
        leaving.due = now.instant + RELEASE_AGAIN.wait(leaving.failures, random);
        let first = leaving.failures == 1;
        if let (true, Some(agent)) = (first, self.claims.held.get(&user)) {
            let (agent, reason) = (agent.clone(), failure.to_string());
            self.notices.push_back(Notice::Ownership(Ownership::ReleaseFailed { agent, user, reason }));
        }
        self.react(now, token, failure);
    }
}

impl Claims {
    /// Whether a user is being given back.
    pub(super) fn is_under_way(&self, user: CloudUserId) -> bool {
        self.leaving.get(&user).is_some_and(|leaving| leaving.asking)
    }
}
