//! The program as its users run it: the real binary, both simulators, real sockets.

#![expect(clippy::unwrap_used, reason = "a test may end so")]

mod chaos;
mod check;
mod command_line;
mod configuration;
mod contract;
mod control;
mod corpus;
mod day;
mod direct;
mod harness;
mod journal;
mod links;
mod logon;
mod mapping;
mod one_way;
mod oracle;
mod postgres;
mod reload;
mod report;
mod restart;
mod shift_change;
mod stories;
mod tls;
mod trouble;
mod unusable;
mod users;
