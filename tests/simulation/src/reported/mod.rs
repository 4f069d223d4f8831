//! What PureConnect reported, and so what Genesys Cloud has to be told: made out of the same messages that the engine
//! gets, one by one, without queue, lanes, batches or trouble.
//!
//! Knows of the engine only whether it took a snapshot over: that it had to freeze is checked elsewhere.

mod derived;
mod logouts;
mod status;

use std::collections::BTreeMap;
use std::time::Duration;

use domain::change::{Facet, Value};
use domain::source::{Catalogue, Interaction, Snapshot, Update, UserStatus};
use domain::target::{Presence, RoutingStatus, SystemPresence};
use domain::time::Now;
use jiff::{SignedDuration, Timestamp};
use replicator::ports::SourceEvent;
use routing::{AfterCallWork, Input, Machine, RoutingState, StatusInput, declined_first};

use crate::plan::Plan;
use crate::pureconnect::number;
use logouts::Logouts;
use status::{Entered, in_seconds, is_next};

/// A value that has to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// Whose.
    pub who: usize,
    /// What.
    pub value: Value,
    /// When it happened, where PureConnect or the arrival of the message says so.
    pub happened: Option<Timestamp>,
    /// Whether it is surely news; at a start the cloud may have been told before.
    pub news: bool,
}

/// One agent.
#[derive(Debug)]
struct Watched {
    status: Option<UserStatus>,
    machine: Machine,
    wanted: [Option<Value>; 3],
    /// The routing status that cannot be told, where presences are written directly.
    not_shown: Option<RoutingStatus>,
    /// Facets of which nobody knows whether they have to be told: at a start, and back in scope.
    fresh: [bool; 3],
    in_scope: bool,
    /// Whether the agent was out of scope meanwhile: what was told before says nothing of what is followed now.
    was_gone: bool,
}

impl Watched {
    /// Of whom nothing was heard.
    fn new(machine: &Machine) -> Self {
        Self {
            status: None,
            machine: machine.clone(),
            wanted: [None; 3],
            not_shown: None,
            fresh: [true; 3],
            in_scope: false,
            was_gone: false,
        }
    }
}

/// Everything that was reported to one incarnation of the engine.
#[derive(Debug)]
pub struct Reported {
    people: Vec<Watched>,
    /// One that has heard of nothing.
    machine: Machine,
    catalogue: Catalogue,
    /// Whether a snapshot was believed yet: before that nothing is.
    begun: bool,
    logouts: Logouts,
    /// What has to be told and was not looked at yet.
    news: Vec<Wanted>,
    /// Whether presences are written directly, so that most routing statuses cannot be told.
    direct: bool,
    /// Routing statuses that cannot be told and were not looked at yet.
    untold: Vec<Wanted>,
    /// Whether the operator's own rule is in force.
    lunch_is_break: bool,
}

/// One message about one agent.
enum Step {
    Status(UserStatus),
    Interaction(Interaction),
    Left(domain::ids::InteractionId),
}

impl Reported {
    /// Nothing was reported yet.
    #[must_use]
    pub fn new(plan: &Plan, after_call_work: AfterCallWork, grace: Duration, lunch_is_break: bool) -> Self {
        let machine = Machine::new(routing::Options { after_call_work });
        Self {
            people: (0..plan.agents).map(|_| Watched::new(&machine)).collect(),
            machine,
            catalogue: Catalogue::default(),
            begun: false,
            logouts: Logouts::new(grace),
            news: Vec::new(),
            direct: plan.is_direct(),
            untold: Vec::new(),
            lunch_is_break,
        }
    }

    /// The operator changed the mapping.
    pub fn reload(&mut self, now: Now, lunch_is_break: bool) {
        self.lunch_is_break = lunch_is_break;
        if self.begun {
            self.remap(now, now.utc);
        }
    }

    /// What an agent's facet shall be.
    #[must_use]
    pub fn wanted(&self, who: usize, facet: Facet) -> Option<Value> {
        self.people[who].wanted[facet as usize]
    }

    /// Whether an agent is in scope.
    #[must_use]
    pub fn in_scope(&self, who: usize) -> bool {
        self.people[who].in_scope
    }

    /// Whether logouts were reported that do not count yet.
    #[must_use]
    pub fn holds_logouts(&self) -> bool {
        self.logouts.holds_any()
    }

    /// What has to be told since the last time.
    pub fn news(&mut self) -> Vec<Wanted> {
        std::mem::take(&mut self.news)
    }

