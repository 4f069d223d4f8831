//! What goes next to Genesys Cloud, and what the engine does with the answer: the whole retry policy.
//!
//! | failure | reaction |
//! |---|---|
//! | throttled | nothing is sent by anybody until then, with jitter |
//! | unavailable | the link waits, doubling with jitter; read back after 5 s and 30 s where it may have been applied |
//! | deferred | this agent waits a little, and the same change goes again with the same id |
//! | refused | a batch is halved until one agent is left; that agent waits, doubling, until its next change |
//! | not supported | the lane rests; other facets go on |
//! | unauthorized | the link stops for good |

use std::collections::BTreeMap;
use std::time::Duration;

use domain::change::{Change, Facet, Value};
use domain::ids::ChangeId;
use domain::time::{Instant, Now};

use super::budget::Class;
use super::facet::Pending;
use super::record::{Phase, Place};
use super::{Answer, Engine, Failure, Flight, Notice, Order, Stage, Task, Work, WorkId, lanes};
use crate::backoff::Backoff;

/// How long to wait before a throttled request goes again when the platform did not say.
const THROTTLED: Duration = Duration::from_secs(60);

/// For one agent whose user the platform is still busy with.
const DEFERRED: Backoff = Backoff { first: Duration::from_secs(1), most: Duration::from_secs(60) };

/// The connection to Genesys Cloud.
#[derive(Debug, Clone, Default)]
pub(super) struct Link {
    failures: u32,
    rests_until: Instant,
    reported: bool,
}

impl Link {
    /// Whether nothing was taken at the last attempt.
    pub(super) fn is_down(&self) -> bool {
        self.reported
    }
}

/// Failures in a row after which the link is said to be down.
const DOWN_AFTER: u32 = 2;

impl Engine {
    /// Puts an agent where it has to wait, by what is pending; takes it away where nothing is.
    pub(super) fn enqueue(&mut self, agent: usize) {
        self.leave_lane(agent);
        let Some(place) = self.next_place(agent) else { return };
        self.agents[agent].place = Some(place);
        if let Some(waiting) = self.lanes.iter_mut().find(|waiting| waiting.lane.facet == place.facet) {
            waiting.insert(agent, place);
        }
    }

    /// Takes an agent out of the lane it waits in.
    pub(super) fn leave_lane(&mut self, agent: usize) {
        let Some(place) = self.agents[agent].place.take() else { return };
        if let Some(waiting) = self.lanes.iter_mut().find(|waiting| waiting.lane.facet == place.facet) {
            waiting.remove(agent, place);
        }
    }

    /// Presence before routing before out of office; a facet that is not supported holds up no other.
    fn next_place(&self, agent: usize) -> Option<Place> {
        let record = &self.agents[agent];
        if record.user().is_none() || !record.known || record.phase != Phase::Ready {
            return None;
        }
        let mut unsupported = None;
        for facet in Facet::ALL {
            let pending = &record.facet(facet).pending;
            let Some(first) = pending.front() else { continue };
            let Some(waiting) = self.lanes.iter().find(|waiting| waiting.lane.facet == facet) else { continue };
            let weight = pending.iter().take_while(|pending| pending.sequence <= self.recorded).count();
            if weight == 0 {
                return None;
            }
            let crossing = pending.iter().any(|pending| crosses_on_queue(&pending.change));
            let deadline = lanes::deadline(facet, crossing, first.since);
            let place = Place { facet, deadline, weight, crossing };
            if !waiting.is_unsupported() {
                return Some(place);
            }
            unsupported = unsupported.or(Some(place));
        }
        unsupported
    }

