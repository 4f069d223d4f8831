//! The engine against a model of both sides, in virtual time.

#![expect(clippy::unwrap_used, reason = "a test may end so")]

mod cloud;
mod guard;
mod properties;
mod run;
mod stories;
mod world;
