//! Moving a journal from one database to another: as lines of JSON, all of it or nothing.
//!
//! The first line says how much follows and what the hash over it is, then comes what each facet was told last, then the
//! entries, each on a line of its own. The new journal is the old one: numbers, epochs and hashes are the same.

use std::io::{BufRead, Read, Write};

use domain::ids::AgentId;
use sqlx::AnyConnection;

use crate::chain::Chain;
use crate::commit::{self, NotKept, keep, number};
use crate::connection::{self, Purpose, connect};
use crate::failure::{RecordFailure, TransferFailure};
use crate::ledger::{Group, Ledger, Standing};
use crate::line::{self, Header, LONGEST_LINE, LineError, StandingLine};
use crate::load::{LinkRow, kept, standings};
use crate::location::Location;
use crate::lock;
use crate::reader::{Reader, page};
use crate::retention::kept_chain;
use crate::row::{self, Row};
use crate::schema::{identify, inspect, migrate};
use crate::store::row_of;

/// What was moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transferred {
    /// Entries, without those that retention had removed.
    pub entries: u64,
}

/// Entries that are read or written at once.
const GROUP: usize = 500;

/// Writes a link's journal as lines. A bridge may hold it: what it writes meanwhile is not in them.
pub async fn export(location: &Location, link: &str, out: impl Write) -> Result<Transferred, TransferFailure> {
    let mut reader = Reader::open(location, link).await?;
    let written = write(&mut reader, out).await;
    let unchanged = reader.unchanged();
    reader.close().await;
    unchanged?;
    written
}

async fn write(reader: &mut Reader, mut out: impl Write) -> Result<Transferred, TransferFailure> {
    let link = reader.hold().await?;
    let place = reader.place.clone();
    let count = sqlx::query_scalar("SELECT count(*) FROM entry WHERE link = $1").bind(link.link);
    let entries: i64 = count.fetch_one(&mut reader.connection).await.map_err(|cause| reader.failed(cause))?;
    let entries = entries.unsigned_abs();
    let standings = standings(&mut reader.connection, &place, link.link).await?;
    let header = header(link, u64::try_from(standings.len()).unwrap_or(u64::MAX), entries);
    let mut put = |line: String| writeln!(out, "{line}").map_err(|cause| file("write", cause));
    put(line::encode(&header))?;
    for ((agent, facet), Standing { told, newest }) in standings {
        put(line::encode(&StandingLine {
            agent: agent.as_str().to_owned(),
            facet: facet.name().to_owned(),
            told: told.map(|(value, _)| value.to_string()),
            happened: told.map(|(_, happened)| happened),
            newest,
        }))?;
    }
    let mut after = 0;
    loop {
        let rows = page(reader, after, i64::try_from(GROUP).unwrap_or(i64::MAX)).await?;
        for row in &rows {
            let kept = kept(row, &place)?;
            after = kept.number;
            put(line::write(&kept))?;
        }
        if rows.len() < GROUP {
            break;
        }
    }
    out.flush().map_err(|cause| file("write", cause))?;
    Ok(Transferred { entries })
}

fn header(link: LinkRow, standings: u64, entries: u64) -> Header {
    let LinkRow { name, epoch, head, chain, anchor, anchor_chain, .. } = link;
    Header {
        format: Header::FORMAT.to_owned(),
        version: Header::VERSION,
        link: name,
        epoch,
        standings,
        entries,
        head,
        chain: chain.to_string(),
        anchor,
        anchor_chain: anchor_chain.to_string(),
    }
}

/// Makes a link's journal from lines. It must have no entries yet, and no bridge may hold it.
pub async fn import(location: &Location, link: &str, lines: impl BufRead) -> Result<Transferred, TransferFailure> {
    identify(location).await?;
    let _lock = lock::of(location).await?;
    inspect(location, Some(link)).await?;
    let mut connection = connect(location, Purpose::Write).await?;
    migrate(&mut connection, location).await?;
    let mut import = Import { connection, location, lines: Lines { from: lines, number: 0 } };
    let imported = import.all(link).await;
    connection::disconnect(import.connection).await;
    imported
}

/// An import on its way.
struct Import<'a, R> {
    connection: AnyConnection,
    location: &'a Location,
    lines: Lines<R>,
}

