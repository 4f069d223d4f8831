//! What an agent does, and what Genesys Cloud is told of it.

use std::time::Duration;

use domain::change::{Facet, Value};
use domain::source::{Involvement, Update, UserStatus};
use domain::target::{OutOfOffice, Presence, SystemPresence};
use replicator::engine::Notice;
use replicator::options::{ModeChoice, PrimarySource};

use crate::cloud::Trouble;
use crate::world::{World, agent, catalogue, options, user};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn the_first_snapshot_brings_everybody_in_step() {
    let mut world = World::new(250, options());
    world.snapshot();
    world.run_for(10 * SECOND);
    assert_eq!(world.report().synced, 250);
    assert_eq!(world.trace(0), ["On Queue", "IDLE"]);
    let change = &world.changes(0, Facet::Presence)[0];
    assert_eq!(change.happened, world.statuses[&0].since.unwrap(), "told with PureConnect's own time");
    // Three pages of users, three read-backs, three requests for each of two facets, one claim.
    assert_eq!(world.cloud.arrivals.len(), 3 + 3 + 3 + 3 + 1, "{:?}", world.cloud.kinds);
}

#[test]
fn who_is_in_step_already_is_not_told_anything() {
    let mut world = World::new(3, options());
    world.cloud.organisation_ours = true;
    world.snapshot();
    world.run_for(10 * SECOND);
    let events = world.cloud.events.len();
    world.lose();
    world.run_for(5 * SECOND);
    world.snapshot();
    world.run_for(60 * SECOND);
    assert_eq!(world.cloud.events.len(), events, "the same picture again is no news");
}

#[test]
fn agent_goes_to_lunch_while_on_a_call() {
    let mut world = World::in_step(1, options());
    world.interaction(0, "c1", Involvement::Alerting, true);
    world.run_for(5 * SECOND);
    world.interaction(0, "c1", Involvement::Connected, true);
    world.run_for(60 * SECOND);
    world.status(0, "At Lunch");
    world.run_for(30 * SECOND);
    world.left(0, "c1");
    world.run_for(5 * SECOND);
    assert_eq!(world.trace(0), ["INTERACTING", "Meal", "OFF_QUEUE"]);
}

#[test]
fn a_declined_call_is_not_pending_whichever_message_comes_first() {
    for status_first in [true, false] {
        let mut world = World::in_step(1, options());
        world.interaction(0, "c1", Involvement::Alerting, true);
        world.run_for(SECOND);
        let mut batch = vec![world.entered(0, "In a meeting"), Update::InteractionLeft(agent(0), "c1".into())];
        if !status_first {
            batch.reverse();
        }
        world.batch(batch);
        world.run_for(5 * SECOND);
        assert_eq!(world.trace(0), ["Meeting", "OFF_QUEUE"], "status first: {status_first}");
    }
}

#[test]
fn after_call_work_moves_only_the_routing_status() {
    let mut world = World::in_step(1, options());
    world.interaction(0, "c1", Involvement::Connected, true);
    world.run_for(10 * SECOND);
    world.batch(vec![Update::InteractionLeft(agent(0), "c1".into()), world.entered(0, "Follow Up")]);
    world.run_for(20 * SECOND);
    world.status(0, "Available");
    world.run_for(5 * SECOND);
    assert_eq!(world.trace(0), ["INTERACTING", "IDLE", "INTERACTING", "IDLE"]);
}

#[test]
fn an_agent_who_does_not_answer_is_not_responding() {
    let mut world = World::in_step(1, options());
    world.interaction(0, "c1", Involvement::Alerting, true);
    world.run_for(15 * SECOND);
    world.batch(vec![Update::InteractionLeft(agent(0), "c1".into()), world.entered(0, "AcdAgentNotAnswering")]);
    world.run_for(30 * SECOND);
    world.status(0, "Available");
    world.run_for(5 * SECOND);
    assert_eq!(world.trace(0), ["Away", "NOT_RESPONDING", "On Queue", "IDLE"]);
}

