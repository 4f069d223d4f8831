//! What happens at a time, and to whom.

use replicator::engine::WorkId;
use replicator::ports::{FeedEvent, Order};

use super::network::Sent;
use crate::cloud::Reply;
use crate::fault::Fault;

/// Something that happens at a time.
#[derive(Debug)]
pub enum Event {
    /// An agent does something.
    Act(usize),
    /// PureConnect remembers what it shows.
    Remember,
    /// Messages of a session arrive.
    Messages(u64),
    /// A session breaks.
    Break,
    /// The bridge notices that its session is gone.
    LossNoticed(u64),
    /// A new session.
    Connect,
    /// A picture of the running session.
    Picture(u64),
    /// A request arrives.
    Arrive(Sent),
    /// An answer arrives, or is given up.
    Answer(u32, WorkId, Reply),
    /// An accepted change shows.
    Show(Order),
    /// The journal has written.
    Kept(u32, WorkId),
    /// The journal could not write.
    DiskFailed(u32),
    /// A notification arrives.
    Hint(u32, FeedEvent),
    /// Trouble begins.
    Strike(Fault),
    /// Trouble ends.
    Ends(Fault, usize),
    /// The process starts.
    Start,
    /// The stopped process goes on.
    Resume,
    /// An orderly stop is over.
    Stopped(u32),
    /// The operator looks.
    Operator,
    /// The checks that take their time.
    Check,
    /// All trouble is over.
    Heal,
}

impl Event {
    /// Whether it has to wait while the process is stopped.
    pub fn is_for_the_process(&self) -> bool {
        match self {
            Self::Messages(_)
            | Self::LossNoticed(_)
            | Self::Picture(_)
            | Self::Connect
            | Self::Answer(..)
            | Self::Kept(..)
            | Self::DiskFailed(_)
            | Self::Hint(..)
            | Self::Operator
            | Self::Stopped(_) => true,
            Self::Act(_)
            | Self::Remember
            | Self::Break
            | Self::Arrive(..)
            | Self::Show(_)
            | Self::Strike(_)
            | Self::Ends(..)
            | Self::Start
            | Self::Resume
            | Self::Check
            | Self::Heal => false,
        }
    }
}
