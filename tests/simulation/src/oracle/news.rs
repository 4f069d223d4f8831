//! What PureConnect reported against what was recorded: each transition once, in order, with its own time, and nothing
//! else but repairs of what the cloud showed and the difference that a start finds.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use domain::change::{Change, Facet, Value};
use jiff::{SignedDuration, Timestamp};
use replicator::engine::WorkId;

use super::same;
use crate::cloud::{Reply, user_number};
use crate::journal::{Books, Life};
use crate::reported::{Reported, Wanted};

/// What the cloud showed the process of one facet.
#[derive(Debug, Clone, Copy)]
struct Shown {
    value: Value,
    since: Option<Timestamp>,
    read: u64,
}

#[derive(Debug, Default)]
pub(super) struct News {
    waiting: BTreeMap<(usize, Facet), VecDeque<Wanted>>,
    shown: BTreeMap<(usize, Facet), Shown>,
    /// The latest time of all that was shown.
    latest: BTreeMap<(usize, Facet), Timestamp>,
    /// When each read-back under way was read.
    reads: BTreeMap<WorkId, u64>,
    /// When an answer to a change of each agent came last.
    answered: BTreeMap<usize, u64>,
    /// Changes that were given a later time, by what they say.
    moved: Vec<(usize, Value)>,
    ever_moved: BTreeSet<usize>,
    users: BTreeMap<WorkId, Vec<usize>>,
}

impl News {
    pub(super) fn started(&mut self) {
        *self = Self::default();
    }

    pub(super) fn expect(&mut self, wanted: Wanted) {
        self.waiting.entry((wanted.who, wanted.value.facet())).or_default().push_back(wanted);
    }

    /// Nothing need be told of an agent any more who left the scope, nor comes what was given a later time. What was
    /// decided before may wait to be written down.
    pub(super) fn release(&mut self, who: usize) {
        let of_agent = self.waiting.iter_mut().filter(|((waiting, _), _)| *waiting == who);
        for wanted in of_agent.flat_map(|(_, waiting)| waiting) {
            wanted.news = false;
        }
        self.moved.retain(|(moved, _)| *moved != who);
    }

    pub(super) fn read(&mut self, id: WorkId, now: u64) {
        self.reads.insert(id, now);
    }

    /// The process sends changes of these agents.
    pub(super) fn sent(&mut self, id: WorkId, users: Vec<usize>) {
        self.users.insert(id, users);
    }

    pub(super) fn answered(&mut self, now: u64, utc: Timestamp, id: WorkId, reply: &Reply) {
        let read = self.reads.remove(&id);
        for user in self.users.remove(&id).unwrap_or_default() {
            self.answered.insert(user, now);
        }
        let Reply::Observed(answer) = reply else { return };
        for observation in answer.result.iter().flatten() {
            let who = user_number(observation.user);
            let ours = observation.ours != Some(false);
            let presence = observation.presence.filter(|_| ours).map(|seen| (Value::Presence(seen.value), seen.since));
            let routing = observation.routing.filter(|_| ours).map(|seen| (Value::Routing(seen.value), seen.since));
            let office = observation.out_of_office.map(|seen| (Value::OutOfOffice(seen.value), seen.since));
            for (value, since) in [presence, routing, office].into_iter().flatten() {
                let key = (who, value.facet());
                self.shown.insert(key, Shown { value, since, read: read.unwrap_or(now) });
                // A routing status that is shown without its time may have begun at any time up to now.
                if let Some(since) = since.or((key.1 == Facet::Routing).then_some(utc)) {
                    let latest = self.latest.entry(key).or_insert(since);
                    *latest = since.max(*latest);
                }
            }
        }
    }

    /// A change will not be sent; where it was given a later time, it comes again.
    pub(super) fn dropped(&mut self, life: &Life, reason: &str) {
        if reason.starts_with("Genesys Cloud holds something that began later") {
            self.moved.push((life.agent, life.change.to));
            self.ever_moved.insert(life.agent);
        }
    }

    /// Whether changes of an agent were given a later time.
    pub(super) fn has_moved(&self, who: usize) -> bool {
        self.ever_moved.contains(&who)
    }

    /// What the cloud showed the process last.
    pub(super) fn shown(&self, who: usize, facet: Facet) -> Option<(Value, Option<Timestamp>)> {
        self.shown.get(&(who, facet)).map(|shown| (shown.value, shown.since))
    }

