//! The demo: both simulators and the bridge between them, on one scaled clock, until the day is over or somebody says
//! stop; then the two sides are compared.

mod compare;
mod display;
mod expected;

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use pureconnect::PureConnect;
use replicator::engine::Report;
use replicator::ports::Clock;
use simulator::{Simulation, cloud, icws};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::filter::{LevelFilter, Targets};

use self::display::{Display, Summary};
use crate::arguments;
use crate::clock::SimulatedClock;
use crate::config;
use crate::exit::{Exit, Failed};
use crate::link::{self, Plan};
use crate::{logging, signals, simulate};

/// How often the display moves, in real time.
const MOVE: Duration = Duration::from_millis(250);

/// What PureConnect sent last has arrived by then, in real time.
const ARRIVAL: Duration = Duration::from_millis(500);

/// The longest wait for both sides to come to rest, in real time.
const REST: Duration = Duration::from_secs(60);

/// The command `demo`.
pub fn demo(arguments: &arguments::Demo) -> Result<Exit, Failed> {
    // The display says how things stand; the log only what is wrong.
    let level = Targets::new().with_default(LevelFilter::WARN);
    logging::start(&logging::Options { level, format: logging::Format::Text })?;
    signals::run_until_told(|shutdown| play(arguments, shutdown))
}

async fn play(arguments: &arguments::Demo, shutdown: CancellationToken) -> Result<Exit, Failed> {
    let mut simulation = simulate::start(simulate::options_of_demo(arguments)).await?;
    welcome(&simulation, arguments)?;
    let ended = bridge(&mut simulation, arguments, shutdown).await;
    simulation.stop().await;
    let Some(summary) = ended? else {
        return Ok(Exit::Success);
    };
    tell(&summary, arguments.json)?;
    Ok(if summary.comparison.is_equal() { Exit::Success } else { Exit::AgentsDiffer })
}

/// Runs the bridge through the day and compares both sides; `None` when it was told to stop before it was connected.
async fn bridge(
    simulation: &mut Simulation,
    arguments: &arguments::Demo,
    shutdown: CancellationToken,
) -> Result<Option<Summary>, Failed> {
    let config = config::of_simulators(&simulate::simulators(simulation))?;
    let rules = mapping::Rules::built_in(config.mapping.options);
    let clock: Arc<dyn Clock> = Arc::new(SimulatedClock(simulation.clock));
    let (report, seen) = watch::channel(None);
    let stop = shutdown.child_token();
    let plan = Plan {
        source: Box::new(PureConnect::new(config.pureconnect, Arc::clone(&clock))?),
        target: config.genesys_cloud,
        options: config.options,
        mapping: config.mapping,
        clock,
        report,
        shutdown: stop.clone(),
    };
    let link = async {
        let ended = link::run(plan).await;
        stop.cancel();
        ended
    };
    let day = async {
        let accounts = go_through_day(simulation, arguments, seen, &shutdown, &stop).await;
        stop.cancel();
        accounts
    };
    let (ended, accounts) = tokio::join!(link, day);
    let (Some(report), Some(accounts)) = (ended?, accounts) else { return Ok(None) };
    Ok(Some(summary(simulation, &rules, report, &accounts)))
}

/// What both sides say of the day.
struct Accounts {
    simulated: Duration,
    source: icws::Truth,
    target: cloud::Truth,
}

/// Lets the day begin when everybody is in step, shows how it goes, ends it, and waits until both sides are at rest.
/// `None` when the link ended before.
async fn go_through_day(
    simulation: &mut Simulation,
    arguments: &arguments::Demo,
    mut seen: watch::Receiver<Option<Report>>,
    shutdown: &CancellationToken,
    stop: &CancellationToken,
) -> Option<Accounts> {
    let mut display = Display::new(arguments.exit_after);
    let mut moves = interval(MOVE);
    moves.set_missed_tick_behavior(MissedTickBehavior::Skip);
    while !seen.borrow().as_ref().is_some_and(Report::is_in_step) {
        tokio::select! {
            () = stop.cancelled() => return None,
            _ = moves.tick() => display.show(Duration::ZERO, seen.borrow().as_ref()),
        }
    }
    simulation.begin_day();
    let began = simulation.clock.elapsed();
    loop {
        tokio::select! {
            () = shutdown.cancelled() => break,
            () = stop.cancelled() => return None,
            _ = moves.tick() => {}
        }
        let simulated = simulation.clock.elapsed().saturating_sub(began);
        display.show(simulated, seen.borrow().as_ref());
        if simulation.is_day_over() {
            match arguments.exit_after {
                Some(length) if simulated >= length => break,
                Some(_) => {}
                None => simulation.begin_day(),
            }
        }
    }
    simulation.end_day().await;
    let simulated = simulation.clock.elapsed().saturating_sub(began);
    rest(simulation, &mut seen, stop).await;
    let source = simulation.icws.system().truth(0).await?;
    let target = simulation.cloud.org().truth().await.ok()?;
    Some(Accounts { simulated, source, target })
}

/// Waits until PureConnect's last message has had time to arrive and everything is told, but not for ever: what is not
/// told by then counts as a difference.
async fn rest(simulation: &Simulation, seen: &mut watch::Receiver<Option<Report>>, stop: &CancellationToken) {
    let arrived = simulation.clock.elapsed() + ARRIVAL.mul_f64(simulation.clock.speed());
    let resting = async {
        simulation.clock.sleep_until(arrived).await;
        // When the link is gone, nothing more will come.
        drop(seen.wait_for(|report| report.as_ref().is_some_and(|report| report.backlog == 0)).await);
    };
    tokio::select! {
        () = stop.cancelled() => {}
        _ = tokio::time::timeout(REST, resting) => {}
    }
}

fn summary(simulation: &Simulation, rules: &mapping::Rules, report: Report, accounts: &Accounts) -> Summary {
    let expected = expected::expected(&accounts.source, rules);
    Summary {
        simulated: accounts.simulated,
        comparison: compare::compare(simulation.people(), &expected, &accounts.target),
        busiest_minute: accounts.target.busiest_minute,
        throttled: accounts.target.throttled,
        report,
    }
}

/// What a newcomer has to know, before the first line.
fn welcome(simulation: &Simulation, arguments: &arguments::Demo) -> Result<(), Failed> {
    let end = match arguments.exit_after {
        Some(_) => "\n",
        None => " Day follows day until Ctrl-C.\n",
    };
    write(&format!(
        "PureConnect is simulated at {}, Genesys Cloud at {}; the bridge replicates {} agents between them.\n\
         One hour of their day takes {:.1} s here.{end}",
        simulation.icws.url(),
        simulation.cloud.url(),
        arguments.agents,
        3_600.0 / arguments.speed,
    ))
}

fn tell(summary: &Summary, json: bool) -> Result<(), Failed> {
    let mut told = summary.text();
    if json {
        told.push_str(&format!("{}\n", summary.json()));
    }
    write(&told)
}

fn write(text: &str) -> Result<(), Failed> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(|error| Failed::new(Exit::Internal, error))
}
