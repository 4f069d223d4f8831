//! What became of changes: seen, delivered, conflated, refused; and what was found wrong and repaired.

use super::Kind::{Counter, Gauge};
use super::{Family, Of, one, with};

pub(super) static FAMILIES: &[Family] = &[
    Family {
        name: "changes_seen",
        unit: None,
        help: "Changes of a presence, a routing status or an out of office that PureConnect's reports came to.",
        of: Of::Report(Counter, |report| one(report.seen)),
    },
    Family {
        name: "changes_delivered",
        unit: None,
        help: "Changes that Genesys Cloud accepted.",
        of: Of::Report(Counter, |report| one(report.delivered)),
    },
    Family {
        name: "conflated",
        unit: None,
        help: "Changes that a newer one replaced before they were sent, or that Genesys Cloud showed already.",
        of: Of::Report(Counter, |report| one(report.superseded)),
    },
    Family {
        name: "changes_refused",
        unit: None,
        help: "Changes that Genesys Cloud refused for good.",
        of: Of::Report(Counter, |report| one(report.refused)),
    },
    Family {
        name: "changes_not_supported",
        unit: None,
        help: "Changes that direct delivery cannot tell.",
        of: Of::Report(Counter, |report| one(report.not_supported)),
    },
    Family {
        name: "changes_waiting",
        unit: None,
        help: "Changes that have yet to be told.",
        of: Of::Report(Gauge, |report| one(report.backlog)),
    },
    Family {
        name: "changes_held_back",
        unit: None,
        help: "Changes that wait until Genesys Cloud takes their facet.",
        of: Of::Report(Gauge, |report| one(report.held_back)),
    },
    Family {
        name: "ambiguous",
        unit: None,
        help: "Changes of which nobody knew at first whether Genesys Cloud had taken them.",
        of: Of::Report(Counter, |report| one(report.figures.ambiguous)),
    },
    Family {
        name: "verified",
        unit: None,
        help: "Agents whose state was read back from Genesys Cloud.",
        of: Of::Report(Counter, |report| one(report.figures.verified)),
    },
    Family {
        name: "repaired",
        unit: None,
        help: "Differences that read-back found and that were repaired, by who made them: another writer \
               (somebody_else), Genesys Cloud, which had accepted the change and did not show it (platform), or one of \
               the two (unknown).",
        of: Of::Report(Counter, |report| {
            let repaired = report.repaired;
            vec![
                with("by", "somebody_else", repaired.somebody_else),
                with("by", "platform", repaired.not_applied),
                with("by", "unknown", repaired.unknown),
            ]
        }),
    },
];
