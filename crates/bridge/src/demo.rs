//! The demo: both simulators and the bridge between them, on one scaled clock, until the day is over or somebody says
//! stop; then the two sides are compared.

mod display;

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use pureconnect::PureConnect;
use replicator::engine::Report;
use replicator::ports::Clock;
use simulator::Simulation;
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

/// How often the display moves, and after how many of its moves it tells how things stand, in real time.
const MOVE: Duration = Duration::from_millis(250);
const MOVES_PER_LINE: u32 = 20;

/// How long the last changes of the day have to reach Genesys Cloud, in simulated time.
const SETTLE: Duration = Duration::from_secs(15 * 60);

/// The command `demo`.
pub fn demo(arguments: &arguments::Demo) -> Result<Exit, Failed> {
    // The display says how things stand; the log only what is wrong.
    let level = Targets::new().with_default(LevelFilter::WARN);
    logging::start(&logging::Options { level, format: logging::Format::Text })?;
    signals::run_until_told(|shutdown| play(arguments, shutdown))
}

async fn play(arguments: &arguments::Demo, shutdown: CancellationToken) -> Result<Exit, Failed> {
    let simulation = simulate::start(simulate::options_of_demo(arguments)).await?;
    let ended = bridge(&simulation, arguments, shutdown).await;
    simulation.stop().await;
    let Some(summary) = ended? else {
        return Ok(Exit::Success);
    };
    tell(&summary, arguments.json)?;
    Ok(if summary.differ == 0 { Exit::Success } else { Exit::AgentsDiffer })
}

/// Runs the bridge through the day; `None` when it was told to stop before it was connected.
async fn bridge(
    simulation: &Simulation,
    arguments: &arguments::Demo,
    shutdown: CancellationToken,
) -> Result<Option<Summary>, Failed> {
    let config = config::of_simulators(&simulate::simulators(simulation))?;
    let day = simulation.clock;
    let clock: Arc<dyn Clock> = Arc::new(SimulatedClock(day));
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
    let (ended, ()) = tokio::join!(link, watch_day(day, arguments.exit_after, seen, &stop));
    match ended? {
        None => Ok(None),
        Some(report) => summary(simulation, day.elapsed(), report).await.map(Some),
    }
}

/// Shows how the day goes, and ends it.
async fn watch_day(
    day: simulator::clock::Clock,
    length: Option<Duration>,
    seen: watch::Receiver<Option<Report>>,
    stop: &CancellationToken,
) {
    let display = Display::new(length);
    let mut moves = interval(MOVE);
    moves.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut count: u32 = 0;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = moves.tick() => {}
        }
        let simulated = day.elapsed();
        display.advance(simulated);
        count += 1;
        if count.is_multiple_of(MOVES_PER_LINE)
            && let Some(report) = seen.borrow().as_ref()
        {
            display.tell(simulated, report);
        }
        if length.is_some_and(|length| is_over(simulated, length, seen.borrow().as_ref())) {
            stop.cancel();
        }
    }
}

/// Whether the day is over and everything has been told, or cannot be.
fn is_over(simulated: Duration, length: Duration, report: Option<&Report>) -> bool {
    let told = report.is_some_and(|report| report.backlog == 0 && report.pending == 0);
    simulated >= length && (told || simulated >= length + SETTLE)
}

/// WIRING: `differ` is what the bridge itself believes; it has to become a comparison of the two simulators' truths.
async fn summary(simulation: &Simulation, simulated: Duration, report: Report) -> Result<Summary, Failed> {
    let truth = simulation.cloud.org().truth().await.map_err(|error| Failed::new(Exit::Internal, error))?;
    Ok(Summary {
        simulated,
        differ: report.agents.saturating_sub(report.synced),
        busiest_minute: truth.busiest_minute,
        throttled: truth.throttled,
        report,
    })
}

fn tell(summary: &Summary, json: bool) -> Result<(), Failed> {
    let mut told = summary.text();
    if json {
        told.push_str(&format!("{}\n", summary.json()));
    }
    let mut stdout = io::stdout().lock();
    stdout.write_all(told.as_bytes()).and_then(|()| stdout.flush()).map_err(|error| Failed::new(Exit::Internal, error))
}
