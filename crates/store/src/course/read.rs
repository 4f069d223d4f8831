//! Courses as they are read: agent by agent, so that one agent's changes are in memory at a time.
//!
//! Each part goes through the index of an agent's changes by time (`CROSS JOIN` keeps SQLite to that order), so a day costs
//! what happened on that day, however long the journal is. Before the period only as far back is read as something was
//! still on its way when it began.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use domain::change::{Change, Value};
use domain::ids::{AgentId, ChangeId};
use futures_util::TryStreamExt;
use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::any::AnyRow;
use uuid::Uuid;

use super::Course;
use crate::changes::{Disposition, Period};
use crate::failure::ReadFailure;
use crate::load;
use crate::reader::Reader;
use crate::row::{facet, timestamp, value};

macro_rules! columns {
    () => {
        "a.agent, a.name, r.number, r.facet, r.from_value, r.to_value, r.happened, r.seen, r.detail, r.subject, \
         t.kind, coalesce(t.answered, t.at), t.detail"
    };
}

macro_rules! settled {
    () => {
        " LEFT JOIN entry t ON t.link = r.link AND t.subject = r.subject AND t.kind IN ('accepted', 'dropped') "
    };
}

/// The changes of the period, and those before it that had not been accepted when it began: from the last one on that had.
/// Looked for from what was told last on backwards, so that a facet that seldom changes is found at once.
pub(crate) const COURSES: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM agent a CROSS JOIN entry r",
    settled!(),
    "WHERE a.link = $1 AND r.link = a.link AND r.agent = a.agent AND r.kind = 'recorded' \
     AND r.happened >= $2 AND r.happened < $3 UNION ALL SELECT ",
    columns!(),
    " FROM standing w CROSS JOIN agent a CROSS JOIN entry r",
    settled!(),
    "WHERE w.link = $1 AND a.link = w.link AND a.agent = w.agent AND r.link = w.link AND r.agent = w.agent \
     AND r.kind = 'recorded' AND r.facet = w.facet AND r.happened < $2 AND r.happened >= \
     CASE WHEN w.told IS NULL THEN w.newest ELSE \
     coalesce((SELECT h.happened FROM entry h CROSS JOIN entry b WHERE h.link = w.link AND h.agent = w.agent \
     AND h.kind = 'recorded' AND h.facet = w.facet AND h.happened < $2 AND h.happened <= w.happened AND b.link = h.link \
     AND b.subject = h.subject AND b.kind = 'accepted' AND b.answered <= $2 ORDER BY h.happened DESC LIMIT 1), $4) END \
     ORDER BY 1, 7, 3"
);

pub(crate) async fn read(
    reader: &mut Reader,
    period: Period,
    mut each: impl FnMut(Course) -> ControlFlow<()> + Send,
) -> Result<(), ReadFailure> {
    let place = reader.place.clone();
    let failed = |cause| ReadFailure::new(&place, cause);
    let mut told: BTreeMap<AgentId, Vec<(Value, Timestamp)>> = BTreeMap::new();
    for ((agent, _), standing) in load::standings(&mut reader.connection, &place, reader.link).await? {
        told.entry(agent).or_default().extend(standing.told);
    }
    let (from, until) = period.bounds();
    let query = sqlx::query(COURSES).bind(reader.link).bind(from).bind(until).bind(i64::MIN);
    let mut rows = query.fetch(&mut reader.connection);
    let mut current: Option<(i64, Course)> = None;
    while let Some(row) = rows.try_next().await.map_err(failed)? {
        let (number, agent): (i64, String) = (row.try_get(0).map_err(failed)?, row.try_get(1).map_err(failed)?);
        let change = change(&row, &place)?;
        match &mut current {
            Some((of, course)) if *of == number => course.changes.push(change),
            Some(_) | None => {
                let agent = AgentId::new(&agent);
                let told = told.remove(&agent).unwrap_or_default();
                let next = Course { agent, told, changes: vec![change] };
                if let Some((_, done)) = current.replace((number, next))
                    && each(done).is_break()
                {
                    return Ok(());
                }
            }
        }
    }
    // Those of whom nothing happened have a course, too.
    let quiet = told.into_iter().map(|(agent, told)| Course { agent, told, changes: Vec::new() });
    for course in current.map(|(_, last)| last).into_iter().chain(quiet) {
        if each(course).is_break() {
            break;
        }
    }
    Ok(())
}

fn change(row: &AnyRow, place: &str) -> Result<(Change, Disposition), ReadFailure> {
    match decode(row) {
        Ok(Ok(change)) => Ok(change),
        Ok(Err(what)) => {
            let number = row.try_get(2).unwrap_or_default();
            Err(ReadFailure::Unreadable { place: place.to_owned(), number, what })
        }
        Err(cause) => Err(ReadFailure::new(place, cause)),
    }
}

fn decode(row: &AnyRow) -> Result<Result<(Change, Disposition), String>, sqlx::Error> {
    let (of, from, to): (String, Option<String>, String) = (row.try_get(3)?, row.try_get(4)?, row.try_get(5)?);
    let values = facet(&of).and_then(|of| Ok((from.map(|from| value(of, &from)).transpose()?, value(of, &to)?)));
    let (from, to) = match values {
        Ok(values) => values,
        Err(what) => return Ok(Err(what)),
    };
    let Ok(id) = Uuid::from_slice(&row.try_get::<Vec<u8>, _>(9)?) else {
        return Ok(Err("subject is no UUID".to_owned()));
    };
    let happened = timestamp(row.try_get(6)?);
    let (seen, why) = (timestamp(row.try_get(7)?), row.try_get(8)?);
    let disposition = match row.try_get::<Option<String>, _>(10)?.as_deref() {
        None => Disposition::Pending,
        Some("accepted") => Disposition::Delivered { at: timestamp(row.try_get(11)?) },
        Some(_) => {
            let reason = row.try_get::<Option<String>, _>(12)?.unwrap_or_default();
            Disposition::Dropped { at: timestamp(row.try_get(11)?), reason }
        }
    };
    Ok(Ok((Change { id: ChangeId(id), from, to, happened, seen, why, status: None }, disposition)))
}
