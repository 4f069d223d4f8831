//! The decision maker: told what happened (`handle_*`), asked what to do (`poll_work`) and when to ask again
//! (`poll_timeout`).
//!
//! One owner of all state; no I/O, no async, no clock, no logging. Its parts: `record` is an agent, `roster` finds
//! the cloud user, `wish` says what a status means, `facet` keeps the order of changes, `lanes` and `budget`
//! say what goes next and `tokens` who pays, `guard` says when nothing may go, `outbox` what the journal has yet to get, `trust` when the two
//! sides may differ. What the engine does with news is in `recovery` (from the run before), `snapshot`, `intake`, `logouts`
//! and `after_call_work` (from PureConnect), `delivery`, `outcome` and `link` (to Genesys Cloud), `verify`, `feed` and
//! `upkeep` (reading it).

mod after_call_work;
mod agents;
mod budget;
mod claims;
mod delivery;
mod derived;
mod doubt;
mod facet;
mod feed;
mod figures;
mod guard;
mod intake;
mod lanes;
mod link;
mod logouts;
mod notice;
mod outbox;
mod outcome;
mod picture;
mod record;
mod recovery;
mod reload;
mod renewal;
mod report;
mod roster;
mod snapshot;
mod standing;
mod tokens;
mod trust;
mod upkeep;
mod verify;
mod wish;
mod work;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use domain::change::Facet;
use domain::ids::{AgentId, ChangeId, CloudUserId};
use domain::source::Catalogue;
use domain::time::{Instant, Now};
use jiff::SignedDuration;
use mapping::Rules;

pub use budget::{Budget, Class, Permit};
pub use derived::NOT_SUPPORTED;
pub use doubt::{Confirmation, Doubt};
pub use figures::{BOUNDS, Buckets, Figures, RequestClass, RequestOutcome};
pub use notice::{Notice, Ownership};
pub use record::SyncState;
pub use renewal::Renewal;
pub use report::{Delays, Repaired, Report, SourceState};
pub use roster::{Match, Unmatched, match_users};
pub use standing::{AgentReport, Standings, Which};
pub use tokens::TokenReport;
pub use upkeep::directory_interval;
pub use verify::Drift;
pub use work::{Task, Work, WorkId};

use crate::options::{ModeChoice, Options, OutOfOfficeChoice};
use crate::ports::{Answer, ClaimScope, Fact, Failure, Lane, Order, Outcomes, Quota, SourceEvent, Stage, UserPage};
use guard::Guard;
use lanes::Waiting;
use outbox::Outbox;
use record::{Phase, Record};
use report::Counters;
use roster::Roster;
use tokens::Tokens;
use wish::Surroundings;
use work::Flight;

/// The engine of one link.
pub struct Engine {
    options: Options,
    rules: Rules,
    mode: ModeChoice,
    surroundings: Surroundings,
    source: SourceState,
    /// The clock offset of the last snapshot that could be believed; `None` before the first.
    clock_offset: Option<SignedDuration>,
    agents: agents::Agents,
    by_id: BTreeMap<AgentId, usize>,
    by_user: BTreeMap<CloudUserId, usize>,
    recollection: recovery::Recollection,
    roster: Roster,
    directory: upkeep::Reading,
    claims: claims::Claims,
    guard: Guard,
    lanes: Vec<Waiting>,
    tokens: Tokens,
    sink: link::Link,
    flights: BTreeMap<WorkId, Flight>,
    next_work: u64,
    outbox: Outbox,
    resting: BTreeSet<(Instant, usize)>,
    verifies: BTreeSet<(Instant, usize)>,
    held: logouts::Held,
    suspects: after_call_work::Suspects,
    gaps: trust::Gaps,
    feeds: Option<feed::Feeds>,
    resync: bool,
    /// Whether the operator changed the scope, and the source has yet to say who is in it.
    rescoping: bool,
    stopping: bool,
    stopped: Option<String>,
    wake: Option<Instant>,
    random: fastrand::Rng,
    notices: VecDeque<Notice>,
    counters: Counters,
}

