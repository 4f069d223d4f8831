//! Whatever happens on both sides and on the way between them: nothing is lost, nothing overtakes, the budget holds,
//! and when it is over both sides are equal and nothing moves any more.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::change::{Facet, Value};
use domain::source::{Involvement, Update};
use mapping::{Precedence, Rules};
use proptest::prelude::*;
use routing::{Input, Machine, StatusInput};

use crate::cloud::Trouble;
use crate::world::{World, agent, catalogue, interaction, options, user};

const AGENTS: usize = 4;
const STATUSES: [&str; 5] = ["Available", "At Lunch", "In a meeting", "Follow Up", "Gone Home"];

/// One thing that happens.
#[derive(Debug, Clone)]
enum Event {
    Status(usize, usize),
    Interaction(usize, u8, Involvement, bool),
    Left(usize, u8),
    Wait(u32),
    Trouble(Trouble),
    Down(bool),
    Allowed(u32),
    Latency(u16),
}

fn event() -> impl Strategy<Value = Event> {
    let who = 0..AGENTS;
    let involvement = prop_oneof![Just(Involvement::Alerting), Just(Involvement::Connected), Just(Involvement::None)];
    let trouble = prop_oneof![
        Just(Trouble::Down),
        Just(Trouble::AppliedAndLost),
        Just(Trouble::Lost),
        (1u64..90).prop_map(Trouble::Throttle),
        Just(Trouble::DeferSome),
    ];
    prop_oneof![
        6 => (who.clone(), 0..STATUSES.len()).prop_map(|(who, status)| Event::Status(who, status)),
        4 => (who.clone(), 0u8..3, involvement, any::<bool>()).prop_map(|(a, b, c, d)| Event::Interaction(a, b, c, d)),
        2 => (who, 0u8..3).prop_map(|(who, id)| Event::Left(who, id)),
        6 => (0u32..20_000).prop_map(Event::Wait),
        2 => trouble.prop_map(Event::Trouble),
        1 => any::<bool>().prop_map(Event::Down),
        1 => (20u32..300).prop_map(Event::Allowed),
        1 => (1u16..3_000).prop_map(Event::Latency),
    ]
}

/// What must be told of one agent, made out of the messages one by one, without queue, batches or trouble.
struct Expected {
    machine: Machine,
    told: BTreeMap<Facet, Vec<Value>>,
}

impl Expected {
    fn new() -> Self {
        let machine = Machine::new(routing::Options { after_call_work: options().after_call_work });
        let mut expected = Self { machine, told: BTreeMap::new() };
        expected.take(&World::new(AGENTS, options()).entered(0, "Available"));
        expected.told.clear();
        expected
    }

    fn take(&mut self, update: &Update) {
        let state = match update {
            Update::Status(_, status) => {
                let catalogue = catalogue();
                let message = catalogue.get(&status.status).unwrap();
                let mapped = Rules::built_in(mapping::Options { precedence: Precedence::Printed }).map(message);
                self.tell(Value::Presence(mapped.presence));
                self.machine.apply(Input::Entered(StatusInput {
                    on_queue: mapped.presence.is_on_queue(),
                    after_call_work: message.after_call_work,
                    no_answer: false,
                    routing: mapped.routing,
                }))
            }
            Update::Interaction(_, interaction) => self.machine.apply(Input::Interaction(interaction)),
            Update::InteractionLeft(_, id) => self.machine.apply(Input::Left(id)),
            Update::Catalogue(_) | Update::Workgroups(_) | Update::Agents(_) | Update::Rescoped(_) => {
                unreachable!("not in this test")
            }
        };
        self.tell(Value::Routing(state.status));
    }

    fn tell(&mut self, value: Value) {
        self.told.entry(value.facet()).or_default().push(value);
    }

    /// Without repetitions, beginning after what was told at the start.
    fn transitions(&self, facet: Facet, start: Value) -> Vec<Value> {
        let mut all = vec![start];
        all.extend(self.told.get(&facet).into_iter().flatten());
        all.dedup();
        all.remove(0);
        all
    }
}

