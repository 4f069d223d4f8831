//! PureConnect itself: users, status messages, workgroups, interactions, and the sessions that watch them.
//!
//! One value, owned by one task ([`super::system`]); everything is done to it in order and at once. It knows ICWS messages
//! and no HTTP.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use domain::ids::{AgentId, InteractionId, StatusId, WorkgroupId};
use jiff::Timestamp;
use serde::Serialize;
use tokio::time::Instant;

use self::fault::Faults;
use self::interaction::Call;
use self::rights::Withheld;
use self::session::Session;
use self::truth::{AgentTruth, InteractionTruth, Truth, TruthLog};
use self::user::User;
use super::Options;
use super::catalogue::{StatusMessage, shipped};
use crate::clock::Clock;
use crate::population::{GROUP_RING, WORKGROUPS, answers_group_ring, random_uuid};

mod act;
pub mod action;
mod administer;
pub mod fault;
pub mod interaction;
pub(crate) mod pages;
pub mod rights;
pub(crate) mod session;
mod sessions;
pub(crate) mod tell;
pub mod truth;
pub(crate) mod user;
mod watch;

/// What agents get who do not answer, in every workgroup.
pub(crate) const NO_ANSWER: &str = "AcdAgentNotAnswering";
/// What agents get after an ACD call, in every workgroup.
pub(crate) const WRAP_UP: &str = "Follow Up";
/// How many requests are remembered: more than any test looks back.
const REQUESTS: usize = 100_000;

/// A workgroup.
pub(crate) struct Workgroup {
    pub(crate) name: Arc<str>,
    pub(crate) extension: String,
    /// 5 ACD, 2 GroupRing.
    pub(crate) queue_type: u8,
    pub(crate) members: BTreeSet<AgentId>,
}

/// A request that was made of the server.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct RequestEntry {
    pub(crate) sequence: u64,
    pub(crate) at: Timestamp,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) status: u16,
}

/// A token for a second session, which is good once and for seconds.
pub(crate) struct AuthToken {
    pub(crate) seed: String,
    pub(crate) token: String,
    pub(crate) session: String,
    pub(crate) expires: Instant,
}

/// How the server was set up.
pub(crate) struct Setup {
    pub(crate) server: String,
    pub(crate) password: String,
    pub(crate) release: (u32, u32),
    pub(crate) workforce_engagement: bool,
    pub(crate) messaging_version: u32,
    pub(crate) idle_timeout: Option<Duration>,
    pub(crate) alternate_hosts: Vec<String>,
}

/// Everything.
pub(crate) struct World {
    pub(crate) setup: Setup,
    pub(crate) clock: Clock,
    pub(crate) random: fastrand::Rng,
    pub(crate) users: BTreeMap<AgentId, User>,
    pub(crate) workgroups: BTreeMap<WorkgroupId, Workgroup>,
    pub(crate) catalogue: BTreeMap<StatusId, StatusMessage>,
    pub(crate) calls: BTreeMap<InteractionId, Call>,
    pub(crate) sessions: BTreeMap<String, Session>,
    ended: VecDeque<String>,
    pub(crate) tokens: Vec<AuthToken>,
    pub(crate) faults: Faults,
    /// What nobody who logs on may see.
    pub(crate) withheld: Withheld,
    log: TruthLog,
    requests: VecDeque<RequestEntry>,
    requests_first: u64,
    /// Statuses to tell at the end of their second.
    held: BTreeSet<(Instant, AgentId)>,
    /// When agents who are shown logged off find the server again.
    returning: BTreeSet<(Instant, AgentId)>,
    /// The time of what happens together.
    moment: Option<Timestamp>,
}

impl World {
    pub(crate) fn new(options: Options) -> Self {
        let mut workgroups = new_workgroups();
        let now = options.clock.utc();
        let mut users = new_agents(&options, &mut workgroups);
        let service = AgentId::new(&options.user);
        users.entry(service).or_insert_with(|| {
            let mut user = new_user(&options.user, &options.user, None, "Available", now);
            user.service = true;
            user
        });
        let setup = Setup {
            server: "CIC1".to_owned(),
            password: options.password,
            release: options.release,
            workforce_engagement: options.workforce_engagement,
            messaging_version: options.messaging_version,
            idle_timeout: options.idle_timeout,
            alternate_hosts: options.alternate_hosts,
        };
        let mut world = Self {
            setup,
            clock: options.clock,
            random: fastrand::Rng::with_seed(options.seed ^ 0x4943_5753),
            users,
            workgroups,
            catalogue: shipped().into_iter().map(|status| (StatusId::new(&status.status_id), status)).collect(),
            calls: BTreeMap::new(),
            sessions: BTreeMap::new(),
            ended: VecDeque::new(),
            tokens: Vec::new(),
            faults: Faults::default(),
            withheld: Withheld::default(),
            log: TruthLog::default(),
            requests: VecDeque::new(),
            requests_first: 0,
            held: BTreeSet::new(),
            returning: BTreeSet::new(),
            moment: None,
        };
        let agents: Vec<AgentId> = world.users.keys().cloned().collect();
        for agent in agents {
            world.record_beginning(&agent);
        }
        world
    }

    /// The time; it stands still within a moment.
    pub(crate) fn now(&self) -> Timestamp {
        self.moment.unwrap_or_else(|| self.clock.utc())
    }

    /// A random id in the form of a UUID.
    pub(crate) fn guid(&mut self) -> String {
        random_uuid(&mut self.random).to_string()
    }

