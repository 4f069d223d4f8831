//! `simulate fault`: what is broken by name breaks, is told with what should come of it, and ends; and the demo as a tour
//! whose commands work as they are printed.

use serde_json::Value;
use simulator::faults::{NAMED, Span};

use crate::harness::{Finished, Process, Simulators, client, in_step, presence_bridge, until};

/// Breaks these simulators.
async fn fault(simulators: &Simulators, what: &[&str]) -> Finished {
    let mut arguments = vec!["simulate", "fault"];
    arguments.extend(what);
    arguments.extend(["--icws", &simulators.icws, "--cloud", &simulators.cloud]);
    presence_bridge(&arguments).await
}

/// What the API says of the only link.
async fn report(console: &str) -> Value {
    let answer = client().get(format!("{console}/api/v1/links/default")).send().await.unwrap();
    let link: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    link["report"].clone()
}

async fn until_report(console: &str, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    until(what, || async { Some(report(console).await).filter(|report| !report.is_null() && is_so(report)) }).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_cloud_is_down_changes_wait_and_afterwards_nothing_is_lost() {
    let (simulators, mut bridge, users) = in_step(3, "").await;
    let console = bridge.console().await;
    let told = fault(&simulators, &["cloud-down"]).await;
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    assert!(told.stdout.contains("cloud-down: Genesys Cloud answers 503") && told.stdout.contains("Expected:"));
    assert!(told.stdout.contains("simulate fault clear --icws http://"), "{}", told.stdout);

    simulators.status(&users[0].agent, "In a meeting").await;
    simulators.status(&users[1].agent, "At Lunch").await;
    let down = until_report(&console, "the cloud is down", |report| report["sink_up"] == false).await;
    assert_ne!(down["backlog"], 0, "{down:#}");
    until_report(&console, "an open gap", |report| report["gaps"].as_array().is_some_and(|gaps| !gaps.is_empty()))
        .await;

    let over = fault(&simulators, &["clear"]).await;
    assert_eq!((over.code, over.stdout.as_str()), (Some(0), "Every fault is over.\n"), "{}", over.stderr);
    simulators.shows(&users[0], "Meeting", "OFF_QUEUE").await;
    simulators.shows(&users[1], "Break", "OFF_QUEUE").await;
    let up = until_report(&console, "everybody in step", |report| report["synced"] == 3).await;
    assert_eq!((&up["sink_up"], &up["backlog"]), (&true.into(), &0.into()), "{up:#}");
    bridge.verifies().await;
    assert_eq!(bridge.stop().await.code, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_ends_by_itself_when_it_is_told_for_how_long() {
    let simulators = Simulators::start(&["--idle", "--agents", "1", "--speed", "60"]).await;
    let told = fault(&simulators, &["events-forbidden", "--for", "200ms"]).await;
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    assert!(told.stdout.contains("It lasts 200ms here, which is 12s of the simulated day."), "{}", told.stdout);
    assert!(told.stdout.ends_with("events-forbidden is over.\n"), "{}", told.stdout);
    let left = client().get(format!("{}/_simulator/faults", simulators.cloud)).send().await.unwrap();
    assert_eq!(left.text().await.unwrap(), "[]");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ctrl_c_ends_a_fault_before_its_time() {
    let simulators = Simulators::idle(1).await;
    let mut breaking =
        Process::start(&["simulate", "fault", "cloud-down", "--for", "8h", "--cloud", &simulators.cloud]);
    breaking.prints("It lasts 8h here").await;
    breaking.signal("INT").await;
    let finished = breaking.finish().await;
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    assert!(finished.stdout.ends_with("cloud-down is over.\n"), "{}", finished.stdout);
    let left = client().get(format!("{}/_simulator/faults", simulators.cloud)).send().await.unwrap();
    assert_eq!(left.text().await.unwrap(), "[]");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_no_simulator_is_nothing_is_broken_and_it_is_said() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    for (what, code, words) in [
        (vec!["cloud-down"], 69, "nothing answers at"),
        (vec!["stream-cut"], 69, "nothing answers at"),
        (vec!["clear"], 69, "nothing answers at"),
        (vec!["clear", "--for", "1s"], 2, "leave --for out"),
        (vec!["token-refused", "--for", "1s"], 2, "happens in a moment"),
        (vec!["cloud-dwn"], 2, "cloud-down"),
    ] {
        let mut arguments = vec!["simulate", "fault"];
        arguments.extend(&what);
        arguments.extend(["--icws", &nobody, "--cloud", &nobody]);
        let told = presence_bridge(&arguments).await;
        assert_eq!(told.code, Some(code), "{what:?}: {}", told.stderr);
        assert!(told.stderr.contains(words), "{what:?}: {}", told.stderr);
    }
    let list = presence_bridge(&["simulate", "fault", "--list"]).await;
    assert!(NAMED.iter().all(|fault| list.stdout.contains(fault.name)), "{}", list.stdout);
}

/// The demo, with its console at a free address, and where that is.
async fn demo(more: &[&str]) -> (Process, String, String) {
    let mut arguments = vec!["demo", "--agents", "20", "--console", "127.0.0.1:0"];
    arguments.extend(more);
    let mut demo = Process::start(&arguments);
    let printed = demo.prints("report --journal").await;
    let console = printed.lines().next().unwrap().strip_prefix("The console is at ").unwrap().trim_end_matches('/');
    let console = console.to_owned();
    (demo, printed, console)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_says_where_its_console_is_and_every_page_and_command_of_the_tour_works() {
    let (mut demo, printed, console) = demo(&[]).await;
    until_report(&console, "the link runs", |report| report["agents"] == 20).await;
    let words = |line: &str| line.split_whitespace().skip(1).map(str::to_owned).collect::<Vec<_>>();
    let mut pages = 0;
    for page in printed.lines().filter(|line| line.contains(&console)).skip(1).map(words) {
        let answer = client().get(&page[0]).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{page:?}");
        pages += 1;
    }
    assert_eq!(pages, 3, "{printed}");
    let commands: Vec<Vec<String>> =
        printed.lines().filter(|line| line.contains("simulate fault")).map(words).collect();
    assert_eq!(commands.len(), 5, "{printed}");
    for command in commands {
        // What comes first is how the program was called; a test is not that patient.
        let command: Vec<&str> = command[1..].iter().map(|word| if word == "20s" { "1s" } else { word }).collect();
        let told = presence_bridge(&command).await;
        assert_eq!(told.code, Some(0), "{command:?}: {}", told.stderr);
    }
    let healthy = |report: &Value| report["sink_up"] == true && report["frozen"].is_null() && report["synced"] == 20;
    until_report(&console, "everybody in step again", healthy).await;
    demo.signal("INT").await;
    let finished = demo.finish().await;
    assert_eq!(finished.stderr.matches("panicked").count(), 0, "{}", finished.stderr);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_bridge_outlives_every_fault() {
    let (mut demo, printed, console) = demo(&[]).await;
    until_report(&console, "everybody in step", |report| report["synced"] == 20).await;
    let (_, rest) = printed.split_once("PureConnect is simulated at ").unwrap();
    let (icws, rest) = rest.split_once(", Genesys Cloud at ").unwrap();
    let (cloud, _) = rest.split_once(".\n").unwrap();
    for named in &NAMED {
        let mut arguments = vec!["simulate", "fault", named.name, "--icws", icws, "--cloud", cloud];
        if named.span != Span::Moment {
            arguments.extend(["--for", "500ms"]);
        }
        let told = presence_bridge(&arguments).await;
        assert_eq!(told.code, Some(0), "{}: {}", named.name, told.stderr);
        until_report(&console, &format!("everybody in step after {}", named.name), |report| {
            report["sink_up"] == true && report["frozen"].is_null() && report["synced"] == 20
        })
        .await;
    }
    demo.signal("INT").await;
    assert!(!demo.finish().await.stderr.contains("panicked"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_demo_takes_free_ports_where_the_usual_ones_are_taken_and_does_without_a_console() {
    let (mut first, first_printed, _) = demo(&[]).await;
    let (mut second, second_printed, _) = demo(&[]).await;
    let simulators = |text: &str| text.lines().find(|line| line.contains("is simulated at")).unwrap().to_owned();
    assert_ne!(simulators(&first_printed), simulators(&second_printed));
    let without = presence_bridge(&["demo", "--no-console", "--agents", "5", "--exit-after", "5m", "--json"]).await;
    assert_eq!(without.code, Some(0), "{}", without.stderr);
    assert!(!without.stdout.contains("console") && !without.stdout.contains("simulate fault"), "{}", without.stdout);
    let taken = first_printed.lines().next().unwrap().rsplit("//").next().unwrap().trim_end_matches('/').to_owned();
    let refused = presence_bridge(&["demo", "--console", &taken, "--agents", "5"]).await;
    assert_eq!(refused.code, Some(78), "{}", refused.stderr);
    assert!(refused.stderr.contains("the console cannot have its address"), "{}", refused.stderr);
    for demo in [&mut first, &mut second] {
        demo.signal("TERM").await;
        demo.finish().await;
    }
}
