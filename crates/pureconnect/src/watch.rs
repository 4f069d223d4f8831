//! One session at work: listens, asks, keeps the picture, and reports it, until it is told to stop or something breaks.
//!
//! It does not reconnect; `source` does.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use domain::ids::{AgentId, StatusId};
use domain::source::{Batch, Scope, Snapshot, System, Update};
use futures_util::{FutureExt, StreamExt};
use jiff::{SignedDuration, Timestamp};
use replicator::ports::{SourceEvent, SourceRequest};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info};

use crate::errands::{self, Errand, Errands};
use crate::error::Error;
use crate::gathering::{Gathering, Progress};
use crate::limits::{self, Scales};
use crate::picture::{Layout, Picture, Shown};
use crate::stream::{self, Rhythm};
use crate::subscribe::{self, Asked, Asker};

mod faults;
mod following;
mod news;

use faults::Faults;

/// How often a sign of life is sent beside an open stream, and the server's clock is read, at least.
const HEARTBEAT: Duration = Duration::from_secs(30);

/// How long after a change of the population the subscriptions follow: users come in bunches.
const GATHER_POPULATION: Duration = Duration::from_millis(500);

/// How long the same unknown status is not asked for again.
const UNKNOWN_STATUS: Duration = Duration::from_secs(60);

/// Why it ended.
pub(crate) enum Stop {
    /// Somebody wanted it to, or nobody listens any more.
    Asked,
    /// Something broke.
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// What a watch is told.
pub(crate) struct Terms<'a> {
    pub(crate) asker: Asker,
    /// Who is wanted; the asker's scope is where to begin.
    pub(crate) scope: watch::Receiver<Scope>,
    pub(crate) rhythm: Rhythm,
    /// How often the users are read again.
    pub(crate) users: Duration,
    /// How often everything is subscribed again.
    pub(crate) resync: Duration,
    /// How long missing lists are waited for.
    pub(crate) patience: Duration,
    pub(crate) events: &'a mpsc::Sender<SourceEvent>,
    pub(crate) shutdown: &'a CancellationToken,
}

/// How much is asked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    Everything,
    Population,
}

/// A session at work.
pub(crate) struct Watch<'a> {
    terms: Terms<'a>,
    picture: Picture,
    offset: SignedDuration,
    workforce_engagement: Option<bool>,
    population: BTreeSet<AgentId>,
    layout: Layout,
    errands: Errands,
    /// Lists that are waited for before the next snapshot, or the next changes.
    gathering: Option<Gathering>,
    /// What was told when only the population's lists are waited for: what they change is reported as changes.
    shown: Option<Shown>,
    /// Who was in the last list of agents that was reported.
    reported: BTreeSet<AgentId>,
    /// When the first snapshot was reported; until then nothing else is.
    live: Option<Instant>,
    resync_due: Instant,
    heartbeat_due: Option<Instant>,
    clock_due: Option<Instant>,
    population_due: Option<Instant>,
    users_due: Option<Instant>,
    /// How often something was heard of users.
    users_heard: u64,
    /// A scope that is not followed because nobody is in it.
    declined: Option<Scope>,
    /// When each unknown status was last asked for.
    asked_for: BTreeMap<StatusId, Instant>,
    faults: Faults,
    unknown_kinds: BTreeSet<String>,
    scales: Scales,
}

impl<'a> Watch<'a> {
    pub(crate) fn new(terms: Terms<'a>) -> Self {
        let now = Instant::now();
        Self {
            picture: Picture::new(terms.asker.scope.clone()),
            offset: terms.asker.session.offset,
            workforce_engagement: None,
            population: BTreeSet::new(),
            layout: Layout::new(),
            errands: Errands::new(),
            gathering: None,
            shown: None,
            reported: BTreeSet::new(),
            live: None,
            resync_due: now + terms.resync,
            heartbeat_due: terms.asker.session.can_stream.then(|| now + heartbeat(terms.rhythm)),
            clock_due: Some(now + heartbeat(terms.rhythm)),
            population_due: None,
            users_due: Some(now + terms.users),
            users_heard: 0,
            declined: None,
            asked_for: BTreeMap::new(),
            faults: Faults::default(),
            unknown_kinds: BTreeSet::new(),
            scales: Scales::new(limits::BODY, limits::PICTURE),
            terms,
        }
    }

    /// Which users it watches.
    pub(crate) fn scope(&self) -> &Scope {
        self.picture.scope()
    }

    /// When the first snapshot was reported, if it was.
    pub(crate) fn live_since(&self) -> Option<Instant> {
        self.live
    }

