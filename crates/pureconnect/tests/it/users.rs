//! Stories of users who change in PureConnect while the bridge runs: with their subscription, and without it, when they
//! are read again from time to time.

use std::time::Duration;

use domain::source::Scope;
use pureconnect::Config;
use serde_json::{Value, json};

use crate::agents::next;
use crate::bridge::{Bridge, config};
use crate::stub::{State, Stub, interaction, statuses_changed, user, user_status};

/// Reads the users again at once, and is not told of changes.
fn uninformed(stub: &Stub) -> Config {
    stub.state().refused = vec![("messaging/subscriptions/configuration/", 403, usize::MAX)];
    Config { users_interval: Duration::from_millis(50), ..config(stub) }
}

fn sales() -> Scope {
    Scope { workgroups: Some(["Sales".into()].into()), ..Scope::default() }
}

fn readings(state: &State) -> usize {
    state.requests.iter().filter(|request| request.path.contains("/configuration/users?")).count()
}

fn changed(list: &str, users: Value) -> Value {
    json!({"__type": "urn:inin.com:configuration.people:usersMessage", "isDelta": true, list: users})
}

/// Something that happens to a user.
struct Happening {
    /// In which list of a message it is reported, and how.
    list: &'static str,
    reported: Value,
    /// What it makes of the users.
    happen: fn(&mut State),
    /// What is told of it.
    told: &'static str,
}

/// One thing after the other: a new user, another e-mail, into a workgroup and out of it, and a deletion.
fn day() -> [Happening; 5] {
    [
        Happening {
            list: "added",
            reported: json!([user("dora", "dora@example.com", &["Sales"])]),
            happen: |state| state.users.push(user("dora", "dora@example.com", &["Sales"])),
            told: "agents anna ben dora",
        },
        Happening {
            list: "changed",
            reported: json!([user("ben", "benjamin@example.com", &["Sales"])]),
            happen: |state| state.users[1] = user("ben", "benjamin@example.com", &["Sales"]),
            told: "agents anna ben dora",
        },
        Happening {
            list: "changed",
            reported: json!([user("carl", "", &["Support", "Sales"])]),
            happen: |state| state.users[2] = user("carl", "", &["Support", "Sales"]),
            told: "agents anna ben carl dora",
        },
        Happening {
            list: "changed",
            reported: json!([user("anna", "anna@example.com", &[])]),
            happen: |state| state.users[0] = user("anna", "anna@example.com", &[]),
            told: "agents ben carl dora",
        },
        Happening {
            list: "removed",
            reported: json!(["dora"]),
            happen: |state| state.users.truncate(3),
            told: "agents ben carl",
        },
    ]
}

/// Waits for a list of agents; statuses of who is new come between.
async fn agents(bridge: &mut Bridge) -> String {
    loop {
        let told = next(bridge).await;
        if let Some(agents) = told.into_iter().find(|told| told.starts_with("agents ")) {
            return agents;
        }
    }
}

#[tokio::test]
async fn who_comes_goes_moves_and_has_another_e_mail_is_followed_as_it_is_reported() {
    let stub = Stub::start().await;
    stub.state().statuses.insert("dora".to_owned(), user_status("dora", "Available", "20260105T090000Z"));
    let (mut bridge, _) = Bridge::live_within(sales(), config(&stub)).await;
    for Happening { list, reported, told, .. } in day() {
        stub.push(&changed(list, reported));
        assert_eq!(agents(&mut bridge).await, told);
    }
    bridge.stop().await.unwrap();
    assert_eq!(stub.state().logons().count(), 1);
}

#[tokio::test]
async fn the_same_is_followed_where_the_subscription_is_refused() {
    for messaging in [1, 2] {
        let stub = Stub::start().await;
        stub.state().messaging = messaging;
        stub.state().statuses.insert("dora".to_owned(), user_status("dora", "Available", "20260105T090000Z"));
        let (mut bridge, _) = Bridge::live_within(sales(), uninformed(&stub)).await;
        for Happening { happen, told, .. } in day() {
            happen(&mut stub.state());
            assert_eq!(agents(&mut bridge).await, told);
        }
        bridge.stop().await.unwrap();
        assert_eq!(stub.state().logons().count(), 1);
    }
}

