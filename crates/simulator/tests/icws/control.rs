//! The control API: truth, acts, faults, and the log of requests.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use simulator::icws::{Fault, Server};

use crate::client::{Session, credentials, http, options, send, start, until, users};

async fn log_on(server: &Server) -> crate::client::Reply {
    send(http().post(format!("{}/icws/connection", server.url())).json(&credentials())).await
}

async fn truth(session: &Session, since: u64) -> Value {
    send(session.http.get(format!("{}/_simulator/truth?since={since}", session.server))).await.json()
}

#[tokio::test]
async fn the_truth_has_every_agent_and_every_change_in_order() {
    let server = start(2).await;
    let session = Session::log_on(&server).await;
    let users = users(2);
    let call = json!({"id": "77", "workgroup": "Sales", "direction": "inbound", "media": "call"});
    session
        .control(
            "act",
            &json!([{"act": "alert", "user": users[0], "interaction": call}, {"act": "answer", "id": "77"},
                {"act": "status", "user": users[0], "status": "At Lunch"}, {"act": "log-off", "user": users[1]}]),
        )
        .await;
    let truth_now = truth(&session, 0).await;
    assert_eq!(truth_now["agents"].as_object().unwrap().len(), 2, "the service account is no agent");
    let agent = &truth_now["agents"][&users[0]];
    assert_eq!(agent["status"], "At Lunch");
    assert_eq!(agent["interactions"], json!([{"id": "77", "state": "C", "workgroup": "Sales", "acd": true}]));
    assert_eq!(truth_now["agents"][&users[1]]["logged_in"], false);
    let kinds: Vec<_> = truth_now["log"].as_array().unwrap().iter().map(|entry| &entry["change"]["kind"]).collect();
    assert_eq!(kinds, ["interaction", "interaction", "status", "logged_in"]);
    assert_eq!(truth_now["next"], 4);
    session.control("act", &json!({"act": "leave", "id": "77"})).await;
    let later = truth(&session, 4).await;
    assert_eq!(later["log"][0]["change"], json!({"kind": "left", "id": "77"}));
    server.stop().await;
}

#[tokio::test]
async fn what_cannot_happen_is_refused_with_the_reason() {
    let server = start(1).await;
    for (act, reason) in [
        (json!({"act": "log-on", "user": "nobody"}), "there is no user \"nobody\""),
        (json!({"act": "answer", "id": "1"}), "there is no interaction \"1\""),
        (json!({"act": "dance"}), "unknown variant"),
    ] {
        let reply = send(http().post(format!("{}/_simulator/act", server.url())).json(&act)).await;
        assert_eq!(reply.status, 400);
        assert!(reply.json()["message"].as_str().unwrap().contains(reason));
    }
    server.stop().await;
}

#[tokio::test]
async fn requests_are_remembered_with_their_answers() {
    let server = start(1).await;
    let session = Session::log_on(&server).await;
    session.get("/status/status-messages").await;
    session.get("/nowhere").await;
    let requests = send(http().get(format!("{}/_simulator/requests?since=1", server.url()))).await.json();
    let seen: Vec<_> = requests["requests"].as_array().unwrap().iter().map(|r| (&r["method"], &r["status"])).collect();
    assert_eq!(seen, [(&json!("GET"), &json!(200)), (&json!("GET"), &json!(404))]);
    assert!(requests["requests"][0]["path"].as_str().unwrap().ends_with("/status/status-messages"));
    assert_eq!(requests["next"], 3);
    server.stop().await;
}

#[tokio::test]
async fn a_killed_session_is_401_and_its_stream_ends() {
    let server = start(1).await;
    let session = Session::log_on(&server).await;
    let mut events = session.events().await;
    session.control("faults", &json!({"fault": "kill-session"})).await;
    assert_eq!(events.line().await, None);
    assert_eq!(session.get("/status/status-messages").await.status, 401);
    assert_eq!(log_on(&server).await.status, 201);
    server.stop().await;
}

