//! Large systems: long first lists in short lines, many changes, and both servers together.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::icws::Action;
use simulator::{Options, Simulation};

use crate::client::{Session, start, users};

const LINE: usize = 64 * 1024;

#[tokio::test]
async fn five_thousand_statuses_come_in_lines_below_64_kib() {
    let server = start(5000).await;
    let session = Session::log_on(&server).await;
    let mut events = session.events().await;
    session.subscribe("status/user-statuses", &json!({"userIds": users(5000)})).await;
    let mut seen = 0;
    let mut first = true;
    while seen < 5000 {
        let data = events.data().await;
        assert!(data.len() + "data: ".len() < LINE);
        let message: Value = serde_json::from_str(&data).unwrap();
        assert_eq!(message["isDelta"], !first, "only the first message is whole");
        first = false;
        seen += message["userStatusList"].as_array().unwrap().len();
    }
    assert_eq!(seen, 5000);
    server.stop().await;
}

#[tokio::test]
async fn thousands_of_changes_arrive_in_order_and_none_is_missing() {
    const CHANGES: usize = 5000;
    let server = start(5000).await;
    let session = Session::log_on(&server).await;
    let users = users(5000);
    let properties = ["loggedIn"];
    let mut events = session.events().await;
    session.subscribe("status/user-statuses", &json!({"userIds": users, "userStatusProperties": properties})).await;
    for (number, part) in users.chunks(250).enumerate() {
        let queues: Vec<_> = part.iter().map(|user| json!({"queueType": 1, "queueName": user})).collect();
        let body = json!({"queueIds": queues, "attributeNames": ["Eic_State", "Eic_UserName"]});
        session.subscribe(&format!("queues/q{number}"), &body).await;
    }
    let system = server.system();
    let acting = async {
        for user in users.iter().take(CHANGES) {
            system.act(vec![Action::LogOff { user: user.clone() }]).await.unwrap();
        }
    };
    let reading = async {
        let mut left = Vec::new();
        while left.len() < CHANGES {
            let message = events.next_of(":userStatusMessage").await;
            if message["userStatusList"][0]["loggedIn"] == false {
                left.push(message["userStatusList"][0]["userId"].as_str().unwrap().to_owned());
            }
        }
        left
    };
    let ((), left) = tokio::join!(acting, reading);
    assert_eq!(left, users);
    server.stop().await;
}

#[tokio::test]
async fn a_simulation_has_the_same_people_on_both_sides_and_announces_its_keys() {
    let any = "127.0.0.1:0".parse().unwrap();
    let simulation = Simulation::start(Options {
        icws: any,
        cloud: any,
        agents: 3,
        seed: 1,
        speed: 1.0,
        idle: true,
        rate: 300,
        day: Duration::from_secs(3600),
    })
    .await
    .unwrap();
    assert!(simulation.is_day_over());
    let announcement = simulation.announcement();
    let names = ["client_id", "client_secret", "cloud", "icws", "icws_password", "icws_user"];
    assert!(announcement.as_object().unwrap().keys().map(String::as_str).eq(names));
    let body = json!({"__type": "urn:inin.com:connection:icAuthConnectionRequestSettings", "applicationName": "test",
        "userID": announcement["icws_user"], "password": announcement["icws_password"]});
    let session = Session::log_on_to(announcement["icws"].as_str().unwrap(), &body).await;
    let list = session.get("/configuration/users?select=personalInformationProperties.emailAddress").await.json();
    assert_eq!(list["items"].as_array().unwrap().len(), 3);
    simulation.stop().await;
}

#[tokio::test]
async fn a_simulation_that_is_stopped_in_mid_day_ends() {
    let any = "127.0.0.1:0".parse().unwrap();
    let day = simulator::day::FULL;
    let mut simulation = Simulation::start(Options {
        icws: any,
        cloud: any,
        agents: 3,
        seed: 1,
        speed: 60.0,
        idle: false,
        rate: 300,
        day,
    })
    .await
    .unwrap();
    simulation.begin_day();
    assert!(!simulation.is_day_over());
    let truth = simulation.icws.system().truth(0).await.unwrap();
    assert!(truth.agents.values().all(|agent| !agent.logged_in), "the day begins with nobody there");
    simulation.stop().await;
}
