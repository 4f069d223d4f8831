//! One facet of one agent: what Genesys Cloud was told, and the changes that it has yet to be told, in order.
//!
//! Knows nothing of agents, requests or lanes. Times are handed in.

use std::collections::VecDeque;
use std::time::Duration;

use domain::change::{Change, Value};
use domain::target::OutOfOffice;
use domain::time::Instant;
use jiff::Timestamp;

/// The most changes that are kept for one facet of one agent. A busy agent makes about 30 an hour, so this outlasts a
/// whole day without Genesys Cloud, and memory stays bounded by the number of agents.
pub const MOST_PENDING: usize = 256;

/// A change that has yet to be told.
#[derive(Debug, Clone)]
pub struct Pending {
    /// The change.
    pub change: Change,
    /// The place in the journal up to which everything has to be written before it may go.
    pub recorded: u64,
    /// Since when it waits.
    pub since: Instant,
    /// How often it was sent.
    pub attempts: u32,
    /// Whether it is of the run before: it may have been sent, so it goes as it is.
    pub resumed: bool,
    /// The platform will not take it as it is; it goes again only because it is the newest.
    pub refused: bool,
}

impl Pending {
    /// Whether Genesys Cloud may have been told of it.
    #[must_use]
    pub fn may_be_known(&self) -> bool {
        self.attempts > 0 || self.resumed
    }
}

/// One facet.
#[derive(Debug, Clone, Default)]
pub struct FacetState {
    /// What Genesys Cloud holds, as far as we know.
    pub told: Option<Value>,
    /// When that happened, where it was a change of ours.
    told_at: Option<Timestamp>,
    /// When that was accepted.
    accepted_at: Option<Timestamp>,
    /// Whether Genesys Cloud holds what arrived last, whenever it happened: the time of a change is not told.
    pub arrival_counts: bool,
    /// What it has yet to be told, oldest first. Neighbours differ.
    pub pending: VecDeque<Pending>,
    /// The time of the newest change: the next one must be later.
    newest: Option<Timestamp>,
    /// The same at the end of the run before.
    remembered_until: Option<Timestamp>,
    /// Until when it was counted for how long Genesys Cloud did not show what it should.
    counted_until: Option<Timestamp>,
}

impl FacetState {
    /// Takes up what is remembered of the run before.
    pub fn recollect(&mut self, told: Option<(Value, Timestamp)>, newest: Option<Timestamp>) {
        self.told = told.map(|(value, _)| value);
        self.told_at = told.map(|(_, at)| at);
        self.newest = newest;
        self.remembered_until = newest;
    }

    /// When the newest change happened.
    #[must_use]
    pub fn newest(&self) -> Option<Timestamp> {
        self.newest
    }

    /// Until when the run before had told everything, if it told anything.
    #[must_use]
    pub fn remembered_until(&self) -> Option<Timestamp> {
        self.remembered_until
    }

    /// When the value that it holds happened, where it was a change of ours.
    #[must_use]
    pub fn told_at(&self) -> Option<Timestamp> {
        self.told_at
    }

    /// The value that Genesys Cloud will hold when everything pending is told.
    #[must_use]
    pub fn target(&self) -> Option<Value> {
        match self.pending.back() {
            // A change that failed may go after a later one that did not.
            Some(last) if self.arrival_counts || self.told_at.is_none_or(|told_at| last.change.happened > told_at) => {
                Some(last.change.to)
            }
            Some(_) | None => self.told,
        }
    }

    /// Genesys Cloud accepted a change.
    pub fn accepted(&mut self, change: &Change, now: Timestamp) {
        if self.arrival_counts || self.told_at.is_none_or(|told_at| change.happened >= told_at) {
            self.told = Some(change.to);
            self.told_at = Some(change.happened);
            self.accepted_at = Some(now);
        }
    }

    /// When Genesys Cloud accepted it.
    #[must_use]
    pub fn accepted_at(&self) -> Option<Timestamp> {
        self.accepted_at
    }

    /// Nobody knows what Genesys Cloud holds.
    pub fn forget_told(&mut self) {
        self.told = None;
        self.told_at = None;
    }

    /// Genesys Cloud shows this, since then where it says so. What it was told is shown since we told it.
    pub fn relearn(&mut self, seen: Value, since: Option<Timestamp>) {
        if self.told.replace(seen) != Some(seen) {
            self.told_at = since;
        }
    }