impl Engine {
    /// An engine that knows nothing yet. The lanes are the sink's.
    #[must_use]
    pub fn new(options: Options, rules: Rules, lanes: &[Lane]) -> Self {
        let tokens = Tokens::new(options.budget);
        let guard = Guard::new(options.guard);
        let random = fastrand::Rng::with_seed(options.seed);
        Self {
            mode: options.mode,
            options,
            rules,
            surroundings: Surroundings::default(),
            source: SourceState::Connecting,
            clock_offset: None,
            agents: agents::Agents::default(),
            by_id: BTreeMap::new(),
            by_user: BTreeMap::new(),
            recollection: recovery::Recollection::default(),
            roster: Roster::default(),
            directory: upkeep::Reading::default(),
            claims: claims::Claims::default(),
            guard,
            lanes: lanes::waiting(lanes, tokens.count()),
            tokens,
            sink: link::Link::default(),
            flights: BTreeMap::new(),
            next_work: 0,
            outbox: Outbox::default(),
            resting: BTreeSet::new(),
            verifies: BTreeSet::new(),
            held: logouts::Held::default(),
            suspects: after_call_work::Suspects::default(),
            gaps: trust::Gaps::default(),
            feeds: None,
            resync: false,
            rescoping: false,
            stopping: false,
            stopped: None,
            wake: None,
            random,
            notices: VecDeque::new(),
            counters: Counters::new(),
        }
    }

    /// Requests that were made with a token before the engine began, and the quota that they showed.
    pub fn handle_spent(&mut self, now: Now, token: usize, requests: u32, quota: Option<Quota>) {
        let budget = self.tokens.budget(token);
        budget.hold(now.instant, Class::Normal, requests);
        if let Some(quota) = quota {
            budget.learn(now.instant, quota);
        }
        self.counters.requests += u64::from(requests);
        self.counters.figures.connected(requests);
    }

    /// The source reported something.
    pub fn handle_source(&mut self, now: Now, event: SourceEvent) {
        match event {
            SourceEvent::Snapshot { received, snapshot } => {
                self.counters.figures.heard = Some(now.utc);
                self.counters.figures.snapshot = Some(now.utc);
                self.take_snapshot(now, received, *snapshot);
            }
            SourceEvent::Changed(batch) => {
                self.counters.figures.heard = Some(now.utc);
                self.take_batch(now, batch);
            }
            SourceEvent::Lost { reason, heard } => {
                let since = heard.map_or(now.utc, |heard| heard.min(now.utc));
                self.source = SourceState::Lost { reason: reason.clone(), since };
                self.keep_logouts();
                self.notices.push_back(Notice::SourceLost { reason });
            }
        }
    }

    /// Entries were written to the journal.
    pub fn handle_recorded(&mut self, id: WorkId) {
        let Some(Flight::Record { up_to }) = self.flights.remove(&id) else { return };
        for agent in self.outbox.written(up_to) {
            self.enqueue(agent);
        }
    }

    /// The status messages; empty before the first snapshot.
    #[must_use]
    pub fn catalogue(&self) -> &Catalogue {
        &self.surroundings.catalogue
    }

    /// The rules that are in force.
    #[must_use]
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Nothing new is begun any more; what is pending is still delivered.
    pub fn handle_stopping(&mut self, now: Now) {
        self.begin_stop_gap(now);
        self.stopping = true;
    }

    /// What to do next, or nothing until [`Self::poll_timeout`] or the next news.
    pub fn poll_work(&mut self, now: Now) -> Option<Task> {
        self.wake = None;
        self.catch_up(now);
        if let Some(task) = self.next_record() {
            return Some(task);
        }
        if self.stopped.is_some() {
            return None;
        }
        if let Some(task) = self.next_resync(now) {
            return Some(task);
        }
        if self.link_rests(now) {
            return None;
        }
        if self.stopping {
            return self.next_delivery(now);
        }
        self.next_first_reading(now)
            .or_else(|| self.next_delivery(now))
            .or_else(|| self.next_claim(now))
            .or_else(|| self.next_release(now))
            .or_else(|| self.next_subscription(now))
            .or_else(|| self.next_read_back(now))
    }

