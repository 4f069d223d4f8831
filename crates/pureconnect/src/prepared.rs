//! What follows from the configuration before anything is sent: where to go, and with which client. It says what is wrong
//! with the configuration; it does not know what is done with it.

use std::time::Duration;

use replicator::ports::SourceFailure;

use crate::client::Client;
use crate::config::{Config, Tls};
use crate::endpoint::{Template, is_loopback};
use crate::error::misconfigured;
use crate::stream::Rhythm;
use crate::tls::{self, Witness};

/// The longest time between two polls; more would look like a dead session to the server.
const LONGEST_POLL: Duration = Duration::from_secs(1);

/// The longest time between two readings of the users; more, and who is new would not be known within a minute.
const LONGEST_USERS: Duration = Duration::from_secs(45);

/// A setting of zero shall not make a busy loop.
const SHORTEST_POLL: Duration = Duration::from_millis(10);

/// Missing lists are waited for this many times as long as one request.
const LIST_PATIENCE: u32 = 4;

/// Where to go.
pub(crate) struct Prepared {
    pub(crate) template: Template,
    /// In the order of the configuration; at least one.
    pub(crate) hosts: Vec<String>,
}

impl Prepared {
    /// Checks the URL and the hosts.
    pub(crate) fn check(config: &Config) -> Result<Self, SourceFailure> {
        let template = Template::parse(&config.base_url)
            .map_err(|problem| misconfigured(format!("`base_url`: {problem}"), None))?;
        let hosts = hosts(config, &template)?;
        Ok(Self { template, hosts })
    }

    /// Builds the client: checks the CA file and the fingerprint. The witness is shown each certificate.
    pub(crate) fn client(&self, config: &Config, witness: Option<Witness>) -> Result<Client, SourceFailure> {
        let tls = if self.template.is_encrypted() || config.tls != Tls::default() {
            tls::client_config(&config.tls, witness)?
        } else {
            tls::unencrypted()
        };
        let local = self.hosts.iter().all(|host| self.template.base(host).is_some_and(|base| is_loopback(&base)));
        Client::new(tls, local, &config.language, config.request_timeout)
    }
}

/// How to listen.
pub(crate) fn rhythm(config: &Config) -> Rhythm {
    Rhythm { silence: config.silence_limit, poll: config.poll_interval.clamp(SHORTEST_POLL, LONGEST_POLL) }
}

/// How often the users are read again.
pub(crate) fn users_interval(wanted: Duration) -> Duration {
    wanted.clamp(SHORTEST_POLL, LONGEST_USERS)
}

/// How long missing lists are waited for.
pub(crate) fn list_patience(config: &Config) -> Duration {
    config.request_timeout.saturating_mul(LIST_PATIENCE)
}

fn hosts(config: &Config, template: &Template) -> Result<Vec<String>, SourceFailure> {
    let hosts: Vec<String> = config.hosts.iter().map(|host| host.trim().to_owned()).collect();
    if let Some(bad) = hosts.iter().find(|host| template.base(host).is_none()) {
        return Err(misconfigured(format!("`hosts`: `{bad}` is no host name"), None));
    }
    if !template.has_slot() {
        if hosts.len() > 1 {
            return Err(misconfigured("`base_url` has no {host} slot, but there are several `hosts`".to_owned(), None));
        }
        let own = template.own_host().unwrap_or_default();
        return Ok(vec![hosts.into_iter().next().unwrap_or(own)]);
    }
    if hosts.is_empty() {
        return Err(misconfigured("`hosts` is empty".to_owned(), None));
    }
    Ok(hosts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_new_is_known_within_a_minute_whatever_is_set() {
        assert_eq!(users_interval(Duration::MAX), Duration::from_secs(45));
        assert_eq!(users_interval(Duration::from_secs(20)), Duration::from_secs(20));
        assert!(users_interval(Duration::ZERO) > Duration::ZERO, "and not in a busy loop");
    }
}
