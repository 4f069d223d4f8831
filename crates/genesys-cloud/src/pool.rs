//! The tokens: one way to the API for each of them, all over the same connections.
//!
//! Knows what a configuration must have before anything is sent. Each token has a rate limit of its own, and an owner
//! that renews it; the login service is asked by one task for all.

use std::sync::Arc;

use replicator::ports::{Clock, FailureKind};
use secrecy::ExposeSecret;
use url::Url;

use crate::auth::Tokens;
use crate::client::Client;
use crate::config::Config;
use crate::ending::Ending;
use crate::error::ConnectFailure;
use crate::login::Login;
use crate::transport;

/// All tokens, and the tasks that own them.
pub(crate) struct Pool {
    /// One for each token, those of an OAuth client next to each other, in the order of the configuration.
    pub(crate) clients: Vec<Arc<Client>>,
    /// How many of them each OAuth client has; at least 1.
    pub(crate) each: usize,
    pub(crate) ending: Ending,
}

impl Pool {
    /// Starts the owners of the tokens, who ask for nothing yet.
    pub(crate) fn start(config: &Config, clock: &Arc<dyn Clock>) -> Result<Self, ConnectFailure> {
        let api = base(&config.api_base_url, "api_base_url")?;
        let login = base(&config.login_base_url, "login_base_url")?;
        check(config)?;
        let http = transport::build(config)?;
        let mut token_url = login.clone();
        token_url.path_segments_mut().expect("checked above").pop_if_empty().extend(["oauth", "token"]);
        let ending = Ending::new();
        let asked = Login::start(http.clone(), token_url, &ending);
        let each = config.tokens_per_client.max(1);
        let oauth_clients = config.clients.iter().flat_map(|client| std::iter::repeat_n(client, each));
        let clients = oauth_clients.map(|oauth| {
            let tokens = Tokens::start(oauth.clone(), asked.clone(), Arc::clone(clock), &ending);
            let (http, oauth_client) = (http.clone(), oauth.id.clone());
            Arc::new(Client { http, tokens, api: api.clone(), login: login.clone(), oauth_client })
        });
        Ok(Self { clients: clients.collect(), each, ending })
    }

    /// The first token of each OAuth client.
    pub(crate) fn firsts(&self) -> impl Iterator<Item = &Arc<Client>> {
        self.clients.iter().step_by(self.each)
    }

    /// The others, with their places.
    pub(crate) fn others(&self) -> impl Iterator<Item = (usize, &Arc<Client>)> {
        self.clients.iter().enumerate().filter(|(place, _)| place % self.each != 0)
    }
}

/// Nothing that is needed may be empty.
fn check(config: &Config) -> Result<(), ConnectFailure> {
    if config.clients.is_empty() {
        return Err(misconfigured("no OAuth client is configured".to_owned()));
    }
    let clients = config
        .clients
        .iter()
        .flat_map(|client| [(client.id.as_str(), "client_id"), (client.secret.expose_secret(), "the client secret")]);
    for (value, name) in clients.chain([(config.source_name.as_str(), "source_name")]) {
        if value.trim().is_empty() {
            return Err(misconfigured(format!("{name} is empty")));
        }
    }
    Ok(())
}

/// A URL to which paths can be added, and that may be logged.
fn base(url: &Url, name: &str) -> Result<Url, ConnectFailure> {
    if !matches!(url.scheme(), "http" | "https") || url.cannot_be_a_base() {
        return Err(misconfigured(format!("{name} must begin with https:// or http://")));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(misconfigured(format!("{name} must not hold a user name or a password")));
    }
    let mut base = url.clone();
    base.set_query(None);
    base.set_fragment(None);
    Ok(base)
}

pub(crate) fn misconfigured(message: String) -> ConnectFailure {
    ConnectFailure { kind: FailureKind::Configuration, message, cause: None }
}
