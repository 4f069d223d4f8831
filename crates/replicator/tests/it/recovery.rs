//! After a crash: nothing that was written is lost, nothing has an effect twice, and times stay true.

use std::time::Duration;

use domain::change::{Facet, Value};
use domain::source::Involvement;
use domain::target::{Presence, RoutingStatus, SystemPresence};
use replicator::engine::Notice;
use replicator::ports::{Fact, Stage};

use crate::cloud::Trouble;
use crate::world::{World, options, user};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn what_was_pending_goes_first_with_its_ids_and_times() {
    let mut world = World::in_step(2, options());
    world.cloud.down = true;
    for status in ["At Lunch", "Available", "In a meeting"] {
        world.status(0, status);
        world.run_for(40 * SECOND);
    }
    let pending = world.cloud.journal.memory().facets.into_iter().flat_map(|facet| facet.pending);
    let before: Vec<_> = pending.map(|(change, _)| (change.id, change.happened)).collect();
    assert!(before.len() >= 6, "{before:?}");
    world.restart(options());
    world.statuses.get_mut(&0).unwrap().status = "Follow Up".into();
    world.statuses.get_mut(&0).unwrap().since = Some(world.now.utc);
    world.cloud.down = false;
    world.snapshot();
    world.run_for(90 * SECOND);
    let told: Vec<_> =
        world.changes(0, Facet::Presence).into_iter().map(|change| (change.id, change.happened)).collect();
    assert_eq!(told.len(), 4, "{:?}", world.trace(0));
    assert!(told[..3].iter().all(|one| before.contains(one)), "the old ones as they were");
    assert!(!before.contains(&told[3]), "what changed meanwhile after them");
    assert_eq!(world.report().synced, 2);
    let recovered = |notice: &Notice| matches!(notice, Notice::Recovered { pending, .. } if *pending == before.len());
    assert!(world.notices.iter().any(recovered));
}

#[test]
fn what_was_sent_and_not_written_down_is_sent_again_without_effect() {
    let mut world = World::in_step(1, options());
    world.cloud.trouble = vec![Trouble::AppliedAndLost];
    world.status(0, "At Lunch");
    world.run_for(Duration::from_millis(30));
    assert_eq!(world.told(0, Facet::Presence).len(), 1, "it arrived");
    world.restart(options());
    world.snapshot();
    world.run_for(60 * SECOND);
    assert_eq!(world.told(0, Facet::Presence).len(), 1, "its id is the same, so it had no second effect");
    assert_eq!(world.report().synced, 1);
    let resumed = world.cloud.journal.entries.iter();
    let resumed = resumed.filter(|entry| matches!(entry.fact, Fact::Change { stage: Stage::Resumed, .. })).count();
    assert!(resumed >= 1);
}

#[test]
fn a_restart_in_quiet_times_tells_nothing() {
    let mut world = World::in_step(3, options());
    world.status(1, "At Lunch");
    world.run_for(60 * SECOND);
    world.cloud.events.clear();
    world.restart(options());
    world.snapshot();
    world.run_for(60 * SECOND);
    assert!(world.cloud.events.is_empty(), "{:?}", world.cloud.events);
    assert_eq!(world.report().synced, 3);
}

#[test]
fn somebody_elses_write_while_the_bridge_was_away_is_repaired_at_once() {
    let mut world = World::in_step(1, options());
    world.restart(options());
    let busy = Value::Presence(Presence::of(SystemPresence::Busy));
    world.cloud.hold(user(0), busy, world.now.utc);
    world.run_for(60 * SECOND);
    world.snapshot();
    world.run_for(5 * SECOND);
    assert_eq!(world.trace(0), ["On Queue"]);
    assert_eq!(world.report().repaired.somebody_else, 1);
}

#[test]
fn what_is_not_replicated_any_more_and_who_left_is_dropped_and_written_down() {
    let mut world = World::in_step(2, options());
    world.cloud.down = true;
    world.status(0, "At Lunch");
    world.status(1, "At Lunch");
    world.run_for(5 * SECOND);
    let status_only = replicator::options::Options { mode: replicator::options::ModeChoice::StatusOnly, ..options() };
    world.restart(status_only);
    world.agents = 1;
    world.statuses.remove(&1);
    world.cloud.down = false;
    world.snapshot();
    world.run_for(60 * SECOND);
    assert_eq!(world.trace(0), ["Meal"]);
    assert!(world.trace(1).is_empty());
    assert!(world.cloud.journal.memory().facets.iter().all(|facet| facet.pending.is_empty()));
    assert_eq!(world.cloud.value(user(0), Facet::Routing), Value::Routing(RoutingStatus::Idle));
}

