//! What tests of the console show: a link with its agents, and the other end of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::change::Value;
use domain::ids::{AgentId, StatusId, WorkgroupId};
use domain::source::{Catalogue, Release, StatusMessage, System, UserStatus};
use domain::target::{Presence, RoutingStatus, SystemPresence};
use jiff::{SignedDuration, Timestamp};
use replicator::Command;
use replicator::engine::{AgentReport, Figures, Repaired, Report, SourceState, Standings, SyncState, Unmatched};
use replicator::options::ModeChoice;
use tokio::sync::{mpsc, watch};

use crate::board::{LinkBoard, Roster};
use crate::{About, Link};

/// The link's time in [`report`]: eight o'clock.
pub(crate) fn eight() -> Timestamp {
    "2026-11-23T08:00:00Z".parse().unwrap()
}

/// Everything is in order, and nobody is in scope.
pub(crate) fn report() -> Report {
    let system = System {
        host: "cic1.example.com".to_owned(),
        release: Release { year: 24, number: 2 },
        workforce_engagement: Some(true),
        clock_offset: SignedDuration::ZERO,
    };
    Report {
        at: eight(),
        source: SourceState::Connected { system, since: "2026-11-23T06:00:00Z".parse().unwrap() },
        mode: ModeChoice::WorkforceEngagement,
        direct: false,
        sink_up: true,
        unsupported: Vec::new(),
        frozen: None,
        gaps: Vec::new(),
        stuck: Vec::new(),
        agents: 0,
        synced: 0,
        pending: 0,
        errors: 0,
        unmatched: BTreeMap::new(),
        backlog: 0,
        held_back: 0,
        not_shown: 0,
        not_supported: 0,
        seen: 0,
        delivered: 0,
        superseded: 0,
        refused: 0,
        repaired: Repaired::default(),
        requests: 0,
        throttled: 0,
        used: (0, 300),
        tokens: Vec::new(),
        delays: None,
        figures: Figures::default(),
    }
}

/// A status message without ticked boxes.
pub(crate) fn message(id: &str, group: &str) -> StatusMessage {
    StatusMessage {
        id: StatusId::new(id),
        text: id.to_owned(),
        group: group.to_owned(),
        allows_acd: false,
        after_call_work: false,
        do_not_disturb: false,
    }
}

/// *Available*, *At Lunch* and *Coaching*.
pub(crate) fn catalogue() -> Catalogue {
    let available = StatusMessage { allows_acd: true, ..message("Available", "Available") };
    let lunch = StatusMessage { do_not_disturb: true, ..message("At Lunch", "Break") };
    [available, lunch, message("Coaching", "Floor")].into_iter().collect()
}

/// An agent of Sales who is in step, on queue and waits for calls since half past seven.
pub(crate) fn agent(id: &str) -> AgentReport {
    let since: Timestamp = "2026-11-23T07:30:00Z".parse().unwrap();
    let values = shown(SystemPresence::OnQueue, RoutingStatus::Idle);
    let seed = id.bytes().fold(7_u64, |seed, byte| (seed * 31 + u64::from(byte)) & 0xffff_ffff_ffff);
    AgentReport {
        agent: AgentId::new(id),
        display_name: format!("{} Example", capitalised(id)),
        email: Some(format!("{id}@example.com")),
        workgroups: BTreeSet::from([WorkgroupId::new("Sales")]),
        user: Some(format!("00000000-0000-0000-0000-{seed:012x}").parse().unwrap()),
        state: SyncState::Synced,
        status: Some(UserStatus {
            status: StatusId::new("Available"),
            since: Some(since),
            logged_in: true,
            until: None,
        }),
        message: catalogue().get(&StatusId::new("Available")).cloned(),
        unknown_status: false,
        logged_in: true,
        entered: Some(since),
        rule: Some("on queue".to_owned()),
        wanted: values,
        told: values,
        pending: 0,
        pending_off_queue: false,
        interactions: Vec::new(),
        not_shown: None,
        error: None,
        last_success: Some(since),
    }
}

/// An agent who is at lunch since a time.
pub(crate) fn at_lunch(id: &str, since: &str) -> AgentReport {
    let since: Timestamp = since.parse().unwrap();
    let values = shown(SystemPresence::Meal, RoutingStatus::OffQueue);
    AgentReport {
        status: Some(UserStatus {
            status: StatusId::new("At Lunch"),
            since: Some(since),
            logged_in: true,
            until: None,
        }),
        message: catalogue().get(&StatusId::new("At Lunch")).cloned(),
        entered: Some(since),
        rule: Some("meal".to_owned()),
        wanted: values,
        told: values,
        ..agent(id)
    }
}

/// An agent without a cloud user.
pub(crate) fn nobody(id: &str, why: Unmatched) -> AgentReport {
    AgentReport { user: None, state: SyncState::NotSynced(why), told: [None; 3], last_success: None, ..agent(id) }
}

/// A presence and a routing status.
pub(crate) fn shown(presence: SystemPresence, routing: RoutingStatus) -> [Option<Value>; 3] {
    [Some(Value::Presence(Presence::of(presence))), Some(Value::Routing(routing)), None]
}

fn capitalised(id: &str) -> String {
    let mut letters = id.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A picture of a link that runs, with these agents and [`catalogue`].
pub(crate) fn picture(agents: Vec<AgentReport>) -> LinkBoard {
    let mut roster = Roster::default();
    let count = agents.len();
    roster.take(agents);
    let (commands, _) = mpsc::channel(1);
    LinkBoard {
        name: "main".into(),
        about: Arc::new(about()),
        report: Some(Arc::new(Report { agents: count, ..report() })),
        stale_since: None,
        trouble: None,
        standby: false,
        epoch: Some(3),
        agents: roster.picture(),
        catalogue: Arc::new(catalogue()),
        delays: Arc::default(),
        revision: 1,
        commands,
        journal: journal(),
    }
}

fn about() -> About {
    About {
        hosts: vec!["cic1.example.com".to_owned(), "cic2.example.com".to_owned()],
        region: "mypurecloud.ie".to_owned(),
    }
}

fn journal() -> store::Location {
    store::Location::Sqlite("/nowhere/journal.db".into())
}

/// The other end of a [`Link`]: whoever runs it.
pub(crate) struct Runner {
    pub report: watch::Sender<Option<Report>>,
    pub standings: mpsc::Sender<Standings>,
    pub trouble: watch::Sender<Option<String>>,
    pub standby: watch::Sender<bool>,
    pub epoch: watch::Sender<Option<u64>>,
    /// Orders wait here, unheard.
    pub _commands: mpsc::Receiver<Command>,
}

/// A link that does not run yet, and who will run it.
pub(crate) fn link(name: &str) -> (Link, Runner) {
    let (report_in, report) = watch::channel(None);
    let (standings_in, standings) = mpsc::channel(4);
    let (trouble_in, trouble) = watch::channel(None);
    let (standby_in, standby) = watch::channel(false);
    let (epoch_in, epoch) = watch::channel(None);
    let (commands, commands_out) = mpsc::channel(4);
    let (name, journal) = (name.to_owned(), journal());
    let link = Link { name, about: about(), report, standings, trouble, standby, epoch, commands, journal };
    let runner = Runner {
        report: report_in,
        standings: standings_in,
        trouble: trouble_in,
        standby: standby_in,
        epoch: epoch_in,
        _commands: commands_out,
    };
    (link, runner)
}
