//! Stories of direct delivery: the newest presence only, On Queue one by one, and a routing status that follows.

use std::time::Duration;

use domain::change::{Facet, Value};
use domain::source::{Involvement, Update};
use domain::target::{Presence, RoutingStatus, SystemPresence};
use replicator::engine::{Drift, NOT_SUPPORTED, Notice, SyncState};
use replicator::ports::{Fact, Stage};

use crate::cloud::Trouble;
use crate::world::{World, agent, direct_lanes, interaction, lanes, options, user};

fn world(agents: usize) -> World {
    World::direct(agents, options()).begun()
}

fn presence(system: SystemPresence) -> Value {
    Value::Presence(Presence::of(system))
}

/// The reasons for which changes of an agent's routing status were dropped, with what they were to tell.
fn untold(world: &World, number: usize) -> Vec<String> {
    let mut values = Vec::new();
    for entry in &world.cloud.journal.entries {
        if let Fact::Change { agent: whose, change, stage } = &entry.fact
            && *whose == agent(number)
        {
            match stage {
                Stage::Recorded(recorded) if recorded.to.facet() == Facet::Routing => {
                    values.push((*change, recorded.to, None));
                }
                Stage::Dropped { reason } => {
                    let dropped = values.iter_mut().find(|(id, _, _)| id == change);
                    dropped.into_iter().for_each(|(_, _, why)| *why = Some(reason.clone()));
                }
                Stage::Recorded(_) | Stage::Attempted(_) | Stage::Resumed => {}
            }
        }
    }
    values.into_iter().map(|(_, value, why)| format!("{value}: {}", why.unwrap_or_default())).collect()
}

#[test]
fn who_goes_on_queue_goes_alone_and_the_others_together() {
    let mut world = world(120);
    assert_eq!(world.cloud.kinds["deliver"], 120, "everybody is On Queue: a request each");
    for number in 0..110 {
        world.status(number, "At Lunch");
    }
    world.run_for(Duration::from_secs(10));
    assert_eq!(world.report().synced, 120);
    assert!(world.cloud.kinds["deliver"] <= 120 + 4, "{:?}: two full batches, and what is left", world.cloud.kinds);
    assert_eq!(world.told(7, Facet::Presence), [presence(SystemPresence::Meal)]);
    assert_eq!(world.told(7, Facet::Routing), [], "the platform derives it");
    assert_eq!(world.cloud.value(user(7), Facet::Routing), Value::Routing(RoutingStatus::OffQueue));
}

#[test]
fn only_the_newest_presence_is_sent_and_the_others_are_written_down() {
    let mut world = world(1);
    world.cloud.trouble = vec![Trouble::Throttle(30)];
    world.status(0, "At Lunch");
    world.run_for(Duration::from_secs(1));
    for status in ["In a meeting", "Gone Home", "On Vacation"] {
        world.status(0, status);
        world.run_for(Duration::from_secs(2));
    }
    world.run_for(Duration::from_secs(60));
    assert_eq!(world.told(0, Facet::Presence), [presence(SystemPresence::Away)], "out of office is Away and an object");
    let dropped = |entry: &&replicator::ports::Entry| matches!(&entry.fact, Fact::Change { stage: Stage::Dropped { reason }, .. } if reason.contains("newer value"));
    assert_eq!(
        world.cloud.journal.entries.iter().filter(dropped).count(),
        2,
        "Meal and Meeting; Gone Home is Away, too"
    );
}

#[test]
fn a_call_cannot_be_shown_and_is_counted_not_dropped_in_silence() {
    let mut world = world(1);
    world.interaction(0, "1", Involvement::Connected, true);
    world.run_for(Duration::from_secs(5));
    let report = world.report();
    assert_eq!((report.not_shown, report.not_supported, report.synced), (1, 1, 1));
    let shown = world.engine.agents().next().unwrap();
    assert_eq!((shown.not_shown, shown.state), (Some(RoutingStatus::Interacting), SyncState::Synced));
    world.status(0, "At Lunch");
    world.run_for(Duration::from_secs(5));
    assert_eq!(world.report().not_shown, 1, "pending off queue: still INTERACTING");
    world.left(0, "1");
    world.run_for(Duration::from_secs(700));
    assert_eq!((world.report().not_shown, world.report().not_supported), (0, 1));
    assert_eq!(untold(&world, 0), [format!("INTERACTING: {NOT_SUPPORTED}: INTERACTING")]);
    assert_eq!(world.told(0, Facet::Routing), []);
    assert!(!world.notices.iter().any(|notice| matches!(notice, Notice::Repaired { .. })), "{:?}", world.notices);
}

