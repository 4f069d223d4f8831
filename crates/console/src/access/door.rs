//! The door: what each request has to show, and the task that keeps sessions and counts failures.
//!
//! The task owns both; everybody else looks at its picture and tells it what happened.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName, header};
use secrecy::ExposeSecret;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::caller::{By, Caller, Role};
use super::failures::Failures;
use super::forms::{Seal, Tag};
use super::hosts::Hosts;
use super::names::{Cookie, Way};
use super::refusal::Refusal;
use super::sessions::{Key, Sessions};
use super::{Access, is_loopback};

/// Logins that wait for the doorkeeper; whoever comes then waits, too.
const QUEUE: usize = 64;

/// What requests are held against. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Door {
    rules: Arc<Rules>,
    picture: watch::Receiver<Picture>,
    events: mpsc::Sender<(Event, oneshot::Sender<()>)>,
}

/// What does not change while the program runs.
#[derive(Debug)]
struct Rules {
    open: bool,
    seal: Seal,
    viewers: Vec<Tag>,
    admins: Vec<Tag>,
    header: Option<Header>,
    hosts: Hosts,
}

#[derive(Debug)]
struct Header {
    name: HeaderName,
    peers: Vec<IpAddr>,
    admins: Vec<String>,
}

#[derive(Debug, Default)]
struct Picture {
    sessions: Sessions,
    failures: Failures,
}

/// What the doorkeeper is told.
#[derive(Debug)]
enum Event {
    Failed(IpAddr),
    LoggedIn(IpAddr, Key, Role),
    LoggedOut(Key),
}

/// Owns the sessions and the counts.
#[derive(Debug)]
pub(crate) struct Doorkeeper {
    picture: watch::Sender<Picture>,
    events: mpsc::Receiver<(Event, oneshot::Sender<()>)>,
}

impl Doorkeeper {
    /// Waits for news until the program ends.
    pub(crate) async fn run(mut self, shutdown: CancellationToken) {
        let next = async |events: &mut mpsc::Receiver<_>| {
            tokio::select! {
                event = events.recv() => event,
                () = shutdown.cancelled() => None,
            }
        };
        while let Some((event, done)) = next(&mut self.events).await {
            let now = Instant::now();
            self.picture.send_modify(|picture| picture.take(now, event));
            // Whoever told it may have gone away meanwhile.
            let _ = done.send(());
        }
    }
}

impl Picture {
    fn take(&mut self, now: Instant, event: Event) {
        match event {
            Event::Failed(address) => self.failures.failed(now, address),
            Event::LoggedIn(address, key, role) => {
                self.failures.succeeded(address);
                self.sessions.begin(now, key, role);
            }
            Event::LoggedOut(key) => self.sessions.end(&key),
        }
    }
}

impl Door {
    /// A door, and who keeps it. [`Access::check`] comes before.
    pub(crate) fn new(access: &Access, listen: SocketAddr) -> Result<(Self, Doorkeeper), getrandom::Error> {
        let seal = Seal::new()?;
        let tags =
            |tokens: &[secrecy::SecretString]| tokens.iter().map(|token| seal.tag(token.expose_secret())).collect();
        let header = access.trusted_header.as_ref().and_then(|header| {
            let name = HeaderName::try_from(&header.name).ok()?;
            let peers = header.peers.iter().map(IpAddr::to_canonical).collect();
            Some(Header { name, peers, admins: header.admins.clone() })
        });
        let rules = Rules {
            open: access.is_open(listen),
            viewers: tags(&access.viewer_tokens),
            admins: tags(&access.admin_tokens),
            header,
            hosts: Hosts::new(&access.hosts, is_loopback(listen.ip())),
            seal,
        };
        let (picture, watched) = watch::channel(Picture::default());
        let (sender, events) = mpsc::channel(QUEUE);
        let door = Self { rules: Arc::new(rules), picture: watched, events: sender };
        Ok((door, Doorkeeper { picture, events }))
    }

    pub(crate) fn hosts(&self) -> &Hosts {
        &self.rules.hosts
    }

    pub(crate) fn seal(&self) -> &Seal {
        &self.rules.seal
    }

    /// Whether everybody on this computer may look.
    pub(crate) fn is_open(&self) -> bool {
        self.rules.open
    }

    /// Whether there is a token to log in with.
    pub(crate) fn has_tokens(&self) -> bool {
        !self.rules.admins.is_empty() || !self.rules.viewers.is_empty()
    }

