//! The process: it starts from the journal, works, and ends at any moment; what it hands out goes to the other sides.

use mapping::{Known, Precedence, Rules, Source};
use replicator::engine::{Doubt, Engine, Notice, Task, Work, WorkId};

use super::{Event, World};
use crate::brief::Brief;
use crate::cloud::Request;
use crate::fault::Fault;
use crate::pureconnect::number;
use crate::reported::Reported;

/// The operator's own rule, where there is one.
const LUNCH_IS_BREAK: &str = r#"
    [[rule]]
    name = "lunch"
    when = { message = "At Lunch" }
    presence = "Break"
"#;

/// The mapping as it is configured.
pub fn mapping_rules(lunch_is_break: bool) -> Rules {
    let options = mapping::Options { precedence: Precedence::Printed };
    let own = Source { name: "own.toml", text: LUNCH_IS_BREAK };
    let known = Known { catalogue: None, definitions: None };
    let own = if lunch_is_break { &[own][..] } else { &[] };
    Rules::compile(options, own, known).expect("the rules of the model are good ones")
}

/// Users that one channel of notifications takes.
const CHANNEL: usize = 6;

/// More pieces of work at one moment are no progress.
const MOST_WORK: u32 = 5_000;

/// A process that runs.
pub struct Process {
    /// What is tested.
    pub engine: Engine,
    /// What was reported to it.
    pub reported: Reported,
    /// Whether a snapshot was taken over yet.
    pub has_seen_a_good_picture: bool,
    /// Which channels are subscribed, and when hints began to be lost.
    pub channels: Vec<Vec<usize>>,
}

/// What the engine has said.
#[derive(Debug, Default)]
pub struct Notices {
    /// A snapshot was taken over.
    pub taken: bool,
    /// Delivery is frozen, or not any more.
    pub frozen: Option<bool>,
    /// A list of agents was not believed.
    pub list_refused: bool,
    said: Vec<Notice>,
}

impl Process {
    /// Everything that the engine has to say.
    pub fn notices(&mut self) -> Notices {
        let mut notices = Notices::default();
        while let Some(notice) = self.engine.poll_notice() {
            match &notice {
                Notice::SnapshotTaken { .. } => notices.taken = true,
                Notice::Frozen(doubt) => {
                    notices.frozen = Some(true);
                    notices.list_refused |= matches!(doubt, Doubt::FewerAgents { .. });
                }
                Notice::Thawed => notices.frozen = Some(false),
                _ => {}
            }
            notices.said.push(notice);
        }
        notices
    }
}

impl World {
    /// The process starts, and goes on from what the journal remembers.
    pub(super) fn start(&mut self) {
        if self.process.is_some() {
            return;
        }
        self.incarnation += 1;
        let mut options = self.plan.options.clone();
        options.seed ^= self.host.any();
        let grace = options.logout_grace;
        let counts = options.after_call_work;
        let rules = mapping_rules(self.lunch_is_break);
        let mut engine = Engine::new(options, rules, &self.plan.lanes);
        let now = self.now();
        let spent: Vec<u32> =
            (0..self.platform.limits.len()).map(|token| self.connect_cloud(&mut engine, token)).collect();
        let memory = self.journal.durable.memory();
        self.tally.recoveries += u64::from(memory.alive.is_some());
        let incarnation = self.incarnation;
        let (facets, gaps) = (memory.facets.len(), memory.gaps.len());
        self.trace(format_args!("start {incarnation} with {facets} facets, {gaps} gaps"));
        engine.handle_loaded(now, memory);
        if self.plan.hints {
            engine.handle_feed(CHANNEL);
        }
        let reported = Reported::new(&self.plan, counts, grace, self.lunch_is_break);
        self.process = Some(Process { engine, reported, has_seen_a_good_picture: false, channels: Vec::new() });
        self.oracle.started(self.now, &spent);
        if let Some(why) = self.why_ended.take() {
            self.oracle.over(self.now, why);
        }
        self.session.up = false;
        self.rescoping = false;
        let wait = self.network.between(100..5_000);
        self.after(wait, Event::Connect);
    }

    /// The one request that connecting takes with each token.
    fn connect_cloud(&mut self, engine: &mut Engine, token: usize) -> u32 {
        let shown = self.platform.limits[token].arrive(self.now).ok();
        let requests = u32::from(shown.is_some());
        engine.handle_spent(self.now(), token, requests, shown);
        requests
    }

