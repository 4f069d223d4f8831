//! How long things take: until everybody is in step again, until a healthy agent's change is delivered, until a
//! regression is repaired; and how much may wait.

use std::collections::BTreeMap;

use domain::change::Facet;
use domain::ids::ChangeId;

use crate::cloud::Applied;
use crate::fault::Fault;
use crate::journal::Books;
use crate::plan::Plan;
use crate::tally::Tally;

/// The most changes that may wait for one facet of one agent.
const MOST_PENDING: usize = 256;

/// After trouble that concerns everybody, back-off may last this long, in milliseconds.
const AFTERMATH: u64 = 150_000;

/// More changes than this are a backlog, and so is what the rate carries in 20 s where that is less.
const BACKLOG: usize = 20;

/// In calm, a healthy agent's change is delivered within this, in milliseconds.
const DELIVERED_WITHIN: u64 = 90_000;

#[derive(Debug)]
pub(super) struct Pace {
    read_back: u64,
    backlog: usize,
    /// Until when delays are nobody's fault.
    disturbed: u64,
    noted: BTreeMap<ChangeId, u64>,
    regressed: BTreeMap<(usize, Facet), u64>,
    active: BTreeMap<Fault, u64>,
    /// Trouble that is over and not yet mended.
    mending: BTreeMap<Fault, u64>,
}

impl Pace {
    pub(super) fn new(plan: &Plan) -> Self {
        Self {
            read_back: u64::try_from(plan.options.read_back.as_millis()).unwrap_or(u64::MAX),
            backlog: BACKLOG.min(in_20_s(plan)),
            disturbed: AFTERMATH,
            noted: BTreeMap::new(),
            regressed: BTreeMap::new(),
            active: BTreeMap::new(),
            mending: BTreeMap::new(),
        }
    }

    /// Until a time, and some more, delays are nobody's fault.
    pub(super) fn disturb(&mut self, until: u64) {
        self.disturbed = self.disturbed.max(until + AFTERMATH);
    }

    pub(super) fn struck(&mut self, now: u64, fault: Fault, until: u64) {
        let lasts = self.active.entry(fault).or_default();
        *lasts = until.max(*lasts);
        if disturbs(fault) {
            self.disturb(until.max(now));
        }
    }

    pub(super) fn over(&mut self, now: u64, fault: Fault) {
        self.mending.insert(fault, now);
    }

    pub(super) fn tick(&mut self, now: u64, in_step: bool, tally: &mut Tally) {
        self.active.retain(|_, until| now <= *until);
        if in_step && self.active.is_empty() {
            if let (1, Some((fault, since))) = (self.mending.len(), self.mending.first_key_value()) {
                let longest = tally.in_step.entry(*fault).or_default();
                *longest = (*longest).max(now - since);
            }
            self.mending.clear();
        }
    }

    pub(super) fn noted(&mut self, now: u64, id: ChangeId) {
        self.noted.insert(id, now);
    }

    pub(super) fn noted_at(&self, id: ChangeId) -> u64 {
        self.noted.get(&id).copied().unwrap_or(0)
    }

    pub(super) fn bounded(&self, books: &Books) -> Result<(), String> {
        match books.lines.iter().find(|(_, line)| line.pending.len() > MOST_PENDING + 100) {
            Some(((who, facet), line)) => Err(format!("P9: {} wait for {facet} of agent {who}", line.pending.len())),
            None => Ok(()),
        }
    }

    /// Nobody healthy waits long in calm, whoever else is poison.
    pub(super) fn isolated(&mut self, now: u64, books: &Books, healthy: impl Fn(usize) -> bool) -> Result<(), String> {
        let healthy_lines = books.lines.iter().filter(|((who, _), _)| healthy(*who));
        let waiting: usize = healthy_lines.map(|(_, line)| line.pending.len()).sum();
        if waiting > self.backlog {
            // What has piled up takes its time at the rate that there is.
            self.disturb(now);
        }
        if now < self.disturbed {
            return Ok(());
        }
        for ((who, facet), line) in books.lines.iter().filter(|((who, _), _)| healthy(*who)) {
            if let Some(first) = line.pending.first() {
                let waits = now - self.noted_at(*first).max(self.disturbed - AFTERMATH).min(now);
                if waits > DELIVERED_WITHIN {
                    return Err(format!("P8: {facet} of agent {who} waits for {waits} ms though nothing is wrong"));
                }
            }
        }
        Ok(())
    }

    pub(super) fn applied(&mut self, now: u64, applied: &Applied) {
        let key = (applied.user, applied.facet);
        if applied.regressed {
            self.regressed.entry(key).or_insert(now);
        } else {
            self.regressed.remove(&key);
        }
    }

    /// An older value that took a newer one's place is repaired within the read-back interval.
    pub(super) fn regressions(&mut self, now: u64, is_right: impl Fn(usize, Facet) -> bool) -> Result<(), String> {
        self.regressed.retain(|(user, facet), _| !is_right(*user, *facet));
        let bound = self.read_back + DELIVERED_WITHIN;
        let late = self.regressed.iter().find(|(_, since)| now > (**since).max(self.disturbed) + bound);
        match late {
            Some(((user, facet), since)) => {
                Err(format!("P2: an older {facet} of user {user} stands since {since} ms and is not repaired"))
            }
            None => Ok(()),
        }
    }
}

/// Changes that our share of the rate carries in 20 s.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a small positive number")]
fn in_20_s(plan: &Plan) -> usize {
    let budget = plan.options.budget;
    let batch = plan.lanes.iter().map(|lane| lane.batch).min().unwrap_or(1).max(plan.lanes[0].batch);
    (f64::from(budget.per_minute) * budget.share / 3.0) as usize * batch
}

/// Whether it delays more than those whom it concerns.
fn disturbs(fault: Fault) -> bool {
    !matches!(
        fault,
        Fault::UnknownStatus
            | Fault::TickBox
            | Fault::Duplicate
            | Fault::OldMessages
            | Fault::PoisonItem
            | Fault::PoisonBatch
            | Fault::ForeignWrite
            | Fault::HintLost
            | Fault::HintTwice
            | Fault::ChannelLost
    )
}
