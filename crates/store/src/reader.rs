//! The journal's reading side: usable while a bridge writes, and unable to change anything.

use std::ops::ControlFlow;

use domain::change::{Change, Facet};
use domain::ids::AgentId;
use domain::trust::Gap;
use futures_util::TryStreamExt;
use jiff::Timestamp;
use replicator::ports::{Fact, Memory};
use sqlx::{AnyConnection, Row as _};

use crate::agents::{self, AgentState};
use crate::changes::{self, ChangeRow, Filter, Period};
use crate::connection::{self, Still, begin_snapshot, connect, reading};
use crate::course::{self, Course};
use crate::failure::{OpenFailure, ReadFailure};
use crate::intervals::{self, Interval};
use crate::load::{self, LinkRow, Tables, entry_columns};
use crate::location::Location;
use crate::meaning::failure_of_reading;
use crate::presences;
use crate::row::{Kept, nanoseconds, timestamp};
use crate::schema::{Found, SCHEMA_VERSION, identify};
use crate::summary::Summary;

/// One link's journal, for reading.
#[derive(Debug)]
pub struct Reader {
    pub(crate) connection: AnyConnection,
    pub(crate) place: String,
    pub(crate) link: i64,
    /// The file, where nobody had it open.
    still: Option<Still>,
}

/// A link that a database has a journal of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkState {
    /// Its name.
    pub name: String,
    /// How many bridges have held it.
    pub epoch: u64,
    /// When the last of them began.
    pub opened: Option<Timestamp>,
    /// When it last wrote anything.
    pub alive: Option<Timestamp>,
    /// How many entries it has, without those that retention removed.
    pub entries: u64,
}

impl Reader {
    /// Opens the journal of a link, which has to be there.
    pub async fn open(location: &Location, link: &str) -> Result<Self, OpenFailure> {
        let (mut connection, still) = open(location).await?;
        let links = load::links(&mut connection).await.map_err(|cause| failure_of_reading(location, cause))?;
        match links.iter().find(|found| found.name == link) {
            Some(found) => Ok(Self { connection, place: location.to_string(), link: found.link, still }),
            None => {
                connection::disconnect(connection).await;
                let known = links.into_iter().map(|found| found.name).collect();
                Err(OpenFailure::UnknownLink { place: location.to_string(), link: link.to_owned(), known })
            }
        }
    }

    /// The links that a database has journals of, by name.
    pub async fn links(location: &Location) -> Result<Vec<LinkState>, OpenFailure> {
        let (mut connection, _) = open(location).await?;
        let links = load::links(&mut connection).await.map_err(|cause| failure_of_reading(location, cause));
        connection::disconnect(connection).await;
        Ok(links?.into_iter().map(LinkState::from).collect())
    }

    /// Hands out the changes that a filter takes, with all their attempts, by the time when they happened.
    pub async fn changes(
        &mut self,
        filter: &Filter,
        each: impl FnMut(ChangeRow) -> ControlFlow<()> + Send,
    ) -> Result<(), ReadFailure> {
        changes::read(self, filter, each).await
    }

    /// The changes that are neither delivered nor dropped, in the order in which they were recorded.
    pub async fn pending(&mut self) -> Result<Vec<(AgentId, Change)>, ReadFailure> {
        let memory = self.memory().await?;
        let pending = memory.facets.into_iter().flat_map(|facet| {
            let agent = facet.agent;
            facet.pending.into_iter().map(move |(change, _)| (agent.clone(), change))
        });
        Ok(pending.collect())
    }

    /// The presences that were decided in a period and the status messages that they were decided for, by the time when
    /// they happened. Delivered or not: it is what the rules said.
    pub async fn presences(
        &mut self,
        period: Period,
        each: impl FnMut(AgentId, Change) -> ControlFlow<()> + Send,
    ) -> Result<(), ReadFailure> {
        presences::read(self, period, each).await
    }

    /// The status that each agent was in at a time, and the presence that was wanted for it, as far as the journal reaches
    /// back; by name. What came after that time is not looked at, so each lasts.
    pub async fn presences_at(&mut self, at: Timestamp) -> Result<Vec<Interval>, ReadFailure> {
        intervals::at(self, at).await
    }

