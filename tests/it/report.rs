//! What people and programs read of the journal: the report, the documented queries, and never a secret.

use serde_json::{Value, json};
use sqlx::{ConnectOptions, Connection, Row, SqliteConnection};

use crate::harness::{Bridge, Simulators, User, presence_bridge, until};

/// Genesys Cloud takes nothing, until it heals.
fn outage() -> Value {
    json!({"effect": {"kind": "unavailable"}, "count": u32::MAX})
}

/// A bridge with an eventful past: an outage of Genesys Cloud, a kill, and a new start.
pub async fn with_a_past() -> (Simulators, Bridge, Vec<User>) {
    let simulators = Simulators::idle(3).await;
    let mut bridge = Bridge::start(&simulators, "[replication]\nlate_after = \"100ms\"\n");
    let users = simulators.users().await;
    for user in &users {
        simulators.shows(user, "On Queue", "IDLE").await;
    }
    bridge.logs("everybody is in step").await;
    simulators.cloud_fault(outage()).await;
    for user in &users {
        simulators.status(&user.agent, "In a meeting").await;
    }
    until("the gap in the journal", || async {
        let report = report(&bridge).await;
        let kinds: Vec<&Value> = report["gaps"].as_array().unwrap().iter().map(|gap| &gap["kind"]).collect();
        (kinds.contains(&&Value::from("target down")) && report["pending"].as_u64() >= Some(6)).then_some(())
    })
    .await;
    bridge.kill().await;
    simulators.cloud_heals().await;
    bridge.restart();
    for user in &users {
        simulators.shows(user, "Meeting", "OFF_QUEUE").await;
    }
    bridge.logs("everybody is in step").await;
    (simulators, bridge, users)
}

