//! Looks at one host after the other, and goes in where it is let in.

use std::collections::{BTreeSet, VecDeque};
use std::io;
use std::sync::Arc;

use domain::source::Scope;
use replicator::ports::Clock;
use tokio::sync::watch;
use tokio::time::timeout;

use super::{Certificate, Host, Inside, Logon, Reached, Said, Survey, inside};
use crate::client::{Client, Place};
use crate::config::Config;
use crate::convert::Refusal;
use crate::error::{Error, chain};
use crate::logon::{Entered, HOPS, sign_on, version_of};
use crate::prepared::Prepared;
use crate::session::Session;

/// What a visit needs to know.
struct Visit<'a> {
    config: &'a Config,
    clock: &'a Arc<dyn Clock>,
    scope: &'a Scope,
    /// Whether to log on, or only to look from outside.
    logs_on: bool,
}

/// What a visit found.
struct Found {
    host: Host,
    session: Option<Arc<Session>>,
    inside: Option<Inside>,
    alternates: Vec<String>,
}

/// A host to look at, and who named it.
struct Candidate {
    host: String,
    named_by: Option<String>,
}

/// Looks at all hosts of the configuration, and at those that they name for as long as none lets us in.
pub(super) async fn look(config: &Config, clock: &Arc<dyn Clock>, scope: &Scope, prepared: &Prepared) -> Survey {
    let mut survey = Survey::default();
    let mut queue: VecDeque<Candidate> =
        prepared.hosts.iter().map(|host| Candidate { host: host.clone(), named_by: None }).collect();
    let mut seen = BTreeSet::new();
    let (mut logs_on, mut hops) = (true, 0);
    while let Some(Candidate { host, named_by }) = queue.pop_front() {
        let is_of_use = logs_on || named_by.is_none();
        let Some(base) = prepared.template.base(&host).filter(|_| is_of_use && seen.insert(host.to_lowercase())) else {
            continue;
        };
        let named_by = named_by.filter(|_| !is_listed(&prepared.hosts, &host));
        let visit = Visit { config, clock, scope, logs_on };
        let found = visit.pay(prepared, Place { host: host.clone(), base }, named_by).await;
        note_unlisted(&mut survey.unlisted_hosts, &prepared.hosts, &found.alternates);
        match &found.host.logon {
            // Another host would say the same, and a wrong password tried everywhere locks the account.
            Logon::Accepted | Logon::WrongCredentials(_) => logs_on = false,
            Logon::NotAccepting { alternates, .. } if prepared.template.has_slot() => {
                let more: Vec<_> = alternates.iter().take(HOPS - hops).collect();
                hops += more.len();
                for next in more.into_iter().rev() {
                    queue.push_front(Candidate { host: next.clone(), named_by: Some(host.clone()) });
                }
            }
            Logon::NotAccepting { .. }
            | Logon::NotTried
            | Logon::TooOld
            | Logon::NotPureConnect { .. }
            | Logon::NoLicence(_)
            | Logon::Refused(_)
            | Logon::Failed { .. } => {}
        }
        survey.inside = survey.inside.or(found.inside);
        survey.hosts.push(found.host);
    }
    survey
}

fn is_listed(hosts: &[String], host: &str) -> bool {
    hosts.iter().any(|known| known.eq_ignore_ascii_case(host))
}

fn note_unlisted(unlisted: &mut Vec<String>, configured: &[String], named: &[String]) {
    for host in named {
        if !host.is_empty() && !is_listed(configured, host) && !is_listed(unlisted, host) {
            unlisted.push(host.clone());
        }
    }
}

