//! A fake Genesys Cloud: accepts, refuses, loses and delays as it is told, and remembers everything.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::change::{Change, Facet, Value};
use domain::ids::{ChangeId, CloudUserId};
use domain::target::{CloudUser, Observation, OutOfOffice, Presence, RoutingStatus, Seen, SystemPresence, UserState};
use domain::time::{Instant, Now};
use replicator::engine::{Engine, Work, WorkId};
use replicator::ports::{Answer, ClaimScope, Entry, Failure, Order, Outcomes, Quota, UserPage};

use crate::paper::Paper;
use crate::world::user;

/// How long the journal takes.
const WRITING: Duration = Duration::from_millis(2);

/// What the next requests meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Not taken, and surely not applied.
    Down,
    /// Applied, but the answer is lost.
    AppliedAndLost,
    /// Taken but not applied, and the answer is lost.
    Lost,
    /// 429 with a time to wait.
    Throttle(u64),
    /// Each third change comes back as retryable.
    DeferSome,
}

/// An answer on its way.
pub enum Reply {
    Recorded(Vec<Entry>),
    Delivered(Answer<Outcomes>, Vec<CloudUserId>),
    Observed(Answer<Vec<Observation>>),
    Users(Answer<UserPage>),
    External(Answer<Option<CloudUserId>>),
    Claimed(Answer<()>, Vec<CloudUserId>),
    Released(Answer<()>, CloudUserId),
    Subscribed(Answer<()>),
}

impl Reply {
    pub fn report(self, engine: &mut Engine, now: Now, id: WorkId) {
        match self {
            Self::Recorded(_) => engine.handle_recorded(id),
            Self::Delivered(answer, _) => engine.handle_delivered(now, id, answer),
            Self::Observed(answer) => engine.handle_observed(now, id, answer),
            Self::Users(answer) => engine.handle_users(now, id, answer),
            Self::External(answer) => engine.handle_external(now, id, answer),
            Self::Claimed(answer, _) => engine.handle_claimed(now, id, answer),
            Self::Released(answer, _) => engine.handle_released(now, id, answer),
            Self::Subscribed(answer) => engine.handle_subscribed(now, id, answer),
        }
    }
}

/// The organisation.
pub struct Cloud {
    pub users: Vec<CloudUser>,
    /// Accepted changes, each at its first acceptance.
    pub events: Vec<(CloudUserId, Change)>,
    pub values: BTreeMap<(CloudUserId, Facet), Value>,
    pub ours: BTreeSet<CloudUserId>,
    /// Who is subscribed to notifications.
    pub subscribed: Vec<CloudUserId>,
    pub organisation_ours: bool,
    /// Claims are accepted and have no effect.
    pub unclaimable: bool,
    pub allowed: u32,
    pub trouble: Vec<Trouble>,
    pub down: bool,
    /// Users whose every change is refused, and whether that fails the whole request.
    pub poison: BTreeMap<CloudUserId, bool>,
    pub unsupported: BTreeSet<Facet>,
    pub external: BTreeMap<String, CloudUserId>,
    pub latency: Duration,
    /// When each request arrived, and by which token.
    pub arrivals: Vec<(Instant, usize)>,
    /// Tokens that are not accepted.
    pub revoked: BTreeSet<usize>,
    /// By which tokens each user was written.
    pub paid_by: BTreeMap<CloudUserId, BTreeSet<usize>>,
    /// Presences are written directly: with the time of their arrival, and the routing status follows from them.
    pub direct: bool,
    /// What kind each was.
    pub kinds: BTreeMap<&'static str, usize>,
    pub throttled: usize,
    pub journal: Paper,
    in_flight: BTreeSet<CloudUserId>,
    known: BTreeSet<ChangeId>,
    applied_at: BTreeMap<(CloudUserId, Facet), jiff::Timestamp>,
}

