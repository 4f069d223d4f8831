//! What goes next to Genesys Cloud: places in the lanes, and requests made out of them.
//!
//! What the engine does with the answers is `outcome`'s.

use std::collections::BTreeSet;

use domain::change::{Change, Facet, Value};
use domain::time::{Instant, Now};

use super::budget::Class;
use super::lanes::Waiting;
use super::record::{Phase, Place};
use super::{Engine, Flight, Order, Task, Work, lanes};

impl Engine {
    /// Puts an agent where it has to wait, by what is pending; takes it away where nothing is.
    pub(super) fn enqueue(&mut self, agent: usize) {
        self.leave_lane(agent);
        let Some(place) = self.next_place(agent) else { return };
        self.agents[agent].place = Some(place);
        self.lanes[place.lane].insert(agent, place);
    }

    /// Takes an agent out of the lane it waits in.
    pub(super) fn leave_lane(&mut self, agent: usize) {
        if let Some(place) = self.agents[agent].place.take() {
            self.lanes[place.lane].remove(agent, place);
        }
    }

    /// Presence before routing before out of office; a facet that is not supported holds up no other.
    fn next_place(&self, agent: usize) -> Option<Place> {
        let record = &self.agents[agent];
        let user = record.user()?;
        if !record.known || record.phase != Phase::Ready || self.claims.is_under_way(user) {
            return None;
        }
        let token = self.tokens.home(agent);
        let mut unsupported = None;
        for facet in Facet::ALL {
            let pending = &record.facet(facet).pending;
            let Some(first) = pending.front() else { continue };
            let mut lanes = self.lanes.iter().enumerate();
            let fits = |waiting: &Waiting| waiting.token == token && waiting.lane.takes(first.change.to);
            let Some((lane, waiting)) = lanes.find(|(_, waiting)| fits(waiting)) else { continue };
            let written = pending.iter().take_while(|pending| self.outbox.is_written(pending.recorded)).count();
            if written == 0 {
                return None;
            }
            let weight = if waiting.lane.keeps_history { written } else { 1 };
            let crossing = pending.iter().any(|pending| crosses_on_queue(&pending.change));
            let deadline = lanes::deadline(facet, crossing, first.since);
            let place = Place { lane, deadline, weight, crossing };
            if !waiting.is_unsupported() {
                return Some(place);
            }
            unsupported = unsupported.or(Some(place));
        }
        unsupported
    }

    /// The next request with changes, if one may go.
    pub(super) fn next_delivery(&mut self, now: Now) -> Option<Task> {
        if self.guard.doubt().is_some() {
            return None;
        }
        let calm = !self.lanes.iter().any(Waiting::is_full);
        let direct = self.is_direct();
        // Waiting for a slot is of no use where something of the same token would not.
        let hurries = |waiting: &&Waiting| waiting.is_full() && !waiting.is_unsupported();
        let hurried: BTreeSet<usize> = self.lanes.iter().filter(hurries).map(|waiting| waiting.token).collect();
        let lanes = self.lanes.iter().enumerate();
        let mut order: Vec<(Instant, usize)> =
            lanes.filter_map(|(lane, waiting)| Some((waiting.first(calm)?, lane))).collect();
        order.sort_unstable();
        for (_, lane) in order {
            let waiting = &mut self.lanes[lane];
            if let Some(until) = waiting.rests(now.instant) {
                self.wake_at(until);
                continue;
            }
            let (token, class) = (waiting.token, waiting.class(now.instant, direct));
            let full = self.stopping || hurried.contains(&token);
            if self.is_permitted(now, token, class, full) {
                return self.take_changes(now, lane, class);
            }
        }
        None
    }

    fn take_changes(&mut self, now: Now, lane: usize, class: Class) -> Option<Task> {
        let waiting = &self.lanes[lane];
        let (lane, token) = (waiting.lane, waiting.token);
        let halved = waiting.in_order().next().map(|agent| self.agents[agent].halved)?;
        let mut room = (waiting.batch() >> halved.min(16)).max(1);
        let mut parts = Vec::new();
        for agent in waiting.in_order().filter(|&agent| self.agents[agent].halved == halved) {
            let weight = self.agents[agent].place.map_or(0, |place| place.weight).min(room);
            if weight > 0 {
                parts.push((agent, weight));
                room -= weight;
            }
            if room == 0 {
                break;
            }
        }
        let mut orders = Vec::new();
        for &(agent, changes) in &parts {
            self.leave_lane(agent);
            self.agents[agent].phase = Phase::InFlight { facet: Some(lane.facet), changes };
            let user = self.agents[agent].user()?;
            for place in 0..changes {
                let pending = &mut self.agents[agent].facet_mut(lane.facet).pending[place];
                pending.attempts += 1;
                orders.push(Order { user, change: pending.change.clone() });
            }
        }
        self.counters.figures.filled(orders.len(), lane.batch);
        self.tokens.budget(token).spend(now.instant, class);
        let flight = Flight::Deliver { token, lane, class, parts, sent: now.utc };
        Some(self.hand_out(Work::Deliver(lane, orders), flight))
    }
}

/// Whether it puts an agent on queue, or takes one off.
pub(super) fn crosses_on_queue(change: &Change) -> bool {
    let on_queue = |value: Value| matches!(value, Value::Presence(presence) if presence.is_on_queue());
    match change.from {
        Some(from) => on_queue(from) != on_queue(change.to),
        None => on_queue(change.to),
    }
}
