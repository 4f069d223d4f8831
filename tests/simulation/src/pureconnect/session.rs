//! One session with PureConnect: whether there is one, what it has to tell and has not told yet, and in which clock.

use std::collections::{BTreeSet, VecDeque};

use domain::ids::{AgentId, InteractionId};
use domain::source::{Agent, Interaction, Update, UserStatus};
use jiff::Timestamp;

use super::{Part, Person};

/// A message on its way to the bridge.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// When it is there.
    pub at: u64,
    /// What it says.
    pub updates: Vec<Update>,
}

/// The session of the moment.
#[derive(Debug, Default)]
pub struct Session {
    /// Its number; 0 before the first.
    pub number: u64,
    /// Whether there is one, as PureConnect sees it.
    pub up: bool,
    /// Whether the bridge was told that it is gone.
    pub told_lost: bool,
    /// Whether the bridge has taken over a picture of it: before that it knows nothing of what happened meanwhile.
    pub taken: bool,
    /// The server's clock minus the bridge's, as measured at logon, in milliseconds.
    measured: i64,
    /// Whom it has shown: nothing is told of anybody else.
    shown: BTreeSet<AgentId>,
    /// What is on its way, in order.
    pub outgoing: VecDeque<Outgoing>,
}

impl Session {
    /// A new one.
    pub fn begin(&mut self, measured: i64) {
        self.number += 1;
        self.up = true;
        self.told_lost = false;
        self.taken = false;
        self.measured = measured;
        self.shown.clear();
        self.outgoing.clear();
    }

    /// It breaks: what is on its way is lost.
    pub fn break_off(&mut self) {
        self.up = false;
        self.outgoing.clear();
    }

    /// It has shown these, and watches them from now on.
    pub fn show(&mut self, agents: &[Agent]) {
        self.shown = agents.iter().map(|agent| agent.id.clone()).collect();
    }

    /// Whether it has shown an agent.
    #[must_use]
    pub fn shows(&self, agent: &AgentId) -> bool {
        self.shown.contains(agent)
    }

    /// Puts something on its way; it does not overtake. Returns when it is there. Before the first picture, and of whom
    /// that did not show, nothing is told.
    pub fn send(&mut self, at: u64, mut updates: Vec<Update>) -> Option<u64> {
        if !self.up || self.shown.is_empty() {
            return None;
        }
        for update in &updates {
            if let Update::Agents(agents) | Update::Rescoped(agents) = update {
                self.show(agents);
            }
        }
        updates.retain(|update| match update {
            Update::Status(agent, _) | Update::Interaction(agent, _) | Update::InteractionLeft(agent, _) => {
                self.shown.contains(agent)
            }
            Update::Catalogue(_) | Update::Workgroups(_) | Update::Agents(_) | Update::Rescoped(_) => true,
        });
        if updates.is_empty() {
            return None;
        }
        let at = self.outgoing.back().map_or(at, |last| last.at.max(at));
        self.outgoing.push_back(Outgoing { at, updates });
        Some(at)
    }

    /// Everything that is there by now.
    pub fn arrived(&mut self, now: u64) -> Vec<Update> {
        let mut updates = Vec::new();
        while let Some(first) = self.outgoing.pop_front_if(|first| first.at <= now) {
            updates.extend(first.updates);
        }
        updates
    }

    /// An agent's status as this session shows it.
    #[must_use]
    pub fn status(&self, person: &Person) -> UserStatus {
        UserStatus {
            status: person.status.into(),
            since: Some(self.corrected(person.since)),
            logged_in: person.logged_in,
            until: person.until.map(|until| self.corrected(until)),
        }
    }

    pub(super) fn interaction(&self, id: u32, part: &Part) -> Interaction {
        Interaction {
            id: self.interaction_id(id),
            involvement: part.involvement,
            acd: part.acd,
            since: Some(self.corrected(part.since)),
        }
    }

    pub(super) fn interaction_id(&self, id: u32) -> InteractionId {
        InteractionId::new(&format!("{id}"))
    }

    /// The server's seconds on the bridge's clock.
    fn corrected(&self, seconds: i64) -> Timestamp {
        Timestamp::from_millisecond(seconds * 1_000 - self.measured).expect("a time of this century")
    }
}
