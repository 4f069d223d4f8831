//! Genesys Cloud's side: presence, out of office and routing status, and what its users look like.

mod presence;
mod routing_status;
mod user;

pub use presence::{Definition, Definitions, OutOfOffice, Presence, SystemPresence};
pub use routing_status::RoutingStatus;
pub use user::{CloudUser, Observation, Seen, UserState};

/// What the platform's spellings of one word have in common: `OnQueue`, `On Queue` and `ON_QUEUE`.
fn spelling_key(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '_').flat_map(char::to_lowercase).collect()
}
