//! What stands between a request and the organisation: the rate limit, and everything that a platform can have.
//!
//! Knows requests that have arrived. What happens to them on their way is the network's, in `world`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::change::Facet;
use replicator::ports::{Answer, Failure, Lane, Order, Outcomes, Quota};

use super::{Limit, Organisation, Reply, Request, user_number};
use crate::dice::Dice;
use crate::fault::Fault;
use crate::plan::{Delivery, Plan};

/// Trouble of the platform at the moment.
#[derive(Debug, Clone, Default)]
pub struct Trouble {
    /// Until when each kind that lasts does so.
    until: BTreeMap<Fault, u64>,
    /// What happens to the next requests with changes, once each.
    pub once: Vec<Fault>,
    /// Users whose changes are refused; `true` refuses the whole request.
    pub poison: BTreeMap<usize, bool>,
    /// Users who were ever poison.
    pub ever_poison: BTreeSet<usize>,
    /// Users who may not be put on queue, where presences are written directly.
    pub off_queue_only: BTreeSet<usize>,
    /// Until when each token is refused.
    pub revoked: BTreeMap<usize, u64>,
    /// Until when each token is over its limit.
    pub closed: BTreeMap<usize, u64>,
}

impl Trouble {
    /// A kind of trouble begins, or lasts longer.
    pub fn begin(&mut self, fault: Fault, until: u64) {
        let lasts = self.until.entry(fault).or_default();
        *lasts = until.max(*lasts);
    }

    /// Whether it lasts.
    #[must_use]
    pub fn has(&self, fault: Fault, now: u64) -> bool {
        self.until.get(&fault).is_some_and(|until| now < *until)
    }

    /// All of it is over.
    pub fn heal(&mut self) {
        self.until.clear();
        self.once.clear();
        self.poison.clear();
        self.off_queue_only.clear();
        self.revoked.clear();
        self.closed.clear();
    }
}

/// The platform.
#[derive(Debug)]
pub struct Platform {
    /// What is behind it.
    pub organisation: Organisation,
    /// Its rate limit, of each token.
    pub limits: Vec<Limit>,
    /// Its trouble.
    pub trouble: Trouble,
    pub(super) dice: Dice,
    delivery: Delivery,
    /// For how long it is busy with a user after a direct write.
    pub(super) busy_for: u64,
    /// Until when it is busy with each user.
    pub(super) busy: BTreeMap<usize, u64>,
}

/// What came of a request.
#[derive(Debug)]
pub struct Taken {
    /// What is answered.
    pub reply: Reply,
    /// What has to be applied.
    pub apply: Vec<Order>,
}

/// The most changes of a request while batches are too large.
const SMALL: usize = 3;

impl Platform {
    /// A platform without trouble.
    #[must_use]
    pub fn new(plan: &Plan, organisation: Organisation, limits: Vec<Limit>) -> Self {
        Self {
            organisation,
            limits,
            trouble: Trouble::default(),
            dice: Dice::of(plan.seed, "platform"),
            delivery: plan.delivery,
            busy_for: plan.busy,
            busy: BTreeMap::new(),
        }
    }

    /// A request arrives with a token.
    pub fn arrive(&mut self, now: u64, token: usize, request: Request) -> Taken {
        let mut apply = Vec::new();
        let gate = self.gate(now, token);
        let reply = match request {
            Request::Deliver(lane, orders) => {
                Reply::Delivered(answer(gate, |_| self.deliver(now, lane, orders, &mut apply)))
            }
            Request::Observe(users) => Reply::Observed(answer(gate, |_| Ok(self.organisation.observe_all(&users)))),
            Request::Users(page) => Reply::Users(answer(gate, |_| Ok(self.organisation.page(page)))),
            Request::External(agent) => {
                let agent = crate::pureconnect::number(&agent);
                Reply::External(answer(gate, |_| Ok(self.organisation.find_external(agent))))
            }
            Request::Claim(scope) => Reply::Claimed(answer(gate, |_| self.organisation.claim(scope))),
            Request::Release(user) => Reply::Released(answer(gate, |_| self.organisation.release(user))),
            Request::Subscribe(..) => Reply::Subscribed(answer(gate, |_| Ok(()))),
        };
        Taken { reply, apply }
    }