#[test]
fn vacation_is_away_and_out_of_office_until_it_ends() {
    let mut world = World::in_step(1, options());
    let until = world.now.utc + jiff::SignedDuration::from_hours(48);
    let status =
        UserStatus { status: "On Vacation".into(), since: Some(world.now.utc), logged_in: true, until: Some(until) };
    world.batch(vec![Update::Status(agent(0), status)]);
    world.run_for(5 * SECOND);
    assert_eq!(world.trace(0), ["Away", "OFF_QUEUE", &format!("on until {until}")]);
    world.logged_in(0, false);
    world.run_for(5 * SECOND);
    assert_eq!(
        world.cloud.value(user(0), Facet::OutOfOffice),
        Value::OutOfOffice(OutOfOffice::On { until: Some(until) })
    );
    world.status(0, "Available");
    world.run_for(5 * SECOND);
    assert_eq!(world.cloud.value(user(0), Facet::OutOfOffice), Value::OutOfOffice(OutOfOffice::Off));
}

#[test]
fn status_only_replicates_presence_alone() {
    let mut world = World::new(1, replicator::options::Options { mode: ModeChoice::StatusOnly, ..options() });
    world.snapshot();
    world.run_for(10 * SECOND);
    world.status(0, "On Vacation");
    world.run_for(5 * SECOND);
    assert_eq!(world.trace(0), ["On Queue", "Away"]);
}

#[test]
fn two_changes_in_one_second_arrive_in_the_order_of_arrival() {
    let mut world = World::in_step(1, options());
    world.batch(vec![world.entered(0, "At Lunch"), world.entered(0, "In a meeting")]);
    world.run_for(5 * SECOND);
    let changes = world.changes(0, Facet::Presence);
    assert_eq!(world.told(0, Facet::Presence).len(), 2);
    assert!(changes[0].happened < changes[1].happened);
    assert_eq!(world.trace(0).last().map(String::as_str), Some("OFF_QUEUE"));
    assert_eq!(changes[1].to, Value::Presence(Presence::of(SystemPresence::Meeting)));
}

#[test]
fn an_unknown_status_keeps_the_last_presence_and_is_shown() {
    let mut world = World::in_step(1, options());
    world.status(0, "Brand New");
    world.run_for(5 * SECOND);
    assert_eq!(world.trace(0), Vec::<String>::new());
    assert_eq!(world.report().errors, 1);
    assert!(world.notices.iter().any(|notice| matches!(notice, Notice::UnknownStatus { .. })));
    let mut messages: Vec<_> = catalogue().iter().cloned().collect();
    messages[0].id = "Brand New".into();
    messages.extend(catalogue().iter().cloned());
    messages[0].allows_acd = false;
    messages[0].do_not_disturb = true;
    messages[0].group = "Break".to_owned();
    messages[0].text = "Brand New".to_owned();
    world.batch(vec![Update::Catalogue(messages.into_iter().collect())]);
    world.run_for(5 * SECOND);
    assert_eq!(world.trace(0), ["Break", "OFF_QUEUE"]);
    assert_eq!(world.report().synced, 1);
}

#[test]
fn a_changed_tick_box_concerns_everybody_in_that_status_at_once() {
    let mut world = World::in_step(5, options());
    let mut messages: Vec<_> = catalogue().iter().cloned().collect();
    for message in &mut messages {
        message.allows_acd = false;
    }
    world.batch(vec![Update::Catalogue(messages.into_iter().collect())]);
    world.run_for(5 * SECOND);
    for number in 0..5 {
        assert_eq!(world.trace(number), ["Available", "OFF_QUEUE"]);
    }
}

#[test]
fn a_logout_during_a_switchover_counts_only_after_the_grace_time() {
    let mut world = World::in_step(2, options());
    world.lose();
    world.run_for(30 * SECOND);
    for number in 0..2 {
        world.statuses.get_mut(&number).unwrap().logged_in = false;
    }
    world.snapshot();
    world.run_for(100 * SECOND);
    assert_eq!(world.trace(0), Vec::<String>::new(), "held");
    world.logged_in(0, true);
    world.run_for(100 * SECOND);
    assert_eq!(world.trace(0), Vec::<String>::new(), "the client came back");
    assert_eq!(world.trace(1), ["Offline", "OFF_QUEUE"], "this one did not");
}

