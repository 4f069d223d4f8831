//! The store's promises, on SQLite and on PostgreSQL: one suite for both, and what only a file can suffer.

#![allow(clippy::unwrap_used, reason = "clippy sees a test in #[test] functions only, not in what they share")]

mod claims;
mod contract;
mod courses;
mod damaged;
mod entries;
mod file;
mod interrupted;
mod intervals;
mod led_back;
mod migrations;
mod place;
mod presences;
mod properties;
mod reading;
mod retention;
mod secrets;
mod takeover;
mod timeline;
mod transfer;
mod verify;
