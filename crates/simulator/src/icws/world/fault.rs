//! What can go wrong on purpose, and how much of it is still to come.

use std::time::Duration;

use domain::ids::AgentId;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

/// A fault. In JSON the tag is `fault`: `{"fault":"status","status":503,"requests":2}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Fault {
    /// Cuts every event stream without a word; the sessions live on, and messages wait for the next stream.
    Drop,
    /// Holds every message for so long (real time) from now on; 0 ends it.
    Delay {
        /// How long.
        milliseconds: u64,
    },
    /// Ends every session at once: its requests are answered with 401.
    KillSession,
    /// Every session is told that the connection is down and ends; logons are refused with 503 and the alternate hosts.
    Switchover {
        /// For how long, on the simulated clock.
        seconds: u64,
        /// The hosts to name; the server's own alternates when empty.
        #[serde(default)]
        hosts: Vec<String>,
        /// Agents are shown logged off although nobody left, until each has found the other server: within so many
        /// seconds after the first logon, on the simulated clock. 0 shows them as they are.
        #[serde(default)]
        logouts: u64,
    },
    /// Answers the next requests with this status.
    Status {
        /// 401, 500, 503, 504 or any other.
        status: u16,
        /// How many requests.
        requests: u32,
        /// Only those whose path contains this.
        #[serde(default)]
        path: String,
    },
    /// Takes the messages of the next polls off the queue and breaks the answer.
    LostPoll {
        /// How many polls.
        answers: u32,
    },
    /// Sends a message that is no JSON.
    Malformed,
    /// Sends a message of about this size.
    Oversized {
        /// The size.
        bytes: usize,
    },
    /// Sends a message whose `__type` nobody knows.
    UnknownType,
    /// Sends any text as a message.
    Message {
        /// The text of one message, JSON or not.
        text: String,
    },
    /// Streams stay open and send nothing, not even pings; messages wait.
    Silence,
    /// Sends every watcher of statuses a whole list without anybody in it.
    EmptySnapshot,
    /// Sends every watcher of statuses a whole list in which only every so many agents are.
    ShortSnapshot {
        /// Every how many.
        every: usize,
    },
    /// Of those who are logged on, every so many agents log off in one moment.
    Logouts {
        /// Every how many.
        every: usize,
    },
    /// Subscriptions to queues fail: a state message says so and nothing more comes.
    FaultedSubscription {
        /// Only this subscription.
        #[serde(default)]
        subscription: Option<String>,
    },
    /// Ends all of it: delay, silence, switchover, and statuses still to come. Whom [`Fault::Logouts`] logged off is logged
    /// on again.
    Heal,
}

/// An answer with a status that is still to come.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    left: u32,
    path: String,
}

/// The faults in force.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    pub(crate) delay: Duration,
    pub(crate) silence: bool,
    pub(crate) lost_polls: u32,
    /// Until when logons are refused, as elapsed simulated time, and where else to go.
    pub(crate) switchover: Option<(Duration, Vec<String>)>,
    /// Who was logged off on purpose.
    pub(crate) logged_off: Vec<AgentId>,
    /// For how long agents are shown logged off after the next logon, on the simulated clock.
    pub(crate) logouts: Duration,
    refusals: Vec<Refusal>,
}

impl Faults {
    pub(crate) fn refuse(&mut self, status: u16, requests: u32, path: String) {
        self.refusals.push(Refusal { status, left: requests, path });
    }

    /// The status that this request is to be refused with, if any.
    pub(crate) fn next_refusal(&mut self, path: &str) -> Option<u16> {
        let refusal = self.refusals.iter_mut().find(|refusal| path.contains(&refusal.path))?;
        let status = refusal.status;
        refusal.left = refusal.left.saturating_sub(1);
        self.refusals.retain(|refusal| refusal.left > 0);
        Some(status)
    }

    /// When a message that is sent now may be seen.
    pub(crate) fn visible(&self) -> Instant {
        Instant::now() + self.delay
    }

    /// Where logons are sent to while a switchover lasts.
    pub(crate) fn switchover_hosts(&self, elapsed: Duration) -> Option<&[String]> {
        self.switchover.as_ref().filter(|(end, _)| elapsed < *end).map(|(_, hosts)| hosts.as_slice())
    }
}
