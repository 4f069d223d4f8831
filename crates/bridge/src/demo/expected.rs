//! What Genesys Cloud must have been told of each agent: made out of PureConnect's own account of the day, message by
//! message.
//!
//! It shares the rules and the routing machine with the bridge, and nothing else: no adapter, no queue, no loop. A change
//! that the bridge lost, repeated or reordered shows as a difference.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::{InteractionId, StatusId};
use domain::source::{Catalogue, Interaction, InteractionState, StatusMessage};
use domain::target::{OutOfOffice, Presence, RoutingStatus, SystemPresence};
use jiff::Timestamp;
use mapping::Rules;
use routing::{Input, Machine, StatusInput};
use simulator::icws::{Beginning, InteractionTruth, Truth, TruthChange, TruthEntry};

/// A value, and since when PureConnect had it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Since<T> {
    pub value: T,
    pub at: Timestamp,
}

/// What one agent's day comes to.
#[derive(Debug, Clone)]
pub struct Expected {
    /// Every presence, beginning with the one at the start; neighbours differ.
    pub presences: Vec<Since<Presence>>,
    /// Every routing status, in the same way.
    pub routing: Vec<Since<RoutingStatus>>,
    /// Out of office at the end.
    pub out_of_office: OutOfOffice,
}

/// Goes through PureConnect's account of the day; by user id.
pub fn expected(truth: &Truth, rules: &Rules) -> BTreeMap<String, Expected> {
    let mut day = Day::new(rules);
    for beginning in &truth.beginnings {
        day.begin(beginning);
    }
    let mut edits = truth.catalogue.iter().peekable();
    for entry in &truth.log {
        while let Some(edit) = edits.next_if(|edit| edit.sequence <= entry.sequence) {
            day.edit(&edit.status_id, edit.message.as_ref(), edit.at);
        }
        day.take(entry);
    }
    for edit in edits {
        day.edit(&edit.status_id, edit.message.as_ref(), edit.at);
    }
    let until = |user: &str| truth.agents.get(user).and_then(|agent| agent.until);
    day.agents.into_iter().map(|(user, agent)| (user.clone(), agent.finish(until(&user)))).collect()
}

struct Day<'a> {
    rules: &'a Rules,
    catalogue: BTreeMap<StatusId, StatusMessage>,
    no_answer: BTreeSet<StatusId>,
    agents: BTreeMap<String, Agent>,
}

struct Agent {
    status: StatusId,
    logged_in: bool,
    machine: Machine,
    presences: Vec<Since<Presence>>,
    routing: Vec<Since<RoutingStatus>>,
    out_of_office: bool,
}

impl<'a> Day<'a> {
    fn new(rules: &'a Rules) -> Self {
        let shipped = simulator::icws::catalogue::shipped();
        let catalogue: Catalogue = shipped.iter().map(message).collect();
        Self {
            rules,
            catalogue: catalogue.iter().map(|message| (message.id.clone(), message.clone())).collect(),
            no_answer: BTreeSet::from([StatusId::new("AcdAgentNotAnswering")]),
            agents: BTreeMap::new(),
        }
    }

    fn begin(&mut self, beginning: &Beginning) {
        let agent = self.agents.entry(beginning.user.to_string()).or_insert_with(Agent::new);
        agent.status = StatusId::new(&beginning.status);
        agent.logged_in = beginning.logged_in;
        agent.show(self.rules, &self.catalogue, &self.no_answer, beginning.at, true);
    }

    /// The administrator changed or removed a status message.
    fn edit(&mut self, id: &str, edited: Option<&simulator::icws::StatusMessage>, at: Timestamp) {
        match edited {
            Some(edited) => {
                let message = message(edited);
                self.catalogue.insert(message.id.clone(), message);
            }
            None => {
                self.catalogue.remove(&StatusId::new(id));
            }
        }
        let (rules, catalogue, no_answer) = (self.rules, &self.catalogue, &self.no_answer);
        for agent in self.agents.values_mut() {
            agent.show(rules, catalogue, no_answer, at, false);
        }
    }

