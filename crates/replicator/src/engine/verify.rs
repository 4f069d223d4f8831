//! Reading back: what Genesys Cloud shows against what it was told.
//!
//! Once before the first delivery, after an outcome that nobody knows, and at intervals. A difference in an agent with
//! nothing pending is somebody else's write: it is counted, shown and repaired.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use domain::change::{Facet, Value};
use domain::ids::CloudUserId;
use domain::target::Observation;
use domain::time::{Instant, Now};
use jiff::Timestamp;

use super::budget::Class;
use super::facet::shows;
use super::figures::RequestClass;
use super::outcome::{FIRST_LOOK, SECOND_LOOK};
use super::record::Phase;
use super::{Answer, Engine, Failure, Flight, Notice, Stage, Task, Work, WorkId};
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
        if users.is_empty() {
            return None;
        }
        let token = self.pay(now, class, true)?;
        for &agent in &asked {
            self.forget_verify(agent);
        }
        let flight = Flight::Observe { token, class, users: asked, asked: now.instant };
        Some(self.hand_out(Work::Observe(users), flight))
    }

    fn forget_verify(&mut self, agent: usize) {
        if let Some(planned) = self.agents[agent].verify_at.take() {
            self.verifies.remove(&(planned, agent));
        }
    }

    /// A read-back came back.
    pub fn handle_observed(&mut self, now: Now, id: WorkId, answer: Answer<Vec<Observation>>) {
        let Some(Flight::Observe { token, class, users, asked }) = self.flights.remove(&id) else { return };
        self.settle(now, (token, class), RequestClass::ReadBack, &answer);
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
                self.react(now, token, failure);
            }
        }
    }

    fn take_observation(&mut self, now: Now, agent: usize, observation: Option<Observation>, asked: Instant) {
        self.counters.figures.verified += u64::from(observation.is_some());
        if let Some(observation) = &observation {
            self.learn_owner(now, agent, observation.ours);
        }
        let first = !std::mem::replace(&mut self.agents[agent].known, true);
        let facets = observation.as_ref().map_or([None; 3], facets_of);
        if first {
            let ours = observation.as_ref().is_some_and(|observation| observation.ours == Some(true));
            for (value, since) in facets.into_iter().flatten() {
                self.begin_with(now, agent, value, since, ours);
            }
            let record = &mut self.agents[agent];
            if observation.is_some() && record.status.is_some() && !record.has_pending() && record.ours != Some(false) {
                record.last_success = Some(now.utc);
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
            let told_at = self.agents[agent].facet(value.facet()).told_at();
            repaired |= self.repair(now, agent, value, since, told_at);
        }
        let record = &mut self.agents[agent];
        if !repaired && record.ours != Some(false) {
            // Nothing waits and nothing differs: what was refused has been overtaken.
            record.error = None;
            record.failures = 0;
        }
        if !repaired && self.agents[agent].ours != Some(false) {
            self.agents[agent].last_success = Some(now.utc);
        }
        let next = if repaired { SECOND_LOOK } else { self.options.read_back };
        self.plan_verify(agent, now.instant + next);
    }

    /// What was seen before anything was told.
    fn begin_with(&mut self, now: Now, agent: usize, seen: Value, since: Option<Timestamp>, ours: bool) {
        let facet = self.agents[agent].facet_mut(seen.facet());
        let (told, told_at) = (facet.told, facet.told_at());
        let since = match told_at {
            // What we told before a restart, shown without its time: as we told it, or by the end of the run before, or
            // else any time up to now.
            _ if ours && seen.facet() == Facet::Routing && since.is_none() => {
                told_at.filter(|_| told == Some(seen)).or(facet.remembered_until()).or(Some(now.utc))
            }
            Some(_) | None => since,
        };
        let already = facet.learn(seen, since, now.utc);
        self.drop_changes(now, agent, already.into_iter().collect(), "Genesys Cloud shows it already");
        if let Some(since) = since.filter(|_| self.keeps_history(seen.facet())) {
            let moved = self.agents[agent].facet_mut(seen.facet()).begin_after(since);
            for (place, time) in moved {
                self.tell_later(now, agent, seen.facet(), place, time);
            }
        }
        // What may have been sent before goes as it is, but has no effect on something that began later.
        let last = self.agents[agent].facet(seen.facet()).pending.back();
        if last.is_none_or(|last| since.is_some_and(|since| last.change.happened <= since)) {
            self.repair(now, agent, seen, since, told_at);
        }
    }

    /// A change that was not sent yet gets a later time, and with it a new id: an id stands for one time.
    fn tell_later(&mut self, now: Now, agent: usize, facet: Facet, place: usize, happened: Timestamp) {
        let id = self.new_change_id();
        let pending = &mut self.agents[agent].facet_mut(facet).pending[place];
        let old = std::mem::replace(&mut pending.change.id, id);
        pending.change.happened = happened;
        let change = pending.change.clone();
        let reason = "Genesys Cloud holds something that began later, so it goes with a later time".to_owned();
        self.note(now, agent, old, Stage::Dropped { reason });
        let recorded = self.note_and_wait(now, agent, id, Stage::Recorded(change));
        self.agents[agent].facet_mut(facet).pending[place].recorded = recorded;
    }

    /// Tells a value again where another one is shown, with a time after the other's.
    fn repair(
        &mut self,
        now: Now,
        agent: usize,
        shown: Value,
        since: Option<Timestamp>,
        told_at: Option<Timestamp>,
    ) -> bool {
        let facet = shown.facet();
        let Some(wanted) = self.agents[agent].wanted[facet as usize] else { return false };
        let derived = facet == Facet::Routing && self.derives_routing() && !self.can_be_idle(agent, shown);
        if !self.replicates(facet) || shows(wanted, shown, now.utc) || derived {
            self.agents[agent].facet_mut(facet).relearn(shown, since);
            return false;
        }
        // Directly, the platform's time is that of the arrival.
        let told_at = if self.keeps_history(facet) { told_at } else { self.agents[agent].facet(facet).accepted_at() };
        let drift = match (since, told_at) {
            _ if self.agents[agent].ours == Some(false) => Drift::SomebodyElse,
            (Some(since), Some(told_at)) if since > told_at => Drift::SomebodyElse,
            (Some(_), Some(_)) => Drift::NotApplied,
            (None, _) | (_, None) => Drift::Unknown,
        };
        self.counters.repaired(drift);
        let id = self.agents[agent].agent.id.clone();
        self.notices.push_back(Notice::Repaired { agent: id, facet, showed: shown.to_string(), drift });
        self.agents[agent].facet_mut(facet).relearn(shown, since);
        let after = since.and_then(|since| since.checked_add(Duration::from_millis(1)).ok()).unwrap_or(now.utc);
        // Also where our clock is behind: what is older than what it holds is ignored by the platform.
        let happened = if self.keeps_history(facet) { after } else { now.utc };
        self.change(now, agent, wanted, happened, now.utc, format!("repair: {drift}, it showed {shown}").into());
        true
    }
}

/// Who made a difference between what was told and what is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drift {
    /// It began after our change: another writer.
    SomebodyElse,
    /// It began before our change, which was accepted and is not shown.
    NotApplied,
    /// The platform does not say since when.
    Unknown,
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SomebodyElse => "somebody else wrote",
            Self::NotApplied => "Genesys Cloud accepted a change and did not show it",
            Self::Unknown => "Genesys Cloud showed something else",
        })
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
