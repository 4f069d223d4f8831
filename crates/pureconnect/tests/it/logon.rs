//! Stories of getting in: which host, which release, which password.

use domain::source::Release;
use replicator::ports::{FailureKind, SourceFailure};
use serde_json::json;

use crate::bridge::{Bridge, config};
use crate::stub::Stub;

async fn refused(stub: &Stub) -> SourceFailure {
    Bridge::start(config(stub)).ended().await.expect_err("the start fails")
}

#[tokio::test]
async fn a_wrong_password_is_said_to_be_wrong_and_never_quoted() {
    let stub = Stub::start().await;
    stub.state().password = "another";
    let failure = refused(&stub).await;
    assert_eq!(failure.kind, FailureKind::NotAuthorized);
    assert!(failure.message.contains("password of user bridge"), "{failure}");
    assert!(!format!("{failure:?}").contains("correct horse"));
    assert_eq!(stub.count("POST", "/icws/connection"), 1, "an account is not locked by insisting");
}

#[tokio::test]
async fn a_release_before_2019_r4_is_refused_by_name_before_any_logon() {
    let stub = Stub::start().await;
    let old = version("19", "3");
    stub.state().version.1 = old;
    let failure = refused(&stub).await;
    assert_eq!(failure.kind, FailureKind::Unsupported);
    assert!(failure.message.contains("2019 R3") && failure.message.contains("2019 R4"), "{failure}");
    assert_eq!(stub.count("POST", "/icws/connection"), 0);
}

#[tokio::test]
async fn what_speaks_no_icws_is_told_from_what_is_down() {
    let cases = [
        (200, "<html><body>Welcome</body></html>", "web page"),
        (200, "{\"status\":\"ok\"}", "other JSON"),
        (404, "<html>Not Found</html>", "404 Not Found"),
        (302, "", "302 Found"),
    ];
    for (status, body, found) in cases {
        let stub = Stub::start().await;
        stub.state().version = (status, body.to_owned());
        let failure = refused(&stub).await;
        assert_eq!(failure.kind, FailureKind::Unsupported, "{failure}");
        assert!(failure.message.contains("does not speak ICWS") && failure.message.contains(found), "{failure}");
    }
    let stub = Stub::start().await;
    stub.state().version = (502, "<html>Bad Gateway</html>".to_owned());
    assert_eq!(refused(&stub).await.kind, FailureKind::Unreachable);
}

#[tokio::test]
async fn a_host_that_does_not_answer_is_tried_until_patience_ends() {
    let stub = Stub::start().await;
    let mut config = config(&stub);
    // Nothing listens on port 9 (discard) of this address.
    config.base_url = "http://{host}:9".to_owned();
    let failure = Bridge::start(config).ended().await.expect_err("the start fails");
    assert_eq!(failure.kind, FailureKind::Unreachable);
    assert!(failure.message.contains("127.0.0.1") && failure.message.contains("check host name"), "{failure}");
}

#[tokio::test]
async fn a_server_that_is_still_starting_is_waited_for() {
    let stub = Stub::start().await;
    let ready = std::mem::replace(&mut stub.state().version, (502, "<html>Bad Gateway</html>".to_owned()));
    let mut config = config(&stub);
    config.start_patience = std::time::Duration::from_secs(60);
    let mut bridge = Bridge::start(config);
    stub.until(|state| state.requests.len() >= 2).await;
    stub.state().version = ready;
    bridge.snapshot().await;
    bridge.stop().await.unwrap();
}

#[tokio::test]
async fn shutting_down_while_nobody_answers_is_no_failure() {
    let stub = Stub::start().await;
    stub.state().version = (502, String::new());
    let mut config = config(&stub);
    config.start_patience = std::time::Duration::from_secs(60);
    let bridge = Bridge::start(config);
    stub.until(|state| !state.requests.is_empty()).await;
    bridge.stop().await.unwrap();
}

