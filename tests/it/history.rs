//! What a supervisor asks about one agent, in the terminal.

use serde_json::Value;

use crate::harness::{in_step, until};
use crate::report::with_a_past;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_s_day_shows_what_happened_what_was_told_and_when_the_feed_was_not_to_be_relied_on() {
    let (_simulators, bridge, users) = with_a_past().await;
    let agent = users[0].agent.as_str();
    let told = bridge.command(&["history", agent, "--zone", "UTC"]).await;
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    for words in
        [agent, "All times are UTC", "In a meeting", "Meeting", "told after", "target down", "not running", "showed"]
    {
        assert!(told.stdout.contains(words), "{words} is missing in:\n{}", told.stdout);
    }
    assert!(!told.stdout.contains('\u{1b}'), "colours are for terminals");

    let told = bridge.command(&["history", agent, "--json"]).await;
    let day: Value = serde_json::from_str(&told.stdout).unwrap();
    let changes = day["changes"].as_array().unwrap();
    let meeting = changes.iter().find(|change| change["to"] == "Meeting").unwrap_or_else(|| panic!("{day:#}"));
    assert_eq!(meeting["disposition"], "delivered", "{meeting:#}");
    assert!(
        meeting["attempts"].as_array().unwrap().len() > 1,
        "it was tried while Genesys Cloud was down: {meeting:#}"
    );
    assert_eq!(day["wanted"]["presence"].as_array().unwrap().last().unwrap()["value"], "Meeting", "{day:#}");
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_is_found_by_name_while_the_bridge_runs_and_by_id_always() {
    let (simulators, mut bridge, users) = in_step(2, "").await;
    let agent = users[0].agent.clone();
    let listed = bridge.command(&["users", "--json"]).await;
    let listed: Value = serde_json::from_str(&listed.stdout).unwrap();
    let listed = listed["users"].as_array().unwrap();
    let own = listed
        .iter()
        .find(|user| user["user"] == *agent || user["agent"] == *agent)
        .unwrap_or_else(|| panic!("{listed:#?}"));
    let (name, email) = (own["name"].as_str().unwrap().to_owned(), own["email"].as_str().unwrap().to_owned());
    for called in [&name, &email, &agent.to_uppercase()] {
        let told = bridge.command(&["history", called, "--zone", "UTC"]).await;
        assert_eq!(told.code, Some(0), "{called}: {}", told.stderr);
        assert!(told.stdout.contains(&agent) && told.stdout.contains(&name), "{}", told.stdout);
    }
    let mistyped = format!("{agent}x");
    let told = bridge.command(&["history", &mistyped]).await;
    assert_eq!(told.code, Some(2), "{}", told.stdout);
    assert!(told.stderr.contains("knows no agent") && told.stderr.contains(&agent), "{}", told.stderr);

    bridge.halt().await;
    let told = bridge.command(&["history", &name]).await;
    assert_eq!(told.code, Some(2), "the journal has no names: {}", told.stdout);
    let told = bridge.command(&["history", &agent]).await;
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    let none = bridge.command(&["history", &agent, "--from", "2001-01-02", "--to", "2001-01-01"]).await;
    assert_eq!(none.code, Some(2), "{}", none.stdout);
    drop(simulators);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_on_its_way_is_shown_as_such() {
    let (simulators, bridge, users) = in_step(1, "").await;
    simulators.cloud_fault(serde_json::json!({"effect": {"kind": "unavailable"}, "count": u32::MAX})).await;
    simulators.status(&users[0].agent, "In a meeting").await;
    until("the change in the history", || async {
        let told = bridge.command(&["history", &users[0].agent, "--zone", "UTC"]).await.stdout;
        (told.contains("not told yet") && told.contains("and still does")).then_some(())
    })
    .await;
    simulators.cloud_heals().await;
    simulators.shows(&users[0], "Meeting", "OFF_QUEUE").await;
    bridge.stop().await;
}
