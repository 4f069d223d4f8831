//! The adapter against a stub that follows the platform's reference.

#![allow(clippy::unwrap_used, reason = "everything here is a test, also what is called by one")]

mod broken;
mod certificates;
mod choice;
mod definitions;
mod deliver;
mod direct;
mod directory;
mod feed;
mod large;
mod observe;
mod permissions;
mod proxies;
mod secrets;
mod sources;
mod stub;
mod survey;
mod token;
mod tokens;
mod trouble;
mod users;
