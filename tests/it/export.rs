//! Rows for spreadsheets and other programs.

use serde_json::Value;

use crate::harness::{Bridge, until};
use crate::report::{report, with_a_past};

async fn rows(bridge: &Bridge, more: &[&str]) -> Vec<Value> {
    let command: Vec<&str> = ["export", "--format", "jsonl", "--zone", "UTC"].iter().chain(more).copied().collect();
    let told = bridge.command(&command).await;
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    told.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_rows_are_what_the_report_counts() {
    let (_simulators, bridge, users) = with_a_past().await;
    until("everything settled", || async { (report(&bridge).await["pending"] == 0).then_some(()) }).await;
    let told = report(&bridge).await;
    let changes = rows(&bridge, &[]).await;
    assert_eq!(changes.len() as u64, told["changes"].as_u64().unwrap());
    let delivered = changes.iter().filter(|row| row["outcome"] == "delivered");
    assert_eq!(delivered.clone().count() as u64, told["delivered"].as_u64().unwrap());
    for row in delivered {
        let times = ["happened", "seen", "recorded", "sent", "accepted"];
        assert!(times.iter().all(|time| row[time].as_str().is_some_and(|time| time.ends_with('Z'))), "{row:#}");
        assert!(
            row["delay_ms"].is_i64() && row["correlation"].is_string() && row["attempts"].as_u64() >= Some(1),
            "{row:#}"
        );
    }
    let own = rows(&bridge, &["--agent", &users[0].agent.to_uppercase()]).await;
    assert!(own.iter().all(|row| row["agent"] == *users[0].agent) && own.len() < changes.len() && !own.is_empty());
    let kinds: Vec<Value> =
        rows(&bridge, &["--what", "intervals"]).await.into_iter().map(|row| row["kind"].clone()).collect();
    assert!(kinds.contains(&Value::from("target down")) && kinds.contains(&Value::from("not running")), "{kinds:?}");
    let statuses = rows(&bridge, &["--what", "statuses", "--agent", &users[0].agent]).await;
    assert!(statuses.iter().any(|row| row["presence"] == "Meeting" && row["from"].is_string()), "{statuses:#?}");
    assert_eq!(rows(&bridge, &["--what", "statuses"]).await.len(), statuses.len() * 3, "all three did the same");
    let agents = rows(&bridge, &["--what", "agents"]).await;
    assert_eq!(agents.len(), 3);
    assert!(agents.iter().all(|row| row["presence"] == "Meeting" && row["pending"] == 0), "{agents:#?}");
    assert!(rows(&bridge, &["--from", "2001-01-01", "--to", "2001-01-02"]).await.is_empty());

    let unknown = bridge.command(&["export", "--agent", "nobody"]).await;
    assert_eq!(unknown.code, Some(2), "{}", unknown.stdout);
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_there_when_it_is_complete_and_takes_the_place_of_an_older_one() {
    let (_simulators, bridge, _) = with_a_past().await;
    let file = bridge.folder().join("changes.csv");
    std::fs::write(&file, "of yesterday").unwrap();
    let told = bridge.command(&["export", "--output", file.to_str().unwrap()]).await;
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    assert!(told.stdout.is_empty() && told.stderr.contains("rows are in"), "{}", told.stderr);
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.starts_with("link,agent,facet,from,to,status,rule,happened,") && text.contains(",Meeting,"), "{text}");
    assert!(text.ends_with("\r\n"));

    // Nothing is left of what could not be written.
    let nowhere = bridge.folder().join("missing/changes.csv");
    let told = bridge.command(&["export", "--output", nowhere.to_str().unwrap()]).await;
    assert_eq!(told.code, Some(2), "{}", told.stderr);
    assert!(told.stderr.contains("failed to write"), "{}", told.stderr);
    let left: Vec<String> = std::fs::read_dir(bridge.folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with(".tmp"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_has_seen_enough_is_no_error() {
    let (_simulators, bridge, _) = with_a_past().await;
    let program = crate::harness::binary();
    let line = format!("'{}' export -c '{}' | head -n 1; exit ${{PIPESTATUS[0]}}", program.display(), bridge.config());
    let told = tokio::process::Command::new("bash").args(["-c", &line]).output().await.unwrap();
    assert_eq!(told.status.code(), Some(0), "{}", String::from_utf8_lossy(&told.stderr));
    assert!(String::from_utf8_lossy(&told.stdout).starts_with("link,agent,"));
    bridge.stop().await;
}