    /// Works until something ends it.
    pub(crate) async fn run(&mut self, requests: &mut mpsc::Receiver<SourceRequest>) -> Stop {
        let (session, clock) = (Arc::clone(&self.terms.asker.session), Arc::clone(&self.terms.asker.clock));
        let mut feed = stream::open(session, clock, self.terms.rhythm);
        let shutdown = self.terms.shutdown;
        let mut scope = self.terms.scope.clone();
        let (mut is_asked, mut is_ruled) = (true, true);
        self.ask(Extent::Everything);
        loop {
            let wake = self.next_wake();
            let step = tokio::select! {
                () = shutdown.cancelled() => return Stop::Asked,
                group = feed.next() => match group {
                    Some(Ok(group)) => self.handle_group(group).await,
                    Some(Err(error)) => Err(error.into()),
                    None => Err(Error::StreamClosed { host: self.terms.asker.session.host().to_owned() }.into()),
                },
                Some(done) = self.errands.next(), if !self.errands.is_empty() => self.handle_errand(done).await,
                request = requests.recv(), if is_asked => {
                    match request {
                        Some(SourceRequest::Resync) => self.ask(Extent::Everything),
                        None => is_asked = false,
                    }
                    Ok(())
                }
                changed = scope.changed(), if is_ruled => {
                    is_ruled = changed.is_ok();
                    self.follow_scope().await
                }
                () = sleep_until(wake) => self.handle_time(),
            };
            let step = match step {
                Ok(()) => self.conclude().await,
                Err(stop) => Err(stop),
            };
            if let Err(stop) = step {
                return stop;
            }
        }
    }

    /// Asks for lists anew; a snapshot that is being gathered anyway serves as well.
    fn ask(&mut self, extent: Extent) {
        let now = Instant::now();
        if self.gathering.is_some() {
            // Changes are no snapshot, so one is made after them.
            if extent == Extent::Everything && self.shown.is_some() {
                self.resync_due = now;
            }
            return;
        }
        let rhythm = if self.terms.asker.session.can_stream { Duration::ZERO } else { self.terms.rhythm.poll };
        self.gathering = Some(Gathering::new(now, self.terms.patience, rhythm));
        self.population_due = None;
        let asker = self.asker();
        let former = self.layout.clone();
        let asked = match extent {
            Extent::Everything => {
                self.faults.asked_again();
                self.resync_due = now + self.terms.resync;
                self.users_due = Some(now + self.terms.users);
                subscribe::everything(asker, former, self.offset).boxed()
            }
            Extent::Population => {
                self.shown = Some(Shown::all(self.picture.lists()));
                subscribe::population(asker, self.picture.population(), former).boxed()
            }
        };
        self.errands.push(asked.map(|asked| asked.map(|asked| Errand::Asked(Box::new(asked)))).boxed());
    }

    fn asker(&self) -> Asker {
        let (scope, is_first) = (self.picture.scope().clone(), self.live.is_none());
        Asker { scope, is_first, ..self.terms.asker.clone() }
    }

    async fn handle_errand(&mut self, done: Result<Errand, Error>) -> Result<(), Stop> {
        match done? {
            Errand::Asked(asked) => self.handle_asked(*asked),
            Errand::Catalogue(None) => {}
            Errand::Catalogue(Some(list)) => self.handle_catalogue(list).await?,
            Errand::Users { list, asked } => self.handle_users(list, asked).await?,
            Errand::Heartbeat { again: true } => {
                self.heartbeat_due = Some(Instant::now() + heartbeat(self.terms.rhythm))
            }
            // Of the messages from now on; what was translated before had the clock of its time.
            Errand::Offset(offset) => {
                self.offset = offset;
                self.clock_due = Some(Instant::now() + heartbeat(self.terms.rhythm));
            }
            Errand::Heartbeat { again: false } => {
                debug!(host = self.terms.asker.session.host(), "no heartbeats here; the open stream has to do");
            }
        }
        Ok(())
    }

    fn handle_asked(&mut self, asked: Asked) {
        let now = Instant::now();
        let Some(gathering) = &mut self.gathering else {
            return;
        };
        if let Some(read) = asked.read {
            self.offset = read.offset;
            self.workforce_engagement = read.workforce_engagement;
            news::absorb_read(&mut self.picture, gathering, read.catalogue, read.users, read.workgroups);
        }
        self.population = asked.population;
        self.layout = asked.layout;
        // What this changes is in the snapshot.
        self.picture.set_layout(&self.layout);
        for subject in asked.refused {
            gathering.excuse(subject, now);
        }
        gathering.expect(asked.expected, now);
    }

