//! How a link stands: whether it runs, what it is connected to, how its agents are.

use domain::change::Facet;
use prometheus_client::registry::Unit;
use replicator::engine::{Report, SourceState, Unmatched};
use replicator::options::ModeChoice;

use super::Kind::Gauge;
use super::{Family, Labels, Of, Sample, label, one, perhaps, with};
use crate::health::Phase;
use crate::metrics::Reading;

pub(super) static FAMILIES: &[Family] = &[
    Family {
        name: "running",
        unit: None,
        help: "1 while the link's loop runs; 0 while it starts, stands by, or failed and waits to be started again.",
        of: Of::Link(Gauge, |link| one(link.report.is_some())),
    },
    Family {
        name: "standby",
        unit: None,
        help: "1 while the link does not run because another bridge holds its journal.",
        of: Of::Link(Gauge, |link| one(link.signs.as_ref().is_some_and(|signs| signs.phase == Phase::Standby))),
    },
    Family {
        name: "report_age",
        unit: Some(Unit::Seconds),
        help: "For how long the link's loop has shown no progress, in seconds of the clock; usually below 2.",
        of: Of::Link(Gauge, report_age),
    },
    Family {
        name: "link",
        unit: None,
        help: "What the link does: which facets it replicates (mode), how it tells them (delivery), and the PureConnect \
               server that it is connected to (server, release; empty while it is not).",
        of: Of::Words(words),
    },
    Family {
        name: "link_up",
        unit: None,
        help: "1 while this side is there: PureConnect (source) reports, Genesys Cloud (target) takes what it is told.",
        of: Of::Link(Gauge, up),
    },
    Family {
        name: "frozen",
        unit: None,
        help: "1 while delivery is frozen because what PureConnect shows cannot be believed.",
        of: Of::Report(Gauge, |report| one(report.frozen.is_some())),
    },
    Family {
        name: "unsupported",
        unit: None,
        help: "1 while Genesys Cloud does not take this facet.",
        of: Of::Report(Gauge, |report| {
            let facets = Facet::ALL.into_iter();
            facets.map(|facet| with("facet", label(facet.name()), report.unsupported.contains(&facet))).collect()
        }),
    },
    Family {
        name: "users",
        unit: None,
        help: "Agents in scope by synchronisation state; those without a user in Genesys Cloud by reason.",
        of: Of::Report(Gauge, users),
    },
    Family {
        name: "stuck_users",
        unit: None,
        help: "Agents whom a switchover of PureConnect left in after call work.",
        of: Of::Report(Gauge, |report| one(report.stuck.len())),
    },
    Family {
        name: "not_shown_users",
        unit: None,
        help: "Agents whose routing status direct delivery cannot show at the moment.",
        of: Of::Report(Gauge, |report| one(report.not_shown)),
    },
];

fn report_age(link: &Reading) -> Vec<Sample> {
    let running = link.signs.as_ref().filter(|signs| match signs.phase {
        Phase::WaitingForSource | Phase::Running(_) => true,
        Phase::Starting | Phase::BetweenRuns | Phase::Standby => false,
    });
    perhaps(running.map(|signs| signs.quiet_for))
}

fn words(report: &Report) -> Labels {
    let mode = match report.mode {
        ModeChoice::Auto => "auto",
        ModeChoice::WorkforceEngagement => "workforce_engagement",
        ModeChoice::StatusOnly => "status_only",
    };
    let delivery = if report.direct { "direct" } else { "events" };
    let (server, release) = match &report.source {
        SourceState::Connected { system, .. } => (system.host.clone(), system.release.to_string()),
        SourceState::Connecting | SourceState::Lost { .. } => (String::new(), String::new()),
    };
    vec![("mode", mode.to_owned()), ("delivery", delivery.to_owned()), ("server", server), ("release", release)]
}

fn up(link: &Reading) -> Vec<Sample> {
    let source = link.report.as_ref().is_some_and(|report| match report.source {
        SourceState::Connected { .. } => true,
        SourceState::Connecting | SourceState::Lost { .. } => false,
    });
    let target = link.report.as_ref().is_some_and(|report| report.sink_up);
    vec![with("side", "source", source), with("side", "target", target)]
}

fn users(report: &Report) -> Vec<Sample> {
    let state = |state: &str, reason: &str, count: usize| Sample {
        labels: vec![("state", state.to_owned()), ("reason", reason.to_owned())],
        value: count.into(),
    };
    let known = [("synced", report.synced), ("pending", report.pending), ("error", report.errors)];
    let unmatched = Unmatched::ALL.map(|reason| {
        let count = report.unmatched.get(&reason).copied().unwrap_or_default();
        state("not_synced", word(reason), count)
    });
    known.into_iter().map(|(name, count)| state(name, "", count)).chain(unmatched).collect()
}

fn word(reason: Unmatched) -> &'static str {
    match reason {
        Unmatched::NoEmail => "no_email",
        Unmatched::NotFound => "no_such_user",
        Unmatched::Several => "several_users",
        Unmatched::Inactive => "inactive",
        Unmatched::Shared => "shared",
    }
}
