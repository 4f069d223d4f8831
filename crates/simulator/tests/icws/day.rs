//! The working day: a plan that follows from its seed, with nothing in it that could not happen.

use std::collections::BTreeMap;
use std::time::Duration;

use simulator::clock::Clock;
use simulator::day::{self, Doing, FULL, Moment, Plan};
use simulator::icws::{Action, Options, Server, TruthChange};
use simulator::population::people;
use tokio_util::sync::CancellationToken;

use crate::client::options;

fn plan(agents: usize, seed: u64) -> Vec<Moment> {
    Plan::new(&people(agents, seed), seed, FULL).collect()
}

fn acts(moments: &[Moment]) -> impl Iterator<Item = (Duration, &Moment, &Action)> {
    moments.iter().flat_map(|moment| {
        moment.doings.iter().filter_map(move |doing| match doing {
            Doing::Act(action) => Some((moment.at, moment, action)),
            Doing::StatusUntil { .. } => None,
        })
    })
}

#[test]
fn the_same_seed_is_the_same_day_and_another_is_another() {
    assert_eq!(plan(20, 7), plan(20, 7));
    assert_ne!(plan(20, 7), plan(20, 8));
}

#[test]
fn moments_come_in_order_of_time_and_within_the_day() {
    let moments = plan(100, 3);
    assert!(moments.windows(2).all(|pair| pair[0].at <= pair[1].at));
    assert!(moments.last().unwrap().at < FULL);
}

#[test]
fn nobody_has_a_status_while_logged_out_nor_two_within_two_seconds() {
    let mut logged_in: BTreeMap<&str, bool> = BTreeMap::new();
    let mut last: BTreeMap<&str, Duration> = BTreeMap::new();
    let moments = plan(100, 3);
    for moment in &moments {
        for doing in &moment.doings {
            if let Doing::Act(Action::LogOn { user } | Action::LogOff { user }) = doing {
                logged_in.insert(user, matches!(doing, Doing::Act(Action::LogOn { .. })));
            }
            if let Some((user, status)) = doing.status() {
                assert!(logged_in[user], "{user} is {status} while logged out");
                if let Some(last) = last.insert(user, moment.at) {
                    assert!(moment.at - last >= Duration::from_secs(2), "{user} at {:?}", moment.at);
                }
            }
        }
    }
}

