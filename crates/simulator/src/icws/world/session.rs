//! An ICWS session: its keys, its messages that nobody has fetched yet, and its subscriptions.
//!
//! It does not know what a message says, nor what HTTP is. Messages wait without limit while there is no consumer; the
//! idle time-out of sessions is what bounds them, as on a real server.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Weak};

use domain::ids::{AgentId, InteractionId, WorkgroupId};
use serde_json::Value;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::interaction::Queue;
use super::user::Properties;

/// Messages of up to this many bytes are joined into one write.
const WRITE: usize = 128 * 1024;

/// A watch on user statuses: one in a session.
pub(crate) struct StatusWatch {
    pub(crate) users: BTreeSet<AgentId>,
    pub(crate) properties: Properties,
}

/// A watch on queues.
pub(crate) struct QueueWatch {
    pub(crate) queues: BTreeSet<Queue>,
    pub(crate) attributes: Vec<String>,
    /// What was told of each interaction, to tell only what changed.
    pub(crate) told: BTreeMap<InteractionId, Vec<String>>,
    pub(crate) faulted: bool,
}

/// Which configuration objects can be watched here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Resource {
    Users,
    Workgroups,
    StatusMessages,
}

/// A watch on configuration objects.
pub(crate) struct ConfigurationWatch {
    /// Lower-case ids; `None` is all.
    pub(crate) ids: Option<BTreeSet<String>>,
    pub(crate) properties: Vec<String>,
}

/// A watch on activations of one user in some workgroups, or in one workgroup of some users; `None` is all.
pub(crate) enum ActivationWatch {
    User(AgentId, Option<BTreeSet<WorkgroupId>>),
    Workgroup(WorkgroupId, Option<BTreeSet<AgentId>>),
}

/// Everything that a session watches.
#[derive(Default)]
pub(crate) struct Subscriptions {
    pub(crate) statuses: Option<StatusWatch>,
    pub(crate) catalogue: bool,
    pub(crate) access: Option<BTreeSet<AgentId>>,
    pub(crate) former: bool,
    pub(crate) station: bool,
    pub(crate) alerting: bool,
    pub(crate) logons: Option<BTreeSet<AgentId>>,
    pub(crate) configuration: BTreeMap<(Resource, String), ConfigurationWatch>,
    pub(crate) activations: BTreeMap<String, ActivationWatch>,
    queues: BTreeMap<String, QueueWatch>,
    /// Which of `queues` watch a queue: without it each change would look through all of them.
    watchers: BTreeMap<Queue, BTreeSet<String>>,
}

impl Subscriptions {
    pub(crate) fn watch_queues(&mut self, id: &str, watch: QueueWatch) {
        self.unwatch_queues(id);
        for queue in &watch.queues {
            self.watchers.entry(queue.clone()).or_default().insert(id.to_owned());
        }
        self.queues.insert(id.to_owned(), watch);
    }

    pub(crate) fn unwatch_queues(&mut self, id: &str) {
        let Some(watch) = self.queues.remove(id) else { return };
        for queue in &watch.queues {
            if let Some(ids) = self.watchers.get_mut(queue) {
                ids.remove(id);
                if ids.is_empty() {
                    self.watchers.remove(queue);
                }
            }
        }
    }

    /// The watches on any of these queues, by subscription id.
    pub(crate) fn watching<'a>(&self, queues: impl Iterator<Item = &'a Queue>) -> BTreeSet<String> {
        queues.filter_map(|queue| self.watchers.get(queue)).flatten().cloned().collect()
    }

    pub(crate) fn queue_watch(&mut self, id: &str) -> Option<&mut QueueWatch> {
        self.queues.get_mut(id)
    }

    pub(crate) fn queue_watches(&mut self) -> impl Iterator<Item = (&String, &mut QueueWatch)> {
        self.queues.iter_mut()
    }
}

struct Outgoing {
    text: String,
    visible: Instant,
}

/// An open event stream, as its session sees it.
struct Stream {
    number: u64,
    alive: Weak<()>,
    wake: Arc<Notify>,
}

/// What a stream gets when it asks.
pub(crate) enum Taken {
    /// Events to write.
    Events(String),
    /// Nothing yet; ask again at this time at the latest. Whether to send pings meanwhile.
    Nothing { again: Option<Instant>, ping: bool },
    /// The stream ends in good order.
    End,
    /// The stream breaks.
    Cut,
}

