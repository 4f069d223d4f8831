//! A model of the journal: entries are kept when it says so, all of a batch or none, and a start is told what they come
//! to. Written from the contract of the port, apart from the real one.
//!
//! The books are kept twice: as they were handed out, and as they are durable. A crash leaves the second.

use std::collections::BTreeMap;

use domain::change::{Change, Facet, Value};
use domain::ids::{ChangeId, CloudUserId, GapId};
use domain::trust::Gap;
use jiff::Timestamp;
use replicator::ports::{Entry, Fact, Failure, Memory, Remembered, Stage};

use crate::pureconnect::{agent, number};

/// Where a change stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// Neither delivered nor dropped.
    Pending,
    /// Accepted.
    Delivered,
    /// Not to be sent any more.
    Dropped(String),
}

/// The life of a change, as the entries tell it.
#[derive(Debug, Clone)]
pub struct Life {
    /// Whose.
    pub agent: usize,
    /// The change.
    pub change: Change,
    /// Its place among all changes.
    pub version: u64,
    /// How often it might be sent by what is written: recorded, failed, resumed.
    pub intents: u32,
    /// The number of the last attempt.
    pub attempts: u32,
    /// Whether an attempt was refused.
    pub refused: bool,
    /// Where it stands.
    pub end: End,
}

/// One facet of one agent.
#[derive(Debug, Clone, Default)]
pub struct Line {
    /// What has yet to be told, in the order of recording.
    pub pending: Vec<ChangeId>,
    /// What was accepted and happened last.
    pub told: Option<(Value, Timestamp)>,
    /// When the newest change happened.
    pub newest: Option<Timestamp>,
}

/// What some entries come to.
#[derive(Debug, Clone, Default)]
pub struct Books {
    /// Every change.
    pub lives: BTreeMap<ChangeId, Life>,
    /// Every facet of every agent.
    pub lines: BTreeMap<(usize, Facet), Line>,
    /// Every gap.
    pub gaps: BTreeMap<GapId, Gap>,
    /// Users whom our source was made the primary one of, and for which agent.
    pub claimed: BTreeMap<CloudUserId, usize>,
    /// When the last entry was written.
    pub alive: Option<Timestamp>,
    /// How many entries there are.
    pub entries: u64,
}

impl Books {
    /// Takes an entry. An error says which rule of a journal it breaks.
    pub fn take(&mut self, entry: &Entry) -> Result<(), String> {
        self.entries += 1;
        self.alive = Some(entry.at);
        match &entry.fact {
            Fact::Change { agent, change, stage } => self.take_stage(number(agent), *change, stage),
            Fact::GapBegan(gap) => {
                let known = self.gaps.insert(gap.id, gap.clone());
                if known.is_some() { Err(format!("the gap {} begins twice", gap.id)) } else { Ok(()) }
            }
            Fact::GapEnded { gap, until } => match self.gaps.get_mut(gap) {
                Some(gap) if gap.until.is_none() => {
                    gap.until = Some(*until);
                    Ok(())
                }
                Some(_) | None => Err(format!("the gap {gap} ends and is not open")),
            },
            Fact::Claimed { agent, user } => {
                self.claimed.insert(*user, number(agent));
                Ok(())
            }
            Fact::Released { agent, user } => match self.claimed.remove(user) {
                Some(claimed) if claimed == number(agent) => Ok(()),
                other => Err(format!("{user} of {agent} is given back and was claimed for {other:?}")),
            },
            Fact::Alive | Fact::Entered { .. } | Fact::Confirmed { .. } | Fact::Renewed { .. } => Ok(()),
        }
    }

