//! The one owner of what is known of a link: hears the link, and publishes pictures.
//!
//! Pictures come at most four times a second of the clock, however fast the link's own time runs.

use std::sync::Arc;
use std::time::Duration;

use domain::ids::AgentId;
use replicator::engine::{Report, Standings};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::delays::Totals;
use super::roster::Roster;
use super::{Agent, Change, LinkBoard};
use crate::Link;

/// Between two pictures.
const PACE: Duration = Duration::from_millis(250);

/// A link that runs reports four times a second. One that says nothing for so long hangs.
const SILENCE: Duration = Duration::from_secs(5);

/// The owner.
pub struct Keeper {
    link: Link,
    picture: watch::Sender<Arc<LinkBoard>>,
    changed: Arc<watch::Sender<u64>>,
    listening: mpsc::Receiver<mpsc::Sender<Arc<Change>>>,
    listeners: Vec<mpsc::Sender<Arc<Change>>>,
    /// The number of the last change.
    number: u64,
    /// What the next picture shows, but for the agents.
    next: LinkBoard,
    roster: Roster,
    totals: Totals,
    dirty: Dirty,
    /// When the last picture was published.
    published: Instant,
    /// When the last report was heard; `None` while the link does not run.
    heard: Option<Instant>,
}

/// What the next picture shows that the last one did not.
#[derive(Debug, Default)]
struct Dirty {
    /// Anything, be it only the time.
    any: bool,
    /// Something that can be seen.
    visible: bool,
    /// Agents.
    agents: bool,
}

/// What was heard.
enum Heard {
    Standings(Standings),
    Report,
    Trouble,
    Standby,
    Epoch,
    Listener(mpsc::Sender<Arc<Change>>),
    /// The link has said nothing for too long.
    Silence,
    /// It is time for a picture.
    Pace,
    Shutdown,
}

impl Keeper {
    pub fn new(
        link: Link,
        changed: Arc<watch::Sender<u64>>,
        listening: mpsc::Receiver<mpsc::Sender<Arc<Change>>>,
    ) -> (Self, watch::Receiver<Arc<LinkBoard>>) {
        let nothing = LinkBoard {
            name: link.name.as_str().into(),
            about: Arc::new(link.about.clone()),
            report: None,
            stale_since: None,
            trouble: link.trouble.borrow().clone(),
            standby: *link.standby.borrow(),
            epoch: *link.epoch.borrow(),
            agents: Arc::new([]),
            catalogue: Arc::default(),
            delays: Arc::default(),
            revision: 0,
            commands: link.commands.clone(),
            journal: link.journal.clone(),
        };
        let (picture, pictures) = watch::channel(Arc::new(nothing.clone()));
        let keeper = Self {
            link,
            picture,
            changed,
            listening,
            listeners: Vec::new(),
            number: 0,
            next: nothing,
            roster: Roster::default(),
            totals: Totals::default(),
            dirty: Dirty::default(),
            published: Instant::now(),
            heard: None,
        };
        (keeper, pictures)
    }

    /// Keeps the board until the order to stop.
    pub async fn keep(mut self, shutdown: CancellationToken) {
        // What was said before anybody listened.
        self.link.report.mark_changed();
        self.link.trouble.mark_changed();
        self.link.standby.mark_changed();
        self.link.epoch.mark_changed();
        loop {
            match self.hear(&shutdown).await {
                Heard::Shutdown => return,
                Heard::Standings(standings) => self.take_standings(standings),
                Heard::Report => self.take_report(),
                Heard::Trouble => {
                    self.next.trouble = self.link.trouble.borrow_and_update().clone();
                    self.is_visible();
                }
                Heard::Standby => {
                    self.next.standby = *self.link.standby.borrow_and_update();
                    self.is_visible();
                }
                Heard::Epoch => {
                    self.next.epoch = *self.link.epoch.borrow_and_update();
                    self.is_visible();
                }
                Heard::Listener(listener) => {
                    self.listeners.retain(|listener| !listener.is_closed());
                    self.welcome(listener);
                }
                Heard::Silence => self.fall_silent(),
                Heard::Pace => self.publish(),
            }
        }
    }