    /// From when until when each agent was in which status, and which presence was wanted for it, for all that reaches into
    /// a period: agent by agent, each in the order of time, beginning with what held when the period began.
    pub async fn intervals(
        &mut self,
        period: Period,
        each: impl FnMut(Interval) -> ControlFlow<()> + Send,
    ) -> Result<(), ReadFailure> {
        intervals::read(self, period, each).await
    }

    /// What was wanted of each agent in a period and what Genesys Cloud had accepted of it: agent by agent, also of those
    /// for whom nothing was decided in it.
    pub async fn courses(
        &mut self,
        period: Period,
        each: impl FnMut(Course) -> ControlFlow<()> + Send,
    ) -> Result<(), ReadFailure> {
        course::read(self, period, each).await
    }

    /// What is known of each agent, by name.
    pub async fn agents(&mut self) -> Result<Vec<AgentState>, ReadFailure> {
        agents::read(self).await
    }

    /// What each facet of each agent was told last, and when that happened.
    pub async fn told(&mut self) -> Result<Vec<(AgentId, Facet, domain::change::Value, Timestamp)>, ReadFailure> {
        let standings = load::standings(&mut self.connection, &self.place, self.link).await?;
        let told = standings.into_iter().filter_map(|((agent, facet), standing)| {
            let (value, happened) = standing.told?;
            Some((agent, facet, value, happened))
        });
        Ok(told.collect())
    }

    /// The gaps that reach into a period, oldest first; `until` is `None` for one that lasts.
    pub async fn gaps(&mut self, period: Period) -> Result<Vec<Gap>, ReadFailure> {
        let sql = concat!(
            "SELECT ",
            entry_columns!(),
            ", d.happened AS ended FROM entry e LEFT JOIN agent a ON a.link = e.link AND a.agent = e.agent \
             LEFT JOIN entry d ON d.link = e.link AND d.subject = e.subject AND d.kind = 'gap ended' \
             WHERE e.link = $1 AND e.kind = 'gap began' AND e.happened < $2 AND coalesce(d.happened, $3) > $4 \
             ORDER BY e.happened, e.number"
        );
        let (from, until) = period.bounds();
        let found = sqlx::query(sql).bind(self.link).bind(until).bind(i64::MAX).bind(from);
        let found = found.fetch_all(&mut self.connection).await.map_err(|cause| self.failed(cause))?;
        let mut gaps = Vec::with_capacity(found.len());
        for row in &found {
            let ended: Option<i64> = row.try_get(22).map_err(|cause| self.failed(cause))?;
            if let Fact::GapBegan(gap) = load::kept(row, &self.place)?.entry.fact {
                gaps.push(Gap { until: ended.map(timestamp), ..gap });
            }
        }
        Ok(gaps)
    }

    /// What a period amounts to.
    pub async fn summary(&mut self, period: Period) -> Result<Summary, ReadFailure> {
        self.summaries(period, &[]).await.map(|(summary, _)| summary)
    }

    /// What a period amounts to, and each of its parts, which follow one another; all of it in one reading.
    pub async fn summaries(
        &mut self,
        period: Period,
        parts: &[Period],
    ) -> Result<(Summary, Vec<Summary>), ReadFailure> {
        let mut summary = Summary::new();
        let mut of_parts: Vec<Summary> = parts.iter().map(|_| Summary::new()).collect();
        let filter = Filter { agent: None, period };
        self.changes(&filter, |row| {
            let happened = row.change.happened;
            let part = parts.partition_point(|part| part.until.is_some_and(|until| until <= happened));
            if parts.get(part).is_some_and(|part| part.from.is_none_or(|from| from <= happened)) {
                of_parts[part].add(&row);
            }
            summary.add(&row);
            ControlFlow::Continue(())
        })
        .await?;
        for gap in self.gaps(period).await? {
            summary.add_gap(&gap, period);
            for (of_part, part) in of_parts.iter_mut().zip(parts).filter(|(_, part)| part.meets(&gap)) {
                of_part.add_gap(&gap, *part);
            }
        }
        self.unchanged()?;
        Ok((summary, of_parts))
    }

