//! The journal of a program that keeps nothing on disk: the newest entries, in memory.

use std::collections::VecDeque;

use async_trait::async_trait;
use replicator::ports::{Entry, Journal, JournalFailure};
use tokio::sync::watch;

/// Enough for a look at what happened last; some megabytes at most.
const KEPT: usize = 10_000;

/// The newest entries.
#[derive(Debug)]
pub struct MemoryJournal {
    /// The channel holds one value, the entries, and lets many tasks change it one after the other.
    entries: watch::Sender<VecDeque<Entry>>,
}

impl MemoryJournal {
    /// An empty one.
    pub fn new() -> Self {
        Self { entries: watch::Sender::new(VecDeque::new()) }
    }
}

#[async_trait]
impl Journal for MemoryJournal {
    async fn record(&self, entries: Vec<Entry>) -> Result<(), JournalFailure> {
        self.entries.send_modify(|kept| {
            kept.extend(entries);
            let surplus = kept.len().saturating_sub(KEPT);
            kept.drain(..surplus);
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::{AgentId, ChangeId};
    use jiff::Timestamp;
    use replicator::ports::Stage;

    use super::*;

    fn entry(second: i64) -> Entry {
        Entry {
            agent: AgentId::new("jane"),
            change: ChangeId(uuid::Uuid::nil()),
            at: Timestamp::from_second(second).unwrap(),
            stage: Stage::Delivered { correlation: None },
        }
    }

    #[tokio::test]
    async fn it_keeps_the_newest_entries_and_no_more_than_that() {
        let journal = MemoryJournal::new();
        for second in 0..25 {
            let entries = (0..1_000).map(|_| entry(second)).collect();
            journal.record(entries).await.unwrap();
        }
        let kept = journal.entries.borrow();
        assert_eq!(kept.len(), KEPT);
        assert_eq!(kept.front(), Some(&entry(15)));
        assert_eq!(kept.back(), Some(&entry(24)));
    }
}
