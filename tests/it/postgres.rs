//! A journal in PostgreSQL instead of a file, through the binary: the same promises, and the ways between the two.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};
use sqlx::{ConnectOptions, Connection, Executor};

use crate::harness::{Bridge, Finished, Simulators, User, in_step, presence_bridge, until};

/// Where `cargo xtask test` has a server.
const SERVER: &str = "PRESENCE_BRIDGE_POSTGRES";

/// An empty database of the test's own, and the folder with the file that its address is in.
struct Database {
    server: String,
    name: String,
    password: String,
    folder: tempfile::TempDir,
}

impl Database {
    async fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let server = std::env::var(SERVER)
            .unwrap_or_else(|_| panic!("{SERVER} is not set: run `cargo xtask test`, which starts a server"));
        let name = format!("it_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        execute(&server, &format!("CREATE DATABASE {name}")).await;
        let url = url::Url::parse(&server).unwrap();
        let password = url.password().unwrap().to_owned();
        let folder = tempfile::tempdir().unwrap();
        let database = Self { server, name, password, folder };
        std::fs::write(database.folder.path().join("url"), database.url()).unwrap();
        database
    }

    fn url(&self) -> String {
        let (server, _) = self.server.rsplit_once('/').unwrap();
        format!("{server}/{}", self.name)
    }

    /// The section of a configuration whose journal this is.
    fn journal(&self) -> String {
        format!("[journal]\nurl = {{ file = {:?} }}\n", self.folder.path().join("url").to_str().unwrap())
    }

    /// A bridge whose journal this is, with all agents in step.
    async fn in_step(&self, agents: usize) -> (Simulators, Bridge, Vec<User>) {
        in_step(agents, &self.journal()).await
    }

    /// Ends every connection to it and takes it away, as a server does that is switched off.
    async fn vanish(&self) {
        execute(&self.server, &format!("DROP DATABASE {} WITH (FORCE)", self.name)).await;
    }
}

async fn execute(url: &str, statement: &str) {
    let options: sqlx::postgres::PgConnectOptions = url.parse().unwrap();
    let mut connection = options.connect().await.unwrap();
    connection.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(statement.to_owned()))).await.unwrap();
    connection.close().await.unwrap();
}

/// What an agent's changes of presence are called and when they happened, as recorded.
fn recorded(entries: &[Value], agent: &str) -> Vec<(String, String)> {
    let of_agent = |entry: &&Value| {
        entry["kind"] == "recorded" && entry["facet"] == "presence" && entry["agent"].as_str() == Some(agent)
    };
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    entries.iter().filter(of_agent).map(|entry| (text(&entry["subject"]), text(&entry["to"]))).collect()
}

