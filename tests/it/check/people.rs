//! Agents without a user, users without an agent, and statuses that an administrator may not have meant.

use serde_json::json;

use super::scene::{Scene, page};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn users_that_do_not_match() {
    let scene = Scene::between(12).await;
    let users = scene.simulators.users().await;
    let agents = scene.simulators.icws_truth().await;
    let email = |place: usize| agents["agents"][&users[place].agent]["email"].as_str().unwrap().to_owned();
    // Without an e-mail address, and with another's.
    scene.simulators.act(json!({"act": "change-email", "user": users[0].agent})).await;
    scene.simulators.act(json!({"act": "change-email", "user": users[1].agent, "email": email(2)})).await;
    // Found twice, not active any more, and unknown there.
    scene.simulators.cloud_command(json!({"kind": "add_user", "name": "The other", "email": email(3)})).await;
    let edit = |place: usize, change: serde_json::Value| {
        let mut command = json!({"kind": "edit_user", "user": users[place].id});
        command.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        command
    };
    scene.simulators.cloud_command(edit(4, json!({"state": "inactive"}))).await;
    scene.simulators.cloud_command(edit(5, json!({"email": "renamed@example.com"}))).await;
    let checked = scene.check(&[]).await;
    assert_eq!(checked.code, Some(0), "{}", checked.stdout);
    page("users_that_do_not_match", &scene, &checked);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statuses_and_rules_worth_a_second_look() {
    let scene = Scene::with(3, "[mapping]\nfile = \"rules.toml\"\n").await;
    let rules = "[[rule]]\nname = \"undisturbed lunch\"\nwhen = { message = \"At Lunch\", acd = true }\npresence = \"Break\"\n\n\
                 [[rule]]\nname = \"lunch\"\nwhen = { message = \"At Lunch\" }\npresence = \"Meal\"\n";
    std::fs::write(scene.path("rules.toml"), rules).unwrap();
    let message = |id: &str, group: &str, acd: bool, dnd: bool| {
        json!({"act": "status-message", "message": {
            "statusId": id, "messageText": id, "groupTag": group, "isAcdStatus": acd, "isDoNotDisturbStatus": dnd,
        }})
    };
    for one in [
        message("Paperwork", "Backoffice", false, false),
        message("paperwork.", "Backoffice", false, false),
        message("Confused", "Backoffice", true, true),
    ] {
        scene.simulators.act(one).await;
    }
    let checked = scene.check(&[]).await;
    assert_eq!(checked.code, Some(0), "{}", checked.stdout);
    page("statuses_worth_a_second_look", &scene, &checked);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rule_that_names_what_is_not_there() {
    let scene = Scene::with(3, "[mapping]\nfile = \"rules.toml\"\n").await;
    let rules = "[[rule]]\nname = \"coaching\"\nwhen = { message = \"Coachin\" }\npresence = \"Side by Side\"\n";
    std::fs::write(scene.path("rules.toml"), rules).unwrap();
    let checked = scene.check(&[]).await;
    assert_eq!(checked.code, Some(78), "{}", checked.stdout);
    page("a_rule_that_names_what_is_not_there", &scene, &checked);
}
