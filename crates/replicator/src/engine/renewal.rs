//! What an operator can have done for one agent: everything that Genesys Cloud shall show is read back and told anew.
//!
//! The reading back is the ordinary one, ahead of its time; what it finds is repaired as ever.

use domain::ids::AgentId;
use domain::time::Now;

use super::Engine;

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// It is read back next, and told what differs.
    Begun,
    /// Nobody in scope has this id.
    NoSuchAgent,
    /// The agent has no cloud user.
    NoUser,
    /// Delivery is frozen: nothing is told to anybody.
    Frozen,
}

impl Engine {
    /// The operator wants an agent read back and put right at once.
    pub fn handle_renewal(&mut self, now: Now, agent: &AgentId) -> Renewal {
        let _ = now;
        let Some(&place) = self.by_id.get(agent).filter(|&&place| self.agents[place].in_scope) else {
            return Renewal::NoSuchAgent;
        };
        if self.agents[place].user().is_none() {
            return Renewal::NoUser;
        }
        if self.guard.doubt().is_some() {
            return Renewal::Frozen;
        }
        Renewal::Begun
    }
}
