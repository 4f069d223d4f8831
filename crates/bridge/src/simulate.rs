//! The two simulators alone: says where they are and how to log on, and serves until told to stop. `fault` speaks to
//! simulators that run already.

mod fault;

pub use self::fault::{command as fault_command, program};

use std::io::{self, Write};
use std::net::SocketAddr;

use secrecy::SecretString;
use serde_json::Value;
use simulator::day::FULL;
use simulator::remote::Remote;
use simulator::{Options, Simulation};
use tokio_util::sync::CancellationToken;

use crate::arguments::{CLOUD, ICWS, Sandbox};
use crate::config::Simulators;
use crate::exit::{Exit, Failed};
use crate::problem::Problem;
use crate::{arguments, signals};

/// The command `simulate`.
pub fn simulate(arguments: &arguments::Simulate) -> Result<Exit, Failed> {
    match &arguments.sandbox {
        Some(Sandbox::Fault(arguments)) => fault::fault(arguments),
        None => serve_alone(arguments),
    }
}

fn serve_alone(arguments: &arguments::Simulate) -> Result<Exit, Failed> {
    let options = Options {
        icws: arguments.icws,
        cloud: arguments.cloud,
        agents: arguments.agents,
        seed: arguments.seed,
        speed: arguments.speed,
        idle: arguments.idle,
        rate: arguments.rate,
        day: FULL,
    };
    let withheld = if arguments.without_events { &simulator::cloud::INJECTION[..] } else { &[] };
    signals::run_until_told(|shutdown| serve(options, withheld, shutdown))
}

/// Starts the demo's simulators: where `simulate fault` looks for them, else on free ports of this computer.
pub async fn start_for_demo(arguments: &arguments::Demo) -> Result<Simulation, Failed> {
    let usual = |address: &str| address.parse().expect("the usual addresses are addresses, as the help's test shows");
    let options = options_of_demo(arguments, usual(ICWS), usual(CLOUD));
    if let Ok(simulation) = Simulation::start(options).await {
        return Ok(simulation);
    }
    let free = ([127, 0, 0, 1], 0).into();
    start(options_of_demo(arguments, free, free)).await
}

fn options_of_demo(arguments: &arguments::Demo, icws: SocketAddr, cloud: SocketAddr) -> Options {
    Options {
        icws,
        cloud,
        agents: arguments.agents,
        seed: arguments.seed,
        speed: arguments.speed,
        idle: false,
        rate: arguments.rate,
        day: arguments.exit_after.unwrap_or(FULL),
    }
}

/// Starts both.
async fn start(options: Options) -> Result<Simulation, Failed> {
    let failed = |error| Failed::diagnosed(Exit::Usage, Problem::new("failed to start the simulators").because(error));
    Simulation::start(options).await.map_err(failed)
}

/// Where they are, for whoever breaks them.
pub fn remote(simulation: &Simulation) -> Remote {
    Remote { icws: simulation.icws.url(), cloud: simulation.cloud.url() }
}

/// Where they are and how to log on.
pub fn simulators(simulation: &Simulation) -> Simulators {
    let announcement = simulation.announcement();
    let text = |key: &str| announcement.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    Simulators {
        icws: text("icws"),
        cloud: text("cloud"),
        icws_user: text("icws_user"),
        icws_password: SecretString::from(text("icws_password")),
        client_id: text("client_id"),
        client_secret: SecretString::from(text("client_secret")),
    }
}

async fn serve(options: Options, withheld: &[&str], shutdown: CancellationToken) -> Result<Exit, Failed> {
    let mut simulation = start(options).await?;
    simulation.cloud.org().withhold(withheld).await.map_err(|error| Failed::new(Exit::Internal, error))?;
    let announced = announce(&simulation);
    if announced.is_ok() {
        if !options.idle {
            simulation.begin_day();
        }
        shutdown.cancelled().await;
    }
    simulation.stop().await;
    announced.map(|()| Exit::Success)
}

/// The one line on standard output, which programs wait for. Its secrets are made up, and whoever uses the simulators
/// needs them.
fn announce(simulation: &Simulation) -> Result<(), Failed> {
    let mut stdout = io::stdout().lock();
    let written = writeln!(stdout, "{}", simulation.announcement()).and_then(|()| stdout.flush());
    written.map_err(|error| Failed::new(Exit::Internal, error))
}