    /// The next request with changes, if one may go.
    pub(super) fn next_delivery(&mut self, now: Now) -> Option<Task> {
        if self.guard.doubt().is_some() {
            return None;
        }
        let mut order: Vec<(Instant, usize)> =
            self.lanes.iter().enumerate().filter_map(|(lane, waiting)| Some((waiting.first()?, lane))).collect();
        order.sort_unstable();
        for (_, lane) in order {
            let waiting = &mut self.lanes[lane];
            if let Some(until) = waiting.rests(now.instant) {
                self.wake_at(until);
                continue;
            }
            let full = waiting.is_full() || self.stopping;
            let class = match waiting.lane.facet {
                Facet::Presence if waiting.is_crossing() => Class::Crossing,
                Facet::Presence | Facet::Routing => Class::Normal,
                Facet::OutOfOffice => Class::Single,
            };
            if self.is_permitted(now, class, full) {
                return self.take_changes(now, lane, class);
            }
        }
        None
    }

    fn take_changes(&mut self, now: Now, lane: usize, class: Class) -> Option<Task> {
        let waiting = &self.lanes[lane];
        let lane = waiting.lane;
        let halved = waiting.in_order().next().map(|agent| self.agents[agent].halved)?;
        let mut room = (waiting.batch() >> halved.min(16)).max(1);
        let mut parts = Vec::new();
        for agent in waiting.in_order().filter(|&agent| self.agents[agent].halved == halved) {
            let weight = self.agents[agent].place.map_or(0, |place| place.weight).min(room);
            if weight > 0 {
                parts.push((agent, weight));
                room -= weight;
            }
            if room == 0 {
                break;
            }
        }
        let mut orders = Vec::new();
        for &(agent, changes) in &parts {
            self.leave_lane(agent);
            self.agents[agent].phase = Phase::InFlight { facet: Some(lane.facet), changes };
            let user = self.agents[agent].user()?;
            for place in 0..changes {
                let pending = &mut self.agents[agent].facet_mut(lane.facet).pending[place];
                pending.attempts += 1;
                let (change, attempt) = (pending.change.clone(), pending.attempts);
                self.note(now.utc, agent, change.id, Stage::Sent { at: now.utc, attempt });
                orders.push(Order { user, change });
            }
        }
        self.budget.spend(now.instant, class);
        let flight = Flight::Deliver { facet: lane.facet, class, parts };
        Some(self.hand_out(Work::Deliver(lane, orders), flight))
    }

    /// A request with changes came back.
    pub fn handle_delivered(
        &mut self,
        now: Now,
        id: WorkId,
        answer: Answer<Vec<(ChangeId, Result<(), Failure>)>>,
    ) {
        let Some(Flight::Deliver { facet, class, parts }) = self.flights.remove(&id) else { return };
        self.settle(now, class, &answer);
        let correlation = answer.correlation;
        match answer.result {
            Ok(outcomes) => {
                let mut outcomes: BTreeMap<ChangeId, Result<(), Failure>> = outcomes.into_iter().collect();
                self.supported(facet);
                for (agent, changes) in parts {
                    self.agent_answered(now, agent, facet, changes, &mut outcomes, correlation.as_deref());
                }
            }
            Err(failure) => {
                let alone = parts.len() == 1 && parts.iter().all(|(_, changes)| *changes == 1);
                for (agent, changes) in parts {
                    self.batch_failed(now, agent, facet, changes, alone, &failure, correlation.as_deref());
                }
                if let Failure::Unsupported { reason } = &failure {
                    self.unsupported(now, facet, reason.clone());
                }
                self.react(now, failure);
            }
        }
    }

    /// The request failed as a whole: this agent's part of it goes again.
    #[expect(clippy::too_many_arguments, reason = "one part of one answer")]
    fn batch_failed(
        &mut self,
        now: Now,
        agent: usize,
        facet: Facet,
        changes: usize,
        alone: bool,
        failure: &Failure,
        correlation: Option<&str>,
    ) {
        self.agents[agent].phase = Phase::Ready;
        if alone && matches!(failure, Failure::Refused { .. } | Failure::Deferred { .. }) {
            let change = self.agents[agent].facet(facet).pending[0].change.id;
            let mut outcomes = BTreeMap::from([(change, Err(failure.clone()))]);
            self.agent_answered(now, agent, facet, changes, &mut outcomes, correlation);
            return;
        }
        for place in 0..changes {
            let change = self.agents[agent].facet(facet).pending[place].change.id;
            let correlation = correlation.map(ToOwned::to_owned);
            self.note(now.utc, agent, change, Stage::Failed { failure: failure.clone(), correlation });
        }
        match failure {
            Failure::Refused { .. } => self.agents[agent].halved += 1,
            Failure::Deferred { .. } => self.rest_agent(now, agent, DEFERRED, false),
            Failure::Unavailable { maybe_applied: true, .. } => self.plan_verify(agent, now.instant + FIRST_LOOK),
            Failure::Unavailable { maybe_applied: false, .. }
            | Failure::Throttled { .. }
            | Failure::Unauthorized { .. }
            | Failure::Unsupported { .. } => {}
        }
        self.enqueue(agent);
    }

