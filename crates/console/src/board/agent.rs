//! An agent on the board: what the engine said of the agent, with what many agents have in common kept once, and ready to
//! be searched.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::change::Value;
use domain::ids::{AgentId, CloudUserId, StatusId, WorkgroupId};
use domain::source::{Interaction, StatusMessage, UserStatus};
use domain::target::{OutOfOffice, RoutingStatus, SystemPresence};
use jiff::Timestamp;
use replicator::engine::{AgentReport, SyncState};

/// How an agent stands.
// What every search of all agents looks at comes first and stays there: with 100,000 of them, a search takes as long as
// memory takes to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
#[repr(C)]
pub struct Agent {
    /// Name, id and e-mail address as they are searched, the name first.
    search: Box<str>,
    /// The beginning of that, as a number in the same order.
    first: u64,
    /// Of which workgroups.
    pub workgroups: Arc<Workgroups>,
    /// The presence that Genesys Cloud shall show, and whether out of office is shown over it.
    presence: Option<(SystemPresence, bool)>,
    /// The routing status that Genesys Cloud shall show.
    routing: Option<RoutingStatus>,
    /// In Interaction Administrator's words.
    pub state: SyncState,
    /// Who.
    pub id: AgentId,
    /// The name in PureConnect.
    pub name: Box<str>,
    /// The e-mail address in PureConnect.
    pub email: Option<Box<str>>,
    /// The user in Genesys Cloud.
    pub user: Option<CloudUserId>,
    /// The status in PureConnect.
    pub status: Option<UserStatus>,
    /// Its status message, where that is in the catalogue.
    pub message: Option<Arc<StatusMessage>>,
    /// Whether the status is not in the catalogue, so that the last presence is kept.
    pub unknown_status: bool,
    /// Whether the agent counts as logged in.
    pub logged_in: bool,
    /// When the agent entered the status.
    pub entered: Option<Timestamp>,
    /// The rule that decides the presence.
    pub rule: Option<Arc<str>>,
    /// What Genesys Cloud shall show.
    pub wanted: [Option<Value>; 3],
    /// What it was told.
    pub told: [Option<Value>; 3],
    /// Changes that have yet to be told.
    pub pending: usize,
    /// Whether the agent left the queue with interactions that are still followed.
    pub pending_off_queue: bool,
    /// What the agent is alerted of, or connected to.
    pub interactions: Box<[Interaction]>,
    /// The routing status, where Genesys Cloud cannot be told it.
    pub not_shown: Option<RoutingStatus>,
    /// What the platform said last, if it refused something.
    pub error: Option<Box<str>>,
    /// When something was last accepted, or read back as it should be.
    pub last_success: Option<Timestamp>,
}

/// The workgroups of an agent, which many others are members of, too.
#[derive(Debug, PartialEq, Eq)]
pub struct Workgroups {
    /// Which.
    pub ids: BTreeSet<WorkgroupId>,
    /// Their names as they are searched.
    search: Box<str>,
}

impl Workgroups {
    fn new(ids: BTreeSet<WorkgroupId>) -> Self {
        let names: Vec<&str> = ids.iter().map(WorkgroupId::as_str).collect();
        let search = names.join("\n").to_lowercase().into();
        Self { ids, search }
    }

    /// What is searched, in lower case: a name a line.
    pub(crate) fn search(&self) -> &str {
        &self.search
    }
}

impl Agent {
    /// Since when the agent is in the status.
    #[must_use]
    pub fn since(&self) -> Option<Timestamp> {
        self.entered.or(self.status.as_ref().and_then(|status| status.since))
    }

    /// What is searched, in lower case: name, id and e-mail address, a line each.
    pub(crate) fn search(&self) -> &str {
        &self.search
    }

    /// The beginning of what is searched, as a number: who is smaller in it comes earlier by name.
    pub(crate) fn first(&self) -> u64 {
        self.first
    }

    /// The presence that Genesys Cloud shall show, and whether out of office is shown over it.
    pub(crate) fn wanted_presence(&self) -> Option<(SystemPresence, bool)> {
        self.presence
    }

