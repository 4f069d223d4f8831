//! The engine against a model of both sides, in virtual time.

#![expect(clippy::unwrap_used, reason = "a test may end so")]

mod cloud;
mod feed;
mod guard;
mod paper;
mod properties;
mod recovery;
mod run;
mod stories;
mod switchover;
mod trust;
mod world;
