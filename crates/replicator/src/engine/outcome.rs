//! What the engine does with the answer to a delivery: the whole retry policy, with `link` for what concerns everybody.
//!
//! | failure | reaction |
//! |---|---|
//! | throttled | nothing is sent by anybody until then, with jitter |
//! | unavailable | the link waits, doubling with jitter; read back after 5 s and 30 s where it may have been applied |
//! | deferred | this agent waits a little, and the same change goes again with the same id; a batch is halved |
//! | refused | a batch is halved until one agent is left; that agent waits, doubling, until its next change |
//! | not supported | the lane rests; other facets go on |
//! | unauthorized | like unavailable; the link stops for good when it lasts |

use std::collections::BTreeMap;
use std::time::Duration;

use domain::ids::ChangeId;
use domain::time::Now;
use jiff::Timestamp;

use super::facet::Pending;
use super::figures::RequestClass;
use super::record::Phase;
use super::{Answer, Engine, Failure, Flight, Notice, Outcomes, Stage, WorkId};
use crate::backoff::Backoff;
use crate::ports::{Attempt, Lane, Takes};

/// For one agent whose user the platform is still busy with.
const DEFERRED: Backoff = Backoff { first: Duration::from_secs(1), most: Duration::from_secs(60) };

/// After this many failures in a row, "later" is an error that people should see.
const LASTING: u32 = 5;

/// When to read back what may or may not have been applied, and when to look once more.
pub(super) const FIRST_LOOK: Duration = Duration::from_secs(5);
/// See [`FIRST_LOOK`].
pub(super) const SECOND_LOOK: Duration = Duration::from_secs(30);

/// The answer to a request with changes, as far as it is the same for all of them.
struct Answered<'a> {
    now: Now,
    token: usize,
    lane: Lane,
    request: u64,
    sent: Timestamp,
    correlation: Option<&'a str>,
}

impl Answered<'_> {
    /// What the journal keeps of one change's part in it.
    fn attempt(&self, number: u32, outcome: Result<(), Failure>) -> Stage {
        Stage::Attempted(Attempt {
            number,
            request: self.request,
            sent: self.sent,
            answered: self.now.utc,
            outcome,
            correlation: self.correlation.map(ToOwned::to_owned),
        })
    }
}

impl Engine {
    /// A request with changes came back.
    pub fn handle_delivered(&mut self, now: Now, id: WorkId, answer: Answer<Outcomes>) {
        let Some(Flight::Deliver { token, lane, class, parts, sent }) = self.flights.remove(&id) else { return };
        self.settle(now, (token, class), RequestClass::of(lane.facet), &answer);
        let answered = Answered { now, token, lane, request: id.0, sent, correlation: answer.correlation.as_deref() };
        match answer.result {
            Ok(outcomes) => {
                let mut outcomes: BTreeMap<ChangeId, Result<(), Failure>> = outcomes.into_iter().collect();
                self.supported(token, lane);
                for (agent, changes) in parts {
                    self.agent_answered(&answered, agent, changes, &mut outcomes);
                }
            }
            Err(failure) => {
                let alone = parts.len() == 1 && parts.iter().all(|(_, changes)| *changes == 1);
                for (agent, changes) in parts {
                    self.batch_failed(&answered, agent, changes, alone, &failure);
                }
                if let Failure::Unsupported { reason } = &failure {
                    self.unsupported(now, token, lane, reason.clone());
                }
                self.react(now, token, failure);
            }
        }
    }

    /// The request failed as a whole: this agent's part of it goes again.
    fn batch_failed(&mut self, answered: &Answered<'_>, agent: usize, changes: usize, alone: bool, failure: &Failure) {
        let Answered { now, lane: Lane { facet, .. }, .. } = *answered;
        self.agents[agent].phase = Phase::Ready;
        if alone && matches!(failure, Failure::Refused { .. } | Failure::Deferred { .. }) {
            let change = self.agents[agent].facet(facet).pending[0].change.id;
            let mut outcomes = BTreeMap::from([(change, Err(failure.clone()))]);
            self.agent_answered(answered, agent, changes, &mut outcomes);
            return;
        }
        for place in 0..changes {
            let pending = &self.agents[agent].facet(facet).pending[place];
            let (change, stage) = (pending.change.id, answered.attempt(pending.attempts, Err(failure.clone())));
            let recorded = self.note_and_wait(now, agent, change, stage);
            self.agents[agent].facet_mut(facet).pending[place].recorded = recorded;
        }
        match failure {
            Failure::Refused { .. } => self.agents[agent].halved += 1,
            Failure::Deferred { .. } => {
                // The platform is busy with one of them, and does not say with whom.
                self.agents[agent].halved += 1;
                self.rest_agent(now, agent, DEFERRED, false);
            }
            Failure::Unavailable { maybe_applied: true, .. } => {
                self.counters.figures.ambiguous += changes as u64;
                self.plan_verify(agent, now.instant + FIRST_LOOK);
            }
            Failure::Unavailable { maybe_applied: false, .. }
            | Failure::Throttled { .. }
            | Failure::Unauthorized { .. }
            | Failure::Unsupported { .. } => {}
        }
        self.go_on(now, agent);
    }

