//! One link's run: its journal, its two sides, its loop, from the start to the end.
//!
//! Knows nothing of other links. It can be run again, with what was decided meanwhile.

use std::sync::Arc;
use std::time::Duration;

use domain::source::Scope;
use pureconnect::PureConnect;
use replicator::engine::Report;
use replicator::ports::{Clock, Journal};
use replicator::{Command, RunFailure};
use store::OpenFailure;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::clock::SystemClock;
use crate::exit::Failed;
use crate::link::{self, COMMANDS, Decisions, Plan, Showing, Standing};
use crate::{config, journal};

/// How long PureConnect may be out of reach at a restart: there is no use in giving up.
const UNTIL_THERE: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// A link that can be run.
#[derive(Clone)]
pub struct Post {
    /// What it was started with.
    pub config: config::Link,
    /// Whether its log lines carry its name.
    pub is_named: bool,
    /// What is decided at the moment.
    pub decisions: watch::Receiver<Decisions>,
    /// Which agents, at the moment.
    pub scope: watch::Receiver<Scope>,
    /// How far it has come.
    pub standing: watch::Sender<Standing>,
    /// Where it takes commands while it runs.
    pub desk: watch::Sender<Option<mpsc::Sender<Command>>>,
    /// Where it says how it is.
    pub showing: Showing,
}

impl Post {
    /// Runs the link until it is told to stop or fails.
    pub async fn run(self, shutdown: CancellationToken) -> Result<(), Failed> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
        let opened = journal::open(self.config.journal.clone(), clock.now()).await;
        if let Err(OpenFailure::InUse { .. }) = &opened {
            self.showing.stands_by();
        }
        let store = opened?;
        self.showing.has_opened(store.epoch());
        let (desk, standing, showing) = (self.desk.clone(), self.standing.clone(), self.showing.clone());
        let ended = self.run_with(store.journal(), clock, shutdown).await;
        desk.send_replace(None);
        standing.send_replace(Standing::Beginning);
        showing.has_ended();
        let last = journal::close(store, ended).await?;
        say(last);
        Ok(())
    }

    async fn run_with(
        self,
        journal: Arc<dyn Journal>,
        clock: Arc<dyn Clock>,
        shutdown: CancellationToken,
    ) -> Result<Option<Report>, Failed> {
        let memory = journal.load().await.map_err(|failure| link::failed(RunFailure::Journal(failure), None))?;
        let is_restart = !memory.facets.is_empty();
        let config::Link { mut pureconnect, genesys_cloud, mut options, .. } = self.config;
        if is_restart {
            // What was right before is waited for: ending would only be one more gap.
            pureconnect.start_patience = UNTIL_THERE;
        }
        // As every run has its own: the ids of changes are made of it.
        options.seed = fastrand::u64(..);
        let (commands_in, commands) = mpsc::channel(COMMANDS);
        self.desk.send_replace(Some(commands_in));
        let plan = Plan {
            source: Box::new(PureConnect::new(pureconnect, Arc::clone(&clock), self.scope)?),
            target: genesys_cloud,
            options,
            decisions: self.decisions,
            standing: self.standing,
            clock,
            journal,
            is_restart,
            report: self.showing.report.clone(),
            standings: self.showing.standings(),
            commands,
            shutdown,
        };
        link::run(plan).await
    }
}

fn say(last: Option<Report>) {
    match last {
        None => tracing::info!("stopped before it was connected"),
        Some(last) => tracing::info!(
            agents = last.agents,
            synced = last.synced,
            errors = last.errors,
            backlog = last.backlog,
            delivered = last.delivered,
            requests = last.requests,
            "stopped"
        ),
    }
}
