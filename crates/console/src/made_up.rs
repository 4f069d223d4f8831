//! A link that is made up: agents, a report and everything that a link hands to the console, for tests and for work on the
//! pages' looks. The same numbers give the same agents.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::change::{Facet, Value};
use domain::ids::{AgentId, CloudUserId, GapId, InteractionId, StatusId, WorkgroupId};
use domain::source::{Catalogue, Interaction, Involvement, Release, StatusMessage, System, UserStatus};
use domain::target::{OutOfOffice, Presence, RoutingStatus, SystemPresence};
use domain::trust::{Gap, GapKind};
use jiff::{SignedDuration, Timestamp};
use replicator::Command;
use replicator::engine::{
    AgentReport, Delays, Figures, Repaired, Report, SourceState, Standings, SyncState, TokenReport, Unmatched,
};
use replicator::options::ModeChoice;
use tokio::sync::{mpsc, watch};
use uuid::Uuid;

use crate::{About, Link};

/// Monday noon, somewhere.
pub const NOON: &str = "2026-11-23T11:00:00Z";

/// What whoever runs a link keeps of it.
pub struct Hand {
    pub report: watch::Sender<Option<Report>>,
    pub standings: mpsc::Sender<Standings>,
    pub trouble: watch::Sender<Option<String>>,
    pub standby: watch::Sender<bool>,
    pub epoch: watch::Sender<Option<u64>>,
    pub commands: mpsc::Receiver<Command>,
}

/// A link that has not begun.
pub fn link(name: &str, journal: store::Location) -> (Link, Hand) {
    let (report, reports) = watch::channel(None);
    let (standings, all_standings) = mpsc::channel(64);
    let (trouble, troubles) = watch::channel(None);
    let (standby, standbys) = watch::channel(false);
    let (epoch, epochs) = watch::channel(None);
    let (orders, commands) = mpsc::channel(8);
    let about = About {
        hosts: vec!["cic1.example.com".to_owned(), "cic2.example.com".to_owned()],
        region: "mypurecloud.ie".to_owned(),
    };
    let link = Link {
        name: name.to_owned(),
        about,
        report: reports,
        standings: all_standings,
        trouble: troubles,
        standby: standbys,
        epoch: epochs,
        commands: orders,
        journal,
    };
    (link, Hand { report, standings, trouble, standby, epoch, commands })
}

/// The status messages: id, text, group, whether they allow ACD calls and are after call work, the presence and the rule.
const STATUSES: [(&str, &str, &str, bool, bool, SystemPresence, &str); 11] = [
    ("Available", "Available", "Available", true, false, SystemPresence::OnQueue, "1: allows ACD calls"),
    (
        "Available, No ACD",
        "Available, No ACD",
        "Available",
        false,
        false,
        SystemPresence::Available,
        "9: anything else",
    ),
    ("Follow Up", "Follow Up", "Followup", false, true, SystemPresence::OnQueue, "1: after call work"),
    ("At Lunch", "At Lunch", "Unavailable", false, false, SystemPresence::Meal, "6: at lunch"),
    ("Away from Desk", "Away from Desk", "Break", false, false, SystemPresence::Break, "3: group BREAK"),
    ("In a Meeting", "In a Meeting", "Unavailable", false, false, SystemPresence::Meeting, "5: in a meeting"),
    (
        "At a Training Session",
        "At a Training Session",
        "Training",
        false,
        false,
        SystemPresence::Training,
        "2: training",
    ),
    ("Do Not disturb", "Do Not Disturb", "Unavailable", false, false, SystemPresence::Busy, "4: do not disturb"),
    ("Gone Home", "Gone Home", "Unavailable", false, false, SystemPresence::Away, "8: gone home"),
    ("On Vacation", "On Vacation", "Unavailable", false, false, SystemPresence::Away, "7: out of office"),
    (
        "AcdAgentNotAnswering",
        "ACD - Agent Not Answering",
        "Unavailable",
        false,
        false,
        SystemPresence::Away,
        "8: do not disturb",
    ),
];

/// How common each of them is.
const SHARES: [usize; 20] = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 8, 8, 9];

