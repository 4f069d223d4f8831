//! The day as a plan: every agent's script merged in order of time, made as it is read.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;

use jiff::Timestamp;

use super::agent::AgentDay;
use super::shifts::shifts;
use crate::icws::{Action, StatusMessage, Until, catalogue};
use crate::population::Person;

/// Something that happens, with times still relative to the beginning of the day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doing {
    /// As it is.
    Act(Action),
    /// A status that lasts until a time.
    StatusUntil {
        /// Who.
        user: String,
        /// Which status.
        status: &'static str,
        /// Until when, after the beginning of the day.
        until: Duration,
    },
}

impl Doing {
    pub(super) fn into_action(self, time: impl Fn(Duration) -> Timestamp) -> Action {
        match self {
            Self::Act(action) => action,
            Self::StatusUntil { user, status, until } => Action::Status {
                user,
                status: status.to_owned(),
                notes: String::new(),
                forward_number: String::new(),
                until: Some(Until { until_date_time: time(until), has_date: true, has_time: true }),
                unlisted: false,
            },
        }
    }

    /// The user whose status this changes, and to which.
    #[must_use]
    pub fn status(&self) -> Option<(&str, &str)> {
        match self {
            Self::Act(Action::Status { user, status, .. }) => Some((user, status)),
            Self::StatusUntil { user, status, .. } => Some((user, status)),
            Self::Act(_) => None,
        }
    }
}

/// What happens at one time, together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// When, after the beginning of the day.
    pub at: Duration,
    /// Whose moment it is; none for the administrator's.
    pub user: Option<String>,
    /// What happens, in this order.
    pub doings: Vec<Doing>,
}

/// A day's moments in order.
pub struct Plan {
    agents: Vec<AgentDay>,
    administrator: VecDeque<Moment>,
    /// Whose turn is when: one entry for each agent who has something to come. The administrator is the last number.
    turns: BinaryHeap<Reverse<(Duration, usize)>>,
}

impl Plan {
    /// Plans the day of these people.
    #[must_use]
    pub fn new(people: &[Person], seed: u64, length: Duration) -> Self {
        let shifts = shifts(people.len(), seed, length);
        let mut agents: Vec<_> = people
            .iter()
            .zip(shifts)
            .enumerate()
            .map(|(place, (person, shift))| AgentDay::new(person, place, shift, seed, length))
            .collect();
        let administrator = edits(length);
        let mut turns = BinaryHeap::new();
        for (number, agent) in agents.iter_mut().enumerate() {
            turns.extend(agent.next_at().map(|at| Reverse((at, number))));
        }
        turns.extend(administrator.front().map(|moment| Reverse((moment.at, agents.len()))));
        Self { agents, administrator, turns }
    }
}

impl Iterator for Plan {
    type Item = Moment;

    fn next(&mut self) -> Option<Moment> {
        let Reverse((_, number)) = self.turns.pop()?;
        let (moment, next) = match self.agents.get_mut(number) {
            Some(agent) => (agent.take(), agent.next_at()),
            None => {
                let moment = self.administrator.pop_front();
                (moment, self.administrator.front().map(|moment| moment.at))
            }
        };
        self.turns.extend(next.map(|at| Reverse((at, number))));
        moment
    }
}

/// The administrator ticks a box, unticks it, and files a status elsewhere.
fn edits(length: Duration) -> VecDeque<Moment> {
    let edit = |at: Duration, id: &str, change: fn(&mut StatusMessage)| {
        let message = catalogue::shipped().into_iter().find(|message| message.status_id == id);
        message.map(|mut message| {
            change(&mut message);
            Moment { at, user: None, doings: vec![Doing::Act(Action::StatusMessage { message })] }
        })
    };
    let edits = [
        edit(length * 5 / 16, "Working at Home", |message| message.is_do_not_disturb_status = true),
        edit(length / 2, "Working at Home", |message| message.is_do_not_disturb_status = false),
        edit(length * 5 / 8, "At Play", |message| message.group_tag = "Break".to_owned()),
    ];
    edits.into_iter().flatten().collect()
}
