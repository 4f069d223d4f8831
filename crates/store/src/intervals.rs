//! Who was in which status from when until when, and which presence was wanted for it: what other rules can be tried on.
//!
//! It begins anew with each presence that was decided and with each status that made no difference to it. What of that
//! retention has removed is taken from what is left: the value before in the change that follows, or what was told last.
//! Each part of the query goes agent by agent (`CROSS JOIN` keeps SQLite to that order) through the index of recorded
//! changes or of entered statuses by time, so a day costs what was written on that day, however long the journal is.

use std::ops::ControlFlow;

use domain::change::{Facet, Value};
use domain::ids::{AgentId, StatusId};
use domain::target::Presence;
use futures_util::TryStreamExt;
use jiff::{SignedDuration, Timestamp};
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, Row as _};

use crate::changes::Period;
use crate::failure::ReadFailure;
use crate::reader::Reader;
use crate::row::{timestamp, value};

/// A time in which an agent was in one status and was to have one presence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interval {
    /// Whose.
    pub agent: AgentId,
    /// The status message that the agent was in. `None` where the journal does not say: before version 3, and where
    /// retention has removed it.
    pub status: Option<StatusId>,
    /// The presence that was wanted, delivered or not. `None` where it cannot be known any more, or never was: a status that
    /// made no difference, and nothing was decided or told before.
    pub presence: Option<Presence>,
    /// The rule that decided it, or the reason in words. `None` where nothing was decided: for a status that made no
    /// difference, and where retention has removed it.
    pub rule: Option<String>,
    /// Since when, by PureConnect's time. It may be before the period that was asked for.
    pub from: Timestamp,
    /// When the next one began; `None` where there is none in the period. PureConnect's times are whole seconds, so this may
    /// be when it began.
    pub until: Option<Timestamp>,
}

/// Where what held when the period begins has begun: with the newest presence change until then, or before all.
macro_rules! begun {
    () => {
        "coalesce((SELECT h.happened FROM entry h WHERE h.link = a.link AND h.agent = a.agent AND h.kind = 'recorded' \
         AND h.facet = 'presence' AND h.happened <= $3 ORDER BY h.happened DESC, h.number DESC LIMIT 1), $4)"
    };
}

/// The presence that was wanted when a status was entered that made no difference to it: of the change before, or the
/// value before the change after, or what was told before. The view `statuses` says the same.
macro_rules! wanted {
    () => {
        "coalesce((SELECT h.to_value FROM entry h WHERE h.link = e.link AND h.agent = e.agent AND h.kind = 'recorded' \
         AND h.facet = 'presence' AND h.happened <= e.happened AND NOT (h.happened = e.happened AND h.number > e.number) \
         ORDER BY h.happened DESC, h.number DESC LIMIT 1), \
         (SELECT h.from_value FROM entry h WHERE h.link = e.link AND h.agent = e.agent AND h.kind = 'recorded' \
         AND h.facet = 'presence' AND h.happened >= e.happened ORDER BY h.happened, h.number LIMIT 1), \
         (SELECT s.told FROM standing s WHERE s.link = e.link AND s.agent = e.agent AND s.facet = 'presence' \
         AND s.happened <= e.happened))"
    };
}

/// What begins in a period, and what held when it began: what was decided, what was entered, and what was told last where
/// the change that said so is gone. Of the agents whom a condition leaves.
macro_rules! reaching {
    ($whose:literal) => {
        concat!(
            "SELECT a.key, a.name, e.happened, e.number, e.status, e.to_value, e.detail FROM agent a CROSS JOIN entry e \
             WHERE a.link = $1",
            $whose,
            " AND e.link = a.link AND e.agent = a.agent AND e.kind = 'recorded' AND e.facet = 'presence' \
             AND e.happened < $2 AND e.happened >= ",
            begun!(),
            " UNION ALL SELECT a.key, a.name, e.happened, e.number, e.status, ",
            wanted!(),
            ", NULL FROM agent a CROSS JOIN entry e WHERE a.link = $1",
            $whose,
            " AND e.link = a.link AND e.agent = a.agent AND e.kind = 'entered' AND e.happened < $2 AND e.happened >= ",
            begun!(),
            " UNION ALL SELECT a.key, a.name, s.happened, 0, NULL, s.told, NULL FROM agent a CROSS JOIN standing s \
             WHERE a.link = $1",
            $whose,
            " AND s.link = a.link AND s.agent = a.agent AND s.facet = 'presence' AND s.told IS NOT NULL \
             AND s.happened < $2 AND NOT EXISTS (SELECT 1 FROM entry h WHERE h.link = s.link AND h.agent = s.agent \
             AND h.kind = 'recorded' AND h.facet = 'presence' AND h.happened <= s.happened) \
             ORDER BY 1, 3, 4"
        )
    };
}

