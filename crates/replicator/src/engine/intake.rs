//! What the engine does with news from PureConnect: from single messages to changes that have to be told.
//!
//! Whole snapshots are `snapshot`'s; both meet in `enter` and `want`.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use domain::change::{Change, Facet, Value};
use domain::ids::{AgentId, InteractionId, StatusId};
use domain::source::{Batch, Interaction, Update, UserStatus};
use domain::target::{Presence, SystemPresence};
use domain::time::Now;
use jiff::Timestamp;
use routing::{Input, RoutingState, declined_first};

use super::doubt::Doubt;
use super::facet::{Pending, same};
use super::record::Phase;
use super::wish::{Wish, wish};
use super::{Engine, Fact, Notice, Stage};

/// Two readings of one second-granular time through two measurements of the clock offset may differ by this much.
const SAME_MOMENT: Duration = Duration::from_millis(1_500);

/// One message about one agent.
enum Step {
    Status(UserStatus),
    Interaction(Interaction),
    Left(InteractionId),
}

/// What a status message comes to.
pub(super) struct Entering {
    /// Which status message.
    pub status: StatusId,
    /// What it wants.
    pub wish: Wish,
    /// Whether it is the agent's next status; otherwise the same one means something else now.
    pub next: bool,
    /// Whether it is another one than was known before.
    pub is_another: bool,
    /// Whether the agent is logged in no longer, counting or not.
    pub logs_out: bool,
    /// When it happened.
    pub happened: Timestamp,
}

impl Entering {
    pub(super) fn input(&self) -> Input<'static> {
        if self.next { Input::Entered(self.wish.routing) } else { Input::Remapped(self.wish.routing) }
    }
}

impl Engine {
    /// Takes what arrived together: each agent's messages as one, because a decline and the status that follows it
    /// may come in either order.
    pub(super) fn take_batch(&mut self, now: Now, batch: Batch) {
        // Before the first snapshot that is believed nobody knows what is replicated; the next one has all of this.
        if self.clock_offset.is_none() {
            return;
        }
        let mut steps: Vec<(AgentId, Step)> = Vec::new();
        let is_agents = |update: &Update| matches!(update, Update::Agents(_) | Update::Rescoped(_));
        let (agents, others): (Vec<Update>, Vec<Update>) = batch.updates.into_iter().partition(is_agents);
        // They may name an agent whose status comes along.
        for list in agents {
            self.take_list(now, batch.received, list);
        }
        for update in others {
            match update {
                Update::Status(agent, status) => steps.push((agent, Step::Status(status))),
                Update::Interaction(agent, interaction) => steps.push((agent, Step::Interaction(interaction))),
                Update::InteractionLeft(agent, interaction) => steps.push((agent, Step::Left(interaction))),
                Update::Catalogue(_) | Update::Workgroups(_) | Update::Agents(_) | Update::Rescoped(_) => {
                    // What came before the list was meant as the list before says, unless that does not know it.
                    let later = self.known_only(&mut steps);
                    self.take_all(now, batch.received, std::mem::replace(&mut steps, later));
                    self.take_list(now, batch.received, update);
                }
            }
        }
        self.take_all(now, batch.received, steps);
    }

    /// Leaves the steps of agents whose statuses are all in the catalogue, and returns the others.
    fn known_only(&self, steps: &mut Vec<(AgentId, Step)>) -> Vec<(AgentId, Step)> {
        let is_unknown = |step: &Step| match step {
            Step::Status(status) => self.surroundings.catalogue.get(&status.status).is_none(),
            Step::Interaction(_) | Step::Left(_) => false,
        };
        let unknown = steps.iter().filter(|(_, step)| is_unknown(step)).map(|(agent, _)| agent.clone());
        let unknown: BTreeSet<AgentId> = unknown.collect();
        steps.extract_if(.., |(agent, _)| unknown.contains(agent)).collect()
    }