    /// Who asks. A token in the request goes before a session, a session before what a proxy says.
    pub(crate) async fn identify(&self, peer: SocketAddr, headers: &HeaderMap, way: Way) -> Result<Caller, Refusal> {
        if let Some(token) = bearer(headers) {
            return self.try_bearer(self.client(peer, headers), token).await;
        }
        let session = Cookie::Session.of(headers, way).map(Key::of);
        let session = session.and_then(|key| Some((key, self.picture.borrow().sessions.role(Instant::now(), &key)?)));
        if let Some((key, role)) = session {
            let form_token = self.rules.seal.form_token(key.as_bytes());
            return Ok(Caller { role, by: By::Session(key), form_token });
        }
        if let Some(name) = self.let_in_by_proxy(peer, headers) {
            let is_admin = self.rules.header.as_ref().is_some_and(|header| header.admins.contains(&name));
            let role = if is_admin { Role::Admin } else { Role::Viewer };
            let form_token = self.rules.seal.form_token(name.as_bytes());
            return Ok(Caller { role, by: By::Proxy(name), form_token });
        }
        if self.rules.open {
            return Ok(Caller { role: Role::Viewer, by: By::Loopback, form_token: self.rules.seal.form_token(b"") });
        }
        Err(Refusal::Unknown)
    }

    /// Whether the caller is still let in: a page that stays open asks from time to time.
    pub(crate) fn still_knows(&self, caller: &Caller) -> bool {
        match &caller.by {
            By::Session(key) => self.picture.borrow().sessions.role(Instant::now(), key).is_some(),
            By::Loopback | By::Bearer | By::Proxy(_) => true,
        }
    }

    /// A programs' token. Who guesses too often is not listened to, be it right or wrong.
    async fn try_bearer(&self, client: IpAddr, token: &str) -> Result<Caller, Refusal> {
        let closed = self.picture.borrow().failures.closed_for(Instant::now(), client);
        if let Some(wait) = closed {
            return Err(Refusal::TooMany(wait));
        }
        match self.role_of(token) {
            Some(role) => Ok(Caller { role, by: By::Bearer, form_token: String::new() }),
            None => {
                tracing::warn!(client = %client, "a request had a wrong token");
                self.tell(Event::Failed(client)).await;
                Err(Refusal::WrongToken)
            }
        }
    }

    /// Begins a session for whoever has the token; gives what its cookie holds.
    pub(crate) async fn log_in(&self, client: IpAddr, token: &str) -> Result<String, Refusal> {
        let closed = {
            let picture = self.picture.borrow();
            let now = Instant::now();
            picture.failures.closed_for(now, client).or(picture.failures.closed_to_all_for(now))
        };
        if let Some(wait) = closed {
            return Err(Refusal::TooMany(wait));
        }
        let Some(role) = self.role_of(token) else {
            tracing::warn!(client = %client, "a login had a wrong token");
            self.tell(Event::Failed(client)).await;
            return Err(Refusal::WrongToken);
        };
        let cookie = super::names::random().map_err(|_| Refusal::NoRandomness)?;
        self.tell(Event::LoggedIn(client, Key::of(&cookie), role)).await;
        tracing::info!(client = %client, admin = role == Role::Admin, "somebody logged in to the console");
        Ok(cookie)
    }

    pub(crate) async fn log_out(&self, caller: &Caller) {
        if let By::Session(key) = caller.by {
            self.tell(Event::LoggedOut(key)).await;
        }
    }

    /// Both lists are gone through, whatever the first says.
    fn role_of(&self, token: &str) -> Option<Role> {
        let admin = self.rules.seal.is_one_of(token, &self.rules.admins);
        let viewer = self.rules.seal.is_one_of(token, &self.rules.viewers);
        match (admin, viewer) {
            (true, _) => Some(Role::Admin),
            (false, true) => Some(Role::Viewer),
            (false, false) => None,
        }
    }

    /// Returns when the doorkeeper has done it, so that the next request finds it so.
    async fn tell(&self, event: Event) {
        let (done, is_done) = oneshot::channel();
        if self.events.send((event, done)).await.is_ok() {
            // It ends with the program only, and so do we.
            let _ = is_done.await;
        }
    }

    /// Whom the proxy let in. Two names, or none, are nobody.
    fn let_in_by_proxy(&self, peer: SocketAddr, headers: &HeaderMap) -> Option<String> {
        let header = self.rules.header.as_ref().filter(|header| header.peers.contains(&peer.ip().to_canonical()))?;
        let mut names = headers.get_all(&header.name).iter();
        let name = names.next().filter(|_| names.next().is_none())?.to_str().ok()?.trim();
        (!name.is_empty()).then(|| name.to_owned())
    }

    /// Where the request came from: what a trusted proxy saw, else who is connected.
    pub(crate) fn client(&self, peer: SocketAddr, headers: &HeaderMap) -> IpAddr {
        let peer = peer.ip().to_canonical();
        let trusted = self.rules.header.as_ref().is_some_and(|header| header.peers.contains(&peer));
        if !trusted {
            return peer;
        }
        let forwarded = headers.get_all("x-forwarded-for").iter().next_back().and_then(|line| line.to_str().ok());
        let nearest = forwarded.and_then(|line| line.rsplit(',').next()).and_then(|last| last.trim().parse().ok());
        nearest.unwrap_or(peer)
    }
}

/// The scheme is compared without case (RFC 9110, 11.1).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let line = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = line.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
