//! Whether a journal is what it should be: whole, unedited, and a story that makes sense.
//!
//! Reads one state of it from beginning to end and changes nothing; a bridge may go on writing meanwhile.

mod model;

use std::collections::BTreeMap;
use std::fmt;

use sqlx::Row as _;
use thiserror::Error;
use uuid::Uuid;

use crate::chain::Chain;
use crate::commit::{bytes, number};
use crate::failure::{OpenFailure, ReadFailure};
use crate::line;
use crate::load::{LinkRow, read_row, standings};
use crate::location::Location;
use crate::reader::{Reader, page};
use crate::row::Row;
use crate::schema::{Pages, check_pages};
use model::Model;

/// What was found in a journal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verification {
    /// Entries that were read.
    pub entries: u64,
    /// Changes that were recorded in them.
    pub changes: u64,
    /// Requests that were sent, as far as their outcome is known.
    pub requests: u64,
    /// What is wrong, in the order of the entries. Empty where nothing is.
    pub findings: Vec<Finding>,
    /// How many more findings there are than are listed.
    pub further: u64,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// At which entry; `None` where it is about the journal as a whole.
    pub number: Option<u64>,
    /// What kind of thing.
    pub flaw: Flaw,
    /// What exactly.
    pub what: String,
}

/// Kinds of things that can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flaw {
    /// Entries are missing.
    Missing,
    /// An entry, or one before it, was edited.
    Edited,
    /// An entry cannot be understood.
    Unreadable,
    /// An entry has an older lease epoch than the one before, or a newer one than the link.
    Epoch,
    /// Something happened to a change that was never recorded.
    NotRecorded,
    /// A change was recorded twice.
    RecordedTwice,
    /// Something happened to a change after it was accepted or dropped.
    AfterSettled,
    /// Attempts are not numbered 1, 2, 3 …
    AttemptNumber,
    /// An attempt follows from nothing that was on disk in its epoch: sent without being announced.
    Unannounced,
    /// An agent's changes of one facet were not recorded in the order in which they happened.
    HappenedOrder,
    /// A change was accepted after one that happened later, without ever having failed.
    DeliveredOrder,
    /// One request number stands for two requests, or carries a change twice.
    Request,
    /// A gap that never began ended, or one began or ended twice.
    Gap,
    /// A user was given back who was not claimed.
    Claim,
    /// What is remembered beside the log is not what the log says.
    State,
}

impl Flaw {
    /// A name for programs, which stays.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Edited => "edited",
            Self::Unreadable => "unreadable",
            Self::Epoch => "epoch",
            Self::NotRecorded => "not-recorded",
            Self::RecordedTwice => "recorded-twice",
            Self::AfterSettled => "after-settled",
            Self::AttemptNumber => "attempt-number",
            Self::Unannounced => "unannounced",
            Self::HappenedOrder => "happened-order",
            Self::DeliveredOrder => "delivered-order",
            Self::Request => "request",
            Self::Gap => "gap",
            Self::Claim => "claim",
            Self::State => "state",
        }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Why a journal could not be verified.
#[derive(Debug, Error)]
pub enum VerifyFailure {
    /// It cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenFailure),
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] ReadFailure),
}

/// Enough to see what is wrong; a journal that is wrong from the first entry on has millions.
const LISTED: usize = 1_000;

/// Entries that are read at once.
const PAGE: i64 = 1_000;

/// Reads a link's journal from beginning to end.
pub async fn verify(location: &Location, link: &str) -> Result<Verification, VerifyFailure> {
    let mut reader = Reader::open(location, link).await?;
    let verified = read_all(&mut reader, location).await;
    reader.close().await;
    verified
}

async fn read_all(reader: &mut Reader, location: &Location) -> Result<Verification, VerifyFailure> {
    check_pages(&mut reader.connection, location, Pages::Thorough).await?;
    let verified = read(reader).await?;
    reader.unchanged()?;
    Ok(verified)
}

async fn read(reader: &mut Reader) -> Result<Verification, ReadFailure> {
    let link = reader.hold().await?;
    let mut log = Log::new(&link);
    let mut model = Model::new(link.epoch, link.anchor == 0);
    let mut found = Findings::default();
    let mut after = 0;
    loop {
        let rows = page(reader, after, PAGE).await?;
        for row in &rows {
            let (number, row) = read_row(row);
            after = number.unsigned_abs();
            match row {
                Ok((row, chain)) => {
                    log.row(&row, chain, &mut found);
                    match row.entry() {
                        Ok(kept) => model.take(&kept, &mut found),
                        Err(what) => found.add(Some(after), Flaw::Unreadable, what),
                    }
                }
                Err(what) => {
                    log.unreadable(after, &mut found);
                    found.add(Some(after), Flaw::Unreadable, what);
                }
            }
        }
        if rows.len() < usize::try_from(PAGE).unwrap_or(usize::MAX) {
            break;
        }
    }
    log.end(&mut found);
    strangers(reader, &mut model, &mut found).await?;
    recorded_twice(reader, &mut found).await?;
    state(reader, &model, &mut found).await?;
    found.listed.sort_by_key(|finding| finding.number.unwrap_or(u64::MAX));
    let Model { changes, requests, .. } = model;
    Ok(Verification { entries: log.entries, changes, requests, findings: found.listed, further: found.further })
}

/// What was found so far.
#[derive(Debug, Default)]
struct Findings {
    listed: Vec<Finding>,
    further: u64,
}

