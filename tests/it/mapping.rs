//! What statuses mean, asked of the running bridge, of PureConnect, of a saved catalogue and of the journal.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::harness::{Bridge, Finished, Simulators, User, in_step, presence_bridge, until};

/// Lunch is a meal, and play is a break.
const NEW: &str = r#"
[[rule]]
name = "lunch"
when = { message = "At Lunch" }
presence = "Meal"

[[rule]]
name = "play"
when = { message = "At Play" }
presence = "Break"
"#;

fn parsed(finished: &Finished) -> Value {
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    serde_json::from_str(&finished.stdout).unwrap()
}

fn at(value: &Value) -> Timestamp {
    value.as_str().unwrap().parse().unwrap()
}

/// The agents that a list of objects names, in order.
fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|one| one["agent"].as_str().unwrap()).collect()
}

/// A file beside the bridge's configuration.
fn file(bridge: &Bridge, name: &str, text: &str) -> String {
    let path = bridge.folder().join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Four agents: two at lunch, one of them logged out, one at play, one available.
async fn at_noon() -> (Simulators, Bridge, Vec<User>) {
    let (simulators, bridge, users) = in_step(4, "").await;
    simulators.act(json!({"act": "log-off", "user": users[1].agent})).await;
    for (user, status) in [(0, "At Lunch"), (1, "At Lunch"), (2, "At Play")] {
        simulators.status(&users[user].agent, status).await;
    }
    simulators.shows(&users[0], "Break", "OFF_QUEUE").await;
    simulators.shows(&users[1], "Offline", "OFF_QUEUE").await;
    simulators.shows(&users[2], "Away", "OFF_QUEUE").await;
    (simulators, bridge, users)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_is_explained_as_the_running_bridge_knows_it() {
    let (simulators, bridge, users) = in_step(2, "").await;
    let ada = &users[0];
    let call = json!({"id": "c1", "workgroup": "Sales", "direction": "inbound", "media": "call"});
    simulators.act(json!({"act": "alert", "user": ada.agent, "interaction": call})).await;
    simulators.act(json!({"act": "answer", "id": "c1"})).await;
    simulators.shows(ada, "On Queue", "INTERACTING").await;
    simulators.status(&ada.agent, "At Lunch").await;
    simulators.shows(ada, "Break", "INTERACTING").await;

    let synced = || async {
        let told = parsed(&bridge.command(&["explain", &ada.agent.to_uppercase(), "--json"]).await);
        (told["agents"][0]["agent"]["state"] == "synced").then_some(told)
    };
    let told = until("the answers of Genesys Cloud", synced).await;
    assert_eq!((told["agents"].as_array().unwrap().len(), &told["statuses"]), (1, &json!([])), "{told:#}");
    let agent = &told["agents"][0]["agent"];
    assert_eq!((&agent["agent"], &agent["user"]), (&json!(ada.agent), &json!(ada.id)));
    assert_eq!((&agent["status"]["id"], &agent["logged_in"]), (&json!("At Lunch"), &json!(true)));
    assert_eq!((&agent["told"]["presence"], &agent["told"]["routing"]), (&json!("Break"), &json!("INTERACTING")));
    assert_eq!((&agent["pending_off_queue"], &agent["rule"]), (&json!(true), &json!("vendor row 3: Break")));
    assert_eq!((&agent["interactions"][0]["involvement"], &agent["error"]), (&json!("connected"), &Value::Null));
    assert!(at(&agent["last_success"]) >= at(&agent["status"]["since"]), "{agent:#}");
    let meaning = &told["agents"][0]["explanation"];
    assert_eq!((&meaning["presence"], &meaning["rule"]), (&json!("Break"), &agent["rule"]));
    assert_eq!(meaning["near_misses"][0]["rule"], "vendor row 6: Meal");

    // By display name and by e-mail address it is the same agent.
    for name in [&agent["name"], &agent["email"]] {
        let text = bridge.command(&["explain", name.as_str().unwrap()]).await.stdout;
        for words in
            [&ada.agent, "since 20", "Break", "INTERACTING", "pending off queue", "1 connected", "Synced", "nearly"]
        {
            assert!(text.contains(words), "{words} is missing in:\n{text}");
        }
    }
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_status_and_an_agent_of_one_name_are_both_explained_and_a_wrong_name_has_near_ones() {
    let (simulators, bridge, users) = in_step(2, "").await;
    let message = json!({"statusId": users[1].agent, "messageText": "Somebody", "groupTag": "Training"});
    simulators.act(json!({"act": "status-message", "message": message})).await;
    let both = until("the new status message", || async {
        let told = parsed(&bridge.command(&["explain", &users[1].agent, "--json"]).await);
        (told["statuses"].as_array().unwrap().len() == 1).then_some(told)
    })
    .await;
    assert_eq!(names(&json!([both["agents"][0]["agent"]])), [&users[1].agent]);
    assert_eq!((&both["statuses"][0]["presence"], both["agents"].as_array().unwrap().len()), (&json!("Training"), 1));
    let status = bridge.command(&["explain", "At Lunch"]).await;
    assert_eq!(status.stdout, presence_bridge(&["explain", "At Lunch"]).await.stdout, "as ever");

    let mut wrong = users[0].agent.clone();
    wrong.push('x');
    let failed = bridge.command(&["explain", &wrong]).await;
    assert_eq!(failed.code, Some(2), "{}", failed.stdout);
    assert!(failed.stderr.contains(&format!("did you mean \"{}\"", users[0].agent)), "{}", failed.stderr);
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn new_rules_are_previewed_on_exactly_the_agents_whom_they_move() {
    let (simulators, bridge, users) = at_noon().await;
    let new = file(&bridge, "new.toml", NEW);
    let told = parsed(&bridge.command(&["mapping", "preview", "-m", &new, "--json"]).await);
    let now = &told["now"];
    assert_eq!(names(&now["moves"]), [&users[0].agent, &users[2].agent], "{now:#}");
    assert_eq!((&now["agents"], &now["unmoved"], &now["fixed"]), (&json!(4), &json!(1), &json!(1)));
    let lunch = &now["moves"][0];
    assert_eq!((&lunch["now"]["presence"], &lunch["then"]["presence"]), (&json!("Break"), &json!("Meal")));
    assert_eq!((&lunch["now"]["rule"], &lunch["then"]["rule"]), (&json!("vendor row 3: Break"), &json!("lunch")));
    assert_eq!(told["catalogue"]["from"], "bridge");
    let text = bridge.command(&["mapping", "preview", "-m", &new]).await.stdout;
    assert!(text.contains("2 of 4 agents would move; 1 would not, being logged out"), "{text}");
    assert!(text.contains("Yesterday"), "{text}");

    // Nothing was changed by looking.
    simulators.shows(&users[0], "Break", "OFF_QUEUE").await;
    assert_eq!(bridge.stop().await.code, Some(0));
}

/// For how long PureConnect had an agent in a status, in seconds.
fn lasted(truth: &Value, who: &User, status: &str) -> f64 {
    let log = truth["log"].as_array().unwrap().iter();
    let mut own = log.filter(|entry| entry["user"] == who.agent && entry["change"]["status"].is_string());
    let begun = at(&own.find(|entry| entry["change"]["status"] == status).unwrap()["at"]);
    let ended = at(&own.next().unwrap()["at"]);
    ended.duration_since(begun).as_secs_f64()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_journal_says_for_how_long_who_would_have_had_another_presence() {
    let (simulators, mut bridge, users) = at_noon().await;
    let new = file(&bridge, "new.toml", NEW);
    let from = (Timestamp::now() - jiff::Span::new().hours(1)).to_string();
    let past = async |bridge: &Bridge| {
        let told = bridge.command(&["mapping", "preview", "-m", &new, "--from", &from, "--json"]).await;
        parsed(&told)["past"].clone()
    };
    // PureConnect counts whole seconds, so that a lunch has to last for one to be seen.
    simulators.status(&users[3].agent, "In a meeting").await;
    until("a second of lunch", || async {
        let past = past(&bridge).await;
        let lasted = |who: &User| {
            let agents = past["by_agent"].as_array().unwrap().iter();
            let mut found = agents.filter(|agent| agent["agent"] == who.agent);
            found.any(|agent| agent["different"]["agent_minutes"].as_f64() > Some(0.0))
        };
        (lasted(&users[0]) && lasted(&users[2])).then_some(())
    })
    .await;
    for user in &users {
        simulators.status(&user.agent, "Available").await;
        let presence = if user.agent == users[1].agent { "Offline" } else { "On Queue" };
        until("back", || async {
            let truth = simulators.cloud_truth().await;
            (truth["users"][&user.id]["presence"]["system"] == presence).then_some(())
        })
        .await;
    }
    bridge.halt().await;

    // How long it was, as PureConnect tells it.
    let truth = simulators.icws_truth().await;
    // Without the bridge, by its journal and a saved catalogue; the configuration would be asked for the old rules.
    let journal = bridge.journal().to_str().unwrap().to_owned();
    let told =
        presence_bridge(&["mapping", "preview", "-m", &new, "--journal", &journal, "--from", &from, "--json"]).await;
    let past = parsed(&told)["past"].clone();
    let different: Vec<(&str, &str, &str)> = past["by_status"]
        .as_array()
        .unwrap()
        .iter()
        .map(|found| {
            let text = |key: &str| found[key].as_str().unwrap();
            (text("status"), text("was"), text("then"))
        })
        .collect();
    assert_eq!(different, [("At Lunch", "Break", "Meal"), ("At Play", "Away", "Break")], "{past:#}");
    for (user, status) in [(&users[0], "At Lunch"), (&users[2], "At Play")] {
        let agents = past["by_agent"].as_array().unwrap();
        let agent = agents.iter().find(|agent| agent["agent"] == user.agent).unwrap();
        let seconds = agent["different"]["agent_minutes"].as_f64().unwrap() * 60.0;
        let truly = lasted(&truth, user, status);
        assert!((seconds - truly).abs() <= 2.0, "{seconds} s of {status}, and truly {truly} s");
    }
    assert!(past["fixed"]["changes"].as_u64() >= Some(1), "who was logged out is Offline either way: {past:#}");
    assert_eq!(past["unrecorded"]["changes"], 0, "{past:#}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_saved_catalogue_explains_the_same_without_the_system() {
    let (simulators, mut bridge, users) = in_step(2, "").await;
    let message = json!({"statusId": "Custom7", "messageText": "Coaching", "groupTag": "Training"});
    simulators.act(json!({"act": "status-message", "message": message})).await;
    let saved = bridge.folder().join("saved.json");
    let saved = saved.to_str().unwrap();
    let live = until("the new status message", || async {
        let told = bridge.command(&["explain", "Coaching", "--json"]).await;
        (told.code == Some(0)).then(|| parsed(&told))
    })
    .await;
    let told = bridge.command(&["catalogue", "save", "-o", saved]).await;
    assert!(told.stdout.contains("told by the running bridge") && told.stdout.contains(saved), "{told:?}");
    let offline = parsed(&presence_bridge(&["explain", "Coaching", "--catalogue", saved, "--json"]).await);
    assert_eq!(live["statuses"], json!([offline]));

    let printed = bridge.command(&["catalogue", "save"]).await.stdout;
    let without_time =
        |text: &str| text.lines().filter(|line| !line.contains("\"saved\"")).collect::<Vec<_>>().join("\n");
    assert_eq!(without_time(&printed), without_time(&std::fs::read_to_string(saved).unwrap()));

    // Where no bridge runs, PureConnect is asked.
    bridge.halt().await;
    let told = bridge.command(&["catalogue", "save", "-o", saved]).await;
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    assert!(told.stdout.contains("because no bridge runs"), "{}", told.stdout);
    assert_eq!(without_time(&printed), without_time(&std::fs::read_to_string(saved).unwrap()));
    let agent = bridge.command(&["explain", &users[0].agent]).await;
    assert!(agent.stdout.contains("no bridge is running") && agent.stdout.contains("On Queue"), "{agent:?}");
    let lint = parsed(&bridge.command(&["mapping", "lint", "--json"]).await);
    let codes: Vec<&str> =
        lint["findings"].as_array().unwrap().iter().map(|finding| finding["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["precedence-matters"], "the simulated system is as it is shipped: {lint:#}");

    let own = bridge.config().to_owned();
    let refused = bridge.command(&["catalogue", "save", "-o", &own]).await;
    assert_eq!(refused.code, Some(2), "{}", refused.stdout);
    assert!(std::fs::read_to_string(&own).unwrap().contains("[pureconnect]"), "the configuration is still there");
}
