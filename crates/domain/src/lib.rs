//! The words of Presence Bridge: what PureConnect says ([`source`]), what Genesys Cloud is to be told ([`target`]),
//! the changes between the two ([`change`]), and when the two may differ ([`trust`]).
//!
//! Plain values only. Nothing here reads a clock, talks to a server, logs or decides: deciding is the business of
//! `mapping`, `routing` and `replicator`.

pub mod change;
pub mod ids;
pub mod source;
pub mod target;
pub mod time;
pub mod trust;
