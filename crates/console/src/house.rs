//! The whole console without a socket: what tests of pages and of access knock at.

use std::net::SocketAddr;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::request::Builder;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use jiff::Timestamp;
use replicator::engine::Report;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::{CancellationToken, DropGuard};
use tower_service::Service;

use crate::access::{Access, Door, Peer};
use crate::board::Board;
use crate::health::{Pulse, Vitals};
use crate::made_up::{self, Hand};
use crate::server::{self, App};

pub(crate) const VIEWER: &str = "the-viewers-secret-token";
pub(crate) const ADMIN: &str = "the-admins-secret-token!";
pub(crate) const LOOPBACK: &str = "127.0.0.1:8090";
pub(crate) const NETWORK: &str = "192.0.2.10:8090";

/// A console with links.
pub(crate) struct House {
    router: Router,
    pub app: App,
    pub hands: Vec<Hand>,
    pub stop: CancellationToken,
    _stop: DropGuard,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

/// Who may come in: nobody has a token, and nothing is trusted.
pub(crate) fn nobody() -> Access {
    Access { viewer_tokens: Vec::new(), admin_tokens: Vec::new(), trusted_header: None, hosts: Vec::new() }
}

/// A viewer and an administrator have tokens.
pub(crate) fn tokens() -> Access {
    Access { viewer_tokens: vec![VIEWER.into()], admin_tokens: vec![ADMIN.into()], ..nobody() }
}

impl House {
    /// With links that have not begun, and that have no journal.
    pub(crate) fn new(access: &Access, listen: &str, names: &[&str]) -> Self {
        Self::over(access, listen, names, &store::Location::Sqlite("no-such-journal.db".into()))
    }

    /// With links that have not begun, over a journal.
    pub(crate) fn over(access: &Access, listen: &str, names: &[&str], journal: &store::Location) -> Self {
        let listen: SocketAddr = listen.parse().unwrap();
        access.check(listen).unwrap();
        let stop = CancellationToken::new();
        let (door, doorkeeper) = Door::new(access, listen).unwrap();
        let (links, hands): (Vec<_>, Vec<_>) = names.iter().map(|name| made_up::link(name, journal.clone())).unzip();
        let mut vitals = Vitals::new(links.iter().map(Pulse::of).collect(), Instant::now());
        let (_, seen) = watch::channel(vitals.look(Instant::now()).into());
        let (board, following) = Board::follow(links, stop.clone());
        let app = App::new(board, door, "1.2.3", stop.clone());
        let keeping = doorkeeper.run(stop.clone());
        // It ends with the guard below, and with the test's runtime.
        drop(tokio::spawn(async move { tokio::join!(following, keeping) }));
        Self {
            router: server::router(app.clone(), seen, stop.clone()),
            app,
            hands,
            stop: stop.clone(),
            _stop: stop.drop_guard(),
        }
    }

    /// On loopback, open to everybody, with an administrator's token and a link `main` that has so many agents.
    pub(crate) async fn with_agents(count: usize) -> Self {
        let mut house = Self::new(&Access { admin_tokens: vec![ADMIN.into()], ..nobody() }, LOOPBACK, &["main"]);
        let now: Timestamp = made_up::NOON.parse().unwrap();
        let agents = made_up::agents(count, now);
        house.tell(made_up::report(now, &agents), agents).await;
        house
    }

    /// The first link stands so; returns when the board has it.
    pub(crate) async fn tell(&mut self, report: Report, agents: Vec<replicator::engine::AgentReport>) {
        let hand = &self.hands[0];
        let count = agents.len();
        hand.epoch.send_replace(Some(4));
        hand.report.send_replace(Some(report));
        hand.standings.send(made_up::standings(agents)).await.unwrap();
        let mut news: watch::Receiver<u64> = self.app.board.watch();
        loop {
            let link = self.app.board.links().remove(0);
            if link.report.is_some() && link.agents.len() == count && link.epoch.is_some() {
                return;
            }
            news.changed().await.unwrap();
        }
    }

    /// Whatever the answer is. It comes from this computer unless the request says otherwise.
    pub(crate) async fn answer(&self, mut request: Request<Body>) -> Answer {
        if request.extensions().get::<Peer>().is_none() {
            request.extensions_mut().insert(Peer("127.0.0.1:50000".parse().unwrap()));
        }
        let response = self.router.clone().call(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Answer { status: parts.status, headers: parts.headers, text: String::from_utf8(body.to_vec()).unwrap() }
    }

    /// The response itself, with a body that may not end.
    pub(crate) async fn begin(&self, request: Request<Body>) -> axum::response::Response {
        self.router.clone().call(request).await.unwrap()
    }

    /// A page as a browser on this computer asks for it.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.answer(ask(path).body(Body::empty()).unwrap()).await
    }

    /// What is in the page alone.
    pub(crate) async fn fragment(&self, path: &str) -> Answer {
        self.answer(ask(path).header("x-fragment", "main").body(Body::empty()).unwrap()).await
    }

    /// Logs in as a browser does: gets the form, and sends it. The last answer, and the session's cookie.
    pub(crate) async fn log_in(&self, host: &str, origin: &str, token: &str, next: &str) -> (Answer, String) {
        let form = self.answer(Request::get("/login").header(header::HOST, host).body(Body::empty()).unwrap()).await;
        let cookie = form.cookie("login");
        let fields = [("form_token", form.field("form_token")), ("token", token.to_owned()), ("next", next.to_owned())];
        let request = post("/login", host, origin).header(header::COOKIE, &cookie);
        let answer = self.answer(request.body(encode(&fields)).unwrap()).await;
        let session = answer.cookie("session");
        (answer, session)
    }
}

/// A request from this computer, by its usual name.
pub(crate) fn ask(path: &str) -> Builder {
    Request::get(path).header(header::HOST, "localhost:8090")
}

/// A form as a browser sends it.
pub(crate) fn post(path: &str, host: &str, origin: &str) -> Builder {
    Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(header::HOST, host)
        .header(header::ORIGIN, origin)
        .header("sec-fetch-site", "same-origin")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
}

/// The fields as a body.
pub(crate) fn encode(fields: &[(&str, String)]) -> Body {
    Body::from(url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish())
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// Name and value of the cookie whose name ends so, as a browser sends it back; empty where there is none.
    pub(crate) fn cookie(&self, ending: &str) -> String {
        let lines = self.headers.get_all(header::SET_COOKIE).iter().map(|line| line.to_str().unwrap());
        let pairs = lines.map(|line| line.split(';').next().unwrap_or_default());
        let mut found = pairs.filter(|pair| pair.split('=').next().is_some_and(|name| name.ends_with(ending)));
        found.next_back().unwrap_or_default().to_owned()
    }

    /// The value of a hidden field.
    pub(crate) fn field(&self, name: &str) -> String {
        let page = scraper::Html::parse_document(&self.text);
        let selector = scraper::Selector::parse(&format!("input[name={name}]")).unwrap();
        page.select(&selector).next().and_then(|field| field.value().attr("value")).unwrap_or_default().to_owned()
    }
}
