//! Stories of what is shown: how agents stand as it changes, what is measured, and what an administrator orders for one.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::change::{Facet, Value};
use domain::ids::AgentId;
use domain::source::{Catalogue, Involvement, Update};
use domain::target::{Presence, SystemPresence};
use replicator::engine::{AgentReport, Renewal, RequestClass, RequestOutcome, Which};
use replicator::ports::Fact;

use crate::cloud::Trouble;
use crate::world::{World, agent, catalogue, options, user};

const SECOND: Duration = Duration::from_secs(1);

/// Somebody who only hears what has changed.
#[derive(Default)]
struct Listener(BTreeMap<AgentId, AgentReport>);

impl Listener {
    fn hear(&mut self, world: &mut World) {
        while world.engine.has_standings() {
            let standings = world.engine.poll_standings(3);
            assert!(standings.agents.len() + standings.gone.len() <= 3);
            self.0.extend(standings.agents.into_iter().map(|agent| (agent.agent.clone(), agent)));
            for gone in standings.gone {
                self.0.remove(&gone);
            }
        }
        let shown: Vec<AgentReport> = world.engine.agents().collect();
        assert_eq!(self.0.values().cloned().collect::<Vec<_>>(), shown);
    }
}

#[test]
fn whoever_hears_only_what_changes_knows_everything() {
    for seed in 0..20 {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut world = World::new(8, options());
        world.engine.watch_agents();
        let mut listener = Listener::default();
        world.snapshot();
        for _ in 0..120 {
            let number = random.usize(..8);
            match random.u32(..12) {
                0 => world.status(number, "Available"),
                1 => world.status(number, "At Lunch"),
                2 => world.status(number, "Follow Up"),
                3 => world.interaction(number, "call", Involvement::Connected, true),
                4 => world.left(number, "call"),
                5 => world.cloud.trouble.push(Trouble::DeferSome),
                6 => drop(world.cloud.poison.insert(user(number), random.bool())),
                7 => world.cloud.poison.clear(),
                8 => drop(world.cloud.unsupported.insert(Facet::Routing)),
                9 => world.cloud.unsupported.clear(),
                10 => world.logged_in(number, random.bool()),
                _ => world.batch(vec![Update::Catalogue(fewer(number))]),
            }
            listener.hear(&mut world);
            world.run_for(Duration::from_millis(random.u64(..20_000)));
            listener.hear(&mut world);
        }
        // Somebody leaves, and comes back.
        for agents in [7, 8] {
            world.agents = agents;
            world.snapshot();
            world.run_for(30 * SECOND);
            listener.hear(&mut world);
            assert_eq!(listener.0.len(), agents);
        }
    }
}

/// Without the status message at a place.
fn fewer(place: usize) -> Catalogue {
    catalogue().iter().cloned().enumerate().filter(|(at, _)| *at != place).map(|(_, message)| message).collect()
}

#[test]
fn nobody_is_remembered_where_nobody_listens() {
    let mut world = World::in_step(3, options());
    assert!(!world.engine.has_standings());
    world.engine.watch_agents();
    assert_eq!(world.engine.poll_standings(9).agents.len(), 3, "everybody at first");
    world.run_for(SECOND);
    assert!(!world.engine.has_standings());
}

#[test]
fn those_who_are_not_in_step_can_be_asked_for_alone() {
    let mut world = World::in_step(30, options());
    world.cloud.poison.insert(user(4), false);
    world.status(4, "At Lunch");
    world.run_for(SECOND);
    world.status(7, "At Lunch");
    let agents = |at_most| world.engine.agents_of(Which::NotInStep { at_most });
    assert_eq!(agents(10).into_iter().map(|report| report.agent).collect::<Vec<_>>(), [agent(4), agent(7)]);
    assert_eq!(agents(1).len(), 1);
    assert_eq!(world.engine.agents_of(Which::All).len(), 30);
}

#[test]
fn it_is_counted_for_how_long_something_else_was_shown() {
    let mut world = World::in_step(2, options());
    let wrong = |world: &World| world.report().figures.wrong_for.get(&Facet::Presence).copied().unwrap_or_default();
    let before = wrong(&world);
    world.run_for(Duration::from_millis(400));
    world.cloud.down = true;
    world.status(0, "At Lunch");
    world.run_for(20 * SECOND);
    let lasting = wrong(&world).checked_sub(before).unwrap();
    // PureConnect's time of the change is whole seconds.
    assert!((20 * SECOND..21 * SECOND).contains(&lasting), "while it lasts: {lasting:?}");
    world.status(0, "In a meeting");
    world.run_for(20 * SECOND);
    world.cloud.down = false;
    world.run_for(120 * SECOND);
    assert_eq!(world.report().backlog, 0);
    let then = wrong(&world);
    let accepted = then.checked_sub(before).unwrap();
    assert!((40 * SECOND..110 * SECOND).contains(&accepted), "once, however many changes waited: {accepted:?}");
    world.run_for(60 * SECOND);
    assert_eq!(wrong(&world), then, "it is over");
}

#[test]
fn directly_what_a_newer_value_replaced_counts_too() {
    let mut world = World::direct(2, options()).begun();
    let wrong = |world: &World| world.report().figures.wrong_for.get(&Facet::Presence).copied().unwrap_or_default();
    let before = wrong(&world);
    world.cloud.down = true;
    world.status(0, "At Lunch");
    world.run_for(10 * SECOND);
    world.status(0, "In a meeting");
    world.run_for(10 * SECOND);
    let lasting = wrong(&world).checked_sub(before).unwrap();
    assert!((20 * SECOND..22 * SECOND).contains(&lasting), "{lasting:?}");
}

