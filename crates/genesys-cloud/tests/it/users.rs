//! The organisation's users, page by page.

use std::collections::BTreeSet;

use domain::ids::CloudUserId;
use domain::target::{CloudUser, UserState};
use genesys_cloud::GenesysCloud;
use replicator::ports::{Directory, Failure};
use serde_json::json;

use crate::stub::{Canned, LargePages, Stub, error, user};

const USERS: &str = "/api/v2/users";

/// Gives the organisation so many active and inactive users.
fn populate(stub: &Stub, active: u128, inactive: u128) {
    stub.change(|organisation| {
        let state = |n| if n <= active { "active" } else { "inactive" };
        let user = |n: u128| {
            json!({"id": user(n).0, "name": "A", "email": format!("{n}@Example.org"), "state": state(n), "version": 1})
        };
        organisation.users = (1..=active + inactive).map(user).collect();
    });
}

/// All pages: the users, and how many requests each page took.
async fn read_all(cloud: &GenesysCloud) -> (Vec<CloudUser>, Vec<u32>) {
    let (mut users, mut next, mut requests) = (Vec::new(), Some(1), Vec::new());
    while let Some(page) = next {
        let answer = cloud.users(page).await;
        requests.push(answer.requests);
        let page = answer.result.unwrap();
        users.extend(page.users);
        next = page.next;
    }
    (users, requests)
}

/// Fails unless these are exactly so many users, each of them once.
fn assert_each_once(users: &[CloudUser], count: u128) {
    let ids: BTreeSet<CloudUserId> = users.iter().map(|user| user.id).collect();
    assert_eq!((users.len(), ids), (usize::try_from(count).unwrap(), (1..=count).map(user).collect()));
}

fn asked(stub: &Stub) -> Vec<(String, String, String)> {
    let parts = |seen: &crate::stub::Seen| {
        let part = |name| seen.query(name).unwrap().to_owned();
        (part("state"), part("pageSize"), part("pageNumber"))
    };
    stub.seen("GET", USERS).iter().map(parts).collect()
}

fn question(state: &str, size: u32, number: u32) -> (String, String, String) {
    (state.to_owned(), size.to_string(), number.to_string())
}

#[tokio::test]
async fn every_active_user_is_listed_and_then_every_inactive_one() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    populate(&stub, 1_250, 10);
    let (users, requests) = read_all(&cloud).await;
    assert_each_once(&users, 1_260);
    assert_eq!(requests, [1, 1, 1, 1]);
    assert_eq!(users.iter().filter(|user| user.state == UserState::Inactive).count(), 10);
    assert_eq!(users[0].email.as_deref(), Some("1@Example.org"));
    assert!(asked(&stub).iter().all(|(_, size, _)| size == "500"));
}

#[tokio::test]
async fn inactive_users_that_cannot_be_listed_do_not_hide_the_active_ones() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    stub.change(|organisation| organisation.users = vec![json!({"id": user(1).0, "state": "active"})]);
    let first = cloud.users(1).await.result.unwrap();
    stub.script(2, "GET", "/api/v2/users", error(400, "invalid.value", "beyond 10,000"));
    let last = cloud.users(first.next.unwrap()).await.result.unwrap();
    assert_eq!((first.users.len(), last.users.len(), last.next), (1, 0, None));
    stub.script(2, "GET", "/api/v2/users", error(400, "invalid.value", "no"));
    assert!(matches!(cloud.users(1).await.result, Err(Failure::Refused { .. })), "of the active ones all count");
}

#[tokio::test]
async fn the_address_of_the_next_page_is_enough_to_know_that_there_is_one() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    let body = json!({"entities": [{"id": user(1).0}], "nextUri": "/api/v2/users?pageNumber=2"});
    stub.script(1, "GET", "/api/v2/users", Canned::json(200, body));
    assert_eq!(cloud.users(1).await.result.unwrap().next, Some(2));
    let empty = json!({"entities": [], "nextUri": "/api/v2/users?pageNumber=3"});
    stub.script(1, "GET", "/api/v2/users", Canned::json(200, empty));
    assert_ne!(cloud.users(2).await.result.unwrap().next, Some(3), "an empty page is the last");
}

#[tokio::test]
async fn a_user_that_cannot_be_understood_is_left_out() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    let entities =
        json!([{"id": "joe"}, {"id": user(1).0, "state": "frozen"}, {"id": user(2).0, "username": "b@x.org"}]);
    stub.script(1, "GET", "/api/v2/users", Canned::json(200, json!({"entities": entities, "pageCount": 1})));
    let users = cloud.users(1).await.result.unwrap().users;
    assert_eq!(users.len(), 1);
    assert_eq!((users[0].id, users[0].email.as_deref()), (user(2), Some("b@x.org")));
}

