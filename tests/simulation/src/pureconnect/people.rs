//! What people do, and what is done to them: each act changes the truth and says what a session would be told of it.

use domain::source::{Agent, Involvement, Update};

use super::meaning::{CHOSEN, NO_ANSWER};
use super::{Part, PureConnect, UNKNOWN, agent};

/// One message, before it is dressed for a session.
#[derive(Debug, Clone)]
pub enum Told {
    /// An agent's status.
    Status(usize),
    /// An agent's interaction.
    Part(usize, u32),
    /// An agent's interaction that left.
    Left(usize, u32),
    /// The agents in scope.
    Scope,
    /// The status messages.
    Catalogue,
}

impl PureConnect {
    /// Somebody does something, as people do; what is told of it comes together, and each with the status as it was.
    pub fn act(&mut self, now: u64, who: usize, session: &super::Session) -> Vec<Update> {
        let mut updates = Vec::new();
        for told in self.choose(now, who, session, &mut updates) {
            updates.push(self.dress(session, &told));
        }
        updates
    }

    fn choose(&mut self, now: u64, who: usize, session: &super::Session, updates: &mut Vec<Update>) -> Vec<Told> {
        if !self.people[who].logged_in {
            if self.dice.chance(0.7) {
                self.people[who].logged_in = true;
                self.enter(now, who, "Available");
            }
            return vec![Told::Status(who)];
        }
        let alerting = self.people[who].parts.iter().find(|(_, part)| part.involvement == Involvement::Alerting);
        let alerting = alerting.map(|(id, _)| *id);
        let connected = self.people[who].parts.keys().next().copied();
        match (alerting, connected, self.dice.between(0..100)) {
            (Some(id), _, 0..60) => vec![self.set_part(now, who, id, Involvement::Connected)],
            (Some(id), _, 60..75) => self.end_with(now, who, id, NO_ANSWER),
            (Some(id), _, 75..90) => {
                let status = self.dice.one(&CHOSEN);
                self.end_with(now, who, id, status)
            }
            (None, Some(id), 0..40) => vec![self.end(who, id)],
            (None, Some(id), 40..60) => self.end_with(now, who, id, "Follow Up"),
            (_, _, 60..80) => {
                self.next_part += 1;
                let (id, acd) = (self.next_part, self.dice.chance(0.7));
                let since = self.stamp(now);
                self.people[who].parts.insert(id, Part { involvement: Involvement::Alerting, acd, since });
                vec![Told::Part(who, id)]
            }
            (_, _, 90..94) => {
                // Two changes in one second: the first is told as it was.
                let first = self.dice.one(&CHOSEN);
                self.enter(now, who, first);
                updates.push(self.dress(session, &Told::Status(who)));
                let second = self.dice.one(&CHOSEN);
                self.enter(now, who, second);
                vec![Told::Status(who)]
            }
            (_, _, 94..96) => {
                self.people[who].logged_in = false;
                self.enter(now, who, "Gone Home");
                vec![Told::Status(who)]
            }
            (_, _, 96..98) => {
                self.people[who].logged_in = false;
                vec![Told::Status(who)]
            }
            _ => {
                let status = self.dice.one(&CHOSEN);
                self.enter(now, who, status);
                vec![Told::Status(who)]
            }
        }
    }

    fn end(&mut self, who: usize, id: u32) -> Told {
        self.people[who].parts.remove(&id);
        Told::Left(who, id)
    }

    /// An interaction ends and a status follows; the two are told in either order.
    fn end_with(&mut self, now: u64, who: usize, id: u32, status: &'static str) -> Vec<Told> {
        let left = self.end(who, id);
        self.enter(now, who, status);
        if self.dice.chance(0.5) { vec![left, Told::Status(who)] } else { vec![Told::Status(who), left] }
    }

    fn set_part(&mut self, now: u64, who: usize, id: u32, involvement: Involvement) -> Told {
        let since = self.stamp(now);
        if let Some(part) = self.people[who].parts.get_mut(&id) {
            part.involvement = involvement;
            part.since = since;
        }
        Told::Part(who, id)
    }

    /// Somebody enters a status.
    pub fn enter(&mut self, now: u64, who: usize, status: &'static str) {
        let since = self.stamp(now);
        let until = (status == "On Vacation" && self.dice.chance(0.6))
            .then(|| since + self.dice.between(30..4_000).cast_signed());
        let person = &mut self.people[who];
        person.status = status;
        person.since = since;
        person.until = until;
    }

    /// Somebody enters a status that the catalogue does not have, or is back in one that it has.
    pub fn enter_unknown(&mut self, now: u64, who: usize) -> Vec<Told> {
        self.enter(now, who, UNKNOWN);
        vec![Told::Status(who)]
    }

    /// Somebody is logged in or out without a new status.
    pub fn set_logged_in(&mut self, who: usize, logged_in: bool) -> Vec<Told> {
        self.people[who].logged_in = logged_in;
        vec![Told::Status(who)]
    }

    /// An administrator flips *Status allows ACD calls* of *Available, No ACD*, or *is ACW* of *In a meeting*.
    pub fn flip(&mut self) -> Vec<Told> {
        let which = if self.dice.chance(0.5) { "Available, No ACD" } else { "In a meeting" };
        if let Some(message) = self.catalogue.iter_mut().find(|message| message.id.as_str() == which) {
            message.allows_acd = !message.allows_acd;
        }
        vec![Told::Catalogue]
    }

    /// An agent leaves the scope, or comes back to it.
    pub fn move_scope(&mut self, who: usize) -> Vec<Told> {
        self.people[who].in_scope = !self.people[who].in_scope;
        vec![Told::Scope]
    }

    /// What a session is told of the scope that the operator has changed.
    #[must_use]
    pub fn rescope(&self) -> Update {
        Update::Rescoped(self.agents())
    }

    /// Everybody is in a status that the catalogue has, and back in scope where that is wanted. Returns what is told of it.
    pub fn heal(&mut self, now: u64, back_in_scope: bool) -> Vec<Told> {
        let mut told = vec![Told::Scope];
        for who in 0..self.people.len() {
            self.people[who].in_scope |= back_in_scope;
            if self.people[who].status == UNKNOWN {
                self.enter(now, who, "Available");
                told.push(Told::Status(who));
            }
        }
        told
    }

    /// Everything of agents whom a list names and a session has not shown before, as it has to be told with the list.
    #[must_use]
    pub fn introduce(&self, session: &super::Session, list: &[Agent]) -> Vec<Update> {
        let new = list.iter().map(|agent| super::number(&agent.id)).filter(|who| !session.shows(&agent(*who)));
        new.flat_map(|who| {
            let parts = self.people[who].parts.keys().map(move |id| Told::Part(who, *id));
            std::iter::once(Told::Status(who)).chain(parts).map(|told| self.dress(session, &told)).collect::<Vec<_>>()
        })
        .collect()
    }

    /// What a session is told of it.
    #[must_use]
    pub fn dress(&self, session: &super::Session, told: &Told) -> Update {
        match told {
            Told::Status(who) => Update::Status(agent(*who), session.status(&self.people[*who])),
            Told::Part(who, id) => match self.people[*who].parts.get(id) {
                Some(part) => Update::Interaction(agent(*who), session.interaction(*id, part)),
                None => Update::InteractionLeft(agent(*who), session.interaction_id(*id)),
            },
            Told::Left(who, id) => Update::InteractionLeft(agent(*who), session.interaction_id(*id)),
            Told::Scope => Update::Agents(self.agents()),
            Told::Catalogue => Update::Catalogue(self.catalogue.iter().cloned().collect()),
        }
    }
}