    /// The request was taken: each change of this agent has its own outcome.
    fn agent_answered(
        &mut self,
        answered: &Answered<'_>,
        agent: usize,
        changes: usize,
        outcomes: &mut BTreeMap<ChangeId, Result<(), Failure>>,
    ) {
        let Answered { now, lane, .. } = *answered;
        let facet = lane.facet;
        self.agents[agent].phase = Phase::Ready;
        self.count_wrong(now, agent, facet);
        let sent: Vec<Pending> = self.agents[agent].facet_mut(facet).pending.drain(..changes).collect();
        let newest = sent.last().map(|pending| pending.change.id);
        let more = !self.agents[agent].facet(facet).pending.is_empty();
        let mut again = Vec::new();
        let mut worst = None;
        for mut pending in sent {
            let id = pending.change.id;
            let missing = || Err(Failure::Deferred { reason: "the answer does not mention it".to_owned() });
            let outcome = outcomes.remove(&id).unwrap_or_else(missing);
            let stage = answered.attempt(pending.attempts, outcome.clone());
            let Err(failure) = outcome else {
                self.agents[agent].facet_mut(facet).accepted(&pending.change, now.utc);
                self.derive(agent, pending.change.to);
                self.agents[agent].last_success = Some(now.utc);
                self.counters.delivered(now.utc, &pending.change);
                self.note(now, agent, id, stage);
                continue;
            };
            let refused = matches!(failure, Failure::Refused { .. });
            // What ends NOT_RESPONDING is refused where that is not shown any more: it is read back, and not insisted on.
            let insists = lane.takes != Takes::EndOfNotResponding;
            if refused && (more || newest != Some(id) || !insists) {
                self.counters.refused += 1;
                self.note(now, agent, id, stage);
                self.note(now, agent, id, Stage::Dropped { reason: failure.to_string() });
            } else {
                pending.refused = refused;
                pending.recorded = self.note_and_wait(now, agent, id, stage);
                again.push(pending);
            }
            worst = Some(failure);
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
            Some(failure) => self.agent_failed(answered, agent, failure),
        }
        self.go_on(now, agent);
    }

    /// What was under way is not any more: what failed goes again, unless the agent left meanwhile.
    fn go_on(&mut self, now: Now, agent: usize) {
        let record = &self.agents[agent];
        match (record.is_replicated(), record.in_scope) {
            (true, _) => self.enqueue(agent),
            (false, true) => self.forget_pending(now, agent, "the agent has no cloud user"),
            (false, false) => self.forget_pending(now, agent, "the agent left the scope"),
        }
    }

    fn agent_failed(&mut self, answered: &Answered<'_>, agent: usize, failure: Failure) {
        let Answered { now, token, lane, .. } = *answered;
        let facet = lane.facet;
        let id = self.agents[agent].agent.id.clone();
        match &failure {
            Failure::Refused { reason } => {
                self.agents[agent].error = Some(reason.clone());
                self.notices.push_back(Notice::Refused { agent: id, facet, reason: reason.clone() });
                let still = self.agents[agent].facet(facet).pending.iter().any(|pending| pending.refused);
                if lane.takes == Takes::EndOfNotResponding {
                    self.plan_verify(agent, now.instant + FIRST_LOOK);
                }
                self.rest_agent(now, agent, Backoff::AGENT, still);
            }
            Failure::Unsupported { reason } => self.unsupported(now, token, lane, reason.clone()),
            Failure::Deferred { reason } => {
                if self.agents[agent].failures >= LASTING {
                    self.agents[agent].error = Some(reason.clone());
                }
                self.plan_verify(agent, now.instant + SECOND_LOOK);
                self.rest_agent(now, agent, DEFERRED, false);
            }
            Failure::Throttled { .. } | Failure::Unavailable { .. } | Failure::Unauthorized { .. } => {
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

    fn supported(&mut self, token: usize, lane: Lane) {
        let woken = self.lanes.iter_mut().any(|waiting| waiting.is_of(token, lane) && waiting.wake());
        if woken {
            if !self.is_unsupported(lane) {
                self.notices.push_back(Notice::Supported(lane.facet));
            }
            for agent in 0..self.agents.len() {
                self.enqueue(agent);
            }
        }
    }

    fn unsupported(&mut self, now: Now, token: usize, lane: Lane, reason: String) {
        let told = self.is_unsupported(lane);
        let Some(waiting) = self.lanes.iter_mut().find(|waiting| waiting.is_of(token, lane)) else { return };
        let news = !waiting.is_unsupported();
        waiting.rest(now.instant);
        if news {
            if !told {
                self.notices.push_back(Notice::Unsupported { facet: lane.facet, reason });
            }
            // Whoever waits for this lane with something else to say goes there.
            for agent in 0..self.agents.len() {
                self.enqueue(agent);
            }
        }
    }

    /// Whether the platform does not support a lane, as far as any token knows.
    fn is_unsupported(&self, lane: Lane) -> bool {
        self.lanes.iter().any(|waiting| waiting.lane == lane && waiting.is_unsupported())
    }
}
