//! What the journal says of an agent, a day, the feed.
//!
//! Each question opens the journal anew, read-only, and works while the bridge writes. Nothing is kept between questions,
//! and nothing is known here of pages or of the API.

mod bands;
mod convert;
mod day;
mod health;
mod past;
mod sheet;
#[cfg(test)]
mod tests;

use std::error::Error as _;

use domain::ids::AgentId;
use jiff::{SignedDuration, Timestamp};
use store::{OpenFailure, ReadFailure, Reader};
use thiserror::Error;

pub(crate) use health::health;
pub use past::Past;
pub(crate) use sheet::csv;

use crate::board::LinkBoard;
use crate::shown;

/// From when until when, without the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Period {
    /// The first time in it.
    pub from: Timestamp,
    /// The first time after it.
    pub until: Timestamp,
}

/// Why the journal says nothing.
#[derive(Debug, Error)]
pub enum Unreadable {
    /// It cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenFailure),
    /// It was opened, and cannot be read.
    #[error(transparent)]
    Read(#[from] ReadFailure),
}

impl Unreadable {
    /// What is wrong, what to do, and what it was caused by.
    pub(crate) fn in_words(&self) -> String {
        let mut words = self.to_string();
        let mut cause = self.source();
        while let Some(next) = cause {
            words = format!("{words}: {next}");
            cause = next.source();
        }
        words
    }
}

/// What the journal knows of an agent's changes.
#[derive(Debug)]
pub(crate) struct Changes {
    /// Whether it has ever heard of the agent.
    pub known: bool,
    /// The changes that happened in the period, in the order of time.
    pub changes: Vec<shown::Change>,
}

impl Period {
    /// The time before a moment.
    pub(crate) fn before(until: Timestamp, length: SignedDuration) -> Self {
        Self { from: until.saturating_sub(length).unwrap_or(Timestamp::MIN), until }
    }

    fn of_journal(self) -> store::Period {
        store::Period { from: Some(self.from), until: Some(self.until) }
    }
}

/// A day of an agent, or another period.
pub(crate) async fn day(link: &LinkBoard, agent: &AgentId, period: Period) -> Result<shown::Day, Unreadable> {
    let mut reader = open(link).await?;
    let read = async {
        let timeline = reader.timeline(agent, period.of_journal()).await?;
        let gaps = reader.gaps(period.of_journal()).await?;
        let alive = reader.state().await?.alive;
        Ok::<_, ReadFailure>((timeline, gaps, alive))
    };
    let read = read.await;
    reader.close().await;
    let (timeline, gaps, alive) = read?;
    let gaps = gaps.iter().map(convert::interval).collect();
    let mut day = day::day(&day::Surroundings::of(link, alive, period), &timeline, period);
    if timeline.agent.is_none() {
        day.agent = agent.as_str().to_owned();
    }
    let found = link.agent(agent);
    day.name = found.map(|agent| agent.name.to_string()).filter(|name| !name.is_empty());
    Ok(shown::Day { gaps, ..day })
}

/// The changes of an agent that happened in a period.
pub(crate) async fn changes(link: &LinkBoard, agent: &AgentId, period: Period) -> Result<Changes, Unreadable> {
    let mut reader = open(link).await?;
    let timeline = reader.timeline(agent, period.of_journal()).await;
    reader.close().await;
    let timeline = timeline?;
    let changes = timeline.changes.iter().map(|row| convert::change(row, &link.catalogue)).collect();
    Ok(Changes { known: timeline.agent.is_some(), changes })
}

/// The trust intervals that reach into a period, oldest first.
pub(crate) async fn intervals(link: &LinkBoard, period: Period) -> Result<Vec<shown::Interval>, Unreadable> {
    let mut reader = open(link).await?;
    let gaps = reader.gaps(period.of_journal()).await;
    reader.close().await;
    Ok(gaps?.iter().map(convert::interval).collect())
}

async fn open(link: &LinkBoard) -> Result<Reader, OpenFailure> {
    Reader::open(&link.journal, &link.name).await
}

/// The link's own time, as late as it is known: of the link itself, else of its journal. `None` where nothing was written
/// yet.
pub(crate) async fn latest(link: &LinkBoard) -> Result<Option<Timestamp>, Unreadable> {
    match link.at() {
        Some(at) => Ok(Some(at)),
        None => {
            let mut reader = open(link).await?;
            let state = reader.state().await;
            reader.close().await;
            Ok(state?.alive)
        }
    }
}
