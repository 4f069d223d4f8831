//! A start in trouble: who ran before goes on, whatever is out of reach; who never ran says what is wrong and ends.

use serde_json::json;

use crate::harness::in_step;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_during_an_outage_of_genesys_cloud_listens_to_pureconnect_and_loses_nothing() {
    let (simulators, mut bridge, users) = in_step(2, "").await;
    simulators.cloud_fault(json!({"effect": {"kind": "unavailable"}, "count": 1_000_000})).await;
    simulators.status(&users[0].agent, "At Lunch").await;
    bridge.logs("Genesys Cloud does not take changes").await;
    bridge.kill().await;
    bridge.restart();
    bridge.logs("Genesys Cloud is out of reach").await;
    bridge.logs("PureConnect is connected").await;
    for status in ["In a meeting", "Available"] {
        simulators.status(&users[0].agent, status).await;
        simulators.status(&users[1].agent, status).await;
    }
    simulators.cloud_heals().await;
    bridge.logs("Genesys Cloud is connected").await;
    bridge.logs("everybody is in step").await;
    for (user, wanted) in [(&users[0], 4), (&users[1], 3)] {
        simulators.shows(user, "On Queue", "IDLE").await;
        let events = simulators.events(user, "presence").await;
        let applied = events.iter().filter(|event| event["effectiveness"] == "applied").count();
        assert_eq!(applied, wanted, "{}: each with its own time: {events:?}", user.agent);
    }
    let finished = bridge.stop().await;
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
}
