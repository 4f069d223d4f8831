//! The one loop that drives an [`Engine`] over the ports: hears what happened, hands out what is to be done.
//!
//! It owns the engine, the clock and the log; it decides nothing. The source runs in a task of its own; each piece of
//! work is a task that comes back with its answer. All of them are joined before [`run`] returns.

mod command;
mod log;
mod telling;
mod work;

use std::sync::Arc;
use std::time::Duration;

use domain::source::{Catalogue, Update};
use domain::time::Now;
use mapping::{RuleError, Rules};
use thiserror::Error;
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::engine::{Buckets, Engine, Report, Standings, Work};
use crate::options::Options;
use crate::ports::{
    Clock, Directory, Feed, FeedEvent, Journal, JournalFailure, Memory, Quota, Sink, Source, SourceEvent,
    SourceFailure, SourceRequest,
};
pub use command::{Command, Reload};
use telling::{Telling, room};
use work::{Done, Hands};

/// Messages between the source and the loop: a burst at a shift change fits, and a source that is ahead by more waits.
const EVENTS: usize = 1_024;

/// Changes that were seen are still delivered for this long after the order to stop.
const DRAIN: Duration = Duration::from_secs(3);

/// After that, the source has this long to log off.
const LOG_OFF: Duration = Duration::from_millis(1_500);

/// How often the report is renewed, in real time.
const REPORT: Duration = Duration::from_millis(250);

/// With a hundred thousand agents on their way it takes a while: no more than this part of the loop's time.
const SHARE: u32 = 20;

/// Says what is wrong with the rules on this system's status messages.
pub type RuleCheck = Box<dyn Fn(&Catalogue) -> Vec<RuleError> + Send + Sync>;

/// What a link is made of.
pub struct Parts {
    /// PureConnect.
    pub source: Box<dyn Source>,
    /// Genesys Cloud, once for each token; at least one.
    pub sinks: Vec<Arc<dyn Sink>>,
    /// Its users, once for each token.
    pub directories: Vec<Arc<dyn Directory>>,
    /// Its notifications, and what they report; not needed for anything to be right.
    pub feed: Option<(Arc<dyn Feed>, mpsc::Receiver<FeedEvent>)>,
    /// Where everything is written down.
    pub journal: Arc<dyn Journal>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The mapping.
    pub rules: Rules,
    /// Finds names in the rules that the system does not know: fatal at the first snapshot, a warning later.
    pub check_rules: RuleCheck,
    /// Requests that connecting took, and the quota that it showed, for each token.
    pub spent: Vec<(u32, Option<Quota>)>,
    /// Where the state is shown.
    pub report: watch::Sender<Option<Report>>,
    /// Where it is said how agents stand, whenever it changes; `None` where nobody looks.
    pub standings: Option<mpsc::Sender<Standings>>,
    /// What an operator says.
    pub commands: mpsc::Receiver<Command>,
    /// The order to stop.
    pub shutdown: CancellationToken,
}

