//! The simulated Genesys Cloud as its clients see it: one story each, over real sockets.

mod connections;
mod contract;
mod definitions;
mod directory;
mod events;
mod faults;
mod limits;
mod login;
mod notifications;
mod presences;
mod reports;
mod sources;
mod support;
mod topics;
mod users;
