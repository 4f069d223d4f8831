//! The journal as the program uses it: opened for a run, looked at by commands, and what each of its failures is to
//! whoever started the program.

mod commands;
mod silence;

use domain::time::Now;
use store::{OpenFailure, ReadFailure, RecordFailure, Store, TransferFailure, VerifyFailure};

pub use self::commands::{export, import, migrate, verify, which};
pub use self::silence::{SIGN_OF_LIFE, silence};
use crate::exit::{Exit, Failed};

/// Opens the journal for a run.
pub async fn open(options: store::Options, now: Now) -> Result<Store, OpenFailure> {
    let place = options.location.to_string();
    let store = Store::open(options, now).await?;
    if store.was_empty() {
        tracing::warn!(
            journal = %place,
            "the journal's file was empty and is taken for a new one; if there was a journal, its history and what was \
             not delivered are lost"
        );
    }
    tracing::info!(journal = %place, epoch = store.epoch(), "the journal is open");
    Ok(store)
}

/// Ends a run: `ended` is how it went, and what went wrong first is what is told.
pub async fn close<T>(store: Store, ended: Result<T, Failed>) -> Result<T, Failed> {
    let closed = store.close().await;
    let ended = ended?;
    let closed = closed?;
    tracing::info!(entries = closed.entries, commits = closed.commits, "the journal is closed");
    Ok(ended)
}

impl From<OpenFailure> for Failed {
    fn from(failure: OpenFailure) -> Self {
        let exit = match &failure {
            OpenFailure::NotOurs { .. }
            | OpenFailure::Corrupt { .. }
            | OpenFailure::Newer { .. }
            | OpenFailure::Older { .. } => Exit::BadJournal,
            OpenFailure::InUse { .. } | OpenFailure::Unusable { .. } => Exit::Journal,
            OpenFailure::Missing { .. } | OpenFailure::UnknownLink { .. } => Exit::Usage,
        };
        Self::new(exit, failure)
    }
}

/// How the program ends when the journal does not keep what it was given.
pub fn exit_of(failure: &RecordFailure) -> Exit {
    match failure {
        RecordFailure::Corrupt { .. } => Exit::BadJournal,
        RecordFailure::Unreadable(failure) => exit_of_reading(failure),
        RecordFailure::Write { .. }
        | RecordFailure::Late { .. }
        | RecordFailure::Fenced { .. }
        | RecordFailure::Closed { .. } => Exit::Journal,
    }
}

impl From<RecordFailure> for Failed {
    fn from(failure: RecordFailure) -> Self {
        Self::new(exit_of(&failure), failure)
    }
}

fn exit_of_reading(failure: &ReadFailure) -> Exit {
    match failure {
        ReadFailure::Corrupt { .. } | ReadFailure::Unreadable { .. } => Exit::BadJournal,
        ReadFailure::Database { .. } | ReadFailure::Changed { .. } => Exit::Journal,
    }
}

impl From<ReadFailure> for Failed {
    fn from(failure: ReadFailure) -> Self {
        Self::new(exit_of_reading(&failure), failure)
    }
}

impl From<VerifyFailure> for Failed {
    fn from(failure: VerifyFailure) -> Self {
        match failure {
            VerifyFailure::Open(failure) => failure.into(),
            VerifyFailure::Read(failure) => failure.into(),
        }
    }
}

impl From<TransferFailure> for Failed {
    fn from(failure: TransferFailure) -> Self {
        match failure {
            TransferFailure::Open(failure) => failure.into(),
            TransferFailure::Read(failure) => failure.into(),
            TransferFailure::Record(failure) => failure.into(),
            TransferFailure::Line { .. } | TransferFailure::Whole(_) => Self::new(Exit::BadJournal, failure),
            TransferFailure::File { .. } | TransferFailure::NotEmpty { .. } => Self::new(Exit::Usage, failure),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_that_is_not_usable_and_one_that_is_not_writable_end_the_program_differently() {
        let place = || "bridge.journal".to_owned();
        let newer = OpenFailure::Newer { place: place(), found: 9, known: 2 };
        let corrupt = OpenFailure::Corrupt { place: place(), detail: "malformed".to_owned() };
        let foreign = OpenFailure::NotOurs { place: place(), why: "a text".to_owned() };
        let in_use = OpenFailure::InUse { place: place(), link: None };
        let missing = OpenFailure::Missing { place: place() };
        let codes = [newer, corrupt, foreign, in_use, missing].map(|failure| Failed::from(failure).exit.code());
        assert_eq!(codes, [65, 65, 65, 74, 2]);
        let closed = RecordFailure::Closed { place: "bridge.journal".into() };
        assert_eq!(Failed::from(closed).exit.code(), 74);
    }

    #[test]
    fn damage_ends_the_program_alike_whenever_it_shows() {
        let detail = || "malformed".to_owned();
        let reading = || ReadFailure::Corrupt { place: "bridge.journal".to_owned(), detail: detail() };
        let unreadable = ReadFailure::Unreadable {
            place: "bridge.journal".to_owned(),
            number: 3,
            what: "kind is missing".to_owned(),
        };
        let writing = RecordFailure::Corrupt { place: "bridge.journal".into(), detail: detail() };
        let loading = RecordFailure::Unreadable(reading().into());
        let codes = [
            Failed::from(reading()).exit.code(),
            Failed::from(OpenFailure::from(reading())).exit.code(),
            Failed::from(OpenFailure::from(unreadable)).exit.code(),
            Failed::from(writing).exit.code(),
            Failed::from(loading).exit.code(),
        ];
        assert_eq!(codes, [65; 5]);
    }
}