    /// The source reported something; `taken` says whether a snapshot was believed, `told` what the journal says that
    /// the cloud was told.
    pub fn take(&mut self, now: Now, event: &SourceEvent, taken: bool, told: &dyn Fn(usize, Facet) -> Option<Value>) {
        match event {
            SourceEvent::Lost { .. } => self.logouts.connection_lost(),
            SourceEvent::Snapshot { received, snapshot } => {
                self.logouts.connection_back(now.instant);
                if taken {
                    self.begun = true;
                    self.take_snapshot(now, *received, snapshot, told);
                }
            }
            SourceEvent::Changed(batch) if self.begun => {
                self.take_updates(now, batch.received, &batch.updates, taken);
            }
            SourceEvent::Changed(_) => {}
        }
    }

    /// Logouts that were held count when their time has come.
    pub fn catch_up(&mut self, now: Now) {
        for (who, seen) in self.logouts.due(now.instant) {
            self.re_enter(now, who, seen, false);
        }
    }

    fn take_snapshot(
        &mut self,
        now: Now,
        received: Timestamp,
        snapshot: &Snapshot,
        told: &dyn Fn(usize, Facet) -> Option<Value>,
    ) {
        self.catalogue = snapshot.catalogue.clone();
        self.set_scope(snapshot.agents.iter().map(|agent| number(&agent.id)).collect());
        let mut interactions: BTreeMap<usize, Vec<Interaction>> = BTreeMap::new();
        for (agent, interaction) in &snapshot.interactions {
            interactions.entry(number(agent)).or_default().push(interaction.clone());
        }
        for (agent, status) in &snapshot.statuses {
            let who = number(agent);
            let interactions = interactions.remove(&who).unwrap_or_default();
            let entered = self.enter(now, who, status, received);
            if let Some(Entered { input: input @ Input::Entered(_), happened, .. }) = entered {
                self.begin_status(who, input, happened, &interactions, told);
            }
            let mut state = self.people[who].machine.apply(Input::Snapshot(&interactions));
            if let Some(entered) = &entered {
                self.show(who, entered);
            }
            if let Some(Entered { input: input @ Input::Remapped(_), .. }) = entered {
                state = self.people[who].machine.apply(input);
            }
            if self.people[who].machine.has_entered() {
                self.want_routing(who, state.status, None);
            }
        }
    }

    /// A status that began while nobody listened: with the interactions of that time, as far as they are left. Who has
    /// one of ACD's was on queue by then, and so was who was told off queue with a routing status that still follows.
    fn begin_status(
        &mut self,
        who: usize,
        input: Input<'static>,
        happened: Timestamp,
        interactions: &[Interaction],
        told: &dyn Fn(usize, Facet) -> Option<Value>,
    ) {
        // Of the same second counts as before.
        let second = SignedDuration::from_secs(1);
        let by_then =
            |one: &&Interaction| one.acd || one.since.is_none_or(|since| since.duration_since(happened) < second);
        let had: Vec<Interaction> = interactions.iter().filter(by_then).cloned().collect();
        let on_queue = Value::Presence(Presence::of(SystemPresence::OnQueue));
        let off_queue = told(who, Facet::Presence).is_some_and(|presence| presence != on_queue);
        let none = Value::Routing(RoutingStatus::OffQueue);
        let followed = off_queue && told(who, Facet::Routing).is_some_and(|routing| routing != none);
        let followed = followed && !self.people[who].was_gone;
        let machine = &mut self.people[who].machine;
        if (!machine.has_entered() && followed) || had.iter().any(|one| one.acd) {
            let working = StatusInput { on_queue: true, after_call_work: false, no_answer: false, routing: None };
            machine.apply(Input::Entered(working));
        }
        machine.apply(Input::Snapshot(&had));
        machine.apply(input);
    }

    fn set_scope(&mut self, agents: std::collections::BTreeSet<usize>) {
        for (who, person) in self.people.iter_mut().enumerate() {
            let in_scope = agents.contains(&who);
            if person.in_scope && !in_scope {
                // Nothing is heard of whoever is gone: who comes back begins with what is shown then.
                *person = Watched { was_gone: true, ..Watched::new(&self.machine) };
                self.logouts.forget(who);
            }
            person.in_scope = in_scope;
        }
    }

