//! Connecting: the order in which an organisation is asked for what is needed, and what comes of it.
//!
//! Knows that every OAuth client has to be of the same organisation and has to be allowed what is delivered, and that
//! the source is created last, when nothing else can fail any more. How to ask is known elsewhere.

use std::sync::Arc;
use std::time::Duration;

use domain::ids::SourceId;
use domain::target::Definitions;
use replicator::ports::{Clock, FeedEvent, Quota};
use tokio::sync::mpsc;

use crate::config::{Config, DeliveryChoice};
use crate::convert::{Ours, Source};
use crate::delivery::{self, Delivery};
use crate::error::ConnectFailure;
use crate::feed::{self, Channels};
use crate::observe::Logged;
use crate::pool::{Pool, misconfigured};
use crate::sink::{GenesysCloud, Shared};
use crate::startup::{Halt, Organisation, Patience, Startup};
use crate::{catalog, sources};

/// A connection that is ready, and what was learnt on the way.
#[derive(Debug)]
pub struct Connected {
    /// The connection, once for each token; at least one. Those of an OAuth client are next to each other.
    pub clouds: Vec<GenesysCloud>,
    /// How presence and routing status are delivered.
    pub delivery: Delivery,
    /// Why so.
    pub reason: String,
    /// The organisation's name.
    pub organisation: String,
    /// Its presence definitions.
    pub definitions: Definitions,
    /// Our presence source; direct delivery has none.
    pub source: Option<SourceId>,
    /// How many requests of the Platform API were made with each token, and the quota that the last answer showed.
    pub spent: Vec<(u32, Option<Quota>)>,
    /// What an operator should know.
    pub notes: Vec<String>,
    /// What the platform notifies of, once [`Feed::subscribe`](replicator::ports::Feed::subscribe) was called; `None`
    /// where notifications are switched off.
    pub feed_events: Option<mpsc::Receiver<FeedEvent>>,
}

impl GenesysCloud {
    /// Logs on, and finds or creates what is needed. Transient trouble is waited out as long as configured; an error
    /// says what to do.
    pub async fn connect(config: Config, clock: Arc<dyn Clock>) -> Result<Connected, ConnectFailure> {
        let pool = Pool::start(&config, &clock)?;
        match prepare(&pool, &config, clock.as_ref()).await {
            Ok(ready) => Ok(ready.assemble(pool, config)),
            Err(failure) => {
                pool.ending.close().await;
                Err(failure)
            }
        }
    }
}

struct Ready {
    organisation: String,
    definitions: Definitions,
    delivery: Delivery,
    reason: String,
    source: Option<SourceId>,
    spent: Vec<(u32, Option<Quota>)>,
    notes: Vec<String>,
}

async fn prepare(pool: &Pool, config: &Config, clock: &dyn Clock) -> Result<Ready, ConnectFailure> {
    let patience = Patience::begin(clock, config.start_patience);
    let several = config.clients.len() > 1;
    let mut startups: Vec<Startup<'_>> =
        pool.firsts().map(|client| Startup::new(client, clock, patience, several)).collect();
    let organisation = same_organisation(&mut startups).await?;
    let definitions = catalog::definitions(&mut startups[0]).await?;
    let abilities = delivery::probe(&mut startups, config.delivery).await?;
    let (delivery, reason) = delivery::choose(config.delivery, &abilities)?;
    if delivery == Delivery::Direct && config.delivery == DeliveryChoice::Auto {
        startups[0].notes.push(format!("presence is delivered directly: {reason}"));
    }
    let source = match delivery {
        Delivery::Events => {
            for startup in &mut startups {
                note_missing_routing(startup).await?;
            }
            Some(sources::find_or_create(&mut startups[0], &config.source_name).await?)
        }
        Delivery::Direct => {
            let note = "direct delivery cannot transfer the routing statuses INTERACTING, COMMUNICATING and \
                        NOT_RESPONDING";
            startups[0].notes.push(note.to_owned());
            None
        }
    };
    let mut spent = vec![(0, None); pool.clients.len()];
    let mut notes = Vec::new();
    for (client, startup) in startups.into_iter().enumerate() {
        spent[client * pool.each] = (startup.spent.requests, startup.spent.quota);
        notes.extend(startup.notes);
    }
    notes.extend(log_on(pool, clock, patience, several).await?);
    Ok(Ready { organisation, definitions, delivery, reason, source, spent, notes })
}

