//! Stories of an operator who changes the scope while the bridge runs.

use std::time::Duration;

use domain::source::Scope;
use pureconnect::Config;
use replicator::ports::{SourceEvent, SourceRequest};
use serde_json::json;

use crate::agents::{next, told};
use crate::bridge::{Bridge, config};
use crate::logged::logged;
use crate::stub::{Request, State, Stub, interaction, queue_changed, statuses_changed, user, user_status};

fn workgroup(name: &str) -> Scope {
    Scope { workgroups: Some([name.into()].into()), ..Scope::default() }
}

fn without(agent: &str) -> Scope {
    Scope { exclude: [agent.into()].into(), ..Scope::default() }
}

fn ids(agents: &[domain::source::Agent]) -> Vec<&str> {
    agents.iter().map(|agent| agent.id.as_str()).collect()
}

/// What was asked of subscriptions to statuses and queues since so many requests.
fn subscribed(state: &State, since: usize) -> Vec<String> {
    let of_agents = |request: &&Request| request.path.contains("/user-statuses") || request.path.contains("/queues/");
    let short = |request: &Request| format!("{} {}", request.method, request.path.rsplit('/').next().unwrap());
    state.requests.iter().skip(since).filter(of_agents).map(short).collect()
}

#[tokio::test]
async fn who_is_new_is_told_with_status_and_calls_and_who_left_is_forgotten() {
    for messaging in [1, 2] {
        let stub = Stub::start().await;
        stub.state().messaging = messaging;
        stub.state().interactions.insert("carl".to_owned(), vec![interaction("7", "carl", "C", "Sales")]);
        let (mut bridge, snapshot) = Bridge::live_within(workgroup("Sales"), config(&stub)).await;
        assert_eq!(ids(&snapshot.agents), ["anna", "ben"]);
        let asked = stub.state().requests.len();
        bridge.scope.send_replace(without("ben"));
        assert_eq!(next(&mut bridge).await, ["rescoped anna carl"]);
        assert_eq!(next(&mut bridge).await, ["carl has 7 Connected ACD", "carl is Gone Home"]);
        let put = ["PUT user-statuses", "PUT queues-0", "PUT queues-1"];
        assert_eq!(subscribed(&stub.state(), asked), put, "ben's queue is left out, carl's is new");
        stub.push_together(&[
            statuses_changed(&[user_status("ben", "Available", "20260105T120000Z")]).to_string(),
            statuses_changed(&[user_status("carl", "Available", "20260105T120000Z")]).to_string(),
            queue_changed("queues-1", json!({"interactionsRemoved": ["7"]})).to_string(),
        ]);
        assert_eq!(next(&mut bridge).await, ["carl is Available", "carl lost 7"], "nothing of ben");
        bridge.stop().await.unwrap();
        assert_eq!(stub.state().logons().count(), 1, "all in one session");
    }
}

#[tokio::test]
async fn queues_of_which_everybody_left_are_not_watched_any_more() {
    let stub = Stub::start().await;
    let (mut bridge, _) = Bridge::live(config(&stub)).await;
    let asked = stub.state().requests.len();
    bridge.scope.send_replace(workgroup("Support"));
    assert_eq!(next(&mut bridge).await, ["rescoped carl"]);
    assert_eq!(next(&mut bridge).await, ["anna lost 1001"], "so that nothing old is known when she comes back");
    assert_eq!(subscribed(&stub.state(), asked), ["PUT user-statuses", "DELETE queues-0"]);
    bridge.scope.send_replace(Scope::default());
    assert_eq!(next(&mut bridge).await, ["rescoped anna ben carl"]);
    assert_eq!(next(&mut bridge).await, ["anna has 1001 Connected ACD", "anna is Available", "ben is At Lunch"]);
    bridge.stop().await.unwrap();
}

#[tokio::test]
async fn the_same_scope_and_another_with_the_same_agents_are_no_news() {
    let stub = Stub::start().await;
    let (mut bridge, _) = Bridge::live_within(workgroup("Sales"), config(&stub)).await;
    let asked = stub.state().requests.len();
    bridge.scope.send_replace(workgroup("Sales"));
    bridge.scope.send_replace(workgroup("SALES"));
    bridge.scope.send_replace(without("carl"));
    stub.push(&statuses_changed(&[user_status("ben", "Available", "20260105T120000Z")]));
    assert_eq!(next(&mut bridge).await, ["ben is Available"]);
    assert_eq!(subscribed(&stub.state(), asked), [""; 0]);
    bridge.stop().await.unwrap();
}

#[tokio::test]
async fn a_scope_that_changes_twice_ends_with_the_last_one() {
    let stub = Stub::start().await;
    let (mut bridge, _) = Bridge::live(config(&stub)).await;
    bridge.scope.send_replace(without("ben"));
    assert_eq!(next(&mut bridge).await, ["rescoped anna carl"]);
    // While the subscriptions follow, ben comes back, and then somebody else goes.
    bridge.scope.send_replace(Scope::default());
    bridge.scope.send_replace(without("anna"));
    stub.state().statuses.insert("ben".to_owned(), user_status("ben", "Gone Home", "20260105T120000Z"));
    let mut heard = Vec::new();
    while heard.last().is_none_or(|last| last != "ben is Gone Home") {
        heard.extend(next(&mut bridge).await);
    }
    assert!(heard.contains(&"rescoped ben carl".to_owned()), "{heard:?}");
    assert!(!heard.contains(&"rescoped anna ben carl".to_owned()), "only the last one counts: {heard:?}");
    bridge.stop().await.unwrap();
}

