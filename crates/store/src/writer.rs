//! The task that owns the writing connection: what has queued up is kept in one transaction, at once when it is idle.
//!
//! So a burst costs a few syncs, and a single entry waits for nobody. An error is final: what the database really holds
//! is not known after it, so nothing more is taken, and whoever starts next finds out.

use std::sync::Arc;
use std::time::Duration;

use replicator::ports::{Entry, Memory};
use sqlx::{AnyConnection, Connection};
use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::{mpsc, oneshot};
use tokio::time::error::Elapsed;
use tokio::time::timeout;

use crate::commit::{NotKept, commit};
use crate::connection::{Dialect, dialect};
use crate::failure::RecordFailure;
use crate::ledger::{Group, Ledger};
use crate::load::{self, Tables};
use crate::lock::Lock;
use crate::retention::Keeper;
use crate::row::nanoseconds;
use crate::store::Closed;

/// Entries after which a transaction is closed even if more are waiting.
const GROUP: usize = 500;

/// A server that does not answer for so long is lost. A file has no such limit: a computer that was put to sleep would
/// find it exceeded.
const SERVER_PATIENCE: Duration = Duration::from_secs(60);

/// How long a transaction may take.
pub(crate) fn patience(connection: &AnyConnection) -> Duration {
    match dialect(connection) {
        Dialect::Sqlite => Duration::MAX,
        Dialect::Postgres => SERVER_PATIENCE,
    }
}

/// Where an answer goes.
pub(crate) type Answer<T> = oneshot::Sender<Result<T, RecordFailure>>;

/// What the task is asked.
pub(crate) enum Message {
    Record(Vec<Entry>, Answer<()>),
    Load(Answer<Memory>),
    Close,
}

/// The task's own.
pub(crate) struct Writer {
    pub connection: AnyConnection,
    pub ledger: Ledger,
    pub keeper: Keeper,
    /// When the newest entry was written.
    pub newest: Option<i64>,
    pub place: Arc<str>,
    pub link: Arc<str>,
    /// How long the database may take for one transaction.
    pub patience: Duration,
    pub done: Closed,
    /// Dropped last: nobody else may begin before the connection is gone.
    pub lock: Lock,
}

impl Writer {
    /// Works until it is told to close, or nobody is left to tell it anything.
    pub(crate) async fn run(mut self, mut inbox: mpsc::Receiver<Message>) -> Result<Closed, RecordFailure> {
        match self.work(&mut inbox).await {
            Ok(()) => self.close().await,
            Err(failure) => {
                // Let go of at once, so that whoever starts next is not kept waiting by those who still ask here.
                let Self { connection, lock, .. } = self;
                let _: Result<(), sqlx::Error> = connection.close_hard().await;
                drop(lock);
                refuse(inbox, &failure).await;
                Err(failure)
            }
        }
    }

    async fn work(&mut self, inbox: &mut mpsc::Receiver<Message>) -> Result<(), RecordFailure> {
        let mut next = None;
        loop {
            let due = self.keeper.is_due(self.ledger.head, self.newest);
            let message = match next.take() {
                Some(message) => Some(message),
                None if due => match inbox.try_recv() {
                    Ok(message) => Some(message),
                    Err(TryRecvError::Empty) => None,
                    Err(TryRecvError::Disconnected) => return Ok(()),
                },
                None => match inbox.recv().await {
                    Some(message) => Some(message),
                    None => return Ok(()),
                },
            };
            match message {
                Some(Message::Record(entries, answer)) => next = self.record(inbox, entries, answer).await?,
                Some(Message::Load(answer)) => self.load(answer).await,
                Some(Message::Close) => return Ok(()),
                None => {}
            }
            if due {
                self.retain().await?;
            }
        }
    }

    /// Keeps these entries and whatever else has queued up; returns what was in the queue beside entries.
    async fn record(
        &mut self,
        inbox: &mut mpsc::Receiver<Message>,
        entries: Vec<Entry>,
        answer: Answer<()>,
    ) -> Result<Option<Message>, RecordFailure> {
        let mut group = self.ledger.group();
        let mut answers = vec![answer];
        let mut other = None;
        self.enter(&mut group, entries);
        while group.rows.len() < GROUP && other.is_none() {
            match inbox.try_recv() {
                Ok(Message::Record(entries, answer)) => {
                    self.enter(&mut group, entries);
                    answers.push(answer);
                }
                Ok(message) => other = Some(message),
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
            }
        }
        let kept = self.commit(&group).await;
        for answer in answers {
            tell(answer, kept.clone());
        }
        kept.map(|()| other)
    }

    fn enter(&mut self, group: &mut Group, entries: Vec<Entry>) {
        for entry in entries {
            self.ledger.enter(group, entry);
        }
    }

    async fn commit(&mut self, group: &Group) -> Result<(), RecordFailure> {
        let Some(newest) = group.rows.last() else { return Ok(()) };
        let kept = timeout(self.patience, commit(&mut self.connection, &self.ledger, group)).await;
        self.checked(kept)?;
        self.newest = Some(nanoseconds(newest.row.at));
        self.done.commits += 1;
        self.done.entries += self.ledger.head - group.after;
        Ok(())
    }

    async fn retain(&mut self) -> Result<(), RecordFailure> {
        let step = self.keeper.step(&mut self.connection, &self.ledger, self.newest);
        let stepped = timeout(self.patience, step).await;
        self.checked(stepped)
    }

    async fn load(&mut self, answer: Answer<Memory>) {
        let loaded = load::memory(&mut self.connection, Tables::Own, &self.place, self.ledger.link).await;
        tell(answer, loaded.map_err(|failure| RecordFailure::Unreadable(Arc::new(failure))));
    }

    fn checked(&self, done: Result<Result<(), NotKept>, Elapsed>) -> Result<(), RecordFailure> {
        let place = Arc::clone(&self.place);
        match done {
            Ok(Ok(())) => Ok(()),
            Ok(Err(NotKept::Fenced)) => Err(RecordFailure::Fenced { place, link: Arc::clone(&self.link) }),
            Ok(Err(NotKept::Database(cause))) => Err(RecordFailure::new(&place, cause)),
            Err(_) => Err(RecordFailure::Late { place, seconds: self.patience.as_secs() }),
        }
    }

    /// Writes the log back into the file, so that the file alone is the journal, and gives the link back.
    async fn close(mut self) -> Result<Closed, RecordFailure> {
        let Self { connection, place, .. } = &mut self;
        let place = Arc::clone(place);
        let failed = |cause| RecordFailure::new(&place, cause);
        if dialect(connection) == Dialect::Sqlite
            && let Err(cause) = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(connection).await
        {
            return Err(failed(cause));
        }
        let Self { connection, lock, done, .. } = self;
        connection.close().await.map_err(failed)?;
        drop(lock);
        Ok(done)
    }
}

/// Answers everybody with why nothing is taken any more, until nobody asks.
async fn refuse(mut inbox: mpsc::Receiver<Message>, failure: &RecordFailure) {
    while let Some(message) = inbox.recv().await {
        match message {
            Message::Record(_, answer) => tell(answer, Err(failure.clone())),
            Message::Load(answer) => tell(answer, Err(failure.clone())),
            Message::Close => return,
        }
    }
}

fn tell<T>(answer: Answer<T>, outcome: Result<T, RecordFailure>) {
    // Whoever asked may have gone away meanwhile.
    let _: Result<(), _> = answer.send(outcome);
}
