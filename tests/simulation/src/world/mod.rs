//! The run of one seed: virtual time that jumps from event to event, and everything that happens in it.
//!
//! Knows the order of events. What the process does is in `process`, what happens on the wire in `network`, what the
//! source tells in `listen`, and what goes wrong in `strikes`.

mod event;
mod listen;
mod network;
mod process;
mod strikes;

use std::collections::BTreeMap;
use std::time::Duration;

use domain::time::{Instant, Now};
use jiff::Timestamp;
use replicator::engine::{AgentReport, SyncState};

use crate::cloud::{Limit, Organisation, Platform};
use crate::dice::Dice;
use crate::fault::Fault;
use crate::journal::Journal;
use crate::oracle::Oracle;
use crate::plan::Plan;
use crate::pureconnect::{EPOCH, PureConnect, Session};
use crate::tally::Tally;
use crate::trace::Trace;
use crate::{Failure, Outcome};
use event::Event;
use process::Process;
pub use process::mapping_rules;
use strikes::BadPictures;

/// After all trouble is over, everybody has to be in step within this time, in milliseconds.
const IN_STEP_WITHIN: u64 = 30 * 60_000;

/// And then nothing may be written any more for this long.
const QUIET: u64 = 12 * 60_000;

/// More steps at one moment are no progress.
const MOST_AT_ONCE: u32 = 20_000;

/// A run under way.
pub struct World {
    plan: Plan,
    /// Milliseconds since the beginning.
    now: u64,
    /// The bridge's clock against the true time, in milliseconds.
    clock: i64,
    queue: BTreeMap<(u64, u64), Event>,
    next: u64,
    pureconnect: PureConnect,
    session: Session,
    platform: Platform,
    journal: Journal,
    process: Option<Process>,
    incarnation: u32,
    /// Why the last process ended.
    why_ended: Option<Fault>,
    /// Until when the process is stopped.
    stopped_until: Option<u64>,
    bad: BadPictures,
    /// Until when the disk is slow.
    slow_disk: u64,
    flapping: Option<(usize, u64)>,
    /// Whether the operator's own rule is in the configuration.
    lunch_is_break: bool,
    /// Whether the running process was told of another scope and has not seen who is in it.
    rescoping: bool,
    healed: Option<u64>,
    /// Since when everybody is in step after healing.
    quiet_since: Option<u64>,
    network: Dice,
    host: Dice,
    operator: Dice,
    trace: Trace,
    tally: Tally,
    oracle: Oracle,
}

impl World {
    /// A run that has not begun.
    #[must_use]
    pub fn new(plan: Plan, everything: bool) -> Self {
        let seed = plan.seed;
        let organisation =
            Organisation::new(plan.agents + plan.others, plan.external, plan.page, plan.counting, plan.delivery);
        let mut windows = Dice::of(seed, "window");
        let tokens = plan.options.budget.tokens;
        let limits = (0..tokens).map(|_| Limit::new(plan.allowed, plan.sliding, windows.between(0..60_000))).collect();
        Self {
            now: 0,
            clock: 0,
            queue: BTreeMap::new(),
            next: 0,
            pureconnect: PureConnect::new(seed, plan.agents, plan.without_email),
            session: Session::default(),
            platform: Platform::new(&plan, organisation, limits),
            journal: Journal::default(),
            process: None,
            incarnation: 0,
            why_ended: None,
            stopped_until: None,
            bad: BadPictures::default(),
            slow_disk: 0,
            flapping: None,
            lunch_is_break: false,
            rescoping: false,
            healed: None,
            quiet_since: None,
            network: Dice::of(seed, "network"),
            host: Dice::of(seed, "host"),
            operator: Dice::of(seed, "operator"),
            trace: Trace::new(everything),
            tally: Tally { seeds: 1, ..Tally::default() },
            oracle: Oracle::new(&plan),
            plan,
        }
    }

