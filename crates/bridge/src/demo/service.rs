//! The bridge of the demo, in a runtime of its own: so that it can be killed like a process, in the middle of anything,
//! and started again.
//!
//! What it writes and what it is connected to is all that outlives it.

use std::sync::Arc;
use std::time::Duration;

use pureconnect::PureConnect;
use replicator::engine::Report;
use replicator::ports::Clock;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::exit::{Exit, Failed};
use crate::journal;
use crate::link::{self, Plan};

/// As many as a small computer has.
const THREADS: usize = 2;

/// What runs is dropped where it waits next, which is soon.
const DEATH: Duration = Duration::from_secs(10);

/// What a bridge is made of, each time.
#[derive(Clone)]
pub struct Recipe {
    /// The configuration, journal included.
    pub config: Config,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where the state is shown.
    pub report: watch::Sender<Option<Report>>,
    /// The order to stop; it is also given when a bridge ends by itself.
    pub stop: CancellationToken,
}

/// The bridge.
pub struct Service {
    recipe: Recipe,
    running: Option<Running>,
    /// The last reports of those that were killed.
    killed: Vec<Report>,
}

struct Running {
    runtime: Runtime,
    ended: JoinHandle<Result<Option<Report>, Failed>>,
}

impl Service {
    /// One that does not run yet.
    pub fn new(recipe: Recipe) -> Self {
        Self { recipe, running: None, killed: Vec::new() }
    }

    /// Starts it.
    pub fn start(&mut self) -> Result<(), Failed> {
        let runtime = Builder::new_multi_thread().worker_threads(THREADS).enable_all().build();
        let runtime = runtime.map_err(|error| Failed::new(Exit::Internal, error))?;
        let mut recipe = self.recipe.clone();
        // As every process has its own: the ids of changes are made of it.
        recipe.config.options.seed = fastrand::u64(..);
        let ended = runtime.spawn(async move {
            let stop = recipe.stop.clone();
            let ended = run(recipe).await;
            stop.cancel();
            ended
        });
        self.running = Some(Running { runtime, ended });
        Ok(())
    }

    /// Ends it at once: nothing is finished, nothing said to either side.
    pub async fn kill(&mut self) {
        let Some(Running { runtime, .. }) = self.running.take() else { return };
        self.killed.extend(self.recipe.report.borrow().clone());
        let dying = spawn_blocking(move || runtime.shutdown_timeout(DEATH));
        if let Err(error) = dying.await {
            tracing::error!(%error, "the bridge did not die");
        }
    }

    /// Waits for its end, which somebody has ordered; the report counts what those before it did, too. `None` when it
    /// ended before it was connected.
    pub async fn end(mut self) -> Result<Option<Report>, Failed> {
        let Some(Running { runtime, ended }) = self.running.take() else { return Ok(None) };
        let ended = ended.await;
        runtime.shutdown_background();
        let last = ended.map_err(|error| Failed::new(Exit::Internal, error))??;
        Ok(last.map(|last| self.killed.iter().fold(last, add)))
    }
}

async fn run(recipe: Recipe) -> Result<Option<Report>, Failed> {
    let Recipe { config, clock, report, stop } = recipe;
    let store = journal::open(config.journal, clock.now()).await?;
    // Nobody says anything to it.
    let (_, commands) = mpsc::channel(1);
    let plan = Plan {
        source: Box::new(PureConnect::new(config.pureconnect, Arc::clone(&clock))?),
        target: config.genesys_cloud,
        options: config.options,
        mapping: config.mapping,
        clock,
        journal: store.journal(),
        is_restart: false,
        report,
        commands,
        shutdown: stop,
    };
    let ended = link::run(plan).await;
    journal::close(store, ended).await
}

/// Counts what an earlier one did. The delays are those of the last one, but for the longest.
fn add(mut last: Report, before: &Report) -> Report {
    last.seen += before.seen;
    last.delivered += before.delivered;
    last.superseded += before.superseded;
    last.refused += before.refused;
    last.requests += before.requests;
    last.throttled += before.throttled;
    last.repaired.somebody_else += before.repaired.somebody_else;
    last.repaired.not_applied += before.repaired.not_applied;
    last.repaired.unknown += before.repaired.unknown;
    if let (Some(delays), Some(earlier)) = (&mut last.delays, before.delays) {
        delays.max = delays.max.max(earlier.max);
    }
    last
}
