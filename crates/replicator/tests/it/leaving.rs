//! Stories of users who come and go: given back when nobody's any more, and noticed when they are others than before.

use std::time::Duration;

use domain::change::Facet;
use domain::source::{Agent, Update};
use domain::target::{CloudUser, UserState};
use replicator::engine::{Match, Notice, Ownership, SyncState, Unmatched, match_users};
use replicator::options::{CloudKey, Matching, Options, PrimarySource};
use replicator::ports::Fact;

use crate::cloud::Trouble;
use crate::world::{World, agent, options, user};

fn per_user() -> Options {
    Options { primary_source: PrimarySource::PerUser, ..options() }
}

fn agents(world: &World) -> Vec<Agent> {
    world.picture().agents
}

fn facts(world: &World, wanted: impl Fn(&Fact) -> bool) -> usize {
    world.cloud.journal.entries.iter().filter(|entry| wanted(&entry.fact)).count()
}

fn released(world: &World) -> usize {
    facts(world, |fact| matches!(fact, Fact::Released { .. }))
}

#[test]
fn who_leaves_the_scope_is_given_back_and_claimed_again_on_return() {
    let mut world = World::in_step(5, per_user());
    assert_eq!(facts(&world, |fact| matches!(fact, Fact::Claimed { .. })), 5);
    assert_eq!(world.cloud.ours.len(), 5);
    let all = agents(&world);
    world.batch(vec![Update::Agents(all[..4].to_vec())]);
    world.run_for(Duration::from_secs(10));
    assert!(!world.cloud.ours.contains(&user(4)) && world.cloud.ours.len() == 4);
    assert_eq!(released(&world), 1);
    assert!(
        world.notices.contains(&Notice::Ownership(Ownership::Released { agent: agent(4), user: user(4) })),
        "{:?}",
        world.notices
    );
    // Whoever comes back is shown anew.
    let shown = Update::Status(agent(4), world.statuses[&4].clone());
    world.batch(vec![Update::Agents(all), shown]);
    world.run_for(Duration::from_secs(60));
    assert!(world.cloud.ours.contains(&user(4)));
    assert_eq!(world.report().synced, 5, "{:?}", world.report());
}

#[test]
fn who_left_while_nothing_ran_is_given_back_at_the_next_start() {
    let mut world = World::in_step(5, per_user());
    world.agents = 4;
    world.statuses.remove(&4);
    world.restart(per_user());
    world.snapshot();
    world.run_for(Duration::from_secs(60));
    assert_eq!(released(&world), 1);
    assert!(!world.cloud.ours.contains(&user(4)));
    world.restart(per_user());
    world.snapshot();
    world.run_for(Duration::from_secs(60));
    assert_eq!(released(&world), 1, "once");
}

#[test]
fn nobody_is_given_back_while_it_is_doubted_that_they_left() {
    let mut world = World::in_step(40, per_user());
    let few = agents(&world)[..10].to_vec();
    world.batch(vec![Update::Agents(few)]);
    world.run_for(Duration::from_secs(15));
    assert!(world.report().frozen.is_some());
    assert_eq!((released(&world), world.cloud.ours.len()), (0, 40));
}

#[test]
fn a_scope_that_the_operator_narrows_is_no_reason_for_doubt() {
    let mut world = World::in_step(40, per_user());
    let rules = mapping::Rules::built_in(mapping::Options { precedence: mapping::Precedence::Printed });
    world.engine.handle_reload(world.now, rules, options().matching, true);
    let few = agents(&world)[..10].to_vec();
    world.batch(vec![Update::Rescoped(few)]);
    world.run_for(Duration::from_secs(30));
    let report = world.report();
    assert_eq!((report.agents, report.synced, report.frozen), (10, 10, None));
    assert_eq!((released(&world), world.cloud.ours.len()), (30, 10));
}

#[test]
fn a_narrower_scope_may_also_show_in_the_next_snapshot() {
    let mut world = World::in_step(40, per_user());
    let rules = mapping::Rules::built_in(mapping::Options { precedence: mapping::Precedence::Printed });
    world.lose();
    world.engine.handle_reload(world.now, rules, options().matching, true);
    world.agents = 10;
    world.statuses.retain(|number, _| *number < 10);
    world.snapshot();
    world.run_for(Duration::from_secs(30));
    assert_eq!((world.report().agents, world.report().frozen), (10, None));
}

