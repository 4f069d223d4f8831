//! Servers that do not let the bridge in, or cannot work with it: what is wrong, where, what to do, and an exit code.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use serde_json::json;
use simulator::clock::Clock;
use simulator::icws;

use crate::harness::{Bridge, Finished, Simulators};

async fn ends(bridge: Bridge, code: i32, words: &[&str]) -> Finished {
    let finished = bridge.finish().await;
    assert_eq!(finished.code, Some(code), "{}", finished.stderr);
    for words in words {
        assert!(finished.stderr.contains(words), "\"{words}\" is missing in:\n{}", finished.stderr);
    }
    finished
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_pureconnect_password_is_said_to_be_one() {
    let simulators = Simulators::idle(1).await;
    let bridge = Bridge::with_config(&simulators, |text| text.replace("\"password\"", "\"secret\""));
    let finished = ends(bridge, 77, &["PureConnect", "password"]).await;
    assert!(!finished.stderr.contains(&simulators.client_secret), "a secret is shown");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pureconnect_host_that_is_not_there_is_given_up_after_the_patience() {
    let simulators = Simulators::idle(1).await;
    let icws = simulators.icws.clone();
    let bridge = Bridge::with_config(&simulators, |text| {
        text.replace(&icws, "http://127.0.0.1:1") + "\n[replication]\nstart_patience = \"1s\"\n"
    });
    ends(bridge, 69, &["127.0.0.1:1"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_release_that_is_too_old_is_refused_by_its_name() {
    let simulators = Simulators::idle(1).await;
    let old = icws::Server::start(icws::Options {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        people: Vec::new(),
        clock: Clock::starting_at(jiff::Timestamp::now(), 1.0),
        seed: 1,
        user: simulators.icws_user.clone(),
        password: simulators.icws_password.clone(),
        release: (19, 3),
        workforce_engagement: true,
        messaging_version: 2,
        idle_timeout: None,
        ping_interval: Duration::from_secs(5),
        alternate_hosts: Vec::new(),
        agents_logged_on: true,
    })
    .await
    .unwrap();
    let icws = simulators.icws.clone();
    let bridge = Bridge::with_config(&simulators, |text| text.replace(&icws, &old.url()));
    ends(bridge, 76, &["2019 R3", "2019 R4"]).await;
    old.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_speaks_no_icws_is_said_so() {
    let simulators = Simulators::idle(1).await;
    let (icws, cloud) = (simulators.icws.clone(), simulators.cloud.clone());
    let bridge = Bridge::with_config(&simulators, |text| text.replace(&icws, &cloud));
    ends(bridge, 76, &["ICWS"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_client_secret_is_said_to_be_one() {
    let simulators = Simulators::idle(1).await;
    let bridge = Bridge::with_config(&simulators, |text| text.replace("\"secret\"", "\"password\""));
    let finished = ends(bridge, 77, &["Genesys Cloud", "client"]).await;
    assert!(!finished.stderr.contains(&simulators.icws_password), "a secret is shown");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_permission_is_named() {
    for permission in [
        "presence:userPresence:inject",
        "presence:source:view",
        "presence:source:add",
        "presence:presenceDefinition:view",
    ] {
        let simulators = Simulators::idle(1).await;
        let all = [
            "presence:userPresence:inject",
            "routing:routingstatus:inject",
            "presence:source:view",
            "presence:source:add",
            "presence:presenceDefinition:view",
            "presence:userPrimarySource:edit",
            "presence:settings:view",
            "presence:settings:edit",
        ];
        let left: Vec<_> = all.into_iter().filter(|one| *one != permission).collect();
        simulators.cloud_command(json!({"kind": "set_permissions", "permissions": left})).await;
        let bridge = Bridge::start(&simulators, "");
        if permission == "presence:presenceDefinition:view" {
            // The older interface needs no permission, and says the same.
            let user = &simulators.users().await[0];
            simulators.shows(user, "On Queue", "IDLE").await;
            bridge.stop().await;
        } else {
            ends(bridge, 77, &[permission]).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_right_to_inject_routing_presence_is_replicated_all_the_same() {
    let simulators = Simulators::idle(1).await;
    let left = [
        "presence:userPresence:inject",
        "presence:source:view",
        "presence:source:add",
        "presence:presenceDefinition:view",
        "presence:userPrimarySource:edit",
        "presence:settings:view",
        "presence:settings:edit",
    ];
    simulators.cloud_command(json!({"kind": "set_permissions", "permissions": left})).await;
    let mut bridge = Bridge::start(&simulators, "");
    let user = &simulators.users().await[0];
    simulators.status(&user.agent, "In a meeting").await;
    simulators.shows(user, "Meeting", "OFF_QUEUE").await;
    bridge.logs("routing:routingstatus:inject").await;
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_presence_that_the_organisation_does_not_have_is_placed_in_the_rule() {
    let simulators = Simulators::idle(1).await;
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("rules.toml");
    let rule = "[[rule]]\nname = \"x\"\nwhen = { message = \"At Lunch\" }\npresence = \"Lunsch\"\n";
    std::fs::write(&rules, rule).unwrap();
    let bridge = Bridge::start(&simulators, &format!("[mapping]\nfile = \"{}\"", rules.display()));
    ends(bridge, 78, &["rules.toml:4", "Lunsch"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_status_message_that_the_system_does_not_have_is_placed_in_the_rule() {
    let simulators = Simulators::idle(1).await;
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("rules.toml");
    let rule = "[[rule]]\nname = \"x\"\nwhen = { message = \"At Lnch\" }\npresence = \"Meal\"\n";
    std::fs::write(&rules, rule).unwrap();
    let bridge = Bridge::start(&simulators, &format!("[mapping]\nfile = \"{}\"", rules.display()));
    ends(bridge, 78, &["rules.toml:3", "At Lnch", "At Lunch"]).await;
}