/// Subscriptions follow in bunches, so whoever comes back soon was never out of them.
#[tokio::test]
async fn a_status_of_somebody_who_left_and_came_back_at_once_is_not_lost() {
    for together in [true, false] {
        let stub = Stub::start().await;
        let (mut bridge, _) = Bridge::live_within(sales(), config(&stub)).await;
        let gone = user_status("ben", "Gone Home", "20260105T120000Z");
        stub.state().statuses.insert("ben".to_owned(), gone.clone());
        let messages = [
            changed("changed", json!([user("ben", "ben@example.com", &[])])),
            statuses_changed(&[gone]),
            changed("changed", json!([user("ben", "benjamin@example.com", &["Sales"])])),
        ]
        .map(|message| message.to_string());
        if together {
            stub.push_together(&messages);
        } else {
            stub.push_together(&messages[..2]);
            assert_eq!(next(&mut bridge).await, ["agents anna"]);
            stub.push_together(&messages[2..]);
        }
        let mut heard = next(&mut bridge).await;
        assert_eq!(heard.remove(0), "agents anna ben");
        while heard.is_empty() {
            // Somebody was slow, and the subscriptions followed meanwhile.
            heard = next(&mut bridge).await;
        }
        assert_eq!(heard, ["ben is Gone Home"]);
        bridge.stop().await.unwrap();
    }
}

/// Whoever hears the changes has forgotten the status of who left.
#[tokio::test]
async fn who_left_and_came_back_at_once_is_told_anew_though_nothing_changed_meanwhile() {
    let stub = Stub::start().await;
    stub.state().interactions.insert("ben".to_owned(), vec![interaction("7", "ben", "C", "Sales")]);
    let (mut bridge, _) = Bridge::live_within(sales(), config(&stub)).await;
    stub.push_together(&[changed("changed", json!([user("ben", "ben@example.com", &[])])).to_string()]);
    assert_eq!(next(&mut bridge).await, ["agents anna"]);
    stub.push_together(&[changed("changed", json!([user("ben", "ben@example.com", &["Sales"])])).to_string()]);
    let mut heard = Vec::new();
    // Where the subscriptions followed meanwhile, they tell it.
    while !heard.iter().any(|told: &String| told.starts_with("ben is")) {
        heard.extend(next(&mut bridge).await);
    }
    assert_eq!(heard, ["agents anna ben", "ben has 7 Connected ACD", "ben is At Lunch"]);
    bridge.stop().await.unwrap();
}

#[tokio::test]
async fn users_are_read_once_each_time_when_nothing_is_different() {
    let stub = Stub::start().await;
    let (bridge, _) = Bridge::live(uninformed(&stub)).await;
    stub.until(|state| readings(state) >= 4).await;
    bridge.stop().await.unwrap();
    assert_eq!(stub.count("PUT", "/user-statuses"), 1, "and nothing is subscribed for it");
}

/// Whoever is deleted while the pages are read moves all behind him one place forward.
#[tokio::test]
async fn a_user_who_slipped_between_two_pages_is_not_taken_for_gone() {
    let stub = Stub::start().await;
    stub.state().page = 1;
    let (mut bridge, _) = Bridge::live(uninformed(&stub)).await;
    // One reading leaves out ben; the next one has him again.
    stub.state().overlooked = Some("ben");
    stub.until(|state| state.overlooked.is_none()).await;
    let before = readings(&stub.state());
    stub.until(|state| readings(state) > before + 4).await;
    stub.state().users.truncate(2);
    assert_eq!(agents(&mut bridge).await, "agents anna ben", "ben was never missing");
    bridge.stop().await.unwrap();
}

#[tokio::test]
async fn a_reading_that_fails_harms_nothing_and_is_tried_again() {
    let stub = Stub::start().await;
    let (mut bridge, _) = Bridge::live(uninformed(&stub)).await;
    stub.state().refused.push(("configuration/users", 503, 2));
    stub.until(|state| state.refused.iter().all(|(start, _, times)| *start != "configuration/users" || *times == 0))
        .await;
    stub.state().users.truncate(2);
    assert_eq!(agents(&mut bridge).await, "agents anna ben");
    bridge.stop().await.unwrap();
}