#[test]
fn a_user_who_was_made_anew_is_told_everything() {
    let mut world = World::in_step(3, per_user());
    world.status(2, "At Lunch");
    world.run_for(Duration::from_secs(10));
    let anew = user(70);
    let email = world.cloud.users[2].email.clone();
    world.cloud.users[2].state = UserState::Deleted;
    world.cloud.users.push(CloudUser { id: anew, name: String::new(), email, state: UserState::Active });
    world.run_for(Duration::from_secs(90));
    assert_eq!(world.report().synced, 3, "{:?}", world.report());
    let told = world.cloud.value(anew, Facet::Presence);
    assert_eq!(told, world.cloud.value(user(2), Facet::Presence), "Meal for both");
    assert!(world.cloud.ours.contains(&anew));
    assert_eq!(world.report().repaired.total(), 0, "nobody wrote anything: it is another user");
}

#[test]
fn other_matches_are_taken_over_at_run_time() {
    let mut world = World::in_step(2, per_user());
    world.cloud.users.push(CloudUser { id: user(9), name: String::new(), email: None, state: UserState::Active });
    world.run_for(Duration::from_secs(90));
    let rules = mapping::Rules::built_in(mapping::Options { precedence: mapping::Precedence::Printed });
    let table = [(agent(1), CloudKey::Id(user(9)))].into();
    world.engine.handle_reload(world.now, rules, Matching { table, external_ids: false }, false);
    world.run_for(Duration::from_secs(60));
    let shown: Vec<_> = world.engine.agents().map(|agent| (agent.user, agent.state)).collect();
    assert_eq!(shown, [(Some(user(0)), SyncState::Synced), (Some(user(9)), SyncState::Synced)]);
    assert!(!world.cloud.ours.contains(&user(1)), "given back");
}

#[test]
fn an_external_id_that_is_given_later_is_found() {
    let mut options = per_user();
    options.matching.external_ids = true;
    let mut world = World::new(2, options);
    world.cloud.users[1].email = None;
    world.snapshot();
    world.run_for(Duration::from_secs(30));
    assert_eq!(world.report().unmatched.get(&Unmatched::NotFound), Some(&1));
    world.cloud.external.insert(agent(1).as_str().to_owned(), user(1));
    world.run_for(Duration::from_secs(90));
    assert_eq!(world.report().synced, 2, "{:?}", world.report());
    let complaints = world.notices.iter().filter(|notice| matches!(notice, Notice::Unmatched { .. })).count();
    assert_eq!(complaints, 1, "said once, however often it is asked");
}

#[test]
fn matching_can_be_asked_for_without_an_engine() {
    let world = World::new(2, options());
    let found = match_users(&options().matching, &agents(&world), &world.cloud.users[..1]);
    assert_eq!(found[&agent(0)], Match::Matched(user(0)));
    assert_eq!(found[&agent(1)], Match::Unmatched(Unmatched::NotFound));
}

#[test]
fn who_leaves_with_a_request_under_way_is_given_back_after_its_answer() {
    let mut world = World::in_step(5, per_user());
    world.cloud.latency = Duration::from_secs(3);
    world.status(4, "At Lunch");
    // Two writes for one user at once would end the test.
    world.run_for(Duration::from_secs(1));
    let all = agents(&world);
    world.batch(vec![Update::Agents(all[..4].to_vec())]);
    world.run_for(Duration::from_secs(1));
    world.batch(vec![Update::Agents(all)]);
    world.status(4, "In a meeting");
    world.run_for(Duration::from_secs(60));
    assert_eq!(world.report().synced, 5, "{:?}", world.report());
}

#[test]
fn what_was_under_way_when_its_agent_left_is_settled_in_the_journal_though_it_failed() {
    let mut world = World::in_step(5, per_user());
    world.cloud.latency = Duration::from_secs(3);
    world.cloud.trouble = vec![Trouble::DeferSome];
    world.status(0, "At Lunch");
    world.run_for(Duration::from_secs(1));
    let all = agents(&world);
    world.batch(vec![Update::Agents(all[1..].to_vec())]);
    world.run_for(Duration::from_secs(60));
    let unsettled = world.cloud.journal.memory().facets.into_iter().filter(|facet| !facet.pending.is_empty());
    assert_eq!(unsettled.count(), 0);
}
