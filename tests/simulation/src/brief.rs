//! What happened in few words: enough to tell two runs apart, quick enough for millions of lines.

use std::fmt;

use domain::ids::ChangeId;
use domain::source::Update;
use replicator::ports::{Answer, Fact, Stage};

use crate::cloud::{Reply, Request};

/// Something in few words, or in all of them.
pub struct Brief<'a, T> {
    /// What.
    pub what: &'a T,
    /// Whether in all words.
    pub everything: bool,
}

/// Something that has few words.
pub trait Words: fmt::Debug {
    /// The few words.
    fn words(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;
}

impl<T: Words> fmt::Display for Brief<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.everything { write!(f, "{:?}", self.what) } else { self.what.words(f) }
    }
}

impl Words for Request {
    fn words(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self {
            Self::Deliver(_, orders) => write!(f, " {:x}", together(orders.iter().map(|order| order.change.id))),
            Self::Observe(users) | Self::Subscribe(_, users) => write!(f, " {}", users.len()),
            Self::Users(page) => write!(f, " {page}"),
            Self::External(agent) => write!(f, " {agent}"),
            Self::Claim(_) | Self::Release(_) => Ok(()),
        }
    }
}

impl Words for Reply {
    fn words(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delivered(answer) => {
                end(f, answer, |outcomes| outcomes.iter().filter(|(_, end)| end.is_ok()).count())
            }
            Self::Observed(answer) => end(f, answer, Vec::len),
            Self::Users(answer) => end(f, answer, |page| page.users.len()),
            Self::External(answer) => end(f, answer, |user| usize::from(user.is_some())),
            Self::Claimed(answer) | Self::Released(answer) | Self::Subscribed(answer) => end(f, answer, |()| 1),
        }
    }
}

impl Words for Fact {
    fn words(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Change { change, stage, .. } => {
                let stage = match stage {
                    Stage::Recorded(_) => "recorded",
                    Stage::Attempted(attempt) if attempt.outcome.is_ok() => "delivered",
                    Stage::Attempted(_) => "attempted",
                    Stage::Resumed => "resumed",
                    Stage::Dropped { .. } => "dropped",
                };
                write!(f, "{stage} {:x}", together([*change]))
            }
            Self::GapBegan(gap) => write!(f, "{} began", gap.kind),
            Self::GapEnded { .. } => f.write_str("a gap ended"),
            Self::Alive => f.write_str("alive"),
            Self::Entered { agent, status, .. } => write!(f, "{agent} entered {}", status.as_str()),
            Self::Claimed { agent, .. } => write!(f, "claimed {agent}"),
            Self::Released { agent, .. } => write!(f, "released {agent}"),
            Self::Confirmed { .. } => f.write_str("confirmed"),
            Self::Renewed { agent } => write!(f, "renewed {agent}"),
        }
    }
}

impl Words for Vec<Update> {
    fn words(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.len())
    }
}

fn end<T>(f: &mut fmt::Formatter<'_>, answer: &Answer<T>, count: impl Fn(&T) -> usize) -> fmt::Result {
    match &answer.result {
        Ok(result) => write!(f, "{}", count(result)),
        Err(failure) => write!(f, "{failure}"),
    }
}

/// All ids in one number.
fn together(ids: impl IntoIterator<Item = ChangeId>) -> u64 {
    ids.into_iter().fold(0, |all, id| all.rotate_left(7) ^ id.0.as_u64_pair().1)
}
