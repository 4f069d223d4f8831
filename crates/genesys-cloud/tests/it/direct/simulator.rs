//! Direct delivery against the simulated organisation, which has its own idea of what can be set.

use std::sync::Arc;
use std::time::Duration;

use domain::change::{Change, Facet, Value};
use domain::ids::{ChangeId, CloudUserId};
use domain::target::{Observation, Presence, RoutingStatus, SystemPresence};
use genesys_cloud::{Connected, Delivery, GenesysCloud};
use replicator::ports::{ClaimScope, Clock, Directory, Failure, Lane, Order, Outcomes, Sink, Takes};
use simulator::cloud::{Command, Options, Server};
use simulator::population::people;
use uuid::Uuid;

use crate::stub::Stub;

struct Organisation {
    server: Server,
    users: Vec<CloudUserId>,
    connected: Connected,
}

impl Organisation {
    /// One whose client may set presences but not inject events.
    async fn start() -> Self {
        let options = Options {
            listen: "127.0.0.1:0".parse().unwrap(),
            people: people(120, 1),
            clock: simulator::clock::Clock::starting_at("2026-03-02T08:00:00Z".parse().unwrap(), 1.0),
            seed: 1,
            rate: 300,
            client_id: "the-client".to_owned(),
            client_secret: crate::stub::SECRET.to_owned(),
            permissions: None,
            token_lifetime: Duration::from_secs(86_400),
            ignore_older_events: true,
        };
        let users = options.people.iter().map(|person| person.cloud_user).collect();
        let server = Server::start(options).await.unwrap();
        server.org().withhold(&["presence:userPresence:inject"]).await.unwrap();
        let stub = Stub::start().await;
        let mut config = stub.config();
        config.api_base_url = server.url().parse().unwrap();
        config.login_base_url = server.url().parse().unwrap();
        config.proxy = false;
        config.tokens_per_client = 2;
        let clock = Arc::clone(&stub.clock) as Arc<dyn Clock>;
        let connected = GenesysCloud::connect(config, clock).await.unwrap();
        Self { server, users, connected }
    }

    fn lane(&self, facet: Facet, takes: Takes) -> Lane {
        let lanes = self.connected.clouds[0].lanes();
        lanes.into_iter().find(|lane| (lane.facet, lane.takes) == (facet, takes)).unwrap()
    }

    /// The same for each of these users.
    async fn deliver(&self, facet: Facet, takes: Takes, users: &[CloudUserId], to: Value) -> Outcomes {
        let batch = users.iter().map(|user| {
            let happened = "2026-03-02T08:00:10.000Z".parse().unwrap();
            let id = ChangeId(Uuid::from_u128(user.0.as_u128() ^ 1));
            let (from, status, why) = (None, None, String::new());
            Order { user: *user, change: Change { id, from, to, happened, seen: happened, status, why } }
        });
        let lane = self.lane(facet, takes);
        self.connected.clouds[1].deliver(lane, batch.collect()).await.result.unwrap()
    }

    async fn observe(&self, users: &[CloudUserId]) -> Vec<Observation> {
        self.connected.clouds[0].observe(users.to_vec()).await.result.unwrap()
    }

    async fn command(&self, command: Command) {
        self.server.org().command(command).await.unwrap().unwrap();
    }
}

fn presence(system: SystemPresence) -> Value {
    Value::Presence(Presence::of(system))
}

#[tokio::test]
async fn what_is_delivered_directly_is_what_is_shown() {
    let organisation = Organisation::start().await;
    assert_eq!(organisation.connected.delivery, Delivery::Direct);
    let (fifty, one) = (&organisation.users[..50], &organisation.users[50..51]);
    let outcomes = organisation.deliver(Facet::Presence, Takes::OffQueue, fifty, presence(SystemPresence::Meal)).await;
    assert!(outcomes.len() == 50 && outcomes.iter().all(|(_, outcome)| outcome.is_ok()), "{outcomes:?}");
    let outcomes = organisation.deliver(Facet::Presence, Takes::OnQueue, one, presence(SystemPresence::OnQueue)).await;
    assert_eq!(outcomes[0].1, Ok(()));
    for seen in organisation.observe(fifty).await {
        assert_eq!((seen.presence.unwrap().value, seen.ours), (Presence::of(SystemPresence::Meal), Some(true)));
    }
    let seen = organisation.observe(one).await.remove(0);
    assert_eq!(seen.presence.unwrap().value, Presence::of(SystemPresence::OnQueue));
    assert_eq!(seen.routing.unwrap().value, RoutingStatus::Idle, "the platform makes it of the presence");
}

#[tokio::test]
async fn one_who_did_not_respond_is_made_idle_and_nobody_else() {
    let organisation = Organisation::start().await;
    let one = &organisation.users[..1];
    organisation.deliver(Facet::Presence, Takes::OnQueue, one, presence(SystemPresence::OnQueue)).await;
    organisation.command(Command::WriteRouting { user: one[0].0, status: "NOT_RESPONDING".to_owned() }).await;
    let idle = Value::Routing(RoutingStatus::Idle);
    let outcomes = organisation.deliver(Facet::Routing, Takes::EndOfNotResponding, one, idle).await;
    assert_eq!(outcomes[0].1, Ok(()));
    assert_eq!(organisation.observe(one).await[0].routing.unwrap().value, RoutingStatus::Idle);
}

#[tokio::test]
async fn a_user_who_is_not_there_comes_again_and_the_others_are_set() {
    let organisation = Organisation::start().await;
    organisation.command(Command::LeaveStrangersOut { left_out: true }).await;
    let users = [organisation.users[0], CloudUserId(Uuid::from_u128(77)), organisation.users[1]];
    let outcomes = organisation.deliver(Facet::Presence, Takes::OffQueue, &users, presence(SystemPresence::Busy)).await;
    assert!(outcomes[0].1.is_ok() && outcomes[2].1.is_ok(), "{outcomes:?}");
    assert!(matches!(outcomes[1].1, Err(Failure::Deferred { .. })), "{outcomes:?}");
}

#[tokio::test]
async fn somebody_whose_primary_source_is_another_is_seen_claimed_and_given_back() {
    let organisation = Organisation::start().await;
    let (cloud, user) = (&organisation.connected.clouds[0], organisation.users[0]);
    let busy = "31fe3bac-dea6-44b7-bed7-47f91660a1a0".parse().unwrap();
    let teams = Some("MicrosoftTeams".to_owned());
    organisation.command(Command::WritePresence { user: user.0, definition: busy, source: teams, primary: true }).await;
    assert_eq!(organisation.observe(&[user]).await[0].ours, Some(false));
    cloud.claim(ClaimScope::User(user)).await.result.unwrap();
    assert_eq!(organisation.observe(&[user]).await[0].ours, Some(true));
    cloud.release(user).await.result.unwrap();
    assert_eq!(organisation.observe(&[user]).await[0].ours, Some(true));
}
