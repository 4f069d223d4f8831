//! Journals that cannot be used, for whatever reason: refused with what to do, left as they are, and nothing half-done.

use std::path::Path;

use sqlx::{ConnectOptions, Connection, Executor};

use crate::harness::{Bridge, Simulators, in_step, until};

async fn sql(file: &Path, statements: &str) {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file).create_if_missing(true);
    let mut connection = options.connect().await.unwrap();
    connection.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(statements.to_owned()))).await.unwrap();
    connection.close().await.unwrap();
}

/// The bridge does not start on what is at the journal's place, says why, and leaves every byte as it is. So do the
/// commands.
async fn refused(bridge: &mut Bridge, code: i32, words: &str) {
    let before = std::fs::read(bridge.journal()).unwrap();
    bridge.restart();
    let ended = bridge.ended().await;
    assert_eq!(ended.code, Some(code), "{}", ended.stderr);
    assert!(ended.stderr.contains(words), "{words} is missing in {}", ended.stderr);
    for command in [&["journal", "verify"][..], &["journal", "export"], &["report"]] {
        let told = bridge.command(command).await;
        assert_eq!(told.code, Some(code), "{command:?}: {}", told.stderr);
    }
    assert!(std::fs::read(bridge.journal()).unwrap() == before, "it was changed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_no_journal_is_refused_and_left_alone() {
    let (_simulators, mut bridge, _) = in_step(1, "").await;
    bridge.halt().await;
    std::fs::write(bridge.journal(), "Dear diary, today nobody was late.\n".repeat(300)).unwrap();
    refused(&mut bridge, 65, "is not a journal of Presence Bridge").await;
    std::fs::remove_file(bridge.journal()).unwrap();
    sql(&bridge.journal(), "CREATE TABLE songs (title TEXT); INSERT INTO songs VALUES ('Blue');").await;
    refused(&mut bridge, 65, "is not a journal of Presence Bridge").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_journal_is_refused_and_left_alone() {
    let (_simulators, mut bridge, _) = in_step(3, "").await;
    bridge.halt().await;
    let whole = std::fs::read(bridge.journal()).unwrap();
    let mut bytes = whole.clone();
    // From the second page on: the head says that it is ours.
    for byte in bytes.iter_mut().skip(4_096) {
        *byte = 0xA5;
    }
    std::fs::write(bridge.journal(), bytes).unwrap();
    refused(&mut bridge, 65, "is damaged").await;
    for beside in ["-wal", "-shm"] {
        let beside = format!("{}{beside}", bridge.journal().display());
        assert!(!Path::new(&beside).exists(), "{beside} was made");
    }
    std::fs::write(bridge.journal(), &whole).unwrap();
    sql(&bridge.journal(), "UPDATE standing SET told = 'on' WHERE facet = 'presence'").await;
    let before = std::fs::read(bridge.journal()).unwrap();
    bridge.restart();
    let ended = bridge.ended().await;
    assert_eq!(ended.code, Some(65), "{}", ended.stderr);
    assert!(ended.stderr.contains("\"on\" is no presence"), "{}", ended.stderr);
    assert!(std::fs::read(bridge.journal()).unwrap() == before, "it was changed");
    assert_eq!(bridge.command(&["journal", "verify"]).await.code, Some(65));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_journal_that_is_damaged_under_a_running_bridge_ends_it_as_damaged() {
    let (simulators, mut bridge, users) = in_step(1, "").await;
    sql(&bridge.journal(), "ALTER TABLE entry RENAME TO gone").await;
    simulators.status(&users[0].agent, "In a meeting").await;
    let ended = bridge.ended().await;
    assert_eq!(ended.code, Some(65), "{}", ended.stderr);
    assert!(ended.stderr.contains("is damaged (no such table"), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_file_is_taken_for_a_new_journal_with_a_warning() {
    let (_simulators, mut bridge, _) = in_step(1, "").await;
    assert!(!bridge.log().contains("was empty"), "there was no file: {}", bridge.log());
    bridge.halt().await;
    std::fs::write(bridge.journal(), "").unwrap();
    bridge.restart();
    bridge.logs("everybody is in step").await;
    assert!(bridge.log().contains("the journal's file was empty"), "{}", bridge.log());
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_journal_of_a_newer_program_is_refused_and_left_alone() {
    let (_simulators, mut bridge, _) = in_step(1, "").await;
    bridge.halt().await;
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                 VALUES (99, 'of tomorrow', 1, x'00', 0)";
    sql(&bridge.journal(), newer).await;
    refused(&mut bridge, 65, "has schema version 99").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_journal_that_somebody_wrote_to_is_found_out() {
    let (_simulators, mut bridge, _) = in_step(1, "").await;
    bridge.halt().await;
    bridge.verifies().await;
    let forged = "UPDATE entry SET to_value = 'Available' WHERE kind = 'recorded' AND facet = 'presence'";
    sql(&bridge.journal(), forged).await;
    let text = bridge.command(&["journal", "verify"]).await;
    assert_eq!(text.code, Some(65), "{}", text.stdout);
    assert!(text.stdout.contains("finding") && text.stdout.contains("entry "), "{}", text.stdout);
    let json = bridge.command(&["journal", "verify", "--json"]).await;
    let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(json["clean"], false);
    let findings = json["findings"].as_array().unwrap();
    assert!(findings.iter().all(|one| one["flaw"].is_string() && one["what"].is_string()), "{json:#}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_journal_goes_back_by_one_version_and_forward_again() {
    let (simulators, mut bridge, users) = in_step(1, "").await;
    bridge.halt().await;
    let back = bridge.command(&["journal", "migrate", "--down"]).await;
    assert_eq!(back.code, Some(0), "{}", back.stderr);
    let older = bridge.command(&["journal", "verify"]).await;
    assert_eq!(older.code, Some(65));
    assert!(older.stderr.contains("start the bridge once"), "{}", older.stderr);
    bridge.restart();
    bridge.logs("everybody is in step").await;
    simulators.status(&users[0].agent, "In a meeting").await;
    simulators.shows(&users[0], "Meeting", "OFF_QUEUE").await;
    bridge.verifies().await;
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_bridges_do_not_share_a_journal() {
    let (simulators, bridge, users) = in_step(1, "").await;
    let more = format!("[journal]\npath = {:?}\n", bridge.journal().to_str().unwrap());
    let second = Bridge::start(&simulators, &more).finish().await;
    assert_eq!(second.code, Some(74), "{}", second.stderr);
    assert!(second.stderr.contains("in use by another bridge"), "{}", second.stderr);
    simulators.status(&users[0].agent, "In a meeting").await;
    simulators.shows(&users[0], "Meeting", "OFF_QUEUE").await;
    bridge.verifies().await;
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_place_that_cannot_be_written_is_told() {
    let simulators = Simulators::idle(1).await;
    let nowhere = Bridge::start(&simulators, "[journal]\npath = \"nowhere/bridge.journal\"\n").finish().await;
    assert_eq!(nowhere.code, Some(74), "{}", nowhere.stderr);
    assert!(nowhere.stderr.contains("nowhere/bridge.journal"), "{}", nowhere.stderr);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_need_a_journal_that_is_there() {
    let (_simulators, bridge, _) = in_step(1, "").await;
    let other = bridge.command(&["report", "--link", "north"]).await;
    assert_eq!(other.code, Some(2));
    assert!(other.stderr.contains("knows no link \"north\"; it has \"default\""), "{}", other.stderr);
    let missing = crate::harness::presence_bridge(&["report", "--journal", "/nowhere/bridge.journal"]).await;
    assert_eq!(missing.code, Some(2));
    assert!(missing.stderr.contains("there is no journal at /nowhere"), "{}", missing.stderr);
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_ends_it_with_its_code_and_with_room_again_it_goes_on() {
    let (simulators, mut bridge, users) = in_step(3, "").await;
    bridge.halt().await;
    let size = std::fs::metadata(bridge.journal()).unwrap().len();
    bridge.restart_cramped(size / 1_024 + 64);
    bridge.logs("everybody is in step").await;
    let running = std::cell::Cell::new(0);
    let filling = async {
        loop {
            let status = ["In a meeting", "At Lunch"][running.get() % 2];
            running.set(running.get() + 1);
            for user in &users {
                simulators.status(&user.agent, status).await;
            }
        }
    };
    let ended = tokio::select! {
        ended = bridge.ended() => ended,
        () = filling => unreachable!("the loop has no end"),
    };
    assert_eq!(ended.code, Some(74), "after {} rounds: {}", running.get(), ended.stderr);
    let story = ended.stderr.split_once("Error:").unwrap().1;
    let first = story.lines().find(|line| !line.trim().is_empty()).unwrap();
    assert!(first.contains("failed to write to the journal") && first.contains("presence-bridge.journal"), "{story}");
    assert_eq!(story.matches("(code").count(), 1, "what the database says is said once: {story}");
    assert_eq!(story.matches("to keep the journal").count(), 0, "{story}");
    bridge.verifies().await;

    for user in &users {
        simulators.status(&user.agent, "Gone Home").await;
    }
    bridge.restart();
    for user in &users {
        simulators.shows(user, "Away", "OFF_QUEUE").await;
    }
    until("everything settled", || async {
        let entries = bridge.entries().await;
        let of =
            |kinds: &[&str]| entries.iter().filter(|entry| kinds.contains(&entry["kind"].as_str().unwrap())).count();
        (of(&["recorded"]) == of(&["accepted", "dropped"])).then_some(())
    })
    .await;
    bridge.verifies().await;
    bridge.stop().await;
}
