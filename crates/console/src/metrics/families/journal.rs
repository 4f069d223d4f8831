//! The journal, and the intervals in which the feed is not to be relied on.

use domain::trust::GapKind;
use prometheus_client::registry::Unit;

use super::Kind::{Counter, Gauge};
use super::{Family, Of, label, perhaps, with};

pub(super) static FAMILIES: &[Family] = &[
    Family {
        name: "journal_fsync",
        unit: Some(Unit::Seconds),
        help: "How long the journal took to keep what it was given, until it is on disk, in seconds.",
        of: Of::Buckets(|report| vec![(Vec::new(), &report.figures.recording)]),
    },
    Family {
        name: "lease_epoch",
        unit: None,
        help: "How often the journal was taken for a run; one more at each start, and never less.",
        of: Of::Link(Gauge, |link| perhaps(link.epoch)),
    },
    Family {
        name: "audit_gap",
        unit: None,
        help: "Intervals in which the feed was not to be relied on that have begun, by kind.",
        of: Of::Report(Counter, |report| {
            let begun = |kind: GapKind| report.figures.gaps.get(&kind).copied().unwrap_or_default();
            GapKind::ALL.into_iter().map(|kind| with("kind", label(kind.name()), begun(kind))).collect()
        }),
    },
    Family {
        name: "open_gaps",
        unit: None,
        help: "Intervals in which the feed is not to be relied on that last at the moment, by kind.",
        of: Of::Report(Gauge, |report| {
            let open = |kind: GapKind| report.gaps.iter().filter(|gap| gap.kind == kind).count();
            GapKind::ALL.into_iter().map(|kind| with("kind", label(kind.name()), open(kind))).collect()
        }),
    },
];
