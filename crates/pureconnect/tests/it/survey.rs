//! What a look at PureConnect finds out inside, right by right, without starting anything.

mod hosts;

use std::time::Duration;

use domain::source::{Release, Scope};
use pureconnect::survey::{Inside, Logon, Reached, Right, Standing, Survey};
use pureconnect::{Config, survey};
use serde_json::json;

use crate::bridge::{SystemClock, config};
use crate::logged::logged;
use crate::stub::{Stub, user_status};

fn patient(config: Config) -> Config {
    Config { start_patience: Duration::from_secs(20), ..config }
}

async fn look(config: &Config) -> Survey {
    survey(config, SystemClock::shared(), &Scope::default()).await
}

async fn inside(stub: &Stub) -> Inside {
    let survey = look(&patient(config(stub))).await;
    assert!(stub.state().sessions.is_empty(), "logged off");
    survey.inside.expect("the stub lets us in")
}

fn missing(said: &str) -> Standing {
    Standing::Missing { said: said.to_owned() }
}

#[tokio::test]
async fn a_perfect_server_is_seen_as_a_whole() {
    for messaging in [1, 2] {
        let stub = Stub::start().await;
        {
            let mut state = stub.state();
            state.messaging = messaging;
            state.clock_ahead = 3600;
            state.alternates = vec!["127.0.0.1".to_owned(), "cic2.example.com".to_owned()];
            state.statuses.get_mut("carl").unwrap()["until"] =
                json!({"untilDateTime": "20260106T080000Z", "hasDate": true, "hasTime": true});
        }
        let survey = look(&patient(config(&stub))).await;
        assert_eq!(survey.misconfigured, None);
        assert_eq!(survey.unlisted_hosts, ["cic2.example.com"], "where a switchover would lead");
        let [host] = &survey.hosts[..] else { panic!("{survey:?}") };
        assert_eq!((host.host.as_str(), &host.named_by, &host.certificate), ("127.0.0.1", &None, &None));
        assert_eq!(host.address, format!("http://127.0.0.1:{}", stub.address.port()));
        assert_eq!((&host.reached, &host.logon), (&Reached::Yes, &Logon::Accepted));
        let version = host.version.as_ref().unwrap();
        assert_eq!(version.release, Release { year: 20, number: 3 });
        assert_eq!((version.text.as_str(), version.is_supported()), ("2020 R3 Patch4", true));
        let inside = survey.inside.unwrap();
        assert_eq!((inside.server_sent_events, inside.workforce_engagement), (messaging == 2, Some(true)));
        assert!((3598..=3601).contains(&inside.clock_offset.as_secs()), "{}", inside.clock_offset);
        assert_eq!(inside.rights, Right::ALL.map(|right| (right, Standing::Granted)));
        assert_eq!((inside.catalogue.unwrap().len(), inside.workgroups.unwrap().len()), (3, 2));
        let agents: Vec<_> = inside.agents.iter().map(|agent| (agent.id.as_str(), agent.email.as_deref())).collect();
        let expected = [("anna", Some("anna@example.com")), ("ben", Some("ben@example.com")), ("carl", None)];
        assert_eq!((inside.users, &agents[..]), (Some(3), &expected[..]));
        assert_eq!(inside.statuses.len(), 3);
        assert!(inside.without_status.is_empty() && inside.without_queues.is_empty());
        assert_eq!(inside.interrupted, None);
        assert!(stub.state().sessions.is_empty() && stub.count("DELETE", "/connection") == 1, "logged off");
    }
}