    fn take_stage(&mut self, agent: usize, id: ChangeId, stage: &Stage) -> Result<(), String> {
        if let Stage::Recorded(change) = stage {
            return self.record(agent, id, change);
        }
        let Some(life) = self.lives.get_mut(&id) else { return Err(format!("{id} is told of and was not recorded")) };
        if life.end != End::Pending {
            return Err(format!("{id} was {:?} and goes on: {stage:?}", life.end));
        }
        match stage {
            Stage::Recorded(_) => {}
            Stage::Resumed => life.intents += 1,
            Stage::Attempted(attempt) => {
                if attempt.number != life.attempts + 1 {
                    return Err(format!("attempt {} of {id} follows attempt {}", attempt.number, life.attempts));
                }
                life.attempts = attempt.number;
                life.refused |= matches!(attempt.outcome, Err(Failure::Refused { .. }));
                if attempt.outcome.is_ok() {
                    self.settle(id, End::Delivered);
                } else {
                    life.intents += 1;
                }
            }
            Stage::Dropped { reason } => self.settle(id, End::Dropped(reason.clone())),
        }
        Ok(())
    }

    fn record(&mut self, agent: usize, id: ChangeId, change: &Change) -> Result<(), String> {
        let version = self.lives.len() as u64;
        let life =
            Life { agent, change: change.clone(), version, intents: 1, attempts: 0, refused: false, end: End::Pending };
        if self.lives.insert(id, life).is_some() {
            return Err(format!("{id} is recorded twice"));
        }
        let line = self.lines.entry((agent, change.to.facet())).or_default();
        line.pending.push(id);
        line.newest = line.newest.max(Some(change.happened));
        Ok(())
    }

    fn settle(&mut self, id: ChangeId, end: End) {
        let Some(life) = self.lives.get_mut(&id) else { return };
        let line = self.lines.entry((life.agent, life.change.to.facet())).or_default();
        line.pending.retain(|pending| *pending != id);
        if end == End::Delivered && line.told.is_none_or(|(_, at)| life.change.happened >= at) {
            line.told = Some((life.change.to, life.change.happened));
        }
        life.end = end;
    }

    /// The value that a facet will have when everything pending is told.
    #[must_use]
    pub fn target(&self, agent: usize, facet: Facet) -> Option<Value> {
        let line = self.lines.get(&(agent, facet))?;
        let last = line.pending.last().and_then(|last| self.lives.get(last));
        let last = last.map(|life| (life.change.to, life.change.happened));
        match (last, line.told) {
            (Some((_, pending)), Some((told, at))) if at >= pending => Some(told),
            (Some((value, _)), _) | (None, Some((value, _))) => Some(value),
            (None, None) => None,
        }
    }

    /// What a start is told.
    #[must_use]
    pub fn memory(&self) -> Memory {
        let pending = |line: &Line| {
            let lives = line.pending.iter().filter_map(|id| self.lives.get(id));
            lives.map(|life| (life.change.clone(), life.attempts)).collect()
        };
        let remembered = self.lines.iter().map(|((who, facet), line)| Remembered {
            agent: agent(*who),
            facet: *facet,
            told: line.told,
            newest: line.newest,
            pending: pending(line),
        });
        Memory {
            facets: remembered.collect(),
            gaps: self.gaps.values().filter(|gap| gap.until.is_none()).cloned().collect(),
            claimed: self.claimed.iter().map(|(user, who)| (agent(*who), *user)).collect(),
            alive: self.alive,
        }
    }
}

/// The journal of a run.
#[derive(Debug, Default)]
pub struct Journal {
    /// As the entries were handed out.
    pub noted: Books,
    /// As they are on the disk.
    pub durable: Books,
    writing: Option<Vec<Entry>>,
}

impl Journal {
    /// Entries that were noted are handed over to be written.
    pub fn write(&mut self, entries: Vec<Entry>) -> Result<(), String> {
        let two = self.writing.replace(entries).is_some();
        if two { Err("two batches are written at once".to_owned()) } else { Ok(()) }
    }

    /// What was handed over is on the disk.
    pub fn keep(&mut self) -> Result<(), String> {
        let entries = self.writing.take().unwrap_or_default();
        entries.iter().try_for_each(|entry| self.durable.take(entry))
    }

    /// The process ends; what was being written is kept or not, as a whole.
    pub fn crash(&mut self, kept: bool) -> Result<(), String> {
        let result = if kept { self.keep() } else { Ok(()) };
        self.writing = None;
        self.noted = self.durable.clone();
        result
    }
}