    /// What every request has to pass.
    fn gate(&mut self, now: u64, token: usize) -> (Result<(), Failure>, Option<Quota>) {
        if self.trouble.has(Fault::Outage, now) {
            return (Err(unavailable("503")), None);
        }
        if self.trouble.has(Fault::Unauthorized, now) {
            return (Err(Failure::Unauthorized { reason: "401".to_owned() }), None);
        }
        if self.trouble.revoked.get(&token).is_some_and(|until| now < *until) {
            return (Err(Failure::Unauthorized { reason: "401 of this token".to_owned() }), None);
        }
        let quota = match self.limits[token].arrive(now) {
            Ok(quota) => quota,
            Err(reset) => return (Err(Failure::Throttled { retry_after: Some(reset) }), None),
        };
        if let Some(until) = self.trouble.closed.get(&token).filter(|until| now < **until) {
            let wait = Duration::from_secs((until - now).div_ceil(1_000));
            return (Err(Failure::Throttled { retry_after: Some(wait) }), Some(quota));
        }
        if self.trouble.has(Fault::Throttled, now) {
            let wait = Duration::from_secs(self.dice.between(1..30));
            return (Err(Failure::Throttled { retry_after: Some(wait) }), Some(quota));
        }
        if self.trouble.has(Fault::ThrottledSilently, now) {
            return (Err(Failure::Throttled { retry_after: None }), None);
        }
        (Ok(()), Some(quota))
    }

    fn deliver(
        &mut self,
        now: u64,
        lane: Lane,
        orders: Vec<Order>,
        apply: &mut Vec<Order>,
    ) -> Result<Outcomes, Failure> {
        if lane.facet == Facet::OutOfOffice && self.trouble.has(Fault::NoOutOfOffice, now) {
            return Err(Failure::Unsupported { reason: "403 missing.any.permissions".to_owned() });
        }
        if self.trouble.has(Fault::TooLarge, now) && orders.len() > SMALL {
            return Err(refused("413"));
        }
        if orders.iter().any(|order| self.trouble.poison.get(&user_number(order.user)) == Some(&true)) {
            return Err(refused("400 bad.request"));
        }
        let trouble = self.trouble.once.pop();
        if self.delivery == Delivery::Direct && lane.facet != Facet::OutOfOffice {
            let outcomes = self.write(now, orders, trouble, apply)?;
            return if trouble == Some(Fault::ErrorAfterApplying) { Err(unavailable("500")) } else { Ok(outcomes) };
        }
        let chosen = self.dice.place(orders.len());
        let mut outcomes = Vec::with_capacity(orders.len());
        for (place, order) in orders.into_iter().enumerate() {
            let user = user_number(order.user);
            let id = order.change.id;
            if self.organisation.find(order.user).is_none() {
                outcomes.push((id, Err(refused("404"))));
            } else if self.trouble.poison.contains_key(&user) {
                outcomes.push((id, Err(refused("400 invalid.value"))));
            } else if trouble == Some(Fault::Deferred) && place == chosen {
                outcomes.push((id, Err(Failure::Deferred { reason: "409".to_owned() })));
            } else {
                if trouble != Some(Fault::Unmentioned) || place != chosen {
                    outcomes.push((id, Ok(())));
                }
                apply.push(order);
            }
        }
        if trouble == Some(Fault::ErrorAfterApplying) { Err(unavailable("500")) } else { Ok(outcomes) }
    }
}

fn answer<T>(
    (gate, quota): (Result<(), Failure>, Option<Quota>),
    act: impl FnOnce(()) -> Result<T, Failure>,
) -> Answer<T> {
    Answer { result: gate.and_then(act), quota, requests: 1, correlation: None }
}

fn unavailable(reason: &str) -> Failure {
    Failure::Unavailable { reason: reason.to_owned(), maybe_applied: true }
}

pub(super) fn refused(reason: &str) -> Failure {
    Failure::Refused { reason: reason.to_owned() }
}