    /// The request was taken: each change of this agent has its own outcome.
    fn agent_answered(
        &mut self,
        now: Now,
        agent: usize,
        facet: Facet,
        changes: usize,
        outcomes: &mut BTreeMap<ChangeId, Result<(), Failure>>,
        correlation: Option<&str>,
    ) {
        self.agents[agent].phase = Phase::Ready;
        let sent: Vec<Pending> = self.agents[agent].facet_mut(facet).pending.drain(..changes).collect();
        let newest = sent.last().map(|pending| pending.change.id);
        let more = !self.agents[agent].facet(facet).pending.is_empty();
        let mut again = Vec::new();
        let mut worst = None;
        for mut pending in sent {
            let id = pending.change.id;
            let correlation = correlation.map(ToOwned::to_owned);
            let missing = || Err(Failure::Deferred { reason: "the answer does not mention it".to_owned() });
            match outcomes.remove(&id).unwrap_or_else(missing) {
                Ok(()) => {
                    self.agents[agent].facet_mut(facet).accepted(&pending.change);
                    self.counters.delivered(now.utc, &pending.change);
                    self.note(now.utc, agent, id, Stage::Delivered { correlation });
                }
                Err(failure) => {
                    let refused = matches!(failure, Failure::Refused { .. });
                    self.note(now.utc, agent, id, Stage::Failed { failure: failure.clone(), correlation });
                    if refused && (more || newest != Some(id)) {
                        self.counters.refused += 1;
                        self.note(now.utc, agent, id, Stage::Dropped { reason: failure.to_string() });
                    } else {
                        pending.refused = refused;
                        again.push(pending);
                    }
                    worst = Some(failure);
                }
            }
        }
        for pending in again.into_iter().rev() {
            self.agents[agent].facet_mut(facet).pending.push_front(pending);
        }
        self.agents[agent].delivered_at = Some(now.instant);
        match worst {
            None => {
                let record = &mut self.agents[agent];
                record.failures = 0;
                record.error = None;
                record.halved = 0;
            }
            Some(failure) => self.agent_failed(now, agent, facet, failure),
        }
        self.enqueue(agent);
    }

    fn agent_failed(&mut self, now: Now, agent: usize, facet: Facet, failure: Failure) {
        let id = self.agents[agent].agent.id.clone();
        match &failure {
            Failure::Refused { reason } => {
                self.agents[agent].error = Some(reason.clone());
                self.notices.push_back(Notice::Refused { agent: id, facet, reason: reason.clone() });
                let still = self.agents[agent].facet(facet).pending.iter().any(|pending| pending.refused);
                self.rest_agent(now, agent, Backoff::AGENT, still);
            }
            Failure::Unsupported { reason } => self.unsupported(now, facet, reason.clone()),
            Failure::Deferred { .. }
            | Failure::Throttled { .. }
            | Failure::Unavailable { .. }
            | Failure::Unauthorized { .. } => {
                self.plan_verify(agent, now.instant + SECOND_LOOK);
                self.rest_agent(now, agent, DEFERRED, false);
            }
        }
    }

    /// This agent waits. A newer change ends the wait only if the platform refused the one before.
    fn rest_agent(&mut self, now: Now, agent: usize, backoff: Backoff, refused: bool) {
        let random = self.random.f64();
        let record = &mut self.agents[agent];
        record.failures += 1;
        let until = now.instant + backoff.wait(record.failures, random);
        record.phase = Phase::Waiting { until, refused };
        self.resting.insert((until, agent));
    }

