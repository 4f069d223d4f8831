//! Keeps every agent in step: decides what Genesys Cloud has to be told, when, and in which order.
//!
//! [`engine`] is the decision maker, without I/O, async, clock or logging; [`run()`] drives it over the [`ports`].

pub mod backoff;
pub mod engine;
pub mod options;
pub mod ports;
mod run;

pub use run::{Command, Parts, Reload, RuleCheck, RunFailure, run};
