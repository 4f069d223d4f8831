//! A small ICWS server: sessions, subscriptions that answer with whole lists, messages by stream or polling.

use std::collections::{BTreeMap, VecDeque};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, Method, Uri};
use axum::response::Response;
use axum::serve::Listener;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

mod answers;
mod messages;

/// What the server is like, and what happened to it.
pub struct State {
    /// Answers to `connection/version`: status and body.
    pub version: (u16, String),
    /// Of the feature *messaging*.
    pub messaging: u32,
    pub password: &'static str,
    /// By the host of the request: refused with 503 and these alternates (`None`: no list).
    pub closed: BTreeMap<String, Option<Vec<String>>>,
    /// What a logon is answered with instead: status and body.
    pub turned_away: Option<(u16, Value)>,
    /// Named in the 201.
    pub alternates: Vec<String>,
    /// Added to the server's clock, in seconds.
    pub clock_ahead: i64,
    pub catalogue: Vec<Value>,
    pub users: Vec<Value>,
    pub workgroups: Vec<Value>,
    pub statuses: BTreeMap<String, Value>,
    /// By user.
    pub interactions: BTreeMap<String, Vec<Value>>,
    /// Whether lists have a `Content-Range`, and how many items a page holds at most.
    pub content_range: bool,
    pub page: usize,
    /// Whole lists are split after so many entries.
    pub split: usize,
    /// Path beginnings below the session that are refused, with which status, so many times.
    pub refused: Vec<(&'static str, u16, usize)>,
    /// Users whose queues or statuses cannot be watched.
    pub hidden: Vec<&'static str>,
    /// Added to the body of a 503 in a session.
    pub detour: Vec<String>,
    /// What is sent as a sign of life; `None` for silence.
    pub ping: Option<&'static str>,
    /// Whether streams come byte by byte.
    pub sliced: bool,
    /// Whether nothing is answered, though connections are accepted.
    pub mute: bool,
    /// Whether every connection ends with its first answer.
    pub closing: bool,
    /// Whether the answer with messages, which is no stream, has no end.
    pub hanging: bool,
    /// What subscriptions to queues fault with, instead of reporting.
    pub faulted: Option<&'static str>,
    /// A user whom the next reading of the list leaves out.
    pub overlooked: Option<&'static str>,
    /// Whether the list of users has no end.
    pub endless: bool,
    /// Whether messages come at all.
    pub answers_subscriptions: bool,
    /// Everything that arrived: method, path and query, host, body.
    pub requests: Vec<Request>,
    pub sessions: BTreeMap<String, Session>,
    next_session: u32,
}

#[derive(Clone, Debug)]
pub struct Request {
    pub method: Method,
    pub path: String,
    pub host: String,
    pub headers: HeaderMap,
    pub body: String,
}

#[derive(Default)]
pub struct Session {
    pub outbox: VecDeque<String>,
    /// What goes out as it is, behind the messages.
    pub raw: String,
    /// How often streams were cut.
    pub cuts: u32,
    pub queues: BTreeMap<String, Vec<String>>,
}

#[derive(Clone)]
pub struct Stub {
    pub address: SocketAddr,
    state: Arc<Mutex<State>>,
    changed: watch::Sender<()>,
    _server: Arc<Server>,
}

struct Server(JoinHandle<()>);

impl Drop for Server {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Stub {
    pub async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        Self::serve(listener, address)
    }

    /// Serves whatever connections the listener hands over.
    pub fn serve<L: Listener<Addr = SocketAddr>>(listener: L, address: SocketAddr) -> Self {
        let state = Arc::new(Mutex::new(State::new()));
        let changed = watch::Sender::new(());
        let (shared, bell) = (Arc::clone(&state), changed.clone());
        let app = Router::new().fallback(move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
            let (state, bell) = (Arc::clone(&shared), bell.clone());
            async move { answer(state, bell, method, uri, headers, body).await }
        });
        let server = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { address, state, changed, _server: Arc::new(Server(server)) }
    }

    /// Looks at the state, or changes it.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Puts a message into every session.
    pub fn push(&self, message: &Value) {
        self.push_text(&message.to_string());
    }

    pub fn push_text(&self, message: &str) {
        self.push_together(&[message.to_owned()]);
    }

    /// Puts messages into every session at once.
    pub fn push_together(&self, messages: &[String]) {
        for session in self.state().sessions.values_mut() {
            session.outbox.extend(messages.iter().cloned());
        }
        self.changed.send_replace(());
    }

    /// Sends these bytes down every stream, whatever they are.
    pub fn push_raw(&self, text: &str) {
        self.state().sessions.values_mut().for_each(|session| session.raw.push_str(text));
        self.changed.send_replace(());
    }

    /// Waits until everything that was pushed has gone out.
    pub async fn drained(&self) {
        let is_empty = |session: &Session| session.outbox.is_empty() && session.raw.is_empty();
        self.until(|state| state.sessions.values().all(is_empty)).await;
    }

    /// How often a logon was asked for, at this host.
    pub fn logons_at(&self, host: &str) -> usize {
        self.state().logons().filter(|request| request.host == host).count()
    }

    /// Ends the streams; the sessions live.
    pub fn cut_streams(&self) {
        self.state().sessions.values_mut().for_each(|session| session.cuts += 1);
        self.changed.send_replace(());
    }

    /// Ends the sessions without a word.
    pub fn kill_sessions(&self) {
        self.state().sessions.clear();
        self.changed.send_replace(());
    }

    /// How often this was asked for, by method and a part of the path.
    pub fn count(&self, method: &str, part: &str) -> usize {
        let state = self.state();
        state.requests.iter().filter(|request| request.method == method && request.path.contains(part)).count()
    }

