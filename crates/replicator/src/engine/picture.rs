//! What the guard has to know of a snapshot: it against what was known before, of this run or of the run before.

use std::collections::BTreeSet;

use domain::change::Value;
use domain::ids::AgentId;
use domain::source::{Snapshot, UserStatus};
use domain::target::{Presence, SystemPresence};
use jiff::{SignedDuration, Timestamp};

use super::Engine;
use super::guard::Picture;
use super::wish::{Surroundings, wish};

/// Times of two measurements of the clock offset may differ by this much without one being older.
const OLDER: SignedDuration = SignedDuration::from_secs(5);

/// What was known of an agent before the snapshot.
struct Known {
    presence: Option<Value>,
    /// When the agent entered it.
    entered: Option<Timestamp>,
    has_status: bool,
}

impl Engine {
    /// Compares a snapshot with what was known before.
    pub(super) fn picture(&self, now: Timestamp, snapshot: &Snapshot) -> Picture {
        let surroundings = Surroundings { catalogue: snapshot.catalogue.clone(), no_answer: BTreeSet::new() };
        let (mut older, mut older_than_told, mut unknown, mut going_offline) = (0, 0, 0, 0);
        for (agent, status) in &snapshot.statuses {
            unknown += usize::from(snapshot.catalogue.get(&status.status).is_none());
            let logged_in = status.logged_in || self.held.in_grace();
            let wish = wish(&self.options, &self.rules, &surroundings, status, logged_in, now);
            let shown = wish.map(|wish| Value::Presence(wish.presence));
            let known = self.known(agent);
            going_offline += usize::from(goes_offline(&known, shown));
            if !self.clock_was_set(now, snapshot) && self.is_older(agent, &known, status, shown) {
                let of_this_run = self.by_id.contains_key(agent);
                *(if of_this_run { &mut older } else { &mut older_than_told }) += 1;
            }
        }
        let shown: BTreeSet<&AgentId> = snapshot.statuses.iter().map(|(agent, _)| agent).collect();
        let is_missing = |agent: &&AgentId| !shown.contains(agent) && self.known(agent).has_status;
        // After the first snapshot that was believed, the run before does not count any more.
        let remembered = if self.clock_offset.is_none() { self.recollection.active().count() } else { 0 };
        Picture {
            status_messages: snapshot.catalogue.len(),
            agents_before: self.in_scope() + remembered,
            agents: snapshot.agents.len(),
            missing: snapshot.agents.iter().map(|agent| &agent.id).filter(is_missing).count(),
            older,
            older_than_told,
            unknown,
            going_offline,
        }
    }

    fn known(&self, agent: &AgentId) -> Known {
        match self.by_id.get(agent) {
            Some(&place) => {
                let record = &self.agents[place];
                Known { presence: record.wanted[0], entered: record.entered, has_status: record.status.is_some() }
            }
            None => {
                let presence = self.recollection.presence(agent);
                Known { presence, entered: self.recollection.entered(agent), has_status: presence.is_some() }
            }
        }
    }

    /// A clock that was set in between makes everything look older or newer.
    fn clock_was_set(&self, now: Timestamp, snapshot: &Snapshot) -> bool {
        match self.clock_offset {
            Some(before) => (snapshot.system.clock_offset - before).abs() > OLDER,
            None => self.recollection.alive().is_some_and(|alive| alive > now),
        }
    }

    /// Whether a status is one that the agent has left: another one than the agent is known to be in, and from before it.
    /// Of the run before only the presence is known, and that changes with a logon, too.
    fn is_older(&self, agent: &AgentId, known: &Known, status: &UserStatus, shown: Option<Value>) -> bool {
        let is_another = match self.by_id.get(agent) {
            Some(&place) => self.agents[place].status.as_ref().is_some_and(|before| before.status != status.status),
            None => status.logged_in && !is_offline(known.presence) && shown.is_some() && shown != known.presence,
        };
        let before = |entered: Timestamp| status.since.is_some_and(|since| entered.duration_since(since) > OLDER);
        is_another && known.entered.is_some_and(before)
    }
}

fn is_offline(presence: Option<Value>) -> bool {
    presence == Some(Value::Presence(Presence::of(SystemPresence::Offline)))
}

fn goes_offline(known: &Known, shown: Option<Value>) -> bool {
    known.presence.is_some() && !is_offline(known.presence) && is_offline(shown)
}