    /// The time to give to a change that happened at `happened`: whole milliseconds, as the platform takes them, and
    /// later than every change before it.
    pub fn next_time(&mut self, happened: Timestamp) -> Timestamp {
        let millisecond = Timestamp::from_millisecond(happened.as_millisecond()).unwrap_or(happened);
        let time = match self.newest {
            Some(newest) if millisecond <= newest => next_millisecond(newest),
            Some(_) | None => millisecond,
        };
        self.newest = Some(time);
        time
    }

    /// Takes over what was read when nothing was known yet: a first change that is there already is not told again.
    /// Returns it.
    pub fn learn(&mut self, seen: Value, since: Option<Timestamp>, now: Timestamp) -> Option<Pending> {
        self.relearn(seen, since);
        self.pending.pop_front_if(|first| !first.may_be_known() && shows(first.change.to, seen, now))
    }

    /// What is told from here on is told with times after `since`: the platform may ignore what is older than what it
    /// holds. Returns the places of changes that need another time and of all after them, with their times, so that they
    /// are written down anew in their order. One that may have been sent keeps its own: it may have been accepted.
    pub fn begin_after(&mut self, since: Timestamp) -> Vec<(usize, Timestamp)> {
        let mut newest = since;
        let mut moved = Vec::new();
        for (place, pending) in self.pending.iter().enumerate() {
            let happened = pending.change.happened;
            if !pending.may_be_known() && (happened <= newest || !moved.is_empty()) {
                newest = if happened > newest { happened } else { next_millisecond(newest) };
                moved.push((place, newest));
            } else {
                newest = newest.max(happened);
            }
        }
        self.newest = self.newest.max(Some(newest));
        moved
    }

    /// For how long Genesys Cloud has not shown what happened at `happened`, as far as that was not counted yet.
    #[must_use]
    pub fn wrong_for(&self, happened: Timestamp, now: Timestamp) -> Duration {
        let since = self.counted_until.map_or(happened, |until| until.max(happened));
        Duration::try_from(now.duration_since(since)).unwrap_or_default()
    }

    /// The same; from now on it is counted.
    pub fn count_wrong(&mut self, happened: Timestamp, now: Timestamp) -> Duration {
        let wrong = self.wrong_for(happened, now);
        self.counted_until = self.counted_until.max(Some(now));
        wrong
    }

    /// Removes all pending changes but the newest, beginning after the first `keep`, and returns them.
    pub fn collapse(&mut self, keep: usize) -> Vec<Pending> {
        let last = self.pending.len().saturating_sub(1);
        if keep >= last {
            return Vec::new();
        }
        self.pending.drain(keep..last).collect()
    }

    /// Removes the only change after the first `keep` when it leads back to what will be there before it, and returns it.
    pub fn forget_return(&mut self, keep: usize) -> Option<Pending> {
        let before = if keep == 0 { self.told } else { self.pending.get(keep - 1).map(|last| last.change.to) };
        let returns = before.is_some() && self.pending.back().map(|only| only.change.to) == before;
        if self.pending.len() == keep + 1 && returns { self.pending.pop_back() } else { None }
    }

    /// Removes the changes with the shortest lives while there are too many, and returns them. The first `keep` are
    /// under way and stay.
    pub fn trim(&mut self, keep: usize) -> Vec<Pending> {
        let mut dropped = Vec::new();
        while self.pending.len() > MOST_PENDING {
            let life = |place: usize| {
                self.pending[place + 1].change.happened.duration_since(self.pending[place].change.happened)
            };
            let Some(shortest) = (keep..self.pending.len() - 1).min_by_key(|&place| life(place)) else { break };
            dropped.extend(self.pending.remove(shortest));
            dropped.extend(self.forget_repetition(shortest));
        }
        dropped
    }

    /// After a removal two neighbours may be equal; the later one then says nothing new.
    fn forget_repetition(&mut self, place: usize) -> Option<Pending> {
        let before = if place == 0 { self.told } else { Some(self.pending[place - 1].change.to) };
        let pending = self.pending.get_mut(place)?;
        if before == Some(pending.change.to) {
            return self.pending.remove(place);
        }
        pending.change.from = before;
        None
    }
}

fn next_millisecond(time: Timestamp) -> Timestamp {
    let next = time.saturating_add(Duration::from_millis(1)).unwrap_or(Timestamp::MAX);
    Timestamp::from_millisecond(next.as_millisecond()).unwrap_or(next)
}

