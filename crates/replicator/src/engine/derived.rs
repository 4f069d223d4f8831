//! Routing status where Genesys Cloud cannot be told it: directly, only the end of NOT_RESPONDING can be written, and
//! the platform makes OFF_QUEUE and IDLE of the presence by itself.
//!
//! What can be neither written nor derived is journalled and counted, so that nothing is missing without a word.

use std::sync::Arc;

use domain::change::{Change, Facet, Value};
use domain::target::RoutingStatus;
use domain::time::Now;
use jiff::Timestamp;

use super::{Engine, Stage};
use crate::ports::Takes;

/// How the reason begins for which the journal says that such a routing status was dropped; the status follows.
pub const NOT_SUPPORTED: &str = "not supported by direct delivery";

impl Engine {
    /// Whether the platform makes the routing status of the presence.
    pub(super) fn derives_routing(&self) -> bool {
        let derives = |takes: Takes| takes == Takes::EndOfNotResponding;
        self.lanes.iter().any(|waiting| waiting.lane.facet == Facet::Routing && derives(waiting.lane.takes))
    }

    /// The routing status that the platform makes of the presence that the agent shall have.
    pub(super) fn derived(&self, place: usize) -> Option<RoutingStatus> {
        match self.agents[place].wanted[Facet::Presence as usize] {
            Some(Value::Presence(presence)) if presence.is_on_queue() => Some(RoutingStatus::Idle),
            Some(Value::Presence(_)) => Some(RoutingStatus::OffQueue),
            Some(Value::Routing(_) | Value::OutOfOffice(_)) | None => None,
        }
    }

    /// Wants a routing status that the platform derives, or cannot show.
    pub(super) fn want_derived(
        &mut self,
        now: Now,
        place: usize,
        status: RoutingStatus,
        happened: Timestamp,
        received: Timestamp,
        why: Arc<str>,
    ) {
        let before = self.agents[place].wanted[Facet::Routing as usize].replace(Value::Routing(status));
        if !self.agents[place].is_replicated() {
            self.agents[place].not_shown = None;
            return;
        }
        if self.derived(place) == Some(status) {
            self.agents[place].not_shown = None;
            self.end_not_responding(now, place, status, happened, received, why);
            return;
        }
        self.forget_pending_routing(now, place, "the routing status is another one by now");
        if self.agents[place].not_shown.replace(status) == Some(status) {
            return;
        }
        let (id, value) = (self.new_change_id(), Value::Routing(status));
        let happened = self.agents[place].facet_mut(Facet::Routing).next_time(happened);
        let in_status = self.agents[place].in_status.clone();
        let why = why.to_string();
        let change = Change { id, from: before, to: value, happened, seen: received, why, status: in_status };
        self.note(now, place, id, Stage::Recorded(change));
        self.note(now, place, id, Stage::Dropped { reason: format!("{NOT_SUPPORTED}: {status}") });
        self.counters.seen += 1;
        self.counters.not_supported += 1;
    }

    /// An agent who shall be idle is not left in NOT_RESPONDING; everything else follows from the presence.
    fn end_not_responding(
        &mut self,
        now: Now,
        place: usize,
        status: RoutingStatus,
        happened: Timestamp,
        received: Timestamp,
        why: Arc<str>,
    ) {
        let shown = self.agents[place].facet(Facet::Routing).target();
        let (not_responding, idle) = (Value::Routing(RoutingStatus::NotResponding), RoutingStatus::Idle);
        match status {
            RoutingStatus::Idle if shown == Some(not_responding) => {
                self.change(now, place, Value::Routing(idle), happened, received, why);
            }
            RoutingStatus::Idle => {}
            RoutingStatus::OffQueue
            | RoutingStatus::Interacting
            | RoutingStatus::Communicating
            | RoutingStatus::NotResponding => {
                self.forget_pending_routing(now, place, "the presence says it");
            }
        }
    }

    /// Whether this is shown although the agent shall be idle, and can be ended.
    pub(super) fn can_be_idle(&self, place: usize, shown: Value) -> bool {
        let idle = Some(Value::Routing(RoutingStatus::Idle));
        shown == Value::Routing(RoutingStatus::NotResponding)
            && self.agents[place].wanted[Facet::Routing as usize] == idle
    }

    fn forget_pending_routing(&mut self, now: Now, place: usize, reason: &str) {
        let keep = self.agents[place].under_way(Facet::Routing);
        let dropped = self.agents[place].facet_mut(Facet::Routing).pending.drain(keep..).collect();
        self.drop_changes(now, place, dropped, reason);
    }

    /// The platform took a presence, and made a routing status of it.
    pub(super) fn derive(&mut self, place: usize, presence: Value) {
        if let Value::Presence(presence) = presence
            && self.derives_routing()
        {
            let status = if presence.is_on_queue() { RoutingStatus::Idle } else { RoutingStatus::OffQueue };
            self.agents[place].facet_mut(Facet::Routing).told = Some(Value::Routing(status));
        }
    }

    /// Routing statuses that an earlier run, or an earlier connection, wanted to tell and that cannot be told now.
    pub(super) fn drop_untold(&mut self, now: Now, place: usize) {
        if !self.derives_routing() {
            return;
        }
        let keep = self.agents[place].under_way(Facet::Routing);
        let pending: Vec<_> = self.agents[place].facet_mut(Facet::Routing).pending.drain(keep..).collect();
        for pending in pending {
            self.counters.superseded += 1;
            let reason = match pending.change.to {
                Value::Routing(RoutingStatus::Idle | RoutingStatus::OffQueue) => "the presence says it".to_owned(),
                value => format!("{NOT_SUPPORTED}: {value}"),
            };
            self.note(now, place, pending.change.id, Stage::Dropped { reason });
        }
    }
}