/// Of everybody.
pub(crate) const REACHING: &str = reaching!("");

/// Of one agent.
pub(crate) const REACHING_ONE: &str = reaching!(" AND a.key = $5");

pub(crate) async fn read(
    reader: &mut Reader,
    period: Period,
    each: impl FnMut(Interval) -> ControlFlow<()> + Send,
) -> Result<(), ReadFailure> {
    let (from, until) = period.bounds();
    let query = sqlx::query(REACHING).bind(reader.link).bind(until).bind(from).bind(i64::MIN);
    follow(&mut reader.connection, &reader.place, query, period, each).await
}

/// Those of one agent.
pub(crate) async fn of_one(reader: &mut Reader, agent: &AgentId, period: Period) -> Result<Vec<Interval>, ReadFailure> {
    let (from, until) = period.bounds();
    let query = sqlx::query(REACHING_ONE).bind(reader.link).bind(until).bind(from).bind(i64::MIN);
    let query = query.bind(agent.as_str().to_lowercase());
    let mut all = Vec::new();
    let each = |interval| {
        all.push(interval);
        ControlFlow::Continue(())
    };
    follow(&mut reader.connection, &reader.place, query, period, each).await.map(|()| all)
}

/// Makes intervals of what is read agent by agent in the order of time.
async fn follow(
    connection: &mut AnyConnection,
    place: &str,
    query: Query<'_, Any, AnyArguments>,
    period: Period,
    mut each: impl FnMut(Interval) -> ControlFlow<()> + Send,
) -> Result<(), ReadFailure> {
    let failed = |cause| ReadFailure::new(place, cause);
    let mut rows = query.fetch(connection);
    let mut current: Option<Interval> = None;
    while let Some(row) = rows.try_next().await.map_err(failed)? {
        let next = interval(&row, place)?;
        if current.as_ref().is_some_and(|current| current.goes_on_with(&next)) {
            continue;
        }
        let next_from = (next.agent.clone(), next.from);
        if let Some(mut done) = current.replace(next) {
            done.until = (done.agent == next_from.0).then_some(next_from.1);
            if done.reaches_into(period) && each(done).is_break() {
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

/// What holds at a time is what reaches into the shortest period from there on.
pub(crate) async fn at(reader: &mut Reader, at: Timestamp) -> Result<Vec<Interval>, ReadFailure> {
    let period = Period { from: Some(at), until: at.checked_add(SignedDuration::from_nanos(1)).ok() };
    let mut all = Vec::new();
    let each = |interval| {
        all.push(interval);
        ControlFlow::Continue(())
    };
    read(reader, period, each).await.map(|()| all)
}

impl Interval {
    /// A repair says once more what holds already, and so does a start.
    fn goes_on_with(&self, next: &Self) -> bool {
        self.agent == next.agent && self.presence == next.presence && self.status == next.status
    }

    /// What is read before a period begins leads to what holds then, and may be over.
    fn reaches_into(&self, period: Period) -> bool {
        self.until.is_none_or(|until| period.from.is_none_or(|from| until > from))
    }
}

fn interval(row: &AnyRow, place: &str) -> Result<Interval, ReadFailure> {
    let failed = |cause| ReadFailure::new(place, cause);
    let text = |column: usize| row.try_get::<Option<String>, _>(column).map_err(failed);
    let presence = text(5)?.map(|text| value(Facet::Presence, &text)).transpose();
    let presence = presence.map_err(|what| {
        let number = row.try_get(3).unwrap_or_default();
        ReadFailure::Unreadable { place: place.to_owned(), number, what }
    })?;
    Ok(Interval {
        agent: AgentId::new(&row.try_get::<String, _>(1).map_err(failed)?),
        status: text(4)?.as_deref().map(StatusId::new),
        presence: match presence {
            Some(Value::Presence(presence)) => Some(presence),
            Some(Value::Routing(_) | Value::OutOfOffice(_)) | None => None,
        },
        rule: text(6)?,
        from: timestamp(row.try_get(2).map_err(failed)?),
        until: None,
    })
}