#[tokio::test]
async fn only_who_is_in_scope_is_looked_at_and_unknown_workgroups_are_named() {
    let stub = Stub::start().await;
    let scope = Scope { workgroups: Some(["Support".into(), "Suport".into()].into()), ..Scope::default() };
    let survey = survey(&patient(config(&stub)), SystemClock::shared(), &scope).await;
    let inside = survey.inside.unwrap();
    assert_eq!(inside.agents.iter().map(|agent| agent.id.as_str()).collect::<Vec<_>>(), ["carl"]);
    assert_eq!((inside.users, inside.statuses.len()), (Some(3), 1));
    assert_eq!(inside.unknown_workgroups, ["suport".into()]);

    let nobody = Scope { workgroups: Some(["Suport".into()].into()), ..Scope::default() };
    let inside = pureconnect::survey(&patient(config(&stub)), SystemClock::shared(), &nobody).await.inside.unwrap();
    assert_eq!(inside.standing(Right::Users), Some(&Standing::Granted));
    let unknown = Standing::Unknown { why: "nobody is in scope".to_owned() };
    assert_eq!(inside.standing(Right::Status), Some(&unknown));
}

/// Each right with what the server does who does not grant it, and what is said of it.
#[tokio::test]
async fn each_missing_right_is_found_on_its_own() {
    let cases: [(Right, &[&'static str], &str); 6] = [
        (Right::Users, &["configuration/users"], "no"),
        (Right::Workgroups, &["configuration/workgroups"], "no"),
        (Right::StatusMessages, &["status/status-messages"], "no"),
        (Right::Status, &["messaging/subscriptions/status/user-statuses"], "no"),
        (Right::UserQueues, &["messaging/subscriptions/queues/"], "no"),
        (Right::FeatureLicences, &["configuration/feature-licenses"], "no"),
    ];
    for (right, refused, said) in cases {
        let stub = Stub::start().await;
        stub.state().refused = refused.iter().map(|start| (*start, 403, usize::MAX)).collect();
        let inside = inside(&stub).await;
        assert_eq!(inside.standing(right), Some(&missing(said)), "{right:?}");
        let of_others =
            |(other, standing): &&(Right, Standing)| *other != right && matches!(standing, Standing::Missing { .. });
        assert_eq!(inside.rights.iter().find(of_others), None, "only {right:?} is missing");
        match right {
            Right::Users => assert_eq!((inside.users, inside.agents.len()), (None, 0)),
            Right::Workgroups => assert_eq!(inside.workgroups, None),
            Right::StatusMessages => assert_eq!(inside.catalogue, None),
            Right::Status => assert_eq!(inside.without_status.len(), 3),
            Right::UserQueues => assert_eq!(inside.without_queues.len(), 3),
            Right::FeatureLicences => assert_eq!(inside.workforce_engagement, None),
            Right::TimeInStatus | Right::Until | Right::LoggedIn => unreachable!("these are columns"),
        }
    }
}

#[tokio::test]
async fn a_column_that_may_not_be_seen_is_left_out_by_the_server() {
    for (right, column) in [(Right::TimeInStatus, "statusChanged"), (Right::LoggedIn, "loggedIn")] {
        let stub = Stub::start().await;
        for status in stub.state().statuses.values_mut() {
            status.as_object_mut().unwrap().remove(column);
        }
        let inside = inside(&stub).await;
        assert_eq!(inside.standing(right), Some(&missing("")), "{column}");
        assert_eq!(inside.standing(Right::Status), Some(&Standing::Granted));
        assert!(matches!(inside.standing(Right::Until), Some(Standing::Unknown { .. })), "it may just not be needed");
    }
}

#[tokio::test]
async fn what_is_left_out_without_a_word_is_missing_too() {
    let stub = Stub::start().await;
    {
        let mut state = stub.state();
        state.statuses.clear();
        state.catalogue.clear();
        state.workgroups.clear();
    }
    let nothing_said = inside(&stub).await;
    for right in [Right::Status, Right::StatusMessages, Right::Workgroups] {
        assert_eq!(nothing_said.standing(right), Some(&missing("")), "{right:?}");
    }
    let unseen = Standing::Unknown { why: "no status was seen".to_owned() };
    assert_eq!(nothing_said.standing(Right::LoggedIn), Some(&unseen));
    stub.state().users.clear();
    let inside = inside(&stub).await;
    assert_eq!((inside.standing(Right::Users), inside.users), (Some(&missing("")), Some(0)));
}

#[tokio::test]
async fn agents_who_may_not_be_seen_are_named_and_the_others_are_seen() {
    let stub = Stub::start().await;
    stub.state().hidden = vec!["ben"];
    let inside = inside(&stub).await;
    assert_eq!(inside.standing(Right::Status), Some(&Standing::Granted));
    assert_eq!(inside.standing(Right::UserQueues), Some(&Standing::Granted));
    assert_eq!((&inside.without_status[..], &inside.without_queues[..]), (&["ben".into()][..], &["ben".into()][..]));
    assert_eq!(inside.statuses.len(), 2);
}

#[tokio::test]
async fn a_licence_is_there_or_not_or_not_to_be_seen() {
    let stub = Stub::start().await;
    stub.state().refused = vec![("configuration/feature-licenses/", 404, 1)];
    let not_there = inside(&stub).await;
    assert_eq!(not_there.workforce_engagement, Some(false));
    assert_eq!(not_there.standing(Right::FeatureLicences), Some(&Standing::Granted));
    stub.state().refused = vec![("configuration/feature-licenses", 500, usize::MAX)];
    let unknown = inside(&stub).await;
    assert_eq!(unknown.workforce_engagement, None);
    assert!(matches!(unknown.standing(Right::FeatureLicences), Some(Standing::Unknown { .. })), "{unknown:?}");
}

#[tokio::test]
async fn a_session_that_ends_in_the_middle_keeps_what_was_found() {
    let stub = Stub::start().await;
    stub.state().refused = vec![("status/status-messages", 401, 1)];
    let inside = look(&patient(config(&stub))).await.inside.unwrap();
    assert!(inside.interrupted.as_ref().unwrap().contains("does not know the session"), "{inside:?}");
    assert_eq!((inside.users, inside.standing(Right::Users)), (Some(3), Some(&Standing::Granted)));
    assert!(matches!(inside.standing(Right::UserQueues), Some(Standing::Unknown { .. })));
}

#[tokio::test]
async fn queues_that_fault_are_not_watched() {
    let stub = Stub::start().await;
    stub.state().faulted = Some("You lack the right.");
    let inside = inside(&stub).await;
    assert_eq!(inside.standing(Right::UserQueues), Some(&missing("You lack the right.")));
    assert_eq!(inside.without_queues.len(), 3);
}

#[test]
fn neither_survey_nor_log_holds_a_secret() {
    let (shown, log) = logged(tracing::Level::TRACE, async {
        let stub = Stub::start().await;
        let good = look(&patient(config(&stub))).await;
        let quoting = json!({"errorId": "error.request.connection.authenticationFailure",
            "message": "The password correct horse is wrong."});
        stub.state().turned_away = Some((400, quoting));
        let refused = look(&patient(config(&stub))).await;
        assert!(matches!(&refused.hosts[0].logon, Logon::WrongCredentials(said) if said.message.contains('…')));
        format!("{good:?} {refused:?}")
    });
    for secret in ["correct horse", "secret-token", "secret-cookie"] {
        assert!(!shown.contains(secret) && !log.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn a_survey_changes_nothing() {
    let stub = Stub::start().await;
    stub.state().statuses.insert("ben".to_owned(), user_status("ben", "At Lunch", "20260105T090000Z"));
    inside(&stub).await;
    for request in &stub.state().requests {
        let rest = request.path.trim_start_matches("/icws/").split_once('/').map_or("", |(_, rest)| rest);
        let is_harmless = match request.method.as_str() {
            "GET" => true,
            "POST" => request.path.starts_with("/icws/connection?"),
            "PUT" => rest.starts_with("messaging/subscriptions/"),
            "DELETE" => rest == "connection",
            _ => false,
        };
        assert!(is_harmless, "{} {}", request.method, request.path);
    }
}

#[test]
fn each_right_has_a_name_of_its_own_and_a_use() {
    let names: std::collections::BTreeSet<_> = Right::ALL.iter().map(|right| right.name()).collect();
    assert_eq!(names.len(), Right::ALL.len());
    assert!(Right::ALL.iter().all(|right| !right.needed_for().is_empty()));
    assert!(Right::Status.is_indispensable() && !Right::FeatureLicences.is_indispensable());
}
