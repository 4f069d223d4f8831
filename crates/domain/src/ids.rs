//! Names of things, each with its own type, so that an agent can never be passed where a cloud user is meant.
//!
//! PureConnect's own ids are case-insensitive (a status is seen as `Do Not disturb` and as `Do Not Disturb`); the types
//! for them compare without case and keep the spelling for display. Genesys Cloud's ids are UUIDs.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

use thiserror::Error;
use uuid::Uuid;

/// Text that compares without case and remembers how it was written.
#[derive(Clone)]
struct Caseless {
    written: Arc<str>,
    /// Lower-cased; shares the allocation with `written` where that is lower-case already.
    key: Arc<str>,
}

impl Caseless {
    fn new(text: &str) -> Self {
        let written: Arc<str> = Arc::from(text);
        let lower = text.to_lowercase();
        let key = if lower == text { Arc::clone(&written) } else { Arc::from(lower) };
        Self { written, key }
    }
}

/// A case-insensitive id of PureConnect.
macro_rules! caseless_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(Caseless);

        impl $name {
            /// Takes the id as the server wrote it.
            #[must_use]
            pub fn new(text: &str) -> Self {
                Self(Caseless::new(text))
            }

            /// The id as the server wrote it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0.written
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.0.key == other.0.key
            }
        }

        impl Eq for $name {}

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> Ordering {
                self.0.key.cmp(&other.0.key)
            }
        }

        impl Hash for $name {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.0.key.hash(state);
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(self.as_str(), f)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }
    };
}

caseless_id! {
    /// An agent: a PureConnect user, by user id (the logon name).
    AgentId
}
caseless_id! {
    /// A status message, by its unlocalised message name, such as `AcdAgentNotAnswering`.
    StatusId
}
caseless_id! {
    /// A workgroup, by name.
    WorkgroupId
}
caseless_id! {
    /// An interaction (call, chat, e-mail, callback …) in PureConnect.
    InteractionId
}

/// A text that should have been a UUID.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("\"{0}\" is not a UUID")]
pub struct NotAUuid(pub String);

/// A UUID of Genesys Cloud, or one that we hand to it.
macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = NotAUuid;

            fn from_str(text: &str) -> Result<Self, NotAUuid> {
                Uuid::try_parse(text).map(Self).map_err(|_| NotAUuid(text.to_owned()))
            }
        }
    };
}

uuid_id! {
    /// A user of the Genesys Cloud organisation.
    CloudUserId
}
uuid_id! {
    /// A presence definition of the organisation.
    DefinitionId
}
uuid_id! {
    /// A registered presence source of the organisation.
    SourceId
}
uuid_id! {
    /// A change of ours; Genesys Cloud sees it as the event id.
    ChangeId
}
uuid_id! {
    /// An interval in which the feed is not to be relied on.
    GapId
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeSet, HashSet};

    #[test]
    fn pureconnect_ids_compare_without_case_and_keep_their_spelling() {
        let captured = StatusId::new("Do Not disturb");
        let documented = StatusId::new("Do Not Disturb");
        assert_eq!(captured, documented);
        assert_eq!(captured.to_string(), "Do Not disturb");
        assert_eq!(HashSet::from([captured.clone(), documented.clone()]).len(), 1);
        assert_eq!(BTreeSet::from([captured, documented]).len(), 1);
    }

    #[test]
    fn a_text_that_is_no_uuid_is_named_in_the_error() {
        assert_eq!("joe".parse::<CloudUserId>().unwrap_err().to_string(), "\"joe\" is not a UUID");
    }
}
