//! What the signs of the links mean: alive or not, ready or not, and because of which link.
//!
//! Alive is a program whose loops turn; whoever asks would restart it otherwise, so nothing that a restart does not mend
//! counts: neither a system that is away nor a link that waits for its next start. Ready is a program that does its work
//! or may rightly wait.

use std::fmt;

use serde::Serialize;

use super::vitals::{Phase, Signs};

/// What is answered.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Verdict {
    pub ok: bool,
    /// In a word or two.
    pub status: &'static str,
    /// Link by link.
    pub links: Vec<OfLink>,
}

/// What is said of a link.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct OfLink {
    pub link: String,
    pub ok: bool,
    /// Why.
    pub reason: String,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.status)?;
        self.links.iter().try_for_each(|OfLink { link, ok, reason }| {
            let mark = if *ok { "ok" } else { "NOT OK" };
            writeln!(f, "{mark}  {link}: {reason}")
        })
    }
}

/// Alive, for as long as each loop makes progress.
pub(super) fn livez(signs: &[Signs]) -> Verdict {
    let links: Vec<OfLink> = signs.iter().map(|signs| of_link(signs, true)).collect();
    let ok = links.iter().all(|link| link.ok);
    Verdict { ok, status: if ok { "alive" } else { "stalled" }, links }
}

/// Ready, when each link has had its first snapshot or stands by.
pub(super) fn readyz(signs: &[Signs], is_stopping: bool) -> Verdict {
    let links: Vec<OfLink> = signs.iter().map(|signs| of_link(signs, has_begun(signs))).collect();
    if is_stopping {
        return Verdict { ok: false, status: "stopping", links };
    }
    // Nobody has looked yet.
    let ok = !links.is_empty() && links.iter().all(|link| link.ok);
    Verdict { ok, status: if ok { "ready" } else { "not ready" }, links }
}

fn has_begun(signs: &Signs) -> bool {
    match signs.phase {
        Phase::Standby | Phase::Running(_) => true,
        Phase::Starting | Phase::BetweenRuns | Phase::WaitingForSource => false,
    }
}

fn of_link(signs: &Signs, is_well: bool) -> OfLink {
    let is_stalled = signs.is_stalled();
    let reason = if is_stalled { stalled(signs) } else { said(&signs.phase).to_owned() };
    OfLink { link: signs.name.clone(), ok: is_well && !is_stalled, reason }
}

fn stalled(signs: &Signs) -> String {
    let (quiet, allowed) = (signs.quiet_for.as_secs(), Signs::PATIENCE.as_secs());
    format!("its loop has made no progress for {quiet} s; {allowed} s are allowed")
}

fn said(phase: &Phase) -> &'static str {
    match phase {
        Phase::Starting => "starts",
        Phase::BetweenRuns => "failed and is started again; the log and the console say why",
        Phase::Standby => "stands by: another bridge holds its journal",
        Phase::WaitingForSource => "waits for PureConnect's first snapshot",
        Phase::Running(_) => "runs",
    }
}
