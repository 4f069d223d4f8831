//! A link, as the console reaches it: what it says of itself, where it takes commands, where its journal is.

use replicator::Command;
use replicator::engine::{Report, Standings};
use tokio::sync::{mpsc, watch};

/// What whoever runs a link hands to the console. Each of the channels outlives a run of the link: one that ended and is
/// started again goes on with them.
#[derive(Debug)]
pub struct Link {
    /// Its name.
    pub name: String,
    /// What is known of it without asking.
    pub about: About,
    /// How it stands, four times a second; `None` while it does not run. Its time is the link's own, which may run faster
    /// than the clock.
    pub report: watch::Receiver<Option<Report>>,
    /// How its agents stand, whenever that changes.
    pub standings: mpsc::Receiver<Standings>,
    /// Why it does not run, in words for the operator; `None` while it runs or begins.
    pub trouble: watch::Receiver<Option<String>>,
    /// Whether it does not run because another bridge holds its journal: it takes over when that one ends.
    pub standby: watch::Receiver<bool>,
    /// The lease epoch of the journal; `None` until the journal is open.
    pub epoch: watch::Receiver<Option<u64>>,
    /// Where it takes commands. While it does not run, they are dropped, and whoever asked learns that nobody answers.
    pub commands: mpsc::Sender<Command>,
    /// Its journal.
    pub journal: store::Location,
}

/// What the configuration says of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// PureConnect's servers, as they are configured.
    pub hosts: Vec<String>,
    /// The region of the Genesys Cloud organisation, such as `mypurecloud.ie`, or the address of its API.
    pub region: String,
}
