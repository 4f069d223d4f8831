//! The handle: answers the replicator's questions with the modules that know the operations.
//!
//! Knows which lanes there are. Holds no state that changes.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use domain::change::Facet;
use domain::ids::{AgentId, CloudUserId};
use domain::target::Observation;
use replicator::ports::{Answer, ClaimScope, Directory, Failure, Feed, Lane, Order, Outcomes, Sink, Takes, UserPage};

use crate::client::{Client, Spent};
use crate::convert::{Ours, Source};
use crate::ending::Ending;
use crate::feed::Channels;
use crate::observe::Logged;
use crate::users::Sizes;
use crate::{direct, directory, events, feed, observe, out_of_office, users};

/// A connection to an organisation of Genesys Cloud, with one token. Clones are the same connection.
#[derive(Clone)]
pub struct GenesysCloud {
    pub(crate) client: Arc<Client>,
    pub(crate) shared: Arc<Shared>,
}

/// What the handles of all tokens have in common.
pub(crate) struct Shared {
    pub(crate) ours: Arc<Ours>,
    pub(crate) out_of_office: bool,
    pub(crate) external_id_authority: Option<String>,
    pub(crate) logged: Arc<Logged>,
    pub(crate) sizes: Sizes,
    /// They are opened with the first token, whoever asks.
    pub(crate) channels: Option<Channels>,
    pub(crate) ending: Ending,
}

impl fmt::Debug for GenesysCloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GenesysCloud")
            .field("api", &self.client.api.as_str())
            .field("oauth_client", &self.client.oauth_client)
            .field("source", &self.shared.ours.source)
            .finish_non_exhaustive()
    }
}

impl GenesysCloud {
    /// Ends the connection, of all clones and all tokens: what is asked later is answered as unavailable.
    pub async fn close(&self) {
        self.shared.ending.close().await;
    }
}

#[async_trait]
impl Sink for GenesysCloud {
    fn lanes(&self) -> Vec<Lane> {
        let lane = |facet, takes, batch| Lane { facet, batch, keeps_history: false, takes };
        let events = |facet| Lane { keeps_history: true, ..lane(facet, Takes::Everything, events::BATCH) };
        let mut lanes = match self.shared.ours.source {
            // Also where routing events are refused at the moment: the permission may come.
            Source::Registered { .. } => vec![events(Facet::Presence), events(Facet::Routing)],
            Source::Platform => vec![
                lane(Facet::Presence, Takes::OffQueue, direct::BATCH),
                lane(Facet::Presence, Takes::OnQueue, 1),
                lane(Facet::Routing, Takes::EndOfNotResponding, 1),
            ],
        };
        lanes.extend(self.shared.out_of_office.then(|| lane(Facet::OutOfOffice, Takes::Everything, 1)));
        lanes
    }

    async fn deliver(&self, lane: Lane, batch: Vec<Order>) -> Answer<Outcomes> {
        let (client, ours) = (&self.client, &self.shared.ours);
        match (&ours.source, lane.facet, lane.takes) {
            (_, Facet::OutOfOffice, _) => out_of_office::deliver(client, &batch).await,
            (Source::Registered { id, .. }, Facet::Presence, Takes::Everything) => {
                events::deliver_presence(client, *id, &ours.definitions, &batch).await
            }
            (Source::Registered { id, .. }, Facet::Routing, Takes::Everything) => {
                events::deliver_routing(client, *id, &batch).await
            }
            (Source::Platform, Facet::Presence, Takes::OffQueue) => {
                direct::deliver_off_queue(client, &ours.definitions, &batch).await
            }
            (Source::Platform, Facet::Presence, Takes::OnQueue) => {
                direct::deliver_on_queue(client, &ours.definitions, &batch).await
            }
            (Source::Platform, Facet::Routing, Takes::EndOfNotResponding) => {
                direct::end_not_responding(client, &batch).await
            }
            (
                Source::Registered { .. } | Source::Platform,
                Facet::Presence | Facet::Routing,
                Takes::Everything | Takes::OffQueue | Takes::OnQueue | Takes::EndOfNotResponding,
            ) => {
                let reason = format!("there is no such lane: {lane:?}");
                Spent::default().answer(Err(Failure::Unsupported { reason }))
            }
        }
    }

    async fn observe(&self, users: Vec<CloudUserId>) -> Answer<Vec<Observation>> {
        observe::observe(&self.client, &self.shared.ours, &self.shared.logged, &users).await
    }
}

#[async_trait]
impl Directory for GenesysCloud {
    async fn users(&self, page: u32) -> Answer<UserPage> {
        users::read(&self.client, &self.shared.logged, &self.shared.sizes, page).await.answer(|page| page)
    }

    async fn find_external(&self, agent: &AgentId) -> Answer<Option<CloudUserId>> {
        let authority = self.shared.external_id_authority.as_deref();
        directory::find_external(&self.client, &self.shared.logged, authority, agent).await
    }

    async fn claim(&self, scope: ClaimScope) -> Answer<()> {
        match (&self.shared.ours.source, scope) {
            (Source::Registered { id, .. }, ClaimScope::Organisation) => {
                directory::claim_organisation(&self.client, *id).await
            }
            (Source::Registered { id, .. }, ClaimScope::User(user)) => {
                directory::claim_user(&self.client, *id, user).await
            }
            (Source::Platform, ClaimScope::Organisation) => directory::no_organisation_claim(),
            (Source::Platform, ClaimScope::User(user)) => directory::claim_for_platform(&self.client, user).await,
        }
    }

    async fn release(&self, user: CloudUserId) -> Answer<()> {
        directory::release(&self.client, user).await
    }
}

#[async_trait]
impl Feed for GenesysCloud {
    fn channel_size(&self) -> usize {
        feed::CHANNEL_SIZE
    }

    async fn subscribe(&self, channel: usize, users: Vec<CloudUserId>) -> Answer<()> {
        match &self.shared.channels {
            Some(channels) => channels.subscribe(channel, users).await,
            None => feed::switched_off(),
        }
    }
}
