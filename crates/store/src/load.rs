//! Reading what the tables hold: entries as rows, where a link stands, and what a start has to know.

use std::collections::BTreeMap;

use domain::change::{Change, Facet, Value};
use domain::ids::{AgentId, ChangeId, CloudUserId};
use jiff::Timestamp;
use replicator::ports::{Fact, Memory, Remembered, Stage};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row as _};
use uuid::Uuid;

use crate::chain::Chain;
use crate::commit::number;
use crate::failure::ReadFailure;
use crate::ledger::{KnownAgent, Ledger, Open, Standing};
use crate::row::{self, Kept, Kind, Row, timestamp};

/// The columns of an entry `e` of an agent `a`, in the order in which [`read_row`] takes them; the last one is `e.status`
/// where nothing else is said.
macro_rules! entry_columns {
    () => {
        crate::load::entry_columns!("e.status")
    };
    ($status:literal) => {
        concat!(
            "e.number, e.epoch, e.at, e.kind, e.subject, a.name, e.facet, e.from_value, e.to_value, e.happened, \
             e.seen, e.detail, e.attempt, e.request, e.sent, e.answered, e.cause, e.retry_after, e.maybe_applied, \
             e.correlation, e.chain, ",
            $status
        )
    };
}
pub(crate) use entry_columns;

/// Which tables there are to read: a journal is looked at before it is led to this program's version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tables {
    /// Those of the versions 1 and 2, which had neither status messages nor claims.
    Older,
    /// Those of this program's version.
    Own,
}

/// Where a link stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LinkRow {
    pub link: i64,
    pub name: String,
    pub epoch: u64,
    pub opened: Option<Timestamp>,
    pub alive: Option<Timestamp>,
    pub head: u64,
    pub chain: Chain,
    pub anchor: u64,
    pub anchor_chain: Chain,
    pub kept_chain: Chain,
}

/// All links of a database, by name.
pub(crate) async fn links(connection: &mut AnyConnection) -> Result<Vec<LinkRow>, sqlx::Error> {
    let sql = "SELECT link, name, epoch, opened, alive, head, chain, anchor, anchor_chain, kept_chain \
               FROM link ORDER BY name";
    sqlx::query(sql).fetch_all(connection).await?.iter().map(link_row).collect()
}

fn link_row(row: &AnyRow) -> Result<LinkRow, sqlx::Error> {
    let count = |column: usize| row.try_get::<i64, _>(column).map(i64::unsigned_abs);
    let time = |column: usize| row.try_get::<Option<i64>, _>(column).map(|time| time.map(timestamp));
    let chain = |column: usize| {
        let bytes: Vec<u8> = row.try_get(column)?;
        Chain::from_bytes(&bytes).ok_or_else(|| sqlx::Error::Decode("a hash has 16 bytes".into()))
    };
    Ok(LinkRow {
        link: row.try_get(0)?,
        name: row.try_get(1)?,
        epoch: count(2)?,
        opened: time(3)?,
        alive: time(4)?,
        head: count(5)?,
        chain: chain(6)?,
        anchor: count(7)?,
        anchor_chain: chain(8)?,
        kept_chain: chain(9)?,
    })
}

/// An entry as it was read; what is wrong with it is text, for `verify` to report.
pub(crate) fn read_row(found: &AnyRow) -> (i64, Result<(Row, Chain), String>) {
    let number = found.try_get(0).unwrap_or_default();
    (number, decode(found).map_err(|cause| cause.to_string()).and_then(|row| row))
}

fn decode(found: &AnyRow) -> Result<Result<(Row, Chain), String>, sqlx::Error> {
    let text = |column: usize| found.try_get::<Option<String>, _>(column);
    let number = |column: usize| found.try_get::<Option<i64>, _>(column);
    let time = |column: usize| number(column).map(|time| time.map(timestamp));
    let count = |column: usize| -> Result<Option<u64>, sqlx::Error> {
        number(column)?.map(u64::try_from).transpose().map_err(|cause| sqlx::Error::Decode(cause.into()))
    };
    let kind: String = found.try_get(3)?;
    let Some(kind) = Kind::from_name(&kind) else { return Ok(Err(format!("\"{kind}\" is no kind of entry"))) };
    let subject = found.try_get::<Option<Vec<u8>>, _>(4)?.map(|bytes| Uuid::from_slice(&bytes)).transpose();
    let Ok(subject) = subject else { return Ok(Err("subject is no UUID".to_owned())) };
    let attempt = number(12)?.map(u32::try_from).transpose().map_err(|cause| sqlx::Error::Decode(cause.into()))?;
    let Some(chain) = Chain::from_bytes(&found.try_get::<Vec<u8>, _>(20)?) else {
        return Ok(Err("chain has not 16 bytes".to_owned()));
    };
    let row = Row {
        number: count(0)?.unwrap_or_default(),
        epoch: count(1)?.unwrap_or_default(),
        at: time(2)?.unwrap_or_default(),
        kind,
        subject,
        agent: text(5)?,
        facet: text(6)?,
        from: text(7)?,
        to: text(8)?,
        happened: time(9)?,
        seen: time(10)?,
        detail: text(11)?,
        attempt,
        request: count(13)?,
        sent: time(14)?,
        answered: time(15)?,
        cause: text(16)?,
        retry_after: number(17)?,
        maybe_applied: number(18)?.map(|flag| flag != 0),
        correlation: text(19)?,
        status: text(21)?,
    };
    Ok(Ok((row, chain)))
}

