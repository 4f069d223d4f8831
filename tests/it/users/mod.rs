//! The list of users as an operator gets it, beside the truth that the simulators tell.

mod followed;
mod matching;
mod scope;

use serde_json::Value;

use crate::harness::{Bridge, Simulators, until};

/// Both sides and the organisation are looked at again every second, so that a minute is never needed.
const REFRESH: &str = "refresh = \"1s\"";

/// The whole list, as JSON.
async fn list(bridge: &Bridge) -> Value {
    let told = bridge.command(&["users", "--json"]).await;
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    serde_json::from_str(&told.stdout).unwrap()
}

/// The line of an agent; `None` when the agent is not listed.
fn line<'l>(list: &'l Value, agent: &str) -> Option<&'l Value> {
    list["users"].as_array().unwrap().iter().find(|line| line["agent"] == agent)
}

/// What a bridge that is connected says of an agent; `None` also while it is not.
async fn live(bridge: &Bridge, agent: &str) -> Option<Value> {
    let told = bridge.command(&["users", "--json"]).await;
    let list: Value = serde_json::from_str(&told.stdout).ok()?;
    line(&list, agent).filter(|_| list["live"] == true).cloned()
}

/// Waits until the list says so of an agent, and returns the line.
async fn becomes(bridge: &Bridge, agent: &str, state: &str, reason: Option<&str>) -> Value {
    until(&format!("{agent} is {state}, {reason:?}"), || async {
        let line = live(bridge, agent).await?;
        (line["state"] == state && line["reason"].as_str() == reason).then_some(line)
    })
    .await
}

/// Waits until an agent is not listed any more.
async fn leaves(bridge: &Bridge, agent: &str) {
    until(&format!("{agent} is out of scope"), || async { line(&list(bridge).await, agent).is_none().then_some(()) })
        .await;
}

/// Waits until a user's primary presence source is the platform's own again.
async fn is_given_back(simulators: &Simulators, user: &str) {
    until(&format!("{user} is given back"), || async {
        let truth = simulators.cloud_truth().await;
        (truth["users"][user]["primary_source"] == "PURECLOUD").then_some(())
    })
    .await;
}

/// Waits until a user's primary presence source is a registered one, which is ours.
async fn is_claimed(simulators: &Simulators, user: &str) {
    until(&format!("{user} is claimed"), || async {
        let truth = simulators.cloud_truth().await;
        let source = truth["users"][user]["primary_source"].as_str()?.to_owned();
        (source.len() == 36).then_some(())
    })
    .await;
}