#[test]
fn a_refused_agent_holds_up_nobody() {
    for fails_all in [true, false] {
        let mut world = World::in_step(150, options());
        world.cloud.poison.insert(user(3), fails_all);
        for number in 0..150 {
            world.status(number, "At Lunch");
        }
        world.run_for(30 * SECOND);
        let report = world.report();
        assert_eq!((report.synced, report.errors), (149, 1), "whole request fails: {fails_all}: {report:?}");
        world.cloud.poison.clear();
        world.status(3, "In a meeting");
        world.run_for(5 * SECOND);
        assert_eq!(world.report().synced, 150, "a new status ends the wait");
    }
}

#[test]
fn a_forbidden_out_of_office_never_stops_presence() {
    let mut world = World::in_step(2, options());
    world.cloud.unsupported.insert(Facet::OutOfOffice);
    world.status(0, "On Vacation");
    world.run_for(5 * SECOND);
    world.status(0, "Available");
    world.status(1, "On Vacation");
    world.run_for(5 * SECOND);
    assert_eq!(world.trace(0), ["Away", "OFF_QUEUE", "On Queue", "IDLE"]);
    assert_eq!(world.report().unsupported, [Facet::OutOfOffice]);
    world.cloud.unsupported.clear();
    world.run_for(700 * SECOND);
    assert_eq!(world.report().synced, 2, "tried again by itself");
    assert!(matches!(world.cloud.value(user(1), Facet::OutOfOffice), Value::OutOfOffice(OutOfOffice::On { .. })));
}

#[test]
fn somebody_elses_write_is_found_and_repaired() {
    let mut world = World::in_step(2, options());
    world.cloud.values.insert((user(1), Facet::Presence), Value::Presence(Presence::of(SystemPresence::Busy)));
    world.run_for(700 * SECOND);
    assert_eq!(world.trace(1), ["On Queue"]);
    assert_eq!(world.report().repaired.total(), 1);
}

#[test]
fn what_happened_during_an_outage_is_told_with_its_own_times() {
    let mut world = World::in_step(1, options());
    world.cloud.down = true;
    for _ in 0..15 {
        world.status(0, "At Lunch");
        world.run_for(40 * SECOND);
        world.status(0, "Available");
        world.run_for(40 * SECOND);
    }
    assert!(!world.report().sink_up);
    world.cloud.down = false;
    world.run_for(90 * SECOND);
    let changes = world.changes(0, Facet::Presence);
    assert_eq!(changes.len(), 30, "every transition");
    assert!(
        changes.windows(2).all(|two| (two[1].happened - two[0].happened).total(jiff::Unit::Second).unwrap() == 40.0)
    );
    assert_eq!(world.report().synced, 1);
}

#[test]
fn an_answer_that_is_lost_is_asked_for_again_with_the_same_id() {
    for trouble in [Trouble::Lost, Trouble::AppliedAndLost, Trouble::Down, Trouble::Throttle(7)] {
        let mut world = World::in_step(1, options());
        world.cloud.trouble = vec![trouble];
        world.status(0, "At Lunch");
        world.run_for(60 * SECOND);
        assert_eq!(world.trace(0), ["Meal", "OFF_QUEUE"], "{trouble:?}");
        assert_eq!(world.report().synced, 1);
    }
}

#[test]
fn what_is_told_after_a_restart_is_never_older_than_what_is_there() {
    let mut world = World::new(1, options());
    // Before the restart the agent was told to be Offline, after having entered Available.
    let offline = world.now.utc - jiff::SignedDuration::from_secs(60);
    let told = Value::Presence(Presence::of(SystemPresence::Offline));
    world.cloud.hold(user(0), told, offline);
    world.cloud.organisation_ours = true;
    world.snapshot();
    world.run_for(20 * SECOND);
    assert!(world.statuses[&0].since.unwrap() < offline);
    assert!(world.changes(0, Facet::Presence)[0].happened > offline);
    assert_eq!(world.cloud.value(user(0), Facet::Presence), Value::Presence(Presence::of(SystemPresence::OnQueue)));
}

