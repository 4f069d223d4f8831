//! Genesys Cloud's side: presence, out of office and routing status, and what its users look like.

mod presence;
mod routing_status;
mod user;

pub use presence::{Definition, Definitions, OutOfOffice, Presence, SystemPresence};
pub use routing_status::RoutingStatus;
pub use user::{CloudUser, Observation, Seen, UserState};
