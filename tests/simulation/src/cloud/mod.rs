//! A model of Genesys Cloud: users, what each of them shows, and whose it is. As far as documented and observed: event
//! ids are idempotent, what is older than what is stored is ignored, out of office has no time at all.
//!
//! Knows nothing of the network or the rate limit (`platform`), nor of what was meant to be told.

mod answers;
mod platform;
mod quota;

use std::collections::{BTreeMap, BTreeSet};

use domain::change::{Change, Facet, Value};
use domain::ids::{ChangeId, CloudUserId};
use domain::target::{OutOfOffice, Presence, RoutingStatus, SystemPresence};
use jiff::Timestamp;

pub use answers::{Reply, Request};
pub use platform::Platform;
pub use quota::Limit;

/// Which of two events counts, where it is not the newer one by its own time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counting {
    /// What is older than what is stored is ignored.
    ByTime,
    /// The last one to arrive counts.
    ByArrival,
}

/// One facet of a user.
#[derive(Debug, Clone, Copy)]
struct Stored {
    value: Value,
    since: Option<Timestamp>,
    /// The place of our change in the order of recording, where it is ours.
    version: Option<u64>,
}

/// A user.
#[derive(Debug, Clone)]
pub struct User {
    email: String,
    /// Whether it can be used.
    pub active: bool,
    /// Whether our source is its primary one; `None` where it has chosen none.
    pub ours: Option<bool>,
    facets: [Stored; 3],
}

/// What was applied, for whoever keeps the books.
#[derive(Debug, Clone)]
pub struct Applied {
    /// Whose.
    pub user: usize,
    /// Which facet.
    pub facet: Facet,
    /// An older change of ours took the place of a newer one.
    pub regressed: bool,
}

/// The organisation.
#[derive(Debug)]
pub struct Organisation {
    /// Users by number; the first ones are our agents'.
    pub users: Vec<User>,
    /// Whether our source is everybody's default.
    pub ours: bool,
    counting: Counting,
    known: BTreeSet<ChangeId>,
    /// Changes that had their effect, in the order of arrival.
    pub accepted: BTreeMap<ChangeId, (usize, Change)>,
    external: BTreeMap<usize, usize>,
    page: usize,
}

/// The cloud user with a number.
#[must_use]
pub fn user_id(number: usize) -> CloudUserId {
    CloudUserId(uuid::Uuid::from_u128(number as u128 + 1))
}

/// The number of a cloud user.
#[must_use]
pub fn user_number(user: CloudUserId) -> usize {
    usize::try_from(user.0.as_u128() - 1).expect("the model numbers its users so")
}

impl Organisation {
    /// So many users; the first agents of `external` are found by their external ids only.
    #[must_use]
    pub fn new(users: usize, external: usize, page: usize, counting: Counting) -> Self {
        let stored = |value| Stored { value, since: None, version: None };
        let user = |number: usize| User {
            email: if number < external { String::new() } else { format!("agent{number}@example.com") },
            active: true,
            ours: None,
            facets: [
                stored(Value::Presence(Presence::of(SystemPresence::Offline))),
                stored(Value::Routing(RoutingStatus::OffQueue)),
                stored(Value::OutOfOffice(OutOfOffice::Off)),
            ],
        };
        Self {
            users: (0..users).map(user).collect(),
            ours: false,
            counting,
            known: BTreeSet::new(),
            accepted: BTreeMap::new(),
            external: (0..external).map(|number| (number, number)).collect(),
            page,
        }
    }

    /// Whether our source is a user's primary one.
    #[must_use]
    pub fn is_ours(&self, user: usize) -> bool {
        self.users[user].ours.unwrap_or(self.ours)
    }

    /// What a facet of a user is.
    #[must_use]
    pub fn value(&self, user: usize, facet: Facet) -> Value {
        self.users[user].facets[facet as usize].value
    }

    /// Applies a change of ours. An id that was seen before has no effect. Out of office is a plain write: whatever comes
    /// last counts, also when it comes twice.
    pub fn apply(&mut self, user: usize, change: &Change, version: u64) -> Option<Applied> {
        let facet = change.to.facet();
        let is_new = self.known.insert(change.id);
        if is_new {
            self.accepted.insert(change.id, (user, change.clone()));
        }
        let stored = &mut self.users[user].facets[facet as usize];
        let plain = facet == Facet::OutOfOffice;
        let counts = plain
            || (is_new
                && match self.counting {
                    Counting::ByTime => stored.since.is_none_or(|since| since < change.happened),
                    Counting::ByArrival => true,
                });
        if !counts {
            return None;
        }
        let regressed = stored.version.is_some_and(|before| version < before) && stored.value != change.to;
        let since = (!plain).then_some(change.happened);
        *stored = Stored { value: change.to, since, version: Some(version) };
        Some(Applied { user, facet, regressed })
    }

    /// Somebody else writes.
    pub fn write(&mut self, user: usize, value: Value, at: Timestamp) {
        let since = (value.facet() != Facet::OutOfOffice).then_some(at);
        self.users[user].facets[value.facet() as usize] = Stored { value, since, version: None };
    }
}
