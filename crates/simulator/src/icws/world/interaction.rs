//! Interactions: their states, the queues they are on, and their attributes by name.

use std::collections::BTreeMap;

use domain::ids::{AgentId, InteractionId, WorkgroupId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::user::compact;

/// Who began an interaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// The other party.
    Inbound,
    /// The agent.
    Outbound,
}

/// What an interaction is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Media {
    /// A call from or to the outside.
    Call,
    /// A call between two users.
    Intercom,
    /// A chat.
    Chat,
    /// An e-mail.
    Email,
    /// A callback.
    Callback,
}

impl Media {
    fn object_type(self) -> &'static str {
        match self {
            Self::Call | Self::Intercom => "Call",
            Self::Chat => "Chat",
            Self::Email => "Email",
            Self::Callback => "Callback",
        }
    }

    /// Whether an agent who handles it is on the phone.
    pub(crate) fn is_phone(self) -> bool {
        match self {
            Self::Call | Self::Intercom | Self::Callback => true,
            Self::Chat | Self::Email => false,
        }
    }
}

/// A new interaction, as somebody describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interaction {
    /// Its id, digits on a real server.
    pub id: String,
    /// The workgroup on whose behalf it is, none for a direct one.
    #[serde(default)]
    pub workgroup: Option<String>,
    /// Who began it.
    pub direction: Direction,
    /// What it is.
    pub media: Media,
}

/// Who ended an interaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// The agent: state `I`.
    Us,
    /// The other party: state `E`.
    Remote,
}

/// `Eic_State`, the letters that this system uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Offering,
    Alerting,
    Proceeding,
    Connected,
    Held,
    EndedByUs,
    EndedByRemote,
}

impl State {
    pub(crate) fn letter(self) -> &'static str {
        match self {
            Self::Offering => "O",
            Self::Alerting => "A",
            Self::Proceeding => "R",
            Self::Connected => "C",
            Self::Held => "H",
            Self::EndedByUs => "I",
            Self::EndedByRemote => "E",
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::Offering => "ACD - Wait Agent",
            Self::Alerting => "Alerting",
            Self::Proceeding => "Proceeding",
            Self::Connected => "Connected",
            Self::Held => "On Hold",
            Self::EndedByUs => "Disconnected (Local Disconnect)",
            Self::EndedByRemote => "Disconnected (Remote Disconnect)",
        }
    }

    pub(crate) fn is_talking(self) -> bool {
        match self {
            Self::Connected | Self::Held => true,
            Self::Offering | Self::Alerting | Self::Proceeding | Self::EndedByUs | Self::EndedByRemote => false,
        }
    }
}

/// A queue that can be watched. Names compare without case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Queue {
    User(AgentId),
    Workgroup(WorkgroupId),
    Station(String),
}

/// An interaction that the server holds.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) id: InteractionId,
    pub(crate) workgroup: Option<WorkgroupId>,
    pub(crate) direction: Direction,
    pub(crate) media: Media,
    pub(crate) state: State,
    /// Whose queue it is on; nobody's while it waits in the workgroup.
    pub(crate) user: Option<AgentId>,
    pub(crate) station: Option<String>,
    pub(crate) initiated: Timestamp,
    pub(crate) on_user_queue: Option<Timestamp>,
    pub(crate) answered: Option<Timestamp>,
    pub(crate) ended: Option<Timestamp>,
    /// Attributes that a client has set.
    pub(crate) set: BTreeMap<String, String>,
}

impl Call {
    /// Whether ACD routed it.
    pub(crate) fn is_acd(&self) -> bool {
        self.workgroup.is_some() && self.direction == Direction::Inbound
    }

    /// All queues that it is on now: the agent's, the agent's station's, and the workgroup's until the end.
    pub(crate) fn queues(&self) -> Vec<Queue> {
        let user = self.user.clone().map(Queue::User);
        let station = self.station.clone().map(|station| Queue::Station(station.to_lowercase()));
        let workgroup = self.workgroup.clone().map(Queue::Workgroup);
        user.into_iter().chain(station).chain(workgroup).collect()
    }

    /// An attribute by its name, without case; always a text, empty where there is nothing to say.
    pub(crate) fn attribute(&self, name: &str) -> String {
        let time = |time: Option<Timestamp>| time.map(compact).unwrap_or_default();
        let name = name.to_ascii_lowercase();
        if let Some(value) = self.set.get(&name) {
            return value.clone();
        }
        let workgroup = || self.workgroup.as_ref().map(|id| id.as_str().to_owned()).unwrap_or_default();
        match name.as_str() {
            "eic_state" => self.state.letter().to_owned(),
            "eic_callstate" | "eic_callstatestring" => self.state.text().to_owned(),
            "eic_username" => self.user.as_ref().map(|id| id.as_str().to_owned()).unwrap_or_default(),
            "eic_workgroupname" => workgroup(),
            "eic_assignedworkgroup" if self.is_acd() => workgroup(),
            "eic_objecttype" => self.media.object_type().to_owned(),
            "eic_calltype" => if self.media == Media::Intercom { "I" } else { "E" }.to_owned(),
            "eic_calldirection" => if self.direction == Direction::Inbound { "I" } else { "O" }.to_owned(),
            "eic_initiationtime" | "eic_linequeuetimestamp" => compact(self.initiated),
            "eic_workgroupqueuetimestamp" if self.is_acd() => compact(self.initiated),
            "eic_userqueuetimestamp" => time(self.on_user_queue),
            "eic_connecttime" | "eic_answertime" => time(self.answered),
            "eic_terminationtime" => time(self.ended),
            "eic_callid" => self.id.as_str().to_owned(),
            "eic_callidkey" => format!("{}00{}", self.id, compact(self.initiated)),
            "eic_stationname" => self.station.clone().unwrap_or_default(),
            "eic_remotename" => "Caller".to_owned(),
            "eic_remoteid" | "eic_remoteaddress" | "eic_remotetn" => "+15555550100".to_owned(),
            "eic_muted" => "0".to_owned(),
            "eic_capabilities" => "294".to_owned(),
            _ => String::new(),
        }
    }
}