#[tokio::test]
async fn a_scope_that_changes_before_the_first_snapshot_is_followed_after_it_at_the_latest() {
    let stub = Stub::start().await;
    let ready = std::mem::replace(&mut stub.state().version, (502, String::new()));
    let patient = Config { start_patience: Duration::from_secs(60), ..config(&stub) };
    let mut bridge = Bridge::start_within(workgroup("Sales"), patient);
    stub.until(|state| !state.requests.is_empty()).await;
    bridge.scope.send_replace(workgroup("Support"));
    stub.state().version = ready;
    let snapshot = bridge.snapshot().await;
    assert_eq!(ids(&snapshot.agents), ["carl"], "nobody had been told of the scope before");
    bridge.stop().await.unwrap();
}

/// Fewer agents after an outage are doubted; fewer because the operator wants so are not. So they are told apart.
#[tokio::test]
async fn a_scope_that_changes_during_a_loss_is_told_after_the_snapshot() {
    let stub = Stub::start().await;
    let (mut bridge, _) = Bridge::live(config(&stub)).await;
    stub.state().closed = [("127.0.0.1".to_owned(), None)].into();
    stub.kill_sessions();
    bridge.lost().await;
    bridge.scope.send_replace(workgroup("Support"));
    stub.state().closed.clear();
    let snapshot = bridge.snapshot().await;
    assert_eq!(ids(&snapshot.agents), ["anna", "ben", "carl"]);
    assert_eq!(next(&mut bridge).await, ["rescoped carl"]);
    bridge.stop().await.unwrap();
}

#[tokio::test]
async fn a_snapshot_that_is_wanted_while_the_scope_changes_comes_after_it() {
    let stub = Stub::start().await;
    let (mut bridge, _) = Bridge::live_within(without("carl"), config(&stub)).await;
    bridge.scope.send_replace(Scope::default());
    assert_eq!(next(&mut bridge).await, ["rescoped anna ben carl"]);
    bridge.requests.send(SourceRequest::Resync).await.unwrap();
    assert_eq!(next(&mut bridge).await, ["carl is Gone Home"]);
    assert_eq!(bridge.snapshot().await.statuses.len(), 3);
    bridge.stop().await.unwrap();
}

#[tokio::test]
async fn a_bridge_whose_scope_nobody_can_change_any_more_goes_on() {
    let stub = Stub::start().await;
    let (mut bridge, _) = Bridge::live(config(&stub)).await;
    drop(std::mem::replace(&mut bridge.scope, tokio::sync::watch::Sender::new(Scope::default())));
    stub.push(&statuses_changed(&[user_status("ben", "Available", "20260105T120000Z")]));
    assert_eq!(next(&mut bridge).await, ["ben is Available"]);
    bridge.stop().await.unwrap();
}

/// A mistyped workgroup would give up every agent.
#[test]
fn a_scope_with_nobody_in_it_is_not_followed_until_somebody_is() {
    let ((), log) = logged(tracing::Level::WARN, a_mistyped_workgroup());
    let lines = |part: &str| log.lines().filter(|line| line.contains(part)).count();
    assert_eq!((lines("ERROR"), lines("nobody is in the new scope")), (1, 1), "said once:\n{log}");
    assert_eq!(lines("workgroup=Slaes"), 1, "and which name nobody has heard of:\n{log}");
}

async fn a_mistyped_workgroup() {
    let stub = Stub::start().await;
    let (mut bridge, _) = Bridge::live_within(workgroup("Sales"), config(&stub)).await;
    bridge.scope.send_replace(workgroup("Slaes"));
    let users = |list: &[serde_json::Value]| json!({"__type": "urn:inin.com:configuration.people:usersMessage", "isDelta": true, "changed": list});
    stub.push(&users(&[user("anna", "a@example.com", &["Sales"])]));
    assert_eq!(next(&mut bridge).await, ["agents anna ben"], "as before");
    stub.push(&users(&[user("carl", "", &["Slaes"])]));
    assert_eq!(next(&mut bridge).await, ["rescoped carl"], "now there is somebody");
    loop {
        let SourceEvent::Changed(batch) = bridge.event().await else { panic!("changes were expected") };
        if batch.updates.iter().any(|update| told(update) == "carl is Gone Home") {
            break;
        }
    }
    bridge.stop().await.unwrap();
}

#[test]
fn a_workgroup_that_nobody_has_heard_of_is_named_at_the_start() {
    let ((), log) = logged(tracing::Level::WARN, async {
        let stub = Stub::start().await;
        let names = ["Sales".into(), "Slaes".into()].into();
        let scope = Scope { workgroups: Some(names), ..Scope::default() };
        let (bridge, _) = Bridge::live_within(scope, config(&stub)).await;
        bridge.stop().await.unwrap();
    });
    assert!(log.contains("workgroup=Slaes") && !log.contains("workgroup=Sales"), "{log}");
}