const FIRST: [&str; 16] = [
    "Maria",
    "Jonas",
    "Aylin",
    "Peter",
    "Sofia",
    "Lukas",
    "Chloé",
    "Mateusz",
    "Priya",
    "Tom",
    "Zoë",
    "Nguyễn",
    "Emma",
    "Omar",
    "Ines",
    "Karl-Heinz",
];
const LAST: [&str; 18] = [
    "Huber",
    "Schmidt",
    "Yılmaz",
    "O’Brien",
    "García",
    "Novák",
    "Dubois",
    "Kowalska",
    "Sharma",
    "Baker",
    "van der Berg",
    "Thị Lan",
    "Eriksson",
    "Haddad",
    "Rossi",
    "Müller-Lüdenscheidt",
    "Ito",
    "Johnson",
];
const WORKGROUPS: [&str; 6] = ["Sales", "Service", "Billing", "Claims", "Back Office", "Level 2 Support"];

/// The catalogue that the agents' statuses are of.
pub fn catalogue() -> Catalogue {
    STATUSES.iter().map(message).collect()
}

fn message(status: &(&str, &str, &str, bool, bool, SystemPresence, &str)) -> StatusMessage {
    StatusMessage {
        id: StatusId::new(status.0),
        text: status.1.to_owned(),
        group: status.2.to_owned(),
        allows_acd: status.3,
        after_call_work: status.4,
        do_not_disturb: matches!(status.0, "Do Not disturb" | "AcdAgentNotAnswering" | "Gone Home" | "On Vacation"),
    }
}

/// An agent like many others.
pub fn agent(number: usize, now: Timestamp) -> AgentReport {
    let spread = number.wrapping_mul(2_654_435_761) >> 7;
    let status = if number % 67 == 13 { 10 } else { SHARES[spread % SHARES.len()] };
    let (first, last) = (FIRST[number % FIRST.len()], LAST[(number / 3 + number) % LAST.len()]);
    let id = format!("{}.{}{}", first.to_lowercase(), last.to_lowercase().replace([' ', '’'], ""), number);
    let entered = now - SignedDuration::from_secs(20 + i64::try_from(spread % 9_000).unwrap_or_default());
    let (state, user) = state(number);
    let (_, _, _, _, after_call_work, system, rule) = STATUSES[status];
    let on_queue = system == SystemPresence::OnQueue;
    let talks = on_queue && !after_call_work && spread.is_multiple_of(3);
    let routing = match (status, on_queue) {
        (10, _) => RoutingStatus::NotResponding,
        (_, false) => RoutingStatus::OffQueue,
        (_, true) if talks || after_call_work => RoutingStatus::Interacting,
        (_, true) => RoutingStatus::Idle,
    };
    let out = if status == 9 { OutOfOffice::On { until: None } } else { OutOfOffice::Off };
    let presence = Value::Presence(Presence::of(system));
    let wanted = [Some(presence), Some(Value::Routing(routing)), Some(Value::OutOfOffice(out))];
    let before = Some(Value::Presence(Presence::of(SystemPresence::OnQueue)));
    let told = match state {
        SyncState::Pending => [before, wanted[1], wanted[2]],
        SyncState::NotSynced(_) => [None; 3],
        SyncState::Synced | SyncState::Error => wanted,
    };
    AgentReport {
        agent: AgentId::new(&id),
        display_name: format!("{first} {last}"),
        email: (number % 97 != 11).then(|| format!("{id}@example.com")),
        workgroups: [number, number / 7]
            .into_iter()
            .map(|of| WorkgroupId::new(WORKGROUPS[of % 6]))
            .collect::<BTreeSet<_>>(),
        user: user.map(|()| CloudUserId(Uuid::from_u128(number as u128))),
        state,
        status: Some(UserStatus {
            status: StatusId::new(STATUSES[status].0),
            since: Some(entered),
            logged_in: status != 8,
            until: None,
        }),
        message: Some(message(&STATUSES[status])),
        unknown_status: false,
        logged_in: status != 8,
        entered: Some(entered),
        rule: Some(rule.to_owned()),
        wanted,
        told,
        pending: usize::from(state == SyncState::Pending),
        pending_off_queue: number % 89 == 5,
        interactions: if talks { vec![call(number, entered)] } else { Vec::new() },
        not_shown: None,
        error: (state == SyncState::Error).then(|| "403 missing.permissions: presence:userPresence:edit".to_owned()),
        last_success: user.map(|()| entered + SignedDuration::from_millis(800)),
    }
}

