//! What can be said to a link that runs, or asked of it. Knows the words; the loop answers them.

use std::fmt;

use domain::ids::AgentId;
use domain::source::Catalogue;
use mapping::{RuleError, Rules};
use tokio::sync::oneshot;

use super::RuleCheck;
use crate::engine::{AgentReport, Confirmation, Renewal, Report, Which};
use crate::options::Matching;

/// What an operator can say to a link that runs, or ask of it.
#[derive(Debug)]
pub enum Command {
    /// What PureConnect shows is right: deliver it.
    Confirm(oneshot::Sender<Confirmation>),
    /// How things stand.
    Report(oneshot::Sender<Report>),
    /// How agents stand.
    Agents(Which, oneshot::Sender<Vec<AgentReport>>),
    /// The status messages; empty before the first snapshot.
    Catalogue(oneshot::Sender<Catalogue>),
    /// The rules that are in force.
    Rules(oneshot::Sender<Rules>),
    /// Read an agent back, and put right what differs.
    Renew(AgentId, oneshot::Sender<Renewal>),
    /// Other rules, other matches, another scope.
    Reload(Box<Reload>, oneshot::Sender<Result<(), Vec<RuleError>>>),
}

/// What can be changed while a link runs.
pub struct Reload {
    /// The mapping, compiled with what is known of the organisation.
    pub rules: Rules,
    /// Finds names in the rules that the system does not know.
    pub check_rules: RuleCheck,
    /// How an agent's cloud user is found.
    pub matching: Matching,
    /// Whether the scope is another one, too: the source tells who is in it, and fewer agents are no reason for doubt.
    pub rescoped: bool,
}

impl fmt::Debug for Reload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reload").field("rescoped", &self.rescoped).finish_non_exhaustive()
    }
}
