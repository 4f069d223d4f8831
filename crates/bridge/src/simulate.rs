//! The two simulators alone: says where they are and how to log on, and serves until told to stop.

use std::io::{self, Write};

use simulator::{Options, Simulation};
use tokio_util::sync::CancellationToken;

use crate::exit::{Exit, Failed};
use crate::problem::Problem;
use crate::{arguments, signals};

/// The command `simulate`.
pub fn simulate(arguments: &arguments::Simulate) -> Result<Exit, Failed> {
    let options = Options {
        icws: arguments.icws,
        cloud: arguments.cloud,
        agents: arguments.agents,
        seed: arguments.seed,
        speed: arguments.speed,
        idle: arguments.idle,
        rate: arguments.rate,
    };
    signals::run_until_told(|shutdown| serve(options, shutdown))
}

async fn serve(options: Options, shutdown: CancellationToken) -> Result<Exit, Failed> {
    let failed = |error| {
        Failed::diagnosed(
            Exit::Usage,
            Problem::new("failed to start the simulators").because(error),
        )
    };
    let simulation = Simulation::start(options).await.map_err(failed)?;
    let announced = announce(&simulation);
    if announced.is_ok() {
        shutdown.cancelled().await;
    }
    simulation.stop().await;
    announced.map(|()| Exit::Success)
}

/// The one line on standard output, which programs wait for.
fn announce(simulation: &Simulation) -> Result<(), Failed> {
    let announcement = simulation.announcement();
    let line = serde_json::json!({
        "icws": announcement.icws,
        "cloud": announcement.cloud,
        "icws_user": announcement.icws_user,
        "icws_password": announcement.icws_password,
        "client_id": announcement.client_id,
        "client_secret": announcement.client_secret,
    });
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}")
        .and_then(|()| stdout.flush())
        .map_err(|error| Failed::new(Exit::Internal, error))
}