    /// Plays it to its end.
    #[must_use]
    pub fn play(mut self) -> Outcome {
        self.begin();
        let mut at_once = 0;
        while self.oracle.violated().is_none() && !self.is_over() {
            let Some(at) = self.next_moment() else { break };
            at_once = if at > self.now { 0 } else { at_once + 1 };
            if at_once > MOST_AT_ONCE {
                self.oracle.fail("the engine wakes up again and again at one moment".to_owned());
            }
            self.now = at.max(self.now);
            self.oracle.set_time(self.now().utc);
            if self.queue.first_key_value().is_some_and(|((due, _), _)| *due <= self.now)
                && let Some((_, event)) = self.queue.pop_first()
            {
                self.happen(event);
            }
            self.pump();
        }
        self.finish()
    }

    fn begin(&mut self) {
        let mut dice = Dice::of(self.plan.seed, "beginning");
        for who in 0..self.plan.agents {
            let wait = dice.wait(self.plan.pace);
            self.after(wait, Event::Act(who));
        }
        for fault in self.plan.faults.clone() {
            let wait = Dice::of(self.plan.seed, &format!("{fault:?}")).wait(fault.pace());
            self.after(wait, Event::Strike(fault));
        }
        self.after(0, Event::Start);
        self.after(60_000, Event::Remember);
        self.after(1_000, Event::Check);
        self.after(self.plan.length, Event::Heal);
        if self.plan.has(Fault::MassLogout) {
            self.after(30_000, Event::Operator);
        }
    }

    fn next_moment(&self) -> Option<u64> {
        let queued = self.queue.first_key_value().map(|((at, _), _)| *at);
        let process = self.process.as_ref().filter(|_| self.stopped_until.is_none());
        let engine = process.and_then(|process| process.engine.poll_timeout());
        let engine = engine.map(|at| u64::try_from(at.0.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX));
        queued.into_iter().chain(engine).min()
    }

    fn happen(&mut self, event: Event) {
        if let (Some(until), true) = (self.stopped_until, event.is_for_the_process()) {
            self.at(until, event);
            return;
        }
        match event {
            Event::Act(who) => self.act(who),
            Event::Remember => {
                self.pureconnect.remember();
                self.after(60_000, Event::Remember);
            }
            Event::Messages(session) => self.hear_messages(session),
            Event::Break => self.break_session(),
            Event::LossNoticed(session) => self.hear_loss(session),
            Event::Connect => self.connect(),
            Event::Picture(session) => self.hear_picture(session),
            Event::Arrive(sent) => self.arrive(sent),
            Event::Answer(incarnation, id, reply) => self.hear_answer(incarnation, id, reply),
            Event::Show(order) => self.show(&order),
            Event::Kept(incarnation, id) => self.kept(incarnation, id),
            Event::DiskFailed(incarnation) if incarnation == self.incarnation => self.end_process(Fault::DiskFull),
            Event::Hint(incarnation, event) => self.hear_hint(incarnation, event),
            Event::Strike(fault) => self.strike(fault),
            Event::Ends(fault, whose) => self.end_trouble(fault, whose),
            Event::Start => self.start(),
            Event::Resume => self.resume(),
            Event::Stopped(incarnation) if incarnation == self.incarnation => self.end_process(Fault::Restarted),
            Event::DiskFailed(_) | Event::Stopped(_) => {}
            Event::Operator => self.operate(),
            Event::Check => self.check(),
            Event::Heal => self.heal(),
        }
    }

    /// Whether everybody has been in step for long enough after healing.
    fn is_over(&self) -> bool {
        self.quiet_since.is_some_and(|since| self.now >= since + QUIET)
    }

    /// What takes its time: once in a virtual second.
    fn check(&mut self) {
        self.after(1_000, Event::Check);
        let in_step = self.process.as_ref().is_some_and(|process| {
            let running = self.stopped_until.is_none() && !self.session.told_lost && self.session.up;
            running && self.session.taken && self.oracle.in_step(&process.reported, &self.platform.organisation)
        });
        let reported = self.process.as_ref().map(|process| &process.reported);
        self.oracle.tick(self.now, in_step, reported, &self.platform, &self.journal, &mut self.tally);
        let Some(healed) = self.healed else { return };
        match self.quiet_since {
            None if self.now < healed + self.stale_readings() => {}
            None if in_step && self.everybody_synced() && !self.anything_comes_late() => {
                self.quiet_since = Some(self.now);
                self.tally.healed = self.tally.healed.max(self.now - healed);
                if let Some(process) = &self.process {
                    self.oracle.agree(&process.reported, process.engine.agents());
                }
                self.oracle.expect_quiet();
            }
            None if self.now > healed + IN_STEP_WITHIN => {
                let why = self.why_not_in_step();
                self.oracle.fail(format!("P1: not in step {} minutes after healing: {why}", IN_STEP_WITHIN / 60_000));
            }
            None | Some(_) => {}
        }
    }

