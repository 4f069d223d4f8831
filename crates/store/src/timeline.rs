//! The time of one agent: what a day of it is made of, without a look at anybody else's entries.
//!
//! Every step goes through the index of the agent's recorded changes by time or of a change's own entries, so it costs
//! what the agent did in the period, however long the journal is.

use domain::change::{Facet, Value};
use domain::ids::AgentId;
use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::changes::{ChangeRow, Disposition, Lives, Period};
use crate::connection::begin_snapshot;
use crate::course::{Course, SHOWN_ALREADY};
use crate::failure::ReadFailure;
use crate::intervals::{self, Interval};
use crate::load::{self, entry_columns};
use crate::reader::Reader;
use crate::row::{self, nanoseconds, timestamp};

/// What the journal knows of an agent in a period: one state of the journal, whatever is written meanwhile.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Timeline {
    /// The agent, as it is written in the journal; `None` where the journal has never heard of it.
    pub agent: Option<AgentId>,
    /// What each facet was told last, and when that happened: all there is to go by where retention has removed the change.
    pub told: Vec<(Value, Timestamp)>,
    /// Of each facet the changes before the period, from the last one on that had been accepted when it began, in the order
    /// in which they happened.
    pub before: Vec<ChangeRow>,
    /// The changes that happened in the period, with all that became of them until now, in the order in which they
    /// happened.
    pub changes: Vec<ChangeRow>,
    /// The statuses that reach into the period, and the presences that were wanted for them.
    pub statuses: Vec<Interval>,
}

/// More changes of a facet are never on their way when a period begins; what direct delivery cannot tell may be more.
const BEFORE_AT_MOST: i64 = 200;

pub(crate) const KNOWN: &str = "SELECT agent, name FROM agent WHERE link = $1 AND key = $2";

/// `CROSS JOIN` keeps SQLite to the order: from the agent's changes to their entries.
pub(crate) const CHANGES: &str = concat!(
    "SELECT ",
    entry_columns!(),
    " FROM entry r CROSS JOIN entry e LEFT JOIN agent a ON a.link = e.link AND a.agent = e.agent \
     WHERE r.link = $1 AND r.agent = $2 AND r.kind = 'recorded' AND r.happened >= $3 AND r.happened < $4 \
     AND e.link = r.link AND e.subject = r.subject ORDER BY r.happened, r.number, e.number"
);

/// The newest changes of a facet in a time.
pub(crate) const BEFORE: &str = concat!(
    "SELECT ",
    entry_columns!(),
    " FROM (SELECT h.link, h.number, h.subject, h.happened FROM entry h WHERE h.link = $1 AND h.agent = $2 \
     AND h.kind = 'recorded' AND h.happened >= $3 AND h.happened < $4 AND h.facet = $5 \
     ORDER BY h.happened DESC, h.number DESC LIMIT $6) n CROSS JOIN entry e \
     LEFT JOIN agent a ON a.link = e.link AND a.agent = e.agent \
     WHERE e.link = n.link AND e.subject = n.subject ORDER BY n.happened, n.number, e.number"
);

/// When the last change of a facet happened that had been accepted at a time, looked for from there on backwards.
pub(crate) const LAST_ACCEPTED: &str = "SELECT h.happened FROM entry h WHERE h.link = $1 AND h.agent = $2 \
                                        AND h.kind = 'recorded' AND h.happened < $3 AND h.facet = $4 \
                                        AND EXISTS (SELECT 1 FROM entry t WHERE t.link = h.link \
                                        AND t.subject = h.subject AND t.kind = 'accepted' AND t.answered <= $3) \
                                        ORDER BY h.happened DESC LIMIT 1";

/// The facets that were ever changed: nobody looks for changes of the others.
pub(crate) const STANDING: &str =
    "SELECT facet, told, happened, newest FROM standing WHERE link = $1 AND agent = $2 ORDER BY facet";

/// What a facet was told last, and when its newest change happened.
struct Standing {
    facet: Facet,
    told: Option<(Value, Timestamp)>,
    newest: Option<i64>,
}

impl ChangeRow {
    /// When Genesys Cloud was known to show the value: it had accepted it, or was found to show it already.
    #[must_use]
    pub fn told_at(&self) -> Option<Timestamp> {
        match &self.disposition {
            Disposition::Delivered { at } => Some(*at),
            Disposition::Dropped { at, reason } if reason == SHOWN_ALREADY => Some(*at),
            Disposition::Dropped { .. } | Disposition::Pending => None,
        }
    }
}

impl Timeline {
    /// What was wanted and what was accepted, to find the differences of.
    #[must_use]
    pub fn course(&self) -> Course {
        let changes = self.before.iter().chain(&self.changes);
        Course {
            agent: self.agent.clone().unwrap_or_else(|| AgentId::new("")),
            told: self.told.clone(),
            changes: changes.map(|row| (row.change.clone(), row.disposition.clone())).collect(),
        }
    }
}

