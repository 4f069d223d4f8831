//! A link in this process, between simulators in this process and on their clock: real sockets, and a day in minutes. Its
//! journal is kept in memory.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use genesys_cloud::{Delivery, GenesysCloud};
use mapping::{Known, Precedence, Rules};
use replicator::engine::{AgentReport, Report, Which};
use replicator::options::{
    BudgetOptions, GuardOptions, LoggedOut, Matching, ModeChoice, NotRespondingPresence, Options, OutOfOfficeChoice,
    PrimarySource, WrapUp,
};
use replicator::ports::{Clock, Directory, Entry, Journal, JournalFailure, Memory, Sink};
use replicator::{Command, Parts, RunFailure, run};
use simulator::Simulation;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::adapters::{DayClock, source, target};
use super::until;

/// A link that runs.
pub struct Inside {
    /// How it delivers.
    pub delivery: Delivery,
    seen: watch::Receiver<Option<Report>>,
    entries: watch::Receiver<Vec<Entry>>,
    commands: mpsc::Sender<Command>,
    shutdown: CancellationToken,
    clouds: Vec<GenesysCloud>,
    link: JoinHandle<Result<Report, RunFailure>>,
}

/// Keeps every entry, and forgets them with the link.
struct Kept(watch::Sender<Vec<Entry>>);

#[async_trait]
impl Journal for Kept {
    async fn load(&self) -> Result<Memory, JournalFailure> {
        Ok(Memory::default())
    }

    async fn record(&self, entries: Vec<Entry>) -> Result<(), JournalFailure> {
        self.0.send_modify(|kept| kept.extend(entries));
        Ok(())
    }
}

fn options(tokens: usize) -> Options {
    Options {
        mode: ModeChoice::Auto,
        out_of_office: OutOfOfficeChoice::Auto,
        logged_out: LoggedOut::Offline,
        logout_grace: Duration::from_secs(150),
        not_responding_presence: NotRespondingPresence::Table,
        after_call_work: routing::AfterCallWork::Interacting,
        matching: Matching { table: BTreeMap::new(), external_ids: false },
        primary_source: PrimarySource::PerUser,
        guard: GuardOptions { offline_share: 0.2, offline_least: 10, window: Duration::from_secs(10) },
        budget: BudgetOptions { per_minute: 300, share: 1.0, tokens },
        late_after: Duration::from_secs(15),
        wrap_up: WrapUp { default: Duration::from_secs(600), workgroups: BTreeMap::new() },
        read_back: Duration::from_secs(600),
        directory_refresh: Duration::from_secs(60),
        seed: 1,
    }
}

impl Inside {
    /// Connects to these simulators with so many tokens of each client, and runs.
    pub async fn start(simulation: &Simulation, change: impl FnOnce(&mut genesys_cloud::Config)) -> Self {
        let announced = simulation.announcement();
        let clock: Arc<dyn Clock> = Arc::new(DayClock(simulation.clock));
        let mut config = target(simulation, &announced);
        change(&mut config);
        let connected = GenesysCloud::connect(config, Arc::clone(&clock)).await.unwrap();
        let known = Known { catalogue: None, definitions: Some(&connected.definitions) };
        let rules = Rules::compile(mapping::Options { precedence: Precedence::Printed }, &[], known).unwrap();
        let (report, seen) = watch::channel(None::<Report>);
        let (kept, entries) = watch::channel(Vec::new());
        let (commands, heard) = mpsc::channel(1);
        let shutdown = CancellationToken::new();
        let clouds = connected.clouds;
        let parts = Parts {
            source: Box::new(source(simulation, &announced, Arc::clone(&clock))),
            sinks: clouds.iter().map(|cloud| Arc::new(cloud.clone()) as Arc<dyn Sink>).collect(),
            directories: clouds.iter().map(|cloud| Arc::new(cloud.clone()) as Arc<dyn Directory>).collect(),
            feed: None,
            journal: Arc::new(Kept(kept)),
            clock,
            rules,
            check_rules: Box::new(|_| Vec::new()),
            spent: connected.spent,
            report,
            standings: None,
            commands: heard,
            shutdown: shutdown.clone(),
        };
        let link = tokio::spawn(run(parts, options(clouds.len())));
        Self { delivery: connected.delivery, seen, entries, commands, shutdown, clouds, link }
    }

    /// How things stand, once that is known.
    pub fn report(&self) -> Option<Report> {
        self.seen.borrow().clone()
    }

    /// Everything that was written down so far.
    pub fn entries(&self) -> Vec<Entry> {
        self.entries.borrow().clone()
    }

    /// How each agent stands.
    pub async fn agents(&self) -> Vec<AgentReport> {
        let (told, agents) = oneshot::channel();
        self.commands.send(Command::Agents(Which::All, told)).await.unwrap();
        agents.await.unwrap()
    }

    /// Waits until the report is so.
    pub async fn reports(&self, what: &str, mut is_so: impl FnMut(&Report) -> bool) -> Report {
        let mut seen = self.seen.clone();
        until(what, || {
            let report = seen.borrow_and_update().clone().filter(&mut is_so);
            async { report }
        })
        .await
    }

    /// Waits until so many agents are in step.
    pub async fn in_step(&self, agents: usize) {
        self.reports("everybody in step", |report| report.synced == agents && report.backlog == 0).await;
    }

    /// Stops it in order.
    pub async fn stop(self) -> Report {
        self.shutdown.cancel();
        let last = self.link.await.unwrap().unwrap();
        for cloud in self.clouds {
            cloud.close().await;
        }
        last
    }
}
