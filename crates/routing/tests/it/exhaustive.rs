//! Every short history over a small universe, and every short continuation of every state that can be reached: two
//! interactions, every status, every way to be told of them.

use std::collections::{BTreeSet, VecDeque};

use domain::ids::InteractionId;
use domain::source::{Interaction, Involvement};
use domain::target::RoutingStatus;
use routing::{AfterCallWork, Input, Machine, Options, StatusInput};

use crate::model::Model;
use crate::scene::interaction;

/// Everything that can happen, owned, so that inputs can borrow from it.
struct Universe {
    ids: Vec<InteractionId>,
    statuses: Vec<StatusInput>,
    interactions: Vec<Interaction>,
    lists: Vec<Vec<Interaction>>,
}

impl Universe {
    fn new() -> Self {
        let names = ["one", "two"];
        let mut statuses = Vec::new();
        for bits in 0..8 {
            statuses.push(StatusInput {
                on_queue: bits & 1 != 0,
                after_call_work: bits & 2 != 0,
                no_answer: bits & 4 != 0,
                routing: None,
            });
        }
        for (on_queue, routing) in [(true, RoutingStatus::OffQueue), (false, RoutingStatus::Idle)] {
            statuses.push(StatusInput { on_queue, after_call_work: false, no_answer: false, routing: Some(routing) });
        }
        let kinds = [
            (Involvement::None, true),
            (Involvement::Alerting, true),
            (Involvement::Alerting, false),
            (Involvement::Connected, true),
            (Involvement::Connected, false),
        ];
        let interactions =
            names.iter().flat_map(|name| kinds.map(|(involvement, acd)| interaction(name, involvement, acd))).collect();
        let lists = vec![
            Vec::new(),
            vec![interaction("one", Involvement::Connected, true)],
            vec![interaction("two", Involvement::Connected, false), interaction("one", Involvement::Alerting, true)],
        ];
        Self { ids: names.map(InteractionId::new).to_vec(), statuses, interactions, lists }
    }

    fn inputs(&self) -> Vec<Input<'_>> {
        let mut inputs: Vec<Input<'_>> = Vec::new();
        inputs.extend(self.statuses.iter().map(|status| Input::Entered(*status)));
        inputs.extend(self.statuses.iter().map(|status| Input::Remapped(*status)));
        inputs.extend(self.interactions.iter().map(Input::Interaction));
        inputs.extend(self.ids.iter().map(Input::Left));
        inputs.extend(self.lists.iter().map(|list| Input::Snapshot(list)));
        inputs
    }
}

/// A walk over histories that compares machine and model at every step.
struct Walk<'a> {
    options: Options,
    universe: &'a Universe,
    inputs: Vec<Input<'a>>,
    compared: usize,
}

impl<'a> Walk<'a> {
    fn new(universe: &'a Universe, after_call_work: AfterCallWork) -> Self {
        Self { options: Options { after_call_work }, universe, inputs: universe.inputs(), compared: 0 }
    }

    fn step(&mut self, machine: &Machine, history: &mut Vec<Input<'a>>, input: Input<'a>) -> Machine {
        let mut next = machine.clone();
        let answer = next.apply(input);
        history.push(input);
        let model = Model { after_call_work: self.options.after_call_work, ids: &self.universe.ids, history };
        assert_eq!(answer, model.state(), "after {history:#?}");
        assert_eq!(answer, next.state(), "after {history:#?}");
        self.compared += 1;
        next
    }

    fn go(&mut self, machine: &Machine, history: &mut Vec<Input<'a>>, depth: usize) {
        if depth == 0 {
            return;
        }
        for at in 0..self.inputs.len() {
            let next = self.step(machine, history, self.inputs[at]);
            self.go(&next, history, depth - 1);
            history.pop();
        }
    }

    /// Every state that can be reached, each with one history that leads there.
    fn reachable(&mut self) -> Vec<(Machine, Vec<Input<'a>>)> {
        let fresh = Machine::new(self.options);
        let mut seen = BTreeSet::from([format!("{fresh:?}")]);
        let mut open = VecDeque::from([(fresh, Vec::new())]);
        let mut found = Vec::new();
        while let Some((machine, mut history)) = open.pop_front() {
            for at in 0..self.inputs.len() {
                let next = self.step(&machine, &mut history, self.inputs[at]);
                if seen.insert(format!("{next:?}")) {
                    open.push_back((next, history.clone()));
                }
                history.pop();
            }
            found.push((machine, history));
        }
        found
    }
}

#[test]
fn every_history_of_up_to_four_inputs_ends_as_the_model_says() {
    let universe = Universe::new();
    let mut walk = Walk::new(&universe, AfterCallWork::Interacting);
    let inputs = walk.inputs.len();
    walk.go(&Machine::new(walk.options), &mut Vec::new(), 4);
    assert_eq!(walk.compared, (1..=4).map(|depth| inputs.pow(depth)).sum::<usize>());
}

#[test]
fn every_state_that_can_be_reached_goes_on_as_the_model_says() {
    let universe = Universe::new();
    for (after_call_work, depth) in [(AfterCallWork::Interacting, 2), (AfterCallWork::Idle, 1)] {
        let mut walk = Walk::new(&universe, after_call_work);
        let states = walk.reachable();
        assert!(states.len() > 500, "only {} states", states.len());
        for (machine, mut history) in states {
            walk.go(&machine, &mut history, depth);
        }
    }
}

#[test]
fn the_flag_goes_only_with_an_off_queue_presence_and_never_with_off_queue() {
    let universe = Universe::new();
    let mut walk = Walk::new(&universe, AfterCallWork::Interacting);
    for (machine, history) in walk.reachable() {
        let state = machine.state();
        let on_queue = history.iter().rev().find_map(|input| match input {
            Input::Entered(status) | Input::Remapped(status) => Some(status.on_queue),
            Input::Interaction(_) | Input::Left(_) | Input::Snapshot(_) => None,
        });
        if state.pending_off_queue {
            assert_eq!(on_queue, Some(false), "after {history:#?}");
            assert_ne!(state.status, RoutingStatus::OffQueue, "after {history:#?}");
        }
    }
}

#[test]
fn alerting_changes_nothing_in_any_state_that_has_none_of_it_yet() {
    let universe = Universe::new();
    let mut walk = Walk::new(&universe, AfterCallWork::Interacting);
    for (mut machine, history) in walk.reachable() {
        let before = machine.state();
        let ringing = interaction("three", Involvement::Alerting, true);
        assert_eq!(machine.apply(Input::Interaction(&ringing)), before, "after {history:#?}");
    }
}