impl Findings {
    fn add(&mut self, number: Option<u64>, flaw: Flaw, what: String) {
        if self.listed.len() < LISTED {
            self.listed.push(Finding { number, flaw, what });
        } else {
            self.further += 1;
        }
    }
}

/// The log as a sequence of numbered entries, whatever they say.
#[derive(Debug)]
struct Log {
    anchor: u64,
    head: u64,
    head_chain: Chain,
    kept_chain: Chain,
    entries: u64,
    last: u64,
    /// `None` after an entry over which none can be calculated.
    chain: Option<Chain>,
    kept: Option<Chain>,
}

impl Log {
    fn new(link: &LinkRow) -> Self {
        Self {
            anchor: link.anchor,
            head: link.head,
            head_chain: link.chain,
            kept_chain: link.kept_chain,
            entries: 0,
            last: link.anchor,
            chain: Some(link.anchor_chain),
            kept: Some(Chain::START),
        }
    }

    fn row(&mut self, row: &Row, stored: Chain, found: &mut Findings) {
        self.entries += 1;
        let line = line::encode(row);
        if row.number <= self.anchor {
            self.kept = self.kept.map(|kept| kept.with(&line));
            return;
        }
        self.follows(row.number, found);
        if self.chain.is_some_and(|chain| chain.with(&line) != stored) {
            let what = "it does not fit the hash over it and all before it".to_owned();
            found.add(Some(row.number), Flaw::Edited, what);
        }
        self.chain = Some(stored);
    }

    fn unreadable(&mut self, number: u64, found: &mut Findings) {
        self.entries += 1;
        if number > self.anchor {
            self.follows(number, found);
            self.chain = None;
        } else {
            self.kept = None;
        }
    }

    fn follows(&mut self, number: u64, found: &mut Findings) {
        if number != self.last + 1 {
            found.add(Some(number), Flaw::Missing, missing(self.last + 1, number - 1));
            self.chain = None;
        }
        self.last = number;
    }

    fn end(&self, found: &mut Findings) {
        if self.last != self.head {
            found.add(Some(self.last + 1), Flaw::Missing, missing(self.last + 1, self.head));
        } else if self.chain.is_some_and(|chain| chain != self.head_chain) {
            found.add(Some(self.last), Flaw::Edited, "the log does not end with the hash that it should".to_owned());
        }
        if self.kept.is_some_and(|kept| kept != self.kept_chain) {
            let what = format!("entries up to {} that retention kept were edited or removed", self.anchor);
            found.add(None, Flaw::Edited, what);
        }
    }
}

fn missing(first: u64, last: u64) -> String {
    if first == last { format!("entry {first} is missing") } else { format!("entries {first} to {last} are missing") }
}

/// Entries about changes that were not open: never recorded, or settled before?
async fn strangers(reader: &mut Reader, model: &mut Model, found: &mut Findings) -> Result<(), ReadFailure> {
    let sql = "SELECT count(*) FROM entry WHERE link = $1 AND subject = $2 AND kind = 'recorded' AND number < $3";
    for (at, change) in std::mem::take(&mut model.strangers) {
        let recorded = sqlx::query_scalar(sql).bind(reader.link).bind(bytes(change.0)).bind(number(at));
        let recorded: i64 = recorded.fetch_one(&mut reader.connection).await.map_err(|cause| reader.failed(cause))?;
        if recorded == 0 {
            found.add(Some(at), Flaw::NotRecorded, format!("change {change} was not recorded before"));
        } else {
            found.add(Some(at), Flaw::AfterSettled, format!("change {change} was settled before"));
        }
    }
    Ok(())
}

async fn recorded_twice(reader: &mut Reader, found: &mut Findings) -> Result<(), ReadFailure> {
    let sql = "SELECT subject, max(number) FROM entry WHERE link = $1 AND kind = 'recorded' \
               GROUP BY subject HAVING count(*) > 1";
    let twice = sqlx::query(sql).bind(reader.link).fetch_all(&mut reader.connection).await;
    for row in twice.map_err(|cause| reader.failed(cause))? {
        let change: Vec<u8> = row.try_get(0).map_err(|cause| reader.failed(cause))?;
        let number: i64 = row.try_get(1).map_err(|cause| reader.failed(cause))?;
        let change = Uuid::from_slice(&change).unwrap_or_default();
        found.add(Some(number.unsigned_abs()), Flaw::RecordedTwice, format!("change {change} was recorded before"));
    }
    Ok(())
}

/// Whether what is remembered beside the log is what the log says.
async fn state(reader: &mut Reader, model: &Model, found: &mut Findings) -> Result<(), ReadFailure> {
    let unsettled = sqlx::query("SELECT subject FROM unsettled WHERE link = $1").bind(reader.link);
    let unsettled = unsettled.fetch_all(&mut reader.connection).await.map_err(|cause| reader.failed(cause))?;
    let mut open: BTreeMap<Uuid, u64> = model.unsettled();
    for row in unsettled {
        let subject: Vec<u8> = row.try_get(0).map_err(|cause| reader.failed(cause))?;
        let subject = Uuid::from_slice(&subject).unwrap_or_default();
        if open.remove(&subject).is_none() {
            found.add(None, Flaw::State, format!("{subject} counts as unsettled, and the log does not say so"));
        }
    }
    for (subject, number) in open {
        found.add(Some(number), Flaw::State, format!("{subject} is unsettled, and does not count as such"));
    }
    let place = reader.place.clone();
    let remembered = standings(&mut reader.connection, &place, reader.link).await?;
    model.compare(remembered, found);
    Ok(())
}
