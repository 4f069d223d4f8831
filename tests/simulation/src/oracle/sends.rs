//! What leaves the process: one write a user, in order, with an intent on the disk before it, within the rate.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use domain::change::{Facet, Value};
use domain::ids::{ChangeId, CloudUserId};
use domain::target::RoutingStatus;
use jiff::Timestamp;
use replicator::engine::WorkId;
use replicator::ports::{Attempt, Failure, Lane, Order, Takes};

use crate::cloud::{Organisation, Reply, user_number};
use crate::fault::Fault;
use crate::journal::{Books, End, Journal};
use crate::plan::Plan;

const MINUTE: u64 = 60_000;

/// One time that a change was sent.
#[derive(Debug, Clone, Copy)]
struct Sent {
    at: Timestamp,
    incarnation: u32,
    /// Whether the journal was given its outcome.
    told: bool,
}

/// What was sent with one token.
#[derive(Debug, Clone, Default)]
struct Token {
    arrivals: VecDeque<u64>,
    /// Until when a 429 keeps it.
    not_before: u64,
}

#[derive(Debug)]
pub(super) struct Sends {
    /// Requests in 60 seconds and token that are ours.
    share: usize,
    /// Nothing may be sent any more.
    pub quiet: bool,
    /// The picture of the moment cannot be right.
    pub bad_picture: bool,
    flying: BTreeMap<CloudUserId, WorkId>,
    sent: BTreeMap<ChangeId, Vec<Sent>>,
    versions: BTreeMap<ChangeId, u64>,
    /// Changes that a later one of the same facet went before.
    skipped: BTreeMap<ChangeId, ChangeId>,
    settled: BTreeSet<ChangeId>,
    tokens: Vec<Token>,
    /// Which token paid for each user's last write.
    payers: BTreeMap<usize, usize>,
    /// Whether no token is ever refused.
    keeps_tokens: bool,
    /// Which token each request under way was sent with.
    paid: BTreeMap<WorkId, usize>,
    incarnation: u32,
}

impl Sends {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a small positive number")]
    pub(super) fn new(plan: &Plan) -> Self {
        let budget = plan.options.budget;
        Self {
            share: ((f64::from(budget.per_minute) * budget.share) as usize).max(1),
            quiet: false,
            bad_picture: false,
            flying: BTreeMap::new(),
            sent: BTreeMap::new(),
            versions: BTreeMap::new(),
            skipped: BTreeMap::new(),
            settled: BTreeSet::new(),
            tokens: vec![Token::default(); budget.tokens],
            payers: BTreeMap::new(),
            keeps_tokens: !plan.has(Fault::TokenRevoked) && !plan.has(Fault::Unauthorized),
            paid: BTreeMap::new(),
            incarnation: 0,
        }
    }

    pub(super) fn started(&mut self, now: u64, requests: &[u32]) {
        self.incarnation += 1;
        let begin = |requests: &u32| Token { arrivals: (0..*requests).map(|_| now).collect(), not_before: 0 };
        self.tokens = requests.iter().map(begin).collect();
        self.paid.clear();
        self.payers.clear();
        self.bad_picture = false;
    }

    pub(super) fn ended(&mut self) {
        self.flying.clear();
        self.skipped.clear();
    }

    pub(super) fn leaves(&mut self, now: u64, id: WorkId, token: usize) -> Result<(), String> {
        self.paid.insert(id, token);
        let not_before = self.tokens[token].not_before;
        if now < not_before {
            return Err(format!("P7: a request leaves {} ms before Retry-After is over", not_before - now));
        }
        Ok(())
    }

