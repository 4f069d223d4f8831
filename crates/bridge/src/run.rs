//! The service: reads the configuration, puts the parts together and runs them until told to stop.

use std::sync::Arc;
use std::time::Duration;

use pureconnect::PureConnect;
use replicator::RunFailure;
use replicator::ports::{Clock, Journal};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::clock::SystemClock;
use crate::config::{self, Config};
use crate::control::Listening;
use crate::exit::{Exit, Failed};
use crate::link::{self, Plan};
use crate::{arguments, journal, logging, signals};

/// One operator speaks at a time; whoever comes next waits.
const COMMANDS: usize = 1;

/// How long PureConnect may be out of reach at a restart: there is no use in giving up.
const UNTIL_THERE: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The command `run`.
pub fn run(arguments: &arguments::Run) -> Result<Exit, Failed> {
    let loaded = config::load(&arguments.config)?;
    logging::start(&loaded.config.log)?;
    for warning in &loaded.warnings {
        tracing::warn!(warning, "about the configuration");
    }
    signals::run_until_told(|shutdown| serve(loaded.config, shutdown))
}

/// Runs the link and listens to the operator. The journal is opened first, because it can be held by one bridge only:
/// a second one goes no further.
async fn serve(config: Config, shutdown: CancellationToken) -> Result<Exit, Failed> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
    let store = journal::open(config.journal.clone(), clock.now()).await?;
    let ended = serve_with(config, store.journal(), clock, shutdown).await;
    journal::close(store, ended).await
}

async fn serve_with(
    config: Config,
    journal: Arc<dyn Journal>,
    clock: Arc<dyn Clock>,
    shutdown: CancellationToken,
) -> Result<Exit, Failed> {
    let listening = Listening::open(&config.control)?;
    let memory = journal.load().await.map_err(|failure| link::failed(RunFailure::Journal(failure), None))?;
    let is_restart = !memory.facets.is_empty();
    let mut pureconnect = config.pureconnect;
    if is_restart {
        // What was right before is waited for: ending would only be one more gap.
        pureconnect.start_patience = UNTIL_THERE;
    }
    let (commands_in, commands) = mpsc::channel(COMMANDS);
    // Nobody looks at the report yet.
    let (report, _) = watch::channel(None);
    let plan = Plan {
        source: Box::new(PureConnect::new(pureconnect, Arc::clone(&clock))?),
        target: config.genesys_cloud,
        options: config.options,
        mapping: config.mapping,
        clock,
        journal,
        is_restart,
        report,
        commands,
        shutdown,
    };
    let deaf = CancellationToken::new();
    let link = async {
        let ended = link::run(plan).await;
        deaf.cancel();
        ended
    };
    let (ended, ()) = tokio::join!(link, listening.serve(commands_in, deaf.clone()));
    match ended? {
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
    Ok(Exit::Success)
}
