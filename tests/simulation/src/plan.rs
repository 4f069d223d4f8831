//! What a seed stands for: how big the company is, how the bridge is configured, how the platform counts, and which
//! kinds of trouble there are. Few kinds in most runs: together they hide each other.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::change::Facet;
use replicator::options::{
    BudgetOptions, GuardOptions, LoggedOut, Matching, ModeChoice, NotRespondingPresence, Options, OutOfOfficeChoice,
    PrimarySource, WrapUp,
};
use replicator::ports::{Lane, Takes};
use routing::AfterCallWork;

use crate::cloud::Counting;
use crate::dice::Dice;
use crate::fault::Fault;

/// The most changes of one request.
const BATCHES: [usize; 4] = [1, 5, 20, 100];

/// The first seed of a wide run: half of those deliver directly, they have one to four tokens, and there is trouble of
/// further kinds. The seeds before it deliver events with one token.
pub const FIRST_WIDE: u64 = 5_120;

/// How presences are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// As events, with their own times.
    Events,
    /// Directly: the newest value, with the time of its arrival; the routing status follows from it.
    Direct,
}

/// A run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The seed that it stands for.
    pub seed: u64,
    /// How presences are written.
    pub delivery: Delivery,
    /// For how long the platform is busy with a user after a direct write, in milliseconds.
    pub busy: u64,
    /// Agents of PureConnect.
    pub agents: usize,
    /// The first so many of them have no e-mail address.
    pub without_email: usize,
    /// The first so many users are found by their external ids only.
    pub external: usize,
    /// Users of the organisation who are none of our agents.
    pub others: usize,
    /// Virtual time before everything heals, in milliseconds.
    pub length: u64,
    /// Milliseconds between two acts of an agent, on average.
    pub pace: u64,
    /// What kinds of trouble there are.
    pub faults: BTreeSet<Fault>,
    /// How events count.
    pub counting: Counting,
    /// Whether the rate limit is a sliding one.
    pub sliding: bool,
    /// Requests allowed in a minute.
    pub allowed: u32,
    /// Users on one page.
    pub page: usize,
    /// Whether there are notifications.
    pub hints: bool,
    /// How long an accepted change needs to show, at most, in milliseconds.
    pub settling: u64,
    /// The time of a request on its way, at most, in milliseconds.
    pub latency: u64,
    /// The bridge's configuration.
    pub options: Options,
    /// The sink's lanes.
    pub lanes: Vec<Lane>,
}

