//! What an administrator can have done for one agent: what Genesys Cloud shows is read back, and what differs is told again.
//!
//! It is the ordinary reading back, ahead of its time; a wait after failures ends with it. Who asked is in the journal.

use domain::ids::AgentId;
use domain::time::Now;

use super::record::Phase;
use super::{Engine, Fact};

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// The agent is read back next, and what differs is told.
    Begun,
    /// Nobody in scope has this id.
    NoSuchAgent,
    /// The agent has no cloud user.
    NoUser,
    /// Delivery is frozen: nothing is told to anybody.
    Frozen,
}

impl Engine {
    /// An administrator wants an agent read back and put right at once.
    pub fn handle_renewal(&mut self, now: Now, agent: &AgentId) -> Renewal {
        let Some(&place) = self.by_id.get(agent).filter(|&&place| self.agents[place].in_scope) else {
            return Renewal::NoSuchAgent;
        };
        if self.agents[place].user().is_none() {
            return Renewal::NoUser;
        }
        if self.guard.doubt().is_some() {
            return Renewal::Frozen;
        }
        self.outbox.note(now, Fact::Renewed { agent: agent.clone() });
        if matches!(self.agents[place].phase, Phase::Waiting { .. }) {
            self.agents[place].failures = 0;
            self.rest_ended(place);
        }
        self.plan_verify(place, now.instant);
        Renewal::Begun
    }
}