    /// An agent's wait may be over.
    pub(super) fn rest_ended(&mut self, agent: usize) {
        if matches!(self.agents[agent].phase, Phase::Waiting { .. }) {
            self.agents[agent].phase = Phase::Ready;
            self.enqueue(agent);
        }
    }

    fn supported(&mut self, facet: Facet) {
        let woken = self.lanes.iter_mut().any(|waiting| waiting.lane.facet == facet && waiting.wake());
        if woken {
            self.notices.push_back(Notice::Supported(facet));
            for agent in 0..self.agents.len() {
                self.enqueue(agent);
            }
        }
    }

    fn unsupported(&mut self, now: Now, facet: Facet, reason: String) {
        let Some(waiting) = self.lanes.iter_mut().find(|waiting| waiting.lane.facet == facet) else { return };
        let news = !waiting.is_unsupported();
        waiting.rest(now.instant);
        if news {
            self.notices.push_back(Notice::Unsupported { facet, reason });
            // Whoever waits for this lane with something else to say goes there.
            for agent in 0..self.agents.len() {
                self.enqueue(agent);
            }
        }
    }

    /// What every answer teaches: the quota, and that the link is up.
    pub(super) fn settle<T>(&mut self, now: Now, class: Class, answer: &Answer<T>) {
        self.budget.settle(now.instant, class, answer.requests, answer.quota);
        self.counters.requests += u64::from(answer.requests);
        let taken = match &answer.result {
            Ok(_) => true,
            Err(Failure::Unavailable { .. } | Failure::Throttled { .. } | Failure::Unauthorized { .. }) => false,
            Err(Failure::Deferred { .. } | Failure::Refused { .. } | Failure::Unsupported { .. }) => true,
        };
        if taken {
            self.sink.failures = 0;
            if std::mem::take(&mut self.sink.reported) {
                self.notices.push_back(Notice::SinkUp);
            }
        }
    }

    /// What a failure means for everybody.
    pub(super) fn react(&mut self, now: Now, failure: Failure) {
        match failure {
            Failure::Throttled { retry_after } => {
                let wait = retry_after.unwrap_or(THROTTLED);
                self.counters.throttled += 1;
                self.budget.close(now.instant, wait, self.random.f64());
                self.notices.push_back(Notice::Throttled { seconds: wait.as_secs() });
            }
            Failure::Unavailable { reason, maybe_applied: _ } => {
                // Requests that were under way together fail together, once.
                if now.instant < self.sink.rests_until {
                    return;
                }
                self.sink.failures += 1;
                let wait = Backoff::SERVICE.wait(self.sink.failures, self.random.f64());
                self.sink.rests_until = now.instant + wait;
                if self.sink.failures >= DOWN_AFTER && !std::mem::replace(&mut self.sink.reported, true) {
                    self.notices.push_back(Notice::SinkDown { reason });
                }
            }
            Failure::Unauthorized { reason } => self.stopped = Some(reason),
            Failure::Deferred { .. } | Failure::Refused { .. } | Failure::Unsupported { .. } => {}
        }
    }

    /// Whether nothing may be sent because the link rests. After a failure one request tries alone.
    pub(super) fn link_rests(&mut self, now: Now) -> bool {
        if now.instant < self.sink.rests_until {
            let until = self.sink.rests_until;
            self.wake_at(until);
            return true;
        }
        self.sink.failures > 0 && self.budget.in_flight() > 0
    }
}

/// When to read back what may or may not have been applied, and when to look once more.
pub(super) const FIRST_LOOK: Duration = Duration::from_secs(5);
/// See [`FIRST_LOOK`].
pub(super) const SECOND_LOOK: Duration = Duration::from_secs(30);

fn crosses_on_queue(change: &Change) -> bool {
    let on_queue = |value: Value| matches!(value, Value::Presence(presence) if presence.is_on_queue());
    match change.from {
        Some(from) => on_queue(from) != on_queue(change.to),
        None => on_queue(change.to),
    }
}
