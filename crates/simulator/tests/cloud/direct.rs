//! Direct writes that the presence service does not take: strangers, users who may not be on queue, overlapping updates.

use reqwest::Method;
use serde_json::{Value, json};
use simulator::clock::Clock;
use simulator::cloud::{Command, Effect, Options};
use uuid::Uuid;

use crate::support::{AVAILABLE, BREAK, BUSY, Cloud, MEAL, OFFLINE, ON_QUEUE, options};

const BULK: &str = "/api/v2/users/presences/bulk";

fn presence(definition: &str) -> Value {
    json!({"presenceDefinition": {"id": definition}})
}

fn item(user: Uuid, definition: &str) -> Value {
    json!({"id": user, "presenceDefinition": {"id": definition}})
}

fn own(user: Uuid) -> String {
    format!("/api/v2/users/{user}/presences/purecloud")
}

async fn command(cloud: &Cloud, command: Command) {
    cloud.org().command(command).await.expect("the server runs").expect("the command is known");
}

async fn shows(cloud: &Cloud, user: Uuid) -> String {
    cloud.truth().await.users[&user].presence.definition.to_string()
}

#[tokio::test]
async fn one_user_whom_nobody_knows_spoils_a_bulk_write_unless_strangers_are_left_out() {
    let cloud = Cloud::start().await;
    let (one, other) = (cloud.users[0], cloud.users[1]);
    let items = json!([item(one, MEAL), item(Uuid::nil(), MEAL), item(other, BREAK)]);
    let refused = cloud.put(BULK, items.clone()).await;
    assert_eq!((refused.status, refused.code()), (404, "not.found"));
    assert_eq!(shows(&cloud, one).await, OFFLINE, "all or nothing");
    command(&cloud, Command::LeaveStrangersOut { left_out: true }).await;
    let taken = cloud.put(BULK, items).await;
    let ids: Vec<&Value> = taken.body.as_array().unwrap().iter().map(|item| &item["id"]).collect();
    assert_eq!(ids, [&json!(one), &json!(other)], "who is missing was not applied");
    assert_eq!(shows(&cloud, other).await, BREAK);
}

#[tokio::test]
async fn a_user_of_another_division_is_listed_and_has_no_presence() {
    let cloud = Cloud::start().await;
    let user = cloud.users[0];
    command(&cloud, Command::HideUser { user, hidden: true }).await;
    assert_eq!(cloud.get(&format!("/api/v2/users/{user}")).await.body["state"], "active");
    for answer in [cloud.get(&own(user)).await, cloud.patch(&own(user), presence(BUSY)).await] {
        assert_eq!((answer.status, answer.code()), (404, "presenceservice.usernotfound"));
    }
    assert_eq!(cloud.put(BULK, json!([item(user, MEAL), item(cloud.users[1], MEAL)])).await.status, 404);
    command(&cloud, Command::HideUser { user, hidden: false }).await;
    assert_eq!(cloud.patch(&own(user), presence(BUSY)).await.status, 200);
}

#[tokio::test]
async fn the_permission_is_looked_at_before_the_list_also_before_an_empty_one() {
    let cloud = Cloud::start().await;
    assert_eq!(cloud.put(BULK, json!([])).await.body, json!([]));
    cloud.org().withhold(&["presence:userPresence:edit", "presence:source:add"]).await.unwrap();
    for (method, path, body) in [
        (Method::PUT, BULK.to_owned(), json!([])),
        (Method::PATCH, own(Uuid::nil()), json!({})),
        (Method::POST, "/api/v2/presence/sources".to_owned(), json!({"name": ""})),
    ] {
        let answer = cloud.send(method, &path, Some(body)).await;
        assert_eq!((answer.status, answer.code()), (403, "missing.any.permissions"), "{path}");
    }
    assert_eq!(cloud.get("/api/v2/presence/sources").await.status, 200, "the others are there");
    cloud.org().withhold(&[]).await.unwrap();
    let blank = cloud.post("/api/v2/presence/sources", json!({"name": ""})).await;
    assert_eq!((blank.status, blank.code()), (409, "presenceservice.source.namecannotbeblank"));
}

#[tokio::test]
async fn a_stranger_has_no_primary_source_and_the_permission_comes_first() {
    let cloud = Cloud::start().await;
    let path = format!("/api/v2/presence/users/{}/primarysource", Uuid::nil());
    let body = json!({"sourceId": "PURECLOUD", "registered": false});
    let unknown = cloud.put(&path, body.clone()).await;
    assert_eq!((unknown.status, unknown.code()), (404, "not.found"));
    cloud.org().withhold(&["presence:userPrimarySource:edit"]).await.unwrap();
    let refused = cloud.put(&path, body).await;
    assert_eq!((refused.status, refused.code()), (403, "missing.any.permissions"));
}

#[tokio::test]
async fn who_may_not_be_on_queue_is_refused_alone() {
    let cloud = Cloud::start().await;
    let (user, other) = (cloud.users[0], cloud.users[1]);
    command(&cloud, Command::ForbidOnQueue { user, forbidden: true }).await;
    let refused = cloud.patch(&own(user), presence(ON_QUEUE)).await;
    assert_eq!((refused.status, refused.code()), (403, "presence.not.authorized.update.on.queue"));
    assert_eq!(cloud.patch(&own(user), presence(BUSY)).await.status, 200);
    assert_eq!(cloud.patch(&own(other), presence(ON_QUEUE)).await.status, 200);
    command(&cloud, Command::ForbidOnQueue { user, forbidden: false }).await;
    assert_eq!(cloud.patch(&own(user), presence(ON_QUEUE)).await.status, 200);
}

