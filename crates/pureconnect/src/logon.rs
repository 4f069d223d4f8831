//! Finds the host that takes us, and logs on there: version gate first, then the logon, following alternate hosts.
//!
//! One round over all hosts; when to try again is the business of `source`.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use domain::source::Release;
use jiff::SignedDuration;
use replicator::ports::Clock;
use tracing::{info, warn};

use crate::client::{Client, Credentials, Place};
use crate::config::Config;
use crate::convert::{self, LoggedOn};
use crate::endpoint::Template;
use crate::error::{Error, chain};
use crate::limits;
use crate::request::Request;
use crate::session::Session;
use crate::survey::Version;
use offset::{Reading, measured};

mod offset;

pub(crate) use offset::remeasured;

/// How many alternate hosts are followed in one round.
pub(crate) const HOPS: usize = limits::ALTERNATES;

/// A password that expires within so many days is worth a warning at each logon.
const EXPIRY_WARNING_DAYS: i64 = 14;

/// The hosts to try: those of the configuration, and those that servers named.
pub(crate) struct Doors {
    template: Template,
    configured: Vec<String>,
    /// The former host and the alternates that it named, in order.
    remembered: Vec<String>,
}

impl Doors {
    pub(crate) fn new(template: Template, configured: Vec<String>) -> Self {
        Self { template, configured, remembered: Vec::new() }
    }

    /// After a session was lost: its host, the alternates it named, then the configured ones, since a server's list may
    /// hold names that mean nothing here (icws.md §3.3).
    fn candidates(&self) -> VecDeque<String> {
        let all = self.remembered.iter().chain(&self.configured).cloned();
        if self.template.has_slot() { all.collect() } else { all.take(1).collect() }
    }

    /// A server sends us elsewhere in the middle of a session.
    pub(crate) fn directed(&mut self, alternates: &[String]) {
        self.remembered.splice(0..0, alternates.iter().cloned());
        self.remembered.truncate(2 * HOPS);
    }

    fn opened(&mut self, host: &str, alternates: Vec<String>) {
        self.remembered = vec![host.to_owned()];
        self.remembered.extend(alternates);
    }
}

/// Logs on at the first host that accepts.
pub(crate) async fn log_on(
    client: &Client,
    doors: &mut Doors,
    config: &Config,
    clock: &Arc<dyn Clock>,
) -> Result<Session, Error> {
    let mut queue = doors.candidates();
    let mut seen = BTreeSet::new();
    let mut hops = 0;
    let (mut unfit, mut trouble): (Option<Error>, Option<Error>) = (None, None);
    while let Some(host) = queue.pop_front() {
        if !seen.insert(host.to_lowercase()) {
            continue;
        }
        let Some(base) = doors.template.base(&host) else {
            warn!(host, "ignored an alternate host that is no host name");
            continue;
        };
        match enter(client, Place { host: host.clone(), base }, config, clock).await {
            Ok(Entered { session, alternates, .. }) => {
                doors.opened(&host, alternates);
                if let Some(error) = unfit {
                    warn!(error = chain(&error), check = error.advice(), "a PureConnect host was passed over");
                }
                return Ok(session);
            }
            Err(Error::Refused { status, refusal, .. }) if status.as_u16() == 503 => {
                info!(host, alternates = refusal.alternates.len(), "PureConnect host takes no logons");
                let more: Vec<_> = refusal.alternates.into_iter().take(HOPS - hops).collect();
                hops += more.len();
                if doors.template.has_slot() {
                    more.into_iter().rev().for_each(|host| queue.push_front(host));
                }
            }
            // Another host would say the same, and a wrong password tried everywhere locks the account.
            Err(error @ Error::WrongPassword { .. }) => return Err(error),
            // The other host of the pair has a certificate and a release of its own.
            Err(error @ (Error::Untrusted { .. } | Error::TooOld { .. })) => {
                unfit.get_or_insert(error);
            }
            // What may pass outweighs what cannot: the other host may just be down.
            Err(error) => match &trouble {
                Some(known) if known.fatal().is_none() => {}
                _ => trouble = Some(error),
            },
        }
    }
    let tried = seen.into_iter().collect::<Vec<_>>().join(", ");
    Err(unfit.or(trouble).unwrap_or(Error::NoHost { tried }))
}

/// A session, and what was said when it was made.
pub(crate) struct Entered {
    pub(crate) session: Session,
    /// Where to go when it is lost.
    pub(crate) alternates: Vec<String>,
    /// Until the password expires.
    pub(crate) password_days: Option<i64>,
}

/// The version gate and the logon at one host.
async fn enter(client: &Client, place: Place, config: &Config, clock: &Arc<dyn Clock>) -> Result<Entered, Error> {
    let Version { release, .. } = version_of(client, &place).await?;
    if release < Release::FIRST_SUPPORTED {
        return Err(Error::TooOld { host: place.host, release });
    }
    sign_on(client, place, config, clock, release).await
}

