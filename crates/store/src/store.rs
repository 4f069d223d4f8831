//! The journal's writing side: one link, held by one bridge.

use std::sync::Arc;

use async_trait::async_trait;
use domain::time::Now;
use replicator::ports::{Entry, Journal, JournalFailure, Memory};
use sqlx::AnyConnection;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::chain::Chain;
use crate::connection::{Dialect, Purpose, connect, dialect};
use crate::failure::{OpenFailure, RecordFailure, Said};
use crate::load::{self, LinkRow, Tables};
use crate::location::{Location, Options, Retention};
use crate::lock::{self, Lock};
use crate::meaning::failure;
use crate::retention::{Keeper, newest};
use crate::row::nanoseconds;
use crate::schema::{Found, identify, inspect, migrate};
use crate::writer::{Message, Writer, patience};

/// Records on their way to the writing task: the loop hands over one at a time, and whoever is ahead by more waits.
const INBOX: usize = 64;

/// A journal that is held. Dropped without [`Store::close`] it leaves what a crash leaves: everything that was recorded.
#[derive(Debug)]
pub struct Store {
    handle: Arc<Handle>,
    epoch: u64,
    was_empty: bool,
    task: JoinHandle<Result<Closed, RecordFailure>>,
}

/// What a journal did while it was open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Closed {
    /// Entries that were recorded.
    pub entries: u64,
    /// Transactions that they took: each is one sync of the disk.
    pub commits: u64,
}

impl Store {
    /// Makes the journal or leads it to this program's version, and takes the link: whoever had it before must not write
    /// any more. Changes nothing where it fails.
    pub async fn open(options: Options, now: Now) -> Result<Self, OpenFailure> {
        let Options { location, link, retention } = options;
        identify(&location).await?;
        let lock = lock::of(&location).await?;
        // All of it before the first byte is written: even to take the log of a damaged file back into it would be.
        let was_empty = inspect(&location, Some(&link)).await? == Found::Empty;
        let mut connection = connect(&location, Purpose::Write).await?;
        migrate(&mut connection, &location).await?;
        let store = Self::start(connection, lock, location, (link, retention), now).await?;
        Ok(Self { was_empty, ..store })
    }

    /// Takes the link over a connection to a journal that is sound, and starts the writing task.
    async fn start(
        mut connection: AnyConnection,
        lock: Lock,
        location: Location,
        (link, retention): (String, Retention),
        now: Now,
    ) -> Result<Self, OpenFailure> {
        let taken = take(&mut connection, &location, &link, now).await?;
        let place: Arc<str> = location.to_string().into();
        let ledger = load::ledger(&mut connection, Tables::Own, &place, &taken).await?;
        let epoch = ledger.epoch;
        let writer = Writer {
            patience: patience(&connection),
            connection,
            ledger,
            keeper: Keeper::new(retention, taken.anchor),
            newest: newest(taken.alive),
            place: Arc::clone(&place),
            link: link.into(),
            done: Closed::default(),
            lock,
        };
        let (inbox, messages) = mpsc::channel(INBOX);
        let task = tokio::spawn(writer.run(messages));
        Ok(Self { handle: Arc::new(Handle { inbox, place }), epoch, was_empty: false, task })
    }

    /// The journal, as the loop knows it.
    #[must_use]
    pub fn journal(&self) -> Arc<dyn Journal> {
        Arc::clone(&self.handle) as Arc<dyn Journal>
    }

    /// The lease epoch: how many bridges have held this link, this one included.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Whether there was a file with nothing in it: perhaps a journal that somebody or something emptied.
    #[must_use]
    pub fn was_empty(&self) -> bool {
        self.was_empty
    }

    /// Keeps what is on its way, writes everything back and gives the link back. What is recorded later is refused.
    pub async fn close(self) -> Result<Closed, RecordFailure> {
        let Self { handle, task, .. } = self;
        // Where the task has ended already, its end says why.
        let _: Result<(), _> = handle.inbox.send(Message::Close).await;
        match task.await {
            Ok(closed) => closed,
            Err(ended) => {
                let place = Arc::clone(&handle.place);
                let cause = Arc::new(Said(sqlx::Error::Protocol(ended.to_string())));
                Err(RecordFailure::Write { place, advice: "the task that writes it ended", cause })
            }
        }
    }
}

/// What the loop holds.
#[derive(Debug)]
struct Handle {
    inbox: mpsc::Sender<Message>,
    place: Arc<str>,
}

impl Handle {
    async fn ask<T>(
        &self,
        message: Message,
        answer: oneshot::Receiver<Result<T, RecordFailure>>,
    ) -> Result<T, JournalFailure> {
        let closed = || RecordFailure::Closed { place: Arc::clone(&self.place) };
        let sent = self.inbox.send(message).await.map_err(|_| closed());
        let answered = match sent {
            Ok(()) => answer.await.unwrap_or_else(|_| Err(closed())),
            Err(failure) => Err(failure),
        };
        answered.map_err(|failure| JournalFailure(Box::new(failure)))
    }
}

#[async_trait]
impl Journal for Handle {
    async fn load(&self) -> Result<Memory, JournalFailure> {
        let (answer, answered) = oneshot::channel();
        self.ask(Message::Load(answer), answered).await
    }

    async fn record(&self, entries: Vec<Entry>) -> Result<(), JournalFailure> {
        let (answer, answered) = oneshot::channel();
        self.ask(Message::Record(entries, answer), answered).await
    }
}

/// Begins a new epoch of the link.
async fn take(
    connection: &mut AnyConnection,
    location: &Location,
    link: &str,
    now: Now,
) -> Result<LinkRow, OpenFailure> {
    let row = row_of(connection, location, link).await?;
    let begun = "UPDATE link SET epoch = epoch + 1, opened = $1 WHERE link = $2";
    let begun = sqlx::query(begun).bind(nanoseconds(now.utc)).bind(row.link);
    begun.execute(connection).await.map_err(|cause| failure(location, cause))?;
    Ok(LinkRow { epoch: row.epoch + 1, opened: Some(now.utc), ..row })
}

/// Finds or makes the link's row, which nobody else may hold.
pub(crate) async fn row_of(
    connection: &mut AnyConnection,
    location: &Location,
    link: &str,
) -> Result<LinkRow, OpenFailure> {
    let failed = |cause| failure(location, cause);
    let made = "INSERT INTO link (name, epoch, head, chain, anchor, anchor_chain, kept_chain) \
                VALUES ($1, 0, 0, $2, 0, $3, $4) ON CONFLICT (name) DO NOTHING";
    let start = || Chain::START.as_bytes().to_vec();
    let made = sqlx::query(made).bind(link.to_owned()).bind(start()).bind(start()).bind(start());
    made.execute(&mut *connection).await.map_err(failed)?;
    let id = sqlx::query_scalar("SELECT link FROM link WHERE name = $1").bind(link.to_owned());
    let id: i64 = id.fetch_one(&mut *connection).await.map_err(failed)?;
    if dialect(connection) == Dialect::Postgres {
        lock::take_link(connection, location, (link, id)).await?;
    }
    // After the lock: until then, whoever had it could still write.
    let links = load::links(connection).await.map_err(failed)?;
    links.into_iter().find(|found| found.link == id).ok_or_else(|| failed(sqlx::Error::RowNotFound))
}

#[cfg(test)]
mod tests;
