//! How each link is, from outside: whether it runs, and when its loop was last heard of.
//!
//! Looks at what a link shows of itself and is told the time. That a link shows anything is the sign of life: its loop
//! renews its report four times a second in real time, whatever its own time is and whatever the two systems do. What the
//! signs mean is not known here.

use std::time::Duration;

use replicator::engine::{Report, SourceState};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::Link;

/// What is looked at of a link.
#[derive(Debug, Clone)]
pub struct Pulse {
    name: String,
    report: watch::Receiver<Option<Report>>,
    trouble: watch::Receiver<Option<String>>,
    standby: watch::Receiver<bool>,
}

impl Pulse {
    /// Of this link.
    #[must_use]
    pub fn of(link: &Link) -> Self {
        Self {
            name: link.name.clone(),
            report: link.report.clone(),
            trouble: link.trouble.clone(),
            standby: link.standby.clone(),
        }
    }

    fn phase(&self, report: Option<&Report>) -> Phase {
        let Some(report) = report else {
            return if *self.standby.borrow() {
                Phase::Standby
            } else if self.trouble.borrow().is_some() {
                Phase::BetweenRuns
            } else {
                Phase::Starting
            };
        };
        match report.source {
            SourceState::Connecting => Phase::WaitingForSource,
            SourceState::Connected { .. } | SourceState::Lost { .. } => Phase::Running(Counts::of(report)),
        }
    }
}

/// How a link is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signs {
    /// Its name.
    pub name: String,
    /// How far it has come.
    pub phase: Phase,
    /// For how long its report was not renewed; while it does not run, for how long it has been so.
    pub quiet_for: Duration,
}

impl Signs {
    /// For how long a loop may be quiet before it counts as stalled: 120 times as long as it usually is.
    pub const PATIENCE: Duration = Duration::from_secs(30);

    /// Whether its loop runs and makes no progress.
    #[must_use]
    pub fn is_stalled(&self) -> bool {
        match self.phase {
            Phase::WaitingForSource | Phase::Running(_) => self.quiet_for > Self::PATIENCE,
            Phase::Starting | Phase::BetweenRuns | Phase::Standby => false,
        }
    }
}

/// How far a link has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// It opens its journal and connects.
    Starting,
    /// It failed and is started again later.
    BetweenRuns,
    /// Another bridge holds its journal; it takes over when that one ends.
    Standby,
    /// Its loop runs, and PureConnect has not shown anything yet.
    WaitingForSource,
    /// Its loop runs, and it has had its first snapshot.
    Running(Counts),
}

/// How many agents are how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts {
    /// In scope.
    pub agents: usize,
    /// In step.
    pub synced: usize,
    /// With changes on their way.
    pub pending: usize,
    /// With an error.
    pub errors: usize,
    /// Without a cloud user.
    pub not_synced: usize,
    /// Why the feed is not to be relied on at the moment: the kinds of the open gaps.
    pub gaps: Vec<&'static str>,
}

impl Counts {
    fn of(report: &Report) -> Self {
        Self {
            agents: report.agents,
            synced: report.synced,
            pending: report.pending,
            errors: report.errors,
            not_synced: report.unmatched.values().sum(),
            gaps: report.gaps.iter().map(|gap| gap.kind.name()).collect(),
        }
    }
}

/// All links, and when each was last heard of.
#[derive(Debug)]
pub struct Vitals(Vec<(Pulse, Heard)>);

#[derive(Debug)]
struct Heard {
    at: Instant,
    ran: bool,
}

impl Vitals {
    /// Of these links, from now on.
    #[must_use]
    pub fn new(pulses: Vec<Pulse>, now: Instant) -> Self {
        Self(pulses.into_iter().map(|pulse| (pulse, Heard { at: now, ran: false })).collect())
    }

    /// How they are now.
    pub fn look(&mut self, now: Instant) -> Vec<Signs> {
        self.0.iter_mut().map(|(pulse, heard)| look_at(pulse, heard, now)).collect()
    }
}

fn look_at(pulse: &mut Pulse, heard: &mut Heard, now: Instant) -> Signs {
    // Whoever runs the link may have gone, at the very end; then nothing is new.
    let is_new = pulse.report.has_changed().unwrap_or(false);
    let phase = {
        let report = pulse.report.borrow_and_update().clone();
        pulse.phase(report.as_ref())
    };
    let runs = match phase {
        Phase::WaitingForSource | Phase::Running(_) => true,
        Phase::Starting | Phase::BetweenRuns | Phase::Standby => false,
    };
    if (runs && is_new) || runs != heard.ran {
        *heard = Heard { at: now, ran: runs };
    }
    Signs { name: pulse.name.clone(), phase, quiet_for: now.saturating_duration_since(heard.at) }
}
