//! An agent whose day is told in the words of the trade.

use domain::ids::InteractionId;
use domain::source::{Interaction, Involvement};
use domain::target::RoutingStatus;
use routing::{AfterCallWork, Input, Machine, Options, RoutingState, StatusInput};

pub const AVAILABLE: StatusInput =
    StatusInput { on_queue: true, after_call_work: false, no_answer: false, routing: None };
pub const FOLLOW_UP: StatusInput = StatusInput { after_call_work: true, ..AVAILABLE };
pub const LUNCH: StatusInput = StatusInput { on_queue: false, ..AVAILABLE };
pub const NOT_ANSWERING: StatusInput = StatusInput { no_answer: true, ..LUNCH };

pub const OPTIONS: Options = Options { after_call_work: AfterCallWork::Interacting };

pub fn interaction(id: &str, involvement: Involvement, acd: bool) -> Interaction {
    Interaction { id: InteractionId::new(id), involvement, acd, since: None }
}

pub fn state(status: RoutingStatus) -> RoutingState {
    RoutingState { status, pending_off_queue: false }
}

pub fn pending(status: RoutingStatus) -> RoutingState {
    RoutingState { status, pending_off_queue: true }
}

/// Each verb answers with the state after it.
pub struct Agent(pub Machine);

impl Agent {
    pub fn new() -> Self {
        Self::with(OPTIONS)
    }

    pub fn with(options: Options) -> Self {
        Self(Machine::new(options))
    }

    pub fn in_status(status: StatusInput) -> Self {
        let mut agent = Self::new();
        agent.enters(status);
        agent
    }

    pub fn enters(&mut self, status: StatusInput) -> RoutingState {
        self.0.apply(Input::Entered(status))
    }

    pub fn finds_status_changed(&mut self, status: StatusInput) -> RoutingState {
        self.0.apply(Input::Remapped(status))
    }

    pub fn is_offered(&mut self, id: &str) -> RoutingState {
        self.gets(interaction(id, Involvement::Alerting, true))
    }

    pub fn answers(&mut self, id: &str) -> RoutingState {
        self.gets(interaction(id, Involvement::Connected, true))
    }

    pub fn is_called_directly(&mut self, id: &str) -> RoutingState {
        self.gets(interaction(id, Involvement::Alerting, false))
    }

    pub fn talks_directly(&mut self, id: &str) -> RoutingState {
        self.gets(interaction(id, Involvement::Connected, false))
    }

    /// The state is I or E, and the interaction still on the queue for a while.
    pub fn hangs_up(&mut self, id: &str) -> RoutingState {
        self.gets(interaction(id, Involvement::None, true))
    }

    pub fn loses(&mut self, id: &str) -> RoutingState {
        self.0.apply(Input::Left(&InteractionId::new(id)))
    }

    pub fn reconnects_with(&mut self, interactions: &[Interaction]) -> RoutingState {
        self.0.apply(Input::Snapshot(interactions))
    }

    fn gets(&mut self, interaction: Interaction) -> RoutingState {
        self.0.apply(Input::Interaction(&interaction))
    }
}
