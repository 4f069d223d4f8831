//! A model of Genesys Cloud: users, what each of them shows, and whose it is. As far as documented and observed: event
//! ids are idempotent, what is older than what is stored is ignored, out of office has no time at all. Written directly,
//! the last write counts, with the time of its arrival.
//!
//! Knows nothing of the network or the rate limit (`platform`), nor of what was meant to be told.

mod answers;
mod direct;
mod platform;
mod quota;

use std::collections::{BTreeMap, BTreeSet};

use domain::change::{Change, Facet, Value};
use domain::ids::{ChangeId, CloudUserId};
use domain::target::{OutOfOffice, Presence, RoutingStatus, SystemPresence};
use jiff::Timestamp;
use replicator::ports::Order;

use crate::plan::Delivery;

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

/// Whose presence of a user is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Primary {
    /// The organisation's default source's.
    Default,
    /// Ours.
    Ours,
    /// Another source's, which took the user.
    Taken,
    /// The platform's own, since we gave the user back.
    GivenBack,
}

/// A user.
#[derive(Debug, Clone)]
pub struct User {
    email: String,
    /// How often it was deleted and made anew, each time with another id.
    born: usize,
    /// Whether it can be used.
    pub active: bool,
    /// Its primary source.
    pub primary: Primary,
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
    delivery: Delivery,
    counting: Counting,
    known: BTreeSet<ChangeId>,
    /// Changes that had their effect, in the order of arrival.
    pub accepted: BTreeMap<ChangeId, (usize, Change)>,
    external: BTreeMap<usize, usize>,
    page: usize,
}

/// More users than there are, to tell those who were made anew from each other.
const BIRTHS: usize = 1_000;

/// The number of a cloud user; whoever was made anew keeps it.
#[must_use]
pub fn user_number(user: CloudUserId) -> usize {
    numbers(user).0
}

/// The number of a cloud user, and how often it was made anew.
fn numbers(user: CloudUserId) -> (usize, usize) {
    let number = usize::try_from(user.0.as_u128() - 1).expect("the model numbers its users so");
    (number % BIRTHS, number / BIRTHS)
}

impl User {
    /// One who has never done anything.
    fn new(email: String) -> Self {
        let stored = |value| Stored { value, since: None, version: None };
        let facets = [
            stored(Value::Presence(Presence::of(SystemPresence::Offline))),
            stored(Value::Routing(RoutingStatus::OffQueue)),
            stored(Value::OutOfOffice(OutOfOffice::Off)),
        ];
        Self { email, born: 0, active: true, primary: Primary::Default, facets }
    }
}

impl Organisation {
    /// So many users; the first agents of `external` are found by their external ids only.
    #[must_use]
    pub fn new(users: usize, external: usize, page: usize, counting: Counting, delivery: Delivery) -> Self {
        let user = |number: usize| {
            User::new(if number < external { String::new() } else { format!("agent{number}@example.com") })
        };
        Self {
            users: (0..users).map(user).collect(),
            // Written directly, the source is the platform's own, which is everybody's default.
            ours: delivery == Delivery::Direct,
            delivery,
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
        match self.users[user].primary {
            Primary::Default => self.ours,
            Primary::Ours => true,
            Primary::Taken | Primary::GivenBack => false,
        }
    }

    /// What a facet of a user is.
    #[must_use]
    pub fn value(&self, user: usize, facet: Facet) -> Value {
        self.users[user].facets[facet as usize].value
    }

    /// The id of a user, as it is now.
    #[must_use]
    pub fn id(&self, user: usize) -> CloudUserId {
        CloudUserId(uuid::Uuid::from_u128((self.users[user].born * BIRTHS + user) as u128 + 1))
    }

    /// The user of this id, unless it is gone or was made anew since.
    #[must_use]
    pub fn find(&self, id: CloudUserId) -> Option<usize> {
        let (number, born) = numbers(id);
        self.users.get(number).filter(|user| user.active && user.born == born).map(|_| number)
    }

    /// Whether a user was made anew since it had this id.
    fn is_former(&self, id: CloudUserId) -> bool {
        let (number, born) = numbers(id);
        self.users[number].born != born
    }

    /// A user is deleted, and made anew.
    pub fn bear_again(&mut self, user: usize) {
        let before = &self.users[user];
        let born = before.born + 1;
        self.users[user] = User { born, active: before.active, ..User::new(before.email.clone()) };
    }

    /// Applies a change of ours that arrives now. An event's id that was seen before has no effect. Out of office, and
    /// whatever is written directly, is a plain write: whatever comes last counts, also when it comes twice.
    pub fn apply(&mut self, order: &Order, version: u64, now: Timestamp) -> Option<Applied> {
        let (user, change) = (user_number(order.user), &order.change);
        let facet = change.to.facet();
        let direct = self.delivery == Delivery::Direct;
        let is_new = self.known.insert(change.id);
        if is_new {
            self.accepted.insert(change.id, (user, change.clone()));
        }
        if self.is_former(order.user) {
            return None;
        }
        let stored = &mut self.users[user].facets[facet as usize];
        let plain = direct || facet == Facet::OutOfOffice;
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
        let since = if direct { Some(now) } else { Some(change.happened) };
        let since = since.filter(|_| facet != Facet::OutOfOffice);
        *stored = Stored { value: change.to, since, version: Some(version) };
        if direct {
            self.derive(user, change.to, now);
        }
        Some(Applied { user, facet, regressed })
    }

    /// Somebody else writes.
    pub fn write(&mut self, user: usize, value: Value, at: Timestamp) {
        let since = (value.facet() != Facet::OutOfOffice).then_some(at);
        self.users[user].facets[value.facet() as usize] = Stored { value, since, version: None };
        if self.delivery == Delivery::Direct {
            self.derive(user, value, at);
        }
    }

    /// The platform makes a routing status of its own presence: onto the queue, idle; off it, off queue.
    fn derive(&mut self, user: usize, presence: Value, at: Timestamp) {
        let Value::Presence(presence) = presence else { return };
        let routing = &mut self.users[user].facets[Facet::Routing as usize];
        let off_queue = Value::Routing(RoutingStatus::OffQueue);
        if presence.is_on_queue() == (routing.value == off_queue) {
            let value = if presence.is_on_queue() { Value::Routing(RoutingStatus::Idle) } else { off_queue };
            *routing = Stored { value, since: Some(at), version: None };
        }
    }
}
