//! Each permission and each right missing alone: the line that says so.

use serde_json::{Value, json};

use super::scene::{Scene, findings, page};
use crate::harness::Finished;

/// What is not as it should be, as it is on the page, one after the other.
struct Lines(String);

impl Lines {
    async fn add(&mut self, scene: &Scene, what: &str) -> Vec<Value> {
        let (code, told) = scene.told().await;
        let found: Vec<Value> = findings(&told).into_iter().filter(|finding| finding["severity"] != "ok").collect();
        self.0.push_str(&format!("\n{what}: exit {}\n", code.unwrap()));
        for finding in &found {
            let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
            self.0.push_str(&format!("  {:<8} {} [{}]\n", text("severity"), text("fact"), text("code")));
        }
        found
    }

    fn page(self, name: &str, scene: &Scene) {
        page(name, scene, &Finished { code: None, stdout: self.0, stderr: String::new() });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_missing_permission() {
    let scene = Scene::between(3).await;
    let permissions = [
        "presence:userPresence:inject",
        "routing:routingstatus:inject",
        "presence:userPresence:edit",
        "presence:presenceDefinition:view",
        "presence:source:view",
        "presence:source:add",
        "presence:userPrimarySource:view",
        "presence:userPrimarySource:edit",
        "presence:settings:view",
    ];
    let mut lines = Lines(String::new());
    for permission in permissions {
        scene.withhold(&[permission]).await;
        let found = lines.add(&scene, permission).await;
        assert!(found.iter().any(|finding| finding["facts"]["permission"] == permission), "{permission}: {found:?}");
    }
    scene.withhold(&["presence:userPresence:inject", "presence:userPresence:edit"]).await;
    let found = lines.add(&scene, "neither way of delivery").await;
    assert!(found.iter().any(|finding| finding["code"] == "target-delivery-impossible"), "{found:?}");
    lines.page("each_missing_permission", &scene);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_missing_right() {
    let scene = Scene::between(3).await;
    let rights = [
        ("users", "Access Control › Users (View)"),
        ("workgroups", "Access Control › Workgroups (View)"),
        ("status-column", "Access Control › Directory Status Columns (View): Status"),
        ("time-in-status-column", "Access Control › Directory Status Columns (View): Time in Status"),
        ("until-column", "Access Control › Directory Status Columns (View): Until"),
        ("logged-in-column", "Access Control › Directory Status Columns (View): Logged In"),
        ("user-queues", "Access Control › User Queues (View)"),
        ("licenses", "Administrator Access › Licenses Allocation"),
    ];
    let mut lines = Lines(String::new());
    for (right, name) in rights {
        scene.simulators.act(json!({"act": "rights", "withheld": [right]})).await;
        let found = lines.add(&scene, right).await;
        let facts = || found.iter().map(|finding| &finding["facts"]);
        let is_missing = facts().any(|facts| facts["right"] == name);
        // What nobody has set shows nowhere.
        let is_unknown =
            facts().any(|facts| facts["rights"].as_array().is_some_and(|rights| rights.contains(&json!(name))));
        assert!(is_missing || (right == "until-column" && is_unknown), "{right}: {found:#?}");
    }
    scene.simulators.act(json!({"act": "rights", "withheld": []})).await;
    // The list that the bridge reads is refused as a whole.
    let refused = json!({"fault": "status", "status": 403, "requests": 99, "path": "/status/status-messages"});
    scene.simulators.icws_fault(refused).await;
    let found = lines.add(&scene, "status-messages").await;
    let name = "Access Control › Status Messages (View)";
    assert!(found.iter().any(|finding| finding["facts"]["right"] == name), "{found:#?}");
    lines.page("each_missing_right", &scene);
}