#[test]
fn every_interaction_ends_and_nobody_leaves_with_one() {
    let moments = plan(100, 3);
    let mut open: BTreeMap<&str, &str> = BTreeMap::new();
    for (at, moment, action) in acts(&moments) {
        match action {
            Action::Alert { user, interaction } | Action::Dial { user, interaction } => {
                assert!(open.insert(&interaction.id, user).is_none(), "{} twice at {at:?}", interaction.id);
            }
            Action::Disconnect { id, .. } | Action::Leave { id } => {
                assert_eq!(open.remove(id.as_str()), moment.user.as_deref());
            }
            Action::LogOff { user } => assert!(!open.values().any(|&busy| busy == user), "{user} leaves in a call"),
            _ => {}
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn never_more_than_fifteen_percent_come_or_go_within_ten_seconds() {
    for agents in [7, 20, 200, 1000] {
        let moments = plan(agents, 5);
        let most = (agents * 15 / 100).max(1);
        for come in [true, false] {
            let times: Vec<_> = acts(&moments)
                .filter(|(_, _, action)| match action {
                    Action::LogOn { .. } => come,
                    Action::LogOff { .. } => !come,
                    _ => false,
                })
                .map(|(at, ..)| at)
                .collect();
            assert!(times.windows(most + 1).all(|window| window[most] - window[0] >= Duration::from_secs(10)));
        }
    }
}

#[test]
fn a_busy_day_has_all_that_a_bridge_can_meet() {
    let moments = plan(200, 1);
    let count = |fits: fn(&Action) -> bool| acts(&moments).filter(|(_, _, action)| fits(action)).count();
    let answered = count(|action| matches!(action, Action::Answer { .. }));
    // 200 agents, about seven hours each, minus pauses: some 12 to 16 calls in an hour.
    assert!((14_000..24_000).contains(&answered), "{answered}");
    assert!(count(|action| matches!(action, Action::Hold { .. })) > 1000);
    assert!(count(|action| matches!(action, Action::Leave { .. })) > 500);
    assert!(count(|action| matches!(action, Action::Dial { .. })) > 1000);
    assert_eq!(count(|action| matches!(action, Action::StatusMessage { .. })), 3);
    let statuses = moments.iter().flat_map(|moment| &moment.doings).filter_map(Doing::status);
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, status) in statuses {
        *seen.entry(status).or_default() += 1;
    }
    for status in [
        "At Lunch",
        "Away from desk",
        "In a meeting",
        "At a training session",
        "Out of the office",
        "Follow Up",
        "AcdAgentNotAnswering",
        "Gone Home",
        "Do Not disturb",
        "Working at Home",
    ] {
        assert!(seen.get(status).is_some_and(|&count| count > 2), "{status}: {seen:?}");
    }
}

#[test]
fn some_go_off_queue_while_a_call_rings_or_lasts_and_decliners_in_both_orders() {
    let moments = plan(200, 1);
    let mut busy: BTreeMap<&str, &str> = BTreeMap::new();
    let (mut in_call, mut leave_first, mut status_first) = (0, 0, 0);
    for moment in &moments {
        let user = moment.user.as_deref().unwrap_or_default();
        let away =
            moment.doings.iter().any(|doing| doing.status().is_some_and(|(_, status)| status == "Away from desk"));
        let leaves = moment.doings.iter().any(|doing| matches!(doing, Doing::Act(Action::Leave { .. })));
        match &moment.doings[..] {
            [Doing::Act(Action::Leave { .. }), _] if away => leave_first += 1,
            [_, Doing::Act(Action::Leave { .. })] if away => status_first += 1,
            [doing] if !leaves && doing.status().is_some() && busy.contains_key(user) => in_call += 1,
            _ => {}
        }
        for doing in &moment.doings {
            match doing {
                Doing::Act(Action::Alert { user, interaction }) => _ = busy.insert(user, &interaction.id),
                Doing::Act(Action::Disconnect { .. } | Action::Leave { .. }) => _ = busy.remove(user),
                Doing::Act(_) | Doing::StatusUntil { .. } => {}
            }
        }
    }
    assert!(in_call > 50 && leave_first > 20 && status_first > 20, "{in_call} {leave_first} {status_first}");
}

#[tokio::test]
async fn a_day_at_speed_leaves_everybody_idle_and_nothing_out() {
    let length = Duration::from_secs(3 * 3600);
    let clock = Clock::starting_at("2026-03-02T08:00:00Z".parse().unwrap(), 5000.0);
    let server = Server::start(Options { clock, agents_logged_on: false, ..options(40) }).await.unwrap();
    let day = day::Options { people: people(40, 1), clock, seed: 1, length };
    let expected: usize = Plan::new(&people(40, 1), 1, length)
        .flat_map(|moment| moment.doings)
        .filter(|doing| doing.status().is_some())
        .count();
    day::run(server.system(), day, CancellationToken::new()).await;
    let truth = server.system().truth(0).await.unwrap();
    for (user, agent) in &truth.agents {
        assert!(agent.interactions.is_empty(), "{user} is still busy");
        assert!(!agent.on_phone);
        assert!(!agent.logged_in || agent.status == "Available", "{user}: {agent:?}");
    }
    let statuses = truth.log.iter().filter(|entry| matches!(entry.change, TruthChange::Status { .. })).count();
    assert_eq!(statuses, expected, "all that was planned has happened");
    server.stop().await;
}

#[tokio::test]
async fn a_day_that_is_stopped_ends_at_once() {
    let server = Server::start(options(5)).await.unwrap();
    let stop = CancellationToken::new();
    let clock = Clock::starting_at("2026-03-02T08:00:00Z".parse().unwrap(), 1.0);
    let day = day::Options { people: people(5, 1), clock, seed: 1, length: FULL };
    stop.cancel();
    day::run(server.system(), day, stop).await;
    server.stop().await;
}
