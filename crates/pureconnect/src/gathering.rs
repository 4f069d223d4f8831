//! When a picture is complete enough for a snapshot, and what has to wait until then.
//!
//! Told what arrives and what time it is, it answers; it neither waits nor keeps the picture. A subscription answers
//! with one whole message, and a server may split a big list into that and changes that only add (icws.md §4.3). What
//! changes a part that is whole already is held back and follows the snapshot, so that no transition is swallowed.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::convert::{Content, Subject};

/// A list that did not grow for this long is taken to be all.
const QUIET: Duration = Duration::from_millis(150);
/// The same while statuses of watched agents are missing: they may be slow, or not for us to see.
const QUIET_INCOMPLETE: Duration = Duration::from_secs(1);
/// A list that grows for ever is no reason to wait for ever.
const LONGEST_QUIET: Duration = Duration::from_secs(5);

/// What to do with news.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Part of the picture that is being gathered.
    Absorb,
    /// A change of the former picture, which is still to be reported.
    Report,
    /// A change of the new picture, for after the snapshot.
    Hold,
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// To be asked again at that time, unless something arrives before.
    Until(Instant),
    /// Complete.
    Done,
    /// Something never came.
    Overdue,
}

/// News that wait for the snapshot.
struct Held {
    received: Timestamp,
    content: Content,
    /// How long the message was.
    bytes: usize,
}

/// One gathering of everything that a snapshot needs.
pub(crate) struct Gathering {
    patience: Duration,
    quiet: Duration,
    seen: BTreeSet<Subject>,
    expected: Option<BTreeSet<Subject>>,
    held: Vec<Held>,
    /// When the last part of the picture arrived.
    absorbed: Option<Timestamp>,
    last_progress: Instant,
    complete_since: Option<Instant>,
}

impl Gathering {
    /// Begins. `patience` is how long nothing may come while something is missing; `rhythm` is how far apart messages
    /// come that belong together, for somebody who fetches them.
    pub(crate) fn new(now: Instant, patience: Duration, rhythm: Duration) -> Self {
        Self {
            patience,
            quiet: QUIET.max(rhythm * 3 / 2),
            seen: BTreeSet::new(),
            expected: None,
            held: Vec::new(),
            absorbed: None,
            last_progress: now,
            complete_since: None,
        }
    }

    /// How long nothing may come while something is missing.
    pub(crate) fn patience(&self) -> Duration {
        self.patience
    }

    /// Everything was asked for, and these have to answer.
    pub(crate) fn expect(&mut self, subjects: BTreeSet<Subject>, now: Instant) {
        self.expected = Some(subjects);
        self.progressed(now);
    }

    /// Will not answer: refused, or reported as faulted.
    pub(crate) fn excuse(&mut self, subject: Subject, now: Instant) {
        self.seen.insert(subject);
        self.progressed(now);
    }

    /// Whether the subject was reported as a whole already, so that what was read before is out of date.
    pub(crate) fn has(&self, subject: &Subject) -> bool {
        self.seen.contains(subject)
    }

    /// Decides about news.
    pub(crate) fn fate(&mut self, whole: bool, content: &Content, is_growth: bool, now: Instant) -> Fate {
        let subject = content.subject();
        if whole {
            self.held.retain(|held| held.content.subject() != subject);
            self.seen.insert(subject);
            self.progressed(now);
            return Fate::Absorb;
        }
        if !self.seen.contains(&subject) {
            return Fate::Report;
        }
        let is_held_back = self.held.iter().any(|held| held.content.subject() == subject);
        if is_growth && !is_held_back {
            self.last_progress = now;
            return Fate::Absorb;
        }
        Fate::Hold
    }

    /// Keeps news for after the snapshot, which came as so many bytes.
    pub(crate) fn hold(&mut self, received: Timestamp, content: Content, bytes: usize) {
        self.held.push(Held { received, content, bytes });
    }

    /// About how many bytes of memory it takes. A message takes less than ten times its text when it is decoded.
    pub(crate) fn weight(&self) -> usize {
        let seen = self.seen.iter().map(|subject| match subject {
            Subject::Queues(id) => 100 + id.len(),
            Subject::Catalogue | Subject::Users | Subject::Workgroups | Subject::Statuses => 100,
        });
        seen.sum::<usize>() + self.held.iter().map(|held| 100 + 10 * held.bytes).sum::<usize>()
    }

    /// How far it is. `is_covered` says whether every watched agent has a status.
    pub(crate) fn progress(&self, now: Instant, is_covered: bool) -> Progress {
        let Some(complete_since) = self.complete_since else {
            let end = self.last_progress + self.patience;
            // While requests are under way, their own time-outs count.
            return if self.expected.is_some() && now >= end {
                Progress::Overdue
            } else {
                Progress::Until(end.max(now + QUIET))
            };
        };
        let quiet = if is_covered { self.quiet } else { self.quiet.max(QUIET_INCOMPLETE) };
        let end = (self.last_progress + quiet).min(complete_since + LONGEST_QUIET);
        if now >= end { Progress::Done } else { Progress::Until(end) }
    }

