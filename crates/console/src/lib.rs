//! Shows the links to people and programs: the console in the browser, the API, metrics and health.
//!
//! Everything that is shown comes from the links' own reports ([`Link`]) and from their journals, and the pages, the API
//! and the metrics say the same. Nothing is decided here, and nothing is written but what an administrator orders.

mod accept;
mod access;
mod api;
pub mod board;
mod health;
mod history;
#[cfg(test)]
mod house;
mod link;
#[cfg(test)]
#[expect(dead_code, reason = "an example shows more of it than the tests need")]
mod made_up;
mod metrics;
pub mod model;
mod pages;
mod picture;
#[cfg(test)]
mod samples;
mod server;
pub mod shown;

pub use access::{Access, TrustedHeader};
pub use health::{Counts, Phase, Pulse, Signs, Vitals};
pub use history::{Past, Unreadable};
pub use link::{About, Link};
pub use server::{Console, ListenFailure, Listening, Options};
