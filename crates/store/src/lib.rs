//! The journal in SQL: everything that was decided and sent, and what is to be known of it at the next start.
//!
//! [`Store`] is the writing side, a [`Journal`](replicator::ports::Journal) held by one bridge; [`Reader`] is the
//! reading side, usable while the bridge runs. The database is SQLite in a file of ours, or PostgreSQL; both have the
//! same tables and views. Nothing here decides anything about agents, and nothing reads a clock.

mod agents;
mod chain;
mod changes;
mod commit;
mod connection;
mod course;
mod failure;
mod faults;
mod intervals;
mod ledger;
pub mod line;
mod load;
mod location;
mod lock;
mod meaning;
mod older;
mod presences;
mod reader;
mod retention;
mod row;
mod schema;
mod store;
mod summary;
mod timeline;
mod transfer;
mod verify;
mod writer;

pub use agents::AgentState;
pub use changes::{ChangeRow, Disposition, Filter, Period};
pub use course::{Course, Difference};
pub use failure::{OpenFailure, ReadFailure, RecordFailure, Said, TransferFailure};
pub use faults::Faults;
pub use intervals::Interval;
pub use location::{Location, Mistake, Options, Retention};
pub use reader::{LinkState, Reader};
pub use row::{Kept, failure_name};
pub use schema::{SCHEMA_VERSION, migrate_down};
pub use store::{Closed, Store};
pub use summary::{Delays, GapTotal, Summary};
pub use timeline::Timeline;
pub use transfer::{Transferred, export, import};
pub use verify::{Finding, Flaw, Verification, VerifyFailure, verify};