    /// Whether something of before is still on its way to the cloud.
    fn anything_comes_late(&self) -> bool {
        self.queue.values().any(|event| match event {
            Event::Arrive(sent) => !sent.awaited,
            other => matches!(other, Event::Show(_)),
        })
    }

    /// How long a reading of the users may still say what was before healing, in milliseconds.
    fn stale_readings(&self) -> u64 {
        let refresh = u64::try_from(self.plan.options.directory_refresh.as_millis()).unwrap_or(u64::MAX);
        if self.plan.has(Fault::UserGone) { refresh + 60_000 } else { 0 }
    }

    fn everybody_synced(&self) -> bool {
        let Some(process) = &self.process else { return false };
        let report = process.engine.report(self.now().utc);
        // Who is not synced has to have no user: one that came back is found at the next reading of the directory.
        let unknown = |agent: &AgentReport| match agent.state {
            SyncState::Synced => false,
            SyncState::NotSynced(_) => self.oracle.has_user(crate::pureconnect::number(&agent.agent)),
            SyncState::Pending | SyncState::Error => true,
        };
        report.backlog + report.held_back == 0
            && report.gaps.is_empty()
            && !process.engine.agents().any(|agent| unknown(&agent))
    }

    fn why_not_in_step(&self) -> String {
        let Some(process) = &self.process else { return "no process".to_owned() };
        let report = process.engine.report(self.now().utc);
        let behind: Vec<String> = process
            .engine
            .agents()
            .filter(|agent| {
                let who = crate::pureconnect::number(&agent.agent);
                agent.state != SyncState::Synced
                    || !self.oracle.is_in_step(who, &process.reported, &self.platform.organisation)
            })
            .map(|agent| {
                let user = crate::pureconnect::number(&agent.agent);
                let shown = self.platform.organisation.observe(user);
                format!("{agent:?} where the cloud shows {shown:?}")
            })
            .collect();
        let wanted: Vec<_> = (0..self.plan.agents)
            .filter(|who| !self.oracle.is_in_step(*who, &process.reported, &self.platform.organisation))
            .map(|who| (who, domain::change::Facet::ALL.map(|facet| process.reported.wanted(who, facet))))
            .collect();
        format!("wanted {wanted:?}; {}; {report:?}", behind.join("; "))
    }

    fn finish(mut self) -> Outcome {
        if self.oracle.violated().is_none() {
            let reported = self.process.as_ref().map(|process| &process.reported);
            self.oracle.end(reported, &self.platform.organisation, &self.journal);
        }
        self.tally.time = self.now;
        self.oracle.count(&self.journal, &mut self.tally);
        let violated = self.oracle.violated().map(str::to_owned);
        let failure = violated.map(|violated| {
            let mut lines = vec![format!("{:?}", self.plan)];
            lines.extend(self.trace.last().map(str::to_owned));
            Failure { seed: self.plan.seed, violated, lines }
        });
        Outcome { seed: self.plan.seed, hash: self.trace.hash(), tally: self.tally, failure }
    }

    /// The time as the bridge reads it.
    fn now(&self) -> Now {
        let utc = Timestamp::from_millisecond(EPOCH + self.now.cast_signed() + self.clock);
        Now { instant: self.instant(), utc: utc.expect("a time of this century") }
    }

    fn instant(&self) -> Instant {
        Instant(Duration::from_millis(self.now))
    }

    /// The true time.
    fn true_time(&self) -> Timestamp {
        Timestamp::from_millisecond(EPOCH + self.now.cast_signed()).expect("a time of this century")
    }

    fn after(&mut self, wait: u64, event: Event) {
        self.at(self.now + wait, event);
    }

    fn at(&mut self, at: u64, event: Event) {
        self.next += 1;
        self.queue.insert((at, self.next), event);
    }

    fn trace(&mut self, what: std::fmt::Arguments<'_>) {
        let now = self.instant();
        self.trace.line(now, what);
    }
}
