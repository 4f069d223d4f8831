//! A group of entries as statements: all of it in one transaction, which only the newest epoch's bridge gets through.

use sqlx::any::AnyArguments;
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, AssertSqlSafe};
use uuid::Uuid;

use crate::connection::{Dialect, begin_write, dialect};
use crate::ledger::{Group, Ledger, Placed, Standing};
use crate::row::nanoseconds;

/// Why a group was not kept.
#[derive(Debug)]
pub(crate) enum NotKept {
    /// The link has another epoch, or another head than we left.
    Fenced,
    /// The database did not take it.
    Database(sqlx::Error),
}

impl From<sqlx::Error> for NotKept {
    fn from(cause: sqlx::Error) -> Self {
        Self::Database(cause)
    }
}

/// Rows in one statement: PostgreSQL counts its parameters in 16 bits, SQLite allows 32,766.
pub(crate) const ROWS: usize = 64;

/// Statements of so few rows come again and again, as do those of [`ROWS`], so the database keeps them prepared.
const FEW_ROWS: usize = 4;

const ENTRY_COLUMNS: usize = 23;

/// Keeps a group: all of it, or nothing.
pub(crate) async fn commit(connection: &mut AnyConnection, ledger: &Ledger, group: &Group) -> Result<(), NotKept> {
    begin(connection).await?;
    let kept = keep(connection, ledger, group).await;
    end(connection, kept).await
}

/// Begins a transaction that writes.
pub(crate) async fn begin(connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
    let begin = begin_write(connection);
    sqlx::query(begin).execute(connection).await.map(drop)
}

/// Commits what went well, and takes back what did not.
pub(crate) async fn end(connection: &mut AnyConnection, done: Result<(), NotKept>) -> Result<(), NotKept> {
    match done {
        Ok(()) => Ok(sqlx::query("COMMIT").execute(connection).await.map(drop)?),
        Err(failure) => {
            // Where even this fails, the database takes everything back when the connection ends.
            let _: Result<_, sqlx::Error> = sqlx::query("ROLLBACK").execute(connection).await;
            Err(failure)
        }
    }
}

/// The statements of a group, within a transaction of the caller's.
pub(crate) async fn keep(connection: &mut AnyConnection, ledger: &Ledger, group: &Group) -> Result<(), NotKept> {
    let alive = group.rows.last().map(|placed| nanoseconds(placed.row.at));
    let fence = "UPDATE link SET head = $1, chain = $2, alive = coalesce($3, alive) \
                 WHERE link = $4 AND epoch = $5 AND head = $6";
    let fence = sqlx::query(fence)
        .bind(number(ledger.head))
        .bind(ledger.chain.as_bytes().to_vec())
        .bind(alive)
        .bind(ledger.link)
        .bind(number(ledger.epoch))
        .bind(number(group.after));
    if fence.execute(&mut *connection).await?.rows_affected() != 1 {
        return Err(NotKept::Fenced);
    }
    insert_agents(connection, ledger, group).await?;
    insert_entries(connection, ledger, group).await?;
    update_unsettled(connection, ledger, group).await?;
    Ok(update_standings(connection, ledger, group).await?)
}

async fn insert_agents(connection: &mut AnyConnection, ledger: &Ledger, group: &Group) -> Result<(), sqlx::Error> {
    let dialect = dialect(connection);
    for some in group.new_agents.chunks(ROWS) {
        let sql = format!("INSERT INTO agent (link, agent, key, name) VALUES {}", places(dialect, some.len(), 4));
        let mut query = statement(sql, some.len());
        for new in some {
            query = query.bind(ledger.link).bind(new.agent).bind(new.key.clone()).bind(new.name.clone());
        }
        query.execute(&mut *connection).await?;
    }
    Ok(())
}

async fn insert_entries(connection: &mut AnyConnection, ledger: &Ledger, group: &Group) -> Result<(), sqlx::Error> {
    let dialect = dialect(connection);
    for some in group.rows.chunks(ROWS) {
        let sql = format!(
            "INSERT INTO entry (link, number, epoch, at, kind, subject, agent, facet, from_value, to_value, happened, \
             seen, detail, attempt, request, sent, answered, cause, retry_after, maybe_applied, correlation, chain, \
             status) VALUES {}",
            places(dialect, some.len(), ENTRY_COLUMNS)
        );
        let mut query = statement(sql, some.len());
        for placed in some {
            query = bind_entry(query.bind(ledger.link), placed);
        }
        query.execute(&mut *connection).await?;
    }
    Ok(())
}