    /// The process ends, on the spot.
    pub(super) fn end_process(&mut self, why: Fault) {
        if self.process.take().is_none() {
            return;
        }
        let kept = match why {
            Fault::Restarted => true,
            _ => self.host.chance(0.5),
        };
        self.trace(format_args!("the process ends ({why:?}), what is being written is kept: {kept}"));
        if let Err(broken) = self.journal.crash(kept) {
            self.oracle.fail(broken);
        }
        self.session.break_off();
        self.session.number += 1;
        self.stopped_until = None;
        self.why_ended = Some(why);
        self.oracle.ended(self.now, self.journal.durable.alive);
        let wait =
            if self.host.chance(0.7) { self.host.between(500..5_000) } else { self.host.between(5_000..180_000) };
        self.after(wait, Event::Start);
    }

    /// The stopped process goes on.
    pub(super) fn resume(&mut self) {
        if self.stopped_until.is_some_and(|until| until <= self.now) {
            self.stopped_until = None;
            self.trace(format_args!("the process goes on"));
        }
    }

    /// Hands out what is to be done.
    pub(super) fn pump(&mut self) {
        if self.stopped_until.is_some() {
            return;
        }
        let now = self.now();
        let Some(process) = &mut self.process else { return };
        process.reported.catch_up(now);
        let (news, untold) = (process.reported.news(), process.reported.untold());
        let reported = &process.reported;
        self.oracle.out_of_scope((0..self.plan.agents).filter(|who| !reported.in_scope(*who)));
        self.oracle.expect(self.now, news);
        self.oracle.expect_untold(untold);
        for _ in 0..MOST_WORK {
            let Some(process) = &mut self.process else { return };
            let task = process.engine.poll_work(now);
            let notices = process.notices();
            self.take_notices(notices);
            let Some(task) = task else {
                self.look_for_stop();
                return;
            };
            self.hand_out(task);
            if self.oracle.violated().is_some() {
                return;
            }
        }
        self.oracle.fail("the engine has work without end at one moment".to_owned());
    }

    fn look_for_stop(&mut self) {
        let stopped = self.process.as_ref().and_then(|process| process.engine.stopped());
        if stopped.is_some() {
            self.end_process(Fault::Unauthorized);
        }
    }

    pub(super) fn take_notices(&mut self, notices: Notices) {
        if let Some(frozen) = notices.frozen {
            self.oracle.frozen(self.now, frozen);
        }
        for notice in notices.said {
            // Of an agent of whom more waits than is kept, the shortest states are not told.
            if let Notice::TooManyPending { agent, .. } = &notice {
                self.oracle.overrun(number(agent));
            }
            if self.trace.everything() {
                self.trace(format_args!("says {notice:?}"));
            }
        }
    }

    fn hand_out(&mut self, Task { id, token, work }: Task) {
        match work {
            Work::Record(entries) => self.write(id, entries),
            Work::Resync => {
                self.trace(format_args!("asks for a picture"));
                if self.session.up {
                    let wait = self.network.between(100..2_000);
                    self.after(wait, Event::Picture(self.session.number));
                }
            }
            Work::Deliver(lane, orders) => {
                self.oracle.sent((id, token), lane, &orders, self.incarnation, &self.journal);
                self.send(id, token, Request::Deliver(lane, orders));
            }
            Work::Observe(users) => self.send(id, token, Request::Observe(users)),
            Work::ReadUsers(page) => self.send(id, token, Request::Users(page)),
            Work::FindExternal(agent) => self.send(id, token, Request::External(agent)),
            Work::Claim(scope) => {
                self.oracle.claims((id, token), scope);
                self.send(id, token, Request::Claim(scope));
            }
            Work::Release(user) => {
                self.oracle.releases(id, user);
                self.send(id, token, Request::Release(user));
            }
            Work::Subscribe { channel, users } => self.send(id, token, Request::Subscribe(channel, users)),
        }
    }

    fn write(&mut self, id: WorkId, entries: Vec<replicator::ports::Entry>) {
        let Some(process) = &self.process else { return };
        for entry in &entries {
            self.oracle.noted(self.now, entry, &self.journal.noted, &process.reported);
            if let Err(broken) = self.journal.noted.take(entry) {
                self.oracle.fail(format!("P6: {broken}"));
            }
        }
        for entry in &entries {
            let brief = Brief { what: &entry.fact, everything: self.trace.everything() };
            self.trace(format_args!("notes {brief}"));
        }
        if let Err(broken) = self.journal.write(entries) {
            self.oracle.fail(broken);
        }
        let slow = if self.now < self.slow_disk { 4_000 } else { 15 };
        let wait = self.host.between(1..slow);
        self.after(wait, Event::Kept(self.incarnation, id));
    }

    /// The journal has written.
    pub(super) fn kept(&mut self, incarnation: u32, id: WorkId) {
        if incarnation != self.incarnation || self.process.is_none() {
            return;
        }
        if let Err(broken) = self.journal.keep() {
            self.oracle.fail(broken);
        }
        if let Some(process) = &mut self.process {
            process.engine.handle_recorded(id);
        }
    }
}
