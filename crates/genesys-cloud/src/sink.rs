//! The handle: connects, and answers the replicator's questions with the modules that know the operations.
//!
//! Knows which lanes there are. Holds no state that changes.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use domain::change::Facet;
use domain::ids::{AgentId, ChangeId, CloudUserId, SourceId};
use domain::target::{Definitions, Observation};
use replicator::ports::{
    Answer, ClaimScope, Clock, Directory, Failure, FailureKind, Feed, FeedEvent, Lane, Order, Quota, Sink, UserPage,
};
use secrecy::ExposeSecret;
use tokio::sync::mpsc;
use url::Url;

use crate::auth::{Login, Tokens};
use crate::client::Client;
use crate::config::Config;
use crate::convert::Ours;
use crate::error::ConnectFailure;
use crate::feed::Channels;
use crate::observe::Logged;
use crate::startup::Startup;
use crate::{catalog, directory, events, feed, observe, out_of_office, sources, transport};

/// A connection to an organisation of Genesys Cloud. Clones are the same connection.
#[derive(Clone)]
pub struct GenesysCloud {
    inner: Arc<Inner>,
}

struct Inner {
    client: Arc<Client>,
    ours: Arc<Ours>,
    lanes: Vec<Lane>,
    external_id_authority: Option<String>,
    logged: Arc<Logged>,
    channels: Option<Channels>,
}

impl fmt::Debug for GenesysCloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GenesysCloud")
            .field("api", &self.inner.client.api.as_str())
            .field("source", &self.inner.ours.source)
            .finish_non_exhaustive()
    }
}

/// A connection that is ready, and what was learnt on the way.
#[derive(Debug)]
pub struct Connected {
    /// The connection.
    pub cloud: GenesysCloud,
    /// The organisation's name.
    pub organisation: String,
    /// Its presence definitions.
    pub definitions: Definitions,
    /// Our presence source.
    pub source: SourceId,
    /// How many requests of the Platform API were made.
    pub requests: u32,
    /// The quota that the last answer showed.
    pub quota: Option<Quota>,
    /// What an operator should know.
    pub notes: Vec<String>,
    /// What the platform notifies of, once [`Feed::subscribe`] was called; `None` where notifications are switched off.
    pub feed_events: Option<mpsc::Receiver<FeedEvent>>,
}

impl GenesysCloud {
    /// Logs on, and finds or creates what is needed. Transient trouble is waited out as long as configured; an error
    /// says what to do.
    pub async fn connect(config: Config, clock: Arc<dyn Clock>) -> Result<Connected, ConnectFailure> {
        let client = client(&config, Arc::clone(&clock))?;
        let mut startup = Startup::new(&client, clock.as_ref(), config.start_patience);
        let ready = prepare(&mut startup, &config).await;
        let (spent, notes) = (startup.spent, startup.notes);
        let Ready { organisation, definitions, routing, source } = match ready {
            Ok(ready) => ready,
            Err(failure) => {
                client.tokens.close().await;
                return Err(failure);
            }
        };
        let shared = feed::Shared {
            plain: client.api.scheme() == "http",
            client: Arc::new(client),
            ours: Arc::new(Ours { source, name: config.source_name, definitions: definitions.clone() }),
            logged: Arc::default(),
        };
        let (channels, feed_events) = config.notifications.then(|| Channels::start(&shared)).unzip();
        let feed::Shared { client, ours, logged, plain: _ } = shared;
        let lanes = lanes(routing, config.out_of_office);
        let external_id_authority = config.external_id_authority;
        tracing::info!(organisation, %source, routing, "connected to Genesys Cloud");
        let cloud = Self { inner: Arc::new(Inner { client, ours, lanes, external_id_authority, logged, channels }) };
        let (requests, quota) = (spent.requests, spent.quota);
        Ok(Connected { cloud, organisation, definitions, source, requests, quota, notes, feed_events })
    }

    /// Ends the connection, of all clones: what is asked later is answered as unavailable.
    pub async fn close(&self) {
        if let Some(channels) = &self.inner.channels {
            channels.close().await;
        }
        self.inner.client.tokens.close().await;
    }
}

