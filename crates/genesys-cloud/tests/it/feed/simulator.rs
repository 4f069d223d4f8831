//! The feed against the simulated organisation, which has its own idea of channels.

use std::sync::Arc;
use std::time::Duration;

use domain::change::{Change, Facet, Value};
use domain::ids::{ChangeId, CloudUserId};
use domain::target::{OutOfOffice, Presence, SystemPresence};
use genesys_cloud::{Connected, GenesysCloud};
use replicator::ports::{ClaimScope, Clock, Directory, Feed, FeedEvent, Order, Sink};
use simulator::cloud::{Command, Options, Server};
use simulator::population::people;

use super::next;
use crate::stub::{Stub, lane};

struct Organisation {
    server: Server,
    users: Vec<CloudUserId>,
    connected: Connected,
}

impl Organisation {
    async fn start() -> Self {
        let options = Options {
            listen: "127.0.0.1:0".parse().unwrap(),
            people: people(1000, 1),
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
        let stub = Stub::start().await;
        let mut config = stub.config();
        config.api_base_url = server.url().parse().unwrap();
        config.login_base_url = server.url().parse().unwrap();
        config.proxy = false;
        let clock = Arc::clone(&stub.clock) as Arc<dyn Clock>;
        let connected = GenesysCloud::connect(config, clock).await.unwrap();
        Self { server, users, connected }
    }

    async fn subscribe(&self) -> u32 {
        let answer = self.connected.clouds[0].subscribe(0, self.users.clone()).await;
        answer.result.unwrap();
        answer.requests
    }

    async fn next(&mut self) -> FeedEvent {
        next(self.connected.feed_events.as_mut().unwrap()).await
    }

    async fn command(&self, command: Command) {
        self.server.org().command(command).await.unwrap().unwrap();
    }

    /// Somebody else writes, and it is told.
    async fn hears(&mut self, place: usize) {
        let user = self.users[place];
        self.command(Command::WriteOutOfOffice { user: user.0, active: true }).await;
        match self.next().await {
            FeedEvent::Shown(seen) => {
                assert_eq!(seen.user, user);
                assert_eq!(seen.out_of_office.unwrap().value, OutOfOffice::On { until: None });
            }
            lost @ FeedEvent::Lost { .. } => panic!("{lost:?}"),
        }
    }
}

#[tokio::test]
async fn our_own_writes_and_those_of_others_are_told_as_what_they_are() {
    let mut organisation = Organisation::start().await;
    assert_eq!(organisation.subscribe().await, 2, "for a thousand users");
    let (cloud, user) = (organisation.connected.clouds[0].clone(), organisation.users[0]);
    cloud.claim(ClaimScope::User(user)).await.result.unwrap();
    let happened = "2026-03-02T08:00:10.000Z".parse().unwrap();
    let to = Value::Presence(SystemPresence::Meal.into());
    let id = ChangeId(uuid::Uuid::from_u128(7));
    let change = Change { id, from: None, to, happened, seen: happened, status: None, why: String::new() };
    let lane = lane(&cloud, Facet::Presence);
    cloud.deliver(lane, vec![Order { user, change }]).await.result.unwrap()[0].1.clone().unwrap();
    let FeedEvent::Shown(seen) = organisation.next().await else { panic!("nothing was lost") };
    assert_eq!((seen.user, seen.ours), (user, Some(true)));
    let presence = seen.presence.unwrap();
    assert_eq!((presence.value, presence.since), (Presence::of(SystemPresence::Meal), Some(happened)));
    let busy = "31fe3bac-dea6-44b7-bed7-47f91660a1a0".parse().unwrap();
    let theirs = Command::WritePresence { user: user.0, definition: busy, source: None, primary: true };
    organisation.command(theirs).await;
    let FeedEvent::Shown(seen) = organisation.next().await else { panic!("nothing was lost") };
    assert_eq!((seen.presence.unwrap().value, seen.ours), (Presence::of(SystemPresence::Busy), Some(false)));
}

#[tokio::test]
async fn a_server_that_goes_away_is_left_in_time_and_one_that_just_goes_is_lost() {
    let mut organisation = Organisation::start().await;
    organisation.subscribe().await;
    organisation.command(Command::AnnounceClosing).await;
    organisation.hears(0).await;
    organisation.command(Command::CloseSockets { code: 1001 }).await;
    assert!(matches!(organisation.next().await, FeedEvent::Lost { channel: 0, .. }));
    assert_eq!(organisation.subscribe().await, 1, "the channel is still there");
    organisation.hears(1).await;
}

#[tokio::test]
async fn after_a_revoked_token_everything_goes_on_with_a_new_one() {
    let mut organisation = Organisation::start().await;
    organisation.subscribe().await;
    organisation.command(Command::RevokeTokens).await;
    let FeedEvent::Lost { channel: 0, reason } = organisation.next().await else { panic!("it is lost") };
    assert!(reason.contains("user_tokens_revoked"), "{reason}");
    assert_eq!(organisation.subscribe().await, 3);
    organisation.hears(2).await;
    let seen = organisation.connected.clouds[0].observe(vec![organisation.users[2]]).await.result.unwrap();
    assert_eq!(seen[0].out_of_office.unwrap().value, OutOfOffice::On { until: None });
}