/// The ids of a user's presence events that had effect, in the order of arrival.
async fn applied(simulators: &Simulators, user: &User) -> Vec<String> {
    let events = simulators.events(user, "presence").await;
    let applied = events.iter().filter(|event| event["effectiveness"] == "applied");
    applied.map(|event| event["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_in_an_outage_loses_nothing_with_a_journal_in_postgresql() {
    let database = Database::new().await;
    let (simulators, mut bridge, users) = database.in_step(3).await;
    simulators.cloud_fault(json!({"effect": {"kind": "unavailable"}, "count": u32::MAX})).await;
    for (round, status) in ["In a meeting", "At Lunch", "Gone Home"].iter().enumerate() {
        for user in &users {
            simulators.status(&user.agent, status).await;
        }
        until("each change in the journal", || async {
            let entries = bridge.entries().await;
            users.iter().all(|user| recorded(&entries, &user.agent).len() == round + 2).then_some(())
        })
        .await;
    }
    let before = bridge.entries().await;
    bridge.kill().await;
    simulators.cloud_heals().await;
    bridge.restart();
    bridge.logs("everybody is in step").await;
    for user in &users {
        simulators.shows(user, "Away", "OFF_QUEUE").await;
        let recorded = recorded(&before, &user.agent);
        let values: Vec<&str> = recorded.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(values, ["On Queue", "Meeting", "Break", "Away"], "{}", user.agent);
        let ids: Vec<String> = recorded.into_iter().map(|(id, _)| id).collect();
        assert_eq!(applied(&simulators, user).await, ids, "{}: each once, in its order", user.agent);
    }
    until("everything accepted", || async {
        let report = bridge.command(&["report", "--json"]).await;
        let report: Value = serde_json::from_str(&report.stdout).unwrap();
        (report["pending"] == 0).then_some(())
    })
    .await;
    bridge.verifies().await;
    assert!(!bridge.journal().exists(), "nothing is kept in a file");
    let report = bridge.command(&["report"]).await;
    assert_eq!(report.code, Some(0), "{}", report.stderr);
    assert!(report.stdout.contains("not running"), "the kill is a gap: {}", report.stdout);
    assert_eq!(bridge.stop().await.code, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_journal_goes_to_a_file_and_back_with_everything_that_is_in_it() {
    let (from, to) = (Database::new().await, Database::new().await);
    let (simulators, mut bridge, users) = from.in_step(2).await;
    simulators.cloud_fault(json!({"effect": {"kind": "unavailable"}, "count": u32::MAX})).await;
    simulators.status(&users[0].agent, "In a meeting").await;
    until("the change in the journal", || async {
        (recorded(&bridge.entries().await, &users[0].agent).len() == 2).then_some(())
    })
    .await;
    bridge.kill().await;
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let ok = |done: Finished| assert_eq!(done.code, Some(0), "{}", done.stderr);
    ok(bridge.command(&["journal", "export", "--output", &file("one")]).await);

    let journal = file("file.journal");
    ok(presence_bridge(&["journal", "import", "--journal", &journal, "--input", &file("one")]).await);
    ok(presence_bridge(&["journal", "verify", "--journal", &journal]).await);
    ok(presence_bridge(&["journal", "export", "--journal", &journal, "--output", &file("two")]).await);

    // The bridge goes on with the second database, where everything comes from the file.
    std::fs::write(from.folder.path().join("url"), to.url()).unwrap();
    ok(bridge.command(&["journal", "import", "--input", &file("two")]).await);
    ok(bridge.command(&["journal", "export", "--output", &file("three")]).await);
    let read = |name: &str| std::fs::read_to_string(file(name)).unwrap();
    assert_eq!(read("one"), read("two"), "a file holds the same as a database");
    assert_eq!(read("one"), read("three"), "and the other way round");
    bridge.verifies().await;
    let ids: BTreeSet<String> =
        recorded(&bridge.entries().await, &users[0].agent).into_iter().map(|(id, _)| id).collect();
    simulators.cloud_heals().await;
    bridge.restart();
    simulators.shows(&users[0], "Meeting", "OFF_QUEUE").await;
    bridge.logs("everybody is in step").await;
    let applied: BTreeSet<String> = applied(&simulators, &users[0]).await.into_iter().collect();
    assert_eq!(applied, ids, "what was pending goes with its id");
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_bridge_holds_it_and_without_the_database_nothing_is_sent() {
    let database = Database::new().await;
    let (simulators, mut bridge, users) = database.in_step(1).await;
    let second = Bridge::start(&simulators, &database.journal()).finish().await;
    assert_eq!(second.code, Some(74), "{}", second.stderr);
    assert!(second.stderr.contains("in use by another bridge for the link \"default\""), "{}", second.stderr);

    let told = simulators.events(&users[0], "presence").await.len();
    database.vanish().await;
    simulators.status(&users[0].agent, "In a meeting").await;
    let ended = bridge.ended().await;
    assert_eq!(ended.code, Some(74), "{}", ended.stderr);
    assert_eq!(simulators.events(&users[0], "presence").await.len(), told, "nothing is sent that is not written down");
    bridge.restart();
    let missing = bridge.ended().await;
    assert_eq!(missing.code, Some(74), "{}", missing.stderr);
    assert!(missing.stderr.contains("the server has no such database; create it"), "{}", missing.stderr);
    for ended in [&second, &ended, &missing] {
        assert!(!ended.stderr.contains(&database.password), "the password is shown");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_is_none_is_a_mistake_in_the_configuration() {
    let simulators = Simulators::idle(1).await;
    let folder = tempfile::tempdir().unwrap();
    let url = folder.path().join("url");
    for address in ["mysql://bridge:h1dden@db/presence", "postgres://bridge:h1dden@:bad/presence"] {
        std::fs::write(&url, address).unwrap();
        let journal = format!("[journal]\nurl = {{ file = {:?} }}\n", url.to_str().unwrap());
        let mut bridge = Bridge::start(&simulators, &journal);
        let ended = bridge.ended().await;
        let verified = bridge.command(&["journal", "verify"]).await;
        for told in [ended, verified] {
            assert_eq!(told.code, Some(78), "{}", told.stderr);
            assert!(told.stderr.contains("bridge.toml:") && told.stderr.contains("postgres://user"), "{}", told.stderr);
            assert!(!told.stderr.contains("h1dden") && !told.stderr.contains("mysql"), "{}", told.stderr);
        }
    }
}