    fn next_wake(&self) -> Instant {
        let far = self.resync_due;
        let times = match &self.gathering {
            Some(gathering) => match gathering.progress(Instant::now(), self.picture.is_covered()) {
                Progress::Until(time) => [Some(time), None, None],
                Progress::Done | Progress::Overdue => [Some(Instant::now()), None, None],
            },
            None => [Some(far), self.faults.due(), self.population_due.into_iter().chain(self.users_due).min()],
        };
        times.into_iter().flatten().chain(self.heartbeat_due).chain(self.clock_due).min().unwrap_or(far)
    }

    fn handle_time(&mut self) -> Result<(), Stop> {
        let now = Instant::now();
        if self.heartbeat_due.is_some_and(|due| due <= now) {
            self.heartbeat_due = None;
            self.errands.push(errands::heartbeat(Arc::clone(&self.terms.asker.session)));
        }
        if self.clock_due.is_some_and(|due| due <= now) {
            self.clock_due = None;
            let asker = &self.terms.asker;
            self.errands.push(errands::clock(Arc::clone(&asker.session), Arc::clone(&asker.clock), self.offset));
        }
        match &self.gathering {
            Some(gathering) if gathering.progress(now, self.picture.is_covered()) == Progress::Overdue => {
                return Err(Stop::Failed(Error::Incomplete {
                    host: self.terms.asker.session.host().to_owned(),
                    missing: gathering.missing(),
                    after: self.terms.patience,
                }));
            }
            Some(_) => {}
            None if self.resync_due <= now || self.faults.due().is_some_and(|due| due <= now) => {
                self.ask(Extent::Everything);
            }
            None if self.population_due.is_some_and(|due| due <= now) => self.ask(Extent::Population),
            None if self.users_due.is_some_and(|due| due <= now) => self.read_users(now),
            None => {}
        }
        Ok(())
    }

    /// Reports what was gathered when it is complete, and what waited for it.
    async fn conclude(&mut self) -> Result<(), Stop> {
        if self.gathering.is_none() {
            return Ok(());
        }
        let is_covered = self.picture.is_covered();
        let done = |gathering: &mut Gathering| gathering.progress(Instant::now(), is_covered) == Progress::Done;
        let Some(gathering) = self.gathering.take_if(done) else {
            return Ok(());
        };
        let received = gathering.as_of().unwrap_or_else(|| self.terms.asker.clock.now().utc);
        match self.shown.take() {
            Some(shown) => self.report_changes(received, shown.differences(self.picture.lists())).await?,
            None => self.report_snapshot(received).await?,
        }
        self.look_after_statuses(self.picture.unknown_statuses());
        self.look_after_population();
        for (received, group) in gathering.into_held() {
            let updates: Vec<_> = group.into_iter().flat_map(|content| self.picture.apply(false, content)).collect();
            self.look_after(&updates);
            self.report_changes(received, updates).await?;
        }
        self.follow_scope().await
    }

    async fn report_snapshot(&mut self, received: Timestamp) -> Result<(), Stop> {
        // The snapshot tells all.
        self.picture.untold_statuses();
        let lists = self.picture.lists();
        self.reported = lists.agents.iter().map(|agent| agent.id.clone()).collect();
        let session = &self.terms.asker.session;
        info!(
            host = session.host(),
            agents = lists.agents.len(),
            statuses = lists.statuses.len(),
            interactions = lists.interactions.len(),
            "read the whole picture of PureConnect"
        );
        let snapshot = Snapshot {
            system: System {
                host: session.host().to_owned(),
                release: session.release,
                workforce_engagement: self.workforce_engagement,
                clock_offset: self.offset,
            },
            catalogue: lists.catalogue,
            workgroups: lists.workgroups,
            agents: lists.agents,
            statuses: lists.statuses,
            interactions: lists.interactions,
        };
        self.report(SourceEvent::Snapshot { received, snapshot: Box::new(snapshot) }).await?;
        self.live.get_or_insert_with(Instant::now);
        Ok(())
    }

    async fn report_changes(&mut self, received: Timestamp, mut updates: Vec<Update>) -> Result<(), Stop> {
        if updates.is_empty() || self.live.is_none() {
            return Ok(());
        }
        self.introduce(&mut updates);
        if let Some(shown) = &mut self.shown {
            shown.follow(&updates);
        }
        self.report(SourceEvent::Changed(Batch { received, updates })).await
    }

    async fn report(&mut self, event: SourceEvent) -> Result<(), Stop> {
        tokio::select! {
            biased;
            sent = self.terms.events.send(event) => sent.map_err(|_| Stop::Asked),
            () = self.terms.shutdown.cancelled() => Err(Stop::Asked),
        }
    }
}

fn heartbeat(rhythm: Rhythm) -> Duration {
    rhythm.silence.min(HEARTBEAT)
}