#[tokio::test]
async fn the_service_is_busy_with_a_user_for_a_while_after_a_write() {
    let clock = Clock::starting_at("2026-03-02T08:00:00Z".parse().unwrap(), 1.0);
    let cloud = Cloud::start_with(Options { clock, rate: 1_000_000, ..options() }).await;
    let (user, other) = (cloud.users[0], cloud.users[1]);
    command(&cloud, Command::SetBusyTime { milliseconds: 3_600_000 }).await;
    assert_eq!(cloud.patch(&own(user), presence(BUSY)).await.status, 200);
    let again = cloud.patch(&own(user), presence(MEAL)).await;
    assert_eq!((again.status, again.code()), (409, "presenceservice.conflict"));
    let bulk = cloud.put(BULK, json!([item(user, MEAL), item(other, MEAL)])).await;
    assert_eq!((bulk.status, bulk.code()), (409, "request.conflict"));
    assert_eq!(cloud.patch(&own(other), presence(AVAILABLE)).await.status, 200, "nobody else waits");
    assert_eq!((shows(&cloud, user).await, shows(&cloud, other).await), (BUSY.to_owned(), AVAILABLE.to_owned()));
    assert_eq!(cloud.get(&own(user)).await.status, 200, "reading is free");
}

#[tokio::test]
async fn it_is_not_busy_any_more_when_the_time_is_over() {
    let clock = Clock::starting_at("2026-03-02T08:00:00Z".parse().unwrap(), 100.0);
    let cloud = Cloud::start_with(Options { clock, rate: 1_000_000, ..options() }).await;
    command(&cloud, Command::SetBusyTime { milliseconds: 20_000 }).await;
    let user = cloud.users[0];
    assert_eq!(cloud.patch(&own(user), presence(BUSY)).await.status, 200);
    let free = async { while cloud.patch(&own(user), presence(MEAL)).await.status != 200 {} };
    tokio::time::timeout(std::time::Duration::from_secs(20), free).await.expect("it ends");
    assert!(clock.elapsed() >= std::time::Duration::from_secs(20));
}

#[tokio::test]
async fn a_user_is_given_back_in_either_way_and_shows_the_platforms_own_presence() {
    let cloud = Cloud::start().await;
    let source = cloud.claim().await;
    let (one, other) = (cloud.users[0], cloud.users[1]);
    for user in [one, other] {
        cloud.inject_presence(&source, user, MEAL, "2026-03-02T08:00:00Z").await;
    }
    assert_eq!(cloud.truth().await.users[&one].primary_source_since, None, "it is the organisation's default");
    let path = format!("/api/v2/presence/users/{one}/primarysource");
    let given = cloud.put(&path, json!({"sourceId": "PURECLOUD", "registered": false})).await;
    assert_eq!((&given.body["sourceId"], &given.body["registered"]), (&json!("PURECLOUD"), &json!(false)));
    cloud.patch(&own(other), json!({"primary": true})).await;
    let truth = cloud.truth().await;
    for user in [one, other] {
        let user = &truth.users[&user];
        assert_eq!((user.primary_source.as_str(), user.presence.system.as_str()), ("PURECLOUD", "Offline"));
        assert!(user.primary_source_since.is_some());
    }
}

#[tokio::test]
async fn only_an_agent_who_did_not_respond_is_made_idle() {
    let cloud = Cloud::start().await;
    let user = cloud.users[0];
    let path = format!("/api/v2/users/{user}/routingstatus");
    let set = async |status: &str| cloud.put(&path, json!({"userId": user, "status": status})).await;
    let refused = set("OFF_QUEUE").await;
    assert_eq!((refused.status, refused.code()), (400, "general.bad.request"), "also what is so already");
    cloud.patch(&own(user), presence(ON_QUEUE)).await;
    assert_eq!(set("IDLE").await.status, 400);
    command(&cloud, Command::WriteRouting { user, status: "NOT_RESPONDING".to_owned() }).await;
    assert_eq!(set("IDLE").await.body["status"], "IDLE");
    let routing = cloud.truth().await.users[&user].routing.clone();
    assert_eq!((routing.status.as_str(), routing.source.as_str()), ("IDLE", "PURECLOUD"));
}

#[tokio::test]
async fn an_update_that_is_held_is_in_the_way_of_a_bulk_write() {
    let cloud = Cloud::start().await;
    let user = cloud.users[0];
    let path = own(user);
    cloud.fault(Effect::Hold { milliseconds: 300 }, Some(&path), 1).await;
    let held = cloud.patch(&path, presence(BUSY));
    let bulk = async {
        loop {
            let answer = cloud.put(BULK, json!([item(user, MEAL)])).await;
            if answer.status == 409 {
                return answer;
            }
        }
    };
    let (held, bulk) = tokio::join!(held, bulk);
    assert_eq!((held.status, bulk.code()), (200, "request.conflict"));
}
