//! Five thousand agents change their status within a minute, through one token of 300 requests a minute: how long until
//! all are in step, beside the floor that no order of requests can get below (requests needed × 60 s / 300).

use std::time::Duration;

use domain::source::UserStatus;

use crate::world::{World, options};

const AGENTS: usize = 5_000;

/// Everybody comes from home within 60 s: two of five go on queue, the others to lunch. Returns how long it took.
fn shift_change(mut world: World) -> Duration {
    let gone_home = UserStatus { status: "Gone Home".into(), ..world.statuses[&0].clone() };
    world.statuses = (0..AGENTS).map(|number| (number, gone_home.clone())).collect();
    let mut world = world.begun();
    // Whatever the first synchronisation used up counts no more.
    world.run_for(Duration::from_secs(120));
    let begin = world.now.instant;
    for second in 0..60 {
        let agents = (0..AGENTS).filter(|number| number % 60 == second);
        let status = |number: usize| if number % 5 < 2 { "Available" } else { "At Lunch" };
        let updates = agents.map(|number| world.entered(number, status(number))).collect();
        world.batch(updates);
        world.run_for(Duration::from_secs(1));
    }
    while world.report().backlog > 0 {
        world.run_for(Duration::from_millis(100));
    }
    assert_eq!(world.report().synced, AGENTS);
    assert_eq!(world.cloud.throttled, 0, "no 429");
    assert!(world.cloud.most_in_a_minute() <= 300, "{}", world.cloud.most_in_a_minute());
    world.now.instant.since(begin)
}

/// 2,000 requests for those who go on queue and 60 for the others: 412 s.
#[test]
fn direct_delivery_is_near_its_floor() {
    let (taken, floor) = (shift_change(World::direct(AGENTS, options())), Duration::from_secs(412));
    println!("direct: {taken:?}, floor {floor:?}, {:.3} times", taken.as_secs_f64() / floor.as_secs_f64());
    assert!(taken <= floor.mul_f64(1.15), "{taken:?}");
}

/// 50 requests for presence and 50 for the routing status would take 20 s: the floor is the minute that the change lasts.
#[test]
fn events_delivery_is_in_step_as_soon_as_the_last_agent_has_changed() {
    let (taken, floor) = (shift_change(World::new(AGENTS, options())), Duration::from_secs(60));
    println!("events: {taken:?}, floor {floor:?}, {:.3} times", taken.as_secs_f64() / floor.as_secs_f64());
    assert!(taken <= floor.mul_f64(1.15), "{taken:?}");
}
