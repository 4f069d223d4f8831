//! Does one piece of work over the ports, and tells the engine how it ended. One attempt; never a retry.

use std::sync::Arc;
use std::time::Duration;

use domain::change::Change;
use domain::ids::CloudUserId;
use domain::target::Observation;
use domain::time::Now;
use tracing::debug;

use crate::engine::{Engine, Task, Work, WorkId};
use crate::ports::{Answer, Clock, Directory, Feed, Journal, JournalFailure, Order, Outcomes, Sink, UserPage};

/// The ports that work goes through.
#[derive(Clone)]
pub(super) struct Hands {
    /// One for each token.
    pub sinks: Vec<Arc<dyn Sink>>,
    /// One for each token.
    pub directories: Vec<Arc<dyn Directory>>,
    pub feed: Option<Arc<dyn Feed>>,
    pub journal: Arc<dyn Journal>,
    pub clock: Arc<dyn Clock>,
}

/// How a piece of work ended.
pub(super) enum Done {
    Recorded(WorkId, Result<(), JournalFailure>, Duration),
    Delivered(WorkId, Answer<Outcomes>),
    Observed(WorkId, Answer<Vec<Observation>>),
    Users(WorkId, Answer<UserPage>),
    External(WorkId, Answer<Option<CloudUserId>>),
    Claimed(WorkId, Answer<()>),
    Released(WorkId, Answer<()>),
    Subscribed(WorkId, Answer<()>),
    Nothing,
}

impl Hands {
    /// Does it.
    pub(super) async fn work(self, task: Task) -> Done {
        let id = task.id;
        let (sink, directory) = (&self.sinks[task.token], &self.directories[task.token]);
        match task.work {
            Work::Record(entries) => {
                let began = tokio::time::Instant::now();
                let recorded = self.journal.record(entries).await;
                Done::Recorded(id, recorded, began.elapsed())
            }
            Work::Deliver(lane, orders) => {
                let sent: Vec<Change> = orders.iter().map(|order| order.change.clone()).collect();
                log_sent(&orders);
                let answer = sink.deliver(lane, orders).await;
                log_delivered(&sent, &answer, self.clock.now());
                Done::Delivered(id, answer)
            }
            Work::Observe(users) => Done::Observed(id, sink.observe(users).await),
            Work::ReadUsers(page) => Done::Users(id, directory.users(page).await),
            Work::FindExternal(agent) => Done::External(id, directory.find_external(&agent).await),
            Work::Claim(scope) => Done::Claimed(id, directory.claim(scope).await),
            Work::Release(user) => Done::Released(id, directory.release(user).await),
            Work::Subscribe { channel, users } => match self.feed {
                Some(feed) => Done::Subscribed(id, feed.subscribe(channel, users).await),
                None => Done::Nothing,
            },
            Work::Resync => Done::Nothing,
        }
    }
}

impl Done {
    /// Tells the engine.
    pub(super) fn report(self, engine: &mut Engine, now: Now) -> Result<(), JournalFailure> {
        match self {
            Self::Recorded(id, result, _) => {
                result?;
                engine.handle_recorded(id);
            }
            Self::Delivered(id, answer) => engine.handle_delivered(now, id, answer),
            Self::Observed(id, answer) => engine.handle_observed(now, id, answer),
            Self::Users(id, answer) => engine.handle_users(now, id, answer),
            Self::External(id, answer) => engine.handle_external(now, id, answer),
            Self::Claimed(id, answer) => engine.handle_claimed(now, id, answer),
            Self::Released(id, answer) => engine.handle_released(now, id, answer),
            Self::Subscribed(id, answer) => engine.handle_subscribed(now, id, answer),
            Self::Nothing => {}
        }
        Ok(())
    }
}

fn log_sent(orders: &[Order]) {
    for Order { user, change } in orders {
        debug!(change = %change.id, user = %user, to = %change.to, happened = %change.happened, rule = change.why, "sending");
    }
}

fn log_delivered(sent: &[Change], answer: &Answer<Outcomes>, now: Now) {
    let correlation = answer.correlation.as_deref().unwrap_or("none");
    match &answer.result {
        Ok(outcomes) => {
            for (id, outcome) in outcomes {
                let delay =
                    sent.iter().find(|change| change.id == *id).map(|change| now.utc.duration_since(change.seen));
                let delay_ms = delay.map_or(0, |delay| delay.as_millis());
                match outcome {
                    Ok(()) => debug!(change = %id, delay_ms, correlation, "delivered"),
                    Err(failure) => debug!(change = %id, reason = %failure, correlation, "not delivered"),
                }
            }
        }
        Err(failure) => debug!(changes = sent.len(), reason = %failure, correlation, "request failed"),
    }
}
