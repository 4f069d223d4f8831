//! A driver for the engine in virtual time, with a small PureConnect and a fake cloud at its ends.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::change::{Change, Facet, Value};
use domain::ids::{AgentId, CloudUserId};
use domain::source::{
    Agent, Batch, Catalogue, Interaction, Involvement, Release, Snapshot, StatusMessage, System, Update, UserStatus,
    Workgroup,
};
use domain::time::{Instant, Now};
use jiff::{SignedDuration, Timestamp};
use mapping::{Precedence, Rules};
use replicator::engine::{Engine, Notice, Report, Task, Work, WorkId};
use replicator::options::{
    BudgetOptions, GuardOptions, LoggedOut, Matching, ModeChoice, NotRespondingPresence, Options, OutOfOfficeChoice,
    PrimarySource, WrapUp,
};
use replicator::ports::{Lane, SourceEvent, Takes};

use crate::cloud::{Cloud, Reply};

/// 2026-01-05 08:00:00 UTC.
pub const EPOCH: i64 = 1_767_600_000;

/// The options of most stories.
pub fn options() -> Options {
    Options {
        mode: ModeChoice::Auto,
        out_of_office: OutOfOfficeChoice::Auto,
        logged_out: LoggedOut::Offline,
        logout_grace: Duration::from_secs(150),
        not_responding_presence: NotRespondingPresence::Table,
        after_call_work: routing::AfterCallWork::Interacting,
        matching: Matching { table: BTreeMap::new(), external_ids: false },
        primary_source: PrimarySource::OrganisationDefault,
        guard: GuardOptions { offline_share: 0.2, offline_least: 10, window: Duration::from_secs(10) },
        budget: BudgetOptions { per_minute: 300, share: 1.0, tokens: 1 },
        late_after: Duration::from_secs(15),
        wrap_up: WrapUp { default: Duration::from_secs(600), workgroups: BTreeMap::new() },
        read_back: Duration::from_secs(600),
        directory_refresh: Duration::from_secs(60),
        seed: 7,
    }
}

fn lane(facet: Facet, batch: usize, keeps_history: bool, takes: Takes) -> Lane {
    Lane { facet, batch, keeps_history, takes }
}

/// The lanes of events delivery.
pub fn lanes() -> Vec<Lane> {
    vec![
        lane(Facet::Presence, 100, true, Takes::Everything),
        lane(Facet::Routing, 100, true, Takes::Everything),
        lane(Facet::OutOfOffice, 1, false, Takes::Everything),
    ]
}

/// The lanes of direct delivery.
pub fn direct_lanes() -> Vec<Lane> {
    vec![
        lane(Facet::Presence, 50, false, Takes::OffQueue),
        lane(Facet::Presence, 1, false, Takes::OnQueue),
        lane(Facet::Routing, 1, false, Takes::EndOfNotResponding),
        lane(Facet::OutOfOffice, 1, false, Takes::Everything),
    ]
}

/// Status messages: id, group, allows ACD, after call work, do not disturb.
const STATUSES: [(&str, &str, bool, bool, bool); 7] = [
    ("Available", "Available", true, false, false),
    ("At Lunch", "Unavailable", false, false, true),
    ("In a meeting", "Unavailable", false, false, true),
    ("Follow Up", "FollowUp", false, true, true),
    ("On Vacation", "Unavailable", false, false, true),
    ("AcdAgentNotAnswering", "Unavailable", false, false, true),
    ("Gone Home", "Unavailable", false, false, true),
];

/// The catalogue.
pub fn catalogue() -> Catalogue {
    STATUSES
        .into_iter()
        .map(|(id, group, acd, acw, dnd)| StatusMessage {
            id: id.into(),
            text: id.to_owned(),
            group: group.to_owned(),
            allows_acd: acd,
            after_call_work: acw,
            do_not_disturb: dnd,
        })
        .collect()
}

/// The agent with a number.
pub fn agent(number: usize) -> AgentId {
    AgentId::new(&format!("agent{number}"))
}

/// The cloud user of the agent with a number.
pub fn user(number: usize) -> CloudUserId {
    CloudUserId(uuid::Uuid::from_u128(number as u128 + 1))
}

/// An interaction.
pub fn interaction(id: &str, involvement: Involvement, acd: bool) -> Interaction {
    Interaction { id: id.into(), involvement, acd, since: None }
}

