//! A second machine that remembers nothing but the whole history, and derives the state from it in the words of the
//! specification. Slow, plain, and written without looking at the first.

use domain::ids::InteractionId;
use domain::source::{Interaction, Involvement};
use domain::target::RoutingStatus;
use routing::{AfterCallWork, Input, RoutingState, StatusInput};

/// How an agent is involved in an interaction: whether connected, and whether it is ACD's.
type Part = (bool, bool);

pub struct Model<'a> {
    pub after_call_work: AfterCallWork,
    pub ids: &'a [InteractionId],
    pub history: &'a [Input<'a>],
}

impl Model<'_> {
    pub fn state(&self) -> RoutingState {
        let now = self.history.len();
        let pending: Vec<&InteractionId> = self.ids.iter().filter(|id| self.is_pending(id)).collect();
        let pending_off_queue = !pending.is_empty();
        let status = match self.status_after(now) {
            None => RoutingStatus::OffQueue,
            Some(status) if status.no_answer && !self.connected_since_entering() => RoutingStatus::NotResponding,
            Some(_) if pending_off_queue => self.by_connections(&pending, RoutingStatus::Idle),
            Some(status) if !status.on_queue => status.routing.unwrap_or(RoutingStatus::OffQueue),
            Some(status) if status.after_call_work && self.after_call_work == AfterCallWork::Interacting => {
                RoutingStatus::Interacting
            }
            Some(status) => {
                let all: Vec<&InteractionId> = self.ids.iter().collect();
                self.by_connections(&all, status.routing.unwrap_or(RoutingStatus::Idle))
            }
        };
        RoutingState { status, pending_off_queue }
    }

    fn by_connections(&self, ids: &[&InteractionId], otherwise: RoutingStatus) -> RoutingStatus {
        let now = self.history.len();
        let parts: Vec<Part> = ids.iter().filter_map(|id| self.part_after(now, id)).collect();
        if parts.contains(&(true, true)) {
            RoutingStatus::Interacting
        } else if parts.contains(&(true, false)) {
            RoutingStatus::Communicating
        } else {
            otherwise
        }
    }

    /// The status after so many inputs.
    fn status_after(&self, count: usize) -> Option<StatusInput> {
        self.history[..count].iter().rev().find_map(status_of)
    }

    /// How the agent is involved after so many inputs: what the last input that speaks of the interaction says.
    fn part_after(&self, count: usize, id: &InteractionId) -> Option<Part> {
        for input in self.history[..count].iter().rev() {
            match input {
                Input::Entered(_) | Input::Remapped(_) => {}
                Input::Left(left) if *left == id => return None,
                Input::Left(_) => {}
                Input::Interaction(interaction) if interaction.id == *id => return part_of(interaction),
                Input::Interaction(_) => {}
                Input::Snapshot(list) => return list.iter().find(|found| found.id == *id).and_then(part_of),
            }
        }
        None
    }

    /// The agent had it when presence last left On Queue, and has had it ever since.
    fn is_pending(&self, id: &InteractionId) -> bool {
        let now = self.history.len();
        let Some(left_queue) = (0..now).rev().find(|at| self.leaves_queue(*at)) else {
            return false;
        };
        let back =
            self.history[left_queue..].iter().any(|input| status_of(input).is_some_and(|status| status.on_queue));
        let had = match (self.part_after(left_queue, id), self.status_after(left_queue)) {
            (None, _) => false,
            (Some(_), Some(_)) => true,
            (Some((_, acd)), None) => acd,
        };
        had && !back && (left_queue..=now).all(|count| self.part_after(count, id).is_some())
    }

    /// Whether presence leaves On Queue with this input, or is first heard of as off queue.
    fn leaves_queue(&self, at: usize) -> bool {
        let off = status_of(&self.history[at]).is_some_and(|status| !status.on_queue);
        off && self.status_after(at).is_none_or(|before| before.on_queue)
    }

    fn connected_since_entering(&self) -> bool {
        let now = self.history.len();
        let first = self.history.iter().position(|input| status_of(input).is_some());
        let entered =
            self.history.iter().rposition(|input| matches!(input, Input::Entered(_))).or(first).unwrap_or(now);
        (entered..=now)
            .skip(1)
            .any(|count| self.ids.iter().any(|id| matches!(self.part_after(count, id), Some((true, _)))))
    }
}

fn status_of(input: &Input<'_>) -> Option<StatusInput> {
    match input {
        Input::Entered(status) | Input::Remapped(status) => Some(*status),
        Input::Interaction(_) | Input::Left(_) | Input::Snapshot(_) => None,
    }
}

fn part_of(interaction: &Interaction) -> Option<Part> {
    match interaction.involvement {
        Involvement::None => None,
        Involvement::Alerting => Some((false, interaction.acd)),
        Involvement::Connected => Some((true, interaction.acd)),
    }
}