/// What the writing side has to know by heart.
pub(crate) async fn ledger(
    connection: &mut AnyConnection,
    tables: Tables,
    place: &str,
    link: &LinkRow,
) -> Result<Ledger, ReadFailure> {
    let failed = |cause| ReadFailure::new(place, cause);
    let agents = sqlx::query("SELECT key, agent, name FROM agent WHERE link = $1").bind(link.link);
    let agents = agents.fetch_all(&mut *connection).await.map_err(failed)?;
    let agents: Result<BTreeMap<String, KnownAgent>, sqlx::Error> = agents
        .iter()
        .map(|row| Ok((row.try_get(0)?, KnownAgent { agent: row.try_get(1)?, name: row.try_get(2)? })))
        .collect();
    let mut ledger = Ledger {
        link: link.link,
        epoch: link.epoch,
        head: link.head,
        chain: link.chain,
        agents: agents.map_err(failed)?,
        open: BTreeMap::new(),
    };
    for kept in unsettled(connection, tables, place, link.link).await? {
        if let Fact::Change { agent, change, stage: Stage::Recorded(recorded) } = kept.entry.fact {
            let agent = ledger.agents.get(&agent.as_str().to_lowercase()).map_or(0, |known| known.agent);
            ledger.open.insert(change.0, Open { agent, to: recorded.to, happened: recorded.happened });
        }
    }
    Ok(ledger)
}

/// What a start has to know of before.
pub(crate) async fn memory(
    connection: &mut AnyConnection,
    tables: Tables,
    place: &str,
    link: i64,
) -> Result<Memory, ReadFailure> {
    let failed = |cause| ReadFailure::new(place, cause);
    let alive = sqlx::query_scalar("SELECT alive FROM link WHERE link = $1").bind(link);
    let alive: Option<i64> = alive.fetch_one(&mut *connection).await.map_err(failed)?;
    let mut memory = Memory { alive: alive.map(timestamp), ..Memory::default() };
    let mut pending: BTreeMap<(AgentId, Facet), Vec<(Change, u32)>> = BTreeMap::new();
    let mut places: BTreeMap<ChangeId, (AgentId, Facet, usize)> = BTreeMap::new();
    for kept in unsettled(connection, tables, place, link).await? {
        match kept.entry.fact {
            Fact::Change { agent, change, stage: Stage::Recorded(recorded) } => {
                let facet = recorded.to.facet();
                let changes = pending.entry((agent.clone(), facet)).or_default();
                places.insert(change, (agent, facet, changes.len()));
                changes.push((recorded, 0));
            }
            Fact::Change { change, stage: Stage::Attempted(attempt), .. } => {
                if let Some((agent, facet, index)) = places.get(&change)
                    && let Some(changes) = pending.get_mut(&(agent.clone(), *facet))
                {
                    changes[*index].1 = changes[*index].1.max(attempt.number);
                }
            }
            Fact::GapBegan(gap) => memory.gaps.push(gap),
            Fact::Change { stage: Stage::Resumed | Stage::Dropped { .. }, .. }
            | Fact::GapEnded { .. }
            | Fact::Alive
            | Fact::Entered { .. }
            | Fact::Claimed { .. }
            | Fact::Released { .. }
            | Fact::Confirmed { .. }
            | Fact::Renewed { .. } => {}
        }
    }
    for ((agent, facet), Standing { told, newest }) in standings(connection, place, link).await? {
        let pending = pending.remove(&(agent.clone(), facet)).unwrap_or_default();
        memory.facets.push(Remembered { agent, facet, told, newest, pending });
    }
    if tables == Tables::Own {
        memory.claimed = claims(connection, place, link).await?;
    }
    Ok(memory)
}

/// Through the indexes that have nothing but claims and releases, agent by agent: SQLite would read all entries instead
/// where it had the choice.
pub(crate) const CLAIMS: &str = "SELECT a.name, e.subject FROM agent a CROSS JOIN entry e \
                                 WHERE a.link = $1 AND e.link = a.link AND e.agent = a.agent AND e.kind = 'claimed' \
                                 AND NOT EXISTS (SELECT 1 FROM entry l WHERE l.link = e.link AND l.agent = e.agent \
                                 AND l.subject = e.subject AND l.number > e.number AND l.kind = 'claimed') \
                                 AND NOT EXISTS (SELECT 1 FROM entry l WHERE l.link = e.link AND l.agent = e.agent \
                                 AND l.subject = e.subject AND l.number > e.number AND l.kind = 'released') \
                                 ORDER BY e.number";