    pub(super) fn sent(
        &mut self,
        utc: Timestamp,
        (id, token): (WorkId, usize),
        lane: Lane,
        orders: &[Order],
        incarnation: u32,
        journal: &Journal,
    ) -> Result<(), String> {
        if self.quiet {
            return Err(format!("P1: everybody was in step and nothing happened, and yet: {orders:?}"));
        }
        if self.bad_picture {
            return Err(format!("P10: sent while the picture cannot be right: {orders:?}"));
        }
        if orders.len() > lane.batch || orders.iter().any(|order| !fits(lane, order)) {
            return Err(format!("P3: {orders:?} do not fit into {lane:?}"));
        }
        let users: BTreeSet<CloudUserId> = orders.iter().map(|order| order.user).collect();
        if !lane.keeps_history && users.len() < orders.len() {
            return Err(format!("P3: several values of one user in {orders:?}"));
        }
        for user in users {
            self.fly(id, user)?;
            self.pays(user_number(user), token)?;
        }
        for (place, order) in orders.iter().enumerate() {
            self.has_intent(order, &journal.durable)?;
            self.in_order(order, &orders[..place], &journal.noted)?;
        }
        for order in orders {
            let sent = Sent { at: utc, incarnation, told: false };
            self.sent.entry(order.change.id).or_default().push(sent);
        }
        Ok(())
    }

    /// A write for a user is under way.
    pub(super) fn fly(&mut self, id: WorkId, user: CloudUserId) -> Result<(), String> {
        match self.flying.insert(user, id) {
            Some(other) => Err(format!("P3: {other:?} and {id:?} are under way for {user} at once")),
            None => Ok(()),
        }
    }