    fn take_updates(&mut self, now: Now, received: Timestamp, updates: &[Update], scope_taken: bool) {
        let mut steps: BTreeMap<usize, Vec<Step>> = BTreeMap::new();
        for update in updates {
            if let (Update::Agents(agents) | Update::Rescoped(agents), true) = (update, scope_taken) {
                self.set_scope(agents.iter().map(|agent| number(&agent.id)).collect());
            }
        }
        for update in updates {
            match update {
                Update::Agents(_) | Update::Rescoped(_) => {}
                Update::Workgroups(_) => self.take_known(now, received, &mut steps),
                Update::Catalogue(catalogue) => {
                    self.take_known(now, received, &mut steps);
                    self.catalogue = catalogue.clone();
                    self.remap(now, received);
                }
                Update::Status(agent, status) => {
                    steps.entry(number(agent)).or_default().push(Step::Status(status.clone()));
                }
                Update::Interaction(agent, interaction) => {
                    steps.entry(number(agent)).or_default().push(Step::Interaction(interaction.clone()));
                }
                Update::InteractionLeft(agent, id) => {
                    steps.entry(number(agent)).or_default().push(Step::Left(id.clone()));
                }
            }
        }
        self.take_all(now, received, steps);
    }

    /// What every status means may have changed though nobody did anything.
    fn remap(&mut self, now: Now, received: Timestamp) {
        for who in 0..self.people.len() {
            let logged_in = self.people[who].status.as_ref().is_some_and(|status| status.logged_in);
            let held = self.logouts.holds(who);
            self.re_enter(now, who, received, logged_in || held);
        }
    }

    /// What came before a list is meant as the list before says; who is in a status that it does not know waits for it.
    fn take_known(&mut self, now: Now, received: Timestamp, steps: &mut BTreeMap<usize, Vec<Step>>) {
        let is_known = |step: &Step| match step {
            Step::Status(status) => self.catalogue.get(&status.status).is_some(),
            Step::Interaction(_) | Step::Left(_) => true,
        };
        let known = steps.extract_if(.., |_, steps| steps.iter().all(is_known)).collect();
        self.take_all(now, received, known);
    }

    fn take_all(&mut self, now: Now, received: Timestamp, steps: BTreeMap<usize, Vec<Step>>) {
        for (who, steps) in steps {
            if self.people[who].in_scope {
                self.take_steps(now, received, who, &steps);
            }
        }
    }

    fn take_steps(&mut self, now: Now, received: Timestamp, who: usize, steps: &[Step]) {
        let mut entered = Vec::new();
        let mut inputs = Vec::new();
        for step in steps {
            match step {
                Step::Status(status) => {
                    if let Some(one) = self.enter(now, who, status, received) {
                        inputs.push(one.input);
                        entered.push(one);
                    }
                }
                Step::Interaction(interaction) => inputs.push(Input::Interaction(interaction)),
                Step::Left(id) => inputs.push(Input::Left(id)),
            }
        }
        let mut entered = entered.into_iter();
        for input in declined_first(&self.people[who].machine, inputs) {
            let one = match input {
                Input::Entered(_) | Input::Remapped(_) => entered.next(),
                Input::Interaction(_) | Input::Left(_) | Input::Snapshot(_) => None,
            };
            if let Some(one) = &one {
                self.show(who, one);
            }
            let happened = one.map_or(received, |one| one.happened);
            let state: RoutingState = self.people[who].machine.apply(input);
            if self.people[who].machine.has_entered() {
                self.want_routing(who, state.status, Some(happened.min(now.utc)));
            }
        }
    }

    /// A status was reported.
    fn enter(&mut self, now: Now, who: usize, status: &UserStatus, received: Timestamp) -> Option<Entered> {
        let before = self.people[who].status.replace(status.clone());
        let next = before.as_ref().is_none_or(|before| is_next(before, status));
        let held = self.logouts.seen(now.instant, who, before.as_ref(), status, next, received);
        let happened = if next { status.since.unwrap_or(received) } else { received }.min(now.utc);
        self.read(now, status, status.logged_in || held, happened, next)
    }

    /// The same status means something else now.
    fn re_enter(&mut self, now: Now, who: usize, happened: Timestamp, logged_in: bool) {
        let Some(status) = self.people[who].status.clone() else { return };
        let happened = happened.min(now.utc);
        let next = !self.people[who].machine.has_entered();
        let Some(entered) = self.read(now, &status, logged_in, happened, next) else { return };
        self.show(who, &entered);
        let state = self.people[who].machine.apply(entered.input);
        self.want_routing(who, state.status, Some(happened));
    }

    fn want(&mut self, who: usize, value: Value, happened: Option<Timestamp>) {
        let person = &mut self.people[who];
        let before = person.wanted[value.facet() as usize].replace(value);
        if !person.in_scope {
            return;
        }
        let fresh = std::mem::take(&mut person.fresh[value.facet() as usize]);
        if fresh || before.map(in_seconds) != Some(in_seconds(value)) {
            self.news.push(Wanted { who, value, happened, news: !fresh });
        }
    }
}