#[tokio::test]
async fn a_switchover_says_down_ends_sessions_and_names_other_hosts() {
    let server = start(1).await;
    let (streaming, polling) = (Session::log_on(&server).await, Session::log_on(&server).await);
    let mut events = streaming.events().await;
    streaming.control("faults", &json!({"fault": "switchover", "seconds": 3600, "hosts": ["cic9.example"]})).await;
    let down = events.next().await;
    assert_eq!(down["__type"], "urn:inin.com:connection:connectionStateChangeMessage");
    assert_eq!((&down["newConnectionState"], &down["shouldReconnect"]), (&json!(2), &json!(true)));
    assert_eq!(events.line().await, None);
    assert_eq!(polling.poll().await.len(), 1, "a poll may still fetch the reason");
    assert_eq!(polling.get("/status/status-messages").await.status, 401);
    let refused = log_on(&server).await;
    assert_eq!(refused.status, 503);
    assert_eq!(
        refused.json(),
        json!({"alternateHostList": ["cic9.example"], "errorId": "error.server.notAcceptingConnections",
            "message": "This Session Manager is not currently accepting connections."})
    );
    streaming.control("faults", &json!({"fault": "heal"})).await;
    assert_eq!(log_on(&server).await.status, 201);
    server.stop().await;
}

#[tokio::test]
async fn after_a_switchover_agents_may_be_shown_logged_off_though_nobody_left() {
    let server = start(3).await;
    let users = users(3);
    let session = Session::log_on(&server).await;
    let fault = json!({"fault": "switchover", "seconds": 0, "hosts": ["cic9.example"], "logouts": 1});
    session.control("faults", &fault).await;
    let session = Session::log_on(&server).await;
    let mut events = session.events().await;
    let watch = json!({"userIds": users, "userStatusProperties": ["loggedIn", "statusChanged"]});
    session.subscribe("/status/user-statuses", &watch).await;
    let mut shown: BTreeMap<String, Vec<bool>> = BTreeMap::new();
    while shown.values().filter(|shown| shown.last() == Some(&true)).count() < 3 {
        let message = events.next_of("urn:inin.com:status:userStatusMessage").await;
        for user in message["userStatusList"].as_array().unwrap() {
            let list = shown.entry(user["userId"].as_str().unwrap().to_owned()).or_default();
            list.push(user["loggedIn"].as_bool().unwrap());
        }
    }
    assert!(shown.values().all(|shown| shown == &[false, true]), "{shown:?}");
    let truth = server.system().truth(0).await.unwrap();
    assert!(truth.log.is_empty() && truth.agents.values().all(|agent| agent.logged_in), "{truth:?}");
    server.stop().await;
}