impl Cloud {
    pub fn new(agents: usize) -> Self {
        let users = (0..agents).map(|number| CloudUser {
            id: user(number),
            name: format!("Agent {number}"),
            email: Some(format!("Agent{number}@Example.com")),
            state: UserState::Active,
        });
        Self {
            users: users.collect(),
            events: Vec::new(),
            values: BTreeMap::new(),
            ours: BTreeSet::new(),
            subscribed: Vec::new(),
            organisation_ours: false,
            unclaimable: false,
            allowed: 300,
            trouble: Vec::new(),
            down: false,
            poison: BTreeMap::new(),
            unsupported: BTreeSet::new(),
            external: BTreeMap::new(),
            latency: Duration::from_millis(50),
            arrivals: Vec::new(),
            revoked: BTreeSet::new(),
            paid_by: BTreeMap::new(),
            direct: false,
            kinds: BTreeMap::new(),
            throttled: 0,
            in_flight: BTreeSet::new(),
            known: BTreeSet::new(),
            journal: Paper::default(),
            applied_at: BTreeMap::new(),
        }
    }

    /// What the organisation holds.
    pub fn value(&self, user: CloudUserId, facet: Facet) -> Value {
        self.values.get(&(user, facet)).copied().unwrap_or(match facet {
            Facet::Presence => Value::Presence(Presence::of(SystemPresence::Offline)),
            Facet::Routing => Value::Routing(RoutingStatus::OffQueue),
            Facet::OutOfOffice => Value::OutOfOffice(OutOfOffice::Off),
        })
    }

    /// Something was told before the test began.
    pub fn hold(&mut self, user: CloudUserId, value: Value, at: jiff::Timestamp) {
        self.values.insert((user, value.facet()), value);
        self.applied_at.insert((user, value.facet()), at);
    }

    /// Whoever held a connection is gone.
    pub fn forget_connections(&mut self) {
        self.in_flight.clear();
    }

    /// The most requests that arrived within any 60 seconds by one token.
    pub fn most_in_a_minute(&self) -> usize {
        let mut arrivals = self.arrivals.clone();
        arrivals.sort_unstable();
        let within = |place: usize| {
            let (first, token) = arrivals[place];
            let near = arrivals[place..].iter().take_while(|(at, _)| at.since(first) < Duration::from_secs(60));
            near.filter(|(_, other)| *other == token).count()
        };
        (0..arrivals.len()).map(within).max().unwrap_or(0)
    }

    /// Takes a request; returns the answer and how long it takes.
    pub fn ask(&mut self, now: Now, token: usize, work: Work) -> (Duration, Reply) {
        let reply = match work {
            Work::Record(entries) => return (WRITING, Reply::Recorded(entries)),
            Work::Resync => unreachable!("the world takes it"),
            Work::Subscribe { users, .. } => Reply::Subscribed(self.request((now, token), "subscribe", |cloud, _| {
                cloud.subscribed = users.clone();
                Ok(())
            })),
            Work::Deliver(_, orders) => {
                let users: Vec<CloudUserId> = orders.iter().map(|order| order.user).collect();
                self.begin(&users);
                for user in &users {
                    self.paid_by.entry(*user).or_default().insert(token);
                }
                let answer =
                    self.request((now, token), "deliver", |cloud, trouble| cloud.deliver(now, orders, trouble));
                Reply::Delivered(answer, users)
            }
            Work::Observe(users) => {
                assert!(users.len() <= 100, "at most 100 users");
                Reply::Observed(self.request((now, token), "observe", |cloud, _| Ok(cloud.observe(&users))))
            }
            Work::ReadUsers(page) => Reply::Users(self.request((now, token), "users", |cloud, _| Ok(cloud.page(page)))),
            Work::FindExternal(agent) => {
                let found = self.external.get(agent.as_str()).copied();
                Reply::External(self.request((now, token), "external", |_, _| Ok(found)))
            }
            Work::Claim(scope) => {
                let users = match scope {
                    ClaimScope::Organisation => Vec::new(),
                    ClaimScope::User(user) => vec![user],
                };
                self.begin(&users);
                let answer = self.request((now, token), "claim", |cloud, _| {
                    cloud.claim(scope);
                    Ok(())
                });
                Reply::Claimed(answer, users)
            }
            Work::Release(user) => {
                self.begin(&[user]);
                let answer = self.request((now, token), "release", |cloud, _| {
                    cloud.ours.remove(&user);
                    Ok(())
                });
                Reply::Released(answer, user)
            }
        };
        (self.latency, reply)
    }

