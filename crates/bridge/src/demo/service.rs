//! The bridge of the demo, in a runtime of its own: so that it can be killed like a process, in the middle of anything,
//! and started again.
//!
//! What it writes and what it is connected to is all that outlives it.

use std::sync::Arc;

use pureconnect::PureConnect;
use replicator::Command;
use replicator::engine::Report;
use replicator::ports::Clock;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::config;
use crate::exit::{Exit, Failed};
use crate::journal;
use crate::link::{self, Apart, COMMANDS, Decisions, Plan, Showing, Standing};

/// What a bridge is made of, each time.
#[derive(Clone)]
pub struct Recipe {
    /// The configuration, journal included.
    pub config: config::Link,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where it says how it is.
    pub showing: Showing,
    /// Where it takes commands while it runs.
    pub desk: watch::Sender<Option<mpsc::Sender<Command>>>,
    /// The order to stop; it is also given when a bridge ends by itself.
    pub stop: CancellationToken,
}

/// The bridge.
pub struct Service {
    recipe: Recipe,
    running: Option<Apart<Result<Option<Report>, Failed>>>,
    /// The last reports of those that were killed.
    killed: Vec<Report>,
}

impl Service {
    /// One that does not run yet.
    pub fn new(recipe: Recipe) -> Self {
        Self { recipe, running: None, killed: Vec::new() }
    }

    /// Starts it.
    pub fn start(&mut self) -> Result<(), Failed> {
        let mut recipe = self.recipe.clone();
        recipe.showing.begins();
        // As every process has its own: the ids of changes are made of it.
        recipe.config.options.seed = fastrand::u64(..);
        let running = Apart::start(None, async move {
            let ended = run(recipe.clone()).await;
            recipe.gone();
            recipe.stop.cancel();
            ended
        });
        self.running = Some(running.map_err(|error| Failed::new(Exit::Internal, error))?);
        Ok(())
    }

    /// Ends it at once: nothing is finished, nothing said to either side.
    pub async fn kill(&mut self) {
        let Some(running) = self.running.take() else { return };
        self.killed.extend(self.recipe.showing.report.borrow().clone());
        running.kill().await;
        self.recipe.gone();
        self.recipe.showing.waits("the demo killed it, and starts it again".to_owned());
    }

    /// Waits for its end, which somebody has ordered; the report counts what those before it did, too. `None` when it
    /// ended before it was connected.
    pub async fn end(mut self) -> Result<Option<Report>, Failed> {
        let Some(running) = self.running.take() else { return Ok(None) };
        let last = running.ended().await.map_err(|error| Failed::new(Exit::Internal, error))??;
        Ok(last.map(|last| self.killed.iter().fold(last, add)))
    }
}

impl Recipe {
    /// Nobody runs any more.
    fn gone(&self) {
        self.desk.send_replace(None);
        self.showing.has_ended();
    }
}

async fn run(recipe: Recipe) -> Result<Option<Report>, Failed> {
    let Recipe { config, clock, showing, desk, stop } = recipe;
    let store = journal::open(config.journal.clone(), clock.now()).await?;
    showing.has_opened(store.epoch());
    // It stays as it is.
    let (_scope_in, scope) = watch::channel(config.scope.clone());
    let (commands_in, commands) = mpsc::channel(COMMANDS);
    desk.send_replace(Some(commands_in));
    let (_, decisions) = watch::channel(Decisions::of(&config));
    let plan = Plan {
        source: Box::new(PureConnect::new(config.pureconnect, Arc::clone(&clock), scope)?),
        target: config.genesys_cloud,
        options: config.options,
        decisions,
        standing: watch::Sender::new(Standing::Beginning),
        clock,
        journal: store.journal(),
        is_restart: false,
        report: showing.report.clone(),
        standings: showing.standings(),
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
