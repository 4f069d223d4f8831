//! The engine against a model of both sides, in virtual time.

#![expect(clippy::unwrap_used, reason = "a test may end so")]

mod cloud;
mod direct;
mod feed;
mod guard;
mod leaving;
mod paper;
mod properties;
mod recovery;
mod reload;
mod run;
mod shift_change;
mod shown;
mod stories;
mod switchover;
mod tokens;
mod trust;
mod world;
