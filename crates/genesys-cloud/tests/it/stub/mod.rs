//! A small Genesys Cloud: answers as the reference says, remembers what it was asked, and can be told to misbehave.
//!
//! Every request that it received is checked against the vendor's API description when the stub goes.

mod clock;
mod log;
mod organisation;
mod schema;
mod streaming;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderMap, Response};
use domain::ids::{ChangeId, CloudUserId};
use genesys_cloud::{Config, ConnectFailure, Connected, DeliveryChoice, GenesysCloud, OAuthClient};
use replicator::ports::{Clock, Lane, Order, Sink};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use url::Url;
use uuid::Uuid;

pub(crate) use clock::FakeClock;
pub(crate) use log::logged;
pub(crate) use organisation::{DEFINITIONS, OUR_SOURCE, definition_of, error};
pub(crate) use streaming::Streaming;

pub(crate) const SECRET: &str = "planted-secret-4711";
/// The OAuth clients, and how they log on: each with the same secret.
const CLIENTS: [(&str, &str); 2] = [
    ("the-client", "Basic dGhlLWNsaWVudDpwbGFudGVkLXNlY3JldC00NzEx"),
    ("second-client", "Basic c2Vjb25kLWNsaWVudDpwbGFudGVkLXNlY3JldC00NzEx"),
];

/// A request that the stub received.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// What the stub answers.
#[derive(Debug, Clone)]
pub(crate) struct Canned {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    /// Never answers.
    pub(crate) hangs: bool,
}

impl Canned {
    pub(crate) fn json(status: u16, body: Value) -> Self {
        Self::text(status, "application/json", &body.to_string())
    }

    pub(crate) fn text(status: u16, kind: &str, body: &str) -> Self {
        let headers = vec![("content-type", kind.to_owned())];
        Self { status, headers, body: body.as_bytes().to_vec(), hangs: false }
    }

    pub(crate) fn hanging() -> Self {
        Self { hangs: true, ..Self::json(200, json!({})) }
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

struct Script {
    method: &'static str,
    path: String,
    times: usize,
    canned: Canned,
}

/// What the organisation holds.
pub(crate) struct Organisation {
    pub(crate) tokens_given: u32,
    pub(crate) valid_tokens: BTreeSet<String>,
    /// Whose token each one is, also of those that are not valid any more.
    pub(crate) owners: BTreeMap<String, &'static str>,
    pub(crate) expires_in: Value,
    /// What no client may do.
    pub(crate) missing_permissions: Vec<&'static str>,
    /// What one client may not do.
    pub(crate) missing_of: BTreeMap<&'static str, Vec<&'static str>>,
    /// The organisation of a client that is of another one.
    pub(crate) elsewhere: BTreeMap<&'static str, Value>,
    pub(crate) definitions: Vec<Value>,
    pub(crate) sources: Vec<Value>,
    pub(crate) settings: Value,
    pub(crate) users: Vec<Value>,
    pub(crate) large_pages: LargePages,
    /// How many requests came with each token.
    pub(crate) requests: BTreeMap<String, u32>,
    pub(crate) streaming: Streaming,
}

/// What becomes of a question for a page of more than so many users.
#[derive(Debug, Clone, Copy)]
pub(crate) enum LargePages {
    Given,
    /// 400.
    Refused(usize),
    /// So many are given, and it is told.
    Clamped(usize),
}

struct Inner {
    seen: Vec<Seen>,
    /// How many requests were seen.
    count: watch::Sender<usize>,
    scripts: Vec<Script>,
    organisation: Organisation,
    /// Whether requests of the API wait before they are looked at, and how many do.
    held: watch::Sender<bool>,
    waiting: watch::Sender<usize>,
}

pub(crate) struct Stub {
    pub(crate) url: Url,
    pub(crate) clock: Arc<FakeClock>,
    inner: Arc<Mutex<Inner>>,
    server: JoinHandle<()>,
}

impl Stub {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        Self::serve(listener, &url)
    }

    pub(crate) fn serve<L>(listener: L, url: &str) -> Self
    where
        L: axum::serve::Listener,
        L::Addr: std::fmt::Debug,
    {
        log::keep();
        let mut organisation = Organisation::new();
        organisation.streaming.encrypted = url.starts_with("https:");
        let (held, waiting) = (watch::Sender::new(false), watch::Sender::new(0));
        let (seen, count) = (Vec::new(), watch::Sender::new(0));
        let inner = Inner { seen, count, scripts: Vec::new(), organisation, held, waiting };
        let inner = Arc::new(Mutex::new(inner));
        let router = Router::new().fallback(handle).with_state(Arc::clone(&inner));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url: Url::parse(url).unwrap(), clock: Arc::default(), inner, server }
    }

