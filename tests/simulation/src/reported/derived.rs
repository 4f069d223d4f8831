//! Routing statuses where presences are written directly: which of them the platform makes of the presence by itself, and
//! which cannot be told.

use domain::change::{Facet, Value};
use domain::target::RoutingStatus;
use jiff::Timestamp;

use super::{Reported, Wanted};

impl Reported {
    /// A routing status is wanted.
    pub(super) fn want_routing(&mut self, who: usize, status: RoutingStatus, happened: Option<Timestamp>) {
        let value = Value::Routing(status);
        if !self.direct {
            self.want(who, value, happened);
            return;
        }
        let derived = self.derived(who);
        let person = &mut self.people[who];
        person.wanted[Facet::Routing as usize] = Some(value);
        let not_shown = (derived != Some(status)).then_some(status);
        let before = std::mem::replace(&mut person.not_shown, not_shown);
        if !person.in_scope {
            return;
        }
        let fresh = std::mem::take(&mut person.fresh[Facet::Routing as usize]);
        if not_shown.is_some() && not_shown != before {
            self.untold.push(Wanted { who, value, happened, news: !fresh });
        }
    }

    /// The routing status that the platform makes of the presence that an agent shall have.
    fn derived(&self, who: usize) -> Option<RoutingStatus> {
        match self.wanted(who, Facet::Presence) {
            Some(Value::Presence(presence)) if presence.is_on_queue() => Some(RoutingStatus::Idle),
            Some(Value::Presence(_)) => Some(RoutingStatus::OffQueue),
            Some(Value::Routing(_) | Value::OutOfOffice(_)) | None => None,
        }
    }

    /// The routing status of an agent that cannot be told at the moment.
    #[must_use]
    pub fn not_shown(&self, who: usize) -> Option<RoutingStatus> {
        self.people[who].not_shown
    }

    /// Routing statuses that cannot be told, since the last time.
    pub fn untold(&mut self) -> Vec<Wanted> {
        std::mem::take(&mut self.untold)
    }
}