/// The keys that logon hands out. They are never printed.
pub(crate) struct Keys {
    pub(crate) cookie: String,
    pub(crate) csrf: String,
}

/// A session.
pub(crate) struct Session {
    pub(crate) keys: Keys,
    pub(crate) user: AgentId,
    pub(crate) application: String,
    pub(crate) station: Option<Value>,
    pub(crate) wants_effective_station: bool,
    pub(crate) seen: Instant,
    pub(crate) watches: Subscriptions,
    queue: VecDeque<Outgoing>,
    stream: Option<Stream>,
    streams: u64,
    cut: bool,
    /// Why it is over. What is queued is still handed out, so that a client learns why.
    ended: Option<&'static str>,
}

impl Session {
    pub(crate) fn new(keys: Keys, user: AgentId, application: String) -> Self {
        Self {
            keys,
            user,
            application,
            station: None,
            wants_effective_station: false,
            seen: Instant::now(),
            watches: Subscriptions::default(),
            queue: VecDeque::new(),
            stream: None,
            streams: 0,
            cut: false,
            ended: None,
        }
    }

    pub(crate) fn ended(&self) -> Option<&'static str> {
        self.ended
    }

    /// Ends it: nothing more is queued.
    pub(crate) fn end(&mut self, reason: &'static str) {
        self.ended = Some(reason);
        self.watches = Subscriptions::default();
        self.wake();
    }

    pub(crate) fn has_messages(&self) -> bool {
        !self.queue.is_empty()
    }

    /// Queues a message; a stream that is there takes it at once.
    pub(crate) fn push(&mut self, text: String, visible: Instant) {
        self.queue.push_back(Outgoing { text, visible });
        self.wake();
    }

    /// Makes the stream look again.
    pub(crate) fn wake(&self) {
        if let Some(stream) = &self.stream {
            stream.wake.notify_one();
        }
    }

    /// Opens a stream. There is one: an older one ends.
    pub(crate) fn open_stream(&mut self, alive: &Arc<()>) -> (u64, Arc<Notify>) {
        self.wake();
        self.streams += 1;
        self.cut = false;
        let wake = Arc::new(Notify::new());
        self.stream = Some(Stream { number: self.streams, alive: Arc::downgrade(alive), wake: Arc::clone(&wake) });
        (self.streams, wake)
    }

    pub(crate) fn has_stream(&self) -> bool {
        self.stream.as_ref().is_some_and(|stream| stream.alive.strong_count() > 0)
    }

    pub(crate) fn cut_stream(&mut self) {
        self.cut = self.has_stream();
        self.wake();
    }

    /// Events for the stream with this number.
    pub(crate) fn take_events(&mut self, number: u64, now: Instant, silence: bool) -> Taken {
        if self.stream.as_ref().is_none_or(|stream| stream.number != number) {
            return Taken::End;
        }
        if self.cut {
            self.cut = false;
            self.stream = None;
            return Taken::Cut;
        }
        if silence {
            return Taken::Nothing { again: None, ping: false };
        }
        let mut events = String::new();
        while let Some(next) = self.queue.front()
            && next.visible <= now
            && (events.is_empty() || events.len() + next.text.len() < WRITE)
        {
            events.push_str("data: ");
            events.push_str(&next.text);
            events.push_str("\n\n");
            self.queue.pop_front();
        }
        if events.is_empty() && self.queue.is_empty() && self.ended.is_some() {
            Taken::End
        } else if events.is_empty() {
            Taken::Nothing { again: self.queue.front().map(|next| next.visible), ping: true }
        } else {
            Taken::Events(events)
        }
    }

    /// All messages as one array, for a poll. While a stream is open they are the stream's.
    pub(crate) fn take_array(&mut self, now: Instant, silence: bool) -> String {
        let mut array = String::from("[");
        while !silence
            && !self.has_stream()
            && let Some(next) = self.queue.front()
            && next.visible <= now
        {
            if array.len() > 1 {
                array.push(',');
            }
            array.push_str(&next.text);
            self.queue.pop_front();
        }
        array.push(']');
        array
    }
}
