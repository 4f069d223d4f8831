//! The presences that were decided, and the status messages that they were decided for: what other rules can be tried on.
//!
//! Each query goes agent by agent (`CROSS JOIN` keeps SQLite to that order) through the index of recorded changes by time,
//! so a day costs what was recorded on that day, however long the journal is.

use std::ops::ControlFlow;

use domain::change::Change;
use domain::ids::AgentId;
use futures_util::TryStreamExt;
use jiff::Timestamp;
use replicator::ports::{Fact, Stage};
use sqlx::any::AnyRow;

use crate::changes::Period;
use crate::failure::ReadFailure;
use crate::load::{self, entry_columns};
use crate::reader::Reader;
use crate::row::nanoseconds;

/// A time in which an agent was to have one presence, for one status message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interval {
    /// Whose.
    pub agent: AgentId,
    /// The change that it began with. It may have happened before the period that was asked for.
    pub change: Change,
    /// When the next one happened; `None` where there is none in the period.
    pub until: Option<Timestamp>,
}

/// The agent's newest presence change until a time, looked for from there on backwards.
macro_rules! newest_until {
    ($column:literal, $time:literal) => {
        concat!(
            "(SELECT ",
            $column,
            " FROM entry h WHERE h.link = a.link AND h.agent = a.agent AND h.kind = 'recorded' \
             AND h.facet = 'presence' AND h.happened <= ",
            $time,
            " ORDER BY h.happened DESC, h.number DESC LIMIT 1)"
        )
    };
}

/// What was decided in a period.
pub(crate) const DECIDED: &str = concat!(
    "SELECT ",
    entry_columns!(),
    " FROM agent a CROSS JOIN entry e WHERE a.link = $1 AND e.link = a.link AND e.agent = a.agent AND e.kind = 'recorded' \
     AND e.facet = 'presence' AND e.happened >= $2 AND e.happened < $3 ORDER BY e.happened, e.number"
);

/// What each agent was to have at a time.
pub(crate) const LATEST: &str = concat!(
    "SELECT ",
    entry_columns!(),
    " FROM agent a CROSS JOIN entry e WHERE a.link = $1 AND e.link = a.link AND e.number = ",
    newest_until!("h.number", "$2"),
    " ORDER BY a.key"
);

/// What was decided in a period, and what held when it began.
pub(crate) const REACHING: &str = concat!(
    "SELECT ",
    entry_columns!(),
    " FROM agent a CROSS JOIN entry e WHERE a.link = $1 AND e.link = a.link AND e.agent = a.agent AND e.kind = 'recorded' \
     AND e.facet = 'presence' AND e.happened < $2 AND e.happened >= coalesce(",
    newest_until!("h.happened", "$3"),
    ", $4) ORDER BY a.key, e.happened, e.number"
);

pub(crate) async fn read(
    reader: &mut Reader,
    period: Period,
    mut each: impl FnMut(AgentId, Change) -> ControlFlow<()> + Send,
) -> Result<(), ReadFailure> {
    let (from, until) = period.bounds();
    let place = reader.place.clone();
    let failed = |cause| ReadFailure::new(&place, cause);
    let mut rows = sqlx::query(DECIDED).bind(reader.link).bind(from).bind(until).fetch(&mut reader.connection);
    while let Some(row) = rows.try_next().await.map_err(failed)? {
        if let Some((agent, change)) = recorded(&row, &place)?
            && each(agent, change).is_break()
        {
            break;
        }
    }
    Ok(())
}

pub(crate) async fn at(reader: &mut Reader, at: Timestamp) -> Result<Vec<(AgentId, Change)>, ReadFailure> {
    let found = sqlx::query(LATEST).bind(reader.link).bind(nanoseconds(at));
    let found = found.fetch_all(&mut reader.connection).await.map_err(|cause| reader.failed(cause))?;
    let changes: Result<Vec<_>, _> = found.iter().map(|row| recorded(row, &reader.place)).collect();
    Ok(changes?.into_iter().flatten().collect())
}

pub(crate) async fn intervals(
    reader: &mut Reader,
    period: Period,
    mut each: impl FnMut(Interval) -> ControlFlow<()> + Send,
) -> Result<(), ReadFailure> {
    let (from, until) = period.bounds();
    let place = reader.place.clone();
    let failed = |cause| ReadFailure::new(&place, cause);
    let query = sqlx::query(REACHING).bind(reader.link).bind(until).bind(from).bind(from);
    let mut rows = query.fetch(&mut reader.connection);
    let mut current: Option<Interval> = None;
    while let Some(row) = rows.try_next().await.map_err(failed)? {
        let Some((agent, change)) = recorded(&row, &place)? else { continue };
        if current.as_ref().is_some_and(|current| current.goes_on_with(&agent, &change)) {
            continue;
        }
        let happened = change.happened;
        let next = Interval { agent, change, until: None };
        if let Some(mut done) = current.replace(next.clone()) {
            done.until = (done.agent == next.agent).then_some(happened);
            if each(done).is_break() {
                return Ok(());
            }
        }
    }
    if let Some(last) = current {
        // The last one: whether more is wanted does not matter.
        let _: ControlFlow<()> = each(last);
    }
    Ok(())
}

impl Interval {
    /// A repair says once more what holds already.
    fn goes_on_with(&self, agent: &AgentId, change: &Change) -> bool {
        self.agent == *agent && self.change.to == change.to && self.change.status == change.status
    }
}

fn recorded(row: &AnyRow, place: &str) -> Result<Option<(AgentId, Change)>, ReadFailure> {
    Ok(match load::kept(row, place)?.entry.fact {
        Fact::Change { agent, stage: Stage::Recorded(change), .. } => Some((agent, change)),
        Fact::Change { .. }
        | Fact::GapBegan(_)
        | Fact::GapEnded { .. }
        | Fact::Alive
        | Fact::Entered { .. }
        | Fact::Claimed { .. }
        | Fact::Released { .. }
        | Fact::Confirmed { .. } => None,
    })
}
