//! The service: reads the configuration, puts the parts together and runs them until told to stop.

use std::sync::Arc;

use pureconnect::PureConnect;
use replicator::engine::Report;
use replicator::ports::Clock;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::clock::SystemClock;
use crate::config::{self, Config};
use crate::exit::{Exit, Failed};
use crate::link::{self, Plan};
use crate::{arguments, logging, signals};

/// The command `run`.
pub fn run(arguments: &arguments::Run) -> Result<Exit, Failed> {
    let loaded = config::load(&arguments.config)?;
    logging::start(&loaded.config.log)?;
    for warning in &loaded.warnings {
        tracing::warn!(warning, "about the configuration");
    }
    signals::run_until_told(|shutdown| serve(loaded.config, shutdown))
}

async fn serve(config: Config, shutdown: CancellationToken) -> Result<Exit, Failed> {
    // Nobody looks at the report yet.
    let (report, _) = watch::channel(None);
    let last = link::run(plan(config, report, shutdown)?).await?;
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
    Ok(Exit::Success)
}

/// The parts, on the computer's clock.
fn plan(config: Config, report: watch::Sender<Option<Report>>, shutdown: CancellationToken) -> Result<Plan, Failed> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
    Ok(Plan {
        source: Box::new(PureConnect::new(config.pureconnect, Arc::clone(&clock))?),
        target: config.genesys_cloud,
        options: config.options,
        mapping: config.mapping,
        clock,
        report,
        shutdown,
    })
}
