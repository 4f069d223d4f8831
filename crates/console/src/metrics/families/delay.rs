//! How late Genesys Cloud is: delays of what was told, age and number of what was not.

use std::time::Duration;

use domain::change::Facet;
use jiff::Timestamp;
use prometheus_client::registry::Unit;
use replicator::engine::Report;

use super::Kind::{Counter, Gauge};
use super::{Family, Of, Sample, label, one, perhaps, with};

pub(super) static FAMILIES: &[Family] = &[
    Family {
        name: "staleness",
        unit: Some(Unit::Seconds),
        help: "From when a status changed in PureConnect (status_changed), or its message was received (received), to \
               when Genesys Cloud accepted the change, in seconds.",
        of: Of::Buckets(|report| {
            let figures = &report.figures;
            let since = |since: &str| vec![("since", since.to_owned())];
            vec![(since("status_changed"), &figures.since_happened), (since("received"), &figures.since_seen)]
        }),
    },
    Family {
        name: "oldest_dirty",
        unit: Some(Unit::Seconds),
        help: "For how long the change that waits longest has waited, in seconds; 0 when none waits.",
        of: Of::Report(Gauge, |report| {
            one(report.figures.oldest_waiting.map_or(Duration::ZERO, |since| ago(report, since)))
        }),
    },
    Family {
        name: "dirty_users",
        unit: None,
        help: "Agents for whom a change waits: one that crosses On Queue (on_queue), another presence (presence), a \
               routing status (routing_status), out of office (out_of_office).",
        of: Of::Report(Gauge, dirty_users),
    },
    Family {
        name: "predicted_drain",
        unit: Some(Unit::Seconds),
        help: "How long it will take to tell all that waits, by what Genesys Cloud allows, in seconds.",
        of: Of::Report(Gauge, |report| one(report.figures.drain)),
    },
    Family {
        name: "wrong_agent",
        unit: Some(Unit::Seconds),
        help: "For how long Genesys Cloud did not yet show what PureConnect showed: seconds of all agents together.",
        of: Of::Report(Counter, |report| {
            let wrong = |facet: Facet| report.figures.wrong_for.get(&facet).copied().unwrap_or_default();
            Facet::ALL.into_iter().map(|facet| with("facet", label(facet.name()), wrong(facet))).collect()
        }),
    },
    Family {
        name: "source_silence",
        unit: Some(Unit::Seconds),
        help: "For how long PureConnect has reported nothing, in seconds; grows while nobody changes their status.",
        of: Of::Report(Gauge, |report| perhaps(report.figures.heard.map(|heard| ago(report, heard)))),
    },
    Family {
        name: "snapshot_age",
        unit: Some(Unit::Seconds),
        help: "How old PureConnect's last full picture is, in seconds; changes since then are known as they came.",
        of: Of::Report(Gauge, |report| perhaps(report.figures.snapshot.map(|taken| ago(report, taken)))),
    },
];

/// How long ago something was, by the link's own time.
fn ago(report: &Report, since: Timestamp) -> Duration {
    Duration::try_from(report.at.duration_since(since)).unwrap_or_default()
}

fn dirty_users(report: &Report) -> Vec<Sample> {
    let [on_queue, presence, routing_status, out_of_office] = report.figures.waiting;
    let counts = [
        ("on_queue", on_queue),
        ("presence", presence),
        ("routing_status", routing_status),
        ("out_of_office", out_of_office),
    ];
    counts.into_iter().map(|(class, count)| with("class", class, count)).collect()
}