    /// A change is recorded.
    pub(super) fn recorded(
        &mut self,
        who: usize,
        change: &Change,
        books: &Books,
        reported: &Reported,
        utc: Timestamp,
    ) -> Result<(), String> {
        let key = (who, change.to.facet());
        // What was just reported is not what was given a later time long ago and never came, such as when the agent left.
        let reported_now = |wanted: &Wanted| wanted.value == change.to && wanted.happened == Some(change.happened);
        let is_news = self.waiting.get(&key).is_some_and(|waiting| waiting.iter().any(reported_now));
        let moved = self.moved.iter().position(|moved| *moved == (who, change.to));
        if let Some(place) = moved.filter(|_| !is_news) {
            self.moved.swap_remove(place);
            return Ok(());
        }
        let shown = self.shown.get(&key).copied();
        let excused = |wanted: &Wanted| !wanted.news || shown.is_some_and(|shown| same(wanted.value, shown.value, utc));
        let waiting = self.waiting.entry(key).or_default();
        let newest = books.lines.get(&key).and_then(|line| line.newest);
        let latest = self.latest.get(&key).copied();
        let (mut best, mut other_time, mut same_value) = (None, None, None);
        for (place, wanted) in waiting.iter().enumerate() {
            if wanted.value == change.to {
                same_value = Some(place);
                match wanted.happened.map_or(Ok(()), |own| has_its_time(change, own, newest, latest)) {
                    // What is surely news, and above all what happened just then, rather than what an agent left behind
                    // who went out of the scope and came back.
                    Ok(()) => best = best.max(Some((reported_now(wanted), wanted.news, Reverse(place)))),
                    // A repair has a time of its own; whether it is one is checked below.
                    Err(why) => other_time = Some(why).filter(|_| wanted.news && !change.why.starts_with("repair")),
                }
            }
            if !excused(wanted) {
                break;
            }
        }
        if let Some((_, _, Reverse(place))) = best {
            waiting.drain(..=place);
            return Ok(());
        }
        if let Some(why) = other_time {
            return Err(why);
        }
        let wanted = reported.wanted(who, change.to.facet());
        let behind = books.target(who, change.to.facet()).is_none_or(|target| !same(target, change.to, utc));
        // What is pending and older than what the cloud shows will have no effect.
        let holds = |id| books.lives.get(id).map(|life| life.change.happened);
        let newest_pending = books.lines.get(&key).and_then(|line| line.pending.iter().filter_map(holds).max());
        let since = shown.filter(|shown| !same(shown.value, change.to, utc)).and_then(|shown| shown.since);
        let overtaken = newest_pending.zip(since).is_some_and(|(at, since)| at <= since);
        let answered = self.answered.get(&who).copied().unwrap_or(0);
        let differs = shown.is_some_and(|shown| !same(shown.value, change.to, utc) && shown.read >= answered);
        let repair = overtaken || (differs && newest_pending.is_none());
        // Who has left the scope over a restart is forgotten; who is back is told once more, until it is read.
        let line = books.lines.get(&key);
        let forgotten = change.from.is_none() && line.and_then(|line| line.told) == Some((change.to, change.happened));
        // An out of office that has ended may be shown in either way, but is cleared all the same.
        let ended = key.1 == Facet::OutOfOffice && shown.is_some_and(|shown| shown.value != change.to);
        // A repair that was decided just before the agent went on.
        let decided = change.why.starts_with("repair") && repair && !behind;
        if decided || wanted == Some(change.to) && (behind || forgotten || ended || repair) {
            if let Some(place) = same_value {
                waiting.drain(..=place);
            }
            return Ok(());
        }
        Err(format!(
            "P13: agent {who} is told {} ({}), where {wanted:?} is wanted, {:?} comes next, and {shown:?} was shown",
            change.to,
            change.why,
            waiting.front()
        ))
    }

    /// Whatever was reported was recorded.
    pub(super) fn end(&self, scope: impl Fn(usize) -> bool) -> Result<(), String> {
        let lost = self.waiting.iter().filter(|((who, _), _)| scope(*who)).flat_map(|(_, waiting)| waiting);
        match lost.clone().find(|wanted| wanted.news && self.shown_is_other(wanted)) {
            Some(lost) => Err(format!("P13: {lost:?} was reported and never recorded")),
            None => Ok(()),
        }
    }

    fn shown_is_other(&self, wanted: &Wanted) -> bool {
        let shown = self.shown.get(&(wanted.who, wanted.value.facet()));
        shown.is_none_or(|shown| shown.value != wanted.value)
    }
}

/// Its own time, or just after the newest one before it, or after what the cloud showed of a later one. In a picture, what
/// is older than what was recorded came after that, and is told with the time when it was seen.
fn has_its_time(
    change: &Change,
    own: Timestamp,
    newest: Option<Timestamp>,
    shown: Option<Timestamp>,
) -> Result<(), String> {
    let own = Timestamp::from_millisecond(own.as_millisecond()).unwrap_or(own);
    let after = |floor: Timestamp| {
        let most = floor.saturating_add(SignedDuration::from_millis(300)).unwrap_or(floor);
        floor >= own && change.happened > own && change.happened <= most
    };
    // Out of office is told without a time: its own is when it was found, at the latest.
    if change.to.facet() == Facet::OutOfOffice && change.happened >= own && change.happened <= change.seen.max(own) {
        return Ok(());
    }
    let free = newest.is_none_or(|newest| newest < own);
    let seen = Timestamp::from_millisecond(change.seen.as_millisecond()).unwrap_or(change.seen);
    if !free && change.happened == seen {
        return Ok(());
    }
    if (free && change.happened == own) || newest.is_some_and(after) || shown.is_some_and(after) {
        return Ok(());
    }
    Err(format!("P13: {change:?} has another time than {own}; {newest:?} was recorded and {shown:?} shown before"))
}
