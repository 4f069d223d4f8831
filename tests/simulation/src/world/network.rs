//! The wire between the process and the cloud: latency, what gets lost, what comes late or twice, and notifications.

use domain::change::Facet;
use replicator::engine::WorkId;
use replicator::ports::{Answer, Failure, FeedEvent, Order};

use super::{Event, World};
use crate::brief::Brief;
use crate::cloud::{Primary, Reply, Request, user_number};
use crate::fault::Fault;

/// An answer that is not there by then is given up, in milliseconds.
const TIMEOUT: u64 = 10_000;

/// A request on its way.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The process that sent it.
    incarnation: u32,
    id: WorkId,
    token: usize,
    request: Request,
    /// Whether anybody waits for the answer.
    pub awaited: bool,
}

impl Sent {
    /// The same, after it was given up.
    fn unawaited(self) -> Self {
        Self { awaited: false, ..self }
    }
}

impl World {
    /// A request leaves.
    pub(super) fn send(&mut self, id: WorkId, token: usize, request: Request) {
        let brief = Brief { what: &request, everything: self.trace.everything() };
        self.trace(format_args!("sends {id:?} {brief}"));
        self.oracle.leaves(self.now, id, token);
        let slow = self.platform.trouble.has(Fault::Slow, self.now);
        let latency = if slow { 6_000 } else { self.plan.latency };
        let wait = self.network.between(5..latency);
        let fault = match &request {
            Request::Deliver(..) | Request::Claim(_) | Request::Release(_) => self.take_network_fault(),
            Request::Observe(_) | Request::Users(_) | Request::External(_) | Request::Subscribe(..) => None,
        };
        let sent = Sent { incarnation: self.incarnation, id, token, request, awaited: true };
        match fault {
            Some(Fault::RequestLost) => {
                let (wait, maybe_applied) = if self.network.chance(0.5) { (TIMEOUT, true) } else { (wait, false) };
                self.give_up(wait, id, &sent.request, maybe_applied);
            }
            Some(Fault::AnswerLost) => {
                self.give_up(TIMEOUT, id, &sent.request, true);
                self.after(wait, Event::Arrive(sent.unawaited()));
            }
            Some(Fault::AppliedLate) => {
                self.give_up(TIMEOUT, id, &sent.request, true);
                let late = TIMEOUT + self.network.between(1_000..60_000);
                self.after(late, Event::Arrive(sent.unawaited()));
            }
            Some(Fault::AppliedTwice) => {
                let again = wait + self.network.between(50..20_000);
                self.after(wait, Event::Arrive(sent.clone()));
                self.after(again, Event::Arrive(sent.unawaited()));
            }
            Some(_) | None => self.after(wait, Event::Arrive(sent)),
        }
    }

    fn take_network_fault(&mut self) -> Option<Fault> {
        let of_network = |fault: &Fault| {
            matches!(fault, Fault::RequestLost | Fault::AnswerLost | Fault::AppliedLate | Fault::AppliedTwice)
        };
        let once = &mut self.platform.trouble.once;
        let place = once.iter().position(of_network)?;
        Some(once.swap_remove(place))
    }

    fn give_up(&mut self, wait: u64, id: WorkId, request: &Request, maybe_applied: bool) {
        let failure = Failure::Unavailable { reason: "time-out".to_owned(), maybe_applied };
        let reply = failed(request, failure);
        self.after(wait, Event::Answer(self.incarnation, id, reply));
    }

    /// A request reaches the platform.
    pub(super) fn arrive(&mut self, Sent { incarnation, id, token, request, awaited }: Sent) {
        self.tally.requests += 1;
        self.oracle.arrived(self.now, id, token, awaited && incarnation == self.incarnation);
        let subscription = match &request {
            Request::Subscribe(channel, users) => Some((*channel, users.clone())),
            _ => None,
        };
        let name = request.name();
        let full = self.platform.limits[token].clone().arrive(self.now).is_err();
        self.tally.over_limit += u64::from(full);
        let taken = self.platform.arrive(self.now, token, request);
        self.trace(format_args!("arrives {name} of {incarnation} {id:?}, {} to apply", taken.apply.len()));
        for order in taken.apply {
            let settling = if self.plan.settling == 0 { 0 } else { self.network.between(0..self.plan.settling) };
            if settling == 0 {
                self.show(&order);
            } else {
                self.after(settling, Event::Show(order));
            }
        }
        if let (Some((channel, users)), true, Some(process)) =
            (subscription, incarnation == self.incarnation, &mut self.process)
        {
            process.channels.resize_with(process.channels.len().max(channel + 1), Vec::new);
            process.channels[channel] = users.into_iter().map(user_number).collect();
        }
        if awaited {
            let wait = self.network.between(5..self.plan.latency);
            self.after(wait, Event::Answer(incarnation, id, taken.reply));
        }
    }