    /// Waits until the server's state is as wanted.
    pub async fn until(&self, wanted: impl Fn(&State) -> bool) {
        let mut look_again = tokio::time::interval(std::time::Duration::from_millis(5));
        let reached = async {
            while !wanted(&self.state()) {
                look_again.tick().await;
            }
        };
        tokio::time::timeout(super::bridge::PATIENCE, reached).await.expect("the server gets there in time");
    }
}

async fn answer(
    state: Arc<Mutex<State>>,
    bell: watch::Sender<()>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    let host = headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default().to_owned();
    let body = String::from_utf8(body.to_vec()).unwrap();
    let request = Request { method, path, host, headers, body };
    let (answer, closing) = {
        let mut state = state.lock().unwrap();
        state.requests.push(request.clone());
        (if state.mute { answers::Answer::Nothing } else { state.answer(&request) }, state.closing)
    };
    bell.send_replace(());
    let mut response = match answer {
        answers::Answer::Done(response) => response,
        answers::Answer::Stream(session) => messages::stream(state, &bell, session),
        answers::Answer::Nothing => std::future::pending().await,
    };
    if closing {
        response.headers_mut().insert("connection", HeaderValue::from_static("close"));
    }
    response
}

/// A user as `configuration/users` has it.
pub fn user(id: &str, email: &str, workgroups: &[&str]) -> Value {
    let reference = |id: &&str| json!({"id": id, "displayName": id, "uri": format!("/configuration/workgroups/{id}")});
    json!({
        "configurationId": {"id": id, "displayName": id.to_uppercase(), "uri": format!("/configuration/users/{id}")},
        "personalInformationProperties": {"emailAddress": email},
        "workgroups": workgroups.iter().map(reference).collect::<Vec<_>>(),
    })
}

/// A status message with all that the schema requires.
pub fn status_message(id: &str, group: &str, acd: bool) -> Value {
    json!({"statusId": id, "messageText": id, "iconUri": "/i.png", "groupTag": group, "canHaveDate": false,
        "canHaveTime": false, "isDoNotDisturbStatus": !acd, "isSelectableStatus": true, "isPersistentStatus": false,
        "isForwardStatus": false, "isAfterCallWorkStatus": false, "isAcdStatus": acd, "isAllowFollowUpStatus": false,
        "systemId": "CIC1"})
}

pub fn user_status(user: &str, status: &str, changed: &str) -> Value {
    json!({"userId": user, "statusId": status, "statusChanged": changed, "loggedIn": true, "onPhone": false,
        "stations": [], "icServers": ["CIC1"]})
}

pub fn statuses_changed(list: &[Value]) -> Value {
    json!({"__type": "urn:inin.com:status:userStatusMessage", "isDelta": true, "userStatusList": list})
}

pub fn interaction(id: &str, user: &str, state: &str, workgroup: &str) -> Value {
    json!({"interactionId": id, "attributes": {"Eic_State": state, "Eic_UserName": user,
        "Eic_WorkgroupName": workgroup, "Eic_CallDirection": "I", "Eic_UserQueueTimestamp": "20260105T100000Z",
        "Eic_ConnectTime": if state == "C" { "20260105T100010Z" } else { "" }}})
}

pub fn queue_changed(subscription: &str, lists: Value) -> Value {
    let mut message = json!({"__type": "urn:inin.com:queues:queueContentsMessage", "isDelta": true,
        "subscriptionId": subscription});
    message.as_object_mut().unwrap().extend(lists.as_object().unwrap().clone());
    message
}

impl State {
    /// The logons that were asked for.
    pub fn logons(&self) -> impl Iterator<Item = &Request> {
        self.requests.iter().filter(|request| request.path.starts_with("/icws/connection?"))
    }

    fn new() -> Self {
        let users = vec![
            user("anna", "anna@example.com", &["Sales"]),
            user("ben", "ben@example.com", &["Sales"]),
            user("carl", "", &["Support"]),
        ];
        let at = "20260105T090000Z";
        let statuses = [("anna", "Available"), ("ben", "At Lunch"), ("carl", "Gone Home")];
        Self {
            version: (
                200,
                json!({"majorVersion": "20", "minorVersion": "3", "su": "4", "build": "0.0.0.0",
                "productId": "x", "codebaseId": "y"})
                .to_string(),
            ),
            messaging: 2,
            password: "correct horse",
            closed: BTreeMap::new(),
            alternates: Vec::new(),
            clock_ahead: 0,
            catalogue: vec![
                status_message("Available", "Available", true),
                status_message("At Lunch", "Break", false),
                status_message("Gone Home", "Unavailable", false),
            ],
            users,
            workgroups: vec![
                json!({"configurationId": {"id": "Sales", "displayName": "Sales"}, "hasQueue": true, "queueType": 5,
                    "noAnswerStatus": {"id": "Missed", "displayName": "Missed"}}),
                json!({"configurationId": {"id": "Support", "displayName": "Support"}, "hasQueue": true, "queueType": 2}),
            ],
            statuses: statuses.map(|(user, status)| (user.to_owned(), user_status(user, status, at))).into(),
            interactions: [("anna".to_owned(), vec![interaction("1001", "anna", "C", "Sales")])].into(),
            content_range: true,
            page: 200,
            split: usize::MAX,
            refused: Vec::new(),
            hidden: Vec::new(),
            detour: Vec::new(),
            ping: Some(":ping\n\n"),
            sliced: false,
            mute: false,
            closing: false,
            hanging: false,
            faulted: None,
            overlooked: None,
            turned_away: None,
            endless: false,
            answers_subscriptions: true,
            requests: Vec::new(),
            sessions: BTreeMap::new(),
            next_session: 29_113_001,
        }
    }
}
