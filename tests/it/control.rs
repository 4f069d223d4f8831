//! The operator's word to the running bridge.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;

use serde_json::{Value, json};

use crate::harness::{Bridge, Simulators, config, in_step, presence_bridge};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_snapshot_that_is_short_and_right_is_confirmed_and_delivery_goes_on() {
    let (simulators, mut bridge, users) = in_step(6, "[guard]\noffline_least = 2\n").await;
    let nothing = bridge.command(&["confirm"]).await;
    assert_eq!(nothing.code, Some(0), "{}", nothing.stderr);
    assert!(nothing.stdout.contains("Nothing is frozen"), "{}", nothing.stdout);

    // Two of three teams are dissolved, which looks like a server that has lost its users.
    let leavers: Vec<Value> = users[2..].iter().map(|user| json!({"act": "remove-user", "user": user.agent})).collect();
    simulators.act(Value::from(leavers)).await;
    bridge.logs("delivery is frozen until a good snapshot comes").await;
    assert!(bridge.log().contains("presence-bridge confirm"), "the log names the command: {}", bridge.log());
    simulators.status(&users[0].agent, "In a meeting").await;

    let told = bridge.command(&["confirm"]).await;
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    assert!(
        told.stdout.contains("Confirmed") && told.stdout.contains("2 agents where there were 6"),
        "{}",
        told.stdout
    );
    bridge.logs("delivery goes on").await;
    simulators.shows(&users[0], "Meeting", "OFF_QUEUE").await;

    let again = bridge.command(&["confirm", "--json"]).await;
    assert_eq!(serde_json::from_str::<Value>(&again.stdout).unwrap(), json!({"answer": "nothing-frozen"}));
    assert_eq!(bridge.stop().await.code, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_status_messages_no_word_helps_and_the_answer_says_what_does() {
    let (simulators, mut bridge, _) = in_step(2, "").await;
    let every: Vec<Value> = simulator::icws::catalogue::shipped()
        .into_iter()
        .map(|message| json!({"act": "remove-status-message", "status": message.status_id}))
        .collect();
    simulators.act(Value::from(every)).await;
    simulators.icws_fault(json!({"fault": "kill-session"})).await;
    bridge.logs("the snapshot shows no status messages").await;
    let told = bridge.command(&["confirm"]).await;
    assert_eq!(told.code, Some(3), "{}", told.stdout);
    assert!(told.stdout.contains("cannot be confirmed") && told.stdout.contains("What to do:"), "{}", told.stdout);
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_no_bridge_runs_there_is_nobody_to_tell() {
    let simulators = Simulators::idle(1).await;
    let folder = tempfile::tempdir().unwrap();
    let path = config(folder.path(), &simulators, "");
    let told = presence_bridge(&["confirm", "-c", path.to_str().unwrap()]).await;
    assert_eq!(told.code, Some(69));
    assert!(told.stderr.contains("no bridge is running here"), "{}", told.stderr);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_socket_is_its_users_alone_and_gone_after_an_orderly_stop() {
    let (_simulators, mut bridge, _) = in_step(1, "").await;
    let socket = bridge.folder().join("presence-bridge.socket");
    let mode = std::fs::metadata(&socket).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    bridge.halt().await;
    assert!(!socket.exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_socket_of_a_bridge_that_was_killed_is_replaced() {
    let (_simulators, mut bridge, _) = in_step(1, "").await;
    bridge.kill().await;
    assert!(bridge.folder().join("presence-bridge.socket").exists(), "kill -9 leaves it behind");
    bridge.restart();
    bridge.logs("everybody is in step").await;
    let told = bridge.command(&["confirm"]).await;
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_bridge_on_the_same_socket_is_refused_and_the_first_goes_on() {
    let (simulators, bridge, users) = in_step(1, "").await;
    let socket = bridge.folder().join("presence-bridge.socket");
    let other = format!("[control]\nsocket = {:?}\n", socket.to_str().unwrap());
    let second = Bridge::start(&simulators, &other).finish().await;
    assert_eq!(second.code, Some(78), "{}", second.stderr);
    assert!(second.stderr.contains("another bridge is running here"), "{}", second.stderr);
    let told = bridge.command(&["confirm"]).await;
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    simulators.status(&users[0].agent, "In a meeting").await;
    simulators.shows(&users[0], "Meeting", "OFF_QUEUE").await;
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_else_listens_there_is_not_taken_for_a_bridge() {
    let simulators = Simulators::idle(1).await;
    let folder = tempfile::tempdir().unwrap();
    let path = config(folder.path(), &simulators, "");
    let other = UnixListener::bind(folder.path().join("presence-bridge.socket")).unwrap();
    let rude = std::thread::spawn(move || {
        use std::io::{BufRead, BufReader, Write};
        let (mut stream, _) = other.accept().unwrap();
        BufReader::new(&stream).read_line(&mut String::new()).unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
    });
    let told = presence_bridge(&["confirm", "-c", path.to_str().unwrap()]).await;
    rude.join().unwrap();
    assert_eq!(told.code, Some(69));
    assert!(told.stderr.contains("is no Presence Bridge"), "{}", told.stderr);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_is_lines_of_json_that_end_with_their_number_and_tells_no_secret() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let (simulators, bridge, _) = in_step(3, "").await;
    let messages = simulator::icws::catalogue::shipped().len();
    for (command, first, lines) in
        [("report", "link", 1), ("agents", "link", 4), ("catalogue", "status-message", messages)]
    {
        let socket = bridge.folder().join("presence-bridge.socket");
        let mut stream = tokio::net::UnixStream::connect(socket).await.unwrap();
        stream.write_all(json!({"command": command}).to_string().as_bytes()).await.unwrap();
        stream.write_all(b"\n").await.unwrap();
        let mut told = String::new();
        stream.read_to_string(&mut told).await.unwrap();
        let told_lines: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(told_lines[0].get(first).is_some(), "{told}");
        let count = told_lines.len() - 1;
        assert_eq!(told_lines[count], json!({"complete": {"lines": count}}), "{told}");
        assert_eq!(count, lines, "{command}: {told}");
        for secret in [&simulators.icws_password, &simulators.client_secret] {
            assert!(!told.contains(secret.as_str()), "a secret is in the answer");
        }
    }
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_does_not_exist_is_a_mistake_in_the_command_and_a_reload_needs_a_bridge() {
    let (_simulators, mut bridge, _) = in_step(1, "").await;
    for command in ["users", "confirm"] {
        let told = bridge.command(&[command, "--link", "elsewhere"]).await;
        assert_eq!(told.code, Some(2), "{}", told.stderr);
        assert!(told.stderr.contains("there is no link \"elsewhere\"; there is \"default\""), "{}", told.stderr);
    }
    let told = bridge.command(&["reload"]).await;
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    assert!(told.stdout.contains("nothing differs"), "{}", told.stdout);
    bridge.halt().await;
    let told = bridge.command(&["reload"]).await;
    assert_eq!(told.code, Some(69), "{}", told.stdout);
    assert!(told.stderr.contains("no bridge is running here"), "{}", told.stderr);
}
