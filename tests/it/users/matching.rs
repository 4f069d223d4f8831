//! Who is matched and who is not: the list equals the truth, live and without a bridge.

use serde_json::{Value, json};

use super::{becomes, line, list};
use crate::harness::{Bridge, Simulators, User};

/// What the list has to say of each agent: who, in which state, why.
type Truth<'t> = Vec<(&'t str, &'static str, Option<&'static str>)>;

/// Gives a user an external id, as an administrator's integration does.
async fn external_id(simulators: &Simulators, user: &User, key: &str) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let login = http.post(format!("{}/oauth/token", simulators.cloud));
    let login = login.basic_auth(&simulators.client_id, Some(&simulators.client_secret));
    let login = login.header("content-type", "application/x-www-form-urlencoded").body("grant_type=client_credentials");
    let answer = login.send().await.unwrap().bytes().await.unwrap();
    let token: Value = serde_json::from_slice(&answer).unwrap();
    let added = http
        .post(format!("{}/api/v2/users/{}/externalid", simulators.cloud, user.id))
        .bearer_auth(token["access_token"].as_str().unwrap())
        .json(&json!({"authorityName": "PureConnect", "externalKey": key}))
        .send()
        .await
        .unwrap();
    assert!(added.status().is_success(), "{}", added.text().await.unwrap());
}

/// Eleven people, each with a case of their own, and the configuration that goes with them.
async fn cases() -> (Simulators, Vec<User>, String) {
    let simulators = Simulators::idle(11).await;
    let users = simulators.users().await;
    let agent = |place: usize| users[place].agent.as_str();
    let email = |user: &str, email: Option<&str>| json!({"act": "change-email", "user": user, "email": email});
    external_id(&simulators, &users[2], agent(2)).await;
    let shared = format!("{}@example.com", agent(8));
    simulators
        .act(json!([
            email(agent(0), Some("nobody.there@example.com")),
            email(agent(1), None),
            email(agent(2), None),
            email(agent(4), Some("  ")),
            email(agent(7), Some(&shared.to_uppercase())),
            email(agent(9), Some("nobody.at.all@example.com")),
            {"act": "status", "user": agent(10), "status": "Juggling", "unlisted": true},
        ]))
        .await;
    let twin = json!({"kind": "add_user", "name": "Twin", "email": format!("{}@EXAMPLE.com", agent(5))});
    simulators.cloud_command(twin).await;
    simulators.cloud_command(json!({"kind": "edit_user", "user": users[6].id, "state": "inactive"})).await;
    let more = format!("[users]\n{}\nmatch = {{ {:?} = {:?} }}\n", super::REFRESH, agent(0), users[0].id);
    (simulators, users.clone(), more)
}

fn truth(users: &[User]) -> Truth<'_> {
    let of = |place: usize| users[place].agent.as_str();
    vec![
        (of(0), "synced", None),
        (of(1), "synced", None),
        (of(2), "synced", None),
        (of(3), "synced", None),
        (of(4), "not-synced", Some("no-email")),
        (of(5), "not-synced", Some("several-users")),
        (of(6), "not-synced", Some("inactive")),
        (of(7), "not-synced", Some("shared")),
        (of(8), "not-synced", Some("shared")),
        (of(9), "not-synced", Some("no-such-user")),
        (of(10), "error", Some("unknown-status")),
    ]
}

