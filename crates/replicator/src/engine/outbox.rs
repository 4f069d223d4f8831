//! What has yet to be written to the journal, in order, and who waits for it.
//!
//! Knows places in the journal, not what stands there. It neither writes nor decides what is written.

use std::collections::VecDeque;
use std::time::Duration;

use domain::time::{Instant, Now};

use crate::ports::{Entry, Fact};

/// The most entries that are written at once.
const MOST_ENTRIES: usize = 500;

/// After this long without any entry one says that the bridge is alive: the next start then knows until when it ran.
const ALIVE: Duration = Duration::from_secs(10);

/// The entries of one link on their way to the journal.
#[derive(Debug, Clone, Default)]
pub(super) struct Outbox {
    entries: VecDeque<Entry>,
    /// The place of the newest entry.
    newest: u64,
    /// Everything up to this place is written.
    written: u64,
    /// Whether entries are being written.
    writing: bool,
    /// Agents whose changes may go when a place is written, oldest first.
    waiting: VecDeque<(u64, usize)>,
    /// When the last entry was noted.
    noted: Instant,
}

impl Outbox {
    /// Takes an entry and returns its place.
    pub(super) fn note(&mut self, now: Now, fact: Fact) -> u64 {
        self.entries.push_back(Entry { at: now.utc, fact });
        self.newest += 1;
        self.noted = now.instant;
        self.newest
    }

    /// An agent goes on when this place is written.
    pub(super) fn wait(&mut self, place: u64, agent: usize) {
        self.waiting.push_back((place, agent));
    }

    /// Whether this place is written.
    pub(super) fn is_written(&self, place: u64) -> bool {
        place <= self.written
    }

    /// What to write next, and the place of its last entry. One batch at a time, so that they stay in order.
    pub(super) fn next_batch(&mut self) -> Option<(Vec<Entry>, u64)> {
        if self.writing || self.entries.is_empty() {
            return None;
        }
        let take = self.entries.len().min(MOST_ENTRIES);
        let entries = self.entries.drain(..take).collect();
        self.writing = true;
        Some((entries, self.newest - self.entries.len() as u64))
    }

    /// Everything up to a place was written; returns who goes on.
    pub(super) fn written(&mut self, up_to: u64) -> Vec<usize> {
        self.writing = false;
        self.written = up_to;
        let go_on = self.waiting.iter().take_while(|(place, _)| *place <= up_to).count();
        self.waiting.drain(..go_on).map(|(_, agent)| agent).collect()
    }

    /// Whether everything is written.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty() && !self.writing
    }

    /// When to say that the bridge is alive.
    pub(super) fn alive_at(&self) -> Instant {
        self.noted + ALIVE
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    const NOW: Now = Now { instant: Instant::START, utc: Timestamp::UNIX_EPOCH };

    #[test]
    fn who_waits_goes_on_when_his_place_is_written_and_not_before() {
        let mut outbox = Outbox::default();
        for agent in 0..700 {
            let place = outbox.note(NOW, Fact::Alive);
            outbox.wait(place, agent);
        }
        let (first, up_to) = outbox.next_batch().unwrap();
        assert_eq!((first.len(), up_to), (MOST_ENTRIES, 500));
        assert!(outbox.next_batch().is_none(), "one at a time");
        assert_eq!(outbox.written(up_to), (0..500).collect::<Vec<_>>());
        assert!(outbox.is_written(500) && !outbox.is_written(501));
        let (_, up_to) = outbox.next_batch().unwrap();
        assert_eq!(outbox.written(up_to).len(), 200);
        assert!(outbox.is_empty());
    }
}
