//! Hints of the platform's notifications: they say where to look, and nothing depends on them.

use std::time::Duration;

use domain::change::{Facet, Value};
use domain::target::{Observation, Presence, Seen, SystemPresence};
use replicator::ports::FeedEvent;

use crate::world::{World, options, user};

const SECOND: Duration = Duration::from_secs(1);

fn in_step_with_feed(agents: usize, size: usize) -> World {
    let mut world = World::new(agents, options());
    world.engine.handle_feed(size);
    world.snapshot();
    world.run_for(30 * SECOND);
    world.cloud.events.clear();
    world
}

fn shown(number: usize, presence: SystemPresence) -> FeedEvent {
    let seen = Seen { value: Presence::of(presence), since: None };
    FeedEvent::Shown(Observation {
        user: user(number),
        presence: Some(seen),
        routing: None,
        out_of_office: None,
        ours: None,
    })
}

#[test]
fn somebody_elses_write_is_repaired_within_seconds_of_its_hint() {
    let mut world = in_step_with_feed(2, 1_000);
    assert_eq!(world.cloud.subscribed, [user(0), user(1)]);
    let busy = Value::Presence(Presence::of(SystemPresence::Busy));
    world.cloud.hold(user(1), busy, world.now.utc);
    world.engine.handle_notified(world.now, shown(1, SystemPresence::Busy));
    world.run_for(10 * SECOND);
    assert_eq!(world.trace(1), ["On Queue"]);
    assert_eq!(world.report().repaired.somebody_else, 1);
}

#[test]
fn our_own_changes_come_back_as_hints_and_are_not_read() {
    let mut world = in_step_with_feed(1, 1_000);
    world.run_for(60 * SECOND);
    let reads = world.cloud.kinds["observe"];
    world.status(0, "At Lunch");
    world.run_for(SECOND);
    world.engine.handle_notified(world.now, shown(0, SystemPresence::Meal));
    world.run_for(30 * SECOND);
    assert_eq!(world.cloud.kinds["observe"], reads);
}

#[test]
fn a_hint_that_is_wrong_changes_nothing() {
    let mut world = in_step_with_feed(1, 1_000);
    for _ in 0..50 {
        world.engine.handle_notified(world.now, shown(0, SystemPresence::Busy));
        world.engine.handle_notified(world.now, shown(77, SystemPresence::Busy));
        world.run_for(SECOND);
    }
    world.run_for(30 * SECOND);
    assert!(world.trace(0).is_empty());
    assert_eq!(world.told(0, Facet::Presence).len(), 0);
}

#[test]
fn channels_are_subscribed_again_when_they_are_lost_and_before_they_end() {
    let mut world = in_step_with_feed(5, 2);
    let asked = world.cloud.kinds["subscribe"];
    assert_eq!(asked, 3, "two users a channel");
    world.engine.handle_notified(world.now, FeedEvent::Lost { channel: 1, reason: "closed".to_owned() });
    world.run_for(20 * SECOND);
    assert_eq!(world.cloud.kinds["subscribe"], asked + 1);
    world.run_for(13 * 3_600 * SECOND);
    assert_eq!(world.cloud.kinds["subscribe"], asked + 1 + 3);
}
