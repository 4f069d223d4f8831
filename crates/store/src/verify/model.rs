//! What the entries of a journal may say, one after the other: the rules that the engine keeps, checked from outside.
//!
//! Plain values; remembers what is open, not what is over.

use std::collections::{BTreeMap, BTreeSet};

use domain::change::{Change, Facet, Value};
use domain::ids::{AgentId, ChangeId, CloudUserId, GapId};
use jiff::Timestamp;
use replicator::ports::{Attempt, Fact, Stage};
use uuid::Uuid;

use super::{Findings, Flaw};
use crate::ledger::Standing;
use crate::row::Kept;

/// What the entries so far amount to.
#[derive(Debug)]
pub(super) struct Model {
    pub(super) changes: u64,
    pub(super) requests: u64,
    /// Entries about changes that are not open.
    pub(super) strangers: Vec<(u64, ChangeId)>,
    link_epoch: u64,
    epoch: u64,
    open: BTreeMap<ChangeId, Life>,
    gaps: BTreeMap<GapId, u64>,
    claims: BTreeSet<(AgentId, CloudUserId)>,
    /// Whether the log is there from its beginning on.
    whole: bool,
    facets: BTreeMap<(AgentId, Facet), Standing>,
    /// Of the epoch: when it was sent, and what it carries.
    sent: BTreeMap<u64, (Timestamp, Facet)>,
}

/// A change that is open.
#[derive(Debug)]
struct Life {
    first: u64,
    agent: AgentId,
    to: Value,
    happened: Timestamp,
    attempts: u32,
    /// The epoch in which the next attempt is announced.
    announced: u64,
    /// Whether it may be late: it failed, or a start found it.
    again: bool,
    request: Option<(u64, u64)>,
}

impl Model {
    /// For a link of this epoch, whose log is there from its beginning on or not.
    pub(super) fn new(link_epoch: u64, whole: bool) -> Self {
        Self {
            changes: 0,
            requests: 0,
            strangers: Vec::new(),
            link_epoch,
            epoch: 0,
            open: BTreeMap::new(),
            gaps: BTreeMap::new(),
            claims: BTreeSet::new(),
            whole,
            facets: BTreeMap::new(),
            sent: BTreeMap::new(),
        }
    }

    /// One more entry.
    pub(super) fn take(&mut self, kept: &Kept, found: &mut Findings) {
        self.take_epoch(kept, found);
        match &kept.entry.fact {
            Fact::Change { agent, change, stage } => match stage {
                Stage::Recorded(recorded) => self.recorded(kept, agent, recorded, found),
                Stage::Attempted(attempt) => self.attempted(kept, *change, attempt, found),
                Stage::Resumed => match self.open.get_mut(change) {
                    Some(life) => {
                        life.announced = kept.epoch;
                        life.again = true;
                    }
                    None => self.strangers.push((kept.number, *change)),
                },
                Stage::Dropped { .. } => {
                    if self.open.remove(change).is_none() {
                        self.strangers.push((kept.number, *change));
                    }
                }
            },
            Fact::GapBegan(gap) => {
                if self.gaps.insert(gap.id, kept.number).is_some() {
                    found.add(Some(kept.number), Flaw::Gap, format!("gap {} began before", gap.id));
                }
            }
            Fact::GapEnded { gap, .. } => {
                if self.gaps.remove(gap).is_none() {
                    found.add(Some(kept.number), Flaw::Gap, format!("gap {gap} is not open"));
                }
            }
            Fact::Claimed { agent, user } => {
                // Claimed again: somebody else may have taken it meanwhile.
                self.claims.insert((agent.clone(), *user));
            }
            Fact::Released { agent, user } => {
                if !self.claims.remove(&(agent.clone(), *user)) && self.whole {
                    found.add(Some(kept.number), Flaw::Claim, format!("user {user} of {agent} was not claimed"));
                }
            }
            Fact::Alive | Fact::Entered { .. } | Fact::Confirmed { .. } | Fact::Renewed { .. } => {}
        }
    }

    /// What is open: changes and gaps, with the number of their first entry.
    pub(super) fn unsettled(&self) -> BTreeMap<Uuid, u64> {
        let changes = self.open.iter().map(|(change, life)| (change.0, life.first));
        changes.chain(self.gaps.iter().map(|(gap, number)| (gap.0, *number))).collect()
    }

