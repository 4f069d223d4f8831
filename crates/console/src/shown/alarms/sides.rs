//! Alarms about PureConnect, Genesys Cloud and what goes from one to the other.

use domain::trust::GapKind;
use jiff::{SignedDuration, Timestamp};
use replicator::engine::{Report, SourceState};

use super::{Alarm, AlarmKind, Severity};

/// A clock that is wrong by more than this is worth a word: times of changes are corrected by it, and nothing else is.
const CLOCK: SignedDuration = SignedDuration::from_secs(2);

/// All of them.
pub(super) fn alarms(report: &Report) -> Vec<Alarm> {
    let each = [source(report), clock(report), frozen(report), target(report), tokens(report), quota(report)];
    let more = [late(report), unsupported(report)];
    each.into_iter().chain(more).flatten().collect()
}

/// Since when a kind of trouble lasts.
fn since(report: &Report, kind: GapKind) -> Option<Timestamp> {
    report.gaps.iter().find(|gap| gap.kind == kind).map(|gap| gap.since)
}

fn source(report: &Report) -> Option<Alarm> {
    match &report.source {
        SourceState::Connected { .. } => None,
        SourceState::Connecting => Some(Alarm {
            severity: Severity::Warning,
            kind: AlarmKind::SourceConnecting,
            what: "PureConnect has not shown its agents yet.".to_owned(),
            meaning: "Genesys Cloud shows agents as they were when the bridge ended, or as somebody else set them."
                .to_owned(),
            since: since(report, GapKind::NotRunning),
            advice:
                "The first snapshot takes some seconds. If it does not come, check the address, the service user and \
                     its rights: `presence-bridge check` says which."
                    .to_owned(),
        }),
        SourceState::Lost { reason, since } => Some(Alarm {
            severity: Severity::Critical,
            kind: AlarmKind::SourceLost,
            what: format!("PureConnect is out of reach: {}.", reason.trim_end_matches('.')),
            meaning:
                "Genesys Cloud shows agents as they were then. What they do meanwhile is not seen; what they are in \
                      when the connection is back is."
                    .to_owned(),
            since: Some(*since),
            advice:
                "The bridge tries again by itself, on every configured host. Check that Session Manager runs on one of \
                     them and that nothing blocks the way there."
                    .to_owned(),
        }),
    }
}

fn clock(report: &Report) -> Option<Alarm> {
    let SourceState::Connected { system, .. } = &report.source else { return None };
    let offset = system.clock_offset;
    if offset.abs() <= CLOCK {
        return None;
    }
    let direction = if offset.is_negative() { "behind" } else { "ahead" };
    Some(Alarm {
        severity: Severity::Notice,
        kind: AlarmKind::SourceClock,
        what: format!("PureConnect's clock is {} s {direction}.", offset.abs().as_secs()),
        meaning:
            "Times of changes are corrected by that, so Genesys Cloud has them right. PureConnect's own reports have \
                  them wrong."
                .to_owned(),
        since: None,
        advice: format!("Have {} and this computer synchronise their clocks.", system.host),
    })
}

fn frozen(report: &Report) -> Option<Alarm> {
    let doubt = report.frozen?;
    let advice = if doubt.is_confirmable() {
        "If PureConnect is wrong, put it right there: delivery goes on by itself with the next snapshot that can be \
         believed. If it is right, confirm it: with `presence-bridge confirm`, or on the Overview as an administrator."
    } else {
        "Without status messages nothing can be mapped, whoever confirms it. Check that the service user may see them in \
         PureConnect; delivery goes on by itself when they are there."
    };
    Some(Alarm {
        severity: Severity::Critical,
        kind: AlarmKind::Frozen,
        what: format!("Delivery is frozen, because {doubt}."),
        meaning: "Nothing is told to Genesys Cloud: it goes on showing agents as they were before. Better that than \
                  everybody Offline by mistake."
            .to_owned(),
        since: since(report, GapKind::Frozen),
        advice: advice.to_owned(),
    })
}

