//! What the engine does with a whole snapshot, at the start and after every reconnect: one path for both.
//!
//! Only the end state counts: what came and went while nobody listened is not made up.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::change::{Facet, Value};
use domain::source::{Agent, Interaction, Snapshot, UserStatus};
use domain::target::RoutingStatus;
use domain::time::{Instant, Now};
use jiff::{SignedDuration, Timestamp};
use routing::{Input, Machine, StatusInput};

use super::doubt::{Confirmation, Doubt};
use super::guard::Verdict;
use super::intake::Entering;
use super::record::Record;
use super::wish::Surroundings;
use super::{Engine, Fact, Notice, SourceState};
use crate::options::ModeChoice;

impl Engine {
    /// Takes a snapshot over, unless the guard doubts it.
    pub(super) fn take_snapshot(&mut self, now: Now, received: Timestamp, snapshot: Snapshot) {
        let connected = SourceState::Connected { system: snapshot.system.clone(), since: now.utc };
        let lost = match std::mem::replace(&mut self.source, connected) {
            SourceState::Lost { since, .. } => Some(since),
            SourceState::Connecting | SourceState::Connected { .. } => None,
        };
        if lost.is_some() {
            self.begin_grace(now);
        }
        let doubted_since = self.guard.doubted_since();
        let mut picture = self.picture(now.utc, &snapshot);
        if std::mem::take(&mut self.rescoping) {
            picture.agents_before = picture.agents_before.min(picture.agents);
        }
        let verdict = self.guard.judge(now.instant, picture);
        match verdict {
            Verdict::Doubtful(doubt) => {
                self.notices.push_back(Notice::Frozen(doubt));
                return;
            }
            Verdict::Agreed | Verdict::Disproved => self.notices.push_back(Notice::Thawed),
            Verdict::Good => {}
        }
        self.clock_offset = Some(snapshot.system.clock_offset);
        self.set_mode(&snapshot);
        let Snapshot { system: _, catalogue, workgroups, agents, statuses, interactions } = snapshot;
        self.surroundings = Surroundings { catalogue, no_answer: BTreeSet::new() };
        self.surroundings.set_workgroups(&workgroups);
        self.set_agents(now, agents);
        let mut on_queue: BTreeMap<usize, Vec<Interaction>> = BTreeMap::new();
        for (agent, interaction) in interactions {
            if let Some(&place) = self.by_id.get(&agent) {
                on_queue.entry(place).or_default().push(interaction);
            }
        }
        for (agent, status) in statuses {
            if let Some(&place) = self.by_id.get(&agent) {
                let interactions = on_queue.remove(&place).unwrap_or_default();
                self.settle_agent(now, received, place, Some(&status), &interactions);
            }
        }
        for (place, interactions) in on_queue {
            self.settle_agent(now, received, place, None, &interactions);
        }
        if let (Verdict::Disproved, Some(since)) = (verdict, doubted_since) {
            self.forget_doubted(now, since);
        }
        self.forget_the_rest(now);
        if let Some(lost) = lost {
            self.suspect_after_call_work(now, lost);
        }
    }

    /// Brings one agent to what the snapshot shows.
    fn settle_agent(
        &mut self,
        now: Now,
        received: Timestamp,
        place: usize,
        status: Option<&UserStatus>,
        interactions: &[Interaction],
    ) {
        let mut happened = received;
        let mut why: Arc<str> = Arc::from("interactions");
        let before = self.agents[place].status.as_ref().map(|before| before.status.clone());
        let is_another = before.zip(status).is_some_and(|(before, status)| before != status.status);
        let presence_until = self.agents[place].facet(Facet::Presence).newest();
        let entered = status.and_then(|status| self.enter(now, place, status, received));
        if let Some(entered) = entered.as_ref().filter(|entered| entered.next) {
            self.begin_status(place, entered, interactions);
        }
        let mut state = self.agents[place].machine.apply(Input::Snapshot(interactions));
        if let Some(entered) = entered {
            self.agents[place].in_status = Some(entered.status.clone());
            let mut is_told = false;
            for value in [Value::Presence(entered.wish.presence), Value::OutOfOffice(entered.wish.out_of_office)] {
                let happened = self.own_time(place, value, entered.happened, received, is_another);
                let why = Arc::clone(&entered.wish.why);
                is_told |= self.want(now, place, value, happened, received, why) && value.facet() == Facet::Presence;
            }
            if entered.is_another && !is_told {
                self.note_entered(now, place, entered.happened, received);
            }
            // The run before knew this status: what is other than then came later.
            let was_known = !is_another && presence_until.is_some_and(|until| until >= entered.happened);
            if !entered.next {
                state = self.agents[place].machine.apply(entered.input());
            } else if !was_known {
                happened = entered.happened;
                why = Arc::clone(&entered.wish.why);
            }
        }
        if matches!(state.status, RoutingStatus::Interacting | RoutingStatus::Communicating) {
            let connected = interactions.iter().filter_map(|interaction| interaction.since).max();
            happened =
                connected.map_or(happened, |since| if happened == received { since } else { since.max(happened) });
        }
        if self.agents[place].machine.has_entered() {
            happened = self.own_time(place, Value::Routing(state.status), happened, received, is_another);
            self.want_routing(now, place, state, happened, received, why);
        }
        self.enqueue(place);
    }