/// Why a link ended without being told to.
#[derive(Debug, Error)]
pub enum RunFailure {
    /// PureConnect can never work as configured.
    #[error("failed to read from PureConnect")]
    Source(#[source] SourceFailure),
    /// The rules name what the system does not know.
    #[error("the mapping rules do not fit this PureConnect system")]
    Rules(Vec<RuleError>),
    /// The journal does not keep anything any more.
    #[error("failed to keep the journal")]
    Journal(#[source] JournalFailure),
    /// Genesys Cloud does not accept the OAuth client any more.
    #[error("Genesys Cloud refused the OAuth client: {0}")]
    Unauthorized(String),
    /// A task of ours ended in a way that it must not.
    #[error("a task ended unexpectedly: {0}")]
    Internal(String),
}

/// Keeps every agent in step until told to stop; then delivers what is pending, logs off and says how things stand.
pub async fn run(parts: Parts, options: Options) -> Result<Report, RunFailure> {
    let Parts { source, sinks, directories, feed, journal, clock, .. } = parts;
    let Parts { rules, check_rules, spent, report, standings, commands, shutdown, .. } = parts;
    let memory = journal.load().await.map_err(RunFailure::Journal)?;
    let mut engine = Engine::new(options, rules, &sinks[0].lanes());
    begin(&mut engine, clock.now(), spent, memory);
    if standings.is_some() {
        engine.watch_agents();
    }
    let (feed, hints) = feed.unzip();
    if let Some(feed) = &feed {
        engine.handle_feed(feed.channel_size());
    }
    let (events_in, events) = mpsc::channel(EVENTS);
    // One request says it all: subscribe again.
    let (requests, requests_out) = mpsc::channel(1);
    let stop_source = CancellationToken::new();
    let mut source_task = tokio::spawn(source.run(events_in, requests_out, stop_source.clone()));
    let hands = Hands { sinks, directories, feed, journal, clock: Arc::clone(&clock) };
    let mut link = Link {
        engine,
        clock,
        hands,
        events,
        hints,
        commands,
        requests,
        report,
        standings: standings.map(Telling::new),
        check_rules,
        first: true,
        in_step: false,
        recording: Buckets::default(),
        work: JoinSet::new(),
    };

    let ended = tokio::select! {
        biased;
        ended = &mut source_task => link.source_ended(ended).await,
        failure = link.until_failure() => Err(failure),
        () = shutdown.cancelled() => Ok(()),
    };
    stop_source.cancel();
    if ended.is_ok() {
        info!("stopping: delivering what is pending, then logging off");
        link.engine.handle_stopping(link.clock.now());
        if tokio::time::timeout(DRAIN, link.until_drained()).await.is_err() {
            warn!("stopping with changes that were not delivered; the journal keeps them for the next start");
        }
    }
    link.work.shutdown().await;
    if !source_task.is_finished() {
        link.events.close();
        if tokio::time::timeout(LOG_OFF, &mut source_task).await.is_err() {
            source_task.abort();
            warn!("stopped before the session was logged off");
        }
    }
    let last = link.show();
    ended.map(|()| last)
}

/// What was before: what connecting took, and what the journal remembers.
fn begin(engine: &mut Engine, now: Now, spent: Vec<(u32, Option<Quota>)>, memory: Memory) {
    for (token, (requests, quota)) in spent.into_iter().enumerate() {
        engine.handle_spent(now, token, requests, quota);
    }
    engine.handle_loaded(now, memory);
}

/// The engine and everything that it talks through.
struct Link {
    engine: Engine,
    clock: Arc<dyn Clock>,
    hands: Hands,
    events: mpsc::Receiver<SourceEvent>,
    hints: Option<mpsc::Receiver<FeedEvent>>,
    commands: mpsc::Receiver<Command>,
    requests: mpsc::Sender<SourceRequest>,
    report: watch::Sender<Option<Report>>,
    standings: Option<Telling>,
    check_rules: RuleCheck,
    first: bool,
    /// Whether it was said that everybody is in step.
    in_step: bool,
    /// How long the journal took, in real time.
    recording: Buckets,
    work: JoinSet<Done>,
}

impl Link {
    /// Works until something happens that ends the link.
    async fn until_failure(&mut self) -> RunFailure {
        let mut reporting = tokio::time::interval(REPORT);
        loop {
            if let Err(failure) = self.step(&mut reporting).await {
                return failure;
            }
        }
    }

    /// Works until nothing is pending any more.
    async fn until_drained(&mut self) {
        let mut reporting = tokio::time::interval(REPORT);
        while !(self.engine.is_drained() && self.events.is_empty()) {
            if self.step(&mut reporting).await.is_err() {
                return;
            }
        }
    }

    /// Hands out what is to be done, then takes the next thing that happens.
    async fn step(&mut self, reporting: &mut tokio::time::Interval) -> Result<(), RunFailure> {
        self.hand_out();
        self.say();
        if let Some(reason) = self.engine.stopped() {
            return Err(RunFailure::Unauthorized(reason.to_owned()));
        }
        let timeout = self.engine.poll_timeout();
        let clock = Arc::clone(&self.clock);
        let due = async {
            match timeout {
                Some(at) => clock.sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            Some(done) = self.work.join_next() => self.take(done),
            Some(event) = self.events.recv() => self.hear(event),
            () = due => Ok(()),
            Some(command) = self.commands.recv() => {
                self.obey(command);
                Ok(())
            }
            hint = hear_hint(&mut self.hints) => {
                self.engine.handle_notified(self.clock.now(), hint);
                Ok(())
            }
            _ = reporting.tick() => {
                let began = Instant::now();
                self.show();
                reporting.reset_after(REPORT.max(began.elapsed() * SHARE));
                if let Some(standings) = &mut self.standings {
                    standings.is_due();
                }
                Ok(())
            }
            (room, telling) = room(&mut self.standings, self.engine.has_standings()) => {
                telling.tell(&mut self.engine, room);
                Ok(())
            }
        }
    }

    fn hand_out(&mut self) {
        while let Some(task) = self.engine.poll_work(self.clock.now()) {
            if task.work == Work::Resync {
                info!("asking PureConnect for a fresh snapshot");
                // A request that waits already says the same.
                let _ = self.requests.try_send(SourceRequest::Resync);
                continue;
            }
            let hands = self.hands.clone();
            self.work.spawn(async move { hands.work(task).await });
        }
    }

    fn take(&mut self, done: Result<Done, JoinError>) -> Result<(), RunFailure> {
        let done = done.map_err(|ended| RunFailure::Internal(ended.to_string()))?;
        if let Done::Recorded(_, Ok(()), took) = &done {
            self.recording.add(*took);
        }
        let lanes = self.hands.sinks[0].lanes();
        if !self.engine.delivers_by(&lanes) {
            self.engine.handle_lanes(self.clock.now(), &lanes);
        }
        done.report(&mut self.engine, self.clock.now()).map_err(RunFailure::Journal)
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Confirm(told) => {
                let confirmation = self.engine.handle_confirm(self.clock.now());
                // Whoever asked may have gone, here as below.
                let _ = told.send(confirmation);
            }
            Command::Report(told) => {
                let _ = told.send(self.show());
            }
            Command::Agents(which, told) => {
                let _ = told.send(self.engine.agents_of(which));
            }
            Command::Catalogue(told) => {
                let _ = told.send(self.engine.catalogue().clone());
            }
            Command::Rules(told) => {
                let _ = told.send(self.engine.rules().clone());
            }
            Command::Renew(agent, told) => {
                let _ = told.send(self.engine.handle_renewal(self.clock.now(), &agent));
            }
            Command::Reload(reload, told) => {
                let _ = told.send(self.reload(*reload));
            }
        }
    }

    /// Takes other rules over, unless they name what the system does not know.
    fn reload(&mut self, reload: Reload) -> Result<(), Vec<RuleError>> {
        let Reload { rules, check_rules, matching, rescoped } = reload;
        let catalogue = self.engine.catalogue();
        let errors = if catalogue.is_empty() { Vec::new() } else { check_rules(catalogue) };
        if !errors.is_empty() {
            return Err(errors);
        }
        self.check_rules = check_rules;
        self.engine.handle_reload(self.clock.now(), rules, matching, rescoped);
        Ok(())
    }

    /// Takes an event over, and all that came with it.
    fn hear(&mut self, event: SourceEvent) -> Result<(), RunFailure> {
        self.check(&event)?;
        self.engine.handle_source(self.clock.now(), event);
        while let Ok(event) = self.events.try_recv() {
            self.check(&event)?;
            self.engine.handle_source(self.clock.now(), event);
        }
        Ok(())
    }

    /// Looks for rules that name what the system does not know.
    fn check(&mut self, event: &SourceEvent) -> Result<(), RunFailure> {
        let catalogue = match event {
            SourceEvent::Snapshot { snapshot, .. } => Some(&snapshot.catalogue),
            SourceEvent::Changed(batch) => batch.updates.iter().find_map(|update| match update {
                Update::Catalogue(catalogue) => Some(catalogue),
                Update::Workgroups(_)
                | Update::Agents(_)
                | Update::Rescoped(_)
                | Update::Status(..)
                | Update::Interaction(..)
                | Update::InteractionLeft(..) => None,
            }),
            SourceEvent::Lost { .. } => None,
        };
        let Some(catalogue) = catalogue.filter(|catalogue| !catalogue.is_empty()) else { return Ok(()) };
        let errors = (self.check_rules)(catalogue);
        if std::mem::take(&mut self.first) && !errors.is_empty() {
            return Err(RunFailure::Rules(errors));
        }
        for error in errors {
            warn!(rule = %error, "a mapping rule does not fit the status messages any more");
        }
        Ok(())
    }

    fn say(&mut self) {
        while let Some(notice) = self.engine.poll_notice() {
            log::notice(&notice);
        }
    }

    fn show(&mut self) -> Report {
        self.say();
        let mut report = self.engine.report(self.clock.now().utc);
        report.figures.recording = self.recording.clone();
        if !self.in_step && report.is_in_step() {
            self.in_step = true;
            log::in_step(&report);
        }
        self.report.send_replace(Some(report.clone()));
        report
    }

    /// The source ended although nobody told it to.
    async fn source_ended(&mut self, ended: Result<Result<(), SourceFailure>, JoinError>) -> Result<(), RunFailure> {
        match ended {
            Ok(Err(failure)) => Err(RunFailure::Source(failure)),
            Ok(Ok(())) => Err(RunFailure::Internal("the source stopped reporting".to_owned())),
            Err(ended) => Err(RunFailure::Internal(ended.to_string())),
        }
    }
}

/// The next hint; never, where there are no notifications.
async fn hear_hint(hints: &mut Option<mpsc::Receiver<FeedEvent>>) -> FeedEvent {
    match hints {
        Some(hints) => match hints.recv().await {
            Some(hint) => hint,
            None => std::future::pending().await,
        },
        None => std::future::pending().await,
    }
}
