//! A link is asked, and answers, or does not.

use std::time::Duration;

use domain::ids::AgentId;
use replicator::Command;
use replicator::engine::{Confirmation, Renewal};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::board::LinkBoard;
use crate::model::{self, Unavailable};
use crate::samples::picture;

fn link() -> (LinkBoard, mpsc::Receiver<Command>) {
    let (commands, orders) = mpsc::channel(1);
    (LinkBoard { commands, ..picture(Vec::new()) }, orders)
}

#[tokio::test]
async fn an_order_reaches_the_link_and_what_came_of_it_comes_back() {
    let (link, mut orders) = link();
    let running = tokio::spawn(async move {
        let Some(Command::Confirm(answer)) = orders.recv().await else { panic!("it is confirmed first") };
        answer.send(Confirmation::NothingFrozen).unwrap();
        let Some(Command::Renew(agent, answer)) = orders.recv().await else { panic!("then renewed") };
        assert_eq!(agent, AgentId::new("ada"));
        answer.send(Renewal::Begun).unwrap();
    });
    assert_eq!(model::confirm(&link).await, Ok(Confirmation::NothingFrozen));
    assert_eq!(model::renew(&link, &AgentId::new("ada")).await, Ok(Renewal::Begun));
    running.await.unwrap();
}

#[tokio::test]
async fn a_link_that_does_not_run_says_why() {
    let (link, mut orders) = link();
    let link = LinkBoard { trouble: Some("the password is wrong".to_owned()), ..link };
    // Whoever runs the link takes the order, and drops it.
    let running = tokio::spawn(async move { drop(orders.recv().await) });
    let told = model::confirm(&link).await.unwrap_err();
    assert_eq!(told.to_string(), "the link main does not run: the password is wrong");
    running.await.unwrap();
    let gone = model::confirm(&link).await.unwrap_err();
    assert_eq!(gone, told, "nobody runs it at all");
}

#[tokio::test(start_paused = true)]
async fn a_link_that_hangs_is_waited_for_five_seconds() {
    let (link, orders) = link();
    let begun = Instant::now();
    let told = model::renew(&link, &AgentId::new("ada")).await.unwrap_err();
    assert_eq!(told, Unavailable::NoAnswer { link: "main".to_owned() });
    assert_eq!(told.to_string(), "the link main did not answer within 5 s");
    // Its queue is full now: that is no reason to wait longer.
    assert_eq!(model::confirm(&link).await.unwrap_err(), told);
    assert_eq!(begun.elapsed(), Duration::from_secs(10));
    drop(orders);
}
