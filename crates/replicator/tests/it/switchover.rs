//! What a switchover of PureConnect leaves behind: logouts that were none, and after call work without end.

use std::time::Duration;

use domain::change::Facet;
use domain::ids::WorkgroupId;
use replicator::engine::Notice;
use replicator::options::{Options, WrapUp};

use crate::world::{World, agent, options};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_logout_just_before_the_connection_is_lost_counts_as_seen_during_the_switchover() {
    let mut world = World::in_step(5, options());
    world.logged_in(0, false);
    world.logged_in(1, false);
    world.run_for(SECOND);
    world.lose();
    world.run_for(60 * SECOND);
    assert!(world.trace(0).is_empty(), "nothing is told while nobody knows");
    world.statuses.get_mut(&0).unwrap().logged_in = true;
    world.snapshot();
    world.run_for(400 * SECOND);
    assert!(world.trace(0).is_empty(), "the client is back");
    assert_eq!(world.trace(1), ["Offline", "OFF_QUEUE"], "this one stayed away");
}

#[test]
fn a_logout_alone_counts_after_a_moment_as_of_when_it_was_seen() {
    let mut world = World::in_step(1, options());
    world.logged_in(0, false);
    let seen = world.now.utc;
    world.run_for(10 * SECOND);
    assert_eq!(world.trace(0), ["Offline", "OFF_QUEUE"]);
    assert_eq!(world.changes(0, Facet::Presence)[0].happened, seen);
}

#[test]
fn a_logout_together_with_a_new_status_counts_at_once() {
    let mut world = World::in_step(1, options());
    let domain::source::Update::Status(who, status) = world.entered(0, "Gone Home") else { panic!("a status") };
    let status = domain::source::UserStatus { logged_in: false, ..status };
    world.batch(vec![domain::source::Update::Status(who, status)]);
    world.run_for(SECOND);
    assert_eq!(world.trace(0), ["Offline", "OFF_QUEUE"]);
}

#[test]
fn agents_whom_a_switchover_left_in_after_call_work_are_shown_as_stuck() {
    let mut times = options().wrap_up;
    times.workgroups.insert(WorkgroupId::new("Sales"), 90 * SECOND);
    let mut world = World::in_step(3, Options { wrap_up: WrapUp { ..times }, ..options() });
    world.status(0, "Follow Up");
    world.status(1, "Follow Up");
    world.run_for(30 * SECOND);
    world.lose();
    world.run_for(30 * SECOND);
    world.snapshot();
    world.run_for(10 * SECOND);
    world.status(1, "Available");
    world.status(2, "Follow Up");
    assert!(world.report().stuck.is_empty(), "its time is not over");
    world.run_for(300 * SECOND);
    assert_eq!(world.report().stuck, [agent(0)], "only who was in it at the switchover");
    let said = world.notices.iter().filter(|notice| matches!(notice, Notice::StuckInAfterCallWork { .. })).count();
    assert_eq!(said, 1);
    world.status(0, "Available");
    assert!(world.report().stuck.is_empty());
}

#[test]
fn a_snapshot_with_statuses_that_were_left_long_ago_is_not_believed() {
    let mut world = World::in_step(40, options());
    let old = world.statuses.clone();
    world.run_for(60 * SECOND);
    for number in 0..40 {
        world.status(number, "In a meeting");
    }
    world.run_for(10 * SECOND);
    world.cloud.events.clear();
    let new = std::mem::replace(&mut world.statuses, old);
    world.lose();
    world.snapshot();
    world.run_for(60 * SECOND);
    assert!(world.report().frozen.is_some() && world.cloud.events.is_empty());
    world.statuses = new;
    world.run_for(30 * SECOND);
    assert_eq!(world.report().frozen, None);
    assert!(world.cloud.events.is_empty());
    assert_eq!(world.report().synced, 40);
}