    /// Whether interactions of this workgroup are routed by ACD.
    pub(crate) fn is_acd(&self, call: &Call) -> bool {
        let workgroup = call.workgroup.as_ref().and_then(|id| self.workgroups.get(id));
        call.is_acd() && workgroup.is_some_and(|workgroup| workgroup.queue_type == 5)
    }

    fn interaction_truth(&self, call: &Call) -> InteractionTruth {
        let workgroup = call.workgroup.as_ref().and_then(|id| self.workgroups.get(id));
        InteractionTruth {
            id: call.id.as_str().to_owned(),
            state: Cow::Borrowed(call.state.letter()),
            workgroup: workgroup.map(|workgroup| Arc::clone(&workgroup.name)),
            acd: self.is_acd(call),
        }
    }

    /// Every agent now, and the log from `since` on.
    pub(crate) fn truth(&self, since: u64) -> Truth {
        let agents = self.users.values().filter(|user| !user.service).map(|user| {
            let calls = user.interactions.iter().filter_map(|id| self.calls.get(id));
            let agent = AgentTruth {
                status: user.status.to_string(),
                since: user.status_changed,
                until: user.until.as_ref().map(|until| until.until_date_time),
                logged_in: user.logged_in(),
                on_phone: user.on_phone,
                email: user.email.clone(),
                interactions: calls.map(|call| self.interaction_truth(call)).collect(),
            };
            (user.id.to_string(), agent)
        });
        Truth {
            now: self.now(),
            agents: agents.collect(),
            beginnings: self.log.beginnings(),
            log: self.log.since(since),
            catalogue: self.log.edits_since(since),
            next: self.log.next(),
        }
    }

    pub(crate) fn log_request(&mut self, method: &str, path: &str, status: u16) {
        let sequence = self.requests_first + self.requests.len() as u64;
        let entry = RequestEntry { sequence, at: self.now(), method: method.to_owned(), path: path.to_owned(), status };
        self.requests.push_back(entry);
        if self.requests.len() > REQUESTS {
            self.requests.pop_front();
            self.requests_first += 1;
        }
    }

    pub(crate) fn requests_since(&self, since: u64) -> Vec<RequestEntry> {
        let skip = usize::try_from(since.saturating_sub(self.requests_first)).unwrap_or(usize::MAX);
        self.requests.iter().skip(skip).cloned().collect()
    }

    /// When something is to be done although nobody asks.
    pub(crate) fn next_wake(&self) -> Option<Instant> {
        let held = self.held.first().map(|(due, _)| *due);
        let idle = self.setup.idle_timeout.and_then(|timeout| {
            let live = self.sessions.values().filter(|session| session.ended().is_none());
            live.map(|session| session.seen + timeout).min()
        });
        let returns = self.returning.first().map(|(due, _)| *due);
        held.into_iter().chain(idle).chain(returns).min()
    }

    /// Does what is due.
    pub(crate) fn handle_wake(&mut self, now: Instant) {
        while let Some((due, user)) = self.held.first().cloned()
            && due <= now
        {
            self.held.remove(&(due, user.clone()));
            self.tell_held(&user);
        }
        self.tell_returned(now);
        self.end_idle_sessions(now);
    }
}

/// The agents, who join their workgroups; every twentieth also the one whose queue is not ACD.
fn new_agents(options: &Options, workgroups: &mut BTreeMap<WorkgroupId, Workgroup>) -> BTreeMap<AgentId, User> {
    let now = options.clock.utc();
    let status = if options.agents_logged_on { "Available" } else { "Gone Home" };
    let mut users = BTreeMap::new();
    for (place, person) in options.people.iter().enumerate() {
        let mut user = new_user(&person.user_id, &person.display_name, Some(person.email.clone()), status, now);
        user.at_desk = options.agents_logged_on;
        user.extension = format!("{}", 8101 + place);
        user.station = Some(format!("station{}", place + 1));
        for name in [person.workgroup].into_iter().chain(answers_group_ring(place).then_some(GROUP_RING)) {
            let id = WorkgroupId::new(name);
            if let Some(workgroup) = workgroups.get_mut(&id) {
                workgroup.members.insert(AgentId::new(&person.user_id));
            }
            user.activations.insert(id.clone(), true);
            user.workgroups.insert(id);
        }
        users.insert(AgentId::new(&person.user_id), user);
    }
    users
}

fn new_workgroups() -> BTreeMap<WorkgroupId, Workgroup> {
    let names = WORKGROUPS.into_iter().chain([GROUP_RING]);
    let workgroups = names.zip(7000_u32..).map(|(name, extension)| {
        let queue_type = if name == GROUP_RING { 2 } else { 5 };
        let extension = extension.to_string();
        (WorkgroupId::new(name), Workgroup { name: Arc::from(name), extension, queue_type, members: BTreeSet::new() })
    });
    workgroups.collect()
}

/// A user who has never done anything.
pub(crate) fn new_user(id: &str, name: &str, email: Option<String>, status: &str, now: Timestamp) -> User {
    let status: Arc<str> = Arc::from(status);
    User {
        id: Arc::from(id),
        display_name: name.to_owned(),
        email,
        extension: "8000".to_owned(),
        workgroups: BTreeSet::new(),
        activations: BTreeMap::new(),
        created: now,
        service: false,
        status: Arc::clone(&status),
        status_changed: now,
        notes: String::new(),
        forward_number: String::new(),
        until: None,
        former: Vec::new(),
        at_desk: false,
        sessions: 0,
        shown_out: false,
        station: None,
        on_phone: false,
        on_phone_changed: now,
        interactions: BTreeSet::new(),
        told_second: i64::MIN,
        told_status: status,
        held: None,
    }
}
