//! Stories of long lists: pages, split messages, refused parts, and asking for everything again.

use replicator::ports::{FailureKind, SourceRequest};
use serde_json::json;

use crate::bridge::{Bridge, config};
use crate::stub::{Stub, interaction, statuses_changed, user, user_status};

fn many(stub: &Stub, count: usize) {
    let mut state = stub.state();
    let id = |n: usize| format!("user{n:04}");
    state.users = (0..count).map(|n| user(&id(n), "", &["Sales"])).collect();
    state.statuses = (0..count).map(|n| (id(n), user_status(&id(n), "Available", "20260105T090000Z"))).collect();
    state.interactions =
        (0..count).map(|n| (id(n), vec![interaction(&format!("i{n}"), &id(n), "C", "Sales")])).collect();
}

#[tokio::test]
async fn users_come_in_pages_with_and_without_content_range() {
    // Exactly full pages, fewer items than asked for, and no word about either.
    for (count, page, content_range, pages) in
        [(450, 200, true, 3), (450, 100, true, 5), (450, 200, false, 3), (400, 200, false, 3)]
    {
        let stub = Stub::start().await;
        many(&stub, count);
        stub.state().page = page;
        stub.state().content_range = content_range;
        let mut config = config(&stub);
        config.queue_chunk = 200;
        let (bridge, snapshot) = Bridge::live(config).await;
        assert_eq!(snapshot.agents.len(), count);
        assert_eq!(stub.count("GET", "/configuration/users"), pages, "{count} {page} {content_range}");
        assert_eq!(stub.count("PUT", "/status/user-statuses"), 1, "all users in one list");
        assert_eq!(stub.count("PUT", "/subscriptions/queues/"), count.div_ceil(200));
        bridge.stop().await.unwrap();
    }
}

#[tokio::test]
async fn lists_that_the_server_splits_make_one_snapshot() {
    let stub = Stub::start().await;
    many(&stub, 60);
    stub.state().split = 7;
    let mut config = config(&stub);
    config.queue_chunk = 50;
    let (bridge, snapshot) = Bridge::live(config).await;
    assert_eq!((snapshot.statuses.len(), snapshot.interactions.len(), snapshot.agents.len()), (60, 60, 60));
    bridge.stop().await.unwrap();
}

#[tokio::test]
async fn everything_is_asked_again_on_request_and_from_time_to_time() {
    let stub = Stub::start().await;
    let (mut bridge, before) = Bridge::live(config(&stub)).await;
    stub.state().interactions.clear();
    bridge.requests.send(SourceRequest::Resync).await.unwrap();
    let after = bridge.snapshot().await;
    assert_eq!((before.interactions.len(), after.interactions.len()), (1, 0));
    assert_eq!(stub.count("POST", "/icws/connection"), 1, "in the same session");
    bridge.stop().await.unwrap();

    let mut config = config(&stub);
    config.resync_interval = std::time::Duration::from_millis(200);
    let (mut bridge, _) = Bridge::live(config).await;
    bridge.snapshot().await;
    bridge.stop().await.unwrap();
}

#[tokio::test]
async fn a_change_during_a_resync_is_not_swallowed() {
    let stub = Stub::start().await;
    let (mut bridge, _) = Bridge::live(config(&stub)).await;
    bridge.requests.send(SourceRequest::Resync).await.unwrap();
    stub.until(|state| {
        let subscribed = |request: &&crate::stub::Request| request.path.ends_with("/queues/queues-1");
        state.requests.iter().filter(subscribed).count() == 2
    })
    .await;
    // After the whole lists, and before they have settled.
    stub.push(&statuses_changed(&[user_status("ben", "Available", "20260105T120000Z")]));
    let snapshot = bridge.snapshot().await;
    let ben = |id: &domain::ids::AgentId| id.as_str() == "ben";
    let status = snapshot.statuses.iter().find(|(agent, _)| ben(agent)).unwrap();
    assert_eq!(status.1.status.as_str(), "At Lunch");
    assert_eq!(bridge.changed().await.updates.len(), 1, "lunch was over after the snapshot");
    bridge.stop().await.unwrap();
}

#[tokio::test]
async fn users_who_cannot_be_watched_do_not_blind_us_for_the_others() {
    let stub = Stub::start().await;
    many(&stub, 30);
    stub.state().hidden = vec!["user0007"];
    let mut config = config(&stub);
    config.queue_chunk = 30;
    let (bridge, snapshot) = Bridge::live(config).await;
    assert_eq!((snapshot.agents.len(), snapshot.statuses.len(), snapshot.interactions.len()), (30, 29, 29));
    bridge.stop().await.unwrap();
}

#[tokio::test]
async fn workgroups_that_may_not_be_read_count_as_acd() {
    let stub = Stub::start().await;
    stub.state().refused = vec![
        ("configuration/workgroups", 403, usize::MAX),
        ("messaging/subscriptions/configuration/", 403, usize::MAX),
    ];
    stub.state().interactions = [(
        "carl".to_owned(),
        vec![
            interaction("1", "carl", "C", "Support"),
            json!({"interactionId": "2", "attributes": {"Eic_State": "C", "Eic_UserName": "carl",
            "Eic_WorkgroupName": "Support", "Eic_CallDirection": "O"}}),
            interaction("3", "carl", "C", ""),
        ],
    )]
    .into();
    let (bridge, snapshot) = Bridge::live(config(&stub)).await;
    assert!(snapshot.workgroups.is_empty());
    let acd: Vec<_> = snapshot.interactions.iter().map(|(_, call)| (call.id.as_str(), call.acd)).collect();
    assert_eq!(acd, [("1", true), ("2", false), ("3", false)]);
    bridge.stop().await.unwrap();
}

#[tokio::test]
async fn users_that_may_not_be_read_end_the_start_with_the_right_that_is_missing() {
    let stub = Stub::start().await;
    stub.state().refused = vec![("configuration/users", 403, usize::MAX)];
    let failure = Bridge::start(config(&stub)).ended().await.expect_err("the start fails");
    assert_eq!(failure.kind, FailureKind::NotAuthorized);
    assert!(failure.message.contains("bridge") && failure.message.contains("rights (View) for users"), "{failure}");
    assert_eq!(stub.count("DELETE", "/connection"), 1, "logged off");
}

#[tokio::test]
async fn subscriptions_that_never_answer_end_the_start() {
    let stub = Stub::start().await;
    stub.state().answers_subscriptions = false;
    let mut config = config(&stub);
    config.request_timeout = std::time::Duration::from_millis(500);
    let failure = Bridge::start(config).ended().await.expect_err("the start fails");
    assert_eq!(failure.kind, FailureKind::Unreachable);
    assert!(failure.message.contains("did not report its status messages, user statuses, queues"), "{failure}");
}
