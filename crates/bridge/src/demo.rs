//! The demo: both simulators and the bridge between them, on one scaled clock, until the day is over or somebody says
//! stop; then the two sides are compared.

mod align;
mod compare;
mod direct;
mod display;
mod expected;
mod recovery;
mod service;
mod tour;
mod trouble;

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use domain::trust::Gap;
use replicator::Command;
use replicator::engine::Report;
use replicator::ports::Clock;
use simulator::day::FULL;
use simulator::{Simulation, cloud, icws};
use tempfile::TempDir;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::filter::{LevelFilter, Targets};

use self::display::{Display, Summary, Troubles};
use self::recovery::Excuses;
use self::service::{Recipe, Service};
use self::trouble::{Mischief, Trouble};
use crate::arguments;
use crate::clock::SimulatedClock;
use crate::config;
use crate::console_host::ConsoleHost;
use crate::exit::{Exit, Failed};
use crate::link::{COMMANDS, Showing, relay};
use crate::problem::Problem;
use crate::{logging, signals, simulate};

/// How often the display moves, in real time.
const MOVE: Duration = Duration::from_millis(250);

/// What PureConnect sent last has arrived by then, in real time.
const ARRIVAL: Duration = Duration::from_millis(500);

/// The longest wait for both sides to come to rest, in real time.
const REST: Duration = Duration::from_secs(60);

/// News of troubles that wait to be shown: two of each, and they come one by one.
const NEWS: usize = 4;

/// How many flaws of the journal are told in words.
const FLAWS: usize = 10;

/// How long a stream may say nothing when there is trouble, in simulated time.
const SILENCE: Duration = Duration::from_secs(240);

/// A computer that is busy for so long, in real time, does not make a change late.
const BUSY: Duration = Duration::from_secs(1);

/// The command `demo`.
pub fn demo(arguments: &arguments::Demo) -> Result<Exit, Failed> {
    // The display says how things stand, troubles on purpose included; the log only what is wrong.
    let level = if arguments.trouble { LevelFilter::ERROR } else { LevelFilter::WARN };
    let level = Targets::new().with_default(level);
    logging::start(&logging::Options { level, format: logging::Format::Text })?;
    signals::run_until_told(|shutdown| play(arguments, shutdown))
}

async fn play(arguments: &arguments::Demo, shutdown: CancellationToken) -> Result<Exit, Failed> {
    let host = console(arguments).await?;
    let mut simulation = simulate::start_for_demo(arguments).await?;
    if arguments.direct {
        let withheld = simulation.cloud.org().withhold(&cloud::INJECTION).await;
        withheld.map_err(|error| Failed::new(Exit::Internal, error))?;
    }
    let ended = bridge(&mut simulation, arguments, host, shutdown).await;
    simulation.stop().await;
    let Some(summary) = ended? else {
        return Ok(Exit::Success);
    };
    tell(&summary, arguments.json)?;
    let sound = summary.troubles.as_ref().is_none_or(|troubles| troubles.flaws == 0);
    Ok(if sound && summary.comparison.is_equal() { Exit::Success } else { Exit::AgentsDiffer })
}

/// The console, where it is asked for, else at its usual address, else at a free one; `None` when it is not wanted.
async fn console(arguments: &arguments::Demo) -> Result<Option<ConsoleHost>, Failed> {
    if arguments.no_console {
        return Ok(None);
    }
    let usual = arguments.console.unwrap_or_else(config::default_listen);
    match ConsoleHost::open(&config::Console::local(usual)).await {
        Err(_) if arguments.console.is_none() => {
            ConsoleHost::open(&config::Console::local(([127, 0, 0, 1], 0).into())).await.map(Some)
        }
        opened => opened.map(Some),
    }
}

/// The link between the simulators.
fn link(simulation: &Simulation, arguments: &arguments::Demo, journal: PathBuf) -> Result<config::Link, Failed> {
    let mut config = config::of_simulators(&simulate::simulators(simulation))?;
    config.journal.location = store::Location::Sqlite(journal);
    config.options.late_after = config.options.late_after.max(BUSY.mul_f64(arguments.speed));
    if arguments.trouble {
        config.pureconnect.silence_limit = silence_limit(arguments.speed);
    }
    Ok(config)
}

