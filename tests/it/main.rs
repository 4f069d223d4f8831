//! The program as its users run it: the real binary, both simulators, real sockets.

#![expect(clippy::unwrap_used, reason = "a test may end so")]

mod command_line;
mod configuration;
mod contract;
mod day;
mod harness;
mod logon;
mod one_way;
mod oracle;
mod stories;
mod tls;
mod trouble;
