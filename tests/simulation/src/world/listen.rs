//! What the source tells the process: sessions that come and break, messages on their way, and pictures.

use domain::source::{Batch, Update};
use replicator::ports::SourceEvent;

use super::{Event, World};
use crate::brief::Brief;
use crate::fault::Fault;
use crate::pureconnect::Kind;

impl World {
    /// An agent does something, unless everything has healed and it is to be quiet.
    pub(super) fn act(&mut self, who: usize) {
        if self.healed.is_some() {
            return;
        }
        let flaps = self.flapping.is_some_and(|(flapping, until)| flapping == who && self.now < until);
        let wait = if flaps { 1_000 } else { self.host_wait() };
        self.after(wait, Event::Act(who));
        if self.pureconnect.people[who].in_scope {
            let updates = self.pureconnect.act(self.now, who, &self.session);
            self.tell(updates);
        }
    }

    fn host_wait(&mut self) -> u64 {
        self.network.wait(self.plan.pace)
    }

    /// Puts messages on their way.
    pub(super) fn tell(&mut self, mut updates: Vec<Update>) {
        let introduced = updates.iter().filter_map(|update| match update {
            Update::Agents(list) | Update::Rescoped(list) => Some(self.pureconnect.introduce(&self.session, list)),
            _ => None,
        });
        let introduced: Vec<_> = introduced.flatten().collect();
        updates.extend(introduced);
        let slow = if self.network.chance(0.05) { 2_000 } else { 300 };
        let delay = self.network.between(1..slow);
        let session = self.session.number;
        if let Some(at) = self.session.send(self.now + delay, updates) {
            self.at(at, Event::Messages(session));
        }
    }

    pub(super) fn hear_messages(&mut self, session: u64) {
        if session != self.session.number || self.process.is_none() {
            return;
        }
        let updates = self.session.arrived(self.now);
        if !updates.is_empty() {
            self.rescoping &= !updates.iter().any(|update| matches!(update, Update::Rescoped(_)));
            let brief = Brief { what: &updates, everything: self.trace.everything() };
            self.trace(format_args!("messages {brief}"));
            let received = self.now().utc;
            self.hear(SourceEvent::Changed(Batch { received, updates }), false);
        }
    }

    /// The connection breaks; the process notices after a while, and gets another after that.
    pub(super) fn break_session(&mut self) {
        if !self.session.up {
            return;
        }
        self.session.break_off();
        let notices = if self.network.chance(0.5) { 50 } else { self.network.between(1_000..60_000) };
        let session = self.session.number;
        self.trace(format_args!("session {session} breaks"));
        self.after(notices, Event::LossNoticed(session));
    }

    pub(super) fn hear_loss(&mut self, session: u64) {
        if session != self.session.number || self.session.up || self.process.is_none() {
            return;
        }
        self.session.told_lost = true;
        self.trace(format_args!("session {session} is lost"));
        self.oracle.source_lost();
        self.hear(SourceEvent::Lost { reason: "cut".to_owned(), heard: None }, false);
        let wait = match self.bad.switching {
            true => self.network.between(30_000..150_000),
            false => self.network.between(500..30_000),
        };
        self.after(wait, Event::Connect);
    }

    /// A new session: its first picture follows at once.
    pub(super) fn connect(&mut self) {
        if self.process.is_none() || self.session.up {
            return;
        }
        let measured = self.pureconnect.offset - self.clock + self.network.between(0..600).cast_signed() - 300;
        self.session.begin(measured);
        self.bad.switching = false;
        let number = self.session.number;
        self.trace(format_args!("session {number} begins"));
        let spurious = std::mem::take(&mut self.bad.logged_out);
        for who in spurious {
            if self.pureconnect.people[who].in_scope {
                self.pureconnect.set_logged_in(who, false);
            }
            let back = self.network.between(5_000..50_000);
            self.after(back, Event::Ends(Fault::Switchover, who));
        }
        let wait = self.network.between(100..3_000);
        self.after(wait, Event::Picture(number));
    }

    /// A whole picture: first after a connection, or because it was asked for.
    pub(super) fn hear_picture(&mut self, session: u64) {
        if session != self.session.number || !self.session.up || self.process.is_none() {
            return;
        }
        self.session.outgoing.clear();
        let first = self.process.as_ref().is_some_and(|process| !process.has_seen_a_good_picture);
        let kind = self.bad.next(first);
        let known = self.process.as_ref().map(|process| &process.reported);
        let in_scope = known.map_or(0, |reported| (0..self.plan.agents).filter(|who| reported.in_scope(*who)).count());
        let snapshot = Box::new(self.pureconnect.picture(&self.session, kind));
        self.session.show(&snapshot.agents);
        self.trace(format_args!("picture {kind:?} of {} agents", snapshot.agents.len()));
        // The operator took some out of the scope: fewer of them are no reason for doubt.
        let rescoping = std::mem::take(&mut self.rescoping);
        let in_scope = if rescoping { in_scope.min(snapshot.agents.len()) } else { in_scope };
        self.oracle.picture(kind, in_scope, snapshot.agents.len(), first, self.plan.options.guard);
        let received = self.now().utc;
        self.hear(SourceEvent::Snapshot { received, snapshot }, kind == Kind::Good);
    }

    /// The process is told something by its source.
    fn hear(&mut self, event: SourceEvent, good: bool) {
        let now = self.now();
        let Some(process) = &mut self.process else { return };
        process.engine.handle_source(now, event.clone());
        let notices = process.notices();
        let taken = match &event {
            SourceEvent::Snapshot { .. } => notices.taken,
            SourceEvent::Changed(_) | SourceEvent::Lost { .. } => !notices.list_refused,
        };
        process.has_seen_a_good_picture |= good && taken;
        let told = |who, facet| self.journal.noted.target(who, facet);
        process.reported.take(now, &event, taken, &told);
        self.take_notices(notices);
        if let (SourceEvent::Snapshot { .. }, true) = (&event, taken) {
            self.session.taken = true;
            self.oracle.source_back();
        }
    }
}
