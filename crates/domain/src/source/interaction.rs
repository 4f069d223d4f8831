//! Interactions, and the one table that says what their state means for the agent.

use jiff::Timestamp;

use crate::ids::InteractionId;

/// What PureConnect calls the state of an interaction (`Eic_State`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InteractionState {
    /// `A`: ringing at the agent.
    Alerting,
    /// `C`: talking.
    Connected,
    /// `H`: on hold by the agent.
    Held,
    /// `M`: the other party is leaving a voice mail.
    Messaging,
    /// `O`: in the queue, not yet alerting.
    Offering,
    /// `P`: parked.
    Parked,
    /// `R`: dialled and waiting for an answer.
    Proceeding,
    /// `X`: suspended.
    Suspended,
    /// `S`: dialling, initialising, station audio.
    System,
    /// `I`: ended on our side.
    InternalDisconnect,
    /// `E`: ended by the other party.
    ExternalDisconnect,
    /// The empty text.
    None,
    /// A letter that the reference does not list.
    Other,
}

impl InteractionState {
    /// Reads the one-letter code of the attribute `Eic_State`.
    #[must_use]
    pub fn from_code(code: &str) -> Self {
        match code.trim() {
            "A" | "a" => Self::Alerting,
            "C" | "c" => Self::Connected,
            "H" | "h" => Self::Held,
            "M" | "m" => Self::Messaging,
            "O" | "o" => Self::Offering,
            "P" | "p" => Self::Parked,
            "R" | "r" => Self::Proceeding,
            "X" | "x" => Self::Suspended,
            "S" | "s" => Self::System,
            "I" | "i" => Self::InternalDisconnect,
            "E" | "e" => Self::ExternalDisconnect,
            "" => Self::None,
            _ => Self::Other,
        }
    }

    /// What the state means for the agent whose queue the interaction is on.
    #[must_use]
    pub fn involvement(self) -> Involvement {
        match self {
            Self::Alerting => Involvement::Alerting,
            Self::Connected | Self::Held => Involvement::Connected,
            Self::Messaging
            | Self::Offering
            | Self::Parked
            | Self::Proceeding
            | Self::Suspended
            | Self::System
            | Self::InternalDisconnect
            | Self::ExternalDisconnect
            | Self::None
            | Self::Other => Involvement::None,
        }
    }
}

/// How an agent is involved in an interaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Involvement {
    /// Not, or no longer.
    None,
    /// It rings at the agent.
    Alerting,
    /// The agent handles it, on hold or not.
    Connected,
}

/// One interaction on an agent's queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interaction {
    /// Which one.
    pub id: InteractionId,
    /// How the agent is involved.
    pub involvement: Involvement,
    /// Whether ACD routed it: inbound, and on behalf of a workgroup whose queue type is ACD.
    pub acd: bool,
    /// When the agent got involved in this way, corrected to our clock, where PureConnect says so. It counts whole
    /// seconds, and after a transfer it may be the first agent's time: good for what happened while nobody listened.
    pub since: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_alerting_connected_and_held_involve_the_agent() {
        let involved: Vec<_> = ["A", "C", "H", "M", "O", "P", "R", "X", "S", "I", "E", "", "?"]
            .into_iter()
            .filter(|code| InteractionState::from_code(code).involvement() != Involvement::None)
            .collect();
        assert_eq!(involved, ["A", "C", "H"]);
    }
}
