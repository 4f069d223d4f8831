//! The simulated Genesys Cloud as its clients see it: one story each, over real sockets.

mod clients;
mod connections;
mod contract;
mod definitions;
mod direct;
mod directory;
mod events;
mod faults;
mod limits;
mod login;
mod named;
mod notifications;
mod presences;
mod reports;
mod sources;
mod support;
mod topics;
mod users;
