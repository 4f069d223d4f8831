//! Who waits for which lane, in which order.
//!
//! Keeps places only: it knows neither agents nor changes nor the budget.
//!
//! Changes that cross On Queue go first, then other presence, routing status, out of office; the oldest first within a
//! class, and a class gains one rank for each minute of age. That is the order of `since + class × 60 s`. As long as no
//! lane has a full batch there is no want of requests, and a class is worth a second only: a presence that has just come
//! does not keep the routing statuses waiting that came before it.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::change::{Facet, Value};
use domain::target::RoutingStatus;
use domain::time::Instant;

use super::budget::Class;
use super::record::Place;
use crate::ports::{Lane, Takes};

const RANK: Duration = Duration::from_secs(60);

/// What a class is worth while no lane has a full batch.
const CALM_RANK: Duration = Duration::from_secs(1);

/// How long a lane rests that the platform does not support; then one request tries.
const REST: Duration = Duration::from_secs(60);

/// When a change has to go: earlier first.
#[must_use]
pub fn deadline(facet: Facet, crossing: bool, since: Instant) -> Instant {
    since + RANK * class(facet, crossing)
}

/// The rank of a change: the lower, the sooner it goes.
#[must_use]
pub fn class(facet: Facet, crossing: bool) -> u32 {
    match facet {
        Facet::Presence if crossing => 0,
        Facet::Presence => 1,
        Facet::Routing => 2,
        Facet::OutOfOffice => 3,
    }
}

/// Every lane of every token; nobody waits yet.
#[must_use]
pub fn waiting(lanes: &[Lane], tokens: usize) -> Vec<Waiting> {
    (0..tokens).flat_map(|token| lanes.iter().map(move |lane| Waiting::new(*lane, token))).collect()
}

impl Lane {
    /// Whether a change to this value may go here.
    #[must_use]
    pub fn takes(&self, value: Value) -> bool {
        let fits = match (self.takes, value) {
            (Takes::Everything, _) => true,
            (Takes::OnQueue, Value::Presence(presence)) => presence.is_on_queue(),
            (Takes::OffQueue, Value::Presence(presence)) => !presence.is_on_queue(),
            (Takes::EndOfNotResponding, Value::Routing(status)) => status == RoutingStatus::Idle,
            (Takes::OnQueue | Takes::OffQueue, Value::Routing(_) | Value::OutOfOffice(_))
            | (Takes::EndOfNotResponding, Value::Presence(_) | Value::OutOfOffice(_)) => false,
        };
        fits && self.facet == value.facet()
    }
}

/// A lane of one token, and who waits for it.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// The lane.
    pub lane: Lane,
    /// The token that pays.
    pub token: usize,
    /// By deadline.
    ready: BTreeSet<(Instant, usize)>,
    /// Changes of all of them.
    weight: usize,
    /// How many of them cross On Queue.
    crossing: usize,
    /// Until when the lane rests because the platform does not support it.
    rests_until: Option<Instant>,
    /// Whether the next request tries whether it is supported again.
    trial: bool,
}

impl Waiting {
    /// Nobody waits yet.
    #[must_use]
    pub fn new(lane: Lane, token: usize) -> Self {
        Self { lane, token, ready: BTreeSet::new(), weight: 0, crossing: 0, rests_until: None, trial: false }
    }

    /// Whether it is this one.
    #[must_use]
    pub fn is_of(&self, token: usize, lane: Lane) -> bool {
        self.token == token && self.lane == lane
    }

    /// An agent waits.
    pub fn insert(&mut self, agent: usize, place: Place) {
        if self.ready.insert((place.deadline, agent)) {
            self.weight += place.weight;
            self.crossing += usize::from(place.crossing);
        }
    }

    /// An agent waits no longer.
    pub fn remove(&mut self, agent: usize, place: Place) {
        if self.ready.remove(&(place.deadline, agent)) {
            self.weight -= place.weight;
            self.crossing -= usize::from(place.crossing);
        }
    }

    /// The most urgent deadline; `calm` says that no lane has a full batch. Where only the newest value counts, one full
    /// batch is worth as many requests as it has changes, and goes first.
    #[must_use]
    pub fn first(&self, calm: bool) -> Option<Instant> {
        let (first, _) = self.ready.first()?;
        if self.lane.takes == Takes::OffQueue && self.is_full() {
            return Some(Instant::START);
        }
        let class = class(self.lane.facet, self.is_crossing());
        Some(if calm { *first - RANK * class + CALM_RANK * class } else { *first })
    }

    /// How deep into the budget the next request may reach. Where each agent that goes on queue takes a request, those
    /// use up all that is theirs for minutes: there, what has waited for as long as its class is worth counts as one of them.
    #[must_use]
    pub fn class(&self, now: Instant, direct: bool) -> Class {
        let aged = direct && self.ready.first().is_some_and(|(deadline, _)| *deadline <= now);
        let bulk = self.lane.takes == Takes::OffQueue && self.is_full();
        if bulk || aged || self.is_crossing() { Class::Crossing } else { Class::Normal }
    }

    /// The agents in the order in which they go.
    pub fn in_order(&self) -> impl Iterator<Item = usize> {
        self.ready.iter().map(|(_, agent)| *agent)
    }

    /// Whether waiting could not make a request carry more that carries several, or that puts an agent on queue.
    #[must_use]
    pub fn is_full(&self) -> bool {
        let counts = self.lane.batch > 1 || self.lane.takes == Takes::OnQueue;
        counts && self.weight >= self.lane.batch
    }

    /// How many requests it takes to tell all that waits.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.weight.div_ceil(self.lane.batch.max(1))
    }

    /// Whether a change that crosses On Queue waits.
    #[must_use]
    pub fn is_crossing(&self) -> bool {
        self.crossing > 0
    }

    /// The platform does not support it.
    pub fn rest(&mut self, now: Instant) {
        self.rests_until = Some(now + REST);
        self.trial = false;
    }

    /// It was supported after all; returns whether that is news.
    pub fn wake(&mut self) -> bool {
        self.trial = false;
        self.rests_until.take().is_some()
    }

    /// Until when it rests, if it does; after that one request tries.
    pub fn rests(&mut self, now: Instant) -> Option<Instant> {
        let until = self.rests_until?;
        if now < until {
            return Some(until);
        }
        self.trial = true;
        None
    }

    /// Whether the platform does not support it as far as we know.
    #[must_use]
    pub fn is_unsupported(&self) -> bool {
        self.rests_until.is_some()
    }

    /// The most changes of the next request.
    #[must_use]
    pub fn batch(&self) -> usize {
        if self.trial { 1 } else { self.lane.batch }
    }
}
