//! A period of a journal: for how long which agents would have had another presence by other rules.
//!
//! Compared is what was decided then with what the new rules would have decided for the same status message. Journals that
//! say nothing of the status message, as older programs wrote them, are counted and not guessed at.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::time::Duration;

use domain::ids::{AgentId, StatusId};
use domain::source::Catalogue;
use domain::target::SystemPresence;
use jiff::Timestamp;
use mapping::{Landing, Rules};
use store::{Interval, Period, Reader};

use crate::exit::Failed;

/// The period that is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Its beginning.
    pub from: Timestamp,
    /// Its end.
    pub to: Timestamp,
    /// Nobody named one.
    pub is_yesterday: bool,
}

/// Time and changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Amount {
    /// For how long, of all agents together.
    pub time: Duration,
    /// In how many changes.
    pub changes: u64,
}

/// What one status message was, and would have been.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// The status message.
    pub status: StatusId,
    /// The presence that was decided.
    pub was: String,
    /// The rule that decided it.
    pub was_by: String,
    /// The presence that the new rules would have decided.
    pub then: String,
    /// The rule that would have.
    pub then_by: String,
}

/// One agent's period.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AgentPast {
    /// What the journal says of the agent.
    pub all: Amount,
    /// What would have been different, by what it was and what it would have been.
    pub different: BTreeMap<(String, String), Amount>,
}

/// A period of one journal or of several.
#[derive(Debug)]
pub struct Past {
    /// The period.
    pub span: Span,
    /// Which journals.
    pub journals: Vec<String>,
    /// Everything that they say of the period.
    pub all: Amount,
    /// What would have been different, with the agents whom it concerns.
    pub different: BTreeMap<Difference, (Amount, BTreeSet<AgentId>)>,
    /// Each agent.
    pub agents: BTreeMap<AgentId, AgentPast>,
    /// What the configuration decided before the rules did: logged out, or did not answer.
    pub fixed: Amount,
    /// Intervals of which the journal does not say the status message or the presence.
    pub unrecorded: Amount,
    /// Changes of which the status message is not in the catalogue.
    pub unknown: Amount,
    /// Which those are.
    pub unknown_statuses: BTreeSet<StatusId>,
    landings: BTreeMap<StatusId, (Landing, Landing)>,
}

/// What the rules had to say in an interval.
enum Verdict {
    Same,
    Different(Difference),
    Fixed,
    Unrecorded,
    Unknown(StatusId),
}

impl Past {
    /// A period that nothing is known of yet.
    pub fn new(old: &Rules, new: &Rules, catalogue: &Catalogue, span: Span) -> Self {
        let landings = catalogue.iter().map(|status| (status.id.clone(), (old.land(status), new.land(status))));
        Self {
            span,
            journals: Vec::new(),
            all: Amount::default(),
            different: BTreeMap::new(),
            agents: BTreeMap::new(),
            fixed: Amount::default(),
            unrecorded: Amount::default(),
            unknown: Amount::default(),
            unknown_statuses: BTreeSet::new(),
            landings: landings.collect(),
        }
    }

    /// Reads what a journal says of the period. It ends where the journal does: nobody knows what came after.
    pub async fn read(&mut self, reader: &mut Reader, name: String, alive: Option<Timestamp>) -> Result<(), Failed> {
        let end = alive.map_or(self.span.to, |alive| alive.min(self.span.to));
        let period = Period { from: Some(self.span.from), until: Some(self.span.to) };
        let read = reader.intervals(period, |interval| {
            self.add(&interval, end);
            ControlFlow::Continue(())
        });
        read.await?;
        self.journals.push(name);
        Ok(())
    }

    /// Takes an interval as far as it lies in the period.
    pub fn add(&mut self, interval: &Interval, end: Timestamp) {
        let from = interval.from.max(self.span.from);
        let to = interval.until.unwrap_or(end).min(self.span.to);
        let Some(time) = Duration::try_from(to.duration_since(from)).ok().filter(|time| !time.is_zero()) else {
            return;
        };
        let agent = self.agents.entry(interval.agent.clone()).or_default();
        agent.all.add(time);
        self.all.add(time);
        match judge(&self.landings, interval) {
            Verdict::Same => {}
            Verdict::Fixed => self.fixed.add(time),
            Verdict::Unrecorded => self.unrecorded.add(time),
            Verdict::Unknown(status) => {
                self.unknown.add(time);
                self.unknown_statuses.insert(status);
            }
            Verdict::Different(difference) => {
                let what = (difference.was.clone(), difference.then.clone());
                agent.different.entry(what).or_default().add(time);
                let (amount, agents) = self.different.entry(difference).or_default();
                amount.add(time);
                agents.insert(interval.agent.clone());
            }
        }
    }

    /// Everything that would have been different.
    pub fn total(&self) -> Amount {
        self.different.values().fold(Amount::default(), |sum, (amount, _)| sum.and(*amount))
    }
}

fn judge(landings: &BTreeMap<StatusId, (Landing, Landing)>, interval: &Interval) -> Verdict {
    let (Some(status), Some(decided)) = (&interval.status, interval.presence) else { return Verdict::Unrecorded };
    let Some((old, new)) = landings.get(status) else { return Verdict::Unknown(status.clone()) };
    let is_offline = decided.system == SystemPresence::Offline;
    // Of a status that made no difference to the presence, the journal names no rule.
    let difference = |was: String, unnamed: &str| {
        Verdict::Different(Difference {
            status: status.clone(),
            was,
            was_by: interval.rule.as_deref().unwrap_or(unnamed).to_owned(),
            then: new.presence.clone(),
            then_by: new.mapped.rule.to_string(),
        })
    };
    // The old rules decided it: a presence of the organisation is known by its rule where it could not be looked up.
    let by_old = match &interval.rule {
        Some(rule) if old.unresolved => *rule == *old.mapped.rule,
        None if old.unresolved => !is_offline,
        Some(_) | None => decided == old.mapped.presence,
    };
    if by_old {
        return if old.has_presence_of(new) {
            Verdict::Same
        } else {
            difference(old.presence.clone(), &old.mapped.rule)
        };
    }
    let did_not_answer = decided.is_on_queue() && mapping::default_no_answer().contains(status);
    if is_offline || did_not_answer {
        return Verdict::Fixed;
    }
    // Rules or status message were others then.
    if !new.unresolved && new.mapped.presence == decided {
        Verdict::Same
    } else {
        difference(decided.to_string(), "not recorded")
    }
}

impl Amount {
    fn add(&mut self, time: Duration) {
        self.time += time;
        self.changes += 1;
    }

    fn and(self, other: Self) -> Self {
        Self { time: self.time + other.time, changes: self.changes + other.changes }
    }
}

impl AgentPast {
    /// Everything that would have been different.
    pub fn total(&self) -> Amount {
        self.different.values().fold(Amount::default(), |sum, amount| sum.and(*amount))
    }
}
