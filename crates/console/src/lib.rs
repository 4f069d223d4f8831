//! Shows the links to people and programs: the console in the browser, the API, metrics and health.
//!
//! Everything that is shown comes from the links' own reports ([`Link`]) and from their journals, and the pages, the API
//! and the metrics say the same. Nothing is decided here, and nothing is written but what an administrator orders.

mod access;
mod api;
mod board;
mod health;
mod history;
mod link;
mod metrics;
mod model;
mod pages;
mod picture;
mod server;
pub mod shown;

pub use link::{About, Link};