impl Visit<'_> {
    /// Takes at most as long as a start may take, and logs off.
    async fn pay(&self, prepared: &Prepared, place: Place, named_by: Option<String>) -> Found {
        let host = Host {
            host: place.host.clone(),
            address: place.base.clone(),
            named_by,
            reached: Reached::TimedOut,
            certificate: None,
            version: None,
            logon: Logon::NotTried,
        };
        let mut found = Found { host, session: None, inside: None, alternates: Vec::new() };
        let witness = watch::Sender::new(None);
        let patience = self.config.start_patience;
        match prepared.client(self.config, Some(witness.clone())) {
            Ok(client) => {
                let in_time = timeout(patience, self.look_at(&client, place, &mut found)).await.is_ok();
                if let Some(inside) = found.inside.as_mut().filter(|_| !in_time) {
                    inside.interrupted = Some(format!("not finished within {patience:?}"));
                } else if !in_time && found.host.reached == Reached::Yes {
                    found.host.logon = Logon::Failed { said: format!("no answer within {patience:?}") };
                }
            }
            Err(failure) => found.host.reached = Reached::Failed { said: chain(&failure) },
        }
        if let Some(session) = found.session.take() {
            session.log_off().await;
        }
        let checked = !self.config.tls.danger_accept_invalid_certificates;
        found.host.certificate = witness.borrow().as_ref().map(|presented| Certificate::read(presented, checked));
        found
    }

    /// Notes each thing as soon as it is known: time may be up at any moment.
    async fn look_at(&self, client: &Client, place: Place, found: &mut Found) {
        let version = match version_of(client, &place).await {
            Ok(version) => version,
            Err(error) => {
                (found.host.reached, found.host.logon) = from_outside(&error);
                found.alternates = error.alternates().to_vec();
                return;
            }
        };
        found.host.reached = Reached::Yes;
        let (release, is_supported) = (version.release, version.is_supported());
        found.host.version = Some(version);
        if !is_supported {
            found.host.logon = Logon::TooOld;
            return;
        }
        if !self.logs_on {
            return;
        }
        match sign_on(client, place, self.config, self.clock, release).await {
            Ok(Entered { session, alternates, password_days }) => {
                found.host.logon = Logon::Accepted;
                found.alternates = alternates;
                let session = Arc::clone(found.session.insert(Arc::new(session)));
                let inside = found.inside.insert(inside::unknown(&session, password_days));
                inside::look_around(session, self.config, Arc::clone(self.clock), self.scope, inside).await;
            }
            Err(error) => {
                found.alternates = error.alternates().to_vec();
                found.host.logon = refused(&error);
            }
        }
    }
}

/// What it means that a host did not say its version.
fn from_outside(error: &Error) -> (Reached, Logon) {
    match error {
        Error::NoAnswer { cause, .. } => (unreached(cause), Logon::NotTried),
        Error::TooSlow { .. } => (Reached::TimedOut, Logon::NotTried),
        Error::Untrusted { .. } => (Reached::Untrusted, Logon::NotTried),
        other => (Reached::Yes, refused(other)),
    }
}

fn refused(error: &Error) -> Logon {
    match error {
        Error::TooOld { .. } => Logon::TooOld,
        Error::NotIcws { found, .. } => Logon::NotPureConnect { found: found.clone() },
        Error::WrongPassword { refusal, .. } => Logon::WrongCredentials(said(400, refusal)),
        Error::Refused { status, refusal, .. } if status.as_u16() == 503 => {
            Logon::NotAccepting { alternates: refusal.alternates.clone(), said: said(503, refusal) }
        }
        Error::Refused { status, refusal, .. } if refusal.is_about_licences() => {
            Logon::NoLicence(said(status.as_u16(), refusal))
        }
        Error::Refused { status, refusal, .. } => Logon::Refused(said(status.as_u16(), refusal)),
        other => Logon::Failed { said: chain(other) },
    }
}

fn said(status: u16, refusal: &Refusal) -> Said {
    let id = if refusal.id.is_empty() { &refusal.code } else { &refusal.id };
    Said { status, id: id.clone(), message: refusal.message.clone() }
}

/// Why nothing came back. The HTTP library tells names that do not resolve by the text only.
fn unreached(error: &reqwest::Error) -> Reached {
    if error.is_timeout() {
        return Reached::TimedOut;
    }
    let mut next: Option<&(dyn std::error::Error + 'static)> = std::error::Error::source(error);
    while let Some(cause) = next {
        if cause.to_string() == "dns error" {
            let said = cause.source().map_or_else(String::new, chain);
            return Reached::NameNotFound { said };
        }
        let io = cause.downcast_ref::<io::Error>();
        let wrapped = io.and_then(io::Error::get_ref).map(|inner| inner as &(dyn std::error::Error + 'static));
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            return Reached::NoHandshake { said: tls.to_string() };
        }
        match io.map(io::Error::kind) {
            Some(io::ErrorKind::ConnectionRefused) => return Reached::Refused { said: cause.to_string() },
            Some(io::ErrorKind::TimedOut) => return Reached::TimedOut,
            Some(_) | None => next = wrapped.or_else(|| cause.source()),
        }
    }
    Reached::Failed { said: chain(error) }
}
