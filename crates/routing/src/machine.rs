//! The machine: what it remembers between inputs, and the order in which that is judged.

use domain::ids::InteractionId;
use domain::source::Interaction;
use domain::target::RoutingStatus;

use crate::involved::{Connections, Involved};
use crate::{AfterCallWork, Input, Options, RoutingState, StatusInput};

/// The routing status of one agent. Total: every input is allowed at any time.
///
/// A fresh machine is told the agent's interactions ([`Input::Snapshot`]) before the agent's status
/// ([`Input::Entered`]). If that first status is off queue, the interactions that ACD routed count as held when leaving
/// the queue, since ACD gives them only to agents on queue; what else there is may have begun at any time and does not
/// count. After a reconnect the same order holds, so that what left while nobody listened is gone before a status is
/// entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    options: Options,
    /// `None` until the agent has entered a status.
    status: Option<StatusInput>,
    /// The agent has been connected to something at any time in the current status.
    connected_since_entering: bool,
    involved: Involved,
}

impl Machine {
    /// A machine that knows of no status and no interactions yet.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self { options, status: None, connected_since_entering: false, involved: Involved::default() }
    }

    /// Takes in what happened and answers with the state after it.
    pub fn apply(&mut self, input: Input<'_>) -> RoutingState {
        match input {
            Input::Entered(status) => self.enter(status),
            Input::Remapped(status) => match self.status {
                None => self.enter(status),
                Some(before) => self.cross(Some(before.on_queue), status),
            },
            Input::Interaction(interaction) => self.involved.observe(interaction),
            Input::Left(id) => self.involved.remove(id),
            Input::Snapshot(interactions) => self.involved.replace(interactions),
        }
        self.connected_since_entering |= self.is_connected();
        self.state()
    }

    /// The state now; off queue before the first status.
    #[must_use]
    pub fn state(&self) -> RoutingState {
        let Some(status) = self.status else {
            return RoutingState { status: RoutingStatus::OffQueue, pending_off_queue: false };
        };
        let pending_off_queue = self.involved.any_pending();
        let status = if status.no_answer && !self.connected_since_entering {
            RoutingStatus::NotResponding
        } else if pending_off_queue {
            following(self.involved.pending_connections(), RoutingStatus::Idle)
        } else if !status.on_queue {
            status.routing.unwrap_or(RoutingStatus::OffQueue)
        } else if status.after_call_work && self.options.after_call_work == AfterCallWork::Interacting {
            RoutingStatus::Interacting
        } else {
            let base = status.routing.unwrap_or(RoutingStatus::Idle);
            following(self.involved.connections(), base)
        };
        RoutingState { status, pending_off_queue }
    }

    /// Whether the agent has entered a status; before that the state says nothing.
    #[must_use]
    pub fn has_entered(&self) -> bool {
        self.status.is_some()
    }

    /// What the agent is alerted of, or connected to; since when is not remembered.
    #[must_use]
    pub fn interactions(&self) -> Vec<Interaction> {
        self.involved.list()
    }

    /// Whether the interaction alerts at the agent.
    pub(crate) fn is_alerting(&self, id: &InteractionId) -> bool {
        self.involved.is_alerting(id)
    }

    fn enter(&mut self, status: StatusInput) {
        self.cross(self.status.map(|before| before.on_queue), status);
        self.connected_since_entering = self.is_connected();
    }

    /// Takes over the status; what the agent has is held when that leaves the queue, released when it is on queue.
    fn cross(&mut self, was_on_queue: Option<bool>, status: StatusInput) {
        match (was_on_queue, status.on_queue) {
            (_, true) => self.involved.release_all(),
            (Some(true), false) => self.involved.hold_all(),
            (Some(false), false) => {}
            (None, false) => self.involved.hold_acd(),
        }
        self.status = Some(status);
    }

    fn is_connected(&self) -> bool {
        self.involved.connections() != Connections::None
    }
}

fn following(connections: Connections, unconnected: RoutingStatus) -> RoutingStatus {
    match connections {
        Connections::Acd => RoutingStatus::Interacting,
        Connections::Other => RoutingStatus::Communicating,
        Connections::None => unconnected,
    }
}