#[tokio::test]
async fn the_next_requests_fail_as_told() {
    let server = start(1).await;
    let session = Session::log_on(&server).await;
    for status in [401, 500, 503, 504] {
        let fault = json!({"fault": "status", "status": status, "requests": 2, "path": "/status/"});
        session.control("faults", &fault).await;
        assert_eq!(session.get("/connection/version").await.status, 200, "another path");
        for expected in [status, status, 200] {
            assert_eq!(session.get("/status/status-messages").await.status, expected);
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn a_lost_poll_takes_its_messages_with_it() {
    let server = start(1).await;
    let session = Session::log_on(&server).await;
    session.subscribe("status/user-statuses", &json!({"userIds": users(1)})).await;
    session.control("faults", &json!({"fault": "lost-poll", "answers": 1})).await;
    let poll = session.request(reqwest::Method::GET, "/messaging/messages");
    let broken = match poll.send().await {
        Ok(response) => response.text().await.is_err(),
        Err(_) => true,
    };
    assert!(broken);
    assert_eq!(session.poll().await, Vec::<Value>::new());
    server.stop().await;
}

#[tokio::test]
async fn messages_can_be_broken_huge_or_unheard_of() {
    let server = start(1).await;
    let session = Session::log_on(&server).await;
    let mut events = session.events().await;
    let system = server.system();
    system.inject(Fault::Malformed).await;
    assert!(serde_json::from_str::<Value>(&events.data().await).is_err());
    system.inject(Fault::Oversized { bytes: 2_000_000 }).await;
    assert!(events.data().await.len() > 2_000_000);
    system.inject(Fault::UnknownType).await;
    assert_eq!(events.next().await["__type"], "urn:inin.com:simulator:unheardOfMessage");
    system.inject(Fault::Message { text: "{}\n".to_owned() }).await;
    assert_eq!(events.data().await.trim(), "{}");
    server.stop().await;
}

#[tokio::test]
async fn an_empty_snapshot_and_a_faulted_subscription_are_told_to_watchers() {
    let server = start(1).await;
    let session = Session::log_on(&server).await;
    let user = users(1).remove(0);
    session.subscribe("status/user-statuses", &json!({"userIds": [user]})).await;
    let queue = json!({"queueIds": [{"queueType": 1, "queueName": user}], "attributeNames": ["Eic_State"]});
    session.subscribe("queues/q", &queue).await;
    session.messages(2).await;
    session.control("faults", &json!({"fault": "empty-snapshot"})).await;
    session.control("faults", &json!({"fault": "faulted-subscription"})).await;
    let call = json!({"id": "1", "direction": "inbound", "media": "chat"});
    session.control("act", &json!({"act": "alert", "user": user, "interaction": call})).await;
    session.control("act", &json!({"act": "log-off", "user": user})).await;
    let messages = session.messages(3).await;
    assert_eq!((&messages[0]["isDelta"], &messages[0]["userStatusList"]), (&json!(false), &json!([])));
    assert_eq!(messages[1]["__type"], "urn:inin.com:queues:queueSubscriptionStateMessage");
    assert_eq!((&messages[1]["subscriptionId"], &messages[1]["state"]), (&json!("q"), &json!(3)));
    assert_eq!(messages[2]["userStatusList"][0]["loggedIn"], false, "nothing more of the queue");
    server.stop().await;
}

#[tokio::test]
async fn silence_and_delay_hold_messages_back() {
    let options = simulator::icws::Options { ping_interval: Duration::from_millis(20), ..options(1) };
    let server = Server::start(options).await.unwrap();
    let session = Session::log_on(&server).await;
    let user = users(1).remove(0);
    let system = server.system();
    system.inject(Fault::Silence).await;
    let mut events = session.events().await;
    session.subscribe("status/user-statuses", &json!({"userIds": [user]})).await;
    let quiet = tokio::time::timeout(Duration::from_millis(200), events.line()).await;
    assert!(quiet.is_err(), "neither message nor ping");
    system.inject(Fault::Heal).await;
    assert_eq!(events.next().await["isDelta"], false);
    system.inject(Fault::Delay { milliseconds: 100 }).await;
    let before = std::time::Instant::now();
    system.log_off(&user).await.unwrap();
    assert_eq!(events.next().await["isDelta"], true);
    assert!(before.elapsed() >= Duration::from_millis(100));
    server.stop().await;
}

#[tokio::test]
async fn a_stream_shows_among_the_sessions() {
    let server = start(1).await;
    let session = Session::log_on(&server).await;
    let streaming = || async {
        let open = send(http().get(format!("{}/_simulator/sessions", server.url()))).await.json();
        open["sessions"][0]["streaming"] == true
    };
    assert!(!streaming().await);
    let events = session.events().await;
    assert!(streaming().await);
    drop(events);
    until(|| async { !streaming().await }).await;
    server.stop().await;
}

#[tokio::test]
async fn a_list_may_be_short_and_the_next_one_is_whole() {
    let server = start(5).await;
    let users = users(5);
    let session = Session::log_on(&server).await;
    let mut events = session.events().await;
    let watch = json!({"userIds": users, "userStatusProperties": ["statusId"]});
    session.subscribe("/status/user-statuses", &watch).await;
    let list = "urn:inin.com:status:userStatusMessage";
    let shown = |message: &Value| (message["isDelta"].as_bool(), message["userStatusList"].as_array().unwrap().len());
    assert_eq!(shown(&events.next_of(list).await), (Some(false), 5));
    for (fault, agents) in
        [(json!({"fault": "short-snapshot", "every": 2}), 2), (json!({"fault": "empty-snapshot"}), 0)]
    {
        session.control("faults", &fault).await;
        assert_eq!(shown(&events.next_of(list).await), (Some(false), agents), "{fault}");
    }
    session.subscribe("/status/user-statuses", &watch).await;
    assert_eq!(shown(&events.next_of(list).await), (Some(false), 5));
    server.stop().await;
}

#[tokio::test]
async fn many_log_off_at_once_and_those_who_did_are_logged_on_again() {
    let server = start(6).await;
    let users = users(6);
    let session = Session::log_on(&server).await;
    session.control("act", &json!({"act": "log-off", "user": users[5]})).await;
    let here = || async {
        let truth = server.system().truth(0).await.unwrap();
        truth.agents.values().filter(|agent| agent.logged_in).count()
    };
    session.control("faults", &json!({"fault": "logouts", "every": 3})).await;
    assert_eq!(here().await, 3, "two of the five who were there, and the one who had left");
    session.control("faults", &json!({"fault": "heal"})).await;
    assert_eq!(here().await, 5, "who had left by himself stays away");
    server.stop().await;
}