    /// The next `times` requests to this path get this answer.
    pub(crate) fn script(&self, times: usize, method: &'static str, path: &str, canned: Canned) {
        self.inner.lock().unwrap().scripts.push(Script { method, path: path.to_owned(), times, canned });
    }

    /// From now on everything is answered as the reference says.
    pub(crate) fn unscript(&self) {
        self.inner.lock().unwrap().scripts.clear();
    }

    pub(crate) fn always(&self, method: &'static str, path: &str, canned: Canned) {
        self.script(usize::MAX, method, path, canned);
    }

    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut Organisation) -> T) -> T {
        change(&mut self.inner.lock().unwrap().organisation)
    }

    pub(crate) fn seen(&self, method: &str, path: &str) -> Vec<Seen> {
        let inner = self.inner.lock().unwrap();
        inner.seen.iter().filter(|seen| seen.method == method && seen.path == path).cloned().collect()
    }

    pub(crate) fn all_seen(&self) -> Vec<Seen> {
        self.inner.lock().unwrap().seen.clone()
    }

    pub(crate) fn forget(&self) {
        let mut inner = self.inner.lock().unwrap();
        schema::check(&inner.seen);
        inner.seen.clear();
    }

    /// Returns when so many such requests were seen.
    pub(crate) async fn until_seen(&self, method: &str, path: &str, count: usize) {
        let mut counted = self.inner.lock().unwrap().count.subscribe();
        while self.seen(method, path).len() < count {
            counted.changed().await.unwrap();
        }
    }

    /// Lets requests of the API arrive, but not be looked at, until [`Stub::release`].
    pub(crate) fn hold(&self) {
        self.inner.lock().unwrap().held.send_replace(true);
    }

    /// Returns when so many requests are held.
    pub(crate) async fn until_held(&self, count: usize) {
        let mut waiting = self.inner.lock().unwrap().waiting.subscribe();
        waiting.wait_for(|waiting| *waiting >= count).await.unwrap();
    }

    /// Looks at what was held.
    pub(crate) fn release(&self) {
        self.inner.lock().unwrap().held.send_replace(false);
    }

    pub(crate) fn tokens_asked(&self) -> usize {
        self.seen("POST", "/oauth/token").len()
    }

    pub(crate) fn config(&self) -> Config {
        Config {
            api_base_url: self.url.clone(),
            login_base_url: self.url.clone(),
            clients: vec![OAuthClient { id: "the-client".into(), secret: SECRET.into() }],
            tokens_per_client: 1,
            delivery: DeliveryChoice::Auto,
            source_name: "PureConnect Main".into(),
            out_of_office: true,
            notifications: true,
            external_id_authority: Some("pureconnect main".into()),
            ca_file: None,
            proxy: true,
            request_timeout: Duration::from_secs(10),
            start_patience: Duration::from_secs(120),
        }
    }

    /// With so many tokens of both clients.
    pub(crate) fn config_of_two(&self, tokens_per_client: usize) -> Config {
        let clients = CLIENTS.map(|(id, _)| OAuthClient { id: id.into(), secret: SECRET.into() });
        Config { clients: clients.into(), tokens_per_client, ..self.config() }
    }

    pub(crate) fn config_for(&self, delivery: DeliveryChoice) -> Config {
        Config { delivery, ..self.config() }
    }

    /// Connects for direct delivery, and forgets the requests that this took.
    pub(crate) async fn connect_directly(&self) -> GenesysCloud {
        let mut connected = self.try_connect(self.config_for(DeliveryChoice::Direct)).await.unwrap();
        self.forget();
        connected.clouds.remove(0)
    }

    pub(crate) async fn try_connect(&self, config: Config) -> Result<Connected, ConnectFailure> {
        GenesysCloud::connect(config, Arc::clone(&self.clock) as Arc<dyn Clock>).await
    }

    /// Connects, and forgets the requests that this took.
    pub(crate) async fn connect(&self) -> GenesysCloud {
        let mut connected = self.try_connect(self.config()).await.unwrap();
        self.forget();
        connected.clouds.remove(0)
    }

    pub(crate) async fn refused(&self) -> ConnectFailure {
        self.refused_with(self.config()).await
    }

    /// Where only events will do.
    pub(crate) async fn refused_by_events(&self) -> ConnectFailure {
        self.refused_with(self.config_for(DeliveryChoice::Events)).await
    }

    pub(crate) async fn refused_with(&self, config: Config) -> ConnectFailure {
        self.try_connect(config).await.map(|connected| connected.notes).unwrap_err()
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.server.abort();
        if !std::thread::panicking() {
            schema::check(&self.inner.lock().unwrap().seen);
        }
    }
}

