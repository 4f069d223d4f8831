//! The presences that were decided, and the status messages that they were decided for. What held between them, and the
//! statuses that made no difference, are not known here.
//!
//! Each query goes agent by agent (`CROSS JOIN` keeps SQLite to that order) through the index of recorded changes by time,
//! so a day costs what was recorded on that day, however long the journal is.

use std::ops::ControlFlow;

use domain::change::Change;
use domain::ids::AgentId;
use futures_util::TryStreamExt;
use replicator::ports::{Fact, Stage};
use sqlx::any::AnyRow;

use crate::changes::Period;
use crate::failure::ReadFailure;
use crate::load::{self, entry_columns};
use crate::reader::Reader;

/// What was decided in a period.
pub(crate) const DECIDED: &str = concat!(
    "SELECT ",
    entry_columns!(),
    " FROM agent a CROSS JOIN entry e WHERE a.link = $1 AND e.link = a.link AND e.agent = a.agent AND e.kind = 'recorded' \
     AND e.facet = 'presence' AND e.happened >= $2 AND e.happened < $3 ORDER BY e.happened, e.number"
);

/// What was decided last for each agent, looked for from the end on backwards.
pub(crate) const LATEST: &str = concat!(
    "SELECT ",
    entry_columns!(),
    " FROM agent a CROSS JOIN entry e WHERE a.link = $1 AND e.link = a.link AND e.number = \
     (SELECT h.number FROM entry h WHERE h.link = a.link AND h.agent = a.agent AND h.kind = 'recorded' \
     AND h.facet = 'presence' ORDER BY h.happened DESC, h.number DESC LIMIT 1) ORDER BY a.key"
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

/// The presence change of each agent that happened last.
pub(crate) async fn latest(reader: &mut Reader) -> Result<Vec<(AgentId, Change)>, ReadFailure> {
    let found = sqlx::query(LATEST).bind(reader.link);
    let found = found.fetch_all(&mut reader.connection).await.map_err(|cause| reader.failed(cause))?;
    let changes: Result<Vec<_>, _> = found.iter().map(|row| recorded(row, &reader.place)).collect();
    Ok(changes?.into_iter().flatten().collect())
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
        | Fact::Confirmed { .. }
        | Fact::Renewed { .. } => None,
    })
}
