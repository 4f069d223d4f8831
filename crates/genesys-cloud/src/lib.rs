//! Genesys Cloud over its Platform API v2: the replicator's [`Sink`](replicator::ports::Sink) and
//! [`Directory`](replicator::ports::Directory), by event injection or directly, and its
//! [`Feed`](replicator::ports::Feed), by notifications.
//!
//! Knows the wire, the token, the error table and what an organisation has to offer. Does not know agents' histories,
//! what to send when, or how often to try: one call is one attempt, and the answer says what it cost.

mod applied;
mod auth;
mod catalog;
mod client;
mod config;
mod connect;
mod convert;
mod delivery;
mod direct;
mod directory;
mod ending;
mod error;
mod events;
mod feed;
#[doc(hidden)]
pub mod fuzzing;
mod list;
mod login;
mod observe;
mod out_of_office;
mod pool;
mod single;
mod sink;
mod sources;
mod startup;
pub mod survey;
mod transport;
mod users;
mod wire;

pub use config::{Config, DeliveryChoice, OAuthClient, Urls, region, regions};
pub use connect::Connected;
pub use delivery::Delivery;
pub use error::ConnectFailure;
pub use sink::GenesysCloud;
pub use survey::survey;
