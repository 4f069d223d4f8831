//! The interactions that an agent is involved in, and which of them hold the agent back from going off queue.

use std::collections::BTreeMap;

use domain::ids::InteractionId;
use domain::source::{Interaction, Involvement};

/// How the agent is involved in one interaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part {
    connected: bool,
    acd: bool,
    /// The agent had it when leaving the queue.
    pending: bool,
}

/// Every interaction that alerts at the agent or is connected; what has ended is not in here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Involved(BTreeMap<InteractionId, Part>);

/// Which connections there are among some interactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Connections {
    /// None; something may be alerting.
    None,
    /// Only such as ACD did not route.
    Other,
    /// At least one that ACD routed.
    Acd,
}

impl Involved {
    /// Takes over the newest word on an interaction. One that is pending stays so as long as it lasts.
    pub(crate) fn observe(&mut self, interaction: &Interaction) {
        let connected = match interaction.involvement {
            Involvement::None => return self.remove(&interaction.id),
            Involvement::Alerting => false,
            Involvement::Connected => true,
        };
        let pending = self.0.get(&interaction.id).is_some_and(|part| part.pending);
        let acd = interaction.acd;
        let part = Part { connected, acd, pending };
        self.0.insert(interaction.id.clone(), part);
    }

    pub(crate) fn remove(&mut self, id: &InteractionId) {
        self.0.remove(id);
    }

    /// Takes over the whole list: what is not in it has left.
    pub(crate) fn replace(&mut self, interactions: &[Interaction]) {
        self.0.retain(|id, _| interactions.iter().any(|interaction| interaction.id == *id));
        for interaction in interactions {
            self.observe(interaction);
        }
    }

    /// All of them.
    pub(crate) fn list(&self) -> Vec<Interaction> {
        let interaction = |(id, part): (&InteractionId, &Part)| Interaction {
            id: id.clone(),
            involvement: if part.connected { Involvement::Connected } else { Involvement::Alerting },
            acd: part.acd,
            since: None,
        };
        self.0.iter().map(interaction).collect()
    }

    /// Whether the interaction alerts at the agent.
    pub(crate) fn is_alerting(&self, id: &InteractionId) -> bool {
        self.0.get(id).is_some_and(|part| !part.connected)
    }

    /// All that the agent has becomes pending.
    pub(crate) fn hold_all(&mut self) {
        for part in self.0.values_mut() {
            part.pending = true;
        }
    }

    /// What ACD routed becomes pending.
    pub(crate) fn hold_acd(&mut self) {
        for part in self.0.values_mut() {
            part.pending = part.acd;
        }
    }

    /// Nothing is pending any more.
    pub(crate) fn release_all(&mut self) {
        for part in self.0.values_mut() {
            part.pending = false;
        }
    }

    pub(crate) fn any_pending(&self) -> bool {
        self.0.values().any(|part| part.pending)
    }

    pub(crate) fn connections(&self) -> Connections {
        among(self.0.values())
    }

    pub(crate) fn pending_connections(&self) -> Connections {
        among(self.0.values().filter(|part| part.pending))
    }
}

fn among<'a>(parts: impl Iterator<Item = &'a Part>) -> Connections {
    let mut found = Connections::None;
    for part in parts.filter(|part| part.connected) {
        if part.acd {
            return Connections::Acd;
        }
        found = Connections::Other;
    }
    found
}
