//! A model of PureConnect: what people do there, and what a session shows of it.
//!
//! Knows the truth and the server's clock. It does not know whether anybody listens: that is `session`'s.

mod meaning;
mod people;
mod session;
mod show;

use std::collections::{BTreeMap, VecDeque};

use domain::ids::AgentId;
use domain::source::{Involvement, StatusMessage};

pub use meaning::{NO_ANSWER, meaning};
pub use session::Session;
pub use show::Kind;

use crate::dice::Dice;

/// 2026-01-05 08:00:00 UTC, in milliseconds: the true time when every run begins.
pub const EPOCH: i64 = 1_767_600_000_000;

/// A status that no catalogue has.
pub const UNKNOWN: &str = "Brand New";

/// One interaction on somebody's queue.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    involvement: Involvement,
    acd: bool,
    /// By the server's clock, in seconds.
    since: i64,
}

/// One agent.
#[derive(Debug, Clone)]
pub struct Person {
    status: &'static str,
    /// By the server's clock, in seconds.
    since: i64,
    logged_in: bool,
    /// By the server's clock, in seconds.
    until: Option<i64>,
    parts: BTreeMap<u32, Part>,
    /// Whether the agent is in scope.
    pub in_scope: bool,
    has_email: bool,
}

/// The system.
#[derive(Debug)]
pub struct PureConnect {
    /// Everybody, by number.
    pub people: Vec<Person>,
    catalogue: Vec<StatusMessage>,
    /// The server's clock against the true time, in milliseconds.
    pub offset: i64,
    next_part: u32,
    /// What was shown some minutes ago.
    before: VecDeque<Vec<Person>>,
    dice: Dice,
}

/// The agent with a number.
#[must_use]
pub fn agent(number: usize) -> AgentId {
    AgentId::new(&format!("agent{number}"))
}

/// The number of an agent.
#[must_use]
pub fn number(agent: &AgentId) -> usize {
    agent.as_str()["agent".len()..].parse().expect("the model names its agents so")
}

impl PureConnect {
    /// Everybody is Available and logged in; some have no e-mail address.
    #[must_use]
    pub fn new(seed: u64, agents: usize, without_email: usize) -> Self {
        let since = EPOCH / 1_000 - 600;
        let person = |number| Person {
            status: "Available",
            since,
            logged_in: true,
            until: None,
            parts: BTreeMap::new(),
            in_scope: true,
            has_email: number >= without_email,
        };
        Self {
            people: (0..agents).map(person).collect(),
            catalogue: meaning::catalogue(),
            offset: 0,
            next_part: 0,
            before: VecDeque::new(),
            dice: Dice::of(seed, "people"),
        }
    }

    /// Remembers what is shown now, for a server that is behind.
    pub fn remember(&mut self) {
        self.before.push_back(self.people.clone());
        if self.before.len() > 4 {
            self.before.pop_front();
        }
    }

    fn stamp(&self, now: u64) -> i64 {
        (EPOCH + now.cast_signed() + self.offset).div_euclid(1_000)
    }
}
