//! Stories of a switchover: which host is next, what is renewed with the session, and what is said about it.

use domain::source::Update;
use replicator::ports::SourceEvent;
use serde_json::{Value, json};

use crate::bridge::{Bridge, config};
use crate::logged::logged;
use crate::stub::{Stub, statuses_changed, user_status};

fn hosts(stub: &Stub, hosts: &[&str]) -> pureconnect::Config {
    pureconnect::Config { hosts: hosts.iter().map(|host| (*host).to_owned()).collect(), ..config(stub) }
}

fn down(reconnect: &Value) -> Value {
    json!({"__type": "urn:inin.com:connection:connectionStateChangeMessage", "isDelta": true,
        "previousConnectionState": 1, "newConnectionState": 2, "reason": "switchover", "shouldReconnect": reconnect})
}

#[tokio::test]
async fn with_both_hosts_down_the_one_that_comes_back_is_taken() {
    let stub = Stub::start().await;
    let (mut bridge, first) = Bridge::live(hosts(&stub, &["127.0.0.1", "127.0.0.2"])).await;
    assert_eq!(first.system.host, "127.0.0.1");
    stub.state().closed = [("127.0.0.1".to_owned(), None), ("127.0.0.2".to_owned(), None)].into();
    stub.kill_sessions();
    bridge.lost().await;
    stub.until(|state| state.logons().filter(|request| request.host == "127.0.0.2").count() >= 1).await;
    stub.state().closed.remove("127.0.0.2");
    assert_eq!(bridge.snapshot().await.system.host, "127.0.0.2");
    bridge.stop().await.unwrap();
}

#[tokio::test]
async fn servers_that_send_us_round_in_a_circle_are_asked_once_each_time() {
    let stub = Stub::start().await;
    let (mut bridge, _) = Bridge::live(hosts(&stub, &["127.0.0.1", "127.0.0.2"])).await;
    let to = |hosts: &[&str]| Some(hosts.iter().map(|host| (*host).to_owned()).collect());
    stub.state().closed = [
        ("127.0.0.1".to_owned(), to(&["127.0.0.1", "127.0.0.3"])),
        ("127.0.0.2".to_owned(), to(&["127.0.0.1"])),
        ("127.0.0.3".to_owned(), to(&["127.0.0.2", "127.0.0.3", "127.0.0.1"])),
    ]
    .into();
    stub.kill_sessions();
    bridge.lost().await;
    stub.until(|state| state.logons().count() > 3 * 2).await;
    let each = ["127.0.0.1", "127.0.0.2", "127.0.0.3"].map(|host| stub.logons_at(host));
    // The first has had the first logon as well, and a third round may have begun.
    assert!(each[0] <= 4 && each[1].abs_diff(each[2]) <= 1, "{each:?}");
    stub.state().closed.clear();
    bridge.snapshot().await;
    bridge.stop().await.unwrap();
}

#[tokio::test]
async fn a_503_in_mid_session_leads_where_it_says() {
    let stub = Stub::start().await;
    stub.state().messaging = 1;
    let (mut bridge, _) = Bridge::live(config(&stub)).await;
    stub.state().detour = vec!["127.0.0.9".to_owned()];
    stub.state().refused = vec![("messaging/messages", 503, 1)];
    bridge.lost().await;
    assert_eq!(bridge.snapshot().await.system.host, "127.0.0.9");
    assert_eq!(stub.logons_at("127.0.0.1"), 1, "not asked again");
    bridge.stop().await.unwrap();
}

#[tokio::test]
async fn a_410_in_mid_session_means_a_new_one() {
    for messaging in [1, 2] {
        let stub = Stub::start().await;
        stub.state().messaging = messaging;
        let (mut bridge, _) = Bridge::live(config(&stub)).await;
        stub.state().refused = vec![("messaging/messages", 410, 1)];
        stub.cut_streams();
        bridge.lost().await;
        bridge.snapshot().await;
        assert_eq!(stub.state().logons().count(), 2);
        bridge.stop().await.unwrap();
    }
}

