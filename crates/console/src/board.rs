//! What is known of the links at this moment: a task owns it, everybody else gets pictures of it.
//!
//! Knows how agents stand, how long changes took minute by minute, and since when a link is silent. Does not know what is
//! shown of that: that is the `model`.

mod agent;
mod delays;
mod keeper;
mod roster;
#[cfg(test)]
mod tests;

use std::future::Future;
use std::sync::Arc;

use domain::ids::AgentId;
use domain::source::Catalogue;
use jiff::Timestamp;
use replicator::Command;
use replicator::engine::Report;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

pub(crate) use agent::beginning;
pub use agent::{Agent, Workgroups};
pub use delays::{DelaySeries, Minute, join};
pub use roster::Roster;

use crate::{About, Link};

/// So many portions of changes may wait for a listener: as many as a link has at its start with 100,000 agents, so that who
/// reads at all is not cut off by it.
const PORTIONS: usize = 64;

/// So many listeners may wait to be heard of; who finds no room waits.
const LISTENERS: usize = 16;

/// Everything that is known, as pictures that do not change.
#[derive(Debug, Clone)]
pub struct Board {
    links: Arc<[Seat]>,
    revision: watch::Receiver<u64>,
}

/// Where one link's pictures come from.
#[derive(Debug)]
struct Seat {
    picture: watch::Receiver<Arc<LinkBoard>>,
    listeners: mpsc::Sender<mpsc::Sender<Arc<Change>>>,
}

/// What is known of one link at a moment.
#[derive(Debug, Clone)]
pub struct LinkBoard {
    /// Its name.
    pub name: Arc<str>,
    /// What the configuration says of it.
    pub about: Arc<About>,
    /// How it stands, or stood when it was heard last; `None` where it was never heard.
    pub report: Option<Arc<Report>>,
    /// Since when nothing is heard of it, by its own time; `None` while it is heard, and where it never was.
    pub stale_since: Option<Timestamp>,
    /// Why it does not run, in words for the operator.
    pub trouble: Option<String>,
    /// Whether it does not run because another bridge holds its journal.
    pub standby: bool,
    /// The lease epoch of the journal.
    pub epoch: Option<u64>,
    /// Its agents in the order of their ids; as they stood last while nothing is heard.
    pub agents: Arc<[Arc<Agent>]>,
    /// The system's status messages.
    pub catalogue: Arc<Catalogue>,
    /// How long changes took, minute by minute.
    pub delays: Arc<DelaySeries>,
    /// Grows whenever there is something else to be seen than the time.
    pub revision: u64,
    /// Where it takes commands.
    pub commands: mpsc::Sender<Command>,
    /// Its journal.
    pub journal: store::Location,
}

/// Agents of a link who stand otherwise than before.
#[derive(Debug)]
pub struct Change {
    /// Which link.
    pub link: Arc<str>,
    /// Its number: one more than the one before, as long as the process runs.
    pub number: u64,
    /// The link's time.
    pub at: Option<Timestamp>,
    /// Whether a run of the link begins: who was known before does not count any more.
    pub anew: bool,
    /// How they stand now.
    pub agents: Vec<Arc<Agent>>,
    /// Who is not in scope any more.
    pub gone: Vec<AgentId>,
}

impl Board {
    /// Follows the links until the order to stop; the future has to be awaited beside everything else.
    pub fn follow(links: Vec<Link>, shutdown: CancellationToken) -> (Self, impl Future<Output = ()> + Send) {
        let (changed, revision) = watch::channel(0);
        let changed = Arc::new(changed);
        let mut seats = Vec::with_capacity(links.len());
        let mut keepers = Vec::with_capacity(links.len());
        for link in links {
            let (listeners, listening) = mpsc::channel(LISTENERS);
            let (keeper, picture) = keeper::Keeper::new(link, Arc::clone(&changed), listening);
            seats.push(Seat { picture, listeners });
            keepers.push(keeper.keep(shutdown.clone()));
        }
        let following = async move {
            futures_util::future::join_all(keepers).await;
        };
        (Self { links: seats.into(), revision }, following)
    }

    /// The links, in the order of the configuration.
    #[must_use]
    pub fn links(&self) -> Vec<Arc<LinkBoard>> {
        self.links.iter().map(|seat| Arc::clone(&seat.picture.borrow())).collect()
    }

    /// The link with this name.
    #[must_use]
    pub fn link(&self, name: &str) -> Option<Arc<LinkBoard>> {
        self.links.iter().map(|seat| Arc::clone(&seat.picture.borrow())).find(|link| &*link.name == name)
    }

    /// Says when there are other pictures than those of before; its value has no meaning.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.revision.clone()
    }

    /// The changes of one link, or of all. The first of each link has no agents: what came before it is in the pictures. A
    /// listener that does not read loses its place: its stream ends, and it comes again and begins with a picture.
    pub async fn changes(&self, link: Option<&str>) -> mpsc::Receiver<Arc<Change>> {
        let (listener, changes) = mpsc::channel(PORTIONS);
        for seat in self.links.iter() {
            let is_meant = link.is_none_or(|name| &*seat.picture.borrow().name == name);
            if is_meant {
                // A keeper that is gone has no changes: the stream ends at once.
                drop(seat.listeners.send(listener.clone()).await);
            }
        }
        changes
    }
}

impl LinkBoard {
    /// Whether the link runs and is heard.
    #[must_use]
    pub fn is_heard(&self) -> bool {
        self.report.is_some() && self.stale_since.is_none()
    }

    /// The link's time: that of the last report.
    #[must_use]
    pub fn at(&self) -> Option<Timestamp> {
        self.report.as_ref().map(|report| report.at)
    }

    /// How this agent stands.
    #[must_use]
    pub fn agent(&self, id: &AgentId) -> Option<&Arc<Agent>> {
        let place = self.agents.binary_search_by(|agent| agent.id.cmp(id)).ok()?;
        self.agents.get(place)
    }
}
