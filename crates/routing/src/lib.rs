//! The routing status of one agent, as a state machine with the flag *pending off queue*.
//!
//! Knows what an agent's status, presence on or off queue and interactions together mean for the routing status. Knows
//! nothing of how a status becomes a presence (that is `mapping`), of time, or of who delivers the result: inputs go
//! in, in the order in which they count, and the state after each comes out.

mod batch;
mod involved;
mod machine;

use domain::ids::InteractionId;
use domain::source::Interaction;
use domain::target::RoutingStatus;

pub use batch::declined_first;
pub use machine::Machine;

/// What after call work counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterCallWork {
    /// Work: the platform's own reports count it as interacting.
    Interacting,
    /// Waiting.
    Idle,
}

/// What whoever makes a [`Machine`] has to decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// What after call work counts as.
    pub after_call_work: AfterCallWork,
}

/// What a status means for the routing status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusInput {
    /// Its presence is On Queue or hangs under it.
    pub on_queue: bool,
    /// *Status is ACW* is ticked.
    pub after_call_work: bool,
    /// PureConnect puts agents in it who did not answer.
    pub no_answer: bool,
    /// What a mapping rule prescribes in place of IDLE (on queue and not connected) or of OFF_QUEUE (off queue).
    pub routing: Option<RoutingStatus>,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input<'a> {
    /// The agent entered a status. Not to be repeated for a status that the agent is merely still in: entering is
    /// what ends one not-responding and begins the next.
    Entered(StatusInput),
    /// The agent is still in the same status, but the catalogue, the rules or the workgroups changed what it means.
    Remapped(StatusInput),
    /// An interaction came or changed.
    Interaction(&'a Interaction),
    /// An interaction left the agent.
    Left(&'a InteractionId),
    /// Every interaction of the agent, after the connection was down: what is not in the list has left.
    Snapshot(&'a [Interaction]),
}

/// The routing status and the flag that may go with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoutingState {
    /// The routing status.
    pub status: RoutingStatus,
    /// The agent is off queue, but not done with what they had when leaving the queue.
    pub pending_off_queue: bool,
}
