//! An organisation with a client that is logged in, whose every answer is checked against the vendor's description.

use std::time::Duration;

use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use simulator::clock::Clock;
use simulator::cloud::{Effect, Fault, Options, Org, Server, Truth};
use simulator::population::people;
use tokio::net::TcpStream;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use uuid::Uuid;

use crate::contract::Contract;

/// The system's presence definitions have the same ids in every organisation.
pub const AVAILABLE: &str = "6a3af858-942f-489d-9700-5f9bcdcdae9b";
pub const BUSY: &str = "31fe3bac-dea6-44b7-bed7-47f91660a1a0";
pub const MEAL: &str = "3fd96123-badb-4f69-bc03-1b1ccc6d8014";
pub const BREAK: &str = "227b37e2-f1d0-4dd0-8f50-badd7cf6d158";
pub const ON_QUEUE: &str = "e08eaf1b-ee47-4fa9-a231-1200e284798f";
pub const OFFLINE: &str = "ccf3c10a-aa2c-4845-8e8d-f59fa48c58e5";

pub type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A running organisation of five people, and a client.
pub struct Cloud {
    pub server: Server,
    pub http: Client,
    pub token: String,
    /// The people, in the order of their ids' seed.
    pub users: Vec<Uuid>,
    pub emails: Vec<String>,
    contract: Option<Contract>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
    headers: reqwest::header::HeaderMap,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("headers are ASCII"))
    }

    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// The members of a listing.
    pub fn entities(&self) -> &Vec<Value> {
        self.body["entities"].as_array().expect("a listing has entities")
    }
}

pub fn options() -> Options {
    Options {
        listen: "127.0.0.1:0".parse().expect("an address"),
        people: people(5, 1),
        clock: Clock::starting_at("2026-03-02T08:00:00Z".parse().expect("a time"), 1.0),
        seed: 1,
        rate: 300,
        client_id: "bridge".to_owned(),
        client_secret: "s3cret".to_owned(),
        permissions: None,
        token_lifetime: Duration::from_secs(86_400),
        ignore_older_events: true,
    }
}

pub fn http() -> Client {
    // Whichever test comes first installs it.
    drop(rustls::crypto::ring::default_provider().install_default());
    Client::builder().no_proxy().timeout(Duration::from_secs(20)).build().expect("a client")
}

impl Cloud {
    pub async fn start() -> Self {
        Self::start_with(options()).await
    }

    pub async fn start_with(options: Options) -> Self {
        let (users, emails) = options.people.iter().map(|person| (person.cloud_user.0, person.email.clone())).unzip();
        let server = Server::start(options).await.expect("a free port");
        let mut cloud = Self { server, http: http(), token: String::new(), users, emails, contract: Contract::load() };
        cloud.log_in().await;
        cloud
    }

    pub fn org(&self) -> Org {
        self.server.org()
    }

    pub async fn truth(&self) -> Truth {
        self.org().truth().await.expect("the server runs")
    }

    pub async fn log_in(&mut self) {
        let answer = self.login(&[("grant_type", "client_credentials")], Some(("bridge", "s3cret"))).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        self.token = answer.body["access_token"].as_str().expect("a token").to_owned();
    }

    pub async fn login(&self, form: &[(&str, &str)], basic: Option<(&str, &str)>) -> Answer {
        let body: Vec<String> = form.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = self
            .http
            .post(format!("{}/oauth/token", self.server.url()))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.join("&"));
        if let Some((id, secret)) = basic {
            request = request.basic_auth(id, Some(secret));
        }
        read(request.send().await.expect("an answer")).await
    }

    /// Sends a request; the answer is as described or the test fails.
    pub async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let answer = self.try_send(method.clone(), path, body).await.expect("an answer");
        if let Some(contract) = &self.contract {
            contract.check(method.as_str(), path, answer.status, &answer.body);
        }
        answer
    }

    pub async fn try_send(&self, method: Method, path: &str, body: Option<Value>) -> reqwest::Result<Answer> {
        let mut request = self.http.request(method, format!("{}{path}", self.server.url())).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await?.error_for_truncation().await?;
        Ok(response)
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, Some(body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PATCH, path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    /// Registers a source and makes it everybody's primary one.
    pub async fn claim(&self) -> String {
        let source = self.post("/api/v2/presence/sources", json!({"name": "Presence Bridge"})).await;
        let id = source.body["id"].as_str().expect("a source has an id").to_owned();
        let mut settings = self.get("/api/v2/presence/settings").await.body;
        settings["defaultPrimaryPresenceRegisteredSourceId"] = json!(id);
        assert_eq!(self.put("/api/v2/presence/settings", settings).await.status, 200);
        id
    }

    /// Injects one presence event.
    pub async fn inject_presence(&self, source: &str, user: Uuid, definition: &str, at: &str) -> Answer {
        self.post("/api/v2/events/users/presence", json!({"userPresenceEvents": [
            {"eventId": Uuid::from_u128(fastrand::u128(..)), "eventDateTime": at, "userId": user, "sourceId": source,
             "presenceDefinitionId": definition}
        ]}))
        .await
    }

    /// Injects one routing status event.
    pub async fn inject_routing(&self, source: &str, user: Uuid, status: &str, at: &str) -> Answer {
        self.post("/api/v2/events/users/routingstatus", json!({"userRoutingStatusEvents": [
            {"eventId": Uuid::from_u128(fastrand::u128(..)), "eventDateTime": at, "agentId": user, "sourceId": source,
             "status": status}
        ]}))
        .await
    }

    /// Asks again until the answer has this status.
    pub async fn until_status(&self, path: &str, status: u16) {
        let seen = async { while self.get(path).await.status != status {} };
        tokio::time::timeout(Duration::from_secs(10), seen).await.expect("the status that is waited for");
    }

    /// Waits until the truth is as wanted.
    pub async fn until(&self, wanted: impl Fn(&Truth) -> bool) {
        let seen = async { while !wanted(&self.truth().await) {} };
        tokio::time::timeout(Duration::from_secs(10), seen).await.expect("the state that is waited for");
    }

    pub async fn fault(&self, effect: Effect, path: Option<&str>, count: u32) {
        let fault = Fault { effect, method: None, path: path.map(str::to_owned), count };
        self.org().inject(fault).await.expect("the server runs");
    }
}

/// Reads a body to its end, which a truncated one does not have.
trait Whole {
    async fn error_for_truncation(self) -> reqwest::Result<Answer>;
}

impl Whole for Response {
    async fn error_for_truncation(self) -> reqwest::Result<Answer> {
        let (status, headers) = (self.status().as_u16(), self.headers().clone());
        let text = self.text().await?;
        let body = match text.is_empty() {
            true => Value::Null,
            false => serde_json::from_str(&text).unwrap_or(Value::String(text)),
        };
        Ok(Answer { status, body, headers })
    }
}

pub async fn read(response: Response) -> Answer {
    response.error_for_truncation().await.expect("a whole body")
}
