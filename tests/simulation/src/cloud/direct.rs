//! Direct writes: a presence for each of some users but not On Queue, On Queue for one, or the end of NOT_RESPONDING.
//!
//! One bad item spoils a request as a whole; a user whom the platform is still busy with does too.

use std::collections::BTreeSet;

use domain::change::{Facet, Value};
use domain::target::RoutingStatus;
use replicator::ports::{Failure, Order, Outcomes};

use super::Platform;
use super::platform::refused;
use crate::fault::Fault;

impl Platform {
    /// What becomes of each order, or why none is taken; what is taken has to be applied.
    pub(super) fn write(
        &mut self,
        now: u64,
        orders: Vec<Order>,
        trouble: Option<Fault>,
        apply: &mut Vec<Order>,
    ) -> Result<Outcomes, Failure> {
        self.check(&orders)?;
        let users: BTreeSet<usize> = orders.iter().filter_map(|order| self.organisation.find(order.user)).collect();
        let is_busy = |user: &usize| self.busy.get(user).is_some_and(|until| now < *until);
        if trouble == Some(Fault::Deferred) || users.iter().any(is_busy) {
            return Err(Failure::Deferred { reason: "409".to_owned() });
        }
        if self.busy_for > 0 {
            self.busy.extend(users.into_iter().map(|user| (user, now + self.busy_for)));
        }
        // Who is missing in the answer was not written.
        let left_out = (trouble == Some(Fault::Unmentioned)).then(|| self.dice.place(orders.len()));
        let mut outcomes = Vec::with_capacity(orders.len());
        for (place, order) in orders.into_iter().enumerate() {
            if left_out != Some(place) {
                outcomes.push((order.change.id, Ok(())));
                apply.push(order);
            }
        }
        Ok(outcomes)
    }

    /// Refuses the request as a whole where one item is not as it has to be.
    fn check(&self, orders: &[Order]) -> Result<(), Failure> {
        for order in orders {
            let Some(user) = self.organisation.find(order.user) else { return Err(refused("404")) };
            let on_queue = matches!(order.change.to, Value::Presence(presence) if presence.is_on_queue());
            if on_queue && orders.len() > 1 {
                return Err(refused("400 endpoint.does.not.support.on.queue"));
            }
            if on_queue && self.trouble.off_queue_only.contains(&user) {
                return Err(refused("403 presence.not.authorized.update.on.queue"));
            }
            if self.trouble.poison.contains_key(&user) {
                return Err(refused("400 invalid.value"));
            }
            if order.change.to.facet() == Facet::Routing {
                let shown = self.organisation.value(user, Facet::Routing);
                let ends = shown == Value::Routing(RoutingStatus::NotResponding);
                if !ends || order.change.to != Value::Routing(RoutingStatus::Idle) {
                    return Err(refused("400 general.bad.request"));
                }
            }
        }
        Ok(())
    }
}
