//! A small ICWS client and a server to run it against.

use std::sync::Once;
use std::time::Duration;

use futures_util::StreamExt;
use jiff::Timestamp;
use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use simulator::clock::Clock;
use simulator::icws::{Options, Server};
use simulator::population::people;

pub const PASSWORD: &str = "open sesame";
/// Longer than anything here takes; only a test that fails waits for it.
const PATIENCE: Duration = Duration::from_secs(30);

pub fn options(agents: usize) -> Options {
    Options {
        listen: "127.0.0.1:0".parse().unwrap(),
        people: people(agents, 1),
        clock: Clock::starting_at("2026-03-02T08:00:00Z".parse::<Timestamp>().unwrap(), 1.0),
        seed: 1,
        user: "bridge".to_owned(),
        password: PASSWORD.to_owned(),
        release: (20, 3),
        workforce_engagement: true,
        messaging_version: 2,
        idle_timeout: None,
        ping_interval: Duration::from_secs(5),
        alternate_hosts: vec!["cic2.example".to_owned()],
        agents_logged_on: true,
    }
}

pub async fn start(agents: usize) -> Server {
    Server::start(options(agents)).await.unwrap()
}

/// The user ids of that many agents.
pub fn users(count: usize) -> Vec<String> {
    people(count, 1).into_iter().map(|person| person.user_id).collect()
}

pub fn http() -> reqwest::Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| rustls::crypto::ring::default_provider().install_default().unwrap());
    reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap()
}

pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

pub async fn send(request: RequestBuilder) -> Reply {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Reply { status, headers, text: response.text().await.unwrap() }
}

pub fn credentials() -> Value {
    json!({"applicationName": "test", "userID": "bridge", "password": PASSWORD,
        "__type": "urn:inin.com:connection:icAuthConnectionRequestSettings"})
}

/// A session, with its keys sent as a browser does.
pub struct Session {
    pub http: reqwest::Client,
    pub server: String,
    pub base: String,
    pub id: String,
    pub cookie: String,
    pub csrf: String,
}

impl Session {
    pub async fn log_on(server: &Server) -> Self {
        Self::log_on_to(&server.url(), &credentials()).await
    }

    pub async fn log_on_to(server: &str, body: &Value) -> Self {
        let http = http();
        let reply =
            send(http.post(format!("{server}/icws/connection")).header("Accept-Language", "en-us").json(body)).await;
        assert_eq!(reply.status, 201, "{}", reply.text);
        let id = reply.header("ININ-ICWS-Session-ID").to_owned();
        let cookie = reply.header("Set-Cookie").split(';').next().unwrap().to_owned();
        let csrf = reply.header("ININ-ICWS-CSRF-Token").to_owned();
        Self { http, server: server.to_owned(), base: format!("{server}/icws/{id}"), id, cookie, csrf }
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.base))
            .header("Cookie", &self.cookie)
            .header("ININ-ICWS-CSRF-Token", &self.csrf)
    }

    pub async fn get(&self, path: &str) -> Reply {
        send(self.request(Method::GET, path)).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Reply {
        send(self.request(Method::PUT, path).json(body)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        send(self.request(Method::POST, path).json(body)).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        send(self.request(Method::DELETE, path)).await
    }

    pub async fn subscribe(&self, what: &str, body: &Value) {
        let reply = self.put(&format!("/messaging/subscriptions/{what}"), body).await;
        assert_eq!((reply.status, reply.text.as_str()), (200, ""), "{what}");
    }

    /// One poll, with the cookie alone.
    pub async fn poll(&self) -> Vec<Value> {
        let request = self.http.get(format!("{}/messaging/messages", self.base)).header("Cookie", &self.cookie);
        let reply = send(request).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.json().as_array().unwrap().clone()
    }

    /// Polls until so many messages have come.
    pub async fn messages(&self, count: usize) -> Vec<Value> {
        let poll = async {
            let mut messages = Vec::new();
            while messages.len() < count {
                messages.extend(self.poll().await);
                tokio::task::yield_now().await;
            }
            messages
        };
        tokio::time::timeout(PATIENCE, poll).await.expect("the messages come")
    }

    pub async fn events(&self) -> Events {
        let request = self.http.get(format!("{}/messaging/messages", self.base));
        let response =
            request.header("Cookie", &self.cookie).header("Accept", "text/event-stream").send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Events { body: Box::pin(response.bytes_stream()), rest: Vec::new() }
    }

    /// Lets something go wrong, or happen, through the control API.
    pub async fn control(&self, what: &str, body: &Value) {
        let reply = send(self.http.post(format!("{}/_simulator/{what}", self.server)).json(body)).await;
        assert_eq!(reply.status, 204, "{}", reply.text);
    }
}

/// The lines of an event stream.
pub struct Events {
    body: std::pin::Pin<Box<dyn futures_util::Stream<Item = reqwest::Result<axum::body::Bytes>> + Send>>,
    rest: Vec<u8>,
}

impl Events {
    /// The next line, or `Err` when the stream breaks, or `None` at its end.
    pub async fn line(&mut self) -> Option<Result<String, String>> {
        loop {
            if let Some(end) = self.rest.iter().position(|&byte| byte == b'\n') {
                let line: Vec<u8> = self.rest.drain(..=end).collect();
                return Some(Ok(String::from_utf8(line).unwrap().trim_end().to_owned()));
            }
            match tokio::time::timeout(PATIENCE, self.body.next()).await.expect("the stream says something")? {
                Ok(bytes) => self.rest.extend_from_slice(&bytes),
                Err(error) => return Some(Err(error.to_string())),
            }
        }
    }

    /// The text of the next event's one data line, past comments.
    pub async fn data(&mut self) -> String {
        loop {
            let line = self.line().await.expect("the stream goes on").expect("the stream is whole");
            if let Some(data) = line.strip_prefix("data: ") {
                assert_eq!(self.line().await, Some(Ok(String::new())), "a blank line ends an event");
                return data.to_owned();
            }
        }
    }

    pub async fn next(&mut self) -> Value {
        serde_json::from_str(&self.data().await).unwrap()
    }

    /// The next message of this kind.
    pub async fn next_of(&mut self, kind: &str) -> Value {
        loop {
            let message = self.next().await;
            if message["__type"].as_str().unwrap().ends_with(kind) {
                return message;
            }
        }
    }
}

/// All messages of a kind.
pub fn of_kind(messages: &[Value], kind: &str) -> Vec<Value> {
    let of_kind = |message: &&Value| message["__type"].as_str().unwrap().ends_with(kind);
    messages.iter().filter(of_kind).cloned().collect()
}

/// Waits until something holds.
pub async fn until<F: Future<Output = bool>>(mut holds: impl FnMut() -> F) {
    let wait = async {
        while !holds().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.expect("it comes true");
}
