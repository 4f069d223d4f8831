//! Genesys Cloud over its Platform API v2: the replicator's [`Sink`](replicator::ports::Sink) and
//! [`Directory`](replicator::ports::Directory), by event injection and out of office, and its
//! [`Feed`](replicator::ports::Feed), by notifications.
//!
//! Knows the wire, the token, the error table and what an organisation has to offer. Does not know agents' histories,
//! what to send when, or how often to try: one call is one attempt, and the answer says what it cost.

mod auth;
mod catalog;
mod client;
mod config;
mod convert;
mod directory;
mod error;
mod events;
mod feed;
#[doc(hidden)]
pub mod fuzzing;
mod list;
mod observe;
mod out_of_office;
mod sink;
mod sources;
mod startup;
mod transport;
mod wire;

pub use config::{Config, Urls, region, regions};
pub use error::ConnectFailure;
pub use sink::{Connected, GenesysCloud};