/// The logon at a host whose release is good enough.
pub(crate) async fn sign_on(
    client: &Client,
    place: Place,
    config: &Config,
    clock: &Arc<dyn Clock>,
    release: Release,
) -> Result<Entered, Error> {
    let request =
        Request::LogOn { application: &config.application_name, user: &config.user, password: &config.password };
    warn_of_danger(config, &place);
    let before = clock.now().utc;
    let reply = client.ask(&place, None, &request).await.map_err(|error| refused(error, config))?;
    let after = clock.now().utc;
    let logged_on = convert::logged_on(&reply.headers, &reply.body)
        .map_err(|_| not_icws(&place, "the answer to the logon is none"))?
        .ok_or_else(|| not_icws(&place, "the answer to the logon has no session id or no token"))?;
    let LoggedOn { session, csrf, cookie, alternates, messaging, server_time, password_days, .. } = logged_on;
    let release = logged_on.release.unwrap_or(release);
    if let Some(days) = password_days.filter(|days| *days <= EXPIRY_WARNING_DAYS) {
        warn!(host = place.host, days, "the password of the PureConnect service user expires soon");
    }
    let messaging = match messaging {
        Some(version) => version,
        None => messaging_version(client, &place).await,
    };
    let known = SignedDuration::ZERO;
    let offset = match server_time {
        Some(server) => measured(Reading { server, before, after }, known),
        None => remeasured(client, &place, clock, known).await,
    };
    let session = Session {
        client: client.clone(),
        place,
        credentials: Credentials { session, cookie, csrf },
        release,
        can_stream: messaging >= 2,
        offset,
    };
    info!(
        host = session.host(),
        release = %session.release,
        stream = session.can_stream,
        clock_offset_s = session.offset.as_secs_f64(),
        "logged on to PureConnect"
    );
    Ok(Entered { session, alternates, password_days })
}

fn warn_of_danger(config: &Config, place: &Place) {
    if config.tls.danger_accept_invalid_certificates && place.base.starts_with("https:") {
        warn!(
            host = place.host,
            "logging on to PureConnect WITHOUT CHECKING ITS CERTIFICATE; anybody may be listening"
        );
    }
}

/// What a host runs.
pub(crate) async fn version_of(client: &Client, place: &Place) -> Result<Version, Error> {
    let reply = match client.ask(place, None, &Request::Version).await {
        Ok(reply) => reply,
        Err(Error::Refused { status, refusal, .. }) if !status.is_server_error() && !refusal.spoken => {
            return Err(match status.as_u16() {
                401 | 403 | 407 => {
                    Error::Refused { host: place.host.clone(), operation: Request::Version.name(), status, refusal }
                }
                _ => not_icws(place, &format!("it answers {status} when asked for its version")),
            });
        }
        Err(error) => return Err(error),
    };
    let version = convert::version(&reply.body).map_err(|_| not_icws(place, described(&reply.body)))?;
    version.ok_or_else(|| not_icws(place, "its version holds no numbers"))
}

fn described(body: &[u8]) -> &'static str {
    match body.trim_ascii_start().first() {
        None => "its answer is empty when asked for its version",
        Some(b'<') => "it answers with a web page when asked for its version",
        Some(b'{' | b'[') => "it answers with other JSON when asked for its version",
        Some(_) => "it answers with something else when asked for its version",
    }
}

fn not_icws(place: &Place, found: &str) -> Error {
    Error::NotIcws { host: place.host.clone(), found: found.to_owned() }
}

/// A wrong password is a 400 (icws.md §3.2); servers before 4.0 SU6 give no id with it. What the server says is shown,
/// but for the password, should it be quoted.
fn refused(error: Error, config: &Config) -> Error {
    use secrecy::ExposeSecret;
    let Error::Refused { host, operation, status, mut refusal } = error else {
        return error;
    };
    let password = config.password.expose_secret();
    if !password.is_empty() {
        refusal.message = refusal.message.replace(password, "…");
    }
    let is_unnamed = refusal.id.is_empty() && !refusal.is_about_licences();
    if status.as_u16() == 400 && (refusal.is_authentication() || is_unnamed) {
        return Error::WrongPassword { host, user: config.user.clone(), refusal };
    }
    Error::Refused { host, operation, status, refusal }
}

/// Without a list there is polling, which every release has.
async fn messaging_version(client: &Client, place: &Place) -> u32 {
    match client.ask(place, None, &Request::Features).await {
        Ok(reply) => convert::messaging(&reply.body).unwrap_or(0),
        Err(_) => 0,
    }
}
