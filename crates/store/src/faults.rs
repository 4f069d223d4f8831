//! What went wrong since a time: counted by the database, from the end of the log on backwards.
//!
//! Entries are numbered in the order in which they were written, so where the time begins is found by halving, and what
//! was written before is not looked at. Where the clock was set back, a few entries more or less are counted.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sqlx::Row as _;

use crate::failure::ReadFailure;
use crate::load;
use crate::reader::{LinkState, Reader};
use crate::row::nanoseconds;

/// What went wrong since a time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Faults {
    /// Attempts that failed, by kind of failure, as in reports.
    pub failed_attempts: BTreeMap<String, u64>,
    /// Changes that are not sent any more, by reason (as far as its first colon).
    pub dropped: BTreeMap<String, u64>,
    /// Changes that mend a difference found in Genesys Cloud.
    pub repaired: u64,
}

/// The first entry that is still there from a number on.
pub(crate) const NEXT: &str = "SELECT number, at FROM entry WHERE link = $1 AND number >= $2 ORDER BY number LIMIT 1";

pub(crate) const FAULTS: &str = "SELECT kind, coalesce(cause, detail, ''), count(*) FROM entry \
                                 WHERE link = $1 AND number >= $2 AND (kind IN ('failed', 'dropped') \
                                 OR (kind = 'recorded' AND detail LIKE 'repair: %')) GROUP BY 1, 2";

impl Reader {
    /// How the link's journal stands at this moment.
    pub async fn state(&mut self) -> Result<LinkState, ReadFailure> {
        let links = load::links(&mut self.connection).await.map_err(|cause| self.failed(cause))?;
        let own = links.into_iter().find(|found| found.link == self.link);
        own.map(LinkState::from).ok_or_else(|| self.failed(sqlx::Error::RowNotFound))
    }

    /// What went wrong since a time, by when it was written down.
    pub async fn faults(&mut self, since: Timestamp) -> Result<Faults, ReadFailure> {
        let first = self.first_since(nanoseconds(since)).await?;
        let found = sqlx::query(FAULTS).bind(self.link).bind(first).fetch_all(&mut self.connection).await;
        let mut faults = Faults::default();
        for row in found.map_err(|cause| self.failed(cause))? {
            let read = || Ok((row.try_get::<String, _>(0)?, row.try_get::<String, _>(1)?, row.try_get::<i64, _>(2)?));
            let (kind, what, count) = read().map_err(|cause| self.failed(cause))?;
            let count = count.unsigned_abs();
            match kind.as_str() {
                "failed" => *faults.failed_attempts.entry(what).or_default() += count,
                "dropped" => {
                    let reason = what.split_once(": ").map_or(what.as_str(), |(reason, _)| reason);
                    *faults.dropped.entry(reason.to_owned()).or_default() += count;
                }
                _ => faults.repaired += count,
            }
        }
        self.unchanged()?;
        Ok(faults)
    }

    /// The number of the first entry that was written at a time or later; one that there is not yet, where there is none.
    async fn first_since(&mut self, since: i64) -> Result<i64, ReadFailure> {
        let newest = sqlx::query_scalar("SELECT head FROM link WHERE link = $1").bind(self.link);
        let newest: i64 = newest.fetch_one(&mut self.connection).await.map_err(|cause| self.failed(cause))?;
        let (mut low, mut high) = (1, newest + 1);
        while low < high {
            let middle = low + (high - low) / 2;
            let next = sqlx::query(NEXT).bind(self.link).bind(middle).fetch_optional(&mut self.connection).await;
            let next = next.map_err(|cause| self.failed(cause))?;
            let next = next.map(|row| Ok((row.try_get::<i64, _>(0)?, row.try_get::<i64, _>(1)?))).transpose();
            match next.map_err(|cause| self.failed(cause))? {
                // What retention has removed was written earlier than what comes after it.
                Some((number, at)) if at < since => low = number + 1,
                Some(_) | None => high = middle,
            }
        }
        Ok(low)
    }
}