    /// A token pays for a user's write: always the same one, unless one of them may have been refused.
    pub(super) fn pays(&mut self, user: usize, token: usize) -> Result<(), String> {
        match self.payers.insert(user, token) {
            Some(before) if before != token && self.keeps_tokens => {
                Err(format!("P3: user {user} is written with token {token} after token {before}"))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn has_intent(&mut self, order: &Order, durable: &Books) -> Result<(), String> {
        let id = order.change.id;
        let Some(life) = durable.lives.get(&id) else {
            return Err(format!("P6: {id} is sent before it is on the disk"));
        };
        self.versions.insert(id, life.version);
        let sends = self.sent.get(&id).map_or(0, Vec::len);
        if life.intents as usize <= sends {
            let intents = life.intents;
            return Err(format!("P6: {id} is sent for the {}th time with {intents} intents on the disk", sends + 1));
        }
        let same = life.change.to == order.change.to && life.change.happened == order.change.happened;
        if !same || user_number(order.user) != life.agent {
            return Err(format!("P6: {order:?} is sent where {life:?} is on the disk"));
        }
        if life.end != End::Pending {
            return Err(format!("P13: {id} is sent and was {:?}", life.end));
        }
        Ok(())
    }

    /// Whatever happened before and is not settled goes before, or in the same request; who was passed over once is
    /// not sent any more.
    fn in_order(&mut self, order: &Order, before: &[Order], noted: &Books) -> Result<(), String> {
        let id = order.change.id;
        if let Some(later) = self.skipped.get(&id) {
            return Err(format!("P3: {id} is sent after its successor {later}"));
        }
        let Some(life) = noted.lives.get(&id) else { return Ok(()) };
        let line = noted.lines.get(&(life.agent, order.change.to.facet()));
        for pending in line.iter().flat_map(|line| &line.pending) {
            let earlier =
                noted.lives.get(pending).is_some_and(|pending| pending.change.happened < order.change.happened);
            let along = before.iter().any(|order| order.change.id == *pending);
            if earlier && !along && !self.settled.contains(pending) {
                self.skipped.insert(*pending, id);
            }
        }
        let later = |other: &Order| other.change.happened > order.change.happened;
        let same = |other: &&Order| other.user == order.user && other.change.to.facet() == order.change.to.facet();
        match before.iter().filter(same).find(|other| later(other)) {
            Some(later) => Err(format!("P3: {id} is sent after its successor {} in one request", later.change.id)),
            None => Ok(()),
        }
    }

    /// Counts a request within any 60 seconds.
    pub(super) fn arrived(&mut self, now: u64, token: usize) -> Result<(), String> {
        let arrivals = &mut self.tokens[token].arrivals;
        while arrivals.front().is_some_and(|at| at + MINUTE <= now) {
            arrivals.pop_front();
        }
        arrivals.push_back(now);
        if arrivals.len() > self.share {
            let count = arrivals.len();
            return Err(format!("P7: {count} requests in 60 s of token {token} where {} are ours", self.share));
        }
        Ok(())
    }

    pub(super) fn answered(&mut self, now: u64, id: WorkId, reply: &Reply) {
        self.flying.retain(|_, flying| *flying != id);
        if let Some(Failure::Throttled { retry_after: Some(wait) }) = failure(reply) {
            let wait = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
            if let Some(token) = self.paid.get(&id).and_then(|token| self.tokens.get_mut(*token)) {
                token.not_before = token.not_before.max(now + wait);
            }
        }
        if let Reply::Delivered(answer) = reply
            && let Ok(outcomes) = &answer.result
        {
            let settled = outcomes.iter().filter(|(_, outcome)| outcome.is_ok());
            self.settled.extend(settled.map(|(change, _)| *change));
        }
    }

    /// The journal is told of an attempt: there was one.
    pub(super) fn attempted(&mut self, id: ChangeId, attempt: &Attempt) -> Result<(), String> {
        let incarnation = self.incarnation;
        let sent = self.sent.entry(id).or_default().iter_mut();
        let mut sent = sent.filter(|sent| sent.incarnation == incarnation && !sent.told && sent.at == attempt.sent);
        match sent.next() {
            Some(sent) => {
                sent.told = true;
                Ok(())
            }
            None => Err(format!("P6: the journal is told of an attempt that was not made: {id} {attempt:?}")),
        }
    }

    /// Whatever was sent since the last start has its outcome in the journal; whatever was delivered had its effect.
    pub(super) fn end(&self, durable: &Books, organisation: &Organisation) -> Result<(), String> {
        for (id, sent) in &self.sent {
            if sent.iter().any(|sent| sent.incarnation == self.incarnation && !sent.told) {
                return Err(format!("P6: {id} was sent and the journal has no outcome of it"));
            }
        }
        for (id, life) in &durable.lives {
            let accepted = organisation.accepted.get(id);
            let effect =
                accepted.is_some_and(|(user, change)| *user == life.agent && change.happened == life.change.happened);
            if life.end == End::Delivered && !effect {
                return Err(format!("P13: {id} counts as delivered and never had an effect: {life:?}"));
            }
        }
        for (id, (_, change)) in &organisation.accepted {
            let facet: Facet = change.to.facet();
            if !durable.lives.contains_key(id) {
                return Err(format!("P6: {facet} {id} had an effect and is not in the journal"));
            }
        }
        Ok(())
    }

    pub(super) fn version(&self, id: ChangeId) -> u64 {
        self.versions.get(&id).copied().unwrap_or(0)
    }
}

/// Whether a lane takes a change.
fn fits(lane: Lane, order: &Order) -> bool {
    let to = order.change.to;
    let on_queue = matches!(to, Value::Presence(presence) if presence.is_on_queue());
    let takes = match lane.takes {
        Takes::Everything => true,
        Takes::OffQueue => !on_queue,
        Takes::OnQueue => on_queue,
        Takes::EndOfNotResponding => to == Value::Routing(RoutingStatus::Idle),
    };
    takes && lane.facet == to.facet()
}

/// Why a request failed as a whole.
pub(super) fn failure(reply: &Reply) -> Option<&Failure> {
    match reply {
        Reply::Delivered(answer) => answer.result.as_ref().err(),
        Reply::Observed(answer) => answer.result.as_ref().err(),
        Reply::Users(answer) => answer.result.as_ref().err(),
        Reply::External(answer) => answer.result.as_ref().err(),
        Reply::Claimed(answer) | Reply::Released(answer) | Reply::Subscribed(answer) => answer.result.as_ref().err(),
    }
}

pub(super) fn is_unavailable(reply: &Reply) -> bool {
    matches!(failure(reply), Some(Failure::Unavailable { .. } | Failure::Unauthorized { .. }))
}

pub(super) fn is_throttled(reply: &Reply) -> bool {
    matches!(failure(reply), Some(Failure::Throttled { .. }))
}
