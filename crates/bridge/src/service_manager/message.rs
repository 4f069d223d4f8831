//! What the service manager is told, and when: a pure decision over what is seen of the links.
//!
//! Ready means that every link has begun to do its work or may rightly wait, so that a start that can never succeed is
//! seen as one that failed. Progress is told only while no loop is stalled.

use std::time::Duration;

use console::{Phase, Signs};
use tokio::time::Instant;

use super::Reloads;

/// How often the status line is renewed at most; it is for people.
const STATUS: Duration = Duration::from_secs(5);

/// Something to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Message {
    /// The start is over, or the configuration was read again.
    Ready,
    /// How the links are, in a line.
    Status(String),
    /// Every loop turns.
    Progress,
    /// The configuration is read again.
    Reloading,
    /// The program stops.
    Stopping,
}

/// What is seen at a moment.
pub(super) struct Moment<'a> {
    pub now: Instant,
    pub signs: &'a [Signs],
    pub reloads: Reloads,
    pub is_stopping: bool,
}

/// What was told so far.
#[derive(Debug)]
pub(super) struct Messages {
    /// How often progress is told.
    every: Option<Duration>,
    is_ready: bool,
    progress: Option<Instant>,
    status: Option<(Instant, String)>,
    reloads: Reloads,
}

impl Messages {
    /// Nothing yet. A watchdog is fed twice in its time.
    pub fn new(watchdog: Option<Duration>) -> Self {
        let every = watchdog.map(|watchdog| watchdog / 2);
        Self { every, is_ready: false, progress: None, status: None, reloads: Reloads::default() }
    }

    /// What is to be told now.
    pub fn next(&mut self, moment: &Moment<'_>) -> Vec<Message> {
        if moment.is_stopping {
            return vec![Message::Stopping];
        }
        let mut messages = self.next_of_start(moment);
        messages.extend(self.next_of_reloads(moment.reloads));
        messages.extend(self.next_status(moment));
        messages.extend(self.next_progress(moment));
        messages
    }

    fn next_of_start(&mut self, moment: &Moment<'_>) -> Vec<Message> {
        if self.is_ready || !moment.signs.iter().all(has_started) {
            return Vec::new();
        }
        self.is_ready = true;
        vec![Message::Ready]
    }

    /// A reload that is over before it was looked at is told all the same: a service manager may wait for it.
    fn next_of_reloads(&mut self, reloads: Reloads) -> Vec<Message> {
        let mut messages = Vec::new();
        if !self.is_ready {
            return messages;
        }
        if reloads.begun > self.reloads.begun {
            messages.push(Message::Reloading);
        }
        if reloads.ended > self.reloads.ended && reloads.ended == reloads.begun {
            messages.push(Message::Ready);
        }
        self.reloads = reloads;
        messages
    }

    fn next_status(&mut self, moment: &Moment<'_>) -> Option<Message> {
        let status = line(moment.signs);
        let is_due = match &self.status {
            None => true,
            Some((told, last)) => *last != status && moment.now.saturating_duration_since(*told) >= STATUS,
        };
        is_due.then(|| {
            self.status = Some((moment.now, status.clone()));
            Message::Status(status)
        })
    }

    fn next_progress(&mut self, moment: &Moment<'_>) -> Option<Message> {
        let every = self.every?;
        let is_due = self.progress.is_none_or(|told| moment.now.saturating_duration_since(told) >= every);
        let turns = !moment.signs.iter().any(Signs::is_stalled);
        (is_due && turns).then(|| {
            self.progress = Some(moment.now);
            Message::Progress
        })
    }
}

/// Whether the link's start is over: it runs, or it waits for what may take long.
fn has_started(signs: &Signs) -> bool {
    match signs.phase {
        Phase::Starting => false,
        Phase::BetweenRuns | Phase::Standby | Phase::WaitingForSource | Phase::Running(_) => true,
    }
}

/// All links in a line.
fn line(signs: &[Signs]) -> String {
    match signs {
        [only] => words(only),
        several => {
            let each: Vec<String> = several.iter().map(|signs| format!("{}: {}", signs.name, words(signs))).collect();
            each.join("; ")
        }
    }
}

fn words(signs: &Signs) -> String {
    if signs.is_stalled() {
        return "makes no progress".to_owned();
    }
    match &signs.phase {
        Phase::Starting => "starts".to_owned(),
        Phase::BetweenRuns => "failed, is started again".to_owned(),
        Phase::Standby => "stands by, another bridge holds its journal".to_owned(),
        Phase::WaitingForSource => "waits for PureConnect".to_owned(),
        Phase::Running(counts) => {
            let mut parts = vec![format!("{} of {} agents in step", counts.synced, counts.agents)];
            let rest =
                [(counts.pending, "on their way"), (counts.errors, "with an error"), (counts.not_synced, "not synced")];
            let there = rest.into_iter().filter(|(count, _)| *count > 0);
            parts.extend(there.map(|(count, what)| format!("{count} {what}")));
            if !counts.gaps.is_empty() {
                parts.push(format!("not to be relied on: {}", counts.gaps.join(" and ")));
            }
            parts.join(", ")
        }
    }
}

#[cfg(test)]
mod tests;
