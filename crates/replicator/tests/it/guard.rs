//! Fail static: what is not believed is not delivered.

use std::time::Duration;

use domain::source::Update;
use replicator::engine::Notice;

use crate::world::{World, agent, options, user};

const SECOND: Duration = Duration::from_secs(1);

fn log_out(world: &mut World, numbers: std::ops::Range<usize>) {
    for number in numbers {
        world.logged_in(number, false);
    }
}

#[test]
fn an_empty_snapshot_freezes_and_a_good_one_thaws() {
    let mut world = World::in_step(50, options());
    world.agents = 0;
    let statuses = std::mem::take(&mut world.statuses);
    world.lose();
    world.snapshot();
    world.run_for(60 * SECOND);
    assert!(world.report().frozen.is_some());
    assert!(world.cloud.events.is_empty(), "nothing is written");
    assert!(world.resyncs >= 2, "a better one is asked for");
    world.agents = 50;
    world.statuses = statuses;
    world.status(7, "At Lunch");
    assert!(world.cloud.events.is_empty());
    world.run_for(30 * SECOND);
    assert_eq!(world.report().frozen, None);
    assert_eq!(world.trace(7), ["Meal", "OFF_QUEUE"]);
    assert_eq!(world.report().synced, 50);
}

#[test]
fn a_wave_of_logouts_is_held_until_a_fresh_snapshot_confirms_it() {
    let mut world = World::in_step(50, options());
    // The fresh snapshot agrees: they did log out.
    log_out(&mut world, 0..30);
    assert!(world.report().frozen.is_some());
    world.run_for(30 * SECOND);
    assert_eq!(world.resyncs, 1);
    assert_eq!(world.report().frozen, None);
    assert_eq!(world.trace(0), ["Offline", "OFF_QUEUE"]);
    assert_eq!(world.report().synced, 50);
}

#[test]
fn a_wave_of_logouts_that_a_fresh_snapshot_denies_never_happened() {
    let mut world = World::in_step(50, options());
    log_out(&mut world, 0..30);
    world.run_for(SECOND);
    for status in world.statuses.values_mut() {
        status.logged_in = true;
    }
    world.run_for(60 * SECOND);
    assert_eq!(world.report().frozen, None);
    // At most the first ten had been told before the wave was one; they were told the truth again.
    for number in 10..30 {
        assert!(!world.trace(number).contains(&"Offline".to_owned()), "agent {number}: {:?}", world.trace(number));
    }
    assert_eq!(world.report().synced, 50);
}

#[test]
fn a_wave_in_a_snapshot_is_not_taken_over_before_a_second_one_agrees() {
    let mut world = World::in_step(50, replicator::options::Options { logout_grace: Duration::ZERO, ..options() });
    for number in 0..30 {
        world.statuses.get_mut(&number).unwrap().logged_in = false;
    }
    world.snapshot();
    world.run_for(10 * SECOND);
    assert!(world.report().frozen.is_some());
    assert!(world.cloud.events.is_empty());
    world.run_for(30 * SECOND);
    assert_eq!(world.report().frozen, None);
    assert_eq!(world.trace(0), ["Offline", "OFF_QUEUE"]);
}

#[test]
fn agents_that_vanish_by_a_message_are_not_believed_either() {
    let mut world = World::in_step(50, options());
    let mut agents = world.picture().agents;
    agents.truncate(20);
    world.batch(vec![Update::Agents(agents)]);
    assert!(world.report().frozen.is_some());
    assert_eq!(world.report().agents, 50);
    world.run_for(30 * SECOND);
    assert_eq!(world.report().frozen, None, "the fresh snapshot shows them");
}

#[test]
fn the_operator_can_confirm() {
    let mut world = World::in_step(50, options());
    log_out(&mut world, 0..30);
    assert!(world.notices.is_empty() && world.report().frozen.is_some());
    world.engine.handle_confirm(world.now);
    world.run_for(5 * SECOND);
    assert_eq!(world.trace(29), ["Offline", "OFF_QUEUE"]);
    assert!(world.notices.iter().any(|notice| matches!(notice, Notice::Frozen(_))));
}

#[test]
fn a_single_agent_leaving_the_scope_is_followed() {
    let mut world = World::in_step(5, options());
    let mut agents = world.picture().agents;
    agents.retain(|one| one.id != agent(2));
    world.batch(vec![Update::Agents(agents)]);
    world.status(2, "At Lunch");
    world.run_for(5 * SECOND);
    assert_eq!(world.report().agents, 4);
    assert!(world.trace(2).is_empty());
}

#[test]
fn a_wave_that_was_none_costs_nothing_of_what_happened_before_it() {
    let mut world = World::in_step(50, options());
    world.cloud.down = true;
    for status in ["At Lunch", "Available", "In a meeting", "Available"] {
        world.status(0, status);
        world.run_for(30 * SECOND);
    }
    log_out(&mut world, 0..30);
    world.run_for(SECOND);
    for status in world.statuses.values_mut() {
        status.logged_in = true;
    }
    world.cloud.down = false;
    world.run_for(120 * SECOND);
    assert_eq!(world.told(0, domain::change::Facet::Presence).len(), 4, "{:?}", world.trace(0));
    assert_eq!(world.report().synced, 50);
}

#[test]
fn an_agent_who_comes_back_into_the_scope_is_read_again() {
    let mut world = World::in_step(5, options());
    let everybody = world.picture().agents;
    let mut others = everybody.clone();
    others.retain(|one| one.id != agent(2));
    world.batch(vec![Update::Agents(others)]);
    world.run_for(1_200 * SECOND);
    let busy = domain::target::Presence::of(domain::target::SystemPresence::Busy);
    world.cloud.hold(user(2), domain::change::Value::Presence(busy), world.now.utc);
    let status = world.entered(2, "At Lunch");
    world.batch(vec![status, Update::Agents(everybody)]);
    world.run_for(5 * SECOND);
    assert_eq!(world.trace(2), ["Meal", "OFF_QUEUE"], "its status came with the list that names it");
    assert_eq!(world.report().synced, 5);
}