/// Runs the bridge, and beside it the console, which ends with it.
async fn bridge(
    simulation: &mut Simulation,
    arguments: &arguments::Demo,
    host: Option<ConsoleHost>,
    shutdown: CancellationToken,
) -> Result<Option<Summary>, Failed> {
    let (file, _folder) = journal_file(arguments.journal.as_ref())?;
    let config = link(simulation, arguments, file.clone())?;
    tour::tell(&tour::Tour {
        console: host.as_ref().map(ConsoleHost::url),
        simulators: simulate::remote(simulation),
        link: &config.name,
        agent: simulation.people().first().map(|person| person.user_id.as_str()),
        journal: &file,
        arguments,
    })?;
    let browser = host.as_ref().filter(|_| arguments.open).and_then(|host| tour::open(&host.url()));
    let (commands, heard) = mpsc::channel(COMMANDS);
    let (showing, shown) = Showing::new(&config, commands);
    let (desk, running) = watch::channel(None);
    let (stopping, over) = (shutdown.clone(), CancellationToken::new());
    let showing_it = async {
        if let Some(host) = host {
            host.serve(vec![shown], stopping, over.clone()).await;
        }
    };
    let bridging = async {
        let ended = through_the_day(simulation, arguments, Stage { config, showing, desk }, shutdown).await;
        over.cancel();
        ended
    };
    let relaying = async {
        // Nobody is asked anything any more when the bridge has ended.
        let _ = over.run_until_cancelled(relay(heard, running)).await;
    };
    let (ended, (), ()) = tokio::join!(bridging, showing_it, relaying);
    if let Some(mut browser) = browser {
        // What was started to open the browser has ended long ago, or is the browser, which goes on.
        drop(browser.try_wait());
    }
    ended
}

/// The bridge, before it runs.
struct Stage {
    config: config::Link,
    showing: Showing,
    desk: watch::Sender<Option<mpsc::Sender<Command>>>,
}

/// Runs the bridge through the day and compares both sides; `None` when it was told to stop before it was connected.
async fn through_the_day(
    simulation: &mut Simulation,
    arguments: &arguments::Demo,
    stage: Stage,
    shutdown: CancellationToken,
) -> Result<Option<Summary>, Failed> {
    let Stage { config, showing, desk } = stage;
    let seen = showing.report.subscribe();
    let stop = shutdown.child_token();
    let clock: Arc<dyn Clock> = Arc::new(SimulatedClock(simulation.clock));
    let mut service = Service::new(Recipe { config: config.clone(), clock, showing, desk, stop: stop.clone() });
    service.start()?;
    let (news, heard) = mpsc::channel(NEWS);
    let mischief = Mischief {
        system: simulation.icws.system(),
        org: simulation.cloud.org(),
        clock: simulation.clock,
        people: simulation.people().to_vec(),
        length: arguments.exit_after.unwrap_or(FULL),
        news,
    };
    let (dawn, began) = oneshot::channel();
    let scene = Scene { seen, heard, dawn, shutdown: &shutdown, stop: &stop };
    let day = async {
        let accounts = go_through_day(simulation, arguments, scene).await;
        stop.cancel();
        accounts
    };
    let trouble = async {
        let begins = began.await.is_ok() && arguments.trouble;
        let made = stop.run_until_cancelled(mischief.make(&mut service));
        if begins { made.await.unwrap_or(Ok(Vec::new())) } else { Ok(Vec::new()) }
    };
    let (accounts, troubles) = tokio::join!(day, trouble);
    let (Some(report), Some(accounts)) = (service.end().await?, accounts) else { return Ok(None) };
    let judged = Judged { troubles: troubles?, journal: config.journal, rules: config.mapping.options };
    summary(simulation, arguments, judged, report, &accounts).await.map(Some)
}