#[tokio::test]
async fn the_backup_sends_to_the_active_server_and_lists_may_be_missing_or_go_round() {
    let stub = Stub::start().await;
    let go = |host: &str| Some(vec![host.to_owned()]);
    stub.state().closed = [
        ("127.0.0.1".to_owned(), None),
        ("127.0.0.2".to_owned(), Some(vec!["127.0.0.2".to_owned(), "not a host/".to_owned(), "127.0.0.3".to_owned()])),
        ("127.0.0.3".to_owned(), go("127.0.0.2")),
        ("127.0.0.4".to_owned(), go("127.0.0.5")),
    ]
    .into();
    let mut config = config(&stub);
    config.hosts = ["127.0.0.1", "127.0.0.2", "127.0.0.4"].map(str::to_owned).into();
    let (bridge, snapshot) = Bridge::live(config).await;
    assert_eq!(snapshot.system.host, "127.0.0.5");
    bridge.stop().await.unwrap();
    assert_eq!(stub.count("POST", "/icws/connection"), 5, "each host once");
}

#[tokio::test]
async fn alternate_hosts_are_followed_for_eight_hops_at_most() {
    let stub = Stub::start().await;
    let next = |n: u32| (format!("127.0.1.{n}"), Some(vec![format!("127.0.1.{}", n + 1)]));
    stub.state().closed = (1..20).map(next).collect();
    let mut config = config(&stub);
    config.hosts = vec!["127.0.1.1".to_owned()];
    config.start_patience = std::time::Duration::ZERO;
    let failure = Bridge::start(config).ended().await.expect_err("the start fails");
    assert_eq!(failure.kind, FailureKind::Unreachable);
    assert_eq!(stub.count("POST", "/icws/connection"), 9);
}

#[tokio::test]
async fn after_a_loss_the_alternates_of_the_session_come_before_the_configured_hosts() {
    let stub = Stub::start().await;
    stub.state().alternates = vec!["127.0.0.7".to_owned()];
    let (mut bridge, first) = Bridge::live(config(&stub)).await;
    assert_eq!(first.system.host, "127.0.0.1");
    stub.state().closed = [("127.0.0.1".to_owned(), None)].into();
    stub.kill_sessions();
    bridge.lost().await;
    assert_eq!(bridge.next_snapshot().await.system.host, "127.0.0.7");
    bridge.stop().await.unwrap();
}

#[tokio::test]
async fn a_snapshot_names_release_licence_and_a_wrong_clock() {
    let stub = Stub::start().await;
    stub.state().clock_ahead = 3600;
    stub.state().refused = vec![("configuration/feature-licenses/", 404, 1)];
    let (bridge, snapshot) = Bridge::live(config(&stub)).await;
    let system = snapshot.system;
    assert_eq!(system.release, Release { year: 20, number: 3 });
    assert_eq!(system.workforce_engagement, Some(false));
    assert!((3599..=3601).contains(&system.clock_offset.as_secs()), "{:?}", system.clock_offset);
    let since = snapshot.statuses[0].1.since.unwrap();
    let expected: jiff::Timestamp = "2026-01-05T08:00:00Z".parse().unwrap();
    assert!(since.duration_since(expected).abs() <= jiff::SignedDuration::from_secs(1), "{since}");
    bridge.stop().await.unwrap();
}

#[tokio::test]
async fn a_licence_that_may_not_be_seen_is_unknown() {
    let stub = Stub::start().await;
    stub.state().refused = vec![("configuration/feature-licenses", 403, 2)];
    let (bridge, snapshot) = Bridge::live(config(&stub)).await;
    assert_eq!(snapshot.system.workforce_engagement, None);
    bridge.stop().await.unwrap();
}

fn version(major: &str, minor: &str) -> String {
    json!({"majorVersion": major, "minorVersion": minor, "su": "0", "build": "", "productId": "", "codebaseId": ""})
        .to_string()
}