async fn handle(State(inner): State<Arc<Mutex<Inner>>>, request: Request) -> Response<Body> {
    let (mut parts, body) = request.into_parts();
    let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &()).await.ok();
    let body = to_bytes(body, 1 << 20).await.unwrap().to_vec();
    let address = Url::parse("http://stub").unwrap().join(&parts.uri.to_string()).unwrap();
    let seen = Seen {
        method: parts.method.to_string(),
        path: address.path().to_owned(),
        query: address.query_pairs().into_owned().collect(),
        headers: parts.headers,
        body,
    };
    if seen.path.starts_with("/api/") {
        wait(&inner).await;
    }
    let canned = {
        let mut inner = inner.lock().unwrap();
        inner.seen.push(seen.clone());
        inner.count.send_modify(|count| *count += 1);
        let script = inner.scripts.iter().position(|s| s.times > 0 && s.method == seen.method && s.path == seen.path);
        match script {
            Some(found) => {
                inner.scripts[found].times -= 1;
                Some(inner.scripts[found].canned.clone())
            }
            None => None,
        }
    };
    let channel = seen.path.strip_prefix("/channels/").map(str::to_owned);
    let canned = match (canned, channel, upgrade) {
        (Some(canned), _, _) => canned,
        (None, Some(channel), Some(upgrade)) if knows(&inner, &channel) => {
            return upgrade.on_upgrade(move |socket| streaming::serve(inner, channel, socket));
        }
        (None, Some(_), _) => Canned::text(404, "text/plain", ""),
        (None, None, _) => inner.lock().unwrap().organisation.answer(&seen),
    };
    if canned.hangs {
        std::future::pending::<()>().await;
    }
    let mut response = Response::builder().status(canned.status);
    for (name, value) in &canned.headers {
        response = response.header(*name, value);
    }
    response.body(Body::from(canned.body)).unwrap()
}

/// Waits while requests are held.
async fn wait(inner: &Mutex<Inner>) {
    let mut held = {
        let inner = inner.lock().unwrap();
        inner.waiting.send_modify(|waiting| *waiting += usize::from(*inner.held.borrow()));
        inner.held.subscribe()
    };
    held.wait_for(|held| !held).await.unwrap();
}

fn knows(inner: &Mutex<Inner>, channel: &str) -> bool {
    inner.lock().unwrap().organisation.streaming.channels.contains(channel)
}

/// The n-th user of a test.
pub(crate) fn user(n: u128) -> CloudUserId {
    CloudUserId(Uuid::from_u128(0x8000_0000 + n))
}

/// The n-th change of a test, for the n-th user.
pub(crate) fn order(n: u128, to: domain::change::Value) -> Order {
    let happened = "2026-01-01T08:00:00.123Z".parse().unwrap();
    let id = ChangeId(Uuid::from_u128(0xc000_0000 + n));
    let change =
        domain::change::Change { id, from: None, to, happened, seen: happened, status: None, why: String::new() };
    Order { user: user(n), change }
}

pub(crate) fn lane(cloud: &GenesysCloud, facet: domain::change::Facet) -> Lane {
    cloud.lanes().into_iter().find(|lane| lane.facet == facet).unwrap()
}