#[test]
fn an_empty_first_snapshot_does_not_make_a_restart_forget() {
    let mut world = World::in_step(20, options());
    world.cloud.down = true;
    world.status(0, "At Lunch");
    world.run_for(5 * SECOND);
    world.restart(options());
    world.cloud.down = false;
    let (agents, statuses) = (std::mem::take(&mut world.agents), std::mem::take(&mut world.statuses));
    world.snapshot();
    world.run_for(15 * SECOND);
    assert!(world.report().frozen.is_some());
    (world.agents, world.statuses) = (agents, statuses);
    world.run_for(60 * SECOND);
    assert_eq!(world.told(0, Facet::Presence).len(), 1);
    assert_eq!(world.report().synced, 20);
}

#[test]
fn a_call_that_outlasts_its_agents_time_on_queue_is_followed_over_a_restart() {
    for acd in [true, false] {
        let mut world = World::in_step(1, options());
        world.interaction(0, "call", Involvement::Connected, acd);
        world.status(0, "At Lunch");
        world.run_for(20 * SECOND);
        let before = world.trace(0);
        assert_eq!(before.last().unwrap(), if acd { "INTERACTING" } else { "COMMUNICATING" });
        world.restart(options());
        world.snapshot();
        world.run_for(20 * SECOND);
        assert_eq!(world.trace(0), before);
        world.left(0, "call");
        world.run_for(5 * SECOND);
        assert_eq!(world.trace(0).last().unwrap(), "OFF_QUEUE");
    }
}

#[test]
fn what_has_no_time_of_its_own_is_told_with_the_time_when_it_was_seen() {
    let mut world = World::in_step(2, options());
    world.interaction(0, "call", Involvement::Connected, true);
    world.run_for(20 * SECOND);
    world.restart(options());
    // While the bridge was away a call ended, and an agent logged out who stays in the same status.
    world.interactions.clear();
    world.statuses.get_mut(&1).unwrap().logged_in = false;
    world.run_for(30 * SECOND);
    let seen = world.now.utc;
    world.snapshot();
    world.run_for(20 * SECOND);
    let last = |number, facet| world.changes(number, facet).last().map(|change| (change.to, change.happened)).unwrap();
    assert_eq!(last(0, Facet::Routing), (Value::Routing(RoutingStatus::Idle), seen));
    assert_eq!(last(1, Facet::Presence), (Value::Presence(Presence::of(SystemPresence::Offline)), seen));
}

/// A company after a restart, with what it shows changed meanwhile.
fn restarted(change: impl FnOnce(&mut World)) -> World {
    let mut world = World::in_step(20, options());
    world.run_for(60 * SECOND);
    for number in 0..20 {
        world.status(number, "In a meeting");
    }
    world.run_for(10 * SECOND);
    world.cloud.events.clear();
    world.restart(options());
    change(&mut world);
    world.snapshot();
    world.run_for(15 * SECOND);
    world
}

#[test]
fn after_a_restart_a_short_or_older_snapshot_is_doubted_as_well() {
    let older = restarted(|world| {
        let since = world.statuses[&0].since.map(|since| since - 7_200 * SECOND);
        for status in world.statuses.values_mut() {
            *status = domain::source::UserStatus { status: "At Lunch".into(), since, ..status.clone() };
        }
    });
    let short = restarted(|world| {
        world.agents = 8;
        world.statuses.retain(|number, _| *number < 8);
    });
    let without_statuses = restarted(|world| world.statuses.retain(|number, _| *number < 7));
    for world in [older, short, without_statuses] {
        assert!(world.report().frozen.is_some(), "{:?}", world.notices);
        assert!(world.cloud.events.is_empty(), "nothing is written");
    }
    let mut right = restarted(|_| {});
    assert_eq!(right.report().frozen, None);
    right.run_for(60 * SECOND);
    assert_eq!(right.report().synced, 20);
    assert!(right.cloud.events.is_empty());
}

#[test]
fn who_left_long_before_a_restart_is_not_missed() {
    let mut world = World::in_step(20, options());
    world.agents = 17;
    world.statuses.retain(|number, _| *number < 17);
    world.snapshot();
    world.run_for(30 * 3_600 * SECOND);
    world.agents = 14;
    world.statuses.retain(|number, _| *number < 14);
    world.restart(options());
    world.snapshot();
    world.run_for(15 * SECOND);
    assert_eq!(world.report().frozen, None);
}
