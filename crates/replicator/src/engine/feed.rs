//! The platform's notifications: who is subscribed where, and what a hint is worth.
//!
//! A hint says where to look and nothing else: a read-back follows, and only that repairs. So it does no harm when hints
//! are late, doubled or lost, or when there are none at all.

use std::time::Duration;

use domain::change::Value;
use domain::ids::CloudUserId;
use domain::target::Observation;
use domain::time::{Instant, Now};

use super::budget::Class;
use super::facet::shows;
use super::figures::RequestClass;
use super::{Answer, Engine, Failure, Flight, Notice, Task, Work, WorkId};
use crate::backoff::Backoff;
use crate::ports::{FEED_RENEWAL, FeedEvent};

/// The most channels that the platform keeps for one user and client.
const MOST_CHANNELS: usize = 20;

/// When to try again what will not be had.
const REST: Duration = Duration::from_secs(3_600);

/// How long after a hint one looks: whoever writes often is read once.
const LOOK_AFTER: Duration = Duration::from_secs(5);

/// The channels of one link.
#[derive(Debug, Clone)]
pub(super) struct Feeds {
    size: usize,
    channels: Vec<Channel>,
    /// Whether the users may be others than those that are subscribed.
    stale: bool,
}

/// One channel.
#[derive(Debug, Clone, Default)]
struct Channel {
    /// Who shall be subscribed, in the order of their ids.
    users: Vec<CloudUserId>,
    /// When to subscribe.
    due: Instant,
    asking: bool,
    failures: u32,
}

impl Engine {
    /// There are notifications, and so many users fit into one channel.
    pub fn handle_feed(&mut self, channel_size: usize) {
        self.feeds = Some(Feeds { size: channel_size.max(1), channels: Vec::new(), stale: true });
    }

    /// Users were matched anew.
    pub(super) fn users_changed(&mut self) {
        if let Some(feeds) = &mut self.feeds {
            feeds.stale = true;
        }
    }

    /// The next channel to subscribe.
    pub(super) fn next_subscription(&mut self, now: Now) -> Option<Task> {
        self.assign_channels(now);
        let feeds = self.feeds.as_ref()?;
        let waiting = feeds.channels.iter().enumerate().filter(|(_, channel)| !channel.asking);
        let (number, channel) = waiting.min_by_key(|(_, channel)| channel.due)?;
        let (due, users) = (channel.due, channel.users.clone());
        if due > now.instant {
            self.wake_at(due);
            return None;
        }
        // The channels are the first token's.
        let token = 0;
        if !self.is_permitted(now, token, Class::ReadBack, true) {
            return None;
        }
        self.tokens.budget(token).spend(now.instant, Class::ReadBack);
        if let Some(channel) = self.channel(number) {
            channel.asking = true;
        }
        Some(self.hand_out(Work::Subscribe { channel: number, users }, Flight::Subscribe { token, channel: number }))
    }

    /// Shares the users out over the channels; a channel whose users are others than before is due at once.
    fn assign_channels(&mut self, now: Now) {
        let Some(feeds) = self.feeds.as_mut().filter(|feeds| feeds.stale) else { return };
        let mut users: Vec<CloudUserId> = self.agents.iter().filter_map(super::record::Record::user).collect();
        users.sort_unstable();
        feeds.stale = false;
        let wanted: Vec<&[CloudUserId]> = users.chunks(feeds.size).take(MOST_CHANNELS).collect();
        feeds.channels.resize_with(wanted.len().max(feeds.channels.len()), Channel::default);
        for (number, channel) in feeds.channels.iter_mut().enumerate() {
            let users = wanted.get(number).copied().unwrap_or_default();
            if channel.users != users {
                channel.users = users.to_vec();
                channel.due = now.instant;
            }
        }
    }

    fn channel(&mut self, number: usize) -> Option<&mut Channel> {
        self.feeds.as_mut()?.channels.get_mut(number)
    }

    /// A channel was subscribed, or not.
    pub fn handle_subscribed(&mut self, now: Now, id: WorkId, answer: Answer<()>) {
        let Some(Flight::Subscribe { token, channel: number }) = self.flights.remove(&id) else { return };
        self.settle(now, (token, Class::ReadBack), RequestClass::Notifications, &answer);
        let random = self.random.f64();
        let Some(channel) = self.channel(number) else { return };
        channel.asking = false;
        let first = channel.failures == 0;
        match answer.result {
            Ok(()) => {
                channel.failures = 0;
                channel.due = channel.due.max(now.instant + FEED_RENEWAL);
            }
            Err(failure) => {
                channel.failures += 1;
                let lasting = matches!(failure, Failure::Refused { .. } | Failure::Unsupported { .. });
                let wait = if lasting { REST } else { Backoff::SERVICE.wait(channel.failures, random) };
                channel.due = now.instant + wait;
                if first {
                    self.notices.push_back(Notice::FeedLost { channel: number, reason: failure.to_string() });
                }
                // Hints are a convenience: that they cannot be had says nothing about delivery.
                if matches!(failure, Failure::Throttled { .. }) {
                    self.react(now, token, failure);
                }
            }
        }
    }

    /// The notifications reported something.
    pub fn handle_notified(&mut self, now: Now, event: FeedEvent) {
        match event {
            FeedEvent::Shown(observation) => self.take_hint(now, &observation),
            FeedEvent::Lost { channel: number, reason } => {
                let random = self.random.f64();
                let Some(channel) = self.channel(number) else { return };
                channel.failures += 1;
                channel.due = now.instant + Backoff::SERVICE.wait(channel.failures, random);
                if channel.failures == 1 {
                    self.notices.push_back(Notice::FeedLost { channel: number, reason });
                }
            }
        }
    }

    /// Looks soon where something is shown that was not told.
    fn take_hint(&mut self, now: Now, seen: &Observation) {
        let Some(&agent) = self.by_user.get(&seen.user) else { return };
        let values = [
            seen.presence.map(|seen| Value::Presence(seen.value)),
            seen.routing.map(|seen| Value::Routing(seen.value)),
            seen.out_of_office.map(|seen| Value::OutOfOffice(seen.value)),
        ];
        let record = &self.agents[agent];
        let differs = |value: Value| {
            let facet = record.facet(value.facet());
            let expected = facet.told.into_iter().chain(facet.pending.iter().map(|pending| pending.change.to));
            let wanted = record.wanted[value.facet() as usize];
            self.replicates(value.facet()) && !expected.chain(wanted).any(|value_| shows(value_, value, now.utc))
        };
        let news = values.into_iter().flatten().any(differs) || seen.ours == Some(false);
        if record.user().is_some() && record.known && news {
            self.plan_verify(agent, now.instant + LOOK_AFTER);
        }
    }
}
