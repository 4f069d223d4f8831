//! What there is to know before a link runs: which hosts answer, with which certificate, whether they let us in, and
//! what the service user may see. Read-only; it logs on once and off again.
//!
//! It gathers facts, with the server's own words. What follows from them, and what to do, is for others to say.

use std::sync::Arc;

use domain::ids::{AgentId, WorkgroupId};
use domain::source::{Agent, Catalogue, Release, Scope, UserStatus, Workgroup};
use jiff::SignedDuration;
use replicator::ports::Clock;

use crate::config::Config;
use crate::error::chain;
use crate::prepared::Prepared;

mod doors;
mod inside;
mod presented;
mod rights;

pub use presented::{Certificate, Trust};
pub use rights::{Right, Standing};

/// What was found out about one PureConnect system.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Survey {
    /// Why the configuration can never work, such as a CA file that is none. Nothing was asked then.
    pub misconfigured: Option<String>,
    /// The hosts in the order in which they were looked at: those of the configuration, each followed by the alternates
    /// that it named and that had to be followed to get in.
    pub hosts: Vec<Host>,
    /// What the session showed, on the first host that let us in.
    pub inside: Option<Inside>,
    /// Hosts that servers named as their alternates and that the configuration does not have, in the order of naming.
    /// After a switchover they can only be found while one of the configured hosts is there to name them.
    pub unlisted_hosts: Vec<String>,
}

/// One host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// Its name, as configured or as named by another host.
    pub host: String,
    /// The base URL that was tried.
    pub address: String,
    /// Which host named it; `None` when the configuration does.
    pub named_by: Option<String>,
    /// Whether it was reached.
    pub reached: Reached,
    /// What it presented, whether that is trusted or not; `None` without TLS and when no handshake came so far.
    pub certificate: Option<Certificate>,
    /// What it runs; `None` when it was not reached, or does not say.
    pub version: Option<Version>,
    /// Whether it let us in.
    pub logon: Logon,
}

/// Whether a host was reached, down to its HTTP answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reached {
    /// It answers.
    Yes,
    /// Its name does not resolve to an address.
    NameNotFound {
        /// What the resolver says.
        said: String,
    },
    /// There is a computer, but nothing listens on the port.
    Refused {
        /// What the operating system says.
        said: String,
    },
    /// Nothing came back in time.
    TimedOut,
    /// It answers, but with a certificate that is not trusted; see [`Host::certificate`]. Nothing was sent to it.
    Untrusted,
    /// It answers, but there was no TLS handshake: another port, or no common version or cipher.
    NoHandshake {
        /// What the TLS library says.
        said: String,
    },
    /// Anything else in the network.
    Failed {
        /// What the operating system or the HTTP library says.
        said: String,
    },
}

/// What a server says that it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The release.
    pub release: Release,
    /// In full, as the server puts it, such as `2020 R3 Patch4`; made of the numbers where it does not say.
    pub text: String,
}

impl Version {
    /// Whether the replication supports it: 2019 R4 or later.
    #[must_use]
    pub fn is_supported(&self) -> bool {
        self.release >= Release::FIRST_SUPPORTED
    }
}

/// How a logon ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Logon {
    /// We are in.
    Accepted,
    /// There was no need, or no use: another host had let us in, or had refused the password; or this one was not
    /// reached.
    NotTried,
    /// The release is too old, so that no password was sent.
    TooOld,
    /// What answers is not PureConnect.
    NotPureConnect {
        /// What answers instead.
        found: String,
    },
    /// User or password are wrong, or the account is locked.
    WrongCredentials(Said),
    /// The licence for custom applications, `I3_FEATURE_ICWS_SDK`, is missing or used up.
    NoLicence(Said),
    /// It takes no logons at the moment: the backup server of a pair, or one that sends everybody elsewhere.
    NotAccepting {
        /// Where it sends us instead.
        alternates: Vec<String>,
        /// What it says.
        said: Said,
    },
    /// Anything else.
    Refused(Said),
    /// It was reached, and then something broke.
    Failed {
        /// What broke.
        said: String,
    },
}

/// A server's own words about a refusal. They never hold the password.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// The HTTP status.
    pub status: u16,
    /// The server's id of the error, such as `error.request.connection.authenticationFailure`; may be empty.
    pub id: String,
    /// Its text, at most a line; may be empty.
    pub message: String,
}

/// What the session showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inside {
    /// On which host.
    pub host: String,
    /// Whether messages come as server-sent events; otherwise they are fetched, up to a second late.
    pub server_sent_events: bool,
    /// Whether the feature licence `I3_FEATURE_CLOUD_WEM_WORKFORCE_PLANNING` is there; `None` when the service user may
    /// not see licences.
    pub workforce_engagement: Option<bool>,
    /// The server's clock minus ours; it counts whole seconds.
    pub clock_offset: SignedDuration,
    /// Until the service user's password expires, where the server says.
    pub password_days: Option<i64>,
    /// Every right that the bridge needs, and whether the service user has it; in the order of [`Right::ALL`]. One that
    /// is there for some of the agents counts as granted; the others are in `without_status` and `without_queues`.
    pub rights: Vec<(Right, Standing)>,
    /// The status messages; `None` when they may not be read.
    pub catalogue: Option<Catalogue>,
    /// The workgroups; `None` when they may not be read.
    pub workgroups: Option<Vec<Workgroup>>,
    /// How many users the service user may see; `None` when they may not be read.
    pub users: Option<usize>,
    /// Those of them who are in scope.
    pub agents: Vec<Agent>,
    /// Workgroups that the scope names and that neither exist as far as may be seen, nor have a member.
    pub unknown_workgroups: Vec<WorkgroupId>,
    /// The agents' statuses.
    pub statuses: Vec<(AgentId, UserStatus)>,
    /// Agents whose status may not be seen.
    pub without_status: Vec<AgentId>,
    /// Agents whose queues may not be watched.
    pub without_queues: Vec<AgentId>,
    /// What broke in the middle, so that the rest is unknown.
    pub interrupted: Option<String>,
}

impl Inside {
    /// How the service user stands with this right.
    #[must_use]
    pub fn standing(&self, right: Right) -> Option<&Standing> {
        self.rights.iter().find(|(known, _)| *known == right).map(|(_, standing)| standing)
    }
}

/// Looks at every host, logs on at the first that lets us in, looks around, and logs off. It never fails as a whole,
/// takes at most [`Config::start_patience`] for each host, and sends a wrong password once only.
pub async fn survey(config: &Config, clock: Arc<dyn Clock>, scope: &Scope) -> Survey {
    let prepared = Prepared::check(config).and_then(|prepared| {
        // Whatever the CA file is, it is the same for each host.
        prepared.client(config, None)?;
        Ok(prepared)
    });
    match prepared {
        Ok(prepared) => doors::look(config, &clock, scope, &prepared).await,
        Err(failure) => Survey { misconfigured: Some(chain(&failure)), ..Survey::default() },
    }
}
