//! The configuration is read again while the bridge runs: what changes at once, what waits, and what is refused.

use serde_json::{Value, json};

use crate::harness::{Bridge, Finished, Simulators, User, in_step, until};

const RULES: &str = "[mapping]\nfile = \"rules.toml\"\n";

const LUNCH_IS_A_MEAL: &str = "[[rule]]\nname = \"lunch\"\nwhen = { message = \"At Lunch\" }\npresence = \"Meal\"\n";

/// A bridge with a file of rules that says nothing yet, and everybody in step.
async fn with_rules(agents: usize, more: &str) -> (Simulators, Bridge, Vec<User>) {
    let simulators = Simulators::idle(agents).await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("rules.toml"), "# nothing yet\n").unwrap();
    let config = crate::harness::config(folder.path(), &simulators, &format!("{RULES}{more}"));
    let mut bridge = Bridge::in_folder(folder, config);
    let users = simulators.users().await;
    bridge.logs("everybody is in step").await;
    (simulators, bridge, users)
}

fn write_rules(bridge: &Bridge, text: &str) {
    std::fs::write(bridge.folder().join("rules.toml"), text).unwrap();
}

/// Reads the configuration again: what was applied, and what waits for the next start.
async fn reloaded(bridge: &Bridge) -> (Vec<String>, Vec<String>) {
    let told = bridge.command(&["reload", "--json"]).await;
    assert_eq!(told.code, Some(0), "{}{}", told.stdout, told.stderr);
    let told: Value = serde_json::from_str(&told.stdout).unwrap();
    let list = |key: &str| told[key].as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect();
    (list("applied"), list("needs_restart"))
}

/// The file is refused, with these words.
async fn refused(bridge: &mut Bridge, words: &str) -> Finished {
    let told = bridge.command(&["reload"]).await;
    assert_eq!(told.code, Some(78), "{}{}", told.stdout, told.stderr);
    assert!(format!("{}{}", told.stdout, told.stderr).contains(words), "{}{}", told.stdout, told.stderr);
    told
}

/// How often PureConnect was logged on to.
async fn sessions(simulators: &Simulators) -> usize {
    let requests = simulators.icws_requests().await;
    requests.iter().filter(|(method, path)| method == "POST" && path.ends_with("/connection")).count()
}

