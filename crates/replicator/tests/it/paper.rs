//! A journal on paper: what was written to it, what it remembers, and whether it knew of everything that was sent.

use std::collections::BTreeMap;

use domain::change::Facet;
use domain::ids::{AgentId, ChangeId, CloudUserId, GapId};
use domain::trust::{Gap, GapKind};
use replicator::ports::{Entry, Fact, Memory, Remembered, Stage};

/// Everything that was written.
#[derive(Debug, Default)]
pub struct Paper {
    pub entries: Vec<Entry>,
    /// How often each change may have been sent by what was written, less how often it was.
    leave: BTreeMap<ChangeId, usize>,
}

impl Paper {
    /// Writes entries.
    pub fn write(&mut self, entries: &[Entry]) {
        for entry in entries {
            if let Fact::Change { change, stage, .. } = &entry.fact {
                let leads_to_an_attempt = match stage {
                    Stage::Recorded(_) | Stage::Resumed => true,
                    Stage::Attempted(attempt) => attempt.outcome.is_err(),
                    Stage::Dropped { .. } => false,
                };
                *self.leave.entry(*change).or_default() += usize::from(leads_to_an_attempt);
            }
            self.entries.push(entry.clone());
        }
    }

    /// A change is sent.
    pub fn send(&mut self, change: ChangeId) {
        let leave = self.leave.get_mut(&change).filter(|leave| **leave > 0);
        *leave.expect("an attempt that the journal did not know of") -= 1;
    }

    /// What the next start is to know.
    pub fn memory(&self) -> Memory {
        let mut facets: BTreeMap<(AgentId, Facet), Remembered> = BTreeMap::new();
        let mut facet_of = BTreeMap::new();
        for entry in &self.entries {
            let Fact::Change { agent, change, stage } = &entry.fact else { continue };
            if let Stage::Recorded(whole) = stage {
                facet_of.insert(*change, whole.to.facet());
            }
            let facet = facet_of[change];
            let empty = || Remembered { agent: agent.clone(), facet, told: None, newest: None, pending: Vec::new() };
            let remembered = facets.entry((agent.clone(), facet)).or_insert_with(empty);
            let place = remembered.pending.iter().position(|(pending, _)| pending.id == *change);
            match (stage, place) {
                (Stage::Recorded(whole), _) => {
                    remembered.newest = remembered.newest.max(Some(whole.happened));
                    remembered.pending.push((whole.clone(), 0));
                }
                (Stage::Attempted(attempt), Some(place)) if attempt.outcome.is_ok() => {
                    let (change, _) = remembered.pending.remove(place);
                    if remembered.told.is_none_or(|(_, at)| change.happened > at) {
                        remembered.told = Some((change.to, change.happened));
                    }
                }
                (Stage::Attempted(attempt), Some(place)) => remembered.pending[place].1 = attempt.number,
                (Stage::Dropped { .. }, Some(place)) => {
                    remembered.pending.remove(place);
                }
                (Stage::Resumed, Some(_)) => {}
                (stage, None) => panic!("{stage:?} after the end of a change"),
            }
        }
        let gaps = self.gaps().into_iter().filter(|gap| gap.until.is_none()).collect();
        let alive = self.entries.last().map(|entry| entry.at);
        Memory { facets: facets.into_values().collect(), gaps, claimed: self.claimed(), alive }
    }

    /// Users who were claimed and not given back.
    pub fn claimed(&self) -> Vec<(AgentId, CloudUserId)> {
        let mut claimed: BTreeMap<CloudUserId, AgentId> = BTreeMap::new();
        for entry in &self.entries {
            match &entry.fact {
                Fact::Claimed { agent, user } => {
                    claimed.insert(*user, agent.clone());
                }
                Fact::Released { user, .. } => {
                    claimed.remove(user);
                }
                Fact::Change { .. }
                | Fact::GapBegan(_)
                | Fact::GapEnded { .. }
                | Fact::Entered { .. }
                | Fact::Alive
                | Fact::Confirmed { .. }
                | Fact::Renewed { .. } => {}
            }
        }
        claimed.into_iter().map(|(user, agent)| (agent, user)).collect()
    }

    /// All gaps, in the order in which they began.
    pub fn gaps(&self) -> Vec<Gap> {
        let mut gaps: Vec<Gap> = Vec::new();
        for entry in &self.entries {
            match &entry.fact {
                Fact::GapBegan(gap) => gaps.push(gap.clone()),
                Fact::GapEnded { gap, until } => end(&mut gaps, *gap, *until),
                Fact::Change { .. }
                | Fact::Alive
                | Fact::Claimed { .. }
                | Fact::Entered { .. }
                | Fact::Released { .. }
                | Fact::Confirmed { .. }
                | Fact::Renewed { .. } => {}
            }
        }
        gaps
    }

    /// Kinds and seconds of all gaps that have ended.
    pub fn gap_seconds(&self) -> Vec<(GapKind, i64)> {
        let ended = |gap: Gap| Some((gap.kind, gap.until?.duration_since(gap.since).as_secs()));
        self.gaps().into_iter().filter_map(ended).collect()
    }
}

fn end(gaps: &mut [Gap], id: GapId, until: jiff::Timestamp) {
    let gap = gaps.iter_mut().find(|gap| gap.id == id && gap.until.is_none());
    gap.expect("a gap ends once, after it began").until = Some(until);
}