    /// Hands out the entries that were written in a period, in their order.
    pub async fn entries(
        &mut self,
        period: Period,
        mut each: impl FnMut(Kept) -> ControlFlow<()> + Send,
    ) -> Result<(), ReadFailure> {
        let sql = concat!(
            "SELECT ",
            entry_columns!(),
            " FROM entry e LEFT JOIN agent a ON a.link = e.link AND a.agent = e.agent \
             WHERE e.link = $1 AND e.at >= $2 AND e.at < $3 ORDER BY e.number"
        );
        let (from, until) = period.bounds();
        let place = self.place.clone();
        let failed = |cause| ReadFailure::new(&place, cause);
        let mut rows = sqlx::query(sql).bind(self.link).bind(from).bind(until).fetch(&mut self.connection);
        while let Some(row) = rows.try_next().await.map_err(failed)? {
            if each(load::kept(&row, &place)?).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// What a start would know.
    pub(crate) async fn memory(&mut self) -> Result<Memory, ReadFailure> {
        load::memory(&mut self.connection, Tables::Own, &self.place, self.link).await
    }

    /// Gives the connection back.
    pub async fn close(self) {
        connection::disconnect(self.connection).await;
    }

    /// Whether what was read since it was opened is one journal. While a bridge has it open the database sees to that.
    pub(crate) fn unchanged(&self) -> Result<(), ReadFailure> {
        match &self.still {
            Some(still) if !still.is_unchanged() => Err(ReadFailure::Changed { place: self.place.clone() }),
            Some(_) | None => Ok(()),
        }
    }

    /// From here on one state of the journal is seen, whatever is written meanwhile.
    pub(crate) async fn hold(&mut self) -> Result<LinkRow, ReadFailure> {
        let begin = begin_snapshot(&self.connection);
        let begun = sqlx::query(begin).execute(&mut self.connection).await;
        begun.map_err(|cause| self.failed(cause))?;
        let links = load::links(&mut self.connection).await.map_err(|cause| self.failed(cause))?;
        links.into_iter().find(|found| found.link == self.link).ok_or_else(|| self.failed(sqlx::Error::RowNotFound))
    }

    pub(crate) fn failed(&self, cause: sqlx::Error) -> ReadFailure {
        ReadFailure::new(&self.place, cause)
    }
}

impl From<LinkRow> for LinkState {
    fn from(row: LinkRow) -> Self {
        let LinkRow { name, epoch, opened, alive, head, anchor, .. } = row;
        Self { name, epoch, opened, alive, entries: head - anchor }
    }
}

/// A connection to a journal of exactly this program's version.
async fn open(location: &Location) -> Result<(AnyConnection, Option<Still>), OpenFailure> {
    let place = location.to_string();
    match identify(location).await? {
        Found::Nothing | Found::Empty => Err(OpenFailure::Missing { place }),
        Found::Journal(found) if found < SCHEMA_VERSION => {
            Err(OpenFailure::Older { place, found, known: SCHEMA_VERSION })
        }
        Found::Journal(_) => {
            let still = Still::of(location);
            let connection = connect(location, reading(still.as_ref())).await?;
            Ok((connection, still))
        }
    }
}

impl Period {
    /// As the database compares times.
    pub(crate) fn bounds(self) -> (i64, i64) {
        (self.from.map_or(i64::MIN, nanoseconds), self.until.map_or(i64::MAX, nanoseconds))
    }

    /// Whether any of a gap lies in it.
    fn meets(self, gap: &Gap) -> bool {
        let begins = self.until.is_none_or(|until| gap.since < until);
        begins && self.from.is_none_or(|from| gap.until.is_none_or(|until| until > from))
    }
}

/// The entries after one, in their order, and no more than so many.
pub(crate) async fn page(reader: &mut Reader, after: u64, most: i64) -> Result<Vec<sqlx::any::AnyRow>, ReadFailure> {
    let page = load::page(&mut reader.connection, reader.link, after, most).await;
    page.map_err(|cause| reader.failed(cause))
}
