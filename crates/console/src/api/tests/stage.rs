//! A console over a journal in which Jane has had a morning, with somebody who answers as a link would.

use axum::body::Body;
use axum::http::{Request, header};
use domain::change::{Change, Value};
use domain::ids::{AgentId, ChangeId, GapId, StatusId};
use domain::target::{Presence, RoutingStatus, SystemPresence};
use domain::time::{Instant, Now};
use domain::trust::{Gap, GapKind};
use jiff::{SignedDuration, Timestamp};
use mapping::{Precedence, Rules};
use replicator::Command;
use replicator::engine::{AgentReport, Confirmation, Doubt, Renewal, Unmatched};
use replicator::ports::{Attempt, Entry, Fact, Failure, Stage as Life};
use store::{Location, Options, Retention, Store};
use tempfile::TempDir;
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::house::{ADMIN, Answer, House, LOOPBACK, nobody};
use crate::{access::Access, samples};

pub(super) struct Stage {
    pub house: House,
    pub journal: Location,
    _folder: TempDir,
}

/// A moment of the morning: so many seconds before eight, which is the link's time.
pub(super) fn before_eight(seconds: i64) -> Timestamp {
    samples::eight() - SignedDuration::from_secs(seconds)
}

impl Stage {
    /// Jane, Joe and two who have no cloud user are in scope; everybody may look, and an administrator has a token.
    pub(super) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let journal = Location::Sqlite(folder.path().join("journal.db"));
        record(&journal, morning()).await;
        let access = Access { admin_tokens: vec![ADMIN.into()], ..nobody() };
        let mut house = House::over(&access, LOOPBACK, &["main"], &journal);
        let commands = std::mem::replace(&mut house.hands[0].commands, mpsc::channel(1).1);
        // It ends with the board, which has the other end.
        drop(tokio::spawn(answer(commands)));
        let agents = agents();
        let report = replicator::engine::Report { agents: agents.len(), ..samples::report() };
        house.tell(report, agents).await;
        Self { house, journal, _folder: folder }
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.house.get(path).await
    }

    /// As the administrator's program.
    pub(super) async fn order(&self, path: &str) -> Answer {
        let request = self.request("POST", path).header(header::AUTHORIZATION, format!("Bearer {ADMIN}"));
        self.house.answer(request.body(Body::empty()).unwrap()).await
    }

    pub(super) async fn post(&self, path: &str, body: &str) -> Answer {
        let request = self.request("POST", path).header(header::CONTENT_TYPE, "application/json");
        self.house.answer(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    pub(super) fn request(&self, method: &str, path: &str) -> axum::http::request::Builder {
        Request::builder().method(method).uri(path).header(header::HOST, "localhost:8090")
    }
}

fn agents() -> Vec<AgentReport> {
    vec![
        samples::at_lunch("jane", "2026-11-23T07:20:00Z"),
        samples::agent("joe"),
        samples::nobody("kim", Unmatched::NoEmail),
        samples::nobody("lea", Unmatched::NotFound),
    ]
}

/// What a link that runs says.
async fn answer(mut commands: mpsc::Receiver<Command>) {
    while let Some(command) = commands.recv().await {
        match command {
            Command::Rules(answer) => {
                let rules = Rules::built_in(mapping::Options { precedence: Precedence::Printed });
                drop(answer.send(rules));
            }
            Command::Confirm(answer) => {
                let _: Result<(), Confirmation> = answer.send(Confirmation::NothingFrozen);
            }
            Command::Renew(agent, answer) => {
                let renewal = match agent.as_str() {
                    "jane" => Renewal::Begun,
                    "kim" => Renewal::NoUser,
                    "joe" => Renewal::Frozen,
                    _ => Renewal::NoSuchAgent,
                };
                let _: Result<(), Renewal> = answer.send(renewal);
            }
            Command::Agents(..) | Command::Report(_) | Command::Catalogue(_) | Command::Reload(..) => {}
        }
    }
}

/// What a link that is frozen says to whoever confirms.
pub(super) async fn answer_frozen(mut commands: mpsc::Receiver<Command>, confirmation: fn(Doubt) -> Confirmation) {
    while let Some(command) = commands.recv().await {
        if let Command::Confirm(answer) = command {
            let doubt = Doubt::OfflineWave { agents: 100, of: 320 };
            let _: Result<(), Confirmation> = answer.send(confirmation(doubt));
        }
    }
}

async fn record(journal: &Location, entries: Vec<Entry>) {
    let retention = Retention { age: std::time::Duration::from_secs(86_400 * 365), size: u64::MAX };
    let options = Options { location: journal.clone(), link: "main".to_owned(), retention };
    let now = Now { instant: Instant::START, utc: before_eight(7_200) };
    let store = Store::open(options, now).await.unwrap();
    store.journal().record(entries).await.unwrap();
    store.close().await.unwrap();
}

const ON_QUEUE: Value = Value::Presence(Presence { system: SystemPresence::OnQueue, secondary: None });
const MEAL: Value = Value::Presence(Presence { system: SystemPresence::Meal, secondary: None });
const IDLE: Value = Value::Routing(RoutingStatus::Idle);
const OFF_QUEUE: Value = Value::Routing(RoutingStatus::OffQueue);

/// On queue at seven, at lunch at twenty past, which was told half a minute late, and about to come back.
fn morning() -> Vec<Entry> {
    let gap = Gap {
        id: GapId(Uuid::from_u128(9)),
        kind: GapKind::Late,
        reason: "changes wait too long".to_owned(),
        since: before_eight(2_390),
        until: None,
    };
    vec![
        recorded(1, 3_600, None, ON_QUEUE, "Available"),
        recorded(2, 3_600, None, IDLE, "Available"),
        accepted(1, 1, 3_598),
        accepted(2, 1, 3_598),
        recorded(3, 2_400, Some(ON_QUEUE), MEAL, "At Lunch"),
        recorded(4, 2_400, Some(IDLE), OFF_QUEUE, "At Lunch"),
        attempted(3, 1, 2_399, Err(Failure::Throttled { retry_after: None })),
        entry(2_390, Fact::GapBegan(gap.clone())),
        accepted(3, 2, 2_370),
        accepted(4, 1, 2_370),
        entry(2_369, Fact::GapEnded { gap: gap.id, until: before_eight(2_369) }),
        recorded(5, 5, Some(MEAL), ON_QUEUE, "Available"),
        dropped(5, 4, "refused: =SUM(A1) is no presence"),
        recorded(6, 2, Some(OFF_QUEUE), IDLE, "Available"),
    ]
}

fn entry(before: i64, fact: Fact) -> Entry {
    Entry { at: before_eight(before), fact }
}

fn of_change(id: u128, before: i64, stage: Life) -> Entry {
    entry(before, Fact::Change { agent: AgentId::new("jane"), change: ChangeId(Uuid::from_u128(id)), stage })
}

fn recorded(id: u128, before: i64, from: Option<Value>, to: Value, status: &str) -> Entry {
    let (happened, status) = (before_eight(before), Some(StatusId::new(status)));
    let why = format!("rule {id}");
    let change = Change { id: ChangeId(Uuid::from_u128(id)), from, to, happened, seen: happened, why, status };
    of_change(id, before, Life::Recorded(change))
}

fn accepted(id: u128, number: u32, before: i64) -> Entry {
    attempted(id, number, before, Ok(()))
}

fn attempted(id: u128, number: u32, before: i64, outcome: Result<(), Failure>) -> Entry {
    let request = u64::try_from(id).unwrap();
    let (sent, answered) = (before_eight(before + 1), before_eight(before));
    let correlation = Some(format!("correlation-{id}-{number}"));
    of_change(id, before, Life::Attempted(Attempt { number, request, sent, answered, outcome, correlation }))
}

fn dropped(id: u128, before: i64, reason: &str) -> Entry {
    of_change(id, before, Life::Dropped { reason: reason.to_owned() })
}
