//! A journal in the words of version 2, which knows neither status messages nor claims, nor that an agent was renewed.
//!
//! The hashes are calculated over what each entry says, so an entry in other words has another one, as have all that
//! follow. The new ones are written only where the old ones were right: an edit does not go unnoticed because of it. What
//! comes of it is a journal of version 3 still, and the next step takes the columns away.

use sqlx::AnyConnection;

use crate::chain::Chain;
use crate::commit::{ROWS, begin, number, place, places, statement};
use crate::connection::dialect;
use crate::failure::OpenFailure;
use crate::line;
use crate::load::{self, LinkRow, read_row};
use crate::location::Location;
use crate::meaning::failure;
use crate::row::{Kind, Row, text};

/// Entries that are read at once.
const PAGE: i64 = 1_000;

/// Says all links of a journal in the words of version 2: all of them, or nothing.
pub(crate) async fn say_as_version_2(connection: &mut AnyConnection, location: &Location) -> Result<(), OpenFailure> {
    let failed = |cause| failure(location, cause);
    begin(connection).await.map_err(failed)?;
    match say_all(connection, location).await {
        Ok(()) => sqlx::query("COMMIT").execute(connection).await.map(drop).map_err(failed),
        Err(why) => {
            // Where even this fails, the database takes everything back when the connection ends.
            let _: Result<_, sqlx::Error> = sqlx::query("ROLLBACK").execute(connection).await;
            Err(why)
        }
    }
}

async fn say_all(connection: &mut AnyConnection, location: &Location) -> Result<(), OpenFailure> {
    for link in load::links(connection).await.map_err(|cause| failure(location, cause))? {
        say(connection, location, &link).await?;
    }
    Ok(())
}

/// The hashes over the entries so far, as they are and as they will be.
struct Chains {
    anchor: u64,
    last: u64,
    log: (Chain, Chain),
    kept: (Chain, Chain),
}

impl Chains {
    fn new(link: &LinkRow) -> Self {
        let (log, kept) = ((link.anchor_chain, link.anchor_chain), (Chain::START, Chain::START));
        Self { anchor: link.anchor, last: link.anchor, log, kept }
    }

    /// The hash up to an entry in its new words, where the log goes that far; or that the old one was not right.
    fn take(&mut self, row: &Row, stored: Chain, reworded: &Row) -> Result<Option<Chain>, String> {
        let (old, new) = (line::encode(row), line::encode(reworded));
        if row.number <= self.anchor {
            self.kept = (self.kept.0.with(&old), self.kept.1.with(&new));
            return Ok(None);
        }
        self.log = (self.log.0.with(&old), self.log.1.with(&new));
        if row.number != self.last + 1 || self.log.0 != stored {
            return Err(format!("entry {} does not follow from those before it", row.number));
        }
        self.last = row.number;
        Ok(Some(self.log.1))
    }

    fn are_those_of(&self, link: &LinkRow) -> bool {
        self.last == link.head && self.log.0 == link.chain && self.kept.0 == link.kept_chain
    }
}

async fn say(connection: &mut AnyConnection, location: &Location, link: &LinkRow) -> Result<(), OpenFailure> {
    let failed = |cause| failure(location, cause);
    let damaged = |detail: String| OpenFailure::Corrupt { place: location.to_string(), detail };
    let mut chains = Chains::new(link);
    let mut after = 0;
    loop {
        let found = load::page(connection, link.link, after, PAGE).await.map_err(failed)?;
        let mut hashes = Vec::new();
        for found in &found {
            let (at, row) = read_row(found);
            after = at.unsigned_abs();
            let (row, stored) = row.map_err(|what| damaged(format!("entry {at} cannot be understood: {what}")))?;
            let reworded = as_version_2(row.clone());
            let hash = chains.take(&row, stored, &reworded).map_err(damaged)?;
            hashes.extend(hash.filter(|hash| *hash != stored).map(|hash| (at, hash)));
            if reworded.kind != row.kind {
                note(connection, link.link, &reworded).await.map_err(failed)?;
            }
        }
        write(connection, link.link, &hashes).await.map_err(failed)?;
        if found.len() < usize::try_from(PAGE).unwrap_or(usize::MAX) {
            break;
        }
    }
    if !chains.are_those_of(link) {
        return Err(damaged("its log does not end with the hashes that it should".to_owned()));
    }
    let forgotten = "UPDATE entry SET status = NULL WHERE link = $1 AND status IS NOT NULL";
    sqlx::query(forgotten).bind(link.link).execute(&mut *connection).await.map_err(failed)?;
    let ends = "UPDATE link SET chain = $1, kept_chain = $2 WHERE link = $3";
    let ends = sqlx::query(ends).bind(chains.log.1.as_bytes().to_vec()).bind(chains.kept.1.as_bytes().to_vec());
    ends.bind(link.link).execute(connection).await.map(drop).map_err(failed)
}

/// An entry in the words of version 2. What it has no kind for becomes a note, so that the numbers go on without a gap.
fn as_version_2(row: Row) -> Row {
    let what = match row.kind {
        Kind::Entered => {
            let (agent, status) = (row.agent.unwrap_or_default(), row.status.unwrap_or_default());
            let happened = row.happened.unwrap_or(row.at);
            let note =
                format!("nothing was confirmed: agent {agent} entered the status message {status} at {happened}");
            let detail = Some(text(note));
            return Row { kind: Kind::Confirmed, detail, agent: None, status: None, happened: None, seen: None, ..row };
        }
        Kind::Renewed => {
            let agent = row.agent.unwrap_or_default();
            let note = format!("nothing was confirmed: an administrator had agent {agent} read back and put right");
            return Row { kind: Kind::Confirmed, detail: Some(text(note)), agent: None, ..row };
        }
        Kind::Claimed => "became ours",
        Kind::Released => "was given back",
        Kind::Recorded
        | Kind::Accepted
        | Kind::Failed
        | Kind::Resumed
        | Kind::Dropped
        | Kind::GapBegan
        | Kind::GapEnded
        | Kind::Alive
        | Kind::Confirmed => return Row { status: None, ..row },
    };
    let user = row.subject.unwrap_or_default();
    let agent = row.agent.unwrap_or_default();
    let note = format!("nothing was confirmed: the presence source of user {user} {what}, for agent {agent}");
    Row { kind: Kind::Confirmed, detail: Some(text(note)), subject: None, agent: None, ..row }
}

async fn note(connection: &mut AnyConnection, link: i64, row: &Row) -> Result<(), sqlx::Error> {
    let sql = "UPDATE entry SET kind = $1, detail = $2, subject = NULL, agent = NULL, happened = NULL, seen = NULL \
               WHERE link = $3 AND number = $4";
    let note = sqlx::query(sql).bind(row.kind.name().to_owned()).bind(row.detail.clone());
    note.bind(link).bind(number(row.number)).execute(connection).await.map(drop)
}

async fn write(connection: &mut AnyConnection, link: i64, hashes: &[(i64, Chain)]) -> Result<(), sqlx::Error> {
    let dialect = dialect(connection);
    for some in hashes.chunks(ROWS) {
        // Both databases call the columns so.
        let sql = format!(
            "UPDATE entry SET chain = v.column2 FROM (VALUES {}) AS v \
             WHERE entry.link = {} AND entry.number = v.column1",
            places(dialect, some.len(), 2),
            place(dialect, some.len() * 2 + 1)
        );
        let mut query = statement(sql, some.len());
        for (number, hash) in some {
            query = query.bind(*number).bind(hash.as_bytes().to_vec());
        }
        query.bind(link).execute(&mut *connection).await?;
    }
    Ok(())
}
