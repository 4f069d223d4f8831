//! What is asked of the board, and what it answers.

mod agents;
mod links;
mod mapping;
mod orders;
mod query;
mod users;
