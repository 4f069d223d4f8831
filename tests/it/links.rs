//! Several links in one process: what goes wrong with one of them is no business of the others.

use serde_json::{Value, json};

use crate::harness::{Bridge, Simulators, User};

/// Two pairs of simulators, with everybody in each in step by one bridge with two links.
async fn two_links(agents: usize, of_north: &str) -> (Simulators, Simulators, Bridge) {
    let (north, south) = tokio::join!(Simulators::idle(agents), Simulators::idle(agents));
    let mut bridge = Bridge::with_links(&[("north", &north, of_north), ("south", &south, "")], |_| ());
    bridge.logs_line(&["link=\"north\"", "everybody is in step"]).await;
    bridge.logs_line(&["link=\"south\"", "everybody is in step"]).await;
    (north, south, bridge)
}

/// What happens in a link reaches Genesys Cloud.
async fn goes_on(simulators: &Simulators, user: &User) {
    for (status, presence) in [("In a meeting", "Meeting"), ("At Lunch", "Break"), ("In a meeting", "Meeting")] {
        simulators.status(&user.agent, status).await;
        simulators.shows(user, presence, "OFF_QUEUE").await;
    }
    simulators.status(&user.agent, "Available").await;
    simulators.shows(user, "On Queue", "IDLE").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_link_replicates_its_own_agents_into_its_own_journal() {
    let (north, south, bridge) = two_links(2, "").await;
    let (of_north, of_south) = (north.users().await, south.users().await);
    north.status(&of_north[0].agent, "In a meeting").await;
    north.shows(&of_north[0], "Meeting", "OFF_QUEUE").await;
    south.status(&of_south[0].agent, "At Lunch").await;
    south.shows(&of_south[0], "Break", "OFF_QUEUE").await;
    // The agents have the same ids on both.
    north.shows(&of_north[0], "Meeting", "OFF_QUEUE").await;

    let which = bridge.command(&["journal", "verify"]).await;
    assert_eq!(which.code, Some(2), "{}", which.stderr);
    assert!(which.stderr.contains("north, south"), "{}", which.stderr);
    for link in ["north", "south"] {
        assert!(bridge.folder().join(format!("{link}.journal")).exists());
        let verified = bridge.command(&["journal", "verify", "--link", link]).await;
        assert_eq!(verified.code, Some(0), "{}{}", verified.stdout, verified.stderr);
        let report = bridge.command(&["report", "--json", "--link", link]).await;
        let report: Value = serde_json::from_str(&report.stdout).unwrap();
        assert_eq!(report["link"], link, "{report:#}");
    }
    let finished = bridge.stop().await;
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    for link in ["north", "south"] {
        let line = finished.stderr.lines().find(|line| line.contains(" stopped") && line.contains(link));
        assert!(line.is_some_and(|line| line.contains("agents=2")), "{link}: {}", finished.stderr);
    }
    for simulators in [&north, &south] {
        let requests = simulators.icws_requests().await;
        let logged_off = requests.iter().any(|(method, path)| method == "DELETE" && path.ends_with("/connection"));
        assert!(logged_off, "{requests:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_line_of_a_link_carries_its_name_at_every_level() {
    let (north, south) = tokio::join!(Simulators::idle(1), Simulators::idle(1));
    let mut bridge = Bridge::with_links(&[("north", &north, ""), ("south", &south, "")], |folder| {
        let path = folder.join("bridge.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("[log]\nlevel = \"debug\"\nformat = \"json\"\n{text}")).unwrap();
    });
    for link in ["\"north\"", "\"south\""] {
        bridge.logs_line(&[link, "everybody is in step"]).await;
    }
    let finished = bridge.stop().await;
    let lines: Vec<Value> = finished.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ours = ["replicator", "pureconnect", "genesys_cloud", "store", "bridge::link", "bridge::journal"];
    let of_links = lines.iter().filter(|line| {
        let target = line["target"].as_str().unwrap();
        ours.iter().any(|ours| target.starts_with(ours))
    });
    let nameless: Vec<&Value> = of_links.clone().filter(|line| !line["span"]["link"].is_string()).collect();
    assert_eq!(nameless, Vec::<&Value>::new());
    assert!(of_links.clone().any(|line| line["level"] == "DEBUG"), "there are lines of that level");
    let south = of_links.filter(|line| line["span"]["link"] == "south").count();
    assert!(south > 5, "{south} lines of the south");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_of_both_sides_of_one_link_does_not_touch_the_other() {
    let (north, south, mut bridge) = two_links(2, "").await;
    let (of_north, of_south) = (north.users().await, south.users().await);
    north.cloud_fault(json!({"effect": {"kind": "unavailable"}, "count": 1_000_000})).await;
    north.status(&of_north[0].agent, "In a meeting").await;
    bridge.logs_line(&["link=\"north\"", "Genesys Cloud does not take changes"]).await;
    goes_on(&south, &of_south[0]).await;
    north.icws_fault(json!({"fault": "kill-session"})).await;
    bridge.logs_line(&["link=\"north\"", "PureConnect is not connected"]).await;
    goes_on(&south, &of_south[1]).await;
    assert!(!bridge.log().lines().any(|line| line.contains("WARN") && line.contains("south")), "{}", bridge.log());
    north.cloud_heals().await;
    north.shows(&of_north[0], "Meeting", "OFF_QUEUE").await;
    assert_eq!(bridge.stop().await.code, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_guard_freezes_its_own_link_alone_and_is_confirmed_by_name() {
    let (north, south, mut bridge) = two_links(6, "[link.guard]\noffline_least = 2\n").await;
    let (of_north, of_south) = (north.users().await, south.users().await);
    let leavers: Vec<Value> =
        of_north[2..].iter().map(|user| json!({"act": "remove-user", "user": user.agent})).collect();
    north.act(Value::from(leavers)).await;
    bridge.logs_line(&["link=\"north\"", "delivery is frozen until a good snapshot comes"]).await;
    north.status(&of_north[0].agent, "In a meeting").await;
    goes_on(&south, &of_south[0]).await;

    let which = bridge.command(&["confirm"]).await;
    assert_eq!(which.code, Some(2), "{}{}", which.stdout, which.stderr);
    let other = bridge.command(&["confirm", "--link", "south"]).await;
    assert!(other.stdout.contains("Nothing is frozen"), "{}{}", other.stdout, other.stderr);
    let told = bridge.command(&["confirm", "--link", "north"]).await;
    assert!(told.stdout.contains("Confirmed"), "{}{}", told.stdout, told.stderr);
    north.shows(&of_north[0], "Meeting", "OFF_QUEUE").await;
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_is_refused_from_the_start_is_started_again_while_the_other_runs() {
    let (north, south) = tokio::join!(Simulators::idle(1), Simulators::idle(1));
    let (of_north, of_south) = (north.users().await, south.users().await);
    let mut bridge = Bridge::with_links(&[("north", &north, ""), ("south", &south, "")], |folder| {
        std::fs::write(folder.join("north.secret"), "not the secret").unwrap();
    });
    bridge.logs_line(&["this link ended and is started again", "link=\"north\"", "exit_code=77", "wait_s=10"]).await;
    bridge.logs_line(&["link=\"south\"", "everybody is in step"]).await;
    goes_on(&south, &of_south[0]).await;
    // The administrator of the organisation mends it: the next start is the first that works.
    north.cloud_command(json!({"kind": "set_secret", "secret": "not the secret"})).await;
    bridge.logs_line(&["link=\"north\"", "everybody is in step"]).await;
    goes_on(&north, &of_north[0]).await;
    let finished = bridge.stop().await;
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    assert!(!finished.stderr.contains("wait_s=20"), "{}", finished.stderr);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_ends_a_link_that_waits_to_be_started_again_together_with_the_other() {
    let (north, south) = tokio::join!(Simulators::idle(1), Simulators::idle(1));
    let mut bridge = Bridge::with_links(&[("north", &north, ""), ("south", &south, "")], |folder| {
        std::fs::write(folder.join("north.secret"), "not the secret").unwrap();
    });
    bridge.logs_line(&["this link ended and is started again", "link=\"north\""]).await;
    bridge.logs_line(&["link=\"south\"", "everybody is in step"]).await;
    let finished = bridge.stop().await;
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_with_a_wrong_table_or_broken_rules_is_left_out_and_the_other_runs() {
    let (north, south) = tokio::join!(Simulators::idle(1), Simulators::idle(1));
    let of_south = south.users().await;
    let rules = "[link.mapping]\nfile = \"north.toml\"\n[link.guard]\nofline_share = 0.5\n";
    let mut bridge = Bridge::with_links(&[("north", &north, rules), ("south", &south, "")], |folder| {
        std::fs::write(folder.join("north.toml"), "[[rule]]\nname = \"x\"\nwhen = \"always\"\npresense = \"Meal\"\n")
            .unwrap();
    });
    bridge.logs_line(&["this link is left out", "link=\"north\""]).await;
    bridge.logs("north.toml:4:1").await;
    bridge.logs("unknown key \"ofline_share\" in [link.guard]").await;
    bridge.logs_line(&["link=\"south\"", "everybody is in step"]).await;
    goes_on(&south, &of_south[0]).await;
    assert!(north.icws_requests().await.is_empty(), "nobody was asked anything");
    assert_eq!(bridge.stop().await.code, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_whose_journal_or_rules_do_not_fit_ends_alone() {
    let (north, south) = tokio::join!(Simulators::idle(1), Simulators::idle(1));
    let of_south = south.users().await;
    let west = Simulators::idle(1).await;
    let rules = "[link.mapping]\nfile = \"west.toml\"\n";
    let nowhere = "[link.journal]\npath = \"nowhere/north.journal\"\n";
    let links = [("north", &north, nowhere), ("south", &south, ""), ("west", &west, rules)];
    let mut bridge = Bridge::with_links(&links, |folder| {
        let rule = "[[rule]]\nname = \"x\"\nwhen = { message = \"Nowhere\" }\npresence = \"Meal\"\n";
        std::fs::write(folder.join("west.toml"), rule).unwrap();
    });
    bridge.logs_line(&["this link ended and is started again", "link=\"north\"", "exit_code=74"]).await;
    bridge.logs_line(&["this link ended and is started again", "link=\"west\"", "exit_code=78"]).await;
    bridge.logs_line(&["link=\"south\"", "everybody is in step"]).await;
    goes_on(&south, &of_south[0]).await;
    std::fs::create_dir(bridge.folder().join("nowhere")).unwrap();
    bridge.logs_line(&["link=\"north\"", "everybody is in step"]).await;
    assert_eq!(bridge.stop().await.code, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_no_link_is_left_the_program_ends_with_what_a_new_start_could_mend() {
    let (north, south) = tokio::join!(Simulators::idle(1), Simulators::idle(1));
    let both = |folder: &std::path::Path| {
        for link in ["north", "south"] {
            std::fs::write(folder.join(format!("{link}.secret")), "not the secret").unwrap();
        }
    };
    let refused = Bridge::with_links(&[("north", &north, ""), ("south", &south, "")], both).finish().await;
    assert_eq!(refused.code, Some(77), "{}", refused.stderr);
    let nowhere = "[link.journal]\npath = \"nowhere/north.journal\"\n";
    let mixed = Bridge::with_links(&[("north", &north, nowhere), ("south", &south, "")], both).finish().await;
    assert_eq!(mixed.code, Some(74), "{}", mixed.stderr);
    let wrong = "[link.guard]\nofline_share = 0.5\n";
    let none = Bridge::with_links(&[("north", &north, wrong), ("south", &south, wrong)], |_| ()).finish().await;
    assert_eq!(none.code, Some(78), "{}", none.stderr);
    assert_eq!(none.stderr.matches("ofline_share\" in").count(), 2, "{}", none.stderr);
}
