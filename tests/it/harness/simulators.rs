//! `presence-bridge simulate` as a process, and its control interface.

use serde_json::{Value, json};

use super::process::Process;
use super::until;

/// Both simulators.
pub struct Simulators {
    _process: Process,
    pub icws: String,
    pub cloud: String,
    pub icws_user: String,
    pub icws_password: String,
    pub client_id: String,
    pub client_secret: String,
    http: reqwest::Client,
}

/// One agent on both sides.
#[derive(Debug, Clone)]
pub struct User {
    /// The PureConnect user id.
    pub agent: String,
    /// The Genesys Cloud user id.
    pub id: String,
}

impl Simulators {
    /// Quiet ones with this many agents, all Available and logged in.
    pub async fn idle(agents: usize) -> Self {
        Self::start(&["--idle", "--agents", &agents.to_string()]).await
    }

    /// Starts them on free ports.
    pub async fn start(more: &[&str]) -> Self {
        let mut arguments = vec!["simulate", "--icws", "127.0.0.1:0", "--cloud", "127.0.0.1:0"];
        if !more.contains(&"--speed") {
            arguments.extend(["--speed", "1"]);
        }
        arguments.extend(more);
        let mut process = Process::start(&arguments);
        let line: Value = serde_json::from_str(&process.first_line().await).unwrap();
        let text = |key: &str| line[key].as_str().unwrap().to_owned();
        Self {
            _process: process,
            icws: text("icws"),
            cloud: text("cloud"),
            icws_user: text("icws_user"),
            icws_password: text("icws_password"),
            client_id: text("client_id"),
            client_secret: text("client_secret"),
            http: client(),
        }
    }

    /// Something happens in PureConnect; a list happens in one moment.
    pub async fn act(&self, actions: Value) {
        self.post(&self.icws, "act", actions).await;
    }

    /// An agent enters a status.
    pub async fn status(&self, agent: &str, status: &str) {
        self.act(json!({"act": "status", "user": agent, "status": status})).await;
    }

    /// Something goes wrong with PureConnect.
    pub async fn icws_fault(&self, fault: Value) {
        self.post(&self.icws, "faults", fault).await;
    }

    /// Something goes wrong with Genesys Cloud.
    pub async fn cloud_fault(&self, fault: Value) {
        self.post(&self.cloud, "faults", fault).await;
    }

    /// Nothing goes wrong with Genesys Cloud any more.
    pub async fn cloud_heals(&self) {
        let answer = self.http.delete(format!("{}/_simulator/faults", self.cloud)).send().await.unwrap();
        assert!(answer.status().is_success());
    }

    /// Somebody acts in Genesys Cloud.
    pub async fn cloud_command(&self, command: Value) {
        self.post(&self.cloud, "commands", command).await;
    }

    /// What PureConnect holds, and what happened there.
    pub async fn icws_truth(&self) -> Value {
        self.get(&self.icws, "truth").await
    }

    /// What Genesys Cloud holds, and what reached it.
    pub async fn cloud_truth(&self) -> Value {
        self.get(&self.cloud, "truth").await
    }

    /// The ICWS requests so far, as method and path.
    pub async fn icws_requests(&self) -> Vec<(String, String)> {
        let requests = self.get(&self.icws, "requests").await;
        let text = |one: &Value, key: &str| one[key].as_str().unwrap().to_owned();
        requests["requests"].as_array().unwrap().iter().map(|one| (text(one, "method"), text(one, "path"))).collect()
    }

    /// The agents, in the order of their ids.
    pub async fn users(&self) -> Vec<User> {
        let agents = self.icws_truth().await;
        let users = self.cloud_truth().await;
        let users = users["users"].as_object().unwrap();
        let email = |one: &Value| one["email"].as_str().unwrap_or_default().to_lowercase();
        let find =
            |wanted: &Value| users.iter().find(|(_, user)| email(user) == email(wanted)).map(|(id, _)| id.clone());
        let agents = agents["agents"].as_object().unwrap();
        agents.iter().filter_map(|(agent, truth)| Some(User { agent: agent.clone(), id: find(truth)? })).collect()
    }

    /// Waits until Genesys Cloud shows this of a user.
    pub async fn shows(&self, user: &User, presence: &str, routing: &str) {
        let what = format!("{} with {presence} and {routing}", user.agent);
        until(&what, || async {
            let truth = self.cloud_truth().await;
            let shown = &truth["users"][&user.id];
            (shown["presence"]["system"] == presence && shown["routing"]["status"] == routing).then_some(())
        })
        .await;
    }

    /// The accepted events of a user and kind (`presence`, `routing`), in the order of arrival.
    pub async fn events(&self, user: &User, kind: &str) -> Vec<Value> {
        let truth = self.cloud_truth().await;
        let events = truth["events"].as_array().unwrap();
        events.iter().filter(|event| event["user"] == *user.id && event["kind"] == kind).cloned().collect()
    }

    /// The client that speaks to them.
    pub fn http(&self) -> &reqwest::Client {
        &self.http
    }

    async fn post(&self, base: &str, path: &str, body: Value) {
        let answer = self.http.post(format!("{base}/_simulator/{path}")).json(&body).send().await.unwrap();
        let status = answer.status();
        assert!(status.is_success(), "{body}: {status}: {}", answer.text().await.unwrap());
    }

    async fn get(&self, base: &str, path: &str) -> Value {
        let answer = self.http.get(format!("{base}/_simulator/{path}")).send().await.unwrap();
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
    }
}

/// A client for plain HTTP on this computer.
pub fn client() -> reqwest::Client {
    // Nothing here speaks TLS, but the client wants to know how it would.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}