/// How an agent stands with Genesys Cloud, and whether there is a user.
fn state(number: usize) -> (SyncState, Option<()>) {
    match number % 97 {
        11 => (SyncState::NotSynced(Unmatched::NoEmail), None),
        43 => (SyncState::NotSynced(Unmatched::NotFound), None),
        71 => (SyncState::Error, Some(())),
        17 | 60 => (SyncState::Pending, Some(())),
        _ => (SyncState::Synced, Some(())),
    }
}

fn call(number: usize, since: Timestamp) -> Interaction {
    Interaction {
        id: InteractionId::new(&format!("10012345{number:05}")),
        involvement: Involvement::Connected,
        acd: true,
        since: Some(since),
    }
}

/// So many of them.
pub fn agents(count: usize, now: Timestamp) -> Vec<AgentReport> {
    (0..count).map(|number| agent(number, now)).collect()
}

/// How a link with these agents stands on a good day.
pub fn report(now: Timestamp, agents: &[AgentReport]) -> Report {
    let count = |state: SyncState| agents.iter().filter(|agent| agent.state == state).count();
    let mut unmatched = BTreeMap::new();
    for agent in agents {
        if let SyncState::NotSynced(why) = agent.state {
            *unmatched.entry(why).or_insert(0) += 1;
        }
    }
    let system = System {
        host: "cic1.example.com".to_owned(),
        release: Release { year: 24, number: 2 },
        workforce_engagement: Some(true),
        clock_offset: SignedDuration::from_millis(120),
    };
    Report {
        at: now,
        source: SourceState::Connected { system, since: now - SignedDuration::from_mins(192) },
        mode: ModeChoice::WorkforceEngagement,
        direct: false,
        sink_up: true,
        unsupported: Vec::new(),
        frozen: None,
        gaps: Vec::new(),
        stuck: Vec::new(),
        agents: agents.len(),
        synced: count(SyncState::Synced),
        pending: count(SyncState::Pending),
        errors: count(SyncState::Error),
        unmatched,
        backlog: count(SyncState::Pending),
        held_back: 0,
        not_shown: 0,
        not_supported: 0,
        seen: 48_213,
        delivered: 47_950,
        superseded: 211,
        refused: 3,
        repaired: Repaired { somebody_else: 4, not_applied: 1, unknown: 0 },
        requests: 2_480,
        throttled: 0,
        used: (54, 600),
        tokens: vec![
            TokenReport { used: 31, allowed: 300, refused: false },
            TokenReport { used: 23, allowed: 300, refused: false },
        ],
        delays: Some(Delays { p50: 640, p99: 2_900, max: 8_100 }),
        figures: Figures::default(),
    }
}

/// A time in which the feed was not to be relied on, and still is not.
pub fn gap(kind: GapKind, reason: &str, since: Timestamp) -> Gap {
    Gap { id: GapId(Uuid::from_u128(7)), kind, reason: reason.to_owned(), since, until: None }
}

/// Changes of a quarter of an hour, accepted after a second or so, more slowly from time to time.
pub fn grow(figures: &mut Figures, minute: usize) {
    for change in 0..(20 + minute % 23) {
        let slow = if minute % 47 > 40 { 9 } else { 1 };
        let took = Duration::from_millis(((change * 83) % 1_400 + 120) as u64 * slow);
        figures.since_seen.add(took);
        figures.since_happened.add(took + Duration::from_millis(500));
    }
    *figures.wrong_for.entry(Facet::Presence).or_default() += Duration::from_secs(2);
}

/// All standings of a run that begins.
pub fn standings(agents: Vec<AgentReport>) -> Standings {
    Standings { anew: true, agents, gone: Vec::new(), catalogue: Some(catalogue()) }
}
