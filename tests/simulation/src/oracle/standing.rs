//! How things stand between the sides: who is in step, who was given back, and whether the engine says the same.

use domain::change::{Facet, Value};
use domain::target::OutOfOffice;
use jiff::Timestamp;
use replicator::engine::AgentReport;

use super::Oracle;
use crate::cloud::{Organisation, Primary};
use crate::fault::Fault;
use crate::journal::Books;
use crate::reported::Reported;

impl Oracle {
    /// Whether the cloud shows of an agent what was reported.
    #[must_use]
    pub fn is_in_step(&self, who: usize, reported: &Reported, organisation: &Organisation) -> bool {
        if !self.has_user(who) {
            return true;
        }
        if !reported.in_scope(who) {
            return organisation.users[who].primary != Primary::Ours || !self.gives_back();
        }
        let shown = |facet| match reported.wanted(who, facet) {
            Some(Value::Routing(_)) if reported.not_shown(who).is_some() => true,
            Some(wanted) => same(wanted, organisation.value(who, facet), self.utc),
            None => false,
        };
        organisation.is_ours(who) && Facet::ALL.into_iter().all(shown)
    }

    /// Whether the engine says of everybody in scope which routing status cannot be told.
    pub fn agree(&mut self, reported: &Reported, agents: impl Iterator<Item = AgentReport>) {
        for agent in agents {
            let who = crate::pureconnect::number(&agent.agent);
            let expected = reported.not_shown(who);
            if self.is_steady(who) && agent.not_shown != expected {
                let said = agent.not_shown;
                self.fail(format!("P13: of agent {who} {expected:?} cannot be told, and {said:?} is said to be so"));
            }
        }
    }

    /// Whether whoever was given back stays so: directly there is nothing to give back, and a claim that takes its effect
    /// after that is not noticed any more.
    fn gives_back(&self) -> bool {
        !self.direct && !self.has(Fault::AppliedLate) && !self.has(Fault::AppliedTwice)
    }

    /// Whether it does so of everybody, and no logout is held that would change it.
    #[must_use]
    pub fn in_step(&self, reported: &Reported, organisation: &Organisation) -> bool {
        !reported.holds_logouts() && (0..self.agents).all(|who| self.is_in_step(who, reported, organisation))
    }

    /// Whoever was claimed and left the scope was given back, and the journal knows both.
    pub(super) fn given_back(
        &self,
        reported: Option<&Reported>,
        organisation: &Organisation,
        durable: &Books,
    ) -> Result<(), String> {
        let Some(reported) = reported else { return Ok(()) };
        let left = |who: &usize| self.is_steady(*who) && !reported.in_scope(*who);
        if let Some((user, who)) = durable.claimed.iter().find(|(_, who)| left(who)) {
            return Err(format!("agent {who} left the scope and {user} is not given back"));
        }
        let is_ours = |who: &usize| organisation.users[*who].primary == Primary::Ours;
        match (0..self.agents).filter(left).find(is_ours).filter(|_| self.gives_back()) {
            Some(who) => Err(format!("agent {who} left the scope and its user still has our source")),
            None => Ok(()),
        }
    }
}

/// Whether two values are one to people: the end of an out of office counts in seconds, and one that has ended is none.
pub(super) fn same(wanted: Value, shown: Value, now: Timestamp) -> bool {
    let plain = |value: Value| match value {
        Value::OutOfOffice(OutOfOffice::On { until: Some(until) }) if until <= now => {
            Value::OutOfOffice(OutOfOffice::Off)
        }
        Value::OutOfOffice(OutOfOffice::On { until: Some(until) }) => {
            Value::OutOfOffice(OutOfOffice::On { until: Timestamp::from_second(until.as_second()).ok() })
        }
        Value::OutOfOffice(_) | Value::Presence(_) | Value::Routing(_) => value,
    };
    plain(wanted) == plain(shown)
}