fn target(report: &Report) -> Option<Alarm> {
    let kept = match report.direct {
        true => "of the changes meanwhile, the newest of each agent is told when it is back",
        false => "all changes meanwhile are kept, and told with their own times when it is back",
    };
    (!report.sink_up).then(|| Alarm {
        severity: Severity::Critical,
        kind: AlarmKind::TargetDown,
        what: "Genesys Cloud takes nothing.".to_owned(),
        meaning: format!("It shows agents as they were before; {kept}."),
        since: since(report, GapKind::TargetDown),
        advice:
            "The bridge tries again by itself. Look at the status page of your Genesys Cloud region, and whether this \
                 computer reaches it."
                .to_owned(),
    })
}

fn tokens(report: &Report) -> Option<Alarm> {
    let refused = report.tokens.iter().filter(|token| token.refused).count();
    if refused == 0 {
        return None;
    }
    let of = report.tokens.len();
    let (severity, meaning) = if refused == of {
        (Severity::Critical, "Nothing can be told to Genesys Cloud.")
    } else {
        (
            Severity::Warning,
            "The other tokens do the work; with fewer of them it takes longer when many agents change at once.",
        )
    };
    let what = match of {
        1 => "Genesys Cloud does not accept the token.".to_owned(),
        of => format!("Genesys Cloud does not accept {refused} of {of} tokens."),
    };
    Some(Alarm {
        severity,
        kind: AlarmKind::TokenRefused,
        what,
        meaning: meaning.to_owned(),
        since: None,
        advice:
            "Check in Genesys Cloud that the OAuth client still exists and has its roles, and that its secret in the \
                 configuration is the current one."
                .to_owned(),
    })
}

fn quota(report: &Report) -> Option<Alarm> {
    let (used, allowed) = report.used;
    if allowed == 0 || used < allowed || report.backlog == 0 {
        return None;
    }
    let (backlog, drain) = (report.backlog, report.figures.drain.as_secs());
    Some(Alarm {
        severity: Severity::Warning,
        kind: AlarmKind::QuotaUsed,
        what: format!("All {allowed} requests that Genesys Cloud allows in a minute are used up."),
        meaning: format!(
            "{} left to be told, which will take about {drain} s. What matters most for adherence goes first.",
            counted(backlog, "change is", "changes are")
        ),
        since: report.figures.oldest_waiting,
        advice:
            "At a shift change this is as it should be. If it lasts, see whether another program uses the same OAuth \
                 client, deliver by events, or add a token."
                .to_owned(),
    })
}

fn late(report: &Report) -> Option<Alarm> {
    let since = since(report, GapKind::Late)?;
    Some(Alarm {
        severity: Severity::Warning,
        kind: AlarmKind::Late,
        what: format!("Changes wait longer than they should: {}.", counted(report.backlog, "change", "changes")),
        meaning: "Supervisors see some agents late. Adherence has the right times later where delivery is by events."
            .to_owned(),
        since: Some(since),
        advice:
            "Look whether Genesys Cloud throttles or refuses something: the page Health has the quota and the failures."
                .to_owned(),
    })
}

fn unsupported(report: &Report) -> Option<Alarm> {
    if report.unsupported.is_empty() {
        return None;
    }
    let facets: Vec<&str> = report.unsupported.iter().map(|facet| facet.name()).collect();
    let held_back = match report.held_back {
        0 => String::new(),
        changes => format!(" {} back until it does.", counted(changes, "change is held", "changes are held")),
    };
    Some(Alarm {
        severity: Severity::Warning,
        kind: AlarmKind::Unsupported,
        what: format!("Genesys Cloud does not take: {}.", facets.join(", ")),
        meaning: format!("What it shows of that is not PureConnect's. Everything else is told as ever.{held_back}"),
        since: None,
        advice: "A permission of the OAuth client is missing: `presence-bridge check` names it. It is tried again from time \
                 to time."
            .to_owned(),
    })
}

/// `1 change is`, `3 changes are`.
pub(super) fn counted(count: usize, one: &str, several: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {several}") }
}