/// The engine, both its ends, and the time.
pub struct World {
    pub engine: Engine,
    pub cloud: Cloud,
    pub now: Now,
    pub notices: Vec<Notice>,
    /// What PureConnect shows, for the next snapshot.
    pub statuses: BTreeMap<usize, UserStatus>,
    pub interactions: BTreeMap<usize, Vec<Interaction>>,
    pub agents: usize,
    /// Answers of the engine's resync requests so far.
    pub resyncs: usize,
    under_way: Vec<(Instant, WorkId, Reply)>,
}

impl World {
    /// A link with this many agents, all Available and logged in, before the first snapshot.
    pub fn new(agents: usize, options: Options) -> Self {
        Self::with_lanes(agents, options, &lanes())
    }

    /// The same with an organisation that takes presences directly alone.
    pub fn direct(agents: usize, options: Options) -> Self {
        let mut world = Self::with_lanes(agents, options, &direct_lanes());
        world.cloud.direct = true;
        world.cloud.organisation_ours = true;
        world
    }

    fn with_lanes(agents: usize, options: Options, lanes: &[Lane]) -> Self {
        let rules = Rules::built_in(mapping::Options { precedence: Precedence::Printed });
        let now = Now { instant: Instant::START, utc: Timestamp::from_second(EPOCH).unwrap() };
        let since = now.utc - SignedDuration::from_secs(600);
        let status = |id: &str| UserStatus { status: id.into(), since: Some(since), logged_in: true, until: None };
        Self {
            engine: Engine::new(options, rules, lanes),
            cloud: Cloud::new(agents),
            now,
            notices: Vec::new(),
            statuses: (0..agents).map(|number| (number, status("Available"))).collect(),
            interactions: BTreeMap::new(),
            agents,
            resyncs: 0,
            under_way: Vec::new(),
        }
    }

    /// The same, after the first snapshot and in step.
    pub fn in_step(agents: usize, options: Options) -> Self {
        Self::new(agents, options).begun()
    }

    /// After the first snapshot and in step.
    pub fn begun(self) -> Self {
        let mut world = self;
        let agents = world.agents;
        world.snapshot();
        world.run_for(Duration::from_secs(20));
        // On Queue takes a request each where it is written directly.
        while world.cloud.direct && world.report().synced < agents {
            world.run_for(Duration::from_secs(5));
        }
        assert_eq!(world.report().synced, agents, "{:?}", world.report());
        world.cloud.events.clear();
        world.notices.clear();
        world
    }

    /// Reports what PureConnect shows as a whole.
    pub fn snapshot(&mut self) {
        let snapshot = self.picture();
        let received = self.now.utc;
        self.engine.handle_source(self.now, SourceEvent::Snapshot { received, snapshot: Box::new(snapshot) });
    }

    /// What PureConnect shows.
    pub fn picture(&self) -> Snapshot {
        let agents = (0..self.agents).map(|number| Agent {
            id: agent(number),
            display_name: format!("Agent {number}"),
            email: Some(format!("agent{number}@example.com")),
            workgroups: ["Sales".into()].into(),
        });
        let interactions = self.interactions.iter();
        Snapshot {
            system: System {
                host: "cic1".to_owned(),
                release: Release { year: 20, number: 3 },
                workforce_engagement: Some(true),
                clock_offset: SignedDuration::ZERO,
            },
            catalogue: catalogue(),
            workgroups: vec![Workgroup { id: "Sales".into(), acd: true, no_answer_status: None }],
            agents: agents.collect(),
            statuses: self.statuses.iter().map(|(number, status)| (agent(*number), status.clone())).collect(),
            interactions: interactions
                .flat_map(|(number, list)| list.iter().map(|one| (agent(*number), one.clone())))
                .collect(),
        }
    }

    /// The connection is lost.
    pub fn lose(&mut self) {
        self.engine.handle_source(self.now, SourceEvent::Lost { reason: "cut".to_owned(), heard: None });
    }

    /// One batch of messages.
    pub fn batch(&mut self, updates: Vec<Update>) {
        for update in &updates {
            self.remember(update);
        }
        let received = self.now.utc;
        self.engine.handle_source(self.now, SourceEvent::Changed(Batch { received, updates }));
    }

    /// An agent enters a status now.
    pub fn status(&mut self, number: usize, id: &str) {
        self.batch(vec![self.entered(number, id)]);
    }

    /// The message that an agent enters a status now.
    pub fn entered(&self, number: usize, id: &str) -> Update {
        let since = Timestamp::from_second(self.now.utc.as_second()).ok();
        Update::Status(agent(number), UserStatus { status: id.into(), since, logged_in: true, until: None })
    }