fn bind_entry<'q>(query: Query<'q, Any, AnyArguments>, placed: &Placed) -> Query<'q, Any, AnyArguments> {
    let Placed { row, agent, chain } = placed;
    query
        .bind(number(row.number))
        .bind(number(row.epoch))
        .bind(nanoseconds(row.at))
        .bind(row.kind.name().to_owned())
        .bind(row.subject.map(bytes))
        .bind(*agent)
        .bind(row.facet.clone())
        .bind(row.from.clone())
        .bind(row.to.clone())
        .bind(row.happened.map(nanoseconds))
        .bind(row.seen.map(nanoseconds))
        .bind(row.detail.clone())
        .bind(row.attempt.map(i64::from))
        .bind(row.request.map(number))
        .bind(row.sent.map(nanoseconds))
        .bind(row.answered.map(nanoseconds))
        .bind(row.cause.clone())
        .bind(row.retry_after)
        .bind(row.maybe_applied.map(i64::from))
        .bind(row.correlation.clone())
        .bind(chain.as_bytes().to_vec())
        .bind(row.status.clone())
}

async fn update_unsettled(connection: &mut AnyConnection, ledger: &Ledger, group: &Group) -> Result<(), sqlx::Error> {
    let dialect = dialect(connection);
    let opened: Vec<_> = group.opened.iter().collect();
    for some in opened.chunks(ROWS) {
        // Recorded twice would be a mistake of ours, which `verify` finds: no reason to lose the entry.
        let sql = format!(
            "INSERT INTO unsettled (link, subject, number) VALUES {} ON CONFLICT (link, subject) DO NOTHING",
            places(dialect, some.len(), 3)
        );
        let mut query = statement(sql, some.len());
        for &(subject, first) in some {
            query = query.bind(ledger.link).bind(bytes(*subject)).bind(number(*first));
        }
        query.execute(&mut *connection).await?;
    }
    let settled: Vec<_> = group.settled.iter().collect();
    for some in settled.chunks(ROWS) {
        let list: Vec<String> = (2..some.len() + 2).map(|number| place(dialect, number)).collect();
        let sql =
            format!("DELETE FROM unsettled WHERE link = {} AND subject IN ({})", place(dialect, 1), list.join(", "));
        let mut query = statement(sql, some.len()).bind(ledger.link);
        for subject in some {
            query = query.bind(bytes(**subject));
        }
        query.execute(&mut *connection).await?;
    }
    Ok(())
}

async fn update_standings(connection: &mut AnyConnection, ledger: &Ledger, group: &Group) -> Result<(), sqlx::Error> {
    let dialect = dialect(connection);
    let standings: Vec<_> = group.standings.iter().collect();
    for some in standings.chunks(ROWS) {
        let sql = format!(
            "INSERT INTO standing (link, agent, facet, told, happened, newest) VALUES {} \
             ON CONFLICT (link, agent, facet) DO UPDATE SET \
             told = CASE WHEN excluded.happened >= coalesce(standing.happened, excluded.happened) \
                    THEN excluded.told ELSE standing.told END, \
             happened = CASE WHEN excluded.happened >= coalesce(standing.happened, excluded.happened) \
                        THEN excluded.happened ELSE standing.happened END, \
             newest = CASE WHEN excluded.newest >= coalesce(standing.newest, excluded.newest) \
                      THEN excluded.newest ELSE standing.newest END",
            places(dialect, some.len(), 6)
        );
        let mut query = statement(sql, some.len());
        for &((agent, facet), Standing { told, newest }) in some {
            query = query
                .bind(ledger.link)
                .bind(*agent)
                .bind(facet.name().to_owned())
                .bind(told.map(|(value, _)| value.to_string()))
                .bind(told.map(|(_, happened)| nanoseconds(happened)))
                .bind(newest.map(nanoseconds));
        }
        query.execute(&mut *connection).await?;
    }
    Ok(())
}

pub(crate) fn statement<'q>(sql: String, rows: usize) -> Query<'q, Any, AnyArguments> {
    sqlx::query(AssertSqlSafe(sql)).persistent(rows <= FEW_ROWS || rows == ROWS)
}

/// `($1, $2), ($3, $4)`: parameters only, never a value.
pub(crate) fn places(dialect: Dialect, rows: usize, columns: usize) -> String {
    let row = |row: usize| {
        let places: Vec<String> = (1..=columns).map(|column| place(dialect, row * columns + column)).collect();
        format!("({})", places.join(", "))
    };
    let rows: Vec<String> = (0..rows).map(row).collect();
    rows.join(", ")
}

/// A parameter by its number. SQLite takes `$1` too, but as a name, and looks among all others for it.
pub(crate) fn place(dialect: Dialect, number: usize) -> String {
    match dialect {
        Dialect::Sqlite => format!("?{number}"),
        Dialect::Postgres => format!("${number}"),
    }
}

/// Numbers of ours begin at 1 and never get near the limit.
pub(crate) fn number(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(crate) fn bytes(id: Uuid) -> Vec<u8> {
    id.as_bytes().to_vec()
}