    fn take_all(&mut self, now: Now, received: Timestamp, steps: Vec<(AgentId, Step)>) {
        let mut by_agent: BTreeMap<usize, Vec<Step>> = BTreeMap::new();
        for (agent, step) in steps {
            if let Some(&place) = self.by_id.get(&agent).filter(|&&place| self.agents[place].in_scope) {
                by_agent.entry(place).or_default().push(step);
            }
        }
        for (place, steps) in by_agent {
            self.take_steps(now, received, place, steps);
        }
    }

    fn take_list(&mut self, now: Now, received: Timestamp, list: Update) {
        match list {
            Update::Catalogue(catalogue) if catalogue.is_empty() => {
                self.doubt(now, Doubt::NoCatalogue);
            }
            Update::Catalogue(catalogue) => {
                self.surroundings.catalogue = catalogue;
                self.remap_all(now, received);
            }
            Update::Workgroups(workgroups) => {
                self.surroundings.set_workgroups(&workgroups);
                self.remap_all(now, received);
            }
            Update::Agents(agents) => {
                let before = self.in_scope();
                if self.guard.forbids_shrinking(before, agents.len()) {
                    self.doubt(now, Doubt::FewerAgents { before, now: agents.len() });
                } else {
                    self.set_agents(now, agents);
                }
            }
            Update::Rescoped(agents) => {
                self.rescoping = false;
                self.set_agents(now, agents);
            }
            Update::Status(..) | Update::Interaction(..) | Update::InteractionLeft(..) => {}
        }
    }

    fn take_steps(&mut self, now: Now, received: Timestamp, place: usize, steps: Vec<Step>) {
        let mut entering = VecDeque::new();
        let mut inputs = Vec::with_capacity(steps.len());
        for step in &steps {
            match step {
                Step::Status(status) => {
                    if let Some(entered) = self.enter(now, place, status, received) {
                        inputs.push(entered.input());
                        entering.push_back(entered);
                    }
                }
                Step::Interaction(interaction) => inputs.push(Input::Interaction(interaction)),
                Step::Left(interaction) => inputs.push(Input::Left(interaction)),
            }
        }
        let inputs = declined_first(&self.agents[place].machine, inputs);
        for input in inputs {
            match input {
                Input::Entered(_) | Input::Remapped(_) => {
                    let Some(entered) = entering.pop_front() else { continue };
                    self.watch_for_wave(now, place, &entered);
                    self.show(now, place, received, &entered);
                    let state = self.agents[place].machine.apply(input);
                    self.want_routing(now, place, state, entered.happened, received, Arc::clone(&entered.wish.why));
                }
                Input::Interaction(_) | Input::Left(_) | Input::Snapshot(_) => {
                    let state = self.agents[place].machine.apply(input);
                    if self.agents[place].machine.has_entered() {
                        self.want_routing(now, place, state, received, received, reason_of(state));
                    }
                }
            }
        }
        self.enqueue(place);
    }

    /// Takes an agent's status over and says what it comes to; `None` when it is not in the catalogue.
    pub(super) fn enter(
        &mut self,
        now: Now,
        place: usize,
        status: &UserStatus,
        received: Timestamp,
    ) -> Option<Entering> {
        let previous = self.agents[place].status.replace(status.clone());
        let next = previous.as_ref().is_none_or(|previous| is_next(previous, status));
        let logout = self.logout(now, place, previous.as_ref(), status, next, received);
        let logged_in = status.logged_in || logout.is_some_and(|logout| logout.held);
        let happened = match status.since {
            Some(since) if next => since.min(now.utc),
            Some(_) | None => received.min(now.utc),
        };
        if next {
            self.suspects.clear(place);
            self.agents[place].entered = Some(happened);
        }
        let known = wish(&self.options, &self.rules, &self.surroundings, status, logged_in, now.utc);
        self.agents[place].unknown_status = known.is_none();
        let is_another = previous.is_none_or(|previous| previous.status != status.status);
        let Some(wish) = known else {
            self.note_unknown(place, status);
            if is_another {
                self.agents[place].in_status = Some(status.status.clone());
                self.note_entered(now, place, happened, received);
            }
            return None;
        };
        let logs_out = logout.is_some_and(|logout| logout.is_new);
        Some(Entering { status: status.status.clone(), wish, next, is_another, logs_out, happened })
    }

