//! The decision maker: told what happened (`handle_*`), asked what to do (`poll_work`) and when to ask again
//! (`poll_timeout`).
//!
//! One owner of all state; no I/O, no async, no clock, no logging. Its parts: `record` is an agent, `roster` finds
//! the cloud user, `wish` says what a status means, `facet` keeps the order of changes, `lanes` and `budget`
//! say what goes next, `guard` says when nothing may go. What the engine does with news is in `intake` and `snapshot`
//! (from PureConnect), `delivery`, `outcome` and `link` (to Genesys Cloud), `verify` and `upkeep` (reading it).

mod budget;
mod delivery;
mod facet;
mod guard;
mod intake;
mod lanes;
mod link;
mod notice;
mod outcome;
mod record;
mod report;
mod roster;
mod snapshot;
mod upkeep;
mod verify;
mod wish;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use domain::change::Facet;
use domain::ids::{AgentId, ChangeId, CloudUserId};
use domain::time::{Instant, Now};
use jiff::Timestamp;
use mapping::Rules;

pub use budget::{Budget, Class, Permit};
pub use guard::Doubt;
pub use notice::Notice;
pub use record::SyncState;
pub use report::{AgentReport, Delays, Report, SourceState};
pub use roster::Unmatched;

use crate::options::{ModeChoice, Options, OutOfOfficeChoice};
use crate::ports::{Answer, ClaimScope, Entry, Failure, Lane, Order, Outcomes, Quota, SourceEvent, Stage, UserPage};
use guard::Guard;
use lanes::Waiting;
use record::{Phase, Record};
use report::Counters;
use roster::Roster;
use wish::Surroundings;

/// The most journal entries that are written at once.
const MOST_ENTRIES: usize = 500;

/// Names one piece of work that was handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct WorkId(u64);

/// Something to do, and the name to report its end under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// The name.
    pub id: WorkId,
    /// What to do.
    pub work: Work,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Work {
    /// Write these entries to the journal, then [`Engine::handle_recorded`].
    Record(Vec<Entry>),
    /// Send these changes in one request, then [`Engine::handle_delivered`].
    Deliver(Lane, Vec<Order>),
    /// Read these users back, then [`Engine::handle_observed`].
    Observe(Vec<CloudUserId>),
    /// Read this page of the organisation's users, then [`Engine::handle_users`].
    ReadUsers(u32),
    /// Find the user with this agent's external id, then [`Engine::handle_external`].
    FindExternal(AgentId),
    /// Make our presence source the primary one, then [`Engine::handle_claimed`].
    Claim(ClaimScope),
    /// Ask the source for a fresh snapshot. Nothing to report.
    Resync,
}

/// What was handed out and has not come back.
#[derive(Debug, Clone)]
enum Flight {
    Record { up_to: u64 },
    Deliver { facet: Facet, class: Class, parts: Vec<(usize, usize)> },
    Observe { class: Class, users: Vec<usize>, asked: Instant },
    ReadUsers { class: Class },
    FindExternal { agent: usize },
    Claim { agent: Option<usize> },
}