    /// An answer reached the engine: its users are free again.
    pub fn answered(&mut self, reply: &Reply) {
        if let Reply::Recorded(entries) = reply {
            self.journal.write(entries);
        }
        if let Reply::Delivered(_, users) | Reply::Claimed(_, users) = reply {
            for user in users {
                self.in_flight.remove(user);
            }
        }
        if let Reply::Released(_, user) = reply {
            self.in_flight.remove(user);
        }
    }

    fn begin(&mut self, users: &[CloudUserId]) {
        let distinct: BTreeSet<CloudUserId> = users.iter().copied().collect();
        for user in distinct {
            assert!(self.in_flight.insert(user), "two writes for one user are under way");
        }
    }

    fn request<T>(
        &mut self,
        (now, token): (Now, usize),
        kind: &'static str,
        act: impl FnOnce(&mut Self, Option<Trouble>) -> Result<T, Failure>,
    ) -> Answer<T> {
        self.arrivals.push((now.instant + self.latency / 2, token));
        *self.kinds.entry(kind).or_default() += 1;
        let minute = now.instant.0.as_secs() / 60;
        let here = |(at, by): &&(Instant, usize)| at.0.as_secs() / 60 == minute && *by == token;
        let count = self.arrivals.iter().filter(here).count();
        let reset = Duration::from_secs(60 - now.instant.0.as_secs() % 60);
        let quota = Some(Quota { allowed: self.allowed, count: u32::try_from(count).unwrap(), reset });
        let down = Failure::Unavailable { reason: "down".to_owned(), maybe_applied: false };
        let lost = Failure::Unavailable { reason: "lost".to_owned(), maybe_applied: true };
        if self.down {
            return Answer { result: Err(down), quota: None, requests: 1, correlation: None };
        }
        if self.revoked.contains(&token) {
            let result = Err(Failure::Unauthorized { reason: "401 bad.credentials".to_owned() });
            return Answer { result, quota: None, requests: 1, correlation: None };
        }
        let trouble = if self.trouble.is_empty() { None } else { Some(self.trouble.remove(0)) };
        let result = match trouble {
            Some(Trouble::Down) => Err(down),
            Some(Trouble::Lost) => Err(lost),
            Some(Trouble::AppliedAndLost) => act(self, None).and(Err(lost)),
            Some(Trouble::Throttle(seconds)) => {
                self.throttled += 1;
                Err(Failure::Throttled { retry_after: Some(Duration::from_secs(seconds)) })
            }
            Some(Trouble::DeferSome) | None => act(self, trouble),
        };
        Answer { result, quota, requests: 1, correlation: None }
    }

    fn deliver(&mut self, now: Now, orders: Vec<Order>, trouble: Option<Trouble>) -> Result<Outcomes, Failure> {
        assert!(orders.len() <= 100, "at most 100 changes");
        if self.direct {
            self.check_direct(&orders);
        }
        for order in &orders {
            self.journal.send(order.change.id);
            let later = orders.iter().skip_while(|one| one.change.id != order.change.id).skip(1);
            let mut later = later.filter(|one| one.user == order.user);
            assert!(later.all(|one| order.change.happened < one.change.happened), "a user's changes are out of order");
        }
        let refused = || Failure::Refused { reason: "bad.request".to_owned() };
        if orders.iter().any(|order| self.poison.get(&order.user) == Some(&true)) {
            return Err(refused());
        }
        if orders.iter().any(|order| self.unsupported.contains(&order.change.to.facet())) {
            return Err(Failure::Unsupported { reason: "missing.any.permissions".to_owned() });
        }
        let mut outcomes = Vec::new();
        for (place, order) in orders.into_iter().enumerate() {
            let id = order.change.id;
            let outcome = if self.poison.contains_key(&order.user) {
                Err(refused())
            } else if trouble == Some(Trouble::DeferSome) && place % 3 == 0 {
                Err(Failure::Deferred { reason: "retryable".to_owned() })
            } else {
                self.apply(now, order);
                Ok(())
            };
            outcomes.push((id, outcome));
        }
        Ok(outcomes)
    }

