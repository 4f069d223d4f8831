//! The program as its users run it: the real binary, both simulators, real sockets.

#![expect(clippy::unwrap_used, reason = "a test may end so")]

mod chaos;
mod check;
mod command_line;
mod configuration;
mod console;
mod console_wiring;
mod contract;
mod control;
mod corpus;
mod day;
mod direct;
mod export;
mod faults;
mod harness;
mod history;
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
mod service_manager;
mod shift_change;
mod stories;
mod tls;
mod top;
mod trouble;
mod unusable;
mod users;