    /// When a value that a snapshot shows began: what was told after `happened` was true then, so the value came later
    /// (a logout in the same status, the end of a call), and when it was seen is all that is known of it. Another status
    /// than before is news of its own; it counts whole seconds, and may be of the same second.
    fn own_time(
        &self,
        place: usize,
        value: Value,
        happened: Timestamp,
        received: Timestamp,
        is_another: bool,
    ) -> Timestamp {
        let same_second = if is_another { SignedDuration::from_secs(1) } else { SignedDuration::ZERO };
        let facet = self.agents[place].facet(value.facet());
        let is_news = facet.target().is_some_and(|target| target != value);
        if is_news && facet.newest().is_some_and(|newest| newest.duration_since(happened) >= same_second) {
            received
        } else {
            happened
        }
    }

    /// Enters a status that began while nobody listened, with the interactions that the agent had by then: those that
    /// are left of them when an agent leaves the queue are still followed.
    fn begin_status(&mut self, place: usize, entered: &Entering, interactions: &[Interaction]) {
        // The time of a status counts whole seconds: what began within that second may have been there before.
        let by_then = entered.happened.saturating_add(SignedDuration::from_secs(1)).unwrap_or(entered.happened);
        // ACD gives interactions only to agents who are on queue: whoever has one had it when leaving the queue, though it
        // may have been answered later.
        let had = |one: &&Interaction| one.acd || one.since.is_none_or(|since| since < by_then);
        let had: Vec<Interaction> = interactions.iter().filter(had).cloned().collect();
        let was_followed = std::mem::take(&mut self.agents[place].was_followed);
        let machine = &mut self.agents[place].machine;
        if was_followed || had.iter().any(|one| one.acd) {
            let on_queue = StatusInput { on_queue: true, after_call_work: false, no_answer: false, routing: None };
            machine.apply(Input::Entered(on_queue));
        }
        machine.apply(Input::Snapshot(&had));
        machine.apply(entered.input());
    }

    /// What came in since then was not true: of it only the newest value of each facet is told.
    fn forget_doubted(&mut self, now: Now, since: Instant) {
        for place in 0..self.agents.len() {
            for facet in Facet::ALL {
                let state = self.agents[place].facet_mut(facet);
                let keep = state.pending.iter().take_while(|pending| pending.since < since || pending.may_be_known());
                let keep = keep.count();
                let mut dropped = state.collapse(keep);
                dropped.extend(state.forget_return(keep));
                self.drop_changes(now, place, dropped, "the source was not trusted at that time");
            }
            self.enqueue(place);
        }
    }

    fn set_mode(&mut self, snapshot: &Snapshot) {
        let licence = snapshot.system.workforce_engagement;
        self.mode = match self.options.mode {
            ModeChoice::Auto if licence == Some(true) => ModeChoice::WorkforceEngagement,
            ModeChoice::Auto => ModeChoice::StatusOnly,
            ModeChoice::WorkforceEngagement => ModeChoice::WorkforceEngagement,
            ModeChoice::StatusOnly => ModeChoice::StatusOnly,
        };
        self.notices.push_back(Notice::SnapshotTaken {
            host: snapshot.system.host.clone(),
            release: snapshot.system.release,
            agents: snapshot.agents.len(),
            mode: self.mode,
            licence,
        });
    }

    /// The agents in scope are these now.
    pub(super) fn set_agents(&mut self, now: Now, agents: Vec<Agent>) {
        let mut gone: BTreeSet<usize> = (0..self.agents.len()).filter(|&place| self.agents[place].in_scope).collect();
        for agent in agents {
            match self.by_id.get(&agent.id) {
                Some(&place) => {
                    gone.remove(&place);
                    self.agents[place].agent = agent;
                    if !std::mem::replace(&mut self.agents[place].in_scope, true) {
                        // Meanwhile anybody may have written anything.
                        self.read_anew(now, place);
                    }
                }
                None => {
                    let machine = self.new_machine();
                    self.by_id.insert(agent.id.clone(), self.agents.len());
                    self.agents.push(Record::new(agent, machine));
                    self.learn_what_counts(self.agents.len() - 1);
                    self.recollect(now, self.agents.len() - 1);
                }
            }
        }
        for place in gone {
            self.forget_pending(now, place, "the agent left the scope");
            let machine = self.new_machine();
            self.agents[place].leave_scope(machine);
        }
        self.match_all(now);
    }

    fn new_machine(&self) -> Machine {
        Machine::new(routing::Options { after_call_work: self.options.after_call_work })
    }

    /// Drops what is pending and not under way.
    pub(super) fn forget_pending(&mut self, now: Now, place: usize, reason: &str) {
        for facet in Facet::ALL {
            let keep = self.agents[place].under_way(facet);
            let dropped = self.agents[place].facet_mut(facet).pending.drain(keep..).collect();
            self.drop_changes(now, place, dropped, reason);
        }
        self.enqueue(place);
    }

    /// Delivery stops for a reason that is not a snapshot.
    pub(super) fn doubt(&mut self, now: Now, doubt: Doubt) {
        self.guard.freeze(now.instant, doubt);
        self.notices.push_back(Notice::Frozen(doubt));
    }

    /// The operator says that what PureConnect shows is right.
    pub fn handle_confirm(&mut self, now: Now) -> Confirmation {
        let confirmation = self.guard.confirm(now.instant);
        if let Confirmation::Confirmed(doubt) = confirmation {
            self.outbox.note(now, Fact::Confirmed { doubt: doubt.to_string() });
        }
        confirmation
    }

    /// How many agents are in scope.
    pub(super) fn in_scope(&self) -> usize {
        self.agents.iter().filter(|record| record.in_scope).count()
    }
}
