//! PureConnect's side: status messages, what each agent's status is, and the interactions on their queues.

mod agent;
mod interaction;
mod report;
mod status;

pub use agent::{Agent, Scope, Workgroup};
pub use interaction::{Interaction, InteractionState, Involvement};
pub use report::{Batch, Release, Snapshot, System, Update};
pub use status::{Catalogue, StatusMessage, UserStatus};