fn play(events: &[Event]) -> World {
    let mut world = World::in_step(AGENTS, options());
    let mut expected: Vec<Expected> = (0..AGENTS).map(|_| Expected::new()).collect();
    let start: Vec<[Value; 2]> =
        (0..AGENTS).map(|n| [Facet::Presence, Facet::Routing].map(|facet| world.cloud.value(user(n), facet))).collect();
    for event in events {
        let (who, update) = match event.clone() {
            Event::Status(who, status) => (who, world.entered(who, STATUSES[status])),
            Event::Interaction(who, id, involvement, acd) => {
                (who, Update::Interaction(agent(who), interaction(&format!("c{id}"), involvement, acd)))
            }
            Event::Left(who, id) => (who, Update::InteractionLeft(agent(who), format!("c{id}").as_str().into())),
            Event::Wait(millis) => {
                world.run_for(Duration::from_millis(millis.into()));
                continue;
            }
            Event::Trouble(trouble) => {
                world.cloud.trouble.push(trouble);
                continue;
            }
            Event::Down(down) => {
                world.cloud.down = down;
                continue;
            }
            Event::Allowed(allowed) => {
                world.cloud.allowed = allowed;
                continue;
            }
            Event::Latency(millis) => {
                world.cloud.latency = Duration::from_millis(millis.into());
                continue;
            }
        };
        expected[who].take(&update);
        world.batch(vec![update]);
    }
    world.cloud.down = false;
    world.cloud.trouble.clear();
    world.run_for(Duration::from_secs(1_200));
    for (number, expected) in expected.iter().enumerate() {
        for (facet, start) in [Facet::Presence, Facet::Routing].into_iter().zip(start[number]) {
            let mut told = world.changes(number, facet);
            told.sort_by_key(|change| change.happened);
            let told: Vec<Value> = told.into_iter().map(|change| change.to).collect();
            assert_eq!(told, expected.transitions(facet, start), "agent {number}, {facet}");
        }
    }
    world
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_and_both_sides_end_equal(events in prop::collection::vec(event(), 1..80)) {
        let mut world = play(&events);
        let report = world.report();
        prop_assert_eq!(report.synced, AGENTS, "{:?}", report);
        prop_assert_eq!(report.backlog, 0);
        for agent in world.engine.agents() {
            prop_assert_eq!(agent.wanted, agent.told);
        }
        for number in 0..AGENTS {
            let wanted = world.engine.agents().nth(number).unwrap().wanted;
            for (facet, wanted) in Facet::ALL.into_iter().zip(wanted) {
                prop_assert_eq!(Some(world.cloud.value(user(number), facet)), wanted);
            }
        }
        // Quiescent: from here on only the interval's readings go out.
        let delivered = world.cloud.kinds["deliver"];
        world.run_for(Duration::from_secs(3_600));
        prop_assert_eq!(world.cloud.kinds["deliver"], delivered);
    }

    #[test]
    fn no_60_seconds_hold_more_requests_than_allowed(
        allowed in 10u32..120,
        latency in 1u64..5_000,
        events in prop::collection::vec((0usize..40, 0..STATUSES.len(), 0u64..1_500), 50..300),
    ) {
        let mut world = World::new(40, options());
        world.cloud.allowed = allowed;
        world.cloud.latency = Duration::from_millis(latency);
        let budget = replicator::options::BudgetOptions { per_minute: allowed, share: 1.0, tokens: 1 };
        let rules = Rules::built_in(mapping::Options { precedence: Precedence::Printed });
        let tight = replicator::options::Options { budget, ..options() };
        world.engine = replicator::engine::Engine::new(tight, rules, &crate::world::lanes());
        world.snapshot();
        for (who, status, millis) in events {
            world.status(who, STATUSES[status]);
            world.run_for(Duration::from_millis(millis));
        }
        world.run_for(Duration::from_secs(600));
        prop_assert!(world.cloud.most_in_a_minute() <= allowed as usize);
        prop_assert_eq!(world.report().synced, 40);
    }
}

#[test]
fn a_lane_without_history_tells_the_newest_alone() {
    let mut world = World::in_step(1, options());
    world.cloud.down = true;
    for status in ["On Vacation", "Available", "On Vacation", "Available", "On Vacation"] {
        world.status(0, status);
        world.run_for(Duration::from_secs(10));
    }
    world.cloud.down = false;
    world.run_for(Duration::from_secs(120));
    assert_eq!(world.told(0, Facet::OutOfOffice).len(), 1, "{:?}", world.told(0, Facet::OutOfOffice));
    assert_eq!(world.told(0, Facet::Presence).len(), 5);
}

#[test]
fn a_shift_change_is_told_within_seconds() {
    let mut world = World::in_step(500, options());
    world.run_for(Duration::from_secs(120));
    for round in 0..3 {
        for number in 0..500 {
            world.status(number, STATUSES[(round + 1) % STATUSES.len()]);
            if number % 3 == 0 {
                world.interaction(number, "c", Involvement::Connected, true);
                world.left(number, "c");
            }
            world.run_for(Duration::from_millis(120));
        }
    }
    world.run_for(Duration::from_secs(30));
    let report = world.report();
    assert_eq!(report.synced, 500);
    let delays = report.delays.unwrap();
    assert!(delays.max < 5_000 && delays.p50 < 1_000, "{delays:?}");
    assert!(world.cloud.most_in_a_minute() <= 300);
}

#[test]
fn the_same_seed_gives_the_same_requests() {
    let events: Vec<Event> = (0..40).map(|n| Event::Status(n % AGENTS, (n * 7) % STATUSES.len())).collect();
    let ids = |world: &World| world.cloud.events.iter().map(|(_, change)| change.id).collect::<Vec<_>>();
    assert_eq!(ids(&play(&events)), ids(&play(&events)));
}
