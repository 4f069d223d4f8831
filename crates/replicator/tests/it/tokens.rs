//! Stories of several tokens: each with its own budget, each agent with its own token.

use std::time::Duration;

use domain::change::{Facet, Value};
use domain::target::{Presence, SystemPresence};
use replicator::engine::Notice;
use replicator::options::{BudgetOptions, Options};

use crate::world::{World, options, user};

fn with_tokens(tokens: usize) -> Options {
    Options { budget: BudgetOptions { tokens, ..options().budget }, ..options() }
}

#[test]
fn an_agent_is_always_written_by_the_same_token() {
    let mut world = World::in_step(40, with_tokens(3));
    for status in ["At Lunch", "Available", "In a meeting"] {
        for number in 0..40 {
            world.status(number, status);
        }
        world.run_for(Duration::from_secs(20));
    }
    assert_eq!(world.report().synced, 40);
    assert!(world.cloud.paid_by.values().all(|tokens| tokens.len() == 1), "{:?}", world.cloud.paid_by);
    let used: std::collections::BTreeSet<usize> = world.cloud.paid_by.values().flatten().copied().collect();
    assert_eq!(used.len(), 3, "each has its share");
}

#[test]
fn four_tokens_are_nearly_four_times_as_fast_and_none_goes_over_its_limit() {
    let seconds = |tokens: usize| {
        // Everybody is to go on queue, which takes a request each.
        let mut world = World::direct(1_200, with_tokens(tokens));
        world.snapshot();
        while world.report().agents == 0 || world.report().synced < 1_200 {
            world.run_for(Duration::from_secs(1));
        }
        assert_eq!(world.cloud.throttled, 0);
        assert!(world.cloud.most_in_a_minute() <= 300, "{}", world.cloud.most_in_a_minute());
        world.now.instant.0.as_secs()
    };
    let (one, four) = (seconds(1), seconds(4));
    assert!(one > 180 && four < 70, "{one} s and {four} s: 1,200 requests at 285 a minute and token");
}

#[test]
fn a_token_that_is_refused_gives_its_agents_to_the_others_and_gets_them_back() {
    let mut world = World::in_step(20, with_tokens(2));
    world.cloud.revoked.insert(1);
    for number in 0..20 {
        world.status(number, "At Lunch");
    }
    world.run_for(Duration::from_secs(30));
    assert_eq!(world.report().synced, 20, "{:?}", world.report());
    let meal = Value::Presence(Presence::of(SystemPresence::Meal));
    assert!((0..20).all(|number| world.cloud.value(user(number), Facet::Presence) == meal));
    assert!(world.notices.iter().any(|notice| matches!(notice, Notice::TokenRefused { token: 1, .. })));
    assert_eq!(world.report().tokens.iter().map(|token| token.refused).collect::<Vec<_>>(), [false, true]);
    assert!(world.engine.stopped().is_none());
    world.run_for(Duration::from_secs(3_600));
    assert!(world.engine.stopped().is_none(), "one token is enough");
    world.cloud.revoked.clear();
    world.run_for(Duration::from_secs(1_200));
    assert!(world.notices.contains(&Notice::TokenAccepted { token: 1 }), "{:?}", world.notices);
    assert!(!world.report().tokens[1].refused);
}

#[test]
fn credentials_that_no_token_gets_by_with_end_the_link_as_one_token_does() {
    let mut world = World::in_step(10, with_tokens(2));
    world.cloud.revoked.extend([0, 1]);
    world.status(0, "At Lunch");
    world.status(1, "At Lunch");
    world.run_for(Duration::from_secs(900));
    assert!(world.engine.stopped().is_some());
}

#[test]
fn a_429_closes_one_token_only() {
    let mut world = World::in_step(2, with_tokens(2));
    world.cloud.trouble = vec![crate::cloud::Trouble::Throttle(50)];
    world.status(0, "At Lunch");
    world.run_for(Duration::from_secs(1));
    world.status(1, "At Lunch");
    world.run_for(Duration::from_secs(5));
    let meal = Value::Presence(Presence::of(SystemPresence::Meal));
    assert_eq!(world.told(1, Facet::Presence), [meal]);
    assert_eq!(world.told(0, Facet::Presence), [], "its token waits");
    world.run_for(Duration::from_secs(60));
    assert_eq!(world.told(0, Facet::Presence), [meal]);
}