#[test]
fn a_call_while_on_queue_is_told_apart_from_the_one_after_it() {
    let mut world = world(1);
    for call in ["1", "2"] {
        world.batch(vec![Update::Interaction(agent(0), interaction(call, Involvement::Connected, true))]);
        world.run_for(Duration::from_secs(30));
        world.left(0, call);
        world.run_for(Duration::from_secs(30));
    }
    world.interaction(0, "3", Involvement::Connected, false);
    let expected = ["INTERACTING", "INTERACTING", "COMMUNICATING"];
    world.run_for(Duration::from_secs(1));
    assert_eq!(untold(&world, 0), expected.map(|status| format!("{status}: {NOT_SUPPORTED}: {status}")));
}

#[test]
fn an_agent_who_shall_be_idle_is_not_left_in_not_responding() {
    let mut world = world(1);
    let not_responding = Value::Routing(RoutingStatus::NotResponding);
    world.cloud.hold(user(0), not_responding, world.now.utc);
    world.run_for(Duration::from_secs(700));
    assert_eq!(world.told(0, Facet::Routing), [Value::Routing(RoutingStatus::Idle)]);
    assert_eq!(world.cloud.value(user(0), Facet::Routing), Value::Routing(RoutingStatus::Idle));
    assert_eq!(world.report().synced, 1);
}

#[test]
fn one_bad_user_is_found_by_halving_and_holds_up_nobody() {
    let mut world = world(50);
    world.cloud.poison.insert(user(31), true);
    for number in 0..50 {
        world.status(number, "At Lunch");
    }
    world.run_for(Duration::from_secs(60));
    let report = world.report();
    assert_eq!((report.synced, report.errors), (49, 1), "{report:?}");
    world.cloud.poison.clear();
    world.run_for(Duration::from_secs(600));
    assert_eq!(world.report().synced, 50, "never given up");
}

#[test]
fn what_somebody_else_wrote_is_told_from_what_was_not_applied() {
    let mut world = world(1);
    world.status(0, "At Lunch");
    world.run_for(Duration::from_secs(60));
    world.cloud.hold(user(0), presence(SystemPresence::Available), world.now.utc);
    world.run_for(Duration::from_secs(700));
    assert_eq!(world.cloud.value(user(0), Facet::Presence), presence(SystemPresence::Meal));
    let drift = world.notices.iter().find_map(|notice| match notice {
        Notice::Repaired { drift, .. } => Some(*drift),
        _ => None,
    });
    assert_eq!(drift, Some(Drift::SomebodyElse));
}

#[test]
fn a_restart_tells_the_newest_value_that_waited() {
    let mut world = world(3);
    world.cloud.down = true;
    world.status(0, "At Lunch");
    world.run_for(Duration::from_secs(5));
    world.status(0, "In a meeting");
    world.run_for(Duration::from_secs(5));
    world.restart(options());
    world.cloud.down = false;
    world.snapshot();
    world.run_for(Duration::from_secs(90));
    assert_eq!(world.told(0, Facet::Presence), [presence(SystemPresence::Meeting)]);
    assert_eq!(world.report().synced, 3);
}

#[test]
fn a_connection_that_turns_out_to_be_direct_sends_the_newest_of_what_waited() {
    let mut world = World::new(2, options());
    world.cloud.direct = true;
    world.cloud.organisation_ours = true;
    world.cloud.down = true;
    world.snapshot();
    world.run_for(Duration::from_secs(30));
    world.status(0, "At Lunch");
    world.interaction(1, "1", Involvement::Connected, true);
    world.run_for(Duration::from_secs(30));
    world.engine.handle_lanes(world.now, &direct_lanes());
    assert!(world.engine.delivers_by(&direct_lanes()) && !world.engine.delivers_by(&lanes()));
    world.cloud.down = false;
    world.run_for(Duration::from_secs(120));
    assert_eq!(world.report().synced, 2, "{:?}", world.report());
    assert_eq!(world.told(0, Facet::Presence), [presence(SystemPresence::Meal)]);
    assert!(world.cloud.events.iter().all(|(_, change)| change.to.facet() == Facet::Presence));
    assert_eq!(world.report().not_shown, 1, "the call lasts");
}

#[test]
fn who_comes_back_into_the_scope_is_told_what_is_shown_then_and_not_what_was_shown_before() {
    let mut world = world(2);
    world.interaction(1, "1", Involvement::Connected, true);
    world.run_for(Duration::from_secs(5));
    let all = world.picture().agents;
    world.batch(vec![Update::Agents(all[..1].to_vec())]);
    world.run_for(Duration::from_secs(5));
    world.status(1, "At Lunch");
    let lunch = world.entered(1, "At Lunch");
    world.run_for(Duration::from_secs(5));
    assert_eq!(world.told(1, Facet::Presence), [], "not in scope");
    world.batch(vec![Update::Agents(all)]);
    world.run_for(Duration::from_secs(5));
    world.batch(vec![lunch]);
    world.run_for(Duration::from_secs(5));
    assert_eq!(world.told(1, Facet::Presence), [presence(SystemPresence::Meal)]);
    assert_eq!(world.report().not_shown, 0);
}
