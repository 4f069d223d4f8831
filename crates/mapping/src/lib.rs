//! Which presence a PureConnect status means, and why.
//!
//! Knows the vendor's table and the language of rules that it is written in, the operator's own rules being in the
//! same; what is worth a second look in a system's status messages under these rules; and what other rules would change.
//! Knows nothing of routing (beyond passing on what a rule prescribes) or of delivery, and of agents only who is in which
//! status.
//!
//! # The language
//!
//! ```toml
//! [[rule]]
//! name = "coaching"
//! when = [
//!     { message = ["Coaching", "Side by Side"] },
//!     { group = "Training", dnd = false },
//! ]
//! presence = "Meeting"
//! routing = "OFF_QUEUE"
//! ```
//!
//! The first rule that matches decides. One of the alternatives of `when` must hold; within it all conditions must:
//! `message`, `group`, `not_group` (a text or a list), and the tick boxes `acd`, `acw`, `dnd`. `when = "always"` matches
//! everything. `presence` is a system presence, `Out of Office`, or the label or id of one of the organisation's own
//! definitions. `routing` may be left out.
//!
//! A message is known by its id if the rules name that id, else by its text; the vendor's rows and the operator's own
//! rules decide that each for itself.

mod catalogue;
mod compile;
mod condition;
mod error;
mod explain;
mod landing;
mod lint;
mod meaning;
mod name;
mod preview;
mod reader;
mod rules;
mod saved;
mod shipped;
mod table;

pub use catalogue::default_catalogue;
pub use error::{RuleError, codes};
pub use explain::{Explanation, NearMiss, WhyNot};
pub use landing::{By, Landing};
pub use lint::{Finding, Kind, Silence, default_no_answer, lint};
pub use preview::{AgentMove, AgentPreview, Move, preview, preview_agents};
pub use rules::{Known, Mapped, Options, Precedence, Row, Rules, Source};
pub use saved::SavedCatalogue;
pub use shipped::{Difference, Property};
