//! Who is who: reading the organisation's users, and matching agents with them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::change::Value;
use domain::ids::{AgentId, CloudUserId};
use domain::target::CloudUser;
use domain::time::{Instant, Now};

use super::budget::Class;
use super::figures::RequestClass;
use super::roster::Match;
use super::{Answer, Engine, Failure, Flight, Notice, Task, UserPage, Work, WorkId};
use crate::backoff::Backoff;

/// Reading a page of users may take at most this much of the time, so that a big organisation is read more rarely.
const PER_PAGE: Duration = Duration::from_secs(2);

/// Of how many agents without a user the external id is asked for again with each reading of the users.
const EXTERNAL_AGAIN: usize = 20;

/// The reading of the organisation's users.
#[derive(Debug, Clone, Default)]
pub(super) struct Reading {
    /// Pages read so far of the reading under way.
    users: Vec<CloudUser>,
    /// How many pages that were.
    pages: u32,
    /// The page to ask for next; `None` between two readings.
    page: Option<u32>,
    /// Agents without a user, whose external ids are to be asked for again.
    unfound: BTreeSet<AgentId>,
    /// When the next reading begins.
    due: Instant,
    /// Whether a request is under way.
    asking: bool,
    failures: u32,
}

/// How often the organisation's users are read, where that takes so many pages.
#[must_use]
pub fn directory_interval(refresh: Duration, pages: u32) -> Duration {
    refresh.max(PER_PAGE * pages)
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
        let token = self.pay(now, class, first)?;
        self.directory.asking = true;
        let page = *self.directory.page.get_or_insert(1);
        Some(self.hand_out(Work::ReadUsers(page), Flight::ReadUsers { token, class }))
    }

    /// A page of users was read.
    pub fn handle_users(&mut self, now: Now, id: WorkId, answer: Answer<UserPage>) {
        let Some(Flight::ReadUsers { token, class }) = self.flights.remove(&id) else { return };
        self.directory.asking = false;
        self.settle(now, (token, class), RequestClass::Directory, &answer);
        match answer.result {
            Ok(page) => {
                self.directory.failures = 0;
                self.directory.users.extend(page.users);
                self.directory.pages += 1;
                self.directory.page = page.next;
                if page.next.is_none() {
                    self.take_users(now);
                }
            }
            Err(failure) => {
                self.directory.failures += 1;
                let wait = Backoff::SERVICE.wait(self.directory.failures, self.random.f64());
                self.directory.due = now.instant + wait;
                self.react(now, token, failure);
            }
        }
    }

    fn take_users(&mut self, now: Now) {
        let users = std::mem::take(&mut self.directory.users);
        let pages = std::mem::take(&mut self.directory.pages);
        self.directory.due = now.instant + directory_interval(self.options.directory_refresh, pages);
        self.roster.replace(&users);
        self.ask_external_ids_again();
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
            engine
                .flights
                .values()
                .any(|flight| matches!(flight, Flight::FindExternal { agent, .. } if *agent == place))
        };
        let place = (0..self.agents.len()).find(|&place| {
            let record = &self.agents[place];
            record.in_scope
                && self.roster.wants_external(&self.options.matching, &record.agent.id)
                && !asked(self, place)
        })?;
        let token = self.pay(now, Class::Single, true)?;
        let agent = self.agents[place].agent.id.clone();
        Some(self.hand_out(Work::FindExternal(agent), Flight::FindExternal { token, agent: place }))
    }

    /// An external id may have been given since: the organisation is asked again for some of those without a user.
    fn ask_external_ids_again(&mut self) {
        if self.directory.unfound.is_empty() {
            let unmatched = self.agents.iter().filter(|record| matches!(record.matched, Match::Unmatched(_)));
            self.directory.unfound = unmatched.map(|record| record.agent.id.clone()).collect();
        }
        for _ in 0..EXTERNAL_AGAIN {
            let Some(agent) = self.directory.unfound.pop_first() else { return };
            self.roster.ask_external_again(agent);
        }
    }

    /// An external id was looked up.
    pub fn handle_external(&mut self, now: Now, id: WorkId, answer: Answer<Option<CloudUserId>>) {
        let Some(Flight::FindExternal { token, agent }) = self.flights.remove(&id) else { return };
        self.settle(now, (token, Class::Single), RequestClass::Directory, &answer);
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
                self.react(now, token, failure);
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
        self.find_leaving();
    }

    fn set_match(&mut self, now: Now, place: usize, found: Match) {
        let record = &mut self.agents[place];
        let before = std::mem::replace(&mut record.matched, found);
        // A user who was made anew is another one, though the e-mail is the same.
        let is_another = matches!(before, Match::Unmatched(_) | Match::Matched(_));
        record.error = None;
        record.claims = 0;
        match found {
            Match::Matched(_) => {
                self.read_anew(now, place);
                if is_another {
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
            let (happened, why) = (since.unwrap_or(now.utc).min(now.utc), "the cloud user was found");
            match value {
                Some(Value::Routing(status)) if self.derives_routing() => {
                    self.agents[place].not_shown = None;
                    self.want_derived(now, place, status, happened, now.utc, why.into());
                }
                Some(value) => self.change(now, place, value, happened, now.utc, why.into()),
                None => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_big_organisation_is_read_more_rarely() {
        let minute = Duration::from_secs(60);
        assert_eq!(directory_interval(minute, 30), minute, "15,000 users, by 500 a page");
        assert_eq!(directory_interval(minute, 200), Duration::from_secs(400));
    }
}