/// The engine of one link.
pub struct Engine {
    options: Options,
    rules: Rules,
    mode: ModeChoice,
    surroundings: Surroundings,
    source: SourceState,
    agents: Vec<Record>,
    by_id: BTreeMap<AgentId, usize>,
    roster: Roster,
    directory: upkeep::Reading,
    claims: upkeep::Claims,
    guard: Guard,
    lanes: Vec<Waiting>,
    budget: Budget,
    sink: link::Link,
    flights: BTreeMap<WorkId, Flight>,
    next_work: u64,
    entries: VecDeque<Entry>,
    sequence: u64,
    recorded: u64,
    recording: bool,
    unrecorded: VecDeque<(u64, usize)>,
    resting: BTreeSet<(Instant, usize)>,
    verifies: BTreeSet<(Instant, usize)>,
    grace_until: Option<Instant>,
    resync: bool,
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
        let budget = Budget::new(options.budget);
        let guard = Guard::new(options.guard);
        let random = fastrand::Rng::with_seed(options.seed);
        Self {
            mode: options.mode,
            options,
            rules,
            surroundings: Surroundings::default(),
            source: SourceState::Connecting,
            agents: Vec::new(),
            by_id: BTreeMap::new(),
            roster: Roster::default(),
            directory: upkeep::Reading::default(),
            claims: upkeep::Claims::default(),
            guard,
            lanes: lanes.iter().copied().map(Waiting::new).collect(),
            budget,
            sink: link::Link::default(),
            flights: BTreeMap::new(),
            next_work: 0,
            entries: VecDeque::new(),
            sequence: 0,
            recorded: 0,
            recording: false,
            unrecorded: VecDeque::new(),
            resting: BTreeSet::new(),
            verifies: BTreeSet::new(),
            grace_until: None,
            resync: false,
            stopping: false,
            stopped: None,
            wake: None,
            random,
            notices: VecDeque::new(),
            counters: Counters::new(),
        }
    }

    /// Requests that were made before the engine began, and the quota that they showed.
    pub fn handle_spent(&mut self, now: Now, requests: u32, quota: Option<Quota>) {
        self.budget.hold(now.instant, Class::Normal, requests);
        self.counters.requests += u64::from(requests);
        if let Some(quota) = quota {
            self.budget.learn(now.instant, quota);
        }
    }

    /// The source reported something.
    pub fn handle_source(&mut self, now: Now, event: SourceEvent) {
        match event {
            SourceEvent::Snapshot { received, snapshot } => self.take_snapshot(now, received, *snapshot),
            SourceEvent::Changed(batch) => self.take_batch(now, batch),
            SourceEvent::Lost { reason } => {
                self.source = SourceState::Lost { reason: reason.clone(), since: now.utc };
                self.notices.push_back(Notice::SourceLost { reason });
            }
        }
    }

    /// Entries were written to the journal.
    pub fn handle_recorded(&mut self, id: WorkId) {
        let Some(Flight::Record { up_to }) = self.flights.remove(&id) else { return };
        self.recording = false;
        self.recorded = up_to;
        while let Some(&(sequence, agent)) = self.unrecorded.front() {
            if sequence > up_to {
                break;
            }
            self.unrecorded.pop_front();
            self.enqueue(agent);
        }
    }

    /// The operator says that what PureConnect shows is right.
    pub fn handle_confirm(&mut self) {
        self.guard.confirm();
    }

    /// Nothing new is begun any more; what is pending is still delivered.
    pub fn handle_stopping(&mut self) {
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
            .or_else(|| self.next_read_back(now))
    }

    /// When to ask [`Self::poll_work`] again without any news.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        let first = |set: &BTreeSet<(Instant, usize)>| set.first().map(|(at, _)| *at);
        [self.wake, first(&self.resting), self.grace_until, self.guard.ask_at()].into_iter().flatten().min()
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
        self.flights.is_empty() && self.entries.is_empty() && (frozen || self.agents.iter().all(quiet))
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
        if self.grace_until.is_some_and(|until| until <= now.instant) {
            self.grace_until = None;
            self.release_logouts(now);
        }
    }

    fn next_record(&mut self) -> Option<Task> {
        if self.recording || self.entries.is_empty() {
            return None;
        }
        let take = self.entries.len().min(MOST_ENTRIES);
        let entries: Vec<Entry> = self.entries.drain(..take).collect();
        self.recording = true;
        let up_to = self.sequence - self.entries.len() as u64;
        Some(self.hand_out(Work::Record(entries), Flight::Record { up_to }))
    }

    fn next_resync(&mut self, now: Now) -> Option<Task> {
        if self.guard.ask_at().is_some_and(|at| at <= now.instant) {
            self.guard.asked(now.instant);
            self.resync = true;
        }
        std::mem::take(&mut self.resync).then(|| {
            let id = self.next_id();
            Task { id, work: Work::Resync }
        })
    }

    fn hand_out(&mut self, work: Work, flight: Flight) -> Task {
        let id = self.next_id();
        self.flights.insert(id, flight);
        Task { id, work }
    }

    fn next_id(&mut self) -> WorkId {
        self.next_work += 1;
        WorkId(self.next_work)
    }

    /// Notes an entry and returns its place in the journal.
    fn note(&mut self, at: Timestamp, agent: usize, change: ChangeId, stage: Stage) -> u64 {
        let agent = self.agents[agent].agent.id.clone();
        self.entries.push_back(Entry { agent, change, at, stage });
        self.sequence += 1;
        self.sequence
    }

    fn new_change_id(&mut self) -> ChangeId {
        ChangeId(uuid::Builder::from_random_bytes(self.random.u128(..).to_be_bytes()).into_uuid())
    }

    /// Remembers when to ask again.
    fn wake_at(&mut self, at: Instant) {
        self.wake = Some(self.wake.map_or(at, |wake| wake.min(at)));
    }

    /// Asks the budget, and remembers when to ask again.
    fn is_permitted(&mut self, now: Now, class: Class, full: bool) -> bool {
        match self.budget.permit(now.instant, class, full) {
            Permit::Now => true,
            Permit::NotBefore(at) => {
                self.wake_at(at);
                false
            }
            Permit::AfterAnswer => false,
        }
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
