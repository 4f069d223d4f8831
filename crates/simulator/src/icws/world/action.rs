//! What can happen in PureConnect by itself: people at their desks, callers, and the administrator.
//!
//! The vocabulary only; `World` carries it out.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::interaction::{By, Interaction};
use super::rights::Right;
use super::user::Until;
use crate::icws::catalogue::StatusMessage;

/// Something that happens. In JSON the tag is `act`: `{"act":"status","user":"ada","status":"At Lunch"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Action {
    /// A user's status changes.
    Status {
        /// Who.
        user: String,
        /// To this status id, without case.
        status: String,
        /// The user's notes, empty to have none.
        #[serde(default)]
        notes: String,
        /// The number to forward to, empty to have none.
        #[serde(default, rename = "forwardNumber")]
        forward_number: String,
        /// Until when it lasts.
        #[serde(default)]
        until: Option<Until>,
        /// Also if no status message has this id.
        #[serde(default)]
        unlisted: bool,
    },
    /// A user logs on at a desk.
    LogOn {
        /// Who.
        user: String,
    },
    /// A user logs off at the desk.
    LogOff {
        /// Who.
        user: String,
    },
    /// An interaction comes into its workgroup's queue and waits for an agent (`O`).
    Offer {
        /// The interaction, with a workgroup.
        interaction: Interaction,
    },
    /// An interaction rings at a user (`A`): a new one, or one that waits.
    Alert {
        /// At whom.
        user: String,
        /// The interaction.
        interaction: Interaction,
    },
    /// A user dials (`R`).
    Dial {
        /// Who.
        user: String,
        /// The interaction.
        interaction: Interaction,
    },
    /// It is answered (`C`), by the agent it rings at or by whom the agent dialled.
    Answer {
        /// Which interaction.
        id: String,
    },
    /// The agent puts it on hold (`H`).
    Hold {
        /// Which interaction.
        id: String,
    },
    /// The agent takes it back (`C`).
    Resume {
        /// Which interaction.
        id: String,
    },
    /// It ends (`I` or `E`) and stays on the queues until it is removed.
    Disconnect {
        /// Which interaction.
        id: String,
        /// Who hung up.
        by: By,
    },
    /// It leaves the agent and rings at another.
    Transfer {
        /// Which interaction.
        id: String,
        /// The other.
        to: String,
    },
    /// It leaves the agent, who declined or did not answer, and waits in its workgroup again; one that has no
    /// workgroup is gone.
    Leave {
        /// Which interaction.
        id: String,
    },
    /// It disappears from all queues.
    Remove {
        /// Which interaction.
        id: String,
    },
    /// The administrator creates a user.
    AddUser {
        /// The user id.
        user: String,
        /// The name.
        #[serde(rename = "displayName")]
        display_name: String,
        /// The business e-mail.
        #[serde(default)]
        email: Option<String>,
        /// The workgroups.
        #[serde(default)]
        workgroups: Vec<String>,
    },
    /// The administrator deletes a user.
    RemoveUser {
        /// Who.
        user: String,
    },
    /// The administrator changes a business e-mail.
    ChangeEmail {
        /// Whose.
        user: String,
        /// The new one.
        #[serde(default)]
        email: Option<String>,
    },
    /// The administrator creates a status message, or changes its text, group or tick boxes.
    StatusMessage {
        /// As it is from now on.
        message: StatusMessage,
    },
    /// The administrator deletes a status message. Users stay in it.
    RemoveStatusMessage {
        /// Which.
        status: String,
    },
    /// A user is activated in a workgroup or deactivated.
    Activate {
        /// Who.
        user: String,
        /// Where.
        workgroup: String,
        /// Which of the two.
        active: bool,
    },
    /// The administrator makes a user a member of a workgroup, or takes that back.
    Membership {
        /// Who.
        user: String,
        /// Where.
        workgroup: String,
        /// Which of the two.
        member: bool,
    },
    /// The administrator withholds exactly these rights from whoever logs on; subscriptions that there are stay.
    Rights {
        /// Which.
        withheld: BTreeSet<Right>,
    },
    /// The licence for Genesys Cloud's workforce engagement is bought, or ends.
    WorkforceLicence {
        /// Which of the two.
        present: bool,
    },
    /// The server is another release from now on.
    Release {
        /// Such as 20 for 2020.
        year: u32,
        /// Such as 3 for R3.
        number: u32,
    },
}

impl Action {
    /// A plain change of status, without notes or a time.
    #[must_use]
    pub fn status(user: &str, status: &str) -> Self {
        Self::Status {
            user: user.to_owned(),
            status: status.to_owned(),
            notes: String::new(),
            forward_number: String::new(),
            until: None,
            unlisted: false,
        }
    }
}

/// Why something cannot happen.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ActError {
    /// No such user.
    #[error("there is no user \"{0}\"")]
    UnknownUser(String),
    /// No such status message.
    #[error("there is no status message \"{0}\"")]
    UnknownStatus(String),
    /// No such workgroup.
    #[error("there is no workgroup \"{0}\"")]
    UnknownWorkgroup(String),
    /// No such interaction.
    #[error("there is no interaction \"{0}\"")]
    UnknownInteraction(String),
    /// It is there already.
    #[error("\"{0}\" is there already")]
    AlreadyThere(String),
    /// An interaction is in a state in which this cannot happen to it.
    #[error("interaction \"{id}\" is in state {state}")]
    WrongState {
        /// Which interaction.
        id: String,
        /// `Eic_State`.
        state: &'static str,
    },
    /// The server has been stopped.
    #[error("the server has been stopped")]
    Stopped,
}
