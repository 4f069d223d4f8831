//! Reading back: what Genesys Cloud shows against what it was told.
//!
//! Once before the first delivery, after an outcome that nobody knows, and at intervals. A difference in an agent with
//! nothing pending is somebody else's write: it is counted, shown and repaired.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::change::{Facet, Value};
use domain::ids::CloudUserId;
use domain::target::Observation;
use domain::time::{Instant, Now};
use jiff::Timestamp;

use super::budget::Class;
use super::facet::shows;
use super::outcome::{FIRST_LOOK, SECOND_LOOK};
use super::record::Phase;
use super::{Answer, Engine, Failure, Flight, Notice, Task, Work, WorkId};
use crate::ports::OBSERVE_BATCH;

/// Accepting is not applying: what was accepted less than this ago need not show yet.
const SETTLING: Duration = Duration::from_secs(5);

/// A read-back that goes anyway takes along whoever is due this soon.
const TAKE_ALONG: Duration = Duration::from_secs(30);

impl Engine {
    /// Plans a read-back of an agent, at the earlier of two times where one is planned already.
    pub(super) fn plan_verify(&mut self, agent: usize, at: Instant) {
        let record = &mut self.agents[agent];
        let at = record.verify_at.map_or(at, |planned| planned.min(at));
        if let Some(planned) = record.verify_at.replace(at) {
            self.verifies.remove(&(planned, agent));
        }
        self.verifies.insert((at, agent));
    }

    /// Reads the agents that were never read: nothing of theirs is delivered before.
    pub(super) fn next_first_observation(&mut self, now: Now) -> Option<Task> {
        let unknown = self.verifies.iter().filter(|(at, agent)| *at <= now.instant && !self.agents[*agent].known);
        let agents: Vec<usize> = unknown.map(|(_, agent)| *agent).take(OBSERVE_BATCH).collect();
        self.observe(now, Class::Normal, agents)
    }

    /// Reads back who is due, and the organisation's users.
    pub(super) fn next_read_back(&mut self, now: Now) -> Option<Task> {
        if let Some(&(first, _)) = self.verifies.first() {
            if first <= now.instant {
                let due = self.verifies.range(..(now.instant + TAKE_ALONG, 0)).take(OBSERVE_BATCH);
                let agents = due.map(|(_, agent)| *agent).collect();
                if let Some(task) = self.observe(now, Class::ReadBack, agents) {
                    return Some(task);
                }
            } else {
                self.wake_at(first);
            }
        }
        self.next_page(now, Class::Single)
    }

    fn observe(&mut self, now: Now, class: Class, agents: Vec<usize>) -> Option<Task> {
        let mut users = Vec::with_capacity(agents.len());
        let mut asked = Vec::with_capacity(agents.len());
        for agent in agents {
            match self.agents[agent].user() {
                Some(user) => {
                    users.push(user);
                    asked.push(agent);
                }
                None => self.forget_verify(agent),
            }
        }
        if users.is_empty() || !self.is_permitted(now, class, true) {
            return None;
        }
        for &agent in &asked {
            self.forget_verify(agent);
        }
        self.budget.spend(now.instant, class);
        let flight = Flight::Observe { class, users: asked, asked: now.instant };
        Some(self.hand_out(Work::Observe(users), flight))
    }

    fn forget_verify(&mut self, agent: usize) {
        if let Some(planned) = self.agents[agent].verify_at.take() {
            self.verifies.remove(&(planned, agent));
        }
    }