    /// What never came, for people.
    pub(crate) fn missing(&self) -> String {
        let expected = self.expected.iter().flatten();
        let names = expected.filter(|subject| !self.seen.contains(subject)).map(|subject| match subject {
            Subject::Catalogue => "status messages".to_owned(),
            Subject::Users => "users".to_owned(),
            Subject::Workgroups => "workgroups".to_owned(),
            Subject::Statuses => "user statuses".to_owned(),
            Subject::Queues(id) => format!("queues of subscription {id}"),
        });
        names.collect::<Vec<_>>().join(", ")
    }

    /// Notes when a part of the picture arrived.
    pub(crate) fn absorbed(&mut self, received: Timestamp) {
        self.absorbed = Some(received);
    }

    /// As of when the picture is: not later than what was held back from it.
    pub(crate) fn as_of(&self) -> Option<Timestamp> {
        self.held.first().map(|held| held.received).into_iter().chain(self.absorbed).min()
    }

    /// The news that were held back, in the order of arrival; those that came together are together.
    pub(crate) fn into_held(self) -> Vec<(Timestamp, Vec<Content>)> {
        let mut groups: Vec<(Timestamp, Vec<Content>)> = Vec::new();
        for Held { received, content, .. } in self.held {
            match groups.last_mut() {
                Some((time, group)) if *time == received => group.push(content),
                _ => groups.push((received, vec![content])),
            }
        }
        groups
    }

    fn progressed(&mut self, now: Instant) {
        self.last_progress = now;
        let is_complete = self.expected.as_ref().is_some_and(|expected| expected.is_subset(&self.seen));
        if is_complete && self.complete_since.is_none() {
            self.complete_since = Some(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::StatusPatch;

    fn statuses(agents: &[&str]) -> Content {
        let patch = |agent: &&str| StatusPatch {
            agent: (*agent).into(),
            status: "Available".into(),
            since: None,
            logged_in: None,
            until: None,
        };
        Content::Statuses(agents.iter().map(patch).collect())
    }

    fn begun() -> (Gathering, Instant) {
        let now = Instant::now();
        let mut gathering = Gathering::new(now, Duration::from_secs(60), Duration::ZERO);
        gathering.expect([Subject::Statuses, Subject::Queues("q".into())].into(), now);
        (gathering, now)
    }

    #[test]
    fn a_split_list_is_absorbed_and_a_change_of_it_waits_for_the_snapshot() {
        let (mut gathering, now) = begun();
        assert_eq!(gathering.fate(false, &statuses(&["a"]), false, now), Fate::Report, "of the former picture");
        assert_eq!(gathering.fate(true, &statuses(&["a"]), false, now), Fate::Absorb);
        assert_eq!(gathering.fate(false, &statuses(&["b"]), true, now), Fate::Absorb, "the second part");
        assert_eq!(gathering.fate(false, &statuses(&["a"]), false, now), Fate::Hold, "a change");
        let (first, second) = (Timestamp::UNIX_EPOCH, Timestamp::from_second(9).unwrap());
        gathering.absorbed(second);
        for (received, agent) in [(first, "a"), (first, "b"), (second, "a")] {
            gathering.hold(received, statuses(&[agent]), 100);
        }
        assert_eq!(gathering.as_of(), Some(first), "the picture is older than what was held back from it");
        assert_eq!(gathering.fate(false, &statuses(&["c"]), true, now), Fate::Hold, "order is kept");
        assert_eq!(gathering.fate(true, &statuses(&["a"]), false, now), Fate::Absorb);
        assert!(gathering.into_held().is_empty(), "the newer whole list knows it all");
    }

    #[test]
    fn what_came_together_is_held_back_together() {
        let (mut gathering, _) = begun();
        let (first, second) = (Timestamp::UNIX_EPOCH, Timestamp::from_second(9).unwrap());
        for (received, agent) in [(first, "a"), (first, "b"), (second, "a")] {
            gathering.hold(received, statuses(&[agent]), 100);
        }
        assert!(gathering.weight() > 3 * 10 * 100, "what is held back weighs something");
        let sizes: Vec<_> = gathering.into_held().iter().map(|(received, group)| (*received, group.len())).collect();
        assert_eq!(sizes, [(first, 2), (second, 1)]);
    }

    #[test]
    fn it_is_done_when_all_answered_and_nothing_grows() {
        let (mut gathering, now) = begun();
        gathering.fate(true, &statuses(&[]), false, now);
        assert!(matches!(gathering.progress(now, true), Progress::Until(_)));
        gathering.excuse(Subject::Queues("q".into()), now);
        assert_eq!(gathering.progress(now, true), Progress::Until(now + QUIET));
        assert_eq!(gathering.progress(now + QUIET, true), Progress::Done);
        assert_eq!(gathering.progress(now + QUIET, false), Progress::Until(now + QUIET_INCOMPLETE));
        for _ in 0..100 {
            gathering.fate(false, &statuses(&["x"]), true, now + LONGEST_QUIET);
        }
        assert_eq!(gathering.progress(now + LONGEST_QUIET, false), Progress::Done);
    }

    #[test]
    fn what_never_comes_is_named() {
        let (mut gathering, now) = begun();
        gathering.fate(true, &statuses(&[]), false, now);
        assert_eq!(gathering.progress(now + Duration::from_secs(60), true), Progress::Overdue);
        assert_eq!(gathering.missing(), "queues of subscription q");
    }
}