impl Reader {
    /// What the journal knows of an agent in a period.
    pub async fn timeline(&mut self, agent: &AgentId, period: Period) -> Result<Timeline, ReadFailure> {
        self.begin().await?;
        let timeline = self.timeline_of(agent, period).await;
        // Whatever came of it: the next question sees the newest state.
        let ended = sqlx::query("ROLLBACK").execute(&mut self.connection).await;
        let timeline = timeline?;
        ended.map_err(|cause| self.failed(cause))?;
        self.unchanged()?;
        Ok(timeline)
    }

    async fn begin(&mut self) -> Result<(), ReadFailure> {
        let begin = begin_snapshot(&self.connection);
        sqlx::query(begin).execute(&mut self.connection).await.map_err(|cause| self.failed(cause))?;
        Ok(())
    }

    async fn timeline_of(&mut self, agent: &AgentId, period: Period) -> Result<Timeline, ReadFailure> {
        let key = agent.as_str().to_lowercase();
        let known = sqlx::query(KNOWN).bind(self.link).bind(key).fetch_optional(&mut self.connection).await;
        let Some(known) = known.map_err(|cause| self.failed(cause))? else { return Ok(Timeline::default()) };
        let number: i64 = known.try_get(0).map_err(|cause| self.failed(cause))?;
        let name: String = known.try_get(1).map_err(|cause| self.failed(cause))?;
        let (from, until) = period.bounds();
        let mut timeline = Timeline { agent: Some(AgentId::new(&name)), ..Timeline::default() };
        for standing in self.standings_of(number).await? {
            timeline.before.extend(self.before(number, &standing, from).await?);
            timeline.told.extend(standing.told);
        }
        timeline.before.sort_by_key(|row| (row.change.happened, row.number));
        let changes = sqlx::query(CHANGES).bind(self.link).bind(number).bind(from).bind(until);
        let found = changes.fetch_all(&mut self.connection).await.map_err(|cause| self.failed(cause))?;
        timeline.changes = lives(&found, &self.place)?;
        timeline.statuses = intervals::of_one(self, agent, period).await?;
        Ok(timeline)
    }

    async fn standings_of(&mut self, agent: i64) -> Result<Vec<Standing>, ReadFailure> {
        let found = sqlx::query(STANDING).bind(self.link).bind(agent).fetch_all(&mut self.connection).await;
        let found = found.map_err(|cause| self.failed(cause))?;
        let all: Result<Vec<_>, sqlx::Error> = found.iter().map(standing).collect();
        all.map_err(|cause| self.failed(cause))
    }

    /// The changes of a facet that happened before a time, from the last one on that had been accepted by then.
    async fn before(&mut self, agent: i64, standing: &Standing, time: i64) -> Result<Vec<ChangeRow>, ReadFailure> {
        let facet = standing.facet.name();
        let since = match &standing.told {
            None => standing.newest,
            Some((_, happened)) if nanoseconds(*happened) < time => Some(nanoseconds(*happened)),
            Some(_) => {
                let last = sqlx::query_scalar(LAST_ACCEPTED).bind(self.link).bind(agent).bind(time).bind(facet);
                last.fetch_optional(&mut self.connection).await.map_err(|cause| self.failed(cause))?
            }
        };
        let Some(since) = since.filter(|since| *since < time) else { return Ok(Vec::new()) };
        let query = sqlx::query(BEFORE).bind(self.link).bind(agent).bind(since).bind(time).bind(facet);
        let found = query.bind(BEFORE_AT_MOST).fetch_all(&mut self.connection).await;
        lives(&found.map_err(|cause| self.failed(cause))?, &self.place)
    }
}

fn standing(found: &AnyRow) -> Result<Standing, sqlx::Error> {
    let unknown = |what: String| sqlx::Error::Decode(what.into());
    let facet = row::facet(&found.try_get::<String, _>(0)?).map_err(unknown)?;
    let told: Option<String> = found.try_get(1)?;
    let told = told.map(|told| row::value(facet, &told)).transpose().map_err(unknown)?;
    let happened = found.try_get::<Option<i64>, _>(2)?.map(timestamp);
    Ok(Standing { facet, told: told.zip(happened), newest: found.try_get(3)? })
}

fn lives(found: &[AnyRow], place: &str) -> Result<Vec<ChangeRow>, ReadFailure> {
    let mut lives = Lives::default();
    let mut rows = Vec::new();
    for row in found {
        rows.extend(lives.add(load::kept(row, place)?));
    }
    rows.extend(lives.end());
    Ok(rows)
}
