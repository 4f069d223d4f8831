//! Deterministic simulation of the engine with both of its ends, its journal, its host, and everything that goes wrong.
//!
//! One seed is one run: `plan` says what it stands for, `world` plays it in virtual time that jumps from event to event,
//! on one thread and without any I/O. `pureconnect`, `cloud` and `journal` are models of the other sides, written from
//! their documents and contracts; `reported` says what has to be told, `oracle` checks the promises after every step.
//! A failure is its seed: `cargo xtask simulate --seed N` plays it again.
//!
//! # What it finds
//!
//! Four bugs were planted in the engine, one at a time, and seeds played from 0 (2026-11):
//!
//! | bug | what was changed | first seed | of 100 seeds | found as |
//! |---|---|---|---|---|
//! | reorder | changes that failed one by one are put behind their successors, not in front (`outcome`) | 20 | 8 | P3: sent after its successor |
//! | lost wake-up | of the agents whose entries were written, the first is not enqueued (`handle_recorded`) | 3 | 35 | P8: waits though nothing is wrong |
//! | double send | a change of the run before goes with a new id (`recollect`) | 1 | 24 | P13: told without having been reported |
//! | stale overwrite | a read-back counts though changes are pending or not settled (`take_observation`) | 1 | 62 | P13: a repair of what was no difference |

mod brief;
mod cloud;
mod dice;
mod fault;
mod journal;
mod oracle;
mod plan;
mod pureconnect;
mod reported;
mod tally;
mod trace;
mod world;

use std::fmt;

pub use fault::Fault;
pub use plan::{FIRST_WIDE, Plan};
pub use tally::Tally;

use world::World;

/// What came of a run.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Its seed.
    pub seed: u64,
    /// What happened, line by line, as one number.
    pub hash: u64,
    /// Counts.
    pub tally: Tally,
    /// What was violated, if anything was.
    pub failure: Option<Failure>,
}

/// A promise that was broken.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The seed with which it is broken again.
    pub seed: u64,
    /// Which promise, and how.
    pub violated: String,
    /// What happened before, and the run's plan in front of it.
    pub lines: Vec<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.lines {
            writeln!(f, "{line}")?;
        }
        writeln!(f, "seed {}: {}", self.seed, self.violated)?;
        write!(f, "again: cargo xtask simulate --seed {}", self.seed)
    }
}

/// Plays the run of a seed.
#[must_use]
pub fn run(seed: u64, everything: bool) -> Outcome {
    World::new(Plan::of(seed), everything).play()
}

/// Lines that are shown of a failure.
const SHOWN: usize = 60;

/// Plays the run of a seed; every 100th twice, and it must be the same run.
#[must_use]
pub fn check(seed: u64) -> Outcome {
    let mut outcome = run(seed, false);
    if let Some(failure) = &mut outcome.failure {
        // Once more, in all words.
        let words = run(seed, true).failure.map(|failure| failure.lines).unwrap_or_default();
        failure.lines.truncate(1);
        failure.lines.extend_from_slice(&words[words.len().saturating_sub(SHOWN).max(1)..]);
    }
    if seed.is_multiple_of(100) && outcome.failure.is_none() {
        let again = run(seed, false).hash;
        if again != outcome.hash {
            let violated = format!("two runs of one seed differ: {:x} and {again:x}", outcome.hash);
            outcome.failure = Some(Failure { seed, violated, lines: Vec::new() });
        }
    }
    outcome
}