    /// Notes a status that makes no difference to the presence.
    pub(super) fn note_entered(&mut self, now: Now, place: usize, happened: Timestamp, seen: Timestamp) {
        let record = &self.agents[place];
        if let (Some(status), true) = (&record.in_status, record.is_replicated()) {
            let (agent, status) = (record.agent.id.clone(), status.clone());
            self.outbox.note(now, Fact::Entered { agent, status, happened, seen });
        }
    }

    fn note_unknown(&mut self, place: usize, status: &UserStatus) {
        let agent = self.agents[place].agent.id.clone();
        self.notices.push_back(Notice::UnknownStatus { agent, status: status.status.clone() });
    }

    /// Wants what a status says of presence and out of office.
    pub(super) fn show(&mut self, now: Now, place: usize, received: Timestamp, entered: &Entering) {
        let wish = &entered.wish;
        let why = Arc::clone(&wish.why);
        self.agents[place].in_status = Some(entered.status.clone());
        let presence = Value::Presence(wish.presence);
        let is_told = self.want(now, place, presence, entered.happened, received, Arc::clone(&why));
        if entered.is_another && !is_told {
            self.note_entered(now, place, entered.happened, received);
        }
        self.want(now, place, Value::OutOfOffice(wish.out_of_office), entered.happened, received, why);
    }

    pub(super) fn want_routing(
        &mut self,
        now: Now,
        place: usize,
        state: RoutingState,
        happened: Timestamp,
        received: Timestamp,
        why: Arc<str>,
    ) {
        self.want(now, place, Value::Routing(state.status), happened.min(now.utc), received, why);
    }

    /// Wants a value; makes a change of it where Genesys Cloud has to be told, and says whether it did.
    pub(super) fn want(
        &mut self,
        now: Now,
        place: usize,
        value: Value,
        happened: Timestamp,
        received: Timestamp,
        why: Arc<str>,
    ) -> bool {
        let facet = value.facet();
        if !self.replicates(facet) {
            return false;
        }
        if let (Value::Routing(status), true) = (value, self.derives_routing()) {
            self.want_derived(now, place, status, happened, received, why);
            return false;
        }
        self.agents[place].wanted[facet as usize] = Some(value);
        let record = &self.agents[place];
        let is_there = record.facet(facet).target().is_some_and(|target| same(target, value));
        if is_there || !record.is_replicated() {
            return false;
        }
        self.change(now, place, value, happened, received, why);
        true
    }

    /// Makes a change, whatever was told before.
    pub(super) fn change(
        &mut self,
        now: Now,
        place: usize,
        to: Value,
        happened: Timestamp,
        seen: Timestamp,
        why: Arc<str>,
    ) {
        let id = self.new_change_id();
        let facet = self.agents[place].facet_mut(to.facet());
        let from = facet.target();
        let happened = facet.next_time(happened);
        let status = self.agents[place].in_status.clone();
        let change = Change { id, from, to, happened, seen, why: why.to_string(), status };
        let recorded = self.note_and_wait(now, place, id, Stage::Recorded(change.clone()));
        let pending = Pending { change, recorded, since: now.instant, attempts: 0, resumed: false, refused: false };
        self.agents[place].facet_mut(to.facet()).pending.push_back(pending);
        self.counters.seen += 1;
        self.gaps.expect_lateness(now.instant + self.options.late_after);
        if matches!(self.agents[place].phase, Phase::Waiting { refused: true, .. }) {
            self.agents[place].phase = Phase::Ready;
        }
        self.thin_out(now, place, to.facet());
    }