    /// Whether what is remembered of the facets is what the log says. Where the log has lost its beginning, more may be
    /// remembered than it says.
    pub(super) fn compare(&self, remembered: Vec<((AgentId, Facet), Standing)>, found: &mut Findings) {
        let whole = self.whole;
        let remembered: BTreeMap<_, _> = remembered.into_iter().collect();
        for ((agent, facet), said) in &self.facets {
            let known = remembered.get(&(agent.clone(), *facet)).copied().unwrap_or_default();
            let told = if whole { known.told == said.told } else { covers(known.told, said.told) };
            let newest = if whole { known.newest == said.newest } else { known.newest >= said.newest };
            if !told || !newest {
                let what = format!("what {agent} was told last of {facet} is not what the log says");
                found.add(None, Flaw::State, what);
            }
        }
        for (agent, facet) in remembered.keys().filter(|key| whole && !self.facets.contains_key(key)) {
            let what = format!("the log says nothing of {facet} of {agent}, and something is remembered");
            found.add(None, Flaw::State, what);
        }
    }

    fn take_epoch(&mut self, kept: &Kept, found: &mut Findings) {
        if kept.epoch > self.link_epoch {
            let what = format!("its epoch is {}, and the link is at {}", kept.epoch, self.link_epoch);
            found.add(Some(kept.number), Flaw::Epoch, what);
        }
        if kept.epoch < self.epoch {
            let what = format!("its epoch is {}, after an entry of {}", kept.epoch, self.epoch);
            found.add(Some(kept.number), Flaw::Epoch, what);
        }
        if kept.epoch > self.epoch {
            self.epoch = kept.epoch;
            self.sent.clear();
        }
    }

    fn recorded(&mut self, kept: &Kept, agent: &AgentId, change: &Change, found: &mut Findings) {
        self.changes += 1;
        let standing = self.facets.entry((agent.clone(), change.to.facet())).or_default();
        if standing.newest.is_some_and(|newest| change.happened <= newest) {
            let what = format!("change {} of {agent} did not happen after the one recorded before it", change.id);
            found.add(Some(kept.number), Flaw::HappenedOrder, what);
        }
        standing.renew(change.happened);
        self.open.entry(change.id).or_insert_with(|| Life {
            first: kept.number,
            agent: agent.clone(),
            to: change.to,
            happened: change.happened,
            attempts: 0,
            announced: kept.epoch,
            again: false,
            request: None,
        });
    }

    fn attempted(&mut self, kept: &Kept, change: ChangeId, attempt: &Attempt, found: &mut Findings) {
        let Some(life) = self.open.get_mut(&change) else {
            self.strangers.push((kept.number, change));
            return;
        };
        let mut flaw = |flaw, what: String| found.add(Some(kept.number), flaw, format!("change {change}: {what}"));
        if attempt.number != life.attempts + 1 {
            let what = format!("attempt {} follows attempt {}", attempt.number, life.attempts);
            flaw(Flaw::AttemptNumber, what);
        }
        if life.announced != kept.epoch {
            flaw(Flaw::Unannounced, "it was sent in an epoch that had not resumed it".to_owned());
        }
        if life.request == Some((kept.epoch, attempt.request)) {
            flaw(Flaw::Request, format!("request {} carried it twice", attempt.request));
        }
        let now = (attempt.sent, life.to.facet());
        match self.sent.insert(attempt.request, now) {
            None => self.requests += 1,
            Some(before) if before == now => {}
            Some(_) => {
                flaw(Flaw::Request, format!("request {} was sent before, or has another facet", attempt.request))
            }
        }
        life.attempts = attempt.number;
        life.request = Some((kept.epoch, attempt.request));
        if attempt.outcome.is_err() {
            life.again = true;
            return;
        }
        let standing = self.facets.entry((life.agent.clone(), life.to.facet())).or_default();
        if !life.again && standing.told.is_some_and(|(_, told)| life.happened < told) {
            flaw(Flaw::DeliveredOrder, "one that happened later was accepted before".to_owned());
        }
        standing.tell(life.to, life.happened);
        self.open.remove(&change);
    }
}

fn covers(known: Option<(Value, Timestamp)>, said: Option<(Value, Timestamp)>) -> bool {
    match (known, said) {
        (_, None) => true,
        (Some((_, known_at)), Some((_, said_at))) if known_at > said_at => true,
        (known, said) => known == said,
    }
}