pub async fn report(bridge: &Bridge) -> Value {
    let told = bridge.command(&["report", "--json"]).await;
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    serde_json::from_str(&told.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_report_says_when_to_rely_on_it_how_many_and_how_late() {
    let (_simulators, mut bridge, _) = with_a_past().await;
    until("everything settled", || async { (report(&bridge).await["pending"] == 0).then_some(()) }).await;
    let told = report(&bridge).await;
    let gaps = told["gaps"].as_array().unwrap();
    for kind in ["target down", "not running"] {
        let gap = gaps.iter().find(|gap| gap["kind"] == kind).unwrap_or_else(|| panic!("{kind}: {told:#}"));
        assert!(gap["until"].is_string() && gap["seconds"].as_f64() > Some(0.0), "{gap}");
        assert!(gap["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{gap}");
    }
    let share = told["trusted_share"].as_f64().unwrap();
    assert!(share > 0.0 && share < 1.0, "{share}");
    let count = |key: &str| told[key].as_u64().unwrap_or_else(|| panic!("{key}: {told:#}"));
    assert_eq!(count("changes"), count("delivered") + count("dropped"), "{told:#}");
    assert!(count("delivered") >= 12, "three agents, two facets, two values: {told:#}");
    assert!(count("failed_attempts") >= 1, "{told:#}");
    let delay = |key: &str| told["delay_ms"][key].as_u64().unwrap();
    assert!(delay("p50") <= delay("p95") && delay("p95") <= delay("p99") && delay("p99") <= delay("max"), "{told:#}");

    let text = bridge.command(&["report", "--zone", "UTC"]).await.stdout;
    for words in ["All times are UTC.", "trusted", "target down", "not running", "failed attempts", "p95", "duration"] {
        assert!(text.contains(words), "{words} is missing in:\n{text}");
    }
    // Of a period before all that, or in the wrong order, there is nothing to say.
    let early = bridge.command(&["report", "--to", "2001-01-01"]).await;
    assert_eq!(early.code, Some(2), "{}", early.stdout);
    assert!(early.stderr.contains("the journal begins at"), "{}", early.stderr);

    bridge.halt().await;
    let stopped = report(&bridge).await;
    let last = stopped["gaps"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["kind"], &last["until"]), (&Value::from("not running"), &Value::Null), "{stopped:#}");
}

/// The queries of the documentation, with the words before each.
fn documented() -> Vec<String> {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/journal.md")).unwrap();
    let blocks = text.split("```sql\n").skip(1);
    blocks.map(|block| block.split("```").next().unwrap().to_owned()).collect()
}

async fn open(bridge: &Bridge) -> SqliteConnection {
    sqlx::sqlite::SqliteConnectOptions::new().filename(bridge.journal()).read_only(true).connect().await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_time_in_which_agents_were_wrong_is_told_by_agent_and_by_day() {
    let (_simulators, bridge, users) = with_a_past().await;
    until("everything settled", || async { (report(&bridge).await["pending"] == 0).then_some(()) }).await;
    let told = bridge.command(&["report", "--json", "--by-day", "--zone", "Europe/Berlin"]).await;
    let told: Value = serde_json::from_str(&told.stdout).unwrap();
    let wrong = |part: &Value| part["wrong"]["agent_seconds"].as_f64().unwrap();
    // The outage and the restart: nobody's meeting was shown meanwhile.
    assert!(wrong(&told) > 0.0 && told["wrong"]["share"].as_f64().unwrap() <= 1.0, "{told:#}");
    let worst: Vec<&str> =
        told["worst_agents"].as_array().unwrap().iter().map(|one| one["agent"].as_str().unwrap()).collect();
    assert_eq!(worst.len(), 3, "{told:#}");
    assert!(users.iter().all(|user| worst.contains(&user.agent.as_str())), "{worst:?}");
    let days = told["days"].as_array().unwrap();
    let sum = |key: &str| days.iter().map(|day| day[key].as_u64().unwrap()).sum::<u64>();
    assert_eq!(sum("changes"), told["changes"].as_u64().unwrap(), "the days are all of it: {told:#}");
    let by_day: f64 = days.iter().map(wrong).sum();
    assert!((by_day - wrong(&told)).abs() < 0.001, "{told:#}");
    for key in ["delay_ms", "delay_since_happened_ms"] {
        assert!(told[key]["p99"].as_u64() <= told[key]["max"].as_u64(), "{told:#}");
    }
    // An agent's own history says the same.
    let history = bridge.command(&["history", worst[0], "--from", "2001-01-01", "--to", "now", "--json"]).await;
    let history: Value = serde_json::from_str(&history.stdout).unwrap();
    assert!(!history["differences"].as_array().unwrap().is_empty(), "{history:#}");
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_documented_queries_are_answered_while_the_bridge_runs() {
    let (_simulators, bridge, users) = with_a_past().await;
    until("everything settled", || async { (report(&bridge).await["pending"] == 0).then_some(()) }).await;
    let mut connection = open(&bridge).await;
    let queries = documented();
    assert!(queries.len() >= 6, "{}", queries.len());
    for query in queries {
        // The documentation speaks of somebody else, on another day.
        let here = query.replace("jane.doe", &users[0].agent).replace("2026-03-02", "20");
        let rows = sqlx::query(sqlx::AssertSqlSafe(here.clone())).fetch_all(&mut connection).await;
        let rows = rows.unwrap_or_else(|error| panic!("{error}:\n{here}"));
        assert!(!rows.is_empty(), "nothing came of:\n{here}");
    }
    connection.close().await.unwrap();
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_column_of_the_views_is_documented() {
    let (_simulators, bridge, _) = with_a_past().await;
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/journal.md")).unwrap();
    let mut connection = open(&bridge).await;
    let names = "SELECT m.name AS view, c.name AS column FROM sqlite_master m, pragma_table_info(m.name) c \
                 WHERE m.type IN ('view', 'table') AND m.name NOT LIKE '\\_sqlx%' ESCAPE '\\'";
    let columns = sqlx::query(names).fetch_all(&mut connection).await.unwrap();
    assert!(columns.len() > 40, "{}", columns.len());
    let mut missing = Vec::new();
    for row in columns {
        let (view, column): (String, String) = (row.get(0), row.get(1));
        let section = text.split("\n### ").find(|section| section.starts_with(&format!("`{view}`")));
        let documented = section.is_some_and(|section| section.contains(&format!("`{column}`")));
        if !documented {
            missing.push(format!("{view}.{column}"));
        }
    }
    assert_eq!(missing, Vec::<String>::new());
    connection.close().await.unwrap();
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_in_the_journal_or_in_anything_that_is_told() {
    let (simulators, mut bridge, _) = with_a_past().await;
    simulators.cloud_command(json!({"kind": "revoke_tokens"})).await;
    let told = [
        bridge.command(&["report"]).await,
        bridge.command(&["report", "--json"]).await,
        bridge.command(&["journal", "export"]).await,
        bridge.command(&["journal", "verify", "--json"]).await,
        bridge.command(&["confirm", "--json"]).await,
    ];
    let mut shown: Vec<Vec<u8>> =
        told.into_iter().flat_map(|told| [told.stdout.into_bytes(), told.stderr.into_bytes()]).collect();
    // While it runs, the newest is in the write-ahead log.
    for beside in ["", "-wal", ".lock"] {
        shown.push(std::fs::read(format!("{}{beside}", bridge.journal().display())).unwrap());
    }
    let ended = bridge.halt().await;
    shown.extend([ended.stdout.into_bytes(), ended.stderr.into_bytes(), std::fs::read(bridge.journal()).unwrap()]);
    for secret in [&simulators.icws_password, &simulators.client_secret] {
        assert!(secret.len() >= 6, "long enough to be looked for");
        for text in &shown {
            let found = text.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "a secret shows in {}", String::from_utf8_lossy(text));
        }
    }
    for text in &shown {
        assert!(!String::from_utf8_lossy(text).contains("Bearer "), "a token shows");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_journal_of_a_demo_can_be_kept_and_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("day.journal");
    let file = file.to_str().unwrap();
    let day = ["demo", "--agents", "20", "--speed", "240", "--exit-after", "1h", "--journal", file];
    let demo = presence_bridge(&day).await;
    assert_eq!(demo.code, Some(0), "{}{}", demo.stdout, demo.stderr);
    let verified = presence_bridge(&["journal", "verify", "--journal", file]).await;
    assert_eq!(verified.code, Some(0), "{}{}", verified.stdout, verified.stderr);
    let told = presence_bridge(&["report", "--journal", file, "--json"]).await;
    let told: Value = serde_json::from_str(&told.stdout).unwrap();
    assert!(told["delivered"].as_u64() > Some(100), "{told:#}");
    let again = presence_bridge(&day).await;
    assert_eq!(again.code, Some(2), "a journal is not overwritten by another day: {}", again.stderr);
}