    /// Drops what will not be told: all but the newest where a lane keeps no history, refused ones that are not the
    /// newest any more, and the shortest when there are too many.
    pub(super) fn thin_out(&mut self, now: Now, place: usize, facet: Facet) {
        let keep = self.agents[place].under_way(facet);
        let keeps_history = self.keeps_history(facet);
        let state = self.agents[place].facet_mut(facet);
        let mut dropped = if keeps_history { Vec::new() } else { state.collapse(keep) };
        let last = state.pending.len().saturating_sub(1);
        for index in (keep..last).rev() {
            if state.pending[index].refused {
                dropped.extend(state.pending.remove(index));
            }
        }
        if !keeps_history {
            dropped.extend(state.forget_return(keep));
        }
        let trimmed = state.trim(keep);
        if !trimmed.is_empty() {
            let agent = self.agents[place].agent.id.clone();
            self.notices.push_back(Notice::TooManyPending { agent, dropped: trimmed.len() });
        }
        self.drop_changes(now, place, dropped, "a newer value took its place");
        self.drop_changes(now, place, trimmed, "too many were waiting, and it lasted the shortest");
    }

    /// Journals changes that will not be sent any more.
    pub(super) fn drop_changes(&mut self, now: Now, place: usize, dropped: Vec<Pending>, reason: &str) {
        if let Some(first) = dropped.iter().map(|pending| &pending.change).min_by_key(|change| change.happened) {
            self.count_wrong_since(now, place, first.to.facet(), first.happened);
        }
        for pending in dropped {
            self.counters.superseded += 1;
            self.note(now, place, pending.change.id, Stage::Dropped { reason: reason.to_owned() });
        }
    }

    /// Counts agents that single messages send Offline.
    fn watch_for_wave(&mut self, now: Now, place: usize, entered: &Entering) {
        let frozen = self.guard.doubt().is_some();
        let offline = Presence::of(SystemPresence::Offline);
        let goes = entered.logs_out || entered.wish.presence == offline;
        let before = self.agents[place].wanted[Facet::Presence as usize];
        if goes && before.is_some_and(|before| before != Value::Presence(offline)) {
            let agents = self.in_scope();
            self.guard.agent_went_offline(now.instant, place, agents);
        }
        if let (false, Some(doubt)) = (frozen, self.guard.doubt()) {
            self.notices.push_back(Notice::Frozen(doubt));
        }
    }

    /// What every agent's status means may have changed though nobody did anything.
    pub(super) fn remap_all(&mut self, now: Now, received: Timestamp) {
        for place in 0..self.agents.len() {
            let Some(status) = self.agents[place].status.clone() else { continue };
            let logged_in = status.logged_in || self.agents[place].logout_held.is_some();
            let wish = wish(&self.options, &self.rules, &self.surroundings, &status, logged_in, now.utc);
            self.agents[place].unknown_status = wish.is_none();
            if let Some(wish) = wish {
                self.re_enter(now, place, received, &status, wish);
            }
        }
    }

    /// The same status means this now.
    pub(super) fn re_enter(&mut self, now: Now, place: usize, received: Timestamp, status: &UserStatus, wish: Wish) {
        let next = !self.agents[place].machine.has_entered();
        let (status, happened) = (status.status.clone(), received.min(now.utc));
        let entered = Entering { status, wish, next, is_another: false, logs_out: false, happened };
        self.show(now, place, received, &entered);
        let state = self.agents[place].machine.apply(entered.input());
        self.want_routing(now, place, state, entered.happened, received, Arc::clone(&entered.wish.why));
        self.enqueue(place);
    }
}

/// Whether a status is another one than before, or the same one entered again.
fn is_next(previous: &UserStatus, status: &UserStatus) -> bool {
    if previous.status != status.status {
        return true;
    }
    match (previous.since, status.since) {
        (Some(before), Some(after)) => after.duration_since(before).unsigned_abs() > SAME_MOMENT,
        (Some(_), None) | (None, Some(_)) | (None, None) => false,
    }
}

fn reason_of(state: RoutingState) -> Arc<str> {
    Arc::from(if state.pending_off_queue { "interactions, pending off queue" } else { "interactions" })
}
