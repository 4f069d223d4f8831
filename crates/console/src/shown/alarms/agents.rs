//! Alarms about agents who are not as they should be.

use replicator::engine::{Report, SourceState};

use super::sides::counted;
use super::{Alarm, AlarmKind, Severity};
use crate::shown::convert;

/// So many agents are named in an alarm.
const FEW: usize = 5;

/// All of them.
pub(super) fn alarms(report: &Report) -> Vec<Alarm> {
    [nobody(report), errors(report), stuck(report), not_matched(report), not_shown(report)]
        .into_iter()
        .flatten()
        .collect()
}

fn nobody(report: &Report) -> Option<Alarm> {
    let is_connected = matches!(report.source, SourceState::Connected { .. });
    (is_connected && report.agents == 0).then(|| Alarm {
        severity: Severity::Warning,
        kind: AlarmKind::NoAgents,
        what: "No agent is in scope.".to_owned(),
        meaning: "Nobody is replicated.".to_owned(),
        since: None,
        advice: "Check the workgroups in [scope], and whether the service user may see their members in PureConnect."
            .to_owned(),
    })
}

fn errors(report: &Report) -> Option<Alarm> {
    (report.errors > 0).then(|| Alarm {
        severity: Severity::Warning,
        kind: AlarmKind::Errors,
        what: format!("{} an error.", counted(report.errors, "agent has", "agents have")),
        meaning:
            "Genesys Cloud shows them as they were before it refused something, or PureConnect has them in a status \
                  that is not in its catalogue."
                .to_owned(),
        since: None,
        advice: "The page Users says for each of them what was refused, and what to do.".to_owned(),
    })
}

fn stuck(report: &Report) -> Option<Alarm> {
    if report.stuck.is_empty() {
        return None;
    }
    let mut names: Vec<&str> = report.stuck.iter().take(FEW).map(domain::ids::AgentId::as_str).collect();
    let more = report.stuck.len().saturating_sub(FEW);
    let more = (more > 0).then(|| format!("{more} more"));
    names.extend(more.as_deref());
    Some(Alarm {
        severity: Severity::Warning,
        kind: AlarmKind::Stuck,
        what: format!(
            "A switchover left {} in after call work: {}.",
            counted(report.stuck.len(), "agent", "agents"),
            names.join(", ")
        ),
        meaning: "The timer that ends after call work did not survive the switchover. They look On Queue and get no calls, in \
                  PureConnect and in Genesys Cloud."
            .to_owned(),
        since: None,
        advice: "Ask them to choose another status in PureConnect, or have a supervisor do it.".to_owned(),
    })
}

fn not_matched(report: &Report) -> Option<Alarm> {
    let count: usize = report.unmatched.values().sum();
    let reasons: Vec<String> = report
        .unmatched
        .iter()
        .filter(|(_, count)| **count > 0)
        .map(|(why, count)| format!("{count} {}", convert::reason_of(*why).words()))
        .collect();
    (count > 0).then(|| Alarm {
        severity: Severity::Notice,
        kind: AlarmKind::NotMatched,
        what: format!(
            "{} in Genesys Cloud: {}.",
            counted(count, "agent has no user", "agents have no user"),
            reasons.join(", ")
        ),
        meaning: "Nothing is told of them. Everybody else is replicated as ever.".to_owned(),
        since: None,
        advice: "The page Users lists them, with what to do for each reason.".to_owned(),
    })
}

fn not_shown(report: &Report) -> Option<Alarm> {
    (report.not_shown > 0).then(|| Alarm {
        severity: Severity::Notice,
        kind: AlarmKind::NotShown,
        what: format!(
            "{} a routing status that direct delivery cannot set.",
            counted(report.not_shown, "agent has", "agents have")
        ),
        meaning: "INTERACTING and COMMUNICATING cannot be shown in Genesys Cloud by direct delivery; presences are right."
            .to_owned(),
        since: None,
        advice: "With the permissions to inject events, delivery by events shows them: `presence-bridge check` says what is \
                 missing."
            .to_owned(),
    })
}