    /// When to ask [`Self::poll_work`] again without any news.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        let first = |set: &BTreeSet<(Instant, usize)>| set.first().map(|(at, _)| *at);
        // Whoever stops has said that the feed cannot be relied on from now on.
        let running = !self.stopping;
        let (late, alive) = (self.gaps.look_at().filter(|_| running), running.then(|| self.outbox.alive_at()));
        let due = [self.held.next(), self.suspects.due(), late, self.guard.ask_at(), alive];
        due.into_iter().chain([self.wake, first(&self.resting)]).flatten().min()
    }

    /// The next thing worth saying.
    pub fn poll_notice(&mut self) -> Option<Notice> {
        self.notices.pop_front()
    }

    /// Whether nothing that can be told is pending, under way or unwritten: the end of an orderly stop.
    #[must_use]
    pub fn is_drained(&self) -> bool {
        let quiet = |record: &Record| {
            let can_be_told = record.user().is_some() && record.known && !matches!(record.phase, Phase::Waiting { .. });
            !(can_be_told && record.has_pending())
        };
        let frozen = self.guard.doubt().is_some();
        self.flights.is_empty() && self.outbox.is_empty() && (frozen || self.agents.iter().all(quiet))
    }

    /// Why the link had to stop for good, if it had to.
    #[must_use]
    pub fn stopped(&self) -> Option<&str> {
        self.stopped.as_deref()
    }

    /// What is due by the clock alone.
    fn catch_up(&mut self, now: Now) {
        while let Some(&(at, agent)) = self.resting.first() {
            if at > now.instant {
                break;
            }
            self.resting.pop_first();
            self.rest_ended(agent);
        }
        self.release_logouts(now);
        self.find_stuck(now);
        self.watch_gaps(now);
        if !self.stopping && self.outbox.alive_at() <= now.instant {
            self.outbox.note(now, Fact::Alive);
        }
    }

    fn next_record(&mut self) -> Option<Task> {
        let (entries, up_to) = self.outbox.next_batch()?;
        Some(self.hand_out(Work::Record(entries), Flight::Record { up_to }))
    }

    fn next_resync(&mut self, now: Now) -> Option<Task> {
        if self.guard.ask_at().is_some_and(|at| at <= now.instant) {
            self.guard.asked(now.instant);
            self.resync = true;
        }
        std::mem::take(&mut self.resync).then(|| {
            let id = self.next_id();
            Task { id, token: 0, work: Work::Resync }
        })
    }

    fn hand_out(&mut self, work: Work, flight: Flight) -> Task {
        let (id, token) = (self.next_id(), flight.token());
        self.flights.insert(id, flight);
        Task { id, token, work }
    }

    fn next_id(&mut self) -> WorkId {
        self.next_work += 1;
        WorkId(self.next_work)
    }

    /// Notes what happened to a change.
    fn note(&mut self, now: Now, agent: usize, change: ChangeId, stage: Stage) -> u64 {
        let agent = self.agents[agent].agent.id.clone();
        self.outbox.note(now, Fact::Change { agent, change, stage })
    }

    /// Notes what happened to a change that goes on only when that is written down; returns its place in the journal.
    fn note_and_wait(&mut self, now: Now, agent: usize, change: ChangeId, stage: Stage) -> u64 {
        let place = self.note(now, agent, change, stage);
        self.outbox.wait(place, agent);
        place
    }

    fn new_change_id(&mut self) -> ChangeId {
        ChangeId(self.new_id())
    }

    /// A random UUID (version 4), as the platform asks of event ids.
    fn new_id(&mut self) -> uuid::Uuid {
        uuid::Builder::from_random_bytes(self.random.u128(..).to_be_bytes()).into_uuid()
    }

    /// Remembers when to ask again.
    fn wake_at(&mut self, at: Instant) {
        self.wake = Some(self.wake.map_or(at, |wake| wake.min(at)));
    }

    /// Whether every transition of a facet is told, with its own time.
    fn keeps_history(&self, facet: Facet) -> bool {
        self.lanes.iter().any(|waiting| waiting.lane.facet == facet && waiting.lane.keeps_history)
    }

    /// Whether presence is delivered directly: the newest value only, to the platform's own presence source.
    fn is_direct(&self) -> bool {
        !self.keeps_history(Facet::Presence)
    }

    /// Whether a facet is replicated: by the mode, and by what the sink can do.
    fn replicates(&self, facet: Facet) -> bool {
        let engaged = self.mode == ModeChoice::WorkforceEngagement;
        let wanted = match facet {
            Facet::Presence => true,
            Facet::Routing => engaged,
            Facet::OutOfOffice => match self.options.out_of_office {
                OutOfOfficeChoice::Auto => engaged,
                OutOfOfficeChoice::Always => true,
                OutOfOfficeChoice::Never => false,
            },
        };
        wanted && self.lanes.iter().any(|waiting| waiting.lane.facet == facet)
    }
}
