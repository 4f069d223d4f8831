//! The words of the control socket: what is asked and what is answered, a line of JSON each, with names that stay.
//!
//! What is shown of links and agents has the same words as in the API. Who reads them may be of another version: unknown
//! keys are skipped, and no key that is here may get another meaning.

pub use console::shown::*;
use serde::{Deserialize, Serialize};

/// What the bridge is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Command {
    /// What PureConnect shows is right; deliver it.
    Confirm,
    /// How the links stand.
    Report,
    /// How each agent in scope stands.
    Agents,
    /// PureConnect's status messages.
    Catalogue,
    /// Read the configuration again and apply what can be.
    Reload,
}

impl Command {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Confirm, Self::Report, Self::Agents, Self::Catalogue, Self::Reload];

    /// The name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Report => "report",
            Self::Agents => "agents",
            Self::Catalogue => "catalogue",
            Self::Reload => "reload",
        }
    }
}

/// A request: the one line that is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// What.
    pub command: Command,
    /// Of which link; needed only where several run and one is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Of `agents`, which of them; without it all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<Only>,
    /// Of `agents` with `only`, how many of each link at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<usize>,
}

impl Request {
    /// A request about one link or all.
    pub fn new(command: Command, link: Option<&str>) -> Self {
        Self { command, link: link.map(str::to_owned), only: None, at_most: None }
    }
}

/// Which agents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Only {
    /// Those with an error and those with changes on their way.
    NotInStep,
}

/// A line of an answer. The last one is [`Line::Complete`] or [`Line::Failed`]: an answer without either was cut off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Line {
    /// What follows is of this link.
    Link(Box<Link>),
    /// An agent.
    Agent(Box<Agent>),
    /// A status message.
    StatusMessage(StatusMessage),
    /// What came of a confirmation.
    Confirmation(Answer),
    /// What came of a reload.
    Reloaded(Reloaded),
    /// That was all.
    Complete {
        /// How many lines came before this one.
        lines: u64,
    },
    /// It was not done, or not to its end.
    Failed {
        /// Whose fault it is.
        kind: Fault,
        /// Why.
        error: String,
    },
}

/// Whose fault a failure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// The request is not understood, or names what there is not.
    Request,
    /// The bridge cannot answer at the moment.
    Unavailable,
}

/// What came of a confirmation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "kebab-case")]
pub enum Answer {
    /// Delivery is not frozen.
    NothingFrozen,
    /// Delivery was frozen by this doubt and goes on.
    Confirmed {
        /// What was doubted.
        doubt: String,
    },
    /// Delivery is frozen by this doubt and stays so.
    NotConfirmable {
        /// What is doubted.
        doubt: String,
        /// What ends it.
        advice: String,
    },
    /// The bridge did not do it.
    Failed {
        /// Why.
        error: String,
    },
}

/// What came of a reload.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Reloaded {
    /// Why nothing was changed, with places in files; `None` when the configuration was taken over.
    pub refused: Option<String>,
    /// What is in force now, in words.
    pub applied: Vec<String>,
    /// What differs in the file and stays as it was until the program is started again, in words.
    pub needs_restart: Vec<String>,
}