/// Whether two values are the same to Genesys Cloud: the end of an out of office counts in whole seconds.
#[must_use]
pub fn same(a: Value, b: Value) -> bool {
    let normal = |value: Value| match value {
        Value::OutOfOffice(OutOfOffice::On { until: Some(until) }) => {
            let until = Timestamp::from_second(until.as_second()).unwrap_or(until);
            Value::OutOfOffice(OutOfOffice::On { until: Some(until) })
        }
        Value::OutOfOffice(OutOfOffice::On { until: None } | OutOfOffice::Off)
        | Value::Presence(_)
        | Value::Routing(_) => value,
    };
    normal(a) == normal(b)
}

/// Whether what was read is what is wanted. An out of office that has ended may be shown in either way.
#[must_use]
pub fn shows(wanted: Value, shown: Value, now: Timestamp) -> bool {
    let current = |value: Value| match value {
        Value::OutOfOffice(OutOfOffice::On { until: Some(until) }) if until.as_second() <= now.as_second() => {
            Value::OutOfOffice(OutOfOffice::Off)
        }
        Value::OutOfOffice(_) | Value::Presence(_) | Value::Routing(_) => value,
    };
    same(current(wanted), current(shown))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::ChangeId;
    use domain::target::{Presence, SystemPresence};

    fn pending(second: i64, to: SystemPresence) -> Pending {
        let happened = Timestamp::from_second(second).unwrap();
        let change = Change {
            id: ChangeId(uuid::Uuid::from_u128(second.unsigned_abs().into())),
            from: None,
            to: Value::Presence(Presence::of(to)),
            happened,
            seen: happened,
            why: String::new(),
            status: None,
        };
        Pending { change, recorded: 0, since: Instant::START, attempts: 0, resumed: false, refused: false }
    }

    #[test]
    fn two_changes_in_one_second_keep_their_order() {
        let mut facet = FacetState::default();
        let second = Timestamp::from_second(100).unwrap();
        let first = facet.next_time(second);
        let then = facet.next_time(second);
        assert_eq!(first, second);
        assert_eq!(then.duration_since(first).as_millis(), 1);
        assert!(facet.next_time(Timestamp::from_second(50).unwrap()) > then, "never back in time");
    }

    #[test]
    fn what_genesys_cloud_holds_already_is_not_told_again() {
        let mut facet = FacetState::default();
        facet.pending.push_back(pending(1, SystemPresence::Meal));
        facet.pending.push_back(pending(2, SystemPresence::Available));
        let seen = Value::Presence(Presence::of(SystemPresence::Meal));
        let since = Timestamp::from_second(2).unwrap();
        assert!(facet.learn(seen, None, Timestamp::from_second(3).unwrap()).is_some());
        assert_eq!(facet.pending.len(), 1);
        let [(0, time)] = facet.begin_after(since)[..] else { panic!("older than what is there would be ignored") };
        assert!(time > since);
        assert!(facet.next_time(since) > time);
    }

    #[test]
    fn a_change_of_the_run_before_goes_as_it_is_whatever_is_shown() {
        let mut facet = FacetState::default();
        facet.pending.push_back(Pending { resumed: true, ..pending(1, SystemPresence::Meal) });
        let seen = Value::Presence(Presence::of(SystemPresence::Meal));
        let later = Timestamp::from_second(9).unwrap();
        assert!(facet.learn(seen, Some(later), later).is_none(), "it may have been another Meal");
        assert!(facet.begin_after(later).is_empty(), "one id, one time");
        assert!(facet.next_time(Timestamp::from_second(2).unwrap()) > later);
    }

    #[test]
    fn the_shortest_state_goes_when_there_are_too_many() {
        let mut facet = FacetState::default();
        let kinds = [SystemPresence::Meal, SystemPresence::Available];
        for place in 0..=MOST_PENDING {
            let second = 10 * i64::try_from(place).unwrap() - if place == 100 { 9 } else { 0 };
            facet.pending.push_back(pending(second, kinds[place % 2]));
        }
        let dropped = facet.trim(0);
        assert_eq!(dropped[0].change.happened.as_second(), 990, "it lasted one second");
        assert_eq!(dropped.len(), 2, "its neighbours are one state then");
        assert!(facet.trim(0).is_empty());
    }

    #[test]
    fn an_out_of_office_that_has_ended_may_be_shown_in_either_way_but_is_cleared_all_the_same() {
        let on = |second| Value::OutOfOffice(OutOfOffice::On { until: Some(Timestamp::from_second(second).unwrap()) });
        let off = Value::OutOfOffice(OutOfOffice::Off);
        let now = Timestamp::from_second(100).unwrap();
        assert!(shows(on(90), off, now) && shows(off, on(90), now));
        assert!(!shows(on(110), off, now));
        assert!(!same(on(90), off), "who leaves the status clears it");
    }
}