/// The name of the organisation that all clients belong to.
async fn same_organisation(startups: &mut [Startup<'_>]) -> Result<String, ConnectFailure> {
    let several = startups.len() > 1;
    let mut first: Option<(Organisation, String)> = None;
    for startup in startups {
        let found = startup.organisation(several).await;
        let found = found.map_err(|halt| startup.explain(halt, "read the organisation", ""))?;
        let whose = startup.whose().to_owned();
        match &first {
            None => {
                if found.name.is_none() {
                    startup.notes.push(format!("the name of the organisation may not be read by {whose}"));
                }
                first = Some((found, whose));
            }
            Some((theirs, their_client)) => match (&theirs.id, &found.id) {
                (Some(one), Some(other)) if !one.eq_ignore_ascii_case(other) => {
                    let (one, other) = (theirs.shown(), found.shown());
                    return Err(misconfigured(format!(
                        "the OAuth clients are of different organisations: {their_client} is of {one}, and {whose} is \
                         of {other}; a link has one organisation"
                    )));
                }
                (Some(_), Some(_)) => {}
                (None, _) | (_, None) => {
                    startup.notes.push(format!("whether {whose} is of the same organisation cannot be told"));
                }
            },
        }
    }
    Ok(first.and_then(|(first, _)| first.name).unwrap_or_else(|| "(unknown organisation)".to_owned()))
}

/// Without routing status events presence goes on; the permission may come while it does.
async fn note_missing_routing(startup: &mut Startup<'_>) -> Result<(), ConnectFailure> {
    match delivery::probe_routing_events(startup).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(trouble)) if matches!(trouble.status, Some(403 | 404)) => {
            startup.notes.push(format!(
                "routing status is not replicated: permission {} is missing ({}); add it to a role of {}",
                delivery::INJECT_ROUTING,
                trouble.reason(),
                startup.whose()
            ));
            Ok(())
        }
        Ok(Err(trouble)) => Err(cannot_probe_routing(startup, Halt::Refused(trouble))),
        Err(halt) => Err(cannot_probe_routing(startup, halt)),
    }
}

fn cannot_probe_routing(startup: &Startup<'_>, halt: Halt) -> ConnectFailure {
    startup.explain(halt, "inject routing status events", delivery::INJECT_ROUTING)
}

/// How long the start waits for all tokens but the first of each client: twice what fifty of them take, by the notes of
/// the vendor's Terraform provider.
const OTHERS: Duration = Duration::from_secs(120);

/// Gets the other tokens, one after the other. One that is not to be had in time is asked for again when it is needed.
async fn log_on(
    pool: &Pool,
    clock: &dyn Clock,
    patience: Patience,
    several: bool,
) -> Result<Vec<String>, ConnectFailure> {
    let (patience, mut notes) = (patience.at_most(clock, OTHERS), Vec::new());
    for (place, client) in pool.others() {
        let mut startup = Startup::new(client, clock, patience, several);
        match startup.token().await {
            Ok(()) => {}
            Err(Halt::GaveUp(trouble)) => {
                let (count, reason) = (pool.clients.len(), trouble.reason());
                notes.push(format!(
                    "only {place} of {count} tokens were to be had so far ({reason}); the others are asked for when \
                     they are needed"
                ));
                break;
            }
            Err(halt) => return Err(startup.explain(halt, "get another token", "")),
        }
    }
    Ok(notes)
}

impl Ready {
    fn assemble(self, pool: Pool, config: Config) -> Connected {
        let Self { organisation, definitions, delivery, reason, source, spent, notes } = self;
        let named = |id| Source::Registered { id, name: config.source_name };
        let ours = Ours { source: source.map_or(Source::Platform, named), definitions: definitions.clone() };
        let (ours, logged) = (Arc::new(ours), Arc::<Logged>::default());
        let first = &pool.clients[0];
        let of_feed = feed::Shared {
            plain: first.api.scheme() == "http",
            client: Arc::clone(first),
            ours: Arc::clone(&ours),
            logged: Arc::clone(&logged),
        };
        let (channels, feed_events) = config.notifications.then(|| Channels::start(&of_feed, &pool.ending)).unzip();
        let tokens = pool.clients.len();
        tracing::info!(organisation, ?delivery, reason, tokens, "connected to Genesys Cloud");
        let shared = Arc::new(Shared {
            ours,
            out_of_office: config.out_of_office,
            external_id_authority: config.external_id_authority,
            logged,
            sizes: Default::default(),
            channels,
            ending: pool.ending,
        });
        let cloud = |client| GenesysCloud { client, shared: Arc::clone(&shared) };
        let clouds = pool.clients.into_iter().map(cloud).collect();
        Connected { clouds, delivery, reason, organisation, definitions, source, spent, notes, feed_events }
    }
}
