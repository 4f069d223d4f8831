//! The ICWS server as clients see it, over real sockets: one story for each statement of the protocol.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod client;
mod configuration;
mod control;
mod day;
mod events;
mod listening;
mod logon;
mod queues;
mod rights;
mod scale;
mod status;
mod transport;