    /// An accepted change has its effect.
    pub(super) fn show(&mut self, order: &Order) {
        let user = user_number(order.user);
        let version = self.oracle.version(order.change.id);
        let at = self.true_time();
        if let Some(applied) = self.platform.organisation.apply(order, version, at) {
            self.trace(format_args!("user {user} shows {}", order.change.to));
            self.oracle.applied(self.now, &applied);
            self.hint(user);
        }
    }

    /// Somebody writes past the bridge.
    pub(super) fn write_foreign(&mut self, user: usize) {
        let facet = self.network.one(&Facet::ALL);
        // Off queue there is no other routing status.
        let off_queue = domain::change::Value::Routing(domain::target::RoutingStatus::OffQueue);
        let shows_off_queue = self.platform.organisation.value(user, Facet::Routing) == off_queue;
        let facet = if self.plan.is_direct() && shows_off_queue { Facet::Presence } else { facet };
        let value = match facet {
            Facet::Presence => domain::change::Value::Presence(domain::target::SystemPresence::Busy.into()),
            Facet::Routing => domain::change::Value::Routing(domain::target::RoutingStatus::NotResponding),
            Facet::OutOfOffice => domain::change::Value::OutOfOffice(domain::target::OutOfOffice::On { until: None }),
        };
        let at = self.true_time();
        self.platform.organisation.write(user, value, at);
        self.trace(format_args!("somebody writes {value} to user {user}"));
        self.hint(user);
    }

    /// A notification, where somebody listens; some are lost and some come twice.
    pub(super) fn hint(&mut self, user: usize) {
        let Some(process) = &self.process else { return };
        let listens = process.channels.iter().any(|channel| channel.contains(&user));
        if !listens || self.platform.trouble.has(Fault::HintLost, self.now) {
            return;
        }
        let shown = self.platform.organisation.observe(user);
        let twice = self.platform.trouble.has(Fault::HintTwice, self.now);
        for _ in 0..=u8::from(twice) {
            let wait = self.network.between(50..3_000);
            self.after(wait, Event::Hint(self.incarnation, FeedEvent::Shown(shown.clone())));
        }
    }

    pub(super) fn hear_hint(&mut self, incarnation: u32, event: FeedEvent) {
        let now = self.now();
        if incarnation != self.incarnation {
            return;
        }
        if let Some(process) = &mut self.process {
            process.engine.handle_notified(now, event);
        }
    }

    /// An answer is there.
    pub(super) fn hear_answer(&mut self, incarnation: u32, id: WorkId, reply: Reply) {
        let now = self.now();
        if incarnation != self.incarnation {
            return;
        }
        let Some(process) = &mut self.process else { return };
        let brief = Brief { what: &reply, everything: self.trace.everything() };
        self.trace.line(now.instant, format_args!("answer {id:?} {brief}"));
        self.oracle.answered(self.now, id, &reply);
        reply.tell(&mut process.engine, now, id);
    }

    /// A user's primary source is another one.
    pub(super) fn take_primary(&mut self, user: usize) {
        self.platform.organisation.users[user].primary = Primary::Taken;
        let id = self.platform.organisation.id(user);
        self.trace(format_args!("another source becomes the primary one of {id}"));
        self.hint(user);
    }
}

fn failed(request: &Request, failure: Failure) -> Reply {
    fn answer<T>(failure: Failure) -> Answer<T> {
        Answer { result: Err(failure), quota: None, requests: 1, correlation: None }
    }
    match request {
        Request::Deliver(..) => Reply::Delivered(answer(failure)),
        Request::Observe(_) => Reply::Observed(answer(failure)),
        Request::Users(_) => Reply::Users(answer(failure)),
        Request::External(_) => Reply::External(answer(failure)),
        Request::Claim(_) => Reply::Claimed(answer(failure)),
        Request::Release(_) => Reply::Released(answer(failure)),
        Request::Subscribe(..) => Reply::Subscribed(answer(failure)),
    }
}
