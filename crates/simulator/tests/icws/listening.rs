//! A client that listens to a whole day and applies nothing but differences ends up with the truth.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use simulator::clock::Clock;
use simulator::day;
use simulator::icws::{Fault, Options, Server, Truth, TruthChange};
use simulator::population::people;
use tokio_util::sync::CancellationToken;

use crate::client::{Session, options, users};

const AGENTS: usize = 30;

/// What a client knows from messages alone.
#[derive(Default)]
struct Picture {
    status: BTreeMap<String, String>,
    logged_in: BTreeMap<String, bool>,
    /// State and agent, by interaction.
    calls: BTreeMap<String, (String, String)>,
    /// Statuses told as differences.
    statuses_told: usize,
}

impl Picture {
    fn apply(&mut self, message: &Value) {
        match message["__type"].as_str().unwrap() {
            "urn:inin.com:status:userStatusMessage" => {
                for user in message["userStatusList"].as_array().unwrap() {
                    let id = user["userId"].as_str().unwrap().to_owned();
                    if message["isDelta"] == true && user.get("statusChanged").is_some() {
                        self.statuses_told += 1;
                    }
                    self.status.insert(id.clone(), user["statusId"].as_str().unwrap().to_owned());
                    if let Some(logged_in) = user["loggedIn"].as_bool() {
                        self.logged_in.insert(id, logged_in);
                    }
                }
            }
            "urn:inin.com:queues:queueContentsMessage" => self.apply_queue(message),
            other => panic!("{other} was not asked for"),
        }
    }

    fn apply_queue(&mut self, message: &Value) {
        for list in ["interactionsAdded", "interactionsChanged"] {
            for call in message[list].as_array().into_iter().flatten() {
                let id = call["interactionId"].as_str().unwrap().to_owned();
                assert_eq!(self.calls.contains_key(&id), list == "interactionsChanged", "{id}");
                let known = self.calls.entry(id).or_default();
                if let Some(state) = call["attributes"]["Eic_State"].as_str() {
                    state.clone_into(&mut known.0);
                }
                if let Some(user) = call["attributes"]["Eic_UserName"].as_str() {
                    user.clone_into(&mut known.1);
                }
            }
        }
        for id in message["interactionsRemoved"].as_array().into_iter().flatten() {
            assert!(self.calls.remove(id.as_str().unwrap()).is_some());
        }
    }

    fn is(&self, truth: &Truth) -> bool {
        truth.agents.iter().all(|(user, agent)| {
            let calls = agent.interactions.iter();
            self.status.get(user) == Some(&agent.status)
                && self.logged_in.get(user) == Some(&agent.logged_in)
                && calls.clone().all(|call| self.calls.get(&call.id).is_some_and(|known| *known.0 == *call.state))
                && self.calls.values().filter(|(_, on)| on == user).count() == calls.count()
        })
    }
}

#[tokio::test]
async fn who_listens_all_day_knows_the_truth() {
    let clock = Clock::starting_at("2026-03-02T08:00:00Z".parse().unwrap(), 2000.0);
    let server = Server::start(Options { clock, agents_logged_on: false, ..options(AGENTS) }).await.unwrap();
    let session = Session::log_on(&server).await;
    let mut events = session.events().await;
    session.subscribe("status/user-statuses", &json!({"userIds": users(AGENTS)})).await;
    let queues: Vec<_> = users(AGENTS).iter().map(|user| json!({"queueType": 1, "queueName": user})).collect();
    session
        .subscribe("queues/all", &json!({"queueIds": queues, "attributeNames": ["Eic_State", "Eic_UserName"]}))
        .await;
    let day = day::Options { people: people(AGENTS, 1), clock, seed: 1, length: Duration::from_secs(2 * 3600) };
    let system = server.system();
    let running = async {
        day::run(system.clone(), day, CancellationToken::new()).await;
        system.inject(Fault::UnknownType).await;
        system.truth(0).await.unwrap()
    };
    let listening = async {
        let mut picture = Picture::default();
        loop {
            let message = events.next().await;
            if message["__type"] == "urn:inin.com:simulator:unheardOfMessage" {
                return picture;
            }
            picture.apply(&message);
        }
    };
    let (truth, mut picture) = tokio::join!(running, listening);
    // A status of the last second may still be held back.
    while !picture.is(&truth) {
        picture.apply(&events.next().await);
    }
    let changed = truth.log.iter().filter(|entry| matches!(entry.change, TruthChange::Status { merged: false, .. }));
    assert_eq!(picture.statuses_told, changed.count(), "each status that was not merged was told once");
    server.stop().await;
}
