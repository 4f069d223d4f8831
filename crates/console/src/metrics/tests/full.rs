//! A link of which everything is known.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use domain::change::Facet;
use domain::ids::{AgentId, GapId};
use domain::source::{Release, System};
use domain::trust::{Gap, GapKind};
use jiff::{SignedDuration, Timestamp};
use replicator::engine::{
    Buckets, Doubt, Figures, Repaired, Report, RequestClass, RequestOutcome, SourceState, TokenReport, Unmatched,
};
use replicator::options::ModeChoice;

use super::super::Reading;
use crate::health::{Counts, Phase, Signs};

/// Two links.
pub fn readings() -> Vec<Reading> {
    vec![reading("north"), reading("south")]
}

/// A link that runs.
pub fn reading(name: &str) -> Reading {
    Reading { name: name.into(), report: Some(Arc::new(report())), epoch: Some(17), signs: Some(signs(name)) }
}

/// How it looks from outside.
pub fn signs(name: &str) -> Signs {
    let counts = Counts { agents: 320, synced: 300, pending: 5, errors: 10, not_synced: 5, gaps: vec!["late"] };
    Signs { name: name.to_owned(), phase: Phase::Running(counts), quiet_for: Duration::from_millis(250) }
}

/// What it reports.
pub fn report() -> Report {
    let at: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
    let ago = |seconds: i64| at - SignedDuration::from_secs(seconds);
    Report {
        at,
        source: SourceState::Connected { system: system(), since: ago(3_600) },
        mode: ModeChoice::WorkforceEngagement,
        direct: false,
        sink_up: true,
        unsupported: vec![Facet::OutOfOffice],
        frozen: Some(Doubt::OfflineWave { agents: 100, of: 320 }),
        gaps: vec![Gap {
            id: GapId(uuid::Uuid::nil()),
            kind: GapKind::Late,
            reason: "changes wait too long".to_owned(),
            since: ago(100),
            until: None,
        }],
        stuck: vec![AgentId::new("jane.doe")],
        agents: 320,
        synced: 300,
        pending: 5,
        errors: 10,
        unmatched: BTreeMap::from([(Unmatched::NoEmail, 3), (Unmatched::Several, 2)]),
        backlog: 8,
        held_back: 1,
        not_shown: 7,
        not_supported: 20,
        seen: 1_000,
        delivered: 900,
        superseded: 30,
        refused: 2,
        repaired: Repaired { somebody_else: 5, not_applied: 6, unknown: 7 },
        requests: 200,
        throttled: 9,
        used: (420, 600),
        tokens: vec![
            TokenReport { used: 120, allowed: 300, refused: false },
            TokenReport { used: 301, allowed: 300, refused: true },
        ],
        delays: None,
        figures: figures(ago),
    }
}

fn figures(ago: impl Fn(i64) -> Timestamp) -> Figures {
    Figures {
        since_happened: buckets(&[1_100, 3_000]),
        since_seen: buckets(&[80, 5_000_000, 15_000_000]),
        oldest_waiting: Some(ago(90)),
        waiting: [4, 3, 2, 1],
        drain: Duration::from_millis(7_500),
        wrong_for: BTreeMap::from([(Facet::Routing, Duration::from_millis(42_500))]),
        requests: BTreeMap::from([((RequestClass::ReadBack, RequestOutcome::Throttled), 11)]),
        fill: (25, 100),
        throttled_for: Duration::from_secs(12),
        ambiguous: 1,
        verified: 50,
        heard: Some(ago(3)),
        snapshot: Some(ago(3_600)),
        recording: buckets(&[4]),
        gaps: BTreeMap::from([(GapKind::SourceDown, 3)]),
    }
}

fn buckets(milliseconds: &[u64]) -> Buckets {
    let mut buckets = Buckets::default();
    milliseconds.iter().for_each(|&each| buckets.add(Duration::from_millis(each)));
    buckets
}

fn system() -> System {
    System {
        host: "cic1.example.com".to_owned(),
        release: Release { year: 24, number: 2 },
        workforce_engagement: Some(true),
        clock_offset: SignedDuration::ZERO,
    }
}
