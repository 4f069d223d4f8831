//! Changes that are not sent: only for the reasons that are promised, and only where the reason holds.

use domain::change::Facet;

use super::Oracle;
use crate::fault::Fault;
use crate::journal::{Books, Life};

/// A wave of logouts counts from its first, in milliseconds.
const WAVE: u64 = 11_000;

/// What is noted may have waited for the disk this long.
const NOTING: u64 = 10_000;

/// A few less than the most that may wait: some drops may not be noted yet.
const MANY: usize = 200;

/// When delivery was frozen.
#[derive(Debug, Default)]
pub(super) struct Freezes {
    since: Option<u64>,
    over: Vec<(u64, u64)>,
}

impl Freezes {
    pub(super) fn set(&mut self, now: u64, frozen: bool) {
        match (self.since, frozen) {
            (None, true) => self.since = Some(now),
            (Some(since), false) => {
                self.over.push((since, now));
                self.since = None;
            }
            (None, false) | (Some(_), true) => {}
        }
    }

    pub(super) fn is_frozen(&self) -> bool {
        self.since.is_some()
    }

    fn holds(&self, at: u64) -> bool {
        let open = self.since.map(|since| (since, u64::MAX - NOTING));
        self.over.iter().copied().chain(open).any(|(since, until)| at + WAVE >= since && at <= until + NOTING)
    }
}

/// Whether a change may be dropped for this reason.
pub(super) fn is_promised(oracle: &Oracle, life: &Life, reason: &str, noted: u64, books: &Books) -> Result<(), String> {
    let facet = life.change.to.facet();
    let waiting = books.lines.get(&(life.agent, facet)).map_or(0, |line| line.pending.len());
    let shown = oracle.news.shown(life.agent, facet);
    let holds = match reason {
        "a newer value took its place" => facet == Facet::OutOfOffice || life.refused || oracle.direct,
        "the routing status is another one by now" | "the presence says it" => oracle.direct && facet == Facet::Routing,
        "too many were waiting, and it lasted the shortest" => waiting > MANY,
        "the source was not trusted at that time" => oracle.drops.holds(noted),
        "the agent left the scope" => {
            [Fault::ScopeChange, Fault::ShortSnapshot, Fault::Rescoped].into_iter().any(|fault| oracle.has(fault))
        }
        "the agent has no cloud user" => !oracle.is_steady(life.agent),
        "Genesys Cloud shows it already" => {
            shown.is_some_and(|(value, _)| super::same(life.change.to, value, oracle.utc))
        }
        "Genesys Cloud holds something that began later, so it goes with a later time" => {
            // A routing status without a time may have begun at any.
            // What came after a change that was given a later time comes after it again.
            oracle.news.has_moved(life.agent)
                || shown.is_some_and(|(_, since)| since.is_none_or(|since| since >= life.change.happened))
        }
        refused if refused.starts_with("refused") => true,
        // Whether it is true is checked in `untold`.
        other if other.starts_with("not supported by direct delivery: ") => oracle.direct && facet == Facet::Routing,
        _ => false,
    };
    if holds { Ok(()) } else { Err(format!("P13: {life:?} is dropped because \"{reason}\", which does not hold")) }
}
