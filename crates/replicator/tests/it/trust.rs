//! Gaps: each interval in which the two sides may differ is found, with its reason, and ends.

use std::time::Duration;

use domain::trust::GapKind;
use replicator::ports::Fact;

use crate::world::{World, options, user};

const SECOND: Duration = Duration::from_secs(1);

fn of(world: &World, kind: GapKind) -> Vec<i64> {
    world
        .cloud
        .journal
        .gap_seconds()
        .into_iter()
        .filter(|(found, _)| *found == kind)
        .map(|(_, seconds)| seconds)
        .collect()
}

#[test]
fn a_quiet_hour_has_no_gap_and_says_that_it_lives() {
    let mut world = World::in_step(3, options());
    let before = world.cloud.journal.gaps().len();
    world.run_for(3_600 * SECOND);
    assert_eq!(world.cloud.journal.gaps().len(), before);
    assert!(world.report().gaps.is_empty());
    let entries = &world.cloud.journal.entries;
    let silence = entries.windows(2).map(|two| two[1].at.duration_since(two[0].at).as_secs()).max();
    assert!(silence <= Some(11), "{silence:?}");
    assert!(entries.iter().any(|entry| entry.fact == Fact::Alive));
}

#[test]
fn pureconnect_away_is_a_gap_from_when_it_was_last_heard_of() {
    let mut world = World::in_step(1, options());
    world.run_for(100 * SECOND);
    let heard = world.now.utc - Duration::from_secs(30);
    let lost = replicator::ports::SourceEvent::Lost { reason: "silence".to_owned(), heard: Some(heard) };
    world.engine.handle_source(world.now, lost);
    world.run_for(60 * SECOND);
    let open = world.report().gaps;
    assert_eq!((open[0].kind, open[0].since, open[0].reason.as_str()), (GapKind::SourceDown, heard, "silence"));
    world.snapshot();
    world.run_for(SECOND);
    assert_eq!(of(&world, GapKind::SourceDown), [90]);
    assert!(world.report().gaps.is_empty());
}

#[test]
fn genesys_cloud_away_is_a_gap_and_so_is_what_waits_for_it() {
    let mut world = World::in_step(1, options());
    world.cloud.down = true;
    world.status(0, "At Lunch");
    world.run_for(100 * SECOND);
    let kinds: Vec<GapKind> = world.report().gaps.into_iter().map(|gap| gap.kind).collect();
    assert!(kinds.contains(&GapKind::TargetDown) && kinds.contains(&GapKind::Late), "{kinds:?}");
    world.cloud.down = false;
    world.run_for(120 * SECOND);
    assert!(world.report().gaps.is_empty(), "{:?}", world.report().gaps);
    let [late] = of(&world, GapKind::Late)[..] else { panic!("one") };
    assert!((100..200).contains(&late), "since the change was seen: {late}");
}

#[test]
fn one_refused_agent_does_not_make_the_feed_late() {
    let mut world = World::in_step(2, options());
    world.cloud.poison.insert(user(0), false);
    world.status(0, "At Lunch");
    world.run_for(300 * SECOND);
    assert!(of(&world, GapKind::Late).is_empty() && world.report().gaps.is_empty());
}

#[test]
fn a_frozen_delivery_is_a_gap() {
    let mut world = World::in_step(50, options());
    for number in 0..30 {
        world.logged_in(number, false);
    }
    world.run_for(60 * SECOND);
    assert_eq!(of(&world, GapKind::Frozen).len(), 1);
}

#[test]
fn a_crash_is_a_gap_from_the_last_sign_of_life_and_an_orderly_stop_from_its_order() {
    let mut world = World::in_step(1, options());
    world.run_for(95 * SECOND);
    world.restart(options());
    world.run_for(50 * SECOND);
    world.snapshot();
    world.run_for(20 * SECOND);
    let [crash] = of(&world, GapKind::NotRunning)[..] else { panic!("one") };
    assert!((50..=61).contains(&crash), "{crash}");
    world.engine.handle_stopping(world.now);
    world.run_for(3 * SECOND);
    assert!(world.engine.is_drained());
    world.run_for(600 * SECOND);
    world.restart(options());
    world.run_for(10 * SECOND);
    world.snapshot();
    world.run_for(SECOND);
    assert_eq!(of(&world, GapKind::NotRunning), [crash, 613]);
    assert!(world.report().gaps.is_empty());
}

#[test]
fn gaps_that_a_crash_left_open_end_where_it_happened() {
    let mut world = World::in_step(1, options());
    world.lose();
    world.run_for(30 * SECOND);
    world.restart(options());
    world.snapshot();
    world.run_for(SECOND);
    assert_eq!(of(&world, GapKind::SourceDown).len(), 1);
    assert!(world.report().gaps.is_empty());
}

#[test]
fn a_process_that_stood_still_has_a_gap() {
    let mut world = World::in_step(1, options());
    world.run_for(60 * SECOND);
    world.now.instant = world.now.instant + 60 * SECOND;
    world.now.utc += 60 * SECOND;
    world.status(0, "At Lunch");
    world.run_for(SECOND);
    let [stood] = of(&world, GapKind::NotRunning)[..] else { panic!("{:?}", world.cloud.journal.gaps()) };
    assert!((60..=70).contains(&stood), "{stood}");
}

#[test]
fn a_gap_that_lasts_while_the_clock_is_set_back_covers_both_times() {
    let mut world = World::in_step(1, options());
    world.lose();
    world.run_for(30 * SECOND);
    world.now.utc -= 3_600 * SECOND;
    let set = world.now.utc;
    world.run_for(60 * SECOND);
    world.snapshot();
    world.run_for(SECOND);
    let gaps = world.cloud.journal.gaps();
    let covers = |gap: &&domain::trust::Gap| gap.kind == GapKind::SourceDown && gap.since <= set + 11 * SECOND;
    let second = gaps.iter().find(covers).unwrap();
    assert!(second.until >= Some(set + 60 * SECOND), "{gaps:?}");
}