impl Plan {
    /// What a seed stands for.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        let mut dice = Dice::of(seed, "plan");
        let most = if dice.chance(0.2) { 40 } else { 14 };
        let agents = 2 + dice.place(most - 2);
        let without_email = if dice.chance(0.3) { 1 } else { 0 };
        let external = if dice.chance(0.3) { 1 + dice.place(agents) } else { 0 };
        let external = if external > without_email { external } else { 0 };
        let minutes = dice.between(10..if agents < 14 { 45 } else { 20 });
        let allowed = dice.one(&[60, 120, 300]);
        let pace = dice.between(20_000..240_000);
        let options = options(&mut dice, allowed, external > 0);
        // A company whose changes do not fit into the rate is never in step.
        let small = dice.one(&BATCHES);
        let changes = 4 * 60_000 * agents as u64 / pace;
        let faults = faults(&mut dice);
        let flaps = faults.contains(&Fault::Flapping);
        let batch = if flaps || changes * 3 > u64::from(allowed) * 2 / 3 { 100 } else { small };
        let lane = |facet, batch, keeps_history| Lane { facet, batch, keeps_history, takes: Takes::Everything };
        let lanes = vec![
            lane(Facet::Presence, batch, true),
            lane(Facet::Routing, batch, true),
            lane(Facet::OutOfOffice, 1, false),
        ];
        let plan = Self {
            seed,
            delivery: Delivery::Events,
            busy: 0,
            agents,
            without_email,
            external,
            others: dice.place(30),
            length: minutes * 60_000,
            pace,
            faults,
            counting: if dice.chance(0.25) { Counting::ByArrival } else { Counting::ByTime },
            sliding: dice.chance(0.5),
            allowed,
            page: dice.one(&[7, 25, 100]),
            hints: dice.chance(0.5),
            settling: dice.one(&[0, 0, 1_000, 3_000]),
            latency: dice.one(&[100, 300, 1_500]),
            options,
            lanes,
        };
        if seed < FIRST_WIDE { plan } else { plan.widen() }
    }

    /// The same in a wide run.
    fn widen(mut self) -> Self {
        let mut dice = Dice::of(self.seed, "wide");
        self.options.budget.tokens = dice.one(&[1, 1, 2, 3, 4]);
        let share = dice.one(&[0.0, 0.1, 0.3, 0.3]);
        self.faults.extend(Fault::WIDE.into_iter().filter(|_| dice.chance(share)));
        if self.options.budget.tokens == 1 {
            self.faults.remove(&Fault::TokenRevoked);
            self.faults.remove(&Fault::TokenThrottled);
        }
        if dice.chance(0.5) {
            self.deliver_directly(&mut dice);
        } else {
            self.faults.remove(&Fault::OffQueueOnly);
        }
        self
    }

    fn deliver_directly(&mut self, dice: &mut Dice) {
        let lane = |facet, batch, takes| Lane { facet, batch, keeps_history: false, takes };
        self.delivery = Delivery::Direct;
        self.busy = dice.one(&[0, 0, 300, 2_000]);
        self.lanes = vec![
            lane(Facet::Presence, dice.one(&[2, 5, 50]), Takes::OffQueue),
            lane(Facet::Presence, 1, Takes::OnQueue),
            lane(Facet::Routing, 1, Takes::EndOfNotResponding),
            lane(Facet::OutOfOffice, 1, Takes::Everything),
        ];
        // What is accepted shows at once; agents who go on queue take a request each.
        self.settling = 0;
        self.allowed = 300;
        self.options.budget.per_minute = 300;
        self.pace = self.pace.max(60_000);
        self.faults.remove(&Fault::Flapping);
    }

    /// Whether presences are written directly.
    #[must_use]
    pub fn is_direct(&self) -> bool {
        self.delivery == Delivery::Direct
    }

    /// Whether there is this kind of trouble.
    #[must_use]
    pub fn has(&self, fault: Fault) -> bool {
        self.faults.contains(&fault)
    }
}

/// One run in eight has none, most have a few, some have many.
fn faults(dice: &mut Dice) -> BTreeSet<Fault> {
    let share = dice.one(&[0.0, 0.05, 0.05, 0.1, 0.1, 0.2, 0.2, 0.5]);
    Fault::COMMON.into_iter().filter(|_| dice.chance(share)).collect()
}

fn options(dice: &mut Dice, allowed: u32, external_ids: bool) -> Options {
    Options {
        mode: ModeChoice::Auto,
        out_of_office: OutOfOfficeChoice::Auto,
        logged_out: LoggedOut::Offline,
        logout_grace: Duration::from_secs(dice.one(&[60, 150])),
        not_responding_presence: NotRespondingPresence::Table,
        after_call_work: if dice.chance(0.5) { AfterCallWork::Interacting } else { AfterCallWork::Idle },
        matching: Matching { table: BTreeMap::new(), external_ids },
        primary_source: dice.one(&[PrimarySource::Auto, PrimarySource::OrganisationDefault, PrimarySource::PerUser]),
        guard: GuardOptions {
            offline_share: 0.2,
            offline_least: dice.one(&[3, 5, 10]),
            window: Duration::from_secs(10),
        },
        budget: BudgetOptions { per_minute: allowed, share: dice.one(&[0.5, 0.8, 1.0]), tokens: 1 },
        late_after: Duration::from_secs(15),
        wrap_up: WrapUp { default: Duration::from_secs(120), workgroups: BTreeMap::new() },
        read_back: Duration::from_secs(dice.one(&[120, 300, 600])),
        directory_refresh: Duration::from_secs(dice.one(&[60, 300])),
        seed: dice.any(),
    }
}