#[test]
fn two_agents_with_one_user_do_not_write_over_each_other() {
    let mut world = World::new(3, options());
    world.cloud.users[1].email = Some("nobody@example.com".to_owned());
    let mut picture = world.picture();
    picture.agents[1].email = picture.agents[0].email.clone();
    let received = world.now.utc;
    let event = replicator::ports::SourceEvent::Snapshot { received, snapshot: Box::new(picture) };
    world.engine.handle_source(world.now, event);
    world.run_for(20 * SECOND);
    assert!(world.trace(0).is_empty());
    assert_eq!(world.report().unmatched.values().sum::<usize>(), 2);
    assert_eq!(world.report().synced, 1);
}

#[test]
fn what_another_source_shows_is_not_taken_for_drift() {
    let mut world = World::new(1, replicator::options::Options { primary_source: PrimarySource::PerUser, ..options() });
    world.cloud.unclaimable = true;
    world.snapshot();
    world.run_for(20 * SECOND);
    // Until the source is the primary one, the organisation shows another presence, and a routing status to go with it.
    world.cloud.values.insert((user(0), Facet::Presence), Value::Presence(Presence::of(SystemPresence::Offline)));
    world.cloud.values.insert((user(0), Facet::Routing), Value::Routing(domain::target::RoutingStatus::OffQueue));
    world.run_for(1_500 * SECOND);
    assert_eq!(world.trace(0), ["On Queue", "IDLE"], "told once");
    assert_eq!(world.report().repaired.total(), 0);
    let claims = world.cloud.kinds["claim"];
    assert!((2..=4).contains(&claims), "and claimed again, but not for ever: {claims}");
}

#[test]
fn users_are_claimed_one_by_one_where_the_organisation_has_others() {
    let mut world = World::new(3, replicator::options::Options { primary_source: PrimarySource::Auto, ..options() });
    let mut other = world.cloud.users[0].clone();
    other.id = user(77);
    other.email = Some("back.office@example.com".to_owned());
    world.cloud.users.push(other);
    world.snapshot();
    world.run_for(60 * SECOND);
    assert!(!world.cloud.organisation_ours);
    assert_eq!(world.cloud.ours.len(), 3);

    let mut world = World::new(3, replicator::options::Options { primary_source: PrimarySource::Auto, ..options() });
    world.snapshot();
    world.run_for(60 * SECOND);
    assert!(world.cloud.organisation_ours, "everybody is an agent of ours: one request");
    assert!(world.cloud.ours.is_empty());
}

#[test]
fn an_agent_without_a_cloud_user_is_listed_and_told_of_when_one_appears() {
    let mut world = World::new(2, options());
    let missing = world.cloud.users.pop().unwrap();
    world.snapshot();
    world.run_for(20 * SECOND);
    assert_eq!(world.report().unmatched.values().sum::<usize>(), 1);
    assert_eq!(world.report().synced, 1);
    world.status(1, "At Lunch");
    world.cloud.users.push(missing);
    world.run_for(90 * SECOND);
    assert_eq!(world.report().synced, 2);
    assert_eq!(world.cloud.value(user(1), Facet::Presence), Value::Presence(Presence::of(SystemPresence::Meal)));
}

#[test]
fn stopping_during_an_outage_waits_and_does_not_spin() {
    let mut world = World::in_step(1, options());
    world.cloud.down = true;
    world.status(0, "At Lunch");
    world.run_for(60 * SECOND);
    world.engine.handle_stopping(world.now);
    world.run_for(3 * SECOND);
    assert!(world.engine.poll_timeout().is_none_or(|at| at > world.now.instant), "{:?}", world.engine.poll_timeout());
}

#[test]
fn who_left_a_status_before_its_tick_box_was_changed_is_not_told_its_new_meaning() {
    let mut world = World::in_step(1, options());
    world.status(0, "In a meeting");
    world.run_for(20 * SECOND);
    world.cloud.events.clear();
    let left = world.entered(0, "At Lunch");
    let mut messages: Vec<_> = catalogue().iter().cloned().collect();
    messages.iter_mut().filter(|one| one.id.as_str() == "In a meeting").for_each(|one| one.allows_acd = true);
    world.batch(vec![left, Update::Catalogue(messages.into_iter().collect())]);
    world.run_for(5 * SECOND);
    assert_eq!(world.trace(0), ["Meal"], "in this order, though both came together");
}
