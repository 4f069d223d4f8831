//! The platform's notifications: channels of up to a thousand users each, one task for each channel.
//!
//! Knows how many there may be, and passes questions on to the task whose channel it is: two writers of one channel
//! would get into each other's way. Hints only: whatever is missed here is found by reading back.

mod channel;
mod notification;
mod socket;

use std::sync::Arc;

use domain::ids::CloudUserId;
use replicator::ports::{Answer, Failure, FeedEvent};
use tokio::sync::{mpsc, oneshot};

use crate::client::{Client, Spent};
use crate::convert::Ours;
use crate::ending::Ending;
use crate::observe::Logged;
use channel::{Ask, Keeper};

pub(crate) use channel::usable;
pub(crate) use notification::read;

/// The most topics that a channel takes (400 `notification.subscription.too.many.subscriptions`). A user is one, since
/// combined topics count once.
pub(crate) const CHANNEL_SIZE: usize = 1000;

/// The most channels that an OAuth client has; one more takes the place of the one that was used least.
const MOST_CHANNELS: usize = 20;

/// A change of every user of a channel, while the engine is at something else. What comes beyond that is let go.
const WAITING: usize = CHANNEL_SIZE;

/// What all channels need.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) client: Arc<Client>,
    pub(crate) ours: Arc<Ours>,
    pub(crate) logged: Arc<Logged>,
    /// Whether addresses without encryption are accepted, because the API has none either.
    pub(crate) plain: bool,
}

/// The handle of the tasks that own the channels.
pub(crate) struct Channels {
    asks: Vec<mpsc::Sender<Ask>>,
}

impl Channels {
    /// Starts the owners, who wait to be asked. They end with `ending`, or when nobody can ask any more.
    pub(crate) fn start(shared: &Shared, ending: &Ending) -> (Self, mpsc::Receiver<FeedEvent>) {
        let (events, receiver) = mpsc::channel(WAITING);
        let start = |number| {
            // One question at a time is what a channel is asked; another one waits in its sender.
            let (asks, asked) = mpsc::channel(1);
            let keeper = Keeper::new(number, shared.clone(), asked, events.clone());
            ending.spawn_told(|stop| keeper.run(stop));
            asks
        };
        (Self { asks: (0..MOST_CHANNELS).map(start).collect() }, receiver)
    }

    /// Subscribes a channel to exactly these users.
    pub(crate) async fn subscribe(&self, channel: usize, users: Vec<CloudUserId>) -> Answer<()> {
        let Some(asks) = self.asks.get(channel) else {
            return refused(format!("an OAuth client has {MOST_CHANNELS} notification channels and no more"));
        };
        if users.len() > CHANNEL_SIZE {
            return refused(format!("a notification channel takes {CHANNEL_SIZE} users, not {}", users.len()));
        }
        let (reply, answer) = oneshot::channel();
        if asks.send(Ask { users, reply }).await.is_err() {
            return closed();
        }
        answer.await.unwrap_or_else(|_| closed())
    }
}

fn refused(reason: String) -> Answer<()> {
    Spent::default().answer(Err(Failure::Refused { reason }))
}

fn closed() -> Answer<()> {
    let reason = "the connection was closed".to_owned();
    Spent::default().answer(Err(Failure::Unavailable { reason, maybe_applied: false }))
}

/// The answer where notifications were not asked for.
pub(crate) fn switched_off() -> Answer<()> {
    let reason = "notifications are switched off".to_owned();
    Spent::default().answer(Err(Failure::Unsupported { reason }))
}
