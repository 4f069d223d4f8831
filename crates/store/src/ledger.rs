//! What the writing side knows by heart, and what a group of entries does to it. Plain values: nothing here waits.

use std::collections::{BTreeMap, BTreeSet};

use domain::change::{Facet, Value};
use jiff::Timestamp;
use replicator::ports::Entry;
use uuid::Uuid;

use crate::chain::Chain;
use crate::line;
use crate::row::{Kind, Row};

/// Where the log of a link ends, and what is open in it.
#[derive(Debug)]
pub(crate) struct Ledger {
    pub link: i64,
    pub epoch: u64,
    pub head: u64,
    pub chain: Chain,
    /// By name in lower case.
    pub agents: BTreeMap<String, KnownAgent>,
    /// Changes neither accepted nor dropped: whose, and what is told when one is accepted.
    pub open: BTreeMap<Uuid, Open>,
}

/// An agent that the log has met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KnownAgent {
    pub agent: i64,
    /// As it was written first, which is how the log writes it ever after.
    pub name: String,
}

/// A change that is not settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Open {
    pub agent: i64,
    pub to: Value,
    pub happened: Timestamp,
}

/// Entries that are kept together, and what they do to the tables beside the log.
#[derive(Debug)]
pub(crate) struct Group {
    /// The head before.
    pub after: u64,
    pub rows: Vec<Placed>,
    pub new_agents: Vec<NewAgent>,
    /// Changes and gaps that begin here and do not end here, with the number of their first entry.
    pub opened: BTreeMap<Uuid, u64>,
    /// Changes and gaps that began before and end here.
    pub settled: BTreeSet<Uuid>,
    pub standings: BTreeMap<(i64, Facet), Standing>,
}

/// A row with what the database adds to it.
#[derive(Debug)]
pub(crate) struct Placed {
    pub row: Row,
    pub agent: Option<i64>,
    pub chain: Chain,
}

/// An agent that the log had not met.
#[derive(Debug)]
pub(crate) struct NewAgent {
    pub agent: i64,
    pub key: String,
    pub name: String,
}

/// What one facet of one agent was told last, as far as a group says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Standing {
    pub told: Option<(Value, Timestamp)>,
    pub newest: Option<Timestamp>,
}

impl Standing {
    /// Takes over what happened later.
    pub(crate) fn tell(&mut self, value: Value, happened: Timestamp) {
        if self.told.is_none_or(|(_, before)| happened >= before) {
            self.told = Some((value, happened));
        }
    }

    /// Takes over what is newer.
    pub(crate) fn renew(&mut self, happened: Timestamp) {
        self.newest = self.newest.max(Some(happened));
    }
}

impl Ledger {
    /// An empty group that follows what there is.
    pub(crate) fn group(&self) -> Group {
        Group {
            after: self.head,
            rows: Vec::new(),
            new_agents: Vec::new(),
            opened: BTreeMap::new(),
            settled: BTreeSet::new(),
            standings: BTreeMap::new(),
        }
    }

    /// Adds an entry with the next number.
    pub(crate) fn enter(&mut self, group: &mut Group, entry: Entry) {
        let mut row = Row::new(self.head + 1, self.epoch, entry);
        // The hash is over what will be read again.
        if let Some(name) = &mut row.agent
            && let Some(known) = self.agents.get(&name.to_lowercase())
        {
            name.clone_from(&known.name);
        }
        self.chain = self.chain.with(&line::encode(&row));
        self.head = row.number;
        self.place(group, row);
    }

    /// Adds a row that has its number already. The chain up to it has been seen to.
    pub(crate) fn place(&mut self, group: &mut Group, row: Row) {
        let agent = row.agent.as_deref().map(|name| self.agent(group, name));
        if let Some(subject) = row.subject {
            self.settle(group, &row, subject, agent);
        }
        group.rows.push(Placed { row, agent, chain: self.chain });
    }

    /// The number of an agent, which is new where the name is.
    pub(crate) fn agent(&mut self, group: &mut Group, name: &str) -> i64 {
        let key = name.to_lowercase();
        if let Some(known) = self.agents.get(&key) {
            return known.agent;
        }
        let agent = i64::try_from(self.agents.len()).expect("fewer agents than bytes of memory") + 1;
        let name = name.to_owned();
        self.agents.insert(key.clone(), KnownAgent { agent, name: name.clone() });
        group.new_agents.push(NewAgent { agent, key, name });
        agent
    }

    fn settle(&mut self, group: &mut Group, row: &Row, subject: Uuid, agent: Option<i64>) {
        match row.kind {
            Kind::Recorded => {
                group.opened.insert(subject, row.number);
                if let (Some(agent), Some((facet, to, happened))) = (agent, row.told()) {
                    self.open.insert(subject, Open { agent, to, happened });
                    group.standings.entry((agent, facet)).or_default().renew(happened);
                }
            }
            Kind::Accepted => {
                if let Some(Open { agent, to, happened }) = self.open.remove(&subject) {
                    group.standings.entry((agent, to.facet())).or_default().tell(to, happened);
                }
                group.close(subject);
            }
            Kind::Dropped => {
                self.open.remove(&subject);
                group.close(subject);
            }
            Kind::GapBegan => {
                group.opened.insert(subject, row.number);
            }
            Kind::GapEnded => group.close(subject),
            Kind::Failed
            | Kind::Resumed
            | Kind::Alive
            | Kind::Confirmed
            | Kind::Claimed
            | Kind::Released
            | Kind::Entered
            | Kind::Renewed => {}
        }
    }
}

impl Group {
    fn close(&mut self, subject: Uuid) {
        if self.opened.remove(&subject).is_none() {
            self.settled.insert(subject);
        }
    }
}