#[tokio::test]
async fn large_pages_that_are_refused_are_not_asked_for_again() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    populate(&stub, 250, 10);
    stub.change(|organisation| organisation.large_pages = LargePages::Refused(100));
    let (users, requests) = read_all(&cloud).await;
    assert_each_once(&users, 260);
    assert_eq!(requests, [2, 1, 1, 1]);
    stub.forget();
    let (users, requests) = read_all(&cloud).await;
    assert_each_once(&users, 260);
    assert_eq!(requests, [1, 1, 1, 1], "for good");
    let active = |number| question("active", 100, number);
    assert_eq!(asked(&stub), [active(1), active(2), active(3), question("inactive", 100, 1)]);
}

#[tokio::test]
async fn pages_that_become_small_on_the_way_go_on_with_the_next_user() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    populate(&stub, 1_250, 30);
    let first = cloud.users(1).await.result.unwrap();
    let second = cloud.users(first.next.unwrap()).await.result.unwrap();
    stub.change(|organisation| organisation.large_pages = LargePages::Refused(100));
    let (mut users, mut next) = ([first.users, second.users].concat(), second.next);
    while let Some(page) = next {
        let page = cloud.users(page).await.result.unwrap();
        users.extend(page.users);
        next = page.next;
    }
    assert_each_once(&users, 1_280);
    let active = |size, number| question("active", size, number);
    let expected = [active(500, 1), active(500, 2), active(500, 3), active(100, 11), active(100, 12), active(100, 13)];
    assert_eq!(asked(&stub)[..6], expected);
}

#[tokio::test]
async fn a_list_that_was_begun_in_large_pages_is_ended_in_them_whatever_another_reader_learns() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    populate(&stub, 900, 0);
    let first = cloud.users(1).await.result.unwrap();
    stub.script(1, "GET", USERS, error(400, "invalid.value", "too large"));
    assert_eq!(cloud.users(1).await.result.unwrap().users.len(), 100, "another reader");
    let second = cloud.users(first.next.unwrap()).await.result.unwrap();
    assert_each_once(&[first.users, second.users].concat(), 900);
}

#[tokio::test]
async fn pages_that_are_smaller_than_asked_for_are_followed_by_the_servers_own_size() {
    for most in [25, 200, 333] {
        let stub = Stub::start().await;
        let cloud = stub.connect().await;
        populate(&stub, 777, 3);
        stub.change(|organisation| organisation.large_pages = LargePages::Clamped(most));
        let (users, requests) = read_all(&cloud).await;
        assert_each_once(&users, 780);
        assert!(requests.iter().all(|requests| *requests == 1));
        let told = most.to_string();
        assert!(
            asked(&stub).iter().skip(1).all(|(_, size, _)| *size == told),
            "so that it cannot be counted otherwise"
        );
    }
}

#[tokio::test]
async fn the_address_of_the_next_page_says_how_large_pages_are() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    let body = json!({"entities": [{"id": user(1).0}], "pageSize": 500,
        "nextUri": "/api/v2/users?pageSize=200&state=active&pageNumber=2"});
    stub.script(1, "GET", USERS, Canned::json(200, body));
    let next = cloud.users(1).await.result.unwrap().next.unwrap();
    populate(&stub, 201, 0);
    assert_eq!(cloud.users(next).await.result.unwrap().users[0].id, user(201));
    assert_eq!(asked(&stub)[1], question("active", 200, 2));
}

#[tokio::test]
async fn inactive_users_beyond_the_ten_thousandth_end_the_list_and_not_the_large_pages() {
    let stub = Stub::start().await;
    let cloud = stub.connect().await;
    populate(&stub, 1, 1_000);
    let first = cloud.users(1).await.result.unwrap();
    let second = cloud.users(first.next.unwrap()).await.result.unwrap();
    stub.script(2, "GET", USERS, error(400, "invalid.value", "beyond 10,000"));
    let last = cloud.users(second.next.unwrap()).await;
    assert_eq!((last.requests, last.result.map(|page| (page.users.len(), page.next))), (2, Ok((0, None))));
    stub.forget();
    cloud.users(1).await.result.unwrap();
    assert_eq!(asked(&stub), [question("active", 500, 1)]);
}