    /// An agent logs in or out without a change of status.
    pub fn logged_in(&mut self, number: usize, logged_in: bool) {
        let status = UserStatus { logged_in, ..self.statuses[&number].clone() };
        self.batch(vec![Update::Status(agent(number), status)]);
    }

    /// An interaction comes to an agent or changes there.
    pub fn interaction(&mut self, number: usize, id: &str, involvement: Involvement, acd: bool) {
        self.batch(vec![Update::Interaction(agent(number), interaction(id, involvement, acd))]);
    }

    /// An interaction leaves an agent.
    pub fn left(&mut self, number: usize, id: &str) {
        self.batch(vec![Update::InteractionLeft(agent(number), id.into())]);
    }

    fn remember(&mut self, update: &Update) {
        let number = |agent: &AgentId| agent.as_str().trim_start_matches("agent").parse::<usize>().unwrap();
        match update {
            Update::Status(agent, status) => {
                self.statuses.insert(number(agent), status.clone());
            }
            Update::Interaction(agent, interaction) => {
                let list = self.interactions.entry(number(agent)).or_default();
                list.retain(|one| one.id != interaction.id);
                list.push(interaction.clone());
            }
            Update::InteractionLeft(agent, id) => {
                self.interactions.entry(number(agent)).or_default().retain(|one| one.id != *id);
            }
            Update::Catalogue(_) | Update::Workgroups(_) | Update::Agents(_) | Update::Rescoped(_) => {}
        }
    }

    /// The bridge dies: what was written stays, what was under way is forgotten. It starts again, and hears nothing yet.
    pub fn restart(&mut self, options: Options) {
        self.under_way.clear();
        self.cloud.forget_connections();
        let rules = Rules::built_in(mapping::Options { precedence: Precedence::Printed });
        // Another run draws other ids.
        let seed = self.now.utc.as_millisecond().unsigned_abs();
        let lanes = if self.cloud.direct { direct_lanes() } else { lanes() };
        self.engine = Engine::new(Options { seed, ..options }, rules, &lanes);
        self.engine.handle_loaded(self.now, self.cloud.journal.memory());
    }

    /// Lets virtual time pass; everything due happens at its moment.
    pub fn run_for(&mut self, time: Duration) {
        let end = self.now.instant + time;
        loop {
            self.hand_out();
            let answers = self.under_way.iter().map(|(at, _, _)| *at).min();
            let next = [answers, self.engine.poll_timeout()].into_iter().flatten().min();
            match next {
                Some(at) if at <= end => self.advance_to(at.max(self.now.instant)),
                Some(_) | None => break,
            }
            self.take_answers();
        }
        self.advance_to(end);
    }

    fn advance_to(&mut self, at: Instant) {
        let passed = SignedDuration::try_from(at.since(self.now.instant)).unwrap();
        self.now = Now { instant: at, utc: self.now.utc + passed };
    }

    fn hand_out(&mut self) {
        while let Some(Task { id, token, work }) = self.engine.poll_work(self.now) {
            if work == Work::Resync {
                self.resyncs += 1;
                self.snapshot();
                continue;
            }
            let (latency, reply) = self.cloud.ask(self.now, token, work);
            self.under_way.push((self.now.instant + latency, id, reply));
        }
        while let Some(notice) = self.engine.poll_notice() {
            self.notices.push(notice);
        }
    }

    fn take_answers(&mut self) {
        let now = self.now;
        let due: Vec<_> = self.under_way.extract_if(.., |(at, _, _)| *at <= now.instant).collect();
        for (_, id, reply) in due {
            self.cloud.answered(&reply);
            reply.report(&mut self.engine, now, id);
        }
    }

    /// What the engine shows.
    pub fn report(&self) -> Report {
        self.engine.report(self.now.utc)
    }

    /// What was told of one agent and facet, in the order in which the cloud first accepted it.
    pub fn told(&self, number: usize, facet: Facet) -> Vec<Value> {
        self.changes(number, facet).into_iter().map(|change| change.to).collect()
    }

    /// The changes of one agent and facet, in the order in which the cloud first accepted them.
    pub fn changes(&self, number: usize, facet: Facet) -> Vec<Change> {
        let of = |(to, change): &&(CloudUserId, Change)| *to == user(number) && change.to.facet() == facet;
        self.cloud.events.iter().filter(of).map(|(_, change)| change.clone()).collect()
    }

    /// The same as words, presence and routing together.
    pub fn trace(&self, number: usize) -> Vec<String> {
        let of = |(to, _): &&(CloudUserId, Change)| *to == user(number);
        self.cloud.events.iter().filter(of).map(|(_, change)| change.to.to_string()).collect()
    }
}