    /// A read-back came back.
    pub fn handle_observed(&mut self, now: Now, id: WorkId, answer: Answer<Vec<Observation>>) {
        let Some(Flight::Observe { class, users, asked }) = self.flights.remove(&id) else { return };
        self.settle(now, class, &answer);
        match answer.result {
            Ok(observations) => {
                let mut seen: BTreeMap<CloudUserId, Observation> =
                    observations.into_iter().map(|observation| (observation.user, observation)).collect();
                for agent in users {
                    let observation = self.agents[agent].user().and_then(|user| seen.remove(&user));
                    self.take_observation(now, agent, observation, asked);
                    self.enqueue(agent);
                }
            }
            Err(failure) => {
                // What may not be read can still be told.
                let blind = matches!(failure, Failure::Refused { .. } | Failure::Unsupported { .. });
                let wait = if blind { self.options.read_back } else { FIRST_LOOK };
                for agent in users {
                    self.agents[agent].known |= blind;
                    self.plan_verify(agent, now.instant + wait);
                    self.enqueue(agent);
                }
                self.react(now, failure);
            }
        }
    }

    fn take_observation(&mut self, now: Now, agent: usize, observation: Option<Observation>, asked: Instant) {
        if let Some(observation) = &observation {
            self.learn_owner(now, agent, observation.ours);
        }
        let first = !std::mem::replace(&mut self.agents[agent].known, true);
        let facets = observation.as_ref().map_or([None; 3], facets_of);
        if first {
            let ours = observation.as_ref().is_some_and(|observation| observation.ours == Some(true));
            for (value, since) in facets.into_iter().flatten() {
                // What we told before a restart, without its time: anything up to now.
                let since = since.or((ours && value.facet() == Facet::Routing).then_some(now.utc));
                let already = self.agents[agent].facet_mut(value.facet()).learn(value, since, now.utc);
                self.drop_changes(now, agent, already.into_iter().collect(), "Genesys Cloud shows it already");
            }
            self.plan_verify(agent, now.instant + SECOND_LOOK);
            return;
        }
        let record = &self.agents[agent];
        let settled = record.delivered_at.is_none_or(|at| at + SETTLING <= asked);
        if record.phase != Phase::Ready || record.has_pending() || !settled {
            self.plan_verify(agent, now.instant + SETTLING);
            return;
        }
        let mut repaired = false;
        for (value, since) in facets.into_iter().flatten() {
            repaired |= self.repair(now, agent, value, since);
        }
        let next = if repaired { SECOND_LOOK } else { self.options.read_back };
        self.plan_verify(agent, now.instant + next);
    }

    /// Tells a value again where another one is shown, with a time after the other's.
    fn repair(&mut self, now: Now, agent: usize, shown: Value, since: Option<Timestamp>) -> bool {
        let facet = shown.facet();
        let Some(wanted) = self.agents[agent].wanted[facet as usize] else { return false };
        if !self.replicates(facet) || shows(wanted, shown, now.utc) {
            self.agents[agent].facet_mut(facet).relearn(Some(shown));
            return false;
        }
        self.counters.repaired += 1;
        let id = self.agents[agent].agent.id.clone();
        self.notices.push_back(Notice::Repaired { agent: id, facet, showed: shown.to_string() });
        self.agents[agent].facet_mut(facet).relearn(Some(shown));
        let after = since.and_then(|since| since.checked_add(Duration::from_millis(1)).ok()).unwrap_or(now.utc);
        let happened = if facet == Facet::OutOfOffice { now.utc } else { after.min(now.utc) };
        self.change(now, agent, wanted, happened, now.utc, "Genesys Cloud showed something else".into());
        true
    }
}

/// The values that an observation shows. While another source is the primary one, the presence shown, and the routing
/// status that the platform derives from it, say nothing about what ours was told.
fn facets_of(observation: &Observation) -> [Option<(Value, Option<Timestamp>)>; 3] {
    let ours = observation.ours != Some(false);
    let presence = observation.presence.filter(|_| ours);
    let routing = observation.routing.filter(|_| ours);
    [
        presence.map(|seen| (Value::Presence(seen.value), seen.since)),
        routing.map(|seen| (Value::Routing(seen.value), seen.since)),
        observation.out_of_office.map(|seen| (Value::OutOfOffice(seen.value), seen.since)),
    ]
}