/// Starts a bridge for the cases: the table, the CSV file and external ids are all there.
async fn bridge_of_cases() -> (Simulators, Bridge, Vec<User>) {
    let (simulators, users, more) = cases().await;
    let csv = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(csv.path(), format!("agent,user\r\n{},{}\r\n", users[1].agent, users[1].id)).unwrap();
    let mut bridge = Bridge::with_config(&simulators, |text| {
        let text = text.replace("[genesys_cloud]", "[genesys_cloud]\nexternal_id_authority = \"PureConnect\"");
        format!("{text}\n{more}match_csv = {:?}\n", csv.path())
    });
    bridge.logs("everybody is in step").await;
    (simulators, bridge, users)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_list_says_of_everybody_what_is_true_and_why() {
    let (_simulators, bridge, users) = bridge_of_cases().await;
    for (agent, state, reason) in truth(&users) {
        becomes(&bridge, agent, state, reason).await;
    }
    let told = list(&bridge).await;
    assert_eq!((&told["live"], &told["listed"]), (&json!(true), &json!(11)));
    assert_eq!(told["totals"]["states"], json!({"synced": 4, "not-synced": 6, "error": 1}));
    let reasons = json!({"no-email": 1, "several-users": 1, "inactive": 1, "shared": 2, "no-such-user": 1,
        "unknown-status": 1});
    assert_eq!(told["totals"]["reasons"], reasons);
    let first: Vec<&str> =
        told["users"].as_array().unwrap().iter().map(|line| line["state"].as_str().unwrap()).collect();
    assert_eq!(
        first[..7],
        ["error", "not-synced", "not-synced", "not-synced", "not-synced", "not-synced", "not-synced"]
    );
    for user in &users[..4] {
        let line = line(&told, &user.agent).unwrap();
        assert_eq!(line["user"], *user.id, "{line}");
        assert_eq!((&line["told"]["presence"], &line["told"]["routing"]), (&json!("On Queue"), &json!("IDLE")));
        assert!(line["last_success"].is_string(), "{line}");
        assert_eq!(line["message"]["text"], "Available");
    }
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_bridge_both_sides_are_looked_at_and_the_list_says_that_it_is_not_live() {
    let simulators = Simulators::idle(3).await;
    let users = simulators.users().await;
    simulators.act(json!({"act": "change-email", "user": users[2].agent, "email": null})).await;
    let mut bridge = Bridge::start(&simulators, "");
    bridge.logs("everybody is in step").await;
    let before = list(&bridge).await;
    bridge.halt().await;
    let told = list(&bridge).await;
    assert_eq!(told["live"], false);
    assert!(told["links"][0]["notes"][0].as_str().unwrap().contains("No bridge is running"), "{told}");
    for user in &users[..2] {
        let (line, was) = (line(&told, &user.agent).unwrap(), line(&before, &user.agent).unwrap());
        assert_eq!((&line["state"], &line["user"]), (&json!("pending"), &json!(user.id)));
        assert_eq!(line["why"], "found; no bridge runs");
        assert!(line["last_success"].is_string() && was["last_success"].is_string(), "{line}");
        assert_eq!(line["told"]["presence"], "On Queue", "as the journal has it");
    }
    let lost = line(&told, &users[2].agent).unwrap();
    assert_eq!((&lost["state"], &lost["reason"]), (&json!("not-synced"), &json!("no-email")));

    let table = bridge.command(&["users"]).await;
    assert_eq!(table.code, Some(0), "{}", table.stderr);
    assert!(table.stdout.starts_with("No bridge is running"), "{}", table.stdout);
    assert!(table.stdout.contains("3 users: 2 Pending, 1 Not synced."), "{}", table.stdout);
    let csv = bridge.command(&["users", "--csv"]).await;
    assert!(csv.stderr.contains("No bridge is running"), "beside the CSV, not in it: {}", csv.stderr);
    assert!(csv.stdout.starts_with("link,user_id,"), "{}", csv.stdout);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_bridge_and_without_a_side_there_is_no_list() {
    let simulators = Simulators::idle(1).await;
    let folder = tempfile::tempdir().unwrap();
    let path = crate::harness::config(folder.path(), &simulators, "");
    std::fs::write(folder.path().join("secret"), "wrong").unwrap();
    let told = crate::harness::presence_bridge(&["users", "-c", path.to_str().unwrap()]).await;
    assert_eq!(told.code, Some(77), "{}", told.stderr);
    assert!(told.stderr.contains("Genesys Cloud") && told.stderr.contains("presence-bridge check"), "{}", told.stderr);
    assert!(!told.stderr.contains(&simulators.client_secret) && !told.stderr.contains("wrong"), "{}", told.stderr);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_list_is_filtered_and_goes_into_a_spreadsheet() {
    let (simulators, bridge, users) = crate::harness::in_step(4, "[users]\nrefresh = \"1s\"").await;
    let formula = "=cmd|'/c calc'!A0";
    simulators
        .act(json!([
            {"act": "add-user", "user": "eve", "displayName": formula, "workgroups": ["Sales"]},
            {"act": "status", "user": users[0].agent, "status": "At Lunch"},
        ]))
        .await;
    becomes(&bridge, "eve", "not-synced", Some("no-email")).await;
    simulators.shows(&users[0], "Break", "OFF_QUEUE").await;

    let only = bridge.command(&["users", "--state", "not-synced"]).await;
    assert!(only.stdout.contains("eve") && !only.stdout.contains(&users[0].agent), "{}", only.stdout);
    assert!(only.stdout.contains("5 users: 4 Synced, 1 Not synced."), "totals are of all: {}", only.stdout);
    assert!(only.stdout.contains("Why: 1 no e-mail in PureConnect.") && only.stdout.contains("Listed: 1."));
    let found = bridge.command(&["users", "--filter", &users[0].id.to_uppercase()]).await;
    assert!(found.stdout.contains(&users[0].agent) && found.stdout.contains("At Lunch"), "{}", found.stdout);
    assert!(found.stdout.contains("Break") && !found.stdout.contains("eve"), "{}", found.stdout);

    let csv = bridge.command(&["users", "--csv", "--workgroup", "sales"]).await;
    assert!(csv.stderr.is_empty(), "{}", csv.stderr);
    let eve = csv.stdout.lines().find(|line| line.contains("eve")).unwrap();
    assert!(eve.contains(&format!("'{formula}")) || eve.contains(&format!("\"'{formula}\"")), "{eve}");
    let told = list(&bridge).await;
    let in_sales = |line: &&Value| line["workgroups"].as_array().unwrap().contains(&json!("Sales"));
    let members = told["users"].as_array().unwrap().iter().filter(in_sales).count();
    assert!(members < 5, "somebody is in another workgroup: {told}");
    assert_eq!(csv.stdout.lines().count(), 1 + members, "{}", csv.stdout);
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_platform_refuses_is_told_in_its_own_words() {
    let (simulators, bridge, users) = crate::harness::in_step(2, "").await;
    let fault = json!({"effect": {"kind": "event_error", "retryable": false, "user": users[0].id}, "count": 1_000});
    simulators.cloud_fault(fault).await;
    simulators.status(&users[0].agent, "In a meeting").await;
    let line = becomes(&bridge, &users[0].agent, "error", Some("refused")).await;
    assert!(line["error"].as_str().is_some_and(|error| !error.is_empty()), "{line}");
    assert_eq!(line["why"], line["error"]);
    becomes(&bridge, &users[1].agent, "synced", None).await;
    simulators.cloud_heals().await;
    simulators.status(&users[0].agent, "Available").await;
    becomes(&bridge, &users[0].agent, "synced", None).await;
    bridge.stop().await;
}