/// Claims that no later entry takes up: neither a release nor another claim of the same user for the same agent. The
/// log itself says which, through an index of claims and releases alone: there is no second place to go out of step.
async fn claims(
    connection: &mut AnyConnection,
    place: &str,
    link: i64,
) -> Result<Vec<(AgentId, CloudUserId)>, ReadFailure> {
    let failed = |cause| ReadFailure::new(place, cause);
    let found = sqlx::query(CLAIMS).bind(link).fetch_all(connection).await.map_err(failed)?;
    let claim = |row: &AnyRow| {
        let user = Uuid::from_slice(&row.try_get::<Vec<u8>, _>(1)?);
        let user = user.map_err(|cause| sqlx::Error::Decode(cause.into()))?;
        Ok((AgentId::new(&row.try_get::<String, _>(0)?), CloudUserId(user)))
    };
    let claims: Result<Vec<_>, sqlx::Error> = found.iter().map(claim).collect();
    claims.map_err(failed)
}

/// What each facet of each agent was told last, by agent.
pub(crate) async fn standings(
    connection: &mut AnyConnection,
    place: &str,
    link: i64,
) -> Result<Vec<((AgentId, Facet), Standing)>, ReadFailure> {
    let failed = |cause| ReadFailure::new(place, cause);
    let sql = "SELECT a.name, s.facet, s.told, s.happened, s.newest FROM standing s \
               JOIN agent a ON a.link = s.link AND a.agent = s.agent WHERE s.link = $1 ORDER BY a.agent, s.facet";
    let found = sqlx::query(sql).bind(link).fetch_all(connection).await.map_err(failed)?;
    let standings: Result<Vec<_>, sqlx::Error> = found.iter().map(standing).collect();
    standings.map_err(failed)
}

fn standing(found: &AnyRow) -> Result<((AgentId, Facet), Standing), sqlx::Error> {
    let unknown = |what: String| sqlx::Error::Decode(what.into());
    let facet = row::facet(&found.try_get::<String, _>(1)?).map_err(unknown)?;
    let told: Option<String> = found.try_get(2)?;
    let value: Option<Value> = told.map(|told| row::value(facet, &told)).transpose().map_err(unknown)?;
    let happened = found.try_get::<Option<i64>, _>(3)?.map(timestamp);
    let newest = found.try_get::<Option<i64>, _>(4)?.map(timestamp);
    let agent = AgentId::new(&found.try_get::<String, _>(0)?);
    Ok(((agent, facet), Standing { told: value.zip(happened), newest }))
}

macro_rules! unsettled {
    ($columns:expr) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM unsettled u JOIN entry e ON e.link = u.link AND e.subject = u.subject \
             LEFT JOIN agent a ON a.link = e.link AND a.agent = e.agent WHERE u.link = $1 ORDER BY e.number"
        )
    };
}

pub(crate) const UNSETTLED: &str = unsettled!(entry_columns!());

/// All entries about what is not settled, in their order.
async fn unsettled(
    connection: &mut AnyConnection,
    tables: Tables,
    place: &str,
    link: i64,
) -> Result<Vec<Kept>, ReadFailure> {
    let sql = match tables {
        Tables::Older => unsettled!(entry_columns!("CAST(NULL AS TEXT)")),
        Tables::Own => UNSETTLED,
    };
    let found = sqlx::query(sql).bind(link).fetch_all(connection).await;
    let found = found.map_err(|cause| ReadFailure::new(place, cause))?;
    found.iter().map(|row| kept(row, place)).collect()
}

/// The entries after one, in their order, and no more than so many.
pub(crate) async fn page(
    connection: &mut AnyConnection,
    link: i64,
    after: u64,
    most: i64,
) -> Result<Vec<AnyRow>, sqlx::Error> {
    let sql = concat!(
        "SELECT ",
        entry_columns!(),
        " FROM entry e LEFT JOIN agent a ON a.link = e.link AND a.agent = e.agent \
         WHERE e.link = $1 AND e.number > $2 ORDER BY e.number LIMIT $3"
    );
    sqlx::query(sql).bind(link).bind(number(after)).bind(most).fetch_all(connection).await
}

/// An entry that has to make sense.
pub(crate) fn kept(found: &AnyRow, place: &str) -> Result<Kept, ReadFailure> {
    let (number, row) = read_row(found);
    row.and_then(|(row, _)| row.entry()).map_err(|what| ReadFailure::Unreadable {
        place: place.to_owned(),
        number,
        what,
    })
}
