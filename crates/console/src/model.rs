//! What the pages and the API show of the board, in the words of [`shown`](crate::shown).
//!
//! Knows how to search, count, sort and page, and what to ask a link for. Has no state: everything is worked out of a picture.

mod agents;
mod choice;
mod links;
mod mapping;
mod order;
mod orders;
mod query;
#[cfg(test)]
mod tests;
mod users;

pub use agents::{agent, agents};
pub use links::{delays, lately, link, links};
pub use mapping::{mapping, try_mapping};
pub use orders::{Unavailable, confirm, renew};
pub use query::{
    AgentQuery, PresenceChoice, RoutingChoice, Sort, SortBy, UnknownName, UserQuery, UserSet, WorkgroupName,
};
pub use users::{USER_COLUMNS, user_rows, users};
