//! How an operator speaks to the running bridge: one line of JSON into a Unix socket, lines of JSON out.
//!
//! Knows the words (`told`) and the socket. Does not know what the commands do: the loop that owns the engine answers
//! them. An answer has any number of lines, and its last line says that it is complete.

mod ask;
mod reload;
mod serve;
mod talk;
#[cfg(test)]
mod tests;
pub mod told;

use std::time::Duration;

pub use self::ask::{LinkAgents, Unanswered, agents, catalogue, confirm, not_in_step};
pub use self::reload::reload;
pub use self::serve::Listening;
pub use self::talk::{Desk, ReloadRequest};
pub use self::told::{Answer, Reloaded};

/// The longest request. It is a few words.
const REQUEST: usize = 4_096;

/// The longest line of an answer: an agent with many interactions, a report with many gaps.
const LINE: u64 = 16 * 1_024 * 1_024;

/// How long either side waits for the other. Longer than the loop ever takes to come round.
const PATIENCE: Duration = Duration::from_secs(5);