#[tokio::test]
async fn nothing_of_the_old_session_is_heard_after_its_loss() {
    let stub = Stub::start().await;
    let (mut bridge, _) = Bridge::live(config(&stub)).await;
    let is_at = |status: &str, time: &str| statuses_changed(&[user_status("ben", status, time)]).to_string();
    stub.push_together(&[
        is_at("Gone Home", "20260105T120000Z"),
        down(&json!(true)).to_string(),
        is_at("Available", "20260105T120001Z"),
    ]);
    let told = bridge.changed().await.updates;
    assert!(matches!(&told[..], [Update::Status(_, status)] if status.status == "gone home".into()), "{told:?}");
    bridge.lost().await;
    let snapshot = bridge.snapshot().await;
    let ben = snapshot.statuses.iter().find(|(agent, _)| agent.as_str() == "ben").unwrap();
    assert_eq!(ben.1.status, "at lunch".into(), "only what the new session says");
    stub.push(&statuses_changed(&[user_status("carl", "Available", "20260105T130000Z")]));
    assert_eq!(bridge.changed().await.updates.len(), 1);
    bridge.stop().await.unwrap();
}

#[tokio::test]
async fn cookie_token_and_clock_offset_are_those_of_the_new_session() {
    let stub = Stub::start().await;
    let (mut bridge, first) = Bridge::live(config(&stub)).await;
    assert_eq!(first.system.clock_offset.as_secs(), 0);
    stub.state().clock_ahead = 3600;
    stub.push(&down(&json!(true)));
    bridge.lost().await;
    let second = bridge.snapshot().await;
    assert!((3598..=3601).contains(&second.system.clock_offset.as_secs()), "{}", second.system.clock_offset);
    let corrected = second.statuses[0].1.since.unwrap().duration_since(first.statuses[0].1.since.unwrap());
    assert!((-3601..=-3598).contains(&corrected.as_secs()), "times are corrected by it: {corrected}");
    let sessions: Vec<String> = {
        let state = stub.state();
        let watched = state.requests.iter().filter(|request| request.path.ends_with("/status/user-statuses"));
        let header = |request: &crate::stub::Request, name: &str| request.headers[name].to_str().unwrap().to_owned();
        watched.map(|request| header(request, "cookie") + &header(request, "inin-icws-csrf-token")).collect()
    };
    assert_eq!(sessions.len(), 2);
    assert_ne!(sessions[0], sessions[1]);
    bridge.stop().await.unwrap();
}

#[tokio::test]
async fn a_clock_that_is_put_right_in_mid_session_is_noticed() {
    for messaging in [1, 2] {
        let stub = Stub::start().await;
        stub.state().messaging = messaging;
        let silence_limit = std::time::Duration::from_millis(300);
        let (mut bridge, _) = Bridge::live(pureconnect::Config { silence_limit, ..config(&stub) }).await;
        stub.state().clock_ahead = -3600;
        let before = stub.count("GET", "/server-time");
        // The first of them may have been answered before.
        let asked = |request: &&crate::stub::Request| request.path.ends_with("/server-time");
        stub.until(|state| state.requests.iter().filter(asked).count() > before + 1).await;
        stub.push(&statuses_changed(&[user_status("ben", "Gone Home", "20260105T120000Z")]));
        let told = bridge.changed().await.updates;
        let [Update::Status(_, status)] = &told[..] else { panic!("{told:?}") };
        let expected: jiff::Timestamp = "2026-01-05T13:00:00Z".parse().unwrap();
        assert!(status.since.unwrap().duration_since(expected).abs().as_secs() <= 1, "{status:?}");
        bridge.stop().await.unwrap();
    }
}

/// The loss itself is told by its event, which the loop logs.
#[test]
fn a_loss_is_not_logged_here_and_what_keeps_it_up_once() {
    let ((), log) = logged(tracing::Level::INFO, an_outage());
    let lines = |part: &str| log.lines().filter(|line| line.contains(part)).count();
    assert_eq!(lines("ended the session: switchover"), 0, "the reason of the loss is in its event:\n{log}");
    assert_eq!(lines("still lost"), 1, "however often it is tried:\n{log}");
    assert_eq!(lines("logged on to PureConnect"), 2, "{log}");
}

async fn an_outage() {
    let stub = Stub::start().await;
    let (mut bridge, _) = Bridge::live(config(&stub)).await;
    stub.state().closed = [("127.0.0.1".to_owned(), None)].into();
    stub.push(&down(&Value::Bool(true)));
    assert!(matches!(bridge.event().await, SourceEvent::Lost { reason, .. } if reason.contains("switchover")));
    stub.until(|state| state.logons().count() > 2).await;
    stub.state().closed.clear();
    bridge.snapshot().await;
    bridge.stop().await.unwrap();
}