/// A stream that says nothing is taken for dead after some minutes of the simulated day: but a computer that is busy for
/// a moment is no silence.
fn silence_limit(speed: f64) -> Duration {
    SILENCE.div_f64(speed).clamp(Duration::from_secs(1), Duration::from_secs(45))
}

/// The journal's file: a new one at the path that is asked for, else one in a folder that goes with the value.
fn journal_file(asked: Option<&PathBuf>) -> Result<(PathBuf, Option<TempDir>), Failed> {
    let Some(path) = asked else {
        let folder = tempfile::tempdir().map_err(|error| Failed::new(Exit::Journal, error))?;
        return Ok((folder.path().join("demo.journal"), Some(folder)));
    };
    if path.exists() {
        let problem = Problem::new(format!("{} is there already", path.display()));
        return Err(Failed::diagnosed(
            Exit::Usage,
            problem.help("each demo is a new day: name a file that is not there"),
        ));
    }
    Ok((path.clone(), None))
}

/// What both sides say of the day.
struct Accounts {
    simulated: Duration,
    source: icws::Truth,
    target: cloud::Truth,
}

/// What happens beside the day.
struct Scene<'a> {
    seen: watch::Receiver<Option<Report>>,
    /// What is said of troubles.
    heard: mpsc::Receiver<String>,
    /// Told when the day begins.
    dawn: oneshot::Sender<()>,
    shutdown: &'a CancellationToken,
    stop: &'a CancellationToken,
}

/// Lets the day begin when everybody is in step, shows how it goes, ends it, and waits until both sides are at rest.
/// `None` when the link ended before.
async fn go_through_day(
    simulation: &mut Simulation,
    arguments: &arguments::Demo,
    scene: Scene<'_>,
) -> Option<Accounts> {
    let Scene { mut seen, mut heard, dawn, shutdown, stop } = scene;
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
    // Nobody waits for it when there is no trouble.
    let _ = dawn.send(());
    loop {
        tokio::select! {
            () = shutdown.cancelled() => break,
            () = stop.cancelled() => return None,
            Some(news) = heard.recv() => {
                display.say(simulation.clock.elapsed().saturating_sub(began), &news);
                continue;
            }
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

/// By what the day is judged, besides both sides' accounts.
struct Judged {
    troubles: Vec<Trouble>,
    journal: store::Options,
    rules: mapping::Options,
}

async fn summary(
    simulation: &Simulation,
    arguments: &arguments::Demo,
    judged: Judged,
    report: Report,
    accounts: &Accounts,
) -> Result<Summary, Failed> {
    let expected = expected::expected(&accounts.source, &mapping::Rules::built_in(judged.rules));
    let mut excuses = Excuses::default();
    let mut troubles = None;
    if arguments.trouble {
        let (gaps, flaws) = read_journal(&judged.journal).await?;
        excuses = Excuses::new(&gaps, &judged.troubles, arguments.speed);
        let recoveries = recovery::recoveries(&judged.troubles, &accounts.target.events);
        troubles = Some(Troubles { recoveries, gaps: gaps.len(), flaws });
    }
    Ok(Summary {
        simulated: accounts.simulated,
        comparison: if arguments.direct {
            direct::compare(simulation.people(), &expected, &accounts.target)
        } else {
            compare::compare(simulation.people(), &expected, &accounts.target, &excuses)
        },
        busiest_minute: accounts.target.busiest_minute,
        throttled: accounts.target.throttled,
        report,
        troubles,
    })
}

/// The gaps, and how many things are wrong with the journal.
async fn read_journal(options: &store::Options) -> Result<(Vec<Gap>, usize), Failed> {
    let found = store::verify(&options.location, &options.link).await?;
    for flaw in found.findings.iter().take(FLAWS) {
        tracing::warn!(entry = flaw.number, flaw = flaw.flaw.code(), what = flaw.what, "the journal is not sound");
    }
    let mut reader = store::Reader::open(&options.location, &options.link).await?;
    let gaps = reader.gaps(store::Period::default()).await;
    reader.close().await;
    Ok((gaps?, found.findings.len()))
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
