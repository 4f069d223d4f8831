//! Retention: what is old and settled goes, a few entries at a time, between two commits.
//!
//! "Old" is measured against the newest entry, so no clock is needed. The log loses its beginning: the anchor says up
//! to where, with the chain up to there. What is not settled stays where it is, under a hash of its own.

use std::time::Duration;

use sqlx::{AnyConnection, Row as _};

use crate::chain::Chain;
use crate::commit::{NotKept, begin, end, number};
use crate::connection::{Dialect, dialect};
use crate::ledger::Ledger;
use crate::line;
use crate::load::{entry_columns, read_row};
use crate::location::Retention;
use crate::row::nanoseconds;

/// Entries that one step removes: some milliseconds.
const STEP: i64 = 500;

/// Pages that one step gives back to the disk: as many as it frees, and some of those before.
const PAGES: &str = "PRAGMA incremental_vacuum(256)";

/// Entries after which it is time to look again.
const EVERY: u64 = 1_000;

/// Or this time of the journal's.
const AT_LEAST_EVERY: Duration = Duration::from_secs(600);

/// What an entry takes in PostgreSQL with its part of the indexes, measured: a table there does not shrink when rows
/// go, so its size says nothing about what is in it.
const POSTGRES_ENTRY: u64 = 300;

/// When to look, and where the log begins.
#[derive(Debug)]
pub(crate) struct Keeper {
    retention: Retention,
    anchor: u64,
    /// Head and newest time when it was last found that nothing is to go; `None` when something may be.
    looked: Option<(u64, i64)>,
}

impl Keeper {
    pub(crate) fn new(retention: Retention, anchor: u64) -> Self {
        Self { retention, anchor, looked: None }
    }

    /// Whether a step is due after what has been written.
    pub(crate) fn is_due(&self, head: u64, newest: Option<i64>) -> bool {
        self.looked.is_none_or(|(looked_head, looked_newest)| {
            let aged = newest.is_some_and(|newest| newest.saturating_sub(looked_newest) >= nanos(AT_LEAST_EVERY));
            head.saturating_sub(looked_head) >= EVERY || aged
        })
    }

    /// Removes at most [`STEP`] entries, or finds that there is nothing to remove.
    pub(crate) async fn step(
        &mut self,
        connection: &mut AnyConnection,
        ledger: &Ledger,
        newest: Option<i64>,
    ) -> Result<(), NotKept> {
        let too_large = self.size(connection, ledger).await? > self.retention.size;
        let oldest = newest.map_or(i64::MIN, |newest| newest.saturating_sub(nanos(self.retention.age)));
        let sql = "SELECT number, at, chain FROM entry WHERE link = $1 AND number > $2 AND number < $3 \
                   ORDER BY number LIMIT $4";
        // The newest entry stays: the journal goes on from it.
        let found = sqlx::query(sql).bind(ledger.link).bind(number(self.anchor)).bind(number(ledger.head)).bind(STEP);
        let mut upto = None;
        for row in found.fetch_all(&mut *connection).await? {
            if !too_large && row.try_get::<i64, _>(1)? >= oldest {
                break;
            }
            upto = Some((row.try_get::<i64, _>(0)?, row.try_get::<Vec<u8>, _>(2)?));
        }
        let Some((upto, chain)) = upto else {
            self.looked = Some((ledger.head, newest.unwrap_or(i64::MIN)));
            return Ok(());
        };
        begin(connection).await?;
        let removed = remove(connection, ledger, upto, chain).await;
        end(connection, removed).await?;
        self.anchor = upto.unsigned_abs();
        self.looked = None;
        if dialect(connection) == Dialect::Sqlite {
            sqlx::query(PAGES).execute(connection).await?;
        }
        Ok(())
    }

    /// What the journal takes, without pages that are free already.
    async fn size(&self, connection: &mut AnyConnection, ledger: &Ledger) -> Result<u64, sqlx::Error> {
        match dialect(connection) {
            Dialect::Sqlite => {
                let mut figures = [0_i64; 3];
                let asked = ["PRAGMA page_count", "PRAGMA freelist_count", "PRAGMA page_size"];
                for (figure, pragma) in figures.iter_mut().zip(asked) {
                    *figure = sqlx::query_scalar(pragma).fetch_one(&mut *connection).await?;
                }
                let [pages, free, size] = figures;
                Ok(((pages - free) * size).unsigned_abs())
            }
            Dialect::Postgres => Ok((ledger.head - self.anchor) * POSTGRES_ENTRY),
        }
    }
}

async fn remove(connection: &mut AnyConnection, ledger: &Ledger, upto: i64, chain: Vec<u8>) -> Result<(), NotKept> {
    // A user may be claimed and released any number of times: what comes later ends what came before, and a release
    // goes together with the claim that it ends.
    let gone = "DELETE FROM entry WHERE link = $1 AND number <= $2 AND (subject IS NULL OR kind = 'released' OR EXISTS \
                (SELECT 1 FROM entry s WHERE s.link = entry.link AND s.subject = entry.subject AND s.number <= $3 \
                 AND (s.kind IN ('accepted', 'dropped', 'gap ended') OR (s.kind IN ('claimed', 'released') \
                 AND s.agent = entry.agent AND s.number > entry.number))))";
    sqlx::query(gone).bind(ledger.link).bind(upto).bind(upto).execute(&mut *connection).await?;
    let kept = kept_chain(connection, ledger.link, upto).await?;
    let moved = "UPDATE link SET anchor = $1, anchor_chain = $2, kept_chain = $3 WHERE link = $4 AND epoch = $5";
    let moved = sqlx::query(moved).bind(upto).bind(chain).bind(kept.as_bytes().to_vec());
    let moved = moved.bind(ledger.link).bind(number(ledger.epoch)).execute(connection).await?;
    if moved.rows_affected() == 1 { Ok(()) } else { Err(NotKept::Fenced) }
}

/// The hash over the entries that are kept from before the anchor.
pub(crate) async fn kept_chain(connection: &mut AnyConnection, link: i64, upto: i64) -> Result<Chain, sqlx::Error> {
    let sql = concat!(
        "SELECT ",
        entry_columns!(),
        " FROM entry e LEFT JOIN agent a ON a.link = e.link AND a.agent = e.agent \
         WHERE e.link = $1 AND e.number <= $2 ORDER BY e.number"
    );
    let mut chain = Chain::START;
    for found in sqlx::query(sql).bind(link).bind(upto).fetch_all(connection).await? {
        let (_, row) = read_row(&found);
        // What cannot be understood makes a hash of its own, which `verify` will not come to.
        chain = chain.with(&row.map_or_else(|what| what, |(row, _)| line::encode(&row)));
    }
    Ok(chain)
}

/// The newest time, as the database keeps it.
pub(crate) fn newest(alive: Option<jiff::Timestamp>) -> Option<i64> {
    alive.map(nanoseconds)
}

fn nanos(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}