    /// The routing status that Genesys Cloud shall show.
    pub(crate) fn wanted_routing(&self) -> Option<RoutingStatus> {
        self.routing
    }
}

/// The first eight bytes, as a number in the same order.
pub(crate) fn beginning(text: &str) -> u64 {
    let mut bytes = [0; 8];
    for (byte, letter) in bytes.iter_mut().zip(text.bytes()) {
        *byte = letter;
    }
    u64::from_be_bytes(bytes)
}

fn presence(wanted: &[Option<Value>; 3]) -> Option<(SystemPresence, bool)> {
    let is_out = wanted.iter().flatten().any(|value| matches!(value, Value::OutOfOffice(OutOfOffice::On { .. })));
    wanted.iter().flatten().find_map(|value| match value {
        Value::Presence(presence) => Some((presence.system, is_out)),
        Value::Routing(_) | Value::OutOfOffice(_) => None,
    })
}

fn routing(wanted: &[Option<Value>; 3]) -> Option<RoutingStatus> {
    wanted.iter().flatten().find_map(|value| match value {
        Value::Routing(status) => Some(*status),
        Value::Presence(_) | Value::OutOfOffice(_) => None,
    })
}

/// What agents have in common, once each. What nobody has any more goes with [`Pool::tidy`].
#[derive(Debug, Default)]
pub struct Pool {
    workgroups: BTreeMap<BTreeSet<WorkgroupId>, Arc<Workgroups>>,
    messages: BTreeMap<StatusId, Arc<StatusMessage>>,
    rules: BTreeSet<Arc<str>>,
}

impl Pool {
    /// The agent, made of what is there already where it can be.
    pub fn agent(&mut self, report: AgentReport) -> Agent {
        let search = search_text(&report);
        Agent {
            first: beginning(&search),
            presence: presence(&report.wanted),
            routing: routing(&report.wanted),
            workgroups: self.workgroups(report.workgroups),
            message: report.message.map(|message| self.message(message)),
            rule: report.rule.map(|rule| self.rule(rule)),
            id: report.agent,
            name: report.display_name.into(),
            email: report.email.map(Into::into),
            user: report.user,
            state: report.state,
            status: report.status,
            unknown_status: report.unknown_status,
            logged_in: report.logged_in,
            entered: report.entered,
            wanted: report.wanted,
            told: report.told,
            pending: report.pending,
            pending_off_queue: report.pending_off_queue,
            interactions: report.interactions.into(),
            not_shown: report.not_shown,
            error: report.error.map(Into::into),
            last_success: report.last_success,
            search,
        }
    }

    fn workgroups(&mut self, ids: BTreeSet<WorkgroupId>) -> Arc<Workgroups> {
        if let Some(known) = self.workgroups.get(&ids) {
            return Arc::clone(known);
        }
        let new = Arc::new(Workgroups::new(ids.clone()));
        self.workgroups.insert(ids, Arc::clone(&new));
        new
    }

    fn message(&mut self, message: StatusMessage) -> Arc<StatusMessage> {
        match self.messages.get(&message.id) {
            Some(known) if **known == message => Arc::clone(known),
            Some(_) | None => {
                let new = Arc::new(message);
                self.messages.insert(new.id.clone(), Arc::clone(&new));
                new
            }
        }
    }

    fn rule(&mut self, rule: String) -> Arc<str> {
        match self.rules.get(rule.as_str()) {
            Some(known) => Arc::clone(known),
            None => {
                let new: Arc<str> = rule.into();
                self.rules.insert(Arc::clone(&new));
                new
            }
        }
    }

    /// Forgets what nobody has any more.
    pub fn tidy(&mut self) {
        self.workgroups.retain(|_, workgroups| Arc::strong_count(workgroups) > 1);
        self.messages.retain(|_, message| Arc::strong_count(message) > 1);
        self.rules.retain(|rule| Arc::strong_count(rule) > 1);
    }
}

fn search_text(report: &AgentReport) -> Box<str> {
    let email = report.email.as_deref().unwrap_or_default();
    format!("{}\n{}\n{email}", report.display_name, report.agent).to_lowercase().into()
}
