//! PureConnect as a [`Source`](replicator::ports::Source): an ICWS session that reports users, statuses and
//! interactions.
//!
//! It reads and subscribes, and never writes: `request` has no word for anything else. It does not know what a status
//! means for Genesys Cloud, nor when something is delivered there.

mod client;
mod config;
mod convert;
mod endpoint;
mod errands;
mod error;
#[doc(hidden)]
pub mod fuzzing;
mod gathering;
mod limits;
mod logon;
mod picture;
mod prepared;
mod request;
mod session;
mod source;
mod stream;
mod subscribe;
pub mod survey;
mod tls;
mod watch;
mod wire;

pub use config::{Config, Tls};
pub use source::PureConnect;
pub use survey::survey;