    /// On Queue goes alone, and of the routing statuses only the end of NOT_RESPONDING can be written.
    fn check_direct(&self, orders: &[Order]) {
        let on_queue = |order: &Order| matches!(order.change.to, Value::Presence(value) if value.is_on_queue());
        assert!(orders.len() == 1 || !orders.iter().any(on_queue), "endpoint.does.not.support.on.queue");
        assert!(orders.len() <= 50, "max.user.presences");
        let users: BTreeSet<CloudUserId> = orders.iter().map(|order| order.user).collect();
        assert_eq!(users.len(), orders.len(), "one value a user");
        for order in orders.iter().filter(|order| order.change.to.facet() == Facet::Routing) {
            assert_eq!(order.change.to, Value::Routing(RoutingStatus::Idle));
            let shown = self.value(order.user, Facet::Routing);
            assert_eq!(shown, Value::Routing(RoutingStatus::NotResponding), "an invalid transition");
        }
    }

    /// An id that was seen before has no effect, and an older time none on what is shown.
    fn apply(&mut self, now: Now, order: Order) {
        if !self.known.insert(order.change.id) && !self.direct {
            return;
        }
        let key = (order.user, order.change.to.facet());
        let at = if self.direct { now.utc } else { order.change.happened };
        if self.direct || self.applied_at.get(&key).is_none_or(|before| *before < at) {
            self.applied_at.insert(key, at);
            self.values.insert(key, order.change.to);
        }
        if let (true, Value::Presence(presence)) = (self.direct, order.change.to) {
            let status = if presence.is_on_queue() { RoutingStatus::Idle } else { RoutingStatus::OffQueue };
            self.values.insert((order.user, Facet::Routing), Value::Routing(status));
        }
        self.events.push((order.user, order.change));
    }

    fn observe(&self, users: &[CloudUserId]) -> Vec<Observation> {
        let seen = |user, facet| (self.value(user, facet), self.applied_at.get(&(user, facet)).copied());
        let of = |user: &CloudUserId| {
            let (Value::Presence(presence), presence_since) = seen(*user, Facet::Presence) else { unreachable!() };
            let (Value::Routing(routing), routing_since) = seen(*user, Facet::Routing) else { unreachable!() };
            let (Value::OutOfOffice(office), _) = seen(*user, Facet::OutOfOffice) else { unreachable!() };
            Observation {
                user: *user,
                presence: Some(Seen { value: presence, since: presence_since }),
                routing: Some(Seen { value: routing, since: routing_since }),
                out_of_office: Some(Seen { value: office, since: None }),
                ours: Some(self.organisation_ours || self.ours.contains(user)),
            }
        };
        users.iter().map(of).collect()
    }

    fn page(&self, page: u32) -> UserPage {
        let first = (page as usize - 1) * 100;
        let users: Vec<CloudUser> = self.users.iter().skip(first).take(100).cloned().collect();
        let next = (first + 100 < self.users.len()).then_some(page + 1);
        UserPage { users, next }
    }

    fn claim(&mut self, scope: ClaimScope) {
        if self.unclaimable {
            return;
        }
        match scope {
            ClaimScope::Organisation => self.organisation_ours = true,
            ClaimScope::User(user) => {
                self.ours.insert(user);
            }
        }
    }
}