impl<R: BufRead> Import<'_, R> {
    async fn all(&mut self, link: &str) -> Result<Transferred, TransferFailure> {
        let header = self.header()?;
        database(self.location, commit::begin(&mut self.connection).await)?;
        match self.within(link, &header).await {
            Ok(()) => {
                database(self.location, sqlx::query("COMMIT").execute(&mut self.connection).await)?;
                Ok(Transferred { entries: header.entries })
            }
            Err(failure) => {
                // Where even this fails, the database takes everything back when the connection ends.
                let _: Result<_, sqlx::Error> = sqlx::query("ROLLBACK").execute(&mut self.connection).await;
                Err(failure)
            }
        }
    }

    fn header(&mut self) -> Result<Header, TransferFailure> {
        let whole = |what: &str| TransferFailure::Whole(what.to_owned());
        let text = self.lines.next()?.ok_or_else(|| whole("it is empty"))?;
        let header: Header = self.lines.understood(line::read(&text))?;
        if header.format != Header::FORMAT {
            return Err(whole("its first line is of another format"));
        }
        if header.version != Header::VERSION {
            let what = format!("it has version {}, and this program reads {}", header.version, Header::VERSION);
            return Err(TransferFailure::Whole(what));
        }
        Ok(header)
    }

    /// The statements of an import, within one transaction.
    async fn within(&mut self, name: &str, header: &Header) -> Result<(), TransferFailure> {
        let link = row_of(&mut self.connection, self.location, name).await?;
        if link.head > 0 {
            return Err(TransferFailure::NotEmpty {
                place: self.location.to_string(),
                link: name.to_owned(),
                entries: link.head,
            });
        }
        let anchor_chain = Chain::from_hex(&header.anchor_chain);
        let (Some(anchor_chain), Some(chain)) = (anchor_chain, Chain::from_hex(&header.chain)) else {
            return Err(TransferFailure::Whole("the hashes in its first line are none".to_owned()));
        };
        let begun = "UPDATE link SET epoch = $1, head = $2, anchor = $3, anchor_chain = $4 WHERE link = $5";
        let begun = sqlx::query(begun).bind(number(header.epoch)).bind(number(header.anchor));
        let begun = begun.bind(number(header.anchor)).bind(anchor_chain.as_bytes().to_vec()).bind(link.link);
        database(self.location, begun.execute(&mut self.connection).await)?;
        let mut ledger = Ledger {
            link: link.link,
            epoch: header.epoch,
            head: header.anchor,
            chain: anchor_chain,
            agents: std::collections::BTreeMap::new(),
            open: std::collections::BTreeMap::new(),
        };
        self.standings(&mut ledger, header.standings).await?;
        self.entries(&mut ledger, header).await?;
        if self.lines.next()?.is_some() {
            return Err(TransferFailure::Whole(format!("more than {} entries follow", header.entries)));
        }
        if ledger.head != header.head || ledger.chain != chain {
            return Err(TransferFailure::Whole(
                "its entries do not fit the hash over them: a line was edited".to_owned(),
            ));
        }
        let kept = kept_chain(&mut self.connection, link.link, number(header.anchor)).await;
        let kept = database(self.location, kept)?;
        let kept = sqlx::query("UPDATE link SET kept_chain = $1 WHERE link = $2").bind(kept.as_bytes().to_vec());
        database(self.location, kept.bind(link.link).execute(&mut self.connection).await).map(drop)
    }

    async fn standings(&mut self, ledger: &mut Ledger, lines: u64) -> Result<(), TransferFailure> {
        let mut group = ledger.group();
        for read in 0..lines {
            let text = self.lines.next()?.ok_or_else(|| ends_early("told values", read, lines))?;
            let StandingLine { agent, facet, told, happened, newest } = self.lines.understood(line::read(&text))?;
            let facet = self.lines.understood(row::facet(&facet).map_err(LineError::Nonsense))?;
            let told = told.map(|told| row::value(facet, &told)).transpose().map_err(LineError::Nonsense);
            let told = self.lines.understood(told)?.zip(happened);
            let agent = ledger.agent(&mut group, AgentId::new(&agent).as_str());
            group.standings.insert((agent, facet), Standing { told, newest });
        }
        self.keep(ledger, &group).await
    }

    async fn entries(&mut self, ledger: &mut Ledger, header: &Header) -> Result<(), TransferFailure> {
        let mut group = ledger.group();
        let mut last = 0;
        for read in 0..header.entries {
            let text = self.lines.next()?.ok_or_else(|| ends_early("entries", read, header.entries))?;
            let kept = self.lines.understood(line::parse(&text))?;
            let row = Row::new(kept.number, kept.epoch, kept.entry);
            let expected = if row.number <= header.anchor { row.number > last } else { row.number == ledger.head + 1 };
            if !expected {
                return Err(TransferFailure::Whole(format!("entry {} follows entry {last}", row.number)));
            }
            last = row.number;
            if row.number > header.anchor {
                ledger.chain = ledger.chain.with(&line::encode(&row));
                ledger.head = row.number;
            }
            ledger.place(&mut group, row);
            if group.rows.len() == GROUP {
                self.keep(ledger, &group).await?;
                group = ledger.group();
            }
        }
        self.keep(ledger, &group).await
    }

    async fn keep(&mut self, ledger: &Ledger, group: &Group) -> Result<(), TransferFailure> {
        match keep(&mut self.connection, ledger, group).await {
            Ok(()) => Ok(()),
            Err(NotKept::Database(cause)) => database(self.location, Err(cause)),
            Err(NotKept::Fenced) => {
                let place = self.location.to_string().into();
                Err(RecordFailure::Fenced { place, link: "".into() }.into())
            }
        }
    }
}

fn database<T>(location: &Location, done: Result<T, sqlx::Error>) -> Result<T, TransferFailure> {
    done.map_err(|cause| RecordFailure::new(&location.to_string(), cause).into())
}

/// Lines with their numbers, none longer than ours.
struct Lines<R> {
    from: R,
    number: usize,
}

impl<R: BufRead> Lines<R> {
    fn next(&mut self) -> Result<Option<String>, TransferFailure> {
        let mut bytes = Vec::new();
        let most = u64::try_from(LONGEST_LINE).unwrap_or(u64::MAX) + 1;
        let read = self.from.by_ref().take(most).read_until(b'\n', &mut bytes).map_err(|cause| file("read", cause))?;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        if bytes.last() == Some(&b'\n') {
            bytes.pop();
        } else if bytes.len() > LONGEST_LINE {
            return self.understood(Err(LineError::TooLong));
        }
        self.understood(String::from_utf8(bytes).map_err(|_| LineError::NotText)).map(Some)
    }

    /// The failure with the number of the line.
    fn understood<T>(&self, line: Result<T, LineError>) -> Result<T, TransferFailure> {
        line.map_err(|cause| TransferFailure::Line { line: self.number, cause })
    }
}

fn ends_early(what: &str, read: u64, expected: u64) -> TransferFailure {
    TransferFailure::Whole(format!("it ends after {read} of {expected} {what}"))
}

fn file(action: &'static str, cause: std::io::Error) -> TransferFailure {
    TransferFailure::File { action, cause }
}
