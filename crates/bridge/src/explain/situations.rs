//! The routing status in a status, for each thing that an agent may be doing: the machine itself is asked.

use domain::ids::InteractionId;
use domain::source::{Interaction, Involvement, StatusMessage};
use mapping::Mapped;
use routing::{AfterCallWork, Input, Machine, Options, RoutingState, StatusInput};
use serde_json::{Value, json};

/// What an agent is doing, and the routing status then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Situation {
    doing: Doing,
    state: RoutingState,
}

impl Situation {
    /// For people.
    pub fn words(&self) -> String {
        let pending = if self.state.pending_off_queue { ", pending off queue," } else { "" };
        match self.doing {
            Doing::Anything | Doing::Usual => self.state.status.to_string(),
            doing => format!("{}{pending} {}", self.state.status, doing.words()),
        }
    }

    /// For programs.
    pub fn json(&self) -> Value {
        json!({
            "when": self.doing.words(),
            "status": self.state.status.name(),
            "pending_off_queue": self.state.pending_off_queue,
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doing {
    /// It does not matter what.
    Anything,
    /// None of the others that are told.
    Usual,
    Nothing,
    Acd,
    Other,
    /// Left the queue with an interaction.
    LeftWith,
    /// Took an interaction after not answering one.
    Answers,
}

impl Doing {
    fn words(self) -> &'static str {
        match self {
            Self::Anything => "always",
            Self::Usual => "otherwise",
            Self::Nothing => "while connected to nothing, alerting or not",
            Self::Acd => "while connected to an interaction that ACD routed",
            Self::Other => "while connected to other interactions only",
            Self::LeftWith => "while an ACD interaction goes on that the agent had when leaving the queue",
            Self::Answers => "from the next interaction that the agent connects to",
        }
    }
}

/// Every situation that makes a difference in this status; `no_answer` says whether it is one of agents who did not answer.
pub fn situations(status: &StatusMessage, mapped: &Mapped, no_answer: bool) -> Vec<Situation> {
    let input = StatusInput {
        on_queue: mapped.presence.is_on_queue(),
        after_call_work: status.after_call_work,
        no_answer,
        routing: mapped.routing,
    };
    let each = [Doing::Nothing, Doing::Acd, Doing::Other].map(|doing| Situation { doing, state: state(input, doing) });
    let [nothing, acd, _] = each;
    if each.iter().any(|situation| situation.state != nothing.state) && input.on_queue {
        return each.to_vec();
    }
    let mut told = vec![nothing];
    if input.no_answer {
        told.push(Situation { doing: Doing::Answers, ..acd });
    }
    if !input.on_queue {
        told.push(Situation { doing: Doing::LeftWith, state: state(input, Doing::LeftWith) });
    }
    told[0].doing = if told.len() == 1 { Doing::Anything } else { Doing::Usual };
    told
}

/// Plays the situation on the machine.
fn state(status: StatusInput, doing: Doing) -> RoutingState {
    let mut machine = Machine::new(Options { after_call_work: AfterCallWork::Interacting });
    let on_queue = StatusInput { on_queue: true, after_call_work: false, no_answer: false, routing: None };
    let interaction =
        |acd| Interaction { id: InteractionId::new("1"), involvement: Involvement::Connected, acd, since: None };
    match doing {
        Doing::Anything | Doing::Usual | Doing::Nothing => machine.apply(Input::Entered(status)),
        Doing::Acd | Doing::Answers => {
            machine.apply(Input::Entered(status));
            machine.apply(Input::Interaction(&interaction(true)))
        }
        Doing::Other => {
            machine.apply(Input::Entered(status));
            machine.apply(Input::Interaction(&interaction(false)))
        }
        Doing::LeftWith => {
            machine.apply(Input::Entered(on_queue));
            machine.apply(Input::Interaction(&interaction(true)));
            machine.apply(Input::Entered(status))
        }
    }
}
