//! What the presence service says to whoever writes a user's presence directly: whom it knows, who may go on queue, and
//! with whom it is still busy.
//!
//! The vendor documents the refusals and not when they come; the control API decides.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use uuid::Uuid;

use super::refusal::Refusal;
use super::state::State;

/// The service's own view of the users.
#[derive(Default)]
pub(super) struct Direct {
    /// Users whose presence is being set by a request that is held.
    pub updating: BTreeSet<Uuid>,
    /// How long the service is busy with a user after a write, on the simulated clock.
    pub busy_for: Duration,
    /// Until when it is busy with a user, on the simulated clock.
    busy: BTreeMap<Uuid, Duration>,
    /// Users whom it does not know although the directory does, such as those of another division.
    pub hidden: BTreeSet<Uuid>,
    /// Users who may not be put on queue.
    pub off_queue_only: BTreeSet<Uuid>,
    /// Whether a bulk request leaves a user whom it does not know out of its answer, instead of refusing all of it.
    pub leaves_strangers_out: bool,
}

impl Direct {
    /// Whether a write of this user would overlap another one.
    fn is_busy(&self, user: Uuid, now: Duration) -> bool {
        self.updating.contains(&user) || self.busy.get(&user).is_some_and(|until| now < *until)
    }

    /// A user's presence was written.
    pub fn wrote(&mut self, user: Uuid, now: Duration) {
        if !self.busy_for.is_zero() {
            self.busy.retain(|_, until| now < *until);
            self.busy.insert(user, now + self.busy_for);
        }
    }
}

impl State {
    /// Whether the presence service knows a user.
    pub(super) fn has_presence(&self, user: Uuid) -> bool {
        self.user(user).is_some() && !self.direct.hidden.contains(&user)
    }

    /// Refuses a write that would overlap another one of the same user.
    pub(super) fn refuse_overlap(&self, user: Uuid, refusal: fn() -> Refusal) -> Result<(), Refusal> {
        if self.direct.is_busy(user, self.clock.elapsed()) { Err(refusal()) } else { Ok(()) }
    }

    /// Refuses to put a user on queue who may not be there.
    pub(super) fn refuse_on_queue(&self, user: Uuid, on_queue: bool) -> Result<(), Refusal> {
        if !on_queue || !self.direct.off_queue_only.contains(&user) {
            return Ok(());
        }
        let message = "You are not authorized to update the presence to ON_QUEUE for this user";
        Err(Refusal::new(403, "presence.not.authorized.update.on.queue", message))
    }
}
