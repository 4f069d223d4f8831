//! The source against a small ICWS server on a real socket, which follows the vendor's documentation and nothing else.

#![allow(clippy::unwrap_used, reason = "clippy sees a test in #[test] functions only, not in what they share")]

mod agents;
mod bridge;
mod lists;
mod logged;
mod logon;
mod loss;
mod rescope;
mod secrets;
mod slow;
mod stub;
mod survey;
mod switchover;
mod tls;
mod users;