    /// What comes next. A channel that is closed has nothing to say any more.
    async fn hear(&mut self, shutdown: &CancellationToken) -> Heard {
        let pace = self.published + PACE;
        let silence = self.heard.map(|heard| heard + SILENCE);
        let Self { link, listening, .. } = self;
        tokio::select! {
            // In this order: what a picture shows is at least what was there when its time came.
            biased;
            () = shutdown.cancelled() => Heard::Shutdown,
            () = sleep_until(pace), if self.dirty.any => Heard::Pace,
            Ok(()) = link.trouble.changed() => Heard::Trouble,
            Ok(()) = link.standby.changed() => Heard::Standby,
            Ok(()) = link.epoch.changed() => Heard::Epoch,
            Ok(()) = link.report.changed() => Heard::Report,
            Some(listener) = listening.recv() => Heard::Listener(listener),
            Some(standings) = link.standings.recv() => Heard::Standings(standings),
            () = sleep_until(silence.unwrap_or(pace)), if silence.is_some() => Heard::Silence,
        }
    }

    fn is_visible(&mut self) {
        self.dirty.any = true;
        self.dirty.visible = true;
    }

    fn take_report(&mut self) {
        let report = self.link.report.borrow_and_update().clone();
        let Some(report) = report else {
            self.fall_silent();
            // A link that begins anew counts anew.
            self.totals = Totals::default();
            return;
        };
        self.heard = Some(Instant::now());
        let news = self.totals.news(&report.figures);
        Arc::make_mut(&mut self.next.delays).add(report.at, news);
        let differs = self.next.stale_since.take().is_some()
            || self.next.report.as_deref().is_none_or(|before| !shows_the_same(before, &report));
        self.next.report = Some(Arc::new(report));
        self.dirty.any = true;
        self.dirty.visible |= differs;
    }

    /// Nothing is heard: what was heard last stands, with its time.
    fn fall_silent(&mut self) {
        self.heard = None;
        let since = self.next.report.as_ref().map(|report| report.at);
        if self.next.stale_since.is_none() && since.is_some() {
            self.next.stale_since = since;
            self.is_visible();
        }
    }

    fn take_standings(&mut self, standings: Standings) {
        let Standings { anew, agents, gone, catalogue } = standings;
        if anew {
            self.roster.clear();
        }
        if let Some(catalogue) = catalogue {
            self.next.catalogue = Arc::new(catalogue);
        }
        self.roster.remove(&gone);
        let agents = self.roster.take(agents);
        self.is_visible();
        if anew || !agents.is_empty() || !gone.is_empty() {
            self.dirty.agents = true;
            self.tell(anew, agents, gone);
        }
    }

    /// A new listener hears that it is heard, with no agents: all that came before is in the picture by then.
    fn welcome(&mut self, listener: mpsc::Sender<Arc<Change>>) {
        if self.dirty.agents {
            self.publish();
        }
        let link = Arc::clone(&self.next.name);
        let (number, at, agents, gone) = (self.number, self.next.at(), Vec::new(), Vec::new());
        let welcome = Change { link, number, at, anew: false, agents, gone };
        if listener.try_send(Arc::new(welcome)).is_ok() {
            self.listeners.push(listener);
        }
    }

    /// Tells the listeners; one that has no room has not read for long and loses its place.
    fn tell(&mut self, anew: bool, agents: Vec<Arc<Agent>>, gone: Vec<AgentId>) {
        self.number += 1;
        let change =
            Change { link: Arc::clone(&self.next.name), number: self.number, at: self.next.at(), anew, agents, gone };
        let change = Arc::new(change);
        self.listeners.retain(|listener| listener.try_send(Arc::clone(&change)).is_ok());
    }

    fn publish(&mut self) {
        if std::mem::take(&mut self.dirty.agents) {
            self.next.agents = self.roster.picture();
        }
        self.next.revision += u64::from(self.dirty.visible);
        self.dirty = Dirty::default();
        self.published = Instant::now();
        self.picture.send_replace(Arc::new(self.next.clone()));
        self.changed.send_modify(|revision| *revision += 1);
    }
}

/// Whether two reports differ in nothing but their times and what is measured all the time.
fn shows_the_same(before: &Report, now: &Report) -> bool {
    let alike = Report { at: before.at, figures: before.figures.clone(), ..now.clone() };
    alike == *before
}
