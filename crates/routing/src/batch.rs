//! The order in which things count that arrived together for one agent.

use domain::ids::InteractionId;
use domain::source::Involvement;

use crate::{Input, Machine};

/// Puts what arrived together for one agent into the order in which it counts: an alerting interaction that leaves
/// within the batch (the agent declined it) leaves before a status is entered, because PureConnect sends the two in
/// either order. Everything else stays where it is.
#[must_use]
pub fn declined_first<'a>(machine: &Machine, inputs: Vec<Input<'a>>) -> Vec<Input<'a>> {
    let mut ordered: Vec<Input<'a>> = Vec::with_capacity(inputs.len());
    for input in inputs {
        let place = match ending(&input) {
            Some(id) => place_of_decline(machine, &ordered, id),
            None => None,
        };
        match place {
            Some(place) => ordered.insert(place, input),
            None => ordered.push(input),
        }
    }
    ordered
}

/// The interaction that this input ends for the agent.
fn ending<'a>(input: &Input<'a>) -> Option<&'a InteractionId> {
    match input {
        Input::Left(id) => Some(id),
        Input::Interaction(interaction) => match interaction.involvement {
            Involvement::None => Some(&interaction.id),
            Involvement::Alerting | Involvement::Connected => None,
        },
        Input::Entered(_) | Input::Remapped(_) | Input::Snapshot(_) => None,
    }
}

/// Before which of the inputs so far the interaction was declined; `None` when it did not alert, or when no status came
/// after the last word on it.
fn place_of_decline(machine: &Machine, before: &[Input<'_>], id: &InteractionId) -> Option<usize> {
    let last_word = before.iter().rposition(|input| mentions(input, id));
    let alerting = match last_word.map(|at| &before[at]) {
        None => machine.is_alerting(id),
        Some(input) => alerts(input, id),
    };
    if !alerting {
        return None;
    }
    let from = last_word.map_or(0, |at| at + 1);
    let status = before[from..].iter().position(|input| match input {
        Input::Entered(_) | Input::Remapped(_) => true,
        Input::Interaction(_) | Input::Left(_) | Input::Snapshot(_) => false,
    })?;
    Some(from + status)
}

/// Whether the input says anything of the interaction; a whole list says something of every one.
fn mentions(input: &Input<'_>, id: &InteractionId) -> bool {
    match input {
        Input::Entered(_) | Input::Remapped(_) => false,
        Input::Interaction(interaction) => interaction.id == *id,
        Input::Left(left) => *left == id,
        Input::Snapshot(_) => true,
    }
}

fn alerts(input: &Input<'_>, id: &InteractionId) -> bool {
    match input {
        Input::Entered(_) | Input::Remapped(_) | Input::Left(_) => false,
        Input::Interaction(interaction) => interaction.involvement == Involvement::Alerting,
        Input::Snapshot(interactions) => interactions
            .iter()
            .any(|interaction| interaction.id == *id && interaction.involvement == Involvement::Alerting),
    }
}