    fn take(&mut self, entry: &TruthEntry) {
        let agent = self.agents.entry(entry.user.to_string()).or_insert_with(Agent::new);
        let at = entry.at;
        match &entry.change {
            // Nobody was told of a status that another one followed within the same second.
            TruthChange::Status { merged: true, .. } => {}
            TruthChange::Status { status, .. } => {
                agent.status = StatusId::new(status);
                agent.show(self.rules, &self.catalogue, &self.no_answer, at, true);
            }
            TruthChange::LoggedIn { logged_in } => {
                agent.logged_in = *logged_in;
                agent.show(self.rules, &self.catalogue, &self.no_answer, at, false);
            }
            TruthChange::Interaction(interaction) => agent.interaction(interaction, at),
            TruthChange::Left { id } => agent.left(id, at),
        }
    }
}

impl Agent {
    fn new() -> Self {
        let options = routing::Options { after_call_work: routing::AfterCallWork::Interacting };
        Self {
            status: StatusId::new(""),
            logged_in: false,
            machine: Machine::new(options),
            presences: Vec::new(),
            routing: Vec::new(),
            out_of_office: false,
        }
    }

    /// The agent's status as it is now.
    fn show(
        &mut self,
        rules: &Rules,
        catalogue: &BTreeMap<StatusId, StatusMessage>,
        no_answer: &BTreeSet<StatusId>,
        at: Timestamp,
        entered: bool,
    ) {
        let Some(message) = catalogue.get(&self.status) else { return };
        let mapped = rules.map(message);
        self.out_of_office = mapped.out_of_office;
        let presence = if self.logged_in { mapped.presence } else { Presence::of(SystemPresence::Offline) };
        let input = StatusInput {
            on_queue: presence.is_on_queue(),
            after_call_work: self.logged_in && message.after_call_work,
            no_answer: self.logged_in && no_answer.contains(&self.status),
            routing: mapped.routing.filter(|_| self.logged_in),
        };
        note(&mut self.presences, presence, at);
        let first = !self.machine.has_entered();
        let state = self.machine.apply(if entered || first { Input::Entered(input) } else { Input::Remapped(input) });
        note(&mut self.routing, state.status, at);
    }

    fn interaction(&mut self, told: &InteractionTruth, at: Timestamp) {
        let interaction = Interaction {
            id: InteractionId::new(&told.id),
            involvement: InteractionState::from_code(&told.state).involvement(),
            acd: told.acd,
            since: None,
        };
        let state = self.machine.apply(Input::Interaction(&interaction));
        self.note_routing(state.status, at);
    }

    fn left(&mut self, id: &str, at: Timestamp) {
        let state = self.machine.apply(Input::Left(&InteractionId::new(id)));
        self.note_routing(state.status, at);
    }

    fn note_routing(&mut self, status: RoutingStatus, at: Timestamp) {
        if self.machine.has_entered() {
            note(&mut self.routing, status, at);
        }
    }

    fn finish(self, until: Option<Timestamp>) -> Expected {
        let out_of_office = if self.out_of_office { OutOfOffice::On { until } } else { OutOfOffice::Off };
        Expected { presences: self.presences, routing: self.routing, out_of_office }
    }
}

fn note<T: PartialEq>(list: &mut Vec<Since<T>>, value: T, at: Timestamp) {
    if list.last().is_none_or(|last| last.value != value) {
        list.push(Since { value, at });
    }
}

fn message(message: &simulator::icws::StatusMessage) -> StatusMessage {
    StatusMessage {
        id: StatusId::new(&message.status_id),
        text: message.message_text.clone(),
        group: message.group_tag.clone(),
        allows_acd: message.is_acd_status,
        after_call_work: message.is_after_call_work_status,
        do_not_disturb: message.is_do_not_disturb_status,
    }
}
