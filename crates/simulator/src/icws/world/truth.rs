//! What is true in PureConnect, whoever was told: every agent's state now, and every change in order with its exact time.
//!
//! A test compares this with what arrived elsewhere. It is never sent over ICWS.

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::icws::catalogue::StatusMessage;

/// How many entries are kept: a busy day of a thousand agents, some 150 MB.
const KEPT: usize = 1_000_000;

/// PureConnect's side of the story.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Truth {
    /// The server's clock.
    pub now: Timestamp,
    /// Every agent now, by user id.
    pub agents: BTreeMap<String, AgentTruth>,
    /// How each agent began.
    pub beginnings: Vec<Beginning>,
    /// Changes in order, from the sequence that was asked for.
    pub log: Vec<TruthEntry>,
    /// What the administrator did to the status messages, from the same sequence on.
    pub catalogue: Vec<CatalogueEdit>,
    /// The sequence to ask for next time.
    pub next: u64,
}

/// How an agent began, before any change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Beginning {
    /// The agent.
    pub user: Arc<str>,
    /// When.
    pub at: Timestamp,
    /// In which status.
    pub status: Arc<str>,
    /// Whether logged on.
    pub logged_in: bool,
}

/// An edit of a status message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CatalogueEdit {
    /// The number of the change that came next.
    pub sequence: u64,
    /// When it happened.
    pub at: Timestamp,
    /// The status message.
    pub status_id: String,
    /// As it is from then on; none when it was deleted.
    pub message: Option<StatusMessage>,
}

/// One agent now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AgentTruth {
    /// The status id.
    pub status: String,
    /// Since when, exactly.
    pub since: Timestamp,
    /// Until when, if the agent said so.
    pub until: Option<Timestamp>,
    /// Whether the agent is logged on.
    pub logged_in: bool,
    /// Whether the agent is on the phone.
    pub on_phone: bool,
    /// The business e-mail.
    pub email: Option<String>,
    /// What is on the agent's queue.
    pub interactions: Vec<InteractionTruth>,
}

/// One interaction on an agent's queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InteractionTruth {
    /// Its id.
    pub id: String,
    /// `Eic_State`.
    pub state: Cow<'static, str>,
    /// The workgroup on whose behalf it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workgroup: Option<Arc<str>>,
    /// Whether ACD routed it.
    pub acd: bool,
}

/// One change of one agent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TruthEntry {
    /// Its number, from 0 without a gap.
    pub sequence: u64,
    /// When it happened, exactly.
    pub at: Timestamp,
    /// The agent.
    pub user: Arc<str>,
    /// What happened.
    pub change: TruthChange,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TruthChange {
    /// The status changed.
    Status {
        /// To this one.
        status: Arc<str>,
        /// The `statusChanged` that is sent, which counts whole seconds.
        status_changed: String,
        /// Nobody was told, because another status followed in the same second.
        merged: bool,
    },
    /// The agent logged on or off.
    LoggedIn {
        /// Which of the two.
        logged_in: bool,
    },
    /// An interaction on the agent's queue changed.
    Interaction(InteractionTruth),
    /// An interaction left the agent's queue.
    Left {
        /// Its id.
        id: String,
    },
}

/// The changes so far, the oldest forgotten beyond [`KEPT`].
#[derive(Debug, Default)]
pub(crate) struct TruthLog {
    entries: VecDeque<TruthEntry>,
    first: u64,
    beginnings: Vec<Beginning>,
    catalogue: Vec<CatalogueEdit>,
}

impl TruthLog {
    /// Adds a change and returns its sequence.
    pub(crate) fn push(&mut self, at: Timestamp, user: &Arc<str>, change: TruthChange) -> u64 {
        let sequence = self.next();
        self.entries.push_back(TruthEntry { sequence, at, user: Arc::clone(user), change });
        if self.entries.len() > KEPT {
            self.entries.pop_front();
            self.first += 1;
        }
        sequence
    }

    /// Adds an agent.
    pub(crate) fn begin(&mut self, beginning: Beginning) {
        self.beginnings.push(beginning);
    }

    pub(crate) fn beginnings(&self) -> Vec<Beginning> {
        self.beginnings.clone()
    }

    /// Adds an edit of a status message.
    pub(crate) fn edit(&mut self, at: Timestamp, status_id: &str, message: Option<StatusMessage>) {
        let edit = CatalogueEdit { sequence: self.next(), at, status_id: status_id.to_owned(), message };
        self.catalogue.push(edit);
    }

    pub(crate) fn edits_since(&self, sequence: u64) -> Vec<CatalogueEdit> {
        self.catalogue.iter().filter(|edit| edit.sequence >= sequence).cloned().collect()
    }

    pub(crate) fn next(&self) -> u64 {
        self.first + self.entries.len() as u64
    }

    /// Notes that nobody was told of this status.
    pub(crate) fn mark_merged(&mut self, sequence: u64) {
        let index = sequence.checked_sub(self.first).and_then(|index| usize::try_from(index).ok());
        if let Some(entry) = index.and_then(|index| self.entries.get_mut(index))
            && let TruthChange::Status { merged, .. } = &mut entry.change
        {
            *merged = true;
        }
    }

    pub(crate) fn since(&self, sequence: u64) -> Vec<TruthEntry> {
        let skip = usize::try_from(sequence.saturating_sub(self.first)).unwrap_or(usize::MAX);
        self.entries.iter().skip(skip).cloned().collect()
    }
}