struct Ready {
    organisation: String,
    definitions: Definitions,
    routing: bool,
    source: SourceId,
}

/// In an order that creates the source last, when nothing else can fail any more.
async fn prepare(startup: &mut Startup<'_>, config: &Config) -> Result<Ready, ConnectFailure> {
    let organisation = startup.organisation().await?;
    let definitions = catalog::definitions(startup).await?;
    events::probe_presence(startup).await?;
    let routing = events::probe_routing(startup).await?;
    let source = sources::find_or_create(startup, &config.source_name).await?;
    Ok(Ready { organisation, definitions, routing, source })
}

fn client(config: &Config, clock: Arc<dyn Clock>) -> Result<Client, ConnectFailure> {
    let api = base(&config.api_base_url, "api_base_url")?;
    let login = base(&config.login_base_url, "login_base_url")?;
    for (value, name) in [
        (config.client_id.as_str(), "client_id"),
        (config.client_secret.expose_secret(), "the client secret"),
        (config.source_name.as_str(), "source_name"),
    ] {
        if value.trim().is_empty() {
            return Err(misconfigured(format!("{name} is empty")));
        }
    }
    let http = transport::build(config)?;
    let mut token_url = login.clone();
    token_url.path_segments_mut().expect("checked above").pop_if_empty().extend(["oauth", "token"]);
    let request = Login {
        http: http.clone(),
        url: token_url,
        client_id: config.client_id.clone(),
        client_secret: config.client_secret.clone(),
    };
    Ok(Client { http, tokens: Tokens::start(request, clock), api, login })
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

fn misconfigured(message: String) -> ConnectFailure {
    ConnectFailure { kind: FailureKind::Configuration, message, cause: None }
}

fn lanes(routing: bool, out_of_office: bool) -> Vec<Lane> {
    let events = |facet| Lane { facet, batch: events::BATCH, keeps_history: true };
    let mut lanes = vec![events(Facet::Presence)];
    lanes.extend(routing.then(|| events(Facet::Routing)));
    lanes.extend(out_of_office.then_some(Lane { facet: Facet::OutOfOffice, batch: 1, keeps_history: false }));
    lanes
}

#[async_trait]
impl Sink for GenesysCloud {
    fn lanes(&self) -> Vec<Lane> {
        self.inner.lanes.clone()
    }

    async fn deliver(&self, lane: Lane, batch: Vec<Order>) -> Answer<Vec<(ChangeId, Result<(), Failure>)>> {
        let Inner { client, ours, .. } = self.inner.as_ref();
        match lane.facet {
            Facet::Presence => events::deliver_presence(client, ours, &batch).await,
            Facet::Routing => events::deliver_routing(client, ours, &batch).await,
            Facet::OutOfOffice => out_of_office::deliver(client, &batch).await,
        }
    }

    async fn observe(&self, users: Vec<CloudUserId>) -> Answer<Vec<Observation>> {
        observe::observe(&self.inner.client, &self.inner.ours, &self.inner.logged, &users).await
    }
}

#[async_trait]
impl Directory for GenesysCloud {
    async fn users(&self, page: u32) -> Answer<UserPage> {
        directory::users(&self.inner.client, &self.inner.logged, page).await
    }

    async fn find_external(&self, agent: &AgentId) -> Answer<Option<CloudUserId>> {
        let authority = self.inner.external_id_authority.as_deref();
        directory::find_external(&self.inner.client, &self.inner.logged, authority, agent).await
    }

    async fn claim(&self, scope: ClaimScope) -> Answer<()> {
        let (client, source) = (&self.inner.client, self.inner.ours.source);
        match scope {
            ClaimScope::Organisation => directory::claim_organisation(client, source).await,
            ClaimScope::User(user) => directory::claim_user(client, source, user).await,
        }
    }
}

#[async_trait]
impl Feed for GenesysCloud {
    fn channel_size(&self) -> usize {
        feed::CHANNEL_SIZE
    }

    async fn subscribe(&self, channel: usize, users: Vec<CloudUserId>) -> Answer<()> {
        match &self.inner.channels {
            Some(channels) => channels.subscribe(channel, users).await,
            None => feed::switched_off(),
        }
    }
}