async fn primary_source(simulators: &Simulators, user: &User) -> String {
    simulators.cloud_truth().await["users"][&user.id]["primary_source"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sighup_applies_new_rules_to_exactly_those_whom_they_concern() {
    let (simulators, mut bridge, users) = with_rules(4, "").await;
    for user in &users[..2] {
        simulators.status(&user.agent, "At Lunch").await;
        simulators.shows(user, "Break", "OFF_QUEUE").await;
    }
    let mut before = Vec::new();
    for user in &users {
        before.push(simulators.events(user, "presence").await.len());
    }
    write_rules(&bridge, LUNCH_IS_A_MEAL);
    bridge.signal("HUP").await;
    bridge.logs_line(&["the configuration was read again", "applied=\"[mapping] file\""]).await;
    for user in &users[..2] {
        simulators.shows(user, "Meal", "OFF_QUEUE").await;
    }
    for (user, (before, more)) in users.iter().zip(before.into_iter().zip([1, 1, 0, 0])) {
        assert_eq!(simulators.events(user, "presence").await.len(), before + more, "{}", user.agent);
    }
    assert_eq!(sessions(&simulators).await, 1, "the session went on");
    // And what happens afterwards goes by the new rules.
    simulators.status(&users[3].agent, "At Lunch").await;
    simulators.shows(&users[3], "Meal", "OFF_QUEUE").await;
    assert_eq!(bridge.stop().await.code, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_the_scope_takes_agents_in_and_out_and_gives_their_users_back() {
    let (simulators, mut bridge, users) = in_step(3, "[users]\nexclude = [\"nobody\"]\n").await;
    let ours = primary_source(&simulators, &users[1]).await;
    assert_ne!(ours, "PURECLOUD");
    let exclude = |who: &str| format!("exclude = [\"{who}\"]");
    bridge.edit(|text| text.replace(&exclude("nobody"), &exclude(&users[1].agent)));
    assert_eq!(reloaded(&bridge).await.0, ["[users] exclude"]);
    until("the user is given back", || async {
        (primary_source(&simulators, &users[1]).await == "PURECLOUD").then_some(())
    })
    .await;
    assert_eq!(primary_source(&simulators, &users[0]).await, ours);
    simulators.status(&users[1].agent, "At Lunch").await;
    simulators.status(&users[0].agent, "At Lunch").await;
    simulators.shows(&users[0], "Break", "OFF_QUEUE").await;

    bridge.edit(|text| text.replace(&exclude(&users[1].agent), &exclude("nobody")));
    assert_eq!(reloaded(&bridge).await.0, ["[users] exclude"]);
    simulators.shows(&users[1], "Break", "OFF_QUEUE").await;
    until("the user is ours again", || async { (primary_source(&simulators, &users[1]).await == ours).then_some(()) })
        .await;
    assert_eq!(sessions(&simulators).await, 1, "the session went on");
    assert!(!bridge.log().contains("frozen"), "{}", bridge.log());
    bridge.verifies().await;
    bridge.signal("TERM").await;
    assert_eq!(bridge.ended().await.code, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_match_by_hand_is_applied_at_once() {
    let (simulators, bridge, users) = in_step(2, "[users]\nexclude = [\"nobody\"]\n").await;
    // Nobody has a user of this name, so that the agent has none any more.
    let by_hand = format!("exclude = [\"nobody\"]\nmatch = {{ \"{}\" = \"nobody@example.com\" }}", users[0].agent);
    bridge.edit(|text| text.replace("exclude = [\"nobody\"]", &by_hand));
    assert_eq!(reloaded(&bridge).await.0, ["[users] match"]);
    until("the agent has no user", || async {
        let told = bridge.command(&["users", "--json"]).await;
        told.stdout.contains("not-synced").then_some(())
    })
    .await;
    bridge.edit(|text| text.replace("nobody@example.com", &users[0].id));
    reloaded(&bridge).await;
    simulators.status(&users[0].agent, "In a meeting").await;
    simulators.shows(&users[0], "Meeting", "OFF_QUEUE").await;
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_file_is_refused_as_a_whole_and_the_old_one_stays() {
    let (simulators, mut bridge, users) = with_rules(1, "").await;
    write_rules(&bridge, LUNCH_IS_A_MEAL);
    bridge.edit(|text| text.replace("[log]\n", "[log]\ncolour = true\n").replace("\"info\"", "\"debug\""));
    let told = refused(&mut bridge, "unknown key \"colour\" in [log]").await;
    assert!(format!("{}{}", told.stdout, told.stderr).contains("bridge.toml:"), "{}{}", told.stdout, told.stderr);
    bridge.logs("the configuration is refused, and everything stays as it is").await;
    // The rules were right, and are not applied all the same.
    simulators.status(&users[0].agent, "At Lunch").await;
    simulators.shows(&users[0], "Break", "OFF_QUEUE").await;
    assert!(!bridge.log().contains("DEBUG"), "{}", bridge.log());

    bridge.edit(|text| text.replace("colour = true\n", ""));
    write_rules(&bridge, "[[rule]]\nname = \"lunch\"\nwhen = { message = \"At Lunch\" }\npresence = \"Meel\"\n");
    refused(&mut bridge, "rules.toml:4").await;
    // These are well-formed, but this PureConnect has no such message.
    write_rules(&bridge, "[[rule]]\nname = \"lunch\"\nwhen = { message = \"Siesta\" }\npresence = \"Meal\"\n");
    refused(&mut bridge, "rules.toml:3").await;
    bridge.signal("HUP").await;
    bridge
        .logs_when("refused for the fourth time", |log| log.matches("the configuration is refused").count() == 4)
        .await;
    assert!(!bridge.log().contains("DEBUG"), "{}", bridge.log());

    write_rules(&bridge, LUNCH_IS_A_MEAL);
    assert_eq!(reloaded(&bridge).await.0, ["[log] level", "[mapping] file"]);
    simulators.shows(&users[0], "Meal", "OFF_QUEUE").await;
    assert_eq!(sessions(&simulators).await, 1);
    assert_eq!(bridge.stop().await.code, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_level_changes_at_once_and_back() {
    let (simulators, mut bridge, users) = in_step(1, "").await;
    assert!(!bridge.log().contains("DEBUG"), "{}", bridge.log());
    bridge.edit(|text| text.replace("level = \"info\"", "level = \"debug\""));
    assert_eq!(reloaded(&bridge).await.0, ["[log] level"]);
    simulators.status(&users[0].agent, "In a meeting").await;
    simulators.shows(&users[0], "Meeting", "OFF_QUEUE").await;
    bridge.logs("DEBUG").await;
    bridge.edit(|text| text.replace("level = \"debug\"", "level = \"error\""));
    assert_eq!(reloaded(&bridge).await.0, ["[log] level"]);
    let lines = bridge.log().lines().count();
    simulators.status(&users[0].agent, "Available").await;
    simulators.shows(&users[0], "On Queue", "IDLE").await;
    let finished = bridge.stop().await;
    let more: Vec<&str> = finished.stderr.lines().skip(lines).filter(|line| !line.contains("DEBUG")).collect();
    assert_eq!(more, Vec::<&str>::new(), "nothing was wrong");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_needs_a_new_start_is_listed_until_it_is_as_it_was_and_no_secret_is_shown() {
    let (simulators, bridge, _) = in_step(1, "[replication]\nread_back = \"5m\"\n").await;
    assert_eq!(reloaded(&bridge).await, (vec![], vec![]));
    bridge.edit(|text| text.replace("5m", "6m").replace("[log]\n", "[log]\nformat = \"json\"\n"));
    std::fs::write(bridge.folder().join("secret"), "hunter2").unwrap();
    let waiting = ["[log] format", "[genesys_cloud] client_secret", "[replication] read_back"].map(str::to_owned);
    assert_eq!(reloaded(&bridge).await, (vec![], waiting.to_vec()));
    assert_eq!(reloaded(&bridge).await, (vec![], waiting.to_vec()), "it still waits");
    std::fs::write(bridge.folder().join("secret"), &simulators.client_secret).unwrap();
    bridge.edit(|text| text.replace("6m", "5m").replace("format = \"json\"\n", ""));
    assert_eq!(reloaded(&bridge).await, (vec![], vec![]));
    let finished = bridge.stop().await;
    assert!(!finished.stderr.contains("hunter2"), "{}", finished.stderr);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reload_during_an_outage_counts_when_genesys_cloud_is_back() {
    let (simulators, mut bridge, users) = with_rules(1, "").await;
    simulators.cloud_fault(json!({"effect": {"kind": "unavailable"}, "count": 1_000_000})).await;
    simulators.status(&users[0].agent, "At Lunch").await;
    bridge.logs("Genesys Cloud does not take changes").await;
    bridge.kill().await;
    bridge.restart();
    bridge.logs("Genesys Cloud is out of reach").await;
    bridge.logs("PureConnect is connected").await;
    write_rules(&bridge, LUNCH_IS_A_MEAL);
    assert_eq!(reloaded(&bridge).await.0, ["[mapping] file"]);
    simulators.cloud_heals().await;
    simulators.shows(&users[0], "Meal", "OFF_QUEUE").await;
    assert_eq!(bridge.stop().await.code, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_link_is_told_its_own_and_a_mistake_in_one_keeps_all_as_they_are() {
    let (north, south) = tokio::join!(Simulators::idle(1), Simulators::idle(1));
    let (of_north, of_south) = (north.users().await, south.users().await);
    let rules = |link: &str| format!("[link.mapping]\nfile = \"{link}.toml\"\n");
    let links = [("north", &north, rules("north")), ("south", &south, rules("south"))];
    let links = links.each_ref().map(|(name, simulators, more)| (*name, *simulators, more.as_str()));
    let mut bridge = Bridge::with_links(&links, |folder| {
        for link in ["north", "south"] {
            std::fs::write(folder.join(format!("{link}.toml")), "# nothing yet\n").unwrap();
        }
    });
    for (link, simulators, user) in [("north", &north, &of_north[0]), ("south", &south, &of_south[0])] {
        bridge.logs_line(&[&format!("link=\"{link}\""), "everybody is in step"]).await;
        simulators.status(&user.agent, "At Lunch").await;
        simulators.shows(user, "Break", "OFF_QUEUE").await;
    }
    std::fs::write(bridge.folder().join("north.toml"), LUNCH_IS_A_MEAL).unwrap();
    std::fs::write(bridge.folder().join("south.toml"), LUNCH_IS_A_MEAL.replace("Meal", "Meel")).unwrap();
    refused(&mut bridge, "south.toml:4").await;
    std::fs::write(bridge.folder().join("south.toml"), "# nothing yet\n").unwrap();
    assert_eq!(reloaded(&bridge).await.0, ["north: [link.mapping] file"]);
    north.shows(&of_north[0], "Meal", "OFF_QUEUE").await;
    south.shows(&of_south[0], "Break", "OFF_QUEUE").await;
    assert_eq!((sessions(&north).await, sessions(&south).await), (1, 1));
    assert_eq!(bridge.stop().await.code, Some(0));
}
