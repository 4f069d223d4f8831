//! The live screen: once as text here; how it looks on a terminal is in the screens of `bridge`.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::harness::{Bridge, in_step, until};

/// Asks the control socket.
async fn ask(bridge: &Bridge, request: Value) -> Vec<Value> {
    let socket = bridge.folder().join("presence-bridge.socket");
    let mut stream = tokio::net::UnixStream::connect(socket).await.unwrap();
    stream.write_all(format!("{request}\n").as_bytes()).await.unwrap();
    let mut told = String::new();
    stream.read_to_string(&mut told).await.unwrap();
    told.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_picture_shows_the_links_and_the_agents_who_are_not_in_step() {
    let (simulators, mut bridge, users) = in_step(3, "").await;
    let told = bridge.command(&["top", "--once"]).await;
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    for words in ["Presence Bridge", "default", "3 / 3", "connected", "Everybody who has a user is in step"] {
        assert!(told.stdout.contains(words), "{words} is missing in:\n{}", told.stdout);
    }
    simulators.cloud_fault(json!({"effect": {"kind": "unavailable"}, "count": u32::MAX})).await;
    simulators.status(&users[1].agent, "In a meeting").await;
    // The output is no terminal: it is one picture also without being asked for.
    until("the agent on the screen", || async {
        let told = bridge.command(&["top"]).await.stdout;
        (told.contains(&users[1].agent) && told.contains("→ Meeting") && told.contains("2 / 3")).then_some(())
    })
    .await;
    assert!(!bridge.command(&["top"]).await.stdout.contains('\u{1b}'), "no colours and no cursor outside a terminal");
    let told = bridge.command(&["top", "--link", "elsewhere"]).await;
    assert_eq!(told.code, Some(2), "{}", told.stdout);
    simulators.cloud_heals().await;
    bridge.halt().await;
    let told = bridge.command(&["top"]).await;
    assert_eq!(told.code, Some(69), "{}", told.stdout);
    assert!(told.stderr.contains("no bridge is running here"), "{}", told.stderr);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_socket_tells_of_those_who_are_not_in_step_alone_and_no_more_than_asked_for() {
    let (simulators, bridge, users) = in_step(4, "").await;
    let request = |at_most: usize| json!({"command": "agents", "only": "not-in-step", "at_most": at_most});
    assert_eq!(ask(&bridge, request(10)).await.len(), 2, "the link, and that it is complete");
    simulators.cloud_fault(json!({"effect": {"kind": "unavailable"}, "count": u32::MAX})).await;
    for user in &users[..3] {
        simulators.status(&user.agent, "In a meeting").await;
    }
    until("three who are not in step", || async { (ask(&bridge, request(10)).await.len() == 5).then_some(()) }).await;
    assert_eq!(ask(&bridge, request(2)).await.len(), 4);
    for (wrong, why) in [
        (json!({"command": "agents", "only": "in-step"}), "not a request"),
        (json!({"command": "report", "only": "not-in-step"}), "are about agents"),
        (json!({"command": "agents", "at_most": 3}), "goes with"),
    ] {
        let told = ask(&bridge, wrong.clone()).await;
        assert_eq!(told[0]["failed"]["kind"], "request", "{wrong}: {told:?}");
        assert!(told[0]["failed"]["error"].as_str().unwrap().contains(why), "{wrong}: {told:?}");
    }
    simulators.cloud_heals().await;
    bridge.stop().await;
}