#[test]
fn what_waits_is_shown_by_class_and_how_long_it_will_take() {
    let mut world = World::in_step(700, options());
    let figures = world.report().figures;
    assert_eq!((figures.waiting, figures.oldest_waiting, figures.drain), ([0; 4], None, Duration::ZERO));
    world.cloud.down = true;
    world.run_for(60 * SECOND);
    let seen = world.now.utc;
    let updates = (0..600).map(|number| world.entered(number, "At Lunch")).collect();
    world.batch(updates);
    world.run_for(60 * SECOND);
    world.status(650, "On Vacation");
    world.run_for(SECOND);
    let figures = world.report().figures;
    assert_eq!(figures.waiting, [601, 0, 601, 1]);
    assert_eq!(figures.oldest_waiting, Some(seen));
    assert_eq!(figures.drain, Duration::ZERO, "some 14 requests, and a window has 300");
}

#[test]
fn direct_delivery_to_on_queue_takes_a_request_each_and_that_is_foreseen() {
    let mut world = World::direct(900, options()).begun();
    let updates = (0..900).map(|number| world.entered(number, "At Lunch")).collect();
    world.batch(updates);
    world.run_for(120 * SECOND);
    world.cloud.down = true;
    let updates = (0..900).map(|number| world.entered(number, "Available")).collect();
    world.batch(updates);
    world.run_for(SECOND);
    let drain = world.report().figures.drain;
    assert!((110 * SECOND..=180 * SECOND).contains(&drain), "900 requests at 300 a minute: {drain:?}");
}

#[test]
fn requests_are_counted_by_what_they_were_for_and_what_came_of_them() {
    let mut world = World::in_step(5, options());
    let count = |world: &World, class, outcome| {
        world.report().figures.requests.get(&(class, outcome)).copied().unwrap_or_default()
    };
    let before = count(&world, RequestClass::Presence, RequestOutcome::Accepted);
    world.cloud.trouble.extend([Trouble::Throttle(7), Trouble::AppliedAndLost]);
    world.status(0, "At Lunch");
    world.run_for(60 * SECOND);
    assert_eq!(count(&world, RequestClass::Presence, RequestOutcome::Accepted), before + 1);
    let outcomes = [RequestOutcome::Throttled, RequestOutcome::Ambiguous];
    let of = |outcome| {
        let classes = [RequestClass::Presence, RequestClass::Routing, RequestClass::ReadBack, RequestClass::Directory];
        classes.into_iter().map(|class| count(&world, class, outcome)).sum::<u64>()
    };
    assert_eq!(outcomes.map(of), [1, 1]);
    let figures = world.report().figures;
    assert!((7 * SECOND..8 * SECOND).contains(&figures.throttled_for), "{:?}", figures.throttled_for);
    assert_eq!(figures.requests.values().sum::<u64>(), world.report().requests, "each is in one class");
    assert!(figures.fill.0 > 0 && figures.fill.0 <= figures.fill.1);
    assert_eq!(figures.since_seen.count(), world.report().delivered);
}

#[test]
fn whom_an_administrator_wants_put_right_is_read_back_at_once() {
    let mut world = World::in_step(3, options());
    world.run_for(60 * SECOND);
    let away = Value::Presence(Presence::of(SystemPresence::Away));
    world.cloud.values.insert((user(1), Facet::Presence), away);
    world.run_for(10 * SECOND);
    assert_eq!(world.cloud.value(user(1), Facet::Presence), away, "the next read-back is in minutes");
    assert_eq!(world.engine.handle_renewal(world.now, &agent(1)), Renewal::Begun);
    world.run_for(2 * SECOND);
    let on_queue = Value::Presence(Presence::of(SystemPresence::OnQueue));
    assert_eq!(world.cloud.value(user(1), Facet::Presence), on_queue);
    let asked = world.cloud.journal.entries.iter().filter(|entry| entry.fact == Fact::Renewed { agent: agent(1) });
    assert_eq!(asked.count(), 1);
}

#[test]
fn a_wait_after_failures_ends_when_an_administrator_says_so() {
    let mut world = World::in_step(2, options());
    world.cloud.poison.insert(user(0), false);
    world.status(0, "At Lunch");
    world.run_for(600 * SECOND);
    world.cloud.poison.clear();
    assert_eq!(world.report().errors, 1);
    assert_eq!(world.engine.handle_renewal(world.now, &agent(0)), Renewal::Begun);
    world.run_for(2 * SECOND);
    assert_eq!((world.report().errors, world.report().synced), (0, 2));
}

#[test]
fn who_cannot_be_put_right_is_named_and_nothing_is_done() {
    let mut world = World::in_step(50, options());
    assert_eq!(world.engine.handle_renewal(world.now, &"nobody".into()), Renewal::NoSuchAgent);
    world.cloud.users.retain(|one| one.id != user(2));
    world.run_for(120 * SECOND);
    assert_eq!(world.engine.handle_renewal(world.now, &agent(2)), Renewal::NoUser);
    (0..30).for_each(|number| world.logged_in(number, false));
    world.run_for(SECOND);
    assert!(world.report().frozen.is_some());
    assert_eq!(world.engine.handle_renewal(world.now, &agent(1)), Renewal::Frozen);
    let asked = world.cloud.journal.entries.iter().any(|entry| matches!(entry.fact, Fact::Renewed { .. }));
    assert!(!asked);
}
